//! Members of the operator's own organisation: how they come to be, and the one-time link that leads to their first passkey.
//!
//! What a member may do is not kept here: it is looked up in the configuration whenever a member asks for something.

use std::collections::BTreeMap;

use super::{
    Actor, EnrolMember, Factors, Guest, GuestState, MOST_PASSKEYS, Occasion, OutgoingMail, Passkey, Proposal, Proven, Refusal, Sponsorship,
    Version, Warrant, audit::Event, digest,
};
use crate::base::{Digest, EmailAddress, Factor, Kind, Span, Timestamp};

/// A link that lets whoever holds it add one passkey to a member.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Enrolment {
    /// The hash of its token.
    #[serde(with = "digest")]
    token: Digest,
    /// When it is void.
    pub expires: Timestamp,
}

/// For whom a link is made.
#[derive(Debug, Clone, Copy)]
pub struct Enrolling<'a> {
    /// The member's address.
    pub email: &'a EmailAddress,
    /// Whoever is known by that address.
    pub known: Option<&'a Guest>,
    /// What that person can show.
    pub held: Option<&'a Factors>,
    /// The hash of the link's token.
    pub token: Digest,
    /// How long it works.
    pub lifetime: Span,
}

impl Guest {
    /// Makes a one-time link for a member, who comes to be by it if need be. A link that was made before works no more.
    pub fn enrol(o: &Occasion<'_>, warrant: &Warrant<EnrolMember>, who: Enrolling<'_>) -> Result<(Self, Proposal), Refusal> {
        let fresh = Self::of_member(o, who.email.clone(), None);
        let mut p = Proposal::at(o.now);
        let member = match who.known {
            Some(guest) if guest.email != *who.email => return Err(Refusal::WrongAddress),
            Some(guest) if matches!(guest.state, GuestState::Removed { .. }) => {
                // What a removed person was is gone: only the id comes back, so that the audit log reads on.
                let mut member = Self { id: guest.id, version: guest.version, ..fresh };
                p.put(&mut member);
                member
            }
            Some(guest) if guest.kind == Kind::Guest => return Err(Refusal::OtherKind),
            Some(guest) => {
                guest.must_be_active()?;
                p = p.relying_on(guest);
                guest.clone()
            }
            None => {
                let mut member = fresh;
                p.put(&mut member);
                member
            }
        };
        let expires = o.now.plus(who.lifetime);
        let mut factors = who.held.filter(|held| held.guest == member.id).cloned().unwrap_or_else(|| Factors::none(member.id));
        factors.enrolment = Some(Enrolment { token: who.token, expires });
        p.put(&mut factors);
        p.audit(o.entry(warrant.actor(), Event::MemberLinkMade).guest(&member).detail("expires", &expires.to_string()));
        Ok((member, p))
    }

    /// A member who was not known.
    pub(super) fn of_member(o: &Occasion<'_>, email: EmailAddress, name: Option<String>) -> Self {
        Self {
            id: o.id(),
            email,
            name,
            kind: Kind::Member,
            state: GuestState::Active,
            groups: Vec::new(),
            attributes: BTreeMap::new(),
            sponsor: None,
            invited_by: None,
            language: None,
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
}

impl Factors {
    /// Refuses a link that is not that of this member, was used, or is too old.
    pub fn must_enrol(&self, member: &Guest, token: &Digest, now: Timestamp) -> Result<(), Refusal> {
        member.must_be_active()?;
        if self.guest != member.id || member.kind != Kind::Member {
            return Err(Refusal::Unwarranted);
        }
        let fits = self.enrolment.as_ref().is_some_and(|link| link.token == *token && now < link.expires);
        if fits { Ok(()) } else { Err(Refusal::Expired) }
    }

    /// A member adds a passkey by the link, which is used up by that. Making the passkey has shown it.
    pub fn enrol_passkey(
        &self,
        o: &Occasion<'_>,
        (member, token): (&Guest, &Digest),
        (name, credential): (&str, String),
        mail: OutgoingMail,
    ) -> Result<(Proven, Proposal), Refusal> {
        self.must_enrol(member, token, o.now)?;
        if self.passkeys.len() >= MOST_PASSKEYS {
            return Err(Refusal::TooMany);
        }
        let mut factors = self.clone();
        factors.enrolment = None;
        let name = self.free_name(name);
        factors.passkeys.push(Passkey { id: o.id(), name, credential, created: o.now, last_used: Some(o.now) });
        let actor = Actor::Guest { id: member.id, email: member.email.clone() };
        let mut p = Proposal::at(o.now).relying_on(member);
        p.put(&mut factors);
        p.audit(o.entry(&actor, Event::MemberEnrolled).guest(member).detail("method", Factor::Passkey.method()));
        Ok((Proven::by_factor(member, Factor::Passkey, o.now), p.with_mail(mail)))
    }
}

#[cfg(test)]
mod tests;
