//! Guesses of every kind of code and link, over many flows, browsers, addresses and networks: none ever gives a session, and no counter begins
//! anew. `GUESTGATE_TEST_SIZE=full` makes ten thousand of each kind.

use std::collections::BTreeMap;

use super::{factors::code_of, kit::*};
use crate::base::{Factor, Span};

fn guesses() -> u32 {
    if std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full") { 10_000 } else { 200 }
}

const SIGNED_IN: &str = "__Host-guestgate";

/// Somebody who changes networks as one does who has many machines.
fn elsewhere(desk: &Desk, n: u32) -> Browser<'_> {
    let [_, a, b, c] = n.to_be_bytes();
    let mut browser = desk.browser();
    browser.ip = [60 + a, b, c, 9].into();
    browser
}

impl Desk {
    async fn sessions(&self, email: &str) -> usize {
        let guest = self.guest(email).await.unwrap();
        self.state.store.sessions_of(guest.id).await.unwrap().len()
    }
}

#[tokio::test]
async fn wrong_codes_from_mails_give_no_session_however_many_flows_and_networks_they_come_from() {
    let desk = Desk::open().await;
    let known: Vec<String> = (0..6).map(|n| format!("guest-{n}@partner.example")).collect();
    for email in &known {
        desk.welcome(email).await;
    }
    desk.mail().await;
    let before = desk.sessions(&known[0]).await;
    // What was mailed for a flow is tried in every other one.
    let mut mailed = vec!["00000000".to_owned()];
    let (mut compared, mut most) = (BTreeMap::new(), 0);
    for n in 0..guesses() / 5 {
        let stranger = format!("stranger-{}@partner.example", n % 7);
        let email = if n % 4 == 3 { &stranger } else { &known[n as usize % known.len()] };
        let mut browser = elsewhere(&desk, n);
        let page = browser.ask(email, "").await;
        let fresh: Vec<String> = desk.mail().await.iter().map(code_in).collect();
        for guess in 0..5 {
            let code = mailed[(n as usize * 5 + guess) % mailed.len()].clone();
            let shown = browser.type_code(&page, &code).await;
            assert!(shown.status == 200 && !browser.cookies.contains_key(SIGNED_IN), "{n} {guess}: {}", shown.body);
            let hour = compared.entry((email.clone(), desk.now().as_secs() / 3_600)).or_insert(0);
            *hour += u32::from(shown.says("not the code"));
            most = most.max(*hour);
        }
        mailed.extend(fresh);
        desk.pass(Span::mins(1)).await;
    }
    // Windows begin with the first attempt, so two of them may touch one hour of the clock.
    assert!((5..=40).contains(&most), "{most} codes were compared for one address within an hour");
    assert_eq!(desk.sessions(&known[0]).await, before);
    assert!(desk.guest("stranger-3@partner.example").await.is_none(), "nobody becomes a guest by guessing");
}

#[tokio::test]
async fn whoever_reads_the_mailbox_alone_guesses_neither_the_app_nor_a_recovery_code() {
    const ANN: &str = "ann@partner.example";
    const IN_A_ROUND: u32 = 100;
    let desk = Desk::open().await;
    let mut ann = desk.welcome(ANN).await;
    let key = ann.set_up_app(&desk).await;
    let real = ann.codes().await;
    desk.mail().await;
    for round in 0..guesses() / IN_A_ROUND {
        desk.pass(Span::hours(1)).await;
        let mut reader = elsewhere(&desk, round);
        let page = reader.ask(ANN, "").await;
        reader.type_code(&page, &desk.code().await).await;
        let page = reader.get("/account/confirm?way=account").await;
        let (token, way) = (page.field("token"), page.field("way"));
        let mut compared = 0;
        for n in 0..IN_A_ROUND {
            reader.ip = elsewhere(&desk, round * IN_A_ROUND + n).ip;
            let now = desk.now();
            let right = [-30, 0, 30].map(|seconds| code_of(&key, now.plus(Span::secs(seconds))));
            let code = format!("{:06}", (round * IN_A_ROUND + n) * 9_973 % 1_000_000);
            let guess = if right.contains(&code) { "000000".to_owned() } else { code };
            // It differs from a real one in its last letter.
            let mut paper = real[n as usize % real.len()].clone();
            let last = paper.pop();
            paper.push(if last == Some('A') { 'B' } else { 'A' });
            let (path, code) = if n % 2 == 0 { ("/signin/totp", guess) } else { ("/signin/recovery", paper) };
            let shown = reader.post(path, &[("token", &token), ("way", &way), ("code", &code)]).await;
            assert_eq!(shown.status, 200, "{code}: {}", shown.body);
            compared += u32::from(!shown.says("too many attempts"));
        }
        assert!(compared <= 20, "{compared} codes were compared within an hour");
        assert_eq!(desk.methods(&reader).await, [Factor::EmailCode], "{round}");
    }
    assert!(desk.mail().await.is_empty(), "no code was used, so nothing is told");
}

#[tokio::test]
async fn what_is_nearly_an_invitation_is_none_and_all_are_answered_alike() {
    let desk = Desk::open().await;
    let (mailed, direct) = desk.invite("ann@partner.example").await;
    let mut browser = desk.browser();
    let token = browser.get(&format!("/invitations/{mailed}")).await.field("token");
    let mut answers = BTreeMap::new();
    for n in 0..guesses() {
        let mut near = if n % 2 == 0 { mailed.clone() } else { direct.clone() }.into_bytes();
        let (at, letters) = (n as usize / 2 % near.len(), b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
        let other = letters[(n as usize * 31 + 7) % letters.len()];
        near[at] = if near[at] == other { b'~' } else { other };
        let near = String::from_utf8(near).unwrap();
        browser.ip = elsewhere(&desk, n).ip;
        let looked = browser.get(&format!("/invitations/{near}")).await;
        let accepted = browser.post(&format!("/invitations/{near}"), &[("token", &token)]).await;
        for answer in [looked, accepted] {
            assert!(answer.status == 404 && !browser.cookies.contains_key(SIGNED_IN), "{near}: {}", answer.status);
            // The choice of a language carries a token of its own.
            let said = answer.body.split("<form class=\"language\"").next().unwrap().to_owned();
            *answers.entry(said.len()).or_insert(0) += 1;
            assert!(!said.contains(&near) && said.contains("This link does not work"), "{near}: {said}");
        }
    }
    assert!(answers.len() <= 2, "one for the page and one for the form: {answers:?}");
    assert!(desk.guest("ann@partner.example").await.is_none() && desk.mail().await.is_empty());
}
