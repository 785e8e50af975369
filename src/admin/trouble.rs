//! What went wrong with a request to the API, as problem+json.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::{
    base::AppId,
    directory::{Denied, Measure, Refusal, Unmet},
    observe::causes,
    store::StoreError,
    web::{Exhausted, Problem, problem},
};

/// Why a request to the API is not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The request makes no sense; the text says what would.
    Input(String),
    /// It names something that is not there.
    NotFound(String),
    /// The body is larger than anything that is taken here.
    TooLarge,
    /// Nobody can be asked that in this way.
    Method,
    /// No token was shown.
    NoToken,
    /// The token that was shown does not hold.
    WrongToken,
    /// A session of a browser was shown in place of a token.
    NoSessions,
    /// Too much was asked; after so long there is an answer again.
    TooFast(Duration),
    /// A request of this name is being answered.
    Busy,
    /// A request of this name had another body.
    OtherBody,
    /// It is another version by now.
    Stale,
    /// It is not the asker's to do.
    Denied,
    /// The rules of the directory forbid it.
    Refused(Refusal),
    /// It contradicts what is there.
    Conflict(String),
    /// A quota, or another rule about what there may be together, stands in the way.
    Unmet(Box<Unmet>),
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
            StoreError::Unmet(why) => Self::Unmet(why),
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

impl Trouble {
    /// Status, kind, title and what happened.
    fn told(&self) -> (StatusCode, &'static str, &'static str, String) {
        match self {
            Self::Input(text) => (StatusCode::BAD_REQUEST, "input", "The request cannot be used", text.clone()),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, "not-found", "Not found", text.clone()),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", "the body is too large".to_owned()),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed", "this cannot be done to this resource".to_owned())
            }
            Self::NoToken => {
                (StatusCode::UNAUTHORIZED, "token", "A token is needed", "send `Authorization: Bearer` and a token".to_owned())
            }
            Self::WrongToken => (StatusCode::UNAUTHORIZED, "token", "A token is needed", "this token does not hold".to_owned()),
            Self::NoSessions => {
                (StatusCode::FORBIDDEN, "denied", "Not allowed", "a browser's session does not reach the API; a token does".to_owned())
            }
            Self::TooFast(_) => (StatusCode::TOO_MANY_REQUESTS, "too-fast", "Too many requests", "ask again later".to_owned()),
            Self::Busy => (StatusCode::CONFLICT, "busy", "Being answered", "a request with this key is being answered".to_owned()),
            Self::OtherBody => {
                let detail = "a request with this `Idempotency-Key` was sent before, and said something else";
                (StatusCode::UNPROCESSABLE_ENTITY, "other-body", "Another request", detail.to_owned())
            }
            Self::Stale => (StatusCode::PRECONDITION_FAILED, "stale", "Changed meanwhile", "this is another version by now".to_owned()),
            Self::Denied => (StatusCode::FORBIDDEN, "denied", "Not allowed", Denied.to_string()),
            Self::Refused(refusal) => (StatusCode::CONFLICT, "refused", "Not possible", refusal.to_string()),
            Self::Conflict(text) => (StatusCode::CONFLICT, "conflict", "Conflict", text.clone()),
            Self::Unmet(why) => {
                let (status, kind, title) = unmet(why);
                (status, kind, title, why.to_string())
            }
            Self::Store(error) => (StatusCode::SERVICE_UNAVAILABLE, "store", "The database failed", error.to_string()),
            Self::Late => {
                let detail = "it is written, but this gateway does not act on it yet";
                (StatusCode::SERVICE_UNAVAILABLE, "late", "Not in force yet", detail.to_owned())
            }
        }
    }

    /// What happened, in words.
    pub(super) fn detail(&self) -> String {
        self.told().3
    }

    /// The status of the answer.
    pub(super) fn status(&self) -> StatusCode {
        self.told().0
    }

    /// Whether it is no fault of what was asked.
    pub(super) fn is_ours(&self) -> bool {
        self.told().0.is_server_error()
    }

    /// A header that says what to do about it.
    fn hint(&self) -> Option<(http::HeaderName, String)> {
        match self {
            Self::NoToken => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"guestgate\"".to_owned())),
            Self::WrongToken => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"guestgate\", error=\"invalid_token\"".to_owned())),
            // Rounded up: whoever comes then is let in.
            Self::TooFast(wait) => Some((header::RETRY_AFTER, wait.as_secs().saturating_add(1).to_string())),
            Self::Unmet(why) => match &**why {
                Unmet::Full(full) => full.wait.map(|wait| (header::RETRY_AFTER, (wait.as_secs() + 1).to_string())),
                Unmet::Clash(_) | Unmet::Domain(_) => None,
            },
            Self::Store(_) | Self::Late | Self::Busy => Some((header::RETRY_AFTER, "1".to_owned())),
            Self::Input(_)
            | Self::NotFound(_)
            | Self::TooLarge
            | Self::Method
            | Self::NoSessions
            | Self::OtherBody
            | Self::Stale
            | Self::Denied
            | Self::Refused(_)
            | Self::Conflict(_) => None,
        }
    }
}

/// Status, kind and title of what something else stands in the way of.
fn unmet(why: &Unmet) -> (StatusCode, &'static str, &'static str) {
    match why {
        Unmet::Clash(_) => (StatusCode::CONFLICT, "conflict", "Conflict"),
        Unmet::Domain(_) => (StatusCode::FORBIDDEN, "out-of-scope", "Not yours to invite"),
        Unmet::Full(full) => match full.quota.measure {
            // Time mends it.
            Measure::Made { .. } => (StatusCode::TOO_MANY_REQUESTS, "quota", "The quota is used up"),
            Measure::Open(_) | Measure::Guests(_) => (StatusCode::CONFLICT, "quota", "The quota is used up"),
        },
    }
}

/// The quota that is used up, for programs.
fn exhausted(why: &Unmet) -> Option<Exhausted<'_>> {
    let Unmet::Full(full) = why else { return None };
    let measure = &full.quota.measure;
    Some(Exhausted { quota: measure.as_str(), app: measure.app().map(AppId::as_str), limit: full.quota.limit, used: full.used })
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(error = causes(error), "the database failed");
        }
        let (status, kind, title, detail) = self.told();
        let exhausted = if let Self::Unmet(why) = &self { exhausted(why) } else { None };
        let answer = problem(status, kind, Problem { title, detail: Some(&detail), exhausted, ..Problem::default() });
        match self.hint() {
            Some((name, value)) => answer.with(name, &value),
            None => answer,
        }
        .into_response()
    }
}
