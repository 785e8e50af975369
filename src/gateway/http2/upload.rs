//! The body of a request as HTTP/2 brings it.

use std::{
    rc::Rc,
    task::{Context, Poll, ready},
};

use h2::RecvStream;
use http::{Response, StatusCode};

use super::Answering;
use crate::gateway::{
    upstream::BodyFault,
    wire::{HeadBuilder, Piece},
};

/// A body that comes over a stream.
pub(in crate::gateway) struct Upload {
    from: RecvStream,
    answering: Answering,
    /// The guest waits to be told that the body is wanted.
    expects: bool,
}

impl Upload {
    pub(in crate::gateway) fn new(from: RecvStream, answering: &Answering, expects: bool) -> Self {
        Self { from, answering: Rc::clone(answering), expects }
    }

    /// The next piece. What is handed out may be sent anew by the guest: no more than the window waits here.
    pub(in crate::gateway) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, BodyFault>>> {
        let polled = self.from.poll_data(cx);
        if polled.is_pending() && std::mem::take(&mut self.expects) {
            let mut go_on = Response::new(());
            *go_on.status_mut() = StatusCode::CONTINUE;
            // Where the answer has begun already, nobody waits any more.
            let _ = self.answering.borrow_mut().send_informational(go_on);
        }
        match ready!(polled) {
            Some(Ok(data)) => {
                let _ = self.from.flow_control().release_capacity(data.len());
                Poll::Ready(Some(Ok(Piece::Data(data))))
            }
            // The library resets a stream whose body is not as long as it said.
            Some(Err(error)) if error.is_library() => Poll::Ready(Some(Err(BodyFault::Malformed))),
            Some(Err(_)) => Poll::Ready(Some(Err(BodyFault::Aborted))),
            None => match ready!(self.from.poll_trailers(cx)) {
                Ok(None) => Poll::Ready(None),
                Ok(Some(map)) => {
                    let mut fields = HeadBuilder::new();
                    for (name, value) in &map {
                        fields.field(name.as_str().as_bytes(), value.as_bytes());
                    }
                    Poll::Ready(Some(Ok(Piece::Trailers(fields.into_fields()))))
                }
                Err(_) => Poll::Ready(Some(Err(BodyFault::Aborted))),
            },
        }
    }
}
