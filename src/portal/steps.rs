//! The steps that a guest can take towards what an app asks, and the choice of the cheapest.
//!
//! A new kind of step has a variant here, its effort, its words, and the needs that it meets; its page and its form stand in a file of
//! their own, and [`super::stepup`] shows them.

use crate::{base::Name, policy::Need};

/// One thing that a guest does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Have a code mailed, and type it.
    EmailCode,
    /// Read these terms of use, and accept them.
    Terms(Name),
    /// Say why.
    Justification,
    /// Ask an owner, and wait.
    Approval,
}

/// How many plans are kept while they are made: the cheapest.
const MOST_PLANS: usize = 32;

impl Step {
    /// How much it asks of a person, for choosing between ways; only comparisons mean something.
    fn effort(&self) -> u32 {
        match self {
            Self::EmailCode => 4,
            Self::Terms(_) => 5,
            Self::Justification => 6,
            // Nobody else is asked for anything before the guest has done what the guest can do.
            Self::Approval => 100,
        }
    }

    /// The text by which pages announce it.
    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::EmailCode => "step-email-code",
            Self::Terms(_) => "tile-need-terms",
            Self::Justification => "tile-need-justification",
            Self::Approval => "tile-need-approval",
        }
    }

    /// The steps of which any one meets a need.
    pub(super) fn meeting(need: &Need) -> Vec<Self> {
        match need {
            Need::EmailCode | Need::FreshSignIn => vec![Self::EmailCode],
            Need::Terms(name) => vec![Self::Terms(name.clone())],
            Need::Justification => vec![Self::Justification],
            Need::Approval => vec![Self::Approval],
            Need::Passkey | Need::Totp | Need::SecondFactor | Need::Federated(_) | Need::ClientCertificate | Need::KnownDevice => {
                Vec::new()
            }
        }
    }
}

/// The cheapest steps that meet each of the requirements, whose ways are given, in the order of their effort; `None`: there are none.
pub(super) fn plan(ways: &[Vec<Vec<Need>>], meeting: impl Fn(&Need) -> Vec<Step>) -> Option<Vec<Step>> {
    let mut plans: Vec<Vec<Step>> = vec![Vec::new()];
    for alternatives in ways {
        let mut longer = Vec::new();
        for way in alternatives {
            let mut along = plans.clone();
            for need in way {
                let steps = meeting(need);
                along = along.iter().flat_map(|plan| steps.iter().map(|step| with(plan, step))).collect();
                keep_cheapest(&mut along);
            }
            longer.extend(along);
        }
        keep_cheapest(&mut longer);
        plans = longer;
    }
    plans.into_iter().next()
}

fn with(plan: &[Step], step: &Step) -> Vec<Step> {
    let mut longer = plan.to_vec();
    if !longer.contains(step) {
        longer.push(step.clone());
        longer.sort_by_key(|step| (step.effort(), step.clone()));
    }
    longer
}

fn keep_cheapest(plans: &mut Vec<Vec<Step>>) {
    plans.sort_by_key(|plan| (plan.iter().map(Step::effort).sum::<u32>(), plan.clone()));
    plans.dedup();
    plans.truncate(MOST_PLANS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_that_meets_two_requirements_is_taken_once() {
        let ways = [vec![vec![Need::FreshSignIn]], vec![vec![Need::Passkey], vec![Need::EmailCode]]];
        assert_eq!(plan(&ways, Step::meeting), Some(vec![Step::EmailCode]));
    }

    #[test]
    fn without_a_way_there_is_no_plan() {
        assert_eq!(plan(&[vec![vec![Need::EmailCode, Need::ClientCertificate]]], Step::meeting), None);
        assert_eq!(plan(&[vec![vec![Need::EmailCode]], Vec::new()], Step::meeting), None);
        assert_eq!(plan(&[], Step::meeting), Some(Vec::new()));
    }
}
