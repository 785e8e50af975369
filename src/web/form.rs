//! Forms: from our own pages only, from the browser that we gave them to, and of a bounded size.

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{Cookies, read_cookie};
use crate::{
    base::{Digest, Span, Timestamp},
    identity::{KeyRing, Purpose},
};

/// Largest form, in bytes. Sealed state is the biggest part of it.
pub const LARGEST_FORM: usize = 16 * 1024;

/// The request does not come from a page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form was not sent from a page of this site")]
pub struct CrossSite;

/// What a form carries to show that this browser got it from us, for this use.
#[derive(Debug)]
pub struct FormToken;

/// How long a page may stay open before its form is void.
const LIFE: Span = Span::hours(12);

#[derive(Serialize, Deserialize)]
struct Body {
    u: String,
    b: String,
    e: i64,
}

/// Whether a request that changes something was sent by a page of this origin (`https://host`, with its port).
pub fn check_origin(headers: &HeaderMap, origin: &str) -> Result<(), CrossSite> {
    let one = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next();
        if all.next().is_some() { Err(CrossSite) } else { Ok(first) }
    };
    // Browsers set it and scripts cannot; where it stands, it alone decides.
    if let Some(site) = one("sec-fetch-site")? {
        return if site.as_bytes() == b"same-origin" { Ok(()) } else { Err(CrossSite) };
    }
    match one("origin")? {
        Some(from) if from.as_bytes() == origin.as_bytes() => Ok(()),
        Some(_) | None => Err(CrossSite),
    }
}

impl FormToken {
    /// A token for a form of this use on a page for this browser.
    pub fn make(keys: &KeyRing, form: &str, browser: &str, now: Timestamp) -> String {
        let body = Body { u: form.to_owned(), b: fingerprint(browser), e: now.plus(LIFE).as_millis() };
        serde_json::to_vec(&body).map(|bytes| keys.seal(Purpose::Form, &bytes)).unwrap_or_default()
    }

    /// Whether the token was made for this use and for the browser that sends it.
    pub fn fits(keys: &KeyRing, token: &str, form: &str, headers: &HeaderMap, now: Timestamp) -> bool {
        let Some(browser) = read_cookie(headers, Cookies::FLOW) else { return false };
        let body = keys.unseal(Purpose::Form, token).and_then(|bytes| serde_json::from_slice::<Body>(&bytes).ok());
        body.is_some_and(|body| body.u == form && body.b == fingerprint(browser) && now.as_millis() < body.e)
    }
}

fn fingerprint(browser: &str) -> String {
    Digest::of(browser.as_bytes()).as_bytes().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::MasterKey;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn only_our_own_pages_may_post() {
        const OURS: &str = "https://access.example.com:8443";
        for (sent, passes) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], true),
            (vec![("sec-fetch-site", "same-site"), ("origin", OURS)], false),
            (vec![("sec-fetch-site", "cross-site"), ("origin", OURS)], false),
            (vec![("sec-fetch-site", "none"), ("origin", OURS)], false),
            (vec![("origin", OURS)], true),
            (vec![("origin", "https://access.example.com")], false),
            (vec![("origin", "https://access.example.com:84430")], false),
            (vec![("origin", "http://access.example.com:8443")], false),
            (vec![("origin", "null")], false),
            (vec![("origin", OURS), ("origin", OURS)], false),
            (vec![], false),
        ] {
            assert_eq!(check_origin(&headers(&sent), OURS).is_ok(), passes, "{sent:?}");
        }
    }

    #[test]
    fn a_token_fits_one_form_one_browser_and_its_time() {
        let keys = KeyRing::new("https://access.example.com", &MasterKey::new([1; 32]), &[]).unwrap();
        let token = FormToken::make(&keys, "signout", "mine", NOW);
        let mine = headers(&[("cookie", "__Host-guestgate-flow=mine")]);
        let fits = |form: &str, headers: &HeaderMap, now| FormToken::fits(&keys, &token, form, headers, now);
        assert!(fits("signout", &mine, NOW));
        assert!(!fits("signin", &mine, NOW));
        assert!(!fits("signout", &headers(&[("cookie", "__Host-guestgate-flow=theirs")]), NOW));
        assert!(!fits("signout", &headers(&[]), NOW));
        assert!(!fits("signout", &mine, NOW.plus(LIFE)));
    }
}
