//! Bodies as bytes: where they end, and what is in between. Zero-copy out of the read buffer.

use bytes::{Bytes, BytesMut};

use super::head::{BodyFraming, Fields, HeadBuilder};

/// What a body consists of: data, and behind the last of it perhaps trailers.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Bytes of the body.
    Data(Bytes),
    /// Fields behind it (RFC 9110, 6.5). Nothing follows them.
    Trailers(Fields),
}

/// What the buffer gives next.
#[derive(Debug, Clone)]
pub(crate) enum Decoded {
    /// A piece of the body.
    Data(Bytes),
    /// The trailers, where they are kept; the end follows.
    Trailers(Fields),
    /// More bytes are needed.
    More,
    /// The body is whole; what is left in the buffer is not part of it.
    End,
}

/// Why the bytes are no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// A chunk's size is not hexadecimal, or too large, or its line is too long.
    #[error("a chunk's size is malformed")]
    ChunkSize,
    /// A chunk does not end where it said.
    #[error("a chunk does not end with a line end")]
    ChunkEnd,
    /// The trailers are malformed or too large.
    #[error("the trailers are malformed")]
    Trailers,
    /// The other side closed before the end.
    #[error("the body ended early")]
    Early,
}

/// Finds the end of a body, piece by piece.
#[derive(Debug)]
pub(crate) struct BodyDecoder {
    state: State,
    /// The trailers so far, where somebody wants them.
    trailers: Option<HeadBuilder>,
    dropped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Counted(u64),
    ChunkHead,
    Chunk(u64),
    ChunkEnd,
    Trailers { bytes: usize },
    UntilClose,
    Done,
}

/// Longest chunk line, extensions included.
const CHUNK_LINE: usize = 256;
/// Most bytes of trailers.
const TRAILERS: usize = 8 * 1024;

/// The end of a chunked body without trailers.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Writes the line before a chunk of so many bytes into the space, and gives what was written.
pub(crate) fn chunk_head(length: usize, space: &mut [u8; 18]) -> &[u8] {
    let mut at = 16;
    space[16] = b'\r';
    space[17] = b'\n';
    let mut rest = length;
    loop {
        at -= 1;
        space[at] = b"0123456789abcdef"[rest & 15];
        rest >>= 4;
        if rest == 0 || at == 0 {
            return &space[at..];
        }
    }
}

impl BodyDecoder {
    /// The reader of a body framed like this.
    pub(crate) fn new(framing: BodyFraming) -> Self {
        let state = match framing {
            BodyFraming::None => State::Done,
            BodyFraming::Length(length) => State::Counted(length),
            BodyFraming::Chunked => State::ChunkHead,
            BodyFraming::UntilClose => State::UntilClose,
        };
        Self { state, trailers: None, dropped: false }
    }

    /// The same, with the trailers that it would drop otherwise.
    pub(crate) fn keeping_trailers(mut self) -> Self {
        self.trailers = Some(HeadBuilder::new());
        self
    }

    /// Whether there were trailers that nobody wanted.
    pub(crate) fn has_dropped_trailers(&self) -> bool {
        self.dropped
    }

    /// Whether the end has been seen.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done | State::Counted(0))
    }

    /// How many bytes are still to come, where that was announced.
    pub(crate) fn left(&self) -> Option<u64> {
        match self.state {
            State::Counted(left) => Some(left),
            State::Done => Some(0),
            State::ChunkHead | State::Chunk(_) | State::ChunkEnd | State::Trailers { .. } | State::UntilClose => None,
        }
    }

    /// Takes the next piece out of the buffer.
    pub(crate) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Decoded, BodyError> {
        loop {
            match self.state {
                State::Done => return Ok(Decoded::End),
                State::UntilClose if buffer.is_empty() => return Ok(Decoded::More),
                State::UntilClose => return Ok(Decoded::Data(buffer.split().freeze())),
                State::Counted(0) => self.state = State::Done,
                State::Counted(left) => return Ok(self.take(buffer, left, State::Counted)),
                State::Chunk(0) => self.state = State::ChunkEnd,
                State::Chunk(left) => return Ok(self.take(buffer, left, State::Chunk)),
                State::ChunkEnd => {
                    if buffer.len() < 2 {
                        return if buffer.first().is_some_and(|b| *b != b'\r') { Err(BodyError::ChunkEnd) } else { Ok(Decoded::More) };
                    }
                    if &buffer.split_to(2)[..] != b"\r\n" {
                        return Err(BodyError::ChunkEnd);
                    }
                    self.state = State::ChunkHead;
                }
                State::ChunkHead => match chunk_line(buffer)? {
                    None => return Ok(Decoded::More),
                    Some(0) => self.state = State::Trailers { bytes: 0 },
                    Some(size) => self.state = State::Chunk(size),
                },
                State::Trailers { bytes } => match trailer(buffer, bytes, self.trailers.as_mut())? {
                    None => return Ok(Decoded::More),
                    Some(next) => {
                        self.dropped |= self.trailers.is_none() && matches!(next, State::Trailers { .. });
                        self.state = next;
                        if let Some(fields) = self.kept() {
                            return Ok(Decoded::Trailers(fields));
                        }
                    }
                },
            }
        }
    }

    /// Says that the other side closed. Only a body that ends with the connection may end so.
    pub(crate) fn closed(&mut self) -> Result<(), BodyError> {
        match self.state {
            State::Done => Ok(()),
            State::UntilClose => {
                self.state = State::Done;
                Ok(())
            }
            State::Counted(_) | State::ChunkHead | State::Chunk(_) | State::ChunkEnd | State::Trailers { .. } => Err(BodyError::Early),
        }
    }

    /// The trailers, once they are whole and if there are any.
    fn kept(&mut self) -> Option<Fields> {
        let whole = self.state == State::Done && self.trailers.as_ref().is_some_and(|fields| !fields.is_empty());
        if whole { self.trailers.take().map(HeadBuilder::into_fields) } else { None }
    }

    fn take(&mut self, buffer: &mut BytesMut, left: u64, next: fn(u64) -> State) -> Decoded {
        if buffer.is_empty() {
            return Decoded::More;
        }
        let here = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        self.state = next(left - here as u64);
        Decoded::Data(buffer.split_to(here).freeze())
    }
}

/// Takes one trailer, which is dropped unless somebody keeps it, and gives where that leads.
fn trailer(buffer: &mut BytesMut, seen: usize, keep: Option<&mut HeadBuilder>) -> Result<Option<State>, BodyError> {
    let Some(line) = line(buffer, TRAILERS.saturating_sub(seen)).map_err(|()| BodyError::Trailers)? else { return Ok(None) };
    if line.is_empty() {
        return Ok(Some(State::Done));
    }
    let colon = line.iter().position(|b| *b == b':').filter(|at| *at > 0).ok_or(BodyError::Trailers)?;
    let (name, value) = line.split_at(colon);
    if !name.iter().all(|b| is_token(*b)) || value.iter().any(|b| (*b < 0x20 && *b != b'\t') || *b == 0x7f) {
        return Err(BodyError::Trailers);
    }
    if let Some(keep) = keep {
        keep.field(name, value.get(1..).unwrap_or_default().trim_ascii());
    }
    Ok(Some(State::Trailers { bytes: seen + line.len() + 2 }))
}

/// The size of the chunk whose line is at the front of the buffer.
fn chunk_line(buffer: &mut BytesMut) -> Result<Option<u64>, BodyError> {
    let Some(line) = line(buffer, CHUNK_LINE).map_err(|()| BodyError::ChunkSize)? else { return Ok(None) };
    let digits = line.iter().position(|b| *b == b';').unwrap_or(line.len());
    let (size, extension) = line.split_at(digits);
    if size.is_empty() || size.len() > 15 || !size.iter().all(u8::is_ascii_hexdigit) {
        return Err(BodyError::ChunkSize);
    }
    if extension.iter().any(|b| (*b < 0x20 && *b != b'\t') || *b >= 0x7f) {
        return Err(BodyError::ChunkSize);
    }
    let text = std::str::from_utf8(size).map_err(|_| BodyError::ChunkSize)?;
    u64::from_str_radix(text, 16).map(Some).map_err(|_| BodyError::ChunkSize)
}

/// Takes a line and its CRLF, if it is whole. A line that is too long, or that holds a bare CR or LF, is an error at once.
fn line(buffer: &mut BytesMut, most: usize) -> Result<Option<BytesMut>, ()> {
    let end = buffer.iter().position(|b| *b == b'\r' || *b == b'\n');
    match end {
        None if buffer.len() > most => Err(()),
        None => Ok(None),
        Some(at) if at > most => Err(()),
        Some(at) if buffer.get(at) == Some(&b'\n') => Err(()),
        Some(at) => match buffer.get(at + 1) {
            None => Ok(None),
            Some(b'\n') => {
                let mut line = buffer.split_to(at + 2);
                line.truncate(at);
                Ok(Some(line))
            }
            Some(_) => Err(()),
        },
    }
}

/// The characters of a token (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: BodyFraming, input: &[u8], step: usize) -> Result<(Vec<u8>, usize), BodyError> {
        let mut decoder = BodyDecoder::new(framing);
        let mut buffer = BytesMut::new();
        let mut body = Vec::new();
        let mut input = input;
        loop {
            match decoder.decode(&mut buffer)? {
                Decoded::Data(data) => body.extend_from_slice(&data),
                Decoded::Trailers(_) => {}
                Decoded::End => return Ok((body, buffer.len() + input.len())),
                Decoded::More if input.is_empty() => return decoder.closed().map(|()| (body, 0)),
                Decoded::More => {
                    let (now, later) = input.split_at(step.min(input.len()));
                    buffer.extend_from_slice(now);
                    input = later;
                }
            }
        }
    }

    #[test]
    fn chunks_come_out_whole_however_they_arrive() {
        let wire = b"5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\nX-T: v\r\n\r\nNEXT";
        for step in 1..wire.len() {
            assert_eq!(read(BodyFraming::Chunked, wire, step), Ok((b"hello world".to_vec(), 4)), "{step}");
        }
        assert_eq!(read(BodyFraming::Length(3), b"abcdef", 2), Ok((b"abc".to_vec(), 3)));
        assert_eq!(read(BodyFraming::UntilClose, b"abcdef", 2), Ok((b"abcdef".to_vec(), 0)));
        assert_eq!(read(BodyFraming::None, b"GET", 2), Ok((Vec::new(), 3)));
    }

    #[test]
    fn trailers_are_dropped_unless_they_are_kept() {
        let wire = &b"3\r\nabc\r\n0\r\ngrpc-status:  0 \r\nX-B: c\r\n\r\n"[..];
        let pieces = |mut decoder: BodyDecoder| {
            let (mut buffer, mut seen) = (BytesMut::from(wire), Vec::new());
            loop {
                match decoder.decode(&mut buffer).unwrap() {
                    Decoded::Data(data) => seen.push(String::from_utf8(data.to_vec()).unwrap()),
                    Decoded::Trailers(fields) => {
                        seen.extend(fields.iter().map(|(n, v)| format!("{}={}", n.escape_ascii(), v.escape_ascii())));
                    }
                    Decoded::End | Decoded::More => return seen,
                }
            }
        };
        assert_eq!(pieces(BodyDecoder::new(BodyFraming::Chunked)), ["abc"]);
        assert_eq!(pieces(BodyDecoder::new(BodyFraming::Chunked).keeping_trailers()), ["abc", "grpc-status=0", "X-B=c"]);
    }

    #[test]
    fn what_is_not_a_chunk_is_an_error() {
        for (wire, error) in [
            (b"5 \r\nhello\r\n0\r\n\r\n".as_slice(), BodyError::ChunkSize),
            (b" 5\r\nhello\r\n0\r\n\r\n", BodyError::ChunkSize),
            (b"+5\r\nhello\r\n0\r\n\r\n", BodyError::ChunkSize),
            (b"0x5\r\nhello\r\n0\r\n\r\n", BodyError::ChunkSize),
            (b"\r\nhello", BodyError::ChunkSize),
            (b"5\nhello\r\n0\r\n\r\n", BodyError::ChunkSize),
            (b"5\rhello\r\n0\r\n\r\n", BodyError::ChunkSize),
            (b"ffffffffffffffff\r\n", BodyError::ChunkSize),
            (b"5;\x00\r\nhello\r\n", BodyError::ChunkSize),
            (b"5\r\nhelloX\r\n", BodyError::ChunkEnd),
            (b"5\r\nhello\n0\r\n\r\n", BodyError::ChunkEnd),
            (b"0\r\nno colon\r\n\r\n", BodyError::Trailers),
            (b"0\r\nX : y\r\n\r\n", BodyError::Trailers),
            (b"0\r\nX: \x01\r\n\r\n", BodyError::Trailers),
            (b"5\r\nhel", BodyError::Early),
        ] {
            for step in [1, wire.len()] {
                assert_eq!(read(BodyFraming::Chunked, wire, step), Err(error), "{}", String::from_utf8_lossy(wire));
            }
        }
        let long = [b"5;".as_slice(), &[b'x'; 1000]].concat();
        assert_eq!(read(BodyFraming::Chunked, &long, 7), Err(BodyError::ChunkSize));
    }

    #[test]
    fn a_chunk_head_is_its_length_in_hexadecimal() {
        let mut space = [0; 18];
        for (length, head) in [(0, "0\r\n"), (1, "1\r\n"), (255, "ff\r\n"), (65_536, "10000\r\n"), (usize::MAX, "ffffffffffffffff\r\n")] {
            assert_eq!(chunk_head(length, &mut space), head.as_bytes());
        }
    }
}
