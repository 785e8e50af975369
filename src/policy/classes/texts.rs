//! Headers: lines for each combination of answers. A header may come several times, and any line may fit.

use std::collections::BTreeMap;

use super::{
    super::ast::Test,
    TooLarge,
    words::{Alphabet, Valid, combinations},
};

/// How many combinations the lines of one header may have.
const MOST: usize = 1_024;

/// The lines of one header, none first.
pub(super) fn lines(tests: &[&Test]) -> Result<Vec<Vec<String>>, TooLarge> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (ix, test) in tests.iter().enumerate() {
        if let Test::Header(_, patterns) = test {
            parts.extend(patterns.iter().map(|p| p.wildcard.parts().iter().map(|part| &**part).collect::<Vec<_>>()));
            owners.extend(patterns.iter().map(|_| ix));
        }
    }
    let others = "xabcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!#$%&'+/:;=?@^`{|}()[]<>,\"\\";
    let alphabet = Alphabet::new(parts.iter().flatten().copied(), "", others);
    let steps: Vec<_> = parts.iter().map(|p| alphabet.pattern(p.iter().copied())).collect();
    let mut single: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    for (fits, letters) in combinations(&steps, alphabet.len(), &AnyText)? {
        let answers = (0..tests.len()).map(|test| owners.iter().zip(&fits).any(|(owner, fits)| *owner == test && *fits)).collect();
        single.entry(answers).or_insert_with(|| alphabet.spell(&letters));
    }
    let mut all: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::from([(vec![false; tests.len()], Vec::new())]);
    for (answers, line) in &single {
        for (others, lines) in all.clone() {
            let both: Vec<bool> = others.iter().zip(answers).map(|(a, b)| *a || *b).collect();
            let mut more = lines;
            more.push(line.clone());
            all.entry(both).or_insert(more);
        }
        if all.len() > MOST {
            return Err(TooLarge);
        }
    }
    Ok(all.into_values().collect())
}

/// Any text may be a header's value.
struct AnyText;

impl Valid for AnyText {
    fn step(&self, _: u8, _: usize) -> Option<u8> {
        Some(0)
    }

    fn ends(&self, _: u8) -> bool {
        true
    }
}
