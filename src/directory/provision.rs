//! Guests whom a directory of people sends here and takes back: its invitations, its suspensions, and what it opens to a guest who is known.
//!
//! Nothing starts here without a proved address either: who is new gets an invitation, and who has proved the address before gets grants
//! that descend from an invitation which is written as accepted.

use super::{
    Cause, Draft, Grant, GrantState, Guest, GuestState, Invitation, InvitationState, Invite, Known, Letter, ManageInvitation, Occasion,
    Offer, Proposal, Refusal, SuspendGuest, Version, Warrant, audit::Event,
};
use crate::base::{Digest, Span};

/// What a directory of people keeps with the invitation of somebody whom it sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Provisioned {
    /// What the directory calls the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// That it took the access back for now, and may want it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parked: bool,
}

/// A change of an invitation that a directory sent: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// What people call the guest.
    pub name: Option<String>,
    /// What is offered.
    pub offers: Option<Vec<Offer>>,
    /// What the directory keeps.
    pub provisioned: Option<Provisioned>,
}

impl Invitation {
    /// Writes the invitation of somebody who is known to a directory, and whose access it does not want yet.
    pub fn park_new(o: &Occasion<'_>, warrant: &Warrant<Invite>, known: Known<'_>, draft: Draft) -> Result<(Self, Proposal), Refusal> {
        for offer in &draft.offers {
            warrant.reaches_app(&offer.app)?;
        }
        Self::compose(o, warrant.actor(), known, Draft { letter: None, ..draft }, InvitationState::Revoked { at: o.now })
    }

    /// Changes what was not accepted yet; of one that was, only what the directory keeps. New apps need a warrant to invite to them.
    pub fn amend(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<ManageInvitation>,
        inviting: &Warrant<Invite>,
        change: Amendment,
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_invitation(self.id)?;
        let mut invitation = self.clone();
        invitation.provisioned = change.provisioned.or(invitation.provisioned);
        if !self.is_redeemed() {
            invitation.name = change.name.or(invitation.name);
            for offer in change.offers.iter().flatten().filter(|offer| !self.offers.contains(offer)) {
                inviting.reaches_app(&offer.app)?;
            }
            invitation.offers = change.offers.unwrap_or(invitation.offers);
        }
        if invitation.offers.is_empty() {
            return Err(Refusal::Senseless);
        }
        if invitation == *self {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        p.put(&mut invitation);
        p.audit(invitation.told(o.entry(warrant.actor(), Event::InvitationChanged)));
        Ok((invitation, p))
    }

    /// Offers it anew: the one before stays as it ended, and is not kept for later any more.
    pub fn offer_again(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<Invite>,
        known: Known<'_>,
        (lifetime, direct, letter): (Span, Digest, Letter),
    ) -> Result<(Self, Proposal), Refusal> {
        let draft = Draft {
            email: self.email.clone(),
            name: self.name.clone(),
            offers: self.offers.clone(),
            groups: self.groups.clone(),
            attributes: self.attributes.clone(),
            message: self.message.clone(),
            language: self.language.clone(),
            sponsor: self.sponsor.clone(),
            lifetime,
            direct,
            letter: Some(letter),
            copies: Vec::new(),
            cc: Vec::new(),
            landing: self.landing.clone(),
            provisioned: self.provisioned.clone().map(|kept| Provisioned { parked: false, ..kept }),
        };
        let (invitation, mut p) = Self::issue(o, warrant, known, draft)?;
        if let Some(kept) = self.provisioned.clone() {
            let mut before = Self { provisioned: Some(Provisioned { parked: false, ..kept }), ..self.clone() };
            if matches!(before.state, InvitationState::Pending) {
                before.state = InvitationState::Revoked { at: o.now };
            }
            p.put(&mut before);
        }
        Ok((invitation, p))
    }
}

impl Guest {
    /// The directory that the guest came from wants no access for now. Whoever asks ends the sessions with it.
    pub fn deprovision(&self, o: &Occasion<'_>, warrant: &Warrant<SuspendGuest>) -> Result<(Self, Proposal), Refusal> {
        self.suspend_for(o, warrant, None, Cause::Deprovisioned)
    }

    /// Whether it was the directory, and nobody else, who took the access away.
    pub fn is_deprovisioned(&self) -> bool {
        matches!(self.state, GuestState::Suspended { cause: Cause::Deprovisioned, .. })
    }

    /// Opens apps to a guest who has proved the address, and writes the invitation that the grants descend from. `held` are all grants.
    pub fn provide(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<Invite>,
        held: &[Grant],
        draft: Draft,
    ) -> Result<(Invitation, Proposal), Refusal> {
        self.must_be_active()?;
        // INVARIANT: a grant starts only for an address that was proved.
        if self.first_redeemed.is_none() || draft.letter.is_some() {
            return Err(Refusal::Senseless);
        }
        let has = |offer: &Offer| held.iter().any(|g| g.guest == self.id && g.app == offer.app && g.is_in_force(o.now));
        if draft.offers.iter().all(has) {
            return Err(Refusal::NothingToDo);
        }
        for offer in &draft.offers {
            warrant.reaches_app(&offer.app)?;
        }
        let known = Known { guest: Some(self), earlier: None };
        let (invitation, mut p) = Invitation::compose(o, warrant.actor(), known, draft, InvitationState::Redeemed { at: o.now })?;
        p.rely(self);
        for offer in invitation.offers.iter().filter(|offer| !has(offer)) {
            // An access that has run out would stand in the way of the new one.
            for old in held.iter().filter(|g| g.guest == self.id && g.app == offer.app && g.is_active()) {
                old.end(o, warrant.actor(), &mut p);
            }
            let mut grant = Grant {
                id: o.id(),
                guest: self.id,
                app: offer.app.clone(),
                role: offer.role.clone(),
                from: o.now,
                until: offer.access_for.map(|span| o.now.plus(span)),
                invitation: invitation.id,
                state: GrantState::Active,
                approved: None,
                reminded: None,
                version: Version::default(),
            };
            p.audit(grant.told(o.entry(warrant.actor(), Event::GrantCreated)));
            p.put(&mut grant);
        }
        Ok((invitation, p))
    }
}
