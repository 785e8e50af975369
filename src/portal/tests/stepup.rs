use super::kit::*;
use crate::{base::Span, identity::Needs};

const CALLBACK: &str = "https://charts.example.com/.guestgate/callback?code=";

#[tokio::test]
async fn a_stale_sign_in_is_renewed_by_a_code_and_the_old_session_ends() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    desk.pass(Span::mins(20)).await;
    let before = browser.cookies["__Host-guestgate"].clone();
    let start = desk.challenge(&browser, "/fresh/1").await;
    let page = browser.get(&format!("/signin?start={start}")).await;
    assert!(page.status == 200 && page.says("charts.example.com") && page.says("ann@partner.example"), "{}", page.body);
    let form = [("token", page.field("token")), ("start", page.field("start")), ("email", page.field("email"))];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = browser.post("/signin", &form).await;
    let done = browser.type_code(&page, &desk.code().await).await;
    assert!(done.status == 303 && done.location().starts_with("/signin?start="), "a form is redirected to its own host alone");
    let onward = browser.get(done.location()).await;
    assert!(onward.onward().starts_with(CALLBACK), "{}", onward.body);
    let after = browser.cookies["__Host-guestgate"].clone();
    assert_ne!(before, after, "the root gets a new id");
    browser.cookies.insert("__Host-guestgate".to_owned(), before);
    assert_eq!(browser.get("/account").await.status, 303, "the old one is over");
}

#[tokio::test]
async fn what_was_done_meanwhile_is_not_asked_again() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    desk.pass(Span::mins(20)).await;
    let (first, second) = (desk.challenge(&browser, "/fresh/1").await, desk.challenge(&browser, "/fresh/1").await);
    let page = browser.ask("ann@partner.example", &first).await;
    browser.type_code(&page, &desk.code().await).await;
    let straight = browser.get(&format!("/signin?start={second}")).await;
    assert!(straight.status == 303 && straight.location().starts_with(CALLBACK), "another tab goes straight on");
}

#[tokio::test]
async fn unmet_requirements_of_other_policies_are_for_the_app_to_say_anew() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    desk.pass(Span::mins(20)).await;
    let unmet = crate::policy::Unmet::from_bits(u128::MAX);
    let start = desk.start("charts", Needs::More { policies: "0000000000000000".parse().unwrap(), unmet });
    let straight = browser.get(&format!("/signin?start={start}")).await;
    assert!(straight.status == 303 && straight.location().starts_with(CALLBACK));
}

#[tokio::test]
async fn steps_that_do_not_satisfy_the_app_end_in_a_page_and_not_in_a_circle() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let (policies, unmet) = (desk.state.live.snapshot().policies.version(), crate::policy::Unmet::default());
    for expected in [303, 303, 403] {
        let start = desk.start("charts", Needs::More { policies, unmet });
        assert_eq!(browser.get(&format!("/signin?start={start}")).await.status, expected);
    }
}
