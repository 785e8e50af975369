//! What must hold of everything together once a proposal is written: quotas, and accesses that exclude each other.
//!
//! A decision sees what was read before it; two at once could each be right and be wrong together. So a proposal carries these, and the
//! store asks them in the transaction that writes. What is asked of whom is configured, and decided by `web::rules`.

use std::{fmt, sync::Arc};

use super::{ActorKind, Change, Grant, Invitation, InvitationState, Inviter, Proposal, Version, audit::Event};
use crate::base::{AppId, Clash, Duty, EmailAddress, Exclusions, GrantId, GuestId, Span};

/// Something that must hold once the proposal is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nobody is given or offered an access that excludes another one that they have.
    Apart(Arc<Exclusions>),
    /// What is measured does not grow beyond its limit; that it was beyond before is no reason to refuse what does not add to it.
    AtMost(Quota),
}

/// A measure and its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// What is counted.
    pub measure: Measure,
    /// The most that there may be.
    pub limit: u32,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Invitations to an app that can still be accepted.
    Open(AppId),
    /// Guests who may use an app, and those who only have to accept.
    Guests(AppId),
    /// Invitations that somebody has made within a day: to one app, or in all.
    Made {
        /// Who.
        by: Inviter,
        /// To which app.
        app: Option<AppId>,
    },
}

/// Why a proposal cannot be written as things are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    /// Two accesses would exclude each other.
    #[error("{0}")]
    Clash(Clash),
    /// A quota is used up.
    #[error("{0}")]
    Full(Full),
    /// Whoever invites may not invite from there.
    #[error("{0}")]
    Domain(OutOfScope),
}

/// A quota that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Full {
    /// Which one.
    pub quota: Quota,
    /// How much of it is used.
    pub used: u32,
    /// How long until there is room again, where time alone makes some.
    pub wait: Option<Span>,
}

/// An address that is not for the inviter to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfScope {
    /// The address.
    pub email: EmailAddress,
    /// The app to which only certain domains may be invited; `None`: it is the inviter who may invite only from certain ones.
    pub app: Option<AppId>,
}

/// How far back invitations are counted that somebody has made.
pub const DAY: Span = Span::hours(24);

impl Measure {
    /// As configuration and answers name it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Guests(_) => "guests",
            Self::Made { .. } => "per_day",
        }
    }

    /// The app whose quota it is.
    pub const fn app(&self) -> Option<&AppId> {
        match self {
            Self::Open(app) | Self::Guests(app) => Some(app),
            Self::Made { app, .. } => app.as_ref(),
        }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, limit) = (self.used, self.quota.limit);
        match &self.quota.measure {
            Measure::Open(app) => write!(f, "{used} invitations to `{app}` are open, and {limit} may be")?,
            Measure::Guests(app) => write!(f, "`{app}` has {used} guests, those included who only have to accept, and may have {limit}")?,
            Measure::Made { app: Some(app), .. } => {
                write!(f, "you have made {used} invitations to `{app}` within a day, and may make {limit}")?
            }
            Measure::Made { app: None, .. } => write!(f, "you have made {used} invitations within a day, and may make {limit}")?,
        }
        f.write_str("; an administrator can invite nevertheless, or raise the limit in the configuration")
    }
}

impl fmt::Display for OutOfScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.email.domain();
        match &self.app {
            Some(app) => write!(f, "addresses at `{domain}` are not yours to invite to `{app}`")?,
            None => write!(f, "addresses at `{domain}` are not yours to invite")?,
        }
        f.write_str("; an administrator can")
    }
}

/// On whose behalf a proposal is made, where quotas bind them: owners, inviters, and sign-ups about which nobody decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// As what they act.
    pub kind: ActorKind,
    /// Who, where it is a person or a program.
    pub by: Option<Inviter>,
    /// The address, where it is a person.
    pub email: Option<EmailAddress>,
}

impl Proposal {
    /// Who is bound by quotas, as the audit log will name them; `None`: nobody is, such as where an administrator acts.
    pub fn limited(&self) -> Option<Limited> {
        let entry = self.audit.iter().find(|entry| matches!(entry.actor, ActorKind::Owner | ActorKind::Inviter | ActorKind::System))?;
        let named = entry.personal.as_ref().and_then(|personal| personal.facts.get("actor"));
        let email = named.and_then(|address| EmailAddress::parse(address).ok());
        let by = email.clone().map(Inviter::Member).or(entry.token.map(Inviter::Token));
        Some(Limited { kind: entry.actor, by, email })
    }

    /// The invitations that are new here, or offer something new: what they offer is given away by whoever makes the proposal.
    pub fn offered(&self) -> impl Iterator<Item = &Invitation> {
        let changed = |id| self.audit.iter().any(|entry| entry.event == Event::InvitationChanged && entry.invitation == Some(id));
        self.changes.iter().filter_map(Change::as_invitation).filter(move |i| {
            let counts = matches!(i.state, InvitationState::Pending | InvitationState::Redeemed { .. });
            counts && (i.version.0 <= 1 || changed(i.id))
        })
    }

    /// The grants that begin here, or begin again.
    pub fn given(&self) -> impl Iterator<Item = &Grant> {
        let restored = |id| self.audit.iter().any(|entry| entry.event == Event::GrantRestored && entry.grant == Some(id));
        self.changes.iter().filter_map(Change::as_grant).filter(move |g| g.is_active() && (g.version == Version(1) || restored(g.id)))
    }

    /// Adds what must hold, once.
    pub fn provided(mut self, condition: Condition) -> Self {
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
        self
    }

    /// Whom it gives or offers something.
    pub fn receivers(&self) -> Vec<GuestId> {
        let mut guests: Vec<GuestId> = Vec::new();
        for change in &self.changes {
            let guest = change.as_grant().map(|grant| grant.guest).or_else(|| change.as_invitation().map(|invitation| invitation.guest));
            guests.extend(guest.filter(|guest| !guests.contains(guest)));
        }
        guests
    }

    /// The first two accesses that a guest would have and that exclude each other. `held` are all grants of the guest, `open` the other
    /// invitations that the guest can accept, both as they were before: what excluded each other then is not judged here.
    pub fn clash(&self, rules: &Exclusions, guest: GuestId, held: &[Grant], open: &[Invitation]) -> Option<Clash> {
        let given = Given::of(self, guest, held, open);
        given.new.iter().enumerate().find_map(|(n, one)| {
            let beside: Vec<Duty> = given.new.iter().skip(n + 1).chain(&given.had).cloned().collect();
            rules.clash_with(one, &beside)
        })
    }
}

/// What a guest would have.
struct Given {
    /// Before, and still.
    had: Vec<Duty>,
    /// What comes new, or in another role.
    new: Vec<Duty>,
}

impl Given {
    fn of(p: &Proposal, guest: GuestId, held: &[Grant], open: &[Invitation]) -> Self {
        let in_force = |grant: &&Grant| grant.is_active() && grant.until.is_none_or(|until| p.at < until);
        let mut had: Vec<(GrantId, Duty)> = held.iter().filter(in_force).map(|grant| (grant.id, grant.duty())).collect();
        let mut new = Vec::new();
        for grant in p.changes.iter().filter_map(Change::as_grant).filter(|grant| grant.guest == guest) {
            let before = had.iter().position(|(id, _)| *id == grant.id).map(|place| had.remove(place).1);
            match (grant.is_active(), before == Some(grant.duty())) {
                (true, true) => had.push((grant.id, grant.duty())),
                (true, false) => new.push(grant.duty()),
                (false, _) => {}
            }
        }
        let mut had: Vec<Duty> = had.into_iter().map(|(_, duty)| duty).collect();
        let offered: Vec<&Invitation> = p.offered().filter(|i| i.guest == guest && i.is_open(p.at)).collect();
        if !offered.is_empty() {
            // What is offered elsewhere counts as well: it only has to be accepted.
            let written = |id| p.changes.iter().filter_map(Change::as_invitation).any(|i| i.id == id);
            had.extend(open.iter().filter(|other| !written(other.id) && other.is_open(p.at)).flat_map(duties));
            new.extend(offered.into_iter().flat_map(duties));
        }
        Self { had, new }
    }
}

fn duties(invitation: &Invitation) -> Vec<Duty> {
    invitation.offers.iter().map(|offer| Duty::of(&offer.app, offer.role.as_ref())).collect()
}
