//! Who asks, on whose behalf, and from where: what every handler begins with.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{AdminState, Patience, trouble::Trouble};
use crate::{directory::Actor, web::Peer};

/// Somebody who asks the API.
pub(super) struct Asker {
    /// What the plane works with, told where the request came from.
    pub(super) state: AdminState,
    /// Who it is.
    pub(super) actor: Actor,
}

impl FromRequestParts<AdminState> for Asker {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &AdminState) -> Result<Self, Trouble> {
        // Whoever serves the router puts it there; a request without is nobody's.
        let actor = parts.extensions.get::<Actor>().cloned().ok_or(Trouble::NoToken)?;
        let from = parts.extensions.get::<Peer>().map(|peer| peer.ip);
        let patience = parts.extensions.get::<Patience>().cloned();
        Ok(Self { state: AdminState { from, patience, ..state.clone() }, actor })
    }
}
