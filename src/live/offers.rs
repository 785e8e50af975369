//! What the portal can do about a challenge: the gateway sends nobody there in vain.

use crate::{config::Config, policy::Need};

/// Whether a person can take this step under this configuration.
pub fn offers(config: &Config, need: &Need) -> bool {
    match need {
        Need::EmailCode | Need::FreshSignIn | Need::Terms(_) | Need::Approval | Need::Justification => true,
        Need::Passkey => config.identity.passkeys,
        Need::Totp => config.identity.totp,
        Need::SecondFactor => {
            config.identity.passkeys || config.identity.totp || config.identity.providers.iter().any(|provider| provider.trust_mfa)
        }
        Need::Federated(name) => config.identity.providers.iter().any(|provider| name.as_ref().is_none_or(|name| provider.id == *name)),
        Need::ClientCertificate => config.tls.certificate_host.is_some(),
        Need::KnownDevice => false,
    }
}
