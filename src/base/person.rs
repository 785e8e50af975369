//! What a person is, and the ways in which one can have proved it.

use std::{fmt, str::FromStr};

use super::{Name, Timestamp};

/// Guests come by invitation; members belong to the operator's own organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Invited.
    #[default]
    Guest,
    /// Named in `roles` or in an app's `owners`, or vouched for by a members' provider.
    Member,
}

/// A way of proving who one is. Written as in `signed-in-with`: `email-code`, `passkey`, `federated:contoso`, …
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    /// A code from a mail.
    EmailCode,
    /// A link from a mail.
    MagicLink,
    /// WebAuthn, with user verification.
    Passkey,
    /// An authenticator app.
    Totp,
    /// A recovery code; of the same kind as [`Factor::Totp`].
    RecoveryCode,
    /// The organisation's own OpenID provider.
    Federated {
        /// Which one.
        provider: Name,
        /// Whether the provider is trusted to say so and said that several factors were used.
        mfa: bool,
    },
    /// A certificate on the connection.
    ClientCertificate,
}

/// A factor that was shown, and when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Proof {
    /// Which factor.
    pub factor: Factor,
    /// When it was shown.
    pub at: Timestamp,
}

/// The text names no factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown sign-in method `{0}`")]
pub struct UnknownFactor(pub String);

impl Kind {
    /// `guest` or `member`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Factor {
    /// The method without its provider: a closed set, fit for a metric's label.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::EmailCode => "email-code",
            Self::MagicLink => "magic-link",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery-code",
            Self::Federated { .. } => "federated",
            Self::ClientCertificate => "client-certificate",
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Federated { provider, mfa: false } => write!(f, "federated:{provider}"),
            Self::Federated { provider, mfa: true } => write!(f, "federated-mfa:{provider}"),
            Self::EmailCode | Self::MagicLink | Self::Passkey | Self::Totp | Self::RecoveryCode | Self::ClientCertificate => {
                f.write_str(self.method())
            }
        }
    }
}

impl FromStr for Factor {
    type Err = UnknownFactor;

    fn from_str(text: &str) -> Result<Self, UnknownFactor> {
        let unknown = || UnknownFactor(text.to_owned());
        if let Some((method, provider)) = text.split_once(':') {
            let provider = Name::parse(provider).map_err(|_| unknown())?;
            return match method {
                "federated" => Ok(Self::Federated { provider, mfa: false }),
                "federated-mfa" => Ok(Self::Federated { provider, mfa: true }),
                _ => Err(unknown()),
            };
        }
        [Self::EmailCode, Self::MagicLink, Self::Passkey, Self::Totp, Self::RecoveryCode, Self::ClientCertificate]
            .into_iter()
            .find(|f| f.method() == text)
            .ok_or_else(unknown)
    }
}

impl serde::Serialize for Factor {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Factor {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
