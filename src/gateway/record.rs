//! What is counted and logged of a request: a guard that is there from the first byte and speaks when it is dropped, on every path.

use std::{
    net::IpAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    base::{GuestId, SessionId, Timestamp},
    live::Refused,
    observe::{AccessLine, AppMetrics, DecisionLabel, Label as _, Pathname, RequestSeen, UpstreamMetrics, UpstreamResult},
};

use super::{
    look::Head,
    settled::Settled,
    worker::{BoundApp, Lens, RequestId, Worker},
};

/// One request's line in the making.
pub(super) struct Record {
    worker: Rc<Worker>,
    lens: Rc<Lens>,
    pub(super) id: RequestId,
    time: Timestamp,
    begun: Instant,
    app: Option<Rc<BoundApp>>,
    is_portal: bool,
    /// `None` where it could not be read.
    head: Option<Rc<Head>>,
    shown: Shown,
    client: IpAddr,
    guest: Option<GuestId>,
    session: Option<SessionId>,
    decision: DecisionLabel,
    settled: Option<Rc<Settled>>,
    status: u16,
    bytes: u64,
    waited: Duration,
    upstream: Option<usize>,
    result: UpstreamResult,
    facts: Option<String>,
}

/// What a line shows of the target of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing: on the portal paths are secrets.
    Nothing,
    /// The path as it was sent.
    Sent,
    /// What stands for it under the reserved prefix, because paths there are secrets.
    Template(&'static str),
}

/// What stands for the status where the guest left before there was one.
const GONE: u16 = 499;

impl Record {
    /// Begins with the request. In a box, because it is handed on so often.
    pub(super) fn begin(worker: &Rc<Worker>, lens: &Rc<Lens>, client: IpAddr, head: Option<&Rc<Head>>, now: Timestamp) -> Box<Self> {
        Box::new(Self {
            id: worker.request_id(),
            time: now,
            // A duration that is logged decides nothing, so it may come from the machine.
            begun: Instant::now(),
            app: None,
            is_portal: false,
            head: head.map(Rc::clone),
            shown: Shown::Nothing,
            client,
            guest: None,
            session: None,
            decision: DecisionLabel::Error,
            settled: None,
            status: GONE,
            bytes: 0,
            waited: Duration::ZERO,
            upstream: None,
            result: UpstreamResult::Cancelled,
            facts: None,
            worker: Rc::clone(worker),
            lens: Rc::clone(lens),
        })
    }

    /// It is for this app.
    pub(super) fn of_app(&mut self, app: &Rc<BoundApp>, shown: Shown) {
        self.app = Some(Rc::clone(app));
        self.shown = shown;
    }

    /// It leads to no host of ours, or cannot be read there.
    pub(super) fn unrouted(&mut self, shown: Shown) {
        self.shown = shown;
    }

    /// It is for the portal.
    pub(super) fn of_portal(&mut self) {
        self.is_portal = true;
        self.decision = DecisionLabel::Public;
    }

    /// The session of whoever asks, as far as it is known.
    pub(super) fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Who asks.
    pub(super) fn by(&mut self, guest: GuestId, session: SessionId) {
        (self.guest, self.session) = (Some(guest), Some(session));
    }

    /// What is decided by, as JSON, where the log is to have it.
    pub(super) fn by_facts(&mut self, facts: String) {
        self.facts = Some(facts);
    }

    /// What policies had to say.
    pub(super) fn judged(&mut self, settled: &Rc<Settled>) {
        self.settled = Some(Rc::clone(settled));
    }

    /// Only the status is known; what was decided stays.
    pub(super) fn status(&mut self, status: u16) {
        self.status = status;
    }

    /// What was decided.
    pub(super) fn decided(&mut self, decision: DecisionLabel) {
        self.decision = decision;
    }

    /// It is sent to this upstream.
    pub(super) fn sent_to(&mut self, upstream: usize) {
        self.upstream = Some(upstream);
    }

    /// How that went.
    pub(super) fn upstream(&mut self, result: UpstreamResult) {
        self.result = result;
    }

    /// Somebody else was waited for.
    pub(super) fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// More of the answer's body.
    pub(super) fn more(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    fn handles(&self) -> &AppMetrics {
        match &self.app {
            Some(app) => &app.metrics,
            None if self.is_portal => self.worker.portal(),
            None => self.worker.unrouted(),
        }
    }

    /// Keeps that a guest was turned away, for whoever is asked why.
    fn tell_refusal(&self) {
        if !matches!(self.decision, DecisionLabel::Block | DecisionLabel::NotAssigned) {
            return;
        }
        let (Some(app), Some(guest), Some(head)) = (&self.app, self.guest, &self.head) else { return };
        let policies = &app.live.policies;
        let by = self.settled.as_ref().map(|settled| policies.rules_in(settled.decision.by).map(|(_, name)| name.clone()).collect());
        let target = if self.shown == Shown::Sent { head.target() } else { b"" };
        let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
        self.worker.refused(Refused {
            guest,
            app: app.live.app.id.clone(),
            decision: self.decision.as_str(),
            by: by.unwrap_or_default(),
            request: format!("{} {}", head.method(), String::from_utf8_lossy(path)),
            at: self.time,
            times: 1,
        });
    }

    fn upstream_of(&self) -> Option<&(String, UpstreamMetrics)> {
        self.app.as_ref()?.upstreams.get(self.upstream?)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.status == GONE && std::thread::panicking() {
            self.status = 500;
        }
        let whole = self.begun.elapsed();
        let gateway = whole.saturating_sub(self.waited);
        self.handles().request(RequestSeen { decision: self.decision, status: self.status, whole, gateway });
        if let Some((_, handles)) = self.upstream_of() {
            handles.request(self.result);
        }
        if let (Some(app), Some(guest), Some(settled)) = (&self.app, self.guest, &self.settled)
            && !settled.decision.report_only.is_empty()
        {
            self.worker.would_have(app, settled.decision.report_only, guest, self.time);
        }
        self.tell_refusal();
        let (policies, report_only) = match &self.settled {
            Some(settled) => (&*settled.applied, &*settled.report_only),
            None => (self.worker.no_names(), self.worker.no_names()),
        };
        let line = AccessLine {
            time: self.time,
            request_id: self.id.as_str(),
            app: self.handles().label(),
            method: self.head.as_ref().map_or("-", |head| head.method()),
            path: Pathname::of(match (&self.head, self.shown) {
                (Some(head), Shown::Sent) => head.target(),
                (_, Shown::Template(template)) => template.as_bytes(),
                (None, Shown::Sent) | (_, Shown::Nothing) => b"",
            }),
            status: self.status,
            bytes: self.bytes,
            duration: whole,
            gateway,
            client_ip: self.client,
            guest: self.guest,
            session: self.session,
            decision: self.decision,
            policies,
            report_only,
            policy_version: &self.lens.version,
            upstream: self.upstream_of().map(|(name, _)| name.as_str()),
            facts: self.facts.as_deref(),
        };
        // Where a panic has hit the log itself, the line is lost rather than the process.
        if let Ok(mut log) = self.worker.log.try_borrow_mut() {
            log.write(&line);
        }
    }
}
