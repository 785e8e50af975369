//! A year of a guest, in a moment: every mail and every state.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::*;
use crate::directory::Cause;
use crate::{
    base::{Digest, Host},
    config::{App, Config, PolicyUse, Upstream},
    directory::{
        Actor, AddressProof, ChangeGuest, ChildOpening, Draft, GrantEdit, GuestEdit, GuestState, Invite, Known, ManageGrants, Offer,
        Origin, OutgoingMail, Proven, RemoveGuest, RootOpening, Session, SuspendGuest, Target, may,
    },
    live::Bounds,
    policy::{Files, KnownApp, PolicySet, Universe},
    store::{Delivery, Note, SqliteStore, StoreKeys},
};

#[derive(Debug)]
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(bytes);
    }
}

struct World {
    lifecycle: Lifecycle,
    clock: Arc<ManualClock>,
    generation: AtomicU64,
    _folder: tempfile::TempDir,
}

const ANN: &str = "ann@partner.example";
const LEE: &str = "dr.lee@example.com";
const KAY: &str = "dr.kay@example.com";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn charts() -> AppId {
    AppId::parse("charts").unwrap()
}

fn config(owner: &str, denied: &[&str]) -> Config {
    let mut app = App::with_defaults(charts(), Host::parse("charts.example.com").unwrap(), Upstream::plain([127, 0, 0, 1].into(), 9));
    app.name = "Patient charts".to_owned();
    app.policies = PolicyUse::None;
    app.owners = vec![address(owner)];
    app.inactive_after = Some(Span::days(45));
    let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
    config.portal.name = "Fabrikam".to_owned();
    config.invitations.deny_domains = denied.iter().map(|d| d.parse().unwrap()).collect();
    config
}

fn snapshot(config: Config, generation: u64) -> Snapshot {
    let known = KnownApp { policies_none: true, ..KnownApp::new(charts()) };
    let universe = Universe { apps: Some(vec![known]), ..Universe::default() };
    let (policies, _) = PolicySet::build(&Files::default(), &universe).unwrap();
    Snapshot::new(Arc::new(config), Arc::new(policies), generation).unwrap()
}

impl World {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000)));
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        let path = folder.path().join("guestgate.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, StoreKeys::derive(&[7; 32]).unwrap(), Arc::clone(&entropy)).await.unwrap());
        let live = Arc::new(Live::new(snapshot(config(LEE, &[]), 1), Arc::clone(&store), Bounds::default()));
        let lifecycle = Lifecycle { store, live, clock: clock.clone(), entropy };
        Self { lifecycle, clock, generation: AtomicU64::new(1), _folder: folder }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.now(), entropy: &*self.lifecycle.entropy, from: None }
    }

    fn configure(&self, config: Config) {
        let generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        self.lifecycle.live.replace(snapshot(config, generation));
    }

    /// Time passes, day by day, and everything is done that comes due; what was mailed, as recipient and subject.
    async fn pass(&self, days: i64) -> Vec<String> {
        for _ in 0..days {
            self.clock.0.fetch_add(Span::days(1).as_millis(), Ordering::SeqCst);
            self.lifecycle.look_at_everybody().await.unwrap();
        }
        self.mails().await.iter().map(told).collect()
    }

    /// What is due at once.
    async fn look(&self) -> Vec<String> {
        self.lifecycle.look_at_everybody().await.unwrap();
        self.mails().await.iter().map(told).collect()
    }

    async fn mails(&self) -> Vec<OutgoingMail> {
        let due = self.lifecycle.store.claim_mail(self.now(), 100).await.unwrap();
        for mail in &due {
            let note = Note::Mail { id: mail.mail.id, at: self.now(), delivery: Delivery::Sent };
            self.lifecycle.store.note(note).await.unwrap();
        }
        due.into_iter().map(|due| due.mail).collect()
    }

    async fn commit(&self, proposal: Proposal) {
        self.lifecycle.store.commit(proposal).await.unwrap();
    }

    async fn ann(&self) -> Guest {
        self.lifecycle.store.guest_by_email(&address(ANN)).await.unwrap().unwrap()
    }

    async fn grant(&self) -> Grant {
        self.lifecycle.store.grants_of(self.ann().await.id).await.unwrap().remove(0)
    }

    /// Lee invites; the token that was mailed.
    async fn invite(&self) -> String {
        let actor = Actor::Owner { email: address(LEE), apps: vec![charts()] };
        let warrant = may::<Invite>(&actor, Target::Apps(&[charts()])).unwrap();
        let site = Site::of(&self.lifecycle.live.snapshot().config, &self.lifecycle.live.snapshot().languages);
        let (link, direct) = (InvitationLink::random(&site, self.occasion().entropy), Digest::of(b"direct"));
        let mail = OutgoingMail { id: self.lifecycle.id(), to: address(ANN), subject: "Come".to_owned(), text: String::new(), html: None };
        let draft = Draft {
            email: address(ANN),
            name: None,
            offers: vec![Offer { app: charts(), role: None, access_for: Some(Span::days(90)) }],
            groups: Vec::new(),
            attributes: Default::default(),
            message: None,
            language: None,
            sponsor: None,
            lifetime: Span::days(7),
            direct,
            letter: Some(Letter { token: link.digest, mail }),
            copies: Vec::new(),
            cc: Vec::new(),
            landing: None,
            provisioned: None,
        };
        let (_, proposal) = Invitation::issue(&self.occasion(), &warrant, Known::default(), draft).unwrap();
        self.commit(proposal).await;
        link.url.rsplit('/').next().unwrap().to_owned()
    }

    /// Accepts by a mailed token, signs in and opens the app: the session there.
    async fn accept(&self, token: &str) -> Session {
        let store = &self.lifecycle.store;
        let digest = Digest::of(token.as_bytes());
        let (invitation, _) = store.invitation_by_token(&digest).await.unwrap().unwrap();
        let proof = AddressProof::by_invitation(&invitation, &digest, self.now()).unwrap();
        let (redeemed, proposal) = invitation.redeem(&self.occasion(), &proof, None, &[]).unwrap();
        self.commit(proposal).await;
        let opening = RootOpening {
            proven: Proven::by_address(proof),
            invitation: Some(invitation.id),
            lifetime: Span::days(365),
            persistent: false,
            origin: Origin::new([192, 0, 2, 7].into(), "Browser"),
            device: None,
            past: Default::default(),
        };
        let (root, proposal) = Session::open_root(&self.occasion(), &redeemed.guest, opening).unwrap();
        self.commit(proposal).await;
        let app = charts();
        let opening = ChildOpening {
            app: &app,
            grant: redeemed.grants.first(),
            lifetime: Span::days(365),
            origin: root.origin.clone(),
            replaces: None,
        };
        let (child, proposal) = root.open_child(&self.occasion(), &redeemed.guest, opening).unwrap();
        self.commit(proposal).await;
        child
    }

    async fn comes(&self, session: &Session) {
        self.lifecycle.store.note(Note::Seen(vec![(session.id, self.now())])).await.unwrap();
    }

    async fn extend(&self, by: Span) {
        let grant = self.grant().await;
        let warrant = may::<ManageGrants>(&Actor::Machine, Target::Grant(&grant)).unwrap();
        let edit = GrantEdit { role: None, until: Some(grant.until.map(|until| until.plus(by))) };
        self.commit(grant.change(&self.occasion(), &warrant, edit).unwrap().1).await;
    }

    async fn resume(&self) {
        let ann = self.ann().await;
        let warrant = may::<SuspendGuest>(&Actor::Machine, Target::Guest(&ann, &[])).unwrap();
        self.commit(ann.resume(&self.occasion(), &warrant).unwrap().1).await;
    }

    async fn cause(&self) -> Option<Cause> {
        match self.ann().await.state {
            GuestState::Suspended { cause, .. } => Some(cause),
            GuestState::Active | GuestState::Removed { .. } => None,
        }
    }
}

fn told(mail: &OutgoingMail) -> String {
    format!("{}: {}", mail.to.as_str().split('@').next().unwrap(), mail.subject)
}

#[tokio::test]
async fn a_year_of_a_guest() {
    let world = World::begin().await;

    // The invitation, and five days of silence.
    let mailed = world.invite().await;
    assert_eq!(world.look().await, ["ann: Come"]);
    assert!(world.pass(4).await.is_empty());
    world.clock.0.fetch_add(Span::days(1).as_millis(), Ordering::SeqCst);
    world.lifecycle.look_at_everybody().await.unwrap();
    let reminder = world.mails().await.remove(0);
    assert_eq!(told(&reminder), "ann: Fabrikam: Your invitation to Patient charts ends soon");
    assert!(world.look().await.is_empty(), "once");
    let token = reminder.text.split("/invitations/").nth(1).unwrap().split_whitespace().next().unwrap();
    for link in [mailed.as_str(), token] {
        let digest = Digest::of(link.as_bytes());
        let (invitation, _) = world.lifecycle.store.invitation_by_token(&digest).await.unwrap().unwrap();
        assert!(AddressProof::by_invitation(&invitation, &digest, world.now()).is_some());
    }

    // Three months of work, and the end in sight: both are told, twice.
    let session = world.accept(token).await;
    assert_eq!(world.pass(40).await, ["ann: Fabrikam: Your access to Patient charts is about to end"], "she has not come for long");
    world.comes(&session).await;
    let soon = [
        "ann: Fabrikam: Your access to Patient charts ends soon",
        "dr.lee: Fabrikam: The access of ann@partner.example to Patient charts ends soon",
    ];
    assert_eq!(world.pass(36).await, soon);
    world.comes(&session).await;
    assert!(world.pass(11).await.is_empty());
    assert_eq!(world.pass(1).await, soon);

    // The sponsor makes it last longer.
    world.extend(Span::days(120)).await;
    assert_eq!(world.pass(30).await, ["ann: Fabrikam: Your access to Patient charts is about to end"]);
    assert_eq!(world.cause().await, None);

    // Ann does not come any more.
    assert_eq!(world.pass(3).await, ["ann: Fabrikam: Your access is suspended"]);
    assert_eq!(world.cause().await, Some(Cause::Inactive));
    world.resume().await;
    assert!(world.look().await.is_empty(), "what was not used before does not count against her");
    assert_eq!(world.cause().await, None);
    world.comes(&session).await;

    // The domain is denied, and allowed again.
    world.configure(config(LEE, &["partner.example"]));
    assert_eq!(world.look().await, ["ann: Fabrikam: Your access is suspended"]);
    assert_eq!(world.cause().await, Some(Cause::DomainDenied));
    world.configure(config(LEE, &[]));
    assert_eq!(world.look().await, ["ann: Fabrikam: You can come again"]);
    assert_eq!(world.cause().await, None);

    // The sponsor leaves; nobody else is named in time.
    world.configure(config(KAY, &[]));
    assert_eq!(world.look().await, ["dr.kay: Fabrikam: ann@partner.example needs somebody who is responsible"]);
    assert!(world.pass(13).await.is_empty());
    assert_eq!(world.pass(1).await, ["ann: Fabrikam: Your access is suspended"]);
    assert_eq!(world.cause().await, Some(Cause::SponsorLeft));
    let ann = world.ann().await;
    let warrant = may::<ChangeGuest>(&Actor::Machine, Target::Guest(&ann, &[])).unwrap();
    let edit = GuestEdit { sponsor: Some(address(KAY)), ..GuestEdit::default() };
    world.commit(ann.change(&world.occasion(), &warrant, edit).unwrap().1).await;
    world.resume().await;
    world.comes(&session).await;
    assert!(world.look().await.is_empty());

    // The access comes to its end, and nobody asks for more.
    let left = world.grant().await.until.unwrap().since(world.now());
    let days = left.as_secs() / 86_400;
    let mut told = Vec::new();
    for day in 0..=days {
        if day % 20 == 0 {
            world.comes(&session).await;
        }
        told.extend(world.pass(1).await);
    }
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("ann: Fabrikam: Your access to Patient charts has ended"));
    assert!(!world.grant().await.is_in_force(world.now()) && world.ann().await.is_active());

    // Nothing is open to her for long, so she goes; within thirty days she comes back as she was.
    let before = world.grant().await;
    assert!(world.pass(88).await.is_empty());
    assert_eq!(world.pass(2).await, ["ann: Fabrikam: Your account was removed"]);
    let ann = world.ann().await;
    assert!(matches!(ann.state, GuestState::Removed { .. }) && !world.grant().await.is_active());
    world.pass(28).await;
    let grants = world.lifecycle.store.grants_of(ann.id).await.unwrap();
    let warrant = may::<RemoveGuest>(&Actor::Machine, Target::Guest(&ann, &grants)).unwrap();
    let (_, restored) = ann.restore(&world.occasion(), &warrant, &grants).unwrap();
    let late = Occasion { now: world.now().plus(Span::days(2)), ..world.occasion() };
    assert_eq!(ann.restore(&late, &warrant, &grants).unwrap_err(), Refusal::Expired);
    world.commit(restored).await;
    assert!(world.ann().await.is_active());
    let after = world.grant().await;
    assert_eq!((after.id, after.until, after.state), (before.id, before.until, before.state));
}
