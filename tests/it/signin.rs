//! From a link to a session: what proves what, and what proves nothing.

use axum::http::Method;

use crate::kit::{
    Gateway, Plan, Recorder,
    browser::{code_in, form_to},
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";

async fn gateway() -> (Gateway, Recorder) {
    let app = Recorder::start().await;
    (Plan::default().app("charts", app.at, "").start().await, app)
}

#[tokio::test]
async fn a_mailed_link_proves_the_mailbox_by_itself() {
    let (gate, app) = gateway().await;
    gate.json(&["invite", ANN, "--app", "charts", "--message", "Welcome <b>Ann</b>"]);
    let mail = gate.mail(ANN, |text| text.contains("/invitations/")).await;
    let link = mail.split_whitespace().find(|w| w.contains("/invitations/")).unwrap().to_owned();

    // A mail scanner follows the link, several times and by HEAD too: nothing changes.
    let mut scanner = gate.browser();
    for _ in 0..3 {
        scanner.visit(&link).await.expect(200);
        scanner.send(Method::HEAD, &link, &[], "").await.expect(200);
    }
    assert_eq!(gate.json(&["invitations", "list"])["items"][0]["status"], "pending");

    let mut ann = gate.browser();
    let page = ann.open(&link).await.expect(200);
    assert!(page.text().contains("The charts app"), "{}", page.text());
    assert!(page.text().contains("&lt;b&gt;") || page.text().contains("&#60;b&#62;"), "what people typed is escaped: {}", page.text());
    let form = form_to(&page, "/invitations/");
    let end = ann.submit(&page, &form, &[]).await.expect(200);
    assert_eq!(end.text(), "recorded", "the way ends in the app");
    assert!(app.heads().len() == 1);
    assert_eq!(gate.json(&["invitations", "list"])["items"][0]["status"], "redeemed");
}

#[tokio::test]
async fn a_direct_link_needs_the_code_that_only_the_mailbox_gets() {
    let (gate, app) = gateway().await;
    let link = gate.invite(ANN, "charts");
    let mut thief = gate.browser();
    let page = thief.open(&link).await.expect(200);
    let asked = thief.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    let form = asked.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "code")).expect("a code is asked for");
    for guess in ["00000000", "12345678", "99999999"] {
        let answer = thief.submit(&asked, &form, &[("code", guess)]).await;
        assert!(answer.status.as_u16() < 500 && answer.url.contains(PORTAL), "{} {}", answer.status, answer.url);
    }
    assert!(app.heads().is_empty());
    assert_eq!(gate.json(&["invitations", "list"])["items"][0]["status"], "pending");
}

#[tokio::test]
async fn a_link_is_good_once_and_says_so() {
    let (gate, _app) = gateway().await;
    let link = gate.invite(ANN, "charts");
    let mut ann = gate.browser();
    ann.redeem(&link, &gate, ANN).await.expect(200);
    let mut other = gate.browser();
    let page = other.open(&link).await;
    assert!(page.forms().iter().all(|f| !f.action.contains("/invitations/")), "nothing left to accept: {}", page.text());
    assert_eq!(gate.json(&["grants", "list"])["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_revoked_link_and_an_unknown_one_look_alike_and_open_nothing() {
    let (gate, _app) = gateway().await;
    let link = gate.invite(ANN, "charts");
    let id = gate.json(&["invitations", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
    gate.json(&["invitations", "revoke", &id]);
    let mut ann = gate.browser();
    let revoked = ann.open(&link).await;
    let unknown = ann.open(&gate.url(PORTAL, &format!("/invitations/{}", "A".repeat(43)))).await;
    assert!(revoked.forms().iter().all(|f| !f.action.contains("/invitations/")));
    assert!(unknown.forms().iter().all(|f| !f.action.contains("/invitations/")));
}

#[tokio::test]
async fn a_returning_guest_signs_in_by_code_and_lands_where_it_was_going() {
    let (gate, app) = gateway().await;
    gate.guest(ANN, "charts").await;
    let mut ann = gate.browser();
    let page = ann.open(&gate.url(CHARTS, "/patients/7?tab=notes")).await.expect(200);
    let end = ann.sign_in(&page, &gate, ANN).await.expect(200);
    assert_eq!(end.text(), "recorded");
    assert!(app.last().starts_with("GET /patients/7?tab=notes HTTP/1.1\r\n"), "{}", app.last());
    // Once signed in, the way to another page of the app is direct.
    ann.visit(&gate.url(CHARTS, "/patients/8")).await.expect(200);
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer_and_only_the_known_one_a_mail() {
    let (gate, _app) = gateway().await;
    gate.guest(ANN, "charts").await;
    let before = gate.mails_to(ANN);
    let mut bodies = Vec::new();
    for address in ["xyz@partner.example", ANN] {
        let mut person = gate.browser();
        let page = person.open(&gate.url(CHARTS, "/")).await.expect(200);
        let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "email")).unwrap();
        let answer = person.submit(&page, &form, &[("email", address)]).await;
        // What differs by browser (sealed state, tokens) is random for both; all else is compared.
        let mut text = answer.text().replace(address, "ADDRESS");
        for form in answer.forms() {
            for (_, value) in form.fields.iter().filter(|(_, v)| v.len() > 20) {
                text = text.replace(value.as_str(), "TOKEN");
            }
        }
        while let Some(at) = text.find("start=") {
            let end = at + text[at..].find(['"', '&']).unwrap();
            text.replace_range(at..end, "START");
        }
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        bodies.push((answer.status, headers, text));
    }
    assert_eq!(bodies[0], bodies[1]);
    gate.mail(ANN, |_| gate.mails_to(ANN) > before).await;
    assert_eq!(gate.mails_to("xyz@partner.example"), 0);
}

#[tokio::test]
async fn five_wrong_codes_end_a_code() {
    let (gate, app) = gateway().await;
    gate.guest(ANN, "charts").await;
    let seen = app.heads().len();
    let before = gate.mails_to(ANN);
    let mut ann = gate.browser();
    let page = ann.open(&gate.url(CHARTS, "/")).await.expect(200);
    let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "email")).unwrap();
    let asked = ann.submit(&page, &form, &[("email", ANN)]).await.expect(200);
    crate::kit::eventually("the code", || std::future::ready((gate.mails_to(ANN) > before).then_some(()))).await;
    let right = code_in(&gate.mail(ANN, |t| code_in(t).is_some()).await).unwrap();
    let wrong = if right == "00000000" { "00000001" } else { "00000000" };
    let form = asked.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "code")).unwrap();
    for _ in 0..5 {
        ann.submit(&asked, &form, &[("code", wrong)]).await;
    }
    let late = ann.submit(&asked, &form, &[("code", &right)]).await;
    assert_ne!(late.text(), "recorded");
    assert_eq!(app.heads().len(), seen, "the right code after five wrong ones opens nothing");
}

#[tokio::test]
async fn a_code_works_only_in_the_browser_that_asked() {
    let (gate, app) = gateway().await;
    gate.guest(ANN, "charts").await;
    let seen = app.heads().len();
    let before = gate.mails_to(ANN);
    let mut ann = gate.browser();
    let page = ann.open(&gate.url(CHARTS, "/")).await.expect(200);
    let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "email")).unwrap();
    let asked = ann.submit(&page, &form, &[("email", ANN)]).await.expect(200);
    crate::kit::eventually("the code", || std::future::ready((gate.mails_to(ANN) > before).then_some(()))).await;
    let code = code_in(&gate.mail(ANN, |t| code_in(t).is_some()).await).unwrap();
    let form = asked.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == "code")).unwrap();
    let mut other = gate.browser();
    let answer = other.post(&asked, &form, &[("code", &code)]).await;
    assert!(answer.status.is_client_error(), "{}: {}", answer.status, answer.text());
    assert_eq!(app.heads().len(), seen);
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let (gate, _app) = gateway().await;
    let link = gate.invite(ANN, "charts");
    let mut ann = gate.browser();
    let page = ann.open(&link).await.expect(200);
    let form = form_to(&page, "/invitations/");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let url = if form.action.starts_with("https://") { form.action.clone() } else { gate.url(PORTAL, &form.action) };
    for (name, headers) in [
        ("cross-site", vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]),
        ("same-site", vec![("sec-fetch-site", "same-site"), ("origin", "https://charts.example.test")]),
        ("a foreign origin", vec![("origin", "https://evil.example")]),
        ("no origin", vec![]),
        ("a null origin", vec![("origin", "null")]),
    ] {
        let mut headers = headers;
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        let answer = ann.send(Method::POST, &url, &headers, body.clone()).await;
        assert_eq!(answer.status, 403, "{name}");
    }
    assert_eq!(gate.json(&["invitations", "list"])["items"][0]["status"], "pending");
}

#[tokio::test]
async fn a_handover_that_this_browser_did_not_start_is_refused() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    // Ann's way to the app is stopped at the callback, whose address is carried to somebody else's browser.
    let start = ann.clone().visit(&gate.url(CHARTS, "/x")).await;
    assert_eq!(start.status, 200, "still signed in");
    let mut fresh = gate.browser();
    for (name, value) in ann.cookies(PORTAL) {
        fresh.set_cookie(PORTAL, &name, &value);
    }
    let to_portal = fresh.visit(&gate.url(CHARTS, "/x")).await.expect(303);
    let through_portal = fresh.visit(to_portal.header("location")).await.expect(303);
    let callback = through_portal.header("location").to_owned();
    assert!(callback.starts_with(&gate.url(CHARTS, "/.guestgate/callback?")), "{callback}");
    let mut victim = gate.browser();
    let answer = victim.visit(&callback).await;
    assert!(!victim.cookies(CHARTS).contains_key("__Host-guestgate"), "login CSRF: {}", answer.status);
    fresh.visit(&callback).await.expect(303);
    assert!(fresh.cookies(CHARTS).contains_key("__Host-guestgate"));
    let again = fresh.clone().visit(&callback).await;
    assert_ne!(again.status, 200, "a code is good once");
    ann.visit(&gate.url(CHARTS, "/x")).await.expect(200);
}

#[tokio::test]
async fn sign_out_ends_the_session_here_and_on_the_portal() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let url = gate.url(CHARTS, "/.guestgate/signout");
    let refused = ann.send(Method::POST, &url, &[("sec-fetch-site", "same-site")], "").await;
    assert_eq!(refused.status, 403);
    ann.fetch(&gate.url(CHARTS, "/")).await.expect(200);
    let mut before = ann.clone();
    let answer = ann.send(Method::POST, &url, &[("sec-fetch-site", "same-origin")], "").await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", answer.status);
    before.fetch(&gate.url(CHARTS, "/")).await.expect(401);
    let page = before.visit(&gate.url(PORTAL, "/account")).await;
    assert!(page.status.is_redirection() || page.status == 401, "the root has ended too: {}", page.status);
}

#[tokio::test]
async fn whoami_tells_the_session_of_this_app() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let answer = ann.send(Method::GET, &gate.url(CHARTS, "/.guestgate/whoami"), &[("sec-fetch-site", "same-origin")], "").await.expect(200);
    let text = answer.text();
    assert!(text.contains(ANN) && text.contains("email-code"), "{text}");
    ann.send(Method::GET, &gate.url(CHARTS, "/.guestgate/whoami"), &[("sec-fetch-site", "same-site")], "").await.expect(403);
}

#[tokio::test]
async fn the_portal_shows_my_apps_and_my_account() {
    let (gate, _app) = gateway().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let page = ann.open(&gate.url(PORTAL, "/")).await.expect(200);
    assert!(page.text().contains("The charts app"), "{}", page.text());
    let csp = page.header("content-security-policy").to_owned();
    assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"), "{csp}");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    let account = ann.open(&gate.url(PORTAL, "/account")).await.expect(200);
    assert!(account.text().contains(ANN));
}
