//! The keys of the database: one seals what lies in it, one seals the audit log's head.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::base::{Digest, Entropy};

/// Keys that lie outside the database, derived from the master key.
pub struct StoreKeys {
    seal: LessSafeKey,
    audit: [u8; 32],
    check: Digest,
}

impl fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKeys(…)")
    }
}

impl Drop for StoreKeys {
    fn drop(&mut self) {
        self.audit.zeroize();
    }
}

impl StoreKeys {
    /// Derives the keys. `None` only if the cipher refuses the key, which it never does.
    pub fn derive(master: &[u8; 32]) -> Option<Self> {
        let mut seal = blake3::derive_key("guestgate 2026 store outbox seal", master);
        let check = Digest::from_bytes(blake3::derive_key("guestgate 2026 store key check", master));
        let audit = blake3::derive_key("guestgate 2026 store audit head", master);
        let key = UnboundKey::new(&AES_256_GCM, &seal).ok().map(LessSafeKey::new);
        seal.zeroize();
        Some(Self { seal: key?, audit, check })
    }

    pub(super) fn audit(&self) -> &[u8; 32] {
        &self.audit
    }

    /// What the database remembers of the keys, so that another key is noticed at once.
    pub(super) fn check(&self) -> &Digest {
        &self.check
    }

    /// Seals bytes for a purpose, named by an id.
    pub(super) fn seal(&self, entropy: &dyn Entropy, purpose: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        self.seal.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the same purpose.
    pub(super) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let mut plain = rest.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let n = self.seal.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut plain).ok()?.len();
        plain.truncate(n);
        Some(plain)
    }
}
