//! Accepting an invitation: an address is proved, a guest comes to be or is found again, grants start.

use super::{
    Actor, ActorKind, AddressProof, Grant, GrantState, Guest, GuestState, Invitation, InvitationState, Occasion, Offer, Proposal, Refusal,
    Sponsorship, Version, audit::Event,
};
use crate::base::Kind;

/// What an accepted invitation has become.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// The guest.
    pub guest: Guest,
    /// The grants of the offered apps.
    pub grants: Vec<Grant>,
    /// The invitation, used.
    pub invitation: Invitation,
}

impl Invitation {
    /// Accepts the invitation. `guest` is the guest with this address and `held` all of that guest's grants.
    ///
    /// Several invitations of one address make one guest; a grant that is there already is extended, never shortened.
    pub fn redeem(
        &self,
        o: &Occasion<'_>,
        proof: &AddressProof,
        guest: Option<&Guest>,
        held: &[Grant],
    ) -> Result<(Redeemed, Proposal), Refusal> {
        self.must_be_open(o.now)?;
        if proof.address() != &self.email {
            return Err(Refusal::WrongAddress);
        }
        let mut p = Proposal::at(o.now);
        let guest = self.welcome(o, guest, held, &mut p)?;
        let invitation = self.close(&mut p, InvitationState::Redeemed { at: o.now });
        let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
        let method = proof.proof().factor.to_string();
        p.audit(o.entry(&actor, Event::InvitationRedeemed).invitation(self).guest(&guest).detail("method", &method));
        let mut grants = Vec::with_capacity(self.offers.len());
        for offer in &self.offers {
            let before = held.iter().find(|g| g.guest == guest.id && g.app == offer.app && g.is_active());
            let (event, mut grant) = match before {
                Some(grant) => (Event::GrantChanged, self.extend(o, grant, offer)),
                None => (Event::GrantCreated, self.start(o, &guest, offer)),
            };
            p.put(&mut grant);
            p.audit(grant.told(o.entry(&actor, event)));
            grants.push(grant);
        }
        Ok((Redeemed { guest, grants, invitation }, p))
    }

    /// The guest who accepts: new, known, or back after a removal.
    fn welcome(&self, o: &Occasion<'_>, known: Option<&Guest>, held: &[Grant], p: &mut Proposal) -> Result<Guest, Refusal> {
        let mut guest = match known {
            None => self.newcomer(o),
            Some(guest) if guest.email != self.email => return Err(Refusal::WrongAddress),
            Some(guest) if guest.kind == Kind::Member && !matches!(guest.state, GuestState::Removed { .. }) => {
                return Err(Refusal::OtherKind);
            }
            Some(guest) => match guest.state {
                GuestState::Suspended { .. } => return Err(Refusal::Suspended),
                // What a removed guest was is gone: only the id comes back, so that the audit log reads on.
                GuestState::Removed { .. } => Guest { id: guest.id, version: guest.version, ..self.newcomer(o) },
                GuestState::Active => self.merged(o, guest, held),
            },
        };
        p.put(&mut guest);
        Ok(guest)
    }

    fn newcomer(&self, o: &Occasion<'_>) -> Guest {
        Guest {
            id: self.guest,
            email: self.email.clone(),
            name: self.name.clone(),
            kind: Kind::Guest,
            state: GuestState::Active,
            groups: self.groups.clone(),
            attributes: self.attributes.clone(),
            sponsor: self.sponsor.clone(),
            invited_by: self.invited_by.clone(),
            language: self.language.clone(),
            created: o.now,
            first_redeemed: Some(o.now),
            accepted: Vec::new(),
            resumed: None,
            warned: None,
            sponsorship: Sponsorship::default(),
            bound: Vec::new(),
            version: Version::default(),
        }
    }

    fn merged(&self, o: &Occasion<'_>, known: &Guest, held: &[Grant]) -> Guest {
        let mut guest = known.clone();
        guest.first_redeemed = guest.first_redeemed.or(Some(o.now));
        guest.name = guest.name.or_else(|| self.name.clone());
        guest.language = guest.language.or_else(|| self.language.clone());
        guest.sponsor = guest.sponsor.or_else(|| self.sponsor.clone());
        // Groups and attributes count in every app, so an owner or inviter cannot give them to a guest of apps that were not offered.
        let elsewhere = held.iter().any(|g| g.is_active() && self.offers.iter().all(|offer| offer.app != g.app));
        if elsewhere && matches!(self.invited_as, ActorKind::Owner | ActorKind::Inviter) {
            return guest;
        }
        for group in &self.groups {
            if !guest.groups.contains(group) {
                guest.groups.push(group.clone());
            }
        }
        guest.attributes.extend(self.attributes.clone());
        guest
    }

    fn start(&self, o: &Occasion<'_>, guest: &Guest, offer: &Offer) -> Grant {
        Grant {
            id: o.id(),
            guest: guest.id,
            app: offer.app.clone(),
            role: offer.role.clone(),
            from: o.now,
            until: offer.access_for.map(|span| o.now.plus(span)),
            invitation: self.id,
            state: GrantState::Active,
            approved: None,
            reminded: None,
            version: Version::default(),
        }
    }

    fn extend(&self, o: &Occasion<'_>, grant: &Grant, offer: &Offer) -> Grant {
        let until = match (grant.until, offer.access_for) {
            (Some(until), Some(span)) => Some(until.max(o.now.plus(span))),
            (None, _) | (_, None) => None,
        };
        let role = offer.role.clone().or_else(|| grant.role.clone());
        Grant { role, until, from: grant.from.min(o.now), invitation: self.id, ..grant.clone() }
    }
}
