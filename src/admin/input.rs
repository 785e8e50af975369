//! What a request says, read into our own words, with the field named where it does not fit.

use super::{AdminState, trouble::Trouble};
use crate::{
    base::{EmailAddress, GuestId, Timestamp},
    config::Config,
    directory::{Actor, Grant, Guest, ReadDirectory, Target, may, sight},
    store::{Cursor, PageRequest},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
};
use http::request::Parts;

/// A JSON body. Unknown members and wrong types are errors that say where.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            http::StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
            _ => Trouble::Input(rejection.body_text()),
        })?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        serde_json::from_slice(&bytes).map(Self).map_err(|e| Trouble::Input(format!("the body is not what is expected: {e}")))
    }
}

/// A part of the path.
pub(super) struct Path<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(part)| Self(part)).map_err(|rejection| Trouble::Input(rejection.body_text()))
    }
}

/// The query.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Trouble> {
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(query)| Self(query)).map_err(|rejection| Trouble::Input(rejection.body_text()))
    }
}

/// The query of a list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// At most so many.
    pub(super) limit: Option<u32>,
    /// Where an earlier page ended.
    pub(super) cursor: Option<String>,
    /// Only of this guest, by address or id.
    pub(super) guest: Option<String>,
    /// Only of this app.
    pub(super) app: Option<String>,
    /// Only in this state.
    pub(super) state: Option<String>,
    /// Only with this in the address.
    pub(super) q: Option<String>,
}

impl Listing {
    /// The page that is asked for.
    pub(super) fn page(&self) -> Result<PageRequest, Trouble> {
        let after = match &self.cursor {
            None => None,
            Some(text) => Some(Cursor::parse(text).ok_or_else(|| Trouble::Input("this `cursor` was not given by us".to_owned()))?),
        };
        Ok(PageRequest { after, limit: self.limit.unwrap_or(100) })
    }

    /// The state that is asked for, one of those that there are.
    pub(super) fn state(&self, known: &[&'static str]) -> Result<Option<&'static str>, Trouble> {
        let Some(text) = self.state.as_deref() else { return Ok(None) };
        let found = known.iter().find(|known| **known == text);
        found.map(|found| Some(*found)).ok_or_else(|| Trouble::Input(format!("`state` is one of {}", known.join(", "))))
    }

    /// What the address must hold.
    pub(super) fn containing(&self) -> Option<String> {
        self.q.as_ref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty())
    }

    /// The app that is asked for, which must exist.
    pub(super) fn app(&self, config: &Config) -> Result<Option<crate::base::AppId>, Trouble> {
        self.app.as_deref().map(|id| app(config, id)).transpose()
    }
}

/// An app of the configuration.
pub(super) fn app(config: &Config, id: &str) -> Result<crate::base::AppId, Trouble> {
    let known = config.apps.iter().find(|app| app.id.as_str() == id);
    known.map(|app| app.id.clone()).ok_or_else(|| {
        let near = crate::base::nearest(id, config.apps.iter().map(|app| app.id.as_str()));
        Trouble::Input(match near {
            Some(near) => format!("there is no app `{id}`; did you mean `{near}`?"),
            None => format!("there is no app `{id}`"),
        })
    })
}

/// A text that something of ours reads; the field is named where it cannot.
pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<T, Trouble> {
    text.parse().map_err(|e| Trouble::Input(format!("`{field}`: {e}")))
}

/// An instant so long from now.
pub(super) fn end_of(now: Timestamp, field: &str, span: Option<&str>) -> Result<Option<Timestamp>, Trouble> {
    span.map(|text| parsed(field, text).map(|span| now.plus(span))).transpose()
}

/// A guest by id or address, with all grants. Whom the asker does not see is not there: the answer does not tell who comes to other apps.
pub(super) async fn guest(state: &AdminState, actor: &Actor, id: &str) -> Result<(Guest, Vec<Grant>), Trouble> {
    // Whoever sees nobody is told so, whomever they ask for.
    let _ = sight(actor)?;
    let missing = || Trouble::NotFound(format!("there is no guest `{id}`"));
    let found = if id.contains('@') {
        state.store.guest_by_email(&parsed::<EmailAddress>("guest", id)?).await?
    } else {
        state.store.guest(id.parse::<GuestId>().map_err(|_| missing())?).await?
    };
    let guest = found.ok_or_else(missing)?;
    let grants = state.store.grants_of(guest.id).await?;
    match may::<ReadDirectory>(actor, Target::Guest(&guest, &grants)) {
        Ok(_) => Ok((guest, grants)),
        Err(_) => Err(missing()),
    }
}
