//! HTTP/1 towards guests.

use std::{convert::Infallible, pin::pin, rc::Rc, time::Duration};

use hyper::{server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{connection::Connection, serve_request};

/// How long the head of a request may take in total; also how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(30);
/// Largest head of a request.
const LARGEST_HEAD: usize = 64 * 1024;
/// Most headers of a request.
const MOST_FIELDS: usize = 128;

/// Serves one connection to its end.
pub(super) async fn serve(connection: Rc<Connection>, stream: TlsStream<TcpStream>) {
    let drain = connection.worker.drain.clone();
    let service = service_fn(move |request| {
        let connection = Rc::clone(&connection);
        async move { Ok::<_, Infallible>(serve_request(connection, request).await) }
    });
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LARGEST_HEAD).max_headers(MOST_FIELDS);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let done = tokio::select! {
        done = served.as_mut() => done,
        () = drain.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = done {
        tracing::debug!(%error, "a connection ended");
    }
}
