//! What guests do with their own account: see and end sessions, take along what is held about them, leave; and ask for what is closed.

use crate::kit::{
    Browser, Gateway, Plan, Recorder,
    browser::{Answer, form_to},
    eventually,
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";
const BOB: &str = "bob@partner.example";
const LEE: &str = "dr.lee@example.test";

async fn account(gate: &Gateway, browser: &mut Browser) -> Answer {
    browser.open(&gate.url(PORTAL, "/account")).await.expect(200)
}

/// The same guest in another browser.
async fn elsewhere(gate: &Gateway) -> Browser {
    let mut browser = gate.browser();
    let page = browser.open(&gate.url(PORTAL, "/signin")).await.expect(200);
    browser.sign_in(&page, gate, ANN).await.expect(200);
    browser
}

/// Whether the portal still knows the browser.
async fn is_signed_in(gate: &Gateway, browser: &mut Browser) -> bool {
    browser.visit(&gate.url(PORTAL, "/account")).await.status.as_u16() == 200
}

#[tokio::test]
async fn each_browser_can_be_signed_out_and_all_others_at_once() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut here = gate.guest(ANN, "charts").await;
    let (mut second, mut third) = (elsewhere(&gate).await, elsewhere(&gate).await);
    let page = account(&gate, &mut here).await;
    let text = page.text();
    assert_eq!(text.matches("action=\"/account/sessions/end\"").count(), 3, "{text}");
    assert!(text.contains("This browser") && text.contains("The charts app") && text.contains("Last used on"), "{text}");

    // One of them, chosen by its line.
    let session = |form: &crate::kit::browser::FormOnPage| form.fields.iter().find(|(name, _)| name == "session").unwrap().1.clone();
    let lines: Vec<_> = page.forms().into_iter().filter(|form| form.action == "/account/sessions/end").collect();
    let mine = gate.json(&["sessions", "list", ANN])["items"].as_array().unwrap().iter().filter(|s| s["audience"] == "portal").count();
    assert_eq!(mine, lines.len());
    let own = text.split("<li>").find(|line| line.contains("This browser")).unwrap();
    let other = lines.iter().find(|form| !own.contains(&session(form))).unwrap();
    here.submit(&page, other, &[]).await.expect(200);
    let left = [is_signed_in(&gate, &mut second).await, is_signed_in(&gate, &mut third).await];
    assert_eq!(left.iter().filter(|there| **there).count(), 1, "{left:?}");

    let mut fourth = elsewhere(&gate).await;
    let page = account(&gate, &mut here).await;
    here.submit(&page, &form_to(&page, "/account/sessions/others"), &[]).await.expect(200);
    for other in [&mut second, &mut third, &mut fourth] {
        assert!(!is_signed_in(&gate, other).await);
    }
    assert!(is_signed_in(&gate, &mut here).await);
    here.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let page = account(&gate, &mut here).await;
    assert!(!page.text().contains("/account/sessions/others"), "nobody else is there: {}", page.text());
}

#[tokio::test]
async fn a_guest_takes_everything_along_and_nothing_about_others() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .extra("trusted_proxies: [127.0.0.0/8]")
        .app("charts", app.at, "signup: { approval: none, fields: [{ name: clinic, label: Your clinic }] }")
        .start()
        .await;
    gate.guest(BOB, "charts").await;
    gate.json(&["invite", ANN, "--app", "charts", "--name", "Ann", "--message", "Welcome, Ann"]);
    let mail = gate.mail(ANN, |text| text.contains("/invitations/")).await;
    let link = mail.split_whitespace().find(|word| word.contains("/invitations/")).unwrap().to_owned();
    let mut ann = gate.browser().from("203.0.113.9");
    let page = ann.open(&link).await.expect(200);
    ann.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    gate.json(&["guests", "suspend", ANN, "--reason", "A look at it"]);
    gate.json(&["guests", "resume", ANN]);
    let page = ann.open(&gate.url(PORTAL, "/signin")).await.expect(200);
    ann.sign_in(&page, &gate, ANN).await.expect(200);

    let page = account(&gate, &mut ann).await;
    let answer = ann.post(&page, &form_to(&page, "/account/export"), &[]).await.expect(200);
    assert!(answer.header("content-disposition").starts_with("attachment;"), "{}", answer.header("content-disposition"));
    let file = answer.json();
    assert_eq!((&file["guest"]["email"], &file["guest"]["name"]), (&ANN.into(), &"Ann".into()));
    assert_eq!((&file["grants"][0]["app"], &file["invitations"][0]["message"]), (&"charts".into(), &"Welcome, Ann".into()));
    assert!(file["sessions"].as_array().unwrap().iter().any(|s| s["network_address"] == "203.0.113.9"), "{file}");
    assert!(file["sessions"].as_array().unwrap().iter().any(|s| !s["ended"].is_null()), "those that have ended as well: {file}");
    let log = file["log"].as_array().unwrap();
    let events: Vec<&str> = log.iter().filter_map(|entry| entry["event"].as_str()).collect();
    for event in ["invitation.issued", "invitation.redeemed", "grant.created", "guest.suspended", "session.opened", "guest.exported"] {
        assert!(events.contains(&event), "{event} is not in {events:?}");
    }
    assert!(log.iter().any(|entry| entry["facts"]["reason"] == "A look at it"));
    let text = answer.text();
    let token = link.rsplit('/').next().unwrap();
    for other in [BOB, "127.0.0.1", token, "\"mailed\"", "\"direct\""] {
        assert!(!text.contains(other), "{other} is in {text}");
    }

    // The same by the command line; that somebody looked is told to the guest in the next file.
    let again = gate.json(&["guests", "export", ANN]);
    assert_eq!(again["guest"]["id"], file["guest"]["id"]);
    let exported = again["log"].as_array().unwrap().iter().filter(|entry| entry["event"] == "guest.exported");
    assert_eq!(exported.map(|entry| entry["actor"].as_str().unwrap()).collect::<Vec<_>>(), ["guest", "machine"]);

    // Not for ever.
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let page = account(&gate, &mut ann).await;
        statuses.push(ann.post(&page, &form_to(&page, "/account/export"), &[]).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
}

#[tokio::test]
async fn a_guest_leaves_and_whoever_is_responsible_is_told() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("wiki", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let mut other = elsewhere(&gate).await;
    let page = ann.open(&gate.url(PORTAL, "/account/leave")).await.expect(200);
    assert!(page.text().contains("Leave Example access?") && page.text().contains("The charts app"), "{}", page.text());
    assert!(is_signed_in(&gate, &mut ann).await, "looking changes nothing");
    let left = ann.submit(&page, &form_to(&page, "/account/leave"), &[]).await.expect(200);
    assert!(left.text().contains("You have left"), "{}", left.text());
    assert!(!is_signed_in(&gate, &mut ann).await && !is_signed_in(&gate, &mut other).await);
    assert_ne!(ann.fetch(&gate.url(CHARTS, "/")).await.status.as_u16(), 200);
    let told = gate.mail(LEE, |text| text.contains("has left")).await;
    assert!(told.contains("The charts app") && told.contains("guestgate guests restore ann@partner.example"), "{told}");
    let confirmed = gate.mail(ANN, |text| text.contains("As you asked on")).await;
    assert!(confirmed.contains("127.0.0.1"), "{confirmed}");
    assert_eq!(gate.json(&["guests", "show", ANN])["state"], "removed");
    let audit = gate.json(&["audit", "list"]);
    assert!(audit["items"].as_array().unwrap().iter().any(|entry| entry["event"] == "guest.left" && entry["actor"] == "guest"));

    // A mistake can be undone, and the guest hears of it.
    gate.json(&["guests", "restore", ANN]);
    gate.mail(ANN, |text| text.contains("open to you again")).await;
    let page = ann.open(&gate.url(CHARTS, "/")).await.expect(200);
    assert_eq!(ann.sign_in(&page, &gate, ANN).await.expect(200).text(), "recorded");
}

#[tokio::test]
async fn from_a_closed_app_there_is_a_way_to_ask_for_it() {
    let app = Recorder::start().await;
    let gate = Plan::default()
        .app("charts", app.at, "")
        .app("wiki", app.at, "signup: { approval: owners }")
        .app("secret", app.at, "")
        .start()
        .await;
    let link = gate.json(&["invite", ANN, "--app", "charts", "--no-send", "--access-for", "2s"]);
    let mut ann = gate.browser();
    ann.redeem(link["redeem_url"].as_str().unwrap(), &gate, ANN).await;
    let closed = eventually("the end of the access", || {
        let mut ann = ann.clone();
        let url = gate.url(CHARTS, "/");
        async move {
            let answer = ann.open(&url).await;
            (answer.status.as_u16() == 403).then_some(answer)
        }
    })
    .await;
    let (ask, home) = (gate.url(PORTAL, "/apps/charts/request"), format!("href=\"{}\"", gate.url(PORTAL, "/")));
    assert!(closed.text().contains(&format!("href=\"{ask}\"")) && closed.text().contains(&home), "{}", closed.text());
    let page = ann.open(&ask).await.expect(200);
    assert!(page.text().contains("Ask for more time"), "{}", page.text());

    let offered = ann.open(&gate.url("wiki.example.test", "/")).await.expect(403);
    let ask = gate.url(PORTAL, "/apps/wiki/request");
    assert!(offered.text().contains(&format!("href=\"{ask}\"")) && offered.text().contains("Ask for access"), "{}", offered.text());
    ann.open(&ask).await.expect(200);

    let hidden = ann.open(&gate.url("secret.example.test", "/")).await.expect(403);
    assert!(!hidden.text().contains("/apps/secret/request") && hidden.text().contains(&home), "{}", hidden.text());
}

#[tokio::test]
async fn a_choice_of_language_lasts_and_counts_on_pages_of_the_app_too() {
    let app = Recorder::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("wiki", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let page = account(&gate, &mut ann).await;
    let page = ann.submit(&page, &form_to(&page, "/language"), &[("language", "de")]).await.expect(200);
    assert!(page.text().contains("<html lang=\"de\""), "{}", page.text());
    let closed = ann.open(&gate.url("wiki.example.test", "/")).await.expect(403);
    assert!(closed.text().contains("<html lang=\"de\""), "{}", closed.text());
    // Another browser of the same guest hears it at the sign-in.
    let mut other = elsewhere(&gate).await;
    assert!(account(&gate, &mut other).await.text().contains("<html lang=\"de\""));
}
