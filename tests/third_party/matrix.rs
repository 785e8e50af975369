//! The same requests to the same server, directly and through the gateway, over every protocol that guests speak.

use bytes::Bytes;
use tokio::net::TcpStream;

use crate::{
    full,
    kit::{Browser, Gateway, Plan, browser, gateway::CHARTS},
    servers::{self, Server},
    wire::{
        Case, End, Framing, Heard, Move, Script, Step,
        one::{self, Asking, Line},
        script::{Fields, pattern},
        two,
    },
};

/// One request of the matrix.
#[derive(Debug, Clone)]
struct Ask {
    method: &'static str,
    path: String,
    fields: Vec<(&'static str, &'static str)>,
    framing: Framing,
    body: usize,
    expects: bool,
}

fn ask(method: &'static str, path: &str, fields: &[(&'static str, &'static str)]) -> Ask {
    Ask { method, path: path.to_owned(), fields: fields.to_vec(), framing: Framing::None, body: 0, expects: false }
}

impl Ask {
    fn with(self, body: usize) -> Self {
        Self { framing: Framing::Length(body), body, ..self }
    }

    fn chunked(self, body: usize) -> Self {
        Self { framing: Framing::Chunked, body, ..self }
    }

    fn expecting(self) -> Self {
        Self { expects: true, ..self }
    }

    fn script(&self, old: bool) -> Script {
        let framing = if old && self.framing == Framing::Chunked { Framing::Length(self.body) } else { self.framing };
        let mut steps: Vec<Step> = Vec::new();
        let mut left = self.body;
        while left > 0 {
            let piece = left.min(10_000);
            steps.push(Step { does: Move::Up(piece), waits: false });
            left -= piece;
        }
        steps.push(Step { does: Move::UpEnd, waits: false });
        Script {
            method: self.method.to_owned(),
            target: String::new(),
            asked: self.fields.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).collect(),
            asks: framing,
            // Nobody is told to go on over HTTP/1.0 (RFC 9110, 10.1.1).
            expects: self.expects && !old,
            up: pattern(3, self.body),
            status: 200,
            told: Fields::new(),
            tells: Framing::Chunked,
            down: Bytes::new(),
            trailers: Fields::new(),
            steps,
        }
    }
}

/// What every server of files can do.
fn files() -> Vec<Ask> {
    let mut all = Vec::new();
    for name in ["/empty.txt", "/small.txt", "/big.bin", "/page.html", "/missing.txt", "/"] {
        all.push(ask("GET", name, &[]));
        all.push(ask("HEAD", name, &[]));
        all.push(ask("GET", name, &[("Accept-Encoding", "gzip")]));
    }
    for range in ["bytes=0-0", "bytes=100-199", "bytes=500000-", "bytes=2000000-", "bytes=0-99,200-299", "bytes=-1", "lines=1-2"] {
        all.push(ask("GET", "/big.bin", &[("Range", range)]));
    }
    all.push(ask("GET", "/small.txt", &[("If-Modified-Since", "Fri, 01 Jan 2038 00:00:00 GMT")]));
    all.push(ask("GET", "/small.txt", &[("If-None-Match", "*")]));
    all.push(ask("GET", "/small.txt?query=%2F&x", &[("Accept", "text/*;q=0.3")]));
    all.push(ask("GET", "/moved", &[]));
    all.push(ask("OPTIONS", "/small.txt", &[]));
    all.push(ask("POST", "/small.txt", &[]).with(100));
    all
}

/// WebDAV, as nginx and Apache have it.
fn uploads() -> Vec<Ask> {
    let large = if full() { 20_000_000 } else { 300_000 };
    let (put, get, gone) = (|| ask("PUT", "/up/file", &[]), || ask("GET", "/up/file", &[]), || ask("DELETE", "/up/file", &[]));
    vec![
        put().with(0),
        get(),
        gone(),
        put().with(1),
        get(),
        gone(),
        put().with(large),
        get(),
        gone(),
        put().chunked(large),
        get(),
        gone(),
        put().with(50_000).expecting(),
        get(),
        gone(),
        gone(),
    ]
}

/// A program's own answers.
fn program() -> Vec<Ask> {
    let mut all = Vec::new();
    for path in ["/nothing", "/cookies", "/trailers", "/gzip", "/br", "/events"] {
        all.push(ask("GET", path, &[]));
        all.push(ask("HEAD", path, &[]));
    }
    for body in [0, 1, 16_384, 300_000] {
        all.push(ask("POST", "/echo", &[("Content-Type", "text/x-odd")]).with(body));
        all.push(ask("POST", "/echo", &[]).chunked(body));
        all.push(ask("PUT", "/count", &[]).chunked(body));
    }
    all.push(ask("POST", "/echo", &[]).with(70_000).expecting());
    all.push(ask("POST", "/early", &[]).with(40_000));
    all
}

/// The ways to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Direct,
    Http10,
    Http11,
    Http2,
}

struct Bench<'s> {
    server: &'s Server,
    gate: Gateway,
    ann: Browser,
}

impl Bench<'_> {
    fn asking(&self, way: Way) -> Asking {
        let cookies: Vec<String> = self.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
        Asking {
            version: if way == Way::Http10 { "1.0" } else { "1.1" },
            // Servers repeat it in redirects and error pages, so it is one for all.
            host: format!("{CHARTS}:{}", self.gate.https.port()),
            cookie: (way != Way::Direct).then(|| cookies.join("; ")),
        }
    }

    /// All answers, over as few connections as the server and the gateway need.
    async fn answers(&self, way: Way, asks: &[Ask]) -> Vec<Heard> {
        let asking = self.asking(way);
        let mut heard = Vec::new();
        let (mut direct, mut line, mut sender) = (None, None, None);
        for ask in asks {
            let case = Case::alone(ask.script(way == Way::Http10));
            let play = async {
                match way {
                    Way::Direct => {
                        let mut line = match direct.take() {
                            Some(line) => line,
                            None => Line::new(TcpStream::connect(self.server.at).await.unwrap()),
                        };
                        let heard = one::guest(&mut line, &ask.path, &case, &asking).await;
                        direct = heard.reusable.then_some(line);
                        heard
                    }
                    Way::Http10 | Way::Http11 => {
                        let mut open = match line.take() {
                            Some(line) => line,
                            None => Line::new(self.ann.raw(CHARTS).await),
                        };
                        let heard = one::guest(&mut open, &ask.path, &case, &asking).await;
                        line = heard.reusable.then_some(open);
                        heard
                    }
                    Way::Http2 => {
                        if sender.is_none() {
                            let stream = browser::connect(self.gate.https, CHARTS, self.gate.tls_with(&[b"h2"])).await;
                            sender = Some(two::connect(stream).await);
                        }
                        two::guest(sender.as_ref().unwrap(), &ask.path, &case, &asking).await
                    }
                }
            };
            heard.push(tokio::time::timeout(crate::kit::PATIENCE, play).await.unwrap_or_else(|_| panic!("{way:?} stands still: {ask:?}")));
        }
        heard
    }
}

async fn same(server: Server, asks: Vec<Ask>) {
    let gate = Plan::default().app("charts", server.at, "limits: { body: 1GiB }\nwebsocket: true").start().await;
    let ann = gate.guest("ann@partner.example", "charts").await;
    let bench = Bench { server: &server, gate, ann };
    let direct = bench.answers(Way::Direct, &asks).await;
    for way in [Way::Http11, Way::Http10, Way::Http2] {
        let through = bench.answers(way, &asks).await;
        for ((ask, direct), through) in asks.iter().zip(&direct).zip(&through) {
            let (direct, through) = (Seen::of(ask, direct), Seen::of(ask, through));
            assert!(
                direct.body == through.body,
                "{ask:?} over {way:?}: {} bytes directly, {} through",
                direct.body.len(),
                through.body.len()
            );
            assert_eq!(Seen { body: Vec::new(), ..direct }, Seen { body: Vec::new(), ..through }, "{ask:?} over {way:?}");
        }
    }
}

/// What has to be the same.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    end: End,
}

impl Seen {
    fn of(ask: &Ask, heard: &Heard) -> Self {
        let volatile = ["last-modified", "etag"];
        let mut body = heard.body.clone();
        let mut fields: Vec<(String, String)> = heard
            .fields
            .iter()
            .map(|(n, v)| (String::from_utf8_lossy(n).to_ascii_lowercase(), String::from_utf8_lossy(v).into_owned()))
            .filter(|(n, v)| {
                let ours = ["date", "connection", "keep-alive", "transfer-encoding", "trailer"].contains(&n.as_str());
                let private = n == "cache-control" && v == "private";
                let nothing = n == "content-length" && v == "0";
                let fresh = ask.path.starts_with("/up/") && volatile.contains(&n.as_str());
                !(ours || private || nothing || fresh)
            })
            .collect();
        // Each answer in several parts has a boundary of its own.
        for (_, value) in &mut fields {
            if let Some((_, boundary)) = value.clone().split_once("boundary=") {
                *value = value.replace(boundary, "B");
                body = String::from_utf8_lossy(&body).replace(boundary, "B").into_bytes();
            }
        }
        for (name, value) in &mut fields {
            match name.as_str() {
                // A server that names itself is made to name us; the path is its own.
                "location" => {
                    let path = value.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
                    *value = path.unwrap_or_else(|| value.clone());
                }
                // Apache trusts the time of a file only once it is a little old.
                "etag" => *value = value.trim_start_matches("W/").to_owned(),
                _ => {}
            }
        }
        fields.sort();
        Self { status: heard.status, fields, body, end: heard.end }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_behind_is_as_without_us() {
    let mut asks = files();
    asks.extend(uploads());
    same(servers::nginx().await, asks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apache_behind_is_as_without_us() {
    let mut asks = files();
    asks.extend(uploads());
    same(servers::apache().await, asks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node_behind_is_as_without_us() {
    let mut asks = files();
    asks.extend(program());
    same(servers::node().await, asks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn haproxy_behind_is_as_without_us() {
    let mut asks = files();
    asks.extend(program());
    same(servers::haproxy().await, asks).await;
}

/// Texts of many sizes over a WebSocket, through both.
async fn socket_echoes(server: Server) {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio_tungstenite::tungstenite::Message;

    let gate = Plan::default().app("charts", server.at, "websocket: true").start().await;
    let ann = gate.guest("ann@partner.example", "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws?room=a%20b").await.unwrap();
    for size in [0, 1, 125, 126, 127, 4_096, 65_535, 65_536, 300_000] {
        let text = "x".repeat(size);
        socket.send(Message::text(text.clone())).await.unwrap();
        let back = tokio::time::timeout(crate::kit::PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(back.into_text().unwrap().as_str(), text, "{size}");
        let bytes = pattern(9, size);
        socket.send(Message::binary(bytes.clone())).await.unwrap();
        let back = tokio::time::timeout(crate::kit::PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(back.into_data(), bytes, "{size}");
    }
    socket.close(None).await.unwrap();
    browser::closed(&mut socket).await;
}

#[tokio::test]
async fn websockets_of_node_work() {
    socket_echoes(servers::node().await).await;
}

#[tokio::test]
async fn websockets_through_haproxy_work() {
    socket_echoes(servers::haproxy().await).await;
}
