//! The steps that a guest can take towards what an app asks, and the choice of the cheapest.
//!
//! A new kind of step has a variant here, its effort, its words, and the needs that it meets; its page and its form stand in a file of
//! their own, and [`super::stepup`] shows them.

use crate::{
    base::{Factor, Name, Proof},
    config::{Fallback, Identity, Provider},
    directory::{Factors, Needed},
    policy::Need,
};

/// One thing that a guest does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Show a passkey.
    Passkey,
    /// Type the code of the authenticator app.
    Totp,
    /// Show a certificate, on the host that asks for one.
    Certificate,
    /// Sign in anew at the provider that vouches for the guest's address.
    Provider,
    /// Have a code mailed, and type it.
    EmailCode,
    /// Add a first passkey.
    AddPasskey,
    /// Add an authenticator app.
    AddAuthenticator,
    /// Type a recovery code.
    Recovery,
    /// Read these terms of use, and accept them.
    Terms(Name),
    /// Say why.
    Justification,
    /// Ask an owner, and wait.
    Approval,
}

/// What a guest can show, and has shown: what steps there are depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Able<'a> {
    /// The methods that the configuration offers.
    pub(super) offered: &'a Identity,
    /// Whether there is a host that asks for certificates.
    pub(super) certificates: bool,
    /// What the guest has.
    pub(super) factors: &'a Factors,
    /// What was shown in this session.
    pub(super) proofs: &'a [Proof],
    /// The provider that vouches for the guest's address.
    pub(super) provider: Option<&'a Provider>,
    /// The steps that the guest would rather not take.
    pub(super) not: &'a [Step],
}

/// How many plans are kept while they are made: the cheapest.
const MOST_PLANS: usize = 32;

impl Step {
    /// How much it asks of a person, for choosing between ways; only comparisons mean something.
    fn effort(&self) -> u32 {
        match self {
            Self::Passkey => 1,
            Self::Totp => 2,
            Self::Certificate => 3,
            Self::Provider => 3,
            Self::EmailCode => 4,
            Self::AddPasskey => 6,
            Self::AddAuthenticator => 9,
            Self::Recovery => 12,
            Self::Terms(_) => 5,
            Self::Justification => 6,
            // Nobody else is asked for anything before the guest has done what the guest can do.
            Self::Approval => 100,
        }
    }

    /// The text by which pages announce it.
    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::Passkey => "step-passkey",
            Self::Totp => "step-totp",
            Self::Certificate => "step-certificate",
            Self::Provider => "step-provider",
            Self::EmailCode => "step-email-code",
            Self::AddPasskey => "step-add-passkey",
            Self::AddAuthenticator => "step-add-authenticator",
            Self::Recovery => "step-recovery",
            Self::Terms(_) => "tile-need-terms",
            Self::Justification => "tile-need-justification",
            Self::Approval => "tile-need-approval",
        }
    }

    /// As links name it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::Certificate => "certificate",
            Self::Provider => "provider",
            Self::EmailCode => "email-code",
            Self::AddPasskey => "add-passkey",
            Self::AddAuthenticator => "add-authenticator",
            Self::Recovery => "recovery",
            Self::Terms(_) => "terms",
            Self::Justification => "justification",
            Self::Approval => "approval",
        }
    }

    /// The steps in a list of words, as a link names those that somebody would rather not take.
    pub(super) fn read(words: &str) -> Vec<Self> {
        let all = [
            Self::Passkey,
            Self::Totp,
            Self::Certificate,
            Self::Provider,
            Self::EmailCode,
            Self::AddPasskey,
            Self::AddAuthenticator,
            Self::Recovery,
        ];
        all.into_iter().filter(|step| words.split(',').any(|word| word == step.word())).collect()
    }
}

impl Able<'_> {
    /// The steps of which any one meets a need.
    pub(super) fn meeting(&self, need: &Need) -> Vec<Step> {
        let mut steps = match need {
            Need::EmailCode => vec![Step::EmailCode],
            Need::Passkey => vec![self.passkey()],
            Need::Totp => vec![self.totp()],
            Need::SecondFactor => self.second_factor(),
            // Setting one up shows it: no further sign-in need follow, where that is what has to be done anyway.
            Need::FreshSignIn => vec![self.passkey(), self.totp(), Step::Provider, Step::EmailCode],
            Need::Terms(name) => vec![Step::Terms(name.clone())],
            Need::Justification => vec![Step::Justification],
            Need::Approval => vec![Step::Approval],
            Need::Federated(name) => {
                let this = self.provider.filter(|provider| name.as_ref().is_none_or(|name| provider.id == *name));
                // Who has been there and is sent again is to come back with more, which only a trusted provider can say.
                this.filter(|provider| provider.trust_mfa || !self.was_at_provider()).map(|_| Step::Provider).into_iter().collect()
            }
            Need::ClientCertificate => vec![Step::Certificate],
            Need::KnownDevice => Vec::new(),
        };
        steps.retain(|step| self.can(step) && !self.not.contains(step));
        steps
    }

    /// What must be shown first where a step changes what the guest has.
    pub(super) fn before(&self, needed: Option<Needed>) -> Option<Step> {
        match needed? {
            Needed::Mailbox if self.can(&Step::EmailCode) => Some(Step::EmailCode),
            Needed::Mailbox => Some(Step::Provider),
            Needed::Stronger => {
                let ours = [Step::Passkey, Step::Totp, Step::Recovery];
                ours.iter()
                    .find(|step| self.can(step) && !self.not.contains(step))
                    .or_else(|| ours.iter().find(|step| self.can(step)))
                    .cloned()
            }
        }
    }

    fn passkey(&self) -> Step {
        if self.factors.passkeys.is_empty() { Step::AddPasskey } else { Step::Passkey }
    }

    fn totp(&self) -> Step {
        if self.factors.authenticator.is_none() { Step::AddAuthenticator } else { Step::Totp }
    }

    /// Whoever has a stronger factor shows it; a new one is no way round it.
    fn second_factor(&self) -> Vec<Step> {
        let mailbox = |factor: &Factor| matches!(factor, Factor::EmailCode | Factor::MagicLink);
        let mut steps = if self.factors.is_empty() {
            vec![Step::AddPasskey, Step::AddAuthenticator]
        } else {
            vec![Step::Passkey, Step::Totp, Step::Recovery]
        };
        if self.provider.is_some_and(|provider| provider.trust_mfa) || !self.was_at_provider() {
            steps.push(Step::Provider);
        }
        if self.proofs.iter().any(|proof| !mailbox(&proof.factor)) && !self.proofs.iter().any(|proof| mailbox(&proof.factor)) {
            steps.push(Step::EmailCode);
        }
        steps
    }

    /// Whether a provider has vouched for the guest in this session.
    fn was_at_provider(&self) -> bool {
        self.proofs.iter().any(|proof| matches!(proof.factor, Factor::Federated { .. }))
    }

    fn can(&self, step: &Step) -> bool {
        match step {
            Step::Provider => self.provider.is_some(),
            Step::EmailCode => self.provider.is_none_or(|provider| provider.fallback == Fallback::EmailCode),
            Step::Terms(_) | Step::Justification | Step::Approval => true,
            Step::Passkey => self.offered.passkeys && !self.factors.passkeys.is_empty(),
            Step::AddPasskey => self.offered.passkeys,
            Step::Totp => self.offered.totp && self.factors.authenticator.is_some(),
            Step::AddAuthenticator => self.offered.totp,
            Step::Recovery => !self.factors.recovery.is_empty(),
            Step::Certificate => self.certificates,
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
    use crate::{
        base::{GuestId, Id, PasskeyId, Timestamp},
        directory::{Authenticator, Passkey},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn having(passkey: bool, app: bool) -> Factors {
        let mut factors = Factors::none(GuestId::from_bytes([1; 16]));
        if passkey {
            let (id, credential) = (PasskeyId::from_bytes([2; 16]), String::new());
            factors.passkeys.push(Passkey { id, name: "Phone".to_owned(), credential, created: NOW, last_used: None });
        }
        factors.authenticator = app.then(|| Authenticator { secret: String::new(), last_step: 0, created: NOW });
        factors
    }

    fn planned(factors: &Factors, needs: &[Vec<Vec<Need>>], not: &[Step]) -> Option<Vec<Step>> {
        let proofs = [Proof { factor: Factor::EmailCode, at: NOW }];
        let able = Able { offered: &Identity::default(), certificates: false, factors, proofs: &proofs, provider: None, not };
        plan(needs, |need| able.meeting(need))
    }

    #[test]
    fn one_step_that_meets_two_requirements_is_taken_once() {
        let needs = [vec![vec![Need::FreshSignIn]], vec![vec![Need::Passkey], vec![Need::EmailCode]]];
        assert_eq!(planned(&having(false, false), &needs, &[]), Some(vec![Step::EmailCode]));
        assert_eq!(planned(&having(true, true), &needs, &[]), Some(vec![Step::Passkey]));
        let needs = [vec![vec![Need::FreshSignIn]], vec![vec![Need::Totp]]];
        assert_eq!(planned(&having(true, false), &needs, &[]), Some(vec![Step::AddAuthenticator]));
    }

    #[test]
    fn a_second_factor_is_what_the_guest_has_and_only_without_any_a_new_one() {
        let needs = [vec![vec![Need::SecondFactor]]];
        for (passkey, app, expected) in
            [(true, true, Step::Passkey), (true, false, Step::Passkey), (false, true, Step::Totp), (false, false, Step::AddPasskey)]
        {
            assert_eq!(planned(&having(passkey, app), &needs, &[]), Some(vec![expected]), "{passkey} {app}");
        }
        assert_eq!(planned(&having(true, true), &needs, &[Step::Passkey]), Some(vec![Step::Totp]), "another way");
        assert_eq!(planned(&having(true, false), &needs, &[Step::Passkey]), None, "there is no other");
    }

    #[test]
    fn without_a_way_there_is_no_plan() {
        let none = having(false, false);
        assert_eq!(planned(&none, &[vec![vec![Need::EmailCode, Need::ClientCertificate]]], &[]), None);
        assert_eq!(planned(&none, &[vec![vec![Need::EmailCode]], Vec::new()], &[]), None);
        assert_eq!(planned(&none, &[], &[]), Some(Vec::new()));
    }

    #[test]
    fn every_step_reads_back_by_its_word() {
        assert_eq!(Step::read("passkey,totp,certificate,provider,email-code,add-passkey,add-authenticator,recovery,x").len(), 8);
        assert!(Step::read("").is_empty());
    }
}
