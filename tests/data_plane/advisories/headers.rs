//! Header injection, forged identity, and what `Connection` may not take away.

use super::{ANN, Scene, codes};
use crate::{
    kit::apps::{field, fields},
    wire::frames::{self, Answered, END_HEADERS, END_STREAM},
};

/// Names by which an application is told who somebody is, where from, or what was really asked for.
const FORGED: [&str; 20] = [
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Forwarded-Uri",
    "Forwarded",
    "X-Real-IP",
    "X-Guestgate-Assertion",
    "X-Guestgate-User",
    "X-Remote-User",
    "X-Remote-Groups",
    "X-Original-URL",
    "X-Rewrite-URL",
];

/// Spellings that some server takes for the same name.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()];
    for with in ["_", ".", "~", "+", "'", "|", "!"] {
        all.push(name.replace('-', with));
        all.push(name.to_ascii_lowercase().replacen('-', with, 1));
    }
    all
}

async fn with_identity() -> Scene {
    Scene::set("identity: { headers: { user: X-Remote-User, groups: X-Remote-Groups } }").await
}

#[tokio::test]
async fn forged_identity_never_arrives_in_any_spelling_over_http_1() {
    let scene = with_identity().await;
    for path in ["/closed", "/open/x"] {
        for name in FORGED {
            scene.tape.clear();
            let forged: String = spellings(name).iter().map(|n| format!("{n}: mallory\r\n")).collect();
            let answer =
                scene.say(&format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\n{forged}Connection: close\r\n\r\n")).await;
            assert_eq!(codes(&answer), ["200"], "{name}: {answer}");
            let head = scene.tape.text();
            assert!(!head.contains("mallory"), "{name} on {path}: {head}");
            assert_eq!(field(&head, "x-forwarded-user").as_deref(), (path == "/closed").then_some(ANN), "{head}");
        }
    }
}

#[tokio::test]
async fn forged_identity_never_arrives_in_any_spelling_over_http_2() {
    let scene = with_identity().await;
    let mut raw = scene.frames().await;
    let (host, cookie) = (scene.host(), scene.cookie());
    for (ix, name) in FORGED.into_iter().enumerate() {
        scene.tape.clear();
        let stream = u32::try_from(2 * ix + 1).unwrap();
        let mut block = frames::block("GET", &host, "/closed", &[("cookie", &cookie)]);
        for spelled in spellings(name) {
            block.extend(frames::field(spelled.to_ascii_lowercase().as_bytes(), b"mallory"));
        }
        raw.send(&frames::frame(frames::HEADERS, END_HEADERS | END_STREAM, stream, &block)).await;
        assert_eq!(raw.answer(stream).await, Answered::Status(200), "{name}");
        let head = scene.tape.text();
        assert!(!head.contains("mallory"), "{name}: {head}");
        assert_eq!(fields(&head, "x-forwarded-user"), [ANN], "{head}");
    }
}

#[tokio::test]
async fn forged_identity_in_trailers_never_arrives() {
    let scene = with_identity().await;
    let trailers: String = FORGED.iter().flat_map(|n| spellings(n)).map(|n| format!("{n}: mallory\r\n")).take(100).collect();
    let request = format!(
        "POST /closed HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nTrailer: X-Forwarded-User\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n5\r\nhello\r\n0\r\n{trailers}\r\n"
    );
    let answer = scene.say(&request).await;
    assert!(codes(&answer).len() <= 1, "{answer}");
    assert!(!scene.tape.text().contains("mallory"), "{}", scene.tape.text());

    scene.tape.clear();
    let mut raw = scene.frames().await;
    let block = frames::block("POST", &scene.host(), "/closed", &[("cookie", &scene.cookie())]);
    let forged = [frames::field(b"x-forwarded-user", b"mallory"), frames::field(b"x_remote_user", b"mallory")].concat();
    raw.send(&frames::frame(frames::HEADERS, END_HEADERS, 1, &block)).await;
    raw.send(&frames::frame(frames::DATA, 0, 1, b"hello")).await;
    raw.send(&frames::frame(frames::HEADERS, END_HEADERS | END_STREAM, 1, &forged)).await;
    raw.answer(1).await;
    assert!(!scene.tape.text().contains("mallory"), "{}", scene.tape.text());
}

#[tokio::test]
async fn what_connection_nominates_is_never_ours() {
    let scene = with_identity().await;
    for nominated in [
        "x-forwarded-user",
        "X-Forwarded-Email, close",
        "x-guestgate-assertion",
        "x-remote-user",
        "host, x-forwarded-for, x-forwarded-host, x-forwarded-proto, x-request-id",
        "cookie",
        "content-length, transfer-encoding",
        "x_forwarded_user",
    ] {
        scene.tape.clear();
        let request = format!(
            "POST /closed HTTP/1.1\r\nHost: HOST\r\nCookie: a=1; COOKIE\r\nX-Mine: 1\r\nConnection: {nominated}\r\n\
             Connection: x-mine\r\nContent-Length: 5\r\n\r\nhelloGET /open/b HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
        );
        let answer = scene.say(&request).await;
        assert!(codes(&answer).iter().all(|code| *code == "200"), "{nominated}: {answer}");
        let text = scene.tape.text();
        let head = text.split("\r\n\r\n").next().unwrap();
        for (name, value) in [("x-forwarded-user", ANN), ("x-forwarded-email", ANN), ("x-remote-user", ANN), ("content-length", "5")] {
            assert_eq!(fields(head, name), [value], "{nominated}: {head}");
        }
        for name in ["host", "x-guestgate-assertion", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"] {
            assert_eq!(fields(head, name).len(), 1, "{nominated}: {head}");
        }
        assert_eq!(field(head, "x-mine"), None, "what ends at the connection ends here: {head}");
        assert!(text.contains("\r\n\r\nhello"), "{text}");
    }
}

#[tokio::test]
async fn our_cookie_stays_ours_and_two_of_them_are_nobodys() {
    let scene = Scene::set("").await;
    let cookie = scene.cookie();
    for line in [
        format!("Cookie: a=1; {cookie}; b=2"),
        format!("Cookie: a=1\r\nCookie: {cookie}\r\nCookie: b=2"),
        format!("Cookie: a=1; __host_guestgate=x; {cookie}; b=2"),
        format!("Cookie: a=1;{cookie};b=2"),
    ] {
        scene.tape.clear();
        let answer = scene.say(&format!("GET /closed HTTP/1.1\r\nHost: HOST\r\n{line}\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(codes(&answer), ["200"], "{line}: {answer}");
        let head = scene.tape.text();
        let seen = fields(&head, "cookie").join("; ");
        assert!(seen.contains("a=1") && seen.contains("b=2") && !seen.to_lowercase().contains("guestgate"), "{seen}");
    }
    scene.tape.clear();
    let cookie = cookie.split("; ").find(|c| c.starts_with("__Host-guestgate=")).unwrap().to_owned();
    for line in [
        format!("Cookie: {cookie}; __Host-guestgate=other"),
        format!("Cookie: __Host-guestgate=other\r\nCookie: {cookie}"),
        format!("Cookie: {cookie}x"),
        format!("Cookie: {}", &cookie[..cookie.len() - 2]),
        format!("Cookie: {}", cookie.replacen("__Host-guestgate", "__host-guestgate", 1)),
        format!("Cookie: \"{cookie}\""),
        format!("X-Cookie: {cookie}"),
        format!("Cookie2: {cookie}"),
        "Cookie: __Host-guestgate=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.".to_owned(),
    ] {
        let answer = scene.say(&format!("GET /closed HTTP/1.1\r\nHost: HOST\r\n{line}\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(codes(&answer), ["401"], "{line}: {answer}");
    }
    assert_eq!(scene.tape.text(), "", "nothing of it reached the application");
}

#[tokio::test]
async fn an_app_with_trailers_is_told_that_they_are_taken_and_nothing_else_of_what_the_client_takes() {
    for (keys, said) in [("grpc: true", Some("trailers")), ("", None)] {
        let scene = Scene::set(keys).await;
        let request = "GET /open/a HTTP/1.1\r\nHost: HOST\r\nTE: trailers, gzip\r\nConnection: TE, close\r\n\r\n";
        assert_eq!(codes(&scene.say(request).await), ["200"]);
        let text = scene.tape.text();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert_eq!((field(head, "te"), field(head, "connection")), (said.map(str::to_owned), said.map(|_| "TE".to_owned())), "{head}");
    }
}
