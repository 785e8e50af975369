//! Stands between TLS and the HTTP/2 library: every byte of the guest's is looked at by the [`Scanner`] before the library sees it.
//!
//! The stream stays reachable beside the library, so that the guest can be heard out after our last frame.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{
    budget::{Budget, Meter},
    frames::Scanner,
};
use crate::observe::RefusedReason;

/// The stream as the library gets it.
pub(super) struct Guarded<S>(Rc<Guard<S>>);

/// The stream, and what has been seen of the guest on it.
pub(super) struct Guard<S> {
    stream: RefCell<S>,
    seen: RefCell<Seen>,
}

struct Seen {
    scanner: Scanner,
    meter: Meter,
    excess: Option<RefusedReason>,
    /// When anything came last.
    heard: Instant,
    /// When the head began that is not whole yet.
    head: Option<Instant>,
}

/// How much of a guest who is told to calm down is still read, so that our last frame is not lost to a reset.
const HEARD_OUT: usize = 256 * 1024;

impl<S> Guarded<S> {
    /// A stream on which nothing was said, and the view of it that stays with us.
    pub(super) fn new(stream: S, budget: Budget) -> (Self, Rc<Guard<S>>) {
        let seen = Seen { scanner: Scanner::new(), meter: Meter::new(budget), excess: None, heard: Instant::now(), head: None };
        let guard = Rc::new(Guard { stream: RefCell::new(stream), seen: RefCell::new(seen) });
        (Self(Rc::clone(&guard)), guard)
    }
}

impl<S> Guard<S> {
    /// Which budget the guest has used up. Nothing more is read from then on.
    pub(super) fn excess(&self) -> Option<RefusedReason> {
        self.seen.borrow().excess
    }

    /// When anything came last.
    pub(super) fn heard(&self) -> Instant {
        self.seen.borrow().heard
    }

    /// When the head began that is not whole yet.
    pub(super) fn head_since(&self) -> Option<Instant> {
        self.seen.borrow().head
    }
}

impl<S: AsyncRead + Unpin> Guard<S> {
    /// Reads what still comes and forgets it, up to a bound.
    #[expect(clippy::await_holding_refcell_ref, reason = "the library is done with the stream")]
    pub(super) async fn hear_out(&self) {
        let (mut stream, mut left) = (self.stream.borrow_mut(), HEARD_OUT);
        let mut rest = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut rest).await {
            left = left.saturating_sub(n);
            if left == 0 {
                return;
            }
        }
    }
}

impl Seen {
    fn read(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.heard = now;
        let Self { scanner, meter, .. } = self;
        if let Err(reason) = scanner.scan(bytes, &mut |frame| meter.frame(frame, now)) {
            self.excess = Some(reason);
        }
        self.head = if self.scanner.is_in_head() { self.head.or(Some(now)) } else { None };
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guard = &self.0;
        let mut seen = guard.seen.borrow_mut();
        if seen.excess.is_some() {
            // Whoever serves the connection looks at the excess after each turn of the library.
            return Poll::Pending;
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut *guard.stream.borrow_mut()).poll_read(cx, into))?;
        seen.read(into.filled().get(before..).unwrap_or_default());
        if seen.excess.is_some() {
            into.set_filled(before);
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S> Guarded<S> {
    fn written(&self, done: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(n)) = done {
            self.0.seen.borrow_mut().meter.sent(n);
        }
        done
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut *self.0.stream.borrow_mut()).poll_write(cx, bytes);
        self.written(done)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream.borrow_mut()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream.borrow_mut()).poll_shutdown(cx)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut *self.0.stream.borrow_mut()).poll_write_vectored(cx, parts);
        self.written(done)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.stream.borrow().is_write_vectored()
    }
}
