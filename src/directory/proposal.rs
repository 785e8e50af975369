//! What a decision about the directory comes to: changes, what they were decided on, what is audited and what is sent.

use std::net::IpAddr;

use super::{
    Actor, ApiToken, Condition, Factors, Grant, Guest, Invitation, Request, Review, Session, Verdict,
    audit::{Entry, Event},
};
use crate::base::{
    Digest, EmailAddress, Entropy, EventId, GrantId, GuestId, Id, InvitationId, MailId, RequestId, ReviewId, SessionId, Timestamp, TokenId,
    VerdictId,
};

/// How often an entity has been written; 0 stands for "not there yet".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct Version(pub u64);

impl Version {
    /// Whether the entity is written for the first time.
    pub fn is_first(self) -> bool {
        self.0 == 1
    }
}

/// Which entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A guest.
    Guest(GuestId),
    /// An invitation.
    Invitation(InvitationId),
    /// A grant.
    Grant(GrantId),
    /// A session.
    Session(SessionId),
    /// A request.
    Request(RequestId),
    /// What a guest can show beside the mailbox.
    Factors(GuestId),
    /// A token for programs.
    Token(TokenId),
    /// An access review.
    Review(ReviewId),
    /// What was decided in a review.
    Verdict(VerdictId),
}

/// One write.
#[derive(Debug, Clone)]
pub enum Change {
    /// Writes a guest.
    PutGuest(Guest),
    /// Writes an invitation.
    PutInvitation(Invitation),
    /// Writes a grant.
    PutGrant(Grant),
    /// Writes a session.
    PutSession(Session),
    /// Writes a request.
    PutRequest(Request),
    /// Writes what a guest can show beside the mailbox.
    PutFactors(Factors),
    /// Writes a token for programs.
    PutToken(ApiToken),
    /// Writes an access review.
    PutReview(Review),
    /// Writes what was decided about an access in a review.
    PutVerdict(Verdict),
}

/// A finished mail.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutgoingMail {
    /// Stays the same when it is sent again.
    pub id: MailId,
    /// To whom.
    pub to: EmailAddress,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// What happens outside the database once the changes are in it.
#[derive(Debug, Clone)]
pub enum Effect {
    /// A mail is queued.
    Mail(OutgoingMail),
    /// A text is kept, once, for as long as the database.
    KeepText {
        /// Its SHA-256.
        digest: Digest,
        /// The text.
        text: String,
    },
}

/// Everything that is written together, or not at all.
#[must_use]
#[derive(Debug, Clone)]
pub struct Proposal {
    /// When it was decided.
    pub at: Timestamp,
    /// What it was decided on: the commit is a conflict unless these versions are current.
    pub decided_on: Vec<(Key, Version)>,
    /// The writes.
    pub changes: Vec<Change>,
    /// What the audit log says.
    pub audit: Vec<Entry>,
    /// What happens afterwards.
    pub effects: Vec<Effect>,
    /// What must hold of everything together, asked in the transaction that writes.
    pub conditions: Vec<Condition>,
}

/// Time, randomness and place for one decision.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The present.
    pub now: Timestamp,
    /// Where new ids come from.
    pub entropy: &'a dyn Entropy,
    /// Where the request came from, for the audit log.
    pub from: Option<IpAddr>,
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The invitation has been used.
    #[error("the invitation has already been accepted")]
    AlreadyRedeemed,
    /// The invitation has been withdrawn.
    #[error("the invitation has been withdrawn")]
    Revoked,
    /// The guest said no.
    #[error("the invitation has been declined")]
    Declined,
    /// Its time is over.
    #[error("the invitation has expired")]
    Expired,
    /// The proof is of another address.
    #[error("this is not the address that was invited")]
    WrongAddress,
    /// The address is of the other kind.
    #[error("nobody is both guest and member")]
    OtherKind,
    /// The guest is suspended.
    #[error("the guest is suspended")]
    Suspended,
    /// The guest has been removed.
    #[error("the guest has been removed")]
    Removed,
    /// The session is over.
    #[error("the session has ended")]
    SessionEnded,
    /// The warrant is for something else, or the entities do not belong together.
    #[error("this is not allowed here")]
    Unwarranted,
    /// It is so already, or was undone before.
    #[error("nothing would change")]
    NothingToDo,
    /// It needs something to be shown first, or again.
    #[error("this needs a fresh sign-in")]
    Unproved,
    /// The code was shown before.
    #[error("the code has been used")]
    Used,
    /// There are as many as there may be.
    #[error("there are too many already")]
    TooMany,
    /// Something that the guest has or was offered excludes it.
    #[error("another access of the guest excludes this one")]
    Excluded,
    /// An invitation that offers nothing, an end before its beginning, and the like.
    #[error("this makes no sense")]
    Senseless,
}

/// What is kept under a key and a version.
pub trait Entity: Clone {
    /// Which one it is.
    fn key(&self) -> Key;
    /// How often it has been written.
    fn version(&self) -> Version;
    /// Sets how often it has been written.
    fn set_version(&mut self, version: Version);
    /// The write of it.
    fn put(self) -> Change;
}

macro_rules! entities {
    ($($entity:ident $put:ident),*) => {$(
        impl Entity for $entity {
            fn key(&self) -> Key { Key::$entity(self.id) }
            fn version(&self) -> Version { self.version }
            fn set_version(&mut self, version: Version) { self.version = version; }
            fn put(self) -> Change { Change::$put(self) }
        }
    )*};
}

impl Entity for ApiToken {
    fn key(&self) -> Key {
        Key::Token(self.id)
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }
    fn put(self) -> Change {
        Change::PutToken(self)
    }
}

impl Entity for Factors {
    fn key(&self) -> Key {
        Key::Factors(self.guest)
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }
    fn put(self) -> Change {
        Change::PutFactors(self)
    }
}

entities!(Guest PutGuest, Invitation PutInvitation, Grant PutGrant, Session PutSession, Request PutRequest, Review PutReview, Verdict PutVerdict);

impl Change {
    /// Which entity is written.
    pub fn key(&self) -> Key {
        match self {
            Self::PutGuest(g) => g.key(),
            Self::PutInvitation(i) => i.key(),
            Self::PutGrant(g) => g.key(),
            Self::PutSession(s) => s.key(),
            Self::PutRequest(r) => r.key(),
            Self::PutFactors(f) => f.key(),
            Self::PutToken(t) => t.key(),
            Self::PutReview(r) => r.key(),
            Self::PutVerdict(v) => v.key(),
        }
    }

    /// The version that is written.
    pub fn version(&self) -> Version {
        match self {
            Self::PutGuest(g) => g.version,
            Self::PutInvitation(i) => i.version,
            Self::PutGrant(g) => g.version,
            Self::PutSession(s) => s.version,
            Self::PutRequest(r) => r.version,
            Self::PutFactors(f) => f.version,
            Self::PutToken(t) => t.version,
            Self::PutReview(r) => r.version,
            Self::PutVerdict(v) => v.version,
        }
    }

    /// The guest whom it concerns.
    pub fn guest(&self) -> Option<GuestId> {
        match self {
            Self::PutGuest(g) => Some(g.id),
            Self::PutInvitation(i) => Some(i.guest),
            Self::PutGrant(g) => Some(g.guest),
            Self::PutSession(s) => Some(s.guest),
            Self::PutRequest(r) => Some(r.guest),
            Self::PutFactors(f) => Some(f.guest),
            Self::PutVerdict(v) => Some(v.guest),
            Self::PutToken(_) | Self::PutReview(_) => None,
        }
    }
}

impl Change {
    /// The invitation that is written.
    pub fn as_invitation(&self) -> Option<&Invitation> {
        if let Self::PutInvitation(invitation) = self { Some(invitation) } else { None }
    }

    /// The grant that is written.
    pub fn as_grant(&self) -> Option<&Grant> {
        if let Self::PutGrant(grant) = self { Some(grant) } else { None }
    }
}

impl Proposal {
    /// Nothing yet.
    pub fn at(now: Timestamp) -> Self {
        Self { at: now, decided_on: Vec::new(), changes: Vec::new(), audit: Vec::new(), effects: Vec::new(), conditions: Vec::new() }
    }

    /// Only entries of the audit log, such as that of a refused sign-in.
    pub fn of_entry(entry: Entry) -> Self {
        let at = entry.at;
        Self { audit: vec![entry], ..Self::at(at) }
    }

    /// Adds that an entity was read and must still be so.
    pub fn relying_on<E: Entity>(mut self, entity: &E) -> Self {
        self.rely(entity);
        self
    }

    /// Adds everything of another proposal, which may have been decided on what this one writes.
    pub fn and(mut self, other: Self) -> Self {
        let ours = |key: Key, version: Version| self.changes.iter().any(|c| c.key() == key && c.version() == version);
        let new: Vec<_> = other.decided_on.into_iter().filter(|(key, version)| !ours(*key, *version)).collect();
        self.decided_on.extend(new);
        self.changes.extend(other.changes);
        self.audit.extend(other.audit);
        self.effects.extend(other.effects);
        other.conditions.into_iter().fold(self, Self::provided)
    }

    /// Adds a mail.
    pub fn with_mail(mut self, mail: OutgoingMail) -> Self {
        self.effects.push(Effect::Mail(mail));
        self
    }

    pub(super) fn rely<E: Entity>(&mut self, entity: &E) {
        self.decided_on.push((entity.key(), entity.version()));
    }

    /// Writes an entity and counts the writing; it must still be as it was.
    pub(super) fn put<E: Entity>(&mut self, entity: &mut E) {
        self.rely(entity);
        entity.set_version(Version(entity.version().0.saturating_add(1)));
        self.changes.push(entity.clone().put());
    }

    pub(super) fn audit(&mut self, entry: Entry) {
        self.audit.push(entry);
    }
}

impl Occasion<'_> {
    /// An entry of the audit log, with who, when and from where.
    pub fn entry(&self, actor: &Actor, event: Event) -> Entry {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        Entry::new(EventId::random(self.entropy), self.now, event, salt).by(actor, self.from)
    }

    /// A new id.
    pub fn id<I: Id>(&self) -> I {
        I::random(self.entropy)
    }
}
