//! Writes an answer into its stream, as fast as the guest's windows let it.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::time::{Sleep, sleep};

use super::{Answering, socket::Duplex};
use crate::{
    gateway::{
        Response,
        body::{Broken, Download},
        connection::Connection,
        tunnel,
        wire::{Fields, Piece},
    },
    observe::RefusedReason,
};

/// Why an answer does not come to its end.
enum Halt {
    /// The guest has reset the stream, or is gone.
    Gone,
    /// The guest takes nothing.
    Stalled,
    /// The body has broken off.
    Broken(Broken),
}

/// What of an answer the guest wants.
pub(super) enum Wanted {
    /// All of it.
    Answer,
    /// Its head.
    Head,
    /// A WebSocket, whose frames come here.
    Socket(RecvStream),
}

/// Sends an answer.
pub(super) async fn send(connection: &Connection, answering: &Answering, mut response: Response, wanted: Wanted) {
    if response.status == StatusCode::SWITCHING_PROTOCOLS {
        if let Wanted::Socket(guest) = wanted {
            open_socket(connection, answering, response, guest).await;
        }
        return;
    }
    // A page is no WebSocket, but on such a stream a guest takes every 2xx for an open one.
    let page = matches!(wanted, Wanted::Socket(_)) && response.status.is_success();
    if page {
        response.status = StatusCode::BAD_REQUEST;
    }
    let bodiless = page || matches!(wanted, Wanted::Head) || matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let ended = bodiless || response.body.is_done();
    let head = head(connection, &response, bodiless);
    // The guest may have left in the meantime.
    let sent = answering.borrow_mut().send_response(head, ended);
    let Ok(stream) = sent else { return };
    if ended {
        return;
    }
    let mut writer =
        Writer { stream, body: response.body, piece: Bytes::new(), timer: None, patience: connection.limits.stalled.to_duration() };
    let Err(halt) = poll_fn(|cx| writer.poll(cx)).await else { return };
    let reason = match halt {
        Halt::Gone => return,
        Halt::Stalled => {
            connection.worker.shared.metrics.refused(RefusedReason::SlowReader);
            Reason::CANCEL
        }
        Halt::Broken(Broken::Revoked) => Reason::CANCEL,
        Halt::Broken(Broken::Stalled | Broken::Cut) => Reason::INTERNAL_ERROR,
    };
    writer.stream.send_reset(reason);
}

/// Says that the WebSocket is open, and carries it to its end.
async fn open_socket(connection: &Connection, answering: &Answering, response: Response, guest: RecvStream) {
    let mut head = http::Response::new(());
    *head.headers_mut() = fields(&response);
    // It proves what only HTTP/1.1 has to prove, and of a key that the guest does not know.
    head.headers_mut().remove(header::SEC_WEBSOCKET_ACCEPT);
    let Some((switched, record)) = response.body.into_tunnel() else { return };
    let sent = answering.borrow_mut().send_response(head, false);
    let Ok(stream) = sent else { return };
    tunnel::run(&connection.worker, (Duplex::new(guest, stream), Bytes::new()), *switched, record).await;
}

fn fields(response: &Response) -> HeaderMap {
    let mut fields = HeaderMap::with_capacity(16);
    response.each_field(&mut |name, value| {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            fields.append(name, value);
        }
    });
    fields
}

fn head(connection: &Connection, response: &Response, bodiless: bool) -> http::Response<()> {
    let mut fields = fields(response);
    if let Ok(date) = HeaderValue::from_str(&connection.worker.date()) {
        fields.entry(header::DATE).or_insert(date);
    }
    let length = if bodiless { response.promised_length() } else { response.body.length() };
    if let Some(length) = length {
        fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let mut head = http::Response::new(());
    *head.status_mut() = response.status;
    *head.headers_mut() = fields;
    head
}

fn map(fields: &Fields) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields.iter() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    map
}

/// An answer on its way.
struct Writer {
    stream: SendStream<Bytes>,
    body: Download,
    piece: Bytes,
    timer: Option<Pin<Box<Sleep>>>,
    /// How long the guest may take nothing.
    patience: Duration,
}

impl Writer {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Halt>> {
        loop {
            if self.piece.is_empty() {
                match self.body.poll_piece(cx) {
                    Poll::Pending => return self.stream.poll_reset(cx).map(|_| Err(Halt::Gone)),
                    Poll::Ready(Some(Ok(Piece::Data(piece)))) => {
                        self.stream.reserve_capacity(piece.len());
                        self.piece = piece;
                    }
                    Poll::Ready(Some(Ok(Piece::Trailers(fields)))) => {
                        return Poll::Ready(self.stream.send_trailers(map(&fields)).map_err(|_| Halt::Gone));
                    }
                    Poll::Ready(Some(Err(broken))) => return Poll::Ready(Err(Halt::Broken(broken))),
                    Poll::Ready(None) => return Poll::Ready(self.stream.send_data(Bytes::new(), true).map_err(|_| Halt::Gone)),
                }
                continue;
            }
            let room = ready!(self.poll_room(cx))?;
            let part = self.piece.split_to(room.min(self.piece.len()));
            let last = self.piece.is_empty() && self.body.is_done();
            self.stream.send_data(part, last).map_err(|_| Halt::Gone)?;
            if last {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// How much may be sent now. A guest that makes no room for too long is left; meanwhile the request's body moves on.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Halt>> {
        loop {
            let room = self.stream.capacity();
            if room > 0 {
                self.timer = None;
                return Poll::Ready(Ok(room));
            }
            match self.stream.poll_capacity(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(Err(Halt::Gone)),
                Poll::Pending => {
                    self.body.poll_request(cx);
                    let patience = self.patience;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
                    return timer.as_mut().poll(cx).map(|()| Err(Halt::Stalled));
                }
            }
        }
    }
}
