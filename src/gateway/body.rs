//! Bodies on their way: up to the app with a limit and a watch on stillness, down to the guest with a watch on the session.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use h2::RecvStream;
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep};

use crate::observe::UpstreamResult;

use super::{
    http1::Line,
    http2::{Answering, Upload},
    record::Record,
    reply::{Fate, strip},
    rewrite::Translation,
    tunnel::Switched,
    upstream::{BodyFault, RequestBody, UpstreamBody, UpstreamError},
    watch::Watch,
    wire::{BodyFraming, Head, HeadBuf, Piece, ResponseHead, Version},
    worker::BoundApp,
};

/// Why an answer broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
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

/// A request's body as it comes from the guest, whichever protocol brings it.
pub(super) struct ClientBody {
    from: From,
    framing: BodyFraming,
    left: u64,
    patience: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    moved: bool,
    /// Whom informational answers are told.
    teller: Teller,
    app: Option<Rc<BoundApp>>,
}

/// Where an answer can be announced before it comes.
enum Teller {
    Nowhere,
    One(Rc<RefCell<Line>>),
    Two(Answering),
}

enum From {
    Nowhere,
    One(Rc<RefCell<Line>>),
    Two(Upload),
}

/// How long a guest may stop in the middle of a body for which no app has said it.
const PATIENCE: Duration = Duration::from_secs(30);

impl ClientBody {
    /// The body behind a head of HTTP/1.
    pub(super) fn of_line(line: &Rc<RefCell<Line>>, head: &Head) -> Self {
        let from = match head.framing() {
            BodyFraming::None => From::Nowhere,
            BodyFraming::Length(_) | BodyFraming::Chunked | BodyFraming::UntilClose => From::One(Rc::clone(line)),
        };
        // HTTP/1.0 knows one answer to a request.
        let teller = if head.version() == Version::Http11 { Teller::One(Rc::clone(line)) } else { Teller::Nowhere };
        Self { teller, ..Self::new(from, head.framing()) }
    }

    /// The body of a stream of HTTP/2.
    pub(super) fn of_stream(body: RecvStream, framing: BodyFraming, answering: &Answering, expects: bool) -> Self {
        let from = if framing == BodyFraming::None { From::Nowhere } else { From::Two(Upload::new(body, answering, expects)) };
        Self { teller: Teller::Two(Rc::clone(answering)), ..Self::new(from, framing) }
    }

    /// No body.
    pub(super) fn none() -> Self {
        Self::new(From::Nowhere, BodyFraming::None)
    }

    fn new(from: From, framing: BodyFraming) -> Self {
        Self { from, framing, left: u64::MAX, patience: PATIENCE, timer: None, moved: false, teller: Teller::Nowhere, app: None }
    }

    /// The same with a limit, and without pauses longer than `patience`. `None` if it says itself that it is larger.
    pub(super) fn limited(mut self, limit: u64, patience: Duration) -> Option<Self> {
        (self.left, self.patience) = (limit, patience);
        (!matches!(self.framing, BodyFraming::Length(length) if length > limit)).then_some(self)
    }

    /// The same on its way to an app, which says what of trailers and informational answers passes.
    pub(super) fn towards(self, app: &Rc<BoundApp>) -> Self {
        Self { app: Some(Rc::clone(app)), ..self }
    }

    /// The next piece.
    pub(super) async fn next(&mut self) -> Option<Result<Piece, BodyFault>> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Piece, BodyFault>>> {
        self.from = From::Nowhere;
        Poll::Ready(Some(Err(fault)))
    }

    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let patience = self.patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        if std::mem::take(&mut self.moved) {
            timer.as_mut().reset(Instant::now() + patience);
        }
        timer.as_mut().poll(cx)
    }
}

impl RequestBody for ClientBody {
    fn framing(&self) -> BodyFraming {
        self.framing
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, BodyFault>>> {
        let polled = match &mut self.from {
            From::Nowhere => return Poll::Ready(None),
            From::One(line) => line.borrow_mut().poll_body(cx),
            From::Two(upload) => upload.poll_piece(cx),
        };
        match polled {
            Poll::Pending => {
                ready!(self.poll_late(cx));
                self.fail(BodyFault::Timeout)
            }
            Poll::Ready(None) => {
                self.from = From::Nowhere;
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(fault))) => self.fail(fault),
            Poll::Ready(Some(Ok(trailers @ Piece::Trailers(_)))) => Poll::Ready(Some(Ok(trailers))),
            Poll::Ready(Some(Ok(Piece::Data(piece)))) => {
                self.moved = true;
                match self.left.checked_sub(piece.len() as u64) {
                    None => self.fail(BodyFault::TooLarge),
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(Piece::Data(piece))))
                    }
                }
            }
        }
    }

    fn inform(&mut self, interim: &ResponseHead) {
        let Some(app) = &self.app else { return };
        match &self.teller {
            Teller::Nowhere => {}
            Teller::One(line) => {
                let mut head = HeadBuf::default();
                head.status_line(interim.status());
                each_interim(app, interim, &mut |name, value| {
                    // What cannot be written is left out.
                    let _ = head.field(name, value);
                });
                head.finish();
                line.borrow_mut().say_ahead(head.as_bytes());
            }
            Teller::Two(answering) => {
                let mut head = http::Response::new(());
                let Ok(status) = http::StatusCode::from_u16(interim.status()) else { return };
                *head.status_mut() = status;
                each_interim(app, interim, &mut |name, value| {
                    if let (Ok(name), Ok(value)) = (http::HeaderName::from_bytes(name), http::HeaderValue::from_bytes(value)) {
                        head.headers_mut().append(name, value);
                    }
                });
                // Where the answer has begun already, it comes too late.
                let _ = answering.borrow_mut().send_informational(head);
            }
        }
    }
}

/// What an informational answer says, one field after the other.
fn each_interim(app: &BoundApp, interim: &ResponseHead, put: &mut dyn FnMut(&[u8], &[u8])) {
    for (name, value) in interim.fields().iter() {
        let stripped = strip(name, value);
        let fate = if stripped == Fate::Keep { app.rewriting.fate(name, value) } else { stripped };
        match fate {
            Fate::Keep => put(name, value),
            Fate::Drop => {}
            Fate::Say(said) => put(name, &said),
        }
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
    /// Nothing more: the connection leaves HTTP.
    Tunnel(Box<Switched>),
}

/// An app's answer while it comes.
pub(super) struct FromApp {
    body: UpstreamBody<ClientBody>,
    watch: Option<Rc<Watch>>,
    /// Of a text in which names are translated.
    translation: Option<Box<Translation>>,
    /// Asked only once there is a reason: answers that are short and undisturbed never pay for it.
    revoked: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

/// Pieces below this go out at once.
const SMALL: usize = 16 * 1024;

/// An answer's body on its way to the guest.
pub(super) struct Download {
    source: Source,
    record: Option<Box<Record>>,
    /// Since when somebody else is waited for: the app's next piece, or the guest who takes the last one. What comes whole and is
    /// small never begins it: writing it is our own work.
    waiting: Option<std::time::Instant>,
}

impl Download {
    /// The body, and the record that is closed with it.
    pub(super) fn new(source: Source, record: Option<Box<Record>>) -> Self {
        Self { source, record, waiting: None }
    }

    /// How long it is, if that is known.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Whole(bytes) => Some(bytes.len() as u64),
            Source::Portal(body) => body.size_hint().exact(),
            Source::App(app) => app.length(),
            Source::Tunnel(_) => Some(0),
        }
    }

    /// Drops a body that is here, and gives how long it was.
    pub(super) fn take_whole(&mut self) -> Option<u64> {
        match &mut self.source {
            Source::Whole(bytes) => Some(std::mem::take(bytes).len() as u64),
            Source::Portal(_) | Source::App(_) | Source::Tunnel(_) => None,
        }
    }

    /// The next piece, `None` at the end.
    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, Broken>>> {
        let polled = match &mut self.source {
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then_some(Ok(Piece::Data(bytes))))
            }
            Source::Portal(body) => poll_portal(body, cx),
            Source::App(app) => app.poll(cx),
            Source::Tunnel(_) => Poll::Ready(None),
        };
        let whole = matches!(&polled, Poll::Ready(Some(Ok(Piece::Data(data)))) if data.len() < SMALL) && self.is_done();
        if !whole && !matches!(polled, Poll::Ready(None)) {
            self.waiting.get_or_insert_with(std::time::Instant::now);
        }
        let Some(record) = &mut self.record else { return polled };
        match (&polled, &self.source) {
            (Poll::Ready(Some(Ok(Piece::Data(data)))), _) => record.more(data.len()),
            (Poll::Ready(Some(Err(Broken::Stalled))), Source::App(_)) => record.upstream(UpstreamResult::Timeout),
            (Poll::Ready(Some(Err(Broken::Cut))), Source::App(_)) => record.upstream(UpstreamResult::Protocol),
            _ => {}
        }
        polled
    }

    /// Keeps the request's body moving while the guest does not take the answer.
    pub(super) fn poll_request(&mut self, cx: &mut Context<'_>) {
        if let Source::App(app) = &mut self.source {
            app.body.poll_request(cx);
        }
    }

    /// Whether nothing more comes.
    pub(super) fn is_done(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.is_empty(),
            Source::Portal(body) => body.is_end_stream(),
            Source::App(app) => app.is_done(),
            Source::Tunnel(_) => true,
        }
    }

    /// What the connection becomes, where it leaves HTTP.
    pub(super) fn into_tunnel(mut self) -> Option<(Box<Switched>, Option<Box<Record>>)> {
        let record = self.record.take();
        match std::mem::replace(&mut self.source, Source::Whole(Bytes::new())) {
            Source::Tunnel(switched) => Some((switched, record)),
            Source::Whole(_) | Source::Portal(_) | Source::App(_) => None,
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if let (Some(record), Some(since)) = (&mut self.record, self.waiting) {
            record.waited(since.elapsed());
        }
    }
}

fn poll_portal(body: &mut axum::body::Body, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, Broken>>> {
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Err(_)) => return Poll::Ready(Some(Err(Broken::Cut))),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(Piece::Data(data))));
                }
            }
        }
    }
}

impl FromApp {
    /// An answer that ends with the access that it hangs on.
    pub(super) fn new(body: UpstreamBody<ClientBody>, watch: Option<Watch>, translation: Option<Translation>) -> Self {
        Self { body, watch: watch.map(Rc::new), translation: translation.map(Box::new), revoked: None }
    }

    /// How long it is, if that is known.
    fn length(&self) -> Option<u64> {
        if self.translation.is_some() { None } else { self.body.length() }
    }

    fn is_done(&self) -> bool {
        self.translation.as_ref().map_or_else(|| self.body.is_done(), |translation| translation.is_done())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, Broken>>> {
        let Some(mut translation) = self.translation.take() else { return self.poll_sent(cx) };
        let polled = translation.poll(cx, |cx| self.poll_sent(cx));
        self.translation = Some(translation);
        polled
    }

    /// The next piece as the app sent it.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, Broken>>> {
        let polled = self.body.poll_next(cx);
        // A download that never pauses is looked at with each of its pieces; the end tells nobody anything.
        if !matches!(polled, Poll::Ready(Ok(None)))
            && (self.revoked.is_some() || self.watch.as_ref().is_some_and(|watch| watch.is_stirred()))
            && self.poll_revoked(cx).is_ready()
        {
            return Poll::Ready(Some(Err(Broken::Revoked)));
        }
        match polled {
            Poll::Ready(Ok(piece)) => Poll::Ready(piece.map(Ok)),
            Poll::Ready(Err(UpstreamError::Timeout)) => Poll::Ready(Some(Err(Broken::Stalled))),
            Poll::Ready(Err(_)) => Poll::Ready(Some(Err(Broken::Cut))),
            Poll::Pending if self.watch.is_some() && self.poll_revoked(cx).is_ready() => Poll::Ready(Some(Err(Broken::Revoked))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_revoked(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(watch) = &self.watch else { return Poll::Pending };
        let revoked = self.revoked.get_or_insert_with(|| {
            let watch = Rc::clone(watch);
            Box::pin(async move { watch.ended().await })
        });
        revoked.as_mut().poll(cx)
    }
}
