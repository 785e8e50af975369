//! What the lifecycles promise.

use std::sync::atomic::{AtomicU8, Ordering};

use super::{audit::Event, *};
use crate::base::{AppId, Digest, EmailAddress, Entropy, Factor, Name, Past, Proof, Span, Timestamp};

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

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn ann() -> EmailAddress {
    address("ann@partner.example")
}

fn letter(token: &str) -> Letter {
    let id = crate::base::Id::random(&DICE);
    let mail = OutgoingMail { id, to: ann(), subject: String::new(), text: String::new(), html: None };
    Letter { token: Digest::of(token.as_bytes()), mail }
}

fn draft(apps: &[&str]) -> Draft {
    let offer = |id: &&str| Offer { app: app(id), role: None, access_for: Some(Span::days(90)) };
    Draft {
        email: ann(),
        name: None,
        offers: apps.iter().map(offer).collect(),
        groups: vec![Name::parse("clinicians").unwrap()],
        attributes: Default::default(),
        message: None,
        language: None,
        sponsor: None,
        lifetime: Span::days(7),
        direct: Digest::of(b"direct"),
        letter: Some(letter("mailed")),
        copies: Vec::new(),
        cc: Vec::new(),
        landing: None,
        provisioned: None,
    }
}

fn by(actor: &Actor, apps: &[&str], known: Known<'_>) -> Invitation {
    let ids: Vec<AppId> = apps.iter().map(|id| app(id)).collect();
    let warrant = may(actor, Target::Apps(&ids)).unwrap();
    Invitation::issue(&at(NOW), &warrant, known, draft(apps)).unwrap().0
}

fn invitation(apps: &[&str]) -> Invitation {
    by(&Actor::Machine, apps, Known::default())
}

fn mailbox(invitation: &Invitation, now: Timestamp) -> AddressProof {
    let same = Digest::of(b"12345678");
    AddressProof::checked(&invitation.email, MailFactor::Code, (&same, &same), now).unwrap()
}

fn accept(invitation: &Invitation, guest: Option<&Guest>, held: &[Grant]) -> Redeemed {
    invitation.redeem(&at(NOW), &mailbox(invitation, NOW), guest, held).unwrap().0
}

fn root(guest: &Guest, lifetime: Span) -> Session {
    let same = Digest::of(b"12345678");
    let proof = AddressProof::checked(&guest.email, MailFactor::Code, (&same, &same), NOW).unwrap();
    let origin = Origin::new([192, 0, 2, 7].into(), "Browser\n1");
    let proven = Proven::by_address(proof);
    let opening = RootOpening { proven, invitation: None, lifetime, persistent: false, origin, device: None, past: Past::default() };
    Session::open_root(&at(NOW), guest, opening).unwrap().0
}

fn child(root: &Session, guest: &Guest, id: &str, now: Timestamp) -> Result<Session, Refusal> {
    let id = app(id);
    let opening = ChildOpening { app: &id, grant: None, lifetime: Span::hours(12), origin: root.origin.clone(), replaces: None };
    root.open_child(&at(now), guest, opening).map(|(session, _)| session)
}

fn owner(apps: &[&str]) -> Actor {
    Actor::Owner { email: address("lee@example.com"), apps: apps.iter().map(|id| app(id)).collect() }
}

fn events(p: &Proposal) -> Vec<Event> {
    p.audit.iter().map(|e| e.event).collect()
}

#[test]
fn only_the_mailed_link_proves_the_mailbox_and_each_mail_voids_the_one_before() {
    let first = invitation(&["charts"]);
    let shown = |i: &Invitation, token: &str, now| AddressProof::by_invitation(i, &Digest::of(token.as_bytes()), now).is_some();
    assert!(shown(&first, "mailed", NOW));
    assert!(!shown(&first, "direct", NOW) && !shown(&first, "guess", NOW) && !shown(&first, "mailed", first.expires));
    let warrant = may(&Actor::Machine, Target::Invitation(&first)).unwrap();
    let (second, p) = first.resend(&at(NOW), &warrant, letter("again")).unwrap();
    assert!(shown(&second, "again", NOW) && !shown(&second, "mailed", NOW));
    assert_eq!((events(&p), p.effects.len()), (vec![Event::InvitationResent], 1));
    let (revoked, _) = second.revoke(&at(NOW), &warrant, &[]).unwrap();
    assert!(!shown(&revoked, "again", NOW));
    assert!(AddressProof::checked(&ann(), MailFactor::Code, (&Digest::of(b"1"), &Digest::of(b"2")), NOW).is_none());
}

fn vouched(subject: &str, email: &str) -> Vouched {
    Vouched {
        provider: Name::parse("contoso").unwrap(),
        issuer: "https://login.contoso.com".to_owned(),
        subject: subject.to_owned(),
        session: None,
        address: address(email),
        name: Some("Ann".to_owned()),
        mfa: false,
        at: NOW,
        signed_in: None,
        members: false,
        is_fresh: false,
        groups: None,
    }
}

/// The guest that a proposal writes.
fn written(p: &Proposal) -> Guest {
    p.changes.iter().find_map(|c| if let Change::PutGuest(guest) = c { Some(guest.clone()) } else { None }).unwrap()
}

#[test]
fn once_bound_to_a_person_at_a_provider_a_guest_is_nobody_else_there() {
    let mine = "ann@partner.example";
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    assert_eq!(guest.bind(&at(NOW), &vouched("s-1", "bob@partner.example")).unwrap_err(), Refusal::WrongAddress);
    let bound = written(&guest.bind(&at(NOW), &vouched("s-1", mine)).unwrap());
    assert_eq!((bound.bound.len(), bound.name.as_deref()), (1, Some("Ann")));
    assert_eq!(bound.bind(&at(NOW), &vouched("s-1", mine)).unwrap_err(), Refusal::NothingToDo);
    // The address was given to somebody else; whoever was renamed is still the same.
    assert_eq!(bound.bind(&at(NOW), &vouched("s-2", mine)).unwrap_err(), Refusal::WrongAddress);
    assert!(Proven::by_provider(&bound, &vouched("s-2", mine)).is_none());
    assert!(Proven::by_provider(&bound, &vouched("s-1", "ann.lee@partner.example")).is_some());
    assert!(AddressProof::by_provider(&ann(), Some(&bound), &vouched("s-2", mine)).is_none());
    assert!(AddressProof::by_provider(&ann(), None, &vouched("s-2", "bob@partner.example")).is_none());
    assert!(AddressProof::by_provider(&ann(), None, &vouched("s-2", mine)).is_some());
    // Another provider is another matter.
    let elsewhere = Vouched { issuer: "https://id.fabrikam.com".to_owned(), ..vouched("s-2", mine) };
    assert!(bound.is_meant_by(&elsewhere));
    // When nobody says when they signed in there, it is as old as any sign-in.
    let proven = Proven::by_provider(&bound, &vouched("s-1", mine)).unwrap();
    assert_eq!(proven.proofs()[0].at, Timestamp::EPOCH);
    assert_eq!(Guest::member(&at(NOW), &vouched("s-1", mine)).unwrap_err(), Refusal::Unwarranted);
}

#[test]
fn a_provider_ends_what_rests_on_it_and_nothing_else() {
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    let by_code = root(&guest, Span::hours(1));
    let there = |session: Option<&str>| {
        let said = Vouched { session: session.map(str::to_owned), ..vouched("s-1", "ann@partner.example") };
        let family = Family { root: &by_code, children: &[] };
        Session::step_up(&at(NOW), &guest, family, None, &Proven::by_provider(&guest, &said).unwrap()).unwrap().0.root
    };
    let all = [by_code.clone(), there(Some("one")), there(Some("two")), there(None)];
    let contoso = Name::parse("contoso").unwrap();
    let ends = |session: Option<&str>| {
        let key = session.map(|session| provider_session("https://login.contoso.com", session));
        Session::provider_sign_out(&at(NOW), &contoso, key.as_ref(), &all).map(|p| p.changes.len())
    };
    assert_eq!((ends(None), ends(Some("one")), ends(Some("three"))), (Ok(3), Ok(2), Ok(1)));
    let others = Name::parse("fabrikam").unwrap();
    assert_eq!(Session::provider_sign_out(&at(NOW), &others, None, &all).unwrap_err(), Refusal::NothingToDo);
}

#[test]
fn an_invitation_is_accepted_once_in_time_and_by_its_own_address() {
    let i = invitation(&["charts"]);
    let redeemed = accept(&i, None, &[]);
    assert_eq!((redeemed.guest.id, redeemed.guest.first_redeemed), (i.guest, Some(NOW)));
    assert_eq!(redeemed.grants[0].until, Some(NOW.plus(Span::days(90))));
    let refused = |i: &Invitation, proof: &AddressProof, now| i.redeem(&at(now), proof, None, &[]).unwrap_err();
    assert_eq!(refused(&redeemed.invitation, &mailbox(&i, NOW), NOW), Refusal::AlreadyRedeemed);
    assert_eq!(refused(&i, &mailbox(&i, i.expires), i.expires), Refusal::Expired);
    let same = Digest::of(b"1");
    let other = AddressProof::checked(&address("eve@partner.example"), MailFactor::Code, (&same, &same), NOW).unwrap();
    assert_eq!(refused(&i, &other, NOW), Refusal::WrongAddress);
    let (declined, _) = i.decline(&at(NOW), &Digest::of(b"direct")).unwrap();
    assert_eq!(refused(&declined, &mailbox(&i, NOW), NOW), Refusal::Declined);
    assert_eq!(i.decline(&at(NOW), &Digest::of(b"guess")).unwrap_err(), Refusal::Unwarranted);
}

#[test]
fn several_invitations_make_one_guest_and_grants_are_extended() {
    let first = accept(&invitation(&["charts"]), None, &[]);
    let second = by(&Actor::Machine, &["charts", "labs"], Known { guest: Some(&first.guest), earlier: None });
    assert_eq!(second.guest, first.guest.id);
    let both = accept(&second, Some(&first.guest), &first.grants);
    assert_eq!(both.grants[0].id, first.grants[0].id);
    assert_eq!(both.grants.len(), 2);
    let warrant = may(&Actor::Machine, Target::Invitation(&both.invitation)).unwrap();
    let (_, p) = both.invitation.revoke(&at(NOW), &warrant, &both.grants).unwrap();
    assert_eq!(events(&p), [Event::InvitationRevoked, Event::GrantRevoked, Event::GrantRevoked], "what came of it ends with it");
}

#[test]
fn an_owner_gives_no_groups_to_a_guest_of_other_apps() {
    let mut first = accept(&invitation(&["charts"]), None, &[]);
    first.guest.groups.clear();
    let known = Known { guest: Some(&first.guest), earlier: None };
    let by_owner = accept(&by(&owner(&["labs"]), &["labs"], known), Some(&first.guest), &first.grants);
    assert!(by_owner.guest.groups.is_empty());
    let by_admin = accept(&by(&Actor::Machine, &["labs"], known), Some(&first.guest), &first.grants);
    assert_eq!(by_admin.guest.groups.len(), 1);
}

#[test]
fn a_suspended_guest_comes_back_by_no_invitation_and_a_removed_one_as_a_stranger() {
    let first = accept(&invitation(&["charts"]), None, &[]);
    let session = root(&first.guest, Span::hours(1));
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let (suspended, p) = first.guest.suspend(&at(NOW), &warrant, Some("left".into())).unwrap();
    assert_eq!(events(&p), [Event::GuestSuspended]);
    assert!(p.audit.iter().all(|e| !format!("{:?}", e.details).contains("left")), "reasons are personal");
    let next = invitation(&["charts"]);
    assert_eq!(next.redeem(&at(NOW), &mailbox(&next, NOW), Some(&suspended), &[]).unwrap_err(), Refusal::Suspended);
    let (mut removed, p) = first
        .guest
        .remove(
            &at(NOW),
            &may(&Actor::Machine, Target::Everything).unwrap(),
            None,
            Holdings { grants: &first.grants, sessions: &[session], factors: None },
        )
        .unwrap();
    assert_eq!(events(&p), [Event::GuestRemoved, Event::GrantRevoked]);
    removed.groups.push(Name::parse("insiders").unwrap());
    let back = accept(&next, Some(&removed), &[]);
    assert!(back.guest.is_active() && back.guest.groups == next.groups && back.guest.id == removed.id);
}

#[test]
fn a_child_never_outlives_its_root_nor_opens_under_an_ended_one() {
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    let parent = root(&guest, Span::hours(1));
    assert_eq!(parent.origin.user_agent, "Browser1");
    let later = NOW.plus(Span::mins(59));
    assert_eq!(child(&parent, &guest, "charts", later).unwrap().expires, parent.expires);
    assert_eq!(child(&parent, &guest, "charts", parent.expires).unwrap_err(), Refusal::SessionEnded);
    let grandchild = child(&parent, &guest, "charts", NOW).unwrap();
    assert_eq!(child(&grandchild, &guest, "labs", NOW).unwrap_err(), Refusal::Unwarranted);
}

#[test]
fn a_step_up_renews_the_root_and_the_child_that_asked_and_keeps_the_others_open() {
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    let parent = root(&guest, Span::hours(1));
    let children = [child(&parent, &guest, "charts", NOW).unwrap(), child(&parent, &guest, "labs", NOW).unwrap()];
    let later = NOW.plus(Span::mins(5));
    let same = Digest::of(b"1");
    let proven = Proven::by_address(AddressProof::checked(&guest.email, MailFactor::Link, (&same, &same), later).unwrap());
    let family = Family { root: &parent, children: &children };
    let (up, p) = Session::step_up(&at(later), &guest, family, Some(children[0].id), &proven).unwrap();
    let asked = up.child.unwrap();
    assert!(up.root.id != parent.id && asked.id != children[0].id);
    assert_eq!((asked.root, asked.signed_in, asked.proofs.len(), asked.expires), (Some(up.root.id), later, 2, children[0].expires));
    let written = |id| p.changes.iter().find_map(|c| if let Change::PutSession(s) = c { (s.id == id).then_some(s) } else { None }).unwrap();
    assert!(written(parent.id).ended.is_some() && written(children[0].id).ended.is_some());
    let other = written(children[1].id);
    assert_eq!((other.ended, other.root, other.proofs.len()), (None, Some(up.root.id), 2));
}

#[test]
fn nobody_acts_beyond_what_is_theirs() {
    let redeemed = accept(&invitation(&["charts", "labs"]), None, &[]);
    let (guest, grants) = (&redeemed.guest, redeemed.grants.as_slice());
    let both = [app("charts"), app("labs")];
    let lee = owner(&["charts"]);
    assert!(may::<Invite>(&lee, Target::Apps(&both[..1])).is_ok());
    assert!(may::<Invite>(&lee, Target::Apps(&both)).is_err() && may::<Invite>(&lee, Target::Apps(&[])).is_err());
    assert!(may::<ManageGrants>(&lee, Target::Grant(&grants[0])).is_ok() && may::<ManageGrants>(&lee, Target::Grant(&grants[1])).is_err());
    assert!(may::<SuspendGuest>(&lee, Target::Guest(guest, grants)).is_err(), "the guest has a grant elsewhere");
    assert!(may::<SuspendGuest>(&lee, Target::Guest(guest, &grants[..1])).is_ok());
    assert!(may::<SuspendGuest>(&lee, Target::Guest(guest, &[])).is_err());
    assert!(may::<ReadDirectory>(&lee, Target::Everything).is_err() && may::<ReadAudit>(&lee, Target::Apps(&both[..1])).is_err());
    let inviter = Actor::Inviter { email: address("kim@example.com"), apps: None };
    let theirs = by(&inviter, &["charts"], Known::default());
    assert!(may::<ManageInvitation>(&inviter, Target::Invitation(&theirs)).is_ok());
    assert!(may::<ManageInvitation>(&inviter, Target::Invitation(&redeemed.invitation)).is_err());
    let myself = Actor::Guest { id: guest.id, email: guest.email.clone() };
    assert!(
        may::<EndSessions>(&myself, Target::Guest(guest, grants)).is_ok()
            && may::<SuspendGuest>(&myself, Target::Guest(guest, grants)).is_err()
    );
    // A warrant for one app makes nothing in another.
    let narrow = may::<Invite>(&lee, Target::Apps(&both[..1])).unwrap();
    assert_eq!(Invitation::issue(&at(NOW), &narrow, Known::default(), draft(&["labs"])).unwrap_err(), Refusal::Unwarranted);
}

#[test]
fn entities_read_back_as_written_and_audit_bodies_hold_nothing_personal() {
    let i = invitation(&["charts"]);
    let text = serde_json::to_string(&i).unwrap();
    assert_eq!(serde_json::from_str::<Invitation>(&text).unwrap(), i);
    let warrant = may(&Actor::Administrator(address("ops@example.com")), Target::Everything).unwrap();
    let (_, p) = Invitation::issue(&at(NOW), &warrant, Known::default(), draft(&["charts"])).unwrap();
    let body = serde_json::to_string(&p.audit[0]).unwrap();
    assert!(!body.contains('@') && body.contains("administrator"), "{body}");
    assert!(p.audit[0].personal.as_ref().is_some_and(|f| f.facts.values().any(|v| v == "ops@example.com")));
}

/// A session of Ann's in which these were shown at this time.
fn having_shown(guest: &Guest, factors: &[Factor], at: Timestamp) -> Session {
    let proofs = factors.iter().map(|factor| Proof { factor: factor.clone(), at }).collect();
    Session { proofs, ..root(guest, Span::hours(12)) }
}

fn notice() -> OutgoingMail {
    letter("x").mail
}

#[test]
fn the_first_factor_needs_the_mailbox_and_every_later_change_a_factor_of_ten_minutes() {
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    let none = Factors::none(guest.id);
    let (soon, late) = (NOW.plus(Span::mins(10)).minus(Span::millis(1)), NOW.plus(Span::mins(10)));
    let mailbox = having_shown(&guest, &[Factor::EmailCode], NOW);
    assert_eq!(none.needed(&mailbox, soon), None);
    assert_eq!(none.needed(&mailbox, late), Some(Needed::Mailbox));
    fn by<'a>(guest: &'a Guest, session: &'a Session) -> FactorChange<'a> {
        FactorChange { guest, session, mail: notice() }
    }
    let (one, proven, _) = none.add_passkey(&at(NOW), by(&guest, &mailbox), ("Phone", "key".to_owned())).unwrap();
    assert_eq!(proven.proofs(), [Proof { factor: Factor::Passkey, at: NOW }]);
    assert_eq!(one.needed(&mailbox, NOW), Some(Needed::Stronger), "the mailbox is not enough any more");
    assert_eq!(one.add_authenticator(&at(NOW), by(&guest, &mailbox), ("sealed".to_owned(), 7)).unwrap_err(), Refusal::Unproved);
    for factor in [Factor::Passkey, Factor::Totp, Factor::RecoveryCode] {
        let session = having_shown(&guest, std::slice::from_ref(&factor), NOW);
        assert!(one.add_authenticator(&at(soon), by(&guest, &session), ("sealed".to_owned(), 7)).is_ok(), "{factor}");
        assert_eq!(
            one.add_authenticator(&at(late), by(&guest, &session), ("sealed".to_owned(), 7)).unwrap_err(),
            Refusal::Unproved,
            "{factor}"
        );
    }
    let certified = having_shown(&guest, &[Factor::ClientCertificate], NOW);
    assert_eq!(one.needed(&certified, NOW), Some(Needed::Stronger), "a certificate is there with every request");
}

#[test]
fn what_is_shown_once_is_not_shown_again() {
    let guest = accept(&invitation(&["charts"]), None, &[]).guest;
    let session = having_shown(&guest, &[Factor::EmailCode], NOW);
    let by = FactorChange { guest: &guest, session: &session, mail: notice() };
    let (held, _, _) = Factors::none(guest.id).add_authenticator(&at(NOW), by.clone(), ("sealed".to_owned(), 7)).unwrap();
    for (step, expected) in [(6, Some(Refusal::Used)), (7, Some(Refusal::Used)), (8, None)] {
        assert_eq!(held.totp_shown(&at(NOW), &guest, step).err(), expected, "{step}");
    }
    let codes: Vec<Digest> = [&b"a"[..], b"b"].iter().map(|code| Digest::of(code)).collect();
    let strong = having_shown(&guest, &[Factor::Totp], NOW);
    let p = held.renew_recovery(&at(NOW), FactorChange { session: &strong, ..by }, codes.clone()).unwrap();
    let Some(Change::PutFactors(held)) = p.changes.first().cloned() else { panic!("{p:?}") };
    let (_, p) = held.recovery_shown(&at(NOW), &guest, &codes[..1], notice()).unwrap();
    let Some(Change::PutFactors(left)) = p.changes.first().cloned() else { panic!("{p:?}") };
    assert_eq!(left.recovery_shown(&at(NOW), &guest, &codes[..1], notice()).unwrap_err(), Refusal::NothingToDo);
    assert!(left.recovery_shown(&at(NOW), &guest, &codes[1..], notice()).is_ok());
}

#[test]
fn only_administrators_and_owners_of_everything_that_a_guest_has_reset_factors() {
    let redeemed = accept(&invitation(&["charts"]), None, &[]);
    let (guest, grants) = (redeemed.guest, redeemed.grants);
    let may_reset = |actor: &Actor, grants: &[Grant]| may::<ResetFactors>(actor, Target::Guest(&guest, grants));
    assert!(may_reset(&owner(&["charts"]), &grants).is_ok());
    assert!(may_reset(&owner(&["wiki"]), &grants).is_err() && may_reset(&owner(&["charts"]), &[]).is_err());
    assert!(may_reset(&Actor::Guest { id: guest.id, email: guest.email.clone() }, &grants).is_err());
    let warrant = may_reset(&Actor::Machine, &grants).unwrap();
    let p = Factors::none(guest.id).reset(&at(NOW), &warrant, &guest, &[root(&guest, Span::hours(1))], notice()).unwrap();
    let ended = |c: &Change| matches!(c, Change::PutSession(s) if s.ended.is_some());
    assert!(p.changes.iter().any(ended) && p.effects.len() == 1 && p.audit.iter().any(|e| e.event == Event::FactorsReset));
}

#[test]
fn a_removed_guest_who_comes_back_has_no_factors() {
    let redeemed = accept(&invitation(&["charts"]), None, &[]);
    let guest = redeemed.guest;
    let session = having_shown(&guest, &[Factor::EmailCode], NOW);
    let by = FactorChange { guest: &guest, session: &session, mail: notice() };
    let (held, _, _) = Factors::none(guest.id).add_passkey(&at(NOW), by, ("Phone", "key".to_owned())).unwrap();
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let holdings = Holdings { grants: &redeemed.grants, sessions: &[], factors: Some(&held) };
    let (_, p) = guest.remove(&at(NOW), &warrant, None, holdings).unwrap();
    assert!(p.changes.iter().any(|c| matches!(c, Change::PutFactors(f) if f.is_empty())), "{p:?}");
}

#[test]
fn a_guest_leaves_with_everything_and_nobody_does_it_for_them() {
    let redeemed = accept(&invitation(&["charts"]), None, &[]);
    let session = root(&redeemed.guest, Span::hours(12));
    let holdings = Holdings { grants: &redeemed.grants, sessions: std::slice::from_ref(&session), factors: None };
    let machine = may(&Actor::Machine, Target::Guest(&redeemed.guest, &[])).unwrap();
    assert_eq!(redeemed.guest.leave(&at(NOW), &machine, holdings, Vec::new()).unwrap_err(), Refusal::Unwarranted);
    let own = Actor::Guest { id: redeemed.guest.id, email: ann() };
    let warrant = may(&own, Target::Guest(&redeemed.guest, &[])).unwrap();
    let (left, p) = redeemed.guest.leave(&at(NOW), &warrant, holdings, vec![letter("told").mail]).unwrap();
    assert!(matches!(left.state, GuestState::Removed { .. }));
    assert_eq!(events(&p), [Event::GuestRemoved, Event::GrantRevoked, Event::GuestLeft]);
    assert!(p.changes.iter().any(|change| matches!(change, Change::PutSession(session) if session.ended.is_some())));
    assert_eq!(p.effects.len(), 1);
}
