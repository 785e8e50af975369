//! Passkeys, authenticator apps, recovery codes: how they are added, shown, taken away, and what nobody can do with them.

use serde_json::{Value, json};

use super::{kit::*, phone::Phone};
use crate::{
    base::{Factor, Span, Timestamp},
    directory::Session,
    identity::Needs,
};

const ANN: &str = "ann@partner.example";
const CALLBACK: &str = "https://charts.example.com/.guestgate/callback?code=";

/// The code that an app shows for a key that stands on a page.
pub(super) fn code_of(key: &str, now: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now.as_secs()).unwrap()).to_string()
}

impl Page {
    fn key(&self) -> String {
        let key = self.body.split("<code class=\"key\"").nth(1).unwrap_or_else(|| panic!("no key: {}", self.body));
        key.split(['>', '<']).nth(1).unwrap().to_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }
}

impl Browser<'_> {
    /// Takes the question of a page to a phone that makes a passkey, and sends its answer.
    async fn make(&mut self, phone: &mut Phone, page: &Page, origin: &str) -> (Value, Page) {
        let token = page.field("token");
        let asked = self.post_json("/account/passkeys/question", &json!({ "token": token })).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        let answer = phone.make(origin, &asked.json()["question"]);
        let way = page.field("way");
        let body = json!({ "token": token, "way": way, "name": "Ann's phone", "state": asked.json()["state"], "answer": answer });
        let done = self.post_json("/account/passkeys", &body).await;
        (body, done)
    }

    /// Takes the question of a page to a phone that shows its passkey, and sends its answer.
    async fn show(&mut self, phone: &mut Phone, page: &Page, origin: &str) -> (Value, Page) {
        // The sign-in page has two forms; the token of the second is for passkeys.
        let token = page.body.split("/signin/passkey/question").nth(1).map_or_else(
            || page.field("token"),
            |rest| {
                let at = rest.find("name=\"token\" value=\"").unwrap() + "name=\"token\" value=\"".len();
                rest[at..].split('"').next().unwrap().to_owned()
            },
        );
        let asked = self.post_json("/signin/passkey/question", &json!({ "token": token })).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        let answer = phone.show(origin, &asked.json()["question"]);
        let way = if page.body.contains("name=\"way\"") { page.field("way") } else { String::new() };
        let body = json!({ "token": token, "way": way, "state": asked.json()["state"], "answer": answer });
        let done = self.post_json("/signin/passkey", &body).await;
        (body, done)
    }

    pub(super) async fn set_up_app(&mut self, desk: &Desk) -> String {
        let page = self.get("/account/authenticator/new").await;
        let key = page.key();
        let code = code_of(&key, desk.now());
        let done = self
            .post(
                "/account/authenticator",
                &[("token", &page.field("token")), ("way", "account"), ("state", &page.field("state")), ("code", &code)],
            )
            .await;
        assert!(done.status == 303 && done.location() == "/account", "{} {}", done.status, done.body);
        key
    }

    async fn type_app_code(&mut self, page: &Page, code: &str) -> Page {
        self.post("/signin/totp", &[("token", &page.field("token")), ("way", &page.field("way")), ("code", code)]).await
    }

    pub(super) async fn codes(&mut self) -> Vec<String> {
        let token = self.get("/account").await.field("token");
        let page = self.post("/account/recovery-codes", &[("token", &token)]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.body.split("<li><code").skip(1).map(|rest| rest.split(['>', '<']).nth(1).unwrap().to_owned()).collect()
    }
}

impl Desk {
    /// A guest who has accepted, and the page that offered a passkey.
    async fn accepted(&self, email: &str) -> (Browser<'_>, Page) {
        let (mailed, _) = self.invite(email).await;
        let mut browser = self.browser();
        let page = browser.get(&format!("/invitations/{mailed}")).await;
        let offer = browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
        (browser, offer)
    }

    async fn session(&self, browser: &Browser<'_>) -> Session {
        self.state.store.session(self.root_of(browser)).await.unwrap().unwrap()
    }

    pub(super) async fn methods(&self, browser: &Browser<'_>) -> Vec<Factor> {
        self.session(browser).await.proofs.into_iter().map(|proof| proof.factor).collect()
    }
}

#[tokio::test]
async fn a_passkey_is_offered_after_the_acceptance_and_signs_in_elsewhere() {
    let desk = Desk::open().await;
    let (mut browser, offer) = desk.accepted(ANN).await;
    assert!(offer.says("Set up a passkey") && offer.says("Not now") && offer.says("https://charts.example.com/"), "{}", offer.body);
    let mut phone = Phone::default();
    let before = browser.cookies["__Host-guestgate"].clone();
    let (_, done) = browser.make(&mut phone, &offer, ORIGIN).await;
    assert_eq!(done.json()["next"], "https://charts.example.com/", "{}", done.body);
    assert_ne!(before, browser.cookies["__Host-guestgate"], "more was shown, so the session has another id");
    assert_eq!(desk.methods(&browser).await, [Factor::MagicLink, Factor::Passkey]);
    let mails = desk.mail().await;
    assert!(mails.len() == 1 && mails[0].text.contains("passkey was added") && mails[0].text.contains("203.0.113.9"), "{mails:?}");

    let mut other = desk.browser();
    let page = other.get(&format!("/signin?start={}", desk.start("charts", Needs::Session))).await;
    let (_, done) = other.show(&mut phone, &page, ORIGIN).await;
    let next = done.json()["next"].as_str().unwrap().to_owned();
    let onward = other.get(&next).await;
    assert!(onward.onward().starts_with(CALLBACK), "{}", onward.body);
    assert_eq!(desk.methods(&other).await, [Factor::Passkey]);
    assert!(desk.session(&other).await.invitation.is_some());
    assert!(other.cookies.contains_key("__Host-guestgate-device"), "more than the mailbox makes a device known");
    let account = other.get("/account").await;
    assert!(account.says("Ann&#39;s phone") && account.says("last used"), "{}", account.body);
}

#[tokio::test]
async fn an_answer_counts_once_in_its_browser_and_in_time() {
    let desk = Desk::open().await;
    let (mut browser, offer) = desk.accepted(ANN).await;
    let mut phone = Phone::default();
    let (made, _) = browser.make(&mut phone, &offer, ORIGIN).await;
    assert_eq!(browser.post_json("/account/passkeys", &made).await.status, 409, "a new passkey is made once");
    let mut other = desk.browser();
    let page = other.get("/signin").await;
    let (shown, done) = other.show(&mut phone, &page, ORIGIN).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(other.post_json("/signin/passkey", &shown).await.status, 409, "the answer was used");

    let mut mine = desk.browser();
    let page = mine.get("/signin").await;
    let token =
        page.body.split("/signin/passkey/question").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asked = mine.post_json("/signin/passkey/question", &json!({ "token": token })).await.json();
    let answer = phone.show(ORIGIN, &asked["question"]);
    let mut thief = desk.browser();
    let page = thief.get("/signin").await;
    let his =
        page.body.split("/signin/passkey/question").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let stolen = json!({ "token": his, "way": "", "state": asked["state"], "answer": answer });
    assert_eq!(thief.post_json("/signin/passkey", &stolen).await.status, 409, "an answer is for the browser that was asked");
    desk.pass(Span::mins(10)).await;
    let late = json!({ "token": token, "way": "", "state": asked["state"], "answer": answer });
    assert_eq!(mine.post_json("/signin/passkey", &late).await.status, 409, "too late");
    assert!(!mine.cookies.contains_key("__Host-guestgate") && !thief.cookies.contains_key("__Host-guestgate"));
}

#[tokio::test]
async fn an_answer_to_another_question_or_of_another_site_is_refused() {
    let desk = Desk::open().await;
    let (mut browser, offer) = desk.accepted(ANN).await;
    let mut phone = Phone::default();
    let (_, elsewhere) = browser.make(&mut Phone::default(), &offer, "https://evil.access.example.com").await;
    assert_eq!(elsewhere.status, 403, "made on a page of another origin: {}", elsewhere.body);
    browser.make(&mut phone, &offer, ORIGIN).await;
    for origin in ["https://evil.access.example.com", "https://access.example.com:444"] {
        let mut other = desk.browser();
        let page = other.get("/signin").await;
        let (_, done) = other.show(&mut phone, &page, origin).await;
        assert!(done.status == 403 && !other.cookies.contains_key("__Host-guestgate"), "{origin}: {}", done.body);
    }
    let mut other = desk.browser();
    let page = other.get("/signin").await;
    let (mut sent, _) = other.show(&mut phone, &page, ORIGIN).await;
    other.cookies.remove("__Host-guestgate");
    let again = other.post_json("/signin/passkey/question", &json!({ "token": sent["token"] })).await.json();
    sent["state"] = again["state"].clone();
    assert_eq!(other.post_json("/signin/passkey", &sent).await.status, 403, "signed for the question before");
}

#[tokio::test]
async fn a_passkey_of_somebody_else_neither_steps_up_nor_tells_whose_it_is() {
    let desk = Desk::open().await;
    let (mut ann, offer) = desk.accepted(ANN).await;
    let (mut hers, mut his) = (Phone::default(), Phone::default());
    ann.make(&mut hers, &offer, ORIGIN).await;
    let (mut bob, offer) = desk.accepted("bob@partner.example").await;
    bob.make(&mut his, &offer, ORIGIN).await;
    desk.mail().await;
    desk.pass(Span::mins(20)).await;
    let start = desk.challenge(&ann, "/fresh/1").await;
    let page = ann.get(&format!("/signin?start={start}")).await;
    assert!(page.says("Use your passkey"), "{}", page.body);
    let token = page.field("token");
    let asked = ann.post_json("/signin/passkey/question", &json!({ "token": token })).await.json();
    let mut question = asked["question"].clone();
    question["publicKey"].as_object_mut().unwrap().remove("allowCredentials");
    let answer = his.show(ORIGIN, &question);
    let sent = json!({ "token": token, "way": page.field("way"), "state": asked["state"], "answer": answer });
    let before = ann.cookies.clone();
    let refused = ann.post_json("/signin/passkey", &sent).await;
    assert!(refused.status == 403 && ann.cookies == before, "{}", refused.body);
    // A guest who is not known at all gets the same words.
    let mut forged = sent.clone();
    forged["answer"]["response"]["userHandle"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    let asked = ann.post_json("/signin/passkey/question", &json!({ "token": token })).await.json();
    forged["state"] = asked["state"].clone();
    assert_eq!(ann.post_json("/signin/passkey", &forged).await.body, refused.body);
}

#[tokio::test]
async fn a_suspended_guest_and_a_removed_passkey_open_nothing() {
    let desk = Desk::open().await;
    let (mut ann, offer) = desk.accepted(ANN).await;
    let mut phone = Phone::default();
    ann.make(&mut phone, &offer, ORIGIN).await;
    let account = ann.get("/account").await;
    let removed = ann.post("/account/passkeys/remove", &[("token", &account.field("token")), ("passkey", &account.field("passkey"))]).await;
    assert_eq!(removed.location(), "/account");
    let mails = desk.mail().await;
    assert!(mails.iter().any(|mail| mail.text.contains("passkey was removed")), "{mails:?}");
    let mut other = desk.browser();
    let page = other.get("/signin").await;
    let (_, done) = other.show(&mut phone, &page, ORIGIN).await;
    assert!(done.status == 403 && !other.cookies.contains_key("__Host-guestgate"));
}

#[tokio::test]
async fn an_app_that_asks_for_two_factors_gets_them_in_the_order_of_least_effort() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    desk.mail().await;
    let key = browser.set_up_app(&desk).await;
    assert!(desk.mail().await[0].text.contains("authenticator app was added"));
    let mut other = desk.browser();
    let page = other.ask(ANN, "").await;
    other.type_code(&page, &desk.code().await).await;
    desk.pass(Span::mins(1)).await;
    let start = desk.challenge(&other, "/mfa/1").await;
    let page = other.get(&format!("/signin?start={start}")).await;
    assert!(page.says("authenticator app and type the six digits") && page.says("charts.example.com"), "{}", page.body);
    let wrong = other.type_app_code(&page, "000000").await;
    assert!(wrong.status == 200 && wrong.says("not the code"), "{}", wrong.body);
    let done = other.type_app_code(&wrong, &code_of(&key, desk.now())).await;
    let onward = other.get(done.location()).await;
    assert!(onward.onward().starts_with(CALLBACK), "{}", onward.body);
    assert_eq!(desk.methods(&other).await, [Factor::EmailCode, Factor::Totp]);
}

#[tokio::test]
async fn a_code_of_the_app_counts_once_even_at_the_same_moment() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    let key = browser.set_up_app(&desk).await;
    let spent = code_of(&key, desk.now());
    let page = browser.get("/account/confirm?way=account").await;
    assert_eq!(page.status, 303, "nothing need be confirmed right after");
    desk.pass(Span::mins(11)).await;
    let page = browser.get("/account/confirm?way=account").await;
    assert!(browser.type_app_code(&page, &spent).await.says("not the code"), "it is too old");
    let code = code_of(&key, desk.now());
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(one.type_app_code(&page, &code), two.type_app_code(&page, &code));
    let passed = [&first, &second].iter().filter(|page| page.status == 303 && page.location() == "/account").count();
    assert_eq!(passed, 1, "{} {} / {} {}", first.status, first.body, second.status, second.body);
    let mut still = if first.status == 303 { one } else { two };
    let page = still.get("/account").await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn twenty_codes_an_hour_are_tried_and_no_more() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    let key = browser.set_up_app(&desk).await;
    desk.pass(Span::mins(11)).await;
    let page = browser.get("/account/confirm?way=account").await;
    for n in 0..20 {
        assert!(browser.type_app_code(&page, "000000").await.says("not the code"), "{n}");
    }
    assert!(browser.type_app_code(&page, &code_of(&key, desk.now())).await.says("too many attempts"));
}

#[tokio::test]
async fn the_first_factor_needs_a_fresh_mailbox_and_later_ones_a_factor() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    desk.pass(Span::mins(10)).await;
    let turned = browser.get("/account/passkeys/new").await;
    assert_eq!(turned.location(), "/account/confirm?way=add-passkey", "the mailbox was proved ten minutes ago");
    let confirm = browser.get(turned.location()).await;
    assert!(confirm.says(ANN) && confirm.says("Send me a code"), "{}", confirm.body);
    let form = [("token", confirm.field("token")), ("start", confirm.field("start")), ("email", confirm.field("email"))];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = browser.post("/signin", &form).await;
    let done = browser.type_code(&page, &desk.code().await).await;
    assert_eq!(done.location(), "/account/passkeys/new", "and back to where it was left");
    let offer = browser.get(done.location()).await;
    let mut phone = Phone::default();
    let (_, made) = browser.make(&mut phone, &offer, ORIGIN).await;
    assert_eq!(made.json()["next"], "/account", "{}", made.body);

    // Somebody who reads the mailbox, and nothing else.
    let mut reader = desk.browser();
    desk.mail().await;
    let page = reader.ask(ANN, "").await;
    reader.type_code(&page, &desk.code().await).await;
    assert_eq!(reader.get("/account/authenticator/new").await.location(), "/account/confirm?way=add-authenticator");
    let page = reader.get("/account").await;
    assert!(!page.says("/account/passkeys/remove") && page.says("show again that it is you"), "{}", page.body);
    let token = page.field("token");
    for (path, field) in [("/account/passkeys/remove", page.field("passkey")), ("/account/recovery-codes", String::new())] {
        let refused = reader.post(path, &[("token", &token), ("passkey", &field)]).await;
        assert_eq!(refused.location(), "/account/confirm?way=account", "{path}");
    }
    let asked = reader.get("/account/confirm?way=account").await;
    assert!(asked.says("Use your passkey") && !asked.says("Send me a code"), "{}", asked.body);
    let refused = reader.post_json("/account/passkeys/question", &json!({ "token": asked.field("token") })).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(desk.mail().await.len(), 0, "nothing was changed, so nothing is told");
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_is_told() {
    let desk = Desk::open().await;
    let (mut browser, offer) = desk.accepted(ANN).await;
    browser.make(&mut Phone::default(), &offer, ORIGIN).await;
    let codes = browser.codes().await;
    assert_eq!(codes.len(), 10);
    desk.mail().await;
    let mut other = desk.browser();
    let page = other.ask(ANN, "").await;
    other.type_code(&page, &desk.code().await).await;
    let start = desk.challenge(&other, "/mfa/1").await;
    let page = other.get(&format!("/signin?start={start}")).await;
    let other_way = page
        .body
        .split("<a href=\"")
        .find(|rest| rest.contains("Use another way"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let page = other.get(&other_way).await;
    assert!(page.says("Recovery code"), "{}", page.body);
    let typed = [("token", page.field("token")), ("way", page.field("way")), ("code", codes[3].to_lowercase())];
    let typed: Vec<_> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = other.post("/signin/recovery", &typed).await;
    assert!(other.get(done.location()).await.onward().starts_with(CALLBACK));
    assert!(desk.mail().await[0].text.contains("recovery codes was used"));
    assert!(other.get("/account").await.says("9 of them have not been used"));
    let again = other.post("/signin/recovery", &typed).await;
    assert!(again.says("it has been used"), "{}", again.body);
    // New codes take the place of the old ones.
    let fresh = other.codes().await;
    assert!(fresh.iter().all(|code| !codes.contains(code)));
    let old = [("token", page.field("token")), ("way", page.field("way")), ("code", codes[4].clone())];
    let old: Vec<_> = old.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(other.post("/signin/recovery", &old).await.says("none of your recovery codes"));
}

#[tokio::test]
async fn removing_the_app_signs_out_other_browsers_that_rest_on_it() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    let key = browser.set_up_app(&desk).await;
    let mut other = desk.browser();
    desk.mail().await;
    let page = other.ask(ANN, "").await;
    other.type_code(&page, &desk.code().await).await;
    let mut plain = desk.browser();
    let page = plain.ask(ANN, "").await;
    plain.type_code(&page, &desk.code().await).await;
    desk.pass(Span::mins(1)).await;
    let page = other.get("/account/confirm?way=account").await;
    other.type_app_code(&page, &code_of(&key, desk.now())).await;
    let token = other.get("/account").await.field("token");
    assert_eq!(other.post("/account/authenticator/remove", &[("token", &token)]).await.location(), "/account");
    assert_eq!(browser.get("/account").await.status, 303, "it was signed in with the app");
    assert_eq!(plain.get("/account").await.status, 200, "it never had it");
    assert_eq!(other.get("/account").await.status, 200, "it is the one that removed it");
}

#[tokio::test]
async fn what_a_guest_shows_beside_the_mailbox_never_opens_a_session_by_itself() {
    let desk = Desk::open().await;
    let mut browser = desk.welcome(ANN).await;
    let key = browser.set_up_app(&desk).await;
    desk.pass(Span::mins(11)).await;
    let page = browser.get("/account/confirm?way=account").await;
    let token = browser.get("/account").await.field("token");
    let kept = browser.cookies.clone();
    browser.post("/signout", &[("token", &token), ("everywhere", "yes")]).await;
    browser.cookies = kept;
    let refused = browser.type_app_code(&page, &code_of(&key, desk.now())).await;
    assert_eq!(refused.location(), "/signin");
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn whoever_is_signed_in_as_the_invited_guest_accepts_a_direct_link_without_a_code() {
    let desk = Desk::open().await;
    let (mut browser, offer) = desk.accepted(ANN).await;
    let mut phone = Phone::default();
    browser.make(&mut phone, &offer, ORIGIN).await;
    let (_, direct) = desk.invite(ANN).await;
    let mut other = desk.browser();
    let page = other.get("/signin").await;
    other.show(&mut phone, &page, ORIGIN).await;
    let page = other.get(&format!("/invitations/{direct}")).await;
    assert!(!page.says("send me the code"), "{}", page.body);
    desk.mail().await;
    let done = other.post(&format!("/invitations/{direct}"), &[("token", &page.field("token"))]).await;
    assert_eq!(done.onward(), "https://charts.example.com/");
    assert_eq!(desk.mail().await.len(), 0, "no code was sent");
}
