//! What a guest may say beside requests. Frames that cost us something and the guest nothing are counted; beyond the budget the
//! connection is closed.
//!
//! A *window* begins with the first frame that is counted in it and lasts [`Budget::window`]; then counting begins anew. Frames that an
//! honest client sends because something goes on (a PING to measure a download, a WINDOW_UPDATE for what it has read) are paid for by
//! that: each request and each half KiB that we send is worth one of them, up to a bound, and what is paid for is not counted.

use std::time::Duration;

use tokio::time::Instant;

use super::frames::Frame;
use crate::{config::Http2Limits, observe::RefusedReason};

/// How much of what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// How long a window lasts.
    pub(super) window: Duration,
    /// RST_STREAM frames a window; also WINDOW_UPDATE, PRIORITY and unknown frames that nothing pays for.
    pub(super) resets: u32,
    /// PING frames a window that nothing pays for.
    pub(super) pings: u32,
    /// DATA frames a window that carry nothing.
    pub(super) empty: u32,
    /// SETTINGS frames a window.
    pub(super) settings: u32,
    /// CONTINUATION frames a head.
    pub(super) continuations: u32,
}

/// Counts the frames of one connection.
#[derive(Debug)]
pub(super) struct Meter {
    budget: Budget,
    begun: Option<Instant>,
    resets: u32,
    pings: u32,
    empty: u32,
    settings: u32,
    updates: u32,
    priorities: u32,
    others: u32,
    /// Of the present head.
    continuations: u32,
    credit: u32,
    /// Bytes sent that are not worth a frame yet.
    sent: usize,
}

/// Bytes that we send which pay for one frame of the guest's.
const WORTH: usize = 512;
/// Frames that can be paid for in advance.
const MOST_CREDIT: u32 = 1_000;
/// Frames that a request pays for.
const REQUEST: u32 = 4;

/// CONTINUATION frames a head; the library does not take more either.
const CONTINUATIONS: u32 = 20;

impl Budget {
    /// As the configuration says.
    pub(super) fn of(limits: &Http2Limits) -> Self {
        Self {
            window: limits.window.to_duration(),
            resets: limits.resets,
            pings: limits.pings,
            empty: limits.empty_data,
            settings: limits.settings,
            continuations: CONTINUATIONS,
        }
    }
}

impl Meter {
    /// Nothing has been said yet.
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            begun: None,
            resets: 0,
            pings: 0,
            empty: 0,
            settings: 0,
            updates: 0,
            priorities: 0,
            others: 0,
            continuations: 0,
            credit: 0,
            sent: 0,
        }
    }

    /// We have sent something.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes);
        self.earn(u32::try_from(self.sent / WORTH).unwrap_or(MOST_CREDIT));
        self.sent %= WORTH;
    }

    fn earn(&mut self, frames: u32) {
        self.credit = self.credit.saturating_add(frames).min(MOST_CREDIT);
    }

    /// The guest has sent a frame; an error once that is too much.
    pub(super) fn frame(&mut self, frame: Frame, now: Instant) -> Result<(), RefusedReason> {
        let budget = self.budget;
        match frame {
            Frame::Data => return Ok(()),
            Frame::Headers => {
                self.continuations = 0;
                self.earn(REQUEST);
                return Ok(());
            }
            Frame::Continuation => return count(&mut self.continuations, budget.continuations, RefusedReason::Http2Continuation),
            Frame::EmptyData { last: true } | Frame::Ping | Frame::WindowUpdate | Frame::Priority | Frame::Other if self.credit > 0 => {
                self.credit -= 1;
                return Ok(());
            }
            Frame::EmptyData { .. } | Frame::Ping | Frame::WindowUpdate | Frame::Priority | Frame::Other => {}
            Frame::Reset | Frame::Settings => {}
        }
        self.turn(now);
        match frame {
            Frame::Data | Frame::Headers | Frame::Continuation => Ok(()),
            Frame::EmptyData { .. } => count(&mut self.empty, budget.empty, RefusedReason::Http2EmptyData),
            Frame::Ping => count(&mut self.pings, budget.pings, RefusedReason::Http2Ping),
            Frame::Settings => count(&mut self.settings, budget.settings, RefusedReason::Http2Settings),
            Frame::Reset => count(&mut self.resets, budget.resets, RefusedReason::Http2Reset),
            Frame::WindowUpdate => count(&mut self.updates, budget.resets, RefusedReason::Http2WindowUpdate),
            Frame::Priority => count(&mut self.priorities, budget.resets, RefusedReason::Http2Priority),
            Frame::Other => count(&mut self.others, budget.resets, RefusedReason::Http2Unknown),
        }
    }

    /// Begins a new window where the last one is over.
    fn turn(&mut self, now: Instant) {
        if self.begun.is_some_and(|begun| now.saturating_duration_since(begun) < self.budget.window) {
            return;
        }
        self.begun = Some(now);
        for counted in [
            &mut self.resets,
            &mut self.pings,
            &mut self.empty,
            &mut self.settings,
            &mut self.updates,
            &mut self.priorities,
            &mut self.others,
        ] {
            *counted = 0;
        }
    }
}

fn count(counted: &mut u32, most: u32, reason: RefusedReason) -> Result<(), RefusedReason> {
    *counted = counted.saturating_add(1);
    if *counted > most { Err(reason) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(meter: &mut Meter, frame: Frame, n: u32, now: Instant) -> Result<(), RefusedReason> {
        (0..n).try_for_each(|_| meter.frame(frame, now))
    }

    #[test]
    fn each_kind_of_frame_has_a_budget_of_its_own() {
        let now = Instant::now();
        for (frame, most, reason) in [
            (Frame::Ping, 100, RefusedReason::Http2Ping),
            (Frame::Settings, 50, RefusedReason::Http2Settings),
            (Frame::Reset, 100, RefusedReason::Http2Reset),
            (Frame::EmptyData { last: false }, 100, RefusedReason::Http2EmptyData),
            (Frame::WindowUpdate, 100, RefusedReason::Http2WindowUpdate),
            (Frame::Priority, 100, RefusedReason::Http2Priority),
            (Frame::Other, 100, RefusedReason::Http2Unknown),
            (Frame::Continuation, 20, RefusedReason::Http2Continuation),
        ] {
            let mut meter = Meter::new(Budget::of(&Http2Limits::default()));
            assert_eq!(many(&mut meter, frame, most, now), Ok(()), "{frame:?}");
            assert_eq!(meter.frame(frame, now), Err(reason), "{frame:?}");
        }
    }

    #[test]
    fn a_new_window_begins_when_the_old_one_is_over() {
        let (now, mut meter) = (Instant::now(), Meter::new(Budget::of(&Http2Limits::default())));
        assert_eq!(many(&mut meter, Frame::Reset, 100, now), Ok(()));
        assert_eq!(many(&mut meter, Frame::Reset, 100, now + Duration::from_secs(10)), Ok(()));
        assert!(meter.frame(Frame::Reset, now + Duration::from_secs(19)).is_err());
    }

    #[test]
    fn what_a_download_pays_for_is_not_counted_and_resets_are_never_paid_for() {
        let (now, mut meter) = (Instant::now(), Meter::new(Budget::of(&Http2Limits::default())));
        for _ in 0..5_000 {
            meter.sent(300);
            meter.sent(300);
            assert_eq!(meter.frame(Frame::Ping, now), Ok(()));
        }
        meter.sent(usize::MAX);
        assert_eq!(many(&mut meter, Frame::WindowUpdate, MOST_CREDIT + 100, now), Ok(()));
        assert!(meter.frame(Frame::WindowUpdate, now).is_err());
        meter.sent(1 << 20);
        assert!(many(&mut meter, Frame::Reset, 101, now).is_err());
    }

    #[test]
    fn each_head_has_its_own_continuations() {
        let (now, mut meter) = (Instant::now(), Meter::new(Budget::of(&Http2Limits::default())));
        for _ in 0..10 {
            assert_eq!(meter.frame(Frame::Headers, now), Ok(()));
            assert_eq!(many(&mut meter, Frame::Continuation, 20, now), Ok(()));
        }
    }
}
