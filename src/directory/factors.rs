//! What a guest can show beside the mailbox: passkeys, an authenticator app, recovery codes; how they are added, used, removed, reset.
//!
//! Whether a passkey's signature or an app's code is right is found out by `identity`; what follows from it is decided here. The first
//! factor may be added by whoever reads the mailbox; every later change needs one that is there already.

use super::{
    Actor, EndReason, Enrolment, Guest, Occasion, OutgoingMail, Proposal, Proven, Refusal, ResetFactors, Session, Version, Warrant,
    audit::{Entry, Event},
    digest,
};
use crate::base::{Digest, Factor, GuestId, Kind, PasskeyId, Proof, Span, Timestamp};

/// Everything that a guest can show beside the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Factors {
    /// Whose.
    pub guest: GuestId,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// The authenticator app.
    pub authenticator: Option<Authenticator>,
    /// The keyed hashes of the recovery codes that have not been used.
    #[serde(with = "digest::several")]
    pub recovery: Vec<Digest>,
    /// The link by which a member adds a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<Enrolment>,
    /// How often this was written.
    pub version: Version,
}

/// One passkey.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Passkey {
    /// How forms name it.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// The public key and its state, as `identity` reads them.
    pub credential: String,
    /// When it was added.
    pub created: Timestamp,
    /// When it was last shown.
    pub last_used: Option<Timestamp>,
}

/// An authenticator app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Authenticator {
    /// The shared secret, sealed.
    pub secret: String,
    /// The last time step whose code was shown: neither it nor one before it counts again.
    pub last_step: u64,
    /// When it was added.
    pub created: Timestamp,
}

/// Somebody who wants to change their factors: in which session, and the mail that tells of it.
#[derive(Debug, Clone)]
pub struct FactorChange<'a> {
    /// Whose they are.
    pub guest: &'a Guest,
    /// In which session.
    pub session: &'a Session,
    /// What is told by mail.
    pub mail: OutgoingMail,
}

/// What changing the factors needs to be shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// That the mailbox is read.
    Mailbox,
    /// One of the factors that are there.
    Stronger,
}

/// How long what was shown lets somebody change their factors.
pub const FRESH: Span = Span::mins(10);
/// How many passkeys one guest may have.
pub const MOST_PASSKEYS: usize = 20;
/// The longest name of a passkey, in characters.
pub const LONGEST_NAME: usize = 40;

impl Factors {
    /// Of a guest who has none.
    pub fn none(guest: GuestId) -> Self {
        Self { guest, passkeys: Vec::new(), authenticator: None, recovery: Vec::new(), enrolment: None, version: Version::default() }
    }

    /// Whether there is nothing but the mailbox. Recovery codes lead back to what is there; they are nothing of their own.
    pub fn is_empty(&self) -> bool {
        self.passkeys.is_empty() && self.authenticator.is_none()
    }

    /// The passkey with this id.
    pub fn passkey(&self, id: PasskeyId) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.id == id)
    }

    /// What must be shown in this session before a factor can be added or removed; `None`: nothing more.
    pub fn needed(&self, session: &Session, now: Timestamp) -> Option<Needed> {
        let needed = if self.is_empty() { Needed::Mailbox } else { Needed::Stronger };
        let fits = |factor: &Factor| match factor {
            Factor::EmailCode | Factor::MagicLink | Factor::Federated { mfa: false, .. } => needed == Needed::Mailbox,
            Factor::Passkey | Factor::Totp | Factor::RecoveryCode | Factor::Federated { mfa: true, .. } => true,
            // It is there by itself with every request, so it says nothing about who sits in front of it now.
            Factor::ClientCertificate => false,
        };
        let shown = session.proofs.iter().any(|proof| fits(&proof.factor) && now < proof.at.plus(FRESH));
        (!shown).then_some(needed)
    }

    /// Adds a passkey. Making it has shown it.
    pub fn add_passkey(
        &self,
        o: &Occasion<'_>,
        by: FactorChange<'_>,
        passkey: (&str, String),
    ) -> Result<(Self, Proven, Proposal), Refusal> {
        self.must_be_changed_by(o, &by)?;
        if self.passkeys.len() >= MOST_PASSKEYS {
            return Err(Refusal::TooMany);
        }
        let (name, credential) = passkey;
        let name = self.free_name(name);
        let mut factors = self.clone();
        factors.passkeys.push(Passkey { id: o.id(), name, credential, created: o.now, last_used: Some(o.now) });
        let proposal = factors.write(o, &by, (Event::FactorAdded, Factor::Passkey));
        Ok((factors, Proven::by_factor(by.guest, Factor::Passkey, o.now), proposal.with_mail(by.mail)))
    }

    /// Gives a passkey another name, which proves nothing and weakens nothing.
    pub fn rename_passkey(&self, o: &Occasion<'_>, guest: &Guest, id: PasskeyId, name: &str) -> Result<Proposal, Refusal> {
        self.must_be_of(guest)?;
        let mut factors = self.clone();
        let others =
            Self { passkeys: self.passkeys.iter().filter(|passkey| passkey.id != id).cloned().collect(), ..Self::none(self.guest) };
        let name = others.free_name(name);
        let passkey = factors.passkeys.iter_mut().find(|passkey| passkey.id == id).ok_or(Refusal::NothingToDo)?;
        passkey.name = name;
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut factors);
        p.audit(told(o, guest, Event::FactorRenamed, &Factor::Passkey));
        Ok(p)
    }

    /// Removes a passkey; sessions of other browsers that rest on a passkey end. `sessions` are all of the guest.
    pub fn remove_passkey(&self, o: &Occasion<'_>, by: FactorChange<'_>, id: PasskeyId, sessions: &[Session]) -> Result<Proposal, Refusal> {
        self.must_be_changed_by(o, &by)?;
        let mut factors = self.clone();
        factors.passkeys.retain(|passkey| passkey.id != id);
        if factors.passkeys.len() == self.passkeys.len() {
            return Err(Refusal::NothingToDo);
        }
        // Nothing that is mailed signs a member in: without a passkey or a provider there would be no way back.
        if by.guest.kind == Kind::Member && factors.passkeys.is_empty() && by.guest.bound.is_empty() {
            return Err(Refusal::Senseless);
        }
        factors.forget_recovery();
        let mut p = factors.write(o, &by, (Event::FactorRemoved, Factor::Passkey));
        end_resting_on(&mut p, &by, sessions, |factor| matches!(factor, Factor::Passkey));
        Ok(p.with_mail(by.mail))
    }

    /// Adds an authenticator app by its sealed secret and the step of the code that was shown.
    pub fn add_authenticator(
        &self,
        o: &Occasion<'_>,
        by: FactorChange<'_>,
        app: (String, u64),
    ) -> Result<(Self, Proven, Proposal), Refusal> {
        self.must_be_changed_by(o, &by)?;
        if self.authenticator.is_some() {
            return Err(Refusal::TooMany);
        }
        let (secret, last_step) = app;
        let mut factors = Self { authenticator: Some(Authenticator { secret, last_step, created: o.now }), ..self.clone() };
        let proposal = factors.write(o, &by, (Event::FactorAdded, Factor::Totp));
        Ok((factors, Proven::by_factor(by.guest, Factor::Totp, o.now), proposal.with_mail(by.mail)))
    }

    /// Removes the authenticator app; sessions of other browsers that rest on it end.
    pub fn remove_authenticator(&self, o: &Occasion<'_>, by: FactorChange<'_>, sessions: &[Session]) -> Result<Proposal, Refusal> {
        self.must_be_changed_by(o, &by)?;
        if self.authenticator.is_none() {
            return Err(Refusal::NothingToDo);
        }
        let mut factors = Self { authenticator: None, ..self.clone() };
        factors.forget_recovery();
        let mut p = factors.write(o, &by, (Event::FactorRemoved, Factor::Totp));
        end_resting_on(&mut p, &by, sessions, |factor| matches!(factor, Factor::Totp | Factor::RecoveryCode));
        Ok(p.with_mail(by.mail))
    }

    /// Puts new recovery codes in the place of those before, by their keyed hashes.
    pub fn renew_recovery(&self, o: &Occasion<'_>, by: FactorChange<'_>, codes: Vec<Digest>) -> Result<Proposal, Refusal> {
        self.must_be_changed_by(o, &by)?;
        if self.is_empty() || codes.is_empty() {
            return Err(Refusal::Senseless);
        }
        let mut factors = Self { recovery: codes, ..self.clone() };
        let p = factors.write(o, &by, (Event::FactorAdded, Factor::RecoveryCode));
        Ok(p.with_mail(by.mail))
    }

    /// A passkey of the guest was shown; `credential` is its new state, where that has changed.
    pub fn passkey_shown(
        &self,
        o: &Occasion<'_>,
        guest: &Guest,
        id: PasskeyId,
        credential: Option<String>,
    ) -> Result<(Proven, Proposal), Refusal> {
        self.must_be_of(guest)?;
        let mut factors = self.clone();
        let passkey = factors.passkeys.iter_mut().find(|passkey| passkey.id == id).ok_or(Refusal::NothingToDo)?;
        passkey.last_used = Some(o.now);
        passkey.credential = credential.unwrap_or_else(|| passkey.credential.clone());
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut factors);
        Ok((Proven::by_factor(guest, Factor::Passkey, o.now), p))
    }

    /// The app's code of this time step was shown: of each step once, and never of one before.
    pub fn totp_shown(&self, o: &Occasion<'_>, guest: &Guest, step: u64) -> Result<(Proven, Proposal), Refusal> {
        self.must_be_of(guest)?;
        let mut factors = self.clone();
        let app = factors.authenticator.as_mut().ok_or(Refusal::NothingToDo)?;
        if step <= app.last_step {
            return Err(Refusal::Used);
        }
        app.last_step = step;
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut factors);
        Ok((Proven::by_factor(guest, Factor::Totp, o.now), p))
    }

    /// A recovery code was shown, under each of the keys that it may have been made with: it is used up, and the guest is told.
    pub fn recovery_shown(
        &self,
        o: &Occasion<'_>,
        guest: &Guest,
        shown: &[Digest],
        mail: OutgoingMail,
    ) -> Result<(Proven, Proposal), Refusal> {
        self.must_be_of(guest)?;
        let mut factors = self.clone();
        factors.recovery.retain(|kept| !shown.contains(kept));
        if factors.recovery.len() == self.recovery.len() {
            return Err(Refusal::NothingToDo);
        }
        let left = factors.recovery.len().to_string();
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut factors);
        p.audit(told(o, guest, Event::RecoveryCodeUsed, &Factor::RecoveryCode).detail("left", &left));
        Ok((Proven::by_factor(guest, Factor::RecoveryCode, o.now), p.with_mail(mail)))
    }

    /// Takes all factors away, forgets who the guest is at a provider, and ends all sessions: the guest begins anew.
    pub fn reset(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<ResetFactors>,
        guest: &Guest,
        sessions: &[Session],
        mail: OutgoingMail,
    ) -> Result<Proposal, Refusal> {
        warrant.reaches_guest(guest.id)?;
        self.must_be_of(guest)?;
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut Self { version: self.version, ..Self::none(guest.id) });
        if !guest.bound.is_empty() {
            p.put(&mut Guest { bound: Vec::new(), ..guest.clone() });
        }
        for session in sessions.iter().filter(|s| s.guest == guest.id && s.ended.is_none()) {
            session.end(&mut p, EndReason::SignedOut);
        }
        p.audit(o.entry(warrant.actor(), Event::FactorsReset).guest(guest));
        Ok(p.with_mail(mail))
    }

    /// Forgets everything as part of the guest's removal.
    pub(super) fn forget(&self, p: &mut Proposal) {
        p.put(&mut Self { version: self.version, ..Self::none(self.guest) });
    }

    fn must_be_of(&self, guest: &Guest) -> Result<(), Refusal> {
        if self.guest == guest.id { guest.must_be_active() } else { Err(Refusal::Unwarranted) }
    }

    fn must_be_changed_by(&self, o: &Occasion<'_>, by: &FactorChange<'_>) -> Result<(), Refusal> {
        self.must_be_of(by.guest)?;
        if by.session.guest != self.guest || !by.session.is_live(o.now) {
            return Err(Refusal::SessionEnded);
        }
        if self.needed(by.session, o.now).is_some() { Err(Refusal::Unproved) } else { Ok(()) }
    }

    /// Codes that lead back to nothing are worth nothing, and would be a surprise later.
    fn forget_recovery(&mut self) {
        if self.is_empty() {
            self.recovery.clear();
        }
    }

    fn write(&mut self, o: &Occasion<'_>, by: &FactorChange<'_>, (event, factor): (Event, Factor)) -> Proposal {
        let mut p = Proposal::at(o.now).relying_on(by.guest).relying_on(by.session);
        p.put(self);
        p.audit(told(o, by.guest, event, &factor).session(by.session));
        p
    }

    /// A name that a person can tell from the others.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let shown: String = wanted.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        let shown = shown.trim();
        let base = if shown.is_empty() { "Passkey" } else { shown };
        let taken = |name: &str| self.passkeys.iter().any(|passkey| passkey.name == name);
        let numbered = (2..).map(|n| format!("{base} ({n})")).find(|name| !taken(name));
        if taken(base) { numbered.unwrap_or_default() } else { base.to_owned() }
    }
}

/// Ends what rests on a factor that is gone, in all browsers but the one that takes it away.
fn end_resting_on(p: &mut Proposal, by: &FactorChange<'_>, sessions: &[Session], rests: impl Fn(&Factor) -> bool) {
    let elsewhere = |s: &&Session| s.guest == by.guest.id && s.root_id() != by.session.root_id() && s.ended.is_none();
    for session in sessions.iter().filter(elsewhere).filter(|s| s.proofs.iter().any(|proof: &Proof| rests(&proof.factor))) {
        session.end(p, EndReason::SignedOut);
    }
}

fn told(o: &Occasion<'_>, guest: &Guest, event: Event, factor: &Factor) -> Entry {
    let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
    o.entry(&actor, event).guest(guest).detail("method", factor.method())
}
