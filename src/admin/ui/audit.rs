//! The audit log, the newest first, cut down to a guest, an app or a kind of event.

use axum::extract::Query;
use serde::Deserialize;
use serde_json::Value;

use super::{
    call::Call,
    page::{Field, Form, Input, Page, Row, Section, Way},
};
use crate::{
    base::{AppId, EmailAddress, GuestId, Timestamp},
    directory::{
        ReadAudit, Target,
        audit::{Event, Stored},
        may,
    },
    store::Entries,
    web::Answer,
};

/// Rows of a page.
const ROWS: u32 = 50;

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    guest: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    before: String,
}

/// `GET /admin/audit`.
pub(super) async fn list(call: Call, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    may::<ReadAudit>(&call.actor, Target::Everything).map(drop).map_err(|_| call.missing())?;
    let (guest, unknown) = guest(&call, wanted.guest.trim()).await?;
    let app = AppId::parse(&wanted.app).ok();
    let event = Event::ALL.iter().map(|event| event.as_str()).find(|event| *event == wanted.event);
    let asked = Entries { guest, app, event: event.map(str::to_owned), before: wanted.before.parse().ok(), limit: ROWS };
    let found =
        if unknown { Vec::new() } else { call.ui.admin.store.latest_entries(&asked).await.map_err(|cause| call.unavailable(&cause))? };
    let next = found.last().filter(|_| found.len() == ROWS as usize).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("guest", &wanted.guest), ("app", &wanted.app), ("event", &wanted.event)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/audit?{}", query.append_pair("before", &last.sequence.to_string()).finish())
    });
    let page = Page {
        part: "/admin/audit",
        title: call.text("admin-audit"),
        first: vec![form(&call, &wanted)],
        sections: vec![Section {
            empty: call.text("admin-audit-none"),
            rows: found.iter().filter_map(|entry| row(&call, entry)).collect(),
            more: next.map(|href| Way { href, label: call.text("admin-more"), current: false }),
            ..Section::default()
        }],
        ..Page::default()
    };
    Ok(call.page(&page))
}

/// The guest who is named by id or address, and whether somebody is named who is not there.
async fn guest(call: &Call, text: &str) -> Result<(Option<GuestId>, bool), Answer> {
    if text.is_empty() {
        return Ok((None, false));
    }
    if let Ok(id) = text.parse::<GuestId>() {
        return Ok((Some(id), false));
    }
    let Ok(email) = EmailAddress::parse(text) else { return Ok((None, true)) };
    let found = call.ui.admin.store.guest_by_email(&email).await.map_err(|cause| call.unavailable(&cause))?;
    Ok((found.as_ref().map(|guest| guest.id), found.is_none()))
}

fn form(call: &Call, wanted: &Wanted) -> Form {
    let any = || (String::new(), call.text("admin-any"));
    let apps = [any()].into_iter().chain(call.config().apps.iter().map(|app| (app.id.to_string(), app.name.clone()))).collect();
    let events = [any()].into_iter().chain(Event::ALL.iter().map(|event| (event.as_str().to_owned(), event.as_str().to_owned()))).collect();
    let fields = vec![
        Field::new("guest", call.text("admin-guest-who"), Input::Text).with(wanted.guest.clone()),
        Field::new("app", call.text("admin-app"), Input::Select(apps)).with(wanted.app.clone()),
        Field::new("event", call.text("admin-event"), Input::Select(events)).with(wanted.event.clone()),
    ];
    Form { action: "/admin/audit".to_owned(), looks: true, label: call.text("admin-search"), fields, ..Form::default() }
}

/// An entry in a list; `None`: it is about an app that is not theirs who look.
pub(super) fn row(call: &Call, entry: &Stored) -> Option<Row> {
    let body: Value = serde_json::from_str(&entry.body).ok()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let app = text("app").and_then(|id| AppId::parse(id).ok());
    if app.as_ref().is_some_and(|app| !call.looks_after(app)) {
        return None;
    }
    // What is offered and asked elsewhere is none of an owner's business, and these entries may name it.
    let event = text("event")?;
    if !call.is_administrator() && app.is_none() && (event.starts_with("invitation.") || event.starts_with("request.")) {
        return None;
    }
    let personal: Value = entry.personal.as_ref().and_then(|(_, facts)| serde_json::from_str(facts).ok()).unwrap_or(Value::Null);
    let fact = |key: &str| personal.get(key).and_then(Value::as_str);
    let at: Option<Timestamp> = body.get("at").and_then(|at| serde_json::from_value(at.clone()).ok());
    let who = fact("actor").or_else(|| text("actor")).unwrap_or_default();
    let when = call.say("admin-entry").with("at", at.unwrap_or(Timestamp::EPOCH)).with("who", who).to_string();
    let mut lines = vec![when];
    // Who did something to themselves is named once.
    let by_self = fact("guest").is_some() && fact("guest") == fact("actor");
    let about: Vec<&str> = ["guest", "reason", "ip"].into_iter().filter(|key| !(by_self && *key == "guest")).filter_map(fact).collect();
    if !about.is_empty() {
        lines.push(about.join(" · "));
    }
    let details = body.get("details").and_then(Value::as_object);
    let said = |(name, value): (&String, &Value)| {
        let text = value.as_str().filter(|value| !value.is_empty())?;
        let at: Option<Timestamp> = serde_json::from_value(value.clone()).ok();
        Some(format!("{name} {}", at.map_or_else(|| text.to_owned(), |at| call.moment(at))))
    };
    let details: Vec<String> = details.into_iter().flatten().filter_map(said).collect();
    let app = app.map(|app| call.app_name(&app));
    let rest: Vec<String> = app.into_iter().chain(details).collect();
    if !rest.is_empty() {
        lines.push(rest.join(" · "));
    }
    let href = text("guest").filter(|_| call.is_administrator()).map(|guest| format!("/admin/guests/{guest}"));
    Some(Row { href, title: event.to_owned(), lines, ..Row::default() })
}
