//! How fast somebody may ask: a bucket for each. Of strangers there may be more than can be kept: those who come when there is no room
//! share some buckets, so that nobody is forgotten and a crowd makes nobody else's bucket full again.

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::{BuildHasher as _, Hash},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

use crate::base::Clock;

/// How fast each of many may ask.
pub(super) struct Pace<K: Hash + Eq + Clone> {
    clock: Ticks,
    held: Mutex<Option<Held<K>>>,
}

/// The buckets of one rate.
struct Held<K: Hash + Eq + Clone> {
    rate: NonZeroU32,
    buckets: RateLimiter<K, Kept<K>, Ticks, NoOpMiddleware<Duration>>,
    /// When those were last let go that are full again.
    swept: Duration,
}

/// Who has a bucket of their own, and the buckets of everybody else.
struct Kept<K> {
    own: Mutex<HashMap<K, Nanos>>,
    shared: Mutex<Vec<Option<Nanos>>>,
    // Nobody outside knows who shares with whom.
    hasher: RandomState,
}

/// Buckets of one's own that are kept. Who asks is a stranger's to choose, so this is bounded.
const MOST: usize = 20_000;
/// Buckets that the others share.
const SHARED: usize = 1_024;
/// How often those are looked for that are full again, while there is no room.
const SWEEP: Duration = Duration::from_secs(1);

/// Our clock, as the library reads it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().as_millis()).unwrap_or(0))
    }
}

impl<K: Hash + Eq + Clone> Pace<K> {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock: Ticks(clock), held: Mutex::new(None) }
    }

    /// Counts one question of `who`, or says how long to wait.
    pub(super) fn count(&self, who: &K, per_minute: NonZeroU32) -> Result<(), Duration> {
        let mut held = lock(&self.held);
        let now = self.clock.now();
        let fresh = || Held {
            rate: per_minute,
            buckets: RateLimiter::new(Quota::per_minute(per_minute), Kept::default(), self.clock.clone()),
            swept: now,
        };
        let held = held.get_or_insert_with(fresh);
        // After a reload that allows another number, everybody begins anew.
        if held.rate != per_minute {
            *held = fresh();
        }
        if held.buckets.len() >= MOST && now.saturating_sub(held.swept) >= SWEEP {
            held.buckets.retain_recent();
            held.swept = now;
        }
        held.buckets.check_key(who).map_err(|late| late.wait_time_from(now))
    }
}

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self { own: Mutex::default(), shared: Mutex::new(vec![None; SHARED]), hasher: RandomState::new() }
    }
}

impl<K: Hash + Eq + Clone> StateStore for Kept<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, who: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut own = lock(&self.own);
        if own.len() < MOST || own.contains_key(who) {
            let (answer, next) = measure(own.get(who).copied())?;
            own.insert(who.clone(), next);
            return Ok(answer);
        }
        let mut shared = lock(&self.shared);
        let ix = usize::try_from(self.hasher.hash_one(who) % SHARED as u64).unwrap_or(0);
        let (answer, next) = measure(shared.get(ix).copied().flatten())?;
        if let Some(bucket) = shared.get_mut(ix) {
            *bucket = Some(next);
        }
        Ok(answer)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Kept<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        lock(&self.own).retain(|_, until| *until > drop_below);
    }

    fn len(&self) -> usize {
        lock(&self.own).len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands for an address: of IPv6 its /64, which one customer has.
pub(super) fn neighbourhood(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Pace<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::base::Timestamp;

    #[derive(Debug, Default)]
    struct Manual(AtomicI64);

    impl Clock for Manual {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_000_000_000_000 + self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn whoever_asks_too_fast_waits_and_nobody_else_does() {
        let clock = Arc::new(Manual::default());
        let pace: Pace<u32> = Pace::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let rate = NonZeroU32::new(60).unwrap();
        assert!((0..60).all(|_| pace.count(&1, rate).is_ok()));
        let wait = pace.count(&1, rate).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(pace.count(&2, rate).is_ok());
        clock.0.fetch_add(1_001, Ordering::Relaxed);
        assert!(pace.count(&1, rate).is_ok());
    }

    #[test]
    fn a_crowd_of_strangers_is_bounded_and_helps_nobody() {
        let clock = Arc::new(Manual::default());
        let pace: Pace<usize> = Pace::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let rate = NonZeroU32::new(1).unwrap();
        assert!(pace.count(&0, rate).is_ok() && pace.count(&0, rate).is_err());
        assert!((1..MOST).all(|who| pace.count(&who, rate).is_ok()), "each has a bucket while there is room");
        let late = (MOST..3 * MOST).filter(|who| pace.count(who, rate).is_ok()).count();
        assert!((1..=SHARED).contains(&late), "{late}");
        assert!(pace.count(&0, rate).is_err(), "what somebody has used up stays used up");
        assert_eq!(lock(&pace.held).as_ref().unwrap().buckets.len(), MOST);
        // When the crowd has gone, there is room again.
        clock.0.fetch_add(120_000, Ordering::Relaxed);
        assert!(pace.count(&0, rate).is_ok() && pace.count(&(9 * MOST), rate).is_ok());
        assert!(lock(&pace.held).as_ref().unwrap().buckets.len() < 10);
    }

    #[test]
    fn a_customer_of_ipv6_is_one_address() {
        let at = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2::9"));
        assert_ne!(at("2001:db8:1:2::4"), at("2001:db8:1:3::4"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
