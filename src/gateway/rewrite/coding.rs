//! The codings in which a text may come, undone and done again, a bounded piece at a time.

use std::io::Write as _;

use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, enc::StandardAlloc};
use bytes::{Buf as _, Bytes};
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::gzip::Gunzip;

/// A content coding that we can undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// None at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 1950; what some servers send under this name is RFC 1951.
    Deflate,
    /// RFC 7932.
    Brotli,
}

/// The bytes are not in the coding that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not in the coding that was announced")]
pub(super) struct CodingError;

/// Whether a decoder has more to say without hearing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It has.
    More,
    /// It waits for the next piece.
    Hungry,
}

/// The most that one step of a decoder yields.
pub(super) const STEP: usize = 32 * 1024;
/// How hard texts are pressed: they are waited for.
const GZIP_LEVEL: u32 = 4;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW: u32 = 18;

impl Coding {
    /// What `Content-Encoding` names, unless it is something else or several on top of each other.
    pub(super) fn of<'v>(mut lines: impl Iterator<Item = &'v [u8]>) -> Option<Self> {
        let coding = match lines.next() {
            None => Self::Plain,
            Some(line) => Self::named(line)?,
        };
        lines.next().is_none().then_some(coding)
    }

    /// By its name in `Content-Encoding` and `Accept-Encoding`.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Some(Self::Plain),
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            _ => None,
        }
    }
}

/// Undoes a coding.
pub(super) enum Decoder {
    Plain,
    Gzip(Box<Gunzip>),
    Deflate(Inflate),
    Brotli(Box<Unbrotli>),
}

impl Decoder {
    /// Before the first byte.
    pub(super) fn new(coding: Coding) -> Self {
        match coding {
            Coding::Plain => Self::Plain,
            Coding::Gzip => Self::Gzip(Box::default()),
            Coding::Deflate => Self::Deflate(Inflate::default()),
            Coding::Brotli => Self::Brotli(Box::default()),
        }
    }

    /// Takes some of the input and appends what it means, about [`STEP`] bytes at the most.
    pub(super) fn step(&mut self, input: &mut Bytes, out: &mut Vec<u8>) -> Result<Next, CodingError> {
        match self {
            Self::Plain => {
                out.extend_from_slice(&input.split_to(input.len().min(STEP)));
                Ok(if input.is_empty() { Next::Hungry } else { Next::More })
            }
            Self::Gzip(gunzip) => gunzip.step(input, out),
            Self::Deflate(inflate) => {
                let next = inflate.step(input, out)?;
                if inflate.has_ended() {
                    input.clear();
                }
                Ok(next)
            }
            Self::Brotli(unbrotli) => unbrotli.step(input, out),
        }
    }

    /// Whether the text has come to its end, or never began.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Plain => true,
            Self::Gzip(gunzip) => gunzip.is_whole(),
            Self::Deflate(inflate) => inflate.is_whole(),
            Self::Brotli(unbrotli) => unbrotli.is_whole(),
        }
    }
}

/// Undoes RFC 1951, with the frame of RFC 1950 where it has one.
#[derive(Default)]
pub(super) struct Inflate {
    stream: Option<Decompress>,
    ended: bool,
}

impl Inflate {
    /// Without a frame.
    pub(super) fn raw() -> Self {
        Self { stream: Some(Decompress::new(false)), ended: false }
    }

    /// Whether the stream has ended, or never began.
    pub(super) fn is_whole(&self) -> bool {
        self.ended || self.stream.is_none()
    }

    /// Whether the stream has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// As [`Decoder::step`]; what follows the end is left alone.
    pub(super) fn step(&mut self, input: &mut Bytes, out: &mut Vec<u8>) -> Result<Next, CodingError> {
        if self.ended {
            return Ok(Next::Hungry);
        }
        let stream = match (&mut self.stream, input.first()) {
            (Some(stream), _) => stream,
            (None, None) => return Ok(Next::Hungry),
            // The first byte of a frame names its method, 8, and a window of at most 32 KiB; no stream in use begins like that.
            (empty @ None, Some(first)) => empty.insert(Decompress::new(first & 0x0f == 8 && first >> 4 <= 7)),
        };
        let (read, from) = (stream.total_in(), out.len());
        out.resize(from + STEP, 0);
        let space = out.get_mut(from..).unwrap_or_default();
        let written = stream.total_out();
        let status = stream.decompress(input, space, FlushDecompress::None).map_err(|_| CodingError)?;
        let yielded = usize::try_from(stream.total_out() - written).unwrap_or(0);
        out.truncate(from + yielded);
        let taken = usize::try_from(stream.total_in() - read).unwrap_or(0);
        input.advance(taken.min(input.len()));
        self.ended = status == Status::StreamEnd;
        match status {
            Status::StreamEnd => Ok(Next::Hungry),
            Status::Ok | Status::BufError if yielded == STEP => Ok(Next::More),
            Status::Ok | Status::BufError if input.is_empty() => Ok(Next::Hungry),
            Status::Ok | Status::BufError if taken > 0 || yielded > 0 => Ok(Next::More),
            Status::Ok | Status::BufError => Err(CodingError),
        }
    }
}

/// Undoes RFC 7932, whose window is at most 16 MiB.
pub(super) struct Unbrotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    begun: bool,
    ended: bool,
}

impl Default for Unbrotli {
    fn default() -> Self {
        let alloc = StandardAlloc::default;
        Self { state: BrotliState::new_strict(alloc(), alloc(), alloc()), begun: false, ended: false }
    }
}

impl Unbrotli {
    fn is_whole(&self) -> bool {
        self.ended || !self.begun
    }

    fn step(&mut self, input: &mut Bytes, out: &mut Vec<u8>) -> Result<Next, CodingError> {
        if self.ended || (input.is_empty() && !self.begun) {
            input.clear();
            return Ok(Next::Hungry);
        }
        self.begun = true;
        let from = out.len();
        out.resize(from + STEP, 0);
        let space = out.get_mut(from..).unwrap_or_default();
        let (mut left, mut taken) = (input.len(), 0);
        let (mut room, mut yielded, mut total) = (space.len(), 0, 0);
        let result = BrotliDecompressStream(&mut left, &mut taken, input, &mut room, &mut yielded, space, &mut total, &mut self.state);
        out.truncate(from + yielded);
        input.advance(taken.min(input.len()));
        match result {
            BrotliResult::ResultSuccess => {
                self.ended = true;
                input.clear();
                Ok(Next::Hungry)
            }
            BrotliResult::NeedsMoreInput => Ok(Next::Hungry),
            BrotliResult::NeedsMoreOutput => Ok(Next::More),
            BrotliResult::ResultFailure => Err(CodingError),
        }
    }
}

/// Does a coding again.
pub(super) enum Encoder {
    Plain(Vec<u8>),
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Deflate(flate2::write::ZlibEncoder<Vec<u8>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
}

impl Encoder {
    /// Before the first byte.
    pub(super) fn new(coding: Coding) -> Self {
        let level = Compression::new(GZIP_LEVEL);
        match coding {
            Coding::Plain => Self::Plain(Vec::new()),
            Coding::Gzip => Self::Gzip(flate2::write::GzEncoder::new(Vec::new(), level)),
            Coding::Deflate => Self::Deflate(flate2::write::ZlibEncoder::new(Vec::new(), level)),
            Coding::Brotli => Self::Brotli(Box::new(brotli::CompressorWriter::new(Vec::new(), STEP, BROTLI_QUALITY, BROTLI_WINDOW))),
        }
    }

    // Writing to a vector cannot fail.

    /// Takes the next of the text.
    pub(super) fn push(&mut self, text: &[u8]) {
        let _ = match self {
            Self::Plain(out) => out.write_all(text),
            Self::Gzip(gzip) => gzip.write_all(text),
            Self::Deflate(deflate) => deflate.write_all(text),
            Self::Brotli(brotli) => brotli.write_all(text),
        };
    }

    /// Makes everything so far readable to whoever has what came out.
    pub(super) fn flush(&mut self) {
        let _ = match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(gzip) => gzip.flush(),
            Self::Deflate(deflate) => deflate.flush(),
            Self::Brotli(brotli) => brotli.flush(),
        };
    }

    /// What has come out and was not taken yet.
    pub(super) fn take(&mut self) -> Bytes {
        std::mem::take(self.out()).into()
    }

    /// How much has come out and was not taken yet.
    pub(super) fn ready(&mut self) -> usize {
        self.out().len()
    }

    fn out(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Plain(out) => out,
            Self::Gzip(gzip) => gzip.get_mut(),
            Self::Deflate(deflate) => deflate.get_mut(),
            Self::Brotli(brotli) => brotli.get_mut(),
        }
    }

    /// The end, with what was not taken yet.
    pub(super) fn finish(self) -> Bytes {
        match self {
            Self::Plain(out) => out,
            Self::Gzip(gzip) => gzip.finish().unwrap_or_default(),
            Self::Deflate(deflate) => deflate.finish().unwrap_or_default(),
            Self::Brotli(brotli) => brotli.into_inner(),
        }
        .into()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) const ALL: [Coding; 4] = [Coding::Plain, Coding::Gzip, Coding::Deflate, Coding::Brotli];

    pub(crate) fn encoded(coding: Coding, text: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new(coding);
        encoder.push(text);
        encoder.finish().to_vec()
    }

    /// Decodes pieces of this size.
    pub(crate) fn decoded(coding: Coding, bytes: &[u8], size: usize) -> Result<Vec<u8>, CodingError> {
        let (mut decoder, mut out) = (Decoder::new(coding), Vec::new());
        for piece in bytes.chunks(size.max(1)) {
            let mut input = Bytes::copy_from_slice(piece);
            loop {
                let from = out.len();
                let next = decoder.step(&mut input, &mut out)?;
                assert!(out.len() - from <= 2 * STEP, "a step yields a bounded piece");
                if next == Next::Hungry {
                    break;
                }
            }
            assert!(input.is_empty(), "a hungry decoder has taken everything");
        }
        if decoder.is_whole() { Ok(out) } else { Err(CodingError) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_coded_and_cut_anywhere_is_the_same_text(text in "[a-c]{0,300}", many in 1_usize..200, size in 1_usize..700) {
            let text = text.repeat(many).into_bytes();
            for coding in ALL {
                prop_assert_eq!(decoded(coding, &encoded(coding, &text), size), Ok(text.clone()), "{:?}", coding);
            }
        }

        #[test]
        fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1_usize..50) {
            for coding in ALL {
                let _ = decoded(coding, &bytes, size);
                let _ = decoded(coding, &[encoded(coding, b"text").as_slice(), &bytes].concat(), size);
            }
        }

        #[test]
        fn a_text_that_is_cut_off_is_not_whole(at in 1_usize..20) {
            for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
                let bytes = encoded(coding, b"a text of some length, which does not repeat itself much");
                prop_assert_eq!(decoded(coding, &bytes[..at], 7), Err(CodingError), "{:?}", coding);
            }
        }
    }

    #[test]
    fn what_is_said_is_readable_once_it_is_flushed() {
        for coding in ALL {
            let mut encoder = Encoder::new(coding);
            encoder.push(b"the first line\n");
            encoder.flush();
            let (mut decoder, mut out) = (Decoder::new(coding), Vec::new());
            let mut input = encoder.take();
            while decoder.step(&mut input, &mut out) == Ok(Next::More) {}
            assert_eq!(out, b"the first line\n", "{coding:?}");
        }
    }

    #[test]
    fn deflate_without_its_frame_is_read_too() {
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), Compression::new(6));
        raw.write_all(b"some text").unwrap();
        assert_eq!(decoded(Coding::Deflate, &raw.finish().unwrap(), 3), Ok(b"some text".to_vec()));
    }

    #[test]
    fn an_answer_without_a_body_needs_no_coding() {
        for coding in ALL {
            assert_eq!(decoded(coding, b"", 1), Ok(Vec::new()), "{coding:?}");
        }
    }

    #[test]
    fn one_coding_at_most_is_undone() {
        let of = |lines: &[&'static [u8]]| Coding::of(lines.iter().copied());
        assert_eq!(of(&[]), Some(Coding::Plain));
        assert_eq!(of(&[b" GZIP "]), Some(Coding::Gzip));
        assert_eq!(of(&[b"br"]), Some(Coding::Brotli));
        for other in [&[&b"zstd"[..]][..], &[b"gzip, br"], &[b"gzip", b"br"]] {
            assert_eq!(of(other), None);
        }
    }
}
