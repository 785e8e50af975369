//! From policies as written to flat tables.

use std::sync::Arc;

use crate::base::PrefixMap;

use super::{
    ast::{Cond, Group, Policy, State, Test},
    outcome::{Fact, Footprint, MOST_REQUIREMENTS, MOST_RULES, RuleBits, RuleIx},
    require::Requirement,
    rules::{ACCEPT, AppPolicies, Atom, Label, Op, REJECT, Rule},
    set::KnownApp,
};

/// Why an app's policies cannot be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooMany {
    #[error("more than {MOST_RULES} policies reach one app")]
    Rules,
    #[error("the policies that reach one app make more than {MOST_REQUIREMENTS} different requirements")]
    Requirements,
}

/// Compiles the policies that reach an app, in their order; those that are off are kept for explanations only.
pub(super) fn compile(app: &KnownApp, written: Vec<Arc<Policy>>, networks: Arc<PrefixMap>) -> Result<AppPolicies, TooMany> {
    let mut tables = Tables::default();
    let mut rules = Vec::new();
    let (mut every, mut public, mut footprint) = (RuleBits::NONE, RuleBits::NONE, Footprint::default());
    for policy in written.iter().filter(|p| p.state != State::Off) {
        let ix = RuleIx::new(rules.len()).ok_or(TooMany::Rules)?;
        let rule = tables.rule(policy)?;
        footprint = footprint.and(rule.footprint);
        every.insert(ix);
        if is_public(policy) {
            public.insert(ix);
        }
        rules.push(rule);
    }
    let (stamp, headers) = (stamp(&tables, &rules), headers(&tables.tests));
    let Tables { ops, tests: _, atoms, principals, requirements } = tables;
    Ok(AppPolicies {
        app: app.id.clone(),
        paths: app.paths,
        sockets_read: app.sockets_read,
        stamp,
        rules,
        ops,
        atoms,
        principals,
        requirements,
        networks,
        every,
        public,
        footprint,
        headers,
        written,
    })
}

/// Whether the policy blocks without asking about the person, the sign-in or the account.
fn is_public(policy: &Policy) -> bool {
    let mut asks = false;
    for cond in [&policy.principal, &policy.when, &policy.unless] {
        cond.each(&mut |test| asks |= matches!(test.group(), Group::Principal | Group::Authentication | Group::Account));
    }
    policy.state == State::Enforced && policy.block.is_some() && !asks
}

fn headers(tests: &[Test]) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> =
        tests.iter().filter_map(|test| if let Test::Header(name, _) = test { Some(name.clone()) } else { None }).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The same only where a subject means the same: it is made of these.
fn stamp(tables: &Tables, rules: &[Rule]) -> u64 {
    let labels: Vec<_> = rules.iter().map(|r| (r.principal, r.condition, r.footprint)).collect();
    let principals: Vec<_> = tables.atoms.iter().map(|a| if let Atom::Principal(bit) = a { Some(*bit) } else { None }).collect();
    let digest = blake3::hash(format!("{:?} {:?} {labels:?} {principals:?}", tables.principals, tables.ops).as_bytes());
    digest.as_bytes().iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
}

#[derive(Default)]
struct Tables {
    ops: Vec<Op>,
    tests: Vec<Test>,
    atoms: Vec<Atom>,
    principals: Vec<Test>,
    requirements: Vec<Requirement>,
}

impl Tables {
    fn rule(&mut self, policy: &Policy) -> Result<Rule, TooMany> {
        let mut requires = 0;
        for requirement in &policy.require {
            requires |= 1 << self.requirement(requirement)?;
        }
        let principal = self.emit(&policy.principal, false, ACCEPT, REJECT);
        let unless = self.emit(&policy.unless, true, ACCEPT, REJECT);
        let condition = self.emit(&policy.when, false, unless, REJECT);
        Ok(Rule {
            name: policy.name.clone(),
            message: policy.block.clone().unwrap_or_else(|| withheld(policy)),
            enforced: policy.state == State::Enforced,
            blocks: policy.block.is_some(),
            requires,
            limits: policy.session,
            principal,
            condition,
            footprint: footprint(policy),
        })
    }

    fn requirement(&mut self, wanted: &Requirement) -> Result<usize, TooMany> {
        if let Some(ix) = self.requirements.iter().position(|r| r == wanted) {
            return Ok(ix);
        }
        if self.requirements.len() == MOST_REQUIREMENTS {
            return Err(TooMany::Requirements);
        }
        self.requirements.push(wanted.clone());
        Ok(self.requirements.len() - 1)
    }

    /// Appends the ops of a condition and answers where they begin. Written from the back, so that every target is known.
    fn emit(&mut self, cond: &Cond, negated: bool, yes: Label, no: Label) -> Label {
        match cond {
            Cond::Is(test) => {
                let atom = self.atom(test);
                self.ops.push(Op { atom, negated, yes, no });
                small(self.ops.len() - 1)
            }
            Cond::Not(inner) => self.emit(inner, !negated, yes, no),
            Cond::All(list) if !negated => list.iter().rev().fold(yes, |next, c| self.emit(c, negated, next, no)),
            Cond::Any(list) if negated => list.iter().rev().fold(yes, |next, c| self.emit(c, negated, next, no)),
            Cond::All(list) | Cond::Any(list) => list.iter().rev().fold(no, |next, c| self.emit(c, negated, yes, next)),
        }
    }

    fn atom(&mut self, test: &Test) -> u32 {
        if let Some(ix) = self.tests.iter().position(|t| t == test) {
            return small(ix);
        }
        let atom = match test {
            Test::Network(networks) => {
                let mut ids: Vec<u32> = networks.iter().map(|n| n.id).collect();
                ids.sort_unstable();
                Atom::Network(ids.into())
            }
            Test::Country(list) => Atom::Country(list.clone().into()),
            Test::Asn(numbers) => {
                let mut numbers = numbers.clone();
                numbers.sort_unstable();
                Atom::Asn(numbers.into())
            }
            Test::Platform(platforms) => Atom::Platform(platforms.iter().fold(0, |mask, p| mask | 1 << *p as u8)),
            Test::Device(devices) => Atom::Device(*devices),
            Test::Risk(least) => Atom::Risk(*least),
            Test::Client(clients) => Atom::Client(clients.iter().fold(0, |mask, c| mask | 1 << *c as u8)),
            Test::Method(methods) => Atom::Method(methods.clone().into()),
            Test::Path(globs) => Atom::Path(globs.clone().into()),
            Test::Header(name, patterns) => Atom::Header(name.clone(), patterns.iter().map(|p| p.wildcard.clone()).collect()),
            Test::Schedule(schedule) => {
                schedule.zone.lay_out();
                Atom::Schedule(schedule.clone())
            }
            Test::Before(at) => Atom::Before(*at),
            Test::After(at) => Atom::After(*at),
            Test::SignedInWith(methods) => Atom::SignedInWith(methods.clone().into()),
            Test::GuestFor(span) => Atom::GuestFor(*span),
            Test::Kind(_)
            | Test::Email(_)
            | Test::Organization(_)
            | Test::Group(_)
            | Test::Attribute(..)
            | Test::InvitedBy(_)
            | Test::Role(_) => {
                self.principals.push(test.clone());
                Atom::Principal(self.principals.len() - 1)
            }
        };
        self.tests.push(test.clone());
        self.atoms.push(atom);
        small(self.atoms.len() - 1)
    }
}

/// What a policy says that withholds writes and has no message of its own.
fn withheld(policy: &Policy) -> Arc<str> {
    if policy.session.read_only { "Changes are not possible here at present.".into() } else { "".into() }
}

fn footprint(policy: &Policy) -> Footprint {
    let mut footprint = Footprint::default();
    let mut note = |test: &Test| match test {
        Test::Network(_) => footprint.insert(Fact::Address),
        Test::Country(_) => footprint.insert(Fact::Country),
        Test::Asn(_) => footprint.insert(Fact::Asn),
        Test::Platform(_) => footprint.insert(Fact::Platform),
        Test::Device(_) => footprint.insert(Fact::Device),
        Test::Risk(_) => footprint.insert(Fact::Risk),
        Test::Client(_) => footprint.insert(Fact::Client),
        Test::Method(_) => footprint.insert(Fact::Method),
        Test::Path(_) => footprint.insert(Fact::Path),
        Test::Header(..) => footprint.insert(Fact::Header),
        Test::Schedule(_) | Test::Before(_) | Test::After(_) | Test::GuestFor(_) => footprint.insert(Fact::Time),
        Test::SignedInWith(_) => footprint.insert(Fact::Proofs),
        Test::Kind(_)
        | Test::Email(_)
        | Test::Organization(_)
        | Test::Group(_)
        | Test::Attribute(..)
        | Test::InvitedBy(_)
        | Test::Role(_) => {}
    };
    policy.when.each(&mut note);
    policy.unless.each(&mut note);
    if policy.session.read_only {
        footprint.insert(Fact::Method);
        footprint.insert(Fact::Client);
    }
    policy.require.iter().for_each(|r| read_by(r, &mut footprint));
    footprint
}

/// Notes what a requirement looks at.
fn read_by(requirement: &Requirement, footprint: &mut Footprint) {
    match requirement {
        Requirement::Mfa | Requirement::Method(_) | Requirement::Strength(_) => footprint.insert(Fact::Proofs),
        Requirement::FreshSignIn(_) => [Fact::Proofs, Fact::Time].into_iter().for_each(|fact| footprint.insert(fact)),
        Requirement::Terms(terms) => {
            footprint.insert(Fact::Consent);
            if terms.renew.is_some() {
                footprint.insert(Fact::Time);
            }
        }
        Requirement::KnownDevice => footprint.insert(Fact::Device),
        Requirement::Approval { .. } => [Fact::Consent, Fact::Time].into_iter().for_each(|fact| footprint.insert(fact)),
        Requirement::Justification => footprint.insert(Fact::Consent),
        Requirement::Any(items) => items.iter().for_each(|item| read_by(item, footprint)),
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(REJECT)
}
