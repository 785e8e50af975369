//! One request and its answer, whatever carries them. Both directions move at once, so that an answer that comes early is heard and neither
//! side waits for ever.

use std::{
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Purpose, RequestBody, Stream, Ticket, Trailing, UpstreamError,
    frames::{self, Kind},
    mux::Lease,
    one::{Flow, One},
    target::{Conn, Opened},
    two::Two,
};
use crate::gateway::wire::{BodyFraming, HeadBuf, Piece, ResponseHead};

/// How long an exchange may stand still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// From the end of the request to the beginning of the answer.
    pub(crate) first_byte: Duration,
    /// Between two pieces, of either body.
    pub(crate) between: Duration,
}

/// A request that is ready to be sent; the body follows its head.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Its method.
    pub(crate) method: &'a str,
    /// Writes its head: for each connection that it is sent over, because none keeps it longer than until it is sent.
    pub(crate) head: &'a dyn Fn() -> HeadBuf,
    /// How long it may stand still.
    pub(crate) deadlines: Deadlines,
    /// What becomes of trailers.
    pub(crate) trailing: &'a Rc<Trailing>,
}

/// A way to an upstream, open and waiting for a request.
pub(crate) struct Ready {
    ticket: Ticket,
    opened: Opened,
    purpose: Purpose,
}

impl Ready {
    /// A way that is open already, if there is one.
    pub(crate) fn at_once(ticket: Ticket, purpose: Purpose) -> Result<Self, Ticket> {
        match ticket.0.free(purpose) {
            Some(opened) => Ok(Self { ticket, opened, purpose }),
            None => Err(ticket),
        }
    }
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
    carrier: Carrier<B>,
    trailing: Rc<Trailing>,
    ticket: Ticket,
}

enum Carrier<B> {
    One(Box<One<B>>),
    Two(Box<Two<B>>),
    Done,
}

/// A connection that has left HTTP (RFC 9110, 7.8), and what the upstream has said on it already.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The connection.
    pub(crate) stream: Stream,
    /// Bytes that came behind the head.
    pub(crate) early: Bytes,
    /// What it counts as while it is open.
    _held: Held,
}

/// A tunnel's place among the requests and connections of its upstream.
#[derive(Debug)]
pub(crate) struct Held {
    _ticket: Ticket,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Opens a new way to an upstream. Nothing is sent before it is there.
pub(crate) async fn open(ticket: Ticket, purpose: Purpose) -> Result<Ready, UpstreamError> {
    let opened = ticket.0.connect(purpose).await?;
    Ok(Ready { ticket, opened, purpose })
}

/// Sends a request and waits for the head of the answer.
///
/// A request that met a pooled connection gone stale is sent once more over a new one, if it has no body and is idempotent; one that the
/// upstream says it has not looked at is, if nothing of its body has been taken.
pub(crate) async fn exchange<B: RequestBody>(ready: Ready, asked: Asked<'_>, body: B) -> Result<Answer<B>, UpstreamError> {
    let Ready { ticket, opened, purpose } = ready;
    match opened {
        Opened::One(conn) => over_one((ticket, purpose), conn, asked, body).await,
        // Boxed, so that those who never meet it do not carry it.
        Opened::Two(lease) => Box::pin(over_two((ticket, purpose), lease, asked, body)).await,
    }
}

async fn over_one<B: RequestBody>(
    (ticket, purpose): (Ticket, Purpose),
    conn: Box<Conn>,
    asked: Asked<'_>,
    body: B,
) -> Result<Answer<B>, UpstreamError> {
    let again = conn.reused && body.framing() == BodyFraming::None && is_idempotent(asked.method);
    let mut one = One::new(Flow::new(conn, (asked.head)(), body, asked.deadlines));
    let answered = one.answer(asked.method, asked.trailing).await;
    if let Err(UpstreamError::Closed | UpstreamError::Io(_)) = answered
        && again
        && !one.flow.heard
    {
        // The stale one is let go of first, so that it does not stand in the way of the next. Boxed, because it is rare.
        let body = one.flow.into_body();
        return Box::pin(over_another((ticket, purpose), asked, body)).await;
    }
    Ok(over(one, answered?, asked, ticket))
}

/// The same once more, over a new connection.
async fn over_another<B: RequestBody>((ticket, purpose): (Ticket, Purpose), asked: Asked<'_>, body: B) -> Result<Answer<B>, UpstreamError> {
    match ticket.0.connect(purpose).await? {
        Opened::One(conn) => {
            let mut one = One::new(Flow::new(conn, (asked.head)(), body, asked.deadlines));
            let head = one.answer(asked.method, asked.trailing).await?;
            Ok(over(one, head, asked, ticket))
        }
        Opened::Two(lease) => over_two((ticket, purpose), lease, asked, body).await,
    }
}

/// An answer over a connection of its own, after its head.
fn over<B: RequestBody>(one: Box<One<B>>, head: ResponseHead, asked: Asked<'_>, ticket: Ticket) -> Answer<B> {
    let carrier = Carrier::One(one);
    Answer { head, body: UpstreamBody { carrier, trailing: Rc::clone(asked.trailing), ticket } }
}

/// How often a request is offered that was not looked at.
const MOST_OFFERS: u32 = 3;

async fn over_two<B: RequestBody>(
    (ticket, purpose): (Ticket, Purpose),
    mut lease: Lease,
    asked: Asked<'_>,
    mut body: B,
) -> Result<Answer<B>, UpstreamError> {
    let kind = match purpose {
        Purpose::Upgrade => Kind::WebSocket,
        Purpose::Exchange if asked.trailing.keeps() => Kind::WithTrailers,
        Purpose::Exchange => Kind::Plain,
    };
    let (mut offers, head) = (1, (asked.head)());
    loop {
        if kind == Kind::WebSocket && !tokio::time::timeout(ticket.0.patience(), lease.takes_websockets()).await.unwrap_or(false) {
            return Err(UpstreamError::NoWebSockets);
        }
        let request = frames::request(&head, ticket.0.scheme(), kind)?;
        let again = lease.reused && kind != Kind::WebSocket && body.framing() == BodyFraming::None && is_idempotent(asked.method);
        let (error, unsent) = match Two::begin(lease, request, kind, body, asked.deadlines).await {
            Err((body, error)) => (UpstreamError::of_stream(error), body),
            Ok(mut two) => match two.answer((&head, asked.method), asked.trailing).await {
                Ok(head) => {
                    let carrier = Carrier::Two(Box::new(two));
                    return Ok(Answer { head, body: UpstreamBody { carrier, trailing: Rc::clone(asked.trailing), ticket } });
                }
                Err(error) if !two.begun && (error.is_unprocessed() || again && error.is_broken()) => {
                    let body = two.into_unsent(&error);
                    (error, body)
                }
                Err(error) => return Err(error),
            },
        };
        if offers == MOST_OFFERS {
            return Err(error);
        }
        offers += 1;
        lease = match ticket.0.open(purpose).await? {
            Opened::Two(lease) => lease,
            Opened::One(conn) => return over_one((ticket, purpose), conn, asked, unsent).await,
        };
        body = unsent;
    }
}

/// RFC 9110, 9.2.2.
fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "PROPFIND")
}

impl<B: RequestBody> UpstreamBody<B> {
    /// The next piece of the answer, `None` at its end. Not to be asked again after the end or an error.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Piece>, UpstreamError>> {
        let polled = match &mut self.carrier {
            Carrier::One(one) => one.poll_next(context, &self.trailing),
            Carrier::Two(two) => two.poll_next(context, &self.trailing),
            Carrier::Done => return Poll::Ready(Ok(None)),
        };
        if let Poll::Ready(Ok(None)) = polled {
            self.finish();
        }
        polled
    }

    /// Moves what is left of the request, while nobody takes the answer. What fails is said by the next piece.
    pub(crate) fn poll_request(&mut self, context: &mut Context<'_>) {
        let _ = match &mut self.carrier {
            Carrier::One(one) => one.flow.poll_send(context, &self.trailing),
            Carrier::Two(two) => two.poll_send(context, &self.trailing),
            Carrier::Done => Ok(()),
        };
    }

    /// How long the answer may pause from now on.
    pub(crate) fn set_patience(&mut self, between: Duration) {
        match &mut self.carrier {
            Carrier::One(one) => {
                one.flow.deadlines.between = between;
                one.flow.touch();
            }
            Carrier::Two(two) => two.set_patience(between),
            Carrier::Done => {}
        }
    }
}

impl<B> UpstreamBody<B> {
    /// Whether the answer is whole.
    pub(crate) fn is_done(&self) -> bool {
        match &self.carrier {
            Carrier::One(one) => one.is_done(),
            Carrier::Two(two) => two.is_done(),
            Carrier::Done => true,
        }
    }

    /// How long it is in all, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.carrier {
            Carrier::One(one) => one.length(),
            Carrier::Two(two) => two.length(),
            Carrier::Done => Some(0),
        }
    }

    /// Takes the connection over after a `101 Switching Protocols`.
    pub(crate) fn into_tunnel(mut self) -> Option<Tunnel> {
        let ticket = Ticket::new(&self.ticket.0);
        match std::mem::replace(&mut self.carrier, Carrier::Done) {
            Carrier::One(one) => {
                let Conn { stream, buffer, permit, .. } = *one.flow.conn;
                let held = Held { _ticket: ticket, _permit: Some(permit) };
                Some(Tunnel { stream: Stream::Own(stream), early: buffer.freeze(), _held: held })
            }
            Carrier::Two(two) => {
                let stream = Stream::Shared(Box::new(two.into_socket()?));
                Some(Tunnel { stream, early: Bytes::new(), _held: Held { _ticket: ticket, _permit: None } })
            }
            Carrier::Done => None,
        }
    }

    /// Gives the connection back, if it can be used again.
    fn finish(&mut self) {
        if let Carrier::One(one) = std::mem::replace(&mut self.carrier, Carrier::Done)
            && one.is_clean()
        {
            self.ticket.0.keep(one.flow.conn);
        }
    }
}

impl<B> Drop for UpstreamBody<B> {
    fn drop(&mut self) {
        // An answer that has no body, or one whose length was known, may end without a last look at it.
        if self.is_done() {
            self.finish();
        }
    }
}
