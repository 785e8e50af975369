//! What people ask for: to sign up, to use another app, to stay longer, to be let in now. Somebody decides, or time does; what is
//! granted is in `granting`.

use std::collections::BTreeMap;

use super::{
    Actor, ActorKind, DecideRequest, Granting, Guest, Invitation, Occasion, OutgoingMail, Proposal, Refusal, Version, Warrant, audit::Event,
};
use crate::base::{AppId, EmailAddress, GuestId, Name, RequestId, Span, Timestamp};

/// Something that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// By whom; at a sign-up the id is reserved.
    pub guest: GuestId,
    /// The address, proved before anything was asked.
    pub email: EmailAddress,
    /// What people call them.
    pub name: Option<String>,
    /// For which app.
    pub app: AppId,
    /// Why, in the guest's own words.
    pub reason: Option<String>,
    /// What the form of a sign-up was answered with.
    pub answers: Vec<Answer>,
    /// What a sign-up's guest comes with: attributes, groups, role.
    pub endowment: Endowment,
    /// In which language the guest reads.
    pub language: Option<String>,
    /// Who is responsible for the guest and may decide beside the owners.
    pub sponsor: Option<EmailAddress>,
    /// When it was asked.
    pub created: Timestamp,
    /// When nobody can decide any more.
    pub expires: Timestamp,
    /// What became of it.
    pub state: RequestState,
    /// How often this was written.
    pub version: Version,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// To become a guest.
    SignUp,
    /// To use an app, being a guest.
    Access,
    /// To use an app for longer.
    Extension,
    /// To be let into an app now, as a policy demands.
    Approval,
}

/// One field of a form, answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// The field, which becomes an attribute of the guest.
    pub name: String,
    /// What the form called it.
    pub label: String,
    /// What was answered.
    pub value: String,
}

/// What a guest comes with beside the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Endowment {
    /// What policies may ask about them.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The groups they come into.
    pub groups: Vec<Name>,
    /// The role in the app.
    pub role: Option<Name>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RequestState {
    /// Another program is asked first.
    Checking {
        /// How often it was asked.
        attempts: u32,
        /// When it is asked next.
        due: Timestamp,
    },
    /// Nobody has decided.
    Open,
    /// It was granted.
    Approved {
        /// When.
        at: Timestamp,
        /// By whom; `None`: by the gateway or somebody at the machine.
        by: Option<EmailAddress>,
    },
    /// It was not.
    Denied {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Option<EmailAddress>,
        /// What the guest is told.
        message: Option<String>,
    },
    /// The guest does not want it any more.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// What somebody asks for. The caller has checked that the app lets it be asked.
#[derive(Debug, Clone)]
pub struct RequestDraft {
    /// What.
    pub kind: RequestKind,
    /// For which app.
    pub app: AppId,
    /// Why.
    pub reason: Option<String>,
    /// The form's answers.
    pub answers: Vec<Answer>,
    /// What comes with the guest.
    pub endowment: Endowment,
    /// What people call them.
    pub name: Option<String>,
    /// The language they read.
    pub language: Option<String>,
    /// How long it can be decided.
    pub lifetime: Span,
    /// Whether another program is asked first.
    pub asks: Asks,
    /// Mails to those who decide: they name the matter and prove nothing.
    pub mails: Vec<OutgoingMail>,
}

/// Whom a request goes to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The people who decide.
    People,
    /// A program.
    Program,
    /// Nobody: it is granted at once.
    Nobody,
}

/// Who asks: read from the store, or about to become a guest.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The address, proved.
    pub email: &'a EmailAddress,
    /// The guest with this address.
    pub guest: Option<&'a Guest>,
    /// Any invitation of the address.
    pub earlier: Option<&'a Invitation>,
    /// Other requests of this address.
    pub others: &'a [Request],
}

impl RequestKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SignUp, Self::Access, Self::Extension, Self::Approval];

    /// As the API and the audit log name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Access => "access",
            Self::Extension => "extension",
            Self::Approval => "approval",
        }
    }
}

impl Request {
    /// Asks for something. Who asks for what is asked already is told so.
    pub fn file(o: &Occasion<'_>, asker: Asker<'_>, draft: RequestDraft) -> Result<(Self, Proposal), Refusal> {
        if let Some(guest) = asker.guest {
            if guest.email != *asker.email {
                return Err(Refusal::WrongAddress);
            }
            match (&draft.kind, guest.must_be_active()) {
                // Whoever was removed may sign up again.
                (RequestKind::SignUp, Err(Refusal::Removed)) | (_, Ok(())) => {}
                (_, Err(refusal)) => return Err(refusal),
            }
        } else if draft.kind != RequestKind::SignUp {
            return Err(Refusal::Unwarranted);
        }
        let same = |r: &&Self| r.kind == draft.kind && r.app == draft.app && r.email == *asker.email;
        if asker.others.iter().filter(same).any(|r| r.is_undecided(o.now)) {
            return Err(Refusal::NothingToDo);
        }
        let id = asker.guest.map(|g| g.id).or(asker.earlier.map(|i| i.guest));
        let mut request = Self {
            id: o.id(),
            kind: draft.kind,
            guest: id.unwrap_or_else(|| o.id()),
            email: asker.email.clone(),
            name: draft.name.or_else(|| asker.guest.and_then(|g| g.name.clone())),
            app: draft.app,
            reason: draft.reason,
            answers: draft.answers,
            endowment: draft.endowment,
            language: draft.language.or_else(|| asker.guest.and_then(|g| g.language.clone())),
            sponsor: asker.guest.and_then(|g| g.sponsor.clone()),
            created: o.now,
            expires: o.now.plus(draft.lifetime),
            state: match draft.asks {
                Asks::People | Asks::Nobody => RequestState::Open,
                Asks::Program => RequestState::Checking { attempts: 0, due: o.now },
            },
            version: Version::default(),
        };
        let actor = Actor::Guest { id: request.guest, email: request.email.clone() };
        let mut p = Proposal::at(o.now);
        p.audit(request.told(o, &actor, Event::RequestMade));
        p.put(&mut request);
        Ok((request, draft.mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// Gives what was asked for.
    pub fn approve(&self, o: &Occasion<'_>, warrant: &Warrant<DecideRequest>, granting: Granting<'_>) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_request(self.id)?;
        self.must_be_undecided(o.now)?;
        self.grant(o, warrant.actor(), granting)
    }

    /// The program that was asked says yes, and nobody else is to be asked: the gateway gives it.
    pub fn pass(&self, o: &Occasion<'_>, granting: Granting<'_>) -> Result<(Self, Proposal), Refusal> {
        self.must_be_undecided(o.now)?;
        self.grant(o, &Actor::System, granting)
    }

    /// Says no.
    pub fn deny(
        &self,
        o: &Occasion<'_>,
        warrant: &Warrant<DecideRequest>,
        message: Option<String>,
        mails: Vec<OutgoingMail>,
    ) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_request(self.id)?;
        self.must_be_undecided(o.now)?;
        let (request, p) = self.refused(o, warrant.actor(), message);
        Ok((request, mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// The program that was asked says no.
    pub fn turn_down(&self, o: &Occasion<'_>, message: Option<String>) -> Result<(Self, Proposal), Refusal> {
        self.must_be_undecided(o.now)?;
        Ok(self.refused(o, &Actor::System, message))
    }

    fn refused(&self, o: &Occasion<'_>, actor: &Actor, message: Option<String>) -> (Self, Proposal) {
        let mut entry = self.told(o, actor, Event::RequestDenied);
        if let Some(message) = &message {
            entry = entry.personal("message", message);
        }
        let by = actor.address().cloned();
        let mut request = Self { state: RequestState::Denied { at: o.now, by, message }, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut request);
        p.audit(entry);
        (request, p)
    }

    /// The guest does not want it any more.
    pub fn withdraw(&self, o: &Occasion<'_>, guest: &Guest) -> Result<(Self, Proposal), Refusal> {
        if guest.id != self.guest {
            return Err(Refusal::Unwarranted);
        }
        self.must_be_undecided(o.now)?;
        let mut request = Self { state: RequestState::Withdrawn { at: o.now }, ..self.clone() };
        let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut request);
        p.audit(self.told(o, &actor, Event::RequestWithdrawn));
        Ok((request, p))
    }

    /// The program that was asked wants people to decide, perhaps knowing more about the guest than before.
    pub fn hand_on(&self, o: &Occasion<'_>, endowment: Endowment, mails: Vec<OutgoingMail>) -> Result<(Self, Proposal), Refusal> {
        let RequestState::Checking { .. } = self.state else { return Err(Refusal::NothingToDo) };
        let mut request = Self { state: RequestState::Open, endowment, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut request);
        Ok((request, mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// The program did not answer, or wants to be asked again.
    pub fn ask_again(&self, o: &Occasion<'_>, due: Timestamp) -> Result<(Self, Proposal), Refusal> {
        let RequestState::Checking { attempts, .. } = self.state else { return Err(Refusal::NothingToDo) };
        let state = RequestState::Checking { attempts: attempts.saturating_add(1), due };
        let mut request = Self { state, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut request);
        Ok((request, p))
    }

    /// Whether somebody can still decide.
    pub fn is_undecided(&self, now: Timestamp) -> bool {
        self.must_be_undecided(now).is_ok()
    }

    fn must_be_undecided(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.state {
            RequestState::Open | RequestState::Checking { .. } if now < self.expires => Ok(()),
            RequestState::Open | RequestState::Checking { .. } => Err(Refusal::Expired),
            RequestState::Approved { .. } | RequestState::Denied { .. } | RequestState::Withdrawn { .. } => Err(Refusal::NothingToDo),
        }
    }

    pub(super) fn told(&self, o: &Occasion<'_>, actor: &Actor, event: Event) -> super::audit::Entry {
        let entry = o.entry(actor, event).app(&self.app).detail("request", &self.id.to_string()).detail("kind", self.kind.as_str());
        let entry = entry.of_guest(self.guest, &self.email);
        match &self.reason {
            Some(reason) => entry.personal("reason", reason),
            None => entry,
        }
    }

    /// Whether somebody may decide because the guest is theirs to look after: an extension, and nothing else.
    pub fn is_of_sponsor(&self, actor: &Actor) -> bool {
        let person = matches!(actor.kind(), ActorKind::Owner | ActorKind::Inviter);
        person && self.kind == RequestKind::Extension && self.sponsor.is_some() && self.sponsor.as_ref() == actor.address()
    }
}
