//! The talkative evaluator: an explanation for people, and the oracle that the fast one is tested against.

use crate::base::{Name, Span, Timestamp};

use super::{
    ast::{Cond, GuestFor, Policy, State, Test},
    facts::{Facts, GrantState, PersonFacts},
    outcome::{NoGrant, SessionLimits},
    require::Requirement,
    rules::AppPolicies,
    schedule::{DAY, Schedule},
    truth::{Truth, World, holds_by_calendar},
    words::{Client, Device, Downloads},
};

/// How far ahead the end of an answer is looked for.
const FAR: Span = Span::days(365);

/// A decision in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Forwarded.
    Allow,
    /// Something has to be shown first.
    Challenge,
    /// Refused by a policy.
    Block,
    /// Refused for want of a grant.
    NotAssigned,
}

/// What is decided and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The decision.
    pub decision: Outcome,
    /// Why there is no valid grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_grant: Option<NoGrant>,
    /// On a block the policies that block, on a challenge those with something unmet.
    pub by: Vec<Name>,
    /// What is unmet, on a challenge; each once.
    pub unmet: Vec<Requirement>,
    /// What policies say about the session.
    pub session: SessionLimits,
    /// The report-only policies that would have acted.
    pub report_only: Vec<Name>,
    /// The first instant at which any of this is another; `None`: not within 365 days.
    pub valid_until: Option<Timestamp>,
    /// Each policy that reaches the app.
    pub policies: Vec<ExplainedPolicy>,
}

/// What became of one policy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ExplainedPolicy {
    /// Its name.
    pub name: Name,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it acts.
    pub state: State,
    /// Whether it applies; one that is unknown counts as one that does.
    pub applies: Truth,
    /// The condition that decided, with its value.
    pub because: String,
    /// What it does where it applies.
    pub effect: String,
}

/// What must stay the same for an answer to hold.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    decision: Outcome,
    no_grant: Option<NoGrant>,
    by: Vec<Name>,
    unmet: Vec<Requirement>,
    session: SessionLimits,
    report_only: Vec<Name>,
}

impl AppPolicies {
    /// Explains one request. Slow, and independent of [`AppPolicies::decide`]: the person is looked at here, not the facts' subject.
    pub fn explain(&self, person: &PersonFacts<'_>, f: &Facts<'_>) -> Explanation {
        self.explain_within(person, f, FAR)
    }

    /// The same, but the end of the answer is looked for so far ahead only.
    pub fn explain_within(&self, person: &PersonFacts<'_>, f: &Facts<'_>, ahead: Span) -> Explanation {
        let world = World { now: f.now, person, done: f.done(), request: f.request, sockets_read: self.sockets_read };
        let Answer { decision, no_grant, by, unmet, session, report_only } = self.answer(&world, f.grant);
        let policies = self.written.iter().map(|policy| explained(policy, &world)).collect();
        let valid_until = self.valid_until(&world, f.grant, ahead);
        Explanation { decision, no_grant, by, unmet, session, report_only, valid_until, policies }
    }

    fn answer(&self, world: &World<'_>, grant: GrantState) -> Answer {
        let no_grant = match grant {
            GrantState::Valid { until } if until.is_none_or(|end| world.now < end) => None,
            GrantState::Valid { .. } | GrantState::Expired => Some(NoGrant::Expired),
            GrantState::Missing => Some(NoGrant::Missing),
            GrantState::NotYet { .. } => Some(NoGrant::NotYet),
            GrantState::Suspended => Some(NoGrant::Suspended),
        };
        let mut answer = Answer {
            decision: Outcome::NotAssigned,
            no_grant,
            by: Vec::new(),
            unmet: Vec::new(),
            session: SessionLimits::default(),
            report_only: Vec::new(),
        };
        if no_grant.is_some() {
            return answer;
        }
        let (mut blocking, mut challenging) = (Vec::new(), Vec::new());
        for policy in self.written.iter().filter(|p| p.state != State::Off && applies(p, world) != Truth::No) {
            let unmet: Vec<&Requirement> = policy.require.iter().filter(|r| !is_met(r, world)).collect();
            let blocks = blocks(policy, world);
            if policy.state == State::ReportOnly {
                if blocks || !unmet.is_empty() {
                    answer.report_only.push(policy.name.clone());
                }
                continue;
            }
            answer.session = answer.session.and(policy.session);
            if blocks {
                blocking.push(policy.name.clone());
            }
            if !unmet.is_empty() {
                challenging.push(policy.name.clone());
            }
            for requirement in unmet {
                if !answer.unmet.contains(requirement) {
                    answer.unmet.push(requirement.clone());
                }
            }
        }
        (answer.decision, answer.by) = match (blocking.is_empty(), challenging.is_empty()) {
            (false, _) => (Outcome::Block, blocking),
            (true, false) => (Outcome::Challenge, challenging),
            (true, true) => (Outcome::Allow, Vec::new()),
        };
        if answer.decision != Outcome::Challenge {
            answer.unmet.clear();
        }
        answer
    }

    /// The first instant at which the answer is another: every instant at which any single thing changes is tried in turn.
    fn valid_until(&self, world: &World<'_>, grant: GrantState, ahead: Span) -> Option<Timestamp> {
        let end = world.now.plus(ahead);
        if let GrantState::NotYet { from } = grant {
            return Some(from).filter(|from| *from > world.now && *from <= end);
        }
        let now = self.answer(world, grant);
        if now.no_grant.is_some() {
            return None;
        }
        let mut at = world.now;
        loop {
            at = self.next_change(world, grant, (at, end)).filter(|next| *next <= end)?;
            if self.answer(&World { now: at, ..*world }, grant) != now {
                return Some(at);
            }
        }
    }

    /// The next instant at which the grant ends, a condition turns or a sign-in is no longer fresh.
    fn next_change(&self, world: &World<'_>, grant: GrantState, (after, end): (Timestamp, Timestamp)) -> Option<Timestamp> {
        let mut next = Timestamp::NEVER;
        let mut candidate = |at: Timestamp| {
            if at > after {
                next = next.min(at);
            }
        };
        if let GrantState::Valid { until: Some(end) } = grant {
            candidate(end);
        }
        for policy in self.written.iter().filter(|p| p.state != State::Off) {
            for requirement in &policy.require {
                ends(requirement, world, &mut candidate);
            }
            for cond in [&policy.principal, &policy.when, &policy.unless] {
                cond.each(&mut |test| {
                    if let Test::Before(at) | Test::After(at) = test {
                        candidate(*at);
                    } else if let Test::GuestFor(GuestFor::Under(span) | GuestFor::AtLeast(span)) = test {
                        world.person.guest_since.into_iter().for_each(|since| candidate(since.plus(*span)));
                    } else if let Test::Schedule(schedule) = test {
                        candidate(next_turn(schedule, after, end));
                    }
                });
            }
        }
        (next != Timestamp::NEVER).then_some(next)
    }
}

fn applies(policy: &Policy, world: &World<'_>) -> Truth {
    let unless = world.truth(&policy.unless).not();
    world.truth(&policy.principal).min(world.truth(&policy.when)).min(unless)
}

fn blocks(policy: &Policy, world: &World<'_>) -> bool {
    let reads =
        ["GET", "HEAD", "OPTIONS"].contains(&world.request.method) && (world.sockets_read || world.request.client != Client::Websocket);
    policy.block.is_some() || (policy.session.read_only && !reads)
}

fn is_met(requirement: &Requirement, world: &World<'_>) -> bool {
    let done = &world.done;
    let shown = |method: &super::require::Method| done.proofs.iter().any(|p| method.is_met_by(&p.factor));
    match requirement {
        Requirement::Mfa => {
            let methods: Vec<&str> = done.proofs.iter().map(|p| kind_of(&p.factor)).collect();
            methods.iter().any(|kind| *kind == "two at once" || *kind != methods[0])
        }
        Requirement::Method(method) => shown(method),
        Requirement::Strength(strength) => strength.combinations.iter().any(|all| all.iter().all(shown)),
        Requirement::FreshSignIn(limit) => done.signed_in.is_some_and(|at| world.now < at.plus(*limit)),
        Requirement::Terms(terms) => done.terms.iter().any(|accepted| {
            let young = terms.renew.is_none_or(|renew| world.now < accepted.at.plus(renew));
            accepted.terms == terms.name && accepted.version == terms.version && young
        }),
        Requirement::KnownDevice => [Device::Known, Device::Certified].iter().any(|d| world.request.device.contains(*d)),
        Requirement::Approval { valid } => done.approved.is_some_and(|at| world.now < at.plus(*valid)),
        Requirement::Justification => done.justified,
        Requirement::Any(items) => items.iter().any(|item| is_met(item, world)),
    }
}

fn kind_of(factor: &crate::base::Factor) -> &'static str {
    use crate::base::Factor;
    match factor {
        Factor::EmailCode | Factor::MagicLink => "mailbox",
        Factor::Totp | Factor::RecoveryCode => "totp",
        Factor::Federated { mfa: false, .. } => "federated",
        Factor::ClientCertificate => "certificate",
        Factor::Passkey | Factor::Federated { mfa: true, .. } => "two at once",
    }
}

/// Calls with every instant at which something that the requirement looks at grows too old.
fn ends(requirement: &Requirement, world: &World<'_>, visit: &mut dyn FnMut(Timestamp)) {
    let done = &world.done;
    match requirement {
        Requirement::FreshSignIn(limit) => done.signed_in.into_iter().for_each(|at| visit(at.plus(*limit))),
        Requirement::Approval { valid } => done.approved.into_iter().for_each(|at| visit(at.plus(*valid))),
        Requirement::Terms(terms) => {
            let renew = terms.renew.into_iter();
            renew.for_each(|renew| done.terms.iter().for_each(|accepted| visit(accepted.at.plus(renew))));
        }
        Requirement::Any(items) => items.iter().for_each(|item| ends(item, world, visit)),
        Requirement::Mfa | Requirement::Method(_) | Requirement::Strength(_) | Requirement::KnownDevice | Requirement::Justification => {}
    }
}

/// The next instant at which a schedule turns: whenever the wall clock shows an edge, or is set to another offset, it is looked at again.
fn next_turn(schedule: &Schedule, after: Timestamp, end: Timestamp) -> Timestamp {
    let holds = holds_by_calendar(schedule, after);
    let mut at = after;
    while at <= end {
        at = next_edge(schedule, at);
        if holds_by_calendar(schedule, at) != holds {
            return at;
        }
    }
    Timestamp::NEVER
}

fn next_edge(schedule: &Schedule, after: Timestamp) -> Timestamp {
    let Ok(instant) = jiff::Timestamp::from_millisecond(after.as_millis()) else { return Timestamp::NEVER };
    let tz = &schedule.zone.tz;
    let today = instant.to_zoned(tz.clone()).date();
    let mut edges: Vec<i64> = tz.following(instant).take(1).map(|t| t.timestamp().as_millisecond()).collect();
    let days = [today.yesterday(), Ok(today), today.tomorrow(), today.tomorrow().and_then(jiff::civil::Date::tomorrow)];
    for day in days.into_iter().flatten() {
        let midnight = day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24 * DAY;
        for time in schedule.hours.iter().flat_map(|(begin, end)| [*begin, *end]).chain([0]) {
            // The wall clock shows this once, twice or never; every offset that may be in force is tried.
            let wall = midnight + time;
            for hours in [-26, 0, 26] {
                let near = jiff::Timestamp::from_millisecond(wall + hours * 3_600_000);
                edges.extend(near.map(|near| wall - i64::from(tz.to_offset(near).seconds()) * 1_000));
            }
        }
    }
    let next = edges.into_iter().filter(|edge| *edge > after.as_millis()).min();
    next.map_or(Timestamp::NEVER, Timestamp::from_millis)
}

fn explained(policy: &Policy, world: &World<'_>) -> ExplainedPolicy {
    let off = policy.state == State::Off;
    let applies = if off { Truth::No } else { applies(policy, world) };
    ExplainedPolicy {
        name: policy.name.clone(),
        description: policy.description.as_deref().map(str::to_owned),
        state: policy.state,
        applies,
        because: if off { "it is off".to_owned() } else { because(policy, world) },
        effect: effect(policy, world),
    }
}

/// The part of the policy that decided, in words.
fn because(policy: &Policy, world: &World<'_>) -> String {
    let parts: [(&str, &Cond, Truth); 3] = [
        ("for", &policy.principal, world.truth(&policy.principal)),
        ("when", &policy.when, world.truth(&policy.when)),
        ("unless", &policy.unless, world.truth(&policy.unless).not()),
    ];
    let least = parts.iter().map(|(.., truth)| *truth).min().unwrap_or(Truth::Yes);
    let decided = parts.iter().filter(|(.., truth)| *truth == least);
    let words: Vec<String> = decided
        .map(|(key, cond, _)| (key, world.why(cond)))
        .filter(|(_, why)| !why.is_empty())
        .map(|(key, why)| format!("{key}: {why}"))
        .take(if least == Truth::Yes { 3 } else { 1 })
        .collect();
    if words.is_empty() { "it has no condition".to_owned() } else { words.join("; ") }
}

/// What the policy does, and whether it is done already.
fn effect(policy: &Policy, world: &World<'_>) -> String {
    let mut words = Vec::new();
    if let Some(message) = &policy.block {
        words.push(format!("block: {message}"));
    }
    for requirement in &policy.require {
        words.push(format!("require {requirement} ({})", if is_met(requirement, world) { "met" } else { "unmet" }));
    }
    words.extend(policy.session.idle.map(|span| format!("idle: {span}")));
    words.extend(policy.session.lifetime.map(|span| format!("lifetime: {span}")));
    words.extend(policy.session.persistent.map(|persistent| format!("persistent: {persistent}")));
    if policy.session.read_only {
        words.push(format!("read-only ({})", if blocks(policy, world) { "withheld" } else { "passes" }));
    }
    words.extend(policy.session.concurrent.map(|n| format!("concurrent: {n}")));
    words.extend((!policy.session.bind.is_empty()).then(|| format!("bind: {}", policy.session.bind)));
    words.extend((policy.session.downloads == Downloads::Deny).then(|| "downloads: deny".to_owned()));
    words.join(", ")
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Challenge => "challenge",
            Self::Block => "block",
            Self::NotAssigned => "not-assigned",
        })
    }
}
