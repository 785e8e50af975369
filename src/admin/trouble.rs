//! What went wrong with a request to the API, as problem+json.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{
    directory::{Denied, Refusal},
    observe::causes,
    store::StoreError,
    web::{Problem, problem},
};

/// Why a request to the API is not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The request makes no sense; the text says what would.
    Input(String),
    /// It names something that is not there.
    NotFound(String),
    /// It is not the asker's to do.
    Denied,
    /// The rules of the directory forbid it.
    Refused(Refusal),
    /// It contradicts what is there.
    Conflict(String),
    /// The database failed.
    Store(StoreError),
    /// It is written, but not in force here yet.
    Late,
}

impl From<Denied> for Trouble {
    fn from(_: Denied) -> Self {
        Self::Denied
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict("somebody else changed this at the same time; look at it again".to_owned()),
            other @ (StoreError::Full
            | StoreError::Locked
            | StoreError::Broken(_)
            | StoreError::Foreign(_)
            | StoreError::Newer { .. }
            | StoreError::WrongKey
            | StoreError::Open { .. }
            | StoreError::FeedCut
            | StoreError::Row(..)
            | StoreError::Unavailable(_)) => Self::Store(other),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, kind, title, detail) = match self {
            Self::Input(text) => (StatusCode::BAD_REQUEST, "input", "The request cannot be used", text),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, "not-found", "Not found", text),
            Self::Denied => (StatusCode::FORBIDDEN, "denied", "Not allowed", Denied.to_string()),
            Self::Refused(refusal) => (StatusCode::CONFLICT, "refused", "Not possible", refusal.to_string()),
            Self::Conflict(text) => (StatusCode::CONFLICT, "conflict", "Conflict", text),
            Self::Store(error) => {
                tracing::error!(error = causes(&error), "the database failed");
                (StatusCode::SERVICE_UNAVAILABLE, "store", "The database failed", error.to_string())
            }
            Self::Late => (
                StatusCode::SERVICE_UNAVAILABLE,
                "late",
                "Not in force yet",
                "it is written, but this gateway does not act on it yet".to_owned(),
            ),
        };
        problem(status, kind, Problem { title, detail: Some(&detail), ..Problem::default() }).into_response()
    }
}
