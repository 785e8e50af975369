//! Access ends on the next request, and for what is open within a second.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::kit::{Gateway, PATIENCE, Plan, RichApp, gateway::CHARTS};

const ANN: &str = "ann@partner.example";

async fn gateway() -> (Gateway, RichApp) {
    let app = RichApp::start().await;
    (Plan::default().app("charts", app.at, "websocket: true").start().await, app)
}

#[tokio::test]
async fn suspending_a_guest_refuses_the_next_request_and_says_whom_to_ask() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    gate.json(&["guests", "suspend", ANN, "--reason", "left the clinic"]);
    let answer = ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    assert_eq!(answer.json()["decision"], "not-assigned");
    let page = ann.visit(&gate.url(CHARTS, "/who")).await.expect(403);
    assert!(page.text().contains("dr.lee@example.test"), "{}", page.text());
    assert!(!page.text().contains("left the clinic"), "the reason is not for the guest's eyes");
}

#[tokio::test]
async fn a_revoked_grant_ends_access_to_its_app_only() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("labs", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    gate.json(&["grants", "add", ANN, "--app", "labs"]);
    ann.open(&gate.url("labs.example.test", "/who")).await.expect(200);
    let grants = gate.json(&["grants", "list", "--guest", ANN]);
    let of_charts = grants["items"].as_array().unwrap().iter().find(|g| g["app"] == "charts").unwrap();
    gate.json(&["grants", "revoke", of_charts["id"].as_str().unwrap()]);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    ann.fetch(&gate.url("labs.example.test", "/who")).await.expect(200);
}

#[tokio::test]
async fn ending_the_sessions_sends_the_guest_back_to_sign_in() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    gate.json(&["sessions", "end", ANN]);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(401);
    ann.visit(&gate.url(CHARTS, "/who")).await.expect(303);
}

#[tokio::test]
async fn an_open_event_stream_ends_with_the_access() {
    let (gate, _app) = gateway().await;
    let ann = gate.guest(ANN, "charts").await;
    let cookie = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
    let mut stream = ann.raw(CHARTS).await;
    let request = format!("GET /ticks HTTP/1.1\r\nHost: {CHARTS}:{}\r\nCookie: {cookie}\r\n\r\n", gate.https.port());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    while !String::from_utf8_lossy(&seen).contains("data: first") {
        let n = stream.read(&mut chunk).await.unwrap();
        seen.extend_from_slice(&chunk[..n]);
    }
    let since = std::time::Instant::now();
    gate.json(&["guests", "suspend", ANN]);
    let end = async { while matches!(stream.read(&mut chunk).await, Ok(n) if n > 0) {} };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream stays open");
    assert!(since.elapsed() < std::time::Duration::from_secs(2), "{:?}", since.elapsed());
}

#[tokio::test]
async fn revoking_an_invitation_after_redemption_ends_its_grants() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let id = gate.json(&["invitations", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
    gate.json(&["invitations", "revoke", &id]);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
}

#[tokio::test]
async fn a_resumed_guest_comes_back_by_signing_in() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    gate.json(&["guests", "suspend", ANN]);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    gate.json(&["guests", "resume", ANN]);
    assert_ne!(ann.fetch(&gate.url(CHARTS, "/who")).await.status.as_u16(), 200, "what was open before stays closed");
    let mut again = gate.browser();
    let page = again.open(&gate.url(CHARTS, "/who")).await.expect(200);
    assert_eq!(again.sign_in(&page, &gate, ANN).await.expect(200).text(), ANN);
}
