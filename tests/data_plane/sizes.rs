//! Large bodies, many connections, slow readers: what they cost the gateway, and that they cost nobody else.

use std::time::Duration;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

use crate::{
    advisories::memory,
    full,
    kit::{Browser, Gateway, Plan, RichApp, browser, gateway::CHARTS},
    wire::{one::Line, two},
};

const MIB: u64 = 1024 * 1024;
const ANN: &str = "ann@partner.example";

struct Scene {
    gate: Gateway,
    ann: Browser,
}

impl Scene {
    async fn set() -> Self {
        let app = RichApp::start().await;
        let gate = Plan::default().app("charts", app.at, "limits: { body: 2GiB }\npublic: [/big/*]").start().await;
        let ann = gate.guest(ANN, "charts").await;
        Self { gate, ann }
    }

    fn memory(&self) -> u64 {
        memory(self.gate.pid())
    }

    fn head(&self, line: &str, more: &str) -> String {
        let cookies: Vec<String> = self.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
        format!("{line} HTTP/1.1\r\nHost: {CHARTS}:{}\r\nCookie: {}\r\n{more}\r\n", self.gate.https.port(), cookies.join("; "))
    }
}

/// Follows the memory of the gateway while something goes on.
struct Growth<'s> {
    scene: &'s Scene,
    before: u64,
    most: u64,
}

impl<'s> Growth<'s> {
    fn of(scene: &'s Scene) -> Self {
        let before = scene.memory();
        Self { scene, before, most: before }
    }

    fn look(&mut self) {
        self.most = self.most.max(self.scene.memory());
    }

    fn below(&self, mib: u64, what: &str) {
        let grown = (self.most - self.before) / 1024;
        println!("{what}: the gateway grew by {grown} MiB");
        assert!(grown < mib, "{what}: {grown} MiB");
    }
}

fn large() -> u64 {
    if full() { 1024 * MIB } else { 64 * MIB }
}

const BLOCK: usize = 256 * 1024;

#[tokio::test]
async fn a_large_body_goes_both_ways_over_http_1_in_constant_memory() {
    let scene = Scene::set().await;
    let mut growth = Growth::of(&scene);
    let size = large();
    let mut stream = scene.ann.raw(CHARTS).await;
    stream.write_all(scene.head("POST /count", &format!("Content-Length: {size}\r\n")).as_bytes()).await.unwrap();
    let block = vec![b'u'; BLOCK];
    for ix in 0..size / BLOCK as u64 {
        stream.write_all(&block).await.unwrap();
        if ix % 64 == 0 {
            growth.look();
        }
    }
    let mut line = Line::new(stream);
    let head = line.input.head().await.unwrap();
    assert!(head.line.starts_with("HTTP/1.1 200"), "{head:?}");
    let mut said = Vec::new();
    let length = size.to_string().len();
    line.input.body(crate::wire::Framing::Length(length), |piece| said.extend_from_slice(piece)).await;
    assert_eq!(String::from_utf8(said).unwrap(), size.to_string());
    growth.look();
    growth.below(32, "an upload over HTTP/1.1");

    let mut growth = Growth::of(&scene);
    line.output.write_all(scene.head(&format!("GET /big/{size}"), "").as_bytes()).await.unwrap();
    line.output.flush().await.unwrap();
    line.input.head().await.unwrap();
    let (mut received, mut looked) = (0, 0);
    let counted = line.input.body(crate::wire::Framing::Chunked, |piece| {
        received += piece.len() as u64;
        if received - looked > 16 * MIB {
            looked = received;
            growth.look();
        }
    });
    counted.await;
    assert_eq!(received, size);
    growth.below(32, "a download over HTTP/1.1");
}

#[tokio::test]
async fn a_large_body_goes_both_ways_over_http_2_in_constant_memory() {
    let scene = Scene::set().await;
    let mut growth = Growth::of(&scene);
    let size = large();
    let stream = browser::connect(scene.gate.https, CHARTS, scene.gate.tls_with(&[b"h2"])).await;
    let sender = two::connect(stream).await;
    let cookies: Vec<String> = scene.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
    let ask = |method: &str, path: &str| {
        let uri = format!("https://{CHARTS}:{}{path}", scene.gate.https.port());
        http::Request::builder().method(method).uri(uri).header("cookie", cookies.join("; ")).body(()).unwrap()
    };
    let mut ready = sender.clone().ready().await.unwrap();
    let (answer, mut up) = ready.send_request(ask("POST", "/count"), false).unwrap();
    let block = Bytes::from(vec![b'u'; BLOCK]);
    for ix in 0..size / BLOCK as u64 {
        assert!(two::send(&mut up, block.clone()).await, "the upload is refused");
        if ix % 64 == 0 {
            growth.look();
        }
    }
    up.send_data(Bytes::new(), true).unwrap();
    let (end, said) = collect(answer.await.unwrap().into_body(), |_| {}).await;
    assert!(end, "the answer is whole");
    assert_eq!(said, size.to_string().len() as u64);
    growth.below(32, "an upload over HTTP/2");

    let mut growth = Growth::of(&scene);
    let (answer, _) = ready.ready().await.unwrap().send_request(ask("GET", &format!("/big/{size}")), true).unwrap();
    let mut looked = 0;
    let (end, received) = collect(answer.await.unwrap().into_body(), |received| {
        if received - looked > 16 * MIB {
            looked = received;
            growth.look();
        }
    })
    .await;
    assert!(end, "the answer is whole");
    assert_eq!(received, size);
    growth.below(32, "a download over HTTP/2");
}

async fn collect(mut body: h2::RecvStream, mut so_far: impl FnMut(u64)) -> (bool, u64) {
    let mut received = 0;
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else { return (false, received) };
        received += piece.len() as u64;
        so_far(received);
        let _ = body.flow_control().release_capacity(piece.len());
    }
    (true, received)
}

/// As many connections as this process may have, less some for everything else.
fn connections(wanted: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max open files")).unwrap();
    let soft: usize = line.split_whitespace().nth(3).unwrap().parse().unwrap_or(usize::MAX);
    let most = soft.saturating_sub(700);
    if most < wanted {
        println!("only {most} of {wanted} connections, for want of file descriptors");
    }
    wanted.min(most)
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_cost_little() {
    let scene = Scene::set().await;
    for (protocol, name) in [(&b"http/1.1"[..], "HTTP/1.1"), (b"h2", "HTTP/2")] {
        let n = connections(if full() { 10_000 } else { 1_000 }) / 2;
        let tls = scene.gate.tls_with(&[protocol]);
        let before = scene.memory();
        let mut open: Vec<TlsStream<TcpStream>> = Vec::with_capacity(n);
        while open.len() < n {
            let some = (0..50.min(n - open.len())).map(|_| browser::connect(scene.gate.https, CHARTS, tls.clone()));
            open.extend(futures_util::future::join_all(some).await);
        }
        // Once one that came after them is served, so were the others.
        if name == "HTTP/1.1" {
            let mut last = scene.ann.raw(CHARTS).await;
            last.write_all(scene.head("GET /who", "Connection: close\r\n").as_bytes()).await.unwrap();
            let mut answer = String::new();
            last.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with(ANN), "no answer after {n} connections: {answer}");
        }
        let each = scene.memory().saturating_sub(before) as f64 / n as f64;
        println!("an idle connection of {name} costs {each:.1} KiB ({n} of them)");
        assert!(each < 64.0, "{each} KiB each");
    }
}

/// A connection with little room at the guest's end: a thousand of the usual size would use up what the kernel has for all of TCP.
async fn narrow(scene: &Scene) -> TlsStream<TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(32 * 1024).unwrap();
    let stream = socket.connect(scene.gate.https).await.unwrap();
    let name = ServerName::try_from(CHARTS).unwrap();
    TlsConnector::from(scene.gate.tls.clone()).connect(name, stream).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_do_not_slow_the_others() {
    let scene = Scene::set().await;
    let n = if full() { 1_000 } else { 100 };
    let before = scene.memory();
    let mut slow = Vec::new();
    for _ in 0..n {
        let mut stream = narrow(&scene).await;
        stream.write_all(scene.head("GET /big/16000000", "").as_bytes()).await.unwrap();
        let mut start = [0; 15];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
        slow.push(stream);
    }
    // The others get all that they ask for while none of these has taken anything.
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(async {
            let mut ann = scene.ann.clone();
            for _ in 0..10 {
                let answer = ann.fetch(&scene.gate.url(CHARTS, "/big/300000")).await.expect(200);
                assert_eq!(answer.body.len(), 300_000);
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(60), futures_util::future::join_all(others)).await.expect("the others wait for the slow");
    let each = scene.memory().saturating_sub(before) / n;
    println!("a slow reader costs {each} KiB ({n} of them)");
    assert!(each < 512, "{each} KiB each");
    // And the slow get theirs, once they want it; the first of many may have been left by now, as those are who take nothing for a minute.
    let mut rest = vec![0; 64 * 1024];
    for stream in slow.iter_mut().rev().take(3) {
        let mut got = 0;
        while got < 15_000_000 {
            let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut rest)).await.expect("nothing comes");
            got += read.unwrap();
        }
    }
}
