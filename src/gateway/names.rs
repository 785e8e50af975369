//! Header names and cookies in the one spelling that careless readers give them.
//!
//! Many servers read `X_Remote-User` and `x-remote-user` as one name. So names are compared after lower-casing and with every character
//! but letters and digits as `-`: their *class*.

use crate::config::Identification;

/// The cookie that names the upstream a guest stays with. Ours by its name, so that no app sees or sets it.
pub(super) const STAYS_WITH: &str = "__Host-guestgate-upstream";

/// The folded byte.
fn fold(byte: u8) -> u8 {
    FOLDED.get(usize::from(byte)).copied().unwrap_or(b'-')
}

/// What each byte folds to.
const FOLDED: [u8; 256] = {
    let mut table = [b'-'; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() {
            table[byte] = b.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Whether a name is of this class, which is written folded.
pub(super) fn is_class(name: &[u8], class: &str) -> bool {
    name.len() == class.len() && name.iter().zip(class.bytes()).all(|(n, c)| fold(*n) == c)
}

/// Whether the class of a name begins like this.
pub(super) fn begins_class(name: &[u8], class: &str) -> bool {
    name.get(..class.len()).is_some_and(|head| is_class(head, class))
}

/// Headers that are taken from the clients of one app, besides those that always are.
#[derive(Debug, Default)]
pub(super) struct Taken {
    classes: Vec<String>,
    beginnings: Vec<String>,
}

impl Taken {
    /// What the gateway says in the client's place, and what the operator names.
    pub(super) fn of(identity: &Identification) -> Self {
        let mut taken = Self { classes: identity.headers.iter().map(|header| header.name.class()).collect(), beginnings: Vec::new() };
        if identity.basic_auth.is_some() {
            taken.classes.push("authorization".to_owned());
        }
        for pattern in &identity.strip {
            let list = if pattern.is_prefix() { &mut taken.beginnings } else { &mut taken.classes };
            list.push(pattern.class().to_owned());
        }
        taken
    }

    fn holds(&self, name: &[u8]) -> bool {
        self.classes.iter().any(|class| is_class(name, class)) || self.beginnings.iter().any(|class| begins_class(name, class))
    }
}

/// Whether a request header would tell an app who somebody is or where a request came from: never taken from a client.
pub(super) fn speaks_for_us(name: &[u8], taken: &Taken) -> bool {
    match name.first().map(|b| fold(*b)) {
        Some(b'x') if begins_class(name, "x-forwarded-") || begins_class(name, "x-guestgate-") || is_class(name, "x-real-ip") => true,
        // By these some frameworks take another path than the one that was judged.
        Some(b'x') if is_class(name, "x-original-url") || is_class(name, "x-rewrite-url") => true,
        Some(b'f') if is_class(name, "forwarded") => true,
        _ => taken.holds(name),
    }
}

/// Longest name that [`folded`] folds.
const LONGEST_FOLDED: usize = 32;

/// The class of a name in the space that is handed in; `None` where it does not fit, and so is none that we know.
fn folded<'s>(name: &[u8], space: &'s mut [u8; LONGEST_FOLDED]) -> Option<&'s [u8]> {
    let space = space.get_mut(..name.len())?;
    for (cell, byte) in space.iter_mut().zip(name) {
        *cell = fold(*byte);
    }
    Some(space)
}

/// Whether a header ends at this connection, in any spelling.
pub(super) fn is_hop_by_hop(name: &[u8]) -> bool {
    // Most fields begin with none of these.
    let may = name.first().is_some_and(|b| matches!(fold(*b), b'c' | b'h' | b'k' | b'p' | b't' | b'u'));
    may && folded(name, &mut [0; LONGEST_FOLDED]).is_some_and(is_hop_class)
}

/// Headers that belong to one connection and end there.
fn is_hop_class(class: &[u8]) -> bool {
    matches!(
        class,
        b"connection"
            | b"keep-alive"
            | b"proxy-authenticate"
            | b"proxy-authorization"
            | b"proxy-authentication-info"
            | b"proxy-connection"
            | b"te"
            | b"trailer"
            | b"transfer-encoding"
            | b"upgrade"
            | b"http2-settings"
    )
}

/// Whether a request header, in any spelling, is one that we write ourselves or that ends here.
pub(super) fn is_ours_to_say(name: &[u8]) -> bool {
    // Most fields of a browser begin with none of these.
    let may = name.first().is_some_and(|b| matches!(fold(*b), b'c' | b'e' | b'h' | b'k' | b'p' | b't' | b'u' | b'x'));
    may && folded(name, &mut [0; LONGEST_FOLDED])
        .is_some_and(|class| is_hop_class(class) || matches!(class, b"host" | b"expect" | b"x-request-id" | b"cookie" | b"content-length"))
}

/// The names that `Connection` lists.
pub(super) fn listed(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty())
}

/// Whether a list in a header holds this token, in any case.
pub(super) fn lists(value: &[u8], token: &str) -> bool {
    listed(value).any(|t| t.eq_ignore_ascii_case(token.as_bytes()))
}

/// A cookie of the given name among all lines of `Cookie`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'h> {
    /// It is not there.
    None,
    /// Its value, where it stands.
    One(&'h [u8]),
    /// It is there more than once: nobody knows which is ours.
    Several,
}

/// Finds a cookie by its exact name.
pub(super) fn find_cookie<'h>(lines: impl Iterator<Item = &'h [u8]>, name: &str) -> Found<'h> {
    let mut found = Found::None;
    for piece in lines.flat_map(pieces) {
        // No name that is looked for has `=` or blanks in it.
        let Some(behind) = piece.trim_ascii().strip_prefix(name.as_bytes()).map(<[u8]>::trim_ascii_start) else { continue };
        let value = match behind {
            [] => behind,
            [b'=', value @ ..] => value.trim_ascii_start(),
            _ => continue,
        };
        found = match found {
            Found::None => Found::One(value),
            Found::One(_) | Found::Several => return Found::Several,
        };
    }
    found
}

/// What stands between semicolons. Cookies are long, so they are not looked at byte by byte.
fn pieces(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        match memchr::memchr(b';', text).and_then(|at| text.split_at_checked(at)) {
            Some((piece, behind)) => {
                rest = behind.get(1..);
                Some(piece)
            }
            None => rest.take(),
        }
    })
}

/// Whether a cookie of this name is ours alone.
pub(super) fn is_our_cookie(name: &[u8]) -> bool {
    begins_class(name, "--host-guestgate")
}

/// Whether a line of `Cookie` holds one of ours.
pub(super) fn has_our_cookie(line: &[u8]) -> bool {
    pieces(line).any(|piece| is_ours(piece.trim_ascii()))
}

/// Whether a cookie with its value, without blanks around it, is ours.
fn is_ours(pair: &[u8]) -> bool {
    // Most cookies of apps begin with a letter.
    let may = pair.first().is_some_and(|b| !b.is_ascii_alphanumeric());
    may && is_our_cookie(pair.get(..memchr::memchr(b'=', pair).unwrap_or(pair.len())).unwrap_or_default().trim_ascii())
}

/// The cookies of a line that are not ours, as they were written.
pub(super) fn other_cookies(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    pieces(line).map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty() && !is_ours(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_identity_header_is_one_class() {
        let strip = ["X-Remote-User", "REMOTEUSER", "X_SSL-*"].iter().map(|text| text.parse().unwrap()).collect();
        let taken = Taken::of(&Identification { strip, ..Identification::default() });
        for forged in [
            "X-Forwarded-User",
            "x_forwarded_user",
            "X.Forwarded~Email",
            "X-FORWARDED-FOR",
            "x-forwarded-anything",
            "Forwarded",
            "forwardeD",
            "X_Real_IP",
            "x-guestgate-assertion",
            "X_GuestGate_Assertion",
            "X-Remote-User",
            "x_remote_user",
            "X!Remote#User",
            "RemoteUser",
            "X-SSL-Client_S_DN",
            "x_ssl_",
        ] {
            assert!(speaks_for_us(forged.as_bytes(), &taken), "{forged}");
        }
        for plain in ["X-Forwarded", "X-Remote-Users", "Authorization", "X-Real-IPs", "X-Requested-With", "Forwarded-Like", "Remote-User"] {
            assert!(!speaks_for_us(plain.as_bytes(), &taken), "{plain}");
        }
    }

    #[test]
    fn what_we_write_ourselves_is_known_in_every_spelling() {
        for name in [
            "Connection",
            "keep_alive",
            "PROXY-AUTHENTICATE",
            "proxy.authorization",
            "Proxy-Authentication_Info",
            "Proxy~Connection",
            "TE",
            "trailer",
            "Transfer_Encoding",
            "UPGRADE",
            "http2_settings",
        ] {
            assert!(is_hop_by_hop(name.as_bytes()) && is_ours_to_say(name.as_bytes()), "{name}");
        }
        for name in ["HOST", "Expect", "X_Request-Id", "cookie", "Content~Length"] {
            assert!(is_ours_to_say(name.as_bytes()) && !is_hop_by_hop(name.as_bytes()), "{name}");
        }
        for name in ["", "Connections", "Accept", "Cookie2", "Content-Type", "X-Request-Ids", "Upgrade-Insecure-Requests", "Keep"] {
            assert!(!is_ours_to_say(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn our_cookies_leave_and_others_stay() {
        for (line, left) in [
            ("a=1; __Host-guestgate=x.y; b=2", Some("a=1; b=2")),
            ("__Host-guestgate=x", None),
            ("__host_GUESTGATE-start=x;a=1", Some("a=1")),
            (" __Host-guestgate-flow = x ; a=1;", Some("a=1")),
            ("a=__Host-guestgate", Some("a=__Host-guestgate")),
            ("__Host-guestgate", None),
            ("a=\"b c\"; d", Some("a=\"b c\"; d")),
        ] {
            let pairs: Vec<&str> = other_cookies(line.as_bytes()).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
            assert_eq!(pairs.join("; "), left.unwrap_or_default(), "{line}");
        }
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_nobodys() {
        let find = |lines: &[&'static str]| find_cookie(lines.iter().map(|l| l.as_bytes()), "__Host-guestgate");
        assert_eq!(find(&["a=1; __Host-guestgate=x.y.z; __Host-guestgate-start=q"]), Found::One(b"x.y.z"));
        assert_eq!(find(&["__Host-guestgate=x; __Host-guestgate=x"]), Found::Several);
        assert_eq!(find(&["__Host-guestgate=x", "__Host-guestgate=y"]), Found::Several);
        assert_eq!(find(&["__host-guestgate=x"]), Found::None);
    }
}
