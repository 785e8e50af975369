//! One request and its answer. Both directions move at once, so that an answer that comes early is heard and neither side waits for ever.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use tokio::{io::AsyncWrite as _, time::Instant};

use super::{BodyFault, RequestBody, Stream, Target, UpstreamError, target::Conn};
use crate::gateway::wire::{
    BodyDecoder, BodyFraming, Decoded, HeadBuf, LAST_CHUNK, Limits, Parsed, Piece, Progress, ResponseError, ResponseHead, chunk_head,
    parse_response,
};

/// How long an exchange may stand still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// From the end of the request to the beginning of the answer.
    pub(crate) first_byte: Duration,
    /// Between two pieces, of either body.
    pub(crate) between: Duration,
}

/// An answer whose head has come.
pub(crate) struct Answer<B> {
    /// Its head.
    pub(crate) head: ResponseHead,
    /// Its body, while it comes.
    pub(crate) body: UpstreamBody<B>,
}

/// The body of an answer. Asking for it also moves what is left of the request.
pub(crate) struct UpstreamBody<B> {
    flow: Option<Flow<B>>,
    decoder: BodyDecoder,
    keep_alive: bool,
    target: Rc<Target>,
}

/// A connection that has left HTTP (RFC 9110, 7.8), and what the upstream has said on it already.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The connection.
    pub(crate) stream: Stream,
    /// Bytes that came behind the head.
    pub(crate) early: Bytes,
}

/// Sends a request and waits for the head of the answer. `head` is finished, the body follows it.
///
/// A request that met a pooled connection gone stale is sent once more over a new one, if it has no body and is idempotent.
pub(crate) async fn exchange<B: RequestBody>(
    target: &Rc<Target>,
    method: &str,
    head: &HeadBuf,
    body: B,
    deadlines: Deadlines,
) -> Result<Answer<B>, UpstreamError> {
    let conn = target.open().await?;
    let again = conn.reused && body.framing() == BodyFraming::None && is_idempotent(method);
    let mut flow = Flow::new(conn, head, body, deadlines);
    let mut answered = flow.answer(method).await;
    if let Err(UpstreamError::Closed | UpstreamError::Io(_)) = answered
        && again
        && !flow.heard
    {
        let conn = target.connect().await?;
        flow = Flow::new(conn, head, flow.body, deadlines);
        answered = flow.answer(method).await;
    }
    let head = answered?;
    let decoder = BodyDecoder::new(head.framing());
    let body = UpstreamBody { flow: Some(flow), decoder, keep_alive: head.keep_alive(), target: Rc::clone(target) };
    Ok(Answer { head, body })
}

/// RFC 9110, 9.2.2.
fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "PROPFIND")
}

/// Both directions of an exchange over one connection.
struct Flow<B> {
    conn: Conn,
    piece: Bytes,
    body: B,
    chunked: bool,
    stage: Stage,
    /// The upstream no longer takes the request; it may still have answered.
    deaf: bool,
    /// Anything at all has come back.
    heard: bool,
    deadlines: Deadlines,
    /// Why the request's body failed, where that is still to be said.
    fault: Option<BodyFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The body is still coming.
    Body,
    /// What is buffered is the rest.
    Last,
    /// Everything has been written.
    Sent,
}

/// Most informational answers before the final one.
const MOST_INTERIM: u32 = 16;
/// How much is read at once, and at first: most answers are small.
const READ: usize = 64 * 1024;
const FIRST_READ: usize = 4 * 1024;

impl<B: RequestBody> Flow<B> {
    fn new(mut conn: Conn, head: &HeadBuf, body: B, deadlines: Deadlines) -> Self {
        conn.out.clear();
        conn.out.extend_from_slice(head.as_bytes());
        let stage = if body.framing() == BodyFraming::None { Stage::Last } else { Stage::Body };
        Self {
            conn,
            piece: Bytes::new(),
            chunked: body.framing() == BodyFraming::Chunked,
            body,
            stage,
            deaf: false,
            heard: false,
            deadlines,
            fault: None,
        }
    }

    /// Waits for the head of the final answer. The time for it runs from the last byte of the request.
    async fn answer(&mut self, method: &str) -> Result<ResponseHead, UpstreamError> {
        let limits = Limits { head: 64 * 1024, ..Limits::default() };
        self.touch();
        let (mut progress, mut interim) = (Progress::default(), 0);
        poll_fn(|context| {
            self.poll_send(context)?;
            loop {
                match parse_response(&mut self.conn.buffer, method, &limits, &mut progress)? {
                    // Informational answers are for the one who asked for them; only a switch of protocols is final.
                    Parsed::Complete(head) if head.status() < 200 && head.status() != 101 => {
                        interim += 1;
                        if interim > MOST_INTERIM {
                            return Poll::Ready(Err(UpstreamError::Response(ResponseError::TooLarge)));
                        }
                        if head.status() > 101 {
                            self.body.inform(&head);
                        }
                    }
                    Parsed::Complete(head) => {
                        self.touch();
                        return Poll::Ready(Ok(head));
                    }
                    Parsed::Partial => match self.poll_fill(context) {
                        Poll::Ready(Ok(0)) => return Poll::Ready(Err(UpstreamError::Closed)),
                        // A head that comes byte by byte gets no more time for it.
                        Poll::Ready(Ok(_)) => {}
                        Poll::Ready(Err(cause)) => return Poll::Ready(Err(UpstreamError::Io(cause))),
                        Poll::Pending => return self.poll_late(context).map(Err),
                    },
                }
            }
        })
        .await
    }

    /// Moves the request as far as it goes. A request body that fails is an error; an upstream that no longer listens is not.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Result<(), UpstreamError> {
        if let Some(fault) = self.fault {
            return Err(UpstreamError::Request(fault));
        }
        while !self.deaf && self.stage != Stage::Sent {
            if self.conn.out.is_empty() && self.piece.is_empty() && self.stage == Stage::Body {
                match self.body.poll_piece(context) {
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) if piece.is_empty() => continue,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) => self.load(piece),
                    Poll::Ready(Some(Ok(Piece::Trailers(_)))) => continue,
                    Poll::Ready(Some(Err(fault))) => {
                        self.fault = Some(fault);
                        return Err(UpstreamError::Request(fault));
                    }
                    Poll::Ready(None) => self.end(),
                }
                self.touch();
            }
            match self.poll_write(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(())) if self.stage == Stage::Last => {
                    self.stage = Stage::Sent;
                    self.touch();
                }
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => self.deaf = true,
            }
        }
        Ok(())
    }

    fn load(&mut self, piece: Bytes) {
        if self.chunked {
            let mut space = [0; 18];
            self.conn.out.extend_from_slice(chunk_head(piece.len(), &mut space));
        }
        self.piece = piece;
    }

    fn end(&mut self) {
        if self.chunked {
            self.conn.out.extend_from_slice(LAST_CHUNK);
        }
        self.stage = Stage::Last;
    }

    /// Writes what is buffered: framing first, then the piece, then the end of its chunk.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let stream = Pin::new(&mut self.conn.stream);
            if !self.conn.out.is_empty() {
                let parts = [io::IoSlice::new(&self.conn.out), io::IoSlice::new(&self.piece)];
                let used = if self.piece.is_empty() { 1 } else { 2 };
                let n = ready!(stream.poll_write_vectored(context, parts.get(..used).unwrap_or_default()))?;
                if n == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                let of_out = n.min(self.conn.out.len());
                self.conn.out.advance(of_out);
                self.consume(n - of_out);
            } else if !self.piece.is_empty() {
                let n = ready!(stream.poll_write(context, &self.piece))?;
                if n == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.consume(n);
            } else {
                return stream.poll_flush(context);
            }
            self.touch();
        }
    }

    /// Takes what was written off the piece; behind the last of it stands the line end of its chunk.
    fn consume(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        self.piece.advance(n);
        if self.piece.is_empty() && self.chunked {
            self.conn.out.extend_from_slice(b"\r\n");
        }
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.conn.buffer.reserve(if self.heard { READ } else { FIRST_READ });
        let n = ready!(tokio_util::io::poll_read_buf(Pin::new(&mut self.conn.stream), context, &mut self.conn.buffer))?;
        self.heard |= n > 0;
        Poll::Ready(Ok(n))
    }

    /// Whether things have stood still for too long.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<UpstreamError> {
        if self.stage == Stage::Body && self.conn.out.is_empty() && self.piece.is_empty() {
            // The client is waited for; its body has a deadline of its own.
            return Poll::Pending;
        }
        self.conn.timer.as_mut().poll(context).map(|()| UpstreamError::Timeout)
    }

    fn touch(&mut self) {
        let patience = if self.stage == Stage::Sent && !self.heard { self.deadlines.first_byte } else { self.deadlines.between };
        self.conn.timer.as_mut().reset(Instant::now() + patience);
    }
}

impl<B: RequestBody> UpstreamBody<B> {
    /// The next piece of the answer, `None` at its end. Not to be asked again after the end or an error.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Piece>, UpstreamError>> {
        let Some(flow) = &mut self.flow else { return Poll::Ready(Ok(None)) };
        flow.poll_send(context)?;
        loop {
            match self.decoder.decode(&mut flow.conn.buffer)? {
                Decoded::Data(piece) => return Poll::Ready(Ok(Some(Piece::Data(piece)))),
                Decoded::Trailers(fields) => return Poll::Ready(Ok(Some(Piece::Trailers(fields)))),
                Decoded::End => {
                    self.finish();
                    return Poll::Ready(Ok(None));
                }
                Decoded::More => match flow.poll_fill(context) {
                    Poll::Ready(Ok(0)) => self.decoder.closed()?,
                    Poll::Ready(Ok(_)) => flow.touch(),
                    Poll::Ready(Err(cause)) => return Poll::Ready(Err(UpstreamError::Io(cause))),
                    Poll::Pending => return flow.poll_late(context).map(Err),
                },
            }
        }
    }

    /// Whether the answer is whole.
    pub(crate) fn is_done(&self) -> bool {
        self.flow.is_none() || self.decoder.is_done()
    }

    /// How long it is in all, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.decoder.left()
    }

    /// Moves what is left of the request, while nobody takes the answer. What fails is said by the next piece.
    pub(crate) fn poll_request(&mut self, context: &mut Context<'_>) {
        if let Some(flow) = &mut self.flow {
            let _ = flow.poll_send(context);
        }
    }

    /// How long the answer may pause from now on.
    pub(crate) fn set_patience(&mut self, between: Duration) {
        if let Some(flow) = &mut self.flow {
            flow.deadlines.between = between;
            flow.touch();
        }
    }

    /// Takes the connection over after a `101 Switching Protocols`.
    pub(crate) fn into_tunnel(mut self) -> Option<Tunnel> {
        self.flow.take().map(|flow| Tunnel { stream: flow.conn.stream, early: flow.conn.buffer.freeze() })
    }
}

impl<B> UpstreamBody<B> {
    /// Gives the connection back, if nothing about it is in doubt: everything was sent, everything was read, nothing is left over.
    fn finish(&mut self) {
        let Some(flow) = self.flow.take() else { return };
        let clean = flow.stage == Stage::Sent && !flow.deaf && flow.conn.buffer.is_empty();
        if clean && self.keep_alive {
            self.target.keep(flow.conn);
        }
    }
}

impl<B> Drop for UpstreamBody<B> {
    fn drop(&mut self) {
        // An answer that has no body, or one whose length was known, may end without a last look at it.
        if self.decoder.is_done() {
            self.finish();
        }
    }
}
