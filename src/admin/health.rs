//! What monitoring reads.

use axum::extract::State;
use http::{HeaderMap, StatusCode, header};

use super::AdminState;
use crate::observe::Exposition;

/// The metrics, in the format that is asked for.
pub(super) async fn metrics(State(state): State<AdminState>, headers: HeaderMap) -> impl axum::response::IntoResponse {
    let wanted = Exposition::wanted(headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()));
    // Counted when somebody looks, so that it is never of another moment.
    match state.store.mails_waiting().await {
        Ok(waiting) => state.metrics.set_mails_waiting(waiting),
        Err(cause) => tracing::warn!(error = %cause, "waiting mails cannot be counted"),
    }
    ([(header::CONTENT_TYPE, wanted.content_type())], state.metrics.render_as(wanted))
}

/// Whether the process works at all.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Whether requests can be judged: the database has confirmed lately what is in memory.
pub(super) async fn readyz(State(state): State<AdminState>) -> (StatusCode, &'static str) {
    if state.live.is_fresh(state.clock.now()) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    }
}
