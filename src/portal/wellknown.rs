//! What programs may know of the portal.

use axum::{extract::State, response::IntoResponse};
use http::{StatusCode, header};

use super::{PortalState, visit::Visit};
use crate::web::Answer;

/// The keys that verify assertions.
pub(super) async fn jwks(State(state): State<PortalState>) -> impl IntoResponse {
    let mut answer = Answer::json(StatusCode::OK, "application/jwk-set+json", state.keys.jwks());
    answer.headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=300"));
    answer
}

/// The keys that verify receipts of accepted terms.
pub(super) async fn receipts(State(state): State<PortalState>) -> impl IntoResponse {
    let mut answer = Answer::json(StatusCode::OK, "application/jwk-set+json", state.keys.receipt_jwks());
    answer.headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=300"));
    answer
}

/// The keys that verify security events.
pub(super) async fn signals(State(state): State<PortalState>) -> impl IntoResponse {
    let mut answer = Answer::json(StatusCode::OK, "application/jwk-set+json", state.keys.signal_jwks());
    answer.headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=300"));
    answer
}

/// What receivers of security events are to know of us (OpenID Shared Signals 1.0). Streams are set up in our configuration.
pub(super) async fn transmitter(visit: Visit) -> Answer {
    let portal = &visit.site.portal;
    let body = serde_json::json!({
        "spec_version": "1_0",
        "issuer": portal,
        "jwks_uri": format!("{portal}/ssf/jwks.json"),
        "delivery_methods_supported": ["urn:ietf:rfc:8935"],
        "default_subjects": "ALL",
    });
    Answer::json(StatusCode::OK, "application/json", body.to_string())
}

/// Where things are.
pub(super) async fn about(visit: Visit) -> Answer {
    let portal = &visit.site.portal;
    let body = serde_json::json!({
        "issuer": portal,
        "jwks_uri": format!("{portal}/.well-known/jwks.json"),
        "receipts_jwks_uri": format!("{portal}/.well-known/guestgate-receipts.json"),
        "signals_jwks_uri": format!("{portal}/ssf/jwks.json"),
        "signin": format!("{portal}/signin"),
    });
    Answer::json(StatusCode::OK, "application/json", body.to_string())
}

/// Nothing here is for search engines.
pub(super) async fn robots() -> Answer {
    Answer::json(StatusCode::OK, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n".to_owned())
}
