//! What may be answered, by whom and when; and what comes due.

use super::*;
use crate::{
    base::{Entropy, Kind},
    directory::{Bearer, GrantState, GuestState, Power, Target, may},
};

#[derive(Debug)]
struct Dice(std::sync::atomic::AtomicU64);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(bytes);
    }
}

static DICE: Dice = Dice(std::sync::atomic::AtomicU64::new(0));

fn on(day: i64) -> Occasion<'static> {
    Occasion { now: Timestamp::EPOCH.plus(Span::days(20_000 + day)), entropy: &DICE, from: None }
}

fn charts() -> AppId {
    AppId::parse("charts").unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// A guest for whom Kay is responsible, with an access since the first day.
fn ann() -> (Guest, Grant) {
    let o = on(0);
    let guest = Guest {
        id: o.id(),
        email: address("ann@partner.example"),
        name: None,
        kind: Kind::Guest,
        state: GuestState::Active,
        groups: Vec::new(),
        attributes: Default::default(),
        sponsor: Some(address("kay@example.com")),
        invited_by: None,
        language: None,
        created: o.now,
        first_redeemed: Some(o.now),
        accepted: Vec::new(),
        resumed: None,
        warned: None,
        sponsorship: Default::default(),
        bound: Vec::new(),
        version: Version(1),
    };
    let grant = Grant {
        id: o.id(),
        guest: guest.id,
        app: charts(),
        role: None,
        from: o.now,
        until: None,
        invitation: o.id(),
        state: GrantState::Active,
        approved: None,
        reminded: None,
        version: Version(1),
    };
    (guest, grant)
}

fn opened(reviewers: Reviewers) -> Review {
    Review::open(&on(10), ReviewDraft { app: charts(), reviewers, answer_within: Span::days(14), found: 1 }).0
}

fn owner(app: &str) -> Actor {
    Actor::Owner { email: address("lee@example.com"), apps: vec![AppId::parse(app).unwrap()] }
}

fn mail() -> OutgoingMail {
    OutgoingMail { id: on(0).id(), to: address("ann@partner.example"), subject: String::new(), text: String::new(), html: None }
}

#[test]
fn owners_answer_for_their_apps_and_sponsors_for_their_guests_where_they_are_asked() {
    let (guest, grant) = ann();
    let token = |power| Actor::Token(Bearer { id: on(0).id(), power, until: None });
    for (actor, owners, sponsors) in [
        (Actor::Machine, true, true),
        (owner("charts"), true, true),
        (owner("wiki"), false, false),
        (Actor::Owner { email: address("kay@example.com"), apps: vec![AppId::parse("wiki").unwrap()] }, false, true),
        (Actor::Inviter { email: address("kay@example.com"), apps: None }, false, true),
        (Actor::Inviter { email: address("lee@example.com"), apps: None }, false, false),
        (token(Power::Owner(vec![charts()])), true, true),
        (token(Power::Reader), false, false),
        (token(Power::Inviter), false, false),
        (Actor::Guest { id: guest.id, email: guest.email.clone() }, false, false),
    ] {
        for (reviewers, allowed) in [(Reviewers::Owners, owners), (Reviewers::Sponsors, sponsors)] {
            let review = opened(reviewers);
            let warrant = may::<DecideReview>(&actor, Target::Reviewed(&review, &grant, &guest));
            assert_eq!(warrant.is_ok(), allowed, "{actor:?} {reviewers:?}");
            let Ok(warrant) = warrant else { continue };
            let answer = review.answer(&on(11), &warrant, Reviewed { grant: &grant, guest: &guest, before: None }, Answered::Keep, None);
            assert!(answer.is_ok(), "{actor:?} {reviewers:?}");
        }
    }
    assert_eq!(opened(Reviewers::Owners).part_of(&owner("charts")), Ok(Part::Whole));
    assert_eq!(opened(Reviewers::Owners).part_of(&owner("wiki")), Err(Denied));
    assert_eq!(opened(Reviewers::Sponsors).part_of(&owner("wiki")), Ok(Part::Sponsored(address("lee@example.com"))));
}

#[test]
fn an_answer_can_be_changed_in_time_and_the_end_takes_what_has_none() {
    let (guest, grant) = ann();
    let review = opened(Reviewers::Owners);
    let warrant = may::<DecideReview>(&owner("charts"), Target::Reviewed(&review, &grant, &guest)).unwrap();
    let on_it = |before| Reviewed { grant: &grant, guest: &guest, before };
    let (kept, p) = review.answer(&on(11), &warrant, on_it(None), Answered::Keep, Some(mail())).unwrap();
    assert!(p.effects.is_empty() && p.changes.len() == 1 && kept.by == Some(address("lee@example.com")));
    assert!(p.decided_on.iter().any(|(key, _)| *key == crate::directory::Key::Grant(grant.id)), "it was said of the access as it is");
    let again = review.answer(&on(12), &warrant, on_it(Some(&kept)), Answered::Keep, None);
    assert_eq!(again.unwrap_err(), Refusal::NothingToDo);
    let (removed, p) = review.answer(&on(12), &warrant, on_it(Some(&kept)), Answered::Remove, Some(mail())).unwrap();
    assert!(removed.id == kept.id && removed.outcome == Outcome::Removed && p.effects.len() == 1 && p.changes.len() == 2);
    assert_eq!(review.lapse(&on(23), on_it(None), mail()).unwrap_err(), Refusal::NothingToDo, "there is time left");
    assert_eq!(review.lapse(&on(24), on_it(Some(&kept)), mail()).unwrap_err(), Refusal::NothingToDo, "somebody has answered");
    let lapsed = review.lapse(&on(24), on_it(None), mail()).unwrap();
    assert!(lapsed.changes.len() == 2 && lapsed.effects.len() == 1);
    assert_eq!(review.answer(&on(24), &warrant, on_it(None), Answered::Keep, None).unwrap_err(), Refusal::Expired);
    let later = Grant { from: on(11).now, ..grant.clone() };
    let late = Reviewed { grant: &later, guest: &guest, before: None };
    assert_eq!(review.answer(&on(12), &warrant, late, Answered::Remove, None).unwrap_err(), Refusal::Unwarranted, "it came afterwards");
    assert_eq!(review.close(&on(23), Vec::new()).unwrap_err(), Refusal::NothingToDo);
    assert!(review.close(&on(24), Vec::new()).is_ok());
}

#[test]
fn reminders_come_once_each_and_then_the_end() {
    let reminders = [Span::days(7), Span::days(1)];
    let mut review = opened(Reviewers::Owners);
    let mut said = Vec::new();
    for day in 10..26 {
        let due = review.next(&reminders, on(day).now);
        match due {
            Some(ReviewDue::Remind) => review = review.remind(&on(day), Vec::new()).unwrap().0,
            Some(ReviewDue::Finish) => review = review.close(&on(day), Vec::new()).unwrap().0,
            None => continue,
        }
        said.push((day, due.unwrap()));
    }
    assert_eq!(said, [(17, ReviewDue::Remind), (23, ReviewDue::Remind), (24, ReviewDue::Finish)]);
}
