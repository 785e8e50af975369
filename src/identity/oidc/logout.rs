//! The rules of a logout token (OpenID Connect Back-Channel Logout 1.0).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Opened, Seconds, Several};
use crate::{
    base::{Digest, Span, Timestamp},
    config::Provider,
};

/// What a logout token says.
#[derive(Debug, Clone, Deserialize)]
pub struct LogoutClaims {
    iss: String,
    aud: Several,
    iat: Seconds,
    exp: Option<Seconds>,
    jti: String,
    #[serde(default)]
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    nonce: Option<Value>,
}

/// Whose sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    /// Of whom, by the provider's own name.
    pub subject: Option<String>,
    /// Of which of the provider's sessions; else all of that person.
    pub session: Option<String>,
    /// Used once.
    pub once: Digest,
    /// From when it would be too old even if it came for the first time.
    pub until: Timestamp,
}

/// Why nobody is signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoutError {
    /// It is another issuer's.
    #[error("the logout token is another issuer's")]
    Issuer,
    /// It is for somebody else.
    #[error("the logout token is for another client")]
    Audience,
    /// It is a token of another kind.
    #[error("this is no logout token")]
    Kind,
    /// It is too old.
    #[error("the logout token has expired")]
    Expired,
    /// It is from the future.
    #[error("the logout token is from the future")]
    NotYet,
    /// It names nobody.
    #[error("the logout token does not say who is signed out")]
    Nobody,
}

/// The event that it must tell of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long a token may be on its way.
const LIFE: Span = Span::mins(10);
/// The longest id or name that is looked at, in bytes.
const LONGEST: usize = 512;

/// Judges a logout token. Single use is the caller's to count, by [`Logout::once`].
pub fn logout(provider: &Provider, token: &Opened<LogoutClaims>, now: Timestamp) -> Result<Logout, LogoutError> {
    let claims = &token.claims;
    let skew = provider.clock_skew;
    if claims.iss != provider.issuer.as_str() {
        return Err(LogoutError::Issuer);
    }
    if claims.aud.0 != [provider.client_id.clone()] {
        return Err(LogoutError::Audience);
    }
    // An ID token must not sign anybody out, nor a logout token anybody in: this one has the event, that one the nonce.
    let kind = token.kind.as_deref().is_none_or(|kind| matches!(kind, "jwt" | "logout+jwt"));
    if !kind || claims.nonce.is_some() || !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(LogoutError::Kind);
    }
    let until = claims.exp.map_or(claims.iat.0.plus(LIFE), |exp| exp.0.min(claims.iat.0.plus(LIFE))).plus(skew);
    if now >= until {
        return Err(LogoutError::Expired);
    }
    if now.plus(skew) < claims.iat.0 {
        return Err(LogoutError::NotYet);
    }
    let usable = |text: &str| !text.is_empty() && text.len() <= LONGEST;
    let (subject, session) = (claims.sub.clone(), claims.sid.clone());
    if (subject.is_none() && session.is_none()) || !subject.iter().chain(&session).chain([&claims.jti]).all(|text| usable(text)) {
        return Err(LogoutError::Nobody);
    }
    let once = Digest::of(format!("logout\0{}\0{}", provider.issuer, claims.jti).as_bytes());
    Ok(Logout { subject, session, once, until })
}
