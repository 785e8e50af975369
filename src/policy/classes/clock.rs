//! Instants: one for each combination of schedules and dates that time ever brings.

use std::collections::HashSet;

use crate::base::Timestamp;

use super::{
    super::{
        ast::Test,
        schedule::{DAY, Schedule},
        truth::Truth,
    },
    TooLarge,
    facts::{Class, MOST_CLASSES, Shown},
};

/// Where the search begins at the latest: Thursday 2026-01-01.
const FIRST: i64 = 1_767_225_600_000;
/// The instant of a test that gives none.
const USUAL: i64 = 1_768_392_000_000;
/// Weekdays, dates and the turns of the clocks are the same again after so many days.
const CYCLE: i64 = 28 * 365 + 7;
/// How long a time is looked at.
const MOST_DAYS: i64 = 200 * 366;
/// How many turns of schedules are looked at.
const MOST_TURNS: usize = 4_000_000;

/// One whole cycle behind the last date that anything names, and all before it from the first one on.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not asked about this fact does not cut it into classes")]
pub(super) fn classes(tests: &[&Test]) -> Result<Vec<Class>, TooLarge> {
    let (begin, end) = range(tests);
    if end - begin > MOST_DAYS * DAY {
        return Err(TooLarge);
    }
    // Every instant at which any answer may change, with the test and its answer from there on.
    let mut turns: Vec<(i64, usize, bool)> = Vec::new();
    for (ix, test) in tests.iter().enumerate() {
        match test {
            Test::Before(at) => turns.extend([(begin, ix, begin < at.as_millis()), (at.as_millis(), ix, false)]),
            Test::After(at) => turns.extend([(begin, ix, begin >= at.as_millis()), (at.as_millis(), ix, true)]),
            Test::Schedule(schedule) => walk(schedule, begin, end, |at, holds| turns.push((at, ix, holds))),
            _ => return Err(TooLarge),
        }
        if turns.len() > MOST_TURNS {
            return Err(TooLarge);
        }
    }
    turns.push((USUAL, usize::MAX, false));
    turns.sort_unstable_by_key(|(at, ..)| *at);
    let mut says = vec![Truth::No; tests.len()];
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    let mut rest = turns.as_slice();
    while let Some((at, ..)) = rest.first().copied() {
        let (here, behind) = rest.split_at(rest.partition_point(|(other, ..)| *other == at));
        for (_, ix, holds) in here {
            if let Some(said) = says.get_mut(*ix) {
                *said = if *holds { Truth::Yes } else { Truth::No };
            }
        }
        rest = behind;
        let usual = at == USUAL;
        if known.insert(says.clone()) || usual {
            let class = Class { shown: Shown::At(Timestamp::from_millis(at)), says: says.clone() };
            if usual {
                // What is given by default shall be in examples where it can.
                found.retain(|c: &Class| c.says != says);
                found.insert(0, class);
            } else {
                found.push(class);
            }
        }
        if found.len() > MOST_CLASSES {
            return Err(TooLarge);
        }
    }
    Ok(found)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is not asked about this fact does not cut it into classes")]
fn range(tests: &[&Test]) -> (i64, i64) {
    let (mut first, mut last) = (FIRST, FIRST);
    let mut see = |at: i64| {
        first = first.min(at.saturating_sub(8 * DAY));
        last = last.max(at.saturating_add(2 * DAY));
    };
    for test in tests {
        match test {
            Test::Before(at) | Test::After(at) => see(at.as_millis()),
            Test::Schedule(schedule) => {
                schedule.except.iter().flat_map(|(from, to)| [*from, *to]).for_each(|day| see(day.saturating_mul(DAY)));
            }
            _ => {}
        }
    }
    (first, last.saturating_add(CYCLE * DAY))
}

/// Calls with every instant at which the schedule turns.
fn walk(schedule: &Schedule, begin: i64, end: i64, mut visit: impl FnMut(i64, bool)) {
    let (mut at, mut last) = (begin, None);
    while at < end {
        let (holds, until) = schedule.state(Timestamp::from_millis(at));
        if last != Some(holds) {
            visit(at, holds);
        }
        last = Some(holds);
        at = until.as_millis().max(at + 1);
    }
}
