//! What can go wrong with a database, by what one can do about it.

use std::path::PathBuf;

use crate::directory::Unmet;

/// What can go wrong with a database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was decided on has changed: read again and decide again.
    #[error("somebody else changed this at the same time")]
    Conflict,
    /// It was not written, because something that must hold of everything together would not.
    #[error(transparent)]
    Unmet(Box<Unmet>),
    /// Nothing more can be written.
    #[error("the disk of the database is full")]
    Full,
    /// Another program holds the file.
    #[error("the database is locked by another program")]
    Locked,
    /// The file is no database, or a broken one.
    #[error("the database is broken, or is no database")]
    Broken(#[source] sqlx::Error),
    /// The file is a database of something else.
    #[error("`{0}` is the database of another program")]
    Foreign(PathBuf),
    /// The file was written by a later version.
    #[error("`{path}` was written by a later version of guestgate (schema {found}, this one knows {known})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The keys are not those that this database was made with.
    #[error("the master key is not the one that this database was written with")]
    WrongKey,
    /// The file cannot be opened or made.
    #[error("cannot open the database `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// What was asked for has been tidied away: whoever follows the feed must begin anew.
    #[error("the changes that were asked for are no longer kept")]
    FeedCut,
    /// A stored row cannot be read.
    #[error("a stored {0} cannot be read")]
    Row(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else.
    #[error("the database does not answer")]
    Unavailable(#[source] sqlx::Error),
}

impl StoreError {
    /// A row of this kind cannot be read.
    pub(super) fn row<E: std::error::Error + Send + Sync + 'static>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |cause| Self::Row(what, Box::new(cause))
    }
}

/// The primary result codes of SQLite that we tell apart.
const BUSY: i64 = 5;
const LOCKED: i64 = 6;
const CORRUPT: i64 = 11;
const FULL: i64 = 13;
const CONSTRAINT: i64 = 19;
const NOT_A_DATABASE: i64 = 26;

impl From<sqlx::Error> for StoreError {
    fn from(cause: sqlx::Error) -> Self {
        let code = cause.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i64>().ok());
        // Extended codes carry the primary one in their lowest byte.
        match code.map(|code| code & 0xff) {
            Some(BUSY | LOCKED) => Self::Locked,
            Some(FULL) => Self::Full,
            Some(CORRUPT | NOT_A_DATABASE) => Self::Broken(cause),
            // Unique columns are the second line of defence behind versions: two new guests with one address, for example.
            Some(CONSTRAINT) => Self::Conflict,
            Some(_) | None => Self::Unavailable(cause),
        }
    }
}
