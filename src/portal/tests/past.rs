use super::kit::*;
use crate::base::{Past, Prefix, Span};

/// What was known of the guest when the session that a browser has was opened.
async fn past(desk: &Desk, browser: &Browser<'_>) -> Past {
    desk.state.store.session(desk.root_of(browser)).await.unwrap().unwrap().past
}

/// Signs in anew, from an address.
async fn sign_in<'d>(desk: &'d Desk, from: [u8; 4]) -> Browser<'d> {
    let mut browser = desk.browser();
    browser.ip = from.into();
    let page = browser.ask("ann@partner.example", "").await;
    browser.type_code(&page, &desk.code().await).await;
    browser
}

fn near(addresses: &[[u8; 4]]) -> Vec<Prefix> {
    addresses.iter().map(|ip| Prefix::near((*ip).into())).collect()
}

#[tokio::test]
async fn a_session_knows_where_the_guest_was_at_home_and_for_how_long_away() {
    let desk = Desk::open().await;
    let first = desk.welcome("ann@partner.example").await;
    assert_eq!(past(&desk, &first).await, Past { away: Some(Span::ZERO), ..Past::default() }, "nothing to compare with");
    desk.pass(Span::days(70)).await;
    let away = sign_in(&desk, [198, 51, 100, 7]).await;
    let networks = |past: &Past| past.haunts.iter().map(|h| h.network).collect::<Vec<_>>();
    let (home, inn) = ([203, 0, 113, 9], [198, 51, 100, 7]);
    assert_eq!((networks(&past(&desk, &away).await), past(&desk, &away).await.away), (near(&[home]), Some(Span::days(70))));
    desk.pass(Span::hours(23)).await;
    let again = sign_in(&desk, inn).await;
    assert_eq!(networks(&past(&desk, &again).await), near(&[home]), "a day has not gone by");
    desk.pass(Span::hours(1)).await;
    let later = sign_in(&desk, home).await;
    assert_eq!((networks(&past(&desk, &later).await), past(&desk, &later).await.away), (near(&[inn, home]), Some(Span::hours(1))));
}

#[tokio::test]
async fn wrong_codes_of_a_day_are_remembered_with_the_next_session_and_right_ones_are_none() {
    let desk = Desk::open().await;
    desk.welcome("ann@partner.example").await;
    for _ in 0..3 {
        assert_eq!(past(&desk, &sign_in(&desk, [203, 0, 113, 9]).await).await.wrong_codes, 0);
    }
    let mut stranger = desk.browser();
    stranger.ip = [192, 0, 2, 1].into();
    let page = stranger.ask("ann@partner.example", "").await;
    desk.mail().await;
    for _ in 0..6 {
        stranger.type_code(&page, "00000000").await;
    }
    assert_eq!(past(&desk, &sign_in(&desk, [203, 0, 113, 9]).await).await.wrong_codes, 5, "the sixth was not looked at");
    desk.pass(Span::days(1)).await;
    assert_eq!(past(&desk, &sign_in(&desk, [203, 0, 113, 9]).await).await.wrong_codes, 0);
}
