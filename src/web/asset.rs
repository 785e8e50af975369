//! The few files that pages need, compiled in and served under the reserved prefix on every host of ours.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::Answer;

/// Where assets live on every host.
pub const ASSET_PREFIX: &str = "/.guestgate/assets/";

const STYLE: &str = include_str!("assets/style.css");
const ICON: &str = include_str!("assets/icon.svg");

/// The asset at this path, if it is one. For GET and HEAD; needs no session.
pub fn asset(path: &str) -> Option<Answer> {
    let (media, text) = match path.strip_prefix(ASSET_PREFIX)? {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return None,
    };
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    Some(Answer { status: StatusCode::OK, headers, body: Bytes::from_static(text.as_bytes()) })
}
