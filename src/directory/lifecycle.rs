//! What comes due by itself as time goes by: reminders, suspension, the end of what nobody uses, removal; and the way back.

use super::{
    Actor, EndReason, Grant, GrantState, Guest, GuestState, Holdings, Invitation, Letter, Occasion, Proposal, Refusal, RemoveGuest,
    Session, SuspendedBy, Warrant, audit::Event,
};
use crate::base::{AppId, EmailAddress, GrantId, Kind, Span, Timestamp};

/// Why a guest is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Somebody decided so.
    #[default]
    Decision,
    /// The guest has not come for too long.
    Inactive,
    /// Whoever was responsible has left.
    SponsorLeft,
    /// The guest's domain may not come any more.
    DomainDenied,
    /// The directory that the guest came from says so.
    Deprovisioned,
}

/// What is known of a guest's sponsor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Sponsorship {
    /// Whether the sponsor was ever seen to be a member: whoever never was has not left.
    pub seen: bool,
    /// Since when the sponsor is a member no longer.
    pub left: Option<Timestamp>,
}

/// What the operator wants to happen by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How long before its end an access is announced.
    pub remind_access: Vec<Span>,
    /// How long before an access ends that is not used the guest is told.
    pub remind_inactive: Option<Span>,
    /// How long after the sponsor's leaving a guest is suspended.
    pub sponsor_grace: Option<Span>,
    /// After how long without any access a guest is removed.
    pub remove_after: Option<Span>,
}

/// A guest with everything that the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The guest.
    pub guest: &'a Guest,
    /// All grants.
    pub grants: &'a [Grant],
    /// When each app was last used.
    pub uses: &'a [(AppId, Timestamp)],
    /// The apps whose guests must come now and then, and how often.
    pub inactive_after: &'a [(AppId, Span)],
    /// Whether the guest's domain may come.
    pub admitted: bool,
    /// Whether the sponsor is a member.
    pub sponsor_is_member: bool,
}

/// One thing that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The guest is suspended.
    Suspend(Cause),
    /// The reason of a suspension has gone.
    Resume,
    /// The sponsor is seen to be a member.
    NoteSponsor,
    /// The sponsor has left: somebody else is wanted, or a return is noted.
    SponsorLeft,
    /// The sponsor is back.
    SponsorBack,
    /// One app was not used for so long that its grant ends.
    EndUnused(GrantId, Span),
    /// An access ends at this time unless it is used.
    Warn(GrantId, Timestamp),
    /// An access ends soon.
    Remind(GrantId),
    /// An access has ended.
    TellEnd(GrantId),
    /// The guest is removed.
    Remove,
}

/// For how long an end that has passed is news.
const STALE: Span = Span::days(7);
/// How long a removed guest can be brought back as before.
pub(super) const RESTORE_WITHIN: Span = Span::days(30);

impl Circumstances<'_> {
    /// The next thing that is due, if any; once it is done, the next may be asked for.
    pub fn due(&self, rules: &Rules, now: Timestamp) -> Option<Due> {
        if self.guest.kind == Kind::Member {
            return None;
        }
        match &self.guest.state {
            GuestState::Removed { .. } => None,
            GuestState::Suspended { cause: Cause::DomainDenied, .. } if self.admitted => Some(Due::Resume),
            GuestState::Suspended { since, cause, .. } => {
                let over = rules.remove_after.is_some_and(|after| now >= since.plus(after));
                (*cause != Cause::Decision && over).then_some(Due::Remove)
            }
            GuestState::Active => self
                .domain()
                .or_else(|| self.sponsor(rules, now))
                .or_else(|| self.unused(now))
                .or_else(|| self.unused_soon(rules, now))
                .or_else(|| self.ending(rules, now))
                .or_else(|| self.forgotten(rules, now)),
        }
    }

    fn domain(&self) -> Option<Due> {
        (!self.admitted).then_some(Due::Suspend(Cause::DomainDenied))
    }

    fn sponsor(&self, rules: &Rules, now: Timestamp) -> Option<Due> {
        self.guest.sponsor.as_ref()?;
        let Sponsorship { seen, left } = self.guest.sponsorship;
        match (self.sponsor_is_member, left) {
            (true, Some(_)) => Some(Due::SponsorBack),
            (true, None) => (!seen).then_some(Due::NoteSponsor),
            (false, None) => (seen && rules.sponsor_grace.is_some()).then_some(Due::SponsorLeft),
            (false, Some(left)) => {
                rules.sponsor_grace.is_some_and(|grace| now >= left.plus(grace)).then_some(Due::Suspend(Cause::SponsorLeft))
            }
        }
    }

    /// Whoever uses nothing is suspended; whoever uses something else loses what is not used.
    fn unused(&self, now: Timestamp) -> Option<Due> {
        let open: Vec<&Grant> = self.grants.iter().filter(|g| g.is_in_force(now)).collect();
        let idle: Vec<(&Grant, Span)> = open.iter().filter_map(|grant| Some((*grant, self.is_idle(grant, now)?))).collect();
        let (first, after) = idle.first()?;
        if idle.len() == open.len() { Some(Due::Suspend(Cause::Inactive)) } else { Some(Due::EndUnused(first.id, *after)) }
    }

    /// Whoever does not come is told in time, once for each time of not coming.
    fn unused_soon(&self, rules: &Rules, now: Timestamp) -> Option<Due> {
        let before = rules.remind_inactive?;
        let of = |grant: &Grant| {
            let (since, after) = self.unused_since(grant)?;
            let end = since.plus(after);
            // An access that ends by itself before is announced as that.
            let lasts = grant.until.is_none_or(|until| until > end);
            let told = self.guest.warned.is_some_and(|told| told >= end.minus(before));
            (before < after && lasts && !told && now >= end.minus(before)).then_some(Due::Warn(grant.id, end))
        };
        self.grants.iter().filter(|g| g.is_in_force(now)).find_map(of)
    }

    fn is_idle(&self, grant: &Grant, now: Timestamp) -> Option<Span> {
        let (since, after) = self.unused_since(grant)?;
        (now >= since.plus(after)).then_some(after)
    }

    /// Since when the access is not used, and how long that may be so.
    fn unused_since(&self, grant: &Grant) -> Option<(Timestamp, Span)> {
        let (_, after) = self.inactive_after.iter().find(|(app, _)| *app == grant.app)?;
        let used = self.uses.iter().find(|(app, _)| *app == grant.app).map_or(Timestamp::EPOCH, |(_, at)| *at);
        Some((used.max(grant.from).max(self.guest.resumed.unwrap_or(Timestamp::EPOCH)), *after))
    }

    fn ending(&self, rules: &Rules, now: Timestamp) -> Option<Due> {
        let of = |grant: &Grant| {
            let until = grant.until.filter(|_| grant.is_active())?;
            let is_due = |at: Timestamp| at > grant.from && now >= at && grant.reminded.is_none_or(|told| told < at);
            if is_due(until) {
                // Whoever was not told in time knows by now.
                return (now < until.plus(STALE)).then_some(Due::TellEnd(grant.id));
            }
            let soon = now < until && rules.remind_access.iter().any(|stage| is_due(until.minus(*stage)));
            soon.then_some(Due::Remind(grant.id))
        };
        self.grants.iter().find_map(of)
    }

    /// Whoever has had no access for long, and never will have by itself.
    fn forgotten(&self, rules: &Rules, now: Timestamp) -> Option<Due> {
        let after = rules.remove_after?;
        let end_of = |grant: &Grant| match (&grant.state, grant.until) {
            (GrantState::Revoked { at }, _) => *at,
            (GrantState::Active, Some(until)) => until,
            (GrantState::Active, None) => Timestamp::NEVER,
        };
        let last = self.grants.iter().map(end_of).max().unwrap_or(self.guest.created);
        let since = last.max(self.guest.resumed.unwrap_or(Timestamp::EPOCH));
        (since < Timestamp::NEVER && now >= since.plus(after)).then_some(Due::Remove)
    }
}

impl Guest {
    /// The gateway suspends a guest.
    pub fn suspend_because(&self, o: &Occasion<'_>, cause: Cause) -> Result<(Self, Proposal), Refusal> {
        self.must_be_active()?;
        let mut guest = self.clone();
        let by = SuspendedBy { actor: Actor::System.kind(), address: None };
        guest.state = GuestState::Suspended { since: o.now, by, reason: Some(cause.as_str().to_owned()), cause };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(&Actor::System, Event::GuestSuspended).guest(self).detail("cause", cause.as_str()));
        Ok((guest, p))
    }

    /// The reason for which the gateway suspended a guest has gone.
    pub fn resume_by_itself(&self, o: &Occasion<'_>) -> Result<(Self, Proposal), Refusal> {
        let GuestState::Suspended { cause: Cause::DomainDenied, .. } = self.state else { return Err(Refusal::NothingToDo) };
        let mut guest = Self { state: GuestState::Active, resumed: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(&Actor::System, Event::GuestResumed).guest(self).detail("cause", Cause::DomainDenied.as_str()));
        Ok((guest, p))
    }

    /// Writes down what was seen of the sponsor.
    pub fn note_sponsor(&self, o: &Occasion<'_>, sponsorship: Sponsorship) -> Result<(Self, Proposal), Refusal> {
        if sponsorship == self.sponsorship {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = Self { sponsorship, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        if sponsorship.left.is_some() {
            p.audit(o.entry(&Actor::System, Event::SponsorLeft).guest(self));
        }
        Ok((guest, p))
    }

    /// Writes down that the guest was told of an access that ends because it is not used.
    pub fn warn(&self, o: &Occasion<'_>, grant: &Grant) -> Result<(Self, Proposal), Refusal> {
        self.must_be_active()?;
        let mut guest = Self { warned: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(&Actor::System, Event::GuestWarned).guest(self).app(&grant.app));
        Ok((guest, p))
    }

    /// Brings a removed guest back as before, with the grants that ended by the removal. `grants` are all grants of the guest.
    pub fn restore(&self, o: &Occasion<'_>, warrant: &Warrant<RemoveGuest>, grants: &[Grant]) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_guest(self.id)?;
        let GuestState::Removed { at } = self.state else { return Err(Refusal::NothingToDo) };
        if o.now >= at.plus(RESTORE_WITHIN) {
            return Err(Refusal::Expired);
        }
        let mut guest = Self { state: GuestState::Active, resumed: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(warrant.actor(), Event::GuestRestored).guest(self));
        // What ended in the same moment ended by the removal; what had ended before stays so.
        let ended = |g: &&Grant| g.guest == self.id && matches!(g.state, GrantState::Revoked { at: ended } if ended == at);
        for grant in grants.iter().filter(ended) {
            let mut grant = Grant { state: GrantState::Active, ..grant.clone() };
            p.audit(grant.told(o.entry(warrant.actor(), Event::GrantCreated)));
            p.put(&mut grant);
        }
        Ok((guest, p))
    }

    /// The gateway removes a guest to whom nothing has been open for long.
    pub fn remove_by_itself(&self, o: &Occasion<'_>, holdings: Holdings<'_>) -> Result<(Self, Proposal), Refusal> {
        if matches!(self.state, GuestState::Removed { .. }) {
            return Err(Refusal::NothingToDo);
        }
        let mut guest = Self { state: GuestState::Removed { at: o.now }, bound: Vec::new(), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut guest);
        p.audit(o.entry(&Actor::System, Event::GuestRemoved).guest(self));
        for grant in holdings.grants.iter().filter(|g| g.guest == self.id && g.is_active()) {
            grant.end(o, &Actor::System, &mut p);
        }
        for session in holdings.sessions.iter().filter(|s: &&Session| s.guest == self.id && s.ended.is_none()) {
            session.end(&mut p, EndReason::Removed);
        }
        Ok((guest, p))
    }
}

impl Grant {
    /// Writes down that guest and sponsor were told of the end.
    pub fn remind(&self, o: &Occasion<'_>) -> Result<(Self, Proposal), Refusal> {
        if !self.is_active() {
            return Err(Refusal::Revoked);
        }
        let mut grant = Self { reminded: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut grant);
        p.audit(o.entry(&Actor::System, Event::GrantReminded).grant(self));
        Ok((grant, p))
    }

    /// The gateway ends an access that is not used.
    pub fn end_unused(&self, o: &Occasion<'_>) -> Result<(Self, Proposal), Refusal> {
        if !self.is_active() {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        let grant = self.end(o, &Actor::System, &mut p);
        Ok((grant, p))
    }
}

impl Invitation {
    /// Whether the guest is to be reminded: once, if it was mailed and the time between is long enough.
    pub fn reminder_is_due(&self, before: Span, now: Timestamp) -> bool {
        let at = self.expires.minus(before);
        self.is_open(now) && !self.reminded && self.mailed.is_some() && at > self.created && now >= at
    }

    /// Reminds the guest by a link of its own; the one that was mailed before works as well.
    pub fn remind(&self, o: &Occasion<'_>, letter: Letter) -> Result<(Self, Proposal), Refusal> {
        self.must_be_open(o.now)?;
        let mut invitation = Self { reminder: Some(letter.token), reminded: true, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut invitation);
        p.audit(o.entry(&Actor::System, Event::InvitationReminded).invitation(self));
        Ok((invitation, p.with_mail(letter.mail)))
    }
}

impl Cause {
    /// As the audit log and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Inactive => "inactive",
            Self::SponsorLeft => "sponsor-left",
            Self::DomainDenied => "domain-denied",
            Self::Deprovisioned => "deprovisioned",
        }
    }
}

/// What is seen of a sponsor who was changed: nothing yet.
pub(super) fn sponsorship_of(before: &Guest, sponsor: Option<&EmailAddress>) -> Sponsorship {
    if before.sponsor.as_ref() == sponsor { before.sponsorship } else { Sponsorship::default() }
}
