//! Where a cookie of an app is sent back to: `Domain` and `Path` as guests know them.

use super::{Rewriting, internal::Internal};
use crate::gateway::reply::Fate;

/// What becomes of one attribute of a cookie.
enum Part {
    Keep,
    Drop,
    Path(Vec<u8>),
}

impl Rewriting {
    /// A cookie of the app's own.
    pub(super) fn cookie(&self, value: &[u8]) -> Fate {
        if !self.cookies {
            return Fate::Keep;
        }
        let mut parts = value.split(|b| *b == b';');
        let mut said = parts.next().unwrap_or_default().to_vec();
        for part in parts {
            match self.attribute(part) {
                Part::Drop => continue,
                Part::Keep => said.extend_from_slice(&[b";", part].concat()),
                Part::Path(path) => said.extend_from_slice(&[b"; Path=", path.as_slice()].concat()),
            }
        }
        if said == value { Fate::Keep } else { Fate::Say(said) }
    }

    fn attribute(&self, part: &[u8]) -> Part {
        let Some(at) = part.iter().position(|b| *b == b'=') else { return Part::Keep };
        let (key, value) = part.split_at(at);
        let (key, value) = (key.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii());
        if key.eq_ignore_ascii_case(b"domain") && self.is_foreign(value) {
            return Part::Drop;
        }
        if key.eq_ignore_ascii_case(b"path") {
            return public_path(&self.names, value).map_or(Part::Keep, Part::Path);
        }
        Part::Keep
    }

    /// Whether a domain is where the app lives and guests do not come to.
    fn is_foreign(&self, domain: &[u8]) -> bool {
        let domain = domain.strip_prefix(b".").unwrap_or(domain);
        let covers = |host: &str| {
            let host = host.as_bytes();
            let Some(at) = host.len().checked_sub(domain.len()) else { return false };
            let (sub, rest) = host.split_at(at);
            rest.eq_ignore_ascii_case(domain) && (sub.is_empty() || sub.ends_with(b"."))
        };
        !covers(&self.host) && !domain.is_empty() && self.names.hosts().any(covers)
    }
}

/// A path below the app's own, without that.
fn public_path(names: &Internal, path: &[u8]) -> Option<Vec<u8>> {
    let rest = path.strip_prefix(names.prefix().as_bytes()).filter(|_| !names.prefix().is_empty())?;
    match rest.first() {
        None => Some(b"/".to_vec()),
        Some(b'/') => Some(rest.to_vec()),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Rewriting, internal::tests::app},
        Fate,
    };

    #[test]
    fn a_cookie_comes_back_to_the_public_host() {
        let mut app = app("http://charts.corp.internal:8080", &[], Some("/app"));
        let said = |rewriting: &Rewriting, value: &str| match rewriting.cookie(value.as_bytes()) {
            Fate::Keep => "keep".to_owned(),
            Fate::Drop => "drop".to_owned(),
            Fate::Say(value) => String::from_utf8(value).unwrap(),
        };
        let rewriting = Rewriting::of(&app, "https://charts.example.com");
        for (value, becomes) in [
            ("id=1; Path=/", "keep"),
            ("id=1; Domain=charts.corp.internal; Path=/; HttpOnly", "id=1; Path=/; HttpOnly"),
            ("id=1; domain=.CORP.internal", "id=1"),
            ("id=1; Domain=orp.internal", "keep"),
            ("id=1; Domain=example.com", "keep"),
            ("id=1; Domain=charts.example.com", "keep"),
            ("id=1; Path=/app", "id=1; Path=/"),
            ("id=1;Path=/app/;Secure", "id=1; Path=/;Secure"),
            ("id=1; path=/app/a", "id=1; Path=/a"),
            ("id=1; Path=/apple", "keep"),
            ("id=Domain=charts.corp.internal", "keep"),
            ("id=1; Domain=", "keep"),
        ] {
            assert_eq!(said(&rewriting, value), becomes, "{value}");
        }
        app.rewrite.cookies = false;
        assert_eq!(said(&Rewriting::of(&app, "https://charts.example.com"), "id=1; Path=/app"), "keep");
    }
}
