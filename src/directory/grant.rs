//! A grant: the right of one guest to reach one app, for a time.

use super::{
    Actor, ActorKind, Guest, ManageGrants, Occasion, Proposal, Refusal, Version, Warrant, audit::Event, lifecycle::RESTORE_WITHIN,
};
use crate::base::{AppId, Duty, EmailAddress, GrantId, GuestId, InvitationId, Name, Timestamp};

/// The right of one guest to reach one app. A guest has at most one active grant an app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose.
    pub guest: GuestId,
    /// For which app.
    pub app: AppId,
    /// In which role.
    pub role: Option<Name>,
    /// From when.
    pub from: Timestamp,
    /// Until when; `None`: until revoked.
    pub until: Option<Timestamp>,
    /// From which invitation.
    pub invitation: InvitationId,
    /// Whether it was ended.
    pub state: GrantState,
    /// That somebody has looked at this access and lets it happen; how long that counts is for policies to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// When the guest was last told that it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Timestamp>,
    /// How often this was written.
    pub version: Version,
}

/// That somebody has looked at an access and lets it happen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Approved {
    /// When.
    pub at: Timestamp,
    /// Who; `None`: somebody at the machine.
    pub by: Option<EmailAddress>,
    /// As what.
    pub as_what: ActorKind,
}

/// Whether a grant was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum GrantState {
    /// It was not; its time may be over all the same.
    Active,
    /// It was.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// A grant that somebody makes for a guest who has already proved the address.
#[derive(Debug, Clone)]
pub struct GrantDraft {
    /// For which app.
    pub app: AppId,
    /// In which role.
    pub role: Option<Name>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The invitation that it descends from.
    pub invitation: InvitationId,
}

/// A change of a grant: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct GrantEdit {
    /// The role.
    pub role: Option<Option<Name>>,
    /// The end.
    pub until: Option<Option<Timestamp>>,
}

impl Grant {
    /// Whether it was not revoked.
    pub fn is_active(&self) -> bool {
        matches!(self.state, GrantState::Active)
    }

    /// What its guest does by it.
    pub fn duty(&self) -> Duty {
        Duty::of(&self.app, self.role.as_ref())
    }

    /// Whether it lets in at that time.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.is_active() && self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Makes a grant for a guest who has accepted an invitation before. `held` are all grants of the guest.
    pub fn create(
        o: &Occasion<'_>,
        warrant: &Warrant<ManageGrants>,
        guest: &Guest,
        held: &[Self],
        draft: GrantDraft,
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_app(&draft.app)?;
        guest.must_be_active()?;
        // INVARIANT: a grant starts only for an address that was proved.
        if guest.first_redeemed.is_none() || draft.until.is_some_and(|until| until <= o.now) {
            return Err(Refusal::Senseless);
        }
        if held.iter().any(|g| g.guest == guest.id && g.app == draft.app && g.is_active()) {
            return Err(Refusal::NothingToDo);
        }
        let GrantDraft { app, role, until, invitation } = draft;
        let mut grant = Self {
            id: o.id(),
            guest: guest.id,
            app,
            role,
            from: o.now,
            until,
            invitation,
            state: GrantState::Active,
            approved: None,
            reminded: None,
            version: Version::default(),
        };
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.audit(grant.told(o.entry(warrant.actor(), Event::GrantCreated)));
        p.put(&mut grant);
        Ok((grant, p))
    }

    /// Changes role or end.
    pub fn change(&self, o: &Occasion<'_>, warrant: &Warrant<ManageGrants>, edit: GrantEdit) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_grant(self)?;
        if !self.is_active() {
            return Err(Refusal::Revoked);
        }
        let mut grant = self.clone();
        grant.role = edit.role.unwrap_or(grant.role);
        grant.until = edit.until.unwrap_or(grant.until);
        if grant == *self {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        p.audit(grant.told(o.entry(warrant.actor(), Event::GrantChanged)));
        p.put(&mut grant);
        Ok((grant, p))
    }

    /// Ends the grant. Sessions stay, but reach the app no longer.
    pub fn revoke(&self, o: &Occasion<'_>, warrant: &Warrant<ManageGrants>) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_app(&self.app)?;
        if !self.is_active() {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        let grant = self.end(o, warrant.actor(), &mut p);
        Ok((grant, p))
    }

    /// Undoes its end, for as long as a removed guest can be brought back. `held` are all grants of the guest.
    pub fn restore(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<ManageGrants>,
        guest: &Guest,
        held: &[Self],
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_grant(self)?;
        guest.must_be_active()?;
        let GrantState::Revoked { at } = self.state else { return Err(Refusal::NothingToDo) };
        if guest.id != self.guest {
            return Err(Refusal::Unwarranted);
        }
        if o.now >= at.plus(RESTORE_WITHIN) || self.until.is_some_and(|until| until <= o.now) {
            return Err(Refusal::Expired);
        }
        if held.iter().any(|g| g.guest == guest.id && g.app == self.app && g.is_active()) {
            return Err(Refusal::NothingToDo);
        }
        let mut grant = Self { state: GrantState::Active, ..self.clone() };
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.audit(grant.told(o.entry(warrant.actor(), Event::GrantRestored)));
        p.put(&mut grant);
        Ok((grant, p))
    }

    /// Ends the grant as part of a larger matter.
    pub(super) fn end(&self, o: &Occasion<'_>, actor: &Actor, p: &mut Proposal) -> Self {
        let mut grant = Self { state: GrantState::Revoked { at: o.now }, ..self.clone() };
        p.put(&mut grant);
        p.audit(o.entry(actor, Event::GrantRevoked).grant(self));
        grant
    }

    pub(super) fn told(&self, entry: super::audit::Entry) -> super::audit::Entry {
        let role = self.role.as_ref().map_or("", Name::as_str);
        let until = self.until.map_or_else(|| "never".to_owned(), |t| t.to_string());
        entry.grant(self).detail("role", role).detail("until", &until)
    }
}
