//! Receipts: what a guest accepted, signed, so that the guest can show it to somebody who does not trust either of us.

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, Header, encode};
use serde::Serialize;

use super::KeyRing;
use crate::base::{Digest, EmailAddress, GuestId, Timestamp};

/// What a receipt says of accepted terms.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptClaims<'r> {
    /// Who.
    pub guest: GuestId,
    /// The address.
    pub email: &'r EmailAddress,
    /// Which terms.
    pub terms: &'r str,
    /// In which version.
    pub version: u32,
    /// The SHA-256 of the text.
    pub sha256: &'r str,
    /// When.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Body<'r> {
    iss: &'r str,
    sub: GuestId,
    email: &'r EmailAddress,
    terms: &'r str,
    version: u32,
    sha256: &'r str,
    iat: i64,
}

/// What it is.
const TYPE: &str = "gg-receipt+jwt";

/// The SHA-256 of a text, as `sha256sum` makes it.
pub fn sha256(text: &str) -> Digest {
    let hash = digest(&SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    // Both are 32 bytes: of a shorter one, the rest would stay zero.
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Digest::from_bytes(bytes)
}

impl KeyRing {
    /// The signed receipt, which the keys of [`KeyRing::receipt_jwks`] verify. Empty if the library refuses.
    pub fn receipt(&self, claims: &ReceiptClaims<'_>) -> String {
        let body = Body {
            iss: &self.issuer,
            sub: claims.guest,
            email: claims.email,
            terms: claims.terms,
            version: claims.version,
            sha256: claims.sha256,
            iat: claims.at.as_secs(),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.current.receipt.kid.clone());
        encode(&header, &body, &self.current.receipt.sign).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_verified_by_its_own_keys_and_is_no_assertion() {
        let keys = KeyRing::new("https://access.example.com", &crate::identity::MasterKey::new([1; 32]), &[]).unwrap();
        let email = EmailAddress::parse("ann@partner.example").unwrap();
        let guest = crate::base::Id::from_bytes([1; 16]);
        let at = Timestamp::from_millis(1_800_000_000_000);
        let token = keys.receipt(&ReceiptClaims { guest, email: &email, terms: "rules", version: 3, sha256: "ab", at });
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let find = |text: &str| serde_json::from_str::<jsonwebtoken::jwk::JwkSet>(text).unwrap().find(&kid).cloned();
        assert!(find(&keys.jwks()).is_none());
        let key = jsonwebtoken::DecodingKey::from_jwk(&find(&keys.receipt_jwks()).unwrap()).unwrap();
        let mut only = jsonwebtoken::Validation::new(Algorithm::ES256);
        only.required_spec_claims.clear();
        only.validate_exp = false;
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &only).unwrap().claims;
        assert_eq!((&read["terms"], &read["version"]), (&"rules".into(), &3.into()));
    }

    #[test]
    fn the_hash_is_that_of_sha256sum() {
        let hex: String = sha256("abc").as_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
