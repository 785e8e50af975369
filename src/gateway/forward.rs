//! To the app and back: a connection, deadlines, both bodies streaming.

use std::rc::Rc;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, sleep_until};

use crate::{
    base::NormalPath,
    observe::{Outcome, UpstreamResult},
};

use super::{
    Journey, Reply,
    admit::Admitted,
    body::{Broken, FromApp, Source, Upload, Upstate},
    headers::{Outgoing, Sent, prepare},
    pool::{ConnectError, Sender},
    reply::{Fate, private},
    tunnel,
    turned::Turned,
    watch::{Lasting, Watch},
    worker::BoundApp,
};

impl Journey {
    /// Carries an admitted request.
    pub(super) async fn forward(
        &mut self,
        app: &Rc<BoundApp>,
        path: NormalPath<'static>,
        admitted: Admitted,
        body: Incoming,
    ) -> Result<Reply, Turned> {
        let config = &app.live.app;
        let limit = config.limits.body.as_bytes();
        if body.size_hint().lower() > limit {
            return Err(Turned::TooLarge);
        }
        let ix = self.connection.worker.turn(config.upstreams.len());
        let upstream = config.upstreams.get(ix).ok_or(Turned::Internal)?;
        let shared = &self.connection.worker.shared;
        let sent = Sent { app, upstream, keys: &shared.keys, client: self.client, id: &self.record.id, now: self.now };
        let outgoing = prepare(&admitted, &self.head, sent).ok_or(Turned::BadRequest("the request cannot be forwarded"))?;
        let (upload, state) = Upload::new(body, limit, config.limits.timeout.to_duration());
        self.record.sent_to(ix);
        let begun = Instant::now();
        let answered = self.exchange(app, ix, outgoing, (upload, &state)).await;
        self.record.waited(begun.elapsed());
        let (response, sender) = answered?;
        self.record.upstream(UpstreamResult::Answered);
        let watch = self.watch(app, path, &admitted, &response);
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.tunnel(app, response, watch);
        }
        let identified = admitted.session().is_some();
        let (head, body) = self.answer(app, identified, response);
        let from = FromApp {
            body,
            sender: Some(sender),
            app: Rc::clone(app),
            upstream: app.upstreams.get(ix).map(|(name, _)| name.clone()).unwrap_or_default(),
            upload: state,
            patience: if watch.as_ref().is_some_and(|w| w.lasting == Lasting::Endless) {
                config.limits.idle.to_duration()
            } else {
                config.limits.timeout.to_duration()
            },
            timer: None,
            watch: watch.map(Rc::new),
            revoked: None,
            pool: Rc::clone(&self.connection.worker),
        };
        Ok(Reply { head, source: Source::App(Box::new(from)) })
    }

    /// Sends the request and waits for the head of its answer.
    async fn exchange(
        &mut self,
        app: &Rc<BoundApp>,
        ix: usize,
        outgoing: Outgoing,
        (upload, state): (Upload, &Rc<Upstate>),
    ) -> Result<(Response<Incoming>, Sender), Turned> {
        let worker = Rc::clone(&self.connection.worker);
        let config = &app.live.app;
        let (Some(upstream), Some((name, handles))) = (config.upstreams.get(ix), app.upstreams.get(ix)) else {
            return Err(Turned::Internal);
        };
        let mut request: Request<Upload> = outgoing.with_body(upload);
        let mut kept = worker.pool.reuse(&config.id, name).await;
        loop {
            let reused = kept.is_some();
            let mut sender = match kept.take() {
                Some(sender) => sender,
                None => match worker.pool.connect(upstream, config.limits.connect.to_duration()).await {
                    Ok(sender) => sender,
                    Err(error) => {
                        handles.set_healthy(Outcome::Failure);
                        return Err(self.unreachable(app, &error));
                    }
                },
            };
            handles.set_healthy(Outcome::Success);
            let mut answer = std::pin::pin!(sender.try_send_request(request));
            let mut deadline = Instant::now() + config.limits.first_byte.to_duration();
            let answered = loop {
                tokio::select! {
                    answered = answer.as_mut() => break answered,
                    () = sleep_until(deadline) => {
                        // The app may take its time from the end of the request, not from its beginning.
                        let latest = state.last.get() + config.limits.first_byte.to_duration();
                        if latest <= deadline {
                            self.record.upstream(UpstreamResult::Timeout);
                            return Err(Turned::GatewayTimeout);
                        }
                        deadline = latest;
                    }
                }
            };
            match answered {
                Ok(response) => return Ok((response, sender)),
                // Nothing of it left: the connection had been closed while it was idle.
                Err(mut error) => match error.take_message() {
                    Some(unsent) if reused => request = unsent,
                    Some(_) | None => return Err(self.broken(state)),
                },
            }
        }
    }

    fn unreachable(&mut self, app: &BoundApp, error: &ConnectError) -> Turned {
        tracing::warn!(app = %app.live.app.id, %error, "an upstream cannot be reached");
        self.record.upstream(UpstreamResult::Connect);
        match error {
            ConnectError::Timeout => Turned::GatewayTimeout,
            ConnectError::Io(_) | ConnectError::Http(_) => Turned::BadGateway,
        }
    }

    fn broken(&mut self, state: &Upstate) -> Turned {
        match state.broken.get() {
            Some(Broken::TooLarge) => Turned::TooLarge,
            Some(Broken::Stalled | Broken::Cut | Broken::Revoked) => Turned::BadRequest("the body of the request was not sent to its end"),
            None => {
                self.record.upstream(UpstreamResult::Protocol);
                Turned::BadGateway
            }
        }
    }

    /// The head of an answer as the guest may see it.
    fn answer(&self, app: &BoundApp, identified: bool, response: Response<Incoming>) -> (Response<()>, Incoming) {
        let (parts, body) = response.into_parts();
        let mut head = Response::new(());
        *head.status_mut() = parts.status;
        let out = head.headers_mut();
        out.reserve(parts.headers.len() + 1);
        for (name, value) in &parts.headers {
            match app.rewriting.fate(name.as_str().as_bytes(), value.as_bytes()) {
                Fate::Keep => {
                    out.append(name.clone(), value.clone());
                }
                Fate::Drop => {}
                Fate::Say(said) => {
                    if let Ok(said) = HeaderValue::from_bytes(&said) {
                        out.append(name.clone(), said);
                    }
                }
            }
        }
        if self.head.method == Method::HEAD || parts.status == StatusCode::NOT_MODIFIED {
            // There is no body whose length would say it.
            if let Some(length) = parts.headers.get(header::CONTENT_LENGTH) {
                out.insert(header::CONTENT_LENGTH, length.clone());
            }
        }
        if identified && private(parts.headers.get_all(header::CACHE_CONTROL).iter().map(HeaderValue::as_bytes)) {
            out.append(header::CACHE_CONTROL, HeaderValue::from_static("private"));
        }
        (head, body)
    }

    /// What an open answer hangs on; nobody's hangs on nothing.
    fn watch(&self, app: &Rc<BoundApp>, path: NormalPath<'static>, admitted: &Admitted, response: &Response<Incoming>) -> Option<Watch> {
        let known = admitted.session()?;
        let media = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let endless = response.status() == StatusCode::SWITCHING_PROTOCOLS
            || media.get(..17).is_some_and(|head| head.eq_ignore_ascii_case(b"text/event-stream"));
        Some(Watch {
            connection: Rc::clone(&self.connection),
            known: Rc::clone(known),
            app: Rc::clone(app),
            head: Rc::clone(&self.head),
            path,
            client: self.client,
            until: admitted.until(),
            lasting: if endless { Lasting::Endless } else { Lasting::Finite },
        })
    }

    fn tunnel(&mut self, app: &Rc<BoundApp>, mut response: Response<Incoming>, watch: Option<Watch>) -> Result<Reply, Turned> {
        let guest = self.upgrade.take().filter(|_| self.head.is_upgrade() && tunnel::is_genuine(&self.head, &response));
        let Some(guest) = guest else {
            self.record.upstream(UpstreamResult::Protocol);
            return Err(Turned::BadGateway);
        };
        let upstream = hyper::upgrade::on(&mut response);
        let (mut head, _) = self.answer(app, true, response);
        head.headers_mut().remove(header::CACHE_CONTROL);
        head.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        head.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let idle = app.live.app.limits.idle.to_duration();
        let worker = Rc::clone(&self.connection.worker);
        self.connection.worker.tasks.spawn_local(tunnel::run(worker, (guest, upstream), watch, idle));
        Ok(Reply { head, source: Source::Whole(bytes::Bytes::new()) })
    }
}
