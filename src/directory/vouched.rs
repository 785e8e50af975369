//! Whom a partner's provider vouches for, and which guest that is: the first sign-in binds the provider's own name for the person to the
//! guest, and from then on only that name counts.

use super::{Actor, Guest, Occasion, Proposal, Refusal, audit::Event};
use crate::base::{Digest, EmailAddress, Factor, Kind, Name, Proof, Timestamp};

/// What a provider has said of somebody, once every rule of its token holds. Only `identity::oidc` makes one.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Vouched {
    /// Which provider, as policies name it.
    pub provider: Name,
    /// Which provider, as it names itself.
    pub issuer: String,
    /// Who it is, as the provider names people.
    pub subject: String,
    /// The session at the provider.
    pub session: Option<String>,
    /// An address in the provider's domains, which the person reads.
    pub address: EmailAddress,
    /// What people call them.
    pub name: Option<String>,
    /// Whether several factors were used, and the provider is trusted to say so.
    pub mfa: bool,
    /// When it was said.
    pub at: Timestamp,
    /// When the person last signed in there; `None`: the provider does not say.
    pub signed_in: Option<Timestamp>,
    /// Whether whoever it vouches for is a member.
    pub members: bool,
    /// The member's groups; `None`: the provider is not asked about any.
    #[serde(default)]
    pub groups: Option<Vec<Name>>,
    /// Whether the person has signed in there because we asked for it.
    pub is_fresh: bool,
}

/// That a guest is somebody at a provider.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bound {
    /// Which provider, as it names itself.
    pub issuer: String,
    /// Who, as the provider names people.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
}

impl Vouched {
    /// What was shown by it. A sign-in there whose time nobody knows is as old as any.
    pub(super) fn proof(&self) -> Proof {
        let factor = Factor::Federated { provider: self.provider.clone(), mfa: self.mfa };
        Proof { factor, at: self.signed_in.unwrap_or(Timestamp::EPOCH) }
    }

    /// What stands for the session at the provider.
    pub fn session_key(&self) -> Option<Digest> {
        self.session.as_deref().map(|session| provider_session(&self.issuer, session))
    }
}

/// What stands for a session at a provider.
pub fn provider_session(issuer: &str, session: &str) -> Digest {
    Digest::of(format!("{issuer}\0{session}").as_bytes())
}

impl Guest {
    /// Whether this is the guest whom the provider means. Somebody who is bound already is known by that alone: an address that the
    /// organisation has given to somebody else since does not lead here.
    pub fn is_meant_by(&self, vouched: &Vouched) -> bool {
        match self.bound.iter().find(|bound| bound.issuer == vouched.issuer) {
            Some(bound) => bound.subject == vouched.subject,
            None => vouched.address == self.email,
        }
    }

    /// Binds the provider's name for the person to this guest, and a member to the groups that it names. That it is so already is nothing
    /// to do.
    pub fn bind(&self, o: &Occasion<'_>, vouched: &Vouched) -> Result<Proposal, Refusal> {
        self.must_be_active()?;
        if !self.is_meant_by(vouched) {
            return Err(Refusal::WrongAddress);
        }
        let groups = vouched.groups.as_ref().filter(|groups| vouched.members && self.kind == Kind::Member && **groups != self.groups);
        let is_bound = self.bound.iter().any(|bound| bound.issuer == vouched.issuer);
        if is_bound && groups.is_none() {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = self.clone();
        guest.groups = groups.cloned().unwrap_or(guest.groups);
        if is_bound {
            let named: Vec<&str> = guest.groups.iter().map(Name::as_str).collect();
            let entry = o.entry(&Actor::System, Event::GuestChanged).guest(self);
            let entry = entry.detail("groups", &named.join(" ")).detail("provider", vouched.provider.as_str());
            let mut p = Proposal::at(o.now);
            p.put(&mut guest);
            p.audit(entry);
            return Ok(p);
        }
        guest.bound.push(Bound { issuer: vouched.issuer.clone(), subject: vouched.subject.clone(), since: o.now });
        guest.name = guest.name.or_else(|| vouched.name.clone());
        let actor = Actor::Guest { id: self.id, email: self.email.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        let entry = o.entry(&actor, Event::GuestBound).guest(self).detail("provider", vouched.provider.as_str());
        p.audit(entry.personal("subject", &vouched.subject));
        Ok(p)
    }

    /// Whoever a provider of members vouches for, for the first time.
    pub fn member(o: &Occasion<'_>, vouched: &Vouched) -> Result<(Self, Proposal), Refusal> {
        if !vouched.members {
            return Err(Refusal::Unwarranted);
        }
        let bound = vec![Bound { issuer: vouched.issuer.clone(), subject: vouched.subject.clone(), since: o.now }];
        let groups = vouched.groups.clone().unwrap_or_default();
        let mut guest = Self { bound, groups, ..Self::of_member(o, vouched.address.clone(), vouched.name.clone()) };
        let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        let entry = o.entry(&actor, Event::GuestBound).guest(&guest).detail("provider", vouched.provider.as_str());
        p.audit(entry.personal("subject", &vouched.subject));
        Ok((guest, p))
    }
}
