//! The changes that have passed lately: what was read before one of them is not taken in after it.

use std::collections::HashMap;

use crate::{
    base::{GuestId, SessionId},
    directory::Key,
    store::{Changed, Revision, SessionRecord},
};

/// When sessions and guests were changed last.
#[derive(Debug, Default)]
pub(super) struct Passed {
    sessions: HashMap<SessionId, Revision>,
    guests: HashMap<GuestId, Revision>,
    /// Nothing is known of changes up to here: what was read before is read again.
    floor: Revision,
    at: Revision,
}

/// So many entries are kept; then everything older than the present is as good as changed.
const MOST: usize = 65_536;

impl Passed {
    /// How far the feed has come.
    pub(super) fn at(&self) -> Revision {
        self.at
    }

    /// A change passes.
    pub(super) fn pass(&mut self, change: &Changed) {
        if self.sessions.len() + self.guests.len() >= MOST {
            self.begin_at(self.at);
        }
        match change.key {
            Key::Session(id) => self.sessions.insert(id, change.revision),
            Key::Guest(_) | Key::Grant(_) => change.guest.and_then(|guest| self.guests.insert(guest, change.revision)),
            Key::Invitation(_) | Key::Request(_) | Key::Factors(_) | Key::Token(_) | Key::Review(_) | Key::Verdict(_) => None,
        };
        self.at = self.at.max(change.revision);
    }

    /// Everything up to a revision counts as changed.
    pub(super) fn begin_at(&mut self, revision: Revision) {
        self.sessions.clear();
        self.guests.clear();
        self.floor = revision;
        self.at = self.at.max(revision);
    }

    /// Whether something about the record has changed since it was read.
    pub(super) fn has_touched(&self, record: &SessionRecord) -> bool {
        let later = |at: Option<&Revision>| at.is_some_and(|at| *at > record.revision);
        record.revision < self.floor || later(self.sessions.get(&record.session.id)) || later(self.guests.get(&record.session.guest))
    }
}
