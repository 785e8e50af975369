//! Guests: found by address, organisation or name, or looked through in the order of their addresses.

use axum::extract::Query;
use serde::Deserialize;

use super::{
    call::Call,
    page::{Field, Form, Input, Mark, Page, Row, Section, Way},
};
use crate::{
    base::{AppId, Kind},
    directory::{Guest, GuestState, Invite, Target, may},
    live::Refused,
    store::Search,
    web::Answer,
};

/// Rows of a page.
const ROWS: u32 = 50;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    app: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// `GET /admin/guests`.
pub(super) async fn list(call: Call, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    let scope = call.scope(&wanted.app)?;
    let (app, all) = (scope.named.clone(), scope.apps.is_empty());
    let words = Some(wanted.q.trim()).filter(|q| !q.is_empty()).map(str::to_owned);
    let state = ["active", "suspended", "removed"].into_iter().find(|state| *state == wanted.state).filter(|_| all);
    let search = Search { state, apps: scope.apps, words: words.clone(), after: wanted.after.clone(), limit: ROWS + 1 };
    let mut found = call.ui.admin.store.search(&search).await.map_err(|cause| call.unavailable(&cause))?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let path = |after: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(app.iter().map(|app| ("app", app.as_str()))).extend_pairs(state.map(|state| ("state", state)));
        format!("/admin/guests?{}", query.append_pair("after", after).finish())
    };
    let next = found.last().filter(|_| more && words.is_none()).map(|last| path(last.email.as_str()));
    let many = more && words.is_some();
    let rows: Vec<Row> = found.iter().filter(|guest| guest.kind == Kind::Guest).map(|guest| row(&call, guest)).collect();
    let ways = call.app_ways("/admin/guests", app.as_ref());
    let mut states = Vec::new();
    if all && words.is_none() {
        let way = |name: &str, text, current| Way { href: format!("/admin/guests{name}"), label: call.text(text), current };
        states.push(way("", "admin-any-state", state.is_none()));
        states.extend(["active", "suspended", "removed"].map(|one| way(&format!("?state={one}"), state_text(one), state == Some(one))));
    }
    let page = Page {
        part: "/admin/guests",
        title: call.text("admin-guests"),
        note: many.then(|| call.text("admin-search-many")),
        ways,
        states,
        first: vec![search_form(&call, app.as_ref(), &wanted.q)],
        sections: vec![Section {
            empty: call.text(if words.is_some() { "admin-search-none" } else { "admin-guests-none" }),
            rows,
            more: next.map(|href| Way { href, label: call.text("admin-more"), current: false }),
            ..Section::default()
        }],
        deeds: invite_link(&call),
        ..Page::default()
    };
    Ok(call.page(&page))
}

fn search_form(call: &Call, app: Option<&AppId>, words: &str) -> Form {
    let mut fields = vec![Field::new("q", call.text("admin-search-words"), Input::Text).with(words)];
    fields.extend(app.map(|app| Field::hidden("app", app.as_str())));
    Form { action: "/admin/guests".to_owned(), looks: true, label: call.text("admin-search"), fields, ..Form::default() }
}

/// The way to an invitation, for whoever may invite.
fn invite_link(call: &Call) -> Vec<Form> {
    let apps = call.apps();
    let form = Form { action: "/admin/invitations/new".to_owned(), looks: true, label: call.text("admin-invite"), ..Form::default() };
    may::<Invite>(&call.actor, Target::Apps(&apps)).ok().map(|_| form).into_iter().collect()
}

fn row(call: &Call, guest: &Guest) -> Row {
    Row {
        href: Some(format!("/admin/guests/{}", guest.id)),
        title: guest.email.to_string(),
        mark: mark(call, guest),
        lines: guest.name.clone().into_iter().collect(),
        ..Row::default()
    }
}

/// The state of a guest, where it is not the usual one.
pub(super) fn mark(call: &Call, guest: &Guest) -> Option<Mark> {
    match guest.state {
        GuestState::Active => None,
        GuestState::Suspended { .. } => Mark::new("alarm", call.text("admin-suspended")),
        GuestState::Removed { .. } => Mark::new("quiet", call.text("admin-removed")),
    }
}

fn state_text(state: &str) -> &'static str {
    match state {
        "active" => "admin-active",
        "suspended" => "admin-suspended",
        _ => "admin-removed",
    }
}

/// A request of a guest that was turned away.
pub(super) fn refusal(call: &Call, refused: &Refused, title: String, href: Option<String>) -> Row {
    let by: Vec<&str> = refused.by.iter().map(|name| name.as_str()).collect();
    let why = match (refused.decision, by.is_empty()) {
        ("block", false) => call.say("admin-blocked-by").with("policies", by.join(", ")).to_string(),
        ("block", true) => call.text("admin-blocked"),
        _ => call.text("admin-no-grant"),
    };
    let times = usize::try_from(refused.times).unwrap_or(usize::MAX);
    let when = call.say("admin-refused-when").with("app", call.app_name(&refused.app)).with("at", refused.at).with("n", times).to_string();
    Row { href, title, mark: Mark::new("alarm", why), lines: vec![when, refused.request.clone()], ..Row::default() }
}
