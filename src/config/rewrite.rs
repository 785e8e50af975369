//! What is changed between an app that does not know its public name and guests who know no other.

use std::{fmt, str::FromStr};

use super::{Upstream, UpstreamHost};

/// What is changed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// Which `Host` the app sees.
    pub host: RewriteHost,
    /// Whether headers of answers that name the upstream are made to name the public host.
    pub location: bool,
    /// Whether `Domain` and `Path` of cookies that name the upstream are made to fit the public host.
    pub cookies: bool,
    /// Names by which the app knows itself, beside its upstreams.
    pub internal: Vec<InternalName>,
    /// The path under which it lives.
    pub prefix: Option<PathPrefix>,
    /// The media types of texts in which its names are translated.
    pub links: Vec<MediaType>,
}

/// Which `Host` an app sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RewriteHost {
    /// The one that the browser asked for.
    #[default]
    Public,
    /// That of the upstream's URL.
    Upstream,
}

/// A name by which an app knows itself: a host and a port, whatever the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalName {
    /// Name or address.
    pub host: UpstreamHost,
    /// Port.
    pub port: u16,
}

/// A path under which an app lives: begins with a slash, does not end with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPrefix(Box<str>);

/// The media type of a text: `text/html`, without parameters, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType(Box<str>);

/// The text is no such thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// Not a name.
    #[error("`{0}` is not a name of an application; write `http://old-name:8080`, without a path")]
    Internal(String),
    /// Not a path.
    #[error("`{0}` is not a path to live under; write `/app`, with plain letters, digits and `-._~` between slashes")]
    Prefix(String),
    /// Not a media type.
    #[error("`{0}` is not a media type; write `text/html`")]
    MediaType(String),
    /// Not a text.
    #[error("`{0}` is not a text: nothing can be translated in it")]
    NotText(String),
}

impl Default for Rewrite {
    fn default() -> Self {
        Self { host: RewriteHost::Public, location: true, cookies: true, internal: Vec::new(), prefix: None, links: Vec::new() }
    }
}

impl FromStr for InternalName {
    type Err = RewriteError;

    fn from_str(text: &str) -> Result<Self, RewriteError> {
        let Upstream { host, port, .. } = text.parse().map_err(|_| RewriteError::Internal(text.to_owned()))?;
        Ok(Self { host, port })
    }
}

impl PathPrefix {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PathPrefix {
    type Err = RewriteError;

    fn from_str(text: &str) -> Result<Self, RewriteError> {
        // Nothing that could be read in two ways: policies judge what comes behind it.
        let plain = |segment: &str| {
            !segment.is_empty()
                && !segment.bytes().all(|b| b == b'.')
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        };
        let bare = text.strip_suffix('/').unwrap_or(text);
        let fits = bare.len() <= 200 && bare.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain));
        if fits { Ok(Self(bare.into())) } else { Err(RewriteError::Prefix(text.to_owned())) }
    }
}

impl MediaType {
    /// The type.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaType {
    type Err = RewriteError;

    fn from_str(text: &str) -> Result<Self, RewriteError> {
        let token = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
        let folded = text.to_ascii_lowercase();
        let Some((kind, _)) = folded.split_once('/').filter(|(kind, rest)| token(kind) && token(rest)) else {
            return Err(RewriteError::MediaType(text.to_owned()));
        };
        let is_text = match kind {
            "text" => true,
            "application" => !matches!(folded.as_str(), "application/octet-stream" | "application/pdf" | "application/zip"),
            "image" => folded == "image/svg+xml",
            _ => false,
        };
        if is_text { Ok(Self(folded.into())) } else { Err(RewriteError::NotText(text.to_owned())) }
    }
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

shown!(PathPrefix, MediaType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_to_live_under_has_one_reading() {
        for (text, read) in [("/app", Some("/app")), ("/app/", Some("/app")), ("/a/b-c_d.e~f", Some("/a/b-c_d.e~f"))] {
            assert_eq!(text.parse::<PathPrefix>().ok().map(|p| p.to_string()).as_deref(), read);
        }
        for wrong in ["", "/", "app", "//app", "/a//b", "/..", "/a/./b", "/a%2fb", "/a?b", "/a;b", "/ä", "/a b"] {
            assert!(wrong.parse::<PathPrefix>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_texts_are_translated() {
        assert_eq!("Text/HTML".parse::<MediaType>().unwrap().as_str(), "text/html");
        for text in ["application/json", "application/ld+json", "image/svg+xml", "text/css"] {
            assert!(text.parse::<MediaType>().is_ok(), "{text}");
        }
        for wrong in ["html", "text/*", "text/html; charset=utf-8", "image/png", "multipart/mixed", "application/zip", "/", "a/"] {
            assert!(wrong.parse::<MediaType>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_of_an_app_is_host_and_port() {
        let read = |text: &str| text.parse::<InternalName>().ok().map(|n| (n.host.to_string(), n.port));
        assert_eq!(read("http://Old_Name:8080"), Some(("old_name".to_owned(), 8080)));
        assert_eq!(read("https://old"), Some(("old".to_owned(), 443)));
        for wrong in ["old", "http://old/app", "http://u@old", "ftp://old"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
