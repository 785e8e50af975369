//! One host in several spellings, and where a sign-in may lead.

use super::{Scene, codes};
use crate::{
    kit::{Plan, browser, gateway::CHARTS, gateway::PORTAL},
    wire::{
        frames::{self, Answered, END_HEADERS, END_STREAM},
        tape::Tape,
    },
};

#[tokio::test]
async fn host_confusion_reaches_no_other_application() {
    let (tape, other) = (Tape::start().await, Tape::start().await);
    let gate = Plan::default().app("charts", tape.at, "public: [/**]").app("labs", other.at, "public: [/**]").start().await;
    let nobody = gate.browser();
    let port = gate.https.port();
    for (host, allowed) in [
        (format!("{CHARTS}:{port}"), true),
        (format!("{}:{port}", CHARTS.to_uppercase()), true),
        (format!("{CHARTS}.:{port}"), true),
        (CHARTS.to_owned(), true),
        (format!("labs.example.test:{port}"), false),
        (format!("{CHARTS}@labs.example.test"), false),
        (format!("labs.example.test@{CHARTS}"), false),
        (format!("{CHARTS}:{port}:{port}"), false),
        (format!("{CHARTS}:x"), false),
        (format!("{CHARTS}:99999"), false),
        (format!("{CHARTS}/labs.example.test"), false),
        (format!("{CHARTS}\\labs.example.test"), false),
        (format!("{CHARTS}, labs.example.test"), false),
        (format!("{CHARTS} labs.example.test"), false),
        (format!("{CHARTS}..:{port}"), false),
        (format!("{CHARTS}%2elabs"), false),
        (format!("[{CHARTS}]"), false),
        ("127.0.0.1".to_owned(), false),
        ("[::1]".to_owned(), false),
        ("localhost".to_owned(), false),
        (PORTAL.to_owned(), false),
        ("*".to_owned(), false),
    ] {
        tape.clear();
        let request = format!("GET /x HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: labs.example.test\r\nConnection: close\r\n\r\n");
        let answer = browser::raw_exchange(&nobody, CHARTS, request.as_bytes()).await;
        let code = codes(&answer).first().copied().unwrap_or_default();
        assert!(if allowed { code == "200" } else { matches!(code, "400" | "404" | "421") }, "{host}: {answer}");
        let seen = tape.text();
        assert_eq!(!seen.is_empty(), allowed, "{host}: {seen}");
        if allowed {
            assert!(seen.contains(&format!("Host: {CHARTS}:{port}\r\n")), "the configured name and nothing else: {seen}");
        }
    }
    assert_eq!(other.text(), "");
}

#[tokio::test]
async fn host_confusion_over_http_2_reaches_no_other_application() {
    let (tape, other) = (Tape::start().await, Tape::start().await);
    let gate = Plan::default().app("charts", tape.at, "public: [/**]").app("labs", other.at, "public: [/**]").start().await;
    let host = format!("{CHARTS}:{}", gate.https.port());
    for (authority, more) in [
        ("labs.example.test", None),
        (host.as_str(), Some(("host", "labs.example.test"))),
        ("", Some(("host", "labs.example.test"))),
        (&format!("user@{host}"), None),
        (&format!("labs.example.test@{host}"), None),
        ("", None),
    ] {
        let stream = browser::connect(gate.https, CHARTS, gate.tls_with(&[b"h2"])).await;
        let mut raw = frames::Raw::open(stream).await;
        let block = frames::block("GET", authority, "/x", more.as_slice());
        raw.send(&frames::frame(frames::HEADERS, END_HEADERS | END_STREAM, 1, &block)).await;
        let answered = raw.answer(1).await;
        assert!(!matches!(answered, Answered::Status(200..400)), "{authority} {more:?}: {answered:?}");
    }
    assert_eq!(tape.text() + &other.text(), "", "nothing of it reached an application");
}

#[tokio::test]
async fn open_redirects_at_sign_in_lead_nowhere_else() {
    let mut scene = Scene::set("").await;
    let ours = [scene.host(), format!("{PORTAL}:{}", scene.gate.https.port())];
    for target in [
        "/?next=https://evil.example/",
        "/@evil.example/",
        "/.evil.example/",
        "/%5Cevil.example/",
        "/%2Fevil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%09/evil.example/",
        "/;@evil.example/",
        "/x?https://evil.example#https://evil.example",
        "/%0d%0aLocation:%20https://evil.example/",
    ] {
        // The app's session is gone, that of the portal is not.
        let mut ann = scene.gate.browser();
        for (name, value) in scene.ann.cookies(PORTAL) {
            ann.set_cookie(PORTAL, &name, &value);
        }
        let mut url = scene.gate.url(CHARTS, target);
        for _ in 0..8 {
            let answer = ann.visit(&url).await;
            assert!(!answer.headers.contains_key("refresh"), "{target}");
            let refresh = answer
                .text()
                .split_once("url=")
                .map(|(_, rest)| rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"));
            let next = if answer.status.is_redirection() { Some(answer.header("location").to_owned()) } else { refresh };
            let Some(next) = next else { break };
            url = url::Url::parse(&answer.url).unwrap().join(&next).unwrap().to_string();
            let host = url::Url::parse(&url).unwrap();
            let host = format!("{}:{}", host.host_str().unwrap(), host.port().unwrap_or(443));
            assert!(ours.contains(&host), "{target} leads to {url}");
        }
    }
    for query in
        ["start=https://evil.example/", "start=//evil.example", "start=", "redirect=https://evil.example", "next=//evil.example&start=x"]
    {
        for path in ["/signin", "/continue", "/"] {
            let answer = scene.ann.visit(&scene.gate.url(PORTAL, &format!("{path}?{query}"))).await;
            assert!(!answer.header("location").contains("evil") && !answer.text().contains("url=https://evil"), "{path}?{query}");
        }
    }
}
