//! A request as an app that goes by another name, or lives under a path, expects it.

use std::borrow::Cow;

use super::{Rewriting, coding::Coding};
use crate::{
    config::Upstream,
    gateway::{
        look::{Head, lines},
        names::is_class,
        reply::Fate,
    },
};

/// What is changed in the headers of one request.
pub(in crate::gateway) struct Asked<'r> {
    rewriting: &'r Rewriting,
    /// `http://10.0.0.5:8080`, where the app is to see that.
    origin: Option<String>,
    /// The rest of a text is asked for by somebody who may have its beginning translated.
    resumes: bool,
}

impl Rewriting {
    /// What is changed in the headers of this request, if anything is.
    pub(in crate::gateway) fn asked<'r>(&'r self, head: &Head, upstream: &Upstream) -> Option<Asked<'r>> {
        if !self.as_upstream && self.links.is_empty() && self.names.prefix().is_empty() {
            return None;
        }
        let origin = self.as_upstream.then(|| format!("{}://{}", upstream.scheme.as_str(), upstream.authority()));
        // A translated text has no strong tag: whoever names one has bytes as the app sent them.
        let resumes = self.has_links() && lines(head, "if-range").any(|value| !value.starts_with(b"\""));
        Some(Asked { rewriting: self, origin, resumes })
    }

    /// The target below the path under which the app lives, byte for byte behind that.
    pub(in crate::gateway) fn target<'t>(&self, target: &'t [u8]) -> Cow<'t, [u8]> {
        let prefix = self.names.prefix();
        if prefix.is_empty() || !target.starts_with(b"/") {
            return Cow::Borrowed(target);
        }
        Cow::Owned([prefix.as_bytes(), target].concat())
    }
}

impl Asked<'_> {
    /// What becomes of a header.
    pub(in crate::gateway) fn fate(&self, name: &[u8], value: &[u8]) -> Fate {
        match name.first().map(u8::to_ascii_lowercase) {
            Some(b'a') if is_class(name, "accept-encoding") && self.rewriting.has_links() => readable(value),
            Some(b'r') if is_class(name, "range") && self.resumes => Fate::Drop,
            Some(b'i') if is_class(name, "if-range") && self.resumes => Fate::Drop,
            Some(b'o') if is_class(name, "origin") => self.url(value, Below::Nothing),
            Some(b'r') if is_class(name, "referer") && self.origin.is_some() => self.url(value, Below::Prefix),
            // Where something is to be moved to (RFC 4918) is named as the place where it is.
            Some(b'd') if is_class(name, "destination") => self.url(value, Below::Prefix),
            _ => Fate::Keep,
        }
    }

    /// A URL of our own as the app knows it; those of others stay, so that it can tell them.
    fn url(&self, value: &[u8], below: Below) -> Fate {
        let public = self.rewriting.public.as_bytes();
        let prefix = if below == Below::Prefix { self.rewriting.names.prefix() } else { "" };
        if value.starts_with(b"/") && !value.starts_with(b"//") && !prefix.is_empty() {
            return Fate::Say([prefix.as_bytes(), value].concat());
        }
        let Some((head, rest)) = value.split_at_checked(public.len()) else { return Fate::Keep };
        if !head.eq_ignore_ascii_case(public) || !matches!(rest.first(), None | Some(b'/' | b'?' | b'#')) {
            return Fate::Keep;
        }
        let origin = self.origin.as_ref().map_or(public, |origin| origin.as_bytes());
        Fate::Say([origin, prefix.as_bytes(), rest].concat())
    }
}

/// Whether a header's path lies where the app lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Prefix,
}

/// The codings that the client takes and we can read too.
fn readable(value: &[u8]) -> Fate {
    let known = |part: &&[u8]| {
        let name = part.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        !name.is_empty() && Coding::named(name).is_some()
    };
    let left: Vec<&[u8]> = value.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(known).collect();
    Fate::Say(if left.is_empty() { b"identity".to_vec() } else { left.join(&b", "[..]) })
}

#[cfg(test)]
mod tests {
    use super::{super::internal::tests::app, *};
    use crate::{
        config::RewriteHost,
        gateway::wire::{BodyFraming, HeadBuilder},
    };

    fn asked(change: impl FnOnce(&mut crate::config::App), name: &str, value: &str) -> String {
        let mut app = app("http://10.0.0.5:8080", &[], None);
        change(&mut app);
        let rewriting = Rewriting::of(&app, "https://charts.example.com");
        let mut head = HeadBuilder::new();
        head.field(name.as_bytes(), value.as_bytes());
        let head = head.finish("GET", b"/", None, BodyFraming::None);
        match rewriting.asked(&head, &app.upstreams[0]).map(|asked| asked.fate(name.as_bytes(), value.as_bytes())) {
            None | Some(Fate::Keep) => "keep".to_owned(),
            Some(Fate::Drop) => "drop".to_owned(),
            Some(Fate::Say(value)) => String::from_utf8(value).unwrap(),
        }
    }

    #[test]
    fn an_app_that_sees_its_own_host_sees_its_own_pages_ask() {
        let upstream = |app: &mut crate::config::App| {
            (app.rewrite.host, app.rewrite.prefix) = (RewriteHost::Upstream, Some("/app".parse().unwrap()));
        };
        for (name, value, becomes) in [
            ("Origin", "https://charts.example.com", "http://10.0.0.5:8080"),
            ("Origin", "https://charts.example.com.evil.example", "keep"),
            ("Origin", "https://evil.example", "keep"),
            ("Origin", "null", "keep"),
            ("Referer", "https://charts.example.com/a?b", "http://10.0.0.5:8080/app/a?b"),
            ("Referer", "https://evil.example/https://charts.example.com/", "keep"),
            ("Destination", "https://charts.example.com/b", "http://10.0.0.5:8080/app/b"),
            ("Destination", "/b", "/app/b"),
            ("Accept-Encoding", "gzip, zstd", "keep"),
        ] {
            assert_eq!(asked(upstream, name, value), becomes, "{name}: {value}");
        }
        for name in ["Origin", "Referer", "Destination"] {
            assert_eq!(asked(|_| {}, name, "https://charts.example.com/a"), "keep", "{name}");
        }
    }

    #[test]
    fn only_what_we_can_read_is_asked_for_where_texts_are_translated() {
        let links = |app: &mut crate::config::App| app.rewrite.links = vec!["text/html".parse().unwrap()];
        for (name, value, becomes) in [
            ("Accept-Encoding", "gzip, deflate, br, zstd", "gzip, deflate, br"),
            ("accept-encoding", "zstd;q=1.0, gzip;q=0.5, *;q=0", "gzip;q=0.5"),
            ("Accept-Encoding", "zstd", "identity"),
            ("Accept-Encoding", "", "identity"),
            ("If-Range", "Wed, 21 Oct 2015 07:28:00 GMT", "drop"),
            ("If-Range", "W/\"a\"", "drop"),
            ("If-Range", "\"a\"", "keep"),
            ("Range", "bytes=0-1", "keep"),
        ] {
            assert_eq!(asked(links, name, value), becomes, "{name}: {value}");
        }
    }

    #[test]
    fn the_target_keeps_every_byte_behind_the_prefix() {
        let app = app("http://10.0.0.5:8080", &[], Some("/app"));
        let rewriting = Rewriting::of(&app, "https://charts.example.com");
        assert_eq!(&*rewriting.target(b"/a%2fb?x=%zz"), b"/app/a%2fb?x=%zz");
        assert_eq!(&*rewriting.target(b"/"), b"/app/");
        assert_eq!(&*rewriting.target(b"*"), b"*");
    }
}
