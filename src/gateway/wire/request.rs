//! Reads the head of a request, or says why it is none.

use std::mem::MaybeUninit;

use bytes::BytesMut;

use super::{
    head::{BodyFraming, Fields, Head, Part, Version},
    hop::names_option,
    lines::{AnnounceError, Announced, Limits, LineError, MOST_FIELDS, Progress, announced, head_end, trim, what_is_wrong},
};

/// What the bytes so far come to.
#[derive(Debug)]
pub(crate) enum Parsed<H> {
    /// The head is not whole yet.
    Partial,
    /// The head; its bytes are taken out of the buffer.
    Complete(H),
}

/// Why the bytes are no request that we serve. The connection is closed after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum RequestError {
    /// A line feed without carriage return.
    #[error("a line ends without a carriage return")]
    BareLineFeed,
    /// A carriage return without line feed.
    #[error("a carriage return stands alone")]
    BareCarriageReturn,
    /// A control byte.
    #[error("the head has a control byte")]
    ControlByte,
    /// A folded field.
    #[error("a field is folded")]
    Folding,
    /// Not a request line, or not a field.
    #[error("the head is malformed")]
    Malformed,
    /// The method is not an upper-case token.
    #[error("the method is not an upper-case token")]
    Method,
    /// CONNECT or TRACE.
    #[error("the method is not served")]
    MethodRefused,
    /// Not HTTP/1.0 or 1.1.
    #[error("the version is not served")]
    Version,
    /// The target is neither a path nor an address of the same host.
    #[error("the request target is malformed")]
    Target,
    /// The first line is too long.
    #[error("the request target is too long")]
    TargetTooLong,
    /// The head is too large.
    #[error("the head is too large")]
    HeadTooLarge,
    /// There are too many fields.
    #[error("the head has too many fields")]
    TooManyFields,
    /// No `Host`, or several.
    #[error("there must be one Host")]
    Host,
    /// Both `Content-Length` and `Transfer-Encoding`.
    #[error("the body has two lengths")]
    BothLengths,
    /// Not one decimal `Content-Length`.
    #[error("the Content-Length is malformed or repeated")]
    ContentLength,
    /// Anything but one `chunked`, or in HTTP/1.0.
    #[error("the Transfer-Encoding is not served")]
    TransferEncoding,
}

impl RequestError {
    /// The status of the answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::MethodRefused => 405,
            Self::Version => 505,
            Self::TargetTooLong => 414,
            Self::HeadTooLarge | Self::TooManyFields => 431,
            Self::BareLineFeed
            | Self::BareCarriageReturn
            | Self::ControlByte
            | Self::Folding
            | Self::Malformed
            | Self::Method
            | Self::Target
            | Self::Host
            | Self::BothLengths
            | Self::ContentLength
            | Self::TransferEncoding => 400,
        }
    }
}

/// Reads the head at the front of the buffer. `progress` is that of this head, and new again once it is read.
pub(crate) fn parse_request(buffer: &mut BytesMut, limits: &Limits, progress: &mut Progress) -> Result<Parsed<Head>, RequestError> {
    // One empty line before the request line is tolerated (RFC 9112, 2.2): some clients end a form with it.
    if progress.is_new() && !progress.skipped {
        if buffer.starts_with(b"\r\n") {
            let _ = buffer.split_to(2);
            progress.skipped = true;
        } else if buffer[..] == b"\r"[..] {
            return Ok(Parsed::Partial);
        }
    }
    if buffer.first() == Some(&b'\r') {
        return Err(RequestError::Malformed);
    }
    let Some(end) = head_end(buffer, progress)? else { return unfinished(buffer, limits, progress).map(|()| Parsed::Partial) };
    if end > limits.head {
        return Err(RequestError::HeadTooLarge);
    }
    let bytes = buffer.split_to(end).freeze();
    let mut space = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let read = request.parse_with_uninit_headers(&bytes, &mut space);
    if read.is_err()
        && let Some(error) = what_is_wrong(&bytes)
    {
        return Err(error.into());
    }
    match read {
        Ok(httparse::Status::Complete(length)) if length == end => {}
        Ok(httparse::Status::Complete(_) | httparse::Status::Partial) => return Err(RequestError::Malformed),
        Err(httparse::Error::TooManyHeaders) => return Err(RequestError::TooManyFields),
        Err(httparse::Error::Version) => return Err(RequestError::Version),
        Err(_) => return Err(first_line_error(&bytes)),
    }
    let method = Part::within(&bytes, request.method.unwrap_or_default().as_bytes());
    let target = Part::within(&bytes, request.path.unwrap_or_default().as_bytes());
    let version = if request.version == Some(0) { Version::Http10 } else { Version::Http11 };
    if request.headers.len() > limits.fields {
        return Err(RequestError::TooManyFields);
    }
    let places = request.headers.iter().map(|h| (Part::within(&bytes, h.name.as_bytes()), Part::within(&bytes, trim(h.value))));
    checked(Fields::new(bytes.clone(), places), method, target, version, limits)
}

/// What httparse only calls malformed may be a version that nobody serves.
fn first_line_error(bytes: &[u8]) -> RequestError {
    let line = bytes.split(|b| *b == b'\r').next().unwrap_or_default();
    let mut words = line.split(|b| *b == b' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(_), Some(_), Some(version), None)
            if version.starts_with(b"HTTP/") && version != b"HTTP/1.1" && version != b"HTTP/1.0" && version.len() == 8 =>
        {
            RequestError::Version
        }
        _ => RequestError::Malformed,
    }
}

fn unfinished(buffer: &[u8], limits: &Limits, progress: &Progress) -> Result<(), RequestError> {
    if buffer.len() > limits.line && progress.in_first_line() {
        return Err(RequestError::TargetTooLong);
    }
    if buffer.len() > limits.head {
        return Err(RequestError::HeadTooLarge);
    }
    Ok(())
}

fn checked(fields: Fields, method: Part, target: Part, version: Version, limits: &Limits) -> Result<Parsed<Head>, RequestError> {
    if target.cut(fields.bytes()).len() > limits.line {
        return Err(RequestError::TargetTooLong);
    }
    check_method(method.cut(fields.bytes()))?;
    let framing = match announced(&fields)? {
        Announced::Nothing => BodyFraming::None,
        Announced::Length(0) => BodyFraming::None,
        Announced::Length(length) => BodyFraming::Length(length),
        Announced::Chunked if version == Version::Http10 => return Err(RequestError::TransferEncoding),
        Announced::Chunked => BodyFraming::Chunked,
    };
    let authority = host(&fields, version)?;
    let target = origin_form(fields.bytes(), target, authority.map(|part| part.cut(fields.bytes())))?;
    let keep_alive = match version {
        Version::Http10 => names_option(&fields, b"keep-alive"),
        Version::Http11 | Version::Http2 => !names_option(&fields, b"close"),
    };
    Ok(Parsed::Complete(Head::of_one(fields, (method, target, authority), version, (framing, keep_alive))))
}

fn check_method(method: &[u8]) -> Result<(), RequestError> {
    let token = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'-' || *b == b'_';
    if method.is_empty() || method.len() > 32 || !method.iter().all(token) {
        return Err(RequestError::Method);
    }
    if method == b"CONNECT" || method == b"TRACE" {
        return Err(RequestError::MethodRefused);
    }
    Ok(())
}

fn host(fields: &Fields, version: Version) -> Result<Option<Part>, RequestError> {
    let mut hosts = fields.places("host");
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if !host.cut(fields.bytes()).is_empty() => Ok(Some(host)),
        (None, None) if version == Version::Http10 => Ok(None),
        _ => Err(RequestError::Host),
    }
}

/// The target in origin form. An absolute one is taken only where it names the same host, so that there is one answer to "which host?".
fn origin_form(bytes: &[u8], target: Part, authority: Option<&[u8]>) -> Result<Part, RequestError> {
    let text = target.cut(bytes);
    if !is_target(text) {
        return Err(RequestError::Target);
    }
    if text.starts_with(b"/") {
        return Ok(target);
    }
    let scheme = [b"https://".as_slice(), b"http://"].into_iter().find(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)));
    let Some(scheme) = scheme else { return Err(RequestError::Target) };
    let behind = text.get(scheme.len()..).unwrap_or_default();
    let path = behind.iter().position(|b| *b == b'/').ok_or(RequestError::Target)?;
    let named = behind.get(..path).unwrap_or_default();
    if !authority.is_some_and(|host| host.eq_ignore_ascii_case(named)) {
        return Err(RequestError::Target);
    }
    Ok(Part { start: target.start, end: target.start }.shifted(scheme.len() + path).extended_to(target.end))
}

/// Whether these are characters of a target. No more than HTTP/2 lets in, so that both protocols have one reading; no browser sends others.
fn is_target(text: &[u8]) -> bool {
    let mut in_query = false;
    text.iter().all(|byte| {
        in_query |= *byte == b'?';
        match byte {
            b'#' | b'<' | b'>' => false,
            b'`' => in_query,
            b'"' => !in_query,
            _ => (0x21..=0x7e).contains(byte),
        }
    })
}

impl Part {
    fn extended_to(self, end: u32) -> Self {
        Self { start: self.start, end }
    }
}

impl From<LineError> for RequestError {
    fn from(error: LineError) -> Self {
        match error {
            LineError::BareLineFeed => Self::BareLineFeed,
            LineError::BareCarriageReturn => Self::BareCarriageReturn,
            LineError::ControlByte => Self::ControlByte,
            LineError::Folding => Self::Folding,
        }
    }
}

impl From<AnnounceError> for RequestError {
    fn from(error: AnnounceError) -> Self {
        match error {
            AnnounceError::BothLengths => Self::BothLengths,
            AnnounceError::ContentLength => Self::ContentLength,
            AnnounceError::TransferEncoding => Self::TransferEncoding,
        }
    }
}
