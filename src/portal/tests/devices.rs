use super::kit::*;
use crate::{base::Name, web::Cookies};

/// The device of the session that a browser has.
async fn device(desk: &Desk, browser: &Browser<'_>) -> Option<Name> {
    let session = desk.state.store.session(desk.root_of(browser)).await.unwrap().unwrap();
    session.device.map(|device| device.id)
}

/// Signs in by a code with a device cookie, or without.
async fn sign_in<'d>(desk: &'d Desk, email: &str, cookie: Option<&str>) -> Browser<'d> {
    let mut browser = desk.browser();
    if let Some(cookie) = cookie {
        browser.cookies.insert(Cookies::DEVICE.to_owned(), cookie.to_owned());
    }
    let page = browser.ask(email, "").await;
    browser.type_code(&page, &desk.code().await).await;
    browser
}

#[tokio::test]
async fn a_browser_that_redeemed_is_known_for_this_guest_alone() {
    let desk = Desk::open().await;
    let first = desk.welcome("ann@partner.example").await;
    let known = device(&desk, &first).await;
    assert!(known.is_some());
    let cookie = first.cookies[Cookies::DEVICE].clone();
    let again = sign_in(&desk, "ann@partner.example", Some(&cookie)).await;
    assert_eq!(device(&desk, &again).await, known);
    let elsewhere = sign_in(&desk, "ann@partner.example", None).await;
    assert_eq!(device(&desk, &elsewhere).await, None);
    assert!(!elsewhere.cookies.contains_key(Cookies::DEVICE), "the mailbox alone makes no device known");
    let made_up = sign_in(&desk, "ann@partner.example", Some("c2VhbGVk")).await;
    assert_eq!(device(&desk, &made_up).await, None);
    desk.welcome("bob@partner.example").await;
    let other = sign_in(&desk, "bob@partner.example", Some(&cookie)).await;
    assert_eq!(device(&desk, &other).await, None);
}
