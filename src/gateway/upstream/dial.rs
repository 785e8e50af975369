//! From the name of an upstream to an open connection: addresses, TCP, TLS. Knows no pool and no worker, so that probes use it too.

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use super::{
    UpstreamError,
    stream::Transport,
    tls::{Connectors, PublicRoots, TWO},
};
use crate::{
    config::{Scheme, Upstream, UpstreamHost, UpstreamHttp},
    gateway::socket::Socket,
};

/// How one upstream is reached.
pub(crate) struct Dial {
    host: UpstreamHost,
    port: u16,
    tls: Option<(Connectors, ServerName<'static>)>,
    http: UpstreamHttp,
    names: Names,
}

/// Who knows the addresses of names.
#[derive(Debug)]
enum Names {
    /// The system. It is asked on a thread of its own.
    System,
    /// A test.
    #[cfg(test)]
    Test(std::sync::Arc<std::sync::Mutex<Vec<SocketAddr>>>),
}

/// What is to be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What the configuration allows and the upstream chooses.
    Any,
    /// HTTP/1.1.
    One,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    One,
    Two,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) stream: Transport,
    pub(super) address: SocketAddr,
    pub(super) speaks: Speaks,
}

/// How long one address may take before the next is tried beside it (RFC 8305, 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);
/// When the other machine is asked whether it is still there, how often, and how many times before it is taken for dead.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_BETWEEN: Duration = Duration::from_secs(10);
const KEEPALIVE_TRIES: u32 = 3;

impl Dial {
    /// The way to this upstream.
    pub(crate) fn new(upstream: &Upstream, public: &PublicRoots) -> Self {
        let connectors = || {
            Connectors::new(&upstream.tls, public).or_else(|error| {
                tracing::error!(%error, %upstream, "TLS to an upstream cannot be set up");
                Connectors::nobody()
            })
        };
        let name = || match (&upstream.tls.server_name, &upstream.host) {
            (Some(name), _) | (None, UpstreamHost::Name(name)) => ServerName::try_from(name.as_str().to_owned()).ok(),
            (None, UpstreamHost::Ip(ip)) => Some(ServerName::IpAddress((*ip).into())),
        };
        let tls = match upstream.scheme {
            Scheme::Http => None,
            Scheme::Https => connectors().ok().zip(name()),
        };
        Self { host: upstream.host.clone(), port: upstream.port, tls, http: upstream.http, names: Names::System }
    }

    /// The same, with addresses that a test can change.
    #[cfg(test)]
    pub(super) fn of_addresses(mut self, addresses: std::sync::Arc<std::sync::Mutex<Vec<SocketAddr>>>) -> Self {
        self.names = Names::Test(addresses);
        self
    }

    /// Whether the upstream is known to speak HTTP/2 alone.
    pub(super) fn is_two_only(&self) -> bool {
        self.http == UpstreamHttp::Two
    }

    /// `http` or `https`.
    pub(super) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Whether addresses come from a name, and may change.
    pub(super) fn has_name(&self) -> bool {
        matches!(self.host, UpstreamHost::Name(_))
    }

    /// Opens a connection. The caller says how long that may take.
    pub(super) async fn open(&self, wanted: Wanted) -> Result<Link, UpstreamError> {
        let (tcp, address) = race(self.addresses().await?).await?;
        // Without it, a small request behind a large one waits for an acknowledgement.
        tcp.set_nodelay(true).map_err(UpstreamError::Connect)?;
        let alive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_BETWEEN).with_retries(KEEPALIVE_TRIES);
        // A system that cannot do it is no reason to do without the connection.
        let _ = SockRef::from(&tcp).set_tcp_keepalive(&alive);
        let (stream, speaks) = self.secure(tcp, wanted).await?;
        Ok(Link { stream, address, speaks })
    }

    /// Where the name leads now.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, UpstreamError> {
        match &self.names {
            Names::System => {}
            #[cfg(test)]
            Names::Test(addresses) => return Ok(addresses.lock().unwrap().clone()),
        }
        match &self.host {
            UpstreamHost::Ip(ip) => Ok(vec![SocketAddr::new(*ip, self.port)]),
            UpstreamHost::Name(host) => {
                let found = tokio::net::lookup_host((host.as_str(), self.port)).await.map_err(UpstreamError::Resolve)?;
                Ok(found.collect())
            }
        }
    }

    async fn secure(&self, tcp: TcpStream, wanted: Wanted) -> Result<(Transport, Speaks), UpstreamError> {
        let wants_two = self.http == UpstreamHttp::Two && wanted == Wanted::Any;
        let Some((connectors, name)) = &self.tls else {
            return Ok((Transport::Plain(Socket(tcp)), if wants_two { Speaks::Two } else { Speaks::One }));
        };
        let connector = match (self.http, wanted) {
            (UpstreamHttp::Auto, Wanted::Any) => &connectors.any,
            (UpstreamHttp::Two, Wanted::Any) => &connectors.two,
            (UpstreamHttp::One, _) | (_, Wanted::One) => &connectors.one,
        };
        let tls = connector.connect(name.clone(), tcp).await.map_err(UpstreamError::Tls)?;
        let speaks = if tls.get_ref().1.alpn_protocol() == Some(TWO) { Speaks::Two } else { Speaks::One };
        if wants_two && speaks == Speaks::One {
            return Err(UpstreamError::Tls(io::Error::other("the upstream does not speak HTTP/2")));
        }
        Ok((Transport::Tls(Box::new(tls)), speaks))
    }
}

/// The first address that answers. Each is tried when the one before has failed, or is slow.
async fn race(addresses: Vec<SocketAddr>) -> Result<(TcpStream, SocketAddr), UpstreamError> {
    let connect = async |address: SocketAddr| (TcpStream::connect(address).await, address);
    let mut left = addresses.into_iter();
    let mut racing = FuturesUnordered::new();
    let Some(first) = left.next() else {
        return Err(UpstreamError::Resolve(io::Error::new(io::ErrorKind::NotFound, "the name has no addresses")));
    };
    racing.push(connect(first));
    loop {
        let next = tokio::select! {
            biased;
            done = racing.next() => match done {
                Some((Ok(tcp), address)) => return Ok((tcp, address)),
                Some((Err(cause), _)) => match left.next() {
                    None if racing.is_empty() => return Err(UpstreamError::Connect(cause)),
                    next => next,
                },
                None => return Err(UpstreamError::Connect(io::ErrorKind::NotConnected.into())),
            },
            () = tokio::time::sleep(NEXT_ADDRESS), if left.len() > 0 => left.next(),
        };
        if let Some(address) = next {
            racing.push(connect(address));
        }
    }
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dial({}:{})", self.host, self.port)
    }
}
