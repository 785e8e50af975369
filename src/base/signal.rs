//! The security events that systems tell each other of people (OpenID CAEP 1.0 and RISC 1.0), as far as we tell them.

use std::{fmt, str::FromStr};

/// What kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalKind {
    /// A session was ended, or all of a person.
    SessionRevoked,
    /// Somebody may not come any more, for now or for ever.
    AccountDisabled,
    /// Somebody may come again.
    AccountEnabled,
    /// What somebody signs in with has changed.
    CredentialChange,
}

/// The text is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the events are `session-revoked`, `account-disabled`, `account-enabled` and `credential-change`")]
pub struct UnknownSignal;

impl SignalKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SessionRevoked, Self::AccountDisabled, Self::AccountEnabled, Self::CredentialChange];

    /// As configurations name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionRevoked => "session-revoked",
            Self::AccountDisabled => "account-disabled",
            Self::AccountEnabled => "account-enabled",
            Self::CredentialChange => "credential-change",
        }
    }

    /// As security event tokens name it.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::SessionRevoked => "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
            Self::AccountDisabled => "https://schemas.openid.net/secevent/risc/event-type/account-disabled",
            Self::AccountEnabled => "https://schemas.openid.net/secevent/risc/event-type/account-enabled",
            Self::CredentialChange => "https://schemas.openid.net/secevent/caep/event-type/credential-change",
        }
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignalKind {
    type Err = UnknownSignal;

    fn from_str(text: &str) -> Result<Self, UnknownSignal> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownSignal)
    }
}
