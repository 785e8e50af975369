//! What passes, what it looks like on the other side, and what does not pass.

use axum::http::{Method, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{
    Gateway, PATIENCE, Plan, Recorder, RichApp,
    apps::{field, fields},
    browser::{closed, raw_exchange, say},
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";

async fn with_recorder(more: &str) -> (Gateway, Recorder) {
    let app = Recorder::start().await;
    (Plan::default().app("charts", app.at, more).start().await, app)
}

async fn with_rich_app(more: &str) -> (Gateway, RichApp) {
    let app = RichApp::start().await;
    (Plan::default().app("charts", app.at, more).start().await, app)
}

#[tokio::test]
async fn a_program_without_a_session_gets_401_and_a_person_is_sent_to_sign_in() {
    let (gate, app) = with_recorder("").await;
    let mut nobody = gate.browser();

    let answer = nobody.fetch(&gate.url(CHARTS, "/api/orders")).await.expect(401);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.header("www-authenticate").starts_with("Guestgate realm=\"charts\", signin=\"https://access.example.test:"));
    assert_eq!(answer.json()["status"], 401);

    let answer = nobody.visit(&gate.url(CHARTS, "/patients?id=7")).await.expect(303);
    assert!(answer.header("location").starts_with(&gate.url(PORTAL, "/signin?")), "{}", answer.header("location"));

    let answer = nobody.send(Method::POST, &gate.url(CHARTS, "/patients"), &[("accept", "application/json")], "x=1").await;
    answer.expect(401);
    assert_eq!(app.heads().len(), 0, "nothing of it reached the application");
}

#[tokio::test]
async fn a_form_whose_session_has_ended_is_told_so_and_never_redirected() {
    let (gate, _app) = with_recorder("").await;
    let mut nobody = gate.browser();
    let headers =
        [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "same-origin")];
    let answer = nobody.send(Method::POST, &gate.url(CHARTS, "/save"), &headers, "a=b").await.expect(401);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("was not delivered") && answer.text().contains("send it again"), "{}", answer.text());
}

#[tokio::test]
async fn an_invited_guest_reaches_the_app_and_the_app_learns_who_it_is() {
    let (gate, app) = with_recorder("identity: { headers: { user: X-Remote-User, groups: X-Remote-Groups } }").await;
    let mut ann = gate.guest(ANN, "charts").await;
    let answer = ann.fetch(&gate.url(CHARTS, "/patients/7?view=a%2fb&x=%zz;")).await.expect(200);
    assert_eq!(answer.text(), "recorded");
    let head = app.last();
    assert!(head.starts_with("GET /patients/7?view=a%2fb&x=%zz; HTTP/1.1\r\n"), "byte for byte: {head}");
    assert_eq!(field(&head, "x-forwarded-email").as_deref(), Some(ANN));
    assert_eq!(field(&head, "x-forwarded-user").as_deref(), Some(ANN));
    assert_eq!(field(&head, "x-remote-user").as_deref(), Some(ANN));
    assert_eq!(field(&head, "x-forwarded-proto").as_deref(), Some("https"));
    assert_eq!(field(&head, "x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(field(&head, "x-forwarded-host"), Some(format!("{CHARTS}:{}", gate.https.port())));
    assert!(field(&head, "x-request-id").is_some());
    assert!(!head.to_lowercase().contains("__host-guestgate"), "our cookie stays ours: {head}");

    let token = field(&head, "x-guestgate-assertion").expect("the assertion is there");
    let keys = ann.fetch(&gate.url(CHARTS, "/.guestgate/jwks.json")).await.expect(200).text();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys).unwrap();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_audience(&[CHARTS]);
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &rules).unwrap().claims;
    assert_eq!(claims["email"], ANN);
    assert_eq!(claims["kind"], "guest");
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 300);
    assert!(claims["inv"].is_string() && claims["auth_time"].is_i64() && claims["amr"].is_array(), "{claims}");
}

#[tokio::test]
async fn forged_identity_headers_never_arrive_in_any_spelling() {
    let (gate, app) = with_recorder("identity: { headers: { user: X-Remote-User } }\npublic: [/open]").await;
    let mut ann = gate.guest(ANN, "charts").await;
    let forged = [
        "X-Forwarded-User",
        "x_forwarded_user",
        "X-FORWARDED_EMAIL",
        "X-Forwarded.Groups",
        "X-Remote-User",
        "X_Remote_User",
        "x-remote_user",
        "X-Real-IP",
        "X_Real_Ip",
        "Forwarded",
        "X-Forwarded-For",
        "X_Forwarded_For",
        "X-Forwarded-Port",
        "X-Guestgate-Assertion",
        "X_Guestgate_Role",
        "X-Forwarded-Whatever",
    ];
    for path in ["/patients", "/open"] {
        for name in forged {
            let headers = [(name, "mallory@evil.example"), ("connection", "x-forwarded-email, x-guestgate-assertion, close")];
            ann.send(Method::GET, &gate.url(CHARTS, path), &headers, "").await.expect(200);
            let head = app.last();
            assert!(!head.contains("mallory"), "{name} on {path}: {head}");
            let email = field(&head, "x-forwarded-email");
            assert_eq!(email.as_deref(), (path == "/patients").then_some(ANN), "{name} on {path}: {head}");
            assert_eq!(fields(&head, "x-forwarded-for"), ["127.0.0.1"], "{head}");
        }
    }
}

#[tokio::test]
async fn the_path_that_policies_judge_has_one_reading() {
    let (gate, app) = with_recorder("").await;
    let ann = gate.guest(ANN, "charts").await;
    let seen = app.heads().len();
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    for path in ["/a%2Fb", "/a/../b", "/%2e%2e/x", "/a//b", "/a\\b", "/a%5cb", "/a%00", "/a/..;x/b", "/a%3Bb", "/%ff", "/a%zz", "/a/;x/b"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {CHARTS}:{}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n", gate.https.port());
        let answer = raw_exchange(&ann, CHARTS, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
    }
    assert_eq!(app.heads().len(), seen, "nothing of it reached the application");
}

#[tokio::test]
async fn ambiguous_framing_is_refused_and_the_connection_closed() {
    let (gate, app) = with_recorder("public: [/**]").await;
    let nobody = gate.browser();
    let host = format!("{CHARTS}:{}", gate.https.port());
    for (name, request) in [
        ("both lengths", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("two lengths", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"),
        ("a list of lengths", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 4, 4\r\n\r\nabcd"),
        ("a signed length", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: +4\r\n\r\nabcd"),
        ("an odd coding", "POST / HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("a coding with a space", "POST / HTTP/1.1\r\nHost: H\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("folding", "GET / HTTP/1.1\r\nHost: H\r\nX-A: b\r\n c\r\n\r\n"),
        ("a bare line feed", "GET / HTTP/1.1\nHost: H\n\n"),
        ("a bare carriage return", "GET / HTTP/1.1\r\nHost: H\r\nX-A: b\rc\r\n\r\n"),
        ("a null byte", "GET / HTTP/1.1\r\nHost: H\r\nX-A: b\0c\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nHost: H\r\nHost: H\r\n\r\n"),
        ("no host", "GET / HTTP/1.1\r\n\r\n"),
        ("a fragment", "GET /a#b HTTP/1.1\r\nHost: H\r\n\r\n"),
    ] {
        let request = request.replace("Host: H", &format!("Host: {host}"));
        let answer = raw_exchange(&nobody, CHARTS, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{name}: {answer:?}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: one answer and no more: {answer}");
    }
    assert_eq!(app.heads().len(), 0, "nothing of it reached the application");
}

#[tokio::test]
async fn methods_and_upgrades_that_mean_trouble_are_refused() {
    let (gate, app) = with_recorder("public: [/**]").await;
    let nobody = gate.browser();
    let port = gate.https.port();
    for (request, status) in [
        (format!("TRACE / HTTP/1.1\r\nHost: {CHARTS}:{port}\r\nConnection: close\r\n\r\n"), ["405", "400", "501"]),
        (format!("CONNECT {CHARTS}:{port} HTTP/1.1\r\nHost: {CHARTS}:{port}\r\nConnection: close\r\n\r\n"), ["405", "400", "501"]),
        (format!("get / HTTP/1.1\r\nHost: {CHARTS}:{port}\r\nConnection: close\r\n\r\n"), ["400", "400", "501"]),
    ] {
        let answer = raw_exchange(&nobody, CHARTS, request.as_bytes()).await;
        assert!(status.iter().any(|s| answer.starts_with(&format!("HTTP/1.1 {s} "))), "{request}: {answer}");
    }
    assert_eq!(app.heads().len(), 0);
}

#[tokio::test]
async fn server_name_and_host_must_agree_and_unknown_hosts_get_nothing() {
    let (gate, _app) = with_recorder("").await;
    let nobody = gate.browser();
    let ask = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = raw_exchange(&nobody, CHARTS, ask(&format!("{PORTAL}:{}", gate.https.port())).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
    // Folded: letter case and a trailing dot are spellings of one host.
    let answer = raw_exchange(&nobody, CHARTS, ask(&format!("CHARTS.example.test.:{}", gate.https.port())).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn uploads_and_downloads_stream_in_constant_memory() {
    let (gate, _app) = with_rich_app("limits: { body: 200MiB }").await;
    let mut ann = gate.guest(ANN, "charts").await;
    let size = if std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|s| s == "full") { 128 } else { 16 } * 1024 * 1024;
    let answer = ann.send(Method::POST, &gate.url(CHARTS, "/count"), &[], vec![b'u'; size]).await.expect(200);
    assert_eq!(answer.text(), size.to_string());
    let answer = ann.fetch(&gate.url(CHARTS, &format!("/big/{size}"))).await.expect(200);
    assert_eq!(answer.body.len(), size);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_and_one_announced_so_is_not_even_read() {
    let (gate, _app) = with_rich_app("limits: { body: 1KiB }").await;
    let ann = gate.guest(ANN, "charts").await;
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let head = format!("POST /count HTTP/1.1\r\nHost: {CHARTS}:{}\r\nCookie: {cookie}\r\n", gate.https.port());
    let answer = raw_exchange(&ann, CHARTS, format!("{head}Content-Length: 99999999\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let chunks = format!("{:x}\r\n{}\r\n0\r\n\r\n", 4096, "x".repeat(4096));
    let answer =
        raw_exchange(&ann, CHARTS, format!("{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunks}").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn an_oversized_head_is_431() {
    let (gate, _app) = with_rich_app("").await;
    let nobody = gate.browser();
    let long = "x".repeat(200_000);
    let request = format!("GET / HTTP/1.1\r\nHost: {CHARTS}:{}\r\nX-Long: {long}\r\n\r\n", gate.https.port());
    let answer = raw_exchange(&nobody, CHARTS, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_dead_upstream_is_502_with_a_reference_and_a_slow_one_504() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let slow = RichApp::start().await;
    let gate = Plan::default().app("charts", free, "").app("slow", slow.at, "limits: { first_byte: 1s }").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let answer = ann.visit(&gate.url(CHARTS, "/")).await.expect(502);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().to_lowercase().contains("reference"), "{}", answer.text());
    let answer = ann.fetch(&gate.url(CHARTS, "/")).await.expect(502);
    assert!(answer.json()["reference"].is_string());

    let mut bob = gate.guest("bob@partner.example", "slow").await;
    bob.fetch(&gate.url("slow.example.test", "/never")).await.expect(504);
}

#[tokio::test]
async fn websockets_pass_where_the_app_allows_them_and_only_from_its_own_pages() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "websocket: true").app("plain", app.at, "").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "hello").await, "hello");
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let from_elsewhere = format!(
        "GET /ws HTTP/1.1\r\nHost: {CHARTS}:{}\r\nOrigin: https://plain.example.test\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        gate.https.port()
    );
    let mut stream = ann.raw(CHARTS).await;
    stream.write_all(from_elsewhere.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 403");

    let bob = gate.guest("bob@partner.example", "plain").await;
    assert!(bob.socket("plain.example.test", "/ws").await.is_err());
}

#[tokio::test]
async fn event_streams_arrive_as_they_are_sent() {
    let (gate, _app) = with_rich_app("").await;
    let ann = gate.guest(ANN, "charts").await;
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let mut stream = ann.raw(CHARTS).await;
    let request = format!("GET /ticks HTTP/1.1\r\nHost: {CHARTS}:{}\r\nCookie: {cookie}\r\n\r\n", gate.https.port());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    let read = async {
        while !seen.contains("data: first") {
            let mut chunk = [0; 1024];
            let n = stream.read(&mut chunk).await.unwrap();
            assert!(n > 0, "closed: {seen}");
            seen.push_str(&String::from_utf8_lossy(&chunk[..n]));
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("the event is held back");
}

#[tokio::test]
async fn an_app_cannot_set_our_cookies() {
    let (gate, _app) = with_rich_app("").await;
    let mut ann = gate.guest(ANN, "charts").await;
    let answer = ann.fetch(&gate.url(CHARTS, "/cookies")).await.expect(200);
    let set: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(set, ["APPSESSION=1; Path=/"]);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
}

#[tokio::test]
async fn redirects_to_the_internal_name_become_public() {
    let (gate, _app) = with_rich_app("").await;
    let mut ann = gate.guest(ANN, "charts").await;
    let answer = ann.fetch(&gate.url(CHARTS, "/internal-redirect")).await.expect(302);
    let location = answer.header("location");
    assert!(location == "/who" || location == gate.url(CHARTS, "/who"), "{location}");
}

#[tokio::test]
async fn http_2_carries_the_same_journey() {
    use http_body_util::{BodyExt as _, Empty};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

    let (gate, app) = with_recorder("").await;
    let ann = gate.guest(ANN, "charts").await;
    let tcp = tokio::net::TcpStream::connect(gate.https).await.unwrap();
    let tls = TlsConnector::from(gate.tls_with(&[b"h2"])).connect(ServerName::try_from(CHARTS).unwrap(), tcp).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
    tokio::spawn(connection);
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let ask = |path: &str, cookie: &str| {
        Request::get(gate.url(CHARTS, path))
            .header("cookie", cookie)
            .header("x_forwarded_user", "mallory")
            .body(Empty::<hyper::body::Bytes>::new())
            .unwrap()
    };
    let answer = sender.send_request(ask("/patients?x=%2f", &cookie)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "recorded");
    let head = app.last();
    assert!(head.starts_with("GET /patients?x=%2f HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "x-forwarded-user").as_deref(), Some(ANN));
    assert!(!head.contains("mallory"));
    assert_eq!(sender.send_request(ask("/a%2fb", &cookie)).await.unwrap().status(), 400);
    assert_eq!(sender.send_request(ask("/patients", "a=b")).await.unwrap().status(), 401);
}

#[tokio::test]
async fn requests_on_one_connection_are_judged_each_for_itself() {
    let (gate, app) = with_recorder("").await;
    let ann = gate.guest(ANN, "charts").await;
    let before = app.heads().len();
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let host = format!("{CHARTS}:{}", gate.https.port());
    let pipelined = format!(
        "GET /one HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\nGET /two HTTP/1.1\r\nHost: {host}\r\n\r\n\
         GET /three HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    let answer = raw_exchange(&ann, CHARTS, pipelined.as_bytes()).await;
    let codes: Vec<&str> = answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..at + 12]).collect();
    assert_eq!(codes, ["200", "401", "200"]);
    let targets: Vec<String> = app.heads()[before..].iter().map(|h| h.lines().next().unwrap().to_owned()).collect();
    assert_eq!(targets, ["GET /one HTTP/1.1", "GET /three HTTP/1.1"]);
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_gateway_and_other_options_need_a_session() {
    let (gate, app) = with_recorder("").await;
    let mut nobody = gate.browser();
    let genuine = [("origin", "https://other.example.test"), ("access-control-request-method", "POST")];
    let answer = nobody.send(Method::OPTIONS, &gate.url(CHARTS, "/x"), &genuine, "").await;
    assert!(answer.status.as_u16() < 500 && app.heads().is_empty(), "{}", answer.status);
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "nobody else is let in");
    nobody.send(Method::OPTIONS, &gate.url(CHARTS, "/x"), &[], "").await.expect(401);
}

#[tokio::test]
async fn a_session_for_one_app_is_void_at_another() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("labs", app.at, "").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let (name, value) = ann.cookies(CHARTS).into_iter().find(|(n, _)| n == "__Host-guestgate").unwrap();
    let mut thief = gate.browser();
    thief.set_cookie("labs.example.test", &name, &value);
    thief.fetch(&gate.url("labs.example.test", "/")).await.expect(401);
    thief.set_cookie(PORTAL, &name, &value);
    let page = thief.visit(&gate.url(PORTAL, "/account")).await;
    assert!(page.status.is_redirection() || page.status == 401, "{}", page.status);
}

#[tokio::test]
async fn a_websocket_is_closed_with_a_reason_when_the_guest_is_suspended() {
    let (gate, _app) = with_rich_app("websocket: true").await;
    let ann = gate.guest(ANN, "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "hello").await, "hello");
    let since = std::time::Instant::now();
    gate.json(&["guests", "suspend", ANN]);
    assert_eq!(closed(&mut socket).await, Some(1008));
    assert!(since.elapsed() < std::time::Duration::from_secs(2), "closed after {:?}, the command included", since.elapsed());
}
