//! Who may do what, when and from where: policy files in, a decision for each request out.
//!
//! Pure: texts and facts are handed in, nothing is read, nobody is asked for the time. [`PolicySet::build`] takes the texts and answers
//! with the compiled policies of every app or with everything that is wrong; [`AppPolicies::decide`] is what the data plane calls.

mod ast;
mod build;
mod cases;
mod classes;
mod compile;
mod decide;
mod explain;
mod facts;
mod outcome;
mod parse;
mod person;
mod require;
mod rules;
mod schedule;
mod set;
mod truth;

pub use ast::State;
pub use cases::{Case, CaseResult, WhatIf};
pub use classes::{Compared, Counterexample, Difference, Example, Proved, Statement, diff, prove};
pub use explain::{ExplainedPolicy, Explanation, Outcome};
pub use facts::{Client, Facts, GrantState, HeaderFacts, Headers, PersonFacts, RequestFacts, Subject};
pub use outcome::{
    Decision, Fact, Footprint, MOST_REQUIREMENTS, MOST_RULES, NoGrant, RuleBits, RuleIter, RuleIx, SessionLimits, Unmet, Verdict,
};
pub use require::{Method, Need, Requirement, Strength};
pub use rules::AppPolicies;
pub use set::{Files, KnownApp, MethodsOffered, PolicySet, PolicyVersion, Universe};
pub use truth::Truth;

#[cfg(test)]
mod tests;
