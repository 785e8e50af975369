//! Towards applications: how they are reached, who they are, and what happens when they cannot be.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{
    Browser, Gateway, NamedApp, Plan, RichApp, SecureApp, browser::say, eventually, gateway::CHARTS, secure::own_certificate,
};

/// Everything without a session, so that a test is about upstreams alone.
const PUBLIC: &str = "public: ['/**']";

#[tokio::test]
async fn an_appliance_is_reached_by_its_pin_and_in_the_version_that_it_chooses() {
    let folder = tempfile::tempdir().unwrap();
    let app = SecureApp::start(folder.path(), None).await;
    let (at, pin, other) = (app.at, &app.pin, app.pin.replace('A', "B").replace('1', "2"));
    let ca = folder.path().join("appliance.pem");
    let gate = Plan::default()
        .app_at("charts", &format!("{{ url: 'https://{at}', pin: '{pin}' }}"), PUBLIC)
        .app_at("one", &format!("{{ url: 'https://{at}', pin: '{pin}', http: 1 }}"), PUBLIC)
        .app_at("wrong", &format!("{{ url: 'https://{at}', pin: '{other}' }}"), PUBLIC)
        // The usual check refuses a certificate of an authority as that of a server.
        .app_at("authority", &format!("{{ url: 'https://{at}', ca: {}, server_name: appliance.internal }}", ca.display()), PUBLIC)
        .start()
        .await;
    let mut nobody = gate.browser();
    let mut says = async |id: &str| {
        let host = format!("{id}.example.test");
        let answer = nobody.fetch(&gate.url(&host, "/")).await;
        (answer.status.as_u16(), answer.text())
    };
    assert_eq!(says("charts").await, (200, format!("HTTP/2.0 for {CHARTS}")));
    assert_eq!(says("one").await, (200, "HTTP/1.1 for one.example.test".to_owned()));
    assert_eq!(says("wrong").await.0, 502);
    assert_eq!(says("authority").await.0, 502);
    assert!(gate.log().contains("no TLS connection to the upstream that can be trusted"), "{}", gate.log());
}

#[tokio::test]
async fn an_app_that_asks_for_our_certificate_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, _) = own_certificate(folder.path(), "gateway", rcgen::IsCa::NoCa);
    let app = SecureApp::start(folder.path(), Some(ours)).await;
    let (at, pin, path) = (app.at, &app.pin, folder.path().display());
    let gate = Plan::default()
        .app_at(
            "charts",
            &format!("{{ url: 'https://{at}', pin: '{pin}', client_cert: {path}/gateway.pem, client_key: {path}/gateway.key }}"),
            PUBLIC,
        )
        .app_at("bare", &format!("{{ url: 'https://{at}', pin: '{pin}' }}"), PUBLIC)
        .start()
        .await;
    let mut nobody = gate.browser();
    nobody.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    nobody.fetch(&gate.url("bare.example.test", "/")).await.expect(502);
}

#[tokio::test]
async fn an_app_is_spoken_to_in_http2_by_prior_knowledge() {
    let app = RichApp::start().await;
    let gate = Plan::default()
        .app_at("charts", &format!("{{ url: 'http://{}', http: 2 }}", app.at), &format!("{PUBLIC}\nwebsocket: true"))
        .start()
        .await;
    let mut nobody = gate.browser();
    nobody.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let big = nobody.fetch(&gate.url(CHARTS, "/big/3000000")).await.expect(200);
    assert_eq!(big.body.len(), 3_000_000);
    let sent = vec![b'x'; 1_500_000];
    let echoed = nobody.send(http::Method::POST, &gate.url(CHARTS, "/echo"), &[], sent.clone()).await.expect(200);
    assert!(echoed.body == sent);
    // The server allows extended CONNECT.
    let mut socket = gate.browser().socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "over a stream").await, "over a stream");
}

async fn two_alike(more: &str) -> (Gateway, NamedApp, NamedApp) {
    let (a, b) = (NamedApp::start("a").await, NamedApp::start("b").await);
    let upstreams = format!("['http://{}', 'http://{}']", a.at, b.at);
    let gate = Plan::default().app_at("charts", &upstreams, &format!("{PUBLIC}\n{more}")).start().await;
    (gate, a, b)
}

/// Who answers, and what it saw of cookies.
async fn who(gate: &Gateway, browser: &mut Browser) -> String {
    browser.fetch(&gate.url(CHARTS, "/")).await.expect(200).text()
}

/// Waits until this one is asked.
async fn until_asked(gate: &Gateway, wanted: &str) {
    eventually(wanted, async || (who(gate, &mut gate.browser()).await == wanted).then_some(())).await;
}

async fn is_healthy(gate: &Gateway, app: &NamedApp) -> bool {
    let (_, metrics) = gate.admin_get("/metrics").await;
    let of = format!("guestgate_upstream_healthy{{app=\"charts\",upstream=\"http://{}\"}}", app.at);
    metrics.lines().any(|line| line.strip_prefix(of.as_str()).is_some_and(|value| value.trim() == "1"))
}

#[tokio::test]
async fn an_upstream_that_dies_is_not_missed_and_comes_back() {
    let (gate, a, mut b) = two_alike("health: { path: /, every: 1s, healthy: 1, unhealthy: 1 }").await;
    let mut nobody = gate.browser();
    until_asked(&gate, "a ").await;
    until_asked(&gate, "b ").await;
    b.stop().await;
    for _ in 0..20 {
        assert_eq!(who(&gate, &mut nobody).await, "a ", "no request is lost");
    }
    eventually("its absence", async || (!is_healthy(&gate, &b).await).then_some(())).await;
    assert!(is_healthy(&gate, &a).await);
    b.start_again().await;
    eventually("its return", async || is_healthy(&gate, &b).await.then_some(())).await;
    until_asked(&gate, "b ").await;
}

#[tokio::test]
async fn a_guest_stays_with_an_upstream_while_it_is_there() {
    let (gate, mut a, mut b) = two_alike("sticky: true").await;
    let mut ann = gate.browser();
    ann.set_cookie(CHARTS, "own", "1");
    let first = who(&gate, &mut ann).await;
    let name = ann.cookies(CHARTS)["__Host-guestgate-upstream"].clone();
    assert!(!name.contains(&a.at.port().to_string()) && !name.contains(&b.at.port().to_string()), "{name}");
    for _ in 0..10 {
        assert_eq!(who(&gate, &mut ann).await, first);
    }
    assert!(first.ends_with(" own=1"), "the app sees its own cookies alone: {first}");
    if first.starts_with('a') {
        a.stop().await
    } else {
        b.stop().await
    }
    let second = who(&gate, &mut ann).await;
    assert_ne!(second, first);
    assert_ne!(ann.cookies(CHARTS)["__Host-guestgate-upstream"], name);
    // A name that nobody gave out leads nowhere in particular.
    ann.set_cookie(CHARTS, "__Host-guestgate-upstream", "AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(who(&gate, &mut ann).await, second);
}

#[tokio::test]
async fn an_app_that_has_enough_to_do_gets_no_more() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, &format!("{PUBLIC}\nlimits: {{ concurrent: 1 }}")).start().await;
    let mut open = gate.browser().raw(CHARTS).await;
    open.write_all(format!("GET /ticks HTTP/1.1\r\nHost: {CHARTS}:{}\r\n\r\n", gate.https.port()).as_bytes()).await.unwrap();
    assert!(open.read(&mut [0; 1024]).await.unwrap() > 0);
    let refused = gate.browser().fetch(&gate.url(CHARTS, "/")).await.expect(503);
    assert_eq!((refused.header("retry-after"), refused.header("content-type")), ("1", "application/problem+json"));
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert!(metrics.contains("guestgate_overload_refusals_total{app=\"charts\",reason=\"concurrent\"} 1"), "{metrics}");
    drop(open);
    eventually("room", async || (gate.browser().fetch(&gate.url(CHARTS, "/")).await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn a_breaker_spares_an_app_that_fails() {
    let mut app = NamedApp::start("a").await;
    app.stop().await;
    let gate = Plan::default().app("charts", app.at, &format!("{PUBLIC}\nbreaker: {{ failures: 2, wait: 1h }}")).start().await;
    let mut nobody = gate.browser();
    for status in [502, 502, 503] {
        nobody.fetch(&gate.url(CHARTS, "/")).await.expect(status);
    }
    app.start_again().await;
    let refused = nobody.fetch(&gate.url(CHARTS, "/")).await.expect(503);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 3_000);
}
