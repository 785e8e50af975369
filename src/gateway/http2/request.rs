//! A request of HTTP/2 as the journey knows requests, if it is as strict as one of HTTP/1 (RFC 9113, 8.2 and 8.3).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use h2::{RecvStream, ext::Protocol};
use http::{HeaderMap, HeaderValue, Request, request::Parts};

use super::Answering;
use crate::gateway::{
    body::ClientBody,
    connection::Connection,
    turned::{SERVED, Turned},
    wire::{BodyFraming, Head, HeadBuilder},
};

/// Bounds of a head.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadLimits {
    /// Most fields, cookie crumbs included.
    pub(super) fields: usize,
    /// Largest head, as HTTP/2 measures it: names, values, and 32 bytes a field.
    pub(super) bytes: usize,
}

/// A request as it was read.
pub(super) struct Asked {
    pub(super) head: Head,
    pub(super) body: ClientBody,
    /// The guest's direction of a WebSocket, where it asks for one.
    pub(super) socket: Option<RecvStream>,
}

/// Head and body, or why it is turned away.
pub(super) fn read(
    request: Request<RecvStream>,
    answering: &Answering,
    limits: HeadLimits,
    connection: &Connection,
) -> Result<Asked, Turned> {
    let (parts, body) = request.into_parts();
    if parts.headers.len() > limits.fields {
        return Err(Turned::TooManyFields);
    }
    if size(&parts) > limits.bytes {
        return Err(Turned::HeadTooLarge);
    }
    let opens_socket = opens_socket(&parts)?;
    let method = if opens_socket { "GET" } else { method(&parts)? };
    let target = target(&parts)?;
    let authority = authority(&parts)?;
    let framing = framing(&parts.headers, &body)?;
    let mut head = HeadBuilder::new();
    for (name, value) in &parts.headers {
        if opens_socket && name == http::header::SEC_WEBSOCKET_KEY {
            continue;
        }
        let value = value.as_bytes();
        if value.first().is_some_and(|b| matches!(b, b' ' | b'\t')) || value.last().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            return Err(Turned::BadRequest("a field has white space around its value"));
        }
        head.field(name.as_str().as_bytes(), value);
    }
    if opens_socket {
        let mut key = [0; 16];
        connection.worker.shared.entropy.fill(&mut key);
        head.field(b"sec-websocket-key", STANDARD.encode(key).as_bytes());
        let head = head.finish(method, target.as_bytes(), authority, BodyFraming::None).into_extended();
        return Ok(Asked { head, body: ClientBody::none(), socket: Some(body) });
    }
    let head = head.finish(method, target.as_bytes(), authority, framing);
    let expects = parts.headers.get(http::header::EXPECT).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    Ok(Asked { head, body: ClientBody::of_stream(body, framing, answering, expects), socket: None })
}

fn size(parts: &Parts) -> usize {
    let fields: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    fields + parts.uri.path_and_query().map_or(0, |target| target.as_str().len())
}

/// Whether it is the extended CONNECT of RFC 8441, for the one protocol that we know.
fn opens_socket(parts: &Parts) -> Result<bool, Turned> {
    match parts.extensions.get::<Protocol>() {
        None => Ok(false),
        Some(protocol) if protocol.as_str() == "websocket" => Ok(true),
        Some(_) => Err(Turned::BadRequest("only WebSockets may be opened")),
    }
}

fn method(parts: &Parts) -> Result<&str, Turned> {
    let method = parts.method.as_str();
    if matches!(method, "CONNECT" | "TRACE") {
        return Err(Turned::Method(SERVED));
    }
    if method.len() > 32 || !method.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
        return Err(Turned::BadRequest("the method is not an upper-case token"));
    }
    Ok(method)
}

/// Path and query. A fragment, which no client may send, is cut off by the library and reaches nobody.
fn target(parts: &Parts) -> Result<&str, Turned> {
    if !parts.uri.scheme_str().is_some_and(|scheme| matches!(scheme, "https" | "http")) {
        return Err(Turned::BadRequest("the scheme of the request is not one of ours"));
    }
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if !target.starts_with('/') || !target.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
        return Err(Turned::BadRequest("the target of the request cannot be read"));
    }
    Ok(target)
}

/// `:authority`, or `Host` where that is missing. Both must agree.
fn authority(parts: &Parts) -> Result<Option<&[u8]>, Turned> {
    let mut hosts = parts.headers.get_all(http::header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(Turned::BadRequest("the request names two hosts")),
        (host, None) => host.map(HeaderValue::as_bytes),
    };
    match (parts.uri.authority().map(|a| a.as_str().as_bytes()), host) {
        (Some(line), Some(host)) if !line.eq_ignore_ascii_case(host) => Err(Turned::BadRequest("the request names two hosts")),
        (line, host) => Ok(line.or(host)),
    }
}

/// How the end of the body is known. That it is as long as it says is checked by the library.
fn framing(fields: &HeaderMap, body: &RecvStream) -> Result<BodyFraming, Turned> {
    let mut lengths = fields.get_all(http::header::CONTENT_LENGTH).iter();
    let length = match (lengths.next(), lengths.next()) {
        (_, Some(_)) => return Err(Turned::BadRequest("the Content-Length is malformed or repeated")),
        (None, None) => None,
        (Some(value), None) => {
            let digits = value.to_str().ok().filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()));
            let length = digits.and_then(|v| v.parse::<u64>().ok());
            Some(length.ok_or(Turned::BadRequest("the Content-Length is malformed or repeated"))?)
        }
    };
    Ok(match length {
        _ if body.is_end_stream() => BodyFraming::None,
        Some(length @ 1..) => BodyFraming::Length(length),
        Some(0) | None => BodyFraming::Chunked,
    })
}
