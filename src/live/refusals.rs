//! The latest requests of guests that were turned away, so that whoever looks after them can say why.
//!
//! In memory and bounded: a restart begins anew, and the access log has all of them. One that repeats the one before is counted with it.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::base::{AppId, GuestId, Name, Span, Timestamp};

/// A request that was turned away, and those that were like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whose.
    pub guest: GuestId,
    /// Of which app.
    pub app: AppId,
    /// How: `block`, `not_assigned`.
    pub decision: &'static str,
    /// The policies that blocked.
    pub by: Vec<Name>,
    /// The method and the path of the first one, without its query.
    pub request: String,
    /// When the last one came.
    pub at: Timestamp,
    /// How many came.
    pub times: u64,
}

/// The latest refusals.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<VecDeque<Refused>>);

/// How many are kept.
const MOST: usize = 1_000;
/// The longest request that is kept, in bytes.
const LONGEST: usize = 200;
/// What is alike is counted together for so long.
const TOGETHER: Span = Span::mins(10);
/// Among so many of the latest one that is alike is looked for.
const NEAR: usize = 16;

impl Refusals {
    /// Takes one in. Nobody waits for it: while somebody reads, one may be lost.
    pub(super) fn take(&self, mut refused: Refused) {
        let Ok(mut all) = self.0.try_lock() else { return };
        let alike = |known: &&mut Refused| {
            known.guest == refused.guest
                && known.app == refused.app
                && known.decision == refused.decision
                && known.by == refused.by
                && refused.at.since(known.at) < TOGETHER
        };
        if let Some(known) = all.iter_mut().take(NEAR).find(alike) {
            known.times = known.times.saturating_add(1);
            known.at = refused.at;
            return;
        }
        let end = (0..=LONGEST.min(refused.request.len())).rev().find(|at| refused.request.is_char_boundary(*at)).unwrap_or(0);
        refused.request.truncate(end);
        all.truncate(MOST - 1);
        all.push_front(refused);
    }

    /// Those that are wanted, the newest first, at most so many.
    pub(super) fn latest(&self, wanted: impl Fn(&Refused) -> bool, at_most: usize) -> Vec<Refused> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|refused| wanted(refused)).take(at_most).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id as _;

    fn refused(guest: u8, at: i64, request: &str) -> Refused {
        let (guest, app) = (GuestId::from_bytes([guest; 16]), AppId::parse("charts").unwrap());
        let request = request.to_owned();
        Refused { guest, app, decision: "block", by: Vec::new(), request, at: Timestamp::from_millis(at), times: 1 }
    }

    #[test]
    fn what_repeats_is_counted_and_the_oldest_goes() {
        let all = Refusals::default();
        all.take(refused(1, 0, "GET /a"));
        all.take(refused(2, 10, "GET /b"));
        all.take(refused(1, 20, "GET /c"));
        let seen: Vec<(String, u64)> = all.latest(|_| true, 9).into_iter().map(|r| (r.request, r.times)).collect();
        assert_eq!(seen, [("GET /b".to_owned(), 1), ("GET /a".to_owned(), 2)]);
        all.take(refused(1, TOGETHER.as_millis() + 21, &"ä".repeat(300)));
        assert_eq!(all.latest(|r| r.guest == GuestId::from_bytes([1; 16]), 9).len(), 2);
        for n in 0..3_000 {
            all.take(refused(u8::try_from(n % 251).unwrap(), n * TOGETHER.as_millis() * 300, "GET /"));
        }
        assert_eq!(all.latest(|_| true, usize::MAX).len(), MOST);
    }
}
