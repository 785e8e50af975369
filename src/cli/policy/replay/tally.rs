//! What is counted while lines go by, and the few that are kept as examples. It does not grow with the log.

use std::collections::{BTreeMap, HashMap};

use super::{Answer, Undecided, line::Line};
use crate::policy::Outcome;

/// A line whose request was decided by policies.
pub(super) struct Seen<'l> {
    pub(super) number: u64,
    pub(super) line: &'l Line<'l>,
    /// What was decided then.
    pub(super) old: Outcome,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) unchanged: u64,
    pub(super) no_grant: u64,
    pub(super) not_judged: u64,
    pub(super) undecided: BTreeMap<Undecided, u64>,
    pub(super) unreadable: Unreadable,
    pub(super) changes: BTreeMap<Change, Changed>,
    pub(super) policies: BTreeMap<(String, String), ByPolicy>,
    pub(super) guests: HashMap<String, ByGuest>,
    /// Requests of guests beyond those that are counted one by one.
    pub(super) other_guests: u64,
}

/// How a decision changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Change {
    Blocked,
    Challenged,
    LetIn,
}

/// One kind of change.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) requests: u64,
    pub(super) examples: Vec<Example>,
}

/// A request whose decision changes.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Example {
    pub(super) line: u64,
    pub(super) time: crate::base::Timestamp,
    pub(super) app: String,
    pub(super) guest: Option<String>,
    pub(super) ip: String,
    pub(super) request: String,
    pub(super) old: Outcome,
    pub(super) new: Outcome,
    pub(super) by: Vec<crate::base::Name>,
}

/// What one policy of the candidate does.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub(super) struct ByPolicy {
    pub(super) blocks: u64,
    pub(super) challenges: u64,
    pub(super) newly_blocked: u64,
    pub(super) newly_challenged: u64,
    pub(super) report_only: u64,
}

/// What changes for one guest.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub(super) struct ByGuest {
    pub(super) newly_blocked: u64,
    pub(super) newly_challenged: u64,
    pub(super) newly_let_in: u64,
}

/// Lines that are none of ours.
#[derive(Debug, Default)]
pub(super) struct Unreadable {
    pub(super) lines: u64,
    pub(super) first: Vec<(u64, &'static str)>,
}

/// So many guests are counted one by one.
const MOST_GUESTS: usize = 50_000;
/// So many examples of a kind of change are kept, and so many of one policy.
const MOST_EXAMPLES: (usize, usize) = (20, 3);
/// So many unreadable lines are named.
const MOST_UNREADABLE: usize = 20;

impl Change {
    /// What has become of a decision, if it is another.
    fn of(old: Outcome, new: Outcome) -> Option<Self> {
        if old == new {
            return None;
        }
        Some(match new {
            Outcome::Allow => Self::LetIn,
            Outcome::Challenge => Self::Challenged,
            Outcome::Block | Outcome::NotAssigned => Self::Blocked,
        })
    }
}

impl Tally {
    /// A line that cannot be read.
    pub(super) fn unreadable(&mut self, number: u64, why: &'static str) {
        self.lines += 1;
        self.unreadable.lines += 1;
        if self.unreadable.first.len() < MOST_UNREADABLE {
            self.unreadable.first.push((number, why));
        }
    }

    /// A request that policies had nothing to say about, because nobody had let the guest in.
    pub(super) fn no_grant(&mut self) {
        self.lines += 1;
        self.no_grant += 1;
    }

    /// A request that never came to policies.
    pub(super) fn not_judged(&mut self) {
        self.lines += 1;
        self.not_judged += 1;
    }

    /// A request, and what the candidate says to it.
    pub(super) fn add(&mut self, seen: &Seen<'_>, answer: &Result<Answer, Undecided>) {
        self.lines += 1;
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                *self.undecided.entry(*why).or_default() += 1;
                return;
            }
        };
        let change = Change::of(seen.old, answer.outcome);
        self.count_policies(seen, answer, change);
        let Some(change) = change else {
            self.unchanged += 1;
            return;
        };
        self.count_guest(seen, answer, change);
        let changed = self.changes.entry(change).or_default();
        changed.requests += 1;
        let (most, each) = MOST_EXAMPLES;
        let alike = |e: &&Example| e.by == answer.by && e.app == seen.line.app;
        if changed.examples.len() < most && changed.examples.iter().filter(alike).count() < each {
            changed.examples.push(example(seen, answer));
        }
    }

    fn count_policies(&mut self, seen: &Seen<'_>, answer: &Answer, change: Option<Change>) {
        let mut of = |name: &crate::base::Name, count: &dyn Fn(&mut ByPolicy)| {
            count(self.policies.entry((seen.line.app.to_string(), name.to_string())).or_default());
        };
        for name in &answer.by {
            of(name, &|policy| {
                policy.blocks += u64::from(answer.outcome == Outcome::Block);
                policy.challenges += u64::from(answer.outcome == Outcome::Challenge);
                policy.newly_blocked += u64::from(change == Some(Change::Blocked));
                policy.newly_challenged += u64::from(change == Some(Change::Challenged));
            });
        }
        for name in &answer.report_only {
            of(name, &|policy| policy.report_only += 1);
        }
    }

    fn count_guest(&mut self, seen: &Seen<'_>, answer: &Answer, change: Change) {
        let Some(who) = who(seen, answer) else { return };
        if self.guests.len() >= MOST_GUESTS && !self.guests.contains_key(&who) {
            self.other_guests += 1;
            return;
        }
        let guest = self.guests.entry(who).or_default();
        match change {
            Change::Blocked => guest.newly_blocked += 1,
            Change::Challenged => guest.newly_challenged += 1,
            Change::LetIn => guest.newly_let_in += 1,
        }
    }
}

/// The guest's address, or at least the id.
fn who(seen: &Seen<'_>, answer: &Answer) -> Option<String> {
    answer.email.clone().or_else(|| Some(seen.line.guest.to_string()).filter(|id| !id.is_empty()))
}

fn example(seen: &Seen<'_>, answer: &Answer) -> Example {
    Example {
        line: seen.number,
        time: seen.line.time,
        app: seen.line.app.to_string(),
        guest: who(seen, answer),
        ip: seen.line.ip_text().to_owned(),
        request: seen.line.request(),
        old: seen.old,
        new: answer.outcome,
        by: answer.by.clone(),
    }
}
