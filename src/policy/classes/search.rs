//! Finds every outcome that some request has, with one such request: fact by fact, and what turns out equal is followed once.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use super::{
    TooLarge,
    facts::{Class, Shown, classes},
    formula::{Id, TRUE},
    questions::{About, Questions},
};

/// What is to be found out.
pub(super) trait Goal {
    /// What is known of the outcome. May replace formulas that do not matter any more, so that more states are equal.
    fn look(&self, state: &mut [Id]) -> Seen;

    /// Whether nothing more needs to be found.
    fn is_enough(&self, found: &Outcomes) -> bool;
}

/// What is known of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is none that anybody asks for.
    Nothing,
    /// It is this one.
    Outcome(u32),
    /// More facts are needed.
    Open,
}

/// Outcomes, with the facts of one request that has it. Facts that do not matter are left out.
pub(super) type Outcomes = BTreeMap<u32, Vec<Shown>>;

/// How many states are looked at, and how many formulas made.
const MOST_STATES: usize = 300_000;
const MOST_FORMULAS: usize = 3_000_000;

/// The classes of facts that were needed so far.
pub(super) type Made = HashMap<usize, Rc<Vec<Class>>>;

/// Looks at every class of requests.
pub(super) fn search(questions: &mut Questions, state: Vec<Id>, goal: &dyn Goal) -> Result<Outcomes, TooLarge> {
    search_with(questions, &mut Made::new(), state, goal)
}

/// The same, for one search of several over the same questions, all of which have been asked before the first.
pub(super) fn search_with(questions: &mut Questions, classes: &mut Made, state: Vec<Id>, goal: &dyn Goal) -> Result<Outcomes, TooLarge> {
    let headers: Vec<usize> =
        questions.facts.iter().enumerate().filter(|(_, f)| matches!(f.about, About::Header(_))).map(|(ix, _)| ix).collect();
    let mut search = Search { questions, goal, classes, seen: HashSet::new(), chosen: Vec::new(), found: Outcomes::new() };
    let mut unknown = state.clone();
    search.go(state)?;
    if !headers.is_empty() && !goal.is_enough(&search.found) {
        // All headers are known, or none is: then anything can be so, and can be otherwise.
        for fact in headers {
            unknown = search.given(&unknown, fact, &|_, _| true);
        }
        search.go(unknown)?;
    }
    Ok(search.found)
}

struct Search<'s> {
    questions: &'s mut Questions,
    goal: &'s dyn Goal,
    classes: &'s mut Made,
    seen: HashSet<Vec<Id>>,
    /// The classes on the way to the present state.
    chosen: Vec<(usize, usize)>,
    found: Outcomes,
}

impl Search<'_> {
    fn go(&mut self, mut state: Vec<Id>) -> Result<(), TooLarge> {
        match self.goal.look(&mut state) {
            Seen::Nothing => return Ok(()),
            Seen::Outcome(outcome) => {
                if !self.found.contains_key(&outcome) {
                    let shown = self.chosen.iter().filter_map(|(fact, class)| Some(self.classes.get(fact)?.get(*class)?.shown.clone()));
                    let shown = shown.collect();
                    self.found.insert(outcome, shown);
                }
                return Ok(());
            }
            Seen::Open => {}
        }
        if !self.seen.insert(state.clone()) {
            return Ok(());
        }
        if self.seen.len() > MOST_STATES || self.questions.formulas.len() > MOST_FORMULAS {
            return Err(TooLarge);
        }
        let Some(fact) = self.next(&state) else { return Err(TooLarge) };
        let classes = self.classes_of(fact)?;
        for (ix, class) in classes.iter().enumerate() {
            let next = self.given(&state, fact, &|question, negated| class.holds(question, negated));
            self.chosen.push((fact, ix));
            self.go(next)?;
            self.chosen.pop();
            if self.goal.is_enough(&self.found) {
                break;
            }
        }
        Ok(())
    }

    /// The fact that most depends on.
    fn next(&self, state: &[Id]) -> Option<usize> {
        let mut weights = HashMap::new();
        state.iter().for_each(|id| self.questions.formulas.weigh(*id, 0, &mut weights));
        let best = weights.into_iter().max_by_key(|(fact, weight)| (*weight, std::cmp::Reverse(*fact)));
        best.map(|(fact, _)| fact as usize)
    }

    fn classes_of(&mut self, fact: usize) -> Result<Rc<Vec<Class>>, TooLarge> {
        if let Some(known) = self.classes.get(&fact) {
            return Ok(Rc::clone(known));
        }
        let asked = self.questions.facts.get(fact).ok_or(TooLarge)?;
        let made = Rc::new(classes(self.questions, asked)?);
        self.classes.insert(fact, Rc::clone(&made));
        Ok(made)
    }

    fn given(&mut self, state: &[Id], fact: usize, answer: &dyn Fn(u32, bool) -> bool) -> Vec<Id> {
        let number = u32::try_from(fact).unwrap_or(u32::MAX);
        let mut done = HashMap::new();
        let literal = |l: super::formula::Literal| answer(l.question, l.negated);
        state.iter().map(|id| self.questions.formulas.given(*id, number, &literal, &mut done)).collect()
    }
}

/// The outcome of an app as far as it is known; what comes behind a block or a challenge does not matter.
pub(super) fn decided(blocks: &mut Id, challenges: &mut Id) -> Option<super::super::explain::Outcome> {
    use super::{super::explain::Outcome, formula::FALSE};
    match (*blocks, *challenges) {
        (TRUE, _) => {
            *challenges = FALSE;
            Some(Outcome::Block)
        }
        (FALSE, TRUE) => Some(Outcome::Challenge),
        (FALSE, FALSE) => Some(Outcome::Allow),
        _ => None,
    }
}
