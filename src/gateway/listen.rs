//! The listening sockets and what stands between a socket and the first request: acceptance, the handshake, the choice of protocol.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::base::Host;

use super::{
    connection::{Connection, Name},
    http1, http2,
    worker::Worker,
};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long requests in flight may go on after the end was announced.
const DRAIN: Duration = Duration::from_secs(30);
/// Connections of one worker beyond which new ones are closed at once.
const MOST_CONNECTIONS: usize = 16_384;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;
/// Room for what TLS has sealed and the socket has not taken: large pieces go through in one go.
const TLS_BUFFER: usize = 1024 * 1024;
/// How long to wait when the process has no file descriptors left.
const BREATH: Duration = Duration::from_millis(100);

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

/// Accepts until the end is announced, then waits for what is open.
pub(super) async fn accept(worker: Rc<Worker>, listener: TcpListener) {
    let tasks = worker.tasks.clone();
    let tls = TlsAcceptor::from(worker.shared.tls.clone());
    loop {
        let accepted = tokio::select! {
            biased;
            () = worker.drain.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, peer)) if tasks.len() < MOST_CONNECTIONS => {
                // A panic ends this task and nothing else.
                tasks.spawn_local(serve(Rc::clone(&worker), tls.clone(), socket, peer));
            }
            Ok(_) => tracing::debug!("a connection was closed because there are too many"),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if timeout(DRAIN, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections were cut because they did not end in time");
    }
}

async fn serve(worker: Rc<Worker>, tls: TlsAcceptor, socket: TcpStream, peer: SocketAddr) {
    let _open = worker.count_connection();
    if socket.set_nodelay(true).is_err() {
        return;
    }
    // Each part in a box of its own size: a connection that idles does not carry what its handshake needed.
    let served = Box::pin(welcome(worker, tls, socket, peer)).await;
    if let Some(served) = served {
        served.await;
    }
}

/// The handshake, and then what was agreed on.
async fn welcome(worker: Rc<Worker>, tls: TlsAcceptor, socket: TcpStream, peer: SocketAddr) -> Option<Pin<Box<dyn Future<Output = ()>>>> {
    let handshake = tokio::select! {
        () = worker.drain.cancelled() => return None,
        done = timeout(HANDSHAKE, tls.accept(socket)) => done,
    };
    let Ok(Ok(mut stream)) = handshake else { return None };
    // What is handed to TLS at once is bounded where it is written.
    stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER));
    let session = stream.get_ref().1;
    let name = match session.server_name() {
        None => Name::None,
        Some(text) => Host::parse(text).map_or(Name::Unreadable, Name::Of),
    };
    let speaks_two = session.alpn_protocol() == Some(b"h2");
    let connection = Rc::new(Connection::new(worker, peer, name));
    Some(if speaks_two { Box::pin(http2::serve(connection, stream)) } else { Box::pin(http1::serve(connection, stream)) })
}
