//! Guests who sign in at their own organisation, with a provider that says right things and wrong ones.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{
    Gateway, Partner, Plan, Recorder, RichApp,
    browser::{Answer, Browser, closed, form_to, say},
    gateway::{CHARTS, PORTAL},
    partner::{Says, seconds},
};

pub const ANN: &str = "ann@contoso.test";

const RULES: &str = "
app: charts
policies:
  - { name: exports-need-two, when: { path: /export/** }, require: [mfa] }
  - { name: money-needs-a-fresh-sign-in, when: { path: /money/** }, require: [{ fresh-sign-in: 5m }] }
  - { name: contoso-alone, when: { path: /contoso/** }, require: [{ federated: contoso }] }
";

pub fn providers(partner: &Partner, more: &str) -> String {
    format!(
        "identity:\n  providers:\n    - {{ id: contoso, name: Contoso, issuer: '{}', client_id: guestgate, domains: [contoso.test]{more} }}",
        partner.issuer()
    )
}

async fn gateway(partner: &Partner, more: &str) -> Gateway {
    let app = Recorder::start().await;
    Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").extra(&providers(partner, more)).start().await
}

/// Accepts an invitation by way of the provider.
pub async fn join(gate: &Gateway, email: &str) -> Browser {
    let link = gate.invite(email, "charts");
    let mut browser = gate.browser();
    let page = browser.open(&link).await.expect(200);
    assert!(page.text().contains("Contoso"), "{}", page.text());
    browser.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    browser
}

/// Types an address into the page that asks for one.
pub async fn ask(browser: &mut Browser, gate: &Gateway, email: &str) -> Answer {
    let page = browser.open(&gate.url(CHARTS, "/")).await.expect(200);
    let form = form_to(&page, "/signin");
    browser.post(&page, &form, &[("email", email)]).await
}

async fn whoami(browser: &mut Browser, gate: &Gateway) -> Value {
    browser.send(Method::GET, &gate.url(CHARTS, "/.guestgate/whoami"), &[("sec-fetch-site", "same-origin")], "").await.expect(200).json()
}

fn has_session(browser: &Browser) -> bool {
    browser.cookies(PORTAL).contains_key("__Host-guestgate")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_accepts_and_comes_back_by_the_own_organisation_and_gets_no_codes() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    let mut ann = join(&gate, ANN).await;
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let seen = whoami(&mut ann, &gate).await;
    assert!(seen.to_string().contains("federated:contoso"), "{seen}");
    assert_eq!((partner.asked("code_challenge_method"), partner.asked("login_hint")), ("S256".to_owned(), ANN.to_owned()));
    assert_eq!((partner.asked("max_age"), partner.asked("prompt")), (String::new(), String::new()));

    // Back with an empty browser, by the address alone.
    let mut again = gate.browser();
    let onward = ask(&mut again, &gate, ANN).await.expect(200);
    again.follow(onward).await.expect(200);
    again.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    assert_eq!(gate.mails_to(ANN), 0, "no code is ever mailed");
    let log = String::from_utf8(gate.cli(&["audit", "list"]).stdout).unwrap();
    assert!(log.contains("guest.bound"), "{log}");
    assert_eq!(partner.count("discovery"), 1, "what is published is kept");
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert!(metrics.contains("guestgate_signins_total{method=\"federated\",result=\"success\"} 2"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_addresses_are_taken_there_alike() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    join(&gate, ANN).await;
    let mut pages = Vec::new();
    for email in [ANN, "nobody@contoso.test"] {
        let page = ask(&mut gate.browser(), &gate, email).await;
        // The question is another one each time.
        let text = page.text().replace(email, "");
        let text: String = text.split(['"', ';', '&', '?']).filter(|part| !part.contains('=') || part.len() < 24).collect();
        let names: Vec<String> = page.headers.keys().map(ToString::to_string).collect();
        pages.push((page.status, names, text.replace(&email.replace('@', "%40"), "")));
    }
    assert_eq!(pages[0], pages[1]);
    // Only who is proved to be nobody here learns it.
    let mut nobody = gate.browser();
    let onward = ask(&mut nobody, &gate, "nobody@contoso.test").await;
    partner.says(Says::claims(json!({ "sub": "s-nobody" })));
    nobody.follow(onward).await.expect(403);
    assert!(!has_session(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_token_signs_nobody_in() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    join(&gate, ANN).await;
    let right = || Says::claims(json!({}));
    let wrong = |claims: Value| Says::claims(claims);
    let attacks = [
        ("another issuer in the token", wrong(json!({ "iss": "https://evil.example" }))),
        ("another audience", wrong(json!({ "aud": "another" }))),
        ("one more audience", wrong(json!({ "aud": ["guestgate", "another"] }))),
        ("another authorised party", wrong(json!({ "azp": "another" }))),
        ("another nonce", wrong(json!({ "nonce": "another" }))),
        ("no nonce", wrong(json!({ "nonce": null }))),
        ("expired", wrong(json!({ "exp": seconds() - 400, "iat": seconds() - 500 }))),
        ("from the future", wrong(json!({ "iat": seconds() + 4_000 }))),
        ("an address elsewhere", wrong(json!({ "email": "ann@evil.example" }))),
        ("no address", wrong(json!({ "email": null }))),
        ("an address that nobody has verified", wrong(json!({ "email_verified": false }))),
        ("somebody else with the same address", wrong(json!({ "sub": "s-eve" }))),
        ("another access token", wrong(json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }))),
        ("no signature", Says { signed: "none", ..right() }),
        ("a key that is not published", Says { signed: "other", ..right() }),
        ("another issuer on the way back", Says { iss: "https://evil.example", ..right() }),
        ("no issuer on the way back", Says { iss: "", ..right() }),
        ("it was declined", Says { error: "access_denied", ..right() }),
        ("it is unavailable", Says { error: "temporarily_unavailable", ..right() }),
    ];
    for (what, says) in attacks {
        partner.says(says);
        let mut browser = gate.browser();
        let onward = ask(&mut browser, &gate, ANN).await.expect(200);
        let page = browser.follow(onward).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}: {}", page.text());
        assert!(page.text().contains("href=\"/signin"), "{what}: a next step");
        assert!(!has_session(&browser), "{what}");
    }
    // Renamed there, and still the same person.
    partner.says(wrong(json!({ "email": "ann.lee@contoso.test" })));
    let mut browser = gate.browser();
    let onward = ask(&mut browser, &gate, ANN).await;
    browser.follow(onward).await.expect(200);
    assert_eq!(whoami(&mut browser, &gate).await["guest"]["email"], json!(ANN));
    let log = String::from_utf8(gate.cli(&["audit", "list"]).stdout).unwrap();
    assert!(log.contains("sign-in.refused"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_works_once_and_in_the_browser_that_began_it() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    join(&gate, ANN).await;
    let mut ann = gate.browser();
    let there = there(&ask(&mut ann, &gate, ANN).await);
    let back = ann.visit(&there).await;
    let back = back.header("location").to_owned();
    assert!(back.contains("/signin/oidc/contoso?"), "{back}");

    let mut eve = gate.browser();
    eve.visit(&gate.url(PORTAL, "/signin")).await;
    eve.open(&back).await.expect(403);
    assert!(!has_session(&eve), "what another browser began");
    let changed = back.replace("state=", "state=A");
    ann.open(&changed).await.expect(403);
    let nothing = back.split("&code=").next().unwrap();
    ann.open(nothing).await.expect(403);

    let mut copy = ann.clone();
    ann.open(&back).await.expect(200);
    assert!(has_session(&ann));
    copy.open(&back).await.expect(403);
    assert!(!has_session(&copy), "the same answer twice");
    // A code of another question does not fit this one.
    let mut other = gate.browser();
    let first = other.visit(&there_again(&mut other.clone(), &gate).await).await.header("location").to_owned();
    let code = first.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let second = {
        let page = ask(&mut other, &gate, ANN).await;
        self::there(&page)
    };
    let second = other.visit(&second).await.header("location").to_owned();
    let own = second.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    other.open(&second.replace(&own, &code)).await.expect(403);
    assert!(!has_session(&other), "somebody else's code");
}

/// The provider's address on the page that leads there.
fn there(page: &Answer) -> String {
    let text = page.text();
    let from = text.find("href=\"http://").unwrap_or_else(|| panic!("{text}")) + 6;
    text[from..].split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

async fn there_again(browser: &mut Browser, gate: &Gateway) -> String {
    let page = ask(browser, gate, ANN).await;
    there(&page)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_factors_count_where_the_provider_is_trusted_and_says_so() {
    let partner = Partner::start().await;
    for (more, amr, enough) in [(", trust_mfa: true", "mfa", true), (", trust_mfa: true", "pwd", false), ("", "mfa", false)] {
        let gate = gateway(&partner, more).await;
        partner.says(Says::claims(json!({ "amr": [amr] })));
        let mut ann = join(&gate, ANN).await;
        ann.fetch(&gate.url(CHARTS, "/contoso/a")).await.expect(200);
        let answer = ann.fetch(&gate.url(CHARTS, "/export/a")).await;
        assert_eq!(answer.status.is_success(), enough, "{more} {amr}");
        if more.is_empty() {
            continue;
        }
        // Whoever is trusted is asked for more, and may say so then.
        if !enough {
            let page = ann.open(&gate.url(CHARTS, "/export/a")).await.expect(200);
            let form = form_to(&page, "/signin/provider");
            let page = ann.submit(&page, &form, &[]).await.expect(200);
            assert!(page.text().contains("not=provider"), "another way is shown: {}", page.text());
            partner.says(Says::claims(json!({ "amr": ["mfa"] })));
            let page = ann.open(&gate.url(CHARTS, "/export/a")).await.expect(200);
            ann.submit(&page, &form_to(&page, "/signin/provider"), &[]).await.expect(200);
            ann.fetch(&gate.url(CHARTS, "/export/a")).await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_sign_in_counts_by_the_time_that_the_provider_names() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    partner.says(Says::claims(json!({ "auth_time": seconds() - 3_600 })));
    let mut ann = join(&gate, ANN).await;
    assert!(!ann.fetch(&gate.url(CHARTS, "/money/a")).await.status.is_success(), "an hour old there is an hour old here");
    // Somebody else who uses the same computer is not taken for the one who was asked.
    partner.says(Says::claims(json!({ "sub": "s-bob", "email": "bob@contoso.test" })));
    let page = ann.open(&gate.url(CHARTS, "/money/a")).await.expect(200);
    let page = ann.submit(&page, &form_to(&page, "/signin/provider"), &[]).await.expect(403);
    assert!(page.text().contains("another account"), "{}", page.text());
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    for (auth_time, counts) in [(json!(seconds() - 3_600), false), (Value::Null, false), (json!(seconds() + 1), true)] {
        partner.says(Says::claims(json!({ "auth_time": auth_time })));
        let page = ann.open(&gate.url(CHARTS, "/money/a")).await.expect(200);
        ann.submit(&page, &form_to(&page, "/signin/provider"), &[]).await.expect(200);
        assert_eq!((partner.asked("max_age"), partner.asked("prompt")), ("0".to_owned(), "login".to_owned()));
        assert_eq!(ann.fetch(&gate.url(CHARTS, "/money/a")).await.status.is_success(), counts, "{auth_time}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_said_aloud_and_comes_back_by_itself() {
    let partner = Partner::start().await;
    partner.says(Says { away: true, ..Says::claims(json!({})) });
    let gate = gateway(&partner, "").await;
    let mut ann = gate.browser();
    let page = ask(&mut ann, &gate, ANN).await.expect(403);
    assert!(page.text().contains("does not answer") && page.text().contains("Contoso"), "{}", page.text());
    partner.says(Says::claims(json!({})));
    crate::kit::eventually("the provider again", || {
        let (mut browser, gate) = (gate.browser(), &gate);
        async move { ask(&mut browser, gate, ANN).await.status.is_success().then_some(()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_asked_for_when_a_token_names_one_and_not_by_everybody() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, "").await;
    let mut ann = join(&gate, ANN).await;
    assert_eq!(partner.count("jwks"), 1);
    partner.rotate("k2");
    let mut again = gate.browser();
    let onward = ask(&mut again, &gate, ANN).await;
    again.follow(onward).await.expect(200);
    assert!(has_session(&again));
    assert_eq!(partner.count("jwks"), 2);
    // Tokens of a key that is not there do not make us ask each time.
    partner.says(Says { signed: "other", ..Says::claims(json!({})) });
    for _ in 0..5 {
        let mut browser = gate.browser();
        let onward = ask(&mut browser, &gate, ANN).await;
        browser.follow(onward).await.expect(403);
    }
    assert!(partner.count("jwks") <= 4, "at most every thirty seconds");
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_names_elsewhere_is_not_reached_in_a_network_of_our_own() {
    let partner = Partner::start().await;
    partner.says(Says { token_host: Some("localhost"), ..Says::claims(json!({})) });
    let open = format!("outbound: {{ allow: ['127.0.0.0/8', '::1'] }}\n{}", providers(&partner, ""));
    for (extra, reached) in [(providers(&partner, ""), false), (open, true)] {
        let app = Recorder::start().await;
        let gate = Plan::default().app("charts", app.at, "").extra(&extra).start().await;
        let link = gate.invite(ANN, "charts");
        let mut ann = gate.browser();
        let page = ann.open(&link).await.expect(200);
        let page = ann.submit(&page, &form_to(&page, "/invitations/"), &[]).await;
        assert_eq!(has_session(&ann), reached, "{}", page.text());
    }
    assert_eq!(partner.count("token"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_allows_it_a_code_is_the_other_way() {
    let partner = Partner::start().await;
    let gate = gateway(&partner, ", fallback: email-code").await;
    let link = gate.invite(ANN, "charts");
    gate.browser().redeem(&link, &gate, ANN).await;
    let mut ann = gate.browser();
    let choice = ask(&mut ann, &gate, ANN).await.expect(200);
    let before = gate.mails_to(ANN);
    let page = ann.submit(&choice, &form_to(&choice, "/signin"), &[]).await.expect(200);
    ann.type_code(&page, &gate, ANN, before).await.expect(200);
    assert!(has_session(&ann));
    let mut other = gate.browser();
    let choice = ask(&mut other, &gate, ANN).await.expect(200);
    other.open(&there(&choice)).await.expect(200);
    assert!(whoami(&mut other, &gate).await.to_string().contains("federated:contoso"));
}

async fn log_out(gate: &Gateway, token: &str) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let url = gate.url(PORTAL, "/signin/oidc/contoso/logout");
    gate.browser().send(Method::POST, &url, &[("content-type", "application/x-www-form-urlencoded")], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_there_ends_the_sessions_here_and_what_is_open() {
    let (partner, app) = (Partner::start().await, RichApp::start().await);
    let plan = Plan::default().app("charts", app.at, "websocket: true").extra(&providers(&partner, ""));
    let gate = plan.start().await;
    partner.says(Says::claims(json!({ "sid": "there-1" })));
    let mut ann = join(&gate, ANN).await;
    partner.says(Says::claims(json!({ "sid": "there-2" })));
    let mut phone = gate.browser();
    let onward = ask(&mut phone, &gate, ANN).await;
    phone.follow(onward).await.expect(200);
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "hello").await, "hello");

    let used = partner.logout_token(&json!({ "sid": "somewhere-else" }));
    let forged = format!("{}A", partner.logout_token(&json!({})));
    let cut = used.rsplit_once('.').unwrap().0.to_owned();
    for wrong in [
        partner.logout_token(&json!({ "events": null })),
        partner.logout_token(&json!({ "nonce": "n" })),
        partner.logout_token(&json!({ "aud": "another" })),
        partner.logout_token(&json!({ "iss": "https://evil.example" })),
        partner.logout_token(&json!({ "iat": seconds() - 5_000, "exp": seconds() - 4_000 })),
        partner.logout_token(&json!({ "sub": null })),
        forged,
        format!("{cut}."),
        String::new(),
    ] {
        let answer = log_out(&gate, &wrong).await.expect(400);
        assert_eq!(answer.json()["error"], json!("invalid_request"));
        assert!(!answer.headers.contains_key("set-cookie") && answer.header("cache-control") == "no-store");
    }
    // Of another session there: nothing here ends, and the token is used up.
    log_out(&gate, &used).await.expect(200);
    log_out(&gate, &used).await.expect(400);
    assert_eq!(say(&mut socket, "still here").await, "still here");

    log_out(&gate, &partner.logout_token(&json!({ "sid": "there-1" }))).await.expect(200);
    assert!(!ann.fetch(&gate.url(CHARTS, "/")).await.status.is_success(), "the very next request");
    closed(&mut socket).await;
    phone.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    // Everywhere, by name alone.
    log_out(&gate, &partner.logout_token(&json!({}))).await.expect(200);
    assert!(!phone.fetch(&gate.url(CHARTS, "/")).await.status.is_success());
    let log = String::from_utf8(gate.cli(&["audit", "list"]).stdout).unwrap();
    assert!(log.contains("session.ended"), "{log}");
    log_out(&gate, &partner.logout_token(&json!({ "sub": null, "sid": "there-9" }))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_of_members_makes_members_who_are_never_guests() {
    let partner = Partner::start().await;
    let app = Recorder::start().await;
    let extra = format!(
        "invitations: {{ deny_domains: [example.test] }}\n{}",
        providers(&partner, ", members: true").replace("[contoso.test]", "[example.test]")
    );
    let gate = Plan::default().app("charts", app.at, "").extra(&extra).start().await;
    let mut lee = gate.browser();
    let page = lee.open(&gate.url(PORTAL, "/signin")).await.expect(200);
    let onward = lee.post(&page, &form_to(&page, "/signin"), &[("email", "dr.lee@example.test")]).await.expect(200);
    lee.follow(onward).await.expect(200);
    assert!(has_session(&lee));
    let account = lee.open(&gate.url(PORTAL, "/account")).await.expect(200);
    assert!(account.text().contains("dr.lee@example.test"), "{}", account.text());
    let refused = gate.cli(&["invite", "dr.lee@example.test", "--app", "charts"]);
    assert!(!refused.status.success());
}
