//! The head of a request as the journey looks at it, whichever protocol brought it.

use http::{HeaderMap, Method, request::Parts};

use crate::policy::{Client, Headers};

/// A request's head.
#[derive(Debug)]
pub(super) struct Head {
    /// As sent.
    pub(super) method: Method,
    /// Path and query, byte for byte.
    pub(super) target: String,
    /// Of the request line or `:authority`, else of the one `Host`.
    pub(super) authority: Option<Vec<u8>>,
    /// All headers, in order.
    pub(super) fields: HeaderMap,
    /// What is wrong with it, where the protocol's reader let it pass.
    pub(super) wrong: Option<&'static str>,
}

impl Head {
    /// Takes over what the protocol's reader has read.
    pub(super) fn of(parts: Parts) -> Self {
        let hosts: Vec<&[u8]> = parts.headers.get_all(http::header::HOST).iter().map(http::HeaderValue::as_bytes).collect();
        let in_line = parts.uri.authority().map(|a| a.as_str().as_bytes());
        let mut wrong = None;
        if hosts.len() > 1 || (parts.version == http::Version::HTTP_11 && hosts.len() != 1) {
            wrong = Some("the request must name exactly one host");
        }
        if let (Some(line), Some(host)) = (in_line, hosts.first())
            && !line.eq_ignore_ascii_case(host)
        {
            wrong = Some("the request names two hosts");
        }
        if parts.headers.contains_key(http::header::TRANSFER_ENCODING) && parts.headers.contains_key(http::header::CONTENT_LENGTH) {
            wrong = Some("the request has two lengths");
        }
        let authority = in_line.or(hosts.first().copied()).map(<[u8]>::to_vec);
        let target = parts.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
        Self { method: parts.method, target, authority, wrong, fields: parts.headers }
    }

    /// What sends the request, as policies tell it.
    pub(super) fn client(&self) -> Client {
        if self.is_upgrade() {
            Client::Websocket
        } else if self.says_fetch() {
            Client::Browser
        } else {
            Client::Api
        }
    }

    /// Whether it asks for a WebSocket.
    pub(super) fn is_upgrade(&self) -> bool {
        self.method == Method::GET
            && lines(self, "upgrade").any(|value| super::names::lists(value, "websocket"))
            && lines(self, "connection").any(|value| super::names::lists(value, "upgrade"))
    }

    /// Whether a browser says how the request was made.
    pub(super) fn says_fetch(&self) -> bool {
        self.fields.keys().any(|name| name.as_str().starts_with("sec-fetch-"))
    }

    /// Whether a browser asks for permission on behalf of a page of another site.
    pub(super) fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS && one(self, "origin").is_some() && one(self, "access-control-request-method").is_some()
    }
}

/// The values of all lines with this name, which is in lower case.
pub(super) fn lines<'h>(head: &'h Head, name: &str) -> impl DoubleEndedIterator<Item = &'h [u8]> {
    head.fields.get_all(name).iter().map(http::HeaderValue::as_bytes)
}

/// The value of the only line with this name.
pub(super) fn one<'h>(head: &'h Head, name: &str) -> Option<&'h [u8]> {
    let mut all = lines(head, name);
    let first = all.next();
    if all.next().is_some() { None } else { first }
}

impl Headers for Head {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        lines(self, name).any(test)
    }
}
