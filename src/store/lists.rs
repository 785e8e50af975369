//! What lists for people ask for: guests in the order of their addresses, everything else with the newest first.
//!
//! Each of these questions has an index of its own, so that a list is as fast with a hundred thousand rows as with ten.

use super::Cursor;
use crate::{
    base::{AppId, GuestId, Timestamp},
    directory::Inviter,
};

/// Which guests are looked for, in the order of their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// In this state; not looked at where an app or words are given.
    pub state: Option<&'static str>,
    /// With an active grant for one of these apps; all, if there are none.
    pub apps: Vec<AppId>,
    /// Whose address, domain or a word of whose name begins so; the best matches first, and no more than a page of them.
    pub words: Option<String>,
    /// Whose address comes after this one.
    pub after: String,
    /// At most so many.
    pub limit: u32,
}

/// Which invitations or requests are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lately {
    /// Of one of these apps; all, if there are none.
    pub apps: Vec<AppId>,
    /// Of invitations: by this inviter.
    pub by: Option<Inviter>,
    /// In this state.
    pub state: Option<&'static str>,
    /// Older than this.
    pub before: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// Which entries of the audit log are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// About this guest.
    pub guest: Option<GuestId>,
    /// In this app.
    pub app: Option<AppId>,
    /// Of this kind.
    pub event: Option<String>,
    /// Before this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// Which active grants that end are wanted, the next end first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// In this app.
    pub app: Option<AppId>,
    /// Not before this.
    pub from: Timestamp,
    /// Before this.
    pub to: Timestamp,
    /// At most so many.
    pub limit: u32,
}

/// The words by which a guest is found.
pub(super) fn terms(email: &crate::base::EmailAddress, name: Option<&str>) -> Vec<String> {
    let mut terms = vec![email.to_string(), email.domain().to_owned()];
    terms.extend(name.into_iter().flat_map(|name| name.split_whitespace().map(folded)));
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Words as they are compared.
pub(super) fn folded(words: &str) -> String {
    words.trim().trim_start_matches('@').to_lowercase()
}
