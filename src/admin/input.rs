//! What a request says, read into our own words, with the field named where it does not fit.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};

use super::{AdminState, trouble::Trouble};
use crate::{
    base::{EmailAddress, GuestId, Timestamp},
    config::Config,
    directory::{Grant, Guest},
    store::PageRequest,
};

/// A JSON body. Unknown members and wrong types are errors that say where.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let bytes = Bytes::from_request(request, state).await.map_err(|e| Trouble::Input(e.to_string()))?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        serde_json::from_slice(&bytes).map(Self).map_err(|e| Trouble::Input(format!("the body is not what is expected: {e}")))
    }
}

/// The query of a list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listing {
    /// At most so many.
    pub(super) limit: Option<u32>,
    /// Where an earlier page ended.
    pub(super) cursor: Option<String>,
    /// Only of this guest, by address or id.
    pub(super) guest: Option<String>,
    /// Only of this app.
    pub(super) app: Option<String>,
}

impl Listing {
    /// The page that is asked for.
    pub(super) fn page(&self) -> Result<PageRequest, Trouble> {
        let after = match &self.cursor {
            None => None,
            Some(text) => {
                Some(crate::store::Cursor::parse(text).ok_or_else(|| Trouble::Input("this `cursor` was not given by us".to_owned()))?)
            }
        };
        Ok(PageRequest { after, limit: self.limit.unwrap_or(100) })
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

/// A guest by id or address, with all grants.
pub(super) async fn guest(state: &AdminState, id: &str) -> Result<(Guest, Vec<Grant>), Trouble> {
    let missing = || Trouble::NotFound(format!("there is no guest `{id}`"));
    let found = if id.contains('@') {
        state.store.guest_by_email(&parsed::<EmailAddress>("guest", id)?).await?
    } else {
        state.store.guest(id.parse::<GuestId>().map_err(|_| missing())?).await?
    };
    let guest = found.ok_or_else(missing)?;
    let grants = state.store.grants_of(guest.id).await?;
    Ok((guest, grants))
}
