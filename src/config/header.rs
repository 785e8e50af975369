//! Names of headers that a configuration may set, take and remove, and the values that it may give them.

use std::{fmt, str::FromStr};

/// The name of a header that carries identity, spelt as the operator did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderName(Box<str>);

/// Headers that are taken from clients: one name, or all that begin alike (`X-SSL-*`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderPattern {
    class: Box<str>,
    begins: bool,
}

/// The name of a header of answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnswerName(Box<str>);

/// The text cannot be the name of such a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderNameError {
    /// Not a token.
    #[error("`{0}` is not the name of a header")]
    Syntax(String),
    /// Means something else.
    #[error("the header `{0}` has a meaning of its own and cannot carry identity")]
    Taken(String),
    /// Says where a message ends or who asks.
    #[error("the header `{0}` holds the message together and cannot be taken away")]
    Framing(String),
    /// Belongs to the connection or to us.
    #[error("the header `{0}` is the gateway's own")]
    Ours(String),
}

/// Names (as [`HeaderName::class`] folds them) that frame messages, steer connections, carry credentials, or are set by the gateway itself.
const TAKEN: [&str; 30] = [
    "accept",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "if-match",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
    "x-request-id",
    "content-range",
];

/// Without these a request is another one, or none.
const FRAMING: [&str; 9] =
    ["connection", "content-encoding", "content-length", "content-type", "cookie", "host", "transfer-encoding", "upgrade", "origin"];

/// Of answers: what frames them, what only the gateway may say, and what a file is no place for.
const ANSWERS: [&str; 15] = [
    "alt-svc",
    "clear-site-data",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What makes two names one to careless readers: lower case, everything but letters and digits as `-`.
fn class(name: &str) -> String {
    name.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b.to_ascii_lowercase()) } else { '-' }).collect()
}

/// A name that every reader reads alike: stricter than a token.
fn is_plain(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl HeaderName {
    /// As the operator spelt it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two names one to careless readers: lower case, everything but letters and digits as `-`.
    pub fn class(&self) -> String {
        class(&self.0)
    }
}

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        if !is_plain(text) {
            return Err(HeaderNameError::Syntax(text.to_owned()));
        }
        let class = class(text);
        let forwarded =
            class.strip_prefix("x-forwarded-").is_some_and(|rest| !matches!(rest, "user" | "email" | "groups" | "preferred-username"));
        if TAKEN.contains(&class.as_str()) || forwarded || class.starts_with("x-guestgate-") || class.starts_with("sec-") {
            return Err(HeaderNameError::Taken(text.to_owned()));
        }
        Ok(Self(text.into()))
    }
}

impl HeaderPattern {
    /// The class of the name, or how the classes begin that are meant.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Whether all are meant that begin like this.
    pub fn is_prefix(&self) -> bool {
        self.begins
    }
}

impl FromStr for HeaderPattern {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        let (name, begins) = text.strip_suffix('*').map_or((text, false), |name| (name, true));
        // `X-*` would take more than anybody can foresee.
        if !is_plain(name) || (begins && name.len() < 4) {
            return Err(HeaderNameError::Syntax(text.to_owned()));
        }
        let class = class(name);
        let holds = FRAMING.iter().any(|framing| if begins { framing.starts_with(class.as_str()) } else { *framing == class });
        if holds || class.starts_with("sec-") {
            return Err(HeaderNameError::Framing(text.to_owned()));
        }
        Ok(Self { class: class.into(), begins })
    }
}

impl AnswerName {
    /// As the operator spelt it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AnswerName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        if !is_plain(text) {
            return Err(HeaderNameError::Syntax(text.to_owned()));
        }
        let class = class(text);
        if ANSWERS.contains(&class.as_str()) || class.starts_with("x-guestgate-") || class.starts_with("public-key-pins") {
            return Err(HeaderNameError::Ours(text.to_owned()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_frames_or_authenticates_never_carries_identity() {
        for name in ["Content_Length", "Cookie", "Authorization", "X-Forwarded-For", "X_Guestgate_Assertion", "Host", "sec-fetch-site"] {
            assert_eq!(name.parse::<HeaderName>(), Err(HeaderNameError::Taken(name.to_owned())));
        }
        for name in ["", "X User", "X-Usér", "X:User", "-x", "X\r\nY"] {
            assert_eq!(name.parse::<HeaderName>(), Err(HeaderNameError::Syntax(name.to_owned())));
        }
        assert_eq!("X-Remote_User".parse::<HeaderName>().unwrap().class(), "x-remote-user");
    }

    #[test]
    fn what_holds_a_request_together_is_not_taken_from_it() {
        for name in ["Host", "Content_Length", "Cookie", "Sec-Fetch-Site", "Cont*", "Hos*"] {
            assert!(matches!(name.parse::<HeaderPattern>(), Err(HeaderNameError::Framing(_) | HeaderNameError::Syntax(_))), "{name}");
        }
        for name in ["*", "X-*", "X-A*B", ""] {
            assert_eq!(name.parse::<HeaderPattern>(), Err(HeaderNameError::Syntax(name.to_owned())));
        }
        let pattern: HeaderPattern = "X_SSL-*".parse().unwrap();
        assert_eq!((pattern.class(), pattern.is_prefix()), ("x-ssl-", true));
        assert!("Authorization".parse::<HeaderPattern>().is_ok());
    }

    #[test]
    fn a_file_says_nothing_that_only_the_gateway_may_say() {
        for name in ["Set-Cookie", "content_length", "Alt-Svc", "Clear-Site-Data", "X-Guestgate-Anything", "Transfer-Encoding", "Date"] {
            assert_eq!(name.parse::<AnswerName>(), Err(HeaderNameError::Ours(name.to_owned())));
        }
        assert!("X-Frame-Options".parse::<AnswerName>().is_ok());
    }
}
