//! What the data plane reads: the configuration in force, and the sessions that are open, in memory.
//!
//! Nothing is decided here and nobody writes here: what changes comes back from the store by the feed ([`Live::catch_up`]), whoever
//! wrote it. A view that is no longer true says so, so that one atomic load a request is enough.

mod feed;
mod held;
mod index;
mod offers;
mod passed;
mod places;
mod refusals;
mod reservoir;
mod root;
mod snapshot;
mod tally;
mod view;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use arc_swap::ArcSwap;
use tokio::sync::{Notify, Semaphore, watch};

pub use feed::{DelayHook, run};
pub use held::{Held, NotHeld};
pub use offers::offers;
pub use places::{NoDatabase, Place, Places};
pub use refusals::Refused;
pub use reservoir::{Lines, SAMPLES, Sample, Scalars, Turn, Weighed, WeighedApp};
pub use snapshot::{Lens, LiveApp, NoPolicies, Snapshot};
pub use tally::{Touch, Touched, WouldHave};
pub use view::SessionView;

use crate::{
    base::{SessionId, Span, Timestamp},
    store::{Revision, SessionRecord, Store, StoreError},
};
use held::Hold;
use index::Index;
use passed::Passed;
use refusals::Refusals;
use reservoir::Reservoir;
use tally::Tally;

/// The store does not answer, or too many ask: nothing is known, and what is not known is refused.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The store answered with an error.
    #[error("sessions cannot be looked up")]
    Store(#[from] StoreError),
    /// As many look-ups as we allow are under way.
    #[error("too many sessions are being looked up")]
    Busy,
    /// The change did not come back in time.
    #[error("the change has not come back from the store")]
    Late,
}

/// Bounds of what is kept in memory.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Live sessions in the index.
    pub sessions: usize,
    /// Records of sessions that fell out of the index.
    pub records: u64,
    /// Look-ups in the store at the same time.
    pub lookups: usize,
    /// How long after the last confirmation of the feed sessions still count as known.
    pub lease: Span,
}

/// What the data plane reads.
#[derive(Debug)]
pub struct Live {
    snapshot: Arc<ArcSwap<Snapshot>>,
    store: Arc<dyn Store>,
    index: Index,
    records: moka::sync::Cache<SessionId, Arc<SessionRecord>>,
    passed: Mutex<Passed>,
    lookups: Semaphore,
    lease: Span,
    confirmed: AtomicI64,
    applied: watch::Sender<Revision>,
    nudged: Notify,
    seen: Mutex<std::collections::HashMap<SessionId, Timestamp>>,
    tally: Tally,
    refusals: Refusals,
    reservoir: Reservoir,
    hold: Hold,
}

/// Activity is told to the store at most so often for each session.
const SEEN_EVERY: Span = Span::mins(1);
/// How often a look-up is repeated that a change has overtaken.
const RETRIES: usize = 4;
/// How long somebody waits for an own change to come back.
const PATIENCE: Span = Span::secs(10);

impl Default for Bounds {
    fn default() -> Self {
        Self { sessions: 200_000, records: 200_000, lookups: 64, lease: Span::secs(30) }
    }
}

impl Live {
    /// Nothing is known yet: [`Live::catch_up`] or [`run`] makes it fresh.
    pub fn new(snapshot: Snapshot, store: Arc<dyn Store>, bounds: Bounds) -> Self {
        Self {
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
            store,
            index: Index::new(bounds.sessions),
            records: moka::sync::Cache::new(bounds.records),
            passed: Mutex::new(Passed::default()),
            lookups: Semaphore::new(bounds.lookups),
            lease: bounds.lease,
            confirmed: AtomicI64::new(i64::MIN),
            applied: watch::Sender::new(Revision::default()),
            nudged: Notify::new(),
            seen: Mutex::default(),
            tally: Tally::default(),
            refusals: Refusals::default(),
            reservoir: Reservoir::default(),
            hold: Hold::default(),
        }
    }

    /// The configuration and policies in force.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// A way to the snapshot that costs one atomic load while nothing changes; for each connection its own.
    pub fn lens(&self) -> Lens {
        Lens::new(&self.snapshot)
    }

    /// Puts another configuration in force, whole.
    pub fn replace(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// Begins to count what the policies on trial of the snapshot in force would have done; what stayed as it was goes on.
    pub fn follow_trials(&self, now: Timestamp) {
        self.tally.follow(&self.snapshot(), now);
    }

    /// Counts what policies on trial would have done.
    pub fn would_have(&self, touches: impl IntoIterator<Item = Touch>) {
        self.tally.add(touches);
    }

    /// What policies on trial would have done so far.
    pub fn trials(&self) -> Vec<WouldHave> {
        self.tally.so_far()
    }

    /// Keeps that a guest's request was turned away.
    pub fn refused(&self, refused: Refused) {
        self.refusals.take(refused);
    }

    /// The latest requests that were turned away here, of those that are wanted.
    pub fn refusals(&self, wanted: impl Fn(&Refused) -> bool, at_most: usize) -> Vec<Refused> {
        self.refusals.latest(wanted, at_most)
    }

    /// Keeps an allowed request that stands for so many, to weigh other policies against.
    pub fn sample(&self, app: &crate::base::AppId, sample: Sample, stands_for: u64, random: u64) {
        self.reservoir.take(app, sample, stands_for, random);
    }

    /// What other policies would have made of what was allowed in the last hour.
    pub fn weigh(&self, candidate: &Snapshot, now: Timestamp) -> Weighed {
        self.reservoir.weigh(candidate, now)
    }

    /// Says which policies are held back, if any.
    pub fn hold(&self, held: Option<Held>) {
        self.hold.set(held);
    }

    /// The policies that are held back.
    pub fn held(&self) -> Option<Arc<Held>> {
        self.hold.held()
    }

    /// Lets the policies of this version take effect, if it is they that are held back.
    pub fn confirm(&self, version: &str) -> Result<crate::policy::PolicyVersion, NotHeld> {
        self.hold.confirm(version)
    }

    /// Resolves when somebody has confirmed what is held back.
    pub async fn confirmed(&self) -> crate::policy::PolicyVersion {
        self.hold.confirmed().await
    }

    /// The session, if it is in the index.
    pub fn session(&self, id: &SessionId) -> Option<Arc<SessionView>> {
        self.index.find(id)
    }

    /// How many sessions are in the index.
    pub fn sessions(&self) -> usize {
        self.index.len()
    }

    /// How many sessions each app has in the index.
    pub fn sessions_by_app(&self) -> std::collections::HashMap<crate::base::AppId, usize> {
        self.index.by_app()
    }

    /// The session, wherever it is: `None` if there is none or it was ended.
    ///
    /// Whoever runs on a data plane worker spawns this on the runtime that the store lives on.
    pub async fn load(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, Unavailable> {
        if let Some(view) = self.index.find(&id) {
            return Ok(Some(view));
        }
        for _ in 0..RETRIES {
            let record = match self.remembered(&id) {
                Some(record) => record,
                None => match self.look_up(id).await? {
                    Some(record) => record,
                    None => return Ok(None),
                },
            };
            if record.session.ended.is_some() {
                return Ok(None);
            }
            if let Some(view) = self.admit(&record) {
                return Ok(Some(view));
            }
            self.records.invalidate(&id);
        }
        Err(Unavailable::Busy)
    }

    /// Whether the feed has confirmed recently enough that sessions count as known.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let confirmed = Timestamp::from_millis(self.confirmed.load(Ordering::Acquire));
        now < confirmed.plus(self.lease)
    }

    /// Waits until a change has come back here.
    pub async fn caught_up(&self, revision: Revision) -> Result<(), Unavailable> {
        self.nudge();
        let mut applied = self.applied.subscribe();
        match tokio::time::timeout(PATIENCE.to_duration(), applied.wait_for(|at| *at >= revision)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Unavailable::Late),
        }
    }

    /// Tells of every change that takes effect here.
    pub fn changes(&self) -> watch::Receiver<Revision> {
        let mut changes = self.applied.subscribe();
        changes.mark_unchanged();
        changes
    }

    /// Somebody here has written: the feed looks at once.
    pub fn nudge(&self) {
        self.nudged.notify_one();
    }

    /// The session was active. The store is told once a minute.
    pub fn touch(&self, view: &SessionView, now: Timestamp) {
        if view.touch(now, SEEN_EVERY) {
            self.remember_seen(view.session.id, now);
        }
    }

    /// What the gateway runs on.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    fn remember_seen(&self, id: SessionId, at: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen.entry(id).or_insert(at);
        *known = (*known).max(at);
    }

    fn remembered(&self, id: &SessionId) -> Option<Arc<SessionRecord>> {
        self.records.get(id)
    }

    async fn look_up(&self, id: SessionId) -> Result<Option<Arc<SessionRecord>>, Unavailable> {
        let _permit = match tokio::time::timeout(PATIENCE.to_duration(), self.lookups.acquire()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) | Err(_) => return Err(Unavailable::Busy),
        };
        let record = self.store.session_record(id).await?.map(Arc::new);
        if let Some(record) = &record {
            self.records.insert(id, Arc::clone(record));
        }
        Ok(record)
    }

    /// Takes a record into the index, unless a change of it has passed since it was read.
    fn admit(&self, record: &Arc<SessionRecord>) -> Option<Arc<SessionView>> {
        let noted = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&record.session.id).copied();
        // INVARIANT: the feed writes to `passed` before it walks the index, and we hold it while we write to the index: a change is
        // seen either here or by that walk.
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        if passed.has_touched(record) {
            return None;
        }
        Some(self.index.insert(SessionView::new(record, noted)))
    }
}

#[cfg(test)]
mod tests;
