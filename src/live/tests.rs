//! What is promised about memory.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use futures_util::FutureExt;

use super::*;
use crate::{
    base::{Clock, Host},
    config::Config,
    directory::{Actor, EndReason, Family, Grant, Guest, Session, Target, may},
    policy::{Files, GrantState, PolicySet, Universe},
    store::{
        SqliteStore, StoreKeys,
        suite::{self, NOW, o},
    },
};

#[derive(Debug)]
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl ManualClock {
    fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::Relaxed);
    }
}

struct Kit {
    store: Arc<SqliteStore>,
    live: Arc<Live>,
    clock: ManualClock,
    _dir: tempfile::TempDir,
}

fn snapshot(generation: u64) -> Snapshot {
    let config = Config::with_defaults(Host::parse("access.example.com").unwrap(), Vec::new());
    let (policies, _) = PolicySet::build(&Files::default(), &Universe::default()).unwrap();
    Snapshot::new(Arc::new(config), Arc::new(policies), generation).unwrap()
}

async fn open(dir: &tempfile::TempDir) -> SqliteStore {
    let keys = StoreKeys::derive(&[1; 32]).unwrap();
    SqliteStore::open(&dir.path().join("db"), keys, Arc::new(suite::Counting::default())).await.unwrap()
}

impl Kit {
    async fn new() -> Self {
        Self::with(Bounds::default()).await
    }

    async fn with(bounds: Bounds) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(open(&dir).await);
        let live = Arc::new(Live::new(snapshot(1), Arc::clone(&store) as Arc<dyn Store>, bounds));
        let kit = Self { store, live, clock: ManualClock(AtomicI64::new(NOW.as_millis())), _dir: dir };
        kit.catch_up().await;
        kit
    }

    async fn catch_up(&self) {
        self.live.catch_up(&self.clock, &DelayHook::none()).await.unwrap();
    }

    async fn suspend(&self, guest: &Guest) {
        let warrant = may(&Actor::Machine, Target::Everything).unwrap();
        let (_, p) = guest.suspend(&o(), &warrant, None).unwrap();
        self.store.commit(p).await.unwrap();
    }
}

#[tokio::test]
async fn a_suspended_guests_view_is_marked_and_whoever_waits_wakes() {
    let kit = Kit::new().await;
    let (guest, _, child) = suite::signed_in(&*kit.store, "ann").await;
    let view = kit.live.load(child.id).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&view, &kit.live.session(&child.id).unwrap()));
    let waiter = tokio::spawn({
        let view = Arc::clone(&view);
        async move { view.changed().await }
    });
    kit.catch_up().await;
    assert!(view.is_current() && view.changed().now_or_never().is_none(), "older changes are in it already");
    kit.suspend(&guest).await;
    kit.catch_up().await;
    waiter.await.unwrap();
    assert!(!view.is_current());
    assert!(kit.live.session(&child.id).is_none());
    assert_eq!(kit.live.load(child.id).await.unwrap().unwrap().grant_state(NOW), GrantState::Suspended);
}

#[tokio::test]
async fn a_sign_out_says_why_it_ended() {
    let kit = Kit::new().await;
    let (guest, root, child) = suite::signed_in(&*kit.store, "ann").await;
    let view = kit.live.load(child.id).await.unwrap().unwrap();
    let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
    let warrant = may(&actor, Target::Guest(&guest, &[])).unwrap();
    let p = Session::sign_out(&o(), &warrant, Family { root: &root, children: &[child] }).unwrap();
    kit.store.commit(p).await.unwrap();
    kit.catch_up().await;
    view.changed().await;
    assert_eq!(view.end_reason(), Some(EndReason::SignedOut));
}

#[tokio::test]
async fn a_revoked_grant_leaves_a_new_view_without_it() {
    let kit = Kit::new().await;
    let (guest, _, child) = suite::signed_in(&*kit.store, "ann").await;
    let before = kit.live.load(child.id).await.unwrap().unwrap();
    assert!(matches!(before.grant_state(NOW), GrantState::Valid { until: Some(_) }));
    assert!(matches!(before.grant_state(NOW.plus(Span::days(90))), GrantState::Expired));
    kit.live.touch(&before, NOW.plus(Span::secs(5)));
    let grant: Grant = kit.store.grants_of(guest.id).await.unwrap().pop().unwrap();
    let warrant = may(&Actor::Machine, Target::Grant(&grant)).unwrap();
    kit.store.commit(grant.revoke(&o(), &warrant).unwrap().1).await.unwrap();
    kit.catch_up().await;
    assert!(!before.is_current());
    let after = kit.live.load(child.id).await.unwrap().unwrap();
    assert_eq!(after.grant_state(NOW), GrantState::Missing);
    assert_eq!(after.last_seen(), NOW.plus(Span::secs(5)), "activity that the store does not know yet is kept");
}

#[tokio::test]
async fn a_view_older_than_a_passed_change_is_dropped() {
    let kit = Kit::new().await;
    let (guest, _, child) = suite::signed_in(&*kit.store, "ann").await;
    // Read before the change, taken in after it: as when a look-up is slow.
    let stale = Arc::new(kit.store.session_record(child.id).await.unwrap().unwrap());
    kit.suspend(&guest).await;
    kit.catch_up().await;
    assert!(kit.live.admit(&stale).is_none());
    kit.live.records.insert(child.id, stale);
    let view = kit.live.load(child.id).await.unwrap().unwrap();
    assert_eq!(view.grant_state(NOW), GrantState::Suspended, "nor does it come from the cache");
}

#[tokio::test]
async fn a_gateway_that_is_cut_off_knows_nothing() {
    let kit = Kit::new().await;
    let (_, _, child) = suite::signed_in(&*kit.store, "ann").await;
    let view = kit.live.load(child.id).await.unwrap().unwrap();
    kit.store.close().await;
    kit.clock.advance(Span::secs(29));
    assert!(kit.live.catch_up(&kit.clock, &DelayHook::none()).await.is_err());
    kit.live.lapse(kit.clock.now());
    assert!(kit.live.is_fresh(kit.clock.now()) && view.is_current());
    kit.clock.advance(Span::secs(1));
    kit.live.lapse(kit.clock.now());
    assert!(!kit.live.is_fresh(kit.clock.now()));
    assert!(!view.is_current() && view.changed().now_or_never().is_some(), "open connections are told");
    assert!(kit.live.load(child.id).await.is_err());
}

#[tokio::test]
async fn a_view_that_is_pushed_out_says_so() {
    let kit = Kit::with(Bounds { sessions: 1, ..Bounds::default() }).await;
    let mut views = Vec::new();
    for n in 0..66 {
        let (_, root, child) = suite::signed_in(&*kit.store, &format!("ann-{n}")).await;
        for id in [root.id, child.id] {
            views.push(kit.live.load(id).await.unwrap().unwrap());
        }
    }
    assert!(kit.live.sessions() <= 64);
    assert_eq!(views.iter().filter(|v| v.is_current()).count(), kit.live.sessions());
    let of_apps = views.iter().filter(|v| v.is_current() && v.session.app().is_some()).count();
    assert_eq!(kit.live.sessions_by_app().values().sum::<usize>(), of_apps);
}

#[tokio::test]
async fn the_running_feed_brings_own_changes_back_and_measures_them() {
    let kit = Kit::new().await;
    let delays: Arc<Mutex<Vec<Span>>> = Arc::default();
    let hook = DelayHook::new({
        let delays = Arc::clone(&delays);
        move |delay| delays.lock().unwrap().push(delay)
    });
    let stop = tokio_util::sync::CancellationToken::new();
    let clock = Arc::new(ManualClock(AtomicI64::new(NOW.plus(Span::millis(7)).as_millis())));
    let feed = tokio::spawn(run(Arc::clone(&kit.live), clock, hook, stop.clone()));
    let (guest, _, child) = suite::signed_in(&*kit.store, "ann").await;
    kit.live.caught_up(kit.store.revision().await.unwrap()).await.unwrap();
    let view = kit.live.load(child.id).await.unwrap().unwrap();
    kit.live.touch(&view, NOW.plus(Span::mins(2)));
    kit.suspend(&guest).await;
    view.changed().await;
    kit.live.caught_up(kit.store.revision().await.unwrap()).await.unwrap();
    stop.cancel();
    feed.await.unwrap();
    assert!(delays.lock().unwrap().iter().all(|d| *d == Span::millis(7)) && !delays.lock().unwrap().is_empty());
    let seen = kit.store.session(child.id).await.unwrap().unwrap().last_seen;
    assert_eq!(seen, NOW.plus(Span::mins(2)), "the last activities are stored before the feed stops");
}

#[tokio::test]
async fn a_lens_follows_a_reload() {
    let kit = Kit::new().await;
    let mut lens = kit.live.lens();
    assert_eq!(lens.snapshot().generation, 1);
    kit.live.replace(snapshot(2));
    assert_eq!((lens.snapshot().generation, kit.live.snapshot().generation), (2, 2));
}
