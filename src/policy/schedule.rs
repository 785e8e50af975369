//! Weekly hours in a time zone, and when they begin and end.
//!
//! A schedule is a function of the wall clock. Offsets are laid out in a table when the policies are built, so that asking takes a
//! few comparisons and touches nothing shared.

use std::sync::OnceLock;

use jiff::tz::TimeZone;

use crate::base::{Name, Timestamp};

pub(super) const DAY: i64 = 86_400_000;
/// How far [`Schedule::state`] looks for the end of an answer.
const HORIZON: i64 = 3 * DAY;
/// The table of offsets has the years 2020 to 2099; other instants are looked up in the zone itself.
const TABLE: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

/// A time zone and its offsets.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) tz: TimeZone,
    /// Laid out when policies that use it are compiled: most of the zones that are defined for tests and trials never are.
    table: OnceLock<Table>,
}

/// The offsets of a zone.
#[derive(Debug, PartialEq, Eq)]
struct Table {
    /// When each offset begins; the first one always did.
    from: Box<[i64]>,
    /// The offsets, in milliseconds.
    offsets: Box<[i64]>,
}

/// Named hours.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) name: Name,
    pub(super) zone: std::sync::Arc<Zone>,
    /// Bit 0 is Monday.
    pub(super) days: u8,
    /// Begin and end in milliseconds of the day; a begin behind its end crosses midnight.
    pub(super) hours: Vec<(i64, i64)>,
    /// First and last day, counted from 1970-01-01.
    pub(super) except: Vec<(i64, i64)>,
    /// The times of the day at which anything can change, midnight included, in order.
    edges: Box<[i64]>,
}

impl Table {
    fn of(tz: &TimeZone) -> Self {
        // INVARIANT: the table begins with an instant that there is.
        let begin = jiff::Timestamp::from_millisecond(TABLE.start).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let millis = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000;
        let (mut from, mut offsets) = (vec![i64::MIN], vec![millis(tz.to_offset(begin))]);
        for transition in tz.following(begin) {
            let at = transition.timestamp().as_millisecond();
            if at >= TABLE.end {
                break;
            }
            from.push(at);
            offsets.push(millis(transition.offset()));
        }
        Self { from: from.into(), offsets: offsets.into() }
    }
}

impl Zone {
    pub(super) fn new(tz: TimeZone) -> Self {
        Self { tz, table: OnceLock::new() }
    }

    /// Lays the table out, so that no decision has to.
    pub(super) fn lay_out(&self) {
        self.table();
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::of(&self.tz))
    }

    /// The offset at an instant, and when the next one begins.
    fn offset(&self, at: i64) -> (i64, i64) {
        if !TABLE.contains(&at) {
            return self.offset_of_zone(at);
        }
        let table = self.table();
        let behind = table.from.partition_point(|from| *from <= at);
        let offset = table.offsets.get(behind.saturating_sub(1)).copied().unwrap_or(0);
        (offset, table.from.get(behind).copied().unwrap_or(TABLE.end))
    }

    #[cold]
    fn offset_of_zone(&self, at: i64) -> (i64, i64) {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at) else { return (0, i64::MAX) };
        let next = self.tz.following(instant).next().map_or(i64::MAX, |t| t.timestamp().as_millisecond());
        (i64::from(self.tz.to_offset(instant).seconds()) * 1_000, next)
    }
}

impl PartialEq for Schedule {
    /// Names are unique in a set.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Schedule {
    pub(super) fn new(name: Name, zone: std::sync::Arc<Zone>, days: u8, hours: Vec<(i64, i64)>, except: Vec<(i64, i64)>) -> Self {
        let mut edges: Vec<i64> = hours.iter().flat_map(|(a, b)| [*a, *b % DAY]).chain([0]).collect();
        edges.sort_unstable();
        edges.dedup();
        Self { name, zone, days, hours, except, edges: edges.into() }
    }

    /// Whether it holds whenever the other does, whatever they are called.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let same = self.days == other.days && self.hours == other.hours && self.except == other.except;
        same && self.zone.table() == other.zone.table()
    }

    /// Whether it holds, and an instant until which that stays so. It may stay so for longer.
    pub(super) fn state(&self, now: Timestamp) -> (bool, Timestamp) {
        let now = now.as_millis();
        let horizon = now.saturating_add(HORIZON);
        let (mut offset, mut segment_end) = self.zone.offset(now);
        let mut from = now.saturating_add(offset);
        let holds = self.holds_at(from);
        loop {
            let end = segment_end.min(horizon);
            if let Some(flip) = self.flip(holds, from, end.saturating_add(offset)) {
                return (holds, Timestamp::from_millis(flip.saturating_sub(offset)));
            }
            if segment_end >= horizon {
                return (holds, Timestamp::from_millis(horizon));
            }
            let at = segment_end;
            (offset, segment_end) = self.zone.offset(at);
            from = at.saturating_add(offset);
            if self.holds_at(from) != holds {
                return (holds, Timestamp::from_millis(at));
            }
        }
    }

    /// The first wall-clock instant after `from` and before `end` at which the answer is another.
    fn flip(&self, holds: bool, from: i64, end: i64) -> Option<i64> {
        let mut midnight = from.div_euclid(DAY).saturating_mul(DAY);
        while midnight < end {
            for edge in &self.edges {
                let at = midnight.saturating_add(*edge);
                if at >= end {
                    return None;
                }
                if at > from && self.holds_at(at) != holds {
                    return Some(at);
                }
            }
            midnight = midnight.saturating_add(DAY);
        }
        None
    }

    /// Whether it holds when the wall clock shows this, as milliseconds since its own 1970-01-01.
    fn holds_at(&self, local: i64) -> bool {
        let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        self.hours.iter().any(|(begin, end)| {
            if begin < end {
                (*begin..*end).contains(&time) && self.is_on(day)
            } else {
                // A span that crosses midnight belongs to the day on which it starts.
                (time >= *begin && self.is_on(day)) || (time < *end && self.is_on(day - 1))
            }
        })
    }

    fn is_on(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        self.days >> weekday & 1 == 1 && !self.except.iter().any(|(first, last)| (*first..=*last).contains(&day))
    }
}
