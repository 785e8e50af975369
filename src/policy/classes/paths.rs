//! Paths: one for each combination of path patterns that some path fits. First the segments, then what is made of them.

use crate::base::{GlobPart, KeepRule, MergeRule, NormalPath, PathGlob, PathRules};

use super::{
    super::ast::Test,
    TooLarge,
    words::{Alphabet, Step, Valid, combinations},
};

/// Request targets whose paths are all there is to tell apart; `/` first.
pub(super) fn targets(tests: &[&Test], rules: &PathRules) -> Result<Vec<String>, TooLarge> {
    let globs: Vec<&PathGlob> =
        tests.iter().filter_map(|test| if let Test::Path(globs) = test { Some(globs) } else { None }).flatten().collect();
    let mut wanted: Vec<&[Box<str>]> = Vec::new();
    for part in globs.iter().flat_map(|g| g.parts()) {
        if let GlobPart::Text(parts) = part
            && !wanted.contains(&parts)
        {
            wanted.push(parts);
        }
    }
    let segments = segments(&wanted, rules)?;
    let patterns: Vec<Vec<Step>> = globs.iter().map(|glob| glob.parts().map(|part| step(part, &wanted, &segments)).collect()).collect();
    let found = combinations(&patterns, segments.len(), &AnyPath)?;
    let mut targets = vec!["/".to_owned()];
    for letters in found.values() {
        let parts: Vec<&str> = letters.iter().filter_map(|ix| segments.get(*ix)).map(|(_, text)| &**text).collect();
        let target = target(&parts);
        // What is not read as it was meant is not decided.
        if read(&target, rules)?.segments().ne(parts.iter().copied()) {
            return Err(TooLarge);
        }
        targets.push(target);
    }
    Ok(targets)
}

/// The path of a target.
pub(super) fn read<'t>(target: &'t str, rules: &PathRules) -> Result<NormalPath<'t>, TooLarge> {
    NormalPath::parse(target.as_bytes(), rules).map_err(|_| TooLarge)
}

/// A segment for each combination of the patterns of segments, with that combination.
fn segments(wanted: &[&[Box<str>]], rules: &PathRules) -> Result<Vec<(Vec<bool>, String)>, TooLarge> {
    // A backslash or an encoded slash may stay in a segment where the app says so; then there are more characters, but none that differs.
    debug_assert!(matches!(rules.backslash, KeepRule::Refuse | KeepRule::Keep));
    let parts = wanted.iter().flat_map(|parts| parts.iter()).map(|part| &**part);
    let alphabet = Alphabet::new(parts, ".", "xabcdefghijklmnopqrstuvwyz0123456789-_~!$'()*+,:@éèñöüß");
    let steps: Vec<_> = wanted.iter().map(|parts| alphabet.pattern(parts.iter().map(|part| &**part))).collect();
    let valid = Segments { alphabet: &alphabet, empty: rules.empty_segments == MergeRule::Keep };
    let found = combinations(&steps, alphabet.len(), &valid)?;
    let mut all: Vec<(Vec<bool>, String)> = found.into_iter().map(|(fits, letters)| (fits, alphabet.spell(&letters))).collect();
    if valid.empty && all.iter().any(|(_, text)| text.is_empty()) {
        // An empty segment hides one that is not, and `*` tells them apart.
        let full = Segments { alphabet: &alphabet, empty: false };
        all.extend(combinations(&steps, alphabet.len(), &full)?.into_iter().map(|(fits, letters)| (fits, alphabet.spell(&letters))));
    }
    Ok(all)
}

fn step(part: GlobPart<'_>, wanted: &[&[Box<str>]], segments: &[(Vec<bool>, String)]) -> Step {
    match part {
        GlobPart::Any => Step::Run,
        GlobPart::One => Step::One(segments.iter().map(|(_, text)| !text.is_empty()).collect()),
        GlobPart::Text(parts) => {
            let ix = wanted.iter().position(|w| *w == parts);
            Step::One(segments.iter().map(|(fits, _)| ix.is_some_and(|ix| fits.get(ix) == Some(&true))).collect())
        }
    }
}

fn target(segments: &[&str]) -> String {
    let mut target = String::new();
    for segment in segments {
        target.push('/');
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~!$'()*+,:@".contains(&byte) {
                target.push(char::from(byte));
            } else {
                target.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    if target.is_empty() { "/".to_owned() } else { target }
}

/// Neither `.` nor `..`, and not empty unless the app keeps empty segments.
struct Segments<'a> {
    alphabet: &'a Alphabet,
    empty: bool,
}

impl Valid for Segments<'_> {
    fn step(&self, state: u8, letter: usize) -> Option<u8> {
        // 0: nothing yet; 1 and 2: so many dots; 3: anything.
        Some(match (self.alphabet.letter(letter), state) {
            ('.', 0) => 1,
            ('.', 1) => 2,
            _ => 3,
        })
    }

    fn ends(&self, state: u8) -> bool {
        state == 3 || (state == 0 && self.empty)
    }
}

/// Any row of segments is a path.
struct AnyPath;

impl Valid for AnyPath {
    fn step(&self, _: u8, _: usize) -> Option<u8> {
        Some(0)
    }

    fn ends(&self, _: u8) -> bool {
        true
    }
}
