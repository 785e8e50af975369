//! Whether a statement holds for every request with a valid grant.

use crate::base::AppId;

use super::{
    super::{
        ast::{Cond, Policy},
        explain::Outcome,
        rules::AppPolicies,
        set::PolicySet,
    },
    TooLarge,
    example::{Example, example},
    formula::{FALSE, Id, TRUE},
    questions::Questions,
    search::{Goal, Outcomes, Seen, decided, search},
    statement::{Statement, Word},
};

/// What came of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Proved {
    /// It holds for every request.
    Holds,
    /// It does not hold for this one.
    Refuted(Box<Counterexample>),
    /// There are too many classes of requests to say.
    TooLarge,
}

/// A request for which a statement does not hold.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Counterexample {
    /// The app.
    pub app: AppId,
    /// The request.
    #[serde(flatten)]
    pub request: Example,
}

/// Proves a statement about the apps that it names, or finds a request that refutes it.
pub fn prove(set: &PolicySet, statement: &Statement) -> Proved {
    let mut apps: Vec<(&AppId, &AppPolicies)> = set.apps().map(|(id, app)| (id, &**app)).collect();
    apps.retain(|(id, _)| statement.apps.is_empty() || statement.apps.contains(id));
    apps.sort_unstable_by_key(|(id, _)| *id);
    let mut undecided = false;
    for (id, app) in apps {
        match of_app(app, statement) {
            Ok(None) => {}
            Ok(Some(request)) => return Proved::Refuted(Box::new(Counterexample { app: id.clone(), request })),
            Err(TooLarge) => undecided = true,
        }
    }
    if undecided { Proved::TooLarge } else { Proved::Holds }
}

fn of_app(app: &AppPolicies, statement: &Statement) -> Result<Option<Example>, TooLarge> {
    let policies: Vec<&Policy> = app.written.iter().map(|p| &**p).collect();
    let (premise, unless) = (statement.premise.read_by(app.path_rules()), statement.unless.read_by(app.path_rules()));
    let mut questions = Questions::new(app, &policies, &[&premise, &unless]);
    let decides = questions.decides(app);
    // A premise that is unknown counts as holding, an exception as not: both are "it can be so".
    let parts = [questions.condition(&premise, false), questions.condition(&unless, true), questions.signed_in()];
    let concerned = questions.formulas.all(parts);
    let goal = Refute { statement };
    let found = search(&mut questions, vec![concerned, decides.blocks, decides.challenges], &goal)?;
    let Some(shown) = found.into_values().next() else { return Ok(None) };
    let (what_if, example) = example(&shown, app)?;
    let concerned = what_if.may_hold(&premise) && what_if.may_hold(&Cond::Not(Box::new(unless)));
    // What the evaluators say otherwise was not decided here.
    if !concerned || !statement.is_refuted_by(what_if.explain(app).decision) {
        return Err(TooLarge);
    }
    Ok(Some(example))
}

impl Statement {
    fn is_refuted_by(&self, outcome: Outcome) -> bool {
        match self.word {
            Word::Never => outcome == self.decision,
            Word::Always => outcome != self.decision,
        }
    }
}

struct Refute<'s> {
    statement: &'s Statement,
}

impl Goal for Refute<'_> {
    fn look(&self, state: &mut [Id]) -> Seen {
        let [concerned, blocks, challenges] = state else { return Seen::Nothing };
        if *concerned == FALSE {
            return Seen::Nothing;
        }
        match decided(blocks, challenges) {
            Some(outcome) if !self.statement.is_refuted_by(outcome) => Seen::Nothing,
            Some(_) if *concerned == TRUE => Seen::Outcome(0),
            // Only whether the statement is about this is left.
            Some(_) => Seen::Open,
            // Something is unmet already, so it can only become a block.
            None if *challenges == TRUE && self.is_safe(&[Outcome::Challenge, Outcome::Block]) => Seen::Nothing,
            None if *challenges == FALSE && self.is_safe(&[Outcome::Allow, Outcome::Block]) => Seen::Nothing,
            None if *blocks == FALSE && self.is_safe(&[Outcome::Allow, Outcome::Challenge]) => Seen::Nothing,
            None => Seen::Open,
        }
    }

    fn is_enough(&self, found: &Outcomes) -> bool {
        !found.is_empty()
    }
}

impl Refute<'_> {
    /// Whether none of these outcomes refutes the statement.
    fn is_safe(&self, outcomes: &[Outcome]) -> bool {
        !outcomes.iter().any(|o| self.statement.is_refuted_by(*o))
    }
}
