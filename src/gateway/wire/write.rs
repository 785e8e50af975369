//! Writes heads, field by field, into the buffer that they are sent from.

use std::fmt::Write as _;

use bytes::{BufMut as _, BytesMut};

/// A head that is being written.
#[derive(Debug, Default)]
pub(crate) struct HeadBuf {
    bytes: BytesMut,
}

/// The field was not written: its name or value would have changed the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field that cannot be written was left out")]
pub(crate) struct FieldRefused;

impl HeadBuf {
    /// Nothing yet, in this memory.
    pub(crate) fn over(bytes: BytesMut) -> Self {
        Self { bytes }
    }

    /// What has been written.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins a request. Method and target have been checked by the reader.
    pub(crate) fn request_line(&mut self, method: &str, target: &[u8]) {
        self.bytes.extend_from_slice(method.as_bytes());
        self.bytes.put_u8(b' ');
        self.bytes.extend_from_slice(target);
        self.bytes.extend_from_slice(b" HTTP/1.1\r\n");
    }

    /// Begins an answer.
    pub(crate) fn status_line(&mut self, status: u16) {
        let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
        self.bytes.extend_from_slice(b"HTTP/1.1 ");
        decimal(&mut self.bytes, u64::from(status));
        self.bytes.put_u8(b' ');
        self.bytes.extend_from_slice(reason.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds a field. Nothing is written where the name is not a token or the value could end the line.
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), FieldRefused> {
        let token = |b: &u8| TOKEN.get(usize::from(*b)).copied().unwrap_or(false);
        if name.is_empty() || !name.iter().all(token) || !is_text(value) {
            return Err(FieldRefused);
        }
        self.put(name, value);
        Ok(())
    }

    /// Adds a field that a reader has already checked, or whose text is our own.
    pub(crate) fn put(&mut self, name: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds a field with an address.
    pub(crate) fn put_ip(&mut self, name: &[u8], ip: std::net::IpAddr) {
        self.begin_line(name);
        match ip {
            std::net::IpAddr::V4(ip) => {
                for (ix, octet) in ip.octets().into_iter().enumerate() {
                    if ix > 0 {
                        self.bytes.put_u8(b'.');
                    }
                    decimal(&mut self.bytes, u64::from(octet));
                }
            }
            // Writing to memory cannot fail.
            std::net::IpAddr::V6(ip) => drop(write!(self.bytes, "{ip}")),
        }
        self.end_line();
    }

    /// Adds a field whose text is our own and has no line ends in it.
    pub(crate) fn put_display(&mut self, name: &str, value: &dyn std::fmt::Display) {
        let _ = write!(self.bytes, "{name}: {value}\r\n");
    }

    /// Adds whole lines that were written before by one of these.
    pub(crate) fn put_lines(&mut self, lines: &[u8]) {
        self.bytes.extend_from_slice(lines);
    }

    /// Begins a line whose text follows in pieces, each of which a reader has already checked.
    pub(crate) fn begin_line(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
    }

    /// A piece of the line that was begun.
    pub(crate) fn piece(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
    }

    /// Ends the line that was begun.
    pub(crate) fn end_line(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// What was written, to be sent.
    pub(crate) fn into_bytes(self) -> BytesMut {
        self.bytes
    }

    /// Says how long the body is.
    pub(crate) fn content_length(&mut self, length: u64) {
        self.bytes.extend_from_slice(b"Content-Length: ");
        decimal(&mut self.bytes, length);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Says that the body comes in chunks.
    pub(crate) fn chunked(&mut self) {
        self.put(b"Transfer-Encoding", b"chunked");
    }

    /// Ends the head.
    pub(crate) fn finish(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
    }
}

/// Whether a value stays in its line.
pub(crate) fn is_text(value: &[u8]) -> bool {
    // Without an early end, so that many bytes are looked at a time.
    value.iter().fold(true, |all, b| all & (*b == b'\t' || (*b >= 0x20 && *b != 0x7f)))
}

/// The characters of a token (RFC 9110, 5.6.2).
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = matches!(b as u8, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        b += 1;
    }
    table
};

/// Writes a number without the machinery of formatting.
fn decimal(out: &mut BytesMut, number: u64) {
    let mut space = [b'0'; 20];
    let (mut rest, mut used) = (number, 0);
    for digit in space.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        used += 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(space.get(space.len() - used..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_could_end_the_line_is_not_written() {
        let mut head = HeadBuf::default();
        head.request_line("GET", b"/a?b");
        for (name, value) in [("X-A", "b\r\nX-B: c"), ("X-A", "b\n"), ("X-A", "b\0"), ("X A", "b"), ("", "b"), ("X:A", "b")] {
            assert_eq!(head.field(name.as_bytes(), value.as_bytes()), Err(FieldRefused), "{name:?} {value:?}");
        }
        assert_eq!(head.field(b"X-A", "b\tc é".as_bytes()), Ok(()));
        head.finish();
        assert_eq!(head.as_bytes(), "GET /a?b HTTP/1.1\r\nX-A: b\tc é\r\n\r\n".as_bytes());
    }

    #[test]
    fn numbers_are_written_as_formatting_would() {
        for number in [0, 1, 9, 10, 200, 1_024, u64::MAX] {
            let mut out = BytesMut::new();
            decimal(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
        for byte in 0..=255_u8 {
            let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(TOKEN[usize::from(byte)], token, "{byte}");
        }
    }
}
