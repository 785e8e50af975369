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

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::WaitForCancellationFuture;

use super::{
    Response, answer as answer_request,
    body::ClientBody,
    connection::Connection,
    refuse_unread, tunnel,
    turned::Turned,
    wire::{Head, Version},
};

use answer::{Asked, send};
pub(super) use line::Line;
use line::{Bounds, Ending, Next};

/// Serves one connection to its end.
pub(super) fn serve(connection: Rc<Connection>, stream: TlsStream<TcpStream>) -> impl Future<Output = ()> {
    // Made here, so that the future holds no place for the stream as well.
    let limits = &connection.limits;
    let bounds = Bounds { head: connection.head_limits(), within: limits.head.to_duration(), idle: limits.idle.to_duration() };
    let line = Rc::new(RefCell::new(Line::new(stream, bounds)));
    go_on(connection, line)
}

async fn go_on(connection: Rc<Connection>, line: Rc<RefCell<Line>>) {
    // One for all requests: to begin to listen, and to stop, costs more than to look.
    let mut drained = pin!(connection.worker.ending.due.cancelled());
    loop {
        let asked = match next(&line, drained.as_mut()).await {
            Next::Request(head) => {
                let asked = Asked::of(&head, &connection);
                let Some(response) = respond(&connection, &line, head).await else { return };
                Some((asked, response))
            }
            Next::Refused(error) => Some((Asked::LAST, refuse_unread(&connection, &Turned::Unreadable(error)))),
            Next::Late => Some((Asked::LAST, refuse_unread(&connection, &Turned::LateHead))),
            Next::End => None,
        };
        let Some((asked, response)) = asked else { break };
        match send(&line, asked, response, &connection).await {
            answer::Sent::Next if line_goes_on(&line).await => {}
            answer::Sent::Next | answer::Sent::Close => break,
            // What is cut off must look cut off: no farewell.
            answer::Sent::Broken => return,
            answer::Sent::Tunnel(opened) => {
                let (switched, record) = *opened;
                if let Ok(line) = Rc::try_unwrap(line) {
                    tunnel::run(&connection.worker, line.into_inner().into_parts(), *switched, record).await;
                }
                return;
            }
        }
    }
    with_line(&line, async |line| line.close().await).await;
}

/// Waits for the next request, or for the end of this process where none has begun.
async fn next(line: &RefCell<Line>, mut drained: Pin<&mut WaitForCancellationFuture<'_>>) -> Next {
    line.borrow_mut().expect_head();
    poll_fn(|cx| {
        // A request that is there already need not know that the end is announced; who waits for one does.
        if let Poll::Ready(next) = line.borrow_mut().poll_head(cx, Ending::No) {
            return Poll::Ready(next);
        }
        ready!(drained.as_mut().poll(cx));
        line.borrow_mut().poll_head(cx, Ending::Yes)
    })
    .await
}

/// Answers, unless the guest goes away while the answer is waited for.
async fn respond(connection: &Rc<Connection>, line: &Rc<RefCell<Line>>, head: Head) -> Option<Response> {
    let body = ClientBody::of_line(line, &head);
    // On the heap while it lasts: an idle connection is small.
    let mut answered = Box::pin(answer_request(Rc::clone(connection), head, body));
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
