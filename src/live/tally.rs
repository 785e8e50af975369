//! What policies on trial would have done: to whom, how often, since when.
//!
//! A `report-only` policy never acts; here stands what it would have done since it was loaded as it is. In memory and bounded: a restart
//! begins anew, as does a policy that was edited.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    base::{AppId, GuestId, Name, Timestamp},
    policy::{AppPolicies, RuleBits, RuleIx, State},
};

use super::Snapshot;

/// What one policy on trial would have done.
#[derive(Debug, Clone)]
pub struct WouldHave {
    /// Where.
    pub app: AppId,
    /// The policy.
    pub policy: Name,
    /// Whether it blocks; else it challenges.
    pub blocks: bool,
    /// Since when it is counted.
    pub since: Timestamp,
    /// How many requests it would have turned away.
    pub requests: u64,
    /// Whose, those with the most requests first; bounded.
    pub guests: Vec<(GuestId, Touched)>,
    /// Requests of guests beyond those.
    pub others: u64,
}

/// One guest whom a policy on trial would have turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// How often.
    pub requests: u64,
    /// When last.
    pub last: Timestamp,
}

/// Requests of one guest that the same policies on trial would have turned away.
#[derive(Debug, Clone)]
pub struct Touch {
    /// The policies that the bits belong to.
    pub policies: Arc<AppPolicies>,
    /// Which of them.
    pub rules: RuleBits,
    /// Whose requests.
    pub guest: GuestId,
    /// How many, and when the last.
    pub seen: Touched,
}

/// All policies on trial.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<HashMap<AppId, Vec<Trial>>>);

/// A policy on trial, as it was loaded.
#[derive(Debug)]
struct Trial {
    policies: Arc<AppPolicies>,
    rule: RuleIx,
    since: Timestamp,
    requests: u64,
    guests: HashMap<GuestId, Touched>,
    others: u64,
}

/// Guests that are kept apart for each policy.
const MOST_GUESTS: usize = 1_000;

impl Tally {
    /// Goes over to another load: policies that say what they said go on, the others begin.
    pub(super) fn follow(&self, snapshot: &Snapshot, now: Timestamp) {
        let mut trials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *trials);
        for live in snapshot.apps() {
            let policies = &live.policies;
            let mut known = before.remove(&live.app.id).unwrap_or_default();
            let on_trial = policies.all_rules().filter(|(ix, _)| policies.state(*ix) == State::ReportOnly);
            let next: Vec<Trial> = on_trial
                .map(|(rule, _)| {
                    let same = known.iter().position(|trial| trial.policies.is_same_rule(trial.rule, policies, rule));
                    match same.map(|at| known.swap_remove(at)) {
                        Some(trial) => Trial { policies: Arc::clone(policies), rule, ..trial },
                        None => Trial::new(policies, rule, now),
                    }
                })
                .collect();
            if !next.is_empty() {
                trials.insert(live.app.id.clone(), next);
            }
        }
    }

    /// Counts.
    pub(super) fn add(&self, touches: impl IntoIterator<Item = Touch>) {
        let mut trials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for touch in touches {
            let Some(of_app) = trials.get_mut(touch.policies.app()) else { continue };
            // What was decided by an earlier load is not counted for a later one.
            for trial in of_app.iter_mut().filter(|t| Arc::ptr_eq(&t.policies, &touch.policies) && touch.rules.contains(t.rule)) {
                trial.add(touch.guest, touch.seen);
            }
        }
    }

    /// Everything so far, in the order of apps and files.
    pub(super) fn so_far(&self) -> Vec<WouldHave> {
        let trials = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<WouldHave> = trials.iter().flat_map(|(app, list)| list.iter().filter_map(|t| t.so_far(app))).collect();
        all.sort_by(|a, b| a.app.cmp(&b.app));
        all
    }
}

impl Trial {
    fn new(policies: &Arc<AppPolicies>, rule: RuleIx, now: Timestamp) -> Self {
        Self { policies: Arc::clone(policies), rule, since: now, requests: 0, guests: HashMap::new(), others: 0 }
    }

    fn add(&mut self, guest: GuestId, seen: Touched) {
        self.requests += seen.requests;
        let room = self.guests.len() < MOST_GUESTS;
        match self.guests.get_mut(&guest) {
            Some(known) => {
                known.requests += seen.requests;
                known.last = known.last.max(seen.last);
            }
            None if room => drop(self.guests.insert(guest, seen)),
            None => self.others += seen.requests,
        }
    }

    fn so_far(&self, app: &AppId) -> Option<WouldHave> {
        let mut guests: Vec<(GuestId, Touched)> = self.guests.iter().map(|(guest, touched)| (*guest, *touched)).collect();
        guests.sort_by_key(|(guest, touched)| (std::cmp::Reverse(touched.requests), *guest));
        Some(WouldHave {
            app: app.clone(),
            policy: self.policies.rule_name(self.rule)?.clone(),
            blocks: self.policies.blocks(self.rule),
            since: self.since,
            requests: self.requests,
            guests,
            others: self.others,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Host, Id as _, Source},
        config::{App, Config, Upstream},
        policy::{Files, PolicySet, Universe},
    };

    const AT: Timestamp = Timestamp::from_millis(1_000);

    fn snapshot(policies: &str, generation: u64) -> Snapshot {
        let text = format!("app: charts\npolicies:\n{policies}");
        let files = Files { apps: vec![Source::new("charts.yaml", text)], ..Files::default() };
        let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap();
        let upstream = Upstream::plain([127, 0, 0, 1].into(), 1);
        let app = App::with_defaults(AppId::parse("charts").unwrap(), Host::parse("charts.example.com").unwrap(), upstream);
        let config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
        Snapshot::new(Arc::new(config), Arc::new(set), generation).unwrap()
    }

    fn touch(snapshot: &Snapshot, guest: u8, requests: u64) -> Touch {
        let policies = Arc::clone(&snapshot.apps().next().unwrap().policies);
        let mut rules = RuleBits::default();
        policies.all_rules().for_each(|(ix, _)| rules.insert(ix));
        let guest = GuestId::from_bytes([guest; 16]);
        Touch { policies, rules, guest, seen: Touched { requests, last: AT } }
    }

    const ONE: &str =
        "  - { name: real, block: no way, when: { method: PUT } }\n  - { name: trial, state: report-only, block: not any more }\n";

    #[test]
    fn a_trial_counts_whom_it_would_have_turned_away() {
        let (tally, first) = (Tally::default(), snapshot(ONE, 1));
        tally.follow(&first, AT);
        tally.add([touch(&first, 1, 2), touch(&first, 2, 5), touch(&first, 1, 1)]);
        let all = tally.so_far();
        let [trial] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((trial.policy.as_str(), trial.blocks, trial.since, trial.requests), ("trial", true, AT, 8));
        let counts: Vec<u64> = trial.guests.iter().map(|(_, touched)| touched.requests).collect();
        assert_eq!(counts, [5, 3]);
    }

    #[test]
    fn a_reload_goes_on_counting_what_stayed_as_it_was() {
        let (tally, first) = (Tally::default(), snapshot(ONE, 1));
        tally.follow(&first, AT);
        tally.add([touch(&first, 1, 2)]);
        let later = AT.plus(crate::base::Span::hours(1));
        let second = snapshot(&format!("{ONE}  - {{ name: next, state: report-only, require: [mfa] }}\n"), 2);
        tally.follow(&second, later);
        // Decided before the reload, told after it.
        tally.add([touch(&first, 1, 100), touch(&second, 1, 1)]);
        let seen: Vec<(String, bool, Timestamp, u64)> =
            tally.so_far().into_iter().map(|t| (t.policy.to_string(), t.blocks, t.since, t.requests)).collect();
        assert_eq!(seen, [("trial".to_owned(), true, AT, 3), ("next".to_owned(), false, later, 1)]);
        tally.follow(&snapshot(&ONE.replace("not any more", "never again"), 3), later);
        assert_eq!(tally.so_far().first().map(|t| (t.since, t.requests)), Some((later, 0)));
    }

    #[test]
    fn guests_beyond_the_bound_are_counted_together() {
        let (tally, first) = (Tally::default(), snapshot(ONE, 1));
        tally.follow(&first, AT);
        for n in 0..MOST_GUESTS as u128 + 5 {
            let mut one = touch(&first, 0, 1);
            one.guest = GuestId::from_bytes(n.to_be_bytes());
            tally.add([one]);
        }
        let all = tally.so_far();
        assert_eq!((all[0].guests.len(), all[0].others, all[0].requests), (MOST_GUESTS, 5, MOST_GUESTS as u64 + 5));
    }
}
