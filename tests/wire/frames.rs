//! HTTP/2 frame by frame: what no library sends.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A field for the header block: never indexed, never compressed.
pub fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x10];
    text(&mut bytes, name);
    text(&mut bytes, value);
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    if text.len() < 127 {
        bytes.push(u8::try_from(text.len()).unwrap());
    } else {
        bytes.push(127);
        let mut left = text.len() - 127;
        while left >= 128 {
            bytes.push(u8::try_from(left % 128).unwrap() | 128);
            left /= 128;
        }
        bytes.push(u8::try_from(left).unwrap());
    }
    bytes.extend_from_slice(text);
}

/// The header block of a request.
pub fn block(method: &str, host: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path)];
    pseudo.iter().chain(more).flat_map(|(n, v)| field(n.as_bytes(), v.as_bytes())).collect()
}

/// The status of an answer whose encoder has no table: an index, or a literal of three digits.
pub fn status(block: &[u8]) -> Option<u16> {
    // A change of the table's size may come first.
    let start = block.iter().position(|b| b & 0xe0 != 0x20)?;
    match block.get(start..)? {
        [0x88, ..] => Some(200),
        [0x89, ..] => Some(204),
        [0x8a, ..] => Some(206),
        [0x8b, ..] => Some(304),
        [0x8c, ..] => Some(400),
        [0x8d, ..] => Some(404),
        [0x8e, ..] => Some(500),
        [0x08 | 0x18 | 0x48, 3, digits @ ..] => std::str::from_utf8(digits.get(..3)?).ok()?.parse().ok(),
        // A literal with the name index in four bits that do not hold it never occurs: `:status` is 8.
        [0x08 | 0x18 | 0x48, length @ 0x82..=0x83, rest @ ..] => huffman(rest.get(..usize::from(length & 0x7f))?),
        _ => None,
    }
}

/// Three digits in HPACK's code.
fn huffman(bytes: &[u8]) -> Option<u16> {
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |ix| b >> ix & 1)).collect();
    let number = |bits: &[u8]| bits.iter().fold(0u8, |all, bit| all << 1 | bit);
    let (mut at, mut value) = (0, 0);
    for _ in 0..3 {
        let short = number(bits.get(at..at + 5)?);
        let digit = if short <= 2 {
            at += 5;
            short
        } else {
            let long = number(bits.get(at..at + 6)?);
            at += 6;
            long.checked_sub(0x19)? + 3
        };
        value = value * 10 + u16::from(digit);
    }
    Some(value)
}

/// A connection on which one says what one likes.
#[derive(Debug)]
pub struct Raw<S> {
    stream: S,
    buffer: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// Says hello; the other side is told to use no table for its header blocks.
    pub async fn open(mut stream: S) -> Self {
        let settings = frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0]);
        stream.write_all(&[PREFACE, &settings].concat()).await.unwrap();
        stream.flush().await.unwrap();
        Self { stream, buffer: BytesMut::new() }
    }

    /// Sends bytes; `false` where the other side does not take them any more.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// The next frame; `None` where the connection ends.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(head) = self.buffer.get(..9) {
                let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
                if self.buffer.len() >= 9 + length {
                    let bytes = self.buffer.split_to(9 + length);
                    let stream = u32::from_be_bytes([bytes[5], bytes[6], bytes[7], bytes[8]]) & 0x7fff_ffff;
                    return Some(Frame { kind: bytes[3], flags: bytes[4], stream, payload: bytes[9..].to_vec() });
                }
            }
            if !matches!(self.stream.read_buf(&mut self.buffer).await, Ok(1..)) {
                return None;
            }
        }
    }

    /// What is answered on a stream: its status, or how it was refused.
    pub async fn answer(&mut self, stream: u32) -> Answered {
        let wait = async {
            loop {
                match self.next().await {
                    None => return Answered::Closed,
                    Some(frame) if frame.kind == GOAWAY => return Answered::GoneAway(code(frame.payload.get(4..8))),
                    Some(frame) if frame.stream == stream && frame.kind == RST_STREAM => {
                        return Answered::Reset(code(frame.payload.get(..4)));
                    }
                    Some(frame) if frame.stream == stream && frame.kind == HEADERS => {
                        return Answered::Status(status(&frame.payload).unwrap_or_else(|| panic!("no status: {frame:?}")));
                    }
                    Some(frame) if frame.kind == SETTINGS && frame.flags & ACK == 0 => {
                        let _ = self.send(&self::frame(SETTINGS, ACK, 0, &[])).await;
                    }
                    Some(_) => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("nothing is answered")
    }

    /// Reads until the connection ends, and says whether and why it was announced.
    pub async fn end(&mut self) -> Option<u32> {
        let mut announced = None;
        let wait = async {
            while let Some(frame) = self.next().await {
                if frame.kind == GOAWAY {
                    announced = Some(code(frame.payload.get(4..8)));
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the connection stays open");
        announced
    }
}

fn code(bytes: Option<&[u8]>) -> u32 {
    bytes.and_then(|b| b.try_into().ok()).map_or(u32::MAX, u32::from_be_bytes)
}

/// What became of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Status(u16),
    /// With this error code.
    Reset(u32),
    GoneAway(u32),
    Closed,
}
