//! HTTP/2 towards guests, on the `h2` library: framing and header compression are the library's, budgets, deadlines and the shape of a
//! request are ours.
//!
//! One task a connection drives the library and all its streams, so that nothing of a connection outlives it. Below the library a
//! [`guard`] counts frames; over budget the connection ends with GOAWAY.

mod answer;
mod budget;
mod frames;
mod guard;
mod request;
mod socket;
mod upload;

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::LocalBoxFuture, stream::FuturesUnordered};
use h2::{
    Ping, PingPong, Reason, RecvStream,
    server::{Builder, SendResponse},
};
use http::Request;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{Response, answer as answer_request, body::ClientBody, connection::Connection, refuse_unread, socket::Socket, wire::Head};
use crate::{
    config::Http2Limits,
    observe::{Label as _, RefusedReason},
};

use answer::Wanted;
use budget::Budget;
use guard::{Guard, Guarded};
use request::{HeadLimits, read};
pub(super) use upload::Upload;

/// Where the answer to a request is written; its body and its answer both may have to.
pub(super) type Answering = Rc<RefCell<SendResponse<Bytes>>>;

/// What a stream, and what a connection, may send before we have read it.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// What of an answer waits for the guest's window.
const SEND_BUFFER: usize = 64 * 1024;
/// Most fields of a request, cookie crumbs included.
const FIELDS: usize = 128;
/// The library answers 431 by itself, and says nothing of it to us, where a head is so many times larger than what we refuse ourselves.
/// From it follows also after how many CONTINUATION frames it gives up: 20 for 64 KiB.
const LIBRARY_HEAD: u64 = 4;
/// Resets in a connection's life that a guest has provoked, or that came before we had looked at the request.
const ABUSIVE_RESETS: usize = 50;
/// How often a silent connection is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(60);
const PONG: Duration = Duration::from_secs(20);
/// How long our last words may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves one connection to its end.
pub(super) async fn serve(connection: Rc<Connection>, stream: TlsStream<Socket>) {
    let limits = connection.limits;
    let (guarded, guard) = Guarded::new(stream, Budget::of(&limits.http2));
    let ending = connection.worker.ending.clone();
    let begun = tokio::select! {
        () = ending.due.cancelled() => return,
        begun = timeout(limits.handshake.to_duration(), library(&limits.http2).handshake(guarded)) => begun,
    };
    let Ok(Ok(mut library)) = begun else { return };
    let pings = library.ping_pong();
    let mut session = Session {
        streams: FuturesUnordered::new(),
        guard: Rc::clone(&guard),
        drained: Some(Box::pin(ending.announced.cancelled_owned())),
        pings,
        asked: None,
        quiet: Instant::now(),
        timer: Box::pin(sleep(PING.min(limits.http2.idle.to_duration()))),
        library,
        connection: Rc::clone(&connection),
    };
    let end = poll_fn(|cx| session.poll(cx)).await;
    let refused = match end {
        End::Done | End::Silent => return,
        End::Broken(error) => {
            tracing::debug!(%error, "a connection ended");
            let calmed = error.is_library() && error.reason() == Some(Reason::ENHANCE_YOUR_CALM);
            if calmed {
                connection.worker.shared.metrics.refused(RefusedReason::Http2Abuse);
            }
            return;
        }
        End::LateHead => RefusedReason::LateHead,
        End::Excess(reason) => reason,
    };
    connection.worker.shared.metrics.refused(refused);
    tracing::debug!(reason = refused.as_str(), "a connection is over its budget");
    let Session { mut library, streams, .. } = session;
    drop(streams);
    library.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
    let farewell = async {
        let _ = poll_fn(|cx| library.poll_closed(cx)).await;
        guard.hear_out().await;
    };
    let _ = timeout(FAREWELL, farewell).await;
}

fn library(limits: &Http2Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(limits.streams)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(limits.head.as_bytes() * LIBRARY_HEAD).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(ABUSIVE_RESETS)
        .max_local_error_reset_streams(Some(ABUSIVE_RESETS))
        .max_send_buffer_size(SEND_BUFFER)
        .enable_connect_protocol();
    builder
}

/// How a connection ends.
enum End {
    /// Everything was answered, or the guest has closed.
    Done,
    /// The library gives up.
    Broken(h2::Error),
    /// The guest does not answer any more.
    Silent,
    /// A head does not come to its end.
    LateHead,
    /// A budget is used up.
    Excess(RefusedReason),
}

/// A connection and everything that goes on over it.
struct Session {
    connection: Rc<Connection>,
    library: h2::server::Connection<Guarded<TlsStream<Socket>>, Bytes>,
    guard: Rc<Guard<TlsStream<Socket>>>,
    streams: FuturesUnordered<LocalBoxFuture<'static, ()>>,
    /// Until the end of this process is announced.
    drained: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    pings: Option<PingPong>,
    /// When the guest was asked whether it is still there.
    asked: Option<Instant>,
    /// Since when there is no request.
    quiet: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Session {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            // Streams come first, so that what they say leaves with the library's turn.
            while let Poll::Ready(Some(())) = self.streams.poll_next_unpin(cx) {
                self.quiet = Instant::now();
            }
            if self.drained.as_mut().is_some_and(|drained| drained.as_mut().poll(cx).is_ready()) {
                self.wind_down();
            }
            match self.library.poll_accept(cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    let connection = Rc::clone(&self.connection);
                    self.streams.push(Box::pin(serve_stream(connection, request, Rc::new(RefCell::new(respond)))));
                    continue;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(End::Broken(error)),
                Poll::Ready(None) => return Poll::Ready(End::Done),
                Poll::Pending => {}
            }
            if let Some(reason) = self.guard.excess() {
                return Poll::Ready(End::Excess(reason));
            }
            return self.poll_clock(cx);
        }
    }

    /// Takes no more requests; those under way go on.
    fn wind_down(&mut self) {
        self.drained = None;
        self.library.graceful_shutdown();
    }

    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let late = self.guard.head_since().map(|since| since + self.connection.limits.head.to_duration());
        if let Some(late) = late
            && late < self.timer.deadline()
        {
            self.timer.as_mut().reset(late);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if late.is_some_and(|late| now >= late) {
                return Poll::Ready(End::LateHead);
            }
            let idle = self.connection.limits.http2.idle.to_duration();
            if self.streams.is_empty() && self.drained.is_some() && now.saturating_duration_since(self.quiet) >= idle {
                self.wind_down();
                // Flushed by the library's next turn.
                cx.waker().wake_by_ref();
            }
            let Some(next) = self.ask(now, cx) else { return Poll::Ready(End::Silent) };
            self.timer.as_mut().reset(late.map_or(next, |late| late.min(next)));
        }
        Poll::Pending
    }

    /// Asks a silent guest whether it is still there, and gives when to look again. `None` where it is not.
    fn ask(&mut self, now: Instant, cx: &mut Context<'_>) -> Option<Instant> {
        let heard = self.guard.heard();
        if let Some(asked) = self.asked.filter(|asked| heard <= *asked) {
            return (now < asked + PONG).then_some(asked + PONG);
        }
        self.asked = None;
        if now < heard + PING {
            return Some(heard + PING);
        }
        if let Some(pings) = &mut self.pings {
            // The answer to the one before is taken, so that another may be sent.
            let _ = pings.poll_pong(cx);
            if pings.send_ping(Ping::opaque()).is_ok() {
                self.asked = Some(now);
                cx.waker().wake_by_ref();
                return Some(now + PONG);
            }
        }
        Some(now + PING)
    }
}

/// The frames of a connection are the same wherever its bytes are cut.
#[cfg(any(test, fuzzing))]
pub(super) fn fuzz_frames(bytes: &[u8]) {
    let scanned = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut scanner, mut seen) = (frames::Scanner::new(), Vec::new());
        for piece in pieces {
            let told: Result<(), std::convert::Infallible> = scanner.scan(piece, &mut |frame| {
                seen.push(frame);
                Ok(())
            });
            match told {
                Ok(()) => {}
            }
        }
        (seen, scanner.is_in_head())
    };
    assert_eq!(scanned(&mut std::iter::once(bytes)), scanned(&mut bytes.chunks(5)));
}

async fn serve_stream(connection: Rc<Connection>, request: Request<RecvStream>, answering: Answering) {
    let bytes = usize::try_from(connection.limits.http2.head.as_bytes()).unwrap_or(usize::MAX);
    let limits = HeadLimits { fields: FIELDS, bytes };
    let asked = match read(request, &answering, limits, &connection) {
        Err(turned) => return answer::send(&connection, &answering, refuse_unread(&connection, &turned), Wanted::Answer).await,
        Ok(asked) => asked,
    };
    let wanted = match asked.socket {
        Some(guest) => Wanted::Socket(guest),
        None if asked.head.method() == "HEAD" => Wanted::Head,
        None => Wanted::Answer,
    };
    let Some(response) = respond(&connection, &answering, asked.head, asked.body).await else { return };
    answer::send(&connection, &answering, response, wanted).await;
}

/// Answers, unless the guest resets the stream while the answer is waited for.
async fn respond(connection: &Rc<Connection>, answering: &Answering, head: Head, body: ClientBody) -> Option<Response> {
    let mut answered = pin!(answer_request(Rc::clone(connection), Rc::new(head), body));
    poll_fn(|cx| match answered.as_mut().poll(cx) {
        Poll::Ready(response) => Poll::Ready(Some(response)),
        Poll::Pending => answering.borrow_mut().poll_reset(cx).map(|_| None),
    })
    .await
}
