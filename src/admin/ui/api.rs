//! What pages ask of the API, in this process and on behalf of whoever is signed in: the same routes, the same authority, the same words.

use axum::{body::Body, response::Response};
use http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    call::Call,
    page::{Page, Way},
};
use crate::{
    directory::Denied,
    web::{Answer, Refusal},
};

/// Largest answer that a page takes in, in bytes.
const MOST: usize = 4 * 1024 * 1024;

/// What the API refuses: the status, and what it says.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) detail: String,
}

impl Call {
    /// Asks the API.
    pub(super) async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, Refused> {
        let answer = self.answer(method, path, Body::from(body.to_string())).await?;
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), MOST).await.map_err(|_| self.broken())?;
        let said: Value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).map_err(|_| self.broken())? };
        if status.is_success() {
            return Ok(said);
        }
        let detail = said.get("detail").or_else(|| said.get("title")).and_then(Value::as_str);
        Err(Refused { status, detail: detail.map_or_else(|| self.text("admin-failed"), str::to_owned) })
    }

    /// What the API gives as a file, as it comes.
    pub(super) async fn fetch(&self, path: &str) -> Result<Response, Refused> {
        self.answer(Method::GET, path, Body::empty()).await
    }

    async fn answer(&self, method: Method, path: &str, body: Body) -> Result<Response, Refused> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(self.peer.clone())
            .extension(self.actor.clone())
            .body(body)
            .map_err(|_| self.broken())?;
        match self.api.clone().oneshot(request).await {
            Ok(answer) => Ok(answer),
            Err(never) => match never {},
        }
    }

    fn broken(&self) -> Refused {
        Refused { status: StatusCode::INTERNAL_SERVER_ERROR, detail: self.text("admin-failed") }
    }

    /// The page that says why something was not done, and leads back.
    pub(super) fn not_done(&self, refused: &Refused, back: &str) -> Answer {
        match refused.status {
            // Whoever may not do something may not know either whether it is there.
            StatusCode::NOT_FOUND => self.missing(),
            StatusCode::FORBIDDEN if refused.detail == Denied.to_string() => self.missing(),
            StatusCode::SERVICE_UNAVAILABLE => self.refuse(&Refusal::Unavailable { retry_after: 5 }),
            status => {
                let page = Page {
                    title: self.text("admin-not-done"),
                    alarm: Some(refused.detail.clone()),
                    ways: vec![Way { href: back.to_owned(), label: self.text("admin-back"), current: false }],
                    ..Page::default()
                };
                self.page_with(status, &page)
            }
        }
    }
}
