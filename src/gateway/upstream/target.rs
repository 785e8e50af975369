//! One server of an application, as one worker knows it: how to reach it, and the connections to it that wait for work.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use rustls::pki_types::ServerName;
use tokio::{net::TcpStream, time::Sleep};
use tokio_rustls::{TlsConnector, rustls};

use super::{Stream, UpstreamError};
use crate::config::{Scheme, TrustAnchors, Upstream, UpstreamHost};

/// The TLS of connections to upstreams, shared by all workers: building it is slow.
#[derive(Debug, Clone)]
pub(crate) struct TlsTrust(Arc<rustls::ClientConfig>);

/// One server of an application. It belongs to one worker and one app: connections are never shared between apps.
pub(crate) struct Target {
    host: UpstreamHost,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    connect: Duration,
    idle: RefCell<Vec<Idle>>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({}:{})", self.host, self.port)
    }
}

/// A connection, and what has been read from it beyond the last answer.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: Stream,
    pub(super) buffer: BytesMut,
    /// What is about to be written.
    pub(super) out: BytesMut,
    /// One for all exchanges: a timer is dear to make and cheap to move.
    pub(super) timer: Pin<Box<Sleep>>,
    pub(super) reused: bool,
}

#[derive(Debug)]
struct Idle {
    conn: Conn,
    since: Instant,
}

/// Most connections that wait for work, for each upstream and worker.
const MOST_IDLE: usize = 64;
/// How long a connection may wait for work: less than most servers let it.
const IDLE: Duration = Duration::from_secs(20);

impl TlsTrust {
    /// Trusts these authorities, or the public ones.
    pub(crate) fn new(anchors: Option<&TrustAnchors>) -> Result<Self, rustls::Error> {
        let mut roots = rustls::RootCertStore::empty();
        match anchors {
            Some(anchors) => {
                for certificate in &*anchors.certificates {
                    roots.add(certificate.clone())?;
                }
            }
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        Self::of(roots)
    }

    /// Trusts nobody.
    pub(crate) fn nobody() -> Result<Self, rustls::Error> {
        Self::of(rustls::RootCertStore::empty())
    }

    fn of(roots: rustls::RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

impl Target {
    /// The server that this configuration names; `trust` where it is reached by TLS.
    pub(crate) fn new(upstream: &Upstream, connect: Duration, trust: &TlsTrust) -> Self {
        let name = || match &upstream.host {
            UpstreamHost::Name(host) => ServerName::try_from(host.as_str().to_owned()).ok(),
            UpstreamHost::Ip(ip) => Some(ServerName::IpAddress((*ip).into())),
        };
        let tls = match upstream.scheme {
            Scheme::Http => None,
            Scheme::Https => name().map(|name| (TlsConnector::from(Arc::clone(&trust.0)), name)),
        };
        Self { host: upstream.host.clone(), port: upstream.port, tls, connect, idle: RefCell::default() }
    }

    /// A connection: one that waits for work and is certainly clean, else a new one.
    pub(super) async fn open(&self) -> Result<Conn, UpstreamError> {
        match self.waiting() {
            Some(conn) => Ok(conn),
            None => self.connect().await,
        }
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<Conn, UpstreamError> {
        let stream = tokio::time::timeout(self.connect, self.dial()).await.map_err(|_| UpstreamError::ConnectTimeout)??;
        let timer = Box::pin(tokio::time::sleep(self.connect));
        Ok(Conn { stream, buffer: BytesMut::new(), out: BytesMut::new(), timer, reused: false })
    }

    /// Takes a connection back whose last exchange ended cleanly.
    pub(super) fn keep(&self, conn: Conn) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() >= MOST_IDLE {
            idle.remove(0);
        }
        idle.push(Idle { conn: Conn { reused: true, ..conn }, since: now() });
    }

    /// Closes what has waited for too long.
    pub(crate) fn tidy(&self) {
        self.idle.borrow_mut().retain(|idle| idle.since.elapsed() < IDLE);
    }

    /// The latest connection that is still good; what is not is dropped on the way.
    fn waiting(&self) -> Option<Conn> {
        loop {
            let mut idle = self.idle.borrow_mut().pop()?;
            if idle.since.elapsed() < IDLE && idle.conn.stream.is_quiet() {
                return Some(idle.conn);
            }
        }
    }

    async fn dial(&self) -> Result<Stream, UpstreamError> {
        let addresses: Vec<SocketAddr> = match &self.host {
            UpstreamHost::Ip(ip) => vec![SocketAddr::new(*ip, self.port)],
            UpstreamHost::Name(host) => {
                tokio::net::lookup_host((host.as_str(), self.port)).await.map_err(UpstreamError::Resolve)?.collect()
            }
        };
        let mut failure = UpstreamError::Resolve(io::Error::from(io::ErrorKind::NotFound));
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(tcp) => return self.secure(tcp).await,
                Err(cause) => failure = UpstreamError::Connect(cause),
            }
        }
        Err(failure)
    }

    async fn secure(&self, tcp: TcpStream) -> Result<Stream, UpstreamError> {
        // Without it, a small request behind a large one waits for an acknowledgement.
        tcp.set_nodelay(true).map_err(UpstreamError::Io)?;
        match &self.tls {
            None => Ok(Stream::Plain(tcp)),
            Some((connector, name)) => {
                let tls = connector.connect(name.clone(), tcp).await.map_err(UpstreamError::Tls)?;
                Ok(Stream::Tls(Box::new(tls)))
            }
        }
    }
}

/// The age of a pooled connection is the machine's business, not the directory's: the monotonic clock is right for it.
fn now() -> Instant {
    Instant::now()
}
