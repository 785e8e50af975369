//! Waiting for a decision: a page that looks again by itself, without script, and goes on once somebody has decided.

use askama::Template;
use axum::extract::Query;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{redeem, visit::Visit};
use crate::{
    base::{RequestId, Span, Timestamp},
    directory::{Request, RequestKind, RequestState},
    identity::Purpose,
    web::{Answer, Site, continue_to, render},
};

/// What somebody waits for, and where they want to go: in the page's address, so that it can be looked at again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wait {
    #[serde(rename = "r")]
    request: RequestId,
    /// A path on the app's host.
    #[serde(rename = "t")]
    target: String,
    #[serde(rename = "i", with = "crate::identity::millis")]
    issued: Timestamp,
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct WaitQuery {
    #[serde(default)]
    on: String,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct Page<'p> {
    site: &'p Site,
    app: &'p str,
    lines: Vec<String>,
    seconds: i64,
    again: String,
}

/// How long the address of a waiting page works: as long as the longest request can be decided.
const LIFE: Span = Span::days(31);
/// The longest target that is remembered; a longer one becomes `/`.
const LONGEST_TARGET: usize = 1200;

/// The answer to a form that asked for something: on to the page that waits.
pub(super) fn at(visit: &Visit, request: &Request, target: &str) -> Answer {
    let target = if target.len() <= LONGEST_TARGET && target.starts_with('/') { target } else { "/" };
    let wait = Wait { request: request.id, target: target.to_owned(), issued: visit.now };
    let sealed = serde_json::to_vec(&wait).map(|bytes| visit.state.keys.seal(Purpose::Wait, &bytes)).unwrap_or_default();
    visit.finish(Answer::see_other(&format!("/waiting?on={sealed}")))
}

/// `GET /waiting`.
pub(super) async fn show(visit: Visit, Query(query): Query<WaitQuery>) -> Result<Answer, Answer> {
    let unseal = || serde_json::from_slice::<Wait>(&visit.state.keys.unseal(Purpose::Wait, &query.on)?).ok();
    let wait = unseal().filter(|wait| visit.now < wait.issued.plus(LIFE)).ok_or_else(|| redeem::gone(&visit))?;
    let found = visit.state.store.request(wait.request).await.map_err(|_| visit.unavailable())?;
    let request = found.ok_or_else(|| redeem::gone(&visit))?;
    let app = visit.config().app(&request.app);
    let name = app.map_or_else(|| request.app.to_string(), |app| app.name.clone());
    Ok(match &request.state {
        RequestState::Open | RequestState::Checking { .. } if request.is_undecided(visit.now) => page(&visit, &request, &name, &query.on),
        RequestState::Approved { .. } if request.kind == RequestKind::SignUp => {
            let lines = vec![visit.site.say("waiting-granted").with("address", &request.email).to_string()];
            redeem::plain(&visit, StatusCode::OK, "waiting-granted-title", lines, None)
        }
        RequestState::Approved { .. } => match app {
            Some(app) => visit.finish(continue_to(&visit.site, &name, &format!("{}{}", visit.config().origin(&app.host), wait.target))),
            None => visit.finish(Answer::see_other("/")),
        },
        RequestState::Denied { message, .. } => {
            let first = visit.site.say("waiting-denied").with("app", &name).to_string();
            let lines = std::iter::once(first).chain(message.clone()).collect();
            redeem::plain(&visit, StatusCode::OK, "waiting-denied-title", lines, None)
        }
        RequestState::Withdrawn { .. } | RequestState::Open | RequestState::Checking { .. } => {
            redeem::notice(&visit, StatusCode::OK, "waiting-over-title", &["waiting-over"], Some(("/", "to-home")))
        }
    })
}

fn page(visit: &Visit, request: &Request, app: &str, on: &str) -> Answer {
    let site = &visit.site;
    let asked = match (&request.state, request.kind) {
        (RequestState::Checking { .. }, _) => site.say("waiting-checking"),
        (_, RequestKind::Approval) => site.say("waiting-approval"),
        (_, RequestKind::SignUp | RequestKind::Access | RequestKind::Extension) => site.say("waiting-mail").with("address", &request.email),
    };
    let soon = matches!(request.state, RequestState::Checking { .. }) || request.kind == RequestKind::Approval;
    let page = Page {
        site,
        app,
        lines: vec![
            asked.to_string(),
            site.say("waiting-since").with("at", request.created).with("until", request.expires).to_string(),
            site.say("waiting-page").to_string(),
        ],
        seconds: if soon { 5 } else { 30 },
        again: format!("/waiting?on={on}"),
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}
