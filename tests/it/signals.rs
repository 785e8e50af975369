//! What a partner's provider tells about accounts and sessions: acted upon at once, and by nobody else's word.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    kit::{
        Gateway, Partner, Plan, RichApp,
        browser::{Answer, closed, say},
        gateway::{CHARTS, PORTAL},
        partner::seconds,
    },
    provider::{ANN, ask, join, providers},
};

const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const DISABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";

async fn push(gate: &Gateway, token: &str) -> Answer {
    let headers = [("content-type", "application/secevent+jwt"), ("accept", "application/json")];
    gate.browser().send(Method::POST, &gate.url(PORTAL, "/ssf/events"), &headers, token.to_owned()).await
}

async fn scene() -> (Partner, Gateway) {
    let (partner, app) = (Partner::start().await, RichApp::start().await);
    let gate = Plan::default().app("charts", app.at, "websocket: true").extra(&providers(&partner, "")).start().await;
    (partner, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_ends_on_the_next_request_and_what_is_open_with_it() {
    let (partner, gate) = scene().await;
    let mut ann = join(&gate, ANN).await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    let event = partner.signal(REVOKED, &json!({}));
    assert!(push(&gate, &event).await.expect(202).text().is_empty());
    assert!(!ann.fetch(&gate.url(CHARTS, "/")).await.status.is_success(), "the very next request");
    closed(&mut socket).await;

    // Whoever signs in again is not put out again by what came before.
    let mut again = gate.browser();
    let onward = ask(&mut again, &gate, ANN).await.expect(200);
    again.follow(onward).await.expect(200);
    push(&gate, &event).await.expect(202);
    again.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    // Of another session there, and in the shape of before version 1.0.
    let complex = |session: &str| {
        let user = json!({ "format": "iss_sub", "iss": partner.issuer(), "sub": "s-ann" });
        json!({ "sub_id": { "format": "complex", "user": user, "session": { "format": "opaque", "id": session } } })
    };
    push(&gate, &partner.signal(REVOKED, &complex("another"))).await.expect(202);
    again.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let old = json!({ "sub_id": null, "events": { REVOKED: { "subject": { "subject_type": "email", "email": ANN } } } });
    push(&gate, &partner.signal(REVOKED, &old)).await.expect(202);
    assert!(!again.fetch(&gate.url(CHARTS, "/")).await.status.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_a_suspended_guest() {
    let (partner, gate) = scene().await;
    let mut ann = join(&gate, ANN).await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    push(&gate, &partner.signal(DISABLED, &json!({}))).await.expect(202);
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(403);
    closed(&mut socket).await;
    let shown = gate.json(&["guests", "show", ANN]);
    assert_eq!(shown["state"], json!("suspended"), "{shown}");
    // Once more is no fault, and an operator lets the guest in again.
    push(&gate, &partner.signal(DISABLED, &json!({}))).await.expect(202);
    gate.json(&["guests", "resume", ANN]);
    let mut again = gate.browser();
    let onward = ask(&mut again, &gate, ANN).await.expect(200);
    again.follow(onward).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed_and_nobody_else_is_touched() {
    let (partner, gate) = scene().await;
    let mut ann = join(&gate, ANN).await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    let right = partner.signal(REVOKED, &json!({}));
    let bare =
        gate.browser().send(Method::POST, &gate.url(PORTAL, "/ssf/events"), &[("content-type", "application/json")], right.clone()).await;
    assert_eq!(bare.expect(400).json()["err"], json!("invalid_request"));
    let many = json!({ REVOKED: {}, DISABLED: {} });
    let named = |subject: Value| partner.signal(REVOKED, &json!({ "sub_id": subject }));
    let cases = [
        ("signature", format!("{}A", partner.signal(DISABLED, &json!({}))), "invalid_key"),
        ("logout token", partner.logout_token(&json!({ "events": { REVOKED: {} } })), "invalid_request"),
        ("issuer", partner.signal(DISABLED, &json!({ "iss": "https://evil.example" })), "invalid_issuer"),
        ("audience", partner.signal(DISABLED, &json!({ "aud": "another" })), "invalid_audience"),
        ("too old", partner.signal(DISABLED, &json!({ "iat": seconds() - 8 * 86_400 })), "invalid_request"),
        ("future", partner.signal(DISABLED, &json!({ "iat": seconds() + 3_600 })), "invalid_request"),
        ("two at once", partner.signal(REVOKED, &json!({ "events": many })), "invalid_request"),
        ("nobody", partner.signal(DISABLED, &json!({ "sub_id": null })), "invalid_request"),
        ("of another issuer", named(json!({ "format": "iss_sub", "iss": "https://evil.example", "sub": "s-ann" })), "invalid_request"),
        ("of another domain", named(json!({ "format": "email", "email": "bob@elsewhere.test" })), "invalid_request"),
        ("a tenant", named(json!({ "format": "complex", "tenant": { "format": "opaque", "id": "all" } })), "invalid_request"),
        ("no token", "hello".to_owned(), "invalid_issuer"),
    ];
    for (what, token, word) in cases {
        let answer = push(&gate, &token).await;
        assert_eq!((answer.status.as_u16(), answer.json()["err"].as_str()), (400, Some(word)), "{what}");
    }
    // Somebody who is nobody here, and what we do nothing about.
    push(&gate, &partner.signal(DISABLED, &json!({ "sub_id": { "format": "iss_sub", "iss": partner.issuer(), "sub": "s-bob" } })))
        .await
        .expect(202);
    let verification = json!({ "sub_id": { "format": "opaque", "id": "stream-1" } });
    push(&gate, &partner.signal("https://schemas.openid.net/secevent/ssf/event-type/verification", &verification)).await.expect(202);
    assert_eq!(say(&mut socket, "still here").await, "still here");
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
}
