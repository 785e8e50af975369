//! What looks wrong in policies that can be read: what never applies, what is said twice, and where nobody gets in.

use std::collections::HashMap;

use crate::base::{AppId, Name, Report, Severity};

use super::{
    super::{
        ast::{Policy, State},
        explain::Outcome,
        rules::AppPolicies,
        set::PolicySet,
    },
    TooLarge,
    formula::{FALSE, Id, TRUE},
    questions::Questions,
    search::{Goal, Outcomes, Seen, decided, search_with},
};

impl PolicySet {
    /// Everything that looks wrong, as warnings: exact, or said to be too large to decide.
    pub fn analyse(&self) -> Report {
        let mut report = Report::new();
        let mut apps: Vec<(&AppId, &AppPolicies)> = self.apps().map(|(id, app)| (id, &**app)).collect();
        apps.sort_unstable_by_key(|(id, _)| *id);
        let mut warn = |app: &AppId, text: String| report.general(Severity::Warning, None, format!("app `{app}`: {text}"), None);
        for (id, app) in apps {
            let named = |list: &[Name]| list.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" and ");
            for pair in doubled(app) {
                warn(id, format!("the policies {} say the same", named(&pair)));
            }
            match judged(app) {
                Err(TooLarge) => warn(id, "too large to say whether every policy can apply and anybody gets in".to_owned()),
                Ok(judged) => {
                    for name in judged.idle {
                        warn(id, format!("the policy `{name}` can never apply: its conditions contradict each other"));
                    }
                    if judged.locked {
                        warn(id, "nobody gets in, however they have signed in".to_owned());
                    }
                }
            }
        }
        report
    }
}

/// Pairs of policies that differ in nothing but their names and descriptions.
fn doubled(app: &AppPolicies) -> Vec<[Name; 2]> {
    let acting: Vec<&Policy> = app.written.iter().map(|p| &**p).filter(|p| p.state != State::Off).collect();
    let mut pairs = Vec::new();
    for (ix, one) in acting.iter().enumerate() {
        let twin = acting.iter().skip(ix + 1).find(|other| is_same(one, other));
        pairs.extend(twin.map(|other| [one.name.clone(), other.name.clone()]));
    }
    pairs
}

fn is_same(one: &Policy, other: &Policy) -> bool {
    let conditions = (&one.principal, &one.when, &one.unless) == (&other.principal, &other.when, &other.unless);
    conditions && (one.state, &one.block, &one.require, one.session) == (other.state, &other.block, &other.require, other.session)
}

/// What was found out about an app.
struct Judged {
    /// The policies that never apply.
    idle: Vec<Name>,
    /// No request passes.
    locked: bool,
}

fn judged(app: &AppPolicies) -> Result<Judged, TooLarge> {
    let policies: Vec<&Policy> = app.written.iter().map(|p| &**p).filter(|p| p.state != State::Off).collect();
    let mut questions = Questions::new(app, &policies, &[]);
    let applies: Vec<Id> = policies.iter().map(|p| questions.applies(p)).collect();
    let (decides, signed_in) = (questions.decides(app), questions.signed_in());
    let mut made = HashMap::new();
    let mut idle = Vec::new();
    for (policy, applies) in policies.iter().zip(applies) {
        let both = questions.formulas.all([applies, signed_in]);
        if search_with(&mut questions, &mut made, vec![both], &CanBe)?.is_empty() {
            idle.push(policy.name.clone());
        }
    }
    let state = vec![signed_in, decides.blocks, decides.challenges];
    let locked = search_with(&mut questions, &mut made, state, &GetsIn)?.is_empty();
    Ok(Judged { idle, locked })
}

/// Whether one formula holds for any request.
struct CanBe;

impl Goal for CanBe {
    fn look(&self, state: &mut [Id]) -> Seen {
        match state {
            [TRUE] => Seen::Outcome(0),
            [FALSE] => Seen::Nothing,
            _ => Seen::Open,
        }
    }

    fn is_enough(&self, found: &Outcomes) -> bool {
        !found.is_empty()
    }
}

/// Whether any request passes.
struct GetsIn;

impl Goal for GetsIn {
    fn look(&self, state: &mut [Id]) -> Seen {
        let [signed_in, blocks, challenges] = state else { return Seen::Nothing };
        if *signed_in == FALSE || *challenges == TRUE {
            return Seen::Nothing;
        }
        match decided(blocks, challenges) {
            Some(Outcome::Allow) if *signed_in == TRUE => Seen::Outcome(0),
            Some(Outcome::Allow) | None => Seen::Open,
            Some(_) => Seen::Nothing,
        }
    }

    fn is_enough(&self, found: &Outcomes) -> bool {
        !found.is_empty()
    }
}
