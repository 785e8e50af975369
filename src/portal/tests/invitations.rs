use super::kit::*;
use crate::{base::Span, directory::InvitationState};

#[tokio::test]
async fn a_mailed_link_is_looked_at_accepted_and_leads_to_the_app() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let mut browser = desk.browser();
    let page = browser.get(&format!("/invitations/{mailed}")).await;
    for part in ["ops@example.com invites you to Patient charts", "90 days", "Welcome &#60;b&#62;Ann", "nothing but a click"] {
        assert!(page.says(part), "{part}: {}", page.body);
    }
    let done = browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert_eq!(done.status, 200);
    assert_eq!(done.onward(), "https://charts.example.com/");
    assert!(browser.cookies.contains_key("__Host-guestgate"));
    let guest = desk.guest("ann@partner.example").await.unwrap();
    let grants = desk.state.store.grants_of(guest.id).await.unwrap();
    assert!(grants.len() == 1 && grants[0].is_in_force(desk.now()));
    let home = browser.get("/").await;
    assert!(home.says("Patient charts") && home.says("https://charts.example.com/") && !home.says("Hidden wiki"), "{}", home.body);
}

#[tokio::test]
async fn whoever_accepts_goes_first_where_the_invitation_says() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite_to("ann@partner.example", "/reports?year=1#top").await;
    let mut browser = desk.browser();
    let page = browser.get(&format!("/invitations/{mailed}")).await;
    let done = browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert_eq!(done.onward().replace("&#38;", "&"), "https://charts.example.com/reports?year=1#top");
}

#[tokio::test]
async fn looking_at_an_invitation_changes_nothing() {
    let desk = Desk::open().await;
    let (mailed, direct) = desk.invite("ann@partner.example").await;
    let before = desk.state.store.revision().await.unwrap();
    for token in [&mailed, &direct, &mailed] {
        assert_eq!(desk.browser().get(&format!("/invitations/{token}")).await.status, 200);
    }
    assert_eq!(desk.state.store.revision().await.unwrap(), before);
    assert!(desk.mail().await.is_empty());
}

#[tokio::test]
async fn a_direct_link_needs_a_code_from_the_invited_mailbox() {
    let desk = Desk::open().await;
    let (_, direct) = desk.invite("ann@partner.example").await;
    let mut browser = desk.browser();
    let page = browser.get(&format!("/invitations/{direct}")).await;
    let code_page = browser.post(&format!("/invitations/{direct}"), &[("token", &page.field("token"))]).await;
    assert!(code_page.says("ann@partner.example"));
    assert!(desk.guest("ann@partner.example").await.is_none() && !browser.cookies.contains_key("__Host-guestgate"));
    let code = desk.code().await;
    let done = browser.type_code(&code_page, &code).await;
    assert_eq!(done.onward(), "https://charts.example.com/", "{}", done.body);
    let guest = desk.guest("ann@partner.example").await.unwrap();
    assert_eq!(desk.state.store.grants_of(guest.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let desk = Desk::open().await;
    let (mailed, direct) = desk.invite("ann@partner.example").await;
    let mut first = desk.browser();
    let page = first.get(&format!("/invitations/{mailed}")).await;
    let mut second = desk.browser();
    let other = second.get(&format!("/invitations/{mailed}")).await;
    assert_eq!(first.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await.status, 200);
    let replay = first.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert!(replay.status == 409 && replay.says("already been accepted"));
    let late = second.post(&format!("/invitations/{mailed}"), &[("token", &other.field("token"))]).await;
    assert_eq!(late.status, 409);
    assert!(!second.cookies.contains_key("__Host-guestgate"));
    let told = second.get(&format!("/invitations/{direct}")).await;
    assert!(told.status == 409 && told.says("already been accepted"));
}

#[tokio::test]
async fn two_tabs_that_accept_at_once_make_one_grant() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let path = format!("/invitations/{mailed}");
    let mut one = desk.browser();
    let page = one.get(&path).await;
    let mut two = one.clone();
    let token = page.field("token");
    let fields = [("token", token.as_str())];
    let (a, b) = tokio::join!(one.post(&path, &fields), two.post(&path, &fields));
    assert!([a.status, b.status].iter().any(|s| *s == 200), "{} {}", a.status, b.status);
    let guest = desk.guest("ann@partner.example").await.unwrap();
    assert_eq!(desk.state.store.grants_of(guest.id).await.unwrap().len(), 1);
    let redeemed = desk.state.store.invitations_for(&guest.email).await.unwrap();
    assert!(matches!(redeemed[0].state, InvitationState::Redeemed { .. }));
}

#[tokio::test]
async fn an_expired_link_says_since_when_and_whom_to_ask() {
    let desk = Desk::open().await;
    let (mailed, direct) = desk.invite("ann@partner.example").await;
    desk.pass(Span::days(7)).await;
    for token in [&mailed, &direct] {
        let page = desk.browser().get(&format!("/invitations/{token}")).await;
        assert!(page.status == 410 && page.says("has expired") && page.says("ops@example.com"), "{}", page.body);
    }
    let never = desk.browser().get("/invitations/never-was").await;
    assert!(never.status == 404 && never.says("does not work") && !never.says("ops@example.com"));
}

#[tokio::test]
async fn an_invitation_can_be_declined_by_whoever_has_its_link() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let mut browser = desk.browser();
    let path = format!("/invitations/{mailed}");
    let token = browser.get(&path).await.field("token");
    let page = browser.post(&format!("{path}/decline"), &[("token", &token)]).await;
    assert!(page.says("You have declined this invitation") && page.says("ops@example.com"), "{}", page.body);
    assert!(browser.get(&path).await.says("You have declined this invitation"), "the link goes on saying so");
    assert_eq!(browser.post(&path, &[("token", &token)]).await.status, 410, "it cannot be accepted any more");
    assert!(desk.guest("ann@partner.example").await.is_none());
}

#[tokio::test]
async fn an_invitation_that_is_reported_is_declined_and_somebody_is_told() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let mut browser = desk.browser();
    let path = format!("/invitations/{mailed}");
    let token = browser.get(&path).await.field("token");
    let page = browser.post(&format!("{path}/report"), &[("token", &token)]).await;
    assert!(page.status == 200 && page.says("Thank you"), "{}", page.body);
    let mails = desk.mail().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), "help@example.com");
    assert!(mails[0].text.contains("ops@example.com has invited ann@partner.example"), "{}", mails[0].text);
    assert_eq!(browser.post(&format!("{path}/report"), &[("token", &token)]).await.status, 410, "once");
    assert!(desk.mail().await.is_empty());
}

#[tokio::test]
async fn whoever_is_signed_in_as_somebody_else_is_asked_first() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("bob@partner.example").await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let page = browser.get(&format!("/invitations/{mailed}")).await;
    assert!(page.says("Is this invitation for you?") && page.says("a…@partner.example") && page.says("bob@partner.example"));
    assert!(!page.says("ann@partner.example"), "whose it is, nobody else learns");
    assert!(browser.get(&format!("/invitations/{mailed}?mine=yes")).await.says("Accept the invitation"));
}

#[tokio::test]
async fn a_form_that_another_site_or_browser_sends_is_refused() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let path = format!("/invitations/{mailed}");
    let mut browser = desk.browser();
    let token = browser.get(&path).await.field("token");
    let fields = [("token", token.as_str())];
    let foreign: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://charts.example.com")],
        &[("origin", "https://access.example.com:444")],
        &[("sec-fetch-site", "same-site"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "cross-site")],
    ];
    for headers in foreign {
        assert_eq!(browser.post_from(&path, &fields, headers).await.status, 403, "{headers:?}");
    }
    assert_eq!(desk.browser().post(&path, &fields).await.status, 403, "another browser's token");
    assert_eq!(browser.post(&path, &[("token", "x")]).await.status, 403, "no token of ours");
    assert!(desk.guest("ann@partner.example").await.is_none());
    assert_eq!(browser.post_from(&path, &fields, &[("origin", ORIGIN)]).await.status, 200, "an old browser that says its origin");
}

#[tokio::test]
async fn a_form_that_is_too_large_or_incomplete_is_refused() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite("ann@partner.example").await;
    let path = format!("/invitations/{mailed}");
    let mut browser = desk.browser();
    browser.get(&path).await;
    assert_eq!(browser.post(&path, &[("token", &"x".repeat(20_000))]).await.status, 413);
    assert_eq!(browser.post(&path, &[("other", "x")]).await.status, 400);
}
