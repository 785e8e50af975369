//! Reads the head of an upstream's answer, as strictly as a stranger's request.

use std::mem::MaybeUninit;

use bytes::BytesMut;

use super::{
    head::{BodyFraming, Fields, Part, Version},
    hop::names_option,
    lines::{AnnounceError, Announced, Limits, LineError, MOST_FIELDS, Progress, announced, head_end, trim},
    request::Parsed,
};

/// The head of an answer.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    status: u16,
    framing: BodyFraming,
    keep_alive: bool,
    fields: Fields,
}

/// Why the bytes are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResponseError {
    /// Bare line ends, control bytes, folding, or not HTTP/1.
    #[error("the answer's head is malformed")]
    Malformed,
    /// Too large, or too many fields.
    #[error("the answer's head is too large")]
    TooLarge,
    /// Two lengths, a repeated or odd length, or a coding other than `chunked`.
    #[error("the answer's length is ambiguous")]
    Framing,
}

impl ResponseHead {
    /// The head of an answer that HTTP/2 brought, already checked. Its connection is nobody's alone.
    pub(crate) fn of_stream(status: u16, framing: BodyFraming, fields: Fields) -> Self {
        Self { status, framing, keep_alive: true, fields }
    }

    /// The status, 100 to 599.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// How the end of the body is known.
    pub(crate) fn framing(&self) -> BodyFraming {
        self.framing
    }

    /// Whether the upstream lets the connection be used again.
    pub(crate) fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// The fields.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }
}

/// Reads the head at the front of the buffer; `method` is that of the request it answers.
pub(crate) fn parse_response(
    buffer: &mut BytesMut,
    method: &str,
    limits: &Limits,
    progress: &mut Progress,
) -> Result<Parsed<ResponseHead>, ResponseError> {
    // httparse passes over empty lines, which may stand before requests only.
    if buffer.first() == Some(&b'\r') {
        return Err(ResponseError::Malformed);
    }
    let Some(end) = head_end(buffer, progress)? else {
        return if buffer.len() > limits.head { Err(ResponseError::TooLarge) } else { Ok(Parsed::Partial) };
    };
    if end > limits.head {
        return Err(ResponseError::TooLarge);
    }
    let bytes = buffer.split_to(end).freeze();
    let mut space = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    match httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut response, &bytes, &mut space) {
        Ok(httparse::Status::Complete(length)) if length == end => {}
        Ok(httparse::Status::Complete(_) | httparse::Status::Partial) => return Err(ResponseError::Malformed),
        Err(httparse::Error::TooManyHeaders) => return Err(ResponseError::TooLarge),
        Err(_) => return Err(ResponseError::Malformed),
    }
    let status = response.code.filter(|code| (100..=599).contains(code)).ok_or(ResponseError::Malformed)?;
    let version = if response.version == Some(0) { Version::Http10 } else { Version::Http11 };
    let places = response.headers.iter().map(|h| (Part::within(&bytes, h.name.as_bytes()), Part::within(&bytes, trim(h.value))));
    let fields = Fields::new(bytes.clone(), places);
    let framing = framing(&fields, status, method, version)?;
    let keep_alive = framing != BodyFraming::UntilClose
        && match version {
            Version::Http10 => names_option(&fields, b"keep-alive"),
            Version::Http11 | Version::Http2 => !names_option(&fields, b"close"),
        };
    Ok(Parsed::Complete(ResponseHead { status, framing, keep_alive, fields }))
}

/// RFC 9112, 6.3, without its leniency.
fn framing(fields: &Fields, status: u16, method: &str, version: Version) -> Result<BodyFraming, ResponseError> {
    let announced = announced(fields)?;
    if method == "HEAD" || status < 200 || status == 204 || status == 304 {
        return Ok(BodyFraming::None);
    }
    match announced {
        Announced::Nothing => Ok(BodyFraming::UntilClose),
        Announced::Length(0) => Ok(BodyFraming::None),
        Announced::Length(length) => Ok(BodyFraming::Length(length)),
        Announced::Chunked if version == Version::Http10 => Err(ResponseError::Framing),
        Announced::Chunked => Ok(BodyFraming::Chunked),
    }
}

impl From<LineError> for ResponseError {
    fn from(_: LineError) -> Self {
        Self::Malformed
    }
}

impl From<AnnounceError> for ResponseError {
    fn from(_: AnnounceError) -> Self {
        Self::Framing
    }
}
