//! HTTP/2 upstreams that behave, and some that do not.

use std::{cell::RefCell, future::poll_fn};

use h2::{
    Reason, RecvStream,
    server::{Builder, SendResponse},
};
use http::{HeaderMap, Request, Response};

use super::*;
use crate::gateway::wire::{Fields, HeadBuilder};

type Seen = Rc<RefCell<Vec<String>>>;

pub(super) fn fields(pairs: &[(&str, &str)]) -> Fields {
    let mut fields = HeadBuilder::new();
    pairs.iter().for_each(|(name, value)| fields.field(name.as_bytes(), value.as_bytes()));
    fields.into_fields()
}

/// Everything that an answer says behind its head.
pub(super) async fn all<B: RequestBody>(body: &mut UpstreamBody<B>) -> Result<Vec<String>, UpstreamError> {
    let mut said = Vec::new();
    while let Some(piece) = poll_fn(|cx| body.poll_next(cx)).await? {
        match piece {
            Piece::Data(data) => said.push(String::from_utf8(data.to_vec()).unwrap()),
            Piece::Trailers(fields) => said.extend(fields.iter().map(|(n, v)| format!("{}={}", n.escape_ascii(), v.escape_ascii()))),
        }
    }
    Ok(said)
}

/// Serves every connection; `answer` gets the number of the connection and a request.
fn serve<F: Future<Output = ()> + 'static>(
    listener: TcpListener,
    builder: Builder,
    answer: impl Fn(u32, Request<RecvStream>, SendResponse<Bytes>) -> F + 'static,
) {
    let answer = Rc::new(answer);
    tokio::task::spawn_local(async move {
        let mut n = 0;
        while let Ok((stream, _)) = listener.accept().await {
            n += 1;
            let (answer, builder) = (Rc::clone(&answer), builder.clone());
            tokio::task::spawn_local(async move {
                let mut connection = builder.handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = connection.accept().await {
                    tokio::task::spawn_local(answer(n, request, respond));
                }
            });
        }
    });
}

fn say(mut respond: SendResponse<Bytes>, status: u16, text: String) {
    let head = Response::builder().status(status).body(()).unwrap();
    let mut body = respond.send_response(head, false).unwrap();
    body.send_data(text.into(), true).unwrap();
}

#[tokio::test]
async fn requests_share_a_connection() {
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            serve(listener, Builder::new(), async |n, request, respond| {
                assert_eq!(request.uri(), "http://app/x");
                assert!(!request.headers().contains_key("host"));
                say(respond, 200, n.to_string());
            });
            let one = async || ask(&target, "GET", Empty, PATIENT).await.unwrap();
            let (a, b, c) = tokio::join!(one(), one(), one());
            for answer in [a, b, c, one().await] {
                assert_eq!(answer, (200, b"1".to_vec()));
            }
        })
        .await;
}

#[tokio::test]
async fn bodies_and_trailers_stream_both_ways() {
    struct Body(Vec<Piece>);
    impl RequestBody for Body {
        fn framing(&self) -> BodyFraming {
            BodyFraming::Chunked
        }
        fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
            std::task::Poll::Ready((!self.0.is_empty()).then(|| Ok(self.0.remove(0))))
        }
    }
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            serve(listener, Builder::new(), async |_, request, mut respond| {
                assert_eq!(request.headers()["te"], "trailers");
                let mut body = request.into_body();
                let mut bytes = 0;
                while let Some(data) = body.data().await {
                    let data = data.unwrap();
                    bytes += data.len();
                    body.flow_control().release_capacity(data.len()).unwrap();
                }
                let trailers = body.trailers().await.unwrap().unwrap();
                assert!(!trailers.contains_key("x-forwarded-for"));
                let mut answer = respond.send_response(Response::new(()), false).unwrap();
                answer.send_data(format!("{bytes} {}", trailers["checksum"].to_str().unwrap()).into(), false).unwrap();
                answer.send_trailers(HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())])).unwrap();
            });
            // More than any window holds, so that both sides have to make room.
            let mut pieces: Vec<Piece> = (0..40).map(|_| Piece::Data(Bytes::from_static(&[b'x'; 50_000]))).collect();
            pieces.push(Piece::Trailers(fields(&[("checksum", "7"), ("x-forwarded-for", "1.1.1.1")])));
            let mut answer = begin(&target, "POST", Body(pieces), PATIENT).await.unwrap();
            assert_eq!(all(&mut answer.body).await.unwrap(), ["2000000 7", "grpc-status=0"]);
        })
        .await;
}

#[tokio::test]
async fn an_early_answer_is_heard_and_ends_the_request() {
    struct Endless;
    impl RequestBody for Endless {
        fn framing(&self) -> BodyFraming {
            BodyFraming::Chunked
        }
        fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
            std::task::Poll::Ready(Some(Ok(Piece::Data(Bytes::from_static(&[b'x'; 16 * 1024])))))
        }
    }
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Rc::new(RefCell::new(Some(tell)));
    LocalSet::new()
        .run_until(async {
            serve(listener, Builder::new(), move |_, mut request, respond| {
                let tell = Rc::clone(&tell);
                async move {
                    say(respond, 413, "big".to_owned());
                    // The body is left where it is until the reset comes.
                    let ended = loop {
                        if let Some(Err(error)) = request.body_mut().data().await {
                            break error.reason();
                        }
                    };
                    tell.take().unwrap().send(ended).unwrap();
                }
            });
            assert_eq!(ask(&target, "POST", Endless, PATIENT).await.unwrap(), (413, b"big".to_vec()));
            assert_eq!(told.await.unwrap(), Some(Reason::CANCEL));
        })
        .await;
}

#[tokio::test]
async fn an_upstream_that_needs_no_more_of_the_request_has_answered() {
    struct Never;
    impl RequestBody for Never {
        fn framing(&self) -> BodyFraming {
            BodyFraming::Chunked
        }
        fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Piece, BodyFault>>> {
            std::task::Poll::Pending
        }
    }
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            // Its own reset follows when the stream is dropped with the answer whole and the request not.
            serve(listener, Builder::new(), async |_, _, respond| say(respond, 200, "enough".to_owned()));
            assert_eq!(ask(&target, "POST", Never, PATIENT).await.unwrap(), (200, b"enough".to_vec()));
        })
        .await;
}

#[tokio::test]
async fn a_guest_who_leaves_resets_the_stream() {
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Rc::new(RefCell::new(Some(tell)));
    LocalSet::new()
        .run_until(async {
            serve(listener, Builder::new(), move |_, _, mut respond| {
                let tell = Rc::clone(&tell);
                async move {
                    let mut answer = respond.send_response(Response::new(()), false).unwrap();
                    let reason = poll_fn(|cx| answer.poll_reset(cx)).await.unwrap();
                    tell.take().unwrap().send(reason).unwrap();
                }
            });
            drop(begin(&target, "GET", Empty, PATIENT).await.unwrap());
            assert_eq!(told.await.unwrap(), Reason::CANCEL);
        })
        .await;
}

#[tokio::test]
async fn a_stream_that_was_not_looked_at_is_sent_again() {
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const GOAWAY_BEFORE_ALL: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(SETTINGS).await.unwrap();
                let mut seen = vec![0; 4096];
                let mut bytes = 0;
                // A frame of type 1 is a head; it may come with the preface or after it.
                while !seen[..bytes].windows(9).any(|w| w[0] == 0 && w[3] == 1 && w[5..9] == [0, 0, 0, 1]) {
                    bytes += stream.read(&mut seen[bytes..]).await.unwrap();
                }
                stream.write_all(GOAWAY_BEFORE_ALL).await.unwrap();
                let refused = RefCell::new(false);
                serve(listener, Builder::new(), move |_, _, mut respond| {
                    let first = !refused.replace(true);
                    async move {
                        match first {
                            true => respond.send_reset(Reason::REFUSED_STREAM),
                            false => say(respond, 200, "at last".to_owned()),
                        }
                    }
                });
                drop(stream);
            });
            // Even a POST, because its body has not been touched: it meets a connection that ends, then a stream that is refused.
            assert_eq!(ask(&target, "POST", Empty, PATIENT).await.unwrap(), (200, b"at last".to_vec()));
        })
        .await;
}

#[tokio::test]
async fn no_more_streams_than_the_upstream_allows() {
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    let seen: Seen = Rc::default();
    let heard = Rc::clone(&seen);
    LocalSet::new()
        .run_until(async {
            let mut builder = Builder::new();
            builder.max_concurrent_streams(1);
            serve(listener, builder, move |n, _, respond| {
                heard.borrow_mut().push(n.to_string());
                async move { say(respond, 200, n.to_string()) }
            });
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 200);
            let one = async || ask(&target, "GET", Empty, PATIENT).await.unwrap().0;
            assert_eq!(tokio::join!(one(), one(), one()), (200, 200, 200));
            assert!(seen.borrow().iter().any(|n| n == "2"), "{seen:?}");
        })
        .await;
}

#[tokio::test]
async fn a_websocket_travels_on_a_stream_where_the_upstream_allows_it() {
    async fn upgrade(enabled: bool) -> Result<String, UpstreamError> {
        let (target, listener) = target_of(UpstreamHttp::Two).await;
        let local = LocalSet::new();
        let asked = local.run_until(async {
            let mut builder = Builder::new();
            if enabled {
                builder.enable_connect_protocol();
            }
            serve(listener, builder, async |_, request, mut respond| {
                assert_eq!(request.extensions().get::<h2::ext::Protocol>().unwrap().as_str(), "websocket");
                assert_eq!((request.method().as_str(), request.uri().path()), ("CONNECT", "/socket"));
                assert!(!request.headers().contains_key("sec-websocket-key"));
                let mut answer = respond.send_response(Response::new(()), false).unwrap();
                let mut body = request.into_body();
                while let Some(Ok(data)) = body.data().await {
                    answer.send_data(data, false).unwrap();
                }
                answer.send_data(Bytes::new(), true).unwrap();
            });
            let head = || {
                let mut head = HeadBuf::default();
                head.request_line("GET", b"/socket");
                for (name, value) in [
                    ("Host", "app"),
                    ("Connection", "Upgrade"),
                    ("Upgrade", "websocket"),
                    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ] {
                    head.put(name.as_bytes(), value.as_bytes());
                }
                head.finish();
                head
            };
            let trailing = trailing(false);
            let asked = Asked { method: "GET", head: &head, deadlines: PATIENT, trailing: &trailing };
            let ready = open(Ticket::new(&target), Purpose::Upgrade).await?;
            let Answer { head, body } = exchange(ready, asked, Empty).await?;
            let mut tunnel = body.into_tunnel().unwrap();
            tunnel.stream.write_all(b"hello").await.unwrap();
            let mut echoed = [0; 5];
            tunnel.stream.read_exact(&mut echoed).await.unwrap();
            tunnel.stream.shutdown().await.unwrap();
            assert_eq!(tunnel.stream.read(&mut [0; 1]).await.unwrap(), 0);
            assert_eq!(&echoed, b"hello");
            Ok::<_, UpstreamError>(head)
        });
        let head = asked.await?;
        let accept = head.fields().only("sec-websocket-accept").unwrap_or_default().to_owned();
        assert_eq!(head.status(), 101);
        Ok(accept)
    }
    assert_eq!(upgrade(true).await.unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert!(matches!(upgrade(false).await, Err(UpstreamError::NoWebSockets)));
}

#[tokio::test]
async fn what_goes_wrong_on_a_stream_says_so() {
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            serve(listener, Builder::new(), async |_, request, mut respond| match request.method().as_str() {
                "PUT" => std::future::pending().await,
                "POST" => respond.send_reset(Reason::INTERNAL_ERROR),
                _ => {
                    let mut head = Response::new(());
                    head.headers_mut().insert("content-length", 9.into());
                    respond.send_response(head, false).unwrap().send_data(Bytes::from_static(b"half"), false).unwrap();
                    std::future::pending().await
                }
            });
            assert!(matches!(ask(&target, "PUT", Empty, QUICK).await, Err(UpstreamError::Timeout)));
            assert!(matches!(ask(&target, "GET", Empty, QUICK).await, Err(UpstreamError::Timeout)));
            assert!(matches!(ask(&target, "POST", Empty, PATIENT).await, Err(UpstreamError::Stream(_))));
        })
        .await;
}

#[tokio::test]
async fn a_shared_connection_gone_stale_is_replaced_for_those_who_may_ask_again() {
    let (target, listener) = target_of(UpstreamHttp::Two).await;
    LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    let (_, respond) = connection.accept().await.unwrap().unwrap();
                    say(respond, 200, "once".to_owned());
                    // The second request on a connection is its end.
                    let _ = connection.accept().await;
                }
            });
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 200);
            assert_eq!(ask(&target, "GET", Empty, PATIENT).await.unwrap().0, 200);
            let refused = ask(&target, "POST", Full(Bytes::from_static(b"x=1")), PATIENT).await;
            assert!(matches!(refused, Err(UpstreamError::Closed | UpstreamError::Io(_))), "{refused:?}");
        })
        .await;
}
