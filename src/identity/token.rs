//! Tokens that others show us or that we show others: the session cookie (HS256) and the assertion for upstreams (ES256).
//!
//! The library reads and signs; issuer, audience, type and time are judged here, by our clock and half-open: a token is void in the
//! second of its `exp`.

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::{KeyRing, keys::SigningKey};
use crate::base::{Digest, EmailAddress, Factor, GuestId, Host, InvitationId, Kind, Name, SessionId, Span, Timestamp};

/// Longest session token, in bytes.
pub const LONGEST_TOKEN: usize = 1024;
/// Longest life of an assertion.
pub const LONGEST_ASSERTION_LIFE: Span = Span::mins(5);

/// What a session cookie says. Everything that can change is looked up by `sid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaims {
    /// The one host where it holds.
    pub aud: Host,
    /// Whose.
    pub sub: GuestId,
    /// Which session.
    pub sid: SessionId,
    /// The invitation it descends from; a member has none.
    pub inv: Option<InvitationId>,
    /// Made at.
    pub iat: Timestamp,
    /// Void from.
    pub exp: Timestamp,
}

/// What an upstream is told about a request's guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionClaims {
    /// The app's host.
    pub aud: Host,
    /// Whose request.
    pub sub: GuestId,
    /// The address.
    pub email: EmailAddress,
    /// Guest or member.
    pub kind: Kind,
    /// Groups, sorted.
    pub groups: Vec<Name>,
    /// The role in this app.
    pub role: Option<Name>,
    /// How the guest signed in.
    pub amr: Vec<Factor>,
    /// When the guest last proved it.
    pub auth_time: Timestamp,
    /// The session at this app, as security events name it. It is no secret: it opens nothing.
    pub sid: SessionId,
    /// The invitation; a member has none.
    pub inv: Option<InvitationId>,
    /// Made at.
    pub iat: Timestamp,
    /// Void from; cut to [`LONGEST_ASSERTION_LIFE`] after `iat`.
    pub exp: Timestamp,
    /// Why the guest uses the app, where a policy asks for it.
    pub justification: Option<String>,
}

/// Why a token is void. For counting and logs; whoever showed it learns only that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of ours by its form, or too long.
    #[error("the token is malformed")]
    Malformed,
    /// No key of ours has this name.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// Signature, algorithm or type do not fit.
    #[error("the token was not made by this gateway")]
    Forged,
    /// Made by another portal.
    #[error("the token is another issuer's")]
    Issuer,
    /// Made for another host.
    #[error("the token is for another host")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is from the future")]
    NotYet,
}

/// How far gateways' clocks may differ: a token from another one may seem to be made a little later than now.
const SKEW: Span = Span::secs(60);
const SESSION_TYPE: &str = "gg+jwt";
const ASSERTION_TYPE: &str = "JWT";

#[derive(Serialize, Deserialize)]
struct SessionBody {
    iss: String,
    aud: String,
    sub: GuestId,
    sid: SessionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inv: Option<InvitationId>,
    iat: i64,
    exp: i64,
}

#[derive(Serialize)]
struct AssertionBody<'c> {
    iss: &'c str,
    aud: &'c str,
    sub: GuestId,
    email: &'c EmailAddress,
    kind: Kind,
    groups: &'c [Name],
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'c Name>,
    amr: &'c [Factor],
    auth_time: i64,
    sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    inv: Option<InvitationId>,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'c str>,
}

impl KeyRing {
    /// The signed session token. Empty if the library refuses, which nobody accepts.
    pub fn session_token(&self, claims: &SessionClaims) -> String {
        let body = SessionBody {
            iss: self.issuer.clone(),
            aud: claims.aud.as_str().to_owned(),
            sub: claims.sub,
            sid: claims.sid,
            inv: claims.inv,
            iat: claims.iat.as_secs(),
            exp: claims.exp.as_secs(),
        };
        encode(&header(Algorithm::HS256, SESSION_TYPE, &self.current.session), &body, &self.current.session.sign).unwrap_or_default()
    }

    /// What a session token says, if it is ours, for this host and still valid.
    pub fn verify_session(&self, token: &[u8], aud: &Host, now: Timestamp) -> Result<SessionClaims, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::Malformed);
        }
        let named = decode_header(token).map_err(|_| TokenError::Malformed)?;
        if named.alg != Algorithm::HS256 || named.typ.as_deref() != Some(SESSION_TYPE) || named.crit.is_some() {
            return Err(TokenError::Forged);
        }
        let kid = named.kid.ok_or(TokenError::UnknownKey)?;
        let key = self.all().map(|set| &set.session).find(|key| key.kid == kid).ok_or(TokenError::UnknownKey)?;
        let body = decode::<SessionBody>(token, &key.verify, &signature_only()).map_err(|_| TokenError::Forged)?.claims;
        self.judge(&body, aud, now)
    }

    fn judge(&self, body: &SessionBody, aud: &Host, now: Timestamp) -> Result<SessionClaims, TokenError> {
        if body.iss != self.issuer {
            return Err(TokenError::Issuer);
        }
        if body.aud != aud.as_str() {
            return Err(TokenError::Audience);
        }
        let (iat, exp) = (instant(body.iat), instant(body.exp));
        if now >= exp {
            return Err(TokenError::Expired);
        }
        if now.plus(SKEW) < iat {
            return Err(TokenError::NotYet);
        }
        Ok(SessionClaims { aud: aud.clone(), sub: body.sub, sid: body.sid, inv: body.inv, iat, exp })
    }

    /// The signed assertion for an upstream. Empty if the library refuses, which nobody accepts.
    pub fn assertion(&self, claims: &AssertionClaims) -> String {
        let body = AssertionBody {
            iss: &self.issuer,
            aud: claims.aud.as_str(),
            sub: claims.sub,
            email: &claims.email,
            kind: claims.kind,
            groups: &claims.groups,
            role: claims.role.as_ref(),
            amr: &claims.amr,
            auth_time: claims.auth_time.as_secs(),
            sid: claims.sid,
            inv: claims.inv,
            iat: claims.iat.as_secs(),
            exp: claims.exp.min(claims.iat.plus(LONGEST_ASSERTION_LIFE)).as_secs(),
            justification: claims.justification.as_deref(),
        };
        encode(&header(Algorithm::ES256, ASSERTION_TYPE, &self.current.assertion), &body, &self.current.assertion.sign).unwrap_or_default()
    }

    /// The public keys that verify assertions, as a JWK set.
    pub fn jwks(&self) -> String {
        let keys: Vec<_> = self.all().map(|set| set.public.jwk(&set.assertion.kid)).collect();
        serde_json::json!({ "keys": keys }).to_string()
    }

    /// What stands for a cookie of a browser in sealed state and in the store.
    pub fn browser(cookie: &str) -> Digest {
        Digest::of(cookie.as_bytes())
    }
}

fn header(alg: Algorithm, typ: &str, key: &SigningKey) -> Header {
    let mut header = Header::new(alg);
    header.typ = Some(typ.to_owned());
    header.kid = Some(key.kid.clone());
    header
}

/// The library checks the signature and nothing else: it would ask the machine for the time.
fn signature_only() -> Validation {
    let mut only = Validation::new(Algorithm::HS256);
    only.required_spec_claims.clear();
    only.validate_exp = false;
    only.validate_nbf = false;
    only.validate_aud = false;
    only
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::super::MasterKey;
    use super::*;
    use crate::base::Id;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn ring(issuer: &str, current: u8, previous: &[u8]) -> KeyRing {
        let previous: Vec<_> = previous.iter().map(|b| MasterKey::new([*b; 32])).collect();
        KeyRing::new(issuer, &MasterKey::new([current; 32]), &previous).unwrap()
    }

    fn keys() -> KeyRing {
        ring("https://access.example.com", 1, &[])
    }

    fn host(name: &str) -> Host {
        Host::parse(name).unwrap()
    }

    fn claims() -> SessionClaims {
        SessionClaims {
            aud: host("charts.example.com"),
            sub: GuestId::from_bytes([1; 16]),
            sid: SessionId::from_bytes([2; 16]),
            inv: Some(InvitationId::from_bytes([3; 16])),
            iat: NOW,
            exp: NOW.plus(Span::hours(1)),
        }
    }

    fn forged(header: &serde_json::Value, body: &str, signature: &str) -> String {
        format!("{}.{body}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    #[test]
    fn a_session_token_reads_back_and_is_short() {
        let token = keys().session_token(&claims());
        assert!(token.len() < 450, "{}", token.len());
        assert_eq!(keys().verify_session(token.as_bytes(), &claims().aud, NOW), Ok(claims()));
        let member = SessionClaims { inv: None, ..claims() };
        assert_eq!(keys().verify_session(keys().session_token(&member).as_bytes(), &member.aud, NOW), Ok(member));
    }

    #[test]
    fn a_token_for_one_host_is_void_at_another() {
        let token = keys().session_token(&claims());
        for other in ["access.example.com", "example.com", "xcharts.example.com", "charts.example.co"] {
            assert_eq!(keys().verify_session(token.as_bytes(), &host(other), NOW), Err(TokenError::Audience));
        }
        let elsewhere = ring("https://other.example.com", 1, &[]);
        assert_eq!(elsewhere.verify_session(token.as_bytes(), &claims().aud, NOW), Err(TokenError::Issuer));
    }

    #[test]
    fn a_token_is_valid_from_its_iat_less_the_skew_until_just_before_its_exp() {
        let token = keys().session_token(&claims());
        let at = |now| keys().verify_session(token.as_bytes(), &claims().aud, now).map(|_| ());
        assert_eq!(at(claims().exp.minus(Span::millis(1))), Ok(()));
        assert_eq!(at(claims().exp), Err(TokenError::Expired));
        assert_eq!(at(NOW.minus(SKEW)), Ok(()));
        assert_eq!(at(NOW.minus(SKEW).minus(Span::millis(1))), Err(TokenError::NotYet));
    }

    #[test]
    fn algorithm_type_and_key_are_ours_or_the_token_is_void() {
        let token = keys().session_token(&claims());
        let parts: Vec<&str> = token.split('.').collect();
        let kid = &keys().current.session.kid;
        let check = |header: serde_json::Value, signature: &str| {
            keys().verify_session(forged(&header, parts[1], signature).as_bytes(), &claims().aud, NOW).map(|_| ())
        };
        for alg in ["none", "None", "HS384", "ES256", "RS256"] {
            for signature in ["", parts[2]] {
                let header = serde_json::json!({ "typ": SESSION_TYPE, "alg": alg, "kid": kid });
                assert!(matches!(check(header, signature), Err(TokenError::Malformed | TokenError::Forged)), "{alg}");
            }
        }
        let header = |typ: &str, kid: &str| serde_json::json!({ "typ": typ, "alg": "HS256", "kid": kid });
        assert_eq!(check(header("JWT", kid), parts[2]), Err(TokenError::Forged));
        assert_eq!(check(header(SESSION_TYPE, "AAAAAAAAAAA"), parts[2]), Err(TokenError::UnknownKey));
        assert_eq!(check(header(SESSION_TYPE, &keys().current.assertion.kid), parts[2]), Err(TokenError::UnknownKey));
        assert_eq!(check(serde_json::json!({ "typ": SESSION_TYPE, "alg": "HS256" }), parts[2]), Err(TokenError::UnknownKey));
        assert_eq!(keys().verify_session("a".repeat(LONGEST_TOKEN + 1).as_bytes(), &claims().aud, NOW), Err(TokenError::Malformed));
    }

    #[test]
    fn a_retired_key_verifies_while_it_is_in_the_ring() {
        let old = ring("https://access.example.com", 1, &[]).session_token(&claims());
        let overlapping = ring("https://access.example.com", 2, &[1]);
        assert!(overlapping.verify_session(old.as_bytes(), &claims().aud, NOW).is_ok());
        assert_eq!(overlapping.jwks().matches("\"kid\"").count(), 2);
        let after = ring("https://access.example.com", 2, &[]);
        assert_eq!(after.verify_session(old.as_bytes(), &claims().aud, NOW), Err(TokenError::UnknownKey));
    }

    #[test]
    fn the_published_key_verifies_an_assertion() {
        let claims = AssertionClaims {
            aud: host("charts.example.com"),
            sub: GuestId::from_bytes([1; 16]),
            email: EmailAddress::parse("ann@partner.example").unwrap(),
            kind: Kind::Guest,
            groups: vec![Name::parse("clinic").unwrap()],
            role: None,
            amr: vec![Factor::EmailCode],
            auth_time: NOW,
            sid: SessionId::from_bytes([2; 16]),
            inv: None,
            iat: NOW,
            exp: NOW.plus(Span::hours(9)),
            justification: Some("a look at the figures".to_owned()),
        };
        let token = keys().assertion(&claims);
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys().jwks()).unwrap();
        let kid = decode_header(&token).unwrap().kid.unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["charts.example.com"]);
        validation.set_issuer(&["https://access.example.com"]);
        validation.validate_exp = false;
        let read = decode::<serde_json::Value>(&token, &key, &validation).unwrap().claims;
        assert_eq!(read["exp"].as_i64().unwrap() - read["iat"].as_i64().unwrap(), 300);
        assert_eq!((&read["email"], &read["amr"][0]), (&"ann@partner.example".into(), &"email-code".into()));
        assert_eq!(read["sid"], SessionId::from_bytes([2; 16]).to_string());
        assert!(keys().verify_session(token.as_bytes(), &claims.aud, NOW).is_err(), "an assertion is no session");
    }

    proptest! {
        #[test]
        fn no_changed_token_is_accepted(at in 0_usize..300, flip in 1_u8..=255) {
            let mut token = keys().session_token(&claims()).into_bytes();
            let ix = at % token.len();
            token[ix] ^= flip;
            prop_assert!(keys().verify_session(&token, &claims().aud, NOW).is_err());
        }

        #[test]
        fn arbitrary_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(keys().verify_session(&bytes, &claims().aud, NOW).is_err());
        }
    }
}
