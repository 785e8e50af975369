//! Sealed state: what a browser carries for us and can neither read nor change.
//!
//! AES-256-GCM under a key of its own for each message (derived from 24 random bytes), so that strangers who make us seal very often
//! never bring two messages under one key and nonce. The purpose is authenticated: what is sealed for one use is void at another.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::KeyRing;

/// What a sealed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// An app asks the portal to sign somebody in.
    Start,
    /// The portal hands a signed-in browser over to an app.
    Handover,
    /// The first page after an invitation.
    Landing,
    /// Between two forms of one sign-in or acceptance.
    Flow,
    /// While a browser is at a partner's provider.
    Trip,
    /// That an address was proved by whoever signs up.
    SignUp,
    /// What somebody waits for.
    Wait,
    /// A form on a page, bound to a browser.
    Form,
    /// A mail that waits in the outbox.
    Mail,
    /// That a browser was seen before.
    Device,
    /// The copy of an answer that may be asked for again.
    Replay,
    /// Between asking for a passkey and being shown it.
    PasskeyShowing,
    /// Between asking for a new passkey and getting it.
    PasskeyMaking,
    /// On the way to the host that asks for a certificate.
    CertificateAsked,
    /// On the way back from there.
    CertificateShown,
    /// The secret of an authenticator app in the store.
    Totp,
    /// The same in the page on which it is set up.
    TotpMaking,
}

const SALT: usize = 24;
const TAG: usize = 16;

impl Purpose {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Start => b"start",
            Self::Handover => b"handover",
            Self::Landing => b"landing",
            Self::Flow => b"flow",
            Self::Trip => b"trip",
            Self::SignUp => b"sign-up",
            Self::Wait => b"wait",
            Self::Form => b"form",
            Self::Mail => b"mail",
            Self::Device => b"device",
            Self::Replay => b"replay",
            Self::PasskeyShowing => b"passkey showing",
            Self::PasskeyMaking => b"passkey making",
            Self::CertificateAsked => b"certificate asked",
            Self::CertificateShown => b"certificate shown",
            Self::Totp => b"totp",
            Self::TotpMaking => b"totp making",
        }
    }
}

impl KeyRing {
    /// Seals bytes into base64url text. Empty where the machine has no randomness: nothing unseals that.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> String {
        let mut salt = [0; SALT];
        let sealed = aws_lc_rs::rand::fill(&mut salt).ok().and_then(|()| {
            let key = message_key(&self.current.seal, &salt)?;
            let mut text = plain.to_vec();
            key.seal_in_place_append_tag(zero_nonce(), Aad::from(purpose.as_bytes()), &mut text).ok()?;
            Some(URL_SAFE_NO_PAD.encode([&salt[..], &text].concat()))
        });
        sealed.unwrap_or_default()
    }

    /// What was sealed for this purpose by this ring; nothing else.
    pub fn unseal(&self, purpose: Purpose, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (salt, text) = bytes.split_at_checked(SALT)?;
        let salt: [u8; SALT] = salt.try_into().ok()?;
        self.all().find_map(|set| {
            let mut text = text.to_vec();
            let key = message_key(&set.seal, &salt)?;
            let plain = key.open_in_place(zero_nonce(), Aad::from(purpose.as_bytes()), &mut text).ok()?.len();
            text.truncate(plain);
            Some(text)
        })
    }

    /// How long the sealed text of so many bytes is.
    pub const fn sealed_length(plain: usize) -> usize {
        ((SALT + plain + TAG) * 4).div_ceil(3)
    }
}

fn message_key(key: &[u8; 32], salt: &[u8; SALT]) -> Option<LessSafeKey> {
    let derived = blake3::keyed_hash(key, salt);
    UnboundKey::new(&AES_256_GCM, derived.as_bytes()).ok().map(LessSafeKey::new)
}

/// Each message has its own key, so that the nonce need not differ.
fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    use super::super::MasterKey;
    use super::*;

    fn ring(current: u8, previous: &[u8]) -> KeyRing {
        let previous: Vec<_> = previous.iter().map(|b| MasterKey::new([*b; 32])).collect();
        KeyRing::new("https://access.example.com", &MasterKey::new([current; 32]), &previous).unwrap()
    }

    #[test]
    fn what_is_sealed_for_one_purpose_is_void_at_another() {
        let keys = ring(1, &[]);
        let all = [
            Purpose::Start,
            Purpose::Handover,
            Purpose::Flow,
            Purpose::Form,
            Purpose::Mail,
            Purpose::Device,
            Purpose::Replay,
            Purpose::PasskeyShowing,
            Purpose::PasskeyMaking,
            Purpose::Totp,
            Purpose::TotpMaking,
        ];
        for made in all {
            let sealed = keys.seal(made, b"state");
            assert_eq!(sealed.len(), KeyRing::sealed_length(5));
            for asked in all {
                assert_eq!(keys.unseal(asked, &sealed).is_some(), made == asked, "{made:?} {asked:?}");
            }
        }
    }

    #[test]
    fn a_changed_cut_or_foreign_text_does_not_unseal() {
        let keys = ring(1, &[]);
        let sealed = keys.seal(Purpose::Flow, b"some state");
        for ix in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[ix] = if other[ix] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys.unseal(Purpose::Flow, std::str::from_utf8(&other).unwrap()), None, "byte {ix}");
            assert_eq!(keys.unseal(Purpose::Flow, &sealed[..ix]), None, "cut at {ix}");
        }
        assert_eq!(ring(2, &[]).unseal(Purpose::Flow, &sealed), None);
        assert_eq!(ring(2, &[1]).unseal(Purpose::Flow, &sealed).as_deref(), Some(&b"some state"[..]), "overlap after a rotation");
        assert_ne!(sealed, keys.seal(Purpose::Flow, b"some state"));
    }
}
