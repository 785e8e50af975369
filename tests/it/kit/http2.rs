//! HTTP/2 from outside: a client by the library, and one that writes frames by hand.

use bytes::Bytes;
use h2::{RecvStream, SendStream, client::SendRequest};
use http::{HeaderMap, Request, Response};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::{Browser, Gateway, PATIENCE};

/// A connection by the library.
pub struct Client {
    send: SendRequest<Bytes>,
    origin: String,
    driver: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

/// An answer that has come to its end, or broken off.
#[derive(Debug)]
pub struct Whole {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
    /// Why it broke off.
    pub reset: Option<h2::Reason>,
}

impl Whole {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A connection to a host.
    pub async fn connect(gate: &Gateway, host: &str) -> Self {
        let stream = Browser::new(gate.https, gate.tls_with(&[b"h2"])).raw(host).await;
        let (send, connection) = h2::client::handshake(stream).await.unwrap();
        Self { send, origin: format!("https://{host}:{}", gate.https.port()), driver: tokio::spawn(connection) }
    }

    /// A request to the host of the connection.
    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("{}{path}", self.origin))
    }

    /// Waits until the gateway has said that it takes WebSockets.
    pub async fn knows_sockets(&self) {
        super::eventually("the setting for WebSockets", || {
            std::future::ready(self.send.is_extended_connect_protocol_enabled().then_some(()))
        })
        .await;
    }

    /// Sends a head; the body follows where the request does not end with it.
    pub async fn send(&mut self, request: Request<()>, ended: bool) -> (h2::client::ResponseFuture, SendStream<Bytes>) {
        let mut send = self.send.clone().ready().await.unwrap();
        send.send_request(request, ended).unwrap()
    }

    /// A request without a body, and its whole answer.
    pub async fn ask(&mut self, request: Request<()>) -> Whole {
        let (answer, _) = self.send(request, true).await;
        whole(answer).await
    }

    /// A request with a body, and its whole answer.
    pub async fn post(&mut self, request: Request<()>, body: &'static [u8]) -> Whole {
        let (answer, mut stream) = self.send(request, false).await;
        stream.send_data(Bytes::from_static(body), true).unwrap();
        whole(answer).await
    }

    /// How the connection ended.
    pub async fn ended(self) -> Result<(), h2::Error> {
        drop(self.send);
        tokio::time::timeout(PATIENCE, self.driver).await.expect("the connection stays open").unwrap()
    }
}

/// Waits for the whole answer.
pub async fn whole(answer: h2::client::ResponseFuture) -> Whole {
    let wait = async {
        match answer.await {
            Ok(answer) => read(answer).await,
            Err(error) => Whole {
                status: 0,
                headers: HeaderMap::new(),
                body: Vec::new(),
                trailers: None,
                reset: Some(error.reason().expect("a reset")),
            },
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("no answer")
}

async fn read(answer: Response<RecvStream>) -> Whole {
    let (head, mut stream) = answer.into_parts();
    let mut whole = Whole { status: head.status.as_u16(), headers: head.headers, body: Vec::new(), trailers: None, reset: None };
    while let Some(piece) = stream.data().await {
        match piece {
            Ok(data) => {
                let _ = stream.flow_control().release_capacity(data.len());
                whole.body.extend_from_slice(&data);
            }
            Err(error) => {
                whole.reset = error.reason();
                return whole;
            }
        }
    }
    whole.trailers = stream.trailers().await.unwrap();
    whole
}

/// A connection on which every frame is written by hand.
pub struct Frames(TlsStream<TcpStream>);

/// A frame of the gateway's.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const ENHANCE_YOUR_CALM: u32 = 0xb;

/// The bytes of a frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Fields in the plainest form of HPACK: literal, without an index.
pub fn hpack(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            match u8::try_from(text.len()) {
                Ok(short @ ..127) => block.push(short),
                _ => {
                    block.push(127);
                    let mut rest = text.len() - 127;
                    while rest >= 128 {
                        block.push(u8::try_from(rest % 128).unwrap() | 128);
                        rest /= 128;
                    }
                    block.push(u8::try_from(rest).unwrap());
                }
            }
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

impl Frames {
    /// A connection on which preface and settings have been sent.
    pub async fn connect(gate: &Gateway, host: &str) -> Self {
        let mut stream = Browser::new(gate.https, gate.tls_with(&[b"h2"])).raw(host).await;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        Self(stream)
    }

    /// Sends bytes; that the other side has closed meanwhile is no surprise.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
        let _ = self.0.flush().await;
    }

    /// The next frame, `None` at the end.
    pub async fn next(&mut self) -> Option<Frame> {
        let read = async {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]);
            Some(Frame { kind: head[3], flags: head[4], stream, payload })
        };
        tokio::time::timeout(PATIENCE, read).await.expect("no frame comes")
    }

    /// Reads until a frame of this kind comes for this stream.
    pub async fn wait(&mut self, kind: u8, stream: u32) -> Frame {
        loop {
            let next = self.next().await.unwrap_or_else(|| panic!("closed before a frame of kind {kind}"));
            if next.kind == kind && next.stream == stream {
                return next;
            }
        }
    }

    /// Reads to the end, and gives the code of the last GOAWAY.
    pub async fn goaway(&mut self) -> Option<u32> {
        let mut code = None;
        while let Some(next) = self.next().await {
            if next.kind == GOAWAY {
                code = Some(u32::from_be_bytes(next.payload[4..8].try_into().unwrap()));
            }
        }
        code
    }
}
