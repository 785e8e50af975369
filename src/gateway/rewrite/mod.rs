//! Between an app that knows itself by internal names and guests who know its public one: headers both ways, and texts.
//!
//! Answers: `Location`, `Content-Location`, `Refresh`, `Link`, `Access-Control-Allow-Origin`, `Content-Security-Policy`, cookies, and the
//! texts whose media types the app declares. Requests: the path under which the app lives, and the headers by which it compares the host
//! that it was asked for with the page that asked. What an app may not say at all is [`reply`](super::reply)'s.

mod body;
mod coding;
mod cookie;
mod gzip;
mod internal;
mod links;
mod request;

use std::rc::Rc;

pub(crate) use body::Translation;

use crate::config::{App, MediaType, RewriteHost};

use self::{coding::Coding, internal::Internal, links::Translator};
use super::{
    names::{is_class, listed},
    reply::Fate,
    wire::ResponseHead,
};

/// What is changed for one app.
#[derive(Debug)]
pub(super) struct Rewriting {
    names: Rc<Internal>,
    /// `https://charts.example.com`.
    public: Box<str>,
    /// The public host alone.
    host: Box<str>,
    location: bool,
    cookies: bool,
    links: Box<[MediaType]>,
    /// The app sees the upstream's own host.
    as_upstream: bool,
}

impl Rewriting {
    /// As the configuration says.
    pub(super) fn of(app: &App, public: &str) -> Self {
        Self {
            names: Rc::new(Internal::of(app, public)),
            public: public.into(),
            host: app.host.as_str().into(),
            location: app.rewrite.location,
            cookies: app.rewrite.cookies,
            links: app.rewrite.links.clone().into(),
            as_upstream: app.rewrite.host == RewriteHost::Upstream,
        }
    }

    /// What becomes of a header of an answer that may be said at all.
    pub(super) fn fate(&self, name: &[u8], value: &[u8]) -> Fate {
        match name.first().map(u8::to_ascii_lowercase) {
            Some(b's') if is_class(name, "set-cookie") => self.cookie(value),
            Some(b'l') if is_class(name, "location") => self.url(value),
            Some(b'l') if is_class(name, "link") => self.each(value, b'<'),
            Some(b'r') if is_class(name, "refresh") => self.each(value, b'='),
            Some(b'c') if is_class(name, "content-location") => self.url(value),
            Some(b'c') if is_class(name, "content-security-policy") || is_class(name, "content-security-policy-report-only") => {
                self.text(value)
            }
            Some(b'a') if is_class(name, "access-control-allow-origin") => self.url(value),
            _ => Fate::Keep,
        }
    }

    /// A header that is one URL.
    fn url(&self, value: &[u8]) -> Fate {
        let public = if self.location { self.names.url(value) } else { None };
        public.map_or(Fate::Keep, Fate::Say)
    }

    /// A header in which URLs stand behind a mark, and perhaps a quote.
    fn each(&self, value: &[u8], mark: u8) -> Fate {
        if !self.location {
            return Fate::Keep;
        }
        let mut said = Vec::with_capacity(value.len());
        for part in value.split_inclusive(|b| *b == mark) {
            let behind = said.last() == Some(&mark);
            let lead = part.iter().take_while(|b| b" \"'".contains(b)).count();
            let (lead, url) = part.split_at(if behind { lead } else { 0 });
            let end = url.iter().position(|b| b">\"';,".contains(b)).unwrap_or(url.len());
            let (url, rest) = url.split_at(end);
            said.extend_from_slice(lead);
            match self.names.url(url).filter(|_| behind) {
                Some(public) => said.extend_from_slice(&public),
                None => said.extend_from_slice(url),
            }
            said.extend_from_slice(rest);
        }
        if said == value { Fate::Keep } else { Fate::Say(said) }
    }

    /// A header with names anywhere in it.
    fn text(&self, value: &[u8]) -> Fate {
        if !self.location {
            return Fate::Keep;
        }
        let mut translator = Translator::new(Rc::clone(&self.names));
        let said = [translator.push(bytes::Bytes::copy_from_slice(value)), translator.finish()].concat();
        if said == value { Fate::Keep } else { Fate::Say(said) }
    }

    /// How the text of an answer is translated, if it is. Parts of a text are passed on as they are: what they are parts of is unknown here.
    pub(super) fn translation(&self, head: &ResponseHead) -> Option<Translation> {
        if self.links.is_empty() || matches!(head.status(), ..200 | 204 | 205 | 206 | 304) {
            return None;
        }
        let fields = head.fields();
        let media = fields.only("content-type")?;
        let mut parts = media.split(';');
        let essence = parts.next().unwrap_or_default().trim();
        let declared = self.links.iter().any(|link| link.as_str().eq_ignore_ascii_case(essence));
        // Names in these do not look like names.
        let wide = parts.any(|part| {
            let part = part.trim().to_ascii_lowercase();
            part.strip_prefix("charset=").is_some_and(|name| name.trim_matches('"').starts_with("utf-16") || name.contains("utf-32"))
        });
        let untouchable = fields.all("cache-control").flat_map(listed).any(|word| word.eq_ignore_ascii_case(b"no-transform"));
        if !declared || wide || untouchable {
            return None;
        }
        Coding::of(fields.all("content-encoding")).map(|coding| Translation::new(&self.names, coding))
    }

    /// Whether texts of this app are translated at all.
    pub(super) fn has_links(&self) -> bool {
        !self.links.is_empty()
    }

    /// What becomes of a header that speaks of the bytes of a text which guests get translated.
    pub(super) fn of_translated(name: &[u8], value: &[u8]) -> Fate {
        const OF_BYTES: [&str; 5] = ["content-md5", "content-digest", "repr-digest", "digest", "accept-ranges"];
        if OF_BYTES.iter().any(|class| is_class(name, class)) {
            return Fate::Drop;
        }
        // Byte for byte it is not what the app has tagged.
        if is_class(name, "etag") && value.starts_with(b"\"") { Fate::Say([b"W/", value].concat()) } else { Fate::Keep }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{internal::tests::app, *};
    use crate::gateway::wire::{Limits, Parsed, Progress, parse_response};

    fn rewriting(upstream: &str, change: impl FnOnce(&mut App)) -> Rewriting {
        let mut app = app(upstream, &["http://charts.corp.internal"], None);
        change(&mut app);
        Rewriting::of(&app, "https://charts.example.com")
    }

    fn fate(name: &str, value: &str) -> String {
        let with_path = |app: &mut App| app.rewrite.prefix = Some("/app".parse().unwrap());
        match rewriting("http://10.0.0.5:8080", with_path).fate(name.as_bytes(), value.as_bytes()) {
            Fate::Keep => "keep".to_owned(),
            Fate::Drop => "drop".to_owned(),
            Fate::Say(value) => String::from_utf8(value).unwrap(),
        }
    }

    #[test]
    fn headers_of_answers_name_the_public_host() {
        for (name, value, becomes) in [
            ("Location", "http://10.0.0.5:8080/a?b=http://10.0.0.5:8080/", "https://charts.example.com/a?b=http://10.0.0.5:8080/"),
            ("location", "http://10.0.0.5:80801/a", "keep"),
            ("Location", "/a", "keep"),
            ("Location", "/app/a", "/a"),
            ("Location", "https://elsewhere.example/http://10.0.0.5:8080/", "keep"),
            ("Content-Location", "http://charts.corp.internal/a", "https://charts.example.com/a"),
            ("Refresh", "5; url=http://10.0.0.5:8080/app/a", "5; url=https://charts.example.com/a"),
            ("Refresh", "0;URL='/app/a'", "0;URL='/a'"),
            ("Refresh", "5", "keep"),
            (
                "Link",
                "<http://10.0.0.5:8080/a>; rel=\"next\", </app/b>; rel=preload, <https://x.example/>",
                "<https://charts.example.com/a>; rel=\"next\", </b>; rel=preload, <https://x.example/>",
            ),
            ("Access-Control-Allow-Origin", "http://10.0.0.5:8080", "https://charts.example.com"),
            ("Access-Control-Allow-Origin", "https://elsewhere.example", "keep"),
            ("Access-Control-Allow-Origin", "*", "keep"),
            (
                "Content-Security-Policy",
                "default-src 'self' http://10.0.0.5:8080; connect-src ws://10.0.0.5:8080",
                "default-src 'self' https://charts.example.com; connect-src wss://charts.example.com",
            ),
            ("Content-Type", "text/html", "keep"),
        ] {
            assert_eq!(fate(name, value), becomes, "{name}: {value}");
        }
        let off = rewriting("http://10.0.0.5:8080", |app| app.rewrite.location = false);
        assert_eq!(off.fate(b"Location", b"http://10.0.0.5:8080/"), Fate::Keep);
    }

    fn translated(head: &str) -> bool {
        let links = |app: &mut App| app.rewrite.links = vec!["text/html".parse().unwrap()];
        let text = format!("HTTP/1.1 {head}\r\n\r\n");
        let read = parse_response(&mut BytesMut::from(text.as_str()), "GET", &Limits::default(), &mut Progress::default());
        let Ok(Parsed::Complete(head)) = read else { panic!("{text}") };
        rewriting("http://10.0.0.5:8080", links).translation(&head).is_some()
    }

    #[test]
    fn what_is_declared_and_whole_and_readable_is_translated() {
        for (head, want) in [
            ("200 OK\r\nContent-Type: text/html", true),
            ("404 Not Found\r\nContent-Type: Text/HTML; charset=utf-8", true),
            ("200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip", true),
            ("200 OK\r\nContent-Type: text/html\r\nContent-Encoding: zstd", false),
            ("200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip, br", false),
            ("200 OK\r\nContent-Type: text/plain", false),
            ("200 OK\r\nContent-Type: multipart/mixed; boundary=x", false),
            ("200 OK\r\nContent-Type: text/html; charset=\"UTF-16LE\"", false),
            ("200 OK\r\nContent-Type: text/html\r\nContent-Type: text/plain", false),
            ("200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=1, No-Transform", false),
            ("206 Partial Content\r\nContent-Type: text/html\r\nContent-Range: bytes 0-1/2", false),
            ("304 Not Modified\r\nContent-Type: text/html", false),
            ("200 OK", false),
        ] {
            assert_eq!(translated(head), want, "{head}");
        }
    }

    #[test]
    fn what_speaks_of_bytes_does_not_speak_of_a_translated_text() {
        for (name, value, becomes) in [
            ("ETag", "\"a\"", Fate::Say(b"W/\"a\"".to_vec())),
            ("ETag", "W/\"a\"", Fate::Keep),
            ("Content-MD5", "x", Fate::Drop),
            ("Repr-Digest", "x", Fate::Drop),
            ("Accept-Ranges", "bytes", Fate::Drop),
            ("Last-Modified", "x", Fate::Keep),
        ] {
            assert_eq!(Rewriting::of_translated(name.as_bytes(), value.as_bytes()), becomes, "{name}");
        }
    }
}
