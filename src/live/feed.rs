//! Following the store: what was changed, here or elsewhere, takes effect.

use std::{
    fmt,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use tokio_util::sync::CancellationToken;

use super::{Live, view::SessionView};
use crate::{
    base::{Clock, Span, Timestamp},
    directory::Key,
    store::{Changed, Note, Revision, StoreError},
};

/// Is told how long a change took from its commit to its effect here.
pub struct DelayHook(Box<dyn Fn(Span) + Send + Sync>);

/// The feed is asked at least so often; another process's changes take at most this and a little.
const HEARTBEAT: Span = Span::millis(100);
/// So many changes are taken at once.
const BATCH: usize = 1_000;
/// So many last activities are told to the store in one transaction.
const SEEN_BATCH: usize = 500;

impl DelayHook {
    /// Calls this for each change that took a session, a guest or a grant away.
    pub fn new(told: impl Fn(Span) + Send + Sync + 'static) -> Self {
        Self(Box::new(told))
    }

    /// Nobody is told.
    pub fn none() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for DelayHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DelayHook(…)")
    }
}

/// Follows the store until told to stop: at once after a [`Live::nudge`], otherwise every tenth of a second.
pub async fn run(live: Arc<Live>, clock: Arc<dyn Clock>, hook: DelayHook, stop: CancellationToken) {
    let mut trouble = false;
    while !stop.is_cancelled() {
        match live.catch_up(&*clock, &hook).await {
            Ok(()) if trouble => {
                trouble = false;
                tracing::info!("the store's changes are followed again");
            }
            Ok(()) => {}
            Err(error) if !trouble => {
                trouble = true;
                live.lapse(clock.now());
                tracing::error!(error = %error, "the store's changes cannot be followed; sessions are unknown once the lease has run out");
            }
            Err(_) => live.lapse(clock.now()),
        }
        if let Err(error) = live.tell_seen().await {
            tracing::warn!(error = %error, "last activity was not stored");
        }
        tokio::select! {
            () = live.nudged.notified() => {}
            () = tokio::time::sleep(HEARTBEAT.to_duration()) => {}
            () = stop.cancelled() => {}
        }
    }
    // A drained gateway leaves the last activities behind for the next one.
    if let Err(error) = live.tell_seen().await {
        tracing::warn!(error = %error, "last activity was not stored");
    }
}

impl Live {
    /// Takes everything that the store has to tell, and confirms that it was taken.
    pub async fn catch_up(&self, clock: &dyn Clock, hook: &DelayHook) -> Result<(), StoreError> {
        loop {
            // The lease counts from before the question: the answer is at least as new as that.
            let asked = clock.now();
            let seen = self.begin(asked).await?;
            let changes = match self.store.changes_after(seen, BATCH).await {
                Ok(changes) => changes,
                Err(StoreError::FeedCut) => {
                    self.begin_anew().await?;
                    continue;
                }
                Err(other) => return Err(other),
            };
            self.apply(&changes);
            let now = clock.now();
            for change in changes.iter().filter(|c| takes_effect(c)) {
                (hook.0)(now.since(change.at));
            }
            let at = self.passed.lock().unwrap_or_else(PoisonError::into_inner).at();
            self.applied.send_if_modified(|applied| std::mem::replace(applied, at) != at);
            if changes.len() < BATCH {
                self.confirmed.fetch_max(asked.as_millis(), Ordering::AcqRel);
                return Ok(());
            }
        }
    }

    /// Where to go on. After the lease has run out nothing in memory is believed.
    async fn begin(&self, now: Timestamp) -> Result<Revision, StoreError> {
        if self.is_fresh(now) {
            return Ok(self.passed.lock().unwrap_or_else(PoisonError::into_inner).at());
        }
        self.begin_anew().await
    }

    /// Forgets everything and goes on from the present.
    async fn begin_anew(&self) -> Result<Revision, StoreError> {
        let present = self.store.revision().await?;
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).begin_at(present);
        self.forget_all();
        Ok(present)
    }

    /// Once the lease has run out, whoever holds a view is told to look again, and finds that nothing is known.
    pub fn lapse(&self, now: Timestamp) {
        if !self.is_fresh(now) {
            self.forget_all();
        }
    }

    fn forget_all(&self) {
        self.records.invalidate_all();
        for view in self.index.drain() {
            self.keep_seen(&view);
            view.mark(None);
        }
    }

    fn apply(&self, changes: &[Changed]) {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            passed.pass(change);
        }
        // Released before the index is walked: whoever takes a view in sees the changes above.
        drop(passed);
        for change in changes {
            match change.key {
                Key::Session(id) => self.end_view(&id, change),
                Key::Guest(_) | Key::Grant(_) => {
                    for id in change.guest.iter().flat_map(|guest| self.index.of(guest)) {
                        self.end_view(&id, change);
                    }
                }
                Key::Invitation(_) | Key::Request(_) | Key::Factors(_) | Key::Token(_) | Key::Review(_) | Key::Verdict(_) => {}
            }
        }
    }

    /// Takes a view out of the index, unless it is younger than the change.
    fn end_view(&self, id: &crate::base::SessionId, change: &Changed) {
        self.records.invalidate(id);
        if self.index.find(id).is_none_or(|view| view.revision >= change.revision) {
            return;
        }
        if let Some(view) = self.index.remove(id) {
            self.keep_seen(&view);
            view.mark(change.ended);
        }
    }

    /// The last activity of a view that goes is kept for the one that comes.
    fn keep_seen(&self, view: &SessionView) {
        if view.last_seen() > view.session.last_seen {
            self.remember_seen(view.session.id, view.last_seen());
        }
    }

    /// Tells the store of last activities.
    async fn tell_seen(&self) -> Result<(), StoreError> {
        let all: Vec<_> = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.iter().map(|(id, at)| (*id, *at)).collect()
        };
        for batch in all.chunks(SEEN_BATCH) {
            self.store.note(Note::Seen(batch.to_vec())).await?;
            // Forgotten only once they are stored, and only if nothing newer has come.
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, at) in batch {
                if seen.get(id) == Some(at) {
                    seen.remove(id);
                }
            }
        }
        Ok(())
    }
}

/// Whether a change can have taken something away.
fn takes_effect(change: &Changed) -> bool {
    match change.key {
        Key::Guest(_) | Key::Grant(_) => true,
        Key::Session(_) => change.ended.is_some(),
        Key::Invitation(_) | Key::Request(_) | Key::Factors(_) | Key::Token(_) | Key::Review(_) | Key::Verdict(_) => false,
    }
}
