//! Which combinations of patterns any text can fit, with one text for each: by running all patterns side by side over a small alphabet.
//!
//! Characters that no pattern names are all alike, so one of them stands for the rest. Texts are found shortest first.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::TooLarge;

/// One step of a pattern.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// One of the letters that have a flag here.
    One(Box<[bool]>),
    /// Any run of letters, the empty one included.
    Run,
}

/// Which texts there are: a small machine, and where it may stop.
pub(super) trait Valid {
    /// Where it goes on reading a letter; `None`: no text begins like this.
    fn step(&self, state: u8, letter: usize) -> Option<u8>;
    /// Whether a text may end here.
    fn ends(&self, state: u8) -> bool;
}

/// How many steps a pattern may have.
const MOST_STEPS: usize = 127;
/// How many places of the machine are visited at most.
const MOST_PLACES: usize = 200_000;

/// Where every pattern is at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    valid: u8,
    /// The steps of each pattern that may come next, a bit each.
    at: Box<[u128]>,
}

/// For every combination of patterns that some text fits (a flag a pattern), the letters of a shortest such text.
pub(super) fn combinations(patterns: &[Vec<Step>], letters: usize, valid: &dyn Valid) -> Result<BTreeMap<Vec<bool>, Vec<usize>>, TooLarge> {
    if patterns.iter().any(|p| p.len() > MOST_STEPS) {
        return Err(TooLarge);
    }
    let start = Place { valid: 0, at: patterns.iter().map(|p| closed(p, 1)).collect() };
    // Each place, and the one it was reached from by which letter.
    let mut places: Vec<(Place, usize, usize)> = vec![(start.clone(), 0, 0)];
    let mut known: HashMap<Place, usize> = HashMap::from([(start, 0)]);
    let mut found = BTreeMap::new();
    let mut queue = VecDeque::from([0_usize]);
    while let Some(ix) = queue.pop_front() {
        let Some((place, ..)) = places.get(ix).cloned() else { continue };
        if valid.ends(place.valid) {
            let fits: Vec<bool> = patterns.iter().zip(&place.at).map(|(p, at)| at >> p.len() & 1 == 1).collect();
            found.entry(fits).or_insert_with(|| text(&places, ix));
        }
        for letter in 0..letters {
            let Some(state) = valid.step(place.valid, letter) else { continue };
            let at = patterns.iter().zip(&place.at).map(|(p, at)| advance(p, *at, letter)).collect();
            let next = Place { valid: state, at };
            if !known.contains_key(&next) {
                if places.len() >= MOST_PLACES {
                    return Err(TooLarge);
                }
                known.insert(next.clone(), places.len());
                queue.push_back(places.len());
                places.push((next, ix, letter));
            }
        }
    }
    Ok(found)
}

/// The places that are reached without a letter: behind a run.
fn closed(pattern: &[Step], mut at: u128) -> u128 {
    for (ix, step) in pattern.iter().enumerate() {
        if matches!(step, Step::Run) && at >> ix & 1 == 1 {
            at |= 1 << (ix + 1);
        }
    }
    at
}

fn advance(pattern: &[Step], at: u128, letter: usize) -> u128 {
    if at == 0 {
        return 0;
    }
    let mut next = 0;
    for (ix, step) in pattern.iter().enumerate().filter(|(ix, _)| at >> ix & 1 == 1) {
        match step {
            Step::Run => next |= 1 << ix,
            Step::One(letters) if letters.get(letter) == Some(&true) => next |= 1 << (ix + 1),
            Step::One(_) => {}
        }
    }
    closed(pattern, next)
}

/// The letters on the way to a place.
fn text(places: &[(Place, usize, usize)], mut ix: usize) -> Vec<usize> {
    let mut letters = Vec::new();
    while let Some((_, from, letter)) = places.get(ix)
        && ix > 0
    {
        letters.push(*letter);
        ix = *from;
    }
    letters.reverse();
    letters
}

/// The characters that patterns name, and one for all others.
#[derive(Debug)]
pub(super) struct Alphabet(Vec<char>);

impl Alphabet {
    /// `special` are characters that the rules of the texts tell apart; of `others` the first that is not among them stands for the rest.
    pub(super) fn new<'t>(parts: impl Iterator<Item = &'t str>, special: &str, others: &str) -> Self {
        let mut letters: Vec<char> = parts.flat_map(str::chars).chain(special.chars()).collect();
        letters.sort_unstable();
        letters.dedup();
        let other = others.chars().find(|c| !letters.contains(c));
        // The plain character first, so that texts are as plain as they can be.
        Self(other.into_iter().chain(letters).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn letter(&self, ix: usize) -> char {
        self.0.get(ix).copied().unwrap_or('-')
    }

    /// The letters of a text that was found.
    pub(super) fn spell(&self, letters: &[usize]) -> String {
        letters.iter().map(|ix| self.letter(*ix)).collect()
    }

    /// A pattern in which runs stand between the parts. A character that is no letter fits nothing.
    pub(super) fn pattern<'t>(&self, parts: impl Iterator<Item = &'t str>) -> Vec<Step> {
        let mut steps = Vec::new();
        for (ix, part) in parts.enumerate() {
            if ix > 0 {
                steps.push(Step::Run);
            }
            steps.extend(part.chars().map(|c| Step::One(self.0.iter().map(|letter| *letter == c).collect())));
        }
        steps
    }
}
