//! The load: as many requests as are answered, over connections that stay, each in a session of its own.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

use super::world::{Peer, World};

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

impl Protocol {
    /// As TLS names it.
    pub(crate) fn alpn(self) -> &'static [u8] {
        match self {
            Self::One => b"http/1.1",
            Self::Two => b"h2",
        }
    }
}

/// A load that goes on until it is stopped.
pub(crate) struct Client {
    shared: Rc<Shared>,
    tasks: RefCell<Vec<tokio::task::JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    answered: Cell<u64>,
    stop: Cell<bool>,
}

impl Client {
    /// Connects and begins.
    pub(crate) async fn start(world: &World, peer: Peer, protocol: Protocol, path: &'static str, connections: u32, streams: u32) -> Self {
        let shared = Rc::new(Shared::default());
        let mut tasks = Vec::new();
        for n in 0..connections {
            // Spread over all sessions, so that their memory is not one neighbourhood.
            let session = n.wrapping_mul(2_654_435_761) % world.sessions();
            let stream = connect(world, peer, protocol).await;
            let (shared, host) = (Rc::clone(&shared), world.host(peer));
            let cookie = world.cookie(session).to_owned();
            match protocol {
                Protocol::One => {
                    tasks.push(tokio::task::spawn_local(one(stream, request(host, path, &cookie), shared)));
                }
                Protocol::Two => {
                    let (asks, connection) = h2::client::handshake(stream).await.unwrap();
                    tokio::task::spawn_local(async move { drop(connection.await) });
                    let asks = asks.ready().await.unwrap();
                    for _ in 0..streams {
                        tasks.push(tokio::task::spawn_local(two(asks.clone(), request_two(host, path, &cookie), Rc::clone(&shared))));
                    }
                }
            }
        }
        Self { shared, tasks: RefCell::new(tasks) }
    }

    /// How many answers have come.
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered.get()
    }

    /// Waits until so many have.
    pub(crate) async fn warm(&self, answers: u64) {
        while self.answered() < answers {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// Ends, and waits for the end.
    pub(crate) async fn stop(self) {
        self.shared.stop.set(true);
        for task in self.tasks.take() {
            task.await.unwrap();
        }
    }
}

/// A connection after its handshake.
pub(crate) async fn connect(world: &World, peer: Peer, protocol: Protocol) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(world.address(peer)).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let name = ServerName::try_from(world.host(peer)).unwrap();
    TlsConnector::from(world.tls(protocol)).connect(name, tcp).await.unwrap()
}

/// A connection on which one request was answered.
pub(crate) async fn ask_once(world: &World, peer: Peer, session: u32) -> TlsStream<TcpStream> {
    let mut stream = connect(world, peer, Protocol::One).await;
    let mut buffer = Vec::new();
    exchange(&mut stream, &request(world.host(peer), "/1k", world.cookie(session)), &mut buffer).await;
    stream
}

/// One request in each session, so that all are live.
pub(crate) async fn visit_all(world: &World) {
    let mut ways = Vec::new();
    for _ in 0..16 {
        ways.push((connect(world, Peer::Everything, Protocol::One).await, Vec::new()));
    }
    let n_ways = ways.len();
    let visits = ways.into_iter().enumerate().map(|(ix, (mut stream, mut buffer))| async move {
        for session in (0..world.sessions()).skip(ix).step_by(n_ways) {
            exchange(&mut stream, &request(world.host(Peer::Everything), "/1k", world.cookie(session)), &mut buffer).await;
        }
    });
    futures_util::future::join_all(visits).await;
}

fn request(host: &str, path: &str, cookie: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n\
         Accept: */*\r\nAccept-Language: en-GB,en;q=0.5\r\nCookie: app=1; __Host-guestgate={cookie}\r\n\r\n"
    )
    .into_bytes()
}

fn request_two(host: &str, path: &str, cookie: &str) -> http::Request<()> {
    http::Request::get(format!("https://{host}{path}"))
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
        .header("accept", "*/*")
        .header("accept-language", "en-GB,en;q=0.5")
        .header("cookie", format!("app=1; __Host-guestgate={cookie}"))
        .body(())
        .unwrap()
}

async fn one(mut stream: TlsStream<TcpStream>, request: Vec<u8>, shared: Rc<Shared>) {
    let mut buffer = Vec::new();
    while !shared.stop.get() {
        exchange(&mut stream, &request, &mut buffer).await;
        shared.answered.set(shared.answered.get() + 1);
    }
}

async fn exchange(stream: &mut TlsStream<TcpStream>, request: &[u8], buffer: &mut Vec<u8>) {
    stream.write_all(request).await.unwrap();
    stream.flush().await.unwrap();
    buffer.resize(64 * 1024, 0);
    let mut have = 0;
    let (head, length) = loop {
        let n = stream.read(&mut buffer[have..]).await.unwrap();
        assert!(n > 0, "closed instead of an answer");
        have += n;
        if let Some(end) = buffer[..have].windows(4).position(|w| w == b"\r\n\r\n") {
            break (end + 4, length_of(&buffer[..end]));
        }
    };
    let mut left = (head + length).checked_sub(have).expect("nothing is behind an answer");
    while left > 0 {
        let room = left.min(buffer.len());
        let n = stream.read(&mut buffer[..room]).await.unwrap();
        assert!(n > 0, "cut in an answer");
        left -= n;
    }
}

fn length_of(head: &[u8]) -> usize {
    let text = std::str::from_utf8(head).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let line = text.lines().find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:")));
    line.and_then(|line| line[15..].trim().parse().ok()).expect("answers say how long they are")
}

async fn two(mut asks: h2::client::SendRequest<bytes::Bytes>, request: http::Request<()>, shared: Rc<Shared>) {
    while !shared.stop.get() {
        let (answer, _) = asks.send_request(request.clone(), true).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        while let Some(piece) = body.data().await {
            let n = piece.unwrap().len();
            body.flow_control().release_capacity(n).unwrap();
        }
        shared.answered.set(shared.answered.get() + 1);
    }
}
