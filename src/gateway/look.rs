//! The head of a request as the journey looks at it, whichever protocol brought it.

use crate::policy::{Client, Headers};

use super::{names, wire::Version};

pub(super) use super::wire::Head;

impl Head {
    /// Path and query, byte for byte. Readers let only visible ASCII through.
    pub(super) fn path(&self) -> &str {
        std::str::from_utf8(self.target()).unwrap_or_default()
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

    /// Whether it asks for a WebSocket, by either protocol.
    pub(super) fn is_upgrade(&self) -> bool {
        self.is_extended() || self.asks_to_switch()
    }

    fn asks_to_switch(&self) -> bool {
        self.method() == "GET"
            // HTTP/1.0 knows no upgrades (RFC 9110, 7.8).
            && self.version() == Version::Http11
            && lines(self, "upgrade").any(|value| names::lists(value, "websocket"))
            && lines(self, "connection").any(|value| names::lists(value, "upgrade"))
    }

    /// Whether trailers are taken behind the answer.
    pub(super) fn takes_trailers(&self) -> bool {
        lines(self, "te").any(|value| names::lists(value, "trailers"))
    }

    /// Whether it is a call of gRPC.
    pub(super) fn is_grpc(&self) -> bool {
        one(self, "content-type").is_some_and(is_grpc)
    }

    /// Whether a browser says how the request was made.
    pub(super) fn says_fetch(&self) -> bool {
        const PREFIX: &[u8] = b"sec-fetch-";
        self.fields().iter().any(|(name, _)| name.get(..PREFIX.len()).is_some_and(|head| head.eq_ignore_ascii_case(PREFIX)))
    }

    /// Whether a browser asks for permission on behalf of a page of another site.
    pub(super) fn is_preflight(&self) -> bool {
        self.method() == "OPTIONS" && one(self, "origin").is_some() && one(self, "access-control-request-method").is_some()
    }

    /// Whether it can change nothing, as HTTP has it.
    pub(super) fn is_safe(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// The values of all lines with this name, which is in lower case.
#[inline]
pub(super) fn lines<'h>(head: &'h Head, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    head.fields().all(name)
}

/// Whether a media type is that of gRPC; that of gRPC for browsers, which needs no trailers, is not.
pub(super) fn is_grpc(media: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let (Some(head), rest) = (media.get(..GRPC.len()), media.get(GRPC.len())) else { return false };
    head.eq_ignore_ascii_case(GRPC) && matches!(rest, None | Some(b'+' | b';' | b' '))
}

/// The value of the only line with this name.
#[inline]
pub(super) fn one<'h>(head: &'h Head, name: &'h str) -> Option<&'h [u8]> {
    let mut all = lines(head, name);
    let first = all.next();
    if all.next().is_some() { None } else { first }
}

impl Headers for Head {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.fields().all(name).any(test)
    }
}
