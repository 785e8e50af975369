//! What policies said, counted once a decision: the counters of each policy are brought up to date when somebody looks at them.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{PolicyMetrics, PolicyResult};

/// How often one outcome came about since its policies were told.
pub struct Tally {
    times: AtomicU64,
    said: Box<[(PolicyMetrics, PolicyResult)]>,
}

impl Tally {
    /// Once more.
    pub fn count(&self) {
        self.times.fetch_add(1, Relaxed);
    }

    fn settle(&self) {
        let times = self.times.swap(0, Relaxed);
        if times > 0 {
            self.said.iter().for_each(|(policy, result)| policy.result(*result, times));
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.settle();
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tally").field(&self.times).finish()
    }
}

/// Those that somebody still counts with.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: Vec<Weak<Tally>>,
    /// How many there were when those that are gone were last left out.
    kept: usize,
}

impl Tallies {
    /// One more, of which each of these policies says this.
    pub(super) fn open(&self, said: impl IntoIterator<Item = (PolicyMetrics, PolicyResult)>) -> Arc<Tally> {
        let tally = Arc::new(Tally { times: AtomicU64::new(0), said: said.into_iter().collect() });
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all.len() > 2 * open.kept + 64 {
            open.all.retain(|tally| tally.strong_count() > 0);
            open.kept = open.all.len();
        }
        open.all.push(Arc::downgrade(&tally));
        tally
    }

    /// Tells all policies what was counted.
    pub(super) fn settle(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).all.clone();
        all.iter().filter_map(Weak::upgrade).for_each(|tally| tally.settle());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{AppId, Timestamp},
        observe::{Build, Metrics, PolicyState},
    };

    #[test]
    fn policies_hear_of_every_request_when_somebody_looks_and_when_nobody_counts_any_more() {
        let metrics = Metrics::new(Build::THIS, Timestamp::from_millis(0)).unwrap();
        let said = |metrics: &Metrics| {
            let text = metrics.render();
            let of = |line: &&str| line.starts_with("guestgate_policy_results_total") && line.contains("\"pass\"");
            text.lines().find(of).and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        };
        let policy = metrics.policy(&AppId::parse("charts").unwrap(), "two-factors", PolicyState::Enforced);
        let tally = metrics.tally([(policy, PolicyResult::Pass)]);
        assert_eq!(said(&metrics), None);
        (0..3).for_each(|_| tally.count());
        assert_eq!((said(&metrics), said(&metrics)), (Some(3), Some(3)));
        tally.count();
        drop(tally);
        assert_eq!(said(&metrics), Some(4));
        // What is gone is not kept for ever.
        (0..1_000).for_each(|_| drop(metrics.tally([])));
        assert!(metrics.tallies.0.lock().unwrap().all.len() < 100);
    }
}
