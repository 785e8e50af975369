//! Who may invite whom: what invitations may be, how an app narrows them, what is prepared, and the members who make them.

use super::Domain;
use crate::base::{AppId, EmailAddress, Name, Span};

/// What an invitation may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitations {
    /// How long the link works.
    pub lifetime: Span,
    /// If not empty, only these domains may be invited.
    pub allow_domains: Vec<Domain>,
    /// These may not.
    pub deny_domains: Vec<Domain>,
    /// How long the grant lasts.
    pub access_for: Span,
    /// Invitations that an owner or an inviter may make within a day; `None`: any number.
    pub per_day: Option<u32>,
}

/// How one app narrows what an invitation to it may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppInvitations {
    /// How long the link works, where that is shorter than elsewhere.
    pub lifetime: Option<Span>,
    /// If not empty, only guests from these domains may come.
    pub allow_domains: Vec<Domain>,
    /// Guests from these may not.
    pub deny_domains: Vec<Domain>,
    /// How long the grant lasts, where that differs.
    pub access_for: Option<Span>,
    /// If not empty, owners and inviters invite only from these domains; an administrator may invite from others.
    pub domains: Vec<Domain>,
    /// Invitations that may be open at once, unless an administrator makes more.
    pub open: Option<u32>,
    /// Guests that there may be, those included who only have to accept, unless an administrator invites more.
    pub guests: Option<u32>,
    /// Invitations to this app that an owner or an inviter may make within a day.
    pub per_day: Option<u32>,
}

/// What is prepared for invitations of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationTemplate {
    /// How commands and programs name it.
    pub id: Name,
    /// How people name it.
    pub title: String,
    /// What is offered, at least one.
    pub offers: Vec<TemplateOffer>,
    /// The groups that guests come into.
    pub groups: Vec<Name>,
    /// A word to the guest.
    pub message: Option<String>,
    /// The tag of the language that it is written in.
    pub language: Option<String>,
}

/// One app that a template offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateOffer {
    /// Which one.
    pub app: AppId,
    /// In which role.
    pub role: Option<Name>,
    /// For how long, from acceptance; `None`: as long as usual.
    pub access_for: Option<Span>,
}

/// Members of the operator's organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Who may do everything.
    pub admins: Vec<EmailAddress>,
    /// Who may invite.
    pub inviters: Vec<Inviter>,
    /// Groups of members, which may own apps.
    pub groups: Vec<(Name, Vec<EmailAddress>)>,
}

/// A member who may invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inviter {
    /// Who.
    pub email: EmailAddress,
    /// To which apps; `None`: to every one.
    pub apps: Option<Vec<AppId>>,
    /// From which domains; empty: from all.
    pub domains: Vec<Domain>,
    /// How many a day; `None`: as `invitations.per_day` says.
    pub per_day: Option<u32>,
}

impl Default for Invitations {
    fn default() -> Self {
        Self { lifetime: Span::days(7), allow_domains: Vec::new(), deny_domains: Vec::new(), access_for: Span::days(90), per_day: None }
    }
}

impl Invitations {
    /// Whether an address may be invited and, being a guest, may stay.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        admits(&self.allow_domains, &self.deny_domains, address)
    }
}

impl AppInvitations {
    /// Whether an address may be invited to the app and, being a guest, may stay.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        admits(&self.allow_domains, &self.deny_domains, address)
    }

    /// Whether an address is one that owners and inviters may invite.
    pub fn delegates(&self, address: &EmailAddress) -> bool {
        admits(&self.domains, &[], address)
    }
}

impl Roles {
    /// The member with this address who may invite.
    pub fn inviter(&self, address: &EmailAddress) -> Option<&Inviter> {
        self.inviters.iter().find(|inviter| inviter.email == *address)
    }

    /// The addresses in a group of members.
    pub fn group(&self, name: &Name) -> &[EmailAddress] {
        self.groups.iter().find(|(group, _)| group == name).map_or(&[], |(_, members)| members)
    }
}

impl Inviter {
    /// Whether an address is theirs to invite.
    pub fn may_invite(&self, address: &EmailAddress) -> bool {
        admits(&self.domains, &[], address)
    }
}

/// One who may invite everybody to everything.
impl From<EmailAddress> for Inviter {
    fn from(email: EmailAddress) -> Self {
        Self { email, apps: None, domains: Vec::new(), per_day: None }
    }
}

/// A denied domain is denied even if it is allowed; if none is named, all are allowed.
fn admits(allowed: &[Domain], denied: &[Domain], address: &EmailAddress) -> bool {
    let listed = |list: &[Domain]| list.iter().any(|domain| domain.matches(address.domain()));
    !listed(denied) && (allowed.is_empty() || listed(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_domain_stays_denied_when_it_is_also_allowed() {
        let list = |text: &str| vec![text.parse().unwrap()];
        let rules = Invitations { allow_domains: list("*.example"), deny_domains: list("bad.example"), ..Invitations::default() };
        let may = |text: &str| rules.admits(&EmailAddress::parse(text).unwrap());
        assert!(may("a@good.example") && !may("a@bad.example") && !may("a@other.test"));
    }
}
