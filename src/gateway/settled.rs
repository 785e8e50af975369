//! A decision with what is counted and logged of it: made once, and handed on as a pointer for every request that it answers.

use std::{rc::Rc, sync::Arc};

use crate::{
    observe::{JsonList, PolicyResult, Tally},
    policy::{Decision, RuleBits, Verdict},
};

use super::worker::BoundApp;

/// A decision, and who had a part in it.
pub(super) struct Settled {
    /// What was decided.
    pub(super) decision: Decision,
    /// The names of the enforced policies that apply, as the log has them.
    pub(super) applied: Rc<JsonList>,
    /// Those of the policies on trial that would have turned the request away.
    pub(super) report_only: Rc<JsonList>,
    /// `None` where no policy had anything to say.
    tally: Option<Arc<Tally>>,
}

/// What decisions have in common that are counted alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alike {
    applied: RuleBits,
    report_only: RuleBits,
    by: RuleBits,
    result: PolicyResult,
}

impl Settled {
    /// A decision of this app's policies.
    pub(super) fn new(app: &BoundApp, decision: Decision) -> Rc<Self> {
        let result = match decision.verdict {
            Verdict::Block { .. } => PolicyResult::Block,
            Verdict::Challenge(_) => PolicyResult::Challenge,
            Verdict::Allow | Verdict::NotAssigned(_) => PolicyResult::Pass,
        };
        let alike = Alike { applied: decision.applied, report_only: decision.report_only, by: decision.by, result };
        let silent = decision.applied.is_empty() && decision.report_only.is_empty();
        Rc::new(Self {
            applied: app.names(decision.applied),
            report_only: app.names(decision.report_only),
            tally: (!silent).then(|| app.tally(alike)),
            decision,
        })
    }

    /// Counts what each policy had to say of one more request.
    pub(super) fn count(&self) {
        if let Some(tally) = &self.tally {
            tally.count();
        }
    }
}

impl Alike {
    /// What each policy says.
    pub(super) fn said(
        self,
        blocks: impl Fn(crate::policy::RuleIx) -> bool,
    ) -> impl Iterator<Item = (crate::policy::RuleIx, PolicyResult)> {
        let enforced = self.applied.iter().map(move |ix| (ix, if self.by.contains(ix) { self.result } else { PolicyResult::Pass }));
        let tried = self.report_only.iter().map(move |ix| (ix, if blocks(ix) { PolicyResult::Block } else { PolicyResult::Challenge }));
        enforced.chain(tried)
    }
}
