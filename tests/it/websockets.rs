//! WebSockets over both protocols: opened, judged, and closed with a reason.

use bytes::Bytes;
use h2::{RecvStream, SendStream, ext::Protocol};
use http::Request;

use crate::kit::{
    Gateway, PATIENCE, Plan, Recorder, RichApp,
    apps::field,
    browser::{closed, say},
    eventually,
    gateway::CHARTS,
    http2::Client,
};

const ANN: &str = "ann@partner.example";

async fn gateway() -> (Gateway, RichApp) {
    let app = RichApp::start().await;
    (Plan::default().app("charts", app.at, "websocket: true").start().await, app)
}

async fn cookie(gate: &Gateway) -> String {
    let ann = gate.guest(ANN, "charts").await;
    ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
}

/// A WebSocket over HTTP/2, frame by frame.
struct Socket {
    from: RecvStream,
    to: SendStream<Bytes>,
}

fn connect(client: &Client, gate: &Gateway, protocol: &str) -> http::request::Builder {
    client
        .request("CONNECT", "/ws")
        .extension(Protocol::from(protocol))
        .header("sec-websocket-version", "13")
        .header("origin", gate.url(CHARTS, ""))
}

/// Opens one, or gives the status of the refusal.
async fn open(client: &mut Client, request: Request<()>) -> Result<Socket, u16> {
    client.knows_sockets().await;
    let (answer, to) = client.send(request, false).await;
    let answer = tokio::time::timeout(PATIENCE, answer).await.expect("no answer").map_err(|_| 0_u16)?;
    match answer.status().as_u16() {
        200 => {
            assert!(!answer.headers().contains_key("sec-websocket-accept"), "{:?}", answer.headers());
            Ok(Socket { from: answer.into_body(), to })
        }
        status => Err(status),
    }
}

impl Socket {
    fn say(&mut self, opcode: u8, text: &str) {
        let head = [0x80 | opcode, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        self.to.send_data(Bytes::from([&head, text.as_bytes()].concat()), false).unwrap();
    }

    /// Reads so many bytes, or what comes before the end.
    async fn hear(&mut self, n: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < n {
            let Some(piece) = tokio::time::timeout(PATIENCE, self.from.data()).await.expect("nothing comes") else { break };
            let piece = piece.unwrap();
            self.from.flow_control().release_capacity(piece.len()).unwrap();
            heard.extend_from_slice(&piece);
        }
        heard
    }
}

#[tokio::test]
async fn a_websocket_over_http2_is_closed_with_a_reason_and_the_connection_goes_on() {
    let (gate, _app) = gateway().await;
    let cookie = cookie(&gate).await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = connect(&client, &gate, "websocket").header("cookie", &cookie).body(()).unwrap();
    let mut socket = open(&mut client, request).await.unwrap();
    socket.say(1, "hello");
    assert_eq!(socket.hear(7).await, b"\x81\x05hello");
    let long = "x".repeat(125);
    for _ in 0..2_000 {
        socket.say(2, &long);
        assert_eq!(socket.hear(127).await.len(), 127);
    }
    gate.json(&["guests", "suspend", ANN]);
    assert_eq!(socket.hear(1_000).await, b"\x88\x0e\x03\xf0access ended");
    let next = client.request("GET", "/who").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(client.ask(next).await.status, 403);
    let log = eventually("the line of the socket", || {
        let log = gate.access_log();
        std::future::ready(log.lines().find(|l| l.contains("\"/ws\"")).map(str::to_owned))
    })
    .await;
    assert!(log.contains("\"method\":\"GET\"") && log.contains("\"decision\":\"allow\""), "{log}");
}

#[tokio::test]
async fn the_end_of_the_process_closes_sockets_as_going_away_over_both_protocols() {
    let (gate, _app) = gateway().await;
    let ann = gate.guest(ANN, "charts").await;
    let mut one = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut one, "one").await, "one");
    let mut client = Client::connect(&gate, CHARTS).await;
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let request = connect(&client, &gate, "websocket").header("cookie", &cookie).body(()).unwrap();
    let mut two = open(&mut client, request).await.unwrap();
    two.say(1, "two");
    assert_eq!(two.hear(5).await, b"\x81\x03two");
    gate.signal("TERM");
    assert_eq!(closed(&mut one).await, Some(1001));
    assert_eq!(two.hear(1_000).await, b"\x88\x0c\x03\xe9going away");
}

#[tokio::test]
async fn an_application_sees_an_upgrade_with_a_key_of_ours() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "websocket: true\npublic: [/ws]").start().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = connect(&client, &gate, "websocket")
        .header("sec-websocket-key", "Zm9yZ2Vk")
        .header("sec-websocket-protocol", "chat")
        .body(())
        .unwrap();
    // It does not answer as a WebSocket does.
    assert_eq!(open(&mut client, request).await.err(), Some(502));
    let head = app.last();
    assert!(head.starts_with("GET /ws HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "upgrade").as_deref(), Some("websocket"));
    assert_eq!(field(&head, "sec-websocket-protocol").as_deref(), Some("chat"));
    assert!(field(&head, "sec-websocket-key").is_some_and(|key| key.len() == 24) && !head.contains("Zm9yZ2Vk"), "{head}");
}

#[tokio::test]
async fn what_may_not_be_opened_is_refused_over_http2_too() {
    let (gate, app) = gateway().await;
    let cookie = cookie(&gate).await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let stranger = connect(&client, &gate, "websocket").body(()).unwrap();
    assert_eq!(open(&mut client, stranger).await.err(), Some(401));
    let other = connect(&client, &gate, "connect-udp").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(open(&mut client, other).await.err(), Some(400));
    let sibling = client
        .request("CONNECT", "/ws")
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("origin", "https://labs.example.test")
        .header("cookie", &cookie)
        .body(())
        .unwrap();
    assert_eq!(open(&mut client, sibling).await.err(), Some(403));
    let page = client.request("CONNECT", "/.guestgate/whoami").extension(Protocol::from_static("websocket")).header("cookie", &cookie);
    let page = page.header("sec-fetch-site", "same-origin").header("origin", gate.url(CHARTS, "")).body(()).unwrap();
    assert_eq!(open(&mut client, page).await.err(), Some(400));
    let rules = "app: charts\npolicies:\n  - name: no-sockets\n    when: { client: [websocket] }\n    block: Not here.\n";
    let gate = Plan::default().policy("charts.yaml", rules).app("charts", app.at, "websocket: true").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let mut client = Client::connect(&gate, CHARTS).await;
    let judged = connect(&client, &gate, "websocket").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(open(&mut client, judged).await.err(), Some(403));
    let read = client.request("GET", "/who").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(client.ask(read).await.status, 200);
}
