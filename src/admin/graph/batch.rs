//! `/v1.0/$batch`: several requests in one, each answered by itself.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Extension, Json, Router,
    body::{Body, to_bytes},
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tower::ServiceExt as _;

use super::{
    super::{AdminState, MOST, bearer::Allowance, input::Body as Sent, trouble::Trouble},
    origin,
};
use crate::directory::Actor;

/// Most requests in one.
const MOST_REQUESTS: usize = 20;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    requests: Vec<One>,
}

/// One of the requests.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// What one of them is answered.
#[derive(Debug, Serialize)]
struct Answered {
    id: String,
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// Asks one after the other; what depends on one that failed is not asked.
pub(super) async fn run(
    State((state, single)): State<(AdminState, Router)>,
    Extension(actor): Extension<Actor>,
    Extension(allowance): Extension<Allowance>,
    Sent(batch): Sent<Batch>,
) -> Result<Response, Trouble> {
    let origin = origin(&state.live.snapshot().config);
    let ids: BTreeSet<&str> = batch.requests.iter().map(|one| one.id.as_str()).collect();
    if batch.requests.len() > MOST_REQUESTS || ids.len() != batch.requests.len() {
        return Err(Trouble::Input(format!("a batch has at most {MOST_REQUESTS} requests, each with an id of its own")));
    }
    let mut responses: Vec<Answered> = Vec::with_capacity(batch.requests.len());
    for (n, one) in batch.requests.iter().enumerate() {
        // The first one was counted with the batch.
        if n > 0
            && let Err(Trouble::TooFast(wait)) = allowance.another()
        {
            responses.push(too_fast(one, wait));
            continue;
        }
        let went_well = |id: &String| responses.iter().any(|done| done.id == *id && done.status < 400);
        if one.depends_on.iter().all(went_well) {
            responses.push(ask(&single, &actor, &origin, one).await?);
        } else {
            let error = serde_json::json!({"error": {"code": "FailedDependency", "message": "a request that this one depends on failed"}});
            responses.push(Answered { id: one.id.clone(), status: 424, headers: BTreeMap::new(), body: error });
        }
    }
    Ok(Json(serde_json::json!({"responses": responses})).into_response())
}

/// Each request of a batch counts as one.
fn too_fast(one: &One, wait: std::time::Duration) -> Answered {
    let error = serde_json::json!({"error": {"code": "TooManyRequests", "message": "ask again later"}});
    let headers = BTreeMap::from([("Retry-After".to_owned(), wait.as_secs().saturating_add(1).to_string())]);
    Answered { id: one.id.clone(), status: 429, headers, body: error }
}

async fn ask(single: &Router, actor: &Actor, origin: &str, one: &One) -> Result<Answered, Trouble> {
    let odd = |what: &str| Trouble::Input(format!("the {what} of the request `{}` cannot be read", one.id));
    let method: Method = one.method.to_ascii_uppercase().parse().map_err(|_| odd("method"))?;
    // Some clients write whole addresses.
    let relative = match one.url.strip_prefix(origin) {
        Some(rest) => rest.strip_prefix("/v1.0").ok_or_else(|| odd("address"))?,
        None => &one.url,
    };
    let path = format!("/v1.0/{}", relative.trim_start_matches('/'));
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in one.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("authorization")) {
        request = request.header(name, value);
    }
    let body = if one.body.is_null() { Body::empty() } else { Body::from(one.body.to_string()) };
    let mut request = request.body(body).map_err(|_| odd("address or a header"))?;
    request.extensions_mut().insert(actor.clone());
    let response = match single.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MOST).await.unwrap_or_default();
    Ok(Answered {
        id: one.id.clone(),
        status: parts.status.as_u16(),
        headers: said(&parts.headers, parts.status),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Object(Map::new())),
    })
}

fn said(headers: &HeaderMap, status: StatusCode) -> BTreeMap<String, String> {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(|value| (name.to_owned(), value.to_owned()));
    let media = if status == StatusCode::NO_CONTENT { None } else { Some(("Content-Type".to_owned(), "application/json".to_owned())) };
    media.into_iter().chain(named("retry-after")).collect()
}
