//! The frame of gzip (RFC 1952): heads and tails around what [`Inflate`] reads, one or several.

use bytes::{Buf as _, Bytes};
use flate2::Crc;

use super::coding::{CodingError, Inflate, Next};

/// Undoes gzip.
#[derive(Default)]
pub(super) struct Gunzip {
    stage: Stage,
    /// The fixed bytes of a head or tail, as far as they have come.
    fixed: Vec<u8>,
    inflate: Inflate,
    crc: Crc,
    begun: bool,
    /// One member is whole.
    whole: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    /// The first ten bytes of a member.
    #[default]
    Head,
    /// What the flags announce, the lowest first.
    Options(u8),
    /// So many bytes that say nothing to us, and then the rest of the options.
    Skip(u16, u8),
    Body,
    Tail,
    /// Nothing that is of interest.
    Over,
}

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const CHECK: u8 = 2;

impl Gunzip {
    /// Whether a member has come to its end and nothing of another has come, or nothing at all has.
    pub(super) fn is_whole(&self) -> bool {
        !self.begun || self.stage == Stage::Over || (self.whole && self.stage == Stage::Head && self.fixed.is_empty())
    }

    /// As [`Decoder::step`](super::coding::Decoder::step).
    pub(super) fn step(&mut self, input: &mut Bytes, out: &mut Vec<u8>) -> Result<Next, CodingError> {
        loop {
            if input.is_empty() && self.stage != Stage::Body {
                return Ok(Next::Hungry);
            }
            self.begun = true;
            match self.stage {
                Stage::Head => self.head(input)?,
                Stage::Options(flags) => self.option(flags, input)?,
                Stage::Skip(left, flags) => {
                    let n = input.len().min(usize::from(left));
                    input.advance(n);
                    let left = left.saturating_sub(u16::try_from(n).unwrap_or(u16::MAX));
                    self.stage = if left == 0 { Stage::Options(flags) } else { Stage::Skip(left, flags) };
                }
                Stage::Body => {
                    let from = out.len();
                    let next = self.inflate.step(input, out)?;
                    self.crc.update(out.get(from..).unwrap_or_default());
                    if !self.inflate.has_ended() {
                        return Ok(next);
                    }
                    self.stage = Stage::Tail;
                    // A member yields a piece of its own, so that many small ones are no large one.
                    return Ok(Next::More);
                }
                Stage::Tail => self.tail(input)?,
                Stage::Over => input.clear(),
            }
        }
    }

    /// Whether so many bytes have come.
    fn gather(&mut self, n: usize, input: &mut Bytes) -> bool {
        let missing = n.saturating_sub(self.fixed.len()).min(input.len());
        self.fixed.extend_from_slice(&input.split_to(missing));
        self.fixed.len() >= n
    }

    fn head(&mut self, input: &mut Bytes) -> Result<(), CodingError> {
        const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
        let gathered = self.gather(10, input);
        let seen = self.fixed.len().min(MAGIC.len());
        if self.fixed.get(..seen) != MAGIC.get(..seen) {
            // What stands behind a member and is none is padding.
            self.stage = Stage::Over;
            return if self.whole { Ok(()) } else { Err(CodingError) };
        }
        if gathered {
            let flags = self.fixed.get(3).copied().unwrap_or_default();
            self.stage = Stage::Options(flags);
            self.fixed.clear();
        }
        Ok(())
    }

    fn option(&mut self, flags: u8, input: &mut Bytes) -> Result<(), CodingError> {
        if flags & EXTRA != 0 {
            if self.gather(2, input) {
                let length = self.fixed.first().zip(self.fixed.get(1)).map_or(0, |(low, high)| u16::from_le_bytes([*low, *high]));
                self.stage = Stage::Skip(length, flags & !EXTRA);
                self.fixed.clear();
            }
        } else if flags & (NAME | COMMENT) != 0 {
            let end = input.iter().position(|b| *b == 0);
            input.advance(end.map_or(input.len(), |ix| ix + 1));
            if end.is_some() {
                let done = if flags & NAME != 0 { NAME } else { COMMENT };
                self.stage = Stage::Options(flags & !done);
            }
        } else if flags & CHECK != 0 {
            self.stage = Stage::Skip(2, flags & !CHECK);
        } else if flags & 0xe0 != 0 {
            return Err(CodingError);
        } else {
            (self.inflate, self.crc) = (Inflate::raw(), Crc::new());
            self.stage = Stage::Body;
        }
        Ok(())
    }

    fn tail(&mut self, input: &mut Bytes) -> Result<(), CodingError> {
        if !self.gather(8, input) {
            return Ok(());
        }
        let said = [self.crc.sum().to_le_bytes(), self.crc.amount().to_le_bytes()].concat();
        let fits = self.fixed == said;
        self.fixed.clear();
        (self.stage, self.whole) = (Stage::Head, true);
        if fits { Ok(()) } else { Err(CodingError) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, GzBuilder};

    use super::super::coding::{
        Coding, CodingError,
        tests::{decoded, encoded},
    };

    #[test]
    fn heads_with_options_and_several_members_are_one_text() {
        let mut named =
            GzBuilder::new().filename("index.html").comment("by hand").extra(vec![1, 2, 3]).write(Vec::new(), Compression::fast());
        named.write_all(b"first, ").unwrap();
        let first = named.finish().unwrap();
        let bytes = [first.as_slice(), &encoded(Coding::Gzip, b"second")].concat();
        for size in [1, 2, 7, 1000] {
            assert_eq!(decoded(Coding::Gzip, &bytes, size), Ok(b"first, second".to_vec()));
            assert_eq!(decoded(Coding::Gzip, &[bytes.as_slice(), b"\0\0\0 padding"].concat(), size), Ok(b"first, second".to_vec()));
        }
    }

    #[test]
    fn a_wrong_sum_is_noticed() {
        let mut bytes = encoded(Coding::Gzip, b"text");
        let at = bytes.len() - 5;
        bytes[at] ^= 1;
        assert_eq!(decoded(Coding::Gzip, &bytes, 100), Err(CodingError));
    }
}
