//! The `tests:` of policy files: facts, a request, and what must come of it.

use std::{collections::BTreeMap, net::IpAddr};

use crate::base::{AppId, At, Country, EmailAddress, Factor, Kind, Name, NormalPath, Proof, Source, Span, Timestamp};

use super::{
    ast::Cond,
    explain::{Explanation, Outcome},
    facts::{Acceptance, Facts, GrantState, HeaderFacts, PersonFacts, RequestFacts, Subject},
    require::Requirement,
    rules::AppPolicies,
    set::PolicySet,
    truth::{Truth, World},
    words::{Bind, Client, Devices, Downloads, Platform, Risk, Signals},
};

/// One entry of `tests:`.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it claims.
    pub name: String,
    /// The app whose policies it tests.
    pub app: AppId,
    /// The file it stands in.
    pub source: Source,
    /// Where it stands.
    pub at: At,
    pub(super) what_if: WhatIf,
    pub(super) expected: Expected,
}

/// A request that might be: facts in the words of `given`, every one that is not given with its default.
#[derive(Debug, Clone)]
pub struct WhatIf {
    pub(super) given: Given,
    pub(super) method: String,
    pub(super) path: NormalPath<'static>,
}

#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) kind: Kind,
    pub(super) email: EmailAddress,
    pub(super) groups: Vec<Name>,
    pub(super) attributes: BTreeMap<String, Vec<String>>,
    pub(super) invited_by: Option<EmailAddress>,
    pub(super) role: Option<Name>,
    pub(super) guest_for: Span,
    pub(super) grant: GrantState,
    /// Methods and how long ago each was used.
    pub(super) signed_in_with: Vec<(Factor, Span)>,
    pub(super) ip: Option<IpAddr>,
    pub(super) country: Option<Country>,
    pub(super) asn: Option<u32>,
    pub(super) platform: Option<Platform>,
    pub(super) device: Devices,
    pub(super) risk: Risk,
    /// What the risk comes from, where that is given.
    pub(super) signals: Signals,
    pub(super) terms: Vec<Accepted>,
    /// How long ago an owner approved.
    pub(super) approved: Option<Span>,
    pub(super) justified: bool,
    pub(super) client: Client,
    pub(super) headers: Option<BTreeMap<String, Vec<String>>>,
    pub(super) at: Timestamp,
}

/// Terms that were accepted in this version, so long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) terms: Name,
    pub(super) version: u32,
    pub(super) age: Span,
}

/// What must come; only what is named is compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub(super) decision: Option<Outcome>,
    pub(super) by: Option<Vec<Name>>,
    pub(super) unmet: Option<Vec<Requirement>>,
    pub(super) session: ExpectedSession,
    pub(super) report_only: Option<Vec<Name>>,
    /// `Some(None)` is `never`.
    pub(super) holds_until: Option<Option<Timestamp>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ExpectedSession {
    pub(super) idle: Option<Span>,
    pub(super) lifetime: Option<Span>,
    pub(super) persistent: Option<bool>,
    pub(super) read_only: Option<bool>,
    pub(super) concurrent: Option<u32>,
    pub(super) bind: Option<Bind>,
    pub(super) downloads: Option<Downloads>,
}

/// What came of a case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// What came, and why.
    pub explanation: Explanation,
    /// What differs from what was expected; empty: the case passes.
    pub differences: Vec<String>,
}

impl CaseResult {
    /// Whether everything came as expected.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Case {
    /// The policies that must block or challenge, where the case says so.
    pub fn expected_by(&self) -> &[Name] {
        self.expected.by.as_deref().unwrap_or_default()
    }

    /// Runs the case. `None`: the set has no such app.
    pub fn run(&self, set: &PolicySet) -> Option<CaseResult> {
        let app = set.app(&self.app)?;
        let explanation = self.what_if.explain(app);
        let mut differences = self.expected.differences(&explanation);
        // The data plane must say the same, or nobody should trust what is explained here.
        let decided = self.what_if.decide(app);
        if decided.as_str() != explanation.decision.to_string() {
            differences.push(format!("the gateway decides {}, the explanation {}", decided.as_str(), explanation.decision));
        }
        Some(CaseResult { explanation, differences })
    }
}

impl WhatIf {
    /// What these policies say to it, and why.
    pub fn explain(&self, app: &AppPolicies) -> Explanation {
        self.given.with_person(|person| {
            let subject = app.subject(person);
            self.with_facts(&subject, |facts| app.explain(person, facts))
        })
    }

    /// Whether a condition holds, or nobody knows.
    pub(super) fn may_hold(&self, cond: &Cond) -> bool {
        self.given.with_person(|person| {
            let subject = Subject::of_nobody();
            self.with_facts(&subject, |f| {
                World { now: f.now, person, done: f.done(), request: f.request, sockets_read: false }.truth(cond) != Truth::No
            })
        })
    }

    /// What the data plane decides.
    pub fn decide(&self, app: &AppPolicies) -> super::outcome::Verdict {
        self.given.with_person(|person| {
            let subject = app.subject(person);
            self.with_facts(&subject, |facts| app.decide(facts).verdict)
        })
    }

    fn with_facts<T>(&self, subject: &Subject, then: impl FnOnce(&Facts<'_>) -> T) -> T {
        let given = &self.given;
        let proofs: Vec<Proof> =
            given.signed_in_with.iter().map(|(factor, age)| Proof { factor: factor.clone(), at: given.at.minus(*age) }).collect();
        let accepted = given.terms.iter().map(|a| Acceptance { terms: a.terms.clone(), version: a.version, at: given.at.minus(a.age) });
        let accepted: Vec<Acceptance> = accepted.collect();
        let explicit = proofs.iter().filter(|p| p.factor != Factor::ClientCertificate);
        then(&Facts {
            now: given.at,
            subject,
            grant: given.grant,
            proofs: &proofs,
            signed_in: explicit.map(|p| p.at).max(),
            terms: &accepted,
            approved: given.approved.map(|age| given.at.minus(age)),
            justified: given.justified,
            risk: given.risk,
            signals: given.signals,
            request: RequestFacts {
                method: &self.method,
                path: &self.path,
                ip: given.ip,
                country: given.country,
                asn: given.asn,
                platform: given.platform,
                device: given.device,
                client: given.client,
                headers: given.headers.as_ref().map_or(HeaderFacts::Unknown, |h| HeaderFacts::Known(h)),
            },
        })
    }
}

impl Given {
    fn with_person<T>(&self, then: impl FnOnce(&PersonFacts<'_>) -> T) -> T {
        then(&PersonFacts {
            kind: self.kind,
            email: &self.email,
            groups: &self.groups,
            attributes: &self.attributes,
            invited_by: self.invited_by.as_ref(),
            role: self.role.as_ref(),
            guest_since: Some(self.at.minus(self.guest_for)),
        })
    }
}

impl Expected {
    pub(super) fn is_empty(&self) -> bool {
        let lists = self.by.is_none() && self.unmet.is_none() && self.report_only.is_none();
        self.decision.is_none() && lists && self.session == ExpectedSession::default() && self.holds_until.is_none()
    }

    fn differences(&self, came: &Explanation) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: Option<String>, came: String| {
            if let Some(expected) = expected.filter(|e| *e != came) {
                found.push(format!("{what}: expected {expected}, came {came}"));
            }
        };
        compare("decision", self.decision.map(|d| d.to_string()), came.decision.to_string());
        compare("by", self.by.as_deref().map(set), set(&came.by));
        compare("unmet", self.unmet.as_deref().map(set), set(&came.unmet));
        compare("report-only", self.report_only.as_deref().map(set), set(&came.report_only));
        let or_none = |span: Option<Span>| span.map_or_else(|| "none".to_owned(), |s| s.to_string());
        compare("session idle", self.session.idle.map(|s| s.to_string()), or_none(came.session.idle));
        compare("session lifetime", self.session.lifetime.map(|s| s.to_string()), or_none(came.session.lifetime));
        let persistent = came.session.persistent.map_or_else(|| "none".to_owned(), |p| p.to_string());
        compare("session persistent", self.session.persistent.map(|p| p.to_string()), persistent);
        compare("session read-only", self.session.read_only.map(|r| r.to_string()), came.session.read_only.to_string());
        let concurrent = came.session.concurrent.map_or_else(|| "none".to_owned(), |n| n.to_string());
        compare("session concurrent", self.session.concurrent.map(|n| n.to_string()), concurrent);
        compare("session bind", self.session.bind.map(|b| b.to_string()), came.session.bind.to_string());
        compare("session downloads", self.session.downloads.map(|d| d.to_string()), came.session.downloads.to_string());
        let until = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        compare("holds-until", self.holds_until.map(until), until(came.valid_until));
        found
    }
}

/// A list whose order does not matter, in words.
fn set<T: std::fmt::Display>(items: &[T]) -> String {
    let mut words: Vec<String> = items.iter().map(ToString::to_string).collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
