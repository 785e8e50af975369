//! Many invitations at once: a list is pasted, what would come of each line is shown, and only then anything is sent.

use std::collections::HashSet;

use axum::{
    Form as Sent,
    extract::{Query, rejection::FormRejection},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{
    call::Call,
    invitations::offer_fields,
    page::{Field, Form, Input, Mark, Page, Row, Section},
};
use crate::{
    base::{AppId, EmailAddress},
    directory::{Invite, Target, may},
    store::StoreError,
    web::Answer,
};

/// Largest list that is sent, in bytes.
pub(super) const LARGEST: usize = 256 * 1024;
/// Most lines of a list.
const MOST: usize = 500;

/// A list, as it is pasted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    token: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    access_for: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    people: String,
    /// `send`: what was shown is to be done.
    #[serde(default)]
    step: String,
}

/// One line: what was pasted, and what would come of it.
struct Line {
    text: String,
    name: Option<String>,
    fate: Fate,
}

/// What would come of a line.
enum Fate {
    Invites(EmailAddress),
    /// A text of the catalogue that says why not.
    Skipped(&'static str),
}

/// `GET /admin/invitations/bulk`.
pub(super) async fn draft(call: Call, Query(pasted): Query<Pasted>) -> Answer {
    call.page(&form_page(&call, &pasted, None))
}

/// `POST /admin/invitations/bulk`: the preview, and then the sending.
pub(super) async fn invite(call: Call, sent: Result<Sent<Pasted>, FormRejection>) -> Result<Answer, Answer> {
    let pasted = call.taken(sent, |sent| &sent.token)?;
    let app = call.config().apps.iter().find(|app| app.id.as_str() == pasted.app).map(|app| app.id.clone());
    let app = app.ok_or_else(|| call.missing())?;
    may::<Invite>(&call.actor, Target::Apps(std::slice::from_ref(&app))).map(drop).map_err(|_| call.missing())?;
    let lines = read(&call, &app, &pasted.people).await.map_err(|cause| call.unavailable(&cause))?;
    if lines.is_empty() || lines.len() > MOST {
        let alarm = call.say("admin-bulk-size").with("most", MOST).to_string();
        return Err(call.page_with(StatusCode::BAD_REQUEST, &form_page(&call, &pasted, Some(alarm))));
    }
    if pasted.step == "send" {
        return Ok(report(&call, &app, &pasted, lines).await);
    }
    Ok(call.page(&preview(&call, &app, &pasted, &lines)))
}

/// Reads the list: an address, or an address and a name, a line.
async fn read(call: &Call, app: &AppId, text: &str) -> Result<Vec<Line>, StoreError> {
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST + 1) {
        let (address, name) = line.split_once([',', ';', '\t']).map_or((line, None), |(address, name)| (address, Some(name)));
        let name = name.map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty());
        let address = EmailAddress::parse(address.trim().trim_matches('"'));
        let fate = match address {
            Err(_) => Fate::Skipped("admin-bulk-no-address"),
            Ok(email) if !seen.insert(email.clone()) => Fate::Skipped("admin-bulk-twice"),
            Ok(email) => fate(call, app, email).await?,
        };
        lines.push(Line { text: line.chars().take(300).collect(), name, fate });
    }
    Ok(lines)
}

async fn fate(call: &Call, app: &AppId, email: EmailAddress) -> Result<Fate, StoreError> {
    let (store, config) = (&call.ui.admin.store, call.config());
    if config.is_member(&email) {
        return Ok(Fate::Skipped("admin-bulk-member"));
    }
    if !config.app(app).is_some_and(|app| config.admits(app, &email)) {
        return Ok(Fate::Skipped("admin-bulk-domain"));
    }
    let of_app = |invitation: &crate::directory::Invitation| invitation.offers.iter().any(|offer| offer.app == *app);
    if store.invitations_for(&email).await?.iter().any(|invitation| invitation.is_open(call.now) && of_app(invitation)) {
        return Ok(Fate::Skipped("admin-bulk-invited"));
    }
    if let Some(guest) = store.guest_by_email(&email).await?
        && store.grants_of(guest.id).await?.iter().any(|grant| grant.app == *app && grant.is_in_force(call.now))
    {
        return Ok(Fate::Skipped("admin-bulk-guest"));
    }
    Ok(Fate::Invites(email))
}

fn preview(call: &Call, app: &AppId, pasted: &Pasted, lines: &[Line]) -> Page {
    let invited = lines.iter().filter(|line| matches!(line.fate, Fate::Invites(_))).count();
    let hidden = |name, value: &str| Field::hidden(name, value);
    let form = Form {
        action: "/admin/invitations/bulk".to_owned(),
        label: call.say("admin-bulk-send").with("n", invited).to_string(),
        fields: vec![
            hidden("step", "send"),
            hidden("app", &pasted.app),
            hidden("role", &pasted.role),
            hidden("access_for", &pasted.access_for),
            hidden("message", &pasted.message),
            hidden("people", &pasted.people),
        ],
        ..Form::default()
    };
    let row = |line: &Line| {
        let mark = match &line.fate {
            Fate::Invites(_) => Mark::new("good", call.text("admin-bulk-will")),
            Fate::Skipped(why) => Mark::new("quiet", call.text(why)),
        };
        Row { title: line.text.clone(), mark, ..Row::default() }
    };
    Page {
        part: "/admin/invitations",
        title: call.text("admin-bulk-preview"),
        eyebrow: Some(call.app_name(app)),
        first: if invited > 0 { vec![form] } else { Vec::new() },
        sections: vec![Section { title: call.text("admin-bulk-lines"), rows: lines.iter().map(row).collect(), ..Section::default() }],
        ..Page::default()
    }
}

/// Invites, one after the other, and says what became of each line.
async fn report(call: &Call, app: &AppId, pasted: &Pasted, lines: Vec<Line>) -> Answer {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (mut rows, mut done) = (Vec::with_capacity(lines.len()), 0_usize);
    for line in lines {
        let mark = match line.fate {
            Fate::Skipped(why) => Mark::new("quiet", call.text(why)),
            Fate::Invites(email) => {
                let body = json!({
                    "email": email, "name": line.name, "message": given(&pasted.message),
                    "apps": [{ "app": app, "role": given(&pasted.role), "access_for": given(&pasted.access_for) }],
                });
                match call.ask(Method::POST, "/api/v1/invitations", &body).await {
                    Ok(_) => {
                        done += 1;
                        Mark::new("good", call.text("admin-bulk-done"))
                    }
                    Err(refused) => Mark::new("alarm", refused.detail),
                }
            }
        };
        rows.push(Row { title: line.text, mark, ..Row::default() });
    }
    let page = Page {
        part: "/admin/invitations",
        title: call.text("admin-bulk-report"),
        eyebrow: Some(call.app_name(app)),
        note: Some(call.say("admin-bulk-sent").with("n", done).to_string()),
        sections: vec![Section { title: call.text("admin-bulk-lines"), rows, ..Section::default() }],
        ..Page::default()
    };
    call.page(&page)
}

fn form_page(call: &Call, pasted: &Pasted, alarm: Option<String>) -> Page {
    let [app, role, lasts, message] = offer_fields(call, [&pasted.app, &pasted.role, &pasted.access_for, &pasted.message]);
    let people = Field::new("people", call.text("admin-bulk-people"), Input::Area).with(pasted.people.clone()).required();
    let fields = vec![app, people.help(call.text("admin-bulk-help")).most(60_000), role, lasts, message];
    Page {
        part: "/admin/invitations",
        title: call.text("admin-bulk"),
        alarm,
        first: vec![Form { action: "/admin/invitations/bulk".to_owned(), label: call.text("admin-bulk-look"), fields, ..Form::default() }],
        ..Page::default()
    }
}
