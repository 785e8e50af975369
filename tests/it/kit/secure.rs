//! An application behind TLS, as appliances have it: a certificate that vouches for itself, HTTP/2 and HTTP/1.1, and perhaps a demand for ours.

use std::{convert::Infallible, net::SocketAddr, path::Path, sync::Arc};

use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
        server::WebPkiClientVerifier,
    },
};

/// It answers with the version of HTTP that it was asked in and the host that it was asked for.
#[derive(Debug)]
pub struct SecureApp {
    pub at: SocketAddr,
    /// The SHA-256 of its certificate.
    pub pin: String,
}

/// A certificate that vouches for itself, and its key, written as `NAME.pem` and `NAME.key`.
pub fn own_certificate(folder: &Path, name: &str, is_ca: rcgen::IsCa) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec![format!("{name}.internal")]).unwrap();
    parameters.is_ca = is_ca;
    let certificate = parameters.self_signed(&key).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    (certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

impl SecureApp {
    /// Starts it. Where `client` is a certificate, nobody else is let in than whom it vouches for.
    pub async fn start(folder: &Path, client: Option<CertificateDer<'static>>) -> Self {
        // An authority's: verifiers refuse it as a server's.
        let authority = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let (certificate, key) = own_certificate(folder, "appliance", authority);
        let pin = sha256(&certificate);
        let builder =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions().unwrap();
        let builder = match client {
            None => builder.with_no_client_auth(),
            Some(client) => {
                let mut roots = RootCertStore::empty();
                roots.add(client).unwrap();
                let provider = Arc::new(aws_lc_rs::default_provider());
                builder.with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap())
            }
        };
        let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(tls), service_fn(answer)).await;
                });
            }
        });
        Self { at, pin }
    }
}

fn sha256(certificate: &[u8]) -> String {
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, certificate);
    digest.as_ref().iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let host = request.uri().authority().map(|a| a.host().to_owned());
    let host = host.unwrap_or_else(|| request.headers()["host"].to_str().unwrap().split(':').next().unwrap().to_owned());
    Ok(Response::new(format!("{:?} for {host}", request.version()).into()))
}
