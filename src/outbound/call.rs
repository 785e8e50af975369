//! One request to another program over a connection of its own: bounded in time and size, over TLS, redirects not followed.
//!
//! A host that the configuration names may lie anywhere. One that somebody else told us of may not lead into a network of our own: that
//! is looked at after its name was resolved, on the address that is dialled.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs as provider, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::config::{Outbound, TrustAnchors};

/// How one program is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach<'c> {
    /// Which authorities its certificate may end in, in place of the public ones.
    pub(super) ca: Option<&'c TrustAnchors>,
    /// Whether it may be reached without TLS.
    pub(super) plain: bool,
    /// Which addresses may be dialled; `None`: all, since the configuration names the host.
    pub(super) only: Option<&'c Outbound>,
    /// How long everything may take.
    pub(super) patience: Duration,
    /// The largest answer, in bytes.
    pub(super) largest: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address is none that can be called.
    #[error("this is no address that can be called over TLS")]
    Address,
    /// Its name is not known, or nobody answers there.
    #[error("the program cannot be reached")]
    Connect(#[source] io::Error),
    /// It lies in a network of our own, and only somebody else said so.
    #[error("the program lies in a network that is not public, and `outbound.allow` does not name it")]
    Private,
    /// TLS to it fails.
    #[error("TLS to the program cannot be set up")]
    Tls(#[source] rustls::Error),
    /// It does not speak HTTP, or stops in the middle.
    #[error("the program does not answer in HTTP")]
    Http(#[source] hyper::Error),
    /// It takes too long.
    #[error("the program takes too long")]
    Late,
    /// It says too much, or stops in the middle of it.
    #[error("the program's answer is too large, or breaks off")]
    Body,
}

/// Sends a request whose address is whole, and gives the whole answer.
pub(super) async fn call(reach: Reach<'_>, url: &Url, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
    tokio::time::timeout(reach.patience, exchange(reach, url, request)).await.map_err(|_| CallError::Late)?
}

async fn exchange(reach: Reach<'_>, url: &Url, mut request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
    let host = url.host_str().ok_or(CallError::Address)?;
    let port = url.port_or_known_default().ok_or(CallError::Address)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    address(url, &mut request)?;
    let request = request.map(Full::new);
    match url.scheme() {
        "https" => {
            let name = ServerName::try_from(bare.clone()).map_err(|_| CallError::Address)?;
            let mut config = tls(reach.ca).map_err(CallError::Tls)?;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            let connector = TlsConnector::from(Arc::new(config));
            let stream = dial(reach, &bare, port).await?;
            let stream = connector.connect(name, stream).await.map_err(CallError::Connect)?;
            talk(TokioIo::new(stream), request, reach.largest).await
        }
        "http" if reach.plain => talk(TokioIo::new(dial(reach, &bare, port).await?), request, reach.largest).await,
        _ => Err(CallError::Address),
    }
}

/// Writes target and `Host` as HTTP/1.1 has them.
fn address(url: &Url, request: &mut Request<Bytes>) -> Result<(), CallError> {
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    *request.uri_mut() = target.parse().map_err(|_| CallError::Address)?;
    let headers = request.headers_mut();
    headers.insert(http::header::HOST, authority.parse().map_err(|_| CallError::Address)?);
    headers.insert(http::header::USER_AGENT, http::HeaderValue::from_static("guestgate"));
    Ok(())
}

/// Connects to the first address that answers, of those that may be dialled.
pub(super) async fn dial(reach: Reach<'_>, host: &str, port: u16) -> Result<TcpStream, CallError> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await.map_err(CallError::Connect)?.collect();
    let mut last = CallError::Connect(io::ErrorKind::NotFound.into());
    for at in found {
        if reach.only.is_some_and(|outbound| !outbound.admits(at.ip())) {
            last = CallError::Private;
            continue;
        }
        match TcpStream::connect(at).await {
            Ok(stream) => return Ok(stream),
            Err(cause) => last = CallError::Connect(cause),
        }
    }
    Err(last)
}

pub(super) fn tls(ca: Option<&TrustAnchors>) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    match ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(own) => {
            for certificate in &*own.certificates {
                roots.add(certificate.clone())?;
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider::default_provider())).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

async fn talk<S>(io: TokioIo<S>, request: Request<Full<Bytes>>, largest: usize) -> Result<Response<Bytes>, CallError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.map_err(CallError::Http)?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await.map_err(CallError::Http)?.into_parts();
        let body = Limited::new(body, largest).collect().await.map_err(|_| CallError::Body)?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    // The connection is driven beside the question, and dropped with it.
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(cause) => Err(CallError::Http(cause)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_others_name_is_not_dialled_in_a_network_of_our_own() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let (closed, open) = (Outbound::default(), Outbound { allow: vec![crate::base::Prefix::parse("127.0.0.0/8").unwrap().0] });
        let reach = |only| Reach { ca: None, plain: true, only, patience: Duration::from_secs(20), largest: 10 };
        let refused = call(reach(Some(&closed)), &url, Request::default()).await;
        assert!(matches!(refused, Err(CallError::Private)), "{refused:?}");
        assert!(dial(reach(Some(&open)), "127.0.0.1", url.port().unwrap()).await.is_ok());
        assert!(dial(reach(None), "localhost", url.port().unwrap()).await.is_ok());
        let plain = call(Reach { plain: false, ..reach(None) }, &url, Request::default()).await;
        assert!(matches!(plain, Err(CallError::Address)), "{plain:?}");
    }
}
