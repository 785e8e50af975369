use super::kit::*;
use crate::{
    base::{AppId, Digest, Span},
    identity::{Handover, Needs},
};

#[tokio::test]
async fn a_returning_guest_signs_in_by_code_and_is_handed_over() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let start = desk.start("charts", Needs::Session);
    let mut browser = desk.browser();
    let page = browser.ask(" Ann@Partner.Example ", &start).await;
    let mails = desk.mail().await;
    assert!(mails[0].subject.contains("Patient charts") && mails[0].text.contains("203.0.113.9"), "{mails:?}");
    let done = browser.type_code(&page, &code_in(&mails[0])).await;
    let onward = done.onward();
    let code = onward.strip_prefix("https://charts.example.com/.guestgate/callback?code=").unwrap();
    let to = (&AppId::parse("charts").unwrap(), Digest::of(b"start"));
    let handover = Handover::unseal(&desk.state.keys, code, to, desk.now()).unwrap();
    assert_eq!(handover.target, "/page?x=1");
    let root = desk.state.store.session(handover.root).await.unwrap().unwrap();
    assert!(root.is_live(desk.now()) && root.invitation.is_some());
}

#[tokio::test]
async fn a_live_session_goes_straight_on() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let straight = browser.get(&format!("/signin?start={}", desk.start("charts", Needs::Session))).await;
    assert_eq!(straight.status, 303);
    assert!(straight.headers["location"].to_str().unwrap().starts_with("https://charts.example.com/.guestgate/callback?code="));
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut seen = Vec::new();
    for email in ["ann@partner.example", "bob@partner.example"] {
        let mut browser = desk.browser();
        browser.get("/signin").await;
        let page = browser.ask(email, "").await;
        let state = page.field("state");
        let length = state.len();
        seen.push((page.status, page.headers.clone(), page.body.replace(&state, "").replace(email, ""), length));
        assert!(page.says("href=\"/signin\""));
        for n in 0..6 {
            let wrong = browser.type_code(&page, "00000000").await;
            let state = wrong.field("state");
            seen.push((wrong.status, wrong.headers.clone(), wrong.body.replace(&state, "").replace(email, ""), n));
        }
    }
    let (known, unknown) = seen.split_at(7);
    assert_eq!(known, unknown);
    let mails = desk.mail().await;
    assert!(mails.len() == 1 && mails[0].to.as_str() == "ann@partner.example");
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_does_not_help() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut browser = desk.browser();
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    for left in (0..5).rev() {
        let wrong = browser.type_code(&page, "00000000").await;
        assert!(wrong.says("not the code") && wrong.says(&format!("{left} attempt")), "{}", wrong.body);
    }
    let late = browser.type_code(&page, &code).await;
    assert!(late.says("too many attempts") && !browser.cookies.contains_key("__Host-guestgate"));
}

#[tokio::test]
async fn twenty_attempts_an_hour_for_an_address_are_not_reset_by_new_codes_or_browsers() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    for n in 0..5_u8 {
        let mut browser = desk.browser();
        browser.ip = [198, 51, n, 1].into();
        let page = browser.ask("ann@partner.example", "").await;
        for _ in 0..4 {
            assert!(browser.type_code(&page, "00000000").await.says("not the code"));
        }
        desk.mail().await;
    }
    let mut browser = desk.browser();
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    assert!(browser.type_code(&page, &code).await.says("too many attempts"));
    desk.pass(Span::hours(1)).await;
    let page = browser.ask("ann@partner.example", "").await;
    assert_eq!(browser.type_code(&page, &desk.code().await).await.status, 303);
}

#[tokio::test]
async fn mails_to_one_address_are_limited_and_the_answer_stays_the_same() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut sent = 0;
    for _ in 0..25 {
        let page = desk.browser().ask("ann@partner.example", "").await;
        assert!(page.status == 200 && page.says("Type in the code"));
        sent += desk.mail().await.len();
    }
    assert_eq!(sent, 20);
}

#[tokio::test]
async fn a_code_expires_half_open() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut browser = desk.browser();
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    desk.pass(Span::mins(10)).await;
    assert!(browser.type_code(&page, &code).await.says("too old"));
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    desk.pass(Span::mins(10)).await;
    desk.pass(Span::ZERO).await;
    assert!(browser.type_code(&page, &code).await.says("too old"));
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    desk.pass(Span::millis(10 * 60 * 1000 - 1)).await;
    assert_eq!(browser.type_code(&page, &code).await.status, 303);
}

#[tokio::test]
async fn a_code_is_used_once_and_only_in_the_browser_that_asked() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut browser = desk.browser();
    let page = browser.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    let mut thief = desk.browser();
    thief.get("/signin").await;
    assert_eq!(thief.type_code(&page, &code).await.status, 403);
    assert_eq!(browser.type_code(&page, &code).await.status, 303);
    browser.cookies.remove("__Host-guestgate");
    let replay = browser.type_code(&page, &code).await;
    assert!(replay.says("has been used") && !browser.cookies.contains_key("__Host-guestgate"));
}

#[tokio::test]
async fn several_tabs_ask_and_each_code_fits_its_own() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let mut browser = desk.browser();
    let one = browser.ask("ann@partner.example", "").await;
    let first = desk.code().await;
    let two = browser.ask("ann@partner.example", "").await;
    let second = desk.code().await;
    assert!(browser.type_code(&two, &first).await.says("not the code"));
    assert_eq!(browser.type_code(&one, &first).await.status, 303);
    assert_eq!(browser.type_code(&two, &second).await.status, 303);
}

#[tokio::test]
async fn a_new_code_can_be_asked_for_after_a_while() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    for email in ["ann@partner.example", "bob@partner.example"] {
        let mut browser = desk.browser();
        let page = browser.ask(email, "").await;
        desk.mail().await;
        let early = browser.post("/signin/resend", &[("state", &page.field("state"))]).await;
        assert!(early.says("Please wait 30 seconds") && desk.mail().await.is_empty());
        desk.pass(Span::secs(30)).await;
        let again = browser.post("/signin/resend", &[("state", &page.field("state"))]).await;
        assert!(!again.says("Please wait"));
        assert_eq!(desk.mail().await.len(), usize::from(email.starts_with("ann")));
    }
}

#[tokio::test]
async fn a_third_round_within_a_minute_says_what_was_seen() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    for expected in [303, 303, 403] {
        let page = browser.get(&format!("/signin?start={}", desk.start("charts", Needs::Session))).await;
        assert_eq!(page.status, expected);
    }
    let page = browser.get(&format!("/signin?start={}", desk.start("charts", Needs::Session))).await;
    assert!(page.says("charts.example.com has asked for a sign-in three times") && page.says("ann@partner.example"), "{}", page.body);
    desk.pass(Span::mins(1)).await;
    assert_eq!(browser.get(&format!("/signin?start={}", desk.start("charts", Needs::Session))).await.status, 303);
}

#[tokio::test]
async fn a_sign_in_names_no_app_to_whom_it_is_not_open() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    let start = desk.start("wiki", Needs::Session);
    let mut browser = desk.browser();
    let form = browser.get(&format!("/signin?start={start}")).await;
    let page = browser.ask("ann@partner.example", &start).await;
    let mails = desk.mail().await;
    let done = browser.type_code(&page, &code_in(&mails[0])).await;
    for text in [&form.body, &page.body, &done.body, &mails[0].subject, &mails[0].text] {
        assert!(!text.contains("Hidden wiki"), "{text}");
    }
}

#[tokio::test]
async fn a_forged_or_stale_start_leads_nowhere_but_home() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let stale = desk.start("charts", Needs::Session);
    desk.pass(Span::mins(10)).await;
    for start in [stale.as_str(), "x", "https://evil.example/"] {
        let page = browser.get(&format!("/signin?start={start}")).await;
        assert!(page.status == 303 && page.headers["location"] == "/", "{start}");
    }
}
