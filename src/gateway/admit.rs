//! Whether a request may pass: the only maker of [`Admitted`].

use std::{net::IpAddr, rc::Rc, sync::Arc, time::Instant};

use crate::{
    base::{ClientAddr, NormalPath, Proof, Timestamp},
    live::{SessionView, offers},
    observe::{CacheLabel, DecisionLabel},
    policy::{Client, Decision, Devices, Fact, Facts, Footprint, LoggedFacts, Need, NoGrant, Platform, RequestFacts, Unmet, Verdict},
};

use super::{
    bond, certificate,
    connection::{Connection, Recognised},
    facts,
    look::Head,
    route::Open,
    sample,
    settled::Settled,
    turned::{Blocked, NotAssigned, Turned, Unmet as Lacking},
    worker::{BoundApp, Lens},
};

/// On whose behalf a request comes.
pub(super) enum Who {
    /// Somebody with a session.
    Session(Rc<Recognised>),
    /// Nobody: the path is public, or it is a preflight.
    Nobody(Open),
}

/// What is judged.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) app: &'a BoundApp,
    pub(super) lens: &'a Lens,
    pub(super) head: &'a Head,
    pub(super) path: &'a NormalPath<'static>,
    pub(super) client: ClientAddr,
    pub(super) now: Timestamp,
}

/// Proof that a request may pass. Forwarding takes nothing else.
pub(super) struct Admitted {
    /// As whom; `None` is nobody.
    who: Option<Rc<Recognised>>,
    /// What was decided.
    settled: Rc<Settled>,
    /// When the session ends if nothing happens.
    until: Timestamp,
}

/// A refusal, with the decision it comes from.
pub(super) struct Refused {
    pub(super) turned: Turned,
    pub(super) settled: Rc<Settled>,
}

/// The last decision on a connection, and the facts that it was made from.
pub(super) struct Judged {
    generation: u64,
    view: Arc<SessionView>,
    method: Option<Box<str>>,
    path: Option<NormalPath<'static>>,
    ip: Option<IpAddr>,
    platform: Option<Platform>,
    client: Client,
    device: Devices,
    settled: Rc<Settled>,
}

/// What policies and configuration allow a session, applied to it: why it is over.
pub(super) enum Over {
    /// Nobody did anything for too long, or it is too old.
    TimedOut,
    /// It came from elsewhere than it is bound to.
    Breach,
}

impl Admitted {
    /// As whom it passes.
    pub(super) fn session(&self) -> Option<&Rc<Recognised>> {
        self.who.as_ref()
    }

    /// What was decided.
    pub(super) fn decision(&self) -> &Decision {
        &self.settled.decision
    }

    /// The same, with what is counted and logged of it.
    pub(super) fn settled(&self) -> &Rc<Settled> {
        &self.settled
    }

    /// Until when an open answer need not be judged again.
    pub(super) fn until(&self) -> Timestamp {
        self.until.min(self.decision().valid_until)
    }
}

/// Judges. The inner error says that the session has timed out.
pub(super) fn admit(connection: &Connection, who: Who, asked: Asked<'_>) -> Result<Result<Admitted, Box<Refused>>, Over> {
    let view = if let Who::Session(known) = &who { Some(&*known.view) } else { None };
    let request = facts::of(connection, view, asked);
    let (who, settled, until) = match who {
        Who::Nobody(Open { .. }) => {
            let decision = asked.app.live.policies.decide_public(asked.now, &request);
            (None, Settled::new(asked.app, decision), Timestamp::NEVER)
        }
        Who::Session(known) => {
            let settled = decide(connection, &known, asked, &request);
            let decision = &settled.decision;
            let until = limit(&known.view, decision, asked)?;
            control(connection, &known.view, decision, asked)?;
            if decision.verdict == Verdict::Allow {
                sample::keep(&connection.worker.shared.live, asked, &known.view, &request);
            }
            (Some(known), settled, until)
        }
    };
    settled.count();
    let proofs = who.as_ref().map(|known| facts::proofs(connection, &known.view, asked)).unwrap_or_default();
    Ok(match refusal(asked, &settled.decision, &proofs) {
        None => Ok(Admitted { who, settled, until }),
        Some(turned) => Err(Box::new(Refused { turned, settled })),
    })
}

/// Judges a session on an answer that is still open, by the facts that the request came with.
pub(super) fn still_admitted(connection: &Connection, known: &Recognised, asked: Asked<'_>) -> Option<(Decision, Timestamp)> {
    let request = facts::of(connection, Some(&known.view), asked);
    let decision = evaluate(connection, known, asked, &request);
    let until = known.view.session.expires;
    (known.view.session.is_live(asked.now)).then_some((decision, until.min(decision.valid_until)))
}

/// The facts of a request as the access log keeps them: what [`evaluate`] decides by.
pub(super) fn facts_for_log(connection: &Connection, known: &Recognised, asked: Asked<'_>) -> String {
    let policies = &asked.app.live.policies;
    let (subject, request) = (known.view.subject(policies), facts::of(connection, Some(&known.view), asked));
    let risk = facts::risk(connection, &known.view, asked);
    let proofs = facts::proofs(connection, &known.view, asked);
    let grant = known.view.grant_state(asked.now);
    let facts = Facts { risk, proofs: &proofs, ..known.view.facts(asked.now, &subject, grant, request) };
    let logged = LoggedFacts::of(policies, &known.view.person(), &facts);
    // Strings, numbers and maps with strings for keys: this cannot fail.
    serde_json::to_string(&logged).unwrap_or_else(|_| "null".to_owned())
}

fn evaluate(connection: &Connection, known: &Recognised, asked: Asked<'_>, request: &RequestFacts<'_>) -> Decision {
    let guest = &known.view.guest;
    let mut grant = known.view.grant_state(asked.now);
    let admitted = || asked.lens.config().invitations.admits(&guest.email) && asked.app.invitations.admits(&guest.email);
    if guest.kind == crate::base::Kind::Guest && !admitted() {
        grant = crate::policy::GrantState::Missing;
    }
    let subject = known.view.subject(&asked.app.live.policies);
    let risk = facts::risk(connection, &known.view, asked);
    let proofs = facts::proofs(connection, &known.view, asked);
    let facts = Facts { risk, proofs: &proofs, ..known.view.facts(asked.now, &subject, grant, *request) };
    let decision = asked.app.live.policies.decide(&facts);
    match certificate::of_guest(connection, &known.view, asked) {
        Some((certified, _)) => Decision { valid_until: decision.valid_until.min(certified.until), ..decision },
        None => decision,
    }
}

/// The last decision on this connection while it is exact, else a new one.
fn decide(connection: &Connection, known: &Rc<Recognised>, asked: Asked<'_>, request: &RequestFacts<'_>) -> Rc<Settled> {
    let (metrics, all) = (&asked.app.metrics, &connection.worker.shared.metrics);
    let begun = Instant::now();
    if let Some(last) = connection.judged.borrow().as_ref()
        && last.is_exact(known, asked, request)
    {
        metrics.decision(label(&last.settled.decision), CacheLabel::Hit);
        all.decision_took(CacheLabel::Hit, begun.elapsed());
        return Rc::clone(&last.settled);
    }
    let decision = evaluate(connection, known, asked, request);
    metrics.decision(label(&decision), CacheLabel::Miss);
    all.decision_took(CacheLabel::Miss, begun.elapsed());
    let settled = Settled::new(asked.app, decision);
    let footprint = asked.app.live.policies.footprint();
    *connection.judged.borrow_mut() = (!footprint.reads(Fact::Header)).then(|| Judged {
        generation: asked.app.generation,
        view: Arc::clone(&known.view),
        method: footprint.reads(Fact::Method).then(|| asked.head.method().into()),
        path: footprint.reads(Fact::Path).then(|| asked.path.clone()),
        ip: request.ip,
        platform: request.platform,
        client: request.client,
        device: request.device,
        settled: Rc::clone(&settled),
    });
    settled
}

impl Judged {
    fn is_exact(&self, known: &Recognised, asked: Asked<'_>, request: &RequestFacts<'_>) -> bool {
        self.generation == asked.app.generation
            && Arc::ptr_eq(&self.view, &known.view)
            && asked.now < self.settled.decision.valid_until
            && self.fits(asked.app.live.policies.footprint(), asked, request)
    }

    fn fits(&self, footprint: Footprint, asked: Asked<'_>, request: &RequestFacts<'_>) -> bool {
        (!footprint.reads(Fact::Method) || self.method.as_deref() == Some(asked.head.method()))
            && (!footprint.reads(Fact::Path) || self.path.as_ref() == Some(asked.path))
            && self.ip == request.ip
            && self.platform == request.platform
            && self.client == request.client
            && self.device == request.device
    }
}

/// The idle and absolute limits of configuration and policies.
fn limit(view: &SessionView, decision: &Decision, asked: Asked<'_>) -> Result<Timestamp, Over> {
    let ceilings = &asked.lens.config().session;
    let shorter = |own: crate::base::Span, said: Option<crate::base::Span>| said.map_or(own, |said| said.min(own));
    let idle = shorter(ceilings.idle, decision.limits.idle);
    let oldest = view.session.created.plus(shorter(ceilings.lifetime, decision.limits.lifetime)).min(view.session.expires);
    let quiet = view.last_seen().plus(idle);
    if asked.now >= oldest || asked.now >= quiet { Err(Over::TimedOut) } else { Ok(oldest) }
}

/// What else session controls ask: where the session is bound to, and how many there may be.
fn control(connection: &Connection, view: &SessionView, decision: &Decision, asked: Asked<'_>) -> Result<(), Over> {
    let (limits, shared) = (&decision.limits, &connection.worker.shared);
    if !limits.bind.is_empty() && !facts::is_bound(&view.session, limits.bind, asked) {
        bond::breached(shared, view, asked);
        return Err(Over::Breach);
    }
    if let Some(most) = limits.concurrent {
        bond::displace(shared, view, most, asked);
    }
    Ok(())
}

fn refusal(asked: Asked<'_>, decision: &Decision, proofs: &[Proof]) -> Option<Turned> {
    match decision.verdict {
        Verdict::Allow => None,
        Verdict::Block { rule } => {
            let policy = asked.app.live.policies.rule_name(rule).map(ToString::to_string).unwrap_or_default();
            let message = asked.app.live.policies.message(rule).to_owned();
            Some(Turned::Blocked(Box::new(Blocked { policy, message })))
        }
        Verdict::NotAssigned(why) => Some(Turned::NotAssigned(Box::new(not_assigned(asked, why)))),
        Verdict::Challenge(unmet) => Some(out_of_reach(asked, decision, unmet, proofs)),
    }
}

/// Whoever had access may ask for more; whoever had none, only where strangers may sign up: elsewhere the portal does not know the app.
fn not_assigned(asked: Asked<'_>, why: NoGrant) -> NotAssigned {
    let app = &asked.app.live.app;
    let ask = (why == NoGrant::Expired || app.signup.is_some()).then(|| app.id.clone());
    NotAssigned { why, owners: asked.app.owners.clone(), ask }
}

/// What nobody can show here: no sign-in would help, so nobody is sent to one. Else the journey makes the way to it: it has the keys.
fn out_of_reach(asked: Asked<'_>, decision: &Decision, unmet: Unmet, proofs: &[Proof]) -> Turned {
    let policies = &asked.app.live.policies;
    let offered = |way: &Vec<Need>| way.iter().all(|need| offers(asked.lens.config(), need));
    let beyond: Vec<String> = policies.unmet(unmet).filter(|r| !r.ways(proofs).iter().any(offered)).map(ToString::to_string).collect();
    if beyond.is_empty() {
        return Turned::Internal;
    }
    let policy = policies.rules_in(decision.by).next().map(|(_, name)| name.to_string()).unwrap_or_default();
    Turned::OutOfReach(Box::new(Lacking { policy, requirements: beyond }))
}

/// As metrics name it.
pub(super) fn label(decision: &Decision) -> DecisionLabel {
    match decision.verdict {
        Verdict::Allow => DecisionLabel::Allow,
        Verdict::Challenge(_) => DecisionLabel::Challenge,
        Verdict::Block { .. } => DecisionLabel::Block,
        Verdict::NotAssigned(_) => DecisionLabel::NotAssigned,
    }
}
