//! A session: what is known of one browser, and how it ends.

use std::{collections::BTreeMap, net::IpAddr};

use super::{Actor, EndSessions, Occasion, Proposal, Refusal, Stated, Version, Warrant, audit::Event};
use crate::base::{AppId, Digest, Factor, GrantId, GuestId, InvitationId, Name, Past, Proof, SessionId, Timestamp};

/// What is known of one browser on one host: a root on the portal, or its child on an app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Session {
    /// Its id, which tokens carry.
    pub id: SessionId,
    /// The root that it came from; `None`: it is one.
    pub root: Option<SessionId>,
    /// The only place where its token counts.
    pub audience: Audience,
    /// Whose.
    pub guest: GuestId,
    /// The invitation that it descends from.
    pub invitation: Option<InvitationId>,
    /// The grant that it was opened by.
    pub grant: Option<GrantId>,
    /// The factors shown.
    pub proofs: Vec<Proof>,
    /// What stands for the session at the provider that vouched for the guest.
    #[serde(default, with = "super::digest::optional", skip_serializing_if = "Option::is_none")]
    pub provider_session: Option<Digest>,
    /// The most recent explicit authentication.
    pub signed_in: Timestamp,
    /// When it was opened; renewals do not move it.
    pub created: Timestamp,
    /// When it ends in any case.
    pub expires: Timestamp,
    /// Whether the cookie may outlive the browser.
    pub persistent: bool,
    /// The last activity that the store was told of.
    pub last_seen: Timestamp,
    /// Where it was opened.
    pub origin: Origin,
    /// The browser, where it is known.
    pub device: Option<Device>,
    /// What was known of the guest before.
    #[serde(default)]
    pub past: Past,
    /// Why the guest uses each app, as stated in this session; a child has its own app's alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stated: BTreeMap<AppId, Stated>,
    /// That it was ended.
    pub ended: Option<Ended>,
    /// How often this was written.
    pub version: Version,
}

/// The only place where a session's token counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The portal host.
    Portal,
    /// The host of an app.
    App(AppId),
}

/// Where a session was opened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// From which address.
    pub ip: IpAddr,
    /// By which program, shortened.
    pub user_agent: String,
}

/// A browser that was seen before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Device {
    /// What its cookie says.
    pub id: Name,
    /// Since when it is known.
    pub since: Timestamp,
}

/// That a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// Why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The guest signed out, or somebody signed the guest out.
    SignedOut,
    /// It was replaced by one with a new id.
    Renewed,
    /// The guest was removed.
    Removed,
    /// It was silent for too long, or too old.
    Expired,
    /// Something that it was bound to changed.
    Breach,
    /// The guest has more sessions than are allowed, and this was the oldest.
    Displaced,
}

/// A root and all its children that have not ended.
#[derive(Debug, Clone, Copy)]
pub struct Family<'a> {
    /// The root.
    pub root: &'a Session,
    /// Its children.
    pub children: &'a [Session],
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::SignedOut, Self::Renewed, Self::Removed, Self::Expired, Self::Breach, Self::Displaced];

    /// As it is stored and logged.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Renewed => "renewed",
            Self::Removed => "removed",
            Self::Expired => "expired",
            Self::Breach => "breach",
            Self::Displaced => "displaced",
        }
    }
}

/// The longest user agent that is kept, in characters.
const LONGEST_USER_AGENT: usize = 160;

impl Origin {
    /// Shortens the user agent and drops what is not printable.
    pub fn new(ip: IpAddr, user_agent: &str) -> Self {
        let user_agent = user_agent.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect();
        Self { ip, user_agent }
    }
}

impl Session {
    /// Whether it has neither ended nor outlived its absolute end. Silence is judged by who knows the limits.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires
    }

    /// The app that it is for.
    pub fn app(&self) -> Option<&AppId> {
        match &self.audience {
            Audience::App(app) => Some(app),
            Audience::Portal => None,
        }
    }

    /// The root of its browser: itself, if it is one.
    pub fn root_id(&self) -> SessionId {
        self.root.unwrap_or(self.id)
    }

    /// Signs out one browser: the root and all its children.
    pub fn sign_out(o: &Occasion<'_>, warrant: &Warrant<EndSessions>, family: Family<'_>) -> Result<Proposal, Refusal> {
        if family.children.iter().any(|c| c.root != Some(family.root.id)) {
            return Err(Refusal::Unwarranted);
        }
        let all: Vec<Self> = std::iter::once(family.root).chain(family.children).cloned().collect();
        Self::sign_out_all(o, warrant, &all)
    }

    /// Signs out everywhere: all sessions of a guest that have not ended.
    pub fn sign_out_all(o: &Occasion<'_>, warrant: &Warrant<EndSessions>, sessions: &[Self]) -> Result<Proposal, Refusal> {
        let mut p = Proposal::at(o.now);
        for session in sessions {
            warrant.reaches_guest(session.guest)?;
            if session.ended.is_none() {
                session.end(&mut p, EndReason::SignedOut);
                p.audit(session.told(o, warrant.actor(), EndReason::SignedOut));
            }
        }
        if p.changes.is_empty() { Err(Refusal::NothingToDo) } else { Ok(p) }
    }

    /// A provider says that somebody has signed out there: the sessions end that rest on it. `key` is the session there, where it names one.
    pub fn provider_sign_out(o: &Occasion<'_>, provider: &Name, key: Option<&Digest>, sessions: &[Self]) -> Result<Proposal, Refusal> {
        let rests = |session: &Self| {
            session.proofs.iter().any(|p| matches!(&p.factor, Factor::Federated { provider: by, .. } if by == provider))
                && (key.is_none() || session.provider_session.is_none() || session.provider_session.as_ref() == key)
        };
        let mut p = Proposal::at(o.now);
        for session in sessions.iter().filter(|session| session.ended.is_none() && rests(session)) {
            session.end(&mut p, EndReason::SignedOut);
            p.audit(session.told(o, &Actor::System, EndReason::SignedOut).detail("provider", provider.as_str()));
        }
        if p.changes.is_empty() { Err(Refusal::NothingToDo) } else { Ok(p) }
    }

    /// Ends one session for a reason of the gateway's own: too long silent, too old, a breach, displaced.
    pub fn expire(&self, o: &Occasion<'_>, reason: EndReason) -> Result<Proposal, Refusal> {
        if self.ended.is_some() {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        self.end(&mut p, reason);
        p.audit(self.told(o, &Actor::System, reason));
        Ok(p)
    }

    /// Ends the session as part of a larger matter.
    pub(super) fn end(&self, p: &mut Proposal, reason: EndReason) {
        let mut session = Self { ended: Some(Ended { at: p.at, reason }), ..self.clone() };
        p.put(&mut session);
    }

    fn told(&self, o: &Occasion<'_>, actor: &Actor, reason: EndReason) -> super::audit::Entry {
        o.entry(actor, Event::SessionEnded).session(self).detail("reason", reason.as_str())
    }
}
