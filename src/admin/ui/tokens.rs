//! Tokens for programs: those that there are, a new one, which is shown once, and revoking one.

use axum::{
    Form as Sent,
    extract::{Path, Query, rejection::FormRejection},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::Call,
    page::{Field, Form, Input, Mark, Page, Row, Section},
};
use crate::{
    base::TokenId,
    directory::{ManageTokens, Power, Target, may},
    store::TokenRecord,
    web::Answer,
};

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// A new token, as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Draft {
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    lasts: String,
}

/// A button beside a token.
#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    token: String,
}

/// How long a token holds, where nothing else is typed.
const LASTS: &str = "90d";

/// `GET /admin/tokens`.
pub(super) async fn list(call: Call, Query(said): Query<Done>) -> Result<Answer, Answer> {
    let mut page = page(&call, &Draft { lasts: LASTS.to_owned(), role: "reader".to_owned(), ..Draft::default() }).await?;
    page.note = (said.done == "revoke").then(|| call.text("admin-token-revoked"));
    Ok(call.page(&page))
}

async fn page(call: &Call, draft: &Draft) -> Result<Page, Answer> {
    may::<ManageTokens>(&call.actor, Target::Everything).map(drop).map_err(|_| call.missing())?;
    let mut found = call.ui.admin.store.tokens().await.map_err(|cause| call.unavailable(&cause))?;
    // What holds comes first, and the newest of it.
    found.reverse();
    found.sort_by_key(|record| !record.token.is_open(call.now));
    let rows = found.iter().map(|record| row(call, record)).collect();
    Ok(Page {
        part: "/admin/tokens",
        title: call.text("admin-tokens"),
        sections: vec![Section { empty: call.text("admin-tokens-none"), rows, ..Section::default() }],
        deeds: vec![form(call, draft)],
        ..Page::default()
    })
}

fn row(call: &Call, record: &TokenRecord) -> Row {
    let token = &record.token;
    let open = token.is_open(call.now);
    let mark = match (token.revoked, open) {
        (Some(_), _) => Mark::new("quiet", call.text("admin-token-ended")),
        (None, true) => Mark::new("good", call.text("admin-token-active")),
        (None, false) => Mark::new("quiet", call.text("admin-token-expired")),
    };
    let by = token.made_by.as_ref().map_or_else(|| call.text("admin-by-nobody"), ToString::to_string);
    let apps: Vec<String> = token.power.apps().iter().map(|app| call.app_name(app)).collect();
    let role = match &token.power {
        Power::Owner(_) => format!("{} ({})", token.power.as_str(), apps.join(", ")),
        Power::Admin | Power::Inviter | Power::Reader => token.power.as_str().to_owned(),
    };
    let used =
        record.last_used.map_or_else(|| call.text("admin-token-unused"), |at| call.say("admin-token-last").with("at", at).to_string());
    let until = token.expires.map(|at| call.say("admin-token-until").with("at", at).to_string());
    let revoke = Form {
        action: format!("/admin/tokens/{}/revoke", token.id),
        label: call.text("admin-token-revoke"),
        about: token.name.clone().or_else(|| Some(token.id.to_string())),
        plain: true,
        summary: Some(call.text("admin-token-revoke-open")),
        says: Some(call.text("admin-token-revoke-says")),
        ..Form::default()
    };
    Row {
        title: token.name.clone().unwrap_or_else(|| token.id.to_string()),
        mark,
        lines: vec![
            call.say("admin-token-is").with("role", role).with("created", token.created).with("by", by).to_string(),
            until.into_iter().chain([used]).collect::<Vec<_>>().join(" · "),
        ],
        deeds: if open { vec![revoke] } else { Vec::new() },
        ..Row::default()
    }
}

fn form(call: &Call, draft: &Draft) -> Form {
    let roles = ["reader", "inviter", "owner", "admin"].map(|role| {
        let words = match role {
            "reader" => "admin-token-reader",
            "inviter" => "admin-token-inviter",
            "owner" => "admin-token-owner",
            _ => "admin-token-admin",
        };
        (role.to_owned(), format!("{role}: {}", call.text(words)))
    });
    let none = (String::new(), "–".to_owned());
    let apps = [none].into_iter().chain(call.config().apps.iter().map(|app| (app.id.to_string(), app.name.clone()))).collect();
    Form {
        action: "/admin/tokens".to_owned(),
        label: call.text("admin-token-make"),
        summary: Some(call.text("admin-token-make-open")),
        fields: vec![
            Field::new("name", call.text("admin-token-name"), Input::Text).with(draft.name.clone()),
            Field::new("role", call.text("admin-token-role"), Input::Select(roles.into())).with(draft.role.clone()),
            Field::new("app", call.text("admin-token-app"), Input::Select(apps)).with(draft.app.clone()),
            Field::new("lasts", call.text("admin-token-lasts"), Input::Text).with(draft.lasts.clone()).help(call.text("admin-span-help")),
        ],
        ..Form::default()
    }
}

/// `POST /admin/tokens`: the token is on the page that answers, and nowhere else.
pub(super) async fn create(call: Call, sent: Result<Sent<Draft>, FormRejection>) -> Result<Answer, Answer> {
    let draft = call.taken(sent, |sent| &sent.token)?;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let apps: Vec<String> = given(&draft.app).into_iter().filter(|_| draft.role == "owner").collect();
    let body = json!({ "role": draft.role, "apps": apps, "name": given(&draft.name), "expires_in": given(&draft.lasts) });
    match call.ask(Method::POST, "/api/v1/tokens", &body).await {
        Ok(made) => {
            let say = |key: &str| made.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let page = Page {
                part: "/admin/tokens",
                title: call.text("admin-token"),
                eyebrow: draft_name(&draft, &say("id")),
                note: Some(call.text("admin-token-once")),
                sections: vec![Section { title: call.text("admin-token"), text: Some(say("token")), ..Section::default() }],
                ..Page::default()
            };
            Ok(call.page(&page))
        }
        Err(refused) if refused.status == StatusCode::FORBIDDEN => Err(call.missing()),
        Err(refused) => {
            let page = page(&call, &draft).await?;
            Err(call.page_with(refused.status, &Page { alarm: Some(refused.detail), ..page }))
        }
    }
}

fn draft_name(draft: &Draft, id: &str) -> Option<String> {
    let name = draft.name.trim();
    Some(if name.is_empty() { id.to_owned() } else { name.to_owned() })
}

/// `POST /admin/tokens/{id}/revoke`.
pub(super) async fn revoke(call: Call, Path(id): Path<String>, sent: Result<Sent<Pressed>, FormRejection>) -> Result<Answer, Answer> {
    call.taken(sent, |sent| &sent.token)?;
    let id: TokenId = id.parse().map_err(|_| call.missing())?;
    match call.ask(Method::DELETE, &format!("/api/v1/tokens/{id}"), &json!({})).await {
        Ok(_) => Ok(call.see("/admin/tokens?done=revoke")),
        Err(refused) => Err(call.not_done(&refused, "/admin/tokens")),
    }
}
