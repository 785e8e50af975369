//! What an app's answer may not say to a browser that trusts us.

use super::names::{begins_class, is_class, is_hop_by_hop, is_our_cookie};

/// What becomes of one header of an app's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on as it is.
    Keep,
    /// It ends here.
    Drop,
    /// It goes on with this value.
    Say(Vec<u8>),
}

/// What becomes of a header, whatever the app means by it; `Cache-Control` is judged by [`private`], framing by whoever frames.
pub(super) fn strip(name: &[u8], value: &[u8]) -> Fate {
    if is_hop_by_hop(name) {
        return Fate::Drop;
    }
    match name.first().map(u8::to_ascii_lowercase) {
        Some(b'x') if begins_class(name, "x-guestgate-") => Fate::Drop,
        Some(b'c') if is_class(name, "content-length") => Fate::Drop,
        Some(b's') if is_class(name, "set-cookie") => {
            let name = value.split(|b| *b == b'=' || *b == b';').next().unwrap_or_default().trim_ascii();
            if is_our_cookie(name) { Fate::Drop } else { Fate::Keep }
        }
        Some(b's') if is_class(name, "strict-transport-security") => without_subdomains(value),
        Some(b'c') if is_class(name, "clear-site-data") => without_cookies(value),
        Some(b'a') if is_class(name, "alt-svc") => Fate::Drop,
        Some(b'p') if begins_class(name, "public-key-pins") => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// One app may not decide for its siblings.
fn without_subdomains(value: &[u8]) -> Fate {
    let covers = |part: &[u8]| part.trim_ascii().eq_ignore_ascii_case(b"includesubdomains");
    if !value.split(|b| *b == b';').any(covers) {
        return Fate::Keep;
    }
    let left: Vec<&[u8]> = value.split(|b| *b == b';').filter(|part| !covers(part)).collect();
    Fate::Say(left.join(&b';'))
}

/// An app may clear its caches, not the session that is ours.
fn without_cookies(value: &[u8]) -> Fate {
    let kind = |part: &[u8]| part.trim_ascii().to_ascii_lowercase();
    let spared: Vec<&[u8]> = value
        .split(|b| *b == b',')
        .filter(|part| matches!(kind(part).as_slice(), b"\"cache\"" | b"\"storage\"" | b"\"executioncontexts\""))
        .collect();
    if spared.is_empty() { Fate::Drop } else { Fate::Say(spared.join(&b',')) }
}

/// What `Cache-Control` must say in an answer to an identified request, where that differs from what stands: whether `private` is to be
/// added, so that no shared cache shows one guest's page to another.
pub(super) fn private<'v>(lines: impl Iterator<Item = &'v [u8]>) -> bool {
    let mut said = false;
    for directive in lines.flat_map(|line| line.split(|b| *b == b',')) {
        let word = directive.split(|b| *b == b'=').next().unwrap_or_default().trim_ascii();
        if word.eq_ignore_ascii_case(b"public") {
            return true;
        }
        said |= word.eq_ignore_ascii_case(b"private") || word.eq_ignore_ascii_case(b"no-store");
    }
    !said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(name: &str, value: &str) -> String {
        match strip(name.as_bytes(), value.as_bytes()) {
            Fate::Keep => "keep".to_owned(),
            Fate::Drop => "drop".to_owned(),
            Fate::Say(value) => String::from_utf8(value).unwrap(),
        }
    }

    #[test]
    fn an_app_cannot_speak_for_us_or_its_siblings() {
        for (name, value, becomes) in [
            ("Set-Cookie", "__Host-guestgate=x; Path=/", "drop"),
            ("set-cookie", "__host_guestgate-start=x", "drop"),
            ("Set-Cookie", "id=1; Path=/", "keep"),
            ("Alt-Svc", "h3=\":443\"", "drop"),
            ("Public-Key-Pins-Report-Only", "x", "drop"),
            ("Clear-Site-Data", "\"cookies\"", "drop"),
            ("Clear-Site-Data", "\"*\"", "drop"),
            ("Clear-Site-Data", "\"cache\", \"cookies\"", "\"cache\""),
            ("Strict-Transport-Security", "max-age=1; includeSubDomains", "max-age=1"),
            ("Strict-Transport-Security", "max-age=1", "keep"),
            ("X_Guestgate_Assertion", "x", "drop"),
            ("Connection", "close", "drop"),
            ("Content-Type", "text/html", "keep"),
        ] {
            assert_eq!(fate(name, value), becomes, "{name}: {value}");
        }
    }

    #[test]
    fn an_answer_for_one_guest_is_private() {
        for (lines, added) in [
            (&[][..], true),
            (&["public, max-age=60"], true),
            (&["max-age=60"], true),
            (&["Private"], false),
            (&["no-cache", "no-store"], false),
            (&["private, PUBLIC"], true),
        ] {
            assert_eq!(private(lines.iter().map(|l| l.as_bytes())), added, "{lines:?}");
        }
    }
}
