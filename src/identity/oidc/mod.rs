//! What must hold before anybody is believed to be whom a partner's OpenID provider names.
//!
//! A provider is asked a [`Question`]; what it signs is opened by its [`ProviderKeys`] and judged here, by our clock, against that question
//! and the configuration. Fetching documents and keys is `outbound`'s; what follows for a guest is `directory`'s.

mod id_token;
mod keys;
mod logout;
mod signal;
#[cfg(test)]
mod tests;

pub use id_token::{ClaimError, IdClaims, UserInfo, id_token};
pub use keys::{KeyFault, Opened, ProviderKeys};
pub use logout::{Logout, LogoutClaims, LogoutError, logout};
pub use signal::{Happened, Signal, SignalClaims, SignalError, Subject, signal};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::{Entropy, Timestamp};

/// What we ask a provider, once: its secrets never leave us but through its own channels.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What the token must carry.
    #[serde(rename = "n")]
    pub nonce: String,
    /// What redeems the code (PKCE): only its hash is told with the question.
    #[serde(rename = "v")]
    pub verifier: String,
    /// When it was asked.
    #[serde(rename = "i", with = "super::millis")]
    pub asked: Timestamp,
    /// Whether somebody is to sign in anew, whatever session there is.
    #[serde(rename = "f", default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
}

impl Question {
    /// A new one.
    pub fn new(entropy: &dyn Entropy, asked: Timestamp, fresh: bool) -> Self {
        let random = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { nonce: random(), verifier: random(), asked, fresh }
    }
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question").field("asked", &self.asked).field("fresh", &self.fresh).finish_non_exhaustive()
    }
}

/// One value or several, as `aud` is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Several(Vec<String>);

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            One(String),
            More(Vec<String>),
        }
        Ok(Self(match Form::deserialize(from)? {
            Form::One(one) => vec![one],
            Form::More(list) => list,
        }))
    }
}

/// Seconds since the epoch, which may have a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seconds(Timestamp);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(from)?;
        // Whole milliseconds up to the year 9999; what lies outside is nobody's clock.
        if !(0.0..=253_402_300_799.0).contains(&number) {
            return Err(serde::de::Error::custom("not a time"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "the bounds were looked at")]
        Ok(Self(Timestamp::from_millis((number * 1000.0) as i64)))
    }
}

/// Whether two texts are the same, without telling by its time where they differ.
fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
