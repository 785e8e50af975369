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
pub mod entra;
mod explain;
mod facts;
mod hearsay;
mod logged;
mod outcome;
mod parse;
mod person;
mod print;
mod require;
mod risk;
mod rules;
mod schedule;
mod set;
mod truth;
mod words;

pub use ast::State;
pub use cases::{Case, CaseResult, WhatIf};
pub use classes::{Compared, Counterexample, Difference, Example, Proved, Statement, diff, prove};
pub use explain::{ExplainedPolicy, Explanation, Outcome};
pub use facts::{Acceptance, Done, Facts, GrantState, HeaderFacts, Headers, PersonFacts, RequestFacts, Subject};
pub use logged::{Answered, Judged, LoggedFacts, LoggedRequest, Missing};
pub use outcome::{
    Decision, Fact, Footprint, MOST_REQUIREMENTS, MOST_RULES, NoGrant, RuleBits, RuleIter, RuleIx, SessionLimits, Unmet, Verdict,
};
pub use parse::{VOCABULARY, Vocabulary};
pub use require::{Method, Need, Requirement, Strength, Terms};
pub use risk::{Reason, Sighting};
pub use rules::AppPolicies;
pub use set::{Files, KnownApp, MethodsOffered, PolicySet, PolicyVersion, Universe, UnknownVersion};
pub use truth::Truth;
pub use words::{Bind, Bound, Client, Device, Devices, Downloads, Platform, Risk, Signal, Signals};

#[cfg(test)]
mod tests;
