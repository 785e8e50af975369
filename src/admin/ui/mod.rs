//! The members' own pages at `/admin` on the portal: what administrators, owners and inviters see and do in a browser.
//!
//! Pages read the store, each row of them only for whoever may see it; whatever changes something is asked of the API, in this process, on
//! behalf of whoever is signed in, so that a page can do nothing that the API does not allow. Nothing here needs script.

mod api;
mod apps;
mod audit;
mod bulk;
mod call;
mod cut;
mod gate;
mod guest;
mod guests;
mod invitations;
mod live;
mod members;
mod overview;
mod page;
mod people;
mod requests;
mod reviews;
mod tokens;
mod what_if;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use http::{HeaderValue, header};

use super::AdminState;
use crate::{
    identity::KeyRing,
    web::{HSTS, LARGEST_FORM, Route},
};

/// What the members' own pages work with.
#[derive(Debug, Clone)]
pub struct UiState {
    /// What the API works with.
    pub admin: AdminState,
    /// Sessions and forms.
    pub keys: Arc<KeyRing>,
}

/// What a page works with: beside the above, the API, which is built once and asked on behalf of whoever is signed in.
#[derive(Debug, Clone)]
struct Pages {
    ui: UiState,
    api: Router,
}

/// The members' own pages. Every request must carry a [`crate::web::Peer`].
pub fn ui(state: UiState) -> Router {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/events", get(live::events))
        .route("/admin/guests", get(guests::list))
        .route("/admin/guests/{id}", get(guest::show))
        .route("/admin/guests/{id}/{deed}", post(people::guest))
        .route("/admin/grants/{id}/{deed}", post(people::grant))
        .route("/admin/invitations", get(invitations::list))
        .route("/admin/invitations/new", get(invitations::draft).post(invitations::invite))
        .route("/admin/invitations/bulk", get(bulk::draft).post(bulk::invite).layer(DefaultBodyLimit::max(bulk::LARGEST)))
        .route("/admin/invitations/{id}", get(invitations::show))
        .route("/admin/invitations/{id}/{deed}", post(invitations::change))
        .route("/admin/requests", get(requests::list))
        .route("/admin/requests/{id}", get(requests::show).post(requests::decide))
        .route("/admin/reviews", get(reviews::list).post(reviews::begin))
        .route("/admin/reviews/{id}", get(reviews::show).post(reviews::decide))
        .route("/admin/reviews/{id}/{file}", get(reviews::report))
        .route("/admin/apps", get(apps::list))
        .route("/admin/apps/{id}", get(apps::show))
        .route("/admin/what-if", get(what_if::draft).post(what_if::decide))
        .route("/admin/audit", get(audit::list))
        .route("/admin/tokens", get(tokens::list).post(tokens::create))
        .route("/admin/tokens/{id}/revoke", post(tokens::revoke))
        .route("/admin/members", get(members::list).post(members::link))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn(named))
        .with_state(Pages { api: super::unsigned(state.admin.clone()), ui: state })
}

/// Names the route for the log, which shows no path of the portal, and adds what every answer of the portal carries.
async fn named(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let mut response = next.run(request).await;
    if !response.headers().contains_key(header::CONTENT_SECURITY_POLICY) {
        crate::web::secure_program(response.headers_mut());
    }
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    response.extensions_mut().insert(Route(route.into()));
    response
}

#[cfg(test)]
mod tests;
