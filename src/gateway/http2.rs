//! HTTP/2 towards guests.

use std::{convert::Infallible, pin::pin, rc::Rc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, rt::Executor, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{body::Download, connection::Connection, serve_request};

/// Requests at the same time.
const STREAMS: u32 = 100;
/// What a stream, and what a connection, may send before we have read it.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Largest head of a request.
const LARGEST_HEAD: u32 = 64 * 1024;
/// Resets that we have not yet looked at, and resets that we had to send.
const RESETS: usize = 50;
/// How often a silent connection is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(60);
const PONG: Duration = Duration::from_secs(20);

/// Starts what belongs to a connection on the thread of that connection.
#[derive(Clone, Copy)]
struct LocalExec;

impl<F: Future<Output: 'static> + 'static> Executor<F> for LocalExec {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(connection: Rc<Connection>, stream: TlsStream<TcpStream>) {
    let drain = connection.worker.drain.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let connection = Rc::clone(&connection);
        async move { Ok::<Response<Download>, Infallible>(serve_request(connection, request).await) }
    });
    let mut builder = Builder::new(LocalExec);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(LARGEST_HEAD)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_send_buf_size(64 * 1024)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
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
