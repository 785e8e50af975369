//! `Idempotency-Key`: a POST that is sent again, because nobody knows whether the first one arrived, gets the first one's answer.
//!
//! The answer is kept sealed for a day. The same key with another body is a mistake of the client, and is told so.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{AdminState, MOST, trouble::Trouble};
use crate::{
    base::Digest,
    directory::Actor,
    store::Began,
    web::{Answer, secure_program},
};

/// The header that names a request.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest name.
const LONGEST: usize = 255;
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    media: String,
    body: String,
}

/// Answers a POST with a key once.
pub(super) async fn once(State(state): State<AdminState>, request: Request, next: Next) -> Response {
    match key_of(request.method(), request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => answer(&state, &key, request, next).await.unwrap_or_else(Trouble::into_response),
        Err(trouble) => trouble.into_response(),
    }
}

fn key_of(method: &Method, headers: &HeaderMap) -> Result<Option<String>, Trouble> {
    let Some(value) = headers.get(KEY).filter(|_| *method == Method::POST) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=LONGEST).contains(&text.len()));
    text.map(|text| Some(text.to_owned())).ok_or_else(|| Trouble::Input(format!("`Idempotency-Key` has 1 to {LONGEST} visible characters")))
}

async fn answer(state: &AdminState, key: &str, request: Request, next: Next) -> Result<Response, Trouble> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MOST).await.map_err(|_| Trouble::TooLarge)?;
    let who = match parts.extensions.get::<Actor>().and_then(Actor::token) {
        Some(token) => token.to_string(),
        None => "machine".to_owned(),
    };
    // Everything that makes a request another one, each with its length.
    let mut named = blake3::Hasher::new();
    for part in [who.as_str(), parts.uri.path(), key] {
        named.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let named = Digest::from_bytes(*named.finalize().as_bytes());
    let mut sent = blake3::Hasher::new();
    sent.update(parts.uri.query().unwrap_or_default().as_bytes()).update(&[0]).update(&bytes);
    let sent = Digest::from_bytes(*sent.finalize().as_bytes());
    match state.store.begin_answer(named, sent, state.clock.now()).await? {
        Began::Yours => first(state, named, Request::from_parts(parts, Body::from(bytes)), next).await,
        Began::Busy => Err(Trouble::Busy),
        Began::Other => Err(Trouble::OtherBody),
        Began::Answered(kept) => again(&kept),
    }
}

/// Does it, and keeps the answer. Who hangs up does not stop it half way.
async fn first(state: &AdminState, key: Digest, request: Request, next: Next) -> Result<Response, Trouble> {
    let (store, later) = (Arc::clone(&state.store), state.later.clone());
    let work = async move {
        let (parts, body) = next.run(request).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
        // What failed for our reasons may be tried again.
        let failed = parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
        let kept = if failed { None } else { keep(parts.status, &parts.headers, &bytes) };
        if let Err(error) = store.keep_answer(key, kept).await {
            tracing::warn!(%error, "an answer cannot be kept for whoever asks again");
        }
        Response::from_parts(parts, Body::from(bytes))
    };
    later.spawn(work).await.map_err(|_| Trouble::Late)
}

fn keep(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Option<Vec<u8>> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8(body.to_vec()).ok()?;
    serde_json::to_vec(&Kept { status: status.as_u16(), media, body }).ok()
}

fn again(kept: &[u8]) -> Result<Response, Trouble> {
    let kept: Kept = serde_json::from_slice(kept).map_err(|_| Trouble::Late)?;
    let mut headers = HeaderMap::new();
    secure_program(&mut headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(&kept.media).map_err(|_| Trouble::Late)?);
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let status = StatusCode::from_u16(kept.status).map_err(|_| Trouble::Late)?;
    Ok(Answer { status, headers, body: Bytes::from(kept.body) }.into_response())
}
