//! HTTP/2: the same journey, its budgets, and what attackers do with frames.

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::kit::{
    Gateway, Plan, RichApp, eventually,
    gateway::CHARTS,
    http2::{
        CONTINUATION, Client, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, Frames, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS,
        WINDOW_UPDATE, frame, hpack, whole,
    },
};

const ANN: &str = "ann@partner.example";

async fn gateway() -> (Gateway, RichApp) {
    let app = RichApp::start().await;
    (Plan::default().app("charts", app.at, "websocket: true\npublic: [/open/**, /big/**, /status/**, /echo, /never]").start().await, app)
}

/// The cookies of a guest, as one field.
async fn cookie(gate: &Gateway) -> String {
    let ann = gate.guest(ANN, "charts").await;
    ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
}

/// An application that says this to every request, and then waits for its end.
async fn scripted(says: &'static [u8]) -> (std::net::SocketAddr, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (ended, ends) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let ended = ended.clone();
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                while matches!(stream.read(&mut chunk).await, Ok(1..)) {
                    let _ = stream.write_all(says).await;
                }
                let _ = ended.send(());
            });
        }
    });
    (at, ends)
}

#[tokio::test]
async fn requests_go_side_by_side_over_one_connection() {
    let (gate, _app) = gateway().await;
    let cookie = cookie(&gate).await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("GET", "/who").header("cookie", &cookie).body(()).unwrap();
    let who = client.ask(request).await;
    assert_eq!((who.status, who.text().as_str()), (200, ANN));
    assert!(who.headers.contains_key("date") && who.headers["content-length"] == ANN.len().to_string(), "{:?}", who.headers);
    // A cookie may come in crumbs.
    let mut crumbs = client.request("GET", "/who");
    for crumb in cookie.split("; ").chain(["a=1", "b=2"]) {
        crumbs = crumbs.header("cookie", crumb);
    }
    assert_eq!(client.ask(crumbs.body(()).unwrap()).await.text(), ANN);
    let waiting = client.request("GET", "/never").body(()).unwrap();
    let (_never, _) = client.send(waiting, true).await;
    let big = client.request("GET", "/big/3000000").body(()).unwrap();
    let big = client.ask(big).await;
    assert_eq!((big.status, big.body.len()), (200, 3_000_000));
    let echo = client.request("POST", "/echo").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(client.post(echo, b"hello").await.text(), "hello");
    let head = client.request("HEAD", "/open/x").body(()).unwrap();
    let head = client.ask(head).await;
    assert_eq!((head.status, head.body.len(), head.headers["content-length"].to_str().unwrap()), (200, 0, "9"));
    let stranger = client.request("GET", "/who").body(()).unwrap();
    assert_eq!(client.ask(stranger).await.status, 401);
}

#[tokio::test]
async fn another_host_is_misdirected_and_the_connection_goes_on() {
    let (gate, _app) = gateway().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let other = http::Request::get("https://access.example.test/").body(()).unwrap();
    assert_eq!(client.ask(other).await.status, 421);
    let two = client.request("GET", "/open/x").header("host", "access.example.test").body(()).unwrap();
    assert_eq!(client.ask(two).await.status, 400);
    let again = client.request("GET", "/open/x").body(()).unwrap();
    assert_eq!(client.ask(again).await.status, 200);
}

#[tokio::test]
async fn a_guest_who_resets_a_request_frees_the_application() {
    let (at, mut ends) = scripted(b"").await;
    let gate = Plan::default().app("charts", at, "public: [/**]").start().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("GET", "/never").body(()).unwrap();
    let (answer, mut stream) = client.send(request, true).await;
    // It has arrived: only then is there something to cancel.
    let ping = client.request("GET", "/.guestgate/jwks.json").body(()).unwrap();
    client.ask(ping).await;
    stream.send_reset(h2::Reason::CANCEL);
    drop(answer);
    ends.recv().await.unwrap();
    let next = client.request("GET", "/.guestgate/jwks.json").body(()).unwrap();
    assert_ne!(client.ask(next).await.status, 0);
}

#[tokio::test]
async fn access_that_ends_resets_the_stream_and_leaves_the_connection() {
    let (gate, _app) = gateway().await;
    let cookie = cookie(&gate).await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("GET", "/ticks").header("cookie", &cookie).body(()).unwrap();
    let (answer, _) = client.send(request, true).await;
    let answer = answer.await.unwrap();
    let (_, mut stream) = answer.into_parts();
    assert_eq!(stream.data().await.unwrap().unwrap(), "data: first\n\n");
    gate.json(&["guests", "suspend", ANN]);
    let error = stream.data().await.unwrap().unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::CANCEL));
    let next = client.request("GET", "/ticks").header("cookie", &cookie).body(()).unwrap();
    assert_eq!(client.ask(next).await.status, 403);
}

#[tokio::test]
async fn a_body_that_is_waited_for_is_asked_for() {
    let (gate, _app) = gateway().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("POST", "/echo").header("expect", "100-continue").header("content-length", "5").body(()).unwrap();
    let (mut answer, mut stream) = client.send(request, false).await;
    let go_on = std::future::poll_fn(|cx| answer.poll_informational(cx)).await.unwrap().unwrap();
    assert_eq!(go_on.status(), 100);
    stream.send_data(Bytes::from_static(b"hello"), true).unwrap();
    assert_eq!(whole(answer).await.text(), "hello");
}

#[tokio::test]
async fn the_end_of_the_process_is_announced_and_requests_finish() {
    let (gate, _app) = gateway().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("POST", "/echo").body(()).unwrap();
    let (answer, mut stream) = client.send(request, false).await;
    stream.send_data(Bytes::from_static(b"hel"), false).unwrap();
    let answer = answer.await.unwrap();
    gate.signal("TERM");
    eventually("the end of listening", || async { tokio::net::TcpStream::connect(gate.https).await.is_err().then_some(()) }).await;
    stream.send_data(Bytes::from_static(b"lo"), true).unwrap();
    let mut body = answer.into_body();
    let mut read = Vec::new();
    while let Some(data) = body.data().await {
        read.extend_from_slice(&data.unwrap());
    }
    assert_eq!(read, b"hello");
    drop(body);
    drop(stream);
    client.ended().await.unwrap();
}

fn get(more: &[(&str, &str)]) -> Vec<u8> {
    let head = [(":method", "GET"), (":scheme", "https"), (":path", "/open/x"), (":authority", CHARTS)];
    hpack(&[&head[..], more].concat())
}

#[tokio::test]
async fn floods_end_the_connection_and_are_counted_by_kind() {
    let (gate, _app) = gateway().await;
    let open =
        frame(HEADERS, END_HEADERS, 1, &hpack(&[(":method", "POST"), (":scheme", "https"), (":path", "/never"), (":authority", CHARTS)]));
    let rapid: Vec<u8> = (0..200)
        .flat_map(|n| {
            [frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, &get(&[])), frame(RST_STREAM, 0, 2 * n + 1, &[0, 0, 0, 8])].concat()
        })
        .collect();
    let continued = [frame(HEADERS, 0, 1, &get(&[])), frame(CONTINUATION, 0, 1, b"").repeat(30)].concat();
    for (reason, flood) in [
        ("h2_ping", frame(PING, 0, 0, &[0; 8]).repeat(5_000)),
        ("h2_settings", frame(SETTINGS, 0, 0, &[]).repeat(100)),
        ("h2_empty_data", [open.clone(), frame(DATA, 0, 1, b"").repeat(200)].concat()),
        ("h2_empty_data", [open.clone(), frame(DATA, 8, 1, &[3, 0, 0, 0]).repeat(200)].concat()),
        ("h2_priority", frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 1]).repeat(200)),
        ("h2_window_update", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]).repeat(5_000)),
        ("h2_unknown", frame(0xfa, 0, 0, b"grease").repeat(200)),
        ("h2_reset", rapid),
        ("h2_continuation", continued),
    ] {
        // Either we or the library under us is the first to have had enough.
        let so_far = async || counted(&gate, reason).await + counted(&gate, "h2_abuse").await;
        let before = so_far().await;
        let mut attacker = Frames::connect(&gate, CHARTS).await;
        attacker.send(&flood).await;
        assert_eq!(attacker.goaway().await, Some(ENHANCE_YOUR_CALM), "{reason}");
        eventually(reason, || async { (so_far().await > before).then_some(()) }).await;
    }
    let mut client = Client::connect(&gate, CHARTS).await;
    let honest = client.request("GET", "/open/x").body(()).unwrap();
    assert_eq!(client.ask(honest).await.status, 200);
}

/// What the metric says of a reason.
async fn counted(gate: &Gateway, reason: &str) -> u64 {
    let (_, page) = gate.admin_get("/metrics").await;
    let line = format!("guestgate_refused_total{{reason=\"{reason}\"}} ");
    page.lines().find_map(|l| l.strip_prefix(&line)).unwrap_or_else(|| panic!("no series for {reason}")).parse().unwrap()
}

#[tokio::test]
async fn a_request_that_no_client_may_send_resets_its_stream_or_is_a_400() {
    let (gate, _app) = gateway().await;
    let base = [(":method", "GET"), (":scheme", "https"), (":path", "/open/x"), (":authority", CHARTS)];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let without = |name: &str| base.iter().filter(|(n, _)| *n != name).copied().collect::<Vec<_>>();
    for fields in [
        with(&[("connection", "close")]),
        with(&[("transfer-encoding", "chunked")]),
        with(&[("upgrade", "websocket")]),
        with(&[("keep-alive", "1")]),
        with(&[("proxy-connection", "close")]),
        with(&[("te", "gzip")]),
        with(&[("X-Upper", "1")]),
        with(&[("x", "a\r\nb: c")]),
        with(&[("x", " a")]),
        with(&[("x", "a ")]),
        with(&[("x y", "a")]),
        with(&[("x", "1"), (":path", "/again")]),
        with(&[(":path", "/again")]),
        with(&[(":status", "200")]),
        with(&[(":odd", "1")]),
        with(&[("content-length", "1"), ("content-length", "1")]),
        with(&[("content-length", "+1")]),
        with(&[("host", "access.example.test")]),
        without(":path"),
        without(":method"),
        without(":scheme"),
        [&without(":scheme")[..], &[(":scheme", "ftp")]].concat(),
        [&without(":path")[..], &[(":path", "*")]].concat(),
        [&without(":path")[..], &[(":path", "/a b")]].concat(),
        [&without(":path")[..], &[(":path", "open/x")]].concat(),
        [&without(":method")[..], &[(":method", "CONNECT")]].concat(),
        [&without(":method")[..], &[(":method", "TRACE")]].concat(),
        [&without(":method")[..], &[(":method", "get")]].concat(),
        [&without(":authority")[..], &[(":authority", "a@charts.example.test")]].concat(),
    ] {
        let mut attacker = Frames::connect(&gate, CHARTS).await;
        attacker.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &hpack(&fields))).await;
        let refused = loop {
            let Some(next) = attacker.next().await else { break true };
            match next.kind {
                RST_STREAM => break true,
                // 4xx, literal or by the index of 400; 200 has the index 8.
                HEADERS => break next.payload.first() != Some(&0x88),
                _ => {}
            }
        };
        assert!(refused, "{fields:?}");
    }
}

#[tokio::test]
async fn a_head_has_its_bounds() {
    let (gate, _app) = gateway().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let mut many = client.request("GET", "/open/x");
    for n in 0..129 {
        many = many.header("cookie", format!("c{n}=1"));
    }
    assert_eq!(client.ask(many.body(()).unwrap()).await.status, 431);
    assert_eq!(counted(&gate, "too_many_fields").await, 1);
    let mut large = client.request("GET", "/open/x");
    for n in 0..10 {
        large = large.header(format!("x-{n}"), "v".repeat(7_000));
    }
    assert_eq!(client.ask(large.body(()).unwrap()).await.status, 431);
    assert_eq!(counted(&gate, "head_too_large").await, 1);
    let honest = client.request("GET", "/open/x").body(()).unwrap();
    assert_eq!(client.ask(honest).await.status, 200);
}

#[tokio::test]
async fn a_guest_who_never_reads_holds_no_more_than_a_window() {
    let (gate, _app) = gateway().await;
    let mut attacker = Frames::connect(&gate, CHARTS).await;
    // No window for any stream: answers wait where they are.
    attacker.send(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])).await;
    let big = [(":method", "GET"), (":scheme", "https"), (":path", "/big/100000000"), (":authority", CHARTS)];
    let before = resident(&gate);
    for n in 0..100 {
        attacker.send(&frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, &hpack(&big))).await;
    }
    // In whatever order they come.
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < 100 {
        let next = attacker.next().await.expect("closed before every answer began");
        if next.kind == HEADERS {
            answered.insert(next.stream);
        }
    }
    let grown = resident(&gate).saturating_sub(before);
    assert!(grown < 64 * 1024, "grown by {grown} KiB");
}

/// Resident memory of the gateway in KiB.
fn resident(gate: &Gateway) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gate.pid())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn informational_answers_come_before_the_answer_over_both_protocols_and_not_to_the_oldest() {
    let says = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nSet-Cookie: __Host-guestgate=x\r\nConnection: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let (at, _ends) = scripted(says).await;
    let gate = Plan::default().app("charts", at, "public: [/**]").start().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let request = client.request("GET", "/").body(()).unwrap();
    let (mut answer, _) = client.send(request, true).await;
    let hints = std::future::poll_fn(|cx| answer.poll_informational(cx)).await.unwrap().unwrap();
    assert_eq!((hints.status().as_u16(), hints.headers()["link"].to_str().unwrap()), (103, "</a.css>; rel=preload"));
    assert_eq!(hints.headers().len(), 1, "{:?}", hints.headers());
    assert_eq!(whole(answer).await.text(), "hi");
    let ask = async |version: &str| {
        let request = format!("GET / HTTP/{version}\r\nHost: {CHARTS}\r\nConnection: close\r\n\r\n");
        crate::kit::browser::raw_exchange(&gate.browser(), CHARTS, request.as_bytes()).await
    };
    let one = ask("1.1").await;
    assert!(one.starts_with("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"), "{one}");
    assert!(ask("1.0").await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn a_refused_call_is_understood_by_its_client() {
    let (gate, _app) = gateway().await;
    let mut client = Client::connect(&gate, CHARTS).await;
    let call = client.request("POST", "/charts.Api/Read").header("content-type", "application/grpc+proto").header("te", "trailers");
    let refused = client.post(call.body(()).unwrap(), b"\0\0\0\0\0").await;
    assert_eq!((refused.status, refused.headers["grpc-status"].to_str().unwrap(), refused.body.len()), (401, "16", 0));
    assert!(refused.headers.contains_key("www-authenticate"), "{:?}", refused.headers);
    let browser = client.request("POST", "/charts.Api/Read").header("content-type", "application/grpc-web").body(()).unwrap();
    assert!(!client.post(browser, b"\0\0\0\0\0").await.headers.contains_key("grpc-status"));
}
