//! Which decisions differ between two sets of policies.

use std::collections::BTreeSet;

use crate::base::AppId;

use super::{
    super::{ast::Policy, explain::Outcome, rules::AppPolicies, set::PolicySet},
    TooLarge,
    example::{Example, example},
    formula::{FALSE, Id},
    questions::{Decides, Questions},
    search::{Goal, Outcomes, Seen, decided, search},
};

/// A class of requests that are decided otherwise.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// The app.
    pub app: AppId,
    /// One such request.
    pub example: Example,
    /// What the old policies say.
    pub old: Outcome,
    /// What the new ones say.
    pub new: Outcome,
}

/// Everything that differs, for one app.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// Every pair of decisions that some request has, with an example; none: nothing differs.
    Differences(Vec<Difference>),
    /// There are too many classes of requests to say.
    TooLarge(AppId),
}

/// Compares the decisions of two sets, app by app. An app that one of them does not name is one where a grant alone lets in.
pub fn diff(old: &PolicySet, new: &PolicySet) -> Vec<Compared> {
    let apps: BTreeSet<&AppId> = old.apps().chain(new.apps()).map(|(id, _)| id).collect();
    apps.into_iter()
        .map(|app| {
            let found = of_app(app, old.app(app).map(|a| &**a), new.app(app).map(|a| &**a));
            found.map_or_else(|TooLarge| Compared::TooLarge(app.clone()), Compared::Differences)
        })
        .collect()
}

fn of_app(id: &AppId, old: Option<&AppPolicies>, new: Option<&AppPolicies>) -> Result<Vec<Difference>, TooLarge> {
    let Some(either) = new.or(old) else { return Ok(Vec::new()) };
    let policies: Vec<&Policy> = old.into_iter().chain(new).flat_map(|app| &app.written).map(|p| &**p).collect();
    let mut questions = Questions::new(either, &policies, &[]);
    let mut decides = |app: Option<&AppPolicies>| app.map_or(Decides { blocks: FALSE, challenges: FALSE }, |app| questions.decides(app));
    let (before, after) = (decides(old), decides(new));
    if before == after {
        return Ok(Vec::new());
    }
    let state = vec![questions.signed_in(), before.blocks, before.challenges, after.blocks, after.challenges];
    let mut differences = Vec::new();
    for (pair, shown) in search(&mut questions, state, &Differ)? {
        let (what_if, example) = example(&shown, either)?;
        let (old_says, new_says) = unpair(pair);
        // What the evaluators say otherwise was not decided here.
        let said = |app: Option<&AppPolicies>| app.map_or(Outcome::Allow, |app| what_if.explain(app).decision);
        if (said(old), said(new)) != (old_says, new_says) {
            return Err(TooLarge);
        }
        differences.push(Difference { app: id.clone(), example, old: old_says, new: new_says });
    }
    Ok(differences)
}

const OUTCOMES: [Outcome; 3] = [Outcome::Allow, Outcome::Challenge, Outcome::Block];

fn pair(old: Outcome, new: Outcome) -> u32 {
    let place = |outcome| OUTCOMES.iter().position(|o| *o == outcome).and_then(|ix| u32::try_from(ix).ok()).unwrap_or(0);
    place(old) * 3 + place(new)
}

fn unpair(pair: u32) -> (Outcome, Outcome) {
    let of = |ix: u32| OUTCOMES.get(ix as usize).copied().unwrap_or(Outcome::Allow);
    (of(pair / 3), of(pair % 3))
}

struct Differ;

impl Goal for Differ {
    fn look(&self, state: &mut [Id]) -> Seen {
        let [signed_in, blocks, challenges, blocks_now, challenges_now] = state else { return Seen::Nothing };
        if *signed_in == FALSE {
            return Seen::Nothing;
        }
        let (old, new) = (decided(blocks, challenges), decided(blocks_now, challenges_now));
        match (old, new) {
            // What is still open is open in the same way.
            _ if (*blocks, *challenges) == (*blocks_now, *challenges_now) => Seen::Nothing,
            (Some(old), Some(new)) if *signed_in == super::formula::TRUE => Seen::Outcome(pair(old, new)),
            _ => Seen::Open,
        }
    }

    fn is_enough(&self, found: &Outcomes) -> bool {
        found.len() == OUTCOMES.len() * (OUTCOMES.len() - 1)
    }
}
