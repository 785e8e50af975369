//! Keeps a few of the allowed requests, so that new policies can be weighed against them before they act.

use std::sync::Arc;

use crate::{
    base::Timestamp,
    live::{Lines, Live, SAMPLES, Sample, Scalars, SessionView},
    policy::RequestFacts,
};

use super::{admit::Asked, names::is_class};

/// Which requests of an app are kept, as one worker counts them: all at first, then ever fewer, each hour anew.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sampling {
    hour: i64,
    allowed: u64,
    next: u64,
}

/// Headers that may hold a secret. No policy has a reason to ask for them.
const SECRET: [&str; 3] = ["cookie", "authorization", "proxy-authorization"];

impl Sampling {
    /// Counts an allowed request, and says for how many it stands if it is to be kept.
    fn count(&mut self, now: Timestamp) -> Option<u64> {
        let hour = now.as_secs() / 3_600;
        if hour != self.hour {
            *self = Self { hour, ..Self::default() };
        }
        self.allowed += 1;
        if self.allowed < self.next {
            return None;
        }
        let step = (self.allowed / SAMPLES).max(1);
        self.next = self.allowed + step;
        Some(step)
    }
}

/// Keeps an allowed request, if it is its turn.
pub(super) fn keep(live: &Live, asked: Asked<'_>, view: &Arc<SessionView>, request: &RequestFacts<'_>) {
    let mut counted = asked.app.sampling.get();
    let turn = counted.count(asked.now);
    asked.app.sampling.set(counted);
    let Some(stands_for) = turn else { return };
    let secret = |name: &[u8]| SECRET.iter().any(|class| is_class(name, class));
    let text = |name: &[u8]| std::str::from_utf8(name).ok().map(Box::from);
    let headers = asked.head.fields().iter().filter(|(name, _)| !secret(name));
    let sample = Sample {
        at: asked.now,
        view: Arc::clone(view),
        method: request.method.into(),
        path: request.path.clone().into_owned(),
        headers: Lines(headers.filter_map(|(name, value)| Some((text(name)?, value.into()))).collect()),
        facts: Scalars::of(request),
    };
    // Which one it replaces need not be unpredictable, only spread evenly.
    let spread = counted.allowed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    live.sample(&asked.app.live.app.id, sample, stands_for, spread);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_all_kept_and_later_ones_ever_fewer() {
        let now = Timestamp::from_millis(7_200_000);
        let mut sampling = Sampling::default();
        let turns = |sampling: &mut Sampling, n: u64, now| (0..n).filter_map(|_| sampling.count(now)).count() as u64;
        assert_eq!(turns(&mut sampling, SAMPLES, now), SAMPLES);
        let late = turns(&mut sampling, 99 * SAMPLES, now);
        assert!((4 * SAMPLES..7 * SAMPLES).contains(&late), "{late}");
        // The next hour begins anew.
        let later = now.plus(crate::base::Span::hours(1));
        assert_eq!(turns(&mut sampling, SAMPLES, later), SAMPLES);
    }
}
