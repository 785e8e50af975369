//! The façade at `/v1.0`: scripts and SDKs for Microsoft Graph work here by another address and token.
//!
//! The shapes are those of Graph v1.0; what is decided, and by whom, is what the rest of the API does. `@odata.*` in what is sent is not
//! looked at, and a `$filter` that we do not know is refused, never answered with everybody.

mod audit;
mod batch;
mod conditional;
mod filter;
mod invitations;
mod users;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{AdminState, MOST, trouble::Trouble};
use crate::{
    base::{EventId, Id as _},
    config::Config,
    web::{Answer, Peer},
};

/// Names an answer, for whoever asks for help.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// What the client calls its request.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// The routes of the façade.
fn routes() -> Router<AdminState> {
    Router::new()
        .route("/v1.0/invitations", post(invitations::create))
        .route("/v1.0/users", get(users::list))
        .route("/v1.0/users/{id}", get(users::show).patch(users::change).delete(users::remove))
        .route("/v1.0/users/{id}/revokeSignInSessions", post(users::revoke_sessions))
        .route("/v1.0/directory/deletedItems/{id}/restore", post(users::restore))
        .route("/v1.0/identity/conditionalAccess/policies", get(conditional::policies))
        .route("/v1.0/identity/conditionalAccess/namedLocations", get(conditional::locations))
        .route("/v1.0/identity/conditionalAccess/evaluate", post(conditional::evaluate))
        .route("/v1.0/auditLogs/signIns", get(audit::sign_ins))
        .fallback(async || Trouble::NotFound("there is no such resource here".to_owned()))
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(axum::extract::DefaultBodyLimit::max(MOST))
}

/// The façade, with batches of requests to it; who asks is found out by a layer that the caller adds.
pub(super) fn router(state: AdminState) -> Router {
    let single = routes().layer(middleware::from_fn_with_state(state.clone(), in_their_shape)).with_state(state.clone());
    let batches = || post(batch::run).layer(axum::extract::DefaultBodyLimit::max(MOST));
    let batch = Router::new().route("/v1.0/$batch", batches()).route("/v1.0/%24batch", batches()).with_state((state, single.clone()));
    single.merge(batch)
}

/// Gives every answer a `request-id`, and what goes wrong the shape that clients of Graph expect.
pub(super) async fn in_their_shape(State(state): State<AdminState>, request: Request, next: Next) -> Response {
    let named = request.extensions().get::<Peer>().map(|peer| peer.request_id.to_string());
    let id = named.unwrap_or_else(|| EventId::random(state.entropy.as_ref()).to_string());
    let theirs = request.headers().get(CLIENT_REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "application/problem+json") {
        response = as_graph_error(&state, response, &id, theirs.as_ref()).await;
    }
    let headers = response.headers_mut();
    if !headers.contains_key(REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&id)
    {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(theirs) = theirs {
        headers.insert(CLIENT_REQUEST_ID, theirs);
    }
    response
}

async fn as_graph_error(state: &AdminState, response: Response, id: &str, theirs: Option<&HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST).await.unwrap_or_else(|_| Bytes::new());
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let message = problem.get("detail").or_else(|| problem.get("title")).and_then(Value::as_str).unwrap_or("something went wrong");
    let theirs = theirs.and_then(|value| value.to_str().ok()).unwrap_or(id);
    let error = json!({"error": {
        "code": code(parts.status), "message": message,
        "innerError": {"date": state.clock.now(), "request-id": id, "client-request-id": theirs},
    }});
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(error.to_string()))
}

/// What Graph calls it.
fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "BadRequest",
        StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
        StatusCode::FORBIDDEN => "Authorization_RequestDenied",
        StatusCode::NOT_FOUND => "Request_ResourceNotFound",
        StatusCode::METHOD_NOT_ALLOWED => "Request_BadRequest",
        StatusCode::CONFLICT => "Request_Conflict",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        _ => "UnknownError",
    }
}

/// The address of the portal, which every address in an answer begins with.
fn origin(config: &Config) -> String {
    config.origin(&config.portal.host)
}

/// What an entity or a list says that it is.
fn context(config: &Config, of: &str) -> String {
    format!("{}/v1.0/$metadata#{of}", origin(config))
}

/// JSON as the clients of Graph expect it.
fn answered(status: StatusCode, body: &Value) -> Answer {
    Answer::json(
        status,
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
        body.to_string(),
    )
}

/// A body of which we take what we know: clients send more than we need.
struct Loose(Value);

impl<S: Send + Sync> axum::extract::FromRequest<S> for Loose {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Trouble::TooLarge)?;
        if bytes.is_empty() {
            return Ok(Self(Value::Null));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|e| Trouble::Input(format!("the body is no JSON: {e}")))
    }
}

impl Loose {
    fn text(&self, pointer: &str) -> Option<String> {
        self.0.pointer(pointer).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.is_empty())
    }

    fn flag(&self, pointer: &str) -> Option<bool> {
        self.0.pointer(pointer).and_then(Value::as_bool)
    }
}
