//! Members: the link to the first passkey, signing in by it, and what a member never is.

use serde_json::json;

use super::{kit::*, phone::Phone};
use crate::{
    base::{EmailAddress, Kind, Span},
    config::Config,
    directory::{Actor, EnrolMember, Enrolling, Guest, Target, may},
    web::{MEMBER_LINK_LIFE, MemberLink},
};

const OPS: &str = "ops@example.com";

fn with_members() -> Config {
    let mut config = config();
    config.roles.admins = vec![EmailAddress::parse(OPS).unwrap()];
    config
}

impl Desk {
    /// A link for a member; its path.
    async fn member_link(&self, email: &str) -> String {
        let email = EmailAddress::parse(email).unwrap();
        let known = self.state.store.guest_by_email(&email).await.unwrap();
        let held = match &known {
            Some(guest) => self.state.store.factors(guest.id).await.unwrap(),
            None => None,
        };
        let link = MemberLink::random(self.state.entropy.as_ref());
        let warrant = may::<EnrolMember>(&Actor::Machine, Target::Everything).unwrap();
        let who = Enrolling { email: &email, known: known.as_ref(), held: held.as_ref(), token: link.digest, lifetime: MEMBER_LINK_LIFE };
        let (member, proposal) = Guest::enrol(&self.occasion(), &warrant, who).unwrap();
        self.state.store.commit(proposal).await.unwrap();
        link.url("", member.id)
    }
}

impl Browser<'_> {
    /// Adds a passkey by a member's link.
    async fn enrol(&mut self, phone: &mut Phone, link: &str) -> Page {
        let page = self.get(link).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let token = page.field("token");
        let asked = self.post_json(&format!("{link}/question"), &json!({ "token": token })).await;
        let asked: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        let answer = phone.make(ORIGIN, &asked["question"]);
        self.post_json(link, &json!({ "token": token, "name": "Key", "state": asked["state"], "answer": answer })).await
    }
}

#[tokio::test]
async fn a_member_gets_a_passkey_by_a_link_that_works_once_and_signs_in_by_it() {
    let desk = Desk::with(with_members()).await;
    let link = desk.member_link(OPS).await;
    let (mut lee, mut phone) = (desk.browser(), Phone::default());
    assert!(lee.get(&link).await.says(OPS));
    let done = lee.enrol(&mut phone, &link).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(lee.get("/account").await.says(OPS));
    assert_eq!(lee.get(&link).await.status, 404, "it was used");
    let mails = desk.mail().await;
    assert!(mails.iter().any(|mail| mail.to.as_str() == OPS && mail.text.contains("passkey was added")), "{mails:?}");

    let mut other = desk.browser();
    let page = other.get("/signin").await;
    let token =
        page.body.split("/signin/passkey/question").nth(1).unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asked = other.post_json("/signin/passkey/question", &json!({ "token": token })).await;
    let asked: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let answer = phone.show(ORIGIN, &asked["question"]);
    let done = other.post_json("/signin/passkey", &json!({ "token": token, "way": "", "state": asked["state"], "answer": answer })).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(other.get("/account").await.says(OPS));
    // The last passkey stays: nothing else would lead back in.
    let account = other.get("/account").await;
    let fields = [("token", account.field("token")), ("passkey", account.field("passkey"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    other.post("/account/passkeys/remove", &fields).await;
    assert!(other.get("/account").await.says("Rename"));
}

#[tokio::test]
async fn a_link_that_is_wrong_too_old_or_replaced_leads_nowhere() {
    let desk = Desk::with(with_members()).await;
    let (first, mut lee) = (desk.member_link(OPS).await, desk.browser());
    let second = desk.member_link(OPS).await;
    for link in [first.as_str(), "/enrol/x", "/enrol/AAAAAAAAAAAAAAAAAAAAAA.x", &second[..second.len() - 1]] {
        let page = lee.get(link).await;
        assert!(page.status == 404 && page.says("does not work any more"), "{link}: {}", page.body);
    }
    desk.pass(MEMBER_LINK_LIFE).await;
    assert_eq!(lee.get(&second).await.status, 404);
}

#[tokio::test]
async fn nothing_that_is_mailed_signs_a_member_in() {
    let desk = Desk::with(with_members()).await;
    let link = desk.member_link(OPS).await;
    let (mut lee, mut phone) = (desk.browser(), Phone::default());
    lee.enrol(&mut phone, &link).await;
    desk.mail().await;
    let mut thief = desk.browser();
    let page = thief.ask(OPS, "").await;
    assert!(page.status == 200 && page.says("8 digits") || page.says("code"), "the same page as for everybody: {}", page.body);
    assert!(desk.mail().await.is_empty());
}

#[tokio::test]
async fn nobody_is_both_guest_and_member() {
    let desk = Desk::with(with_members()).await;
    let (mailed, _) = desk.invite(OPS).await;
    let mut lee = desk.browser();
    let page = lee.get(&format!("/invitations/{mailed}")).await;
    let done = lee.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
    assert!(done.status == 409 && done.says("both member and guest"), "{} {}", done.status, done.body);
    assert!(desk.guest(OPS).await.is_none());
}

#[tokio::test]
async fn whoever_the_configuration_names_no_more_is_signed_out_at_the_next_request() {
    let desk = Desk::with(with_members()).await;
    let link = desk.member_link(OPS).await;
    let (mut lee, mut phone) = (desk.browser(), Phone::default());
    lee.enrol(&mut phone, &link).await;
    assert_eq!(lee.get("/account").await.status, 200);
    let before = desk.state.live.snapshot();
    let snapshot = crate::live::Snapshot::new(std::sync::Arc::new(config()), std::sync::Arc::clone(&before.policies), 2).unwrap();
    desk.state.live.replace(snapshot);
    assert_eq!(lee.get("/account").await.status, 303, "to the sign-in");
    assert_eq!(desk.guest(OPS).await.unwrap().kind, Kind::Member);
    desk.pass(Span::secs(1)).await;
}
