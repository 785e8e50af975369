//! The upstreams of an app, as all workers share them: which is asked next, and whether any is.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use super::seat::{Millis, Seat, Went};
use crate::{
    base::AppId,
    config::{App, Breaker, Upstream},
    observe::{Metrics, OverloadReason},
};

/// The upstreams of one app.
pub(crate) struct Fleet {
    seats: Vec<Arc<Seat>>,
    upstreams: Vec<Upstream>,
    connections: u32,
    began: Instant,
    /// Failures since the last success, and until when nobody is asked: zero where the breaker is closed.
    failures: AtomicU32,
    open_until: AtomicU64,
}

/// The fleets of all apps. Kept over reloads, with what is known of those upstreams that stay.
#[derive(Debug)]
pub(crate) struct Fleets {
    of: Mutex<HashMap<AppId, Arc<Fleet>>>,
    began: Instant,
}

/// A request that is not sent to any upstream now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overload {
    pub(crate) reason: OverloadReason,
    /// When it may be worth while again, in seconds.
    pub(crate) retry_after: u32,
}

/// The upstreams that one request has tried.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tried {
    /// The first 64, one bit each.
    which: u64,
    times: usize,
}

impl Tried {
    /// One more.
    pub(crate) fn mark(&mut self, ix: usize) {
        self.which |= 1_u64.checked_shl(u32::try_from(ix).unwrap_or(u32::MAX)).unwrap_or(0);
        self.times += 1;
    }

    fn has(self, ix: usize) -> bool {
        u32::try_from(ix).ok().and_then(|ix| self.which.checked_shr(ix)).is_some_and(|bits| bits & 1 == 1)
    }
}

impl Fleet {
    /// The upstreams, in the order of the configuration.
    pub(crate) fn seats(&self) -> &[Arc<Seat>] {
        &self.seats
    }

    /// The present, for what is counted here.
    pub(crate) fn now(&self) -> Millis {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The upstream with the least to do among those that are in; of equals, the one whose turn it is. Where none is in, all are.
    pub(crate) fn pick(&self, turn: usize, preferred: Option<usize>, tried: Tried) -> Option<usize> {
        self.pick_at(turn, preferred, tried, &|| self.now())
    }

    fn pick_at(&self, turn: usize, preferred: Option<usize>, tried: Tried, now: &dyn Fn() -> Millis) -> Option<usize> {
        let n = self.seats.len();
        if tried.times >= n {
            return None;
        }
        if n == 1 {
            return Some(0);
        }
        if let Some(ix) = preferred.filter(|ix| !tried.has(*ix))
            && self.seats.get(ix).is_some_and(|seat| seat.is_in(now))
        {
            return Some(ix);
        }
        let round = turn.checked_div(n)?;
        let least = |fits: &dyn Fn(&Seat) -> bool| {
            let in_turn = (0..n).map(|offset| (turn % n + offset) % n).filter(|ix| !tried.has(*ix));
            let fitting = in_turn.filter_map(|ix| self.seats.get(ix).filter(|seat| fits(seat)).map(|seat| (ix, seat.outstanding())));
            fitting.min_by_key(|(_, work)| *work).map(|(ix, _)| ix)
        };
        least(&|seat| seat.takes(round, now)).or_else(|| least(&|seat| seat.is_in(now))).or_else(|| least(&|_| true))
    }

    /// Whether the app may be asked at all.
    pub(crate) fn admit(&self, breaker: Option<Breaker>) -> Result<(), Overload> {
        let Some(breaker) = breaker else { return Ok(()) };
        self.admit_at(breaker, self.open_until.load(Relaxed), &|| self.now())
    }

    fn admit_at(&self, breaker: Breaker, until: Millis, now: &dyn Fn() -> Millis) -> Result<(), Overload> {
        if until == 0 {
            return Ok(());
        }
        let present = now();
        let next = present.saturating_add(millis(breaker));
        // When the time is over, one request is let through to see; others wait for what comes of it.
        if present >= until && self.open_until.compare_exchange(until, next, Relaxed, Relaxed).is_ok() {
            return Ok(());
        }
        let left = self.open_until.load(Relaxed).saturating_sub(present).div_ceil(1_000);
        Err(Overload { reason: OverloadReason::Breaker, retry_after: u32::try_from(left).unwrap_or(u32::MAX).max(1) })
    }

    /// Whether so many requests at once are not too many; the one that asks is among them.
    pub(crate) fn has_room(&self, concurrent: u32) -> Result<(), Overload> {
        let work: usize = self.seats.iter().map(|seat| seat.outstanding()).sum();
        if u32::try_from(work).is_ok_and(|work| work <= concurrent) {
            return Ok(());
        }
        Err(Overload { reason: OverloadReason::Concurrent, retry_after: 1 })
    }

    /// Takes to heart how a request to one of them went.
    pub(crate) fn went(&self, ix: usize, went: Went, breaker: Option<Breaker>) {
        let now = || self.now();
        if let Some(seat) = self.seats.get(ix) {
            seat.went(went, &now);
        }
        let Some(breaker) = breaker else { return };
        if went == Went::Well {
            if self.failures.load(Relaxed) != 0 {
                self.failures.store(0, Relaxed);
                self.open_until.store(0, Relaxed);
            }
            return;
        }
        let failures = self.failures.fetch_add(1, Relaxed).saturating_add(1);
        if failures >= breaker.failures && self.open_until.load(Relaxed) == 0 {
            self.open_until.store(now().saturating_add(millis(breaker)), Relaxed);
            tracing::warn!("the breaker of an app has opened");
        }
    }
}

fn millis(breaker: Breaker) -> Millis {
    u64::try_from(breaker.wait.to_duration().as_millis()).unwrap_or(u64::MAX)
}

impl Fleets {
    /// None yet.
    pub(crate) fn new() -> Self {
        // How long something has been out is the machine's business, not the directory's: the monotonic clock is right for it.
        Self { of: Mutex::default(), began: Instant::now() }
    }

    /// The upstreams of an app as it is configured. What is known of those that were there before is kept.
    pub(crate) fn of(&self, app: &App, metrics: &Metrics) -> Arc<Fleet> {
        let mut fleets = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let before = fleets.get(&app.id);
        if let Some(same) = before.filter(|fleet| fleet.upstreams == app.upstreams && fleet.connections == app.limits.connections) {
            return Arc::clone(same);
        }
        let connections = app.limits.connections;
        let seat = |upstream: &Upstream| {
            let known = before.filter(|fleet| fleet.connections == connections).and_then(|fleet| {
                fleet.upstreams.iter().zip(&fleet.seats).find(|(known, _)| *known == upstream).map(|(_, seat)| Arc::clone(seat))
            });
            known.unwrap_or_else(|| {
                let name = upstream.to_string();
                let handles = metrics.upstream(&app.id, &name);
                Arc::new(Seat::new(
                    name,
                    handles,
                    usize::try_from(connections).unwrap_or(usize::MAX).min(tokio::sync::Semaphore::MAX_PERMITS),
                ))
            })
        };
        let fleet = Arc::new(Fleet {
            seats: app.upstreams.iter().map(seat).collect(),
            upstreams: app.upstreams.clone(),
            connections,
            began: self.began,
            failures: AtomicU32::new(0),
            open_until: AtomicU64::new(0),
        });
        for gone in before.iter().flat_map(|fleet| &fleet.seats).filter(|seat| !fleet.seats.iter().any(|s| s.name() == seat.name())) {
            metrics.forget_upstream(&app.id, gone.name());
        }
        fleets.insert(app.id.clone(), Arc::clone(&fleet));
        fleet
    }

    /// Forgets those of apps that are gone.
    pub(crate) fn retain(&self, known: impl Fn(&AppId) -> bool) {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).retain(|app, _| known(app));
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.seats).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::{
        base::{Host, Span, Timestamp},
        observe::Build,
    };

    fn fleet(n: u16) -> Arc<Fleet> {
        let metrics = Metrics::new(Build::THIS, Timestamp::from_millis(0)).unwrap();
        let upstream = |n: u16| Upstream::plain([10, 0, 0, 1].into(), 8080 + n);
        let mut app = App::with_defaults(AppId::parse("charts").unwrap(), Host::parse("charts.example.com").unwrap(), upstream(0));
        app.upstreams = (0..n).map(upstream).collect();
        Fleets::new().of(&app, &metrics)
    }

    fn picks(fleet: &Fleet, at: Millis, turns: std::ops::Range<usize>) -> Vec<usize> {
        turns.map(|turn| fleet.pick_at(turn, None, Tried::default(), &|| at).unwrap()).collect()
    }

    #[test]
    fn the_least_busy_is_asked_and_equals_take_turns() {
        let fleet = fleet(3);
        assert_eq!(picks(&fleet, 0, 0..6), [0, 1, 2, 0, 1, 2]);
        fleet.seats[0].begin();
        fleet.seats[1].begin();
        assert_eq!(picks(&fleet, 0, 0..3), [2, 2, 2]);
        fleet.seats[2].begin();
        fleet.seats[2].begin();
        assert_eq!(picks(&fleet, 0, 0..3), [0, 1, 0]);
        let mut tried = Tried::default();
        tried.mark(0);
        tried.mark(1);
        assert_eq!(fleet.pick_at(0, None, tried, &|| 0), Some(2));
        tried.mark(2);
        assert_eq!(fleet.pick_at(0, None, tried, &|| 0), None);
    }

    #[test]
    fn who_cannot_be_reached_is_left_out_for_a_growing_time_and_comes_back_slowly() {
        let fleet = fleet(2);
        let now = Cell::new(1_000);
        let fail = || (0..2).for_each(|_| fleet.seats[0].went(Went::Nowhere, &|| now.get()));
        fail();
        assert_eq!(picks(&fleet, now.get(), 0..4), [1, 1, 1, 1]);
        // One that is preferred is not, while it is out.
        assert_eq!(fleet.pick_at(0, Some(0), Tried::default(), &|| 1_000), Some(1));
        now.set(1_000 + 10_000);
        let share = |at: Millis| picks(&fleet, at, 0..64).iter().filter(|ix| **ix == 0).count();
        assert_eq!(share(now.get()), 2, "one turn of sixteen, of half of them");
        assert_eq!(share(now.get() + 5_000), 16);
        assert_eq!(share(now.get() + 10_000), 32);
        fail();
        now.set(now.get() + 10_000);
        assert_eq!(share(now.get()), 0, "twice as long the second time");
        now.set(now.get() + 10_000);
        assert!(share(now.get()) > 0);
    }

    #[test]
    fn where_all_are_out_all_are_asked() {
        let fleet = fleet(2);
        for seat in &fleet.seats {
            (0..5).for_each(|_| seat.went(Went::Badly, &|| 0));
        }
        assert_eq!(picks(&fleet, 1, 0..4), [0, 1, 0, 1]);
        fleet.seats[1].went(Went::Well, &|| 1);
        assert_eq!(picks(&fleet, 20_000_000, 0..2), [0, 1]);
    }

    #[test]
    fn a_health_check_takes_out_and_brings_back() {
        let fleet = fleet(2);
        fleet.seats[0].set_down(true, 0);
        assert_eq!(picks(&fleet, 1, 0..2), [1, 1]);
        // A lucky answer does not outweigh the check.
        fleet.seats[0].went(Went::Well, &|| 1);
        assert_eq!(picks(&fleet, 1, 0..2), [1, 1]);
        fleet.seats[0].set_down(false, 1);
        assert_eq!(picks(&fleet, 1 + SLOW, 0..2), [0, 1]);
    }

    const SLOW: Millis = 10_000;

    #[test]
    fn a_breaker_opens_after_failures_and_lets_one_through_to_see() {
        let fleet = fleet(1);
        let breaker = Breaker { failures: 3, wait: Span::secs(5) };
        let admitted = |at: Millis| fleet.admit_at(breaker, fleet.open_until.load(Relaxed), &|| at).is_ok();
        for _ in 0..3 {
            assert!(admitted(0));
            fleet.went(0, Went::Badly, Some(breaker));
        }
        let until = fleet.open_until.load(Relaxed);
        let refused = fleet.admit_at(breaker, until, &|| until - 1_500).unwrap_err();
        assert_eq!((refused.reason, refused.retry_after), (OverloadReason::Breaker, 2));
        assert!(admitted(until) && !admitted(until) && !admitted(until + 4_999));
        fleet.went(0, Went::Well, Some(breaker));
        assert!(admitted(until) && admitted(until));
    }

    #[test]
    fn a_limit_counts_the_work_of_all() {
        let fleet = fleet(2);
        fleet.seats.iter().for_each(|seat| seat.begin());
        assert!(fleet.has_room(2).is_ok());
        assert_eq!(fleet.has_room(1).unwrap_err().reason, OverloadReason::Concurrent);
    }
}
