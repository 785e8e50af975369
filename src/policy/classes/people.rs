//! Addresses: one for each combination of patterns of addresses and domains that some address fits.

use crate::base::EmailAddress;

use super::{
    super::ast::{AddressGlob, DomainGlob, Test},
    TooLarge,
    facts::MOST_CLASSES,
    words::{Alphabet, Valid, combinations},
};

/// The default one first.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not asked about this fact does not cut it into classes")]
pub(super) fn addresses(tests: &[&Test]) -> Result<Vec<EmailAddress>, TooLarge> {
    let (mut globs, mut organizations): (Vec<&AddressGlob>, Vec<&DomainGlob>) = (Vec::new(), Vec::new());
    for test in tests {
        match test {
            Test::Email(some) => globs.extend(some),
            Test::Organization(some) => organizations.extend(some),
            _ => {}
        }
    }
    let locals: Vec<Vec<&str>> = globs.iter().map(|g| g.local.parts().iter().map(|p| &**p).collect()).collect();
    let dotted: Vec<String> =
        organizations.iter().map(|d| if let DomainGlob::Below(domain) = d { format!(".{domain}") } else { String::new() }).collect();
    let mut domains: Vec<Vec<&str>> = globs.iter().map(|g| g.domain.parts().iter().map(|p| &**p).collect()).collect();
    domains.extend(organizations.iter().zip(&dotted).map(|(domain, dotted)| match domain {
        DomainGlob::Exactly(domain) => vec![&**domain],
        // A domain does not begin with a dot, so there is something before it.
        DomainGlob::Below(_) => vec!["", dotted],
    }));
    let locals = texts(&locals, ".", "gabcdefhijklmnopqrstuvwxyz0123456789_-+!#$%&'/=?^`{|}~", &|a| Box::new(Local(a)))?;
    let domains = texts(&domains, ".-", "xabcdefghijklmnopqrstuvwyz_0123456789", &|a| Box::new(Domain(a)))?;
    if locals.len().saturating_mul(domains.len()) > MOST_CLASSES {
        return Err(TooLarge);
    }
    let mut found = vec![EmailAddress::parse("guest@partner.example").map_err(|_| TooLarge)?];
    for domain in &domains {
        for local in &locals {
            found.push(EmailAddress::parse(&format!("{local}@{domain}")).map_err(|_| TooLarge)?);
        }
    }
    Ok(found)
}

/// A text for each combination of the patterns.
fn texts(
    patterns: &[Vec<&str>],
    special: &str,
    others: &str,
    valid: &dyn for<'a> Fn(&'a Alphabet) -> Box<dyn Valid + 'a>,
) -> Result<Vec<String>, TooLarge> {
    let alphabet = Alphabet::new(patterns.iter().flatten().copied(), special, others);
    let steps: Vec<_> = patterns.iter().map(|parts| alphabet.pattern(parts.iter().copied())).collect();
    let found = combinations(&steps, alphabet.len(), &*valid(&alphabet))?;
    Ok(found.values().map(|letters| alphabet.spell(letters)).collect())
}

/// Before the @: no dot at either end, no two in a row.
struct Local<'a>(&'a Alphabet);

impl Valid for Local<'_> {
    fn step(&self, state: u8, letter: usize) -> Option<u8> {
        match (self.0.letter(letter), state) {
            ('.', 0) => None,
            ('.', _) => Some(0),
            _ => Some(1),
        }
    }

    fn ends(&self, state: u8) -> bool {
        state == 1
    }
}

/// Behind the @: labels that neither begin nor end with a hyphen; the last one is no number.
struct Domain<'a>(&'a Alphabet);

impl Valid for Domain<'_> {
    fn step(&self, state: u8, letter: usize) -> Option<u8> {
        // 0: a label begins; 1: only digits so far; 2: it may end here; 3: behind a hyphen.
        match (self.0.letter(letter), state) {
            ('.', 1 | 2) => Some(0),
            ('.', _) | ('-', 0) => None,
            ('-', _) => Some(3),
            ('0'..='9', 0 | 1) => Some(1),
            _ => Some(2),
        }
    }

    fn ends(&self, state: u8) -> bool {
        state == 2
    }
}
