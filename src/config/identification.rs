//! How an app learns who the guest is.

use std::{fmt, str::FromStr};

/// How an app learns who the guest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identification {
    /// Set beside `X-Forwarded-User`, `-Email` and `-Groups`.
    pub headers: Vec<IdentityHeader>,
    /// Whether `X-Guestgate-Assertion` is set.
    pub assertion: bool,
}

/// A header that carries one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeader {
    /// What it carries.
    pub fact: IdentityFact,
    /// Its name.
    pub name: HeaderName,
}

/// What an identity header can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityFact {
    /// The name that the app knows the guest by: the address.
    User,
    /// The address.
    Email,
    /// The shown name.
    Name,
    /// Groups, separated by commas.
    Groups,
    /// The grant's role in this app.
    Role,
    /// `guest` or `member`.
    Kind,
    /// The domain of the address.
    Organization,
    /// The guest's id, which stays when the address changes.
    Id,
}

/// The name of a header, spelt as the operator did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderName(Box<str>);

impl IdentityFact {
    /// All of them, with the key that names each.
    pub const ALL: [(&'static str, Self); 8] = [
        ("user", Self::User),
        ("email", Self::Email),
        ("name", Self::Name),
        ("groups", Self::Groups),
        ("role", Self::Role),
        ("kind", Self::Kind),
        ("organization", Self::Organization),
        ("id", Self::Id),
    ];
}

impl HeaderName {
    /// As the operator spelt it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two names one to careless readers: lower case, everything but letters and digits as `-`.
    pub fn class(&self) -> String {
        self.0.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b.to_ascii_lowercase()) } else { '-' }).collect()
    }
}

/// The text cannot be the name of a header that carries identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderNameError {
    /// Not a token.
    #[error("`{0}` is not the name of a header")]
    Syntax(String),
    /// Means something else.
    #[error("the header `{0}` has a meaning of its own and cannot carry identity")]
    Taken(String),
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

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        // Stricter than a token: characters that some server reads as another are not worth having.
        let token = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !token || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(HeaderNameError::Syntax(text.to_owned()));
        }
        let name = Self(text.into());
        let class = name.class();
        let forwarded =
            class.strip_prefix("x-forwarded-").is_some_and(|rest| !matches!(rest, "user" | "email" | "groups" | "preferred-username"));
        if TAKEN.contains(&class.as_str()) || forwarded || class.starts_with("x-guestgate-") || class.starts_with("sec-") {
            return Err(HeaderNameError::Taken(text.to_owned()));
        }
        Ok(name)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for Identification {
    fn default() -> Self {
        Self { headers: Vec::new(), assertion: true }
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
}
