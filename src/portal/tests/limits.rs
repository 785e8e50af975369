//! Whoever asks for codes makes us write to people: within bounds, and without learning where they are.

use super::kit::*;
use crate::{
    base::Span,
    config::{ApprovalBy, SignUp},
};

const ANN: &str = "ann@partner.example";

/// The page without what is sealed in it and the address that was typed.
fn bare(page: &Page, email: &str) -> String {
    page.body.replace(&page.field("state"), "").replace(email, "")
}

/// Asks for a code from this network.
async fn ask(desk: &Desk, email: &str, network: u8) -> String {
    let mut browser = desk.browser();
    browser.ip = [198, 51, network, 7].into();
    let page = browser.ask(email, "").await;
    assert_eq!(page.status, 200);
    bare(&page, email)
}

#[tokio::test]
async fn an_address_is_sent_twenty_codes_an_hour_whoever_asks_for_them() {
    let desk = Desk::open().await;
    desk.welcome(ANN).await;
    let mut pages = Vec::new();
    for n in 0..25 {
        pages.push(ask(&desk, ANN, n).await);
    }
    assert_eq!(desk.mail().await.len(), 20);
    assert!(pages.iter().all(|page| *page == pages[0]), "the page does not say so");
    desk.pass(Span::hours(1)).await;
    assert_eq!(ask(&desk, ANN, 0).await, pages[0]);
    assert_eq!(desk.mail().await.len(), 1);
}

#[tokio::test]
async fn a_network_asks_for_a_hundred_codes_an_hour() {
    let desk = Desk::open().await;
    desk.welcome(ANN).await;
    for n in 0..99 {
        ask(&desk, &format!("stranger-{n}@partner.example"), 1).await;
    }
    assert!(desk.mail().await.is_empty(), "nobody is written to who is not known");
    let within = ask(&desk, ANN, 1).await;
    assert_eq!(desk.mail().await.len(), 1);
    assert_eq!(ask(&desk, ANN, 1).await, within);
    assert!(desk.mail().await.is_empty(), "the hundred and first");
    ask(&desk, ANN, 2).await;
    assert_eq!(desk.mail().await.len(), 1, "another network is not meant");
}

#[tokio::test]
async fn all_codes_together_are_bounded_and_strangers_do_not_use_them_up() {
    let mut config = config();
    config.limits.codes_per_hour = 3;
    let desk = Desk::with(config).await;
    let known = ["ann@partner.example", "bob@partner.example"];
    for email in known {
        desk.welcome(email).await;
    }
    for n in 0..20 {
        ask(&desk, &format!("stranger-{n}@partner.example"), n).await;
    }
    for n in 0..2 {
        for email in known {
            ask(&desk, email, n).await;
        }
    }
    assert_eq!(desk.mail().await.len(), 3);
    desk.pass(Span::hours(1)).await;
    ask(&desk, ANN, 1).await;
    assert_eq!(desk.mail().await.len(), 1);
}

#[tokio::test]
async fn an_app_takes_three_hundred_sign_ups_an_hour() {
    let mut config = config();
    let signup = SignUp {
        fields: Vec::new(),
        approval: ApprovalBy::Nobody,
        access_for: None,
        role: None,
        groups: Vec::new(),
        allow_domains: Vec::new(),
        deny_domains: Vec::new(),
        webhook: None,
    };
    let mut app = (*config.apps[1]).clone();
    app.signup = Some(signup);
    config.apps[1] = app.into();
    let desk = Desk::with(config).await;
    let mut first = None;
    for n in 0..303_u32 {
        let email = format!("new-{n}@partner.example");
        let mut browser = desk.browser();
        browser.ip = [10, 0, u8::try_from(n % 200).unwrap(), 1].into();
        let page = browser.get("/signup/wiki").await;
        let asked = browser.post("/signup/wiki", &[("token", &page.field("token")), ("email", &email)]).await;
        let shown = bare(&asked, &email);
        assert_eq!(*first.get_or_insert_with(|| shown.clone()), shown, "{n}");
    }
    let mut mails = 0;
    loop {
        let some = desk.mail().await.len();
        if some == 0 {
            break;
        }
        mails += some;
    }
    assert_eq!(mails, 300);
}
