//! Codes from a mail: a few digits, few attempts, a short life.
//!
//! How often somebody may try is counted in the store; here is only the code itself.

use zeroize::Zeroizing;

use crate::base::Entropy;

/// How many digits a code has where the configuration says nothing else.
pub const CODE_DIGITS: u8 = 8;

/// A code, for the mail and nothing else. What is kept is [`super::KeyRing::code_mac`].
pub struct Code(Zeroizing<String>);

impl Code {
    /// A new code of 6 to 12 digits, each as likely as the others.
    pub fn random(entropy: &dyn Entropy, digits: u8) -> Self {
        let mut code = Zeroizing::new(String::with_capacity(12));
        for _ in 0..digits.clamp(6, 12) {
            code.push(char::from(b'0' + digit(entropy)));
        }
        Self(code)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits in two halves, as a mail shows them.
    pub fn grouped(&self) -> String {
        let (left, right) = self.0.split_at(self.0.len() / 2);
        format!("{left} {right}")
    }

    /// What somebody typed or pasted, as the digits alone: spaces and dashes are left out, anything else is kept and will not fit.
    pub fn folded(typed: &str) -> Zeroizing<String> {
        Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(32).collect())
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A digit without bias: bytes from 250 up are thrown away, since 256 is no multiple of ten.
fn digit(entropy: &dyn Entropy) -> u8 {
    loop {
        let mut byte = [0];
        entropy.fill(&mut byte);
        if byte[0] < 250 {
            return byte[0] % 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::super::{KeyRing, MasterKey};
    use super::*;
    use crate::base::{FlowId, Id};

    #[derive(Debug, Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|b| *b = self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn each_digit_is_as_likely_as_the_others() {
        let entropy = Counting::default();
        let mut seen = [0_u32; 10];
        for _ in 0..250 {
            seen[usize::from(digit(&entropy))] += 1;
        }
        assert_eq!(seen, [25; 10], "over one round of all bytes");
    }

    #[test]
    fn a_code_fits_only_its_own_flow() {
        let keys = KeyRing::new("https://a.example", &MasterKey::new([1; 32]), &[]).unwrap();
        let (one, two) = (FlowId::from_bytes([1; 16]), FlowId::from_bytes([2; 16]));
        let code = Code::random(&Counting::default(), CODE_DIGITS);
        let kept = keys.code_mac(one, code.as_str());
        assert!(keys.is_code(one, &Code::folded(&format!(" {} ", code.grouped())), kept));
        assert!(!keys.is_code(two, code.as_str(), kept));
        assert!(!keys.is_code(one, "00000000", kept));
        assert!(!keys.is_code(one, "", kept));
    }
}
