//! What all workers know of one upstream: how much it has to do, and whether it can be trusted with more.
//!
//! Everything is a relaxed atomic: a number that is a moment old only makes a choice a little worse.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use tokio::sync::Semaphore;

use crate::observe::{Outcome, UpstreamMetrics};

/// One upstream of an app. On a cache line of its own, because every request writes to it.
#[repr(align(64))]
pub(crate) struct Seat {
    /// Requests and WebSockets that it works on.
    outstanding: AtomicUsize,
    /// What it has done wrong since it last did right.
    points: AtomicU32,
    /// How often it has been left out without doing right in between.
    rounds: AtomicU32,
    /// Until when it is left out; zero where it is not.
    out_until: AtomicU64,
    /// Since when it is back; zero where that is long ago.
    back_since: AtomicU64,
    /// Its health check fails.
    down: AtomicBool,
    /// What the gauge says.
    healthy: AtomicBool,
    /// How many connections to it may be open.
    pub(super) connections: Arc<Semaphore>,
    /// How many requests wait for one.
    pub(super) waiting: AtomicUsize,
    name: String,
    metrics: UpstreamMetrics,
}

/// How a request to an upstream went, as far as the upstream is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    /// It answered.
    Well,
    /// It took the request and failed: too slow, no answer, or one that says that something behind it has failed.
    Badly,
    /// It cannot be reached.
    Nowhere,
}

/// Milliseconds since the gateway began to serve.
pub(crate) type Millis = u64;

/// Points at which an upstream is left out, and what each failure costs.
const TOO_MANY: u32 = 10;
const BADLY: u32 = 2;
const NOWHERE: u32 = 5;
/// How long it is left out the first time, and at most.
const OUT: Millis = 10_000;
const LONGEST_OUT: Millis = 300_000;
/// How long it takes until one that is back gets its whole share.
const SLOW_START: Millis = 10_000;
/// In how many steps.
const STEPS: usize = 16;

impl Seat {
    pub(super) fn new(name: String, metrics: UpstreamMetrics, connections: usize) -> Self {
        Self {
            outstanding: AtomicUsize::new(0),
            points: AtomicU32::new(0),
            rounds: AtomicU32::new(0),
            out_until: AtomicU64::new(0),
            back_since: AtomicU64::new(0),
            down: AtomicBool::new(false),
            healthy: AtomicBool::new(true),
            connections: Arc::new(Semaphore::new(connections)),
            waiting: AtomicUsize::new(0),
            name,
            metrics,
        }
    }

    /// As the configuration writes it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its counters.
    pub(crate) fn metrics(&self) -> &UpstreamMetrics {
        &self.metrics
    }

    /// How much it has to do.
    pub(super) fn outstanding(&self) -> usize {
        self.outstanding.load(Relaxed)
    }

    pub(super) fn begin(&self) {
        self.outstanding.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self) {
        self.outstanding.fetch_sub(1, Relaxed);
    }

    /// Whether it may be given work. One that has come back gets a share of the turns that grows.
    pub(super) fn takes(&self, turn: usize, now: &dyn Fn() -> Millis) -> bool {
        if !self.is_in(now) {
            return false;
        }
        let since = self.back_since.load(Relaxed);
        if since == 0 {
            return true;
        }
        let passed = now().saturating_sub(since);
        if passed >= SLOW_START {
            self.back_since.store(0, Relaxed);
            return true;
        }
        let share = usize::try_from(passed * STEPS as u64 / SLOW_START).unwrap_or(STEPS);
        turn % STEPS < share.max(1)
    }

    /// Whether it is neither down nor left out.
    pub(super) fn is_in(&self, now: &dyn Fn() -> Millis) -> bool {
        if self.down.load(Relaxed) {
            return false;
        }
        let until = self.out_until.load(Relaxed);
        if until == 0 {
            return true;
        }
        let present = now();
        if present < until {
            return false;
        }
        if self.out_until.compare_exchange(until, 0, Relaxed, Relaxed).is_ok() {
            self.back_since.store(present.max(1), Relaxed);
        }
        true
    }

    /// Takes to heart how a request went.
    pub(crate) fn went(&self, went: Went, now: &dyn Fn() -> Millis) {
        match went {
            Went::Well => self.did_well(now),
            Went::Badly => self.did_badly(BADLY, now),
            Went::Nowhere => {
                self.tell(Outcome::Failure);
                self.did_badly(NOWHERE, now);
            }
        }
    }

    fn did_well(&self, now: &dyn Fn() -> Millis) {
        if self.points.load(Relaxed) != 0 {
            self.points.store(0, Relaxed);
        }
        if self.out_until.load(Relaxed) != 0 {
            self.come_back(now());
        }
        if self.rounds.load(Relaxed) != 0 && self.back_since.load(Relaxed) == 0 {
            self.rounds.store(0, Relaxed);
        }
        if !self.healthy.load(Relaxed) && !self.down.load(Relaxed) {
            self.tell(Outcome::Success);
        }
    }

    fn did_badly(&self, points: u32, now: &dyn Fn() -> Millis) {
        let reached = self.points.fetch_add(points, Relaxed).saturating_add(points);
        if reached < TOO_MANY || self.out_until.load(Relaxed) != 0 {
            return;
        }
        self.points.store(0, Relaxed);
        let rounds = self.rounds.fetch_add(1, Relaxed);
        let out = OUT.saturating_mul(1 << rounds.min(8)).min(LONGEST_OUT);
        self.out_until.store(now().saturating_add(out), Relaxed);
        self.tell(Outcome::Failure);
        tracing::warn!(upstream = self.name, seconds = out / 1_000, "an upstream is left out");
    }

    fn come_back(&self, now: Millis) {
        self.out_until.store(0, Relaxed);
        self.back_since.store(now.max(1), Relaxed);
    }

    /// What its health check says. One that passes also brings back an upstream that was left out.
    pub(super) fn set_down(&self, down: bool, now: Millis) {
        let was = self.down.swap(down, Relaxed);
        if down {
            self.tell(Outcome::Failure);
        } else if was || self.out_until.load(Relaxed) != 0 {
            self.points.store(0, Relaxed);
            self.come_back(now);
            self.tell(Outcome::Success);
        }
        if was != down {
            let word = if down { "an upstream fails its health check" } else { "an upstream passes its health check again" };
            tracing::warn!(upstream = self.name, "{word}");
        }
    }

    fn tell(&self, outcome: Outcome) {
        self.healthy.store(outcome == Outcome::Success, Relaxed);
        self.metrics.set_healthy(outcome);
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Seat").field(&self.name).finish()
    }
}
