//! A request and its answer over a stream of HTTP/2, both ways at once.

use std::{
    future::{Future as _, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, client::ResponseFuture};
use http::{HeaderMap, Request};
use tokio::time::{Instant, Sleep};

use super::{
    BodyFault, Deadlines, RequestBody, Socket, UpstreamError,
    frames::{self, Kind},
    mux::Lease,
    trailers::{Trailing, of_map, to_map},
};
use crate::gateway::wire::{BodyError, BodyFraming, HeadBuf, Piece, ResponseError, ResponseHead};

/// Both directions of an exchange over one stream.
pub(super) struct Two<B> {
    body: B,
    piece: Bytes,
    trailers: Option<HeaderMap>,
    send: SendStream<Bytes>,
    answer: Answering,
    stage: Stage,
    /// The upstream no longer takes the request; it may still have answered.
    deaf: bool,
    /// Something of the body has been taken from the guest.
    pub(super) begun: bool,
    deadlines: Deadlines,
    timer: Pin<Box<Sleep>>,
    fault: Option<BodyFault>,
    /// What has been handed on and not yet been made room for.
    taken: usize,
    left: Option<u64>,
    lease: Lease,
}

enum Answering {
    Head(ResponseFuture),
    Body(RecvStream),
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The body is still coming.
    Body,
    /// It is a WebSocket: our side stays open.
    Open,
    /// Everything has been handed over.
    Sent,
}

/// Most informational answers before the final one.
const MOST_INTERIM: u32 = 16;

impl<B: RequestBody> Two<B> {
    /// Sends the head. Where that fails, nothing has been sent, and the body is given back.
    pub(super) async fn begin(
        mut lease: Lease,
        request: Request<()>,
        kind: Kind,
        body: B,
        deadlines: Deadlines,
    ) -> Result<Self, (B, h2::Error)> {
        if let Err(error) = poll_fn(|context| lease.send.poll_ready(context)).await {
            lease.retire();
            return Err((body, error));
        }
        let stage = match (kind, body.framing()) {
            (Kind::WebSocket, _) => Stage::Open,
            (Kind::Plain | Kind::WithTrailers, BodyFraming::None) => Stage::Sent,
            (Kind::Plain | Kind::WithTrailers, BodyFraming::Length(_) | BodyFraming::Chunked | BodyFraming::UntilClose) => Stage::Body,
        };
        let (answer, send) = match lease.send.send_request(request, stage == Stage::Sent) {
            Ok(sent) => sent,
            Err(error) => {
                lease.retire();
                return Err((body, error));
            }
        };
        let timer = Box::pin(tokio::time::sleep(deadlines.first_byte));
        Ok(Self {
            body,
            piece: Bytes::new(),
            trailers: None,
            send,
            answer: Answering::Head(answer),
            stage,
            deaf: false,
            begun: false,
            deadlines,
            timer,
            fault: None,
            taken: 0,
            left: None,
            lease,
        })
    }

    /// Waits for the head of the final answer.
    pub(super) async fn answer(&mut self, (head, method): (&HeadBuf, &str), trailing: &Trailing) -> Result<ResponseHead, UpstreamError> {
        let mut interim = 0;
        poll_fn(|context| {
            self.poll_send(context, trailing)?;
            let Answering::Head(answer) = &mut self.answer else { return Poll::Ready(Err(UpstreamError::Closed)) };
            while let Poll::Ready(Some(told)) = answer.poll_informational(context) {
                let told = told.map_err(UpstreamError::of_stream)?;
                interim += 1;
                if interim > MOST_INTERIM {
                    return Poll::Ready(Err(UpstreamError::Response(ResponseError::TooLarge)));
                }
                if told.status().as_u16() > 101 {
                    self.body.inform(&frames::answer(&told, method, false)?);
                }
            }
            match Pin::new(answer).poll(context) {
                Poll::Pending => self.poll_late(context).map(Err),
                Poll::Ready(Err(error)) => Poll::Ready(Err(UpstreamError::of_stream(error))),
                Poll::Ready(Ok(answered)) => Poll::Ready(self.read(answered, head, method)),
            }
        })
        .await
    }

    fn read(&mut self, answered: http::Response<RecvStream>, head: &HeadBuf, method: &str) -> Result<ResponseHead, UpstreamError> {
        let read = if self.stage == Stage::Open && answered.status().is_success() {
            frames::switched(&answered, head)
        } else {
            frames::answer(&answered, method, !answered.body().is_end_stream())?
        };
        self.left = match read.framing() {
            BodyFraming::None => Some(0),
            BodyFraming::Length(length) => Some(length),
            BodyFraming::Chunked | BodyFraming::UntilClose => None,
        };
        self.answer = Answering::Body(answered.into_body());
        self.touch();
        Ok(read)
    }

    /// Moves the request as far as the upstream makes room for it.
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>, trailing: &Trailing) -> Result<(), UpstreamError> {
        if let Some(fault) = self.fault {
            return Err(UpstreamError::Request(fault));
        }
        while !self.deaf && self.stage == Stage::Body {
            if self.piece.is_empty() {
                match self.body.poll_piece(context) {
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) => {
                        self.begun = true;
                        self.send.reserve_capacity(piece.len());
                        self.piece = piece;
                    }
                    Poll::Ready(Some(Ok(Piece::Trailers(fields)))) => {
                        self.begun = true;
                        self.trailers = trailing.of_request(&fields).map(|fields| to_map(&fields));
                    }
                    Poll::Ready(Some(Err(fault))) => {
                        self.fault = Some(fault);
                        self.send.send_reset(Reason::CANCEL);
                        return Err(UpstreamError::Request(fault));
                    }
                    Poll::Ready(None) => self.end(),
                }
            } else if self.poll_piece(context).is_pending() {
                break;
            }
            self.touch();
        }
        Ok(())
    }

    fn end(&mut self) {
        self.begun = true;
        let ended = match self.trailers.take() {
            Some(map) => self.send.send_trailers(map),
            None => self.send.send_data(Bytes::new(), true),
        };
        // A stream that was closed under us has its answer, or says why not.
        self.deaf |= ended.is_err();
        self.stage = Stage::Sent;
    }

    /// Hands over as much of the piece as there is room for.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let room = match self.send.capacity() {
            0 => match ready!(self.send.poll_capacity(context)) {
                Some(Ok(room)) => room,
                Some(Err(_)) | None => {
                    self.deaf = true;
                    return Poll::Ready(());
                }
            },
            room => room,
        };
        let part = self.piece.split_to(room.min(self.piece.len()));
        self.deaf |= !part.is_empty() && self.send.send_data(part, false).is_err();
        if !self.piece.is_empty() {
            self.send.reserve_capacity(self.piece.len());
        }
        Poll::Ready(())
    }

    /// The next piece of the answer, `None` at its end.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>, trailing: &Trailing) -> Poll<Result<Option<Piece>, UpstreamError>> {
        self.poll_send(context, trailing)?;
        let Answering::Body(answer) = &mut self.answer else { return Poll::Ready(Ok(None)) };
        // Whoever asks for more has passed on what it got.
        let passed_on = std::mem::take(&mut self.taken);
        if passed_on > 0 {
            answer.flow_control().release_capacity(passed_on).map_err(UpstreamError::of_stream)?;
        }
        loop {
            match answer.poll_data(context) {
                Poll::Pending => return self.poll_late(context).map(Err),
                Poll::Ready(Some(Ok(data))) if data.is_empty() => {}
                Poll::Ready(Some(Ok(data))) => {
                    self.taken = data.len();
                    if let Some(left) = &mut self.left {
                        *left = left.checked_sub(data.len() as u64).ok_or(UpstreamError::Response(ResponseError::Framing))?;
                    }
                    self.touch();
                    return Poll::Ready(Ok(Some(Piece::Data(data))));
                }
                Poll::Ready(Some(Err(error))) if !is_over(&error) => return Poll::Ready(Err(UpstreamError::of_stream(error))),
                Poll::Ready(None | Some(Err(_))) => break,
            }
        }
        if self.left.is_some_and(|left| left > 0) {
            return Poll::Ready(Err(UpstreamError::Body(BodyError::Early)));
        }
        let trailers = match answer.poll_trailers(context) {
            Poll::Pending => return self.poll_late(context).map(Err),
            Poll::Ready(Err(error)) if is_over(&error) => None,
            Poll::Ready(trailers) => trailers.map_err(UpstreamError::of_stream)?,
        };
        self.answer = Answering::Done;
        Poll::Ready(Ok(trailers.and_then(|map| trailing.of_answer(&of_map(&map))).map(Piece::Trailers)))
    }

    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<UpstreamError> {
        if self.stage == Stage::Body && self.piece.is_empty() {
            // The client is waited for; its body has a deadline of its own.
            return Poll::Pending;
        }
        self.timer.as_mut().poll(context).map(|()| UpstreamError::Timeout)
    }

    fn touch(&mut self) {
        let waits = self.stage != Stage::Body && matches!(self.answer, Answering::Head(_));
        let patience = if waits { self.deadlines.first_byte } else { self.deadlines.between };
        self.timer.as_mut().reset(Instant::now() + patience);
    }

    /// How long the answer may pause from now on.
    pub(super) fn set_patience(&mut self, between: std::time::Duration) {
        self.deadlines.between = between;
        self.touch();
    }
}

/// Whether the upstream only says that it needs no more of the request (RFC 9113, 8.1); its answer is whole then.
fn is_over(error: &h2::Error) -> bool {
    error.is_remote() && error.is_reset() && error.reason() == Some(Reason::NO_ERROR)
}

impl<B> Two<B> {
    /// Whether the answer is whole.
    pub(super) fn is_done(&self) -> bool {
        match &self.answer {
            Answering::Head(_) => false,
            Answering::Body(answer) => answer.is_end_stream(),
            Answering::Done => true,
        }
    }

    /// How much of it is still to come, where that was announced.
    pub(super) fn length(&self) -> Option<u64> {
        self.left
    }

    /// The body, of which nothing has been taken; `error` says why it is needed again.
    pub(super) fn into_unsent(self, error: &UpstreamError) -> B {
        if error.is_farewell() {
            self.lease.retire();
        }
        self.body
    }

    /// Takes the stream over after a WebSocket was accepted.
    pub(super) fn into_socket(self) -> Option<Socket> {
        match self.answer {
            Answering::Body(answer) if self.stage == Stage::Open => Some(Socket::new(self.send, answer, self.lease)),
            Answering::Body(_) | Answering::Head(_) | Answering::Done => None,
        }
    }
}
