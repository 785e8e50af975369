//! Security events that we tell others (RFC 8417, OpenID Shared Signals 1.0), signed.

use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::{Value, json};

use super::KeyRing;
use crate::base::{SignalKind, Timestamp};

/// What one says.
#[derive(Debug, Clone)]
pub struct SecurityEvent<'e> {
    /// Its name, the same each time that it is sent.
    pub jti: &'e str,
    /// Whom it is for.
    pub aud: &'e str,
    /// Whom it is about (RFC 9493).
    pub subject: Value,
    /// What happened.
    pub kind: SignalKind,
    /// What else there is to say of that.
    pub claims: Value,
    /// When it was written.
    pub iat: Timestamp,
}

/// What it is.
const TYPE: &str = "secevent+jwt";

impl KeyRing {
    /// The signed event, which the keys of [`KeyRing::signal_jwks`] verify. Empty if the library refuses, which nobody accepts.
    pub fn security_event(&self, event: &SecurityEvent<'_>) -> String {
        let body = json!({
            "iss": self.issuer, "aud": event.aud, "jti": event.jti, "iat": event.iat.as_secs(),
            "sub_id": event.subject, "events": { event.kind.uri(): event.claims },
        });
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.current.signal.kid.clone());
        encode(&header, &body, &self.current.signal.sign).unwrap_or_default()
    }
}
