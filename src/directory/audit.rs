//! The audit log: what an entry says, and the chain that shows what was changed, removed, reordered or cut.
//!
//! The chain holds ids and a salted hash of what is personal; the personal facts themselves lie beside it and can be erased.

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Actor, ActorKind, Grant, Guest, Invitation, Session};
use crate::base::{AppId, Digest, EmailAddress, EventId, GrantId, GuestId, InvitationId, SessionId, Timestamp, TokenId};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// What happened: a closed list of names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Event { $($(#[$doc])* #[serde(rename = $text)] $name),* }

        impl Event {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name, such as `invitation.issued`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

events! {
    /// An invitation was made.
    InvitationIssued = "invitation.issued",
    /// What it offers was changed before it was accepted, or what a directory keeps with it.
    InvitationChanged = "invitation.changed",
    /// Its mail was sent again, with a new link.
    InvitationResent = "invitation.resent",
    /// The guest was reminded of it, by a link of its own.
    InvitationReminded = "invitation.reminded",
    /// It was withdrawn.
    InvitationRevoked = "invitation.revoked",
    /// The guest said no.
    InvitationDeclined = "invitation.declined",
    /// The guest accepted it.
    InvitationRedeemed = "invitation.redeemed",
    /// A guest's name, groups or attributes were changed.
    GuestChanged = "guest.changed",
    /// A partner's provider vouched for a guest for the first time: from now on only its own name for the person counts.
    GuestBound = "guest.bound",
    /// A guest was suspended.
    GuestSuspended = "guest.suspended",
    /// A suspension ended.
    GuestResumed = "guest.resumed",
    /// A guest was removed.
    GuestRemoved = "guest.removed",
    /// A removed guest was brought back.
    GuestRestored = "guest.restored",
    /// A guest took along, or was given, everything that is held about them.
    GuestExported = "guest.exported",
    /// A guest left by their own decision.
    GuestLeft = "guest.left",
    /// A guest was told that an access ends because it is not used.
    GuestWarned = "guest.warned",
    /// Whoever was responsible for a guest is a member no longer.
    SponsorLeft = "guest.sponsor-left",
    /// A grant was made.
    GrantCreated = "grant.created",
    /// A grant's role or end was changed.
    GrantChanged = "grant.changed",
    /// A guest was told that an access ends.
    GrantReminded = "grant.reminded",
    /// A grant was ended.
    GrantRevoked = "grant.revoked",
    /// The end of a grant was undone.
    GrantRestored = "grant.restored",
    /// Somebody signed in, or reached an app for the first time.
    SessionOpened = "session.opened",
    /// Somebody proved more.
    SessionSteppedUp = "session.stepped-up",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// A guest added a passkey, an authenticator app or recovery codes.
    FactorAdded = "factor.added",
    /// A guest gave a passkey another name.
    FactorRenamed = "factor.renamed",
    /// A guest removed a passkey or an authenticator app.
    FactorRemoved = "factor.removed",
    /// A recovery code was used up.
    RecoveryCodeUsed = "factor.recovery-code-used",
    /// All that a guest could show beside the mailbox was taken away.
    FactorsReset = "factors.reset",
    /// A one-time link was made by which a member adds a passkey: whoever holds it is that member.
    MemberLinkMade = "member.link-made",
    /// A member has added a passkey by such a link.
    MemberEnrolled = "member.enrolled",
    /// A sign-in failed.
    SignInRefused = "sign-in.refused",
    /// A guest accepted terms of use.
    TermsAccepted = "terms.accepted",
    /// A guest stated a reason for using an app.
    JustificationStated = "justification.stated",
    /// Somebody asks for something.
    RequestMade = "request.made",
    /// It was granted.
    RequestApproved = "request.approved",
    /// It was not.
    RequestDenied = "request.denied",
    /// Whoever asked does not want it any more.
    RequestWithdrawn = "request.withdrawn",
    /// An access review was opened.
    ReviewOpened = "review.opened",
    /// Somebody answered for an access in a review, or nobody did in time.
    ReviewDecided = "review.decided",
    /// Reviewers were reminded of what is left.
    ReviewReminded = "review.reminded",
    /// A review is over.
    ReviewClosed = "review.closed",
    /// A token for programs was made.
    TokenCreated = "token.created",
    /// A token was revoked.
    TokenRevoked = "token.revoked",
    /// Policies took effect that had been held back.
    PoliciesConfirmed = "policies.confirmed",
    /// The oldest entries of this log were deleted, because they are older than is kept.
    AuditCut = "audit.cut",
    /// The configuration was loaded.
    ConfigurationLoaded = "configuration.loaded",
}

/// What is personal in an entry: it can be erased without breaking the chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Personal {
    /// Makes the hash in the chain unguessable once this is erased.
    pub salt: [u8; 16],
    /// Addresses, names, reasons.
    pub facts: BTreeMap<String, String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who, as a kind of person.
    pub actor: ActorKind,
    /// Who, if it was a guest.
    pub by: Option<GuestId>,
    /// By which token, if a program showed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenId>,
    /// What.
    pub event: Event,
    /// To which guest.
    pub guest: Option<GuestId>,
    /// To which invitation.
    pub invitation: Option<InvitationId>,
    /// To which grant.
    pub grant: Option<GrantId>,
    /// To which session.
    pub session: Option<SessionId>,
    /// In which app.
    pub app: Option<AppId>,
    /// Facts that say nothing about a person, such as a role or an end.
    pub details: BTreeMap<String, String>,
    /// Facts that do.
    #[serde(skip)]
    pub personal: Option<Personal>,
}

/// Where a chain ends: its last entry's number and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0: there is none.
    pub sequence: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The text is not the end of an audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the end of an audit log")]
pub struct HeadError;

/// An entry as it lies in the store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its number, from 1 without a gap.
    pub sequence: u64,
    /// The public part as JSON, byte for byte as it was hashed.
    pub body: String,
    /// The hash of the personal facts, where there are any.
    pub personal_hash: Option<Digest>,
    /// The personal facts, unless erased: the salt and the JSON, as they were hashed.
    pub personal: Option<([u8; 16], String)>,
    /// The hash that was stored.
    pub hash: Digest,
}

impl Stored {
    /// The entry as people and programs see it: what was hashed, and beside it what is personal, unless erased.
    pub fn shown(&self) -> serde_json::Value {
        let mut shown: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let personal = self.personal.as_ref().and_then(|(_, facts)| serde_json::from_str::<serde_json::Value>(facts).ok());
        if let Some(map) = shown.as_object_mut() {
            map.insert("sequence".to_owned(), self.sequence.into());
            if let Some(facts) = personal {
                map.insert("personal".to_owned(), facts);
            }
        }
        shown
    }
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The entry does not hash to what stands beside it, or does not follow the one before.
    #[error("audit entry {0} was changed, or does not follow the entry before it")]
    Entry(u64),
    /// The personal facts were changed (they may be erased, not changed).
    #[error("the personal facts of audit entry {0} were changed")]
    Personal(u64),
    /// An entry is missing or out of order.
    #[error("audit entry {0} is missing or out of order")]
    Missing(u64),
    /// The chain does not end where its sealed head says.
    #[error("the audit log ends at entry {found}, its sealed head says {sealed}")]
    Tail {
        /// The last entry found.
        found: u64,
        /// The last entry according to the head.
        sealed: u64,
    },
    /// The head is not ours.
    #[error("the seal of the audit log's head is wrong")]
    Seal,
}

impl Entry {
    pub(super) fn new(id: EventId, at: Timestamp, event: Event, salt: [u8; 16]) -> Self {
        Self {
            id,
            at,
            actor: ActorKind::System,
            by: None,
            token: None,
            event,
            guest: None,
            invitation: None,
            grant: None,
            session: None,
            app: None,
            details: BTreeMap::new(),
            personal: Some(Personal { salt, facts: BTreeMap::new() }),
        }
    }

    pub(super) fn by(mut self, actor: &Actor, from: Option<IpAddr>) -> Self {
        self.actor = actor.kind();
        self.by = actor.guest();
        self.token = actor.token();
        if let Some(address) = actor.address() {
            self = self.personal("actor", address.as_str());
        }
        match from {
            Some(ip) => self.personal("ip", &ip.to_string()),
            None => self,
        }
    }

    /// Adds a personal fact.
    pub fn personal(mut self, name: &str, value: &str) -> Self {
        if let Some(personal) = &mut self.personal {
            personal.facts.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Adds a fact that says nothing about a person.
    pub fn detail(mut self, name: &str, value: &str) -> Self {
        self.details.insert(name.to_owned(), value.to_owned());
        self
    }

    /// It concerns this guest.
    pub fn guest(mut self, guest: &Guest) -> Self {
        self.guest = Some(guest.id);
        self.personal("guest", guest.email.as_str())
    }

    /// It concerns the guest with this id and address, who may not be one yet.
    pub fn of_guest(mut self, guest: GuestId, email: &EmailAddress) -> Self {
        self.guest = Some(guest);
        self.personal("guest", email.as_str())
    }

    /// It concerns this invitation.
    pub fn invitation(mut self, invitation: &Invitation) -> Self {
        self.invitation = Some(invitation.id);
        self.guest = Some(invitation.guest);
        self.personal("guest", invitation.email.as_str())
    }

    /// It concerns this grant.
    pub fn grant(mut self, grant: &Grant) -> Self {
        self.grant = Some(grant.id);
        self.guest = Some(grant.guest);
        self.app(&grant.app)
    }

    /// It concerns this session.
    pub fn session(mut self, session: &Session) -> Self {
        self.session = Some(session.id);
        self.guest = Some(session.guest);
        self
    }

    /// It concerns this app.
    pub fn app(mut self, app: &AppId) -> Self {
        self.app = Some(app.clone());
        self
    }
}

/// As it is written down outside the database: the number, a space, the hash in base64url.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sequence, URL_SAFE_NO_PAD.encode(self.hash.as_bytes()))
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (sequence, hash) = text.trim().split_once(' ').ok_or(HeadError)?;
        let hash: [u8; 32] = URL_SAFE_NO_PAD.decode(hash).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(HeadError)?;
        Ok(Self { sequence: sequence.parse().map_err(|_| HeadError)?, hash: Digest::from_bytes(hash) })
    }
}

impl Head {
    /// The head of a chain without entries.
    pub fn empty() -> Self {
        Self { sequence: 0, hash: Digest::of(b"guestgate audit chain") }
    }

    /// The head after one more entry.
    #[must_use]
    pub fn after(&self, body: &str, personal: Option<&Digest>) -> Self {
        let mut hasher = blake3::Hasher::new();
        let sequence = self.sequence.saturating_add(1);
        hasher.update(self.hash.as_bytes());
        hasher.update(&sequence.to_le_bytes());
        hasher.update(&(body.len() as u64).to_le_bytes());
        hasher.update(body.as_bytes());
        match personal {
            Some(digest) => hasher.update(&[1]).update(digest.as_bytes()),
            None => hasher.update(&[0]),
        };
        Self { sequence, hash: Digest::from_bytes(*hasher.finalize().as_bytes()) }
    }

    /// The seal of this head under a key that lies outside the database.
    pub fn seal(&self, key: &[u8; 32]) -> Digest {
        let mut message = [0; 40];
        let (number, hash) = message.split_at_mut(8);
        number.copy_from_slice(&self.sequence.to_le_bytes());
        hash.copy_from_slice(self.hash.as_bytes());
        Digest::keyed(key, &message)
    }

    /// The seal of this head as the place where a log begins whose older entries were deleted. No seal of an end is one of a beginning:
    /// otherwise whoever has seen an old end could delete everything before it.
    pub fn seal_as_start(&self, key: &[u8; 32]) -> Digest {
        Digest::keyed(key, &[b"start".as_slice(), &self.sequence.to_le_bytes(), self.hash.as_bytes()].concat())
    }

    /// Goes on with the next stored entry, or says what is wrong with it.
    pub fn follow(&self, entry: &Stored) -> Result<Self, Broken> {
        let next = self.after(&entry.body, entry.personal_hash.as_ref());
        if entry.sequence != next.sequence {
            return Err(Broken::Missing(next.sequence));
        }
        if next.hash != entry.hash {
            return Err(Broken::Entry(entry.sequence));
        }
        if let Some((salt, facts)) = &entry.personal
            && entry.personal_hash != Some(personal_hash(salt, facts))
        {
            return Err(Broken::Personal(entry.sequence));
        }
        Ok(next)
    }
}

/// The hash that stands in the chain for personal facts.
pub fn personal_hash(salt: &[u8; 16], facts: &str) -> Digest {
    Digest::of(&[salt.as_slice(), facts.as_bytes()].concat())
}
