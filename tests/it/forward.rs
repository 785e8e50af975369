//! The audit log, sent on to programs and to other logs: everything arrives in its order, and again if it has to.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, UdpSocket},
};

use crate::kit::{Plan, Recorder, eventually, gateway::PORTAL};

const ANN: &str = "ann@partner.example";

/// A program that is told of events and is out of order as often as it is told to be.
#[derive(Debug, Clone, Default)]
struct Program(Arc<Mutex<Told>>);

/// How often it is still out of order, and what it has taken.
type Told = (usize, Vec<(HeaderMap, String)>);

impl Program {
    async fn start(failures: usize) -> (String, Self) {
        let program = Self(Arc::new(Mutex::new((failures, Vec::new()))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let router = Router::new().route("/events", post(Self::told)).with_state(program.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (url, program)
    }

    async fn told(State(program): State<Self>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let mut inner = program.0.lock().unwrap();
        if inner.0 > 0 {
            inner.0 -= 1;
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        inner.1.push((headers, String::from_utf8(body.to_vec()).unwrap()));
        StatusCode::NO_CONTENT
    }

    /// The numbers and names of the events that were taken.
    fn events(&self) -> Vec<(u64, String)> {
        let read = |(_, body): &(HeaderMap, String)| {
            let event: Value = serde_json::from_str(body).unwrap();
            (event["sequence"].as_u64().unwrap(), event["event"].as_str().unwrap().to_owned())
        };
        self.0.lock().unwrap().1.iter().map(read).collect()
    }

    /// Waits for a security event of this kind about all of somebody.
    async fn until_told(&self, kind: &str) {
        let about_all = |(_, body): &(HeaderMap, String)| {
            let claims = body.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
            let claims: Value = serde_json::from_slice(&claims.unwrap_or_default()).unwrap_or_default();
            claims["sub_id"]["format"] == "email" && claims["events"].to_string().contains(kind)
        };
        eventually(kind, async || self.0.lock().unwrap().1.iter().any(about_all).then_some(())).await;
    }

    async fn until(&self, event: &str) {
        eventually(event, async || self.events().iter().any(|(_, name)| name == event).then_some(())).await;
    }
}

fn secret() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a shared secret\n").unwrap();
    file
}

#[tokio::test]
async fn a_program_is_told_of_every_event_it_wants_signed_in_order_and_again_after_failures_and_crashes() {
    let (app, secret) = (Recorder::start().await, secret());
    let (url, program) = Program::start(2).await;
    let extra = format!(
        "audit:\n  forward:\n    - {{ id: siem, webhook: {{ url: '{url}', secret_file: {} }}, events: [guest.*, session.ended] }}",
        secret.path().display()
    );
    let gate = Plan::default().app("charts", app.at, "").extra(&extra).start().await;
    // Begins with what happens once it is known.
    eventually("a place that is known", async || gate.json(&["audit", "forward"])["items"][0]["sent"].is_u64().then_some(())).await;
    gate.guest(ANN, "charts").await;
    gate.json(&["guests", "suspend", ANN, "--reason", "away"]);
    program.until("guest.suspended").await;
    assert!(program.events().is_sorted(), "{:?}", program.events());
    // What arrived at last may come twice then, and nothing is left out.
    let gate = gate.kill_and_restart().await;
    gate.json(&["guests", "resume", ANN]);
    program.until("guest.resumed").await;

    let events = program.events();
    assert!(events.iter().all(|(_, name)| name.starts_with("guest.") || name == "session.ended"), "{events:?}");
    let (headers, body) = program.0.lock().unwrap().1.last().cloned().unwrap();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a shared secret");
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes()))));
    assert_eq!(header("webhook-id"), format!("audit-{}", events.last().unwrap().0));

    // Once more from the beginning, with what happened before the place was known.
    program.0.lock().unwrap().1.clear();
    gate.json(&["audit", "replay", "siem", "--after", "0"]);
    program.until("guest.resumed").await;
    assert_eq!(program.events().iter().filter(|(_, name)| name == "guest.suspended").count(), 1);
    let refused = gate.cli(&["audit", "replay", "siem", "--after", "99999"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("ends with entry"));
    assert!(!gate.cli(&["audit", "replay", "nowhere", "--after", "0"]).status.success());
}

#[tokio::test]
async fn another_log_gets_every_entry_over_tcp_and_over_udp() {
    let app = Recorder::start().await;
    let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let extra = format!(
        "audit: {{ forward: [{{ id: one, syslog: 'tcp://{}' }}, {{ id: two, syslog: 'udp://{}', events: [guest.suspended] }}] }}",
        tcp.local_addr().unwrap(),
        udp.local_addr().unwrap()
    );
    let gate = Plan::default().app("charts", app.at, "").extra(&extra).start().await;
    eventually("places that are known", async || {
        let known = gate.json(&["audit", "forward"]);
        known["items"].as_array().unwrap().iter().all(|place| place["sent"].is_u64()).then_some(())
    })
    .await;
    let kept = Arc::new(Mutex::new(String::new()));
    let keeps = kept.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let mut text = String::new();
            let _ = stream.read_to_string(&mut text).await;
            keeps.lock().unwrap().push_str(&text);
        }
    });
    gate.guest(ANN, "charts").await;
    gate.json(&["guests", "suspend", ANN]);
    eventually("the last line", async || kept.lock().unwrap().contains("guest.suspended").then_some(())).await;

    // Frames with their length (RFC 6587), each a line of RFC 5424 with the entry as JSON.
    let text = kept.lock().unwrap().clone();
    let (mut rest, mut lines) = (text.as_str(), Vec::new());
    while let Some((length, after)) = rest.split_once(' ') {
        let (line, more) = after.split_at(length.parse().unwrap());
        lines.push(line);
        rest = more;
    }
    assert!(lines.iter().all(|line| line.starts_with("<109>1 20") && line.contains(" access.example.test guestgate - ")), "{lines:?}");
    let last = lines.last().unwrap();
    let body: Value = serde_json::from_str(&last[last.find("] {").unwrap() + 2..]).unwrap();
    assert_eq!(body["event"], "guest.suspended");
    let names: Vec<&str> = lines.iter().map(|line| line.split(' ').nth(5).unwrap()).collect();
    assert!(names.contains(&"invitation.issued") && names.contains(&"session.opened"), "{names:?}");
    let mut datagram = [0; 4096];
    let length = udp.recv(&mut datagram).await.unwrap();
    assert!(String::from_utf8_lossy(&datagram[..length]).contains(" guest.suspended [guestgate@32473 sequence="));
}

#[tokio::test]
async fn a_receiver_is_told_of_its_apps_guests_by_signed_events_in_order_and_again_after_a_crash() {
    let (app, token) = (Recorder::start().await, secret());
    let (url, program) = Program::start(1).await;
    let receiver =
        |more: &str| format!("{{ url: '{url}', token_file: {}, audience: 'https://crm.example.test', {more} }}", token.path().display());
    let extra = format!("signals: {{ transmit: [{}] }}", receiver("id: crm, apps: [charts]"));
    let gate = Plan::default().app("charts", app.at, "").app("orders", app.at, "").extra(&extra).start().await;
    eventually("a receiver that is known", async || gate.json(&["audit", "forward"])["items"][0]["sent"].is_u64().then_some(())).await;
    gate.guest(ANN, "charts").await;
    gate.guest("bob@partner.example", "orders").await;
    // Of somebody who never had its app, it learns nothing.
    gate.json(&["guests", "suspend", "bob@partner.example"]);
    gate.json(&["guests", "suspend", ANN, "--reason", "away"]);
    program.until_told("session-revoked").await;
    let gate = gate.kill_and_restart().await;
    gate.json(&["guests", "resume", ANN]);
    program.until_told("account-enabled").await;

    let mut browser = gate.browser();
    let about: Value =
        serde_json::from_str(&browser.fetch(&gate.url(PORTAL, "/.well-known/ssf-configuration")).await.expect(200).text()).unwrap();
    let keys = browser.fetch(about["jwks_uri"].as_str().unwrap()).await.expect(200).text();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_issuer(&[about["issuer"].as_str().unwrap()]);
    rules.set_audience(&["https://crm.example.test"]);
    // Security events do not expire.
    rules.set_required_spec_claims(&["iss", "aud"]);
    let sent = program.0.lock().unwrap().1.clone();
    let mut told: Vec<(String, String)> = Vec::new();
    for (headers, body) in &sent {
        assert_eq!(headers["content-type"], "application/secevent+jwt");
        assert_eq!(headers["authorization"], "Bearer a shared secret");
        let head = jsonwebtoken::decode_header(body).unwrap();
        assert_eq!(head.typ.as_deref(), Some("secevent+jwt"));
        let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&head.kid.unwrap()).unwrap()).unwrap();
        let claims = jsonwebtoken::decode::<Value>(body, &key, &rules).unwrap().claims;
        let ann = serde_json::json!({"format": "email", "email": ANN});
        if claims["sub_id"]["format"] == "complex" {
            // One of her sessions, which ends as well.
            assert_eq!(claims["sub_id"]["user"], ann, "{claims}");
            continue;
        }
        assert_eq!(claims["sub_id"], ann, "{claims}");
        let (kind, about) = claims["events"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(about["initiating_entity"], "admin");
        told.push((kind.rsplit('/').next().unwrap().to_owned(), claims["jti"].as_str().unwrap().to_owned()));
    }
    // What comes twice has the same name.
    let mut seen = std::collections::HashSet::new();
    told.retain(|(_, jti)| seen.insert(jti.clone()));
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["account-disabled", "session-revoked", "account-enabled"]);
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert!(metrics.contains("guestgate_audit_forward_lag_entries{place=\"crm\"}"), "{metrics}");
}
