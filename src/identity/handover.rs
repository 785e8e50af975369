//! The way between hosts: an app asks the portal to sign somebody in, the portal hands the browser back.
//!
//! Both messages travel in a URL, sealed, and are bound to the browser that began by the digest of a `__Host-` cookie of the app host.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{KeyRing, Purpose};
use crate::{
    base::{AppId, Digest, FlowId, SessionId, Span, Timestamp},
    policy::{PolicyVersion, Unmet},
};

/// Longest sealed [`Start`], in bytes.
pub const LONGEST_START: usize = 2048;

/// An app asks for a signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Which app.
    #[serde(rename = "a")]
    pub app: AppId,
    /// Where the browser was going: a path with its query, on that app's host.
    #[serde(rename = "t")]
    pub target: String,
    /// The digest of the browser's `__Host-guestgate-start` cookie.
    #[serde(rename = "b", with = "digest")]
    pub browser: Digest,
    /// When it was asked.
    #[serde(rename = "i", with = "millis")]
    pub issued: Timestamp,
    /// What must be proved.
    #[serde(rename = "n")]
    pub needs: Needs,
    /// The app's session that asks for more: it ends when its successor is opened.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub asking: Option<SessionId>,
}

/// What an app needs of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Needs {
    /// A session; a live one at the portal will do.
    #[serde(rename = "s")]
    Session,
    /// Whatever is unmet of the app's policies.
    #[serde(rename = "m")]
    More {
        /// Whose requirements these are: under other policies they mean nothing.
        #[serde(rename = "v", with = "version")]
        policies: PolicyVersion,
        /// Which of them.
        #[serde(rename = "u", with = "bits")]
        unmet: Unmet,
    },
}

/// The portal hands a signed-in browser over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// To which app.
    #[serde(rename = "a")]
    pub app: AppId,
    /// The session at the portal of which the app's becomes a child.
    #[serde(rename = "r")]
    pub root: SessionId,
    /// The digest from the [`Start`]: only that browser may use it.
    #[serde(rename = "b", with = "digest")]
    pub browser: Digest,
    /// Where the browser was going.
    #[serde(rename = "t")]
    pub target: String,
    /// The session of this browser on that app which the new one replaces.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<SessionId>,
    /// Used once.
    #[serde(rename = "j")]
    pub jti: FlowId,
    /// Void from.
    #[serde(rename = "e", with = "millis")]
    pub expires: Timestamp,
}

impl Start {
    /// How long a browser may take from the app to the portal's first page and back.
    pub const LIFE: Span = Span::mins(10);

    /// For the URL: at most [`LONGEST_START`] bytes; a target that does not fit becomes `/`.
    pub fn seal(&self, keys: &KeyRing) -> String {
        let sealed = seal(keys, Purpose::Start, self);
        if sealed.len() <= LONGEST_START {
            return sealed;
        }
        seal(keys, Purpose::Start, &Self { target: "/".to_owned(), ..self.clone() })
    }

    /// What an app of ours sealed, while it is valid.
    pub fn unseal(keys: &KeyRing, sealed: &str, now: Timestamp) -> Option<Self> {
        let start: Self = unseal(keys, Purpose::Start, sealed, LONGEST_START)?;
        let fits = now < start.issued.plus(Self::LIFE) && start.target.starts_with('/');
        fits.then_some(start)
    }
}

impl Handover {
    /// How long the browser may take from the portal to the app.
    pub const LIFE: Span = Span::secs(60);

    /// For the URL.
    pub fn seal(&self, keys: &KeyRing) -> String {
        seal(keys, Purpose::Handover, self)
    }

    /// What the portal sealed for this app and this browser, while it is valid. Single use is the caller's to count, by `jti`.
    pub fn unseal(keys: &KeyRing, sealed: &str, to: (&AppId, Digest), now: Timestamp) -> Option<Self> {
        let (app, browser) = to;
        let handover: Self = unseal(keys, Purpose::Handover, sealed, 2 * LONGEST_START)?;
        let fits = handover.app == *app && handover.browser == browser && now < handover.expires && handover.target.starts_with('/');
        fits.then_some(handover)
    }
}

fn seal<T: Serialize>(keys: &KeyRing, purpose: Purpose, value: &T) -> String {
    serde_json::to_vec(value).map(|bytes| keys.seal(purpose, &bytes)).unwrap_or_default()
}

fn unseal<T: DeserializeOwned>(keys: &KeyRing, purpose: Purpose, sealed: &str, longest: usize) -> Option<T> {
    let bytes = if sealed.len() <= longest { keys.unseal(purpose, sealed)? } else { return None };
    serde_json::from_slice(&bytes).ok()
}

/// A digest inside sealed state, in base64url.
pub(crate) mod digest {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base::Digest;

    pub(crate) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&URL_SAFE_NO_PAD.encode(digest.as_bytes()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(D::Error::custom)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| D::Error::custom("a digest is 32 bytes"))?;
        Ok(Digest::from_bytes(bytes))
    }
}

/// A policy version as its text.
mod version {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::policy::PolicyVersion;

    pub(super) fn serialize<S: Serializer>(version: &PolicyVersion, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(version)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PolicyVersion, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A set of requirements as a hexadecimal number, which is short where few are unmet.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::policy::Unmet;

    pub(super) fn serialize<S: Serializer>(unmet: &Unmet, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:x}", unmet.to_bits()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Unmet, D::Error> {
        u128::from_str_radix(&String::deserialize(from)?, 16).map(Unmet::from_bits).map_err(D::Error::custom)
    }
}

/// An instant as a number, which is shorter than RFC 3339.
pub(crate) mod millis {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::base::Timestamp;

    pub(crate) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(instant.as_millis())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::super::MasterKey;
    use super::*;
    use crate::base::Id;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn keys() -> KeyRing {
        KeyRing::new("https://access.example.com", &MasterKey::new([1; 32]), &[]).unwrap()
    }

    fn app(id: &str) -> AppId {
        AppId::parse(id).unwrap()
    }

    fn start(target: &str) -> Start {
        Start {
            app: app("charts"),
            target: target.to_owned(),
            browser: Digest::of(b"cookie"),
            issued: NOW,
            needs: Needs::Session,
            asking: None,
        }
    }

    #[test]
    fn a_start_reads_back_while_it_is_valid() {
        let sealed = start("/a?b=c").seal(&keys());
        assert_eq!(Start::unseal(&keys(), &sealed, NOW), Some(start("/a?b=c")));
        let end = NOW.plus(Start::LIFE);
        assert!(Start::unseal(&keys(), &sealed, end.minus(Span::millis(1))).is_some());
        assert_eq!(Start::unseal(&keys(), &sealed, end), None);
    }

    #[test]
    fn a_start_is_never_longer_than_two_kibibytes() {
        for length in [1, 1000, 1200, 1300, 1400, 1500, 5000] {
            let target = format!("/{}", "\u{1}".repeat(length));
            let sealed = start(&target).seal(&keys());
            assert!(sealed.len() <= LONGEST_START, "{length}");
            let read = Start::unseal(&keys(), &sealed, NOW).unwrap().target;
            assert!(read == target || read == "/");
        }
        let fits = format!("/{}", "x".repeat(1200));
        assert_eq!(Start::unseal(&keys(), &start(&fits).seal(&keys()), NOW).unwrap().target, fits);
    }

    #[test]
    fn what_is_unmet_reads_back_with_the_policies_that_it_is_of() {
        let needs = Needs::More { policies: "0123456789abcdef".parse().unwrap(), unmet: Unmet::from_bits(1 << 127 | 5) };
        let asked = Start { needs, asking: Some(SessionId::from_bytes([3; 16])), ..start("/a") };
        assert_eq!(Start::unseal(&keys(), &asked.seal(&keys()), NOW), Some(asked));
    }

    #[test]
    fn a_handover_is_for_one_app_one_browser_and_a_minute() {
        let handover = Handover {
            app: app("charts"),
            root: SessionId::from_bytes([1; 16]),
            browser: Digest::of(b"cookie"),
            target: "/".to_owned(),
            replaces: None,
            jti: FlowId::from_bytes([2; 16]),
            expires: NOW.plus(Handover::LIFE),
        };
        let sealed = handover.seal(&keys());
        let open = |id: &str, cookie: &[u8], now| Handover::unseal(&keys(), &sealed, (&app(id), Digest::of(cookie)), now);
        assert_eq!(open("charts", b"cookie", NOW), Some(handover.clone()));
        assert_eq!(open("wiki", b"cookie", NOW), None);
        assert_eq!(open("charts", b"other", NOW), None);
        assert_eq!(open("charts", b"cookie", handover.expires), None);
        assert_eq!(Start::unseal(&keys(), &sealed, NOW), None);
    }
}
