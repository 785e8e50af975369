//! Signals of risk: what is unusual about a session, seen by policies, by the guest and by whoever asks why.

use serde_json::Value;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::kit::{
    Browser, Gateway, Plan, RichApp,
    browser::FormOnPage,
    eventually,
    gateway::CHARTS,
    mmdb::{Record, database},
};

const RULES: &str = "
app: charts
policies:
  - { name: odd, when: { risk: high, path: /orders }, block: Not from there. }
  - { name: unusual, when: { risk: medium, path: /export }, block: Not today. }
";

/// In Germany, and in France.
const HOME: &str = "10.1.1.1";
const OFFICE: &str = "10.2.2.2";
const ABROAD: &str = "203.0.113.9";

async fn start() -> Gateway {
    let app = RichApp::start().await;
    let folder = tempfile::tempdir().unwrap().keep();
    let country = folder.join("country.mmdb");
    std::fs::write(&country, database("Test-Country", [Record::Country("DE"), Record::Country("FR")])).unwrap();
    let extra = format!("trusted_proxies: [127.0.0.0/8]\ngeoip: {{ country: {} }}", country.display());
    let listed = "networks: { exits: [100.64.0.0/16] }\nrisk: { networks: exits }\n";
    Plan::default().policy("charts.yaml", RULES).policy("definitions.yaml", listed).app("charts", app.at, "").extra(&extra).start().await
}

/// Accepts an invitation at home.
async fn welcome(gate: &Gateway, email: &str) -> Browser {
    let link = gate.json(&["invite", email, "--app", "charts", "--no-send"])["redeem_url"].as_str().unwrap().to_owned();
    let mut browser = gate.browser().from(HOME);
    browser.redeem(&link, gate, email).await.expect(200);
    browser
}

/// Signs in with another browser.
async fn sign_in(gate: &Gateway, email: &str, from: &str) -> Browser {
    let mut browser = gate.browser().from(from);
    let page = browser.open(&gate.url(CHARTS, "/export/none")).await.expect(200);
    browser.sign_in(&page, gate, email).await;
    browser
}

/// The level, and the signals.
async fn risk(gate: &Gateway, browser: &mut Browser) -> String {
    let told = browser.fetch(&gate.url(CHARTS, "/.guestgate/whoami")).await.expect(200).json();
    let signals: Vec<&str> = told["risk"]["signals"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    format!("{}: {}", told["risk"]["level"].as_str().unwrap(), signals.join(", "))
}

async fn status(gate: &Gateway, browser: &mut Browser, path: &str) -> u16 {
    browser.fetch(&gate.url(CHARTS, path)).await.status.as_u16()
}

/// What `policy explain` says of the guest's latest session.
fn explained(gate: &Gateway, email: &str, more: &[&str]) -> Value {
    gate.json(&[&["policy", "explain", "--app", "charts", "--guest", email, "--request", "GET /orders"], more].concat())
}

#[tokio::test]
async fn a_place_that_is_new_for_the_guest_raises_the_risk_and_is_explained() {
    let gate = start().await;
    let mut home = welcome(&gate, "ann@partner.example").await;
    assert_eq!(risk(&gate, &mut home).await, "low: ");
    assert_eq!(status(&gate, &mut home, "/orders").await, 200);
    let mut office = sign_in(&gate, "ann@partner.example", OFFICE).await;
    assert_eq!(risk(&gate, &mut office).await, "low: new-network");
    assert_eq!(risk(&gate, &mut office.from(HOME)).await, "low: ", "the guest is at home there");
    let mut abroad = sign_in(&gate, "ann@partner.example", ABROAD).await;
    assert_eq!(risk(&gate, &mut abroad).await, "high: new-country, impossible-travel");
    assert_eq!(status(&gate, &mut abroad, "/orders").await, 403);
    assert_eq!(status(&gate, &mut home, "/orders").await, 200, "other sessions are as they were");

    let why = explained(&gate, "ann@partner.example", &["--ip", ABROAD]);
    assert_eq!((&why["decision"], &why["risk"]["level"]), (&"block".into(), &"high".into()), "{why}");
    let signals = why["risk"]["signals"].as_array().unwrap();
    assert_eq!((&signals[0]["signal"], &signals[0]["weight"]), (&"new-country".into(), &2.into()), "{why}");
    assert_eq!(signals[0]["because"], "FR is new; seen before: DE");
    let odd = why["policies"].as_array().unwrap().iter().find(|p| p["name"] == "odd").unwrap();
    assert!(odd["because"].as_str().unwrap().contains("(high: new-country, impossible-travel)"), "{odd}");
    let out = gate.cli(&["policy", "explain", "--app", "charts", "--guest", "ann@partner.example", "--ip", ABROAD]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains("risk         high\n") && text.contains("new-country (+2): FR is new; seen before: DE"), "{text}");
    // Who says how unusual it is, is believed.
    assert_eq!(explained(&gate, "ann@partner.example", &["--risk", "low"])["decision"], "allow");
    assert_eq!(explained(&gate, "ann@partner.example", &["--risk", "new-country,long-absence"])["decision"], "block");
}

#[tokio::test]
async fn what_was_before_the_sign_in_and_where_a_request_comes_from_raise_the_risk() {
    let gate = start().await;
    let mut ann = welcome(&gate, "ann@partner.example").await;
    assert_eq!(risk(&gate, &mut ann.from("100.64.1.2")).await, "high: new-network, listed-network");
    assert_eq!(risk(&gate, &mut ann.from("nonsense")).await, "high: unknown-address");
    assert_eq!(status(&gate, &mut ann, "/orders").await, 200);

    wrong_codes(&gate, "ann@partner.example").await;
    assert_eq!(risk(&gate, &mut ann).await, "low: ", "a stranger does not lock out who is signed in");
    let mut again = sign_in(&gate, "ann@partner.example", HOME).await;
    assert_eq!(risk(&gate, &mut again).await, "medium: many-wrong-codes");
    assert_eq!(status(&gate, &mut again, "/export").await, 403);
    let why = explained(&gate, "ann@partner.example", &[]);
    assert_eq!(why["risk"]["signals"][0]["because"], "5 wrong codes within a day before the sign-in", "{why}");

    let mut bob = welcome(&gate, "bob@partner.example").await;
    assert_eq!(risk(&gate, &mut bob).await, "low: ");
    long_ago(&gate).await;
    let mut back = sign_in(&gate, "bob@partner.example", HOME).await;
    assert_eq!(risk(&gate, &mut back).await, "low: long-absence");
    let why = explained(&gate, "bob@partner.example", &[]);
    assert_eq!(why["risk"]["signals"][0]["because"], "away for 61 days before the sign-in", "{why}");
    assert_eq!(risk(&gate, &mut back.from(ABROAD)).await, "high: new-country, impossible-travel, long-absence");
}

/// A stranger types wrong codes until no more are looked at.
async fn wrong_codes(gate: &Gateway, email: &str) {
    let (mut stranger, mails) = (gate.browser().from(ABROAD), gate.mails_to(email));
    let page = stranger.open(&gate.url(CHARTS, "/")).await.expect(200);
    let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "email")).unwrap();
    let mut page = stranger.submit(&page, &form, &[("email", email)]).await.expect(200);
    for _ in 0..5 {
        let form: FormOnPage = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "code")).unwrap();
        page = stranger.submit(&page, &form, &[("code", "00000000")]).await.expect(200);
    }
    eventually("the code that was asked for", || std::future::ready((gate.mails_to(email) > mails).then_some(()))).await;
}

/// Makes everybody's last sign-in two months older than it is.
async fn long_ago(gate: &Gateway) {
    let database = sqlx::sqlite::SqliteConnectOptions::new().filename(gate.folder().join("data/guestgate.db"));
    let mut database = database.connect().await.unwrap();
    let older = "UPDATE stays SET first_seen = first_seen - $1, last_seen = last_seen - $1";
    sqlx::query(older).bind(61 * 86_400_000_i64).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}
