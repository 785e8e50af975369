//! A provider's public keys, and opening what it signed with one of them.

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The public keys of one provider, as it publishes them.
#[derive(Debug, Clone)]
pub struct ProviderKeys(Vec<Jwk>);

/// What a provider has signed.
#[derive(Debug, Clone)]
pub struct Opened<C> {
    /// What it says.
    pub claims: C,
    /// How it is signed.
    pub(super) algorithm: Algorithm,
    /// What it says that it is (`typ`), folded.
    pub(super) kind: Option<String>,
}

/// Why a token is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No signed token, or larger than any.
    #[error("what the provider sent is no signed token")]
    Malformed,
    /// Not signed at all, or in a way that anybody could.
    #[error("the token is not signed in a way that can be trusted")]
    Algorithm,
    /// The key is not among those that we know.
    #[error("the token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// What is signed is not what such a token says.
    #[error("the token does not say what it must say")]
    Claims,
}

/// The signatures that we accept: of a private key that nobody else has, so neither `none` nor those of a shared secret.
const ALLOWED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// The longest token, in bytes.
const LONGEST: usize = 32 * 1024;
/// The most keys of one provider that are looked at.
const MOST_KEYS: usize = 100;

impl ProviderKeys {
    /// Reads a JWK set. Keys of a kind that we do not know are for somebody else.
    pub fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(text)?;
        let signs = |key: &Jwk| !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)));
        Ok(Self(set.keys.into_iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key).ok()).filter(signs).collect()))
    }

    /// What a token says, if one of these keys has signed it. The token chooses among these keys and nothing else: what it brings with
    /// it, or points at, is not looked at.
    pub fn open<C: DeserializeOwned>(&self, token: &str) -> Result<Opened<C>, KeyFault> {
        if token.len() > LONGEST {
            return Err(KeyFault::Malformed);
        }
        let Ok(header) = decode_header(token) else {
            return Err(if is_unsigned(token) { KeyFault::Algorithm } else { KeyFault::Malformed });
        };
        if !ALLOWED.contains(&header.alg) || header.crit.is_some() {
            return Err(KeyFault::Algorithm);
        }
        let named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
        let mut candidates = self.0.iter().filter(|key| fits(key, header.alg)).filter(named).peekable();
        if candidates.peek().is_none() {
            return Err(KeyFault::UnknownKey);
        }
        let only = signature_only(header.alg);
        let claims: Value = candidates
            .filter_map(|key| DecodingKey::from_jwk(key).ok())
            .find_map(|key| decode::<Value>(token, &key, &only).ok())
            .ok_or(KeyFault::Signature)?
            .claims;
        let claims = serde_json::from_value(claims).map_err(|_| KeyFault::Claims)?;
        Ok(Opened { claims, algorithm: header.alg, kind: header.typ.map(|kind| kind.to_ascii_lowercase()) })
    }
}

/// Whether a key makes signatures of this kind.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let family = match (&key.algorithm, algorithm) {
        (
            AlgorithmParameters::RSA(_),
            Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512,
        ) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    // A key that is said to be for one algorithm is for no other.
    let said = key.common.key_algorithm.as_ref().map(ToString::to_string);
    family && said.is_none_or(|said| said == format!("{algorithm:?}"))
}

/// The library checks the signature and nothing else: it would ask the machine for the time.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut only = Validation::new(algorithm);
    only.required_spec_claims.clear();
    only.validate_exp = false;
    only.validate_nbf = false;
    only.validate_aud = false;
    only
}

/// Whether a token says that it has no signature.
fn is_unsigned(token: &str) -> bool {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let head = token.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok());
    let head: Option<Value> = head.and_then(|head| serde_json::from_slice(&head).ok());
    head.is_some_and(|head| head.get("alg").and_then(Value::as_str).is_some_and(|alg| alg.eq_ignore_ascii_case("none")))
}
