//! Applications behind the gateway: one that stores the exact bytes it receives, and one that does what old applications do.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, WebSocketUpgrade, ws},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{any, get, post},
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Stores the exact bytes of every request head that it receives, and answers each with 200.
#[derive(Debug, Clone)]
pub struct Recorder {
    pub at: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self { at: listener.local_addr().unwrap(), heads: Arc::default() };
        let heads = recorder.heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(record(stream, heads.clone()));
            }
        });
        recorder
    }

    /// All heads so far, as they came.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The head of the latest request.
    pub fn last(&self) -> String {
        self.heads().pop().expect("the application got no request")
    }
}

async fn record(mut stream: TcpStream, heads: Arc<Mutex<Vec<String>>>) {
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk).await {
                Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end);
        let length: usize = field(&head, "content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
        while buffer.len() < length {
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk).await {
                Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
                _ => return,
            }
        }
        buffer.drain(..length);
        let body = if head.starts_with("HEAD ") { "" } else { "recorded" };
        heads.lock().unwrap().push(head);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The first value of a header in a raw head.
pub fn field(head: &str, name: &str) -> Option<String> {
    fields(head, name).into_iter().next()
}

/// All values of a header in a raw head.
pub fn fields(head: &str, name: &str) -> Vec<String> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim().to_owned())
        .collect()
}

/// An application with WebSockets, event streams, uploads, large and slow answers, redirects and cookies.
#[derive(Debug, Clone)]
pub struct RichApp {
    pub at: SocketAddr,
}

impl RichApp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", get(async || "home"))
            .route("/who", get(who))
            .route("/echo", post(async |body: Body| body))
            .route("/count", post(count))
            .route("/big/{bytes}", get(big))
            .route("/ticks", get(ticks))
            .route("/events", get(events))
            .route("/never", any(never))
            .route("/ws", any(echo_socket))
            .route("/status/{code}", any(async |Path(code): Path<u16>| StatusCode::from_u16(code).unwrap()))
            .route("/cookies", get(cookies))
            .route("/internal-redirect", get(async move || (StatusCode::FOUND, [(header::LOCATION, format!("http://{at}/who"))])))
            .fallback(async || "some page");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { at }
    }
}

async fn who(headers: HeaderMap) -> String {
    headers.get("x-forwarded-email").map_or_else(|| "nobody".to_owned(), |v| v.to_str().unwrap().to_owned())
}

async fn count(body: Body) -> String {
    let mut stream = body.into_data_stream();
    let mut bytes = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        bytes += chunk.len();
    }
    bytes.to_string()
}

async fn big(Path(bytes): Path<usize>) -> Response {
    let block = Bytes::from(vec![b'x'; 64 * 1024]);
    let blocks = (0..bytes.div_ceil(block.len())).map(move |ix| {
        let left = bytes - ix * block.len();
        Ok::<_, Infallible>(block.slice(..left.min(block.len())))
    });
    Body::from_stream(futures_util::stream::iter(blocks)).into_response()
}

async fn ticks() -> Response {
    let first = futures_util::stream::iter([Ok::<_, Infallible>(Event::default().data("first"))]);
    Sse::new(first.chain(futures_util::stream::pending())).into_response()
}

/// Events without end, many a second.
async fn events() -> Response {
    let ticks = futures_util::stream::unfold(tokio::time::interval(std::time::Duration::from_millis(20)), |mut tick| async {
        tick.tick().await;
        Some((Ok::<_, Infallible>(Event::default().data("tick")), tick))
    });
    Sse::new(ticks).into_response()
}

async fn never() -> Response {
    std::future::pending().await
}

async fn echo_socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, ws::Message::Text(_) | ws::Message::Binary(_)) && socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

async fn cookies() -> Response {
    let mut headers = HeaderMap::new();
    headers.append(header::SET_COOKIE, "APPSESSION=1; Path=/".parse().unwrap());
    headers.append(header::SET_COOKIE, "__Host-guestgate=stolen; Path=/; Secure".parse().unwrap());
    headers.append(header::SET_COOKIE, "__host_GUESTGATE=stolen; Path=/; Secure".parse().unwrap());
    (headers, "cookies").into_response()
}
