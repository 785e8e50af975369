//! What is done to guests and their accesses: each form is one call of the API, and leads back to the guest's page.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{api::Refused, call::Call};
use crate::{base::GuestId, web::Answer};

/// A button on a guest's page.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    token: String,
    #[serde(default)]
    reason: String,
    /// Whose page it was.
    #[serde(default)]
    back: String,
    #[serde(default)]
    by: String,
}

/// `POST /admin/guests/{id}/{deed}`.
pub(super) async fn guest(
    call: Call,
    Path((id, deed)): Path<(String, String)>,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let id: GuestId = id.parse().map_err(|_| call.missing())?;
    let path = format!("/api/v1/guests/{id}");
    let reason = Some(sent.reason.trim()).filter(|reason| !reason.is_empty());
    let done = match deed.as_str() {
        "suspend" => call.ask(Method::PATCH, &path, &json!({ "state": "suspended", "reason": reason })).await,
        "resume" => call.ask(Method::PATCH, &path, &json!({ "state": "active" })).await,
        "sign-out" => call.ask(Method::DELETE, &format!("{path}/sessions"), &json!({})).await,
        "reset-factors" => call.ask(Method::POST, &format!("{path}/reset-factors"), &json!({})).await,
        "remove" => call.ask(Method::DELETE, &path, &json!({ "reason": reason })).await,
        "restore" => call.ask(Method::POST, &format!("{path}/restore"), &json!({})).await,
        _ => return Err(call.missing()),
    };
    back(&call, id, &deed, done)
}

/// `POST /admin/grants/{id}/{deed}`.
pub(super) async fn grant(
    call: Call,
    Path((id, deed)): Path<(String, String)>,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let guest: GuestId = sent.back.parse().map_err(|_| call.missing())?;
    let id: crate::base::GrantId = id.parse().map_err(|_| call.missing())?;
    let path = format!("/api/v1/grants/{id}");
    let done = match deed.as_str() {
        "extend" => call.ask(Method::PATCH, &path, &json!({ "extend_by": sent.by })).await,
        "restore" => call.ask(Method::POST, &format!("{path}/restore"), &json!({})).await,
        "revoke" => call.ask(Method::DELETE, &path, &json!({})).await,
        _ => return Err(call.missing()),
    };
    back(&call, guest, if deed == "restore" { "grant-restore" } else { deed.as_str() }, done)
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn back(call: &Call, guest: GuestId, deed: &str, done: Result<Value, Refused>) -> Result<Answer, Answer> {
    let page = format!("/admin/guests/{guest}");
    match done {
        Ok(_) => Ok(call.see(&format!("{page}?done={deed}"))),
        Err(refused) => Err(call.not_done(&refused, &page)),
    }
}
