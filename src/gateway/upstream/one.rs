//! A request and its answer over a connection of HTTP/1.1, both ways at once.

use std::{
    future::{Future as _, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::{io::AsyncWrite as _, time::Instant};

use super::{BodyFault, Deadlines, RequestBody, Trailing, UpstreamError, target::Conn};
use crate::gateway::{
    buffers::BUFFER,
    wire::{
        BodyDecoder, BodyFraming, Decoded, Fields, HeadBuf, LAST_CHUNK, Limits, Parsed, Piece, Progress, ResponseError, ResponseHead,
        chunk_head, parse_response,
    },
};

/// An exchange and its answer. In a box from beginning to end: it is handed on often.
pub(super) struct One<B> {
    pub(super) flow: Flow<B>,
    decoder: BodyDecoder,
    keep_alive: bool,
}

/// Both directions of an exchange over one connection.
pub(super) struct Flow<B> {
    pub(super) conn: Box<Conn>,
    /// What is about to be written.
    out: BytesMut,
    piece: Bytes,
    pub(super) body: B,
    trailers: Option<Fields>,
    chunked: bool,
    stage: Stage,
    /// The upstream no longer takes the request; it may still have answered.
    deaf: bool,
    /// Anything at all has come back.
    pub(super) heard: bool,
    pub(super) deadlines: Deadlines,
    /// Why the request's body failed, where that is still to be said.
    fault: Option<BodyFault>,
    /// Something has moved since the timer was set.
    moved: bool,
    /// Nothing was written yet: what there is of the body at once goes out with the head.
    unbegun: bool,
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
/// How much is read at once, but for the first time: most answers are small.
const READ: usize = 64 * 1024;
/// How long a head waits for the first of its body. Many applications write them one after the other, and what comes in two packets a moment
/// apart is then sent on in one.
const MOMENT: Duration = Duration::from_millis(1);

/// How much room there must be before something is read.
#[derive(Debug, Clone, Copy)]
enum Room {
    /// Whatever there is.
    Any,
    /// For so many bytes, and one more: who fills it to the brim does not know whether there was more to read.
    Left(usize),
    /// As much as is read at once.
    More,
}

impl Room {
    /// For what is left of a body, as far as that is known.
    fn left(left: Option<u64>) -> Self {
        left.and_then(|left| usize::try_from(left).ok()).filter(|left| *left < READ).map_or(Self::More, Self::Left)
    }

    fn bytes(self) -> usize {
        match self {
            Self::Any => 1,
            Self::Left(left) => left + 1,
            Self::More => READ,
        }
    }
}

impl<B: RequestBody> Flow<B> {
    pub(super) fn new(conn: Box<Conn>, head: HeadBuf, body: B, deadlines: Deadlines) -> Self {
        let stage = if body.framing() == BodyFraming::None { Stage::Last } else { Stage::Body };
        Self {
            conn,
            out: head.into_bytes(),
            piece: Bytes::new(),
            trailers: None,
            chunked: body.framing() == BodyFraming::Chunked,
            body,
            stage,
            deaf: false,
            heard: false,
            deadlines,
            fault: None,
            moved: true,
            unbegun: true,
        }
    }

    /// The request's body, where everything else is of no more use.
    pub(super) fn into_body(self) -> B {
        self.body
    }

    /// Waits for the head of the final answer. The time for it runs from the last byte of the request.
    async fn answer(&mut self, method: &str, trailing: &Trailing) -> Result<ResponseHead, UpstreamError> {
        let limits = Limits { head: 64 * 1024, ..Limits::default() };
        let (mut progress, mut interim) = (Progress::default(), 0);
        poll_fn(|context| {
            self.poll_send(context, trailing)?;
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
                    Parsed::Partial => match self.poll_fill(context, Room::More) {
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
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>, trailing: &Trailing) -> Result<(), UpstreamError> {
        if let Some(fault) = self.fault {
            return Err(UpstreamError::Request(fault));
        }
        while !self.deaf && self.stage != Stage::Sent {
            let unbegun = std::mem::take(&mut self.unbegun);
            if (unbegun || self.out.is_empty()) && self.piece.is_empty() && self.stage == Stage::Body {
                match self.body.poll_piece(context) {
                    Poll::Pending if self.out.is_empty() => break,
                    Poll::Pending => continue,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) if piece.is_empty() => continue,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) => self.load(piece),
                    Poll::Ready(Some(Ok(Piece::Trailers(fields)))) => {
                        self.hear_trailers(&fields, trailing);
                        continue;
                    }
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
                    // While the answer is waited for, somebody else makes use of the memory.
                    self.conn.buffers.give(std::mem::take(&mut self.out));
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
            self.out.extend_from_slice(chunk_head(piece.len(), &mut space));
        }
        self.piece = piece;
    }

    /// Trailers need chunks to stand behind.
    fn hear_trailers(&mut self, fields: &Fields, trailing: &Trailing) {
        if self.chunked {
            self.trailers = trailing.of_request(fields);
        } else {
            trailing.dropped_of_request();
        }
    }

    fn end(&mut self) {
        match self.trailers.take() {
            _ if !self.chunked => {}
            None => self.out.extend_from_slice(LAST_CHUNK),
            Some(fields) => {
                let mut head = HeadBuf::default();
                for (name, value) in fields.iter() {
                    // A field that could not be written as it was read would be left out; the reader lets none through.
                    let _ = head.field(name, value);
                }
                head.finish();
                self.out.extend_from_slice(b"0\r\n");
                self.out.extend_from_slice(head.as_bytes());
            }
        }
        self.stage = Stage::Last;
    }

    /// Writes what is buffered: framing first, then the piece, then the end of its chunk.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let stream = Pin::new(&mut self.conn.stream);
            if !self.out.is_empty() {
                let parts = [io::IoSlice::new(&self.out), io::IoSlice::new(&self.piece)];
                let used = if self.piece.is_empty() { 1 } else { 2 };
                let n = ready!(stream.poll_write_vectored(context, parts.get(..used).unwrap_or_default()))?;
                if n == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                let of_out = n.min(self.out.len());
                self.out.advance(of_out);
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
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// Waits a moment for the first of the body, where the head has come alone.
    async fn first_of_body(&mut self, framing: BodyFraming) -> Result<(), UpstreamError> {
        let room = if let BodyFraming::Length(length) = framing { Room::left(Some(length)) } else { Room::Any };
        self.conn.timer.as_mut().reset(Instant::now() + MOMENT);
        poll_fn(|context| match self.poll_fill(context, room) {
            // The end is there for whoever reads on.
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Ready(Err(cause)) => Poll::Ready(Err(UpstreamError::Io(cause))),
            Poll::Pending => self.conn.timer.as_mut().poll(context).map(Ok),
        })
        .await
    }

    fn poll_fill(&mut self, context: &mut Context<'_>, room: Room) -> Poll<io::Result<usize>> {
        // Room is made only where there is something to read.
        ready!(self.conn.stream.poll_readable(context))?;
        if self.conn.buffer.capacity() == 0 && !self.heard {
            self.conn.buffer = self.conn.buffers.take(BUFFER);
        }
        self.conn.buffer.reserve(if self.heard { room.bytes() } else { 1 });
        let n = ready!(tokio_util::io::poll_read_buf(Pin::new(&mut self.conn.stream), context, &mut self.conn.buffer))?;
        self.heard |= n > 0;
        Poll::Ready(Ok(n))
    }

    /// Whether things have stood still for too long.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<UpstreamError> {
        if self.stage == Stage::Body && self.out.is_empty() && self.piece.is_empty() {
            // The client is waited for; its body has a deadline of its own.
            return Poll::Pending;
        }
        if std::mem::take(&mut self.moved) {
            let patience = if self.stage == Stage::Sent && !self.heard { self.deadlines.first_byte } else { self.deadlines.between };
            self.conn.timer.as_mut().reset(Instant::now() + patience);
        }
        self.conn.timer.as_mut().poll(context).map(|()| UpstreamError::Timeout)
    }

    /// The time runs anew. The timer is only set where somebody comes to wait for it.
    pub(super) fn touch(&mut self) {
        self.moved = true;
    }
}

impl<B: RequestBody> One<B> {
    /// A request that is about to be sent.
    pub(super) fn new(flow: Flow<B>) -> Box<Self> {
        Box::new(Self { flow, decoder: BodyDecoder::new(BodyFraming::None), keep_alive: false })
    }

    /// Waits for the head of the answer; its body follows.
    pub(super) async fn answer(&mut self, method: &str, trailing: &Trailing) -> Result<ResponseHead, UpstreamError> {
        let head = self.flow.answer(method, trailing).await?;
        let decoder = BodyDecoder::new(head.framing());
        self.decoder = if trailing.keeps() { decoder.keeping_trailers() } else { decoder };
        self.keep_alive = head.keep_alive();
        if !self.decoder.is_done() && head.status() >= 200 && self.flow.conn.buffer.is_empty() {
            self.flow.first_of_body(head.framing()).await?;
        }
        Ok(head)
    }

    /// The next piece of the answer, `None` at its end.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>, trailing: &Trailing) -> Poll<Result<Option<Piece>, UpstreamError>> {
        let flow = &mut self.flow;
        flow.poll_send(context, trailing)?;
        loop {
            match self.decoder.decode(&mut flow.conn.buffer)? {
                Decoded::Data(piece) => return Poll::Ready(Ok(Some(Piece::Data(piece)))),
                Decoded::Trailers(fields) => {
                    if let Some(fields) = trailing.of_answer(&fields) {
                        return Poll::Ready(Ok(Some(Piece::Trailers(fields))));
                    }
                }
                Decoded::End => {
                    if self.decoder.has_dropped_trailers() {
                        trailing.dropped_of_answer();
                    }
                    return Poll::Ready(Ok(None));
                }
                Decoded::More => match flow.poll_fill(context, Room::left(self.decoder.left())) {
                    Poll::Ready(Ok(0)) => self.decoder.closed()?,
                    Poll::Ready(Ok(_)) => flow.touch(),
                    Poll::Ready(Err(cause)) => return Poll::Ready(Err(UpstreamError::Io(cause))),
                    Poll::Pending => return flow.poll_late(context).map(Err),
                },
            }
        }
    }
}

impl<B> One<B> {
    /// Whether the answer is whole.
    pub(super) fn is_done(&self) -> bool {
        self.decoder.is_done()
    }

    /// How much of it is still to come, where that was announced.
    pub(super) fn length(&self) -> Option<u64> {
        self.decoder.left()
    }

    /// Whether nothing about the connection is in doubt: everything was sent, everything was read, nothing is left over.
    pub(super) fn is_clean(&self) -> bool {
        let flow = &self.flow;
        self.keep_alive && self.decoder.is_done() && flow.stage == Stage::Sent && !flow.deaf && flow.conn.buffer.is_empty()
    }
}
