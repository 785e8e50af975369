//! Writes heads, field by field, into a buffer that is used again.

use std::io::Write as _;

/// A head that is being written.
#[derive(Debug, Default)]
pub(crate) struct HeadBuf {
    bytes: Vec<u8>,
}

/// The field was not written: its name or value would have changed the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field that cannot be written was left out")]
pub(crate) struct FieldRefused;

impl HeadBuf {
    /// Forgets what was written; keeps the room.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// What has been written.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins a request. Method and target have been checked by the reader.
    pub(crate) fn request_line(&mut self, method: &str, target: &[u8]) {
        self.bytes.extend_from_slice(method.as_bytes());
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(target);
        self.bytes.extend_from_slice(b" HTTP/1.1\r\n");
    }

    /// Begins an answer.
    pub(crate) fn status_line(&mut self, status: u16) {
        let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
        // Writing to a vector cannot fail.
        let _ = write!(self.bytes, "HTTP/1.1 {status} {reason}\r\n");
    }

    /// Adds a field. Nothing is written where the name is not a token or the value could end the line.
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), FieldRefused> {
        let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
        let text = |b: &u8| *b == b'\t' || (*b >= 0x20 && *b != 0x7f);
        if name.is_empty() || !name.iter().all(token) || !value.iter().all(text) {
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

    /// Adds a field whose text is our own and has no line ends in it.
    pub(crate) fn put_display(&mut self, name: &str, value: &dyn std::fmt::Display) {
        let _ = write!(self.bytes, "{name}: {value}\r\n");
    }

    /// Says how long the body is.
    pub(crate) fn content_length(&mut self, length: u64) {
        self.put_display("Content-Length", &length);
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
}
