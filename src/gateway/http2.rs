//! HTTP/2 towards guests.

use std::{convert::Infallible, pin::pin, rc::Rc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Version};
use hyper::{
    body::{Body, Incoming},
    rt::Executor,
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{
    Response, answer,
    body::{ClientBody, Download},
    connection::Connection,
    refuse_unread,
    turned::{SERVED, Turned},
    wire::{BodyFraming, Head, HeadBuilder},
};

/// Requests at the same time.
const STREAMS: u32 = 100;
/// What a stream, and what a connection, may send before we have read it.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Largest head of a request.
const LARGEST_HEAD: u32 = 64 * 1024;
/// Most fields of a request, cookie crumbs included.
const MOST_FIELDS: usize = 128;
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
        async move { Ok::<_, Infallible>(serve_stream(connection, request).await) }
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

async fn serve_stream(connection: Rc<Connection>, request: Request<Incoming>) -> http::Response<Download> {
    let (head, body) = match read(request) {
        Ok(read) => read,
        Err(turned) => return written(refuse_unread(&connection, &turned)),
    };
    written(answer(connection, head, body).await)
}

/// The head as the journey knows it, if it is as strict as one of HTTP/1.
fn read(request: Request<Incoming>) -> Result<(Head, ClientBody), Turned> {
    let (parts, body) = request.into_parts();
    if parts.headers.len() > MOST_FIELDS {
        return Err(Turned::TooManyFields);
    }
    let framing = match body.size_hint().exact() {
        _ if body.is_end_stream() => BodyFraming::None,
        Some(0) | None => BodyFraming::Chunked,
        Some(length) => BodyFraming::Length(length),
    };
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if !target.starts_with('/') || !target.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(Turned::BadRequest("the target of the request cannot be read"));
    }
    let method = parts.method.as_str();
    if matches!(method, "CONNECT" | "TRACE") {
        return Err(Turned::Method(SERVED));
    }
    if method.len() > 32 || !method.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
        return Err(Turned::BadRequest("the method is not an upper-case token"));
    }
    let host = one_host(&parts.headers)?;
    let authority = match (parts.uri.authority().map(|a| a.as_str().as_bytes()), host) {
        (Some(line), Some(host)) if !line.eq_ignore_ascii_case(host) => {
            return Err(Turned::BadRequest("the request names two hosts"));
        }
        (line, host) => line.or(host),
    };
    let mut head = HeadBuilder::new();
    for (name, value) in &parts.headers {
        head.field(name.as_str().as_bytes(), value.as_bytes());
    }
    Ok((head.finish(method, target.as_bytes(), authority, framing), ClientBody::of_stream(body, framing)))
}

fn one_host(fields: &HeaderMap) -> Result<Option<&[u8]>, Turned> {
    let mut hosts = fields.get_all(http::header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => Err(Turned::BadRequest("the request names two hosts")),
        (host, None) => Ok(host.map(HeaderValue::as_bytes)),
    }
}

fn written(response: Response) -> http::Response<Download> {
    let mut fields = HeaderMap::with_capacity(16);
    response.each_field(&mut |name, value| {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            fields.append(name, value);
        }
    });
    // hyper says the length of a body that is there; of one that is not, only we know it.
    if let Some(length) = response.promised_length() {
        fields.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let mut written = http::Response::new(response.body);
    *written.status_mut() = response.status;
    *written.version_mut() = Version::HTTP_2;
    *written.headers_mut() = fields;
    written
}
