//! What the portal can do about a challenge: the gateway sends nobody there in vain.

use crate::{config::Config, policy::Need};

/// Whether a person can take this step under this configuration.
pub fn offers(_config: &Config, need: &Need) -> bool {
    match need {
        Need::EmailCode | Need::FreshSignIn | Need::Terms(_) | Need::Approval | Need::Justification => true,
        Need::Passkey | Need::Totp | Need::SecondFactor | Need::Federated(_) | Need::ClientCertificate | Need::KnownDevice => false,
    }
}
