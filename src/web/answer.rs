//! An answer as status, headers and bytes, and the headers that every page of ours carries.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// A whole answer, ready for whichever server writes it.
#[derive(Debug, Clone)]
#[must_use]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers without `Content-Length`, which whoever writes it adds.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// Who will read an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person in front of a browser: gets a page.
    Person,
    /// A script, a program, a page's `fetch`: gets problem+json.
    Program,
}

/// What a page may do: nothing but show itself with its style and send its forms home.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same for a page that an app's own page shows in a frame.
const FRAMED_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
/// Two years; the portal's own host only.
const HSTS: &str = "max-age=63072000";

impl Answer {
    /// A page with everything that keeps it safe.
    pub fn page(status: StatusCode, html: String) -> Self {
        let mut answer = Self { status, headers: HeaderMap::with_capacity(8), body: Bytes::from(html) };
        answer.set(header::CONTENT_TYPE, "text/html; charset=utf-8");
        secure_page(&mut answer.headers);
        answer
    }

    /// A page that an app's page may show in a frame.
    pub fn framed(status: StatusCode, html: String) -> Self {
        let mut answer = Self::page(status, html);
        answer.set(header::CONTENT_SECURITY_POLICY, FRAMED_POLICY);
        answer
    }

    /// JSON of this media type, for programs.
    pub fn json(status: StatusCode, media: &'static str, body: String) -> Self {
        let mut answer = Self { status, headers: HeaderMap::with_capacity(6), body: Bytes::from(body) };
        answer.set(header::CONTENT_TYPE, media);
        secure_program(&mut answer.headers);
        answer
    }

    /// A redirect by 303 to a place on the same host.
    pub fn see_other(location: &str) -> Self {
        let mut answer = Self { status: StatusCode::SEE_OTHER, headers: HeaderMap::with_capacity(6), body: Bytes::new() };
        secure_page(&mut answer.headers);
        answer.with(header::LOCATION, location)
    }

    /// Adds a header; one whose value cannot stand in a header is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// For a host that should be reached by HTTPS only from now on.
    pub fn with_hsts(mut self) -> Self {
        self.set(header::STRICT_TRANSPORT_SECURITY, HSTS);
        self
    }

    fn set(&mut self, name: HeaderName, value: &'static str) {
        self.headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Sets the headers that every page of ours carries.
pub fn secure_page(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    secure_common(headers);
}

/// Sets the headers that every answer for programs carries.
pub fn secure_program(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    secure_common(headers);
}

fn secure_common(headers: &mut HeaderMap) {
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The answer of a host that is none of ours: the same for each, and nothing in it.
pub fn no_content_404() -> Answer {
    Answer { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Bytes::new() }
}

impl Reader {
    /// Judges by `Sec-Fetch-Dest`, by whether any `Sec-Fetch-*` is there, and by `Accept`.
    pub fn judge(dest: Option<&[u8]>, any_sec_fetch: bool, accept: Option<&[u8]>) -> Self {
        const NAVIGATIONS: [&[u8]; 5] = [b"document", b"iframe", b"frame", b"embed", b"object"];
        let person = match dest {
            Some(dest) => NAVIGATIONS.contains(&dest),
            None => !any_sec_fetch && accept.is_some_and(names_html),
        };
        if person { Self::Person } else { Self::Program }
    }

    /// The same, from a whole header map.
    pub fn of(headers: &HeaderMap) -> Self {
        let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let any = headers.keys().any(|name| name.as_str().starts_with("sec-fetch-"));
        Self::judge(bytes("sec-fetch-dest"), any, bytes("accept"))
    }
}

fn names_html(accept: &[u8]) -> bool {
    accept.windows(b"text/html".len()).any(|w| w.eq_ignore_ascii_case(b"text/html"))
}

impl From<Answer> for http::Response<axum::body::Body> {
    fn from(answer: Answer) -> Self {
        let mut response = http::Response::new(axum::body::Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }
}

impl axum::response::IntoResponse for Answer {
    fn into_response(self) -> axum::response::Response {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_navigation_is_a_person_and_everything_else_a_program() {
        let html: Option<&[u8]> = Some(b"text/html,*/*;q=0.8");
        for (dest, any, accept, person) in [
            (Some(&b"document"[..]), true, None, true),
            (Some(b"iframe"), true, None, true),
            (Some(b"empty"), true, html, false),
            (Some(b"image"), true, html, false),
            (None, true, html, false),
            (None, false, html, true),
            (None, false, Some(b"*/*"), false),
            (None, false, None, false),
        ] {
            assert_eq!(Reader::judge(dest, any, accept) == Reader::Person, person, "{dest:?} {any} {accept:?}");
        }
    }

    #[test]
    fn a_page_has_every_protection() {
        let answer = Answer::page(StatusCode::OK, String::new()).with_hsts();
        for name in ["content-security-policy", "referrer-policy", "x-content-type-options", "cache-control", "strict-transport-security"] {
            assert!(answer.headers.contains_key(name), "{name}");
        }
        assert_eq!(answer.headers["referrer-policy"], "same-origin");
        let framed = Answer::framed(StatusCode::UNAUTHORIZED, String::new());
        assert!(framed.headers["content-security-policy"].to_str().unwrap().ends_with("frame-ancestors 'self'"));
    }

    #[test]
    fn a_header_cannot_be_split() {
        let answer = Answer::see_other("/a\r\nSet-Cookie: x=y");
        assert!(!answer.headers.contains_key("location"));
    }
}
