//! HTTP/2 frame by frame: downgrades that smuggle, and floods.

use super::{SOON, Scene};
use crate::{
    full,
    wire::frames::{
        self, Answered, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE, field,
        frame,
    },
};

/// How many frames a flood has.
fn many() -> usize {
    if full() { 1_000_000 } else { 20_000 }
}

#[tokio::test]
async fn request_smuggling_by_downgrade_reaches_nobody() {
    let scene = Scene::set("").await;
    let host = scene.host();
    let usual = |path: &str| frames::block("POST", &host, path, &[]);
    let with = |name: &str, value: &str| [usual("/open/a"), field(name.as_bytes(), value.as_bytes())].concat();
    let pseudo = |all: &[(&str, &str)]| all.iter().flat_map(|(n, v)| field(n.as_bytes(), v.as_bytes())).collect::<Vec<u8>>();
    let smuggled = "\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: x";
    for (name, block) in [
        ("a line end in a value", with("x-a", &format!("b{smuggled}"))),
        ("a line feed in a value", with("x-a", "b\nx-b: c")),
        ("a carriage return in a value", with("x-a", "b\rx-b: c")),
        ("a null in a value", with("x-a", "b\0c")),
        ("a line end in a name", with(&format!("x-a: b{smuggled}"), "c")),
        ("a colon in a name", with("x-a:x-b", "c")),
        ("a space in a name", with("x a", "b")),
        ("an upper-case name", with("X-A", "b")),
        ("an empty name", with("", "b")),
        ("a coding", with("transfer-encoding", "chunked")),
        ("a coding in upper case", with("Transfer-Encoding", "chunked")),
        ("a connection", with("connection", "keep-alive")),
        ("a keep-alive", with("keep-alive", "1")),
        ("a proxy connection", with("proxy-connection", "close")),
        ("an upgrade", with("upgrade", "websocket")),
        ("te that is not trailers", with("te", "gzip")),
        ("two lengths", [with("content-length", "5"), field(b"content-length", b"6")].concat()),
        ("a signed length", with("content-length", "+5")),
        ("a length that is none", with("content-length", "5, 5")),
        ("another host", with("host", "evil.example")),
        ("two hosts", [with("host", &host), field(b"host", b"evil.example")].concat()),
        ("a line end in the path", usual(&format!("/open/a{smuggled}"))),
        ("a space in the path", usual("/open/a HTTP/1.1\r\nx: y")),
        ("a null in the path", usual("/open/a\0")),
        ("no path", usual("")),
        ("a path that is none", usual("open/a")),
        ("an asterisk", usual("*")),
        ("an absolute path", usual("https://evil.example/open/a")),
        ("a line end in the method", frames::block(&format!("GET /open/smuggled HTTP/1.1{smuggled}"), &host, "/open/a", &[])),
        ("a space in the method", frames::block("GET /x", &host, "/open/a", &[])),
        ("a lower-case method", frames::block("get", &host, "/open/a", &[])),
        ("CONNECT", frames::block("CONNECT", &host, "/open/a", &[])),
        ("TRACE", frames::block("TRACE", &host, "/open/a", &[])),
        ("a line end in the authority", frames::block("POST", &format!("{host}{smuggled}"), "/open/a", &[])),
        ("two paths", [usual("/open/a"), field(b":path", b"/open/b")].concat()),
        ("two methods", [field(b":method", b"GET"), usual("/open/a")].concat()),
        ("an unknown pseudo field", with(":evil", "x")),
        ("a status", with(":status", "200")),
        (
            "a pseudo field behind",
            pseudo(&[(":method", "POST"), (":scheme", "https"), ("x-a", "b"), (":authority", &host), (":path", "/open/a")]),
        ),
        ("no method", pseudo(&[(":scheme", "https"), (":authority", &host), (":path", "/open/a")])),
        ("no scheme", pseudo(&[(":method", "POST"), (":authority", &host), (":path", "/open/a")])),
        ("no path at all", pseudo(&[(":method", "POST"), (":scheme", "https"), (":authority", &host)])),
        ("an answer", pseudo(&[(":status", "200")])),
    ] {
        let mut raw = scene.frames().await;
        raw.send(&frame(HEADERS, END_HEADERS, 1, &block)).await;
        raw.send(&frame(DATA, END_STREAM, 1, b"hello")).await;
        let answered = raw.answer(1).await;
        assert!(!matches!(answered, Answered::Status(200..400)), "{name}: {answered:?}");
        assert_eq!(scene.tape.text(), "", "{name}: nothing of it reaches the application");
    }
}

#[tokio::test]
async fn a_fragment_over_http_2_reaches_nobody() {
    let scene = Scene::set("").await;
    let mut raw = scene.frames().await;
    let block = frames::block("GET", &scene.host(), "/open/a#/../b", &[]);
    raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block)).await;
    raw.answer(1).await;
    let seen = scene.tape.text();
    assert!(seen.is_empty() || seen.starts_with("GET /open/a HTTP/1.1\r\n"), "{seen}");
}

#[tokio::test]
async fn request_smuggling_by_a_length_that_lies_does_not_work() {
    let scene = Scene::set("").await;
    let behind = b"0\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for length in ["0", "1", "5", "44", "1000"] {
        let mut raw = scene.frames().await;
        let block = frames::block("POST", &scene.host(), "/open/a", &[("content-length", length)]);
        raw.send(&frame(HEADERS, END_HEADERS, 1, &block)).await;
        raw.send(&frame(DATA, END_STREAM, 1, behind)).await;
        raw.answer(1).await;
        scene.still_serves().await;
        // Whatever of the body was passed on, the connection that carries it carries nothing else.
        for connection in scene.tape.all().iter().filter(|c| c.contains("POST /open/a")) {
            assert_eq!(connection.matches(" HTTP/1.1\r\nHost: charts").count(), 1, "{length}: {connection}");
            let body = connection.split_once("\r\n\r\n").unwrap().1;
            let said: usize = length.parse().unwrap();
            assert!(body.len() <= said || !body.contains("smuggled"), "{length}: {connection}");
        }
        scene.tape.clear();
    }
}

/// Sends a flood in pieces, and says whether the gateway ended the connection before all was sent, or at its end.
async fn flood(scene: &Scene, first: &[u8], piece: impl Fn(usize) -> Vec<u8>) -> bool {
    let mut raw = scene.frames().await;
    raw.send(first).await;
    let send = async {
        let n = many();
        let mut ix = 0;
        while ix < n {
            let batch: Vec<u8> = (ix..(ix + 100).min(n)).flat_map(&piece).collect();
            if !raw.send(&batch).await {
                return true;
            }
            ix += 100;
        }
        // What was written may have been refused on the way.
        let asked = frames::block("GET", &scene.host(), "/open/last", &[]);
        raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 0x7fff_fff1, &asked)).await;
        !matches!(raw.answer(0x7fff_fff1).await, Answered::Status(_))
    };
    tokio::time::timeout(3 * SOON, send).await.expect("the flood is neither taken nor refused")
}

async fn bounded(scene: &Scene, before: u64, name: &str) {
    let grown = scene.memory().saturating_sub(before);
    assert!(grown < 16 * 1024, "{name}: {grown} KiB more than before");
    scene.still_serves().await;
}

#[tokio::test]
async fn rapid_reset_ends_the_connection_before_the_application_drowns() {
    let scene = Scene::set("").await;
    let before = scene.memory();
    let block = frames::block("GET", &scene.host(), "/open/reset", &[]);
    let ended = flood(&scene, b"", |ix| {
        let stream = u32::try_from(2 * ix + 1).unwrap();
        [frame(HEADERS, END_HEADERS | END_STREAM, stream, &block), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    })
    .await;
    assert!(ended, "nobody has to bear that");
    let reached = scene.tape.requests();
    assert!(reached <= 400, "{reached} of {} requests reached the application", many());
    bounded(&scene, before, "rapid reset").await;
}

#[tokio::test]
async fn resets_that_a_guest_provokes_end_the_connection() {
    let scene = Scene::set("").await;
    let before = scene.memory();
    let block = frames::block("POST", &scene.host(), "/open/reset", &[]);
    // A window that grows by nothing is an error of the stream, which the gateway has to reset.
    let ended = flood(&scene, b"", |ix| {
        let stream = u32::try_from(2 * ix + 1).unwrap();
        [frame(HEADERS, END_HEADERS, stream, &block), frame(WINDOW_UPDATE, 0, stream, &[0, 0, 0, 0])].concat()
    })
    .await;
    assert!(ended, "nobody has to bear that");
    let reached = scene.tape.requests();
    assert!(reached <= 400, "{reached} of {} requests reached the application", many());
    bounded(&scene, before, "made resets").await;
}

#[tokio::test]
async fn a_continuation_flood_ends_the_connection() {
    let scene = Scene::set("").await;
    let before = scene.memory();
    let block = frames::block("GET", &scene.host(), "/open/a", &[]);
    for (name, piece) in [("fields", [field(b"x-a", &[b'b'; 1000]), field(b"x-c", b"d")].concat()), ("nothing", Vec::new())] {
        let ended = flood(&scene, &frame(HEADERS, END_STREAM, 1, &block), |_| frame(CONTINUATION, 0, 1, &piece)).await;
        assert!(ended, "{name}");
        bounded(&scene, before, name).await;
    }
    assert!(!scene.tape.text().contains("/open/a"));
}

#[tokio::test]
async fn an_hpack_bomb_costs_nothing() {
    let scene = Scene::set("").await;
    let before = scene.memory();
    // One long field goes into the table, and is then named by its index in one byte each.
    let long = vec![b'x'; 3_000];
    let mut entry = vec![0x40];
    entry.extend(&field(b"x-bomb", &long)[1..]);
    let block = [frames::block("GET", &scene.host(), "/open/bomb", &[]), entry, vec![0xbe; 12_000]].concat();
    for ix in 0..if full() { 200 } else { 20 } {
        let mut raw = scene.frames().await;
        raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block)).await;
        let answered = raw.answer(1).await;
        assert!(!matches!(answered, Answered::Status(200)), "{ix}: {answered:?}");
    }
    // Many crumbs of cookies are many fields.
    let mut raw = scene.frames().await;
    let crumbs: Vec<u8> = (0..1000).flat_map(|_| field(b"cookie", b"a=b")).collect();
    raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &[frames::block("GET", &scene.host(), "/open/a", &[]), crumbs].concat())).await;
    let answered = raw.answer(1).await;
    assert!(!matches!(answered, Answered::Status(200)), "{answered:?}");
    assert_eq!(scene.tape.text(), "");
    bounded(&scene, before, "bombs").await;
}

#[tokio::test]
async fn floods_of_empty_frames_are_bounded_in_memory() {
    let scene = Scene::set("").await;
    let before = scene.memory();
    let open = frame(HEADERS, END_HEADERS, 1, &frames::block("POST", &scene.host(), "/open/a", &[]));
    for (name, first, piece) in [
        ("PING", &b""[..], frame(PING, 0, 0, &[0; 8])),
        ("SETTINGS", b"", frame(SETTINGS, 0, 0, &[])),
        ("SETTINGS that change", b"", frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0])),
        ("PRIORITY", b"", frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1])),
        ("WINDOW_UPDATE", &open, frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])),
        ("empty DATA", &open, frame(DATA, 0, 1, b"")),
        ("padded DATA", &open, frame(DATA, 8, 1, &[100, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("unknown frames", b"", frame(0xfa, 0, 0, &[0; 100])),
    ] {
        flood(&scene, first, |_| piece.clone()).await;
        bounded(&scene, before, name).await;
    }
}

#[tokio::test]
async fn a_stalled_window_holds_no_more_than_its_share() {
    let scene = Scene::set("").await;
    scene.tape.answer(format!("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000)));
    let before = scene.memory();
    let mut stalled = Vec::new();
    for _ in 0..if full() { 20 } else { 4 } {
        let mut raw = scene.frames().await;
        // A window of nothing for every stream.
        raw.send(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])).await;
        let block = frames::block("GET", &scene.host(), "/open/large", &[]);
        for ix in 0..100 {
            raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 2 * ix + 1, &block)).await;
        }
        assert_eq!(raw.answer(1).await, Answered::Status(200));
        stalled.push(raw);
    }
    let streams = 100 * stalled.len() as u64;
    let each = scene.memory().saturating_sub(before) / streams;
    println!("a stalled stream of HTTP/2 holds {each} KiB");
    assert!(each < 300, "{each} KiB for each of {streams} streams");
    scene.tape.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaped");
    scene.still_serves().await;
}
