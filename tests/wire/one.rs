//! HTTP/1 by hand, for both sides: nothing of the product reads or writes these bytes.

use std::{
    io,
    sync::{Arc, Mutex},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf},
    net::TcpListener,
};

use super::script::{App, Case, End, Fields, Framing, Got, Heard, Move, Sofar};

/// What carries bytes.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Wire for T {}

/// A connection, and what was read from it beyond the last message.
#[derive(Debug)]
pub struct Line<S> {
    pub input: Input<ReadHalf<S>>,
    pub output: WriteHalf<S>,
}

impl<S: Wire> Line<S> {
    pub fn new(stream: S) -> Self {
        let (input, output) = tokio::io::split(stream);
        Self { input: Input { from: input, buffer: BytesMut::new() }, output }
    }
}

#[derive(Debug)]
pub struct Input<R> {
    from: R,
    buffer: BytesMut,
}

/// A first line and fields.
#[derive(Debug, Clone)]
pub struct Head {
    pub line: String,
    pub fields: Fields,
}

impl Head {
    pub fn parse(text: &[u8]) -> Self {
        let mut lines = text.strip_suffix(b"\r\n\r\n").unwrap().split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
        let line = String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
        Self { line, fields: lines.map(field).collect() }
    }

    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        self.fields.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, v)| v.as_slice())
    }

    fn says(&self, name: &str, word: &str) -> bool {
        self.all(name).any(|value| String::from_utf8_lossy(value).to_ascii_lowercase().split(',').any(|w| w.trim() == word))
    }

    fn length(&self) -> Option<usize> {
        let mut all = self.all("content-length");
        let length = all.next().map(|v| std::str::from_utf8(v).unwrap().parse().unwrap());
        assert!(all.next().is_none(), "two lengths: {self:?}");
        length
    }
}

fn field(line: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = line.iter().position(|b| *b == b':').unwrap_or_else(|| panic!("no field: {:?}", String::from_utf8_lossy(line)));
    (line[..at].to_vec(), line[at + 1..].trim_ascii().to_vec())
}

impl<R: AsyncRead + Unpin> Input<R> {
    /// Reads once; `false` at the end, or where the connection breaks.
    async fn more(&mut self) -> bool {
        matches!(self.from.read_buf(&mut self.buffer).await, Ok(1..))
    }

    /// The next head, if one comes.
    pub async fn head(&mut self) -> Option<Head> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                return Some(Head::parse(&self.buffer.split_to(at + 4)));
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                return Some(self.buffer.split_to(at + 2)[..at].to_vec());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads until the other side is gone.
    async fn drained(&mut self) {
        while self.more().await {}
    }

    /// Reads a body, and tells each piece.
    pub async fn body(&mut self, framing: Framing, mut take: impl FnMut(&[u8])) -> (End, Fields) {
        match framing {
            Framing::None => (End::Whole, Fields::new()),
            Framing::Length(length) => (self.exactly(length, &mut take).await, Fields::new()),
            Framing::Close | Framing::Tunnel => loop {
                take(&self.buffer.split());
                match self.from.read_buf(&mut self.buffer).await {
                    Ok(1..) => {}
                    Ok(0) => return (End::Whole, Fields::new()),
                    Err(_) => return (End::Cut, Fields::new()),
                }
            },
            Framing::Chunked => loop {
                let Some(line) = self.line().await else { return (End::Cut, Fields::new()) };
                let text = std::str::from_utf8(&line).unwrap();
                let size = usize::from_str_radix(text, 16).unwrap_or_else(|_| panic!("no chunk size: {text:?}"));
                if size == 0 {
                    return self.trailers().await;
                }
                if self.exactly(size, &mut take).await == End::Cut {
                    return (End::Cut, Fields::new());
                }
                match self.line().await {
                    Some(line) => assert!(line.is_empty(), "behind a chunk stands {:?}", String::from_utf8_lossy(&line)),
                    None => return (End::Cut, Fields::new()),
                }
            },
        }
    }

    async fn trailers(&mut self) -> (End, Fields) {
        let mut fields = Fields::new();
        loop {
            match self.line().await {
                None => return (End::Cut, fields),
                Some(line) if line.is_empty() => return (End::Whole, fields),
                Some(line) => fields.push(field(&line)),
            }
        }
    }

    async fn exactly(&mut self, mut left: usize, take: &mut impl FnMut(&[u8])) -> End {
        loop {
            let here = left.min(self.buffer.len());
            take(&self.buffer.split_to(here));
            left -= here;
            if left == 0 {
                return End::Whole;
            }
            if !self.more().await {
                return End::Cut;
            }
        }
    }
}

/// How a guest speaks.
#[derive(Debug, Clone)]
pub struct Asking {
    /// `1.0` or `1.1`.
    pub version: &'static str,
    /// With the port.
    pub host: String,
    /// The session, as `name=value`.
    pub cookie: Option<String>,
}

impl Asking {
    pub fn directly(at: std::net::SocketAddr) -> Self {
        Self { version: "1.1", host: at.to_string(), cookie: None }
    }

    fn head(&self, target: &str, case: &Case) -> Vec<u8> {
        let script = &case.script;
        let mut head = format!("{} {target} HTTP/{}\r\nHost: {}\r\n", script.method, self.version, self.host).into_bytes();
        put(&mut head, &script.asked);
        match script.asks {
            Framing::Length(length) => head.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes()),
            Framing::Chunked => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
            Framing::Tunnel => head.extend_from_slice(
                format!(
                    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://{}\r\n",
                    self.host
                )
                .as_bytes(),
            ),
            Framing::None | Framing::Close => {}
        }
        if script.expects {
            head.extend_from_slice(b"Expect: 100-continue\r\n");
        }
        if let Some(cookie) = &self.cookie {
            head.extend_from_slice(format!("Cookie: {cookie}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

fn put(out: &mut Vec<u8>, fields: &Fields) {
    for (name, value) in fields {
        out.extend_from_slice(&[name.as_slice(), b": ", value, b"\r\n"].concat());
    }
}

/// Plays the guest's part, and gives what it received.
pub async fn guest<S: Wire>(line: &mut Line<S>, target: &str, case: &Case, asking: &Asking) -> Heard {
    let heard = Mutex::new(Heard::default());
    let Line { input, output } = line;
    let writing = async {
        let said = say(output, target, case, asking).await;
        // Whoever cannot write any more still hears what is said.
        if let Ok(Left::Leaves) = said { Left::Leaves } else { Left::Stays }
    };
    let reading = hear(input, case, asking, &heard);
    tokio::pin!(writing, reading);
    let mut written = false;
    loop {
        tokio::select! {
            left = &mut writing, if !written => {
                written = true;
                if left == Left::Leaves {
                    return Heard { reusable: false, ..take(&heard) };
                }
            }
            () = &mut reading => break,
        }
    }
    let whole = heard.lock().unwrap().end == End::Whole;
    if !written && whole && case.script.tells != Framing::Tunnel {
        let left = writing.await;
        if left == Left::Leaves {
            heard.lock().unwrap().reusable = false;
        }
    }
    take(&heard)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Stays,
    Leaves,
}

async fn say<W: AsyncWrite + Unpin>(output: &mut W, target: &str, case: &Case, asking: &Asking) -> io::Result<Left> {
    let script = &case.script;
    output.write_all(&asking.head(target, case)).await?;
    output.flush().await?;
    if script.expects {
        case.guest_told_to_go_on().await;
    }
    for (ix, step) in script.steps.iter().enumerate() {
        match step.does {
            Move::Up(_) => {
                case.guest_may(ix).await;
                write_piece(output, &script.piece(ix), script.asks).await?;
            }
            Move::UpEnd => {
                case.guest_may(ix).await;
                if script.asks == Framing::Chunked {
                    output.write_all(b"0\r\n\r\n").await?;
                    output.flush().await?;
                }
            }
            Move::GuestLeaves => {
                case.guest_may(ix).await;
                return Ok(Left::Leaves);
            }
            Move::Inform(_) | Move::Head | Move::Down(_) | Move::DownEnd | Move::AppLeaves => {}
        }
    }
    Ok(Left::Stays)
}

async fn write_piece<W: AsyncWrite + Unpin>(output: &mut W, piece: &[u8], framing: Framing) -> io::Result<()> {
    if piece.is_empty() {
        return Ok(());
    }
    let framed = match framing {
        Framing::Chunked => [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat(),
        _ => piece.to_vec(),
    };
    output.write_all(&framed).await?;
    output.flush().await
}

async fn hear<R: AsyncRead + Unpin>(input: &mut Input<R>, case: &Case, asking: &Asking, heard: &Mutex<Heard>) {
    let head = loop {
        let Some(head) = input.head().await else {
            heard.lock().unwrap().end = End::Cut;
            return;
        };
        assert!(head.line.starts_with("HTTP/1.1 "), "{head:?}");
        let status: u16 = head.line[9..12].parse().unwrap();
        if status >= 200 || status == 101 {
            heard.lock().unwrap().status = status;
            break head;
        }
        heard.lock().unwrap().interim.push(status);
        if status == 100 {
            case.guest.send_modify(|sofar| sofar.go_on = true);
        }
    };
    let status = heard.lock().unwrap().status;
    let none = case.script.method == "HEAD" || matches!(status, 204 | 304);
    let chunked = head.says("transfer-encoding", "chunked");
    assert!(!(chunked && asking.version == "1.0"), "chunks for HTTP/1.0: {head:?}");
    let framing = match head.length() {
        _ if status == 101 => Framing::Tunnel,
        _ if none => Framing::None,
        Some(length) => {
            assert!(!chunked, "two lengths: {head:?}");
            Framing::Length(length)
        }
        None if chunked => Framing::Chunked,
        None => Framing::Close,
    };
    let keeps = if asking.version == "1.0" { head.says("connection", "keep-alive") } else { !head.says("connection", "close") };
    {
        let mut heard = heard.lock().unwrap();
        heard.fields = head.fields;
        heard.reusable = keeps && framing != Framing::Close && framing != Framing::Tunnel;
    }
    case.guest.send_modify(|sofar| sofar.head = true);
    let (end, trailers) = input
        .body(framing, |piece| {
            heard.lock().unwrap().body.extend_from_slice(piece);
            case.guest.send_modify(|sofar| sofar.bytes += piece.len());
        })
        .await;
    let mut heard = heard.lock().unwrap();
    (heard.end, heard.trailers) = (end, trailers);
    heard.reusable &= end == End::Whole && case.script.position(|m| *m == Move::UpEnd).is_some();
    case.guest.send_modify(|sofar| sofar.end = end == End::Whole);
}

/// What has been written down so far.
fn take<T: Clone>(kept: &Mutex<T>) -> T {
    kept.lock().unwrap().clone()
}

/// Starts an application that speaks HTTP/1.1.
pub async fn app() -> App {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = App::new(listener.local_addr().unwrap());
    let staged = app.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let staged = staged.clone();
            tokio::spawn(async move {
                let mut line = Line::new(stream);
                while let Some(head) = line.input.head().await {
                    if !head.line.contains(" /c/") {
                        let empty = b"HTTP/1.1 200 Whatever\r\nContent-Length: 0\r\n\r\n";
                        if line.output.write_all(empty).await.is_err() {
                            return;
                        }
                    } else if !play(&mut line, head, &staged).await {
                        return;
                    }
                }
            });
        }
    });
    app
}

/// Plays the application's part in one exchange; `false` where the connection ends with it.
async fn play<S: Wire>(line: &mut Line<S>, head: Head, staged: &App) -> bool {
    let mut words = head.line.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let case: Arc<Case> = staged.find(&target).unwrap_or_else(|| panic!("nobody has staged {}", head.line));
    let script = &case.script;
    let framing = match head.length() {
        _ if script.asks == Framing::Tunnel => Framing::Tunnel,
        Some(length) => Framing::Length(length),
        None if head.says("transfer-encoding", "chunked") => Framing::Chunked,
        None => Framing::None,
    };
    let waits_for_go_on = head.says("expect", "100-continue");
    let key = head.all("sec-websocket-key").next().unwrap_or_default().to_vec();
    let got = Mutex::new(Got { method, target, fields: head.fields, ..Got::default() });
    case.app.send_replace(Sofar { head: true, ..Sofar::default() });
    let Line { input, output } = line;
    let reading = async {
        let (end, trailers) = input
            .body(framing, |piece| {
                got.lock().unwrap().body.extend_from_slice(piece);
                case.app.send_modify(|sofar| sofar.bytes += piece.len());
            })
            .await;
        {
            let mut got = got.lock().unwrap();
            (got.end, got.trailers) = (end, trailers);
            got.gone = end == End::Cut || framing == Framing::Tunnel;
        }
        case.app.send_modify(|sofar| sofar.end = end == End::Whole);
        if script.guest_leaves() && end == End::Whole && framing != Framing::Tunnel {
            input.drained().await;
            got.lock().unwrap().gone = true;
        }
    };
    let writing = tell(output, &case, waits_for_go_on, &key);
    tokio::pin!(reading, writing);
    let (mut read, mut written) = (false, false);
    let mut stays = true;
    while !(read && written) {
        tokio::select! {
            () = &mut reading, if !read => read = true,
            said = &mut writing, if !written => {
                written = true;
                if !matches!(said, Ok(Left::Stays)) {
                    stays = false;
                    if matches!(said, Ok(Left::Leaves)) {
                        break;
                    }
                }
            }
        }
        // Nobody is there to whom the rest could be said.
        if read && got.lock().unwrap().gone {
            stays = false;
            break;
        }
    }
    let got = take(&got);
    stays &= got.end == End::Whole && !got.gone && script.tells != Framing::Close;
    case.note_got(got);
    stays
}

async fn tell<W: AsyncWrite + Unpin>(output: &mut W, case: &Case, go_on: bool, key: &[u8]) -> io::Result<Left> {
    let script = &case.script;
    if go_on {
        output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        output.flush().await?;
    }
    let empty = script.method == "HEAD" || matches!(script.status, 204 | 304);
    for (ix, step) in script.steps.iter().enumerate() {
        match step.does {
            Move::Inform(status) => {
                case.app_may(ix).await;
                output.write_all(format!("HTTP/1.1 {status} Hint\r\nLink: </style.css>; rel=preload\r\n\r\n").as_bytes()).await?;
                output.flush().await?;
            }
            Move::Head => {
                case.app_may(ix).await;
                output.write_all(&answer_head(case, key)).await?;
                output.flush().await?;
            }
            Move::Down(_) if !empty => {
                case.app_may(ix).await;
                write_piece(output, &script.piece(ix), script.tells).await?;
            }
            Move::DownEnd => {
                case.app_may(ix).await;
                if script.tells == Framing::Chunked && !empty {
                    let mut end = b"0\r\n".to_vec();
                    put(&mut end, &script.trailers);
                    end.extend_from_slice(b"\r\n");
                    output.write_all(&end).await?;
                    output.flush().await?;
                }
                if script.tells == Framing::Close {
                    return Ok(Left::Leaves);
                }
            }
            Move::AppLeaves => {
                case.app_may(ix).await;
                return Ok(Left::Leaves);
            }
            Move::Down(_) | Move::Up(_) | Move::UpEnd | Move::GuestLeaves => {}
        }
    }
    Ok(Left::Stays)
}

fn answer_head(case: &Case, key: &[u8]) -> Vec<u8> {
    let script = &case.script;
    let mut head = format!("HTTP/1.1 {} Whatever\r\n", script.status).into_bytes();
    put(&mut head, &script.told);
    match script.tells {
        Framing::Length(length) => head.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes()),
        Framing::Chunked => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        Framing::Close => head.extend_from_slice(b"Connection: close\r\n"),
        Framing::Tunnel => {
            use base64::Engine as _;
            let text = [key, b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &text);
            let accept = base64::engine::general_purpose::STANDARD.encode(digest);
            let switch = format!("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n");
            head.extend_from_slice(switch.as_bytes());
        }
        Framing::None => {}
    }
    head.extend_from_slice(b"\r\n");
    head
}
