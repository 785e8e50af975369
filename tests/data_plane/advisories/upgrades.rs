//! Upgrades that are none: no tunnel opens but for a WebSocket that an application has really opened.

use super::{Scene, codes};

const SOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                      Origin: https://HOST\r\nCookie: COOKIE\r\n";
/// Behind an upgrade that fails: a request that has to be judged, not tunnelled.
const BEHIND: &str = "GET /admin HTTP/1.1\r\nHost: internal\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn h2c_and_other_upgrades_are_not_passed_on() {
    let scene = Scene::set("websocket: true").await;
    for fields in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "Connection: HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nUpgrade: h2c\r\n",
        "Connection: Upgrade\r\nUpgrade: h2\r\n",
        "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n",
        "Connection: Upgrade\r\nUpgrade: connect-udp\r\n",
        "Connection: Upgrade\r\nUpgrade: websocketx\r\n",
        "Connection: Upgrade\r\nUpgrade: \"websocket\"\r\n",
        "Connection: close, upgrade\r\nUpgrade: h2c\r\n",
        "Upgrade: h2c\r\n",
        "UPGRADE: h2c\r\nHTTP2_Settings: AAMAAABk\r\nConnection: upgrade\r\n",
    ] {
        let answer = scene.say(&format!("GET /open/a HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n{BEHIND}")).await;
        assert!(!answer.contains(" 101 "), "{fields}: {answer}");
        let seen = scene.tape.text().to_ascii_lowercase();
        assert!(!seen.contains("h2c") && !seen.contains("http2") && !seen.contains("upgrade: "), "{fields}: {seen}");
        assert!(!seen.contains("internal"), "{fields}: {seen}");
    }
}

#[tokio::test]
async fn upgrade_smuggling_behind_an_application_that_does_not_switch_is_judged_like_any_request() {
    let scene = Scene::set("websocket: true").await;
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ] {
        scene.tape.clear();
        scene.tape.answer(answer);
        let got = scene.say(&format!("GET /ws HTTP/1.1\r\nHost: HOST\r\n{SOCKET}\r\n{BEHIND}")).await;
        assert!(!got.contains(" 101 "), "{answer}: {got}");
        assert!(!scene.tape.text().contains("internal"), "{answer}: {}", scene.tape.text());
        assert!(!scene.tape.text().contains("/admin"), "{answer}: {}", scene.tape.text());
    }
}

#[tokio::test]
async fn upgrade_smuggling_by_odd_handshakes_opens_nothing() {
    let scene = Scene::set("websocket: true").await;
    let opened = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                  Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    scene.tape.answer(opened);
    for (name, line, fields) in [
        ("POST", "POST /ws HTTP/1.1", SOCKET.to_owned()),
        ("HEAD", "HEAD /ws HTTP/1.1", SOCKET.to_owned()),
        ("a body", "GET /ws HTTP/1.1", format!("{SOCKET}Content-Length: 5\r\n")),
        ("chunks", "GET /ws HTTP/1.1", format!("{SOCKET}Transfer-Encoding: chunked\r\n")),
        ("no session", "GET /ws HTTP/1.1", SOCKET.replace("COOKIE", "a=b")),
        ("another origin", "GET /ws HTTP/1.1", SOCKET.replace("https://HOST", "https://evil.example")),
        ("a sibling", "GET /ws HTTP/1.1", SOCKET.replace("https://HOST", "https://labs.example.test")),
        ("the host as a prefix", "GET /ws HTTP/1.1", SOCKET.replace("https://HOST", "https://HOST.evil.example")),
        ("the host without TLS", "GET /ws HTTP/1.1", SOCKET.replace("https://HOST", "http://HOST")),
        ("no origin", "GET /ws HTTP/1.1", SOCKET.replace("Origin: https://HOST\r\n", "")),
        ("a null origin", "GET /ws HTTP/1.1", SOCKET.replace("https://HOST", "null")),
        ("two origins", "GET /ws HTTP/1.1", format!("{SOCKET}Origin: https://evil.example\r\n")),
        ("no key", "GET /ws HTTP/1.1", SOCKET.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "")),
        ("two keys", "GET /ws HTTP/1.1", format!("{SOCKET}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")),
        ("HTTP/1.0", "GET /ws HTTP/1.0", SOCKET.to_owned()),
    ] {
        let got = scene.say(&format!("{line}\r\nHost: HOST\r\n{fields}\r\n{BEHIND}")).await;
        assert!(!got.contains(" 101 "), "{name}: {got}");
        assert!(!scene.tape.text().contains("internal"), "{name}: {}", scene.tape.text());
        assert!(codes(&got).len() <= 2, "{name}: {got}");
    }
}

#[tokio::test]
async fn upgrades_to_an_application_that_takes_none_are_refused() {
    let scene = Scene::set("").await;
    let got = scene.say(&format!("GET /ws HTTP/1.1\r\nHost: HOST\r\n{SOCKET}\r\n{BEHIND}")).await;
    assert_eq!(codes(&got).first(), Some(&"403"), "{got}");
    assert_eq!(scene.tape.text(), "");
}
