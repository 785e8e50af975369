//! Proofs beside the mailbox, over real connections: from the invitation to a page that asks for two factors, and what helps when a
//! phone is lost.

use axum::http::Method;
use serde_json::{Value, json};

use crate::kit::{
    Gateway, Plan, Recorder, RichApp,
    browser::{Answer, Browser, form_to},
    gateway::{CHARTS, PORTAL},
    phone::Phone,
};

const ANN: &str = "ann@partner.example";

const RULES: &str = "
app: charts
policies:
  - { name: exports-need-two, when: { path: /export/** }, require: [mfa] }
  - { name: admin-needs-a-passkey, when: { path: /admin/** }, require: [passkey, { fresh-sign-in: 15m }] }
";

/// What the script of a page of ours does with its form.
async fn script(browser: &mut Browser, page: &Answer, phone: &mut Phone, gate: &Gateway) -> Answer {
    let text = page.text();
    let action = if text.contains("action=\"/account/passkeys\"") { "/account/passkeys" } else { "/signin/passkey" };
    let form = form_to(page, action);
    let fields: serde_json::Map<String, Value> =
        form.fields.iter().filter(|(n, _)| !n.is_empty()).map(|(n, v)| (n.clone(), json!(v))).collect();
    let asked = post(browser, gate, &format!("{action}/question"), &Value::Object(fields.clone())).await.expect(200).json();
    let origin = gate.url(PORTAL, "");
    let answer =
        if action == "/account/passkeys" { phone.make(&origin, &asked["question"]) } else { phone.show(&origin, &asked["question"]) };
    let mut body = fields;
    body.insert("state".to_owned(), asked["state"].clone());
    body.insert("answer".to_owned(), answer);
    post(browser, gate, action, &Value::Object(body)).await
}

async fn post(browser: &mut Browser, gate: &Gateway, path: &str, body: &Value) -> Answer {
    let origin = gate.url(PORTAL, "");
    let headers =
        [("content-type", "application/json"), ("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty"), ("origin", origin.as_str())];
    browser.send(Method::POST, &gate.url(PORTAL, path), &headers, body.to_string()).await
}

async fn go(browser: &mut Browser, gate: &Gateway, answer: Answer) -> Answer {
    let next = answer.expect(200).json()["next"].as_str().unwrap().to_owned();
    let url = if next.starts_with('/') { gate.url(PORTAL, &next) } else { next };
    browser.open(&url).await
}

/// A guest who accepts an invitation and makes a passkey when it is offered.
async fn with_passkey(gate: &Gateway, phone: &mut Phone) -> Browser {
    gate.json(&["invite", ANN, "--app", "charts"]);
    let mail = gate.mail(ANN, |text| text.contains("/invitations/")).await;
    let link = mail.split_whitespace().find(|w| w.contains("/invitations/")).unwrap().to_owned();
    let mut ann = gate.browser();
    let page = ann.open(&link).await.expect(200);
    let offer = ann.post(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    assert!(offer.text().contains("Set up a passkey"), "{}", offer.text());
    let made = script(&mut ann, &offer, phone, gate).await;
    go(&mut ann, gate, made).await.expect(200);
    ann
}

#[tokio::test]
async fn a_passkey_from_the_invitation_on_opens_what_asks_for_two_factors_and_nothing_asks_twice() {
    let app = Recorder::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").start().await;
    let mut phone = Phone::default();
    let mut ann = with_passkey(&gate, &mut phone).await;
    assert_eq!(
        ann.visit(&gate.url(CHARTS, "/export/1?x=1")).await.expect(200).text(),
        "recorded",
        "the passkey was shown when it was made"
    );

    // Elsewhere she has nothing but her mailbox, until the app asks for more.
    let mut elsewhere = gate.browser();
    let page = elsewhere.open(&gate.url(CHARTS, "/orders")).await;
    elsewhere.sign_in(&page, &gate, ANN).await.expect(200);
    let before = elsewhere.cookies(CHARTS)["__Host-guestgate"].clone();
    let program = elsewhere.fetch(&gate.url(CHARTS, "/export/1")).await.expect(401);
    assert_eq!((&program.json()["policy"], &program.json()["unmet"]), (&"exports-need-two".into(), &json!(["mfa"])));
    let step = elsewhere.open(&gate.url(CHARTS, "/export/1?x=1")).await.expect(200);
    assert!(step.text().contains("Use your passkey"), "{}", step.text());
    let shown = script(&mut elsewhere, &step, &mut phone, &gate).await;
    let end = go(&mut elsewhere, &gate, shown).await.expect(200);
    assert!(end.text() == "recorded" && end.url.ends_with("/export/1?x=1"), "back at the page that asked: {}", end.url);

    // The session that asked is over: its token says nothing any more.
    let after = elsewhere.cookies(CHARTS)["__Host-guestgate"].clone();
    assert_ne!(before, after);
    let mut old = elsewhere.clone();
    old.set_cookie(CHARTS, "__Host-guestgate", &before);
    old.fetch(&gate.url(CHARTS, "/orders")).await.expect(401);
    elsewhere.fetch(&gate.url(CHARTS, "/admin/users")).await.expect(200);
    let who =
        elsewhere.send(Method::GET, &gate.url(CHARTS, "/.guestgate/whoami"), &[("sec-fetch-site", "same-origin")], "").await.expect(200);
    assert_eq!(who.json()["methods"], json!(["email-code", "passkey"]));
}

#[tokio::test]
async fn a_passkey_alone_signs_in() {
    let app = RichApp::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").start().await;
    let mut phone = Phone::default();
    with_passkey(&gate, &mut phone).await;
    gate.mail(ANN, |text| text.contains("was added")).await;
    let mails = gate.mails_to(ANN);
    let mut other = gate.browser();
    let page = other.open(&gate.url(CHARTS, "/admin/users")).await.expect(200);
    let shown = script(&mut other, &page, &mut phone, &gate).await;
    let end = go(&mut other, &gate, shown).await.expect(200);
    assert!(end.url.ends_with("/admin/users"), "{}", end.url);
    assert_eq!(gate.mails_to(ANN), mails, "nothing was mailed");
}

#[tokio::test]
async fn a_reset_takes_everything_away_and_begins_anew_with_the_mailbox() {
    let app = RichApp::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").start().await;
    let mut phone = Phone::default();
    let mut ann = with_passkey(&gate, &mut phone).await;
    let reset = gate.json(&["guests", "reset-factors", ANN]);
    assert_eq!((&reset["removed"]["passkeys"], &reset["email"]), (&1.into(), &ANN.into()), "{reset}");
    ann.fetch(&gate.url(CHARTS, "/orders")).await.expect(401);
    gate.mail(ANN, |text| text.contains("have been removed")).await;
    let mut other = gate.browser();
    let page = other.open(&gate.url(CHARTS, "/orders")).await.expect(200);
    script(&mut other, &page, &mut phone, &gate).await.expect(403);
    other.sign_in(&page, &gate, ANN).await.expect(200);
    let offer = other.open(&gate.url(CHARTS, "/admin/users")).await.expect(200);
    assert!(offer.text().contains("Set up a passkey"), "the first one is a matter of the mailbox again: {}", offer.text());
    let audit = gate.json(&["audit", "list"]);
    let events: Vec<&str> = audit["items"].as_array().unwrap().iter().filter_map(|entry| entry["event"].as_str()).collect();
    assert!(events.contains(&"factor.added") && events.contains(&"factors.reset"), "{events:?}");
}

#[tokio::test]
async fn thousands_of_wrong_codes_over_many_flows_open_no_session() {
    let full = std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full");
    let (browsers, guesses) = if full { (500, 20) } else { (20, 10) };
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    for n in 0..browsers {
        let mut browser = gate.browser();
        let email = if n % 2 == 0 { ANN.to_owned() } else { format!("guest-{n}@partner.example") };
        let page = browser.open(&gate.url(PORTAL, "/signin")).await.expect(200);
        let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(name, _)| name == "email")).unwrap();
        let asked = browser.post(&page, &form, &[("email", &email)]).await.expect(200);
        let form = asked.forms().into_iter().find(|f| f.fields.iter().any(|(name, _)| name == "code")).unwrap();
        for guess in 0..guesses {
            // The right one is among a hundred million; whoever draws it in this test may keep it.
            let code = format!("{:08}", (n * guesses + guess) * 9_973 % 100_000_000);
            browser.post(&asked, &form, &[("code", &code)]).await.expect(200);
        }
        assert!(!browser.cookies(PORTAL).contains_key("__Host-guestgate"), "{n}");
    }
    // Neither is the guest locked out: the invitation's browser goes on, and so does a passkey.
    let (_, metrics) = gate.admin_get("/metrics").await;
    let exhausted = metrics.lines().find(|l| l.starts_with("guestgate_signins_total") && l.contains("exhausted"));
    assert!(exhausted.is_some_and(|l| !l.ends_with(" 0")), "{metrics}");
}
