//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim/v2`: a directory of people sends its people here as guests, and above all takes them back.
//!
//! What a directory may do is what its token may do anyway, and every change goes the way of the rest of the API. Whoever is new gets an
//! invitation and proves the address; nothing here lets anybody in by itself. What is taken back has ended before the answer.

mod change;
mod discovery;
mod filter;
mod people;
mod sent;
mod users;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{AdminState, MOST, trouble::Trouble};
use crate::{
    directory::{Denied, Refusal},
    store::StoreError,
    web::Answer,
};

/// The media type of everything here.
const MEDIA: &str = "application/scim+json";
/// What an error says that it is.
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// What a person says that it is.
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The routes; who asks is found out by a layer that the caller adds.
pub(super) fn router(state: AdminState) -> Router {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(discovery::provider))
        .route("/scim/v2/ResourceTypes", get(discovery::kinds))
        .route("/scim/v2/ResourceTypes/{id}", get(discovery::kind))
        .route("/scim/v2/Schemas", get(discovery::schemas))
        .route("/scim/v2/Schemas/{id}", get(discovery::schema))
        .route("/scim/v2/Users", get(users::list).post(users::create))
        .route("/scim/v2/Users/{id}", get(users::show).put(users::replace).patch(users::change).delete(users::remove))
        .fallback(async || Trouble::NotFound("there is no such resource here".to_owned()))
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(axum::extract::DefaultBodyLimit::max(MOST))
        .with_state(state)
}

/// Why a request of a directory is not done.
#[derive(Debug)]
enum Fault {
    /// For a reason that SCIM has a word for.
    Named(StatusCode, &'static str, String),
    /// For any other.
    Other(Trouble),
}

impl Fault {
    /// The request says something that cannot be: with SCIM's word for it.
    fn odd(word: &'static str, detail: impl Into<String>) -> Self {
        Self::Named(StatusCode::BAD_REQUEST, word, detail.into())
    }

    fn missing(id: &str) -> Self {
        Self::Other(Trouble::NotFound(format!("there is no user `{id}`")))
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::Other(trouble)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.into())
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::Other(denied.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self {
            Self::Named(status, word, detail) => answered(status, &error(status, Some(word), &detail)).into_response(),
            Self::Other(trouble) => trouble.into_response(),
        }
    }
}

fn answered(status: StatusCode, body: &Value) -> Answer {
    Answer::json(status, MEDIA, body.to_string())
}

fn error(status: StatusCode, word: Option<&str>, detail: &str) -> Value {
    let mut error = json!({"schemas": [ERROR], "status": status.as_u16().to_string(), "detail": detail});
    if let Some(word) = word {
        error["scimType"] = json!(word);
    }
    error
}

/// Gives what goes wrong before or behind the routes the shape that directories expect.
pub(super) async fn in_their_shape(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.headers().get(header::CONTENT_TYPE).is_none_or(|media| media != "application/problem+json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST).await.unwrap_or_else(|_| Bytes::new());
    let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let detail = problem.get("detail").or_else(|| problem.get("title")).and_then(Value::as_str).unwrap_or("something went wrong");
    let word = (parts.status == StatusCode::BAD_REQUEST).then_some("invalidValue");
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    parts.headers.remove(header::CONTENT_LENGTH);
    let error = error(parts.status, word, detail);
    Response::from_parts(parts, Body::from(error.to_string()))
}
