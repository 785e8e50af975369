//! Those who take their time, and those who bring too much.

use std::time::Instant;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConnection, HandshakeKind, pki_types::ServerName},
};

use super::{SOON, Scene, codes};
use crate::{
    full,
    kit::gateway::CHARTS,
    wire::frames::{self, Answered, END_HEADERS},
};

#[tokio::test]
async fn oversized_requests_are_refused_by_their_size() {
    let scene = Scene::set("limits: { body: 1KiB }").await;
    let many = |n: usize| (0..n).map(|ix| format!("X-{ix}: y\r\n")).collect::<String>();
    for (name, request, code) in [
        ("a long target", format!("GET /open/{} HTTP/1.1\r\nHost: HOST\r\n\r\n", "x".repeat(20_000)), "414"),
        ("an endless target", format!("GET /open/{}", "x".repeat(100_000)), "414"),
        ("a long field", format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\nX-A: {}\r\n\r\n", "x".repeat(40_000)), "431"),
        ("an endless field", format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\nX-A: {}", "x".repeat(100_000)), "431"),
        ("many fields", format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\n{}\r\n", many(200)), "431"),
        ("endless fields", format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\n{}", many(20_000)), "431"),
        ("a long cookie", format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\nCookie: {}\r\n\r\n", "a=b; ".repeat(8_000)), "431"),
        ("a long method", format!("{} /open/a HTTP/1.1\r\nHost: HOST\r\n\r\n", "X".repeat(100)), "400"),
        (
            "a large body",
            format!("POST /open/a HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1025\r\nConnection: close\r\n\r\n{}", "x".repeat(1025)),
            "413",
        ),
        (
            "a body that is said to be huge",
            "POST /open/a HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9000000000000000000\r\n\r\n".to_owned(),
            "413",
        ),
    ] {
        let answer = scene.say(&request).await;
        assert_eq!(codes(&answer), [code], "{name}: {answer}");
        assert_eq!(scene.tape.text(), "", "{name}");
    }
    // One that grows beyond while it comes: what was sent on does not look whole.
    let chunks = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600)).repeat(3);
    let head = "POST /open/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    let answer = scene.say(&format!("{head}{chunks}0\r\n\r\n")).await;
    assert!(codes(&answer).len() <= 1, "{answer}");
    assert!(!scene.tape.text().contains("0\r\n\r\n") || scene.tape.text().is_empty(), "{}", scene.tape.text());
    scene.still_serves().await;
}

#[tokio::test]
async fn oversized_bodies_over_http_2_are_refused() {
    let scene = Scene::set("limits: { body: 1KiB }").await;
    let mut raw = scene.frames().await;
    let said = frames::block("POST", &scene.host(), "/open/a", &[("content-length", "1025")]);
    raw.send(&frames::frame(frames::HEADERS, END_HEADERS, 1, &said)).await;
    assert!(matches!(raw.answer(1).await, Answered::Status(413) | Answered::Reset(_)));
    assert_eq!(scene.tape.text(), "");
    let unsaid = frames::block("POST", &scene.host(), "/open/a", &[]);
    raw.send(&frames::frame(frames::HEADERS, END_HEADERS, 3, &unsaid)).await;
    raw.send(&frames::frame(frames::DATA, 0, 3, &[b'x'; 2000])).await;
    // The tape answers each head at once; whatever the guest is told, the application never takes the body for whole.
    raw.answer(3).await;
    assert!(!scene.tape.text().contains("0\r\n\r\n"), "{}", scene.tape.text());
}

#[tokio::test]
async fn slowloris_with_bodies_is_ended_by_the_limit_of_the_application() {
    let scene = Scene::set("limits: { timeout: 1s }").await;
    for start in ["Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"] {
        scene.tape.answer("");
        let answer = scene.say(&format!("POST /open/a HTTP/1.1\r\nHost: HOST\r\n{start}")).await;
        assert_eq!(codes(&answer), ["408"], "{answer}");
    }
    // An application that never answers, or stops in the middle.
    let answer = scene.say("GET /open/a HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").await;
    assert_eq!(codes(&answer), ["504"], "{answer}");
    scene.tape.answer("HTTP/1.1 200 OK\r\nContent-Len");
    let answer = scene.say("GET /open/a HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").await;
    assert_eq!(codes(&answer), ["504"], "{answer}");
    scene.tape.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    let answer = scene.say("GET /open/a HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").await;
    assert!(answer.ends_with("\r\n\r\nhalf"), "{answer}");
}

#[tokio::test]
async fn slowloris_by_handshakes_that_do_not_come_is_ended() {
    let scene = Scene::set("").await;
    let mut silent = TcpStream::connect(scene.gate.https).await.unwrap();
    let mut halting = TcpStream::connect(scene.gate.https).await.unwrap();
    halting.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    let began = Instant::now();
    let mut rest = Vec::new();
    let ends = async {
        let _ = silent.read_to_end(&mut rest).await;
        let _ = halting.read_to_end(&mut rest).await;
    };
    tokio::time::timeout(SOON, ends).await.unwrap_or_else(|_| panic!("still open after {:?}", began.elapsed()));
    scene.still_serves().await;
}

#[tokio::test]
async fn slowloris_with_heads_keeps_nobody_else_waiting_and_is_ended() {
    let scene = Scene::set("").await;
    let mut slow = Vec::new();
    for _ in 0..if full() { 2_000 } else { 200 } {
        let mut stream = scene.ann.raw(CHARTS).await;
        stream.write_all(b"GET /open/a HTTP/1.1\r\nHost: charts").await.unwrap();
        slow.push(stream);
    }
    for stream in &mut slow {
        stream.write_all(b".").await.unwrap();
    }
    scene.still_serves().await;
    assert!(!scene.tape.text().contains("/open/a "), "nothing of a half head reaches the application");
    if full() {
        // The time for a head is one for all of it, however its bytes come.
        let mut answer = String::new();
        let read = slow[0].read_to_string(&mut answer);
        let _ = tokio::time::timeout(2 * SOON, read).await.expect("still open");
        assert_eq!(codes(&answer), ["408"], "{answer}");
    }
}

#[tokio::test]
async fn early_data_of_tls_is_never_offered() {
    let scene = Scene::set("").await;
    let mut config = (*scene.gate.tls_with(&[b"http/1.1"])).clone();
    config.enable_early_data = true;
    let config = std::sync::Arc::new(config);
    let name = ServerName::try_from(CHARTS).unwrap();
    let mut kinds = Vec::new();
    for round in 0..2 {
        let tcp = TcpStream::connect(scene.gate.https).await.unwrap();
        let mut stream = TlsConnector::from(config.clone()).connect(name.clone(), tcp).await.unwrap();
        let request = format!("GET /open/{round} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", scene.host());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        kinds.push(stream.get_ref().1.handshake_kind());
    }
    assert_eq!(kinds[1], Some(HandshakeKind::Resumed), "sessions are resumed");
    let mut next = ClientConnection::new(config, name).unwrap();
    assert!(next.early_data().is_none(), "the ticket allows no early data");
}
