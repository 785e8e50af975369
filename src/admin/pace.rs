//! How fast somebody may ask: a bucket for each, of which no more are kept than fit.

use std::{
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, state::keyed::HashMapStateStore};

use crate::base::Clock;

/// How fast each of many may ask.
pub(super) struct Pace<K: Hash + Eq + Clone> {
    clock: Ticks,
    buckets: Mutex<Option<(NonZeroU32, Buckets<K>)>>,
}

type Buckets<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

/// Buckets that are kept. Who asks is a stranger's to choose, so this is bounded.
const MOST: usize = 20_000;

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
        Self { clock: Ticks(clock), buckets: Mutex::new(None) }
    }

    /// Counts one question of `who`, or says how long to wait.
    pub(super) fn count(&self, who: &K, per_minute: NonZeroU32) -> Result<(), Duration> {
        let mut held = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || (per_minute, RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), self.clock.clone()));
        // After a reload that allows another number, everybody begins anew.
        let (rate, buckets) = held.get_or_insert_with(fresh);
        if *rate != per_minute || is_overfull(buckets) {
            (*rate, *buckets) = fresh();
        }
        buckets.check_key(who).map_err(|late| late.wait_time_from(self.clock.now()))
    }
}

/// Whether there are too many buckets even without those that are full again.
fn is_overfull<K: Hash + Eq + Clone>(buckets: &Buckets<K>) -> bool {
    if buckets.len() < MOST {
        return false;
    }
    buckets.retain_recent();
    buckets.len() >= MOST
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
    fn what_strangers_choose_does_not_grow() {
        let pace: Pace<usize> = Pace::new(Arc::new(Manual::default()));
        let rate = NonZeroU32::new(1).unwrap();
        for who in 0..MOST + 10 {
            assert!(pace.count(&who, rate).is_ok());
        }
        let held = pace.buckets.lock().unwrap();
        assert!(held.as_ref().unwrap().1.len() < 100);
    }

    #[test]
    fn a_customer_of_ipv6_is_one_address() {
        let at = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2::9"));
        assert_ne!(at("2001:db8:1:2::4"), at("2001:db8:1:3::4"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
