//! HTTP/1.1 as bytes: a strict reader and a writer, on buffers, without I/O.
//!
//! Tokens are read by `httparse`; the framing around them is ours (RFC 9112). Whatever two implementations could read in two ways is refused:
//! bare line feeds, folding, both lengths, repeated lengths, codings other than `chunked`, two `Host` fields. Requests of HTTP/2 become the
//! same [`Head`], so that the journey behind knows one shape.

mod body;
mod head;
mod hop;
mod lines;
mod request;
mod response;
mod write;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod node;

pub(crate) use body::{BodyDecoder, BodyError, Decoded, LAST_CHUNK, Piece, chunk_head};
pub(crate) use head::{BodyFraming, Fields, Head, HeadBuilder, Version};
pub(crate) use lines::{Limits, MOST_FIELDS, Progress};
pub(crate) use request::{Parsed, RequestError, parse_request};
pub(crate) use response::{ResponseError, ResponseHead, parse_response};
pub(crate) use write::{HeadBuf, is_text};
