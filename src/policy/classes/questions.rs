//! From policies to formulas over questions, each about one fact.

use std::collections::BTreeSet;

use crate::base::{Factor, Name, PathRules, Span};

use super::{
    super::{
        ast::{Cond, Policy, Test},
        require::{Method, Requirement},
        rules::AppPolicies,
        words::{Device, Devices},
    },
    formula::{FALSE, Formulas, Id, Literal, TRUE},
};

/// A fact of a request that can be what it is whatever the others are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum About {
    Kind,
    Address,
    Group(Name),
    Attribute(Box<str>, Box<str>),
    InvitedBy,
    Role,
    Network,
    Country,
    Asn,
    Platform,
    Device,
    Risk,
    /// Which version of some terms was accepted, and how long ago.
    Terms(Name),
    /// How long ago an owner approved.
    Approved,
    Justified,
    /// The method and what sends it: an upgrade is always a GET.
    Sending,
    Path,
    Header(Box<str>),
    Clock,
    GuestFor,
    /// Whether the factor was shown.
    Factor(Factor),
    /// How old the most recent explicit sign-in is.
    SignInAge,
}

/// What is asked about a fact.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// Whether the test holds.
    Is(Test),
    /// Whether it is there: a group, an attribute's value, a factor.
    Has,
    /// Whether the request passes where only reading is allowed.
    Reads,
    /// Whether the sign-in, or the approval, is younger than this.
    Younger(Span),
    /// Whether this version was accepted, and less than so long ago.
    Accepted(u32, Option<Span>),
    /// Whether the device is known or has a certificate.
    Familiar,
}

/// A fact and everything that is asked about it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) about: About,
    pub(super) questions: Vec<Question>,
}

/// All facts that some policies read, and formulas over them.
#[derive(Debug)]
pub(super) struct Questions {
    pub(super) facts: Vec<Asked>,
    pub(super) formulas: Formulas,
    /// Every factor that can be told from others.
    factors: Vec<Factor>,
    /// How the app reads paths.
    pub(super) paths: PathRules,
    /// Whether an upgrade passes where only reading is allowed.
    pub(super) sockets_read: bool,
}

/// What an app decides: when it blocks, and when something is unmet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Decides {
    pub(super) blocks: Id,
    pub(super) challenges: Id,
}

impl Questions {
    /// `conditions` and `policies` are all that will be asked: they say which providers can be told apart.
    pub(super) fn new(app: &AppPolicies, policies: &[&Policy], conditions: &[&Cond]) -> Self {
        let mut named = BTreeSet::new();
        let of_policies = policies.iter().flat_map(|p| [&p.principal, &p.when, &p.unless]);
        for cond in of_policies.chain(conditions.iter().copied()) {
            cond.each(&mut |test| {
                if let Test::SignedInWith(methods) = test {
                    methods.iter().for_each(|m| named.extend(provider(m)));
                }
            });
        }
        for requirement in policies.iter().flat_map(|p| &p.require) {
            providers(requirement, &mut named);
        }
        let other =
            (0..).filter_map(|n| Name::parse(&format!("another-provider{}", if n == 0 { String::new() } else { n.to_string() })).ok());
        let other = other.take(named.len() + 1).find(|name| !named.contains(name));
        let plain = [Factor::EmailCode, Factor::Passkey, Factor::Totp, Factor::ClientCertificate, Factor::MagicLink, Factor::RecoveryCode];
        let federated = named
            .into_iter()
            .chain(other)
            .flat_map(|provider| [false, true].map(|mfa| Factor::Federated { provider: provider.clone(), mfa }));
        Self {
            facts: Vec::new(),
            formulas: Formulas::new(),
            factors: plain.into_iter().chain(federated).collect(),
            paths: *app.path_rules(),
            sockets_read: app.sockets_read,
        }
    }

    /// When the policies of an app block, and when something is unmet.
    pub(super) fn decides(&mut self, app: &AppPolicies) -> Decides {
        let (mut blocks, mut challenges) = (Vec::new(), Vec::new());
        for policy in app.written.iter().filter(|p| p.state == super::super::ast::State::Enforced) {
            let applies = self.applies(policy);
            let withheld = self.blocks(policy);
            blocks.push(self.formulas.all([applies, withheld]));
            let unmet: Vec<Id> = policy.require.iter().map(|r| self.requirement(r, true)).collect();
            let unmet = self.formulas.any(unmet);
            challenges.push(self.formulas.all([applies, unmet]));
        }
        Decides { blocks: self.formulas.any(blocks), challenges: self.formulas.any(challenges) }
    }

    /// When a policy applies.
    pub(super) fn applies(&mut self, policy: &Policy) -> Id {
        let parts = [self.condition(&policy.principal, false), self.condition(&policy.when, false), self.condition(&policy.unless, true)];
        self.formulas.all(parts)
    }

    /// When a policy that applies refuses.
    fn blocks(&mut self, policy: &Policy) -> Id {
        match (policy.block.is_some(), policy.session.read_only) {
            (true, _) => TRUE,
            (false, true) => self.ask(About::Sending, Question::Reads, true),
            (false, false) => FALSE,
        }
    }

    /// At least one factor was shown: nobody is signed in without. Everything that reads facts must have been asked before.
    pub(super) fn signed_in(&mut self) -> Id {
        let shown: Vec<Id> = self.factors.clone().into_iter().map(|f| self.ask(About::Factor(f), Question::Has, false)).collect();
        let shown = self.formulas.any(shown);
        if !self.facts.iter().any(|f| f.about == About::Device) {
            return shown;
        }
        // A certificate on the connection is always a method, too.
        let certified = Test::Device(Devices::NONE.with(Device::Certified));
        let none = self.ask(About::Device, Question::Is(certified), true);
        let method = self.shown(&|f| *f == Factor::ClientCertificate, false);
        let consistent = self.formulas.any([none, method]);
        self.formulas.all([shown, consistent])
    }

    /// The formula of a condition, or of its opposite. Where a fact is unknown both can hold.
    pub(super) fn condition(&mut self, cond: &Cond, negated: bool) -> Id {
        match cond {
            Cond::Is(test) => self.test(test, negated),
            Cond::Not(inner) => self.condition(inner, !negated),
            Cond::All(list) | Cond::Any(list) => {
                let parts: Vec<Id> = list.iter().map(|c| self.condition(c, negated)).collect();
                self.join(parts, matches!(cond, Cond::All(_)) != negated)
            }
        }
    }

    fn join(&mut self, parts: Vec<Id>, all: bool) -> Id {
        if all { self.formulas.all(parts) } else { self.formulas.any(parts) }
    }

    fn test(&mut self, test: &Test, negated: bool) -> Id {
        let about = match test {
            Test::Group(groups) => {
                let parts = groups.iter().map(|g| self.ask(About::Group(g.clone()), Question::Has, negated)).collect();
                return self.join(parts, negated);
            }
            Test::Attribute(name, values) => {
                let parts = values.iter().map(|v| self.ask(About::Attribute(name.clone(), v.clone()), Question::Has, negated)).collect();
                return self.join(parts, negated);
            }
            Test::SignedInWith(methods) => {
                let shown = methods.iter().map(|m| self.shown(&|f| m.is(f), negated)).collect();
                return self.join(shown, negated);
            }
            Test::Kind(_) => About::Kind,
            Test::Email(_) | Test::Organization(_) => About::Address,
            Test::InvitedBy(_) => About::InvitedBy,
            Test::Role(_) => About::Role,
            Test::Network(_) => About::Network,
            Test::Country(_) => About::Country,
            Test::Asn(_) => About::Asn,
            Test::Platform(_) => About::Platform,
            Test::Device(_) => About::Device,
            Test::Risk(_) => About::Risk,
            Test::Client(_) | Test::Method(_) => About::Sending,
            Test::Path(_) => About::Path,
            Test::Header(name, _) => About::Header(name.clone()),
            Test::Schedule(_) | Test::Before(_) | Test::After(_) => About::Clock,
            Test::GuestFor(_) => About::GuestFor,
        };
        self.ask(about, Question::Is(test.clone()), negated)
    }

    /// That a factor was shown which fits, or that none was.
    fn shown(&mut self, fits: &dyn Fn(&Factor) -> bool, negated: bool) -> Id {
        let fitting: Vec<Factor> = self.factors.iter().filter(|f| fits(f)).cloned().collect();
        let parts = fitting.into_iter().map(|f| self.ask(About::Factor(f), Question::Has, negated)).collect();
        self.join(parts, negated)
    }

    /// That a requirement is met, or that it is not.
    fn requirement(&mut self, requirement: &Requirement, negated: bool) -> Id {
        match requirement {
            Requirement::Mfa => self.mfa(negated),
            Requirement::Method(method) => self.shown(&|f| method.is_met_by(f), negated),
            Requirement::Strength(strength) => {
                let mut ways = Vec::new();
                for combination in &strength.combinations {
                    let steps = combination.iter().map(|m| self.shown(&|f| m.is_met_by(f), negated)).collect();
                    ways.push(self.join(steps, !negated));
                }
                self.join(ways, negated)
            }
            Requirement::FreshSignIn(limit) => {
                let explicit = self.shown(&|f| *f != Factor::ClientCertificate, negated);
                let young = self.ask(About::SignInAge, Question::Younger(*limit), negated);
                self.join(vec![explicit, young], !negated)
            }
            Requirement::Terms(terms) => {
                self.ask(About::Terms(terms.name.clone()), Question::Accepted(terms.version, terms.renew), negated)
            }
            Requirement::KnownDevice => self.ask(About::Device, Question::Familiar, negated),
            Requirement::Approval { valid } => self.ask(About::Approved, Question::Younger(*valid), negated),
            Requirement::Justification => self.ask(About::Justified, Question::Has, negated),
            Requirement::Any(items) => {
                let parts = items.iter().map(|item| self.requirement(item, negated)).collect();
                self.join(parts, negated)
            }
        }
    }

    /// One factor that is worth two, or two of different kinds.
    fn mfa(&mut self, negated: bool) -> Id {
        let kinds: [&dyn Fn(&Factor) -> bool; 4] = [
            &|f| matches!(f, Factor::EmailCode | Factor::MagicLink),
            &|f| matches!(f, Factor::Totp | Factor::RecoveryCode),
            &|f| matches!(f, Factor::Federated { mfa: false, .. }),
            &|f| *f == Factor::ClientCertificate,
        ];
        let alone = self.shown(&|f| matches!(f, Factor::Passkey | Factor::Federated { mfa: true, .. }), negated);
        let mut ways = vec![alone];
        for (ix, one) in kinds.iter().enumerate() {
            for other in kinds.iter().skip(ix + 1) {
                let pair = vec![self.shown(one, negated), self.shown(other, negated)];
                ways.push(self.join(pair, !negated));
            }
        }
        self.join(ways, negated)
    }

    fn ask(&mut self, about: About, question: Question, negated: bool) -> Id {
        let fact = self.facts.iter().position(|f| f.about == about).unwrap_or_else(|| {
            self.facts.push(Asked { about, questions: Vec::new() });
            self.facts.len() - 1
        });
        let Some(asked) = self.facts.get_mut(fact) else { return TRUE };
        let known = asked.questions.iter().position(|q| q.is_same(&question)).unwrap_or_else(|| {
            asked.questions.push(question);
            asked.questions.len() - 1
        });
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.formulas.literal(Literal { fact: small(fact), question: small(known), negated })
    }
}

impl Question {
    /// Names may mean different things in two sets, and numbers always do.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(Test::Schedule(one)), Self::Is(Test::Schedule(other))) => one.is_alike(other),
            (Self::Is(Test::Network(one)), Self::Is(Test::Network(other))) => {
                one.iter().flat_map(|n| &n.prefixes).eq(other.iter().flat_map(|n| &n.prefixes))
            }
            (Self::Is(one), Self::Is(other)) => one == other,
            (Self::Has, Self::Has) | (Self::Reads, Self::Reads) | (Self::Familiar, Self::Familiar) => true,
            (Self::Accepted(one, age), Self::Accepted(other, until)) => (one, age) == (other, until),
            (Self::Younger(one), Self::Younger(other)) => one == other,
            _ => false,
        }
    }
}

fn provider(method: &Method) -> Option<Name> {
    if let Method::Federated(Some(name)) | Method::FederatedMfa(Some(name)) = method { Some(name.clone()) } else { None }
}

fn providers(requirement: &Requirement, named: &mut BTreeSet<Name>) {
    match requirement {
        Requirement::Method(method) => named.extend(provider(method)),
        Requirement::Strength(strength) => named.extend(strength.combinations.iter().flatten().filter_map(provider)),
        Requirement::Any(items) => items.iter().for_each(|item| providers(item, named)),
        Requirement::Mfa
        | Requirement::FreshSignIn(_)
        | Requirement::Terms(_)
        | Requirement::KnownDevice
        | Requirement::Approval { .. }
        | Requirement::Justification => {}
    }
}
