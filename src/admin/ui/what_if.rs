//! What would be decided about a request that might be, with an explanation of each policy.

use axum::{
    Form as Sent,
    extract::{Query, rejection::FormRejection},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    call::Call,
    page::{Field, Form, Input, Mark, Page, Row, Section},
};
use crate::{base::AppId, web::Answer};

/// What is asked, as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    token: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    guest: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    more: String,
}

/// `GET /admin/what-if`.
pub(super) async fn draft(call: Call, Query(asked): Query<Asked>) -> Result<Answer, Answer> {
    Ok(call.page(&form_page(&call, &asked)?))
}

/// `POST /admin/what-if`.
pub(super) async fn decide(call: Call, sent: Result<Sent<Asked>, FormRejection>) -> Result<Answer, Answer> {
    let asked = call.taken(sent, |sent| &sent.token)?;
    let mut page = form_page(&call, &asked)?;
    let body = match body(&call, &asked) {
        Ok(body) => body,
        Err(alarm) => return Err(call.page_with(StatusCode::BAD_REQUEST, &Page { alarm: Some(alarm), ..page })),
    };
    match call.ask(Method::POST, "/api/v1/policies/evaluate", &body).await {
        Ok(said) => {
            page.sections = vec![decision(&call, &said), policies(&call, &said), given(&call, &said)];
            Ok(call.page(&page))
        }
        Err(refused) if refused.status == StatusCode::FORBIDDEN => Err(call.missing()),
        Err(refused) => Err(call.page_with(refused.status, &Page { alarm: Some(refused.detail), ..page })),
    }
}

/// What is asked of the API; or what is wrong with what was typed.
fn body(call: &Call, asked: &Asked) -> Result<Value, String> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut facts = Map::new();
    if let Some(ip) = given(&asked.ip) {
        facts.insert("ip".to_owned(), json!(ip));
    }
    if let Some(methods) = given(&asked.with) {
        let methods: Vec<&str> = methods.split(',').map(str::trim).filter(|method| !method.is_empty()).collect();
        facts.insert("signed-in-with".to_owned(), json!(methods));
    }
    for line in asked.more.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| call.say("admin-fact-wrong").with("line", line).to_string())?;
        let value = value.trim();
        let value = if value.contains(',') { json!(value.split(',').map(str::trim).collect::<Vec<_>>()) } else { json!(value) };
        facts.insert(name.trim().to_owned(), value);
    }
    let request = given(&asked.request).unwrap_or_else(|| "GET /".to_owned());
    Ok(json!({ "app": asked.app, "guest": given(&asked.guest), "given": facts, "request": request }))
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn form_page(call: &Call, asked: &Asked) -> Result<Page, Answer> {
    let apps: Vec<AppId> = call.apps().into_iter().filter(|app| call.looks_after(app)).collect();
    if apps.is_empty() {
        return Err(call.missing());
    }
    let apps = apps.iter().map(|app| (app.to_string(), call.app_name(app))).collect();
    let request = if asked.request.is_empty() { "GET /" } else { asked.request.as_str() };
    let fields = vec![
        Field::new("app", call.text("admin-app"), Input::Select(apps)).with(asked.app.clone()),
        Field::new("guest", call.text("admin-guest-optional"), Input::Text).with(asked.guest.clone()).help(call.text("admin-guest-help")),
        Field::new("request", call.text("admin-request"), Input::Text).with(request).required(),
        Field::new("ip", call.text("admin-ip"), Input::Text).with(asked.ip.clone()),
        Field::new("with", call.text("admin-signed-in-with"), Input::Text).with(asked.with.clone()).help(call.text("admin-with-help")),
        Field::new("more", call.text("admin-facts-more"), Input::Area).with(asked.more.clone()).help(call.text("admin-facts-help")),
    ];
    Ok(Page {
        part: "/admin/what-if",
        title: call.text("admin-what-if"),
        first: vec![Form { action: "/admin/what-if".to_owned(), label: call.text("admin-decide"), fields, ..Form::default() }],
        ..Page::default()
    })
}

fn words(value: Option<&Value>) -> String {
    match value {
        Some(Value::Array(list)) => list.iter().map(|one| words(Some(one))).collect::<Vec<_>>().join(", "),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn decision(call: &Call, said: &Value) -> Section {
    let decision = words(said.get("decision"));
    let tone = if decision == "allow" { "good" } else { "alarm" };
    let mut lines = Vec::new();
    for (key, text) in
        [("by", "admin-by-policies"), ("unmet", "admin-unmet"), ("report_only", "admin-on-trial"), ("no_grant", "admin-grant-is")]
    {
        let value = words(said.get(key));
        if !value.is_empty() {
            lines.push(call.say(text).with("what", value).to_string());
        }
    }
    let row = Row { title: call.text("admin-decision"), mark: Mark::new(tone, decision), lines, ..Row::default() };
    Section { title: call.text("admin-result"), rows: vec![row], ..Section::default() }
}

fn policies(call: &Call, said: &Value) -> Section {
    let row = |policy: &Value| {
        let applies = words(policy.get("applies"));
        let tone = if applies == "no" { "quiet" } else { "good" };
        let text = call.say("admin-applies").with("applies", applies).to_string();
        let because = words(policy.get("because"));
        Row {
            title: words(policy.get("name")),
            mark: Mark::new(tone, text),
            lines: vec![because, words(policy.get("effect"))].into_iter().filter(|line| !line.is_empty()).collect(),
            ..Row::default()
        }
    };
    let rows = said.get("policies").and_then(Value::as_array).map(|all| all.iter().map(row).collect()).unwrap_or_default();
    Section { title: call.text("admin-each-policy"), empty: call.text("admin-policies-none"), rows, ..Section::default() }
}

fn given(call: &Call, said: &Value) -> Section {
    let facts = said.get("given").and_then(Value::as_object);
    let line =
        |(name, value): (&String, &Value)| format!("{name}: {}", if value.is_object() { value.to_string() } else { words(Some(value)) });
    let text = facts.map(|facts| facts.iter().map(line).collect::<Vec<_>>().join("\n")).filter(|text| !text.is_empty());
    Section { title: call.text("admin-decided-on"), text, ..Section::default() }
}
