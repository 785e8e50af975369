//! All requests there can be, by classes that no policy tells apart: what `diff`, `prove` and the analyses
//! of `check` look at.
//!
//! A fact is cut into classes by everything that is asked about it: addresses at the ends of networks, paths by the patterns that they
//! fit, time at the turns of schedules, ages at their limits. Policies become formulas over the answers; the search fixes one fact after
//! another and goes on from each set of formulas once. It is exact: what would take too long is said to be too large, and every example
//! is decided by the evaluators before anybody sees it.

mod analyse;
mod clock;
mod diff;
mod example;
mod facts;
mod formula;
mod paths;
mod people;
mod prove;
mod questions;
mod search;
mod statement;
mod texts;
mod words;

pub use diff::{Compared, Difference, diff};
pub use example::Example;
pub use prove::{Counterexample, Proved, prove};
pub use statement::Statement;

/// There are more classes than can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TooLarge;
