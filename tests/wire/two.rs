//! HTTP/2 for both sides, by the `h2` crate: what it hides is looked at with raw frames in [`frames`](super::frames).

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::Poll,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, client::SendRequest, server::SendResponse};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use tokio::net::TcpListener;

use super::{
    one::{Asking, Wire},
    script::{App, Case, End, Fields, Framing, Got, Heard, Move, Sofar},
};

/// A guest's connection.
pub async fn connect<S: Wire>(stream: S) -> SendRequest<Bytes> {
    let (sender, connection) = h2::client::Builder::new().enable_push(false).handshake(stream).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
    });
    sender
}

fn map(fields: &Fields) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(HeaderName::from_bytes(&name.to_ascii_lowercase()).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    map
}

fn fields(map: &HeaderMap) -> Fields {
    map.iter().map(|(n, v)| (n.as_str().as_bytes().to_vec(), v.as_bytes().to_vec())).collect()
}

/// Plays the guest's part, and gives what it received.
pub async fn guest(sender: &SendRequest<Bytes>, target: &str, case: &Case, asking: &Asking) -> Heard {
    let script = &case.script;
    let heard = Mutex::new(Heard::default());
    let Ok(mut ready) = sender.clone().ready().await else {
        return Heard { end: End::Cut, ..Heard::default() };
    };
    let mut request = Request::builder().uri(format!("https://{}{target}", asking.host)).version(Version::HTTP_2);
    let mut asked = map(&script.asked);
    if let Framing::Length(length) = script.asks {
        asked.insert("content-length", HeaderValue::from(length));
    }
    if script.asks == Framing::Tunnel {
        asked.insert("origin", format!("https://{}", asking.host).parse().unwrap());
        asked.insert("sec-websocket-version", HeaderValue::from_static("13"));
        request = request.method("CONNECT").extension(h2::ext::Protocol::from_static("websocket"));
    } else {
        request = request.method(script.method.as_str());
    }
    if let Some(cookie) = &asking.cookie {
        asked.append("cookie", cookie.parse().unwrap());
    }
    let mut request = request.body(()).unwrap();
    *request.headers_mut() = asked;
    let empty = matches!(script.asks, Framing::None | Framing::Length(0));
    let (answer, mut stream) = match ready.send_request(request, empty) {
        Ok(sent) => sent,
        Err(error) => panic!("{error}: {script:?}"),
    };
    let writing = async {
        for (ix, step) in script.steps.iter().enumerate() {
            match step.does {
                Move::Up(_) => {
                    case.guest_may(ix).await;
                    if !send(&mut stream, script.piece(ix)).await {
                        return false;
                    }
                }
                Move::UpEnd if !empty => {
                    case.guest_may(ix).await;
                    if stream.send_data(Bytes::new(), true).is_err() {
                        return false;
                    }
                }
                Move::GuestLeaves => {
                    case.guest_may(ix).await;
                    stream.send_reset(Reason::CANCEL);
                    return true;
                }
                _ => {}
            }
        }
        false
    };
    let reading = hear(answer, case, &heard);
    tokio::pin!(writing, reading);
    let (mut written, mut left) = (false, false);
    loop {
        tokio::select! {
            leaves = &mut writing, if !written => {
                (written, left) = (true, leaves);
                if leaves {
                    break;
                }
            }
            () = &mut reading => break,
        }
    }
    if !written && heard.lock().unwrap().end == End::Whole && script.asks != Framing::Tunnel {
        left = writing.await;
    }
    let mut heard = heard.lock().unwrap().clone();
    heard.reusable = !left;
    heard
}

async fn hear(mut answer: h2::client::ResponseFuture, case: &Case, heard: &Mutex<Heard>) {
    let answer = poll_fn(|cx| {
        while let Poll::Ready(Some(Ok(interim))) = answer.poll_informational(cx) {
            heard.lock().unwrap().interim.push(interim.status().as_u16());
        }
        Future::poll(std::pin::Pin::new(&mut answer), cx)
    })
    .await;
    let Ok(answer) = answer else {
        heard.lock().unwrap().end = End::Cut;
        return;
    };
    {
        let mut heard = heard.lock().unwrap();
        heard.status = answer.status().as_u16();
        heard.fields = fields(answer.headers());
    }
    case.guest.send_modify(|sofar| (sofar.head, sofar.go_on) = (true, true));
    let (end, trailers) = receive(answer.into_body(), |piece| {
        heard.lock().unwrap().body.extend_from_slice(piece);
        case.guest.send_modify(|sofar| sofar.bytes += piece.len());
    })
    .await;
    let mut heard = heard.lock().unwrap();
    (heard.end, heard.trailers) = (end, trailers);
    case.guest.send_modify(|sofar| sofar.end = end == End::Whole);
}

async fn receive(mut body: RecvStream, mut take: impl FnMut(&[u8])) -> (End, Fields) {
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else { return (End::Cut, Fields::new()) };
        let _ = body.flow_control().release_capacity(piece.len());
        take(&piece);
    }
    match body.trailers().await {
        Ok(trailers) => (End::Whole, trailers.map(|t| fields(&t)).unwrap_or_default()),
        Err(_) => (End::Cut, Fields::new()),
    }
}

/// Sends as the other side makes room; `false` where it does not want more.
pub async fn send(stream: &mut SendStream<Bytes>, mut piece: Bytes) -> bool {
    while !piece.is_empty() {
        stream.reserve_capacity(piece.len());
        match poll_fn(|cx| stream.poll_capacity(cx)).await {
            Some(Ok(room)) => {
                let part = piece.split_to(room.min(piece.len()));
                if stream.send_data(part, false).is_err() {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

/// Starts an application that speaks HTTP/2 without TLS, and nothing else.
pub async fn app() -> App {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = App::new(listener.local_addr().unwrap());
    let staged = app.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let staged = staged.clone();
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, respond))) = connection.accept().await {
                    tokio::spawn(play(request, respond, staged.clone()));
                }
            });
        }
    });
    app
}

async fn play(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, staged: App) {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().as_str().to_owned();
    if !target.starts_with("/c/") {
        let _ = respond.send_response(Response::new(()), true);
        return;
    }
    let case: Arc<Case> = staged.find(&target).unwrap_or_else(|| panic!("nobody has staged {target}"));
    let got = Got { method: parts.method.to_string(), target, fields: fields(&parts.headers), ..Got::default() };
    let got = Mutex::new(got);
    case.app.send_replace(Sofar { head: true, ..Sofar::default() });
    let reading = async {
        let (end, trailers) = receive(body, |piece| {
            got.lock().unwrap().body.extend_from_slice(piece);
            case.app.send_modify(|sofar| sofar.bytes += piece.len());
        })
        .await;
        {
            let mut got = got.lock().unwrap();
            (got.end, got.trailers, got.gone) = (end, trailers, end == End::Cut);
        }
        case.app.send_modify(|sofar| sofar.end = end == End::Whole);
    };
    let writing = async {
        let sent = tell(&mut respond, &case).await;
        if case.script.guest_leaves() {
            match sent {
                Some(mut stream) => drop(poll_fn(|cx| stream.poll_reset(cx)).await),
                None => drop(poll_fn(|cx| respond.poll_reset(cx)).await),
            }
            got.lock().unwrap().gone = true;
        }
    };
    tokio::pin!(reading, writing);
    let mut written = false;
    tokio::select! {
        () = &mut reading => {}
        () = &mut writing => {
            written = true;
            reading.as_mut().await;
        }
    }
    // What waits for the rest of a request that broke off would wait for ever.
    if !written && (case.script.guest_leaves() || !got.lock().unwrap().gone) {
        writing.await;
    }
    let got = got.lock().unwrap().clone();
    case.note_got(got);
}

/// Plays the answer; gives the stream where it stays open.
async fn tell(respond: &mut SendResponse<Bytes>, case: &Case) -> Option<SendStream<Bytes>> {
    let script = &case.script;
    let empty = script.method == "HEAD" || matches!(script.status, 204 | 304);
    let mut stream: Option<SendStream<Bytes>> = None;
    for (ix, step) in script.steps.iter().enumerate() {
        match step.does {
            Move::Inform(status) => {
                case.app_may(ix).await;
                let hint = Response::builder().status(status).header("link", "</style.css>; rel=preload").body(()).unwrap();
                respond.send_informational(hint).ok()?;
            }
            Move::Head => {
                case.app_may(ix).await;
                let mut answer = Response::new(());
                *answer.status_mut() = StatusCode::from_u16(script.status).unwrap();
                *answer.headers_mut() = map(&script.told);
                if let Framing::Length(length) = script.tells {
                    answer.headers_mut().insert("content-length", HeaderValue::from(length));
                }
                stream = Some(respond.send_response(answer, empty).ok()?);
            }
            Move::Down(_) if !empty => {
                case.app_may(ix).await;
                if !send(stream.as_mut()?, script.piece(ix)).await {
                    return stream;
                }
            }
            Move::DownEnd if !empty => {
                case.app_may(ix).await;
                let stream = stream.as_mut()?;
                if script.trailers.is_empty() {
                    let _ = stream.send_data(Bytes::new(), true);
                } else {
                    let _ = stream.send_trailers(map(&script.trailers));
                }
            }
            Move::AppLeaves => {
                case.app_may(ix).await;
                match &mut stream {
                    Some(stream) => stream.send_reset(Reason::INTERNAL_ERROR),
                    None => respond.send_reset(Reason::INTERNAL_ERROR),
                }
            }
            _ => {}
        }
    }
    stream
}
