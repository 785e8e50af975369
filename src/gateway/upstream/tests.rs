//! Against upstreams that behave, and upstreams that do not.

use std::{rc::Rc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::LocalSet,
};

use super::{dial::Dial, exchange::Answer, *};
use crate::{
    config::{Upstream, UpstreamHttp},
    gateway::wire::{BodyFraming, HeadBuf, Piece},
};

mod names;
mod two;

const QUICK: Deadlines = Deadlines { first_byte: Duration::from_millis(60), between: Duration::from_millis(60) };
const PATIENT: Deadlines = Deadlines { first_byte: Duration::from_secs(20), between: Duration::from_secs(20) };

/// No body.
#[derive(Clone, Copy)]
struct Empty;

/// A body that is here already.
struct Full(Bytes);

impl RequestBody for Empty {
    fn framing(&self) -> BodyFraming {
        BodyFraming::None
    }

    fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
        std::task::Poll::Ready(None)
    }
}

impl RequestBody for Full {
    fn framing(&self) -> BodyFraming {
        BodyFraming::Length(self.0.len() as u64)
    }

    fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
        let whole = std::mem::take(&mut self.0);
        std::task::Poll::Ready(if whole.is_empty() { None } else { Some(Ok(Piece::Data(whole))) })
    }
}

/// A body in pieces, each ready at once.
struct Pieces(Vec<&'static [u8]>);

impl RequestBody for Pieces {
    fn framing(&self) -> BodyFraming {
        BodyFraming::Chunked
    }

    fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
        std::task::Poll::Ready(if self.0.is_empty() { None } else { Some(Ok(Piece::Data(Bytes::from_static(self.0.remove(0))))) })
    }
}

async fn target() -> (Rc<Target>, TcpListener) {
    target_of(UpstreamHttp::Auto).await
}

async fn target_of(http: UpstreamHttp) -> (Rc<Target>, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let upstream = Upstream { http, ..Upstream::plain(at.ip(), at.port()) };
    let dial = Dial::new(&upstream, &PublicRoots::new());
    (Rc::new(Target::new(dial, seat(64), Duration::from_secs(5), &Rc::default())), listener)
}

fn seat(connections: usize) -> std::sync::Arc<Seat> {
    let metrics = crate::observe::Metrics::new(crate::observe::Build::THIS, crate::base::Timestamp::from_millis(0)).unwrap();
    let handles = metrics.upstream(&crate::base::AppId::parse("charts").unwrap(), "http://app");
    std::sync::Arc::new(Seat::new("http://app".to_owned(), handles, connections))
}

fn trailing(keep: bool) -> Rc<Trailing> {
    let counter = || prometheus::IntCounter::new("n", "n").unwrap();
    Rc::new(Trailing::new(keep, crate::gateway::names::Taken::default(), Dropped { requests: counter(), answers: counter() }))
}

async fn begin<B: RequestBody>(target: &Rc<Target>, method: &str, body: B, deadlines: Deadlines) -> Result<Answer<B>, UpstreamError> {
    let (framing, trailing) = (body.framing(), trailing(true));
    let ticket = Ticket::new(target);
    let ready = match Ready::at_once(ticket, Purpose::Exchange) {
        Ok(ready) => ready,
        Err(ticket) => open(ticket, Purpose::Exchange).await?,
    };
    exchange(ready, Asked { method, head: &|| head(method, framing), deadlines, trailing: &trailing }, body).await
}

fn head(method: &str, framing: BodyFraming) -> HeadBuf {
    let mut head = HeadBuf::default();
    head.request_line(method, b"/x");
    head.put(b"Host", b"app");
    match framing {
        BodyFraming::Chunked => head.chunked(),
        BodyFraming::Length(n) => head.content_length(n),
        BodyFraming::None | BodyFraming::UntilClose => {}
    }
    head.finish();
    head
}

async fn ask<B: RequestBody>(target: &Rc<Target>, method: &str, body: B, deadlines: Deadlines) -> Result<(u16, Vec<u8>), UpstreamError> {
    let mut answer = Box::pin(begin(target, method, body, deadlines)).await?;
    let mut whole = Vec::new();
    while let Some(piece) = std::future::poll_fn(|cx| answer.body.poll_next(cx)).await? {
        let Piece::Data(piece) = piece else { continue };
        whole.extend_from_slice(&piece);
    }
    Ok((answer.head.status(), whole))
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(seen).unwrap()
}

/// Runs a conversation with an upstream that says what it is told to, once for each connection.
async fn with_upstream<T>(says: &'static [&'static [u8]], ask: impl AsyncFnOnce(Rc<Target>) -> T) -> T {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let mut open = Vec::new();
        for words in says {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            stream.write_all(words).await.unwrap();
            open.push(stream);
        }
        std::future::pending::<()>().await
    });
    local.run_until(ask(target)).await
}

#[tokio::test]
async fn a_clean_connection_is_used_again() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        }
    });
    local
        .run_until(async {
            for _ in 0..3 {
                assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap(), (200, b"ok".to_vec()));
            }
        })
        .await;
}

#[tokio::test]
async fn a_connection_with_surplus_bytes_is_never_used_again() {
    const SURPLUS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    with_upstream(&[SURPLUS, GOOD], async |target| {
        for _ in 0..2 {
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().1, b"ok");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stale_connection_is_replaced_and_an_idempotent_request_sent_once_more() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        // The second request reaches a connection that closes without a word.
        read_head(&mut stream).await;
        drop(stream);
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    });
    local
        .run_until(async {
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 204);
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 204);
        })
        .await;
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        read_head(&mut stream).await;
        drop(stream);
        panic!("a second connection: {:?}", listener.accept().await);
    });
    local
        .run_until(async {
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 204);
            let refused = ask(&target, "POST", Full(Bytes::from_static(b"x=1")), PATIENT).await;
            assert!(matches!(refused, Err(UpstreamError::Closed | UpstreamError::Io(_))), "{refused:?}");
        })
        .await;
}

#[tokio::test]
async fn an_early_answer_is_heard_while_the_body_is_still_being_sent() {
    struct Endless;
    impl RequestBody for Endless {
        fn framing(&self) -> BodyFraming {
            BodyFraming::Chunked
        }
        fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
            std::task::Poll::Ready(Some(Ok(Piece::Data(Bytes::from_static(&[b'x'; 16 * 1024])))))
        }
    }
    with_upstream(&[b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"], async |target| {
        assert_eq!(ask(&target, "POST", Endless, PATIENT).await.unwrap(), (413, b"big".to_vec()));
    })
    .await;
}

#[tokio::test]
async fn both_directions_move_at_once() {
    // An echo that answers while it reads: with one direction after the other, both sides would wait for ever.
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await.unwrap();
        let (mut from, mut to) = stream.split();
        let _ = tokio::io::copy(&mut from, &mut to).await;
    });
    local
        .run_until(async {
            const PIECE: &[u8] = &[b'y'; 256 * 1024];
            let body = Pieces(vec![PIECE; 64]);
            let mut answer = begin(&target, "POST", body, PATIENT).await.unwrap();
            let mut bytes = 0;
            while bytes < 64 * PIECE.len() {
                let piece = std::future::poll_fn(|cx| answer.body.poll_next(cx)).await.unwrap().expect("more to come");
                let Piece::Data(data) = piece else { continue };
                bytes += data.len();
            }
        })
        .await;
}

#[tokio::test]
async fn chunks_are_written_and_read() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let mut body = Vec::new();
        while !body.ends_with(b"0\r\n\r\n") {
            body.push(stream.read_u8().await.unwrap());
        }
        assert_eq!(body, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nby\r\n1\r\ne\r\n0\r\n\r\n")
            .await
            .unwrap();
    });
    let asked = local.run_until(async { ask(&target, "POST", Pieces(vec![b"hello", b" world"]), PATIENT).await.unwrap() });
    assert_eq!(asked.await, (200, b"bye".to_vec()));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_says_so() {
    async fn error(says: &'static [&'static [u8]]) -> UpstreamError {
        with_upstream(says, async |target| ask(&target, "GET", Empty, QUICK).await.unwrap_err()).await
    }
    assert!(matches!(error(&[b"SSH-2.0-OpenSSH\r\n\r\n"]).await, UpstreamError::Response(_)));
    assert!(matches!(error(&[b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"]).await, UpstreamError::Response(_)));
    assert!(matches!(error(&[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"]).await, UpstreamError::Response(_)));
    assert!(matches!(
        error(&[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]).await,
        UpstreamError::Response(_)
    ));
    assert!(matches!(error(&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]).await, UpstreamError::Body(_)));
    let silent = error(&[b""]).await;
    assert!(matches!(silent, UpstreamError::Timeout), "{silent:?}");
    let stalls = error(&[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]).await;
    assert!(matches!(stalls, UpstreamError::Timeout), "{stalls:?}");
}

#[tokio::test]
async fn a_dead_upstream_is_a_bad_gateway() {
    let (target, listener) = target().await;
    drop(listener);
    let error = ask(&target, "GET", Empty, PATIENT).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Connect(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_has_begun_has_the_time_between_pieces() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
        stream.write_all(b"ok").await.unwrap();
    });
    let deadlines = Deadlines { first_byte: Duration::from_millis(300), ..PATIENT };
    let asked = local.run_until(async { ask(&target, "GET", Empty, deadlines).await.unwrap() });
    assert_eq!(asked.await, (200, b"ok".to_vec()));
}

#[tokio::test]
async fn a_head_waits_a_moment_for_its_body_and_no_longer() {
    const ANSWERS: usize = 20;
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        for _ in 0..ANSWERS {
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").await.unwrap();
            // Meanwhile the head is read.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            stream.write_all(b"body").await.unwrap();
        }
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await
    });
    let met = local.run_until(async {
        let mut met = 0;
        for _ in 0..ANSWERS {
            let mut answer = Box::pin(begin(&target, "GET", Empty, PATIENT)).await.unwrap();
            let at_once = std::future::poll_fn(|cx| answer.body.poll_next(cx)).now_or_never();
            met += usize::from(at_once.is_some());
            while std::future::poll_fn(|cx| answer.body.poll_next(cx)).await.unwrap().is_some() {}
        }
        // The last one never has its body.
        let answer = Box::pin(begin(&target, "GET", Empty, PATIENT)).await.unwrap();
        assert_eq!((answer.head.status(), answer.body.length()), (200, Some(4)));
        met
    });
    // On a busy machine a moment may pass for one or the other.
    assert!(met.await > ANSWERS / 2);
}

#[tokio::test]
async fn a_head_that_never_ends_gets_no_more_time_for_each_byte() {
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let asked = local.run_until(async { ask(&target, "GET", Empty, QUICK).await.unwrap_err() });
    assert!(matches!(asked.await, UpstreamError::Timeout | UpstreamError::Response(_)));
}

#[tokio::test]
async fn declared_trailers_pass_both_ways_over_chunks() {
    struct WithTrailers(Vec<Piece>);
    impl RequestBody for WithTrailers {
        fn framing(&self) -> BodyFraming {
            BodyFraming::Chunked
        }
        fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
            std::task::Poll::Ready((!self.0.is_empty()).then(|| Ok(self.0.remove(0))))
        }
    }
    let (target, listener) = target().await;
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let mut body = Vec::new();
        while !body.ends_with(b"\r\n\r\n") {
            body.push(stream.read_u8().await.unwrap());
        }
        assert_eq!(body, b"2\r\nhi\r\n0\r\nchecksum: 1\r\n\r\n");
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nho\r\n0\r\ngrpc-status: 0\r\nSet-Cookie: x=y\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    local
        .run_until(async {
            let trailers = two::fields(&[("checksum", "1"), ("X-Forwarded-For", "1.2.3.4")]);
            let body = WithTrailers(vec![Piece::Data(Bytes::from_static(b"hi")), Piece::Trailers(trailers)]);
            let mut answer = begin(&target, "POST", body, PATIENT).await.unwrap();
            assert_eq!(two::all(&mut answer.body).await.unwrap(), ["ho", "grpc-status=0"]);
        })
        .await;
}

#[tokio::test]
async fn who_waits_for_a_connection_gets_the_next_that_is_free_or_is_told_that_there_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let seat = seat(1);
    let upstream = Upstream::plain(at.ip(), at.port());
    let target = Rc::new(Target::new(
        Dial::new(&upstream, &PublicRoots::new()),
        std::sync::Arc::clone(&seat),
        Duration::from_millis(400),
        &Rc::default(),
    ));
    let local = LocalSet::new();
    local.spawn_local(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        }
        panic!("a second connection: {:?}", listener.accept().await);
    });
    local
        .run_until(async {
            let one = async || ask(&target, "GET", Empty, PATIENT).await.unwrap().0;
            assert_eq!(tokio::join!(one(), one()), (200, 200));
            let held = begin(&target, "GET", Empty, PATIENT).await.unwrap();
            assert_eq!(seat.outstanding(), 1);
            assert!(matches!(ask(&target, "GET", Empty, PATIENT).await, Err(UpstreamError::Saturated)));
            drop(held);
            assert_eq!(seat.outstanding(), 0);
        })
        .await;
}
