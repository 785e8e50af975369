//! What people ask for: the latest, and the decision about each.

use axum::{
    Form as Sent,
    extract::{Path, Query, rejection::FormRejection},
};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    call::Call,
    cut::{Cut, Wanted},
    page::{Field, Form, Input, Mark, Page, Row, Section, Way, facts_of},
};
use crate::{
    base::RequestId,
    directory::{DecideRequest, Request, RequestKind, RequestState, Target, may},
    web::Answer,
};

/// The states that a list can be cut down to, and their texts.
const STATES: &[(&str, &str)] =
    &[("open", "admin-is-open"), ("approved", "admin-is-approved"), ("denied", "admin-is-denied"), ("withdrawn", "admin-is-withdrawn")];

/// What is decided.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    token: String,
    decision: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    access_for: String,
}

/// `GET /admin/requests`.
pub(super) async fn list(call: Call, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    let cut = Cut::new(("/admin/requests", wanted.scope(&call)?), STATES, &wanted, "open");
    let found = call.ui.admin.store.latest_requests(&cut.lately()).await.map_err(|cause| call.unavailable(&cause))?;
    let page = Page {
        part: "/admin/requests",
        title: call.text("admin-requests"),
        live: true,
        ways: cut.ways(&call),
        states: cut.states(&call),
        sections: vec![Section {
            empty: call.text("admin-waiting-none"),
            rows: found.items.iter().map(|request| row(&call, request)).collect(),
            more: cut.more(&call, found.next),
            ..Section::default()
        }],
        ..Page::default()
    };
    Ok(call.page(&page))
}

/// A request in a list.
pub(super) fn row(call: &Call, request: &Request) -> Row {
    let what = call.say("admin-asks-for").with("what", kind(call, request)).with("app", call.app_name(&request.app));
    let asked = what.with("at", request.created).to_string();
    Row {
        href: Some(format!("/admin/requests/{}", request.id)),
        title: request.email.to_string(),
        mark: mark(call, request),
        lines: [asked].into_iter().chain(request.reason.clone()).collect(),
        ..Row::default()
    }
}

fn kind(call: &Call, request: &Request) -> String {
    call.text(match request.kind {
        RequestKind::SignUp => "admin-kind-sign-up",
        RequestKind::Access => "admin-kind-access",
        RequestKind::Extension => "admin-kind-extension",
        RequestKind::Approval => "admin-kind-approval",
    })
}

fn mark(call: &Call, request: &Request) -> Option<Mark> {
    let (tone, text) = match request.state {
        RequestState::Open | RequestState::Checking { .. } if !request.is_undecided(call.now) => ("quiet", "admin-is-expired"),
        RequestState::Checking { .. } => ("quiet", "admin-is-checking"),
        RequestState::Open => ("good", "admin-is-open"),
        RequestState::Approved { .. } => ("quiet", "admin-is-approved"),
        RequestState::Denied { .. } => ("quiet", "admin-is-denied"),
        RequestState::Withdrawn { .. } => ("quiet", "admin-is-withdrawn"),
    };
    Mark::new(tone, call.text(text))
}

/// `GET /admin/requests/{id}`.
pub(super) async fn show(call: Call, Path(id): Path<String>) -> Result<Answer, Answer> {
    let request = find(&call, &id).await?;
    let undecided = request.is_undecided(call.now) && may::<DecideRequest>(&call.actor, Target::Request(&request)).is_ok();
    let known = call.ui.admin.store.guest(request.guest).await.map_err(|cause| call.unavailable(&cause))?.is_some();
    let to_guest = Way { href: format!("/admin/guests/{}", request.guest), label: call.text("admin-to-guest"), current: false };
    let page = Page {
        part: "/admin/requests",
        title: request.email.to_string(),
        eyebrow: Some(kind(&call, &request)),
        facts: facts(&call, &request),
        ways: known.then_some(to_guest).into_iter().collect(),
        deeds: if undecided { deeds(&call, &request) } else { Vec::new() },
        ..Page::default()
    };
    Ok(call.page(&page))
}

fn facts(call: &Call, request: &Request) -> Vec<(String, String)> {
    let (decided, by, message) = match &request.state {
        RequestState::Approved { at, by } => (Some(call.moment(*at)), by.as_ref(), None),
        RequestState::Denied { at, by, message } => (Some(call.moment(*at)), by.as_ref(), message.clone()),
        RequestState::Checking { .. } | RequestState::Open | RequestState::Withdrawn { .. } => (None, None, None),
    };
    let mut facts = facts_of(
        call,
        [
            ("admin-state", mark(call, request).map(|mark| mark.text)),
            ("admin-name", request.name.clone()),
            ("admin-app", Some(call.app_name(&request.app))),
            ("admin-created", Some(call.moment(request.created))),
            ("admin-valid-until", Some(call.moment(request.expires))),
            ("admin-reason", request.reason.clone()),
            ("admin-sponsor", request.sponsor.as_ref().map(ToString::to_string)),
            ("admin-decided", decided),
            ("admin-decided-by", by.map(ToString::to_string)),
            ("admin-message", message),
        ],
    );
    for answer in request.answers.iter().filter(|answer| !answer.value.is_empty()) {
        facts.push((answer.label.clone(), answer.value.clone()));
    }
    facts
}

fn deeds(call: &Call, request: &Request) -> Vec<Form> {
    let form = |decision: &str, label: &str, field: Field| Form {
        action: format!("/admin/requests/{}", request.id),
        label: call.text(label),
        fields: vec![Field::hidden("decision", decision), field],
        ..Form::default()
    };
    let span = call.config().invitations.access_for.to_string();
    let lasts = Field::new("access_for", call.text("admin-access-for"), Input::Text).with(span).help(call.text("admin-span-help"));
    let lasts = if request.kind == RequestKind::Approval { Field::hidden("access_for", "") } else { lasts };
    let why = Field::new("message", call.text("admin-deny-message"), Input::Text);
    let deny = form("deny", "admin-deny", why);
    vec![form("approve", "admin-approve", lasts), Form { plain: true, summary: Some(call.text("admin-deny-open")), ..deny }]
}

/// `POST /admin/requests/{id}`.
pub(super) async fn decide(call: Call, Path(id): Path<String>, sent: Result<Sent<Decision>, FormRejection>) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let request = find(&call, &id).await?;
    let path = format!("/api/v1/requests/{}", request.id);
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let done = match sent.decision.as_str() {
        "approve" => call.ask(Method::POST, &format!("{path}/approve"), &json!({ "access_for": given(&sent.access_for) })).await,
        "deny" => call.ask(Method::POST, &format!("{path}/deny"), &json!({ "message": given(&sent.message) })).await,
        _ => return Err(call.missing()),
    };
    let page = format!("/admin/requests/{}", request.id);
    match done {
        Ok(_) => Ok(call.see(&page)),
        Err(refused) => Err(call.not_done(&refused, &page)),
    }
}

async fn find(call: &Call, id: &str) -> Result<Request, Answer> {
    let id: RequestId = id.parse().map_err(|_| call.missing())?;
    let found = call.ui.admin.store.request(id).await.map_err(|cause| call.unavailable(&cause))?;
    found.filter(|request| may::<DecideRequest>(&call.actor, Target::Request(request)).is_ok()).ok_or_else(|| call.missing())
}
