//! The way to a sign-in: sealed state in the portal's URL, bound to this browser by a cookie of the app host.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    base::{AppId, Entropy, SessionId, Timestamp},
    identity::{KeyRing, Needs, Start as Sealed},
    web::{Cookies, Keep, set_cookie},
};

use super::{names::Found, turned::Unmet};

/// Where a sign-in begins, and the cookie without which it does not end.
#[derive(Debug)]
pub(super) struct Start {
    /// At the portal.
    pub(super) url: String,
    /// The value of `Set-Cookie`.
    pub(super) cookie: String,
}

/// What a sign-in is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose<'a> {
    /// Which app asks.
    pub(super) app: &'a AppId,
    /// Where the browser goes afterwards: a path with its query.
    pub(super) target: &'a str,
    /// What must be proved.
    pub(super) needs: Needs,
    /// The session that asks for more.
    pub(super) asking: Option<SessionId>,
    /// The present.
    pub(super) now: Timestamp,
}

/// What a request lacks.
#[derive(Debug)]
pub(super) struct Demand {
    /// What must be proved.
    pub(super) needs: Needs,
    /// The session that lacks it.
    pub(super) asking: Option<SessionId>,
    /// On a challenge: what it is about.
    pub(super) unmet: Option<Unmet>,
}

impl Demand {
    /// There is no session.
    pub(super) const SESSION: Self = Self { needs: Needs::Session, asking: None, unmet: None };
}

/// A start cookie has this many characters.
const LENGTH: usize = 43;

impl Start {
    /// Begins a sign-in. A browser that has the cookie keeps it, so that several tabs can sign in at once.
    pub(super) fn begin(keys: &KeyRing, entropy: &dyn Entropy, portal: &str, had: Found<'_>, purpose: Purpose<'_>) -> Self {
        let browser = kept(had).unwrap_or_else(|| {
            let mut random = [0; 32];
            entropy.fill(&mut random);
            URL_SAFE_NO_PAD.encode(random)
        });
        let start = Sealed {
            app: purpose.app.clone(),
            target: purpose.target.to_owned(),
            browser: KeyRing::browser(&browser),
            issued: purpose.now,
            needs: purpose.needs,
            asking: purpose.asking,
        };
        let url = format!("{portal}/signin?start={}", start.seal(keys));
        Self { url, cookie: set_cookie(Cookies::START, &browser, Keep::Seconds(Sealed::LIFE.as_secs())) }
    }
}

/// The cookie that the browser has, if it is one of ours by its form.
fn kept(had: Found<'_>) -> Option<String> {
    let Found::One(value) = had else { return None };
    let ours = value.len() == LENGTH && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    std::str::from_utf8(value).ok().filter(|_| ours).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cookie_of_our_form_is_kept() {
        let ours = [b'a'; LENGTH];
        assert!(kept(Found::One(&ours)).is_some());
        assert!(kept(Found::One(&ours[1..])).is_none());
        assert!(kept(Found::One(&[b';'; LENGTH])).is_none());
        assert!(kept(Found::Several).is_none());
    }
}
