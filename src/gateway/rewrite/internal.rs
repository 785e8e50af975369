//! The names by which an app knows itself, and where one of them stands in a text.
//!
//! A name is a host and a port, whatever the scheme. It is found in the spellings that HTML, CSS, JavaScript and JSON have for a slash, in
//! any letter case, and never inside a longer host name. Looking at a text needs no more than [`Internal::reach`] bytes of it, and says so
//! where they are not there yet: that is what lets texts be translated while they come.

use crate::config::{App, Upstream, UpstreamHost};

/// The names of an app that guests cannot use, and the one that they can.
#[derive(Debug)]
pub(crate) struct Internal {
    /// Hosts as URLs have them, in lower case, and the ports that belong to each.
    hosts: Vec<(Box<str>, Vec<u16>)>,
    longest: usize,
    /// The public host, with the port where it is not 443.
    authority: Box<str>,
    /// The path under which the app lives, without a slash at its end.
    prefix: Box<str>,
}

/// What stands at one place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// No name of the app.
    Nothing,
    /// What is there could be the beginning of one.
    Unclear,
    /// One of them.
    Name(Name),
}

/// A name of the app in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// How many bytes it has, the app's own path with them.
    pub(super) length: usize,
    /// What stands for it: the scheme with its colon.
    scheme: &'static str,
    /// How slashes are spelt.
    slash: &'static str,
    /// Whether host and port are said; else it is a path alone.
    absolute: bool,
    /// Whether the path ends with it, so that a slash must be added.
    bare: bool,
}

/// How slashes are spelt: plainly, in JavaScript and JSON, and as entities of HTML.
const SLASHES: [&str; 5] = ["/", "\\/", "\\u002f", "&#x2f;", "&#47;"];
/// Schemes, and what stands for them in public.
const SCHEMES: [(&str, &str, u16); 4] = [("https:", "https:", 443), ("http:", "https:", 80), ("wss:", "wss:", 443), ("ws:", "wss:", 80)];
/// Ports that need not be said. A name with one of them is meant under either scheme.
const USUAL: [u16; 2] = [80, 443];

impl Internal {
    /// The upstreams, what the configuration names beside them, and the public host under schemes and ports that are not the public ones.
    pub(crate) fn of(app: &App, public: &str) -> Self {
        let authority = public.strip_prefix("https://").unwrap_or(public);
        let public_port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(443);
        let mut names = Self { hosts: Vec::new(), longest: 0, authority: authority.into(), prefix: Box::default() };
        if let Some(prefix) = &app.rewrite.prefix {
            names.prefix = prefix.as_str().into();
        }
        names.add(app.host.as_str(), &[80, 443, public_port]);
        for Upstream { host, port, .. } in &app.upstreams {
            names.add_host(host, *port);
            // An app that was told its public host may still add the port on which it listens.
            names.add(app.host.as_str(), &[*port]);
        }
        for name in &app.rewrite.internal {
            names.add_host(&name.host, name.port);
        }
        names.longest = names.hosts.iter().map(|(host, _)| host.len()).max().unwrap_or(0);
        names
    }

    fn add_host(&mut self, host: &UpstreamHost, port: u16) {
        let ports = if USUAL.contains(&port) { USUAL.to_vec() } else { vec![port] };
        let text = host.to_string().to_ascii_lowercase();
        let own = matches!(host, UpstreamHost::Ip(ip) if ip.is_loopback()) || text == "localhost";
        // What is reached on this machine calls itself by any of its names.
        for loopback in ["localhost", "127.0.0.1", "[::1]"].into_iter().filter(|_| own) {
            self.add(loopback, &ports);
        }
        self.add(&text, &ports);
    }

    fn add(&mut self, host: &str, ports: &[u16]) {
        let ix = self.hosts.iter().position(|(known, _)| &**known == host).unwrap_or_else(|| {
            self.hosts.push((host.into(), Vec::new()));
            self.hosts.len() - 1
        });
        let Some((_, known)) = self.hosts.get_mut(ix) else { return };
        for port in ports {
            if !known.contains(port) {
                known.push(*port);
            }
        }
    }

    /// The hosts, the public one among them.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|(host, _)| &**host)
    }

    /// The path under which the app lives; empty where it is the root.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// More bytes than this are never looked at.
    #[cfg(test)]
    pub(super) fn reach(&self) -> usize {
        let slash = SLASHES.iter().map(|s| s.len()).max().unwrap_or(1);
        6 + 2 * slash + self.longest + DOTS + 8 + slash * (self.prefix.len() + 1)
    }

    /// What stands at the front of a text. `before` is the byte before it; `whole` says that nothing comes behind it.
    pub(super) fn at(&self, text: &[u8], before: Option<u8>, whole: bool) -> Seen {
        let mut look = Look { text, at: 0, whole };
        let origin = self.origin(&mut look, before);
        if matches!(origin, Seen::Name(_)) || self.prefix.is_empty() || !before.is_none_or(opens_path) {
            return origin;
        }
        let path = self.path(text, whole);
        if matches!(path, Seen::Nothing) { origin } else { path }
    }

    /// A URL with its host, and the app's own path behind it.
    fn origin(&self, look: &mut Look<'_>, before: Option<u8>) -> Seen {
        let (scheme, usual) = match look.scheme() {
            Step::Is((_, usual)) if usual.0 == "wss:" && before.is_some_and(|b| b.is_ascii_alphanumeric()) => return Seen::Nothing,
            Step::Is((_, (said, port))) => (said, Some(port)),
            Step::Unclear => return Seen::Unclear,
            // What follows a word or another scheme is a path, or a comment.
            Step::Not if before.is_none_or(opens_url) => ("", None),
            Step::Not => return Seen::Nothing,
        };
        let slash = match look.slashes() {
            Step::Is(slash) => slash,
            Step::Unclear => return Seen::Unclear,
            Step::Not => return Seen::Nothing,
        };
        let ports = match self.host(look) {
            Step::Is(ports) => ports,
            Step::Unclear => return Seen::Unclear,
            Step::Not => return Seen::Nothing,
        };
        let port = match look.port() {
            Step::Is(port) => port,
            Step::Unclear => return Seen::Unclear,
            Step::Not => return Seen::Nothing,
        };
        let meant = match (port, usual) {
            (Some(port), _) | (None, Some(port)) => ports.contains(&port),
            (None, None) => USUAL.iter().any(|port| ports.contains(port)),
        };
        if !meant {
            return Seen::Nothing;
        }
        let behind = look.at;
        let (length, bare) = match look.prefix(&self.prefix, slash) {
            Step::Is(bare) => (look.at, bare),
            Step::Unclear => return Seen::Unclear,
            Step::Not => (behind, false),
        };
        Seen::Name(Name { length, scheme, slash, absolute: true, bare })
    }

    /// The host, as far as it is one of ours; the ports that it is ours with.
    fn host(&self, look: &mut Look<'_>) -> Step<&[u16]> {
        let rest = look.rest();
        let in_brackets = rest.first() == Some(&b'[');
        let most = self.longest + DOTS;
        let run = rest.iter().take(most + 1).take_while(|b| is_of_host(**b, in_brackets)).count();
        let run = if in_brackets && rest.get(run) == Some(&b']') { run + 1 } else { run };
        let mut host = rest.get(..run).unwrap_or_default();
        while let Some(shorter) = host.strip_suffix(b".") {
            host = shorter;
        }
        if run > most || host.len() > self.longest {
            return Step::Not;
        }
        if run == rest.len() && !look.whole {
            let begins = |known: &str| known.as_bytes().get(..host.len()).is_some_and(|head| head.eq_ignore_ascii_case(host));
            return if self.hosts().any(begins) { Step::Unclear } else { Step::Not };
        }
        match self.hosts.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(host)) {
            Some((_, ports)) => {
                look.at += host.len();
                Step::Is(ports)
            }
            None => Step::Not,
        }
    }

    /// A path that begins with the app's own, alone.
    fn path(&self, text: &[u8], whole: bool) -> Seen {
        let mut unclear = false;
        for slash in SLASHES {
            let mut look = Look { text, at: 0, whole };
            match look.prefix(&self.prefix, slash) {
                // The end of a path may also be the name of something; what lies below can be nothing else.
                Step::Is(true) | Step::Not => {}
                Step::Is(false) => return Seen::Name(Name { length: look.at, scheme: "", slash, absolute: false, bare: false }),
                Step::Unclear => unclear = true,
            }
        }
        if unclear { Seen::Unclear } else { Seen::Nothing }
    }

    /// Writes what guests know it by, spelt as the text spells it.
    pub(super) fn write(&self, name: Name, out: &mut Vec<u8>) {
        if name.absolute {
            for part in [name.scheme, name.slash, name.slash, &self.authority] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        if name.bare {
            out.extend_from_slice(name.slash.as_bytes());
        }
    }

    /// The value of a header that is one URL, as guests know it; `None` where it is theirs already.
    pub(super) fn url(&self, value: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        if let Seen::Name(name) = self.at(value, None, true) {
            self.write(name, &mut out);
            out.extend_from_slice(value.get(name.length..).unwrap_or_default());
            return Some(out);
        }
        // In a header a path is nothing else, its end included.
        let rest = value.strip_prefix(self.prefix.as_bytes()).filter(|_| !self.prefix.is_empty())?;
        let ends = rest.first().is_none_or(|b| matches!(b, b'?' | b'#'));
        ends.then(|| [b"/", rest].concat())
    }
}

/// A question about the next bytes, answered.
enum Step<T> {
    Is(T),
    Not,
    Unclear,
}

/// A place in a text.
struct Look<'t> {
    text: &'t [u8],
    at: usize,
    whole: bool,
}

impl Look<'_> {
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether this comes next, in any letter case.
    fn word(&mut self, word: &str) -> Step<()> {
        let rest = self.rest();
        let (seen, asked) = (rest.len().min(word.len()), word.as_bytes());
        let same = rest.get(..seen).zip(asked.get(..seen)).is_some_and(|(r, w)| r.eq_ignore_ascii_case(w));
        match (same, seen == word.len()) {
            (true, true) => {
                self.at += word.len();
                Step::Is(())
            }
            (true, false) if !self.whole => Step::Unclear,
            (true, false) | (false, _) => Step::Not,
        }
    }

    /// The first of several that comes next.
    fn one_of<T: Copy>(&mut self, words: impl Iterator<Item = (&'static str, T)>) -> Step<(&'static str, T)> {
        let mut unclear = false;
        for (word, meaning) in words {
            match self.word(word) {
                Step::Is(()) => return Step::Is((word, meaning)),
                Step::Unclear => unclear = true,
                Step::Not => {}
            }
        }
        if unclear { Step::Unclear } else { Step::Not }
    }

    fn scheme(&mut self) -> Step<(&'static str, (&'static str, u16))> {
        self.one_of(SCHEMES.into_iter().map(|(word, public, port)| (word, (public, port))))
    }

    /// Two slashes, spelt alike.
    fn slashes(&mut self) -> Step<&'static str> {
        match self.one_of(SLASHES.into_iter().map(|slash| (slash, ()))) {
            Step::Is((slash, ())) => match self.word(slash) {
                Step::Is(()) => Step::Is(slash),
                Step::Unclear => Step::Unclear,
                Step::Not => Step::Not,
            },
            Step::Unclear => Step::Unclear,
            Step::Not => Step::Not,
        }
    }

    /// A port, or that there is none. What came before it was somebody's name and password where an `@` follows.
    fn port(&mut self) -> Step<Option<u16>> {
        let rest = self.rest();
        let behind_colon = rest.strip_prefix(b":").unwrap_or_default();
        let digits = behind_colon.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
        let length = if digits > 0 { digits + 1 } else { 0 };
        let next = rest.get(length).copied();
        if !self.whole && (next.is_none() || (digits == 0 && rest == b":")) {
            return Step::Unclear;
        }
        let port = behind_colon.get(..digits).and_then(|d| std::str::from_utf8(d).ok()).unwrap_or_default();
        if next == Some(b'@') || digits > 5 {
            return Step::Not;
        }
        match port.parse::<u16>() {
            Ok(port) => {
                self.at += length;
                Step::Is(Some(port))
            }
            Err(_) if digits == 0 => Step::Is(None),
            Err(_) => Step::Not,
        }
    }

    /// The app's own path and the end of its last segment; whether the path ends there.
    fn prefix(&mut self, prefix: &str, slash: &'static str) -> Step<bool> {
        if prefix.is_empty() {
            return Step::Not;
        }
        let from = self.at;
        for segment in prefix.split('/').skip(1) {
            match self.word(slash) {
                Step::Is(()) => {}
                missing @ (Step::Not | Step::Unclear) => return self.back(from, &missing),
            }
            let rest = self.rest();
            let seen = rest.len().min(segment.len());
            if rest.get(..seen) != segment.as_bytes().get(..seen) {
                return self.back(from, &Step::Not);
            }
            if seen < segment.len() {
                return self.back(from, if self.whole { &Step::Not } else { &Step::Unclear });
            }
            self.at += seen;
        }
        let end = self.at;
        let below = self.word(slash);
        self.at = end;
        match below {
            Step::Is(()) => Step::Is(false),
            Step::Unclear => self.back(from, &Step::Unclear),
            Step::Not => match self.rest().first() {
                Some(next) if is_of_segment(*next) => self.back(from, &Step::Not),
                Some(_) | None => Step::Is(true),
            },
        }
    }

    fn back(&mut self, to: usize, step: &Step<()>) -> Step<bool> {
        self.at = to;
        match step {
            Step::Unclear => Step::Unclear,
            Step::Is(()) | Step::Not => Step::Not,
        }
    }
}

/// So many dots, which end a sentence, may follow a host.
const DOTS: usize = 4;

fn is_of_host(byte: u8, in_brackets: bool) -> bool {
    if in_brackets { byte.is_ascii_hexdigit() || b"[:.".contains(&byte) } else { byte.is_ascii_alphanumeric() || b"-._".contains(&byte) }
}

fn is_of_segment(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-._~%!$*+=:@".contains(&byte)
}

/// Whether a URL without a scheme may begin behind this byte.
fn opens_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`(=<>,;".contains(&byte)
}

/// Whether a path may begin behind this byte.
fn opens_path(byte: u8) -> bool {
    b"\"'`(=;<".contains(&byte)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        base::{AppId, Host},
        config::{InternalName, PathPrefix},
    };

    /// An app at this upstream, with more names and perhaps a path of its own.
    pub(crate) fn app(upstream: &str, internal: &[&str], prefix: Option<&str>) -> App {
        let (id, host) = (AppId::parse("charts").unwrap(), Host::parse("charts.example.com").unwrap());
        let mut app = App::with_defaults(id, host, upstream.parse().unwrap());
        app.rewrite.internal = internal.iter().map(|text| text.parse::<InternalName>().unwrap()).collect();
        app.rewrite.prefix = prefix.map(|text| text.parse::<PathPrefix>().unwrap());
        app
    }

    fn url(value: &str) -> String {
        let app = app("http://10.0.0.5:8080", &["http://old", "http://old-name:9090", "http://127.0.0.1:7000"], Some("/app"));
        let names = Internal::of(&app, "https://charts.example.com:8443");
        names.url(value.as_bytes()).map_or_else(|| "as it is".to_owned(), |v| String::from_utf8(v).unwrap())
    }

    #[test]
    fn a_name_is_a_host_and_a_port_under_any_scheme_and_never_part_of_another() {
        for (value, becomes) in [
            ("http://10.0.0.5:8080/app/a?b", "https://charts.example.com:8443/a?b"),
            ("HTTPS://10.0.0.5:8080", "https://charts.example.com:8443"),
            ("http://10.0.0.5:8080/app", "https://charts.example.com:8443/"),
            ("http://10.0.0.5:8080/app?a", "https://charts.example.com:8443/?a"),
            ("http://10.0.0.5:8080/application", "https://charts.example.com:8443/application"),
            ("http://10.0.0.5:8080/other", "https://charts.example.com:8443/other"),
            ("http://10.0.0.5/a", "as it is"),
            ("http://10.0.0.5:80801/a", "as it is"),
            ("http://10.0.0.5:808/a", "as it is"),
            ("http://10.0.0.55:8080/a", "as it is"),
            ("http://10.0.0.5:8080@evil.example/a", "as it is"),
            ("http://10.0.0.5@evil.example/a", "as it is"),
            ("http://Old/a", "https://charts.example.com:8443/a"),
            ("https://old/a", "https://charts.example.com:8443/a"),
            ("http://old:80/a", "https://charts.example.com:8443/a"),
            ("http://old:8080/a", "as it is"),
            ("http://old.example/a", "as it is"),
            ("http://old-name/a", "as it is"),
            ("http://old-name:9090", "https://charts.example.com:8443"),
            ("//old/a", "//charts.example.com:8443/a"),
            ("ws://old/a", "wss://charts.example.com:8443/a"),
            ("http://localhost:7000/a", "https://charts.example.com:8443/a"),
            ("http://[::1]:7000/a", "https://charts.example.com:8443/a"),
            ("http://[::1]:7001/a", "as it is"),
            ("http://charts.example.com/a", "https://charts.example.com:8443/a"),
            ("http://charts.example.com:8080/a", "https://charts.example.com:8443/a"),
            ("https://charts.example.com/a", "https://charts.example.com:8443/a"),
            ("http://charts.example.com.evil.example/a", "as it is"),
            ("http://sub.charts.example.com/a", "as it is"),
            ("/app/a", "/a"),
            ("/app", "/"),
            ("/app?b", "/?b"),
            ("/apple", "as it is"),
            ("/a", "as it is"),
            ("a/app/b", "as it is"),
            ("ftp://old/a", "as it is"),
            ("", "as it is"),
        ] {
            assert_eq!(url(value), becomes, "{value}");
        }
    }
}
