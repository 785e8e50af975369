//! Writes an answer: head and first piece together, then what comes, as fast as the guest takes it.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::time::{Instant, Sleep, sleep};

use super::Line;
use crate::{
    gateway::{
        Response,
        body::{Broken, Download},
        connection::Connection,
        record::Record,
        tunnel::Switched,
        wire::{Fields, HeadBuf, LAST_CHUNK, Piece, Version, chunk_head},
        worker::Worker,
    },
    observe::RefusedReason,
};

/// What of the request says how its answer is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) version: Version,
    /// It asked with HEAD.
    pub(super) no_body: bool,
    /// Another request may follow.
    pub(super) keep: bool,
    /// It takes trailers.
    pub(super) trailers: bool,
}

/// How the connection goes on.
pub(super) enum Sent {
    /// With another request.
    Next,
    /// Not at all.
    Close,
    /// The answer is not whole.
    Broken,
    /// As something else.
    Tunnel(Box<(Box<Switched>, Option<Box<Record>>)>),
}

/// As long as most heads are.
const USUAL_HEAD: usize = 1_024;
/// So much is gathered before it is written; larger pieces are not copied.
const GATHER: usize = 16 * 1024;

/// Sends an answer.
pub(super) async fn send(line: &Rc<RefCell<Line>>, asked: Asked, response: Response, connection: &Connection) -> Sent {
    let worker = &connection.worker;
    let status = response.status.as_u16();
    let keep = asked.keep && line.borrow().can_go_on();
    let begun = line.borrow_mut().answering();
    let length = response.body.length();
    let framing = Framing::of(asked, status, length);
    let small = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length < GATHER).unwrap_or(0);
    let mut head = HeadBuf::over(worker.buffers.take(USUAL_HEAD + small));
    head.put_lines(&begun);
    write_head(&mut head, asked, keep, &response, framing, worker);
    let out = head.into_bytes();
    let patience = connection.limits.stalled.to_duration();
    let mut writer = Writer { trailers: asked.trailers, patience, ..Writer::new(line, out, response.body, framing) };
    let sent = poll_fn(|cx| writer.poll(cx)).await;
    worker.buffers.give(std::mem::take(&mut writer.out));
    if writer.stalled {
        worker.shared.metrics.refused(RefusedReason::SlowReader);
    }
    match sent {
        Err(_) => Sent::Broken,
        Ok(()) if status == 101 => writer.body.into_tunnel().map_or(Sent::Broken, |opened| Sent::Tunnel(Box::new(opened))),
        Ok(()) if keep && framing != Framing::Close => Sent::Next,
        Ok(()) => Sent::Close,
    }
}

/// How the guest learns where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// There is none.
    None,
    /// So many bytes are still to come.
    Length(u64),
    Chunked,
    Close,
}

impl Framing {
    fn of(asked: Asked, status: u16, length: Option<u64>) -> Self {
        if asked.no_body || status < 200 || matches!(status, 204 | 304) {
            return Self::None;
        }
        match length {
            Some(length) => Self::Length(length),
            None if asked.version == Version::Http10 => Self::Close,
            None => Self::Chunked,
        }
    }
}

fn write_head(head: &mut HeadBuf, asked: Asked, keep: bool, response: &Response, framing: Framing, worker: &Worker) {
    let status = response.status.as_u16();
    head.status_line(status);
    let mut dated = false;
    response.each_field(&mut |name, value| {
        dated |= name.eq_ignore_ascii_case(b"date");
        head.put(name, value);
    });
    if !dated {
        head.put(b"Date", worker.date().as_bytes());
    }
    match framing {
        Framing::Length(length) => head.content_length(length),
        Framing::Chunked => head.chunked(),
        // What a GET would have got may be said.
        Framing::None if asked.no_body || status == 304 => {
            if let Some(length) = response.promised_length() {
                head.content_length(length);
            }
        }
        Framing::None | Framing::Close => {}
    }
    if status == 101 {
        head.put(b"Connection", b"Upgrade");
        head.put(b"Upgrade", b"websocket");
    } else if !keep || framing == Framing::Close {
        head.put(b"Connection", b"close");
    } else if asked.version == Version::Http10 {
        head.put(b"Connection", b"keep-alive");
    }
    head.finish();
}

/// An answer on its way.
struct Writer<'l> {
    line: &'l RefCell<Line>,
    /// Head, framing and small pieces.
    out: BytesMut,
    /// A large piece that comes behind them.
    piece: Bytes,
    body: Download,
    framing: Framing,
    ended: bool,
    /// Why no more comes. What came before is the guest's all the same.
    broken: Option<Broken>,
    flushed: bool,
    /// A large piece has been handed to TLS: nothing follows until the socket has taken it, so that a slow guest costs one piece.
    full: bool,
    timer: Option<Pin<Box<Sleep>>>,
    /// It was the guest who took nothing.
    stalled: bool,
    /// The guest takes trailers.
    trailers: bool,
    /// How long it may take nothing.
    patience: Duration,
}

impl<'l> Writer<'l> {
    fn new(line: &'l RefCell<Line>, out: BytesMut, body: Download, framing: Framing) -> Self {
        Self {
            line,
            out,
            piece: Bytes::new(),
            body,
            framing,
            ended: false,
            broken: None,
            flushed: false,
            full: false,
            timer: None,
            stalled: false,
            trailers: false,
            patience: Duration::MAX,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        loop {
            if self.full && self.piece.is_empty() {
                let flushed = self.line.borrow_mut().poll_flush(cx);
                ready!(self.moved(cx, flushed))?;
                self.full = false;
            }
            while !self.ended && self.broken.is_none() && self.piece.is_empty() && self.out.len() < GATHER {
                match self.body.poll_piece(cx) {
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) => self.load(piece)?,
                    Poll::Ready(Some(Ok(Piece::Trailers(fields)))) => self.end_with(&fields)?,
                    Poll::Ready(Some(Err(Broken::Revoked))) => return Poll::Ready(Err(Broken::Revoked)),
                    Poll::Ready(Some(Err(broken))) => self.broken = Some(broken),
                    Poll::Ready(None) => self.end()?,
                }
            }
            if self.out.is_empty() && self.piece.is_empty() {
                if !self.flushed {
                    let flushed = self.line.borrow_mut().poll_flush(cx);
                    ready!(self.moved(cx, flushed))?;
                    self.flushed = true;
                }
                match self.broken {
                    Some(broken) => return Poll::Ready(Err(broken)),
                    None if self.ended => return Poll::Ready(Ok(())),
                    None => {}
                }
                // The app is waited for: nobody is, where the guest has left.
                return self.line.borrow_mut().poll_gone(cx).map(|()| Err(Broken::Cut));
            }
            let written = self.line.borrow_mut().poll_write(cx, &self.out, &self.piece);
            let n = ready!(self.moved(cx, written))?;
            self.consume(n);
        }
    }

    /// What came of a write. A guest that takes nothing for too long is left; meanwhile the request's body moves on.
    fn moved<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<Result<T, Broken>> {
        match done {
            Poll::Ready(done) => {
                if let Some(timer) = &mut self.timer {
                    timer.as_mut().reset(Instant::now() + self.patience);
                }
                Poll::Ready(done.map_err(|_| Broken::Cut))
            }
            Poll::Pending => {
                self.body.poll_request(cx);
                let patience = self.patience;
                let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
                ready!(timer.as_mut().poll(cx));
                self.stalled = true;
                Poll::Ready(Err(Broken::Stalled))
            }
        }
    }

    fn load(&mut self, piece: Bytes) -> Result<(), Broken> {
        if piece.is_empty() {
            return Ok(());
        }
        self.flushed = false;
        match &mut self.framing {
            Framing::None => return Ok(()),
            Framing::Length(left) => *left = left.checked_sub(piece.len() as u64).ok_or(Broken::Cut)?,
            Framing::Chunked => {
                let mut space = [0; 18];
                self.out.extend_from_slice(chunk_head(piece.len(), &mut space));
            }
            Framing::Close => {}
        }
        if piece.len() < GATHER {
            self.out.extend_from_slice(&piece);
            self.end_chunk();
        } else {
            self.piece = piece;
            self.full = true;
        }
        Ok(())
    }

    /// Ends a body in chunks with these fields; where the guest has not asked for any, without.
    fn end_with(&mut self, fields: &Fields) -> Result<(), Broken> {
        if self.framing != Framing::Chunked || !self.trailers {
            return self.end();
        }
        (self.ended, self.flushed) = (true, false);
        let mut trailers = HeadBuf::default();
        for (name, value) in fields.iter() {
            let _ = trailers.field(name, value);
        }
        trailers.finish();
        self.out.extend_from_slice(b"0\r\n");
        self.out.extend_from_slice(trailers.as_bytes());
        Ok(())
    }

    fn end(&mut self) -> Result<(), Broken> {
        self.ended = true;
        match self.framing {
            Framing::Length(1..) => return Err(Broken::Cut),
            Framing::Chunked => self.out.extend_from_slice(LAST_CHUNK),
            Framing::None | Framing::Length(0) | Framing::Close => {}
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        if self.framing == Framing::Chunked {
            self.out.extend_from_slice(b"\r\n");
        }
    }

    fn consume(&mut self, n: usize) {
        self.flushed = false;
        let of_out = n.min(self.out.len());
        self.out.advance(of_out);
        let of_piece = n - of_out;
        self.piece.advance(of_piece);
        if of_piece > 0 && self.piece.is_empty() {
            self.end_chunk();
        }
    }
}
