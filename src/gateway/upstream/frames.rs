//! Heads of HTTP/2 towards applications: what we send, made from the head that HTTP/1 would carry, and what comes back, read as strictly.

use h2::ext::Protocol;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version, header};

use super::{UpstreamError, trailers::of_map};
use crate::gateway::{
    tunnel,
    wire::{BodyFraming, HeadBuf, HeadBuilder, MOST_FIELDS, ResponseError, ResponseHead},
};

/// What a request is about, beside its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request.
    Plain,
    /// A request whose trailers are passed on.
    WithTrailers,
    /// A WebSocket (RFC 8441).
    WebSocket,
}

/// Fields that say nothing in HTTP/2, or are said otherwise.
const OF_ONE: [&[u8]; 8] = [
    b"host",
    b"connection",
    b"upgrade",
    b"transfer-encoding",
    b"keep-alive",
    b"proxy-connection",
    b"sec-websocket-key",
    b"sec-websocket-accept",
];

/// The request that a finished head describes. `scheme` is that of the upstream.
pub(super) fn request(head: &HeadBuf, scheme: &str, kind: Kind) -> Result<Request<()>, UpstreamError> {
    let refused = || UpstreamError::Untold;
    let text = head.as_bytes();
    let mut lines = text.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next().unwrap_or_default().splitn(3, |b| *b == b' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Err(refused()) };
    let mut fields = HeaderMap::with_capacity(24);
    let mut host: &[u8] = b"";
    for line in lines {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(2..).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"host") {
            host = value;
        }
        if OF_ONE.iter().any(|one| name.eq_ignore_ascii_case(one)) {
            continue;
        }
        let (name, value) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value));
        fields.append(name.map_err(|_| refused())?, value.map_err(|_| refused())?);
    }
    let mut request = Request::new(());
    *request.method_mut() = match kind {
        Kind::WebSocket => Method::CONNECT,
        Kind::Plain | Kind::WithTrailers => Method::from_bytes(method).map_err(|_| refused())?,
    };
    let uri = Uri::builder().scheme(scheme).authority(host).path_and_query(target).build().map_err(|_| refused())?;
    // What was judged is what is sent, byte for byte, or nothing is.
    if uri.path_and_query().is_none_or(|said| said.as_str().as_bytes() != target) {
        return Err(refused());
    }
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_2;
    match kind {
        Kind::WithTrailers => {
            fields.insert(header::TE, HeaderValue::from_static("trailers"));
        }
        Kind::WebSocket => {
            request.extensions_mut().insert(Protocol::from_static("websocket"));
        }
        Kind::Plain => {}
    }
    *request.headers_mut() = fields;
    Ok(request)
}

/// The head of an answer, if it is as strict as one of HTTP/1. `has_body` says that the stream goes on.
pub(super) fn answer<T>(answer: &Response<T>, method: &str, has_body: bool) -> Result<ResponseHead, UpstreamError> {
    let (status, map) = (answer.status().as_u16(), answer.headers());
    if !(100..=599).contains(&status) || status == 101 {
        return Err(UpstreamError::Response(ResponseError::Malformed));
    }
    if map.len() > MOST_FIELDS {
        return Err(UpstreamError::Response(ResponseError::TooLarge));
    }
    // Most of these are refused a floor below; that is no reason to rely on it.
    if OF_ONE.iter().skip(1).take(5).any(|name| map.keys().any(|key| key.as_str().as_bytes() == *name)) {
        return Err(UpstreamError::Response(ResponseError::Malformed));
    }
    let length = length(map)?;
    let framing = match length {
        _ if method == "HEAD" || status < 200 || matches!(status, 204 | 304) || !has_body => BodyFraming::None,
        Some(0) => BodyFraming::None,
        Some(length) => BodyFraming::Length(length),
        None => BodyFraming::Chunked,
    };
    Ok(ResponseHead::of_stream(status, framing, of_map(map)))
}

/// The `101` that an accepted WebSocket would have had in HTTP/1.1.
pub(super) fn switched<T>(answer: &Response<T>, asked: &HeadBuf) -> ResponseHead {
    let mut fields = HeadBuilder::new();
    for (name, value) in answer.headers() {
        if name != header::CONTENT_LENGTH && name != header::SEC_WEBSOCKET_ACCEPT {
            fields.field(name.as_str().as_bytes(), value.as_bytes());
        }
    }
    let key = asked.as_bytes().split(|b| *b == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked("sec-websocket-key: ".len())?;
        name.eq_ignore_ascii_case(b"sec-websocket-key: ").then(|| value.trim_ascii())
    });
    fields.field(b"Upgrade", b"websocket");
    fields.field(b"Connection", b"Upgrade");
    fields.field(b"Sec-WebSocket-Accept", tunnel::accept(key.unwrap_or_default()).as_bytes());
    ResponseHead::of_stream(101, BodyFraming::None, fields.into_fields())
}

fn length(map: &HeaderMap) -> Result<Option<u64>, UpstreamError> {
    let mut values = map.get_all(header::CONTENT_LENGTH).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let digits = value.to_str().ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|d| d.parse().ok()).map(Some).ok_or(UpstreamError::Response(ResponseError::Framing))
        }
        (Some(_), Some(_)) => Err(UpstreamError::Response(ResponseError::Framing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(line: (&str, &str), fields: &[(&str, &str)]) -> HeadBuf {
        let mut head = HeadBuf::default();
        head.request_line(line.0, line.1.as_bytes());
        for (name, value) in fields {
            head.field(name.as_bytes(), value.as_bytes()).unwrap();
        }
        head.finish();
        head
    }

    #[test]
    fn the_head_says_the_same_in_other_words() {
        let fields = [
            ("Host", "charts.example.com:8443"),
            ("Connection", "Upgrade"),
            ("Transfer-Encoding", "chunked"),
            ("X-A", "b: c"),
            ("X-A", ""),
        ];
        let request = request(&head(("POST", "/a//%2e?q={x}|^`"), &fields), "https", Kind::WithTrailers).unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().authority().unwrap().as_str(), "charts.example.com:8443");
        assert_eq!(request.uri().path_and_query().unwrap().as_str(), "/a//%2e?q={x}|^`");
        let said: Vec<_> = request.headers().iter().map(|(n, v)| format!("{n}={}", v.to_str().unwrap())).collect();
        assert_eq!(said, ["x-a=b: c", "x-a=", "te=trailers"]);
        let bare = head(("GET", "/a?\"b\""), &fields);
        assert!(matches!(super::request(&bare, "http", Kind::Plain), Err(UpstreamError::Untold)));
    }

    #[test]
    fn an_answer_that_speaks_of_connections_or_of_two_lengths_is_none() {
        let read = |fields: &[(&str, &str)], status: u16| {
            let mut response = Response::new(());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            for (name, value) in fields {
                response.headers_mut().append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
            }
            answer(&response, "GET", true).map(|head| head.framing())
        };
        assert_eq!(read(&[("content-length", "3")], 200).unwrap(), BodyFraming::Length(3));
        assert_eq!(read(&[("x", "y")], 200).unwrap(), BodyFraming::Chunked);
        assert_eq!(read(&[("content-length", "3")], 304).unwrap(), BodyFraming::None);
        for wrong in
            [&[("connection", "close")][..], &[("transfer-encoding", "chunked")], &[("content-length", "3"), ("content-length", "3")]]
        {
            assert!(matches!(read(wrong, 200), Err(UpstreamError::Response(_))), "{wrong:?}");
        }
        assert!(read(&[("content-length", "+3")], 200).is_err());
        assert!(read(&[], 101).is_err());
    }
}
