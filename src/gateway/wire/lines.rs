//! What request and response heads have in common: lines that end in CRLF and hold no control bytes.

use super::head::Fields;

/// Bounds of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Largest head, in bytes, from the first line to the empty one.
    pub(crate) head: usize,
    /// Longest first line of a request, in bytes.
    pub(crate) line: usize,
    /// Most fields.
    pub(crate) fields: usize,
}

/// Most fields that any limit can allow.
pub(crate) const MOST_FIELDS: usize = 128;

impl Default for Limits {
    fn default() -> Self {
        Self { head: 32 * 1024, line: 16 * 1024, fields: MOST_FIELDS }
    }
}

/// What is wrong with the bytes of a head, whatever it is the head of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineError {
    BareLineFeed,
    BareCarriageReturn,
    ControlByte,
    Folding,
}

/// How far a head has been looked at, so that bytes that come one by one are not looked at again and again. One for each head.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    at: usize,
    /// The one empty line that may stand before a request was there.
    pub(super) skipped: bool,
    previous: u8,
    line_start: usize,
}

impl Progress {
    /// Whether nothing was looked at yet.
    pub(super) fn is_new(&self) -> bool {
        self.at == 0
    }

    /// Whether the first line is not whole yet.
    pub(super) fn in_first_line(&self) -> bool {
        self.line_start == 0
    }
}

/// Finds the end of a head that is there as a whole, line by line: each must end in CRLF, none may be folded. What stands in a line is not
/// looked at. `None` says nothing: then each byte has to be.
fn end_of_lines(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(b'\n', bytes.get(from..)?)?;
        if bytes.get(at.checked_sub(1)?) != Some(&b'\r') {
            return None;
        }
        match bytes.get(at + 1..)? {
            [b'\r', b'\n', ..] => return Some(at + 3),
            [b' ' | b'\t', ..] => return None,
            _ => from = at + 1,
        }
    }
}

/// Finds the end of the head: the number of bytes up to and including the empty line, if it is there. Where it is not, or the lines are odd,
/// looks at every byte, so that a head that can never become right is refused at once rather than waited for. Control bytes inside of the
/// lines of a whole head are for the reader of tokens to find; [`what_is_wrong`] names them. The bytes already looked at must still be there.
pub(super) fn head_end(bytes: &[u8], progress: &mut Progress) -> Result<Option<usize>, LineError> {
    if progress.is_new()
        && let Some(end) = end_of_lines(bytes)
    {
        *progress = Progress::default();
        return Ok(Some(end));
    }
    look_at_each(bytes, progress)
}

/// What is wrong with the bytes of a head whose tokens cannot be read, if it is that.
pub(super) fn what_is_wrong(bytes: &[u8]) -> Option<LineError> {
    look_at_each(bytes, &mut Progress::default()).err()
}

fn look_at_each(bytes: &[u8], progress: &mut Progress) -> Result<Option<usize>, LineError> {
    let Progress { at, previous, line_start, skipped: _ } = progress;
    while let Some((&byte, rest)) = bytes.get(*at..).and_then(<[u8]>::split_first) {
        let ix = *at;
        match byte {
            b'\n' if *previous != b'\r' => return Err(LineError::BareLineFeed),
            b'\n' => {
                if ix == *line_start + 1 && *line_start > 0 {
                    *progress = Progress::default();
                    return Ok(Some(ix + 1));
                }
                *line_start = ix + 1;
            }
            _ if *previous == b'\r' => return Err(LineError::BareCarriageReturn),
            b' ' | b'\t' if ix == *line_start && *line_start > 0 => return Err(LineError::Folding),
            b'\t' | b'\r' => {}
            0..=0x1f | 0x7f => return Err(LineError::ControlByte),
            _ => {
                // Inside a line, text is only text: it is passed over many bytes at a time.
                let text = plain(rest);
                *at = ix + 1 + text;
                *previous = byte;
                continue;
            }
        }
        *previous = byte;
        *at = ix + 1;
    }
    Ok(None)
}

/// How many bytes at the front are neither control bytes nor DEL.
fn plain(bytes: &[u8]) -> usize {
    let is_plain = |b: u8| b >= 0x20 && b != 0x7f;
    let whole = bytes.chunks_exact(16).take_while(|chunk| chunk.iter().fold(true, |all, b| all & is_plain(*b))).count() * 16;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().position(|b| !is_plain(*b)).unwrap_or(rest.len())
}

/// The length that a list of `Content-Length` and `Transfer-Encoding` fields announces, or why it announces none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    Nothing,
    Length(u64),
    Chunked,
}

/// What is wrong with the announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnnounceError {
    BothLengths,
    ContentLength,
    TransferEncoding,
}

/// Reads what the fields announce about the body (RFC 9112, 6.3), without the leniency that it allows.
pub(super) fn announced(fields: &Fields) -> Result<Announced, AnnounceError> {
    let mut length = None;
    for value in fields.all("content-length") {
        let number = decimal(value).ok_or(AnnounceError::ContentLength)?;
        if length.replace(number).is_some() {
            return Err(AnnounceError::ContentLength);
        }
    }
    let mut chunked = false;
    for value in fields.all("transfer-encoding") {
        if chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(AnnounceError::TransferEncoding);
        }
        chunked = true;
    }
    match (length, chunked) {
        (Some(_), true) => Err(AnnounceError::BothLengths),
        (Some(length), false) => Ok(Announced::Length(length)),
        (None, true) => Ok(Announced::Chunked),
        (None, false) => Ok(Announced::Nothing),
    }
}

/// Digits and nothing else.
fn decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 {
        return None;
    }
    // Nineteen digits fit.
    value.iter().try_fold(0_u64, |number, b| b.is_ascii_digit().then(|| number * 10 + u64::from(b - b'0')))
}

/// The value without optional white space around it.
pub(super) fn trim(value: &[u8]) -> &[u8] {
    let blank = |b: &u8| *b == b' ' || *b == b'\t';
    if !value.first().is_some_and(blank) && !value.last().is_some_and(blank) {
        return value;
    }
    let start = value.iter().position(|b| !blank(b)).unwrap_or(value.len());
    let end = value.iter().rposition(|b| !blank(b)).map_or(start, |ix| ix + 1);
    value.get(start..end).unwrap_or_default()
}
