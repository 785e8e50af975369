//! What is asked about access reviews.

use super::Cursor;
use crate::{
    base::{AppId, EmailAddress, Timestamp},
    directory::{Grant, Guest, Review, Verdict},
};

/// Which reviews are wanted, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviews {
    /// Of these apps; all, if there are none.
    pub apps: Vec<AppId>,
    /// Those in which sponsors are asked as well, whichever app they are of.
    pub of_sponsors: bool,
    /// In this state: `open`, `closed`.
    pub state: Option<&'static str>,
    /// Older than this.
    pub before: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// Which accesses are wanted about which nothing has been decided, those first at which nobody has looked for longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// In this app.
    pub app: AppId,
    /// Nobody has looked at them since.
    pub opened: Timestamp,
    /// They let in at this time.
    pub now: Timestamp,
    /// Only those of guests for whom this member is responsible.
    pub sponsor: Option<EmailAddress>,
    /// Behind this one.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: u32,
}

/// How far a review has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tallied {
    /// Accesses that are still needed.
    pub kept: u64,
    /// Accesses that somebody has ended.
    pub removed: u64,
    /// Accesses that ended because nobody answered.
    pub lapsed: u64,
    /// Accesses about which nothing has been decided.
    pub left: u64,
}

/// An access, and whose it is.
pub type Access = (Grant, Guest);

/// What was decided, and about whom; `None`: nobody knows any more.
pub type Decided = (Verdict, Option<Guest>);

impl Left {
    /// What is left of a review, from the beginning.
    pub fn of(review: &Review, now: Timestamp, limit: u32) -> Self {
        Self { app: review.app.clone(), opened: review.opened, now, sponsor: None, after: None, limit }
    }
}
