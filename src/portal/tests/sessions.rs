use super::kit::*;
use crate::{
    base::Span,
    directory::{Actor, SuspendGuest, Target, may},
};

#[tokio::test]
async fn signing_out_is_a_post_and_final() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let cookie = browser.cookies["__Host-guestgate"].clone();
    assert_eq!(browser.get("/signout").await.status, 405);
    let token = browser.get("/account").await.field("token");
    assert_eq!(browser.post_from("/signout", &[("token", &token)], &[("sec-fetch-site", "same-site")]).await.status, 403);
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(browser.post("/signout", &[("token", &token)]).await.status, 303);
    assert!(!browser.cookies.contains_key("__Host-guestgate"));
    browser.cookies.insert("__Host-guestgate".to_owned(), cookie);
    assert_eq!(browser.get("/account").await.headers["location"], "/signin");
}

#[tokio::test]
async fn one_of_several_browsers_or_all_can_be_signed_out() {
    let desk = Desk::open().await;
    let mut first = desk.welcome("ann@partner.example").await;
    let mut second = desk.browser();
    let page = second.ask("ann@partner.example", "").await;
    second.type_code(&page, &desk.code().await).await;
    let account = first.get("/account").await;
    assert!(account.says("This browser") && account.says("Another browser") && account.says("Patient charts"), "{}", account.body);
    let guest = desk.guest("ann@partner.example").await.unwrap();
    let sessions = desk.state.store.sessions_of(guest.id).await.unwrap();
    let other = sessions.iter().find(|s| s.id == desk.root_of(&second)).unwrap();
    let token = account.field("token");
    first.post("/account/sessions/end", &[("token", &token), ("session", &other.id.to_string())]).await;
    assert_eq!(desk.state.store.sessions_of(guest.id).await.unwrap().len(), 1);
    let page = second.ask("ann@partner.example", "").await;
    second.type_code(&page, &desk.code().await).await;
    first.cookies.clone_from(&second.cookies);
    let token = first.get("/account").await.field("token");
    first.post("/signout", &[("token", &token), ("everywhere", "yes")]).await;
    assert!(desk.state.store.sessions_of(guest.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_ends_another_guests_session() {
    let desk = Desk::open().await;
    let mut ann = desk.welcome("ann@partner.example").await;
    desk.welcome("bob@partner.example").await;
    let bob = desk.guest("bob@partner.example").await.unwrap();
    let session = desk.state.store.sessions_of(bob.id).await.unwrap()[0].id;
    let token = ann.get("/account").await.field("token");
    let answer = ann.post("/account/sessions/end", &[("token", &token), ("session", &session.to_string())]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(desk.state.store.sessions_of(bob.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_suspended_guest_is_out_at_once_and_cannot_come_back() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let mut elsewhere = desk.browser();
    let page = elsewhere.ask("ann@partner.example", "").await;
    let code = desk.code().await;
    let guest = desk.guest("ann@partner.example").await.unwrap();
    let warrant = may::<SuspendGuest>(&Actor::Machine, Target::Guest(&guest, &[])).unwrap();
    let (_, proposal) = guest.suspend(&desk.occasion(), &warrant, None).unwrap();
    let revision = desk.state.store.commit(proposal).await.unwrap();
    desk.state.live.caught_up(revision).await.unwrap();
    assert_eq!(browser.get("/account").await.status, 303);
    let told = elsewhere.type_code(&page, &code).await;
    assert!(told.status == 403 && told.says("Your access is suspended") && told.says("help@example.com"), "{}", told.body);
    browser.ask("ann@partner.example", "").await;
    let mails = desk.mail().await;
    assert!(mails.len() == 1 && mails[0].subject.contains("suspended"), "{mails:?}");
    assert!(!mails[0].text.lines().any(|line| line.starts_with("    ")), "no code is mailed to who may not come");
}

#[tokio::test]
async fn a_silent_session_ends() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    desk.pass(Span::mins(59)).await;
    assert_eq!(browser.get("/account").await.status, 200);
    desk.pass(Span::mins(59)).await;
    assert_eq!(browser.get("/account").await.status, 200, "activity counts");
    desk.pass(Span::hours(1)).await;
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn programs_find_keys_and_style_and_nothing_else() {
    let desk = Desk::open().await;
    let mut browser = desk.browser();
    assert!(browser.get("/.well-known/jwks.json").await.says("\"kid\""));
    assert!(browser.get("/.well-known/guestgate").await.says("\"issuer\":\"https://access.example.com\""));
    assert_eq!(browser.get("/.guestgate/assets/style.css").await.headers["content-type"], "text/css; charset=utf-8");
    assert!(browser.get("/robots.txt").await.says("Disallow: /"));
    for path in ["/.guestgate/assets/../mod.rs", "/admin", "/.guestgate/whoami", "/signin/"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn another_guest_in_the_same_browser_ends_the_first_ones_session() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    let anns = desk.root_of(&browser);
    let (mailed, _) = desk.invite("bob@partner.example").await;
    assert!(browser.get(&format!("/invitations/{mailed}")).await.says("you are signed in here as ann@partner.example"));
    let page = browser.get(&format!("/invitations/{mailed}?mine=yes")).await;
    browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert!(browser.get("/account").await.says("bob@partner.example"));
    assert!(desk.state.store.session(anns).await.unwrap().unwrap().ended.is_some());
}

#[tokio::test]
async fn a_store_that_is_not_heard_of_shuts_sessions_out_and_touches_no_cookie() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome("ann@partner.example").await;
    desk.cut_off(Span::secs(31)).await;
    let page = browser.get("/").await;
    assert!(page.status == 503 && page.headers.contains_key("retry-after") && !page.headers.contains_key("set-cookie"));
}
