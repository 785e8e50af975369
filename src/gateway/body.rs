//! Bodies on their way: up to the app with a limit and a watch on stillness, down to the guest with a watch on the session.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};

use crate::observe::UpstreamResult;

use super::{pool::Sender, record::Record, watch::Watch, worker::BoundApp};

/// Why a body broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// It is larger than allowed.
    #[error("the body is too large")]
    TooLarge,
    /// Nothing came for too long.
    #[error("the body stopped")]
    Stalled,
    /// The other side went away.
    #[error("the body was cut off")]
    Cut,
    /// The session, or its right, ended.
    #[error("access has ended")]
    Revoked,
}

/// What is known of an upload while it goes on.
#[derive(Debug)]
pub(super) struct Upstate {
    /// Why it broke off.
    pub(super) broken: Cell<Option<Broken>>,
    /// Whether all of it was read.
    pub(super) done: Cell<bool>,
    /// When the last part was read.
    pub(super) last: Cell<Instant>,
}

/// A request's body on its way to the app.
pub(super) struct Upload {
    body: Option<Incoming>,
    left: u64,
    patience: Duration,
    timer: Pin<Box<Sleep>>,
    state: Rc<Upstate>,
}

impl Upload {
    /// A body of at most so many bytes, without pauses longer than `patience`.
    pub(super) fn new(body: Incoming, limit: u64, patience: Duration) -> (Self, Rc<Upstate>) {
        let done = body.is_end_stream();
        let state = Rc::new(Upstate { broken: Cell::default(), done: Cell::new(done), last: Cell::new(Instant::now()) });
        let upload =
            Self { body: (!done).then_some(body), left: limit, patience, timer: Box::pin(sleep(patience)), state: Rc::clone(&state) };
        (upload, state)
    }

    fn fail(&mut self, why: Broken) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.state.broken.set(Some(why));
        self.body = None;
        Poll::Ready(Some(Err(why)))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        loop {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            match Pin::new(body).poll_frame(cx) {
                Poll::Pending => {
                    ready!(this.timer.as_mut().poll(cx));
                    return this.fail(Broken::Stalled);
                }
                Poll::Ready(None) => {
                    this.state.done.set(true);
                    this.body = None;
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(_))) => return this.fail(Broken::Cut),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers of requests are dropped.
                    let Ok(data) = frame.into_data() else { continue };
                    this.state.last.set(Instant::now());
                    let patience = this.patience;
                    this.timer.as_mut().reset(Instant::now() + patience);
                    match this.left.checked_sub(data.len() as u64) {
                        None => return this.fail(Broken::TooLarge),
                        Some(left) => this.left = left,
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// Where an answer's bytes come from.
pub(super) enum Source {
    /// From here.
    Whole(Bytes),
    /// From the portal.
    Portal(axum::body::Body),
    /// From an app.
    App(Box<FromApp>),
}

/// An app's answer, and what happens when it ends.
pub(super) struct FromApp {
    pub(super) body: Incoming,
    pub(super) sender: Option<Sender>,
    pub(super) app: Rc<BoundApp>,
    pub(super) upstream: String,
    pub(super) upload: Rc<Upstate>,
    pub(super) patience: Duration,
    pub(super) timer: Option<Pin<Box<Sleep>>>,
    /// Asked only once the answer has to wait: short ones never pay for it.
    pub(super) watch: Option<Rc<Watch>>,
    pub(super) revoked: Option<Pin<Box<dyn Future<Output = ()>>>>,
    pub(super) pool: Rc<super::worker::Worker>,
}

/// An answer's body on its way to the guest.
pub(super) struct Download {
    source: Source,
    record: RefCell<Record>,
    begun: Instant,
}

impl Download {
    /// The body, and the record that is closed with it.
    pub(super) fn new(source: Source, record: Record) -> Self {
        Self { source, record: RefCell::new(record), begun: Instant::now() }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        let polled = match &mut this.source {
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(Ok(Frame::data(bytes))))
            }
            Source::Portal(body) => Pin::new(body).poll_frame(cx).map_err(|_| Broken::Cut),
            Source::App(app) => app.poll(cx),
        };
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            this.record.borrow_mut().more(data.len());
        }
        if let (Poll::Ready(Some(Err(why))), Source::App(_)) = (&polled, &this.source) {
            let result = if *why == Broken::Stalled { UpstreamResult::Timeout } else { UpstreamResult::Protocol };
            this.record.borrow_mut().upstream(result);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.is_empty(),
            Source::Portal(body) => body.is_end_stream(),
            Source::App(app) => app.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Portal(body) => body.size_hint(),
            Source::App(app) => app.body.size_hint(),
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.record.borrow_mut().waited(self.begun.elapsed());
    }
}

impl FromApp {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(revoked) = &mut self.revoked
            && revoked.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(Broken::Revoked)));
        }
        loop {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return self.wait(cx),
                Poll::Ready(None) => {
                    self.give_back();
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Broken::Cut))),
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    // Trailers of answers are dropped until an app can declare them.
                    let Ok(data) = frame.into_data() else { continue };
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
            }
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let patience = self.patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Broken::Stalled)));
        }
        if self.revoked.is_none()
            && let Some(watch) = &self.watch
        {
            let watch = Rc::clone(watch);
            self.revoked = Some(Box::pin(async move {
                watch.ended().await;
            }));
            if let Some(revoked) = &mut self.revoked
                && revoked.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(Some(Err(Broken::Revoked)));
            }
        }
        Poll::Pending
    }

    fn give_back(&mut self) {
        // A connection whose request was not sent to its end has something of the old request in it.
        if let Some(sender) = self.sender.take()
            && self.upload.done.get()
        {
            self.pool.pool.give_back(&self.app.live.app.id, &self.upstream, sender);
        }
    }
}

impl Drop for FromApp {
    fn drop(&mut self) {
        // Bodies of known length may end without a last look at them.
        if self.body.is_end_stream() {
            self.give_back();
        }
    }
}
