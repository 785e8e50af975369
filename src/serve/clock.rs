//! The machine's clock and randomness, behind the words that the rest of the house knows.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::base::{Clock, Entropy, Timestamp};

/// The machine's time of day, held back where it would go backwards.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let read = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let before = self.latest.fetch_max(read, Ordering::Relaxed);
        Timestamp::from_millis(read.max(before))
    }
}

/// The operating system's randomness, by way of a generator that is seeded from it and reseeds itself.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), bytes);
    }
}
