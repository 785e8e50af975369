//! Authenticator apps and recovery codes: a shared secret and its codes of six digits, and the codes on paper for when the app is gone.
//!
//! How often somebody may try, and that no code counts twice, is seen to where they are kept.

use qrcode::{QrCode, render::svg};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::{KeyRing, Purpose};
use crate::base::{Digest, Entropy, GuestId, Id, Timestamp};

/// The secret that an app and we share.
pub struct TotpSecret(Zeroizing<[u8; LENGTH]>);

/// A recovery code, for one page and nothing else. What is kept is [`KeyRing::recovery_macs`].
pub struct RecoveryCode(Zeroizing<String>);

/// As many bytes as the hash behind the codes is wide.
const LENGTH: usize = 20;
/// Letters and digits that nobody takes for another: 32, so that each byte picks one without bias.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Eighty bits.
const RECOVERY_LENGTH: usize = 16;

impl TotpSecret {
    /// A new one.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        entropy.fill(&mut *bytes);
        Self(bytes)
    }

    /// For the store, and for no other guest.
    pub fn seal(&self, keys: &KeyRing, guest: GuestId) -> String {
        let plain = Zeroizing::new([&guest.to_bytes()[..], &self.0[..]].concat());
        keys.seal(Purpose::Totp, &plain)
    }

    /// What was sealed for this guest.
    pub fn unseal(keys: &KeyRing, sealed: &str, guest: GuestId) -> Option<Self> {
        let plain = Zeroizing::new(keys.unseal(Purpose::Totp, sealed)?);
        let secret = plain.strip_prefix(&guest.to_bytes()[..])?;
        Some(Self(Zeroizing::new(secret.try_into().ok()?)))
    }

    /// The time step whose code this is: the present one, the one before or the one after, since clocks differ.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let seconds = u64::try_from(now.as_secs()).ok()?;
        self.totp("", "")?.check(code, seconds)
    }

    /// The code of the present, for tests of whoever shows one.
    #[cfg(test)]
    pub fn code_at(&self, now: Timestamp) -> String {
        self.totp("", "").unwrap().generate(u64::try_from(now.as_secs()).unwrap()).to_string()
    }

    /// The secret as people type it into an app.
    pub fn typed(&self) -> Zeroizing<String> {
        let text = self.totp("", "").map(|totp| Zeroizing::new(totp.secret().to_base32())).unwrap_or_default();
        let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// The secret as an app reads it from the screen: an SVG picture of a QR code. `None`: the names do not fit into one.
    pub fn picture(&self, issuer: &str, account: &str) -> Option<Zeroizing<String>> {
        let url = Zeroizing::new(self.totp(issuer, account)?.to_url().ok()?);
        let code = QrCode::new(url.as_bytes()).ok()?;
        let whole = code.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
        // It stands inside a page, where the first line of an XML file has no place.
        let at = whole.find("<svg")?;
        Some(Zeroizing::new(whole.get(at..)?.to_owned()))
    }

    fn totp(&self, issuer: &str, account: &str) -> Option<Totp> {
        // A colon would end the issuer inside the URL.
        let plain = |text: &str| text.replace(':', " ");
        let builder = Builder::new().with_secret(*self.0).with_account_name(plain(account));
        builder.with_issuer(Some(plain(issuer)).filter(|issuer| !issuer.is_empty())).build().ok()
    }
}

impl RecoveryCode {
    /// A new one.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0_u8; RECOVERY_LENGTH]);
        entropy.fill(&mut *bytes);
        Self(Zeroizing::new(bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect()))
    }

    /// As it is written down: in groups of four.
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = self.0.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        groups.join("-")
    }

    /// What somebody typed, without spaces and dashes, in capitals; `None`: it cannot be a recovery code.
    pub fn folded(typed: &str) -> Option<Self> {
        let text: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(2 * RECOVERY_LENGTH).collect();
        let text = Zeroizing::new(text.to_ascii_uppercase());
        (text.len() == RECOVERY_LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(Self(text))
    }

    /// The code itself, to be hashed.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// What is kept instead of a recovery code, under this key.
pub(super) fn mac(key: &[u8; 32], guest: GuestId, code: &RecoveryCode) -> Digest {
    Digest::keyed(key, &[&guest.to_bytes()[..], code.as_str().as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::super::MasterKey;
    use super::*;
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_015_000);

    #[derive(Debug, Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|b| *b = self.0.fetch_add(37, Ordering::Relaxed));
        }
    }

    fn ring(current: u8, previous: &[u8]) -> KeyRing {
        let previous: Vec<_> = previous.iter().map(|b| MasterKey::new([*b; 32])).collect();
        KeyRing::new("https://access.example.com", &MasterKey::new([current; 32]), &previous).unwrap()
    }

    fn guest(n: u8) -> GuestId {
        GuestId::from_bytes([n; 16])
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = TotpSecret(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")] {
            let now = Timestamp::from_millis(seconds * 1000);
            assert_eq!(secret.step_of(code, now), Some(u64::try_from(seconds / 30).unwrap()), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_for_its_step_and_the_neighbours_alone() {
        let secret = TotpSecret::random(&Counting::default());
        let code = secret.code_at(NOW);
        let step = u64::try_from(NOW.as_secs() / 30).unwrap();
        for (later, expected) in [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)] {
            let now = Timestamp::from_millis(NOW.as_millis() + later * 1000);
            assert_eq!(secret.step_of(&code, now), expected, "{later} s");
        }
        for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(secret.step_of(wrong, NOW), None, "{wrong}");
        }
    }

    #[test]
    fn a_sealed_secret_opens_for_its_guest_alone() {
        let secret = TotpSecret::random(&Counting::default());
        let sealed = secret.seal(&ring(1, &[]), guest(1));
        let open = |keys: KeyRing, n| TotpSecret::unseal(&keys, &sealed, guest(n)).map(|secret| secret.code_at(NOW));
        assert_eq!(open(ring(1, &[]), 1), Some(secret.code_at(NOW)));
        assert_eq!(open(ring(2, &[1]), 1), Some(secret.code_at(NOW)), "after a rotation");
        assert_eq!(open(ring(1, &[]), 2), None);
        assert_eq!(open(ring(2, &[]), 1), None);
    }

    #[test]
    fn the_picture_stands_in_a_page_and_holds_what_is_typed() {
        let secret = TotpSecret::random(&Counting::default());
        let picture = secret.picture("Fabrikam: access", "ann@partner.example").unwrap();
        assert!(picture.starts_with("<svg") && !picture.contains("<?xml") && !picture.contains("style="), "{}", &picture[..200]);
        assert_eq!(secret.typed().split(' ').count(), 8);
    }

    #[test]
    fn a_recovery_code_is_found_however_it_is_typed_and_fits_one_guest() {
        let code = RecoveryCode::random(&Counting::default());
        let keys = ring(1, &[]);
        let typed = RecoveryCode::folded(&format!(" {} ", code.grouped().to_lowercase().replace('-', " "))).unwrap();
        assert_eq!(keys.recovery_macs(guest(1), &typed), keys.recovery_macs(guest(1), &code));
        assert_ne!(keys.recovery_macs(guest(2), &code), keys.recovery_macs(guest(1), &code));
        assert!(ring(2, &[1]).recovery_macs(guest(1), &code).contains(&keys.recovery_macs(guest(1), &code)[0]), "after a rotation");
        for wrong in ["", "ABCD", "ABCD-EFGH-JKLM-NPQ0", "ABCD-EFGH-JKLM-NPQRS"] {
            assert!(RecoveryCode::folded(wrong).is_none(), "{wrong}");
        }
        assert!(RecoveryCode::folded(&"x".repeat(100_000)).is_none());
    }
}
