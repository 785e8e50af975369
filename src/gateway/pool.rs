//! Connections to upstreams: a pool for each worker, and in it one for each app, so that apps never share one.

use std::{cell::RefCell, collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;

use crate::{
    base::AppId,
    config::{Scheme, Upstream, UpstreamHost},
};

use super::body::Upload;

/// One connection to an upstream, ready for one request at a time.
pub(super) type Sender = SendRequest<Upload>;

/// An app and one of its upstreams.
type Key = (AppId, String);

/// No connection could be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// It took too long.
    #[error("the upstream did not accept a connection in time")]
    Timeout,
    /// It was refused, or the certificate was.
    #[error("the upstream cannot be reached")]
    Io(#[from] io::Error),
    /// HTTP could not begin.
    #[error("the upstream does not speak HTTP")]
    Http(#[from] hyper::Error),
}

/// The pool.
#[derive(Default)]
pub(super) struct Pool {
    idle: RefCell<HashMap<Key, Vec<(Sender, Instant)>>>,
    tls: RefCell<HashMap<String, Arc<ClientConfig>>>,
}

/// Idle connections that are kept for one upstream.
const MOST_IDLE: usize = 64;
/// How long an idle connection is kept: less than most servers do.
const LONGEST_IDLE: Duration = Duration::from_secs(20);
/// How long a returned connection may take to be ready again.
const SETTLE: Duration = Duration::from_millis(20);
/// Largest head of an answer.
const LARGEST_HEAD: usize = 64 * 1024;

impl Pool {
    /// A connection that was used before, if one is still good.
    pub(super) async fn reuse(&self, app: &AppId, upstream: &str) -> Option<Sender> {
        loop {
            let (mut sender, since) = self.idle.borrow_mut().get_mut(&(app.clone(), upstream.to_owned()))?.pop()?;
            if since.elapsed() < LONGEST_IDLE && !sender.is_closed() && matches!(timeout(SETTLE, sender.ready()).await, Ok(Ok(()))) {
                return Some(sender);
            }
        }
    }

    /// Takes a connection back whose answer was read to its end.
    pub(super) fn give_back(&self, app: &AppId, upstream: &str, sender: Sender) {
        if sender.is_closed() {
            return;
        }
        let mut idle = self.idle.borrow_mut();
        let kept = idle.entry((app.clone(), upstream.to_owned())).or_default();
        if kept.len() < MOST_IDLE {
            kept.push((sender, Instant::now()));
        }
    }

    /// Closes what has been idle for too long.
    pub(super) fn tidy(&self) {
        let mut idle = self.idle.borrow_mut();
        for kept in idle.values_mut() {
            kept.retain(|(sender, since)| !sender.is_closed() && since.elapsed() < LONGEST_IDLE);
        }
        idle.retain(|_, kept| !kept.is_empty());
    }

    /// A new connection.
    pub(super) async fn connect(&self, upstream: &Upstream, within: Duration) -> Result<Sender, ConnectError> {
        let tls = match upstream.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(self.client_config(upstream)?),
        };
        timeout(within, open(upstream, tls)).await.map_err(|_| ConnectError::Timeout)?
    }

    fn client_config(&self, upstream: &Upstream) -> io::Result<Arc<ClientConfig>> {
        let key = upstream.to_string();
        if let Some(config) = self.tls.borrow().get(&key) {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        match &upstream.ca {
            Some(own) => {
                roots.add_parsable_certificates(own.certificates.iter().cloned());
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let config = Arc::new(config);
        self.tls.borrow_mut().insert(key, Arc::clone(&config));
        Ok(config)
    }
}

async fn open(upstream: &Upstream, tls: Option<Arc<ClientConfig>>) -> Result<Sender, ConnectError> {
    let socket = match &upstream.host {
        UpstreamHost::Ip(ip) => TcpStream::connect(SocketAddr::new(*ip, upstream.port)).await?,
        UpstreamHost::Name(host) => TcpStream::connect((host.as_str(), upstream.port)).await?,
    };
    socket.set_nodelay(true)?;
    let Some(config) = tls else { return begin(socket).await };
    let name = match &upstream.host {
        UpstreamHost::Ip(ip) => ServerName::from(*ip),
        UpstreamHost::Name(host) => ServerName::try_from(host.as_str().to_owned()).map_err(io::Error::other)?,
    };
    begin(TlsConnector::from(config).connect(name, socket).await?).await
}

async fn begin<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Result<Sender, ConnectError> {
    let (sender, connection) =
        Builder::new().max_buf_size(LARGEST_HEAD).max_headers(128).handshake::<_, Upload>(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "an upstream connection ended");
        }
    });
    Ok(sender)
}
