//! Fields behind a body (RFC 9110, 6.5): passed on where the app declares them, and never those that would say something about identity,
//! framing or the connection.

use http::{HeaderMap, HeaderName, HeaderValue};
use prometheus::IntCounter;

use crate::gateway::{
    names::{Taken, begins_class, is_class, is_hop_by_hop, speaks_for_us},
    wire::{Fields, HeadBuilder},
};

/// What becomes of an app's trailers.
pub(crate) struct Trailing {
    keep: bool,
    /// What is taken from the heads of its clients is taken from behind their bodies too.
    taken: Taken,
    dropped: Dropped,
}

/// Messages whose trailers were dropped, wholly or in part.
#[derive(Debug, Clone)]
pub(crate) struct Dropped {
    /// From guests.
    pub(crate) requests: IntCounter,
    /// From the app.
    pub(crate) answers: IntCounter,
}

/// What belongs into a head, where everybody has looked before the body came (RFC 9110, 6.5.1).
const OF_HEADS: [&str; 19] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "host",
    "location",
    "max-forwards",
    "range",
    "refresh",
    "set-cookie",
    "set-cookie2",
    "vary",
    "www-authenticate",
    "x-request-id",
];
/// What an app may not say to browsers in any place.
const OF_HOSTS: [&str; 3] = ["alt-svc", "clear-site-data", "strict-transport-security"];

impl Trailing {
    /// As an app declares it.
    pub(crate) fn new(keep: bool, taken: Taken, dropped: Dropped) -> Self {
        Self { keep, taken, dropped }
    }

    /// Whether any are passed on.
    pub(super) fn keeps(&self) -> bool {
        self.keep
    }

    /// Trailers of a request, as the app may see them.
    pub(super) fn of_request(&self, fields: &Fields) -> Option<Fields> {
        self.sift(fields, &self.dropped.requests, |name| speaks_for_us(name, &self.taken))
    }

    /// Trailers of an answer, as the guest may see them.
    pub(super) fn of_answer(&self, fields: &Fields) -> Option<Fields> {
        let ours = |name: &[u8]| begins_class(name, "x-guestgate-") || begins_class(name, "public-key-pins") || among(&OF_HOSTS, name);
        self.sift(fields, &self.dropped.answers, ours)
    }

    /// An answer's trailers were dropped unread.
    pub(super) fn dropped_of_answer(&self) {
        self.dropped.answers.inc();
    }

    /// A request's trailers have nowhere to go.
    pub(super) fn dropped_of_request(&self) {
        self.dropped.requests.inc();
    }

    fn sift(&self, fields: &Fields, dropped: &IntCounter, refused: impl Fn(&[u8]) -> bool) -> Option<Fields> {
        let mut left = HeadBuilder::new();
        let mut n = 0;
        for (name, value) in
            fields.iter().filter(|(name, _)| self.keep && !is_hop_by_hop(name) && !among(&OF_HEADS, name) && !refused(name))
        {
            left.field(name, value);
            n += 1;
        }
        if n < fields.len() {
            dropped.inc();
        }
        (n > 0).then(|| left.into_fields())
    }
}

fn among(classes: &[&str], name: &[u8]) -> bool {
    classes.iter().any(|class| is_class(name, class))
}

/// Trailers as HTTP/2 carries them.
pub(super) fn to_map(fields: &Fields) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields.iter() {
        // Both have been read by a reader that lets nothing else through.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    map
}

/// Fields as HTTP/2 brings them.
pub(super) fn of_map(map: &HeaderMap) -> Fields {
    let mut fields = HeadBuilder::new();
    for (name, value) in map {
        fields.field(name.as_str().as_bytes(), value.as_bytes());
    }
    fields.into_fields()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_say_nothing_that_belongs_into_a_head() {
        let counter = || IntCounter::new("n", "n").unwrap();
        let dropped = Dropped { requests: counter(), answers: counter() };
        let trailing = Trailing::new(true, Taken::default(), dropped.clone());
        let mut sent = HeadBuilder::new();
        for name in ["grpc-status", "X-Forwarded-For", "Content_Length", "Transfer-Encoding", "Set-Cookie", "checksum"] {
            sent.field(name.as_bytes(), b"0");
        }
        let sent = sent.into_fields();
        let names = |fields: Fields| fields.iter().map(|(n, _)| String::from_utf8(n.to_vec()).unwrap()).collect::<Vec<_>>();
        assert_eq!(names(trailing.of_request(&sent).unwrap()), ["grpc-status", "checksum"]);
        assert_eq!(names(trailing.of_answer(&sent).unwrap()), ["grpc-status", "X-Forwarded-For", "checksum"]);
        let undeclared = Trailing::new(false, Taken::default(), dropped.clone());
        assert!(undeclared.of_request(&sent).is_none());
        assert_eq!((dropped.requests.get(), dropped.answers.get()), (2, 1));
    }
}
