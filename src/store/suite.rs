//! What every back end must pass. A back end's tests hand in a way to open it, again and again on the same data.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    Counted, Counter, Cursor, Delivery, GuestFilter, InvitationFilter, Limit, MailStage, Note, PageRequest, RequestFilter, Revision, Store,
    StoreError, TokenKind,
};
use crate::{
    base::{AppId, Digest, EmailAddress, Entropy, FlowId, Haunt, Id, MailId, Past, Prefix, Span, Stay, Timestamp},
    directory::{
        Actor, AddressProof, ChildOpening, Draft, EndReason, FactorChange, Factors, Family, Guest, Holdings, Invitation, Key, Known,
        Letter, Occasion, Offer, Origin, OutgoingMail, Proven, RootOpening, Session, Target, Vouched, audit, may,
    },
};

/// Opens the same data again.
pub(crate) trait Maker: Sync {
    type Store: Store + 'static;
    fn open(&self) -> impl Future<Output = Self::Store> + Send;
}

/// Counts upwards: every id is another one.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let hash = blake3::hash(&n.to_le_bytes());
        bytes.iter_mut().zip(hash.as_bytes().iter().cycle()).for_each(|(to, from)| *to = *from);
    }
}

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(crate) static DICE: Counting = Counting(AtomicU64::new(0));

pub(crate) fn o() -> Occasion<'static> {
    Occasion { now: NOW, entropy: &DICE, from: Some([192, 0, 2, 1].into()) }
}

pub(crate) fn charts() -> AppId {
    AppId::parse("charts").unwrap()
}

fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@partner.example")).unwrap()
}

fn mail(to: &EmailAddress) -> OutgoingMail {
    OutgoingMail { id: MailId::random(&DICE), to: to.clone(), subject: "come in".into(), text: "https://secret-link".into(), html: None }
}

pub(crate) fn draft(email: &EmailAddress) -> Draft {
    let token = |what: &str| Digest::of(format!("{what} {email} {}", MailId::random(&DICE)).as_bytes());
    Draft {
        email: email.clone(),
        name: None,
        offers: vec![Offer { app: charts(), role: None, access_for: Some(Span::days(90)) }],
        groups: Vec::new(),
        attributes: Default::default(),
        message: None,
        language: None,
        sponsor: None,
        lifetime: Span::days(7),
        direct: token("direct"),
        letter: Some(Letter { token: token("mailed"), mail: mail(email) }),
        copies: Vec::new(),
        cc: Vec::new(),
        landing: None,
        provisioned: None,
    }
}

pub(crate) async fn invited(store: &dyn Store, name: &str) -> Invitation {
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let (invitation, p) = Invitation::issue(&o(), &warrant, Known::default(), draft(&address(name))).unwrap();
    store.commit(p).await.unwrap();
    invitation
}

pub(crate) async fn accepted(store: &dyn Store, name: &str) -> (Guest, Invitation) {
    let invitation = invited(store, name).await;
    let proof = AddressProof::by_invitation(&invitation, invitation.mailed.as_ref().unwrap(), NOW).unwrap();
    let (redeemed, p) = invitation.redeem(&o(), &proof, None, &[]).unwrap();
    store.commit(p).await.unwrap();
    (redeemed.guest, redeemed.invitation)
}

/// A guest with a root session and a child on the app.
pub(crate) async fn signed_in(store: &dyn Store, name: &str) -> (Guest, Session, Session) {
    let (guest, _) = accepted(store, name).await;
    let (root, p) = Session::open_root(&o(), &guest, root_opening(&guest)).unwrap();
    store.commit(p).await.unwrap();
    let grants = store.grants_of(guest.id).await.unwrap();
    let opening = ChildOpening { app: &charts(), grant: grants.first(), lifetime: Span::hours(12), origin: origin(), replaces: None };
    let (child, p) = root.open_child(&o(), &guest, opening).unwrap();
    store.commit(p).await.unwrap();
    (guest, root, child)
}

fn origin() -> Origin {
    Origin::new([192, 0, 2, 7].into(), "Browser")
}

fn root_opening(guest: &Guest) -> RootOpening {
    let same = Digest::of(b"code");
    let proof = AddressProof::checked(&guest.email, crate::directory::MailFactor::Code, (&same, &same), NOW).unwrap();
    RootOpening {
        proven: Proven::by_address(proof),
        invitation: None,
        lifetime: Span::hours(12),
        persistent: false,
        origin: origin(),
        device: None,
        past: Past::default(),
    }
}

/// Everything below, in one go.
pub(super) async fn all(maker: &impl Maker) {
    what_is_written_is_read(maker).await;
    requests_uses_and_texts_are_kept(maker).await;
    factors_are_kept_and_of_two_writers_one_is_told(maker).await;
    one_person_at_a_provider_is_one_guest(maker).await;
    a_stale_proposal_changes_nothing(maker).await;
    acceptance_and_sign_in_can_be_one_commit(maker).await;
    of_a_hundred_acceptances_one_wins(maker).await;
    revisions_come_in_order_and_none_is_missing(maker).await;
    counters_hold_under_parallelism(maker).await;
    mails_are_claimed_retried_and_wiped(maker).await;
    lists_go_on_where_they_stopped(maker).await;
    what_was_acknowledged_survives(maker).await;
    places_of_a_guest_are_few_and_go_with_the_guest(maker).await;
    what_was_counted_can_be_asked_without_counting(maker).await;
    the_past_is_tidied_and_the_feed_says_so(maker).await;
    the_audit_log_verifies_and_personal_facts_can_go(maker).await;
}

async fn factors_are_kept_and_of_two_writers_one_is_told(maker: &impl Maker) {
    let store = maker.open().await;
    let (guest, root, _) = signed_in(&store, "factors").await;
    assert_eq!(store.factors(guest.id).await.unwrap(), None);
    let by = || FactorChange { guest: &guest, session: &root, mail: mail(&guest.email) };
    let add = |name: &str| Factors::none(guest.id).add_passkey(&o(), by(), (name, "key".to_owned())).unwrap();
    let ((held, _, first), (_, _, second)) = (add("Phone"), add("Laptop"));
    store.commit(first).await.unwrap();
    assert!(matches!(store.commit(second).await, Err(StoreError::Conflict)));
    assert_eq!(maker.open().await.factors(guest.id).await.unwrap(), Some(held));
}

fn vouched(guest: &Guest, session: Option<&str>) -> Vouched {
    Vouched {
        provider: crate::base::Name::parse("contoso").unwrap(),
        issuer: "https://login.contoso.com".to_owned(),
        subject: format!("s-{}", guest.email.local()),
        session: session.map(str::to_owned),
        address: guest.email.clone(),
        name: None,
        mfa: false,
        at: NOW,
        signed_in: Some(NOW),
        members: false,
        is_fresh: false,
        groups: None,
    }
}

async fn one_person_at_a_provider_is_one_guest(maker: &impl Maker) {
    let store = maker.open().await;
    let (ann, root, _) = signed_in(&store, "bound").await;
    let (eve, _, _) = signed_in(&store, "bound-too").await;
    let said = vouched(&ann, Some("there"));
    store.commit(ann.bind(&o(), &said).unwrap()).await.unwrap();
    let found = maker.open().await.guest_bound(&said.issuer, &said.subject).await.unwrap().unwrap();
    assert_eq!((found.id, found.bound.len()), (ann.id, 1));
    let other = Vouched { subject: said.subject.clone(), ..vouched(&eve, None) };
    assert!(matches!(store.commit(eve.bind(&o(), &other).unwrap()).await, Err(StoreError::Conflict)));
    assert_eq!(store.guest_bound("https://another.example", &said.subject).await.unwrap(), None);

    let proven = Proven::by_provider(&found, &said).unwrap();
    let family = Family { root: &root, children: &[] };
    let (stepped, p) = Session::step_up(&o(), &found, family, None, &proven).unwrap();
    store.commit(p).await.unwrap();
    let key = said.session_key().unwrap();
    assert_eq!(store.sessions_by_provider(&key).await.unwrap(), std::slice::from_ref(&stepped.root));
    store.commit(Session::provider_sign_out(&o(), &said.provider, Some(&key), &[stepped.root]).unwrap()).await.unwrap();
    assert!(store.sessions_by_provider(&key).await.unwrap().is_empty());
}

async fn what_is_written_is_read(maker: &impl Maker) {
    let store = maker.open().await;
    let (guest, root, child) = signed_in(&store, "ann").await;
    assert_eq!(store.guest(guest.id).await.unwrap().as_ref(), Some(&guest));
    assert_eq!(store.guest_by_email(&guest.email).await.unwrap().as_ref(), Some(&guest));
    let record = store.session_record(child.id).await.unwrap().unwrap();
    assert_eq!((&*record.session, &*record.guest), (&child, &guest));
    assert_eq!(record.grant.map(|g| g.app.clone()), Some(charts()));
    assert_eq!(store.children_of(root.id).await.unwrap(), vec![child.clone()]);
    assert_eq!(store.sessions_of(guest.id).await.unwrap().len(), 2);
    let later = NOW.plus(Span::mins(3));
    store.note(Note::Seen(vec![(child.id, later), (root.id, NOW.minus(Span::mins(3)))])).await.unwrap();
    assert_eq!(store.session(child.id).await.unwrap().unwrap().last_seen, later);
    assert_eq!(store.session(root.id).await.unwrap().unwrap().last_seen, NOW, "activity never goes back");

    let open = invited(&store, "ann-open").await;
    let mailed = store.invitation_by_token(&open.mailed.unwrap()).await.unwrap().unwrap();
    let direct = store.invitation_by_token(&open.direct).await.unwrap().unwrap();
    assert_eq!((mailed.1, direct.1), (TokenKind::Mailed, TokenKind::Direct));
    assert!(store.invitation_by_token(&Digest::of(b"neither")).await.unwrap().is_none());
    store.close().await;
}

async fn requests_uses_and_texts_are_kept(maker: &impl Maker) {
    use crate::directory::{Asker, Asks, Document, Endowment, Request, RequestDraft, RequestKind};
    let store = maker.open().await;
    let (guest, root, child) = signed_in(&store, "uma").await;
    let draft = RequestDraft {
        kind: RequestKind::Extension,
        app: charts(),
        reason: Some("the audit goes on".to_owned()),
        answers: Vec::new(),
        endowment: Endowment::default(),
        name: None,
        language: None,
        lifetime: Span::days(30),
        asks: Asks::Program,
        mails: Vec::new(),
    };
    let asker = Asker { email: &guest.email, guest: Some(&guest), earlier: None, others: &[] };
    let (request, p) = Request::file(&o(), asker, draft.clone()).unwrap();
    store.commit(p).await.unwrap();
    assert_eq!(store.request(request.id).await.unwrap().as_ref(), Some(&request));
    assert_eq!(store.requests_for(&guest.email).await.unwrap(), vec![request.clone()]);
    assert_eq!(store.requests_due(NOW, 9).await.unwrap(), vec![request.clone()]);
    let again = Asker { others: std::slice::from_ref(&request), ..asker };
    assert_eq!(Request::file(&o(), again, draft).unwrap_err(), crate::directory::Refusal::NothingToDo);
    let (later, p) = request.ask_again(&o(), NOW.plus(Span::mins(1))).unwrap();
    store.commit(p.clone()).await.unwrap();
    assert!(matches!(store.commit(p).await, Err(StoreError::Conflict)));
    assert!(store.requests_due(NOW, 9).await.unwrap().is_empty());
    let open = RequestFilter { state: Some("open"), apps: vec![charts()] };
    let (_, p) = later.hand_on(&o(), Endowment::default(), Vec::new()).unwrap();
    store.commit(p).await.unwrap();
    assert_eq!(store.requests(open, PageRequest::default()).await.unwrap().items.len(), 1);

    let seen = NOW.plus(Span::mins(5));
    store.note(Note::Seen(vec![(child.id, seen), (root.id, seen)])).await.unwrap();
    assert_eq!(store.uses_of(guest.id).await.unwrap(), vec![(charts(), seen)]);

    let digest = Digest::of(b"the rules");
    let terms = crate::base::Name::parse("rules").unwrap();
    let document = Document { terms: &terms, version: 1, text: "the rules", digest, app: None };
    let (accepted, p) = guest.accept_terms(&o(), &root, document).unwrap();
    store.commit(p).await.unwrap();
    assert_eq!(store.text(&digest).await.unwrap().as_deref(), Some("the rules"));
    assert_eq!(store.guest(guest.id).await.unwrap().as_ref(), Some(&accepted));
    assert_eq!(accepted.accept_terms(&o(), &root, document).unwrap_err(), crate::directory::Refusal::NothingToDo, "pressed twice");
    store.close().await;
}

async fn a_stale_proposal_changes_nothing(maker: &impl Maker) {
    let store = maker.open().await;
    let (guest, root, _) = signed_in(&store, "bob").await;
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let (_, stale) = guest.suspend(&o(), &warrant, None).unwrap();
    let (suspended, p) = guest.suspend(&o(), &warrant, None).unwrap();
    store.commit(p).await.unwrap();
    let before = (store.revision().await.unwrap(), store.audit_head().await.unwrap());
    let stale = stale.with_mail(mail(&guest.email));
    assert!(matches!(store.commit(stale).await, Err(StoreError::Conflict)));
    // A session that is opened on what the guest was before does not come to be either.
    let (session, p) = Session::open_root(&o(), &guest, root_opening(&guest)).unwrap();
    assert!(matches!(store.commit(p).await, Err(StoreError::Conflict)));
    assert!(store.session(session.id).await.unwrap().is_none());
    assert_eq!((store.revision().await.unwrap(), store.audit_head().await.unwrap()), before, "nothing of it is left");
    assert_eq!(store.guest(guest.id).await.unwrap(), Some(suspended));
    assert!(store.session(root.id).await.unwrap().unwrap().ended.is_none(), "it is kept, so that each request is told why");
    store.close().await;
}

async fn acceptance_and_sign_in_can_be_one_commit(maker: &impl Maker) {
    let store = maker.open().await;
    let invitation = invited(&store, "cleo").await;
    let proof = AddressProof::by_invitation(&invitation, invitation.mailed.as_ref().unwrap(), NOW).unwrap();
    let (redeemed, acceptance) = invitation.redeem(&o(), &proof, None, &[]).unwrap();
    let (root, sign_in) = Session::open_root(&o(), &redeemed.guest, root_opening(&redeemed.guest)).unwrap();
    let (stepped, step) = {
        let family = Family { root: &root, children: &[] };
        let same = Digest::of(b"link");
        let more = AddressProof::checked(&redeemed.guest.email, crate::directory::MailFactor::Link, (&same, &same), NOW).unwrap();
        Session::step_up(&o(), &redeemed.guest, family, None, &Proven::by_address(more)).unwrap()
    };
    store.commit(acceptance.and(sign_in).and(step)).await.unwrap();
    assert_eq!(store.session(root.id).await.unwrap().unwrap().ended.map(|e| e.reason), Some(EndReason::Renewed));
    assert_eq!(store.session(stepped.root.id).await.unwrap().unwrap().proofs.len(), 2);
    store.close().await;
}

async fn of_a_hundred_acceptances_one_wins(maker: &impl Maker) {
    let store = Arc::new(maker.open().await);
    let invitation = invited(&*store, "dan").await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (store, invitation) = (Arc::clone(&store), invitation.clone());
        let proof = AddressProof::by_invitation(&invitation, invitation.mailed.as_ref().unwrap(), NOW).unwrap();
        let (_, p) = invitation.redeem(&o(), &proof, None, &[]).unwrap();
        tries.spawn(async move { store.commit(p).await });
    }
    let results = tries.join_all().await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|r| matches!(r, Err(StoreError::Conflict))).count(), 99);
    assert_eq!(store.grants_of(invitation.guest).await.unwrap().len(), 1);
    store.close().await;
}

async fn revisions_come_in_order_and_none_is_missing(maker: &impl Maker) {
    let store = Arc::new(maker.open().await);
    let begin = store.revision().await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = Arc::clone(&store);
        writers.spawn(async move { invited(&*store, &format!("order-{n}")).await });
    }
    // Whoever follows while others write never sees a later revision before an earlier one.
    let mut seen = begin;
    let mut keys = Vec::new();
    while keys.len() < 20 {
        for change in store.changes_after(seen, 3).await.unwrap() {
            assert_eq!(change.revision, Revision(seen.0 + 1));
            seen = change.revision;
            keys.push(change.key);
        }
        tokio::task::yield_now().await;
    }
    let written: Vec<_> = writers.join_all().await.iter().map(|i| Key::Invitation(i.id)).collect();
    assert!(written.iter().all(|key| keys.contains(key)));
    store.close().await;
}

async fn counters_hold_under_parallelism(maker: &impl Maker) {
    let store = Arc::new(maker.open().await);
    let limit = Limit { at_most: 5, window: Span::mins(10), now: NOW };
    let flow = Counter::Code(FlowId::random(&DICE));
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let store = Arc::clone(&store);
        tries.spawn(async move { store.count(flow, limit).await.unwrap().is_within() });
    }
    assert_eq!(tries.join_all().await.iter().filter(|within| **within).count(), 5);
    let until = NOW.plus(Span::mins(10));
    assert_eq!(store.count(flow, limit).await.unwrap(), Counted::Exceeded { until });
    assert_eq!(store.count(flow, Limit { now: until, ..limit }).await.unwrap(), Counted::Within(1), "the window is over");
    let once = Counter::Once(Digest::of(b"jti"));
    assert!(store.count(once, Limit::once(Span::mins(2), NOW)).await.unwrap().is_within());
    assert!(!store.count(once, Limit::once(Span::mins(2), NOW)).await.unwrap().is_within());
    store.close().await;
}

async fn mails_are_claimed_retried_and_wiped(maker: &impl Maker) {
    let store = maker.open().await;
    while let Some(old) = store.claim_mail(NOW, 1).await.unwrap().pop() {
        store.note(Note::Mail { id: old.mail.id, at: NOW, delivery: Delivery::GivenUp("of another test".into()) }).await.unwrap();
    }
    let invitation = invited(&store, "eve").await;
    let due = store.claim_mail(NOW, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((&due[0].mail.to, due[0].attempts), (&invitation.email, 0));
    assert!(store.claim_mail(NOW, 10).await.unwrap().is_empty(), "nobody else sends what is claimed");
    assert_eq!(store.mails_waiting().await.unwrap(), 1);
    let id = due[0].mail.id;
    store.note(Note::Mail { id, at: NOW, delivery: Delivery::Failed("no answer".into()) }).await.unwrap();
    assert!(store.claim_mail(NOW.plus(Span::secs(14)), 10).await.unwrap().is_empty());
    let again = store.claim_mail(NOW.plus(Span::secs(15)), 10).await.unwrap();
    assert_eq!((again[0].mail.id, again[0].attempts), (id, 1));
    store.note(Note::Mail { id, at: NOW, delivery: Delivery::Sent }).await.unwrap();
    assert!(store.claim_mail(NOW.plus(Span::days(9)), 10).await.unwrap().is_empty());
    assert_eq!(store.mails_waiting().await.unwrap(), 0);
    store.note(Note::Mail { id, at: NOW, delivery: Delivery::Bounced("550 nobody".into()) }).await.unwrap();
    let state = store.mail_state(id).await.unwrap().unwrap();
    assert_eq!((state.stage, state.error.as_deref()), (MailStage::Bounced, Some("550 nobody")));
    store.close().await;
}

async fn lists_go_on_where_they_stopped(maker: &impl Maker) {
    let store = maker.open().await;
    for n in 0..5 {
        accepted(&store, &format!("list-{n}")).await;
    }
    let filter = GuestFilter { state: Some("active"), apps: vec![charts()], containing: None };
    let everybody = store.guests(filter.clone(), PageRequest { after: None, limit: 500 }).await.unwrap();
    assert!(everybody.next.is_none() && everybody.items.len() >= 5);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.guests(filter.clone(), PageRequest { after, limit: 2 }).await.unwrap();
        found.extend(page.items);
        let Some(next) = page.next else { break };
        after = Cursor::parse(&next.to_string());
        assert!(after.is_some());
    }
    assert_eq!(found, everybody.items);
    let nobody = GuestFilter { apps: vec![AppId::parse("elsewhere").unwrap()], ..GuestFilter::default() };
    assert!(store.guests(nobody, PageRequest::default()).await.unwrap().items.is_empty());
    let one = InvitationFilter { email: Some(address("list-1")), state: Some("redeemed"), ..InvitationFilter::default() };
    assert_eq!(store.invitations(one, PageRequest::default()).await.unwrap().items.len(), 1);
    store.close().await;
}

async fn what_was_acknowledged_survives(maker: &impl Maker) {
    let store = maker.open().await;
    let kept = invited(&store, "fay").await;
    // The future of a commit is dropped at every point it can be: it happened whole, or not at all.
    for steps in 0..12 {
        let warrant = may(&Actor::Machine, Target::Everything).unwrap();
        let (invitation, p) = Invitation::issue(&o(), &warrant, Known::default(), draft(&address(&format!("fay-{steps}")))).unwrap();
        let before = store.audit_head().await.unwrap().sequence;
        let mut commit = Box::pin(store.commit(p));
        for _ in 0..steps {
            tokio::select! { biased; _ = &mut commit => break, () = tokio::task::yield_now() => {} }
        }
        drop(commit);
        // The next write waits until the one that was left has been undone or done.
        let _counted = store.count(Counter::Code(FlowId::random(&DICE)), Limit::once(Span::mins(1), NOW)).await.unwrap();
        let there = store.invitation(invitation.id).await.unwrap().is_some();
        assert_eq!(store.audit_head().await.unwrap().sequence - before, u64::from(there));
    }
    drop(store);
    let again = maker.open().await;
    assert_eq!(again.invitation(kept.id).await.unwrap(), Some(kept));
    assert!(again.verify_audit(None, &|_, _| {}).await.unwrap().is_ok());
    again.close().await;
}

fn haunt(n: u8, country: &str) -> Haunt {
    Haunt { network: Prefix::near([203, 0, n, 9].into()), country: country.parse().ok() }
}

async fn stay(store: &impl Store, guest: &Guest, n: u8, at: Timestamp) {
    store.note(Note::Stayed { guest: guest.id, haunt: haunt(n, "DE"), at }).await.unwrap();
}

async fn places_of_a_guest_are_few_and_go_with_the_guest(maker: &impl Maker) {
    let store = maker.open().await;
    let (guest, _, _) = signed_in(&store, "ida").await;
    assert!(store.stays_of(guest.id).await.unwrap().is_empty());
    let minutes = |n: i64| NOW.plus(Span::mins(n));
    for n in 0..40_u8 {
        stay(&store, &guest, n, minutes(n.into())).await;
    }
    let unknown = Note::Stayed { guest: guest.id, haunt: haunt(39, ""), at: minutes(50) };
    store.note(unknown).await.unwrap();
    let stays = store.stays_of(guest.id).await.unwrap();
    assert_eq!(stays.len(), Stay::MOST as usize + 1);
    assert_eq!(stays[0], Stay { haunt: haunt(39, "DE"), first: minutes(39), last: minutes(50) }, "the latest, and what was known of it");
    assert_eq!(stays.last().unwrap().first, NOW, "the first place is kept");
    store.tidy(minutes(35).plus(Span::days(180))).await.unwrap();
    assert_eq!(store.stays_of(guest.id).await.unwrap().len(), 4);
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let guest = store.guest(guest.id).await.unwrap().unwrap();
    let (_, p) = guest.remove(&o(), &warrant, None, Holdings { grants: &[], sessions: &[], factors: None }).unwrap();
    store.commit(p).await.unwrap();
    assert!(store.stays_of(guest.id).await.unwrap().is_empty());
    store.close().await;
}

async fn what_was_counted_can_be_asked_without_counting(maker: &impl Maker) {
    let store = maker.open().await;
    let counter = Counter::Other(Digest::of(b"asked"));
    assert_eq!(store.counted(counter, NOW).await.unwrap(), 0);
    for n in 1..=3 {
        let counted = store.count(counter, Limit { at_most: 9, window: Span::days(1), now: NOW }).await.unwrap();
        assert_eq!(counted, Counted::Within(n));
        assert_eq!(store.counted(counter, NOW).await.unwrap(), n);
    }
    assert_eq!(store.counted(counter, NOW.plus(Span::days(1))).await.unwrap(), 0, "its window is over");
    store.close().await;
}

async fn the_past_is_tidied_and_the_feed_says_so(maker: &impl Maker) {
    let store = maker.open().await;
    let (_, _, child) = signed_in(&store, "gil").await;
    let present = store.revision().await.unwrap();
    store.tidy(NOW.plus(Span::mins(5))).await.unwrap();
    assert!(store.changes_after(Revision(present.0 - 1), 10).await.unwrap().len() == 1, "what is young is kept");
    store.tidy(NOW.plus(Span::days(60))).await.unwrap();
    assert!(matches!(store.changes_after(Revision(present.0 - 1), 10).await, Err(StoreError::FeedCut)));
    assert!(store.changes_after(present, 10).await.unwrap().is_empty());
    assert!(store.session(child.id).await.unwrap().is_none());
    assert_eq!(store.revision().await.unwrap(), present, "revisions never go back");
    store.close().await;
}

async fn the_audit_log_verifies_and_personal_facts_can_go(maker: &impl Maker) {
    let store = maker.open().await;
    let (guest, _, _) = signed_in(&store, "hal").await;
    let head = store.verify_audit(None, &|_, _| {}).await.unwrap().unwrap();
    let entries = store.audit_after(head.sequence - 2, 10).await.unwrap();
    assert!(entries.iter().all(|e| e.personal.as_ref().is_some_and(|(_, facts)| facts.contains("hal@partner.example"))));
    assert!(entries.iter().all(|e| !e.body.contains("hal@")), "nothing personal lies in the chain");
    stay(&store, &guest, 7, NOW).await;
    store.note(Note::ErasePersonal(guest.id)).await.unwrap();
    assert!(store.stays_of(guest.id).await.unwrap().is_empty());
    let entries = store.audit_after(head.sequence - 2, 10).await.unwrap();
    assert!(entries.iter().all(|e| e.personal.is_none()));
    assert_eq!(store.verify_audit(Some(head), &|_, _| {}).await.unwrap(), Ok(head), "erased is not broken");
    let beyond = audit::Head { sequence: head.sequence + 1, hash: head.hash };
    assert!(matches!(store.verify_audit(Some(beyond), &|_, _| {}).await.unwrap(), Err(audit::Broken::Tail { .. })));
    store.close().await;
}
