//! Lists in pages: a place to go on from, and filters that are never wider than asked.

use crate::{
    base::{AppId, EmailAddress, GuestId, Timestamp},
    directory::{Inviter, audit::Event},
};

/// Where a list goes on. Opaque to whoever carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) at: i64,
    pub(super) id: String,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// After this; `None`: from the beginning.
    pub after: Option<Cursor>,
    /// At most so many, cut to 1..=500.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the rest begins; `None`: there is none.
    pub next: Option<Cursor>,
}

/// Which guests are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuestFilter {
    /// In this state: `active`, `suspended`, `removed`.
    pub state: Option<&'static str>,
    /// With an active grant for one of these apps; all, if there are none.
    pub apps: Vec<AppId>,
    /// With this in the address, in lower case.
    pub containing: Option<String>,
}

/// Which invitations are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvitationFilter {
    /// In this state: `pending`, `redeemed`, `revoked`, `declined`.
    pub state: Option<&'static str>,
    /// Of this address.
    pub email: Option<EmailAddress>,
    /// To this app, among others.
    pub app: Option<AppId>,
    /// To these apps and no others; all, if there are none.
    pub only: Vec<AppId>,
    /// By this inviter.
    pub by: Option<Inviter>,
}

/// Which people are wanted, by number: guests, oldest first, and then those who are only invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// With access to one of these apps, or invited to them and no others; all, if there are none.
    pub only: Vec<AppId>,
    /// Who may come, or need only accept; or who may not.
    pub active: Option<bool>,
    /// Invitations can be accepted at this time.
    pub now: Timestamp,
    /// Behind so many.
    pub skip: u64,
    /// At most so many.
    pub limit: u32,
}

/// Which entries of the audit log are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this guest.
    pub guest: Option<GuestId>,
    /// About this app.
    pub app: Option<AppId>,
    /// Of this kind.
    pub event: Option<Event>,
    /// From then on.
    pub since: Option<Timestamp>,
}

/// Which requests are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// In this state: `checking`, `open`, `approved`, `denied`, `withdrawn`.
    pub state: Option<&'static str>,
    /// For one of these apps; all, if there are none.
    pub apps: Vec<AppId>,
}

impl Cursor {
    /// Reads a cursor that was shown before.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let fits = id.len() == 22 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then_some(())?;
        Some(Self { at: at.parse().ok()?, id: id.to_owned() })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: 100 }
    }
}

impl PageRequest {
    pub(super) fn bounds(&self) -> (i64, &str, i64) {
        let (at, id) = self.after.as_ref().map_or((i64::MIN, ""), |c| (c.at, c.id.as_str()));
        // One more than wanted tells whether there is more.
        (at, id, i64::from(self.limit.clamp(1, 500)) + 1)
    }
}
