use super::kit::*;

/// The token of the choice at the foot of a page.
fn chooser(page: &Page) -> &str {
    page.body.split("action=\"/language\"").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn a_browser_is_spoken_to_in_its_language() {
    let desk = Desk::open().await;
    let mut browser = desk.browser();
    browser.speaks = Some("de-CH, en;q=0.5");
    let page = browser.get("/signin").await;
    assert!(page.says("<html lang=\"de\" dir=\"ltr\">") && page.says("Es gibt kein Passwort"), "{}", page.body);
    assert!(browser.get("/nothing").await.says("Diese Seite gibt es nicht"));
}

#[tokio::test]
async fn an_invitations_language_comes_before_the_browsers_and_stays_with_the_guest() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite_in("ann@partner.example", Some("fr")).await;
    let mut browser = desk.browser();
    browser.speaks = Some("de");
    let page = browser.get(&format!("/invitations/{mailed}")).await;
    assert!(page.says("Accepter l’invitation"), "{}", page.body);
    browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert!(browser.get("/account").await.says("Votre compte"));
}

#[tokio::test]
async fn a_choice_of_ones_own_comes_first_and_reaches_mails() {
    let desk = Desk::open().await;
    let (mailed, _) = desk.invite_in("ann@partner.example", Some("fr")).await;
    let mut browser = desk.browser();
    let path = format!("/invitations/{mailed}");
    let page = browser.get(&path).await;
    let token = chooser(&page);
    let chosen = browser.post("/language", &[("token", token), ("language", "es"), ("back", &path)]).await;
    assert_eq!((chosen.status.as_u16(), chosen.headers["location"].to_str().unwrap()), (303, path.as_str()));
    let page = browser.get(&path).await;
    assert!(page.says("Aceptar la invitación"), "{}", page.body);
    browser.post(&path, &[("token", &page.field("token"))]).await;
    let kept = desk.guest("ann@partner.example").await.unwrap().language;
    assert_eq!(kept.as_deref(), Some("es"), "what was chosen before counts more than the invitation's, for mails too");
    let account = browser.get("/account").await;
    let token = chooser(&account);
    browser.post("/language", &[("token", token), ("language", "it"), ("back", "/account")]).await;
    assert_eq!(desk.guest("ann@partner.example").await.unwrap().language.as_deref(), Some("it"));
    let mut stranger = desk.browser();
    stranger.speaks = Some("it");
    stranger.ask("ann@partner.example", "").await;
    let mails = desk.mail().await;
    assert!(mails[0].text.contains("Il suo codice"), "{}", mails[0].text);
}

#[tokio::test]
async fn a_language_that_is_none_is_refused() {
    let desk = Desk::open().await;
    let mut browser = desk.browser();
    let page = browser.get("/signin").await;
    let token = chooser(&page);
    let answer = browser.post("/language", &[("token", token), ("language", "xx"), ("back", "/")]).await;
    assert_eq!(answer.status, 400);
    let answer = browser.post("/language", &[("token", token), ("language", "de"), ("back", "//evil.example")]).await;
    assert_eq!(answer.headers["location"], "/");
}
