//! A guest's connection as HTTP/1 reads it: heads, bodies, silence, and the end.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncBufRead, AsyncWrite, AsyncWriteExt},
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_rustls::server::TlsStream;

use crate::gateway::{
    socket::Socket,
    upstream::BodyFault,
    wire::{BodyDecoder, BodyFraming, Decoded, Head, Limits, Parsed, Piece, Progress, RequestError, parse_request},
};

/// How long a connection keeps its buffers while it is idle.
const PARK: Duration = Duration::from_millis(500);
/// How much of an unwanted body is read to keep the connection, and for how long.
const UNWANTED: usize = 256 * 1024;
const UNWANTED_FOR: Duration = Duration::from_secs(3);
/// How much a guest may still send after our last words. Far more than for a connection to be kept: who is reset while it sends never
/// reads the answer (RFC 9112 §9.6), and throwing bytes away costs little.
const HEARD_OUT: usize = 16 * 1024 * 1024;
/// How much is read at once.
const READ_HEAD: usize = 4 * 1024;
const READ_BODY: usize = 16 * 1024;
/// How much may wait to be said ahead of an answer.
const MOST_AHEAD: usize = 16 * 1024;
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a guest says next.
pub(super) enum Next {
    /// A request.
    Request(Head),
    /// Something that is none.
    Refused(RequestError),
    /// A head that does not come to its end.
    Late,
    /// Nothing for the moment.
    Silence,
    /// Nothing more.
    End,
}

/// How long the next request is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// For a moment.
    Short,
    /// As long as the connection may be idle.
    Idle,
}

/// Whether this process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    No,
    Yes,
}

/// Both ways of a guest's connection, and how far they have been read.
pub(in crate::gateway) struct Line {
    stream: TlsStream<Socket>,
    input: BytesMut,
    progress: Progress,
    begun: bool,
    /// It has been silent for longer than a moment.
    parked: bool,
    decoder: BodyDecoder,
    /// The guest waits for `100 Continue` before it sends the body.
    expects: bool,
    /// What is said ahead of the answer: `100 Continue`, and what else is informational.
    ahead: BytesMut,
    /// The body cannot be followed any more.
    broken: bool,
    timer: Pin<Box<Sleep>>,
    bounds: Bounds,
}

/// Bounds of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Of each head.
    pub(super) head: Limits,
    /// How long a head may take in total.
    pub(super) within: Duration,
    /// How long nothing may happen before one begins.
    pub(super) idle: Duration,
}

impl Line {
    /// A connection on which nothing was said.
    pub(super) fn new(stream: TlsStream<Socket>, bounds: Bounds) -> Self {
        Self {
            stream,
            input: BytesMut::new(),
            progress: Progress::default(),
            begun: false,
            parked: false,
            decoder: BodyDecoder::new(BodyFraming::None),
            expects: false,
            ahead: BytesMut::new(),
            broken: false,
            timer: Box::pin(sleep(bounds.idle)),
            bounds,
        }
    }

    /// Begins to wait for the next request.
    pub(super) fn expect_head(&mut self) {
        (self.begun, self.parked) = (false, false);
        if self.input.is_empty() {
            self.input = BytesMut::new();
        }
        self.timer.as_mut().reset(Instant::now() + PARK);
    }

    /// The next request. Where the process ends, one that has begun is still heard.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>, ending: Ending, patience: Patience) -> Poll<Next> {
        loop {
            match parse_request(&mut self.input, &self.bounds.head, &mut self.progress) {
                Ok(Parsed::Complete(head)) => {
                    self.decoder = BodyDecoder::new(head.framing()).keeping_trailers();
                    self.expects = head.expects_continue() && !self.decoder.is_done();
                    return Poll::Ready(Next::Request(head));
                }
                Err(error) => return Poll::Ready(Next::Refused(error)),
                Ok(Parsed::Partial) => {}
            }
            if !self.input.is_empty() && !self.begun {
                self.begun = true;
                self.timer.as_mut().reset(Instant::now() + self.bounds.within);
            }
            if ending == Ending::Yes && !self.begun {
                return Poll::Ready(Next::End);
            }
            match self.poll_fill(cx, READ_HEAD) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Next::End),
                Poll::Pending => {
                    ready!(self.timer.as_mut().poll(cx));
                    match (self.begun, self.parked) {
                        (true, _) => return Poll::Ready(Next::Late),
                        (false, true) => return Poll::Ready(Next::End),
                        (false, false) => {
                            self.parked = true;
                            self.input = BytesMut::new();
                            self.timer.as_mut().reset(Instant::now() + self.bounds.idle.saturating_sub(PARK));
                            if patience == Patience::Short {
                                return Poll::Ready(Next::Silence);
                            }
                        }
                    }
                }
            }
        }
    }

    /// The next piece of the body; the guest is told to go on where it waits for that.
    pub(in crate::gateway) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, BodyFault>>> {
        loop {
            match self.decoder.decode(&mut self.input) {
                Ok(Decoded::Data(piece)) => return Poll::Ready(Some(Ok(Piece::Data(piece)))),
                Ok(Decoded::Trailers(fields)) => return Poll::Ready(Some(Ok(Piece::Trailers(fields)))),
                Ok(Decoded::End) => return Poll::Ready(None),
                Ok(Decoded::More) => {}
                Err(_) => return self.fail(BodyFault::Malformed),
            }
            if std::mem::take(&mut self.expects) {
                self.ahead.extend_from_slice(CONTINUE);
            }
            if self.poll_ahead(cx).is_err() {
                return self.fail(BodyFault::Aborted);
            }
            if !ready!(self.poll_fill(cx, READ_BODY)) {
                return self.fail(BodyFault::Aborted);
            }
        }
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Piece, BodyFault>>> {
        self.broken = true;
        Poll::Ready(Some(Err(fault)))
    }

    /// Says something ahead of the answer: an informational one, whole. Left out where the guest does not take what was said before.
    pub(in crate::gateway) fn say_ahead(&mut self, interim: &[u8]) {
        if self.ahead.len() + interim.len() <= MOST_AHEAD {
            self.ahead.extend_from_slice(interim);
        }
    }

    /// Writes what is said ahead of the answer, as far as that goes at once.
    fn poll_ahead(&mut self, cx: &mut Context<'_>) -> std::io::Result<()> {
        while !self.ahead.is_empty() {
            let Poll::Ready(n) = Pin::new(&mut self.stream).poll_write(cx, &self.ahead)? else { return Ok(()) };
            self.ahead.advance(n);
            let _ = Pin::new(&mut self.stream).poll_flush(cx)?;
        }
        Ok(())
    }

    /// Whether the guest has gone away while it waits for an answer. What it sends meanwhile is kept, up to a bound.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.ahead.is_empty() && self.poll_ahead(cx).is_err() {
            return Poll::Ready(());
        }
        while self.decoder.is_done() && self.input.len() < READ_HEAD {
            if !ready!(self.poll_fill(cx, READ_HEAD)) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    /// Reads once, so much at most; `false` at the end. Room is made when there is something to put into it: memory that another connection
    /// has just let go of is still in the cache.
    fn poll_fill(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<bool> {
        let stream = Pin::new(&mut self.stream);
        let Ok(read) = ready!(stream.poll_fill_buf(cx)) else { return Poll::Ready(false) };
        let n = read.len().min(most);
        self.input.extend_from_slice(read.get(..n).unwrap_or_default());
        Pin::new(&mut self.stream).consume(n);
        Poll::Ready(n > 0)
    }

    /// Writes some of both parts.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, first: &[u8], second: &[u8]) -> Poll<std::io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let n = match (first.is_empty(), second.is_empty()) {
            (false, false) => {
                let parts = [std::io::IoSlice::new(first), std::io::IoSlice::new(second)];
                ready!(stream.poll_write_vectored(cx, &parts))?
            }
            (true, _) => ready!(stream.poll_write(cx, second))?,
            (false, true) => ready!(stream.poll_write(cx, first))?,
        };
        Poll::Ready(if n == 0 { Err(std::io::ErrorKind::WriteZero.into()) } else { Ok(n) })
    }

    /// Hands on what TLS still holds.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Gives up `100 Continue` where it was not said, because an answer begins; what was said ahead must still be written.
    pub(super) fn answering(&mut self) -> BytesMut {
        // A guest that was never told to go on may send its body, or not: nobody can know where the next request begins.
        self.broken |= std::mem::take(&mut self.expects);
        std::mem::take(&mut self.ahead)
    }

    /// Whether another request can follow once the rest of the body was read. Not where nobody has said how much that is: a connection that
    /// closes after an answer that did not announce it costs whoever asks next an answer (RFC 9112 §9.6).
    pub(super) fn can_go_on(&self) -> bool {
        !self.broken && self.decoder.left().is_some_and(|left| left <= UNWANTED as u64)
    }

    /// Whether the next request begins where we stand.
    pub(super) fn is_clean(&self) -> bool {
        !self.broken && self.decoder.is_done()
    }

    /// Reads what is left of a body that nobody wants. `false` where that is too much.
    pub(super) async fn skip_body(&mut self) -> bool {
        if self.broken || self.decoder.is_done() {
            return !self.broken;
        }
        let skip = async {
            let mut skipped = 0;
            while let Some(piece) = poll_fn(|cx| self.poll_body(cx)).await {
                skipped += match piece {
                    Ok(Piece::Data(piece)) => piece.len(),
                    Ok(Piece::Trailers(_)) => 0,
                    Err(_) => UNWANTED + 1,
                };
                if skipped > UNWANTED {
                    return false;
                }
            }
            true
        };
        timeout(UNWANTED_FOR, skip).await.unwrap_or(false)
    }

    /// Closes, and hears the guest out for a moment, so that our last words are not lost to a reset.
    pub(super) async fn close(&mut self) {
        let farewell = async {
            let _ = self.stream.shutdown().await;
            let mut heard = 0;
            while heard <= HEARD_OUT {
                self.input.clear();
                if !poll_fn(|cx| self.poll_fill(cx, READ_BODY)).await {
                    return;
                }
                heard += self.input.len();
            }
        };
        let _ = timeout(UNWANTED_FOR, farewell).await;
    }

    /// The connection itself, and what was read from it already.
    pub(super) fn into_parts(self) -> (TlsStream<Socket>, Bytes) {
        (self.stream, self.input.freeze())
    }
}
