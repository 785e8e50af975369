//! A partner's provider that others have built and certified: npm's `oidc-provider`.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::kit::{
    self, Browser, Gateway, Plan, RichApp,
    browser::{Answer, closed, form_to, say},
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@contoso.test";

const RULES: &str = "
app: charts
policies:
  - { name: exports-need-two, when: { path: /export/** }, require: [mfa] }
  - { name: money-needs-a-fresh-sign-in, when: { path: /money/** }, require: [{ fresh-sign-in: 5m }] }
";

/// The provider as a process that ends with its test.
struct Provider {
    at: SocketAddr,
    child: Option<Child>,
}

impl Provider {
    async fn start(port: u16, gate: &Gateway) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/oidc");
        let (callback, logout) = (gate.url(PORTAL, "/signin/oidc/contoso"), gate.url(PORTAL, "/signin/oidc/contoso/logout"));
        let mut command = Command::new("node");
        command.current_dir(folder).args(["server.mjs", &port.to_string(), &callback, &logout]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("node is installed by ./test");
        let mut provider = Self { at: SocketAddr::from(([127, 0, 0, 1], port)), child: Some(child) };
        let at = provider.at;
        kit::eventually("the provider", || {
            let ended = provider.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the provider has ended; ./test installs it");
            async move { tokio::net::TcpStream::connect(at).await.ok() }
        })
        .await;
        provider
    }

    /// What the next sign-in there is like; gives the calls that it has made to us.
    async fn says(&self, browser: &Browser, what: Value) -> Value {
        let url = format!("http://{}/control", self.at);
        browser.clone().send(Method::POST, &url, &[], what.to_string()).await.expect(200).json()["calls"].clone()
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn scene(more: &str) -> (Provider, Gateway) {
    let (port, app) = (kit::free_port(), RichApp::start().await);
    let extra = format!(
        "identity:\n  providers:\n    - {{ id: contoso, name: Contoso, issuer: 'http://127.0.0.1:{port}', client_id: guestgate, \
         client_secret: 'env:CONTOSO_SECRET', domains: [contoso.test]{more} }}"
    );
    let plan = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "websocket: true").extra(&extra);
    let gate = plan.environment(&[("CONTOSO_SECRET", "a-secret-of-two")]).start().await;
    (Provider::start(port, &gate).await, gate)
}

async fn join(gate: &Gateway) -> Browser {
    let link = gate.invite(ANN, "charts");
    let mut browser = gate.browser();
    let page = browser.open(&link).await.expect(200);
    browser.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    browser.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    browser
}

async fn ask(browser: &mut Browser, gate: &Gateway) -> Answer {
    let page = browser.open(&gate.url(CHARTS, "/")).await.expect(200);
    browser.post(&page, &form_to(&page, "/signin"), &[("email", ANN)]).await
}

fn has_session(browser: &Browser) -> bool {
    browser.cookies(PORTAL).contains_key("__Host-guestgate")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_provider_signs_in_steps_up_changes_its_keys_and_goes_away() {
    let (mut provider, gate) = scene(", trust_mfa: true").await;
    let mut ann = join(&gate).await;

    // One factor, and then two because an application asks for them.
    assert!(!ann.fetch(&gate.url(CHARTS, "/export/a")).await.status.is_success());
    provider.says(&ann, json!({ "amr": ["pwd", "mfa"] })).await;
    let page = ann.open(&gate.url(CHARTS, "/export/a")).await.expect(200);
    let shown = ann.submit(&page, &form_to(&page, "/signin/provider"), &[]).await;
    assert_eq!(shown.url, gate.url(CHARTS, "/export/a"), "{}", shown.text());
    ann.fetch(&gate.url(CHARTS, "/export/a")).await.expect(200);
    // It was a fresh one, by the time that the provider names.
    ann.fetch(&gate.url(CHARTS, "/money/a")).await.expect(200);

    // The same answer a second time.
    let mut again = gate.browser();
    let mut answer = ask(&mut again, &gate).await.expect(200);
    let back = loop {
        let next = match answer.header("location") {
            "" => there(&answer),
            location => url::Url::parse(&answer.url).unwrap().join(location).unwrap().to_string(),
        };
        if next.contains("/signin/oidc/contoso?") {
            break next;
        }
        answer = again.visit(&next).await;
    };
    let mut copy = again.clone();
    again.open(&back).await.expect(200);
    copy.open(&back).await.expect(403);
    assert!(has_session(&again) && !has_session(&copy));

    // New keys, and people who are turned away there or whose address nobody has verified.
    provider.says(&ann, json!({ "rotate": true })).await;
    for (says, signed_in) in [
        (json!({}), true),
        (json!({ "deny": true }), false),
        (json!({ "deny": false, "verified": false }), false),
        (json!({ "verified": true, "account": "bob" }), false),
        (json!({ "account": "ann", "email": "ann@elsewhere.test" }), false),
        (json!({ "email": ANN }), true),
    ] {
        provider.says(&ann, says.clone()).await;
        let mut browser = gate.browser();
        let onward = ask(&mut browser, &gate).await.expect(200);
        let page = browser.follow(onward).await;
        assert_eq!(has_session(&browser), signed_in, "{says}: {}", page.text());
    }

    provider.stop();
    let mut late = gate.browser();
    let onward = ask(&mut late, &gate).await.expect(200);
    assert!(there(&onward).starts_with(&format!("http://{}/", provider.at)), "what it published is still known");
    assert!(!has_session(&late));
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_untrusted_provider_says_of_factors_does_not_count() {
    let (provider, gate) = scene("").await;
    provider.says(&gate.browser(), json!({ "amr": ["pwd", "mfa"] })).await;
    let mut ann = join(&gate).await;
    assert!(!ann.fetch(&gate.url(CHARTS, "/export/a")).await.status.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_a_certified_provider_ends_the_session_here_at_once() {
    let (provider, gate) = scene("").await;
    let mut ann = join(&gate).await;
    let mut elsewhere = gate.browser();
    let onward = ask(&mut elsewhere, &gate).await;
    elsewhere.follow(onward).await.expect(200);
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "hello").await, "hello");

    let page = ann.visit(&format!("http://{}/session/end", provider.at)).await.expect(200);
    let form = form_to(&page, "/session/end/confirm");
    ann.post(&page, &form, &[("logout", "yes")]).await;
    let calls = provider.says(&ann, json!({})).await;
    assert_eq!(calls[0]["status"], json!(200), "{calls}");

    assert!(!ann.fetch(&gate.url(CHARTS, "/")).await.status.is_success(), "the very next request");
    closed(&mut socket).await;
    elsewhere.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    // What was sent once is not taken again.
    let sent = calls[0]["sent"].as_str().unwrap().to_owned();
    let url = gate.url(PORTAL, "/signin/oidc/contoso/logout");
    gate.browser().send(Method::POST, &url, &[("content-type", "application/x-www-form-urlencoded")], sent).await.expect(400);
}

/// The provider's address on the page that leads there.
fn there(page: &Answer) -> String {
    let text = page.text();
    let from = text.find("href=\"http://").unwrap_or_else(|| panic!("{text}")) + 6;
    text[from..].split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}
