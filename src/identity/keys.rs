//! The key ring: every key of the house, derived from 32 bytes.
//!
//! Each use has a key of its own (BLAKE3 `derive_key`, one context a use), so that what is made for one use says nothing at another.
//! A ring holds the present master key and those before it: the first makes, all verify. Gateways with the same master keys agree
//! on everything without talking.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{RecoveryCode, totp};
use crate::base::{AppId, Digest, FlowId, GuestId, Id};

/// The 32 bytes from which every key is derived. Wiped on drop, never shown.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// All keys in use.
pub struct KeyRing {
    pub(super) issuer: String,
    pub(super) current: KeySet,
    pub(super) previous: Vec<KeySet>,
}

/// Everything derived from one master key.
pub(super) struct KeySet {
    pub(super) session: SigningKey,
    pub(super) assertion: SigningKey,
    pub(super) public: PublicPoint,
    /// Receipts have a key of their own: nobody takes one for an assertion.
    pub(super) receipt: SigningKey,
    pub(super) receipt_public: PublicPoint,
    /// Security events too: whoever takes these takes no assertion.
    pub(super) signal: SigningKey,
    pub(super) signal_public: PublicPoint,
    pub(super) seal: Zeroizing<[u8; 32]>,
    code: Zeroizing<[u8; 32]>,
    recovery: Zeroizing<[u8; 32]>,
    upstream: Zeroizing<[u8; 32]>,
}

/// One signing key with the name that tokens give it.
pub(super) struct SigningKey {
    pub(super) kid: String,
    pub(super) sign: EncodingKey,
    pub(super) verify: DecodingKey,
}

/// The public half of the assertion key, in base64url.
pub(super) struct PublicPoint {
    pub(super) x: String,
    pub(super) y: String,
}

/// The key ring cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library refused a derived key.
    #[error("no signing key could be derived from the master key")]
    Derive,
    /// Somebody handed in no key at all.
    #[error("a master key is 32 bytes")]
    Length,
}

const SESSION: &str = "guestgate 2026 session token HS256";
const ASSERTION: &str = "guestgate 2026 upstream assertion ES256";
const RECEIPT: &str = "guestgate 2026 receipt ES256";
const SIGNAL: &str = "guestgate 2026 security event ES256";
const SEAL: &str = "guestgate 2026 sealed state";
const CODE: &str = "guestgate 2026 emailed code";
const RECOVERY: &str = "guestgate 2026 recovery code";
const UPSTREAM: &str = "guestgate 2026 upstream of a guest";
const KEY_NAME: &str = "guestgate 2026 key name";

impl MasterKey {
    /// Takes the bytes over.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the bytes of a key file.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self).map_err(|_| KeyError::Length)
    }

    /// The bytes, for those who keep them or derive by themselves.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key for another use than those of the ring, such as the audit log's. The context is a sentence that nobody else uses.
    pub fn derive(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &self.0))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl KeyRing {
    /// The ring of the portal with this URL (`https://access.example.com`, a port only where it is not 443).
    pub fn new(issuer: &str, current: &MasterKey, previous: &[MasterKey]) -> Result<Self, KeyError> {
        let previous = previous.iter().map(KeySet::derive).collect::<Result<_, _>>()?;
        Ok(Self { issuer: issuer.to_owned(), current: KeySet::derive(current)?, previous })
    }

    /// The portal, as tokens name it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys that verify receipts, as a JWK set.
    pub fn receipt_jwks(&self) -> String {
        let key = |set: &KeySet| set.receipt_public.jwk(&set.receipt.kid);
        serde_json::json!({ "keys": self.all().map(key).collect::<Vec<_>>() }).to_string()
    }

    /// The public keys that verify security events, as a JWK set.
    pub fn signal_jwks(&self) -> String {
        let key = |set: &KeySet| set.signal_public.jwk(&set.signal.kid);
        serde_json::json!({ "keys": self.all().map(key).collect::<Vec<_>>() }).to_string()
    }

    /// What is kept instead of an emailed code: useless without the key, and for another flow.
    pub fn code_mac(&self, flow: FlowId, code: &str) -> Digest {
        code_mac(&self.current.code, flow, code)
    }

    /// What is kept instead of a recovery code of this guest: under the present key, and under those before it, for comparison.
    pub fn recovery_macs(&self, guest: GuestId, code: &RecoveryCode) -> Vec<Digest> {
        self.all().map(|set| totp::mac(&set.recovery, guest, code)).collect()
    }

    /// What names an upstream of an app in a guest's cookie: the same on every gateway, and nothing that tells where it is.
    pub fn upstream_name(&self, app: &AppId, upstream: &str) -> String {
        // No id holds a space, so that id and address cannot be cut elsewhere.
        let digest = Digest::keyed(&self.current.upstream, format!("{app} {upstream}").as_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_bytes().get(..16).unwrap_or_default())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &KeySet> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl PublicPoint {
    /// As others verify by it.
    pub(super) fn jwk(&self, kid: &str) -> serde_json::Value {
        serde_json::json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": self.x, "y": self.y })
    }
}

fn code_mac(key: &[u8; 32], flow: FlowId, code: &str) -> Digest {
    // The id has a fixed length, so that id and code cannot be cut elsewhere.
    Digest::keyed(key, &[&flow.to_bytes()[..], code.as_bytes()].concat())
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("issuer", &self.issuer).field("previous", &self.previous.len()).finish_non_exhaustive()
    }
}

impl KeySet {
    fn derive(master: &MasterKey) -> Result<Self, KeyError> {
        let session = master.derive(SESSION);
        let (assertion, public) = p256(master, ASSERTION)?;
        let (receipt, receipt_public) = p256(master, RECEIPT)?;
        let (signal, signal_public) = p256(master, SIGNAL)?;
        Ok(Self {
            session: SigningKey {
                kid: key_name(&session[..]),
                sign: EncodingKey::from_secret(&session[..]),
                verify: DecodingKey::from_secret(&session[..]),
            },
            assertion,
            public,
            receipt,
            receipt_public,
            signal,
            signal_public,
            seal: master.derive(SEAL),
            code: master.derive(CODE),
            recovery: master.derive(RECOVERY),
            upstream: master.derive(UPSTREAM),
        })
    }
}

/// A signing key for one use: the first scalar of the derived sequence that lies in the group (practically always the first).
fn p256(master: &MasterKey, context: &str) -> Result<(SigningKey, PublicPoint), KeyError> {
    let pair = (0_u8..4)
        .find_map(|round| {
            let scalar = master.derive(&format!("{context} {round}"));
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &sec1(&scalar)[..]).ok()
        })
        .ok_or(KeyError::Derive)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| KeyError::Derive)?;
    let point = pair.public_key().as_ref();
    let (Some(x), Some(y)) = (point.get(1..33), point.get(33..65)) else { return Err(KeyError::Derive) };
    let key = SigningKey { kid: key_name(point), sign: EncodingKey::from_ec_der(pkcs8.as_ref()), verify: DecodingKey::from_ec_der(point) };
    Ok((key, PublicPoint { x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) }))
}

/// The scalar as an `ECPrivateKey` of RFC 5915 on P-256, without the public point.
fn sec1(scalar: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    const HEAD: [u8; 7] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
    const CURVE: [u8; 12] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let mut der = Zeroizing::new(Vec::with_capacity(HEAD.len() + scalar.len() + CURVE.len()));
    der.extend_from_slice(&HEAD);
    der.extend_from_slice(scalar);
    der.extend_from_slice(&CURVE);
    der
}

/// Eight bytes that name a key and tell nothing about it.
fn key_name(key: &[u8]) -> String {
    let digest = blake3::derive_key(KEY_NAME, key);
    URL_SAFE_NO_PAD.encode(digest.get(..8).unwrap_or_default())
}
