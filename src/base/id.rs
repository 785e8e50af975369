//! Identifiers: 16 random bytes, written as 22 characters of base64url.
//!
//! One newtype for each kind of thing, so that a session is never ended by a guest's id.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Randomness, handed in by whoever assembles the process.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Fills the whole buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// What is wrong with the text of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 22 characters of A-Z, a-z, 0-9, `-` and `_`")]
pub struct IdError;

/// What every id offers.
pub trait Id: Copy + Eq + fmt::Display + FromStr<Err = IdError> {
    /// The id made of these bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self;
    /// The bytes of the id.
    fn to_bytes(self) -> [u8; 16];
    /// A new id.
    fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self::from_bytes(bytes)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl Id for $name {
            fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }
            fn to_bytes(self) -> [u8; 16] { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 22];
                match URL_SAFE_NO_PAD.encode_slice(self.0, &mut text) {
                    Ok(n) => f.write_str(std::str::from_utf8(text.get(..n).unwrap_or_default()).unwrap_or_default()),
                    Err(_) => Err(fmt::Error),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; 16];
                match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
                    Ok(16) if text.len() == 22 => Ok(Self(bytes)),
                    Ok(_) | Err(_) => Err(IdError),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.collect_str(self) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A guest or a member: one person with one address.
    GuestId,
    /// An invitation; every session descends from one.
    InvitationId,
    /// The right of one guest to reach one app.
    GrantId,
    /// A session: a root on the portal host, or its child on an app host.
    SessionId,
    /// One person's way through a sign-in or an acceptance, from the first form to the session.
    FlowId,
    /// An entry of the audit log.
    EventId,
    /// A passkey of a guest.
    PasskeyId,
    /// A mail in the outbox; also the stable part of its message id.
    MailId,
    /// Something that somebody asks for, which others decide.
    RequestId,
    /// A token for programs.
    TokenId,
    /// An access review of one app.
    ReviewId,
    /// What was decided about one access in a review.
    VerdictId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = GuestId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("short".parse::<GuestId>(), Err(IdError));
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAB".parse::<GuestId>(), Err(IdError), "trailing bits must be zero");
    }
}
