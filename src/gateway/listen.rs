//! The listening sockets and what stands between a socket and the first request: acceptance, the handshake, the choice of protocol.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream},
    },
    path::Path,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use rustls::server::Acceptor;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, server::TlsStream};

use crate::{base::Host, observe::RefusedReason};

use super::{
    certificate::Shown,
    connection::{Connection, Name},
    crowd::Place,
    forward_auth::{self, Caller},
    http1, http2,
    proxied::{self, ProxiedError},
    socket,
    worker::{Door, Lens, Worker},
};

/// How long the last answers may take once everything else is closed.
const FAREWELL: Duration = Duration::from_secs(5);
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;
/// Room for what TLS has sealed and the socket has not taken: large pieces go through in one go.
const TLS_BUFFER: usize = 1024 * 1024;
/// How long to wait when the process has no file descriptors left.
const BREATH: Duration = Duration::from_millis(100);

/// A listening socket of one worker.
#[derive(Debug)]
pub enum Listener {
    /// Guests, over TLS.
    Https(StdListener),
    /// Proxies that ask, on the network.
    ForwardAuth(StdListener),
    /// Proxies that ask, on this machine.
    ForwardAuthLocal(StdUnixListener),
}

/// The same while a worker accepts on it.
enum Accepting {
    Https(TcpListener),
    ForwardAuth(TcpListener),
    ForwardAuthLocal(UnixListener),
}

/// Somebody who has come in.
enum Arrived {
    Guest(TcpStream, SocketAddr),
    Proxy(TcpStream, SocketAddr),
    Local(UnixStream),
}

/// Binds one socket for each worker to the same address; with port 0 all get the port that the first one got.
pub fn bind(address: SocketAddr, workers: usize) -> io::Result<Vec<StdListener>> {
    let first = bind_one(address)?;
    let bound = first.local_addr()?;
    let mut all = vec![first];
    for _ in 1..workers.max(1) {
        all.push(bind_one(bound)?);
    }
    Ok(all)
}

fn bind_one(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Binds a socket in the file system for other proxies: its owner and its group may come in. One that a crash has left behind is
/// replaced; one on which somebody answers is not.
pub fn bind_place(path: &Path) -> io::Result<StdUnixListener> {
    if StdUnixStream::connect(path).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        Ok(()) | Err(_) => {}
    }
    let socket = StdUnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

impl Accepting {
    fn of(listener: Listener) -> io::Result<Self> {
        Ok(match listener {
            Listener::Https(socket) => Self::Https(TcpListener::from_std(socket)?),
            Listener::ForwardAuth(socket) => Self::ForwardAuth(TcpListener::from_std(socket)?),
            Listener::ForwardAuthLocal(socket) => Self::ForwardAuthLocal(UnixListener::from_std(socket)?),
        })
    }

    async fn next(&self) -> io::Result<Arrived> {
        Ok(match self {
            Self::Https(socket) => socket.accept().await.map(|(stream, peer)| Arrived::Guest(stream, peer))?,
            Self::ForwardAuth(socket) => socket.accept().await.map(|(stream, peer)| Arrived::Proxy(stream, peer))?,
            Self::ForwardAuthLocal(socket) => socket.accept().await.map(|(stream, _)| Arrived::Local(stream))?,
        })
    }
}

/// Accepts on all of a worker's sockets until the end is announced, then waits for what is open.
pub(super) async fn serve_all(worker: &Rc<Worker>, listeners: Vec<Listener>) -> io::Result<()> {
    let sockets = listeners.into_iter().map(Accepting::of).collect::<io::Result<Vec<_>>>()?;
    let tls = TlsAcceptor::from(Arc::clone(&worker.shared.tls.plain));
    futures_util::future::join_all(sockets.into_iter().map(|socket| accept(worker, &tls, socket))).await;
    let tasks = &worker.tasks;
    tasks.close();
    let drain = worker.lens().config().drain.to_duration();
    if timeout(drain, tasks.wait()).await.is_err() {
        worker.ending.due.cancel();
        if timeout(FAREWELL, tasks.wait()).await.is_err() {
            tracing::warn!(connections = tasks.len(), "connections were cut because they did not end in time");
        }
    }
    Ok(())
}

async fn accept(worker: &Rc<Worker>, tls: &TlsAcceptor, socket: Accepting) {
    let tasks = &worker.tasks;
    loop {
        let accepted = tokio::select! {
            biased;
            () = worker.ending.announced.cancelled() => break,
            accepted = socket.next() => accepted,
        };
        match accepted {
            Ok(arrived) => match worker.shared.crowd.enter(&worker.lens().config().limits) {
                // A panic ends this task and nothing else.
                Ok(place) => drop(tasks.spawn_local(serve(Rc::clone(worker), tls.clone(), arrived, place))),
                Err(reason) => worker.shared.metrics.refused(reason),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn serve(worker: Rc<Worker>, tls: TlsAcceptor, arrived: Arrived, place: Place) {
    let _place = match arrived {
        Arrived::Guest(socket, peer) => return serve_guest(worker, tls, socket, peer, place).await,
        Arrived::Proxy(socket, peer) => {
            let _open = worker.count_connection(Door::ForwardAuth);
            if socket.set_nodelay(true).is_ok() {
                forward_auth::serve(worker, socket, Caller::Peer(peer)).await;
            }
            place
        }
        Arrived::Local(socket) => {
            let _open = worker.count_connection(Door::ForwardAuth);
            forward_auth::serve(worker, socket, Caller::Local).await;
            place
        }
    };
}

async fn serve_guest(worker: Rc<Worker>, tls: TlsAcceptor, socket: TcpStream, peer: SocketAddr, place: Place) {
    let _open = worker.count_connection(Door::Https);
    if socket.set_nodelay(true).is_err() {
        return;
    }
    // Each part in a box of its own size: a connection that idles does not carry what its handshake needed.
    let served = Box::pin(welcome(worker, tls, socket, peer, place)).await;
    if let Some((served, _place)) = served {
        served.await;
    }
}

/// A connection that was agreed on, on its way, and its place among all.
type Served = (Pin<Box<dyn Future<Output = ()>>>, Place);

/// The handshake, and then what was agreed on.
async fn welcome(worker: Rc<Worker>, tls: TlsAcceptor, socket: TcpStream, peer: SocketAddr, place: Place) -> Option<Served> {
    let limits = worker.lens().config().limits;
    // Whoever sees that a connection was closed finds it counted: the socket goes when this function has come to its end.
    let mut meeting = std::pin::pin!(meet(&worker, tls, socket, peer, place));
    let met = tokio::select! {
        () = worker.ending.due.cancelled() => return None,
        met = timeout(limits.handshake.to_duration(), meeting.as_mut()) => met,
    };
    match met {
        Ok(Ok((stream, peer, place))) => return Some((agreed(Rc::clone(&worker), stream, peer), place)),
        Ok(Err(Unmet::Broken)) => {}
        Ok(Err(Unmet::Refused(reason, _socket))) => worker.shared.metrics.refused(reason),
        Err(_) => worker.shared.metrics.refused(RefusedReason::LateHandshake),
    }
    None
}

/// The protocol that was agreed on.
fn agreed(worker: Rc<Worker>, mut stream: TlsStream<socket::Socket>, peer: SocketAddr) -> Pin<Box<dyn Future<Output = ()>>> {
    // What is handed to TLS at once is bounded where it is written.
    stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER));
    let session = stream.get_ref().1;
    let name = match session.server_name() {
        None => Name::None,
        Some(text) => Host::parse(text).map_or(Name::Unreadable, Name::Of),
    };
    let speaks_two = session.alpn_protocol() == Some(b"h2");
    let certificate = Shown::of(session.peer_certificates());
    let connection = Rc::new(Connection::new(worker, peer, name).with_certificate(certificate));
    if speaks_two { Box::pin(http2::serve(connection, stream)) } else { Box::pin(http1::serve(connection, stream)) }
}

/// Why a connection does not come to its first request.
enum Unmet {
    /// It goes beyond a limit; its socket closes when that has been counted.
    Refused(RefusedReason, TcpStream),
    /// The other side has left, or does not speak TLS as we do.
    Broken,
}

/// Learns where a connection comes from, and shakes hands when its turn has come.
async fn meet(
    worker: &Worker,
    tls: TlsAcceptor,
    mut socket: TcpStream,
    mut peer: SocketAddr,
    mut place: Place,
) -> Result<(TlsStream<socket::Socket>, SocketAddr, Place), Unmet> {
    let lens = worker.lens();
    let config = lens.config();
    let mut said = None;
    if config.proxy_protocol.iter().any(|prefix| prefix.contains(peer.ip())) {
        said = match proxied::read(&mut socket).await {
            Ok(said) => said,
            Err(error) => {
                tracing::debug!(%error, %peer, "a connection was closed");
                // Balancers that only look whether we are there say nothing at all.
                let is_broken = matches!(error, ProxiedError::Io(_));
                return Err(if is_broken { Unmet::Broken } else { Unmet::Refused(RefusedReason::ProxyHeader, socket) });
            }
        };
    }
    if let Some(source) = said {
        peer = SocketAddr::new(source.ip().to_canonical(), source.port());
    }
    // Behind a proxy that we trust are many guests.
    if !config.trusted_proxies.iter().any(|prefix| prefix.contains(peer.ip()))
        && let Err(reason) = place.of(peer.ip(), &config.limits)
    {
        return Err(Unmet::Refused(reason, socket));
    }
    let turn = place.queue(peer.ip(), &config.limits);
    let _mine = turn.come().await;
    let stream = shake(worker, &lens, tls, socket::Socket(socket)).await?;
    Ok((stream, peer, place))
}

/// The handshake: whoever comes to a host that asks for a certificate is asked for one, and nobody else, since browsers would ask them.
async fn shake(worker: &Worker, lens: &Lens, tls: TlsAcceptor, socket: socket::Socket) -> Result<TlsStream<socket::Socket>, Unmet> {
    let Some(authority) = &lens.snapshot.authority else { return tls.accept(socket).await.map_err(|_| Unmet::Broken) };
    let hello = LazyConfigAcceptor::new(Acceptor::default(), socket).await.map_err(|_| Unmet::Broken)?;
    let name = hello.client_hello().server_name().and_then(|name| Host::parse(name).ok());
    let config = match name.filter(|host| lens.snapshot.asks_for_certificate(host)) {
        None => Arc::clone(&worker.shared.tls.plain),
        Some(_) => worker.shared.tls.asking(authority).map_err(|error| {
            tracing::error!(%error, "nobody can be asked for a certificate");
            Unmet::Broken
        })?,
    };
    hello.into_stream(config).await.map_err(|_| Unmet::Broken)
}
