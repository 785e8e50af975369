//! A guest: who it is, and how it is suspended, brought back, changed and removed.

use std::collections::BTreeMap;

use super::{
    AcceptedTerms, Actor, ActorKind, Bound, Cause, ChangeGuest, EndReason, Factors, Grant, Occasion, Proposal, Refusal, RemoveGuest,
    Session, Sponsorship, SuspendGuest, Version, Warrant, audit::Event, lifecycle::sponsorship_of,
};
use crate::base::{EmailAddress, GuestId, Kind, Name, Timestamp};

/// A person with one address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Guest {
    /// Reserved when the first invitation is issued.
    pub id: GuestId,
    /// Unique; its domain is the organisation.
    pub email: EmailAddress,
    /// What people call them.
    pub name: Option<String>,
    /// Guest or member.
    pub kind: Kind,
    /// Whether they may come.
    pub state: GuestState,
    /// The groups they are in.
    pub groups: Vec<Name>,
    /// What policies may ask about them.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Who is responsible for them.
    pub sponsor: Option<EmailAddress>,
    /// Who invited them first.
    pub invited_by: Option<EmailAddress>,
    /// In which language they read.
    pub language: Option<String>,
    /// When this record was made.
    pub created: Timestamp,
    /// When they first accepted an invitation.
    pub first_redeemed: Option<Timestamp>,
    /// The terms of use that they accepted, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedTerms>,
    /// When a suspension or removal was last undone: what is not used is counted from then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Timestamp>,
    /// When the guest was last told that an access ends because it is not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned: Option<Timestamp>,
    /// What is known of the sponsor.
    #[serde(default)]
    pub sponsorship: Sponsorship,
    /// Who the guest is at partners' providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bound: Vec<Bound>,
    /// How often this was written.
    pub version: Version,
}

/// Whether a guest may come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum GuestState {
    /// Yes.
    Active,
    /// Not for now.
    Suspended {
        /// Since when.
        since: Timestamp,
        /// By whom.
        by: SuspendedBy,
        /// Why.
        reason: Option<String>,
        /// What led to it.
        #[serde(default)]
        cause: Cause,
    },
    /// No longer.
    Removed {
        /// Since when.
        at: Timestamp,
    },
}

/// Who suspended a guest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SuspendedBy {
    /// What kind of actor.
    pub actor: ActorKind,
    /// Who.
    pub address: Option<EmailAddress>,
}

/// A change of a guest: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct GuestEdit {
    /// The name.
    pub name: Option<String>,
    /// All groups.
    pub groups: Option<Vec<Name>>,
    /// All attributes.
    pub attributes: Option<BTreeMap<String, Vec<String>>>,
    /// Who is responsible.
    pub sponsor: Option<EmailAddress>,
}

/// What a guest has: read from the store before a decision that ends it.
#[derive(Debug, Clone, Copy)]
pub struct Holdings<'a> {
    /// All grants.
    pub grants: &'a [Grant],
    /// All sessions that have not ended.
    pub sessions: &'a [Session],
    /// What the guest can show beside the mailbox.
    pub factors: Option<&'a Factors>,
}

impl Guest {
    /// Whether the guest may come at all.
    pub fn is_active(&self) -> bool {
        matches!(self.state, GuestState::Active)
    }

    /// Whether somebody has suspended the guest.
    pub fn is_suspended(&self) -> bool {
        matches!(self.state, GuestState::Suspended { .. })
    }

    /// The guest chooses a language for pages and mails.
    pub fn speak(&self, o: &Occasion<'_>, language: &str) -> Result<Proposal, Refusal> {
        self.must_be_active()?;
        if self.language.as_deref() == Some(language) {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = Self { language: Some(language.to_owned()), ..self.clone() };
        let actor = Actor::Guest { id: self.id, email: self.email.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(&actor, Event::GuestChanged).guest(self).detail("language", language));
        Ok(p)
    }

    /// Refuses who may not come.
    pub fn must_be_active(&self) -> Result<(), Refusal> {
        match self.state {
            GuestState::Active => Ok(()),
            GuestState::Suspended { .. } => Err(Refusal::Suspended),
            GuestState::Removed { .. } => Err(Refusal::Removed),
        }
    }

    /// Suspends the guest. Sessions are kept, so that each request can be told why it is refused, but reach nothing.
    pub fn suspend(&self, o: &Occasion<'_>, warrant: &Warrant<SuspendGuest>, reason: Option<String>) -> Result<(Self, Proposal), Refusal> {
        self.suspend_for(o, warrant, reason, Cause::Decision)
    }

    pub(super) fn suspend_for(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<SuspendGuest>,
        reason: Option<String>,
        cause: Cause,
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_guest(self.id)?;
        if !self.is_active() {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = self.clone();
        let by = SuspendedBy { actor: warrant.actor().kind(), address: warrant.actor().address().cloned() };
        let mut entry = o.entry(warrant.actor(), Event::GuestSuspended).guest(self);
        if cause != Cause::Decision {
            entry = entry.detail("cause", cause.as_str());
        }
        if let Some(reason) = &reason {
            entry = entry.personal("reason", reason);
        }
        guest.state = GuestState::Suspended { since: o.now, by, reason, cause };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(entry);
        Ok((guest, p))
    }

    /// Ends a suspension. Sessions that are still good reach again what they reached before.
    pub fn resume(&self, o: &Occasion<'_>, warrant: &Warrant<SuspendGuest>) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_guest(self.id)?;
        if !matches!(self.state, GuestState::Suspended { .. }) {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = Self { state: GuestState::Active, resumed: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(warrant.actor(), Event::GuestResumed).guest(self));
        Ok((guest, p))
    }

    /// Removes the guest: every grant is revoked and every session ended.
    pub fn remove(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<RemoveGuest>,
        reason: Option<&str>,
        holdings: Holdings<'_>,
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_guest(self.id)?;
        if matches!(self.state, GuestState::Removed { .. }) {
            return Err(Refusal::NothingToDo);
        }
        // Who it was at a provider goes as well: the same person may be invited at another address.
        let mut guest = Self { state: GuestState::Removed { at: o.now }, bound: Vec::new(), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        let entry = o.entry(warrant.actor(), Event::GuestRemoved).guest(self);
        p.audit(match reason {
            Some(reason) => entry.personal("reason", reason),
            None => entry,
        });
        for grant in holdings.grants.iter().filter(|g| g.guest == self.id && g.is_active()) {
            grant.end(o, warrant.actor(), &mut p);
        }
        end_all(&mut p, self, holdings.sessions, EndReason::Removed);
        // Whoever is invited again under this address begins anew.
        if let Some(factors) = holdings.factors.filter(|factors| factors.guest == self.id) {
            factors.forget(&mut p);
        }
        Ok((guest, p))
    }

    /// Changes name, groups, attributes or sponsor.
    pub fn change(&self, o: &Occasion<'_>, warrant: &Warrant<ChangeGuest>, edit: GuestEdit) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_guest(self.id)?;
        if matches!(self.state, GuestState::Removed { .. }) {
            return Err(Refusal::Removed);
        }
        let mut guest = self.clone();
        guest.name = edit.name.or(guest.name);
        guest.groups = edit.groups.unwrap_or(guest.groups);
        guest.attributes = edit.attributes.unwrap_or(guest.attributes);
        guest.sponsor = edit.sponsor.or(guest.sponsor);
        guest.sponsorship = sponsorship_of(self, guest.sponsor.as_ref());
        if guest == *self {
            return Err(Refusal::NothingToDo);
        }
        let groups: Vec<&str> = guest.groups.iter().map(Name::as_str).collect();
        let entry = o.entry(warrant.actor(), Event::GuestChanged).guest(self).detail("groups", &groups.join(" "));
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(entry);
        Ok((guest, p))
    }
}

/// Ends the sessions of a guest as part of a larger matter, which the audit log names.
fn end_all(p: &mut Proposal, guest: &Guest, sessions: &[Session], reason: EndReason) {
    for session in sessions.iter().filter(|s| s.guest == guest.id && s.ended.is_none()) {
        session.end(p, reason);
    }
}
