//! Access reviews: now and then somebody says of each access to an app whether it is still needed. What nobody answers for ends.
//!
//! A review lists the accesses as they are: those that were there when it was opened, have not ended since, and about which nothing has
//! been decided in it. So it holds no list of its own, only the verdicts.

use super::{
    Actor, ActorKind, DecideReview, Denied, Grant, Guest, Occasion, OpenReview, OutgoingMail, Proposal, Refusal, Version, Warrant,
    audit::{Entry, Event},
    sight,
};
use crate::base::{AppId, EmailAddress, GrantId, GuestId, Name, ReviewId, Reviewers, Span, Timestamp, VerdictId};

/// One review of one app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Whose accesses are looked at.
    pub app: AppId,
    /// Who is asked.
    pub reviewers: Reviewers,
    /// When it was opened: later accesses are for the next one.
    pub opened: Timestamp,
    /// When what nobody has answered for ends.
    pub due: Timestamp,
    /// How many accesses there were to look at.
    pub found: u64,
    /// When the reviewers were last reminded.
    pub reminded: Option<Timestamp>,
    /// Whether it is over.
    pub state: ReviewState,
    /// How often this was written.
    pub version: Version,
}

/// Whether a review is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ReviewState {
    /// It is not; its time may be over all the same.
    Open,
    /// It is.
    Closed {
        /// Since when.
        at: Timestamp,
    },
}

/// What was decided about one access.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// Its id.
    pub id: VerdictId,
    /// In which review.
    pub review: ReviewId,
    /// About which access.
    pub grant: GrantId,
    /// Whose.
    pub guest: GuestId,
    /// In which role it was.
    pub role: Option<Name>,
    /// What.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// By whom; `None`: by a program, somebody at the machine, or nobody.
    pub by: Option<EmailAddress>,
    /// As what.
    pub as_what: ActorKind,
    /// How often this was written.
    pub version: Version,
}

/// What becomes of an access in a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is still needed.
    Kept,
    /// It is not.
    Removed,
    /// Nobody has answered.
    Lapsed,
}

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The access is still needed.
    Keep,
    /// It is not: it ends.
    Remove,
}

/// How a review begins.
#[derive(Debug, Clone)]
pub struct ReviewDraft {
    /// Of which app.
    pub app: AppId,
    /// Who is asked.
    pub reviewers: Reviewers,
    /// How long they have.
    pub answer_within: Span,
    /// How many accesses there are to look at.
    pub found: u64,
}

/// One access in a review, as it is.
#[derive(Debug, Clone, Copy)]
pub struct Reviewed<'a> {
    /// The access.
    pub grant: &'a Grant,
    /// Whose.
    pub guest: &'a Guest,
    /// What was decided before, in the same review.
    pub before: Option<&'a Verdict>,
}

/// What is due to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDue {
    /// The reviewers are reminded.
    Remind,
    /// What is left ends, and the review with it.
    Finish,
}

/// Which accesses of a review somebody has to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of them.
    Whole,
    /// Those of the guests for whom this member is responsible.
    Sponsored(EmailAddress),
}

impl Outcome {
    /// As the audit log and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Lapsed => "lapsed",
        }
    }
}

impl Review {
    /// Its time has come.
    pub fn open(o: &Occasion<'_>, draft: ReviewDraft) -> (Self, Proposal) {
        Self::compose(o, &Actor::System, draft)
    }

    /// Somebody begins one out of turn.
    pub fn begin(o: &Occasion<'_>, warrant: &Warrant<OpenReview>, draft: ReviewDraft) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_app(&draft.app)?;
        if draft.answer_within == Span::ZERO || draft.found == 0 {
            return Err(Refusal::Senseless);
        }
        Ok(Self::compose(o, warrant.actor(), draft))
    }

    fn compose(o: &Occasion<'_>, actor: &Actor, draft: ReviewDraft) -> (Self, Proposal) {
        let mut review = Self {
            id: o.id(),
            app: draft.app,
            reviewers: draft.reviewers,
            opened: o.now,
            due: o.now.plus(draft.answer_within),
            found: draft.found,
            reminded: None,
            state: ReviewState::Open,
            version: Version::default(),
        };
        let mut p = Proposal::at(o.now);
        let entry = review.told(o, actor, Event::ReviewOpened).detail("due", &review.due.to_string());
        p.audit(entry.detail("accesses", &review.found.to_string()));
        p.put(&mut review);
        (review, p)
    }

    /// Answers for one access. `mail` tells the guest of an access that ends.
    pub fn answer(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<DecideReview>,
        on: Reviewed<'_>,
        answered: Answered,
        mail: Option<OutgoingMail>,
    ) -> Result<(Verdict, Proposal), Refusal> {
        warrant.reaches_grant(on.grant)?;
        if !self.is_open(o.now) {
            return Err(Refusal::Expired);
        }
        if !self.covers(on.grant) || on.guest.id != on.grant.guest {
            return Err(Refusal::Unwarranted);
        }
        let outcome = match answered {
            Answered::Keep => Outcome::Kept,
            Answered::Remove => Outcome::Removed,
        };
        if !on.grant.is_active() || on.before.is_some_and(|before| before.outcome == outcome) {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        let verdict = self.write(o, warrant.actor(), on, outcome, &mut p);
        match answered {
            Answered::Keep => p.rely(on.grant),
            Answered::Remove => {
                on.grant.end(o, warrant.actor(), &mut p);
            }
        }
        let mail = mail.filter(|_| answered == Answered::Remove);
        Ok((verdict, mail.into_iter().fold(p, Proposal::with_mail)))
    }

    /// The time is over: an access that nobody has answered for ends.
    pub fn lapse(&self, o: &Occasion<'_>, on: Reviewed<'_>, mail: OutgoingMail) -> Result<Proposal, Refusal> {
        if self.is_open(o.now) || matches!(self.state, ReviewState::Closed { .. }) {
            return Err(Refusal::NothingToDo);
        }
        if !self.covers(on.grant) || on.before.is_some() || !on.grant.is_active() {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        self.write(o, &Actor::System, on, Outcome::Lapsed, &mut p);
        on.grant.end(o, &Actor::System, &mut p);
        Ok(p.with_mail(mail))
    }

    fn write(&self, o: &Occasion<'_>, actor: &Actor, on: Reviewed<'_>, outcome: Outcome, p: &mut Proposal) -> Verdict {
        let mut verdict = Verdict {
            id: on.before.map_or_else(|| o.id(), |before| before.id),
            review: self.id,
            grant: on.grant.id,
            guest: on.grant.guest,
            role: on.grant.role.clone(),
            outcome,
            // An access counts as looked at if that was after the opening.
            at: o.now.max(self.opened.plus(Span::millis(1))),
            by: actor.address().cloned(),
            as_what: actor.kind(),
            version: on.before.map_or_else(Version::default, |before| before.version),
        };
        p.put(&mut verdict);
        p.audit(self.told(o, actor, Event::ReviewDecided).grant(on.grant).guest(on.guest).detail("outcome", outcome.as_str()));
        verdict
    }

    /// The reviewers are reminded of what is left.
    pub fn remind(&self, o: &Occasion<'_>, mails: Vec<OutgoingMail>) -> Result<(Self, Proposal), Refusal> {
        if !self.is_open(o.now) {
            return Err(Refusal::Expired);
        }
        let mut review = Self { reminded: Some(o.now), ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut review);
        p.audit(self.told(o, &Actor::System, Event::ReviewReminded));
        Ok((review, mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// Nothing is left, and the time is over.
    pub fn close(&self, o: &Occasion<'_>, mails: Vec<OutgoingMail>) -> Result<(Self, Proposal), Refusal> {
        if self.state != ReviewState::Open || self.is_open(o.now) {
            return Err(Refusal::NothingToDo);
        }
        let mut review = Self { state: ReviewState::Closed { at: o.now }, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut review);
        p.audit(self.told(o, &Actor::System, Event::ReviewClosed));
        Ok((review, mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// What is due now. `reminders`: how long before the end the reviewers are reminded.
    pub fn next(&self, reminders: &[Span], now: Timestamp) -> Option<ReviewDue> {
        if self.state != ReviewState::Open {
            return None;
        }
        if now >= self.due {
            return Some(ReviewDue::Finish);
        }
        let is_due = |at: Timestamp| at > self.opened && now >= at && self.reminded.is_none_or(|told| told < at);
        reminders.iter().any(|before| is_due(self.due.minus(*before))).then_some(ReviewDue::Remind)
    }

    /// Whether somebody can still answer.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == ReviewState::Open && now < self.due
    }

    /// Whether an access is one of those that are looked at.
    pub fn covers(&self, grant: &Grant) -> bool {
        grant.app == self.app && grant.from <= self.opened
    }

    /// Which part of it somebody sees. Sponsors see their guests, and nobody else's.
    pub fn part_of(&self, actor: &Actor) -> Result<Part, Denied> {
        if sight(actor)?.shows(&self.app) {
            return Ok(Part::Whole);
        }
        match (self.reviewers, actor) {
            (Reviewers::Sponsors, Actor::Owner { email, .. } | Actor::Inviter { email, .. }) => Ok(Part::Sponsored(email.clone())),
            (Reviewers::Owners | Reviewers::Sponsors, _) => Err(Denied),
        }
    }

    fn told(&self, o: &Occasion<'_>, actor: &Actor, event: Event) -> Entry {
        o.entry(actor, event).app(&self.app).detail("review", &self.id.to_string())
    }
}

#[cfg(test)]
mod tests;
