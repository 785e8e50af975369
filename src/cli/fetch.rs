//! One GET over HTTPS, for the commands that stand in for an application.

use std::{net::Ipv4Addr, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, rustls};

use super::verify_app::Keys;

/// Keys that are fetched from an address, as an application does.
#[derive(Debug)]
pub(crate) struct PublishedKeys {
    /// `https://app.example.com/.guestgate/jwks.json`.
    pub(crate) url: url::Url,
    /// Whom the certificate must come from; a public authority otherwise.
    pub(crate) authority: Option<PathBuf>,
}

/// Largest answer that is read, in bytes.
const MOST: usize = 1024 * 1024;

impl Keys for PublishedKeys {
    fn fetch(&self) -> BoxFuture<'_, anyhow::Result<String>> {
        async move { get(&self.url, self.authority.as_ref()).await.with_context(|| format!("cannot fetch the keys from {}", self.url)) }
            .boxed()
    }
}

async fn get(url: &url::Url, authority: Option<&PathBuf>) -> anyhow::Result<String> {
    let host = url.host_str().context("the address has no host")?;
    let port = url.port_or_known_default().context("the address has no port")?;
    // Browsers know `*.localhost` as this machine, resolvers often do not.
    let local = host == "localhost" || host.ends_with(".localhost");
    let tcp = if local { TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await? } else { TcpStream::connect((host, port)).await? };
    let name = rustls::pki_types::ServerName::try_from(host.to_owned())?;
    let tls = TlsConnector::from(Arc::new(trust(authority)?)).connect(name, tcp).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await?;
    let authority = url.authority();
    let request =
        Request::get(url.path()).header(header::HOST, authority).header(header::ACCEPT, "application/json").body(Empty::<Bytes>::new())?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        anyhow::ensure!(answer.status().is_success(), "the answer was {}", answer.status());
        let bytes = Limited::new(answer.into_body(), MOST).collect().await.map_err(anyhow::Error::from_boxed)?.to_bytes();
        Ok(String::from_utf8(bytes.to_vec())?)
    };
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        closed = connection => {
            closed?;
            exchange.await
        }
    }
}

/// TLS for whoever is certified by a public authority, or by those in a file.
pub(super) fn trust(authority: Option<&PathBuf>) -> anyhow::Result<rustls::ClientConfig> {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};
    let mut roots = rustls::RootCertStore::empty();
    match authority {
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(file).with_context(|| format!("cannot read `{}`", file.display()))? {
                roots.add(certificate?)?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
