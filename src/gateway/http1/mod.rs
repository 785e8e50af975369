//! HTTP/1 towards guests: one request after the other, each judged for itself, read by [`wire`](super::wire) and by nothing else.
//!
//! A connection of which it is not certain where the next request begins is closed.

mod answer;
mod line;

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Poll, ready},
};

use tokio_rustls::server::TlsStream;
use tokio_util::sync::WaitForCancellationFuture;

use super::{
    Response, answer as answer_request,
    body::ClientBody,
    connection::Connection,
    record::Record,
    refuse_unread,
    socket::Socket,
    tunnel::{self, Switched},
    turned::Turned,
    wire::{Head, Version},
};

use answer::{Asked, Sent, send};
pub(super) use line::Line;
use line::{Bounds, Ending, Next, Patience};

/// Serves one connection to its end.
pub(super) fn serve(connection: Rc<Connection>, stream: TlsStream<Socket>) -> impl Future<Output = ()> {
    // Made here, so that the future holds no place for the stream as well.
    let limits = &connection.limits;
    let bounds = Bounds { head: connection.head_limits(), within: limits.head.to_duration(), idle: limits.idle.to_duration() };
    let line = Rc::new(RefCell::new(Line::new(stream, bounds)));
    go_on(connection, line)
}

async fn go_on(connection: Rc<Connection>, line: Rc<RefCell<Line>>) {
    // One for all requests: to begin to listen, and to stop, costs more than to look.
    let mut drained = pin!(connection.worker.ending.due.cancelled());
    line.borrow_mut().expect_head();
    loop {
        // Requests are served on the heap for as long as they follow one another: an idle connection is small.
        let next = next(&line, drained.as_mut(), Patience::Idle).await;
        match Box::pin(serve_while_busy(&connection, &line, next, drained.as_mut())).await {
            Sent::Next => {}
            Sent::Close => break,
            // What is cut off must look cut off: no farewell.
            Sent::Broken => return,
            Sent::Tunnel(opened) => {
                if let Some(carried) = as_tunnel(&connection, line, *opened) {
                    carried.await;
                }
                return;
            }
        }
    }
    Box::pin(with_line(&line, async |line| line.close().await)).await;
}

/// The connection as a tunnel. Made outside of the future above, in which the line would have a place of its own.
fn as_tunnel(
    connection: &Connection,
    line: Rc<RefCell<Line>>,
    (switched, record): (Box<Switched>, Option<Box<Record>>),
) -> Option<Pin<Box<impl Future<Output = ()> + use<'_>>>> {
    let line = Rc::try_unwrap(line).ok()?.into_inner();
    Some(Box::pin(tunnel::run(&connection.worker, line.into_parts(), *switched, record)))
}

/// Serves what came, and what follows before the connection falls silent.
async fn serve_while_busy(
    connection: &Rc<Connection>,
    line: &Rc<RefCell<Line>>,
    mut came: Next,
    mut drained: Pin<&mut WaitForCancellationFuture<'_>>,
) -> Sent {
    loop {
        let sent = match came {
            Next::Request(head) => serve_one(connection, line, Rc::new(head)).await,
            Next::Refused(error) => return Box::pin(refuse(connection, line, Turned::Unreadable(error))).await,
            Next::Late => return Box::pin(refuse(connection, line, Turned::LateHead)).await,
            Next::Silence => return Sent::Next,
            Next::End => return Sent::Close,
        };
        let clean = line.borrow().is_clean();
        match sent {
            Sent::Next if clean || Box::pin(line_goes_on(line)).await => {}
            Sent::Next => return Sent::Close,
            sent @ (Sent::Close | Sent::Broken | Sent::Tunnel(_)) => return sent,
        }
        line.borrow_mut().expect_head();
        came = next(line, drained.as_mut(), Patience::Short).await;
    }
}

/// One request and its answer.
async fn serve_one(connection: &Rc<Connection>, line: &Rc<RefCell<Line>>, head: Rc<Head>) -> Sent {
    let asked = Asked::of(&head, connection);
    match respond(connection, line, head).await {
        Some(response) => send(line, asked, response, connection).await,
        None => Sent::Broken,
    }
}

/// An answer to what was no request, and then the end.
async fn refuse(connection: &Rc<Connection>, line: &Rc<RefCell<Line>>, turned: Turned) -> Sent {
    send(line, Asked::LAST, refuse_unread(connection, &turned), connection).await
}

/// Waits for the next request, or for the end of this process where none has begun.
async fn next(line: &RefCell<Line>, mut drained: Pin<&mut WaitForCancellationFuture<'_>>, patience: Patience) -> Next {
    poll_fn(|cx| {
        // A request that is there already need not know that the end is announced; who waits for one does.
        if let Poll::Ready(next) = line.borrow_mut().poll_head(cx, Ending::No, patience) {
            return Poll::Ready(next);
        }
        ready!(drained.as_mut().poll(cx));
        line.borrow_mut().poll_head(cx, Ending::Yes, patience)
    })
    .await
}

/// Answers, unless the guest goes away while the answer is waited for.
async fn respond(connection: &Rc<Connection>, line: &Rc<RefCell<Line>>, head: Rc<Head>) -> Option<Response> {
    let body = ClientBody::of_line(line, &head);
    let mut answered = pin!(answer_request(Rc::clone(connection), head, body));
    poll_fn(|cx| match answered.as_mut().poll(cx) {
        Poll::Ready(response) => Poll::Ready(Some(response)),
        Poll::Pending => line.borrow_mut().poll_gone(cx).map(|()| None),
    })
    .await
}

async fn line_goes_on(line: &RefCell<Line>) -> bool {
    with_line(line, async |line| line.skip_body().await).await
}

/// The line for as long as nobody else has it: bodies that hold it are gone once their answer is.
#[expect(clippy::await_holding_refcell_ref, reason = "between two requests nobody else looks at the line")]
async fn with_line<T>(line: &RefCell<Line>, act: impl AsyncFnOnce(&mut Line) -> T) -> T {
    act(&mut line.borrow_mut()).await
}

impl Asked {
    fn of(head: &Head, connection: &Connection) -> Self {
        Self {
            version: head.version(),
            no_body: head.method() == "HEAD",
            keep: head.keep_alive() && !connection.worker.ending.announced.is_cancelled(),
            trailers: head.takes_trailers(),
        }
    }

    /// Of what was no request: an answer, and then the end.
    const LAST: Self = Self { version: Version::Http11, no_body: false, keep: false, trailers: false };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<A, B, F: Future>(_: impl FnOnce(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_connection_is_small() {
        // Thousands wait at a time. What only a request needs belongs into a box of its own.
        assert!(size_of_future(serve) <= 1_024, "{}", size_of_future(serve));
        assert!(size_of::<Line>() <= 4_096, "{}", size_of::<Line>());
        assert!(size_of::<Connection>() <= 1_024, "{}", size_of::<Connection>());
    }
}
