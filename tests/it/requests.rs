//! What people ask for and what is granted to them: sign-ups, access, more time; and the ends that come by themselves.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::kit::{
    Browser, Gateway, Plan, Recorder,
    browser::{Answer, form_to},
    eventually,
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";
const LEE: &str = "dr.lee@example.test";
const FORM: &str = "fields: [{ name: clinic, label: Your clinic, required: true, max: 20 }, { name: ward, label: Ward, options: [north, south] }, \
                    { name: begin, label: First day, type: date }, { name: rules, label: I keep the rules, type: checkbox, required: true }]";

/// Proves an address and gives the form of a sign-up.
async fn proved(gate: &Gateway, browser: &mut Browser, app: &str, email: &str) -> Answer {
    let page = browser.open(&gate.url(PORTAL, &format!("/signup/{app}"))).await.expect(200);
    let before = gate.codes_to(email);
    let asked = browser.submit(&page, &form_to(&page, "/signup/"), &[("email", email)]).await.expect(200);
    browser.type_code(&asked, gate, email, before).await
}

/// The link to the portal in a mail.
fn link(mail: &str, path: &str) -> String {
    let line = mail.lines().map(str::trim).find(|line| line.starts_with("https://") && line.contains(path));
    line.unwrap_or_else(|| panic!("no link to {path} in {mail}")).to_owned()
}

fn requests(gate: &Gateway) -> Vec<serde_json::Value> {
    gate.json(&["requests", "list"])["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_sign_up_is_answered_decided_and_ends_in_the_app() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, &format!("signup: {{ {FORM}, approval: owners, groups: [partners] }}")).start().await;
    let mut browser = gate.browser();
    let form = proved(&gate, &mut browser, "charts", ANN).await.expect(200);
    assert!(form.text().contains("Your clinic") && form.text().contains(ANN), "{}", form.text());

    // What is missing or wrong is said beside its field, and what was right stays.
    let sent = [("name", "Ann <b>A"), ("clinic", ""), ("ward", "east"), ("begin", "2026-02-30")];
    let mut bare = form_to(&form, "/form");
    bare.fields.retain(|(name, _)| name != "rules");
    let wrong = browser.submit(&form, &bare, &sent).await.expect(200);
    assert!(wrong.text().contains("4 answers need another look") && wrong.text().contains("Ann &#60;b&#62;A"), "{}", wrong.text());
    assert_eq!(wrong.text().matches("aria-invalid").count(), 4, "{}", wrong.text());
    assert!(requests(&gate).is_empty());

    let sent = [("name", "Ann A"), ("clinic", "North clinic"), ("ward", "north"), ("begin", "2026-03-01"), ("rules", "yes")];
    let waiting = browser.submit(&wrong, &form_to(&wrong, "/form"), &sent).await.expect(200);
    assert!(waiting.url.contains("/waiting?on=") && waiting.text().contains("Waiting for a decision"), "{}", waiting.text());
    assert!(waiting.text().contains("http-equiv=\"refresh\" content=\"30;url="), "{}", waiting.text());
    // A second press asks for nothing new.
    browser.submit(&wrong, &form_to(&wrong, "/form"), &sent).await.expect(200);
    let all = requests(&gate);
    assert_eq!(all.len(), 1, "{all:?}");
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!((all[0]["kind"].as_str(), all[0]["status"].as_str()), (Some("sign-up"), Some("open")));

    // The owner's mail names the matter; its link shows nothing to whoever has it.
    let mail = gate.mail(LEE, |text| text.contains("Ann A (ann@partner.example) asks for access to The charts app")).await;
    assert!(mail.contains("Your clinic: North clinic") && mail.contains("guestgate requests approve"), "{mail}");
    let stranger = gate.browser().open(&link(&mail, "/requests/")).await.expect(200);
    let nothing = gate.browser().open(&gate.url(PORTAL, "/requests/AAAAAAAAAAAAAAAAAAAAAA")).await.expect(200);
    assert!(!stranger.text().contains("Ann") && !stranger.text().contains("charts"), "{}", stranger.text());
    // Each page names the way back to itself, and nothing else tells them apart.
    let told = |page: &Answer| without_tokens(&page.text()).replace(url::Url::parse(&page.url).unwrap().path(), "/requests/ID");
    assert_eq!(told(&stranger), told(&nothing));

    gate.json(&["requests", "approve", id]);
    let granted = browser.open(&waiting.url).await.expect(200);
    assert!(granted.text().contains("Your request was granted"), "{}", granted.text());
    let mail = gate.mail(ANN, |text| text.contains("/invitations/")).await;
    let page = browser.open(&link(&mail, "/invitations/")).await.expect(200);
    let inside = browser.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    assert_eq!(url::Url::parse(&inside.url).unwrap().host_str(), Some(CHARTS));
    assert!(app.last().contains("X-Forwarded-Groups: partners"), "{}", app.last());
    let guest = gate.json(&["guests", "show", ANN]);
    assert_eq!((guest["name"].as_str(), guest["attributes"]["ward"][0].as_str()), (Some("Ann A"), Some("north")));
    assert!(!gate.cli(&["requests", "deny", id]).status.success(), "decided once");
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_decides() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "signup: { approval: none, access_for: 5d }").start().await;
    let mut browser = gate.browser();
    let form = proved(&gate, &mut browser, "charts", ANN).await.expect(200);
    let inside = browser.submit(&form, &form_to(&form, "/form"), &[("name", "Ann")]).await.expect(200);
    assert_eq!(url::Url::parse(&inside.url).unwrap().host_str(), Some(CHARTS));
    assert_eq!(gate.json(&["grants", "list"])["items"].as_array().unwrap().len(), 1);
    assert_eq!(gate.mails_to(LEE), 0);
    // Whoever can come already is told so, and asked for nothing.
    let again = proved(&gate, &mut gate.browser(), "charts", ANN).await.expect(200);
    assert!(again.text().contains("You can use it already"), "{}", again.text());
}

#[tokio::test]
async fn apps_that_take_no_sign_ups_look_like_none() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .extra("invitations: { deny_domains: [bad.example] }")
        .app("charts", app.at, "signup: { deny_domains: [worse.example] }")
        .app("wiki", app.at, "")
        .start()
        .await;
    let body = |answer: &Answer| {
        let text = answer.text();
        let at = text.find("<code>").unwrap_or(text.len());
        text[..at].to_owned()
    };
    let (hidden, none) = (gate.url(PORTAL, "/signup/wiki"), gate.url(PORTAL, "/signup/nothing"));
    let (hidden, none) = (gate.browser().open(&hidden).await.expect(404), gate.browser().open(&none).await.expect(404));
    assert_eq!(body(&hidden), body(&none));
    for email in ["a@bad.example", "a@worse.example"] {
        let mut browser = gate.browser();
        let page = browser.open(&gate.url(PORTAL, "/signup/charts")).await;
        let said = browser.submit(&page, &form_to(&page, "/signup/"), &[("email", email)]).await.expect(200);
        assert!(said.text().contains("cannot sign up here"), "{}", said.text());
        assert_eq!(gate.mails_to(email), 0);
    }
    // Known or not: the same page, but for what is sealed in it.
    gate.guest(ANN, "wiki").await;
    let mut pages = Vec::new();
    for email in [ANN, "ann@stranger.example"] {
        let mut browser = gate.browser();
        let page = browser.open(&gate.url(PORTAL, "/signup/charts")).await;
        let said = browser.submit(&page, &form_to(&page, "/signup/"), &[("email", email)]).await.expect(200);
        let sealed = said.forms()[0].fields.iter().find(|(name, _)| name == "state").unwrap().1.clone();
        pages.push(said.text().replace(&sealed, "").replace(email, ""));
        let again = said.forms()[1].fields.iter().find(|(name, _)| name == "state").unwrap().1.clone();
        assert_eq!(again, sealed);
    }
    assert_eq!(pages[0], pages[1]);
    // A member is told after the mailbox was proved, and not before.
    let said = proved(&gate, &mut gate.browser(), "charts", LEE).await;
    assert!(said.text().contains("Members do not sign up here"), "{}", said.text());
}

/// A program that is asked about sign-ups: what it answers, and what it was asked.
type Told = Arc<Mutex<(Vec<(u16, &'static str)>, Vec<(HeaderMap, String)>)>>;

async fn program(answers: &[(u16, &'static str)]) -> (String, Told) {
    let told: Told = Arc::new(Mutex::new((answers.iter().rev().copied().collect(), Vec::new())));
    let handler = async |State(told): State<Told>, headers: HeaderMap, body: Bytes| {
        let mut told = told.lock().unwrap();
        told.1.push((headers, String::from_utf8(body.to_vec()).unwrap()));
        let (status, text) = told.0.pop().unwrap_or((500, ""));
        (StatusCode::from_u16(status).unwrap(), text.to_owned())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(handler)).with_state(told.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, told)
}

fn secret() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a shared secret\n").unwrap();
    file
}

#[tokio::test]
async fn a_program_is_asked_first_and_its_answer_is_followed() {
    let app = Recorder::start().await;
    let secret = secret();
    let (url, told) = program(&[
        (200, r#"{"action":"continue","attributes":{"contract":["c-7"]},"groups":["premium"],"role":"editor"}"#),
        (200, r#"{"action":"refuse","message":"Your contract has ended."}"#),
    ])
    .await;
    let hook = format!("webhook: {{ url: \"{url}\", secret_file: {} }}", secret.path().display());
    let gate = Plan::default().app("charts", app.at, &format!("signup: {{ approval: none, {hook} }}")).start().await;
    let mut browser = gate.browser();
    let form = proved(&gate, &mut browser, "charts", ANN).await;
    browser.submit(&form, &form_to(&form, "/form"), &[("name", "Ann")]).await.expect(200);
    let mail = gate.mail(ANN, |text| text.contains("/invitations/")).await;
    let page = browser.open(&link(&mail, "/invitations/")).await.expect(200);
    browser.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    let guest = gate.json(&["guests", "show", ANN]);
    assert_eq!((guest["attributes"]["contract"][0].as_str(), guest["groups"][0].as_str()), (Some("c-7"), Some("premium")), "{guest}");

    let (headers, body) = told.lock().unwrap().1[0].clone();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a shared secret");
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes()))));
    let asked: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((asked["email"].as_str(), asked["app"].as_str(), asked["name"].as_str()), (Some(ANN), Some("charts"), Some("Ann")));

    let mut other = gate.browser();
    let form = proved(&gate, &mut other, "charts", "bob@partner.example").await;
    let waiting = other.submit(&form, &form_to(&form, "/form"), &[("name", "Bob")]).await.expect(200);
    let said = eventually("the refusal", async || {
        let page = other.clone().open(&waiting.url).await;
        page.text().contains("was not granted").then_some(page)
    })
    .await;
    assert!(said.text().contains("Your contract has ended."), "{}", said.text());
}

#[tokio::test]
async fn a_program_that_does_not_answer_is_asked_again_and_people_can_decide_meanwhile() {
    let app = Recorder::start().await;
    let secret = secret();
    let (url, told) = program(&[(503, "")]).await;
    let hook = format!("webhook: {{ url: \"{url}\", secret_file: {} }}", secret.path().display());
    let gate = Plan::default().app("charts", app.at, &format!("signup: {{ approval: owners, {hook} }}")).start().await;
    let mut browser = gate.browser();
    let form = proved(&gate, &mut browser, "charts", ANN).await;
    let waiting = browser.submit(&form, &form_to(&form, "/form"), &[("name", "Ann")]).await.expect(200);
    assert!(waiting.text().contains("is being checked"), "{}", waiting.text());
    eventually("the first question", async || (!told.lock().unwrap().1.is_empty()).then_some(())).await;
    let all = requests(&gate);
    assert_eq!(all[0]["status"].as_str(), Some("checking"));
    assert_eq!(gate.mails_to(LEE), 0);
    gate.json(&["requests", "deny", all[0]["id"].as_str().unwrap(), "--message", "Not this year."]);
    let said = browser.open(&waiting.url).await.expect(200);
    assert!(said.text().contains("Not this year."), "{}", said.text());
    gate.mail(ANN, |text| text.contains("The answer: Not this year.")).await;
}

#[tokio::test]
async fn a_guest_asks_for_another_app_and_for_more_time() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .extra("invitations: { access_for: 10d }")
        .app("charts", app.at, "")
        .app("wiki", app.at, "signup: { role: reader }")
        .app("secret", app.at, "")
        .start()
        .await;
    let mut ann = gate.guest(ANN, "charts").await;
    let home = ann.open(&gate.url(PORTAL, "/")).await.expect(200);
    assert!(home.text().contains("You can ask for") && home.text().contains("The wiki app"), "{}", home.text());
    assert!(!home.text().contains("The secret app"), "{}", home.text());
    ann.open(&gate.url(PORTAL, "/apps/secret/request")).await.expect(404);

    for (app, kind) in [("wiki", "access"), ("charts", "extension")] {
        let page = ann.open(&gate.url(PORTAL, &format!("/apps/{app}/request"))).await.expect(200);
        let short = ann.submit(&page, &form_to(&page, "/request"), &[("reason", "x")]).await.expect(200);
        assert!(short.text().contains("5 to 500 characters"), "{}", short.text());
        ann.submit(&short, &form_to(&short, "/request"), &[("reason", "I need it for the audit")]).await.expect(200);
        let all = gate.json(&["requests", "list", "--state", "open", "--app", app]);
        assert_eq!((all["items"][0]["kind"].as_str(), all["items"][0]["reason"].as_str()), (Some(kind), Some("I need it for the audit")));
        gate.json(&["requests", "approve", all["items"][0]["id"].as_str().unwrap(), "--access-for", "20d"]);
    }
    let grants = gate.json(&["grants", "list", "--guest", ANN]);
    let of = |app: &str| grants["items"].as_array().unwrap().iter().find(|g| g["app"] == app).unwrap().clone();
    assert_eq!((of("wiki")["role"].as_str(), of("wiki")["status"].as_str()), (Some("reader"), Some("active")));
    let days = |g: &serde_json::Value| {
        let at = |key: &str| g[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        (at("until") - at("from") + 43_200) / 86_400
    };
    assert_eq!((days(&of("wiki")), days(&of("charts"))), (20, 30));
    let wiki = ann.open(&gate.url("wiki.example.test", "/x")).await.expect(200);
    assert_eq!(wiki.text(), "recorded");
}

#[tokio::test]
async fn of_a_hundred_acceptances_of_one_link_one_grant_comes() {
    let app = Recorder::start().await;
    let gate = Arc::new(Plan::default().app("charts", app.at, "").start().await);
    gate.json(&["invite", ANN, "--app", "charts"]);
    let link = link(&gate.mail(ANN, |text| text.contains("/invitations/")).await, "/invitations/");
    let mut ready: Vec<(Browser, Answer)> = Vec::new();
    for _ in 0..100 {
        let mut browser = gate.browser();
        let page = browser.visit(&link).await.expect(200);
        ready.push((browser, page));
    }
    let posts = ready.into_iter().map(|(mut browser, page)| async move {
        let form = form_to(&page, "/invitations/");
        browser.post(&page, &form, &[]).await.status.as_u16()
    });
    let statuses = futures_util::future::join_all(posts).await;
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    let grants = gate.json(&["grants", "list", "--guest", ANN]);
    assert_eq!(grants["items"].as_array().unwrap().len(), 1, "{grants}");
    let audit = gate.json(&["audit", "list"]);
    let accepted = audit["items"].as_array().unwrap().iter().filter(|e| e["event"] == "invitation.redeemed").count();
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn invitations_of_one_address_merge_and_a_removed_guest_comes_back_as_before() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("wiki", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let first = gate.json(&["guests", "show", ANN])["id"].clone();
    let more = gate.invite(ANN, "wiki");
    ann.redeem(&more, &gate, ANN).await.expect(200);
    let guest = gate.json(&["guests", "show", ANN]);
    assert_eq!((guest["id"].clone(), guest["apps"].as_array().unwrap().len()), (first.clone(), 2));

    let grants = |gate: &Gateway| {
        let all = gate.json(&["grants", "list", "--guest", ANN]);
        let mut ids: Vec<String> = all["items"].as_array().unwrap().iter().map(|g| format!("{} {}", g["id"], g["status"])).collect();
        ids.sort();
        ids
    };
    let before = grants(&gate);
    gate.json(&["guests", "remove", ANN]);
    assert!(grants(&gate).iter().all(|g| g.ends_with("\"revoked\"")));
    assert_eq!(gate.json(&["guests", "restore", ANN])["state"], "active");
    assert_eq!(grants(&gate), before);
    assert!(!gate.cli(&["guests", "restore", ANN]).status.success());
    let page = ann.open(&gate.url(CHARTS, "/")).await.expect(200);
    ann.sign_in(&page, &gate, ANN).await.expect(200);
}

#[tokio::test]
async fn guests_of_a_denied_domain_are_suspended_and_told_until_it_is_allowed_again() {
    let app = Recorder::start().await;
    let gate = Plan::default().extra("invitations: { deny_domains: [] }").app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    let text = std::fs::read_to_string(gate.config_file()).unwrap();
    gate.replace("guestgate.yaml", &text.replace("deny_domains: []", "deny_domains: [partner.example]"));
    gate.mail(ANN, |text| text.contains("cannot be used here any more")).await;
    let guest = gate.json(&["guests", "show", ANN]);
    assert_eq!((guest["state"].as_str(), guest["reason"].as_str()), (Some("suspended"), Some("domain-denied")));
    gate.replace("guestgate.yaml", &text);
    eventually("the way back", async || (gate.json(&["guests", "show", ANN])["state"] == "active").then_some(())).await;
}

#[tokio::test]
async fn an_access_is_made_longer_by_whoever_was_told_that_it_ends() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let link = gate.json(&["invite", ANN, "--app", "charts", "--no-send", "--access-for", "1d"]);
    gate.browser().redeem(link["redeem_url"].as_str().unwrap(), &gate, ANN).await;
    let grant = gate.json(&["grants", "list", "--guest", ANN])["items"][0].clone();
    let longer = gate.json(&["grants", "extend", grant["id"].as_str().unwrap(), "--by", "30d"]);
    let at = |g: &serde_json::Value| g["until"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(at(&longer) - at(&grant), 30 * 86_400);
}

const RULES: &str = "# House rules\n\nBe <b onclick=\"x()\">kind</b>, see [us](https://example.com/) and [them](javascript:alert(1)).\n";

fn definitions(version: u32) -> String {
    format!("terms:\n  rules: {{ file: rules.md, version: {version} }}\n")
}

#[tokio::test]
async fn terms_are_accepted_as_they_are_shown_and_the_proof_is_kept() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .extra("hold_back: never")
        .policy("definitions.yaml", &definitions(1))
        .policy("rules.md", RULES)
        .policy("charts.yaml", "app: charts\npolicies:\n  - name: rules\n    require: [{ terms: rules }]\n")
        .app("charts", app.at, "")
        .start()
        .await;
    let mut ann = gate.guest(ANN, "charts").await;
    assert!(app.heads().is_empty(), "nothing is forwarded before");
    let page = ann.open(&gate.url(CHARTS, "/deep?link=1")).await.expect(200);
    let text = page.text();
    assert!(text.contains("<h1>House rules</h1>") && text.contains("&lt;b onclick") && !text.contains("<b onclick"), "{text}");
    assert!(text.contains("href=\"https://example.com/\"") && !text.contains("javascript:"), "{text}");

    let mut unticked = form_to(&page, "/terms/rules");
    unticked.fields.retain(|(name, _)| name != "accept");
    let again = ann.submit(&page, &unticked, &[]).await.expect(200);
    assert!(again.text().contains("Tick the box"), "{}", again.text());
    let swapped = ann.submit(&again, &form_to(&again, "/terms/rules"), &[("text", &"0".repeat(64))]).await.expect(200);
    assert!(swapped.text().contains("The text has changed"), "{}", swapped.text());
    let inside = ann.submit(&swapped, &form_to(&swapped, "/terms/rules"), &[]).await.expect(200);
    assert_eq!((inside.url.as_str(), inside.text().as_str()), (gate.url(CHARTS, "/deep?link=1").as_str(), "recorded"));
    let account = ann.open(&gate.url(PORTAL, "/account")).await.expect(200);
    assert!(account.text().contains("rules, version 1"), "{}", account.text());

    // The proof has who, when, from where, and the text whose hash it names.
    let entry = account.text().split("/account/terms/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let proof = ann.open(&gate.url(PORTAL, &format!("/account/terms/{entry}/proof"))).await.expect(200);
    assert!(proof.header("content-disposition").contains("rules-version-1.txt"));
    let (head, kept) = proof.text().split_once("-----\n").map(|(h, k)| (h.to_owned(), k.to_owned())).unwrap();
    let hash: String =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, kept.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert!(kept == RULES && head.contains(&hash) && head.contains(ANN) && head.contains("127.0.0.1"), "{head}");
    let shown = gate.json(&["guests", "show", ANN]);
    assert_eq!((shown["terms"][0]["sha256"].as_str(), shown["terms"][0]["version"].as_u64()), (Some(hash.as_str()), Some(1)));
    let mut bob = gate.guest("bob@partner.example", "charts").await;
    bob.open(&gate.url(PORTAL, &format!("/account/terms/{entry}/proof"))).await.expect(404);

    // A new version is accepted anew; the old text stays as it was accepted.
    gate.replace("policies/rules.md", "# House rules\n\nBe kinder.\n");
    gate.replace("policies/definitions.yaml", &definitions(2));
    eventually("the new version", async || {
        let answer = ann.clone().fetch(&gate.url(CHARTS, "/")).await;
        (answer.status.as_u16() != 200).then_some(())
    })
    .await;
    let old = ann.open(&gate.url(PORTAL, &format!("/account/terms/{entry}"))).await.expect(200);
    assert!(old.text().contains("&lt;b onclick"), "{}", old.text());
    let page = ann.open(&gate.url(PORTAL, "/terms/rules")).await.expect(200);
    let account = ann.submit(&page, &form_to(&page, "/terms/rules"), &[]).await.expect(200);
    assert!(account.text().contains("rules, version 2") && account.text().contains("rules, version 1"), "{}", account.text());
    ann.open(&gate.url(CHARTS, "/")).await.expect(200);
}

#[tokio::test]
async fn a_reason_is_stated_and_an_owner_lets_in() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .policy(
            "charts.yaml",
            "app: charts\npolicies:\n  - name: audited\n    require: [justification, { approval: { by: owners, valid: 8h } }]\n",
        )
        .app("charts", app.at, "")
        .start()
        .await;
    let mut ann = gate.guest(ANN, "charts").await;
    let page = ann.open(&gate.url(CHARTS, "/figures?year=3")).await.expect(200);
    let short = ann.submit(&page, &form_to(&page, "/justify"), &[("reason", "hm")]).await.expect(200);
    assert!(short.text().contains("5 to 500 characters"), "{}", short.text());
    let page = ann.submit(&short, &form_to(&short, "/justify"), &[("reason", "The audit of the year")]).await.expect(200);
    assert!(page.text().contains("The audit of the year"), "what was said is not asked again: {}", page.text());
    let asked = [("reason", "The audit of the year")];
    let waiting = ann.submit(&page, &form_to(&page, "/approval"), &asked).await.expect(200);
    assert!(waiting.text().contains("content=\"5;url=") && app.heads().is_empty(), "{}", waiting.text());
    let mail = gate.mail(LEE, |text| text.contains("waits to be let into The charts app")).await;
    assert!(mail.contains("They write: The audit of the year"), "{mail}");
    let id = link(&mail, "/requests/").rsplit('/').next().unwrap().to_owned();
    gate.json(&["requests", "approve", &id]);
    let inside = ann.open(&waiting.url).await.expect(200);
    assert_eq!((inside.url.as_str(), inside.text().as_str()), (gate.url(CHARTS, "/figures?year=3").as_str(), "recorded"));
    let head = app.last();
    let token = head.lines().find_map(|l| l.strip_prefix("X-Guestgate-Assertion: ")).unwrap().split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["justification"], "The audit of the year");

    // Another browser says why for itself; the approval is of the guest.
    let mut other = gate.browser();
    let page = other.open(&gate.url(CHARTS, "/again")).await.expect(200);
    let page = other.sign_in(&page, &gate, ANN).await.expect(200);
    let inside = other.submit(&page, &form_to(&page, "/justify"), &[("reason", "From the train")]).await.expect(200);
    assert_eq!(inside.url, gate.url(CHARTS, "/again"));
    let audit = gate.json(&["audit", "list"]);
    let events = |event: &str| audit["items"].as_array().unwrap().iter().filter(|e| e["event"] == event).count();
    assert_eq!((events("justification.stated"), events("request.made"), events("request.approved")), (2, 1, 1), "{audit}");
}

/// A page without what its hidden fields hold: tokens are random, and the way back is the page's own address.
fn without_tokens(page: &str) -> String {
    let mut parts = page.split("<input type=\"hidden\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('>').map_or("", |(_, rest)| rest))
}
