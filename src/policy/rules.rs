//! The compiled policies of one app: flat tables that are only read.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::{AppId, Name, PathGlob, PathRules, PrefixMap, Timestamp, Wildcard};

use super::{
    ast::{Apps, GuestFor, Policy, State, Test, Whence},
    facts::{Done, PersonFacts, Subject},
    outcome::{Footprint, RuleBits, RuleIx, SessionLimits, Unmet},
    person, print,
    require::{Method, Requirement},
    schedule::Schedule,
    words::{Devices, Downloads, Risk},
};

/// The policies that reach one app.
#[derive(Debug)]
pub struct AppPolicies {
    pub(super) app: AppId,
    pub(super) paths: PathRules,
    /// Whether an upgrade passes where only reading is allowed.
    pub(super) sockets_read: bool,
    /// Tells whether a [`Subject`] is of these policies.
    pub(super) stamp: u64,
    pub(super) rules: Vec<Rule>,
    pub(super) ops: Vec<Op>,
    pub(super) atoms: Vec<Atom>,
    /// The questions about the person, answered once a session.
    pub(super) principals: Vec<Test>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) networks: Arc<PrefixMap>,
    pub(super) every: RuleBits,
    /// Those that apply on public paths, too.
    pub(super) public: RuleBits,
    pub(super) footprint: Footprint,
    pub(super) headers: Vec<Box<str>>,
    /// As written, the ones that are off included.
    pub(super) written: Vec<Arc<Policy>>,
}

/// One policy that is not off.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: Name,
    pub(super) message: Arc<str>,
    pub(super) enforced: bool,
    pub(super) blocks: bool,
    pub(super) requires: u128,
    pub(super) limits: SessionLimits,
    /// Where `for` begins among the ops.
    pub(super) principal: Label,
    /// Where `when` and `unless` begin.
    pub(super) condition: Label,
    pub(super) footprint: Footprint,
}

/// A place among the ops, or the end of the way.
pub(super) type Label = u32;
/// The policy applies.
pub(super) const ACCEPT: Label = u32::MAX;
/// The policy does not apply.
pub(super) const REJECT: Label = u32::MAX - 1;

/// One question, and where to go on.
///
/// Negations are pushed down to the questions. What is unknown counts against the request, so a plain question is answered by
/// "can it be so?" and a negated one by "can it be otherwise?", and only yes and no are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Op {
    pub(super) atom: u32,
    pub(super) negated: bool,
    pub(super) yes: Label,
    pub(super) no: Label,
}

/// A question, ready to be asked.
#[derive(Debug)]
pub(super) enum Atom {
    /// The bit of the subject that answers it.
    Principal(usize),
    /// Numbers of networks, in order.
    Network(Box<[u32]>),
    Country(Box<[Whence]>),
    /// In order.
    Asn(Box<[u32]>),
    /// A bit a platform.
    Platform(u8),
    Device(Devices),
    /// At least this.
    Risk(Risk),
    /// A bit a client.
    Client(u8),
    Method(Box<[Box<str>]>),
    Path(Box<[PathGlob]>),
    Header(Box<str>, Box<[Wildcard]>),
    Schedule(Arc<Schedule>),
    Before(Timestamp),
    After(Timestamp),
    SignedInWith(Box<[Method]>),
    GuestFor(GuestFor),
}

impl AppPolicies {
    /// The app.
    pub fn app(&self) -> &AppId {
        &self.app
    }

    /// How the app reads paths.
    pub fn path_rules(&self) -> &PathRules {
        &self.paths
    }

    /// The person as these policies see them: which policies can touch them at all, and every answer that depends on them alone.
    pub fn subject(&self, person: &PersonFacts<'_>) -> Subject {
        let mut holds = vec![0_u64; self.principals.len().div_ceil(64)].into_boxed_slice();
        for (ix, test) in self.principals.iter().enumerate() {
            if person::holds(test, person)
                && let Some(word) = holds.get_mut(ix / 64)
            {
                *word |= 1 << (ix % 64);
            }
        }
        let mut subject =
            Subject { stamp: self.stamp, touch: RuleBits::NONE, holds, since: person.guest_since, footprint: Footprint::default() };
        for (ix, rule) in self.rules.iter().enumerate().filter_map(|(ix, r)| Some((RuleIx::new(ix)?, r))) {
            if self.may_apply(rule.principal, &subject) && self.may_apply(rule.condition, &subject) {
                subject.touch.insert(ix);
                subject.footprint = subject.footprint.and(rule.footprint);
            }
        }
        subject
    }

    /// The request facts that the policies read at all.
    pub fn footprint(&self) -> Footprint {
        self.footprint
    }

    /// The headers that the policies read, in lower case.
    pub fn headers_read(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|name| &**name)
    }

    /// How many policies reach the app, those that are off aside.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// The policies as text, those that are off included: reading it in the same definitions gives the same policies.
    pub fn to_yaml(&self) -> String {
        print::file(&Apps::These(vec![self.app.clone()]), self.written.iter().map(|policy| &**policy))
    }

    /// Whether they were written the same.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.written == other.written
    }

    /// Whether no policy reaches the app: a grant alone lets in.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The name of a policy.
    pub fn rule_name(&self, ix: RuleIx) -> Option<&Name> {
        self.rules.get(ix.index()).map(|rule| &rule.name)
    }

    /// What a policy that blocks tells the person.
    pub fn message(&self, ix: RuleIx) -> &str {
        self.rules.get(ix.index()).map_or("", |rule| &rule.message)
    }

    /// Whether a policy blocks where it applies and is not met; else it challenges.
    pub fn blocks(&self, ix: RuleIx) -> bool {
        self.rules.get(ix.index()).is_some_and(|rule| rule.blocks || rule.requires == 0)
    }

    /// Whether a policy acts, or is only reported.
    pub fn state(&self, ix: RuleIx) -> State {
        if self.rules.get(ix.index()).is_some_and(|rule| rule.enforced) { State::Enforced } else { State::ReportOnly }
    }

    /// Whether a policy says what one of another load said, word for word, definitions aside.
    pub fn is_same_rule(&self, ix: RuleIx, other: &Self, of_other: RuleIx) -> bool {
        let written = |policies: &Self, ix| {
            let name = policies.rule_name(ix)?;
            policies.written.iter().find(|policy| policy.name == *name).map(Arc::clone)
        };
        written(self, ix).is_some_and(|policy| written(other, of_other) == Some(policy))
    }

    /// The first policy of a set that lets nobody download.
    pub fn withholding(&self, bits: RuleBits) -> Option<&Name> {
        let denies = |ix: RuleIx| self.rules.get(ix.index()).filter(|rule| rule.limits.downloads == Downloads::Deny);
        bits.iter().find_map(denies).map(|rule| &rule.name)
    }

    /// The policies of a set, with their names, in the order of the files.
    pub fn rules_in(&self, bits: RuleBits) -> impl Iterator<Item = (RuleIx, &Name)> {
        bits.iter().filter_map(|ix| Some((ix, &self.rules.get(ix.index())?.name)))
    }

    /// Every policy that is not off: one a metric's label.
    pub fn all_rules(&self) -> impl Iterator<Item = (RuleIx, &Name)> {
        self.rules_in(self.every)
    }

    /// The requirements that are unmet; each displays as written in `require` and knows the next step.
    pub fn unmet(&self, unmet: Unmet) -> impl Iterator<Item = &Requirement> {
        unmet.iter().filter_map(|ix| self.requirements.get(ix))
    }

    /// Those among the unmet requirements that are not met by what was done meanwhile either.
    pub fn lacking<'a>(&'a self, unmet: Unmet, done: &Done<'_>, now: Timestamp) -> Vec<&'a Requirement> {
        self.unmet(unmet).filter(|requirement| requirement.met(done, now).is_none()).collect()
    }

    /// The time zones of the schedules that the policies use.
    pub(super) fn zones(&self) -> Vec<&TimeZone> {
        let mut zones: Vec<&TimeZone> = Vec::new();
        for atom in &self.atoms {
            if let Atom::Schedule(schedule) = atom
                && !zones.contains(&&schedule.zone.tz)
            {
                zones.push(&schedule.zone.tz);
            }
        }
        zones
    }

    /// Whether the ops can end in [`ACCEPT`], whatever the request, for this person.
    fn may_apply(&self, mut label: Label, subject: &Subject) -> bool {
        while let Some(op) = self.ops.get(label as usize) {
            let holds = match self.atoms.get(op.atom as usize) {
                Some(Atom::Principal(bit)) => bit_of(&subject.holds, *bit) != op.negated,
                // Nothing is known about the request yet, so it can be so, and it can be otherwise.
                _ => true,
            };
            label = if holds { op.yes } else { op.no };
        }
        label == ACCEPT
    }
}

/// Whether the bit is set.
pub(super) fn bit_of(words: &[u64], bit: usize) -> bool {
    words.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}
