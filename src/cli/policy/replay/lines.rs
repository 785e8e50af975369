//! Lines of a file, one at a time, none of them longer than it may be.

use std::io::{self, BufRead};

/// Longest line that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// The lines of an input.
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

/// What came.
pub(super) enum Read<'l> {
    /// A line and its number, from 1.
    Line(u64, &'l [u8]),
    /// A line that is too long to be ours.
    TooLong(u64),
    /// Nothing but white space.
    Blank,
    /// There are no more.
    End,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0 }
    }

    /// How many there were.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next one.
    pub(super) fn next(&mut self) -> io::Result<Read<'_>> {
        self.line.clear();
        let (mut length, mut ended) = (0_usize, false);
        while !ended {
            let available = match self.input.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => bytes,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(cause),
            };
            let (part, taken) = match available.iter().position(|b| *b == b'\n') {
                Some(ix) => (available.get(..ix).unwrap_or_default(), ix + 1),
                None => (available, available.len()),
            };
            ended = taken > part.len();
            length += part.len();
            if length <= LONGEST {
                self.line.extend_from_slice(part);
            }
            self.input.consume(taken);
        }
        if !ended && length == 0 {
            return Ok(Read::End);
        }
        self.number += 1;
        Ok(match length {
            n if n > LONGEST => Read::TooLong(self.number),
            _ if self.line.trim_ascii().is_empty() => Read::Blank,
            _ => Read::Line(self.number, &self.line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_long_ones_left_out() {
        let text = format!("a\n\n{}\nb\r\nlast", "x".repeat(LONGEST + 1));
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text.as_bytes()));
        let mut came = Vec::new();
        loop {
            match lines.next().unwrap() {
                Read::End => break,
                Read::Blank => came.push("blank".to_owned()),
                Read::TooLong(n) => came.push(format!("{n} long")),
                Read::Line(n, bytes) => came.push(format!("{n} {}", String::from_utf8_lossy(bytes).trim_end())),
            }
        }
        assert_eq!(came, ["1 a", "blank", "3 long", "4 b", "5 last"]);
    }
}
