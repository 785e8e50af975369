//! Versions of what is shown: `ETag`, and changes that are made only to the version that was seen (`If-Match`).

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header, request::Parts};
use serde::Serialize;

use super::trouble::Trouble;
use crate::directory::Version;

/// Something that is shown, and which version it is.
pub(super) struct Tagged<T>(pub(super) Version, pub(super) T);

/// The version that a change is for; nothing: any.
pub(super) struct IfMatch(Option<Vec<Version>>);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let Some(wanted) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = wanted.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        // A tag that is none of ours fits nothing.
        let tag = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok().map(Version);
        Ok(Self(Some(text.split(',').filter_map(tag).collect())))
    }
}

impl IfMatch {
    /// Any version will do.
    pub(super) const ANY: Self = Self(None);

    /// Fails where another version was meant.
    pub(super) fn check(&self, version: Version) -> Result<(), Trouble> {
        match &self.0 {
            Some(wanted) if !wanted.contains(&version) => Err(Trouble::Stale),
            Some(_) | None => Ok(()),
        }
    }
}
