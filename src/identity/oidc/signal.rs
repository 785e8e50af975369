//! The rules of a security event token (RFC 8417), as Shared Signals 1.0 and CAEP 1.0 send it: what has become of somebody's account or
//! session at a partner's provider.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Opened, Seconds, Several};
use crate::{
    base::{Digest, EmailAddress, Span, Timestamp},
    config::Provider,
};

/// What a security event token says.
#[derive(Debug, Clone, Deserialize)]
pub struct SignalClaims {
    iss: String,
    aud: Several,
    iat: Seconds,
    jti: String,
    #[serde(default)]
    events: Map<String, Value>,
    sub_id: Option<Value>,
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A session, or all of them, are no longer to be relied on.
    SessionRevoked,
    /// The account is disabled or gone.
    AccountDisabled,
    /// The transmitter only tries whether we listen.
    Verification,
    /// Something that we take note of and do nothing about.
    Other,
}

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The provider's own name for the person.
    Named(String),
    /// An address in the provider's domains.
    Address(EmailAddress),
}

/// One event, once every rule of its token holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What has happened.
    pub happened: Happened,
    /// The event's own name.
    pub event: String,
    /// To whom; a verification is about nobody.
    pub subject: Option<Subject>,
    /// In which session at the provider; else in all.
    pub session: Option<String>,
    /// Used once.
    pub once: Digest,
    /// From when it would be too old even if it came for the first time.
    pub until: Timestamp,
}

/// Why an event is not taken. RFC 8935 §2.4 has a word for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// It is another issuer's.
    #[error("the event is another issuer's")]
    Issuer,
    /// It is for somebody else.
    #[error("the event is for another receiver")]
    Audience,
    /// It is a token of another kind.
    #[error("this is no security event token, or not one with a single event")]
    Kind,
    /// It is too old.
    #[error("the event is too old")]
    Expired,
    /// It is from the future.
    #[error("the event is from the future")]
    NotYet,
    /// It names nobody whom the provider may speak for.
    #[error("the event names nobody whom this provider may speak for")]
    Nobody,
}

/// How long an event may be on its way: transmitters try again for days.
const LIFE: Span = Span::days(7);
/// The longest id or name that is looked at, in bytes.
const LONGEST: usize = 512;
const SESSION_REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const DISABLED: [&str; 2] = [
    "https://schemas.openid.net/secevent/risc/event-type/account-disabled",
    "https://schemas.openid.net/secevent/risc/event-type/account-purged",
];
const VERIFICATION: &str = "https://schemas.openid.net/secevent/ssf/event-type/verification";

impl SignalError {
    /// The word of RFC 8935 §2.4.
    pub fn word(self) -> &'static str {
        match self {
            Self::Issuer => "invalid_issuer",
            Self::Audience => "invalid_audience",
            Self::Kind | Self::Expired | Self::NotYet | Self::Nobody => "invalid_request",
        }
    }
}

/// Judges a security event token for a receiver at this address. Single use is the caller's to count, by [`Signal::once`].
pub fn signal(provider: &Provider, receiver: &str, token: &Opened<SignalClaims>, now: Timestamp) -> Result<Signal, SignalError> {
    let claims = &token.claims;
    if claims.iss != provider.issuer.as_str() {
        return Err(SignalError::Issuer);
    }
    if !claims.aud.0.iter().any(|aud| *aud == provider.client_id || aud == receiver) {
        return Err(SignalError::Audience);
    }
    // Typed, so that no ID token, access token or logout token passes for one (Shared Signals 1.0 §4.1).
    if token.kind.as_deref() != Some("secevent+jwt") || !usable(&claims.jti) {
        return Err(SignalError::Kind);
    }
    let mut events = claims.events.iter();
    let (Some((event, Value::Object(about))), None) = (events.next(), events.next()) else { return Err(SignalError::Kind) };
    let until = claims.iat.0.plus(LIFE).plus(provider.clock_skew);
    if now >= until {
        return Err(SignalError::Expired);
    }
    if now.plus(provider.clock_skew) < claims.iat.0 {
        return Err(SignalError::NotYet);
    }
    let happened = match event.as_str() {
        SESSION_REVOKED => Happened::SessionRevoked,
        VERIFICATION => Happened::Verification,
        event if DISABLED.contains(&event) => Happened::AccountDisabled,
        _ => Happened::Other,
    };
    // Before version 1.0 the subject stood within the event.
    let named = claims.sub_id.as_ref().or_else(|| about.get("subject"));
    let (subject, session) = named.map(|named| whom(provider, named)).unwrap_or_default();
    if subject.is_none() && session.is_none() && matches!(happened, Happened::SessionRevoked | Happened::AccountDisabled) {
        return Err(SignalError::Nobody);
    }
    let once = Digest::of(format!("signal\0{}\0{}", provider.issuer, claims.jti).as_bytes());
    Ok(Signal { happened, event: event.clone(), subject, session, once, until })
}

/// Who is named (RFC 9493), as far as the provider may speak for them, and which session.
fn whom(provider: &Provider, named: &Value) -> (Option<Subject>, Option<String>) {
    match text(named, "format").or_else(|| text(named, "subject_type")) {
        Some("iss_sub" | "iss-sub") => {
            let own = text(named, "iss") == Some(provider.issuer.as_str());
            (text(named, "sub").filter(|_| own).map(|sub| Subject::Named(sub.to_owned())), None)
        }
        Some("email") => {
            let address = text(named, "email").and_then(|email| EmailAddress::parse(email).ok());
            (address.filter(|address| provider.covers(address)).map(Subject::Address), None)
        }
        Some("complex") => {
            let user = named.get("user").and_then(|user| whom(provider, user).0);
            let session = named.get("session").filter(|id| text(id, "format") == Some("opaque")).and_then(|id| text(id, "id"));
            // A subject with more to it than we understand would be read as meaning more people than it does.
            let understood =
                named.as_object().is_some_and(|parts| parts.keys().all(|key| matches!(key.as_str(), "format" | "user" | "session")));
            if understood { (user, session.map(str::to_owned)) } else { (None, None) }
        }
        _ => (None, None),
    }
}

fn text<'v>(of: &'v Value, name: &str) -> Option<&'v str> {
    of.get(name)?.as_str().filter(|text| usable(text))
}

fn usable(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST
}
