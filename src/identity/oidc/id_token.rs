//! The rules of an ID token, and what of it is believed.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use super::{Opened, Question, Seconds, Several, same};
use crate::{
    base::{EmailAddress, Name, Span, Timestamp},
    config::{EmailVerified, Provider},
    directory::Vouched,
};

/// What an ID token says, as far as we listen.
#[derive(Debug, Clone, Deserialize)]
pub struct IdClaims {
    iss: String,
    /// Who it is, by the provider's own name.
    pub(super) sub: String,
    aud: Several,
    azp: Option<String>,
    exp: Seconds,
    iat: Seconds,
    nbf: Option<Seconds>,
    nonce: Option<String>,
    auth_time: Option<Seconds>,
    acr: Option<String>,
    #[serde(default)]
    amr: Value,
    at_hash: Option<String>,
    sid: Option<String>,
    #[serde(flatten)]
    person: Person,
}

/// What the provider's page about a person says.
#[derive(Debug, Clone, Deserialize)]
pub struct UserInfo {
    sub: String,
    #[serde(flatten)]
    person: Person,
}

/// What is said of a person.
#[derive(Debug, Clone, Default, Deserialize)]
struct Person {
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    name: Option<String>,
    hd: Option<String>,
    /// What else is said: the groups are under a name that each provider chooses.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It is another issuer's.
    #[error("the token is another issuer's")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another client")]
    Audience,
    /// It answers another question, or none.
    #[error("the token does not answer our question")]
    Nonce,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is from the future")]
    NotYet,
    /// The access token that came with it belongs to another.
    #[error("the access token belongs to another ID token")]
    AccessToken,
    /// It names nobody, or in a way that cannot be kept.
    #[error("the token does not say who it is")]
    Subject,
    /// The page about the person is about another one.
    #[error("the provider speaks of two people")]
    OtherPerson,
    /// The address is none, or lies outside the provider's domains.
    #[error("the address is not one that this provider may vouch for")]
    Domain,
    /// Nobody says that the address is read by that person.
    #[error("the provider does not say that the address is verified")]
    Unverified,
}

impl IdClaims {
    /// Whether what is needed of a person is not in the token, so that the provider's page about them must be asked.
    pub fn wants_more(&self) -> bool {
        self.person.email.is_none()
    }
}

/// The longest life of a token that we would believe, whatever it says itself.
const LONGEST_LIFE: Span = Span::hours(24);
/// The longest name of a person at the provider, in bytes: twice what the protocol allows.
const LONGEST_SUBJECT: usize = 512;
const LONGEST_NAME: usize = 100;
/// So many groups of one person are kept.
const MOST_GROUPS: usize = 200;
/// Says of each address whether the organisation has given it out, where others may have one at a domain, too.
const GOOGLE: &str = "https://accounts.google.com";

/// Judges a token that answers our question, with the access token and the page about the person that came with it.
pub fn id_token(
    provider: &Provider,
    question: &Question,
    token: &Opened<IdClaims>,
    (access, about): (Option<&str>, Option<&UserInfo>),
    now: Timestamp,
) -> Result<Vouched, ClaimError> {
    let claims = &token.claims;
    let skew = provider.clock_skew;
    if claims.iss != provider.issuer.as_str() {
        return Err(ClaimError::Issuer);
    }
    audience(provider, claims)?;
    // What names itself something else is something else, such as an access token or a logout token.
    if token.kind.as_deref().is_some_and(|kind| kind != "jwt") {
        return Err(ClaimError::Audience);
    }
    if !claims.nonce.as_deref().is_some_and(|nonce| same(nonce, &question.nonce)) {
        return Err(ClaimError::Nonce);
    }
    if now >= claims.exp.0.plus(skew) || now >= claims.iat.0.plus(LONGEST_LIFE) {
        return Err(ClaimError::Expired);
    }
    // It cannot have been made before it was asked for.
    if claims.iat.0.plus(skew) < question.asked.minus(SECOND) {
        return Err(ClaimError::Expired);
    }
    if now.plus(skew) < claims.iat.0 || claims.nbf.is_some_and(|nbf| now.plus(skew) < nbf.0) {
        return Err(ClaimError::NotYet);
    }
    if let Some(expected) = &claims.at_hash
        && !access.is_some_and(|access| hash_fits(token.algorithm, access, expected))
    {
        return Err(ClaimError::AccessToken);
    }
    vouched(provider, question, claims, about, now)
}

/// Tokens count in whole seconds.
const SECOND: Span = Span::secs(1);

/// It is for us; of several, we are the one that it was made for.
fn audience(provider: &Provider, claims: &IdClaims) -> Result<(), ClaimError> {
    let us = |text: &String| *text == provider.client_id;
    let ours = claims.aud.0.iter().any(us) && claims.azp.as_ref().is_none_or(us);
    // Others in the audience are nobody whom we trust.
    if ours && claims.aud.0.len() == 1 { Ok(()) } else { Err(ClaimError::Audience) }
}

/// What is believed of a token that is right.
fn vouched(
    provider: &Provider,
    question: &Question,
    claims: &IdClaims,
    about: Option<&UserInfo>,
    now: Timestamp,
) -> Result<Vouched, ClaimError> {
    let usable = |text: &str, longest: usize| !text.is_empty() && text.len() <= longest && !text.chars().any(char::is_control);
    if !usable(&claims.sub, LONGEST_SUBJECT) {
        return Err(ClaimError::Subject);
    }
    if about.is_some_and(|about| about.sub != claims.sub) {
        return Err(ClaimError::OtherPerson);
    }
    let person = match about {
        Some(about) if claims.wants_more() => &about.person,
        Some(_) | None => &claims.person,
    };
    let address = address(provider, person)?;
    // Nobody has signed in later than now, or counts as fresh by a time that lies before the question.
    let signed_in = claims.auth_time.map(|at| at.0.min(now));
    let name = person.name.as_deref().map(str::trim).filter(|name| usable(name, LONGEST_NAME));
    Ok(Vouched {
        provider: provider.id.clone(),
        issuer: provider.issuer.to_string(),
        subject: claims.sub.clone(),
        session: claims.sid.clone().filter(|sid| usable(sid, LONGEST_SUBJECT)),
        address,
        name: name.map(str::to_owned),
        mfa: provider.trust_mfa && several_factors(provider, claims),
        at: now,
        signed_in,
        members: provider.members,
        groups: provider.groups.as_deref().filter(|_| provider.members).map(|claim| groups(person.others.get(claim))),
        is_fresh: question.fresh && signed_in.is_some_and(|at| at.plus(provider.clock_skew).plus(SECOND) >= question.asked),
    })
}

/// The address, if the provider may vouch for it and does.
fn address(provider: &Provider, person: &Person) -> Result<EmailAddress, ClaimError> {
    let address = person.email.as_deref().and_then(|text| EmailAddress::parse(text).ok()).ok_or(ClaimError::Domain)?;
    if !provider.covers(&address) {
        return Err(ClaimError::Domain);
    }
    let said = match &person.email_verified {
        Value::Bool(said) => Some(*said),
        Value::String(text) => Some(text == "true"),
        Value::Null => None,
        Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(false),
    };
    let verified = said.unwrap_or(provider.email_verified == EmailVerified::Assumed);
    // Anybody can have had an account there for an address that somebody else reads today, unless the organisation manages it.
    let managed =
        provider.issuer.as_str() != GOOGLE || person.hd.as_deref().is_some_and(|hd| provider.covers_domain(&hd.to_ascii_lowercase()));
    if verified && managed { Ok(address) } else { Err(ClaimError::Unverified) }
}

/// The groups that are named, as far as their names are names here; one text stands for a list of one.
fn groups(claim: Option<&Value>) -> Vec<Name> {
    let named = claim.and_then(Value::as_array).map_or_else(|| claim.map(std::slice::from_ref).unwrap_or_default(), Vec::as_slice);
    let mut groups: Vec<Name> =
        named.iter().filter_map(Value::as_str).filter_map(|text| Name::parse(text).ok()).take(MOST_GROUPS).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// Whether the provider says that several factors were used, in the words that we take for it.
fn several_factors(provider: &Provider, claims: &IdClaims) -> bool {
    let by_class = claims.acr.as_ref().is_some_and(|acr| provider.mfa.acr.contains(acr));
    let methods = claims.amr.as_array().map(Vec::as_slice).unwrap_or_default();
    let by_method = methods.iter().filter_map(Value::as_str).any(|amr| provider.mfa.amr.iter().any(|word| word == amr));
    by_class || by_method
}

/// Whether the left half of the access token's hash is the one that is named.
fn hash_fits(algorithm: Algorithm, access: &str, expected: &str) -> bool {
    let hash = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 | Algorithm::HS256 => &digest::SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 | Algorithm::HS384 => &digest::SHA384,
        Algorithm::HS512 | Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA | _ => &digest::SHA512,
    };
    let whole = digest::digest(hash, access.as_bytes());
    let half = whole.as_ref().get(..whole.as_ref().len() / 2).unwrap_or_default();
    same(&URL_SAFE_NO_PAD.encode(half), expected)
}
