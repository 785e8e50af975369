//! What is said to browsers beside, or in place of, what an app says.

use std::{fmt::Write as _, str::FromStr};

use super::{AnswerName, Origin};
use crate::base::Span;

/// What is changed in the headers of an app's answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerHeaders {
    /// What the app says under these names is left out.
    pub remove: Vec<AnswerName>,
    /// These are said.
    pub lines: Vec<(AnswerName, HeaderValue)>,
}

/// The value of a header: printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue(Box<str>);

/// Whose pages may show the app in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frames {
    /// Nobody's.
    Deny,
    /// The app's own.
    SameOrigin,
    /// The app's own and these.
    From(Vec<Origin>),
}

/// The text is no value of a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value of a header is one line of 1 to 4096 printable ASCII characters")]
pub struct HeaderValueError;

impl FromStr for HeaderValue {
    type Err = HeaderValueError;

    fn from_str(text: &str) -> Result<Self, HeaderValueError> {
        let fits = (1..=4096).contains(&text.len()) && text.trim() == text && text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        if fits { Ok(Self(text.into())) } else { Err(HeaderValueError) }
    }
}

impl HeaderValue {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AnswerHeaders {
    /// Says this in place of what the app says.
    pub fn set(&mut self, name: AnswerName, value: HeaderValue) {
        self.remove.push(name.clone());
        self.lines.push((name, value));
    }

    /// Says this beside what the app says.
    pub fn add(&mut self, name: AnswerName, value: HeaderValue) {
        self.lines.push((name, value));
    }

    /// Says something that is right by construction.
    fn preset(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (name.parse(), value.parse()) {
            self.set(name, value);
        }
    }

    /// Browsers come by TLS only, for this long (RFC 6797); for this host alone.
    pub fn hsts(&mut self, lasting: Span) {
        self.preset("Strict-Transport-Security", &format!("max-age={}", lasting.as_secs()));
    }

    /// Who may show the app in a frame: for browsers of today and of before.
    pub fn frames(&mut self, frames: &Frames) {
        let mut allowed = String::new();
        match frames {
            Frames::Deny => allowed.push_str("'none'"),
            Frames::SameOrigin => allowed.push_str("'self'"),
            Frames::From(origins) => {
                allowed.push_str("'self'");
                for origin in origins {
                    // Writing to a text cannot fail.
                    let _ = write!(allowed, " {origin}");
                }
            }
        }
        match frames {
            Frames::Deny => self.preset("X-Frame-Options", "DENY"),
            Frames::SameOrigin => self.preset("X-Frame-Options", "SAMEORIGIN"),
            // The old header has no way to say it, and what it says would be held against them.
            Frames::From(_) => self.remove.extend("X-Frame-Options".parse::<AnswerName>()),
        }
        // A policy beside the app's own: browsers keep to both.
        if let (Ok(name), Ok(value)) = ("Content-Security-Policy".parse(), format!("frame-ancestors {allowed}").parse()) {
            self.add(name, value);
        }
    }

    /// What pages elsewhere learn about where a link stood.
    pub fn referrer(&mut self, policy: &str) {
        self.preset("Referrer-Policy", policy);
    }

    /// Browsers believe the media type that is said.
    pub fn nosniff(&mut self) {
        self.preset("X-Content-Type-Options", "nosniff");
    }
}

/// What `headers.referrer` may say.
pub(crate) const REFERRER_POLICIES: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(headers: &AnswerHeaders) -> Vec<String> {
        let lines = headers.lines.iter().map(|(name, value)| format!("{}: {}", name.as_str(), value.as_str()));
        lines.chain(headers.remove.iter().map(|name| format!("-{}", name.as_str()))).collect()
    }

    #[test]
    fn presets_say_what_they_mean() {
        let mut headers = AnswerHeaders::default();
        headers.hsts(Span::days(365));
        headers.nosniff();
        headers.frames(&Frames::From(vec!["https://desk.example.com".parse().unwrap()]));
        assert_eq!(
            said(&headers),
            [
                "Strict-Transport-Security: max-age=31536000",
                "X-Content-Type-Options: nosniff",
                "Content-Security-Policy: frame-ancestors 'self' https://desk.example.com",
                "-Strict-Transport-Security",
                "-X-Content-Type-Options",
                "-X-Frame-Options",
            ]
        );
    }

    #[test]
    fn a_value_is_one_line() {
        for wrong in ["", " a", "a\r\nX: b", "é", "a\0"] {
            assert!(wrong.parse::<HeaderValue>().is_err(), "{wrong:?}");
        }
    }
}
