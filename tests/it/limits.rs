//! Limits: what goes beyond them is cut off or refused, and counted by its reason.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

use crate::kit::{
    Gateway, PATIENCE, Plan, Recorder, RichApp,
    apps::field,
    eventually,
    gateway::CHARTS,
    http2::{Client, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, Frames, HEADERS, RST_STREAM, frame, hpack},
};

/// What the metric says of a reason.
async fn counted(gate: &Gateway, reason: &str) -> u64 {
    let (_, page) = gate.admin_get("/metrics").await;
    let line = format!("guestgate_refused_total{{reason=\"{reason}\"}} ");
    page.lines().find_map(|l| l.strip_prefix(&line)).unwrap_or_else(|| panic!("no series for {reason}")).parse().unwrap()
}

async fn seen(gate: &Gateway, reason: &str) {
    eventually(reason, || async { (counted(gate, reason).await > 0).then_some(()) }).await;
}

/// A TLS connection that begins with these bytes.
async fn behind(gate: &Gateway, first: &[u8]) -> Option<TlsStream<TcpStream>> {
    let mut stream = TcpStream::connect(gate.https).await.unwrap();
    let _ = stream.write_all(first).await;
    TlsConnector::from(Arc::clone(&gate.tls)).connect(ServerName::try_from(CHARTS).unwrap(), stream).await.ok()
}

/// Everything until the other side closes.
async fn rest(stream: &mut TlsStream<TcpStream>) -> String {
    let mut all = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("the connection stays open");
    String::from_utf8_lossy(&all).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {CHARTS}\r\nConnection: close\r\n\r\n")
}

async fn gateway(limits: &str, more: &str) -> (Gateway, RichApp) {
    let app = RichApp::start().await;
    let gate = Plan::default().extra(limits).app("charts", app.at, &format!("public: [/**]\n{more}")).start().await;
    (gate, app)
}

#[tokio::test]
async fn one_address_has_only_some_of_the_connections() {
    let (gate, _app) = gateway("limits: { connections_per_address: 3 }", "").await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(behind(&gate, b"").await.expect("there is room"));
    }
    assert!(behind(&gate, b"").await.is_none());
    assert_eq!(counted(&gate, "connections_of_address").await, 1);
    drop(open.pop());
    let mut again = eventually("room for another", || behind(&gate, b"")).await;
    again.write_all(get("/").as_bytes()).await.unwrap();
    assert!(rest(&mut again).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn whoever_does_not_shake_hands_or_finish_a_head_is_cut_off() {
    let (gate, _app) = gateway("limits: { handshake: 1s, head: 1s }", "").await;
    let mut silent = TcpStream::connect(gate.https).await.unwrap();
    let closed = tokio::time::timeout(PATIENCE, silent.read_u8()).await.expect("it stays open");
    assert!(closed.is_err());
    assert_eq!(counted(&gate, "late_handshake").await, 1);
    let mut slow = behind(&gate, b"").await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    assert!(rest(&mut slow).await.starts_with("HTTP/1.1 408"));
    assert_eq!(counted(&gate, "late_head").await, 1);
    let mut slow = Frames::connect(&gate, CHARTS).await;
    slow.send(&frame(HEADERS, 0, 1, &hpack(&[(":method", "GET")]))).await;
    assert_eq!(slow.goaway().await, Some(ENHANCE_YOUR_CALM));
    assert_eq!(counted(&gate, "late_head").await, 2);
}

#[tokio::test]
async fn an_application_says_how_large_a_head_may_be() {
    let (gate, _app) = gateway("", "limits: { head: 4KiB }").await;
    let large = format!("GET / HTTP/1.1\r\nHost: {CHARTS}\r\nX-A: {}\r\n\r\n", "a".repeat(5_000));
    let mut one = behind(&gate, b"").await.unwrap();
    one.write_all(large.as_bytes()).await.unwrap();
    assert!(rest(&mut one).await.starts_with("HTTP/1.1 431"));
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("GET", "/").header("x-a", "a".repeat(5_000)).body(()).unwrap();
    assert_eq!(client.ask(request).await.status, 431);
    let request = client.request("GET", "/").header("x-a", "a".repeat(3_000)).body(()).unwrap();
    assert_eq!(client.ask(request).await.status, 200);
    assert_eq!(counted(&gate, "head_too_large").await, 2);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_does_not_come_is_refused() {
    let (gate, _app) = gateway("", "limits: { body: 1KiB, timeout: 1s }").await;
    let post = |more: &str| format!("POST /count HTTP/1.1\r\nHost: {CHARTS}\r\n{more}\r\n");
    for head in
        [post("Content-Length: 2000\r\n"), format!("{}7d0\r\n{}\r\n0\r\n\r\n", post("Transfer-Encoding: chunked\r\n"), "x".repeat(2_000))]
    {
        let mut one = behind(&gate, b"").await.unwrap();
        one.write_all(head.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        one.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 413");
    }
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("POST", "/count").body(()).unwrap();
    assert_eq!(client.post(request, &[b'x'; 2_000]).await.status, 413);
    assert_eq!(counted(&gate, "body_too_large").await, 3);
    let mut slow = behind(&gate, b"").await.unwrap();
    slow.write_all(post("Content-Length: 20\r\n").as_bytes()).await.unwrap();
    assert!(rest(&mut slow).await.starts_with("HTTP/1.1 408"));
    let request = client.request("POST", "/count").body(()).unwrap();
    let (answer, _open) = client.send(request, false).await;
    assert_eq!(crate::kit::http2::whole(answer).await.status, 408);
    assert_eq!(counted(&gate, "late_body").await, 2);
}

#[tokio::test]
async fn a_guest_who_takes_nothing_is_left() {
    let (gate, _app) = gateway("limits: { stalled: 1s }", "").await;
    let mut one = behind(&gate, b"").await.unwrap();
    one.write_all(get("/big/200000000").as_bytes()).await.unwrap();
    seen(&gate, "slow_reader").await;
    let mut two = Frames::connect(&gate, CHARTS).await;
    let big = [(":method", "GET"), (":scheme", "https"), (":path", "/big/200000000"), (":authority", CHARTS)];
    two.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &hpack(&big))).await;
    // 64 KiB go; nobody opens the window again.
    let reset = two.wait(RST_STREAM, 1).await;
    assert_eq!(reset.payload, [0, 0, 0, 8]);
    assert_eq!(counted(&gate, "slow_reader").await, 2);
    drop(one);
}

#[tokio::test]
async fn a_balancer_says_where_a_connection_comes_from_and_nobody_else_may() {
    let app = Recorder::start().await;
    let plan = || Plan::default().app("charts", app.at, "public: [/**]");
    let gate = plan().extra("proxy_protocol: [127.0.0.0/8]\ntrusted_proxies: [198.51.100.0/24]").start().await;
    let forwarded = async |header: &[u8], more: &str| {
        let mut stream = behind(&gate, header).await?;
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: {CHARTS}\r\nConnection: close\r\n{more}\r\n").as_bytes()).await.unwrap();
        rest(&mut stream).await;
        field(&app.last(), "x-forwarded-for")
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(forwarded(b"PROXY TCP4 192.0.2.7 10.0.0.1 5000 443\r\n", "").await, said("192.0.2.7"));
    assert_eq!(forwarded(b"PROXY TCP6 2001:db8::7 ::1 5000 443\r\n", "X-Forwarded-For: 1.2.3.4\r\n").await, said("2001:db8::7"));
    assert_eq!(forwarded(b"PROXY TCP4 198.51.100.1 10.0.0.1 5000 443\r\n", "X-Forwarded-For: 203.0.113.9\r\n").await, said("203.0.113.9"));
    assert_eq!(forwarded(b"PROXY UNKNOWN\r\n", "").await, said("127.0.0.1"));
    let binary = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[192, 0, 2, 8, 10, 0, 0, 1, 0x13, 0x88, 1, 187]].concat();
    assert_eq!(forwarded(&binary, "").await, said("192.0.2.8"));
    for bad in [&b""[..], b"PROXY TCP4 192.0.2.7 10.0.0.1 5000\r\n", b"PROXY TCP4 1 2 3 4\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x12\0\0"] {
        assert_eq!(forwarded(bad, "").await, None, "{bad:?}");
    }
    assert!(counted(&gate, "proxy_header").await >= 4);
    let plain = plan().start().await;
    assert!(behind(&plain, b"PROXY TCP4 192.0.2.7 10.0.0.1 5000 443\r\n").await.is_none());
    assert!(behind(&plain, b"").await.is_some());
}

#[tokio::test]
async fn handshakes_of_one_network_wait_their_turn_and_all_come_through() {
    let (gate, _app) = gateway("limits: { handshakes_per_network: 2 }", "").await;
    // Two that say nothing hold both turns, and are cut off by nobody yet.
    let _silent: Vec<TcpStream> = [TcpStream::connect(gate.https).await.unwrap(), TcpStream::connect(gate.https).await.unwrap()].into();
    eventually("both at the door", || async {
        let (_, page) = gate.admin_get("/metrics").await;
        page.contains("guestgate_open_connections{listener=\"https\"} 2").then_some(())
    })
    .await;
    let waiting = tokio::time::timeout(Duration::from_millis(300), behind(&gate, b"")).await;
    assert!(waiting.is_err(), "it does not wait");
    drop(_silent);
    let all = futures_util::future::join_all((0..20).map(|_| behind(&gate, b""))).await;
    assert!(all.iter().all(Option::is_some));
}
