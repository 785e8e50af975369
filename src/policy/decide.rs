//! The evaluator: facts in, a `Copy` answer out. It allocates nothing and locks nothing.

use crate::base::Timestamp;

use super::{
    ast::{GuestFor, Whence},
    facts::{Done, Facts, GrantState, HeaderFacts, RequestFacts, Subject},
    outcome::{Decision, NoGrant, RuleBits, SessionLimits, Unmet, Verdict},
    rules::{ACCEPT, AppPolicies, Atom, Label, Rule, bit_of},
    words::Client,
};

impl AppPolicies {
    /// Decides one request.
    pub fn decide(&self, f: &Facts<'_>) -> Decision {
        let until = match grant_end(f.grant, f.now) {
            Ok(until) => until,
            Err((why, until)) => return refused(Verdict::NotAssigned(why), until),
        };
        // A subject of other policies answers none of our questions, so everything about the person is unknown.
        let subject = Some(f.subject).filter(|s| s.stamp == self.stamp);
        let eval = Eval { app: self, subject, done: f.done(), request: &f.request, now: f.now, until, networks: None, asked: 0, met: 0 };
        eval.decide(subject.map_or(self.every, |s| s.touch))
    }

    /// Decides a request to a `public` path: only policies that block without asking about the person or the sign-in apply.
    pub fn decide_public(&self, now: Timestamp, request: &RequestFacts<'_>) -> Decision {
        let eval =
            Eval { app: self, subject: None, done: Done::NOTHING, request, now, until: Timestamp::NEVER, networks: None, asked: 0, met: 0 };
        eval.decide(self.public)
    }
}

/// Until when the grant lets in, or why it does not and until when that stays so.
fn grant_end(grant: GrantState, now: Timestamp) -> Result<Timestamp, (NoGrant, Timestamp)> {
    match grant {
        GrantState::Valid { until: None } => Ok(Timestamp::NEVER),
        GrantState::Valid { until: Some(end) } if now < end => Ok(end),
        GrantState::Valid { until: Some(_) } | GrantState::Expired => Err((NoGrant::Expired, Timestamp::NEVER)),
        GrantState::Missing => Err((NoGrant::Missing, Timestamp::NEVER)),
        // Whoever says "not yet" after the beginning looked too early: refused, and to be looked at again at once.
        GrantState::NotYet { from } => Err((NoGrant::NotYet, from.max(now))),
        GrantState::Suspended => Err((NoGrant::Suspended, Timestamp::NEVER)),
    }
}

fn refused(verdict: Verdict, valid_until: Timestamp) -> Decision {
    let none = RuleBits::NONE;
    Decision { verdict, by: none, applied: none, report_only: none, limits: SessionLimits::default(), valid_until }
}

/// One decision on its way. `until` moves forward with every answer that time will change: answers that were not needed do not matter.
struct Eval<'e> {
    app: &'e AppPolicies,
    subject: Option<&'e Subject>,
    done: Done<'e>,
    request: &'e RequestFacts<'e>,
    now: Timestamp,
    until: Timestamp,
    /// The networks that hold the address, once somebody asked.
    networks: Option<&'e [u32]>,
    /// The requirements that were looked at, and those among them that are met.
    asked: u128,
    met: u128,
}

impl Eval<'_> {
    fn decide(mut self, touch: RuleBits) -> Decision {
        let (mut applied, mut report_only) = (RuleBits::NONE, RuleBits::NONE);
        let (mut blocking, mut challenging) = (RuleBits::NONE, RuleBits::NONE);
        let (mut unmet, mut limits) = (0, SessionLimits::default());
        for ix in touch {
            let Some(rule) = self.app.rules.get(ix.index()) else { continue };
            if !self.applies(rule) {
                continue;
            }
            let blocks = rule.blocks || (rule.limits.read_only && !self.is_read());
            let lacking = self.unmet(rule.requires);
            if !rule.enforced {
                if blocks || lacking != 0 {
                    report_only.insert(ix);
                }
                continue;
            }
            applied.insert(ix);
            limits = limits.and(rule.limits);
            unmet |= lacking;
            if blocks {
                blocking.insert(ix);
            }
            if lacking != 0 {
                challenging.insert(ix);
            }
        }
        let (verdict, by) = match blocking.iter().next() {
            Some(rule) => (Verdict::Block { rule }, blocking),
            None if unmet != 0 => (Verdict::Challenge(Unmet(unmet)), challenging),
            None => (Verdict::Allow, RuleBits::NONE),
        };
        Decision { verdict, by, applied, report_only, limits, valid_until: self.until }
    }

    fn applies(&mut self, rule: &Rule) -> bool {
        // Where the subject is ours, `for` was answered when it was made.
        (self.subject.is_some() || self.run(rule.principal)) && self.run(rule.condition)
    }

    fn run(&mut self, mut label: Label) -> bool {
        let app = self.app;
        while let Some(op) = app.ops.get(label as usize) {
            let Some(atom) = app.atoms.get(op.atom as usize) else { return true };
            // Unknown: it can be so, and it can be otherwise.
            let holds = self.ask(atom).is_none_or(|answer| answer != op.negated);
            label = if holds { op.yes } else { op.no };
        }
        label == ACCEPT
    }

    /// The answer; `None` where it is unknown.
    fn ask(&mut self, atom: &Atom) -> Option<bool> {
        match atom {
            Atom::Principal(bit) => self.subject.map(|s| bit_of(&s.holds, *bit)),
            Atom::Network(ids) => self.networks().map(|held| meet(ids, held)),
            Atom::Country(list) => Whence::any(list, self.request.country),
            Atom::Asn(numbers) => self.request.asn.map(|asn| numbers.binary_search(&asn).is_ok()),
            Atom::Platform(mask) => self.request.platform.map(|p| mask >> p as u8 & 1 == 1),
            Atom::Device(wanted) => (!self.request.device.is_empty()).then(|| wanted.meets(self.request.device)),
            Atom::Risk(least) => Some(self.done.risk >= *least),
            Atom::Client(mask) => Some(mask >> self.request.client as u8 & 1 == 1),
            Atom::Method(methods) => Some(methods.iter().any(|m| covers(m, self.request.method))),
            Atom::Path(globs) => Some(globs.iter().any(|glob| glob.matches(self.request.path))),
            Atom::Header(name, patterns) => match self.request.headers {
                HeaderFacts::Unknown => None,
                HeaderFacts::Known(headers) => Some(headers.any(name, &mut |value| patterns.iter().any(|p| p.matches(value)))),
            },
            Atom::Schedule(schedule) => {
                let (holds, until) = schedule.state(self.now);
                self.until = self.until.min(until);
                Some(holds)
            }
            Atom::Before(at) => Some(!self.has_come(*at)),
            Atom::After(at) => Some(self.has_come(*at)),
            Atom::SignedInWith(methods) => Some(self.done.proofs.iter().any(|p| methods.iter().any(|m| m.is(&p.factor)))),
            Atom::GuestFor(GuestFor::Under(span)) => self.since().map(|since| !self.has_come(since.plus(*span))),
            Atom::GuestFor(GuestFor::AtLeast(span)) => self.since().map(|since| self.has_come(since.plus(*span))),
        }
    }

    fn since(&self) -> Option<Timestamp> {
        self.subject.and_then(|s| s.since)
    }

    /// Whether it is this time already; if not, the answer ends there.
    fn has_come(&mut self, at: Timestamp) -> bool {
        if self.now >= at {
            return true;
        }
        self.until = self.until.min(at);
        false
    }

    fn networks(&mut self) -> Option<&[u32]> {
        if self.networks.is_none() {
            self.networks = self.request.ip.map(|ip| self.app.networks.lookup(ip));
        }
        self.networks
    }

    /// Whether the request passes where only reading is allowed. What goes over a WebSocket cannot be seen, so it may write, unless
    /// the app is known to be safe.
    fn is_read(&self) -> bool {
        let plain = self.app.sockets_read || self.request.client != Client::Websocket;
        plain && matches!(self.request.method, "GET" | "HEAD" | "OPTIONS")
    }

    /// Those of the requirements that are not met.
    fn unmet(&mut self, requires: u128) -> u128 {
        let app = self.app;
        for ix in Unmet(requires & !self.asked).iter() {
            let Some(requirement) = app.requirements.get(ix) else { continue };
            if let Some(end) = requirement.met(&self.done, self.now) {
                self.met |= 1 << ix;
                self.until = self.until.min(end);
            }
        }
        self.asked |= requires;
        requires & !self.met
    }
}

/// Whether two ordered lists have a number in common.
fn meet(some: &[u32], others: &[u32]) -> bool {
    some.iter().any(|id| others.binary_search(id).is_ok())
}

/// `GET` covers `HEAD`; all else is exact.
fn covers(written: &str, sent: &str) -> bool {
    written == sent || (written == "GET" && sent == "HEAD")
}
