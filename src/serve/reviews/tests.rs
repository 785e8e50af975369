//! Half a year of an app whose accesses are reviewed, in a moment.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::{
    base::{AppId, Digest, EmailAddress, Host, Reviewers},
    config::{Config, PolicyUse, Upstream},
    directory::{Actor, AddressProof, Answered, DecideReview, Draft, Invitation, Invite, Known, MailFactor, Offer, Reviewed, Target, may},
    live::Bounds,
    observe::Build,
    policy::{Files, KnownApp, PolicySet, Universe},
    store::{Delivery, Note, SqliteStore, StoreKeys, suite::Counting},
};

#[derive(Debug)]
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct World {
    reviews: Reviews,
    clock: Arc<ManualClock>,
    path: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

const LEE: &str = "lee@example.com";
const KAY: &str = "kay@example.com";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn charts() -> AppId {
    AppId::parse("charts").unwrap()
}

/// Lee owns the charts; Kay may invite.
fn snapshot(reviewers: Reviewers) -> Snapshot {
    let mut app = App::with_defaults(charts(), Host::parse("charts.example.com").unwrap(), Upstream::plain([127, 0, 0, 1].into(), 9));
    app.policies = PolicyUse::None;
    app.owners = vec![address(LEE)];
    app.review = Some(Recurring { reviewers, ..Recurring::default() });
    let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
    config.roles.inviters = vec![address(KAY).into()];
    let known = KnownApp { policies_none: true, ..KnownApp::new(charts()) };
    let universe = Universe { apps: Some(vec![known]), ..Universe::default() };
    let (policies, _) = PolicySet::build(&Files::default(), &universe).unwrap();
    Snapshot::new(Arc::new(config), Arc::new(policies), 1).unwrap()
}

async fn open(path: &std::path::Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(path, StoreKeys::derive(&[7; 32]).unwrap(), Arc::new(Counting::default())).await.unwrap())
}

impl World {
    async fn begin(reviewers: Reviewers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000)));
        let path = folder.path().join("guestgate.db");
        let store = open(&path).await;
        let live = Arc::new(Live::new(snapshot(reviewers), Arc::clone(&store), Bounds::default()));
        let metrics = Arc::new(Metrics::new(Build { version: "0", revision: "0" }, clock.now()).unwrap());
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        let reviews = Reviews { store, live, clock: clock.clone(), entropy, metrics };
        Self { reviews, clock, path, _folder: folder }
    }

    /// As another process finds it after this one was killed.
    async fn another(&mut self) {
        self.reviews.store.close().await;
        self.reviews.store = open(&self.path).await;
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.clock.now(), entropy: &*self.reviews.entropy, from: None }
    }

    async fn commit(&self, proposal: Proposal) {
        self.reviews.store.commit(proposal).await.unwrap();
    }

    /// A guest who has accepted what this member invited to.
    async fn guest(&self, name: &str, by: &str) {
        let email = address(&format!("{name}@partner.example"));
        let actor = Actor::Owner { email: address(by), apps: vec![charts()] };
        let warrant = may::<Invite>(&actor, Target::Apps(&[charts()])).unwrap();
        let draft = Draft {
            email: email.clone(),
            name: None,
            offers: vec![Offer { app: charts(), role: None, access_for: None }],
            groups: Vec::new(),
            attributes: Default::default(),
            message: None,
            language: None,
            sponsor: None,
            lifetime: Span::days(7),
            direct: Digest::of(email.as_str().as_bytes()),
            letter: None,
            copies: Vec::new(),
            cc: Vec::new(),
            landing: None,
            provisioned: None,
        };
        let (invitation, proposal) = Invitation::issue(&self.occasion(), &warrant, Known::default(), draft).unwrap();
        self.commit(proposal).await;
        let code = Digest::of(b"code");
        let proof = AddressProof::checked(&email, MailFactor::Code, (&code, &code), self.clock.now()).unwrap();
        self.commit(invitation.redeem(&self.occasion(), &proof, None, &[]).unwrap().1).await;
    }

    /// Time passes, day by day; the mails, as day, recipient and subject.
    async fn pass(&self, days: std::ops::Range<i64>) -> Vec<String> {
        let mut mails = Vec::new();
        for day in days {
            self.clock.0.fetch_add(Span::days(1).as_millis(), Ordering::SeqCst);
            self.reviews.look().await.unwrap();
            let due = self.reviews.store.claim_mail(self.clock.now(), 100).await.unwrap();
            let mut today = Vec::new();
            for mail in due.into_iter().map(|due| due.mail) {
                today.push(format!("{day} {}: {}", mail.to, mail.subject.trim_start_matches("access.example.com: ")));
                self.reviews.store.note(Note::Mail { id: mail.id, at: self.clock.now(), delivery: Delivery::Sent }).await.unwrap();
            }
            today.sort();
            mails.extend(today);
        }
        mails
    }

    async fn review(&self) -> Review {
        self.reviews.store.latest_review(&charts()).await.unwrap().unwrap()
    }

    async fn keep(&self, name: &str) {
        let (review, store) = (self.review().await, &self.reviews.store);
        let guest = store.guest_by_email(&address(&format!("{name}@partner.example"))).await.unwrap().unwrap();
        let grant = store.grants_of(guest.id).await.unwrap().remove(0);
        let warrant = may::<DecideReview>(&Actor::Machine, Target::Reviewed(&review, &grant, &guest)).unwrap();
        let on = Reviewed { grant: &grant, guest: &guest, before: None };
        self.commit(review.answer(&self.occasion(), &warrant, on, Answered::Keep, None).unwrap().1).await;
    }

    async fn comes(&self, name: &str) -> bool {
        let store = &self.reviews.store;
        let guest = store.guest_by_email(&address(&format!("{name}@partner.example"))).await.unwrap().unwrap();
        store.grants_of(guest.id).await.unwrap().iter().any(|grant| grant.is_in_force(self.clock.now()))
    }
}

#[tokio::test]
async fn a_review_comes_round_reminds_and_ends_what_nobody_answers_for() {
    let mut world = World::begin(Reviewers::Owners).await;
    for name in ["ann", "bob", "cay"] {
        world.guest(name, LEE).await;
    }
    assert_eq!(world.pass(1..90).await, [""; 0], "nobody is asked about what is new");
    assert_eq!(world.pass(90..91).await, ["90 lee@example.com: Are the accesses to charts still needed?"]);
    let review = world.review().await;
    assert_eq!((review.found, review.due), (3, world.clock.now().plus(Span::days(14))));
    world.keep("ann").await;
    world.clock.0.fetch_add(1, Ordering::SeqCst);
    world.guest("dan", LEE).await;
    world.another().await;
    let mails = world.pass(91..105).await;
    assert_eq!(
        mails,
        [
            "97 lee@example.com: Accesses to charts wait for an answer",
            "103 lee@example.com: Accesses to charts wait for an answer",
            "104 bob@partner.example: your access to charts has ended",
            "104 cay@partner.example: your access to charts has ended",
            "104 lee@example.com: The review of the accesses to charts is over",
        ]
    );
    let in_force = [world.comes("ann").await, world.comes("bob").await, world.comes("cay").await, world.comes("dan").await];
    assert_eq!(in_force, [true, false, false, true], "dan came afterwards");
    let tallied = world.reviews.store.tally_review(&review, world.clock.now(), None).await.unwrap();
    assert_eq!((tallied.kept, tallied.lapsed, tallied.removed), (1, 2, 0));
    assert_eq!(world.pass(105..180).await, [""; 0]);
    assert_eq!(world.pass(180..181).await.len(), 1, "ninety days after the last one was opened");
    assert_eq!(world.review().await.found, 2);
    assert!(world.reviews.store.verify_audit(None, &|_, _| {}).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_review_that_a_kill_interrupts_goes_on_where_it_ended() {
    let mut world = World::begin(Reviewers::Owners).await;
    for n in 0..5 {
        world.guest(&format!("guest{n}"), LEE).await;
    }
    world.pass(1..91).await;
    world.clock.0.fetch_add(Span::days(14).as_millis(), Ordering::SeqCst);
    // One access has ended, and then the process was killed.
    let (review, snapshot) = (world.review().await, world.reviews.live.snapshot());
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let left = world.reviews.store.left_to_review(&Left::of(&review, world.clock.now(), 1)).await.unwrap().items;
    let ended = world.reviews.desk(&snapshot, &site).lapse(&review, (&left[0].0, &left[0].1)).unwrap();
    world.commit(ended).await;
    world.another().await;
    let mails = world.pass(105..106).await;
    let told = mails.iter().filter(|mail| mail.contains("your access to charts has ended")).count();
    assert_eq!(told, 5, "each guest is told once: {mails:?}");
    let tallied = world.reviews.store.tally_review(&review, world.clock.now(), None).await.unwrap();
    assert_eq!((tallied.lapsed, tallied.left), (5, 0));
    assert!(!world.review().await.is_open(world.clock.now()));
}

#[tokio::test]
async fn sponsors_are_asked_about_their_guests_and_owners_about_all() {
    let world = World::begin(Reviewers::Sponsors).await;
    world.guest("ann", KAY).await;
    world.guest("bob", LEE).await;
    world.guest("cay", "gone@example.com").await;
    let asked = world.pass(1..91).await;
    assert_eq!(asked.len(), 2, "whoever has no office cannot answer: {asked:?}");
    assert!(asked[0].contains(KAY) && asked[1].contains(LEE), "{asked:?}");
    let wanted = Left { sponsor: Some(address(KAY)), ..Left::of(&world.review().await, world.clock.now(), 10) };
    let theirs = world.reviews.store.left_to_review(&wanted).await.unwrap().items;
    assert_eq!(theirs.iter().map(|(_, guest)| guest.email.as_str()).collect::<Vec<_>>(), ["ann@partner.example"]);
}
