//! The members that the configuration names, and a one-time link for one who cannot sign in.

use axum::{Form as Sent, extract::rejection::FormRejection};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::Call,
    page::{Field, Form, Page, Row, Section},
};
use crate::{
    base::EmailAddress,
    directory::{EnrolMember, Target, may},
    store::StoreError,
    web::Answer,
};

/// For whom.
#[derive(Debug, Deserialize)]
pub(super) struct For {
    token: String,
    email: String,
}

/// `GET /admin/members`.
pub(super) async fn list(call: Call) -> Result<Answer, Answer> {
    may::<EnrolMember>(&call.actor, Target::Everything).map(drop).map_err(|_| call.missing())?;
    let page = page(&call).await.map_err(|cause| call.unavailable(&cause))?;
    Ok(call.page(&page))
}

async fn page(call: &Call) -> Result<Page, StoreError> {
    let config = call.config();
    let owners = config.apps.iter().flat_map(|app| app.owners.iter());
    let grouped = config.roles.groups.iter().flat_map(|(_, members)| members);
    let inviters = config.roles.inviters.iter().map(|inviter| &inviter.email);
    let mut all: Vec<&EmailAddress> = config.roles.admins.iter().chain(inviters).chain(grouped).chain(owners).collect();
    all.sort_unstable();
    all.dedup();
    let mut rows = Vec::new();
    for email in all {
        rows.push(row(call, email).await?);
    }
    Ok(Page {
        part: "/admin/members",
        title: call.text("admin-members"),
        sections: vec![Section { rows, ..Section::default() }],
        ..Page::default()
    })
}

async fn row(call: &Call, email: &EmailAddress) -> Result<Row, StoreError> {
    let store = &call.ui.admin.store;
    let config = call.config();
    let passkeys = match store.guest_by_email(email).await? {
        Some(member) => store.factors(member.id).await?.map_or(0, |held| held.passkeys.len()),
        None => 0,
    };
    let mut roles = Vec::new();
    roles.extend(config.roles.admins.contains(email).then(|| call.text("admin-role-administrator")));
    roles.extend(config.roles.inviter(email).is_some().then(|| call.text("admin-role-inviter")));
    let owns: Vec<&str> = config.apps.iter().filter(|app| app.owners.contains(email)).map(|app| app.name.as_str()).collect();
    roles.extend((!owns.is_empty()).then(|| call.say("admin-role-owner").with("apps", owns.join(", ")).to_string()));
    let form = Form {
        action: "/admin/members".to_owned(),
        label: call.text("admin-link-make"),
        about: Some(email.to_string()),
        plain: true,
        summary: Some(call.text("admin-link-open")),
        says: Some(call.text("admin-link-says")),
        fields: vec![Field::hidden("email", email.as_str())],
        ..Form::default()
    };
    let lines = vec![roles.join(" · "), call.say("admin-passkeys").with("n", passkeys).to_string()];
    Ok(Row { title: email.to_string(), lines, deeds: vec![form], ..Row::default() })
}

/// `POST /admin/members`: the link is on the page that answers, and nowhere else.
pub(super) async fn link(call: Call, sent: Result<Sent<For>, FormRejection>) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let made = call.ask(Method::POST, "/api/v1/members/link", &json!({ "email": sent.email })).await;
    let made = made.map_err(|refused| call.not_done(&refused, "/admin/members"))?;
    let say = |key: &str| made.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let page = Page {
        part: "/admin/members",
        title: call.text("admin-link"),
        eyebrow: Some(say("email")),
        note: Some(call.text("admin-link-once")),
        sections: vec![Section { title: call.text("admin-link"), text: Some(say("link")), ..Section::default() }],
        ..Page::default()
    };
    Ok(call.page(&page))
}
