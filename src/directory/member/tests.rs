//! Links for members: for whom one is made, what it leads to, and that it leads there once.

use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::{
    base::{AppId, Entropy, Id as _, MailId},
    directory::{Target, may},
};

#[derive(Debug)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

static DICE: Counting = Counting(AtomicU8::new(1));
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn at(now: Timestamp) -> Occasion<'static> {
    Occasion { now, entropy: &DICE, from: None }
}

fn lee() -> EmailAddress {
    EmailAddress::parse("lee@example.com").unwrap()
}

fn enrol(known: Option<&Guest>, held: Option<&Factors>, token: &str) -> Result<(Guest, Factors, Proposal), Refusal> {
    let warrant = may::<EnrolMember>(&Actor::Machine, Target::Everything).unwrap();
    let who = Enrolling { email: &lee(), known, held, token: Digest::of(token.as_bytes()), lifetime: Span::hours(24) };
    let (member, proposal) = Guest::enrol(&at(NOW), &warrant, who)?;
    let factors =
        proposal.changes.iter().find_map(|c| if let crate::directory::Change::PutFactors(f) = c { Some(f.clone()) } else { None });
    Ok((member, factors.unwrap(), proposal))
}

fn mail() -> OutgoingMail {
    OutgoingMail { id: MailId::random(&DICE), to: lee(), subject: String::new(), text: String::new(), html: None }
}

fn add(factors: &Factors, member: &Guest, token: &str, now: Timestamp) -> Result<(Proven, Proposal), Refusal> {
    factors.enrol_passkey(&at(now), (member, &Digest::of(token.as_bytes())), ("Key", "credential".to_owned()), mail())
}

#[test]
fn a_link_adds_one_passkey_in_time_and_another_link_takes_its_place() {
    let (member, held, proposal) = enrol(None, None, "first").unwrap();
    assert_eq!(member.kind, Kind::Member);
    assert!(proposal.audit.iter().any(|entry| entry.event == Event::MemberLinkMade));
    assert_eq!(add(&held, &member, "other", NOW).unwrap_err(), Refusal::Expired);
    assert_eq!(add(&held, &member, "first", NOW.plus(Span::hours(24))).unwrap_err(), Refusal::Expired);
    let (proven, proposal) = add(&held, &member, "first", NOW).unwrap();
    assert_eq!((proven.address(), proven.proofs().len()), (&lee(), 1));
    assert!(proposal.audit.iter().any(|entry| entry.event == Event::MemberEnrolled));
    let used = proposal.changes.iter().find_map(|c| if let crate::directory::Change::PutFactors(f) = c { Some(f) } else { None }).unwrap();
    assert_eq!(add(used, &member, "first", NOW).unwrap_err(), Refusal::Expired, "once");
    let (same, again, _) = enrol(Some(&member), Some(used), "second").unwrap();
    assert_eq!((same.id, again.passkeys.len()), (member.id, 1), "what is there stays");
    let (_, newest, _) = enrol(Some(&member), Some(&again), "third").unwrap();
    assert_eq!(add(&newest, &member, "second", NOW).unwrap_err(), Refusal::Expired);
    assert!(add(&newest, &member, "third", NOW).is_ok());
}

#[test]
fn nobody_is_both_guest_and_member() {
    let (member, ..) = enrol(None, None, "t").unwrap();
    let guest = Guest { kind: Kind::Guest, ..member.clone() };
    assert_eq!(enrol(Some(&guest), None, "t").unwrap_err(), Refusal::OtherKind);
    let removed = Guest { state: GuestState::Removed { at: NOW }, ..guest };
    let (back, ..) = enrol(Some(&removed), None, "t").unwrap();
    assert_eq!((back.id, back.kind, back.is_active()), (member.id, Kind::Member, true));
    let held = Factors::none(member.id);
    let stranger = Guest { kind: Kind::Guest, ..member };
    assert_eq!(add(&held, &stranger, "t", NOW).unwrap_err(), Refusal::Unwarranted);
}

#[test]
fn only_the_machine_and_administrators_make_links() {
    let apps = vec![AppId::parse("charts").unwrap()];
    let may = |actor: &Actor| may::<EnrolMember>(actor, Target::Everything).is_ok();
    assert!(may(&Actor::Machine) && may(&Actor::Administrator(lee())));
    assert!(!may(&Actor::Owner { email: lee(), apps }) && !may(&Actor::Inviter { email: lee(), apps: None }) && !may(&Actor::System));
}
