//! To the app and back: a connection, deadlines, both bodies streaming.

use std::{rc::Rc, time::Duration};

use http::StatusCode;
use tokio::time::Instant;

use crate::{
    base::NormalPath,
    observe::{OverloadReason, UpstreamResult, causes},
    policy::Downloads,
};

use super::{
    Journey,
    admit::Admitted,
    body::{ClientBody, FromApp, Source},
    headers::{Outgoing, Sent, prepare},
    look::{is_grpc, lines},
    names::{Found, STAYS_WITH, find_cookie},
    response::{AppLines, Lines, Reply, Text},
    tunnel::{self, Switched},
    turned::{Blocked, Turned},
    upstream::{Asked, Deadlines, Overload, Purpose, Ready, Ticket, Tried, UpstreamBody, UpstreamError, Went, exchange, open},
    watch::{Lasting, Watch},
    wire::ResponseHead,
    worker::BoundApp,
};

impl Journey {
    /// Carries an admitted request.
    pub(super) async fn forward(
        &mut self,
        app: &Rc<BoundApp>,
        path: NormalPath<'static>,
        admitted: Admitted,
        body: ClientBody,
    ) -> Result<Reply, Turned> {
        let limits = &app.live.app.limits;
        // Calls of gRPC may stay open without a word from either side.
        let pause = if app.live.app.grpc && self.head.is_grpc() { limits.idle } else { limits.timeout };
        let body = body.limited(limits.body.as_bytes(), pause.to_duration()).ok_or(Turned::TooLarge)?.towards(app);
        let worker = Rc::clone(&self.connection.worker);
        let preferred = self.preferred(app);
        let (ix, ready) = self.reach(app, preferred).await?;
        let upstream = app.live.app.upstreams.get(ix).ok_or(Turned::Internal)?;
        let (keys, asked, id) = (&worker.shared.keys, Rc::clone(&self.head), self.record.id);
        let sent = Sent { app, upstream, keys, buffers: &worker.buffers, client: self.client, id: &id, now: self.now };
        let outgoing = || prepare(&admitted, &asked, sent);
        self.record.sent_to(ix);
        let begun = Instant::now();
        let answered = self.exchange(app, (ix, ready), &outgoing, body).await;
        self.record.waited(begun.elapsed());
        let (head, mut body) = answered?;
        self.record.upstream(UpstreamResult::Answered);
        if let Some(turned) = withheld(app, &admitted, &head) {
            return Err(turned);
        }
        let endless = is_endless(&head);
        let watch = self.watch(app, path, &admitted, if endless { Lasting::Endless } else { Lasting::Finite });
        if self.head.is_extended() && matches!(head.status(), 200..=299) {
            // Whoever opens a WebSocket over HTTP/2 takes every such status for an open one.
            self.record.upstream(UpstreamResult::Protocol);
            return Err(Turned::BadGateway);
        }
        if head.status() == 101 {
            return self.tunnel(app, (head, body), watch);
        }
        if endless {
            body.set_patience(limits.idle.to_duration());
        }
        let status = StatusCode::from_u16(head.status()).map_err(|_| Turned::BadGateway)?;
        let translation = app.rewriting.translation(&head);
        let text = if translation.is_some() { Text::Translated } else { Text::AsSent };
        let mut lines = AppLines::new(head, Rc::clone(app), admitted.session().is_some(), text);
        if preferred != Some(ix) {
            lines.stay_with(ix);
        }
        let lines = Lines::App(lines);
        Ok(Reply { status, lines, source: Source::App(Box::new(FromApp::new(body, watch, translation))) })
    }

    /// The upstream that this guest was with, where the app wants guests to stay.
    fn preferred(&self, app: &BoundApp) -> Option<usize> {
        if app.stays.is_empty() {
            return None;
        }
        let Found::One(name) = find_cookie(lines(&self.head, "cookie"), STAYS_WITH) else { return None };
        app.stays.iter().position(|known| known.as_bytes() == name)
    }

    /// Opens a way to the upstream that is best asked now, or to the next best where that fails: nothing has been sent yet.
    async fn reach(&mut self, app: &Rc<BoundApp>, preferred: Option<usize>) -> Result<(usize, Ready), Turned> {
        let (config, turn) = (&app.live.app, self.connection.worker.turn());
        app.fleet.admit(config.breaker).map_err(|overload| self.overloaded(app, overload))?;
        let purpose = if self.head.is_upgrade() { Purpose::Upgrade } else { Purpose::Exchange };
        let (mut tried, mut waited) = (Tried::default(), Duration::ZERO);
        let mut ix = app.fleet.pick(turn, preferred, tried).ok_or(Turned::Internal)?;
        loop {
            let ticket = Ticket::new(app.targets.get(ix).ok_or(Turned::Internal)?);
            app.fleet.has_room(config.limits.concurrent).map_err(|overload| self.overloaded(app, overload))?;
            let ticket = match Ready::at_once(ticket, purpose) {
                Ok(ready) => return Ok((ix, ready)),
                Err(ticket) => ticket,
            };
            let begun = Instant::now();
            // Boxed, because it is rare.
            let opened = Box::pin(open(ticket, purpose)).await;
            self.record.waited(begun.elapsed());
            waited += begun.elapsed();
            let error = match opened {
                Ok(ready) => return Ok((ix, ready)),
                Err(error) => error,
            };
            if error.is_its_fault() {
                app.fleet.went(ix, Went::Nowhere, config.breaker);
            }
            tried.mark(ix);
            let next = app.fleet.pick(turn, None, tried).filter(|_| waited < config.limits.connect.to_duration());
            let Some(next) = next else { return Err(self.unreached(app, ix, &error)) };
            tracing::info!(app = %config.id, %error, "an upstream cannot be reached, the next is tried");
            if let Some((_, handles)) = app.upstreams.get(ix) {
                handles.request(UpstreamResult::Connect);
            }
            ix = next;
        }
    }

    fn overloaded(&self, app: &BoundApp, overload: Overload) -> Turned {
        self.connection.worker.shared.metrics.overloaded(&app.live.app.id, overload.reason);
        Turned::Overloaded(overload.retry_after)
    }

    fn unreached(&mut self, app: &BoundApp, ix: usize, error: &UpstreamError) -> Turned {
        if matches!(error, UpstreamError::Saturated) {
            return self.overloaded(app, Overload { reason: OverloadReason::Connections, retry_after: 1 });
        }
        tracing::warn!(app = %app.live.app.id, error = %causes(error), "an upstream cannot be reached");
        self.record.sent_to(ix);
        self.record.upstream(UpstreamResult::Connect);
        if error.status() == 504 { Turned::GatewayTimeout } else { Turned::BadGateway }
    }

    /// Sends the request and waits for the head of its answer.
    async fn exchange(
        &mut self,
        app: &BoundApp,
        (ix, ready): (usize, Ready),
        outgoing: &dyn Fn() -> Outgoing,
        body: ClientBody,
    ) -> Result<(ResponseHead, UpstreamBody<ClientBody>), Turned> {
        let limits = &app.live.app.limits;
        let deadlines = Deadlines { first_byte: limits.first_byte.to_duration(), between: limits.timeout.to_duration() };
        let asked = Asked { method: self.head.method(), head: &|| outgoing().into_head(), deadlines, trailing: &app.trailing };
        let answered = exchange(ready, asked, body).await;
        let breaker = app.live.app.breaker;
        match answered {
            Ok(answer) => {
                // What these say is that something behind the upstream has failed.
                let failed = matches!(answer.head.status(), 502..=504);
                app.fleet.went(ix, if failed { Went::Badly } else { Went::Well }, breaker);
                Ok((answer.head, answer.body))
            }
            Err(UpstreamError::Request(fault)) => Err(Turned::of_body(fault)),
            Err(error) if error.is_unreachable() || matches!(error, UpstreamError::Saturated) => {
                if error.is_its_fault() {
                    app.fleet.went(ix, Went::Nowhere, breaker);
                }
                Err(self.unreached(app, ix, &error))
            }
            Err(error) => {
                tracing::warn!(app = %app.live.app.id, error = %causes(&error), "an upstream has not answered");
                let late = error.status() == 504;
                self.record.upstream(if late { UpstreamResult::Timeout } else { UpstreamResult::Protocol });
                if error.is_its_fault() {
                    app.fleet.went(ix, Went::Badly, breaker);
                }
                Err(if matches!(error, UpstreamError::NoWebSockets) {
                    Turned::CannotUpgrade
                } else if matches!(error, UpstreamError::Untold) {
                    Turned::BadRequest("the target of the request cannot be carried over HTTP/2")
                } else if late {
                    Turned::GatewayTimeout
                } else {
                    Turned::BadGateway
                })
            }
        }
    }

    /// What an open answer hangs on; nobody's hangs on nothing.
    fn watch(&self, app: &Rc<BoundApp>, path: NormalPath<'static>, admitted: &Admitted, lasting: Lasting) -> Option<Watch> {
        let known = admitted.session()?;
        Some(Watch {
            connection: Rc::clone(&self.connection),
            lens: Rc::clone(&self.lens),
            known: Rc::clone(known),
            app: Rc::clone(app),
            head: Rc::clone(&self.head),
            path,
            client: self.client,
            until: admitted.until(),
            lasting,
        })
    }

    fn tunnel(
        &mut self,
        app: &Rc<BoundApp>,
        (head, body): (ResponseHead, UpstreamBody<ClientBody>),
        watch: Option<Watch>,
    ) -> Result<Reply, Turned> {
        let genuine = self.head.is_upgrade() && tunnel::is_genuine(&self.head, &head);
        let Some(upstream) = body.into_tunnel().filter(|_| genuine) else {
            self.record.upstream(UpstreamResult::Protocol);
            return Err(Turned::BadGateway);
        };
        let switched = Switched { upstream, watch, idle: app.live.app.limits.idle.to_duration() };
        let lines = Lines::App(AppLines::new(head, Rc::clone(app), true, Text::AsSent));
        Ok(Reply { status: StatusCode::SWITCHING_PROTOCOLS, lines, source: Source::Tunnel(Box::new(switched)) })
    }
}

/// An attachment where policies let nobody download.
fn withheld(app: &BoundApp, admitted: &Admitted, answer: &ResponseHead) -> Option<Turned> {
    let decision = admitted.decision();
    if decision.limits.downloads == Downloads::Allow || !is_attachment(answer) {
        return None;
    }
    let policy = app.live.policies.withholding(decision.applied).map(ToString::to_string).unwrap_or_default();
    let message = "Files cannot be downloaded from this application at present.".to_owned();
    Some(Turned::Blocked(Box::new(Blocked { policy, message })))
}

/// Whether browsers save the answer as a file: what they do with every disposition but `inline`.
fn is_attachment(answer: &ResponseHead) -> bool {
    let is_inline = |value: &[u8]| value.split(|b| *b == b';').next().unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"inline");
    answer.fields().all("content-disposition").any(|value| !is_inline(value))
}

/// Whether an answer does not come to an end by itself.
fn is_endless(answer: &ResponseHead) -> bool {
    const STREAM: &[u8] = b"text/event-stream";
    let media = answer.fields().first("content-type").unwrap_or_default();
    answer.status() == 101 || is_grpc(media) || media.get(..STREAM.len()).is_some_and(|head| head.eq_ignore_ascii_case(STREAM))
}
