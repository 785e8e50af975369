//! Cookies with the `__Host-` prefix: read strictly, written with everything that keeps them on one host.

use http::HeaderMap;

/// The names of our cookies.
#[derive(Debug)]
pub struct Cookies;

impl Cookies {
    /// The session, on the portal and on every app host.
    pub const SESSION: &'static str = "__Host-guestgate";
    /// The browser at an app host that asked to be signed in.
    pub const START: &'static str = "__Host-guestgate-start";
    /// That this browser was seen before, and with which guest; on the portal.
    pub const DEVICE: &'static str = "__Host-guestgate-device";
    /// The browser at the portal: forms and flows are bound to it.
    pub const FLOW: &'static str = "__Host-guestgate-flow";
    /// The language that this browser's owner has chosen; on the portal.
    pub const LANGUAGE: &'static str = "__Host-guestgate-language";
}

/// How long a browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until it is closed.
    Browser,
    /// So many seconds.
    Seconds(i64),
}

/// The value of a cookie. `None` where it is missing, or there twice with different values: then nobody knows which is ours.
pub fn read_cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = None;
    for line in headers.get_all(http::header::COOKIE) {
        for pair in line.to_str().ok()?.split(';') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            if key.trim() == name {
                let value = value.trim();
                if found.is_some_and(|before| before != value) {
                    return None;
                }
                found = Some(value);
            }
        }
    }
    found.filter(|value| !value.is_empty())
}

/// The value of a `Set-Cookie` header. The value must be of our own making: base64url or a token.
pub fn set_cookie(name: &str, value: &str, keep: Keep) -> String {
    match keep {
        Keep::Browser => format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"),
        Keep::Seconds(seconds) => format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"),
    }
}

/// The value of a `Set-Cookie` header that takes a cookie away.
pub fn clear_cookie(name: &str) -> String {
    set_cookie(name, "", Keep::Seconds(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for line in lines {
            map.append("cookie", line.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_cookie_is_found_by_its_exact_name() {
        let map = headers(&["a=1; __Host-guestgate=x.y.z; __Host-guestgate-flow=q", "b=2"]);
        assert_eq!(read_cookie(&map, Cookies::SESSION), Some("x.y.z"));
        assert_eq!(read_cookie(&map, Cookies::FLOW), Some("q"));
        assert_eq!(read_cookie(&map, Cookies::START), None);
        assert_eq!(read_cookie(&headers(&["__host-guestgate=x"]), Cookies::SESSION), None);
    }

    #[test]
    fn two_different_values_are_none() {
        assert_eq!(read_cookie(&headers(&["k=1; k=2"]), "k"), None);
        assert_eq!(read_cookie(&headers(&["k=1", "k=1"]), "k"), Some("1"));
        assert_eq!(read_cookie(&headers(&["k="]), "k"), None);
    }
}
