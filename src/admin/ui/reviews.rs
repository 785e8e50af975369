//! Access reviews: those that are open and over, the accesses of one with an answer for each, and its report.

use axum::{
    Form as Sent,
    extract::{Path, Query, rejection::FormRejection},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::Refused,
    call::Call,
    page::{Field, Form, Input, Mark, Page, Row, Section, Way, facts_of},
};
use crate::{
    base::{AppId, ReviewId, Timestamp},
    directory::{Actor, OpenReview, Target, may},
    web::Answer,
};

/// Rows of a page.
const ROWS: u32 = 50;
/// How often the API is asked to answer for a part of what is left.
const ROUNDS: u32 = 200;

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    cursor: String,
    #[serde(default)]
    done: String,
}

/// A button on a review's page.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    token: String,
    decision: String,
    /// The access that it is about; nothing: all that are left.
    #[serde(default)]
    grant: String,
}

/// A review that is to begin.
#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    token: String,
    app: String,
}

/// What is said once something is done.
const DONE: [(&str, &str); 3] = [("keep", "admin-review-kept"), ("remove", "admin-review-removed"), ("open", "admin-review-begun")];

/// `GET /admin/reviews`.
pub(super) async fn list(call: Call, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    let mut path = format!("/api/v1/reviews?limit={ROWS}");
    if !wanted.cursor.is_empty() {
        path.push_str(&format!("&cursor={}", wanted.cursor));
    }
    let said = read(&call, &path).await?;
    let rows = items(&said).iter().map(|review| row(&call, review)).collect();
    let next = said.get("next").and_then(Value::as_str);
    let page = Page {
        part: "/admin/reviews",
        title: call.text("admin-reviews"),
        sections: vec![Section {
            empty: call.text("admin-reviews-none"),
            rows,
            more: next.map(|next| Way { href: format!("/admin/reviews?cursor={next}"), label: call.text("admin-more"), current: false }),
            ..Section::default()
        }],
        deeds: begin_form(&call),
        ..Page::default()
    };
    Ok(call.page(&page))
}

/// A review in a list.
pub(super) fn row(call: &Call, review: &Value) -> Row {
    let (n, at) = (|key| number(review, key), |key| moment(review, key).unwrap_or(Timestamp::EPOCH));
    let app = app_name(call, review);
    let line = call.say("admin-review-is").with("opened", at("opened")).with("due", at("due")).to_string();
    let progress = call.say("admin-review-so-far").with("kept", n("kept")).with("removed", n("removed")).with("lapsed", n("lapsed"));
    let (done, all, _) = self::progress(call, review);
    Row {
        href: Some(format!("/admin/reviews/{}", text(review, "id"))),
        title: app,
        mark: mark(call, review),
        lines: vec![line, progress.with("done", done).with("all", all).to_string()],
        ..Row::default()
    }
}

fn mark(call: &Call, review: &Value) -> Option<Mark> {
    match text(review, "status") {
        "closed" => Mark::new("quiet", call.text("admin-review-closed")),
        "open" if number(review, "left") > 0 => {
            Mark::new("good", call.say("admin-review-left").with("n", number(review, "left")).to_string())
        }
        "open" => Mark::new("quiet", call.text("admin-review-answered")),
        _ => Mark::new("alarm", call.text("admin-review-overdue")),
    }
}

/// A review can be begun of every app that is theirs.
fn begin_form(call: &Call) -> Vec<Form> {
    let may_begin = |app: &AppId| may::<OpenReview>(&call.actor, Target::Apps(std::slice::from_ref(app))).is_ok();
    let apps: Vec<(String, String)> =
        call.apps().iter().filter(|app| may_begin(app)).map(|app| (app.to_string(), call.app_name(app))).collect();
    if apps.is_empty() {
        return Vec::new();
    }
    let fields = vec![Field::new("app", call.text("admin-app"), Input::Select(apps))];
    let (label, summary) = (call.text("admin-review-begin"), Some(call.text("admin-review-begin-open")));
    let says = Some(call.text("admin-review-begin-says"));
    vec![Form { action: "/admin/reviews".to_owned(), label, summary, says, plain: true, fields, ..Form::default() }]
}

/// `POST /admin/reviews`.
pub(super) async fn begin(call: Call, sent: Result<Sent<Begun>, FormRejection>) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let made = call.ask(Method::POST, "/api/v1/reviews", &json!({ "app": sent.app })).await;
    let made = made.map_err(|refused| call.not_done(&refused, "/admin/reviews"))?;
    Ok(call.see(&format!("/admin/reviews/{}?done=open", text(&made, "id"))))
}

/// `GET /admin/reviews/{id}`.
pub(super) async fn show(call: Call, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    let id: ReviewId = id.parse().map_err(|_| call.missing())?;
    let path = format!("/api/v1/reviews/{id}");
    let review = read(&call, &path).await?;
    let cursor = if wanted.cursor.is_empty() { String::new() } else { format!("&cursor={}", wanted.cursor) };
    let left = read(&call, &format!("{path}/left?limit={ROWS}{cursor}")).await?;
    let open = text(&review, "status") == "open";
    let next = left.get("next").and_then(Value::as_str);
    let rows: Vec<Row> = items(&left).iter().map(|access| access_row(&call, id, access, open)).collect();
    let mut sections = Vec::new();
    if text(&review, "status") != "closed" {
        sections.push(Section {
            title: call.text("admin-review-waiting"),
            empty: call.text("admin-review-waiting-none"),
            rows,
            more: next.map(|next| Way {
                href: format!("/admin/reviews/{id}?cursor={next}"),
                label: call.text("admin-more"),
                current: false,
            }),
            ..Section::default()
        });
    }
    let whole = AppId::parse(text(&review, "app")).is_ok_and(|app| call.looks_after(&app));
    let mut ways = Vec::new();
    if whole {
        ways = ["csv", "json"].map(|format| download(&call, id, format)).into();
        sections.push(decided(&call, id).await?);
    }
    let page = Page {
        part: "/admin/reviews",
        title: app_name(&call, &review),
        eyebrow: Some(call.text("admin-review")),
        note: DONE.iter().find(|(word, _)| *word == wanted.done).map(|(_, text)| call.text(text)),
        facts: facts(&call, &review),
        progress: Some(progress(&call, &review)),
        ways,
        sections,
        deeds: if open && number(&review, "left") > 0 { rest_forms(&call, id, number(&review, "left")) } else { Vec::new() },
        ..Page::default()
    };
    Ok(call.page(&page))
}

fn download(call: &Call, id: ReviewId, format: &str) -> Way {
    let label = call.say("admin-review-report").with("format", format.to_uppercase()).to_string();
    Way { href: format!("/admin/reviews/{id}/report.{format}"), label, current: false }
}

fn facts(call: &Call, review: &Value) -> Vec<(String, String)> {
    let at = |key| moment(review, key).map(|at| call.moment(at));
    let who = if text(review, "reviewers") == "sponsors" { "admin-review-sponsors" } else { "admin-review-owners" };
    let n = |key| Some(number(review, key).to_string());
    facts_of(
        call,
        [
            ("admin-state", mark(call, review).map(|mark| mark.text)),
            ("admin-review-asked", Some(call.text(who))),
            ("admin-review-opened", at("opened")),
            ("admin-review-due", at("due")),
            ("admin-review-n-kept", n("kept")),
            ("admin-review-n-removed", n("removed")),
            ("admin-review-n-lapsed", n("lapsed")),
        ],
    )
}

/// How many of the accesses have an answer, and how many there are.
fn progress(call: &Call, review: &Value) -> (usize, usize, String) {
    let done = number(review, "kept") + number(review, "removed") + number(review, "lapsed");
    let all = done + number(review, "left");
    (done, all, call.say("admin-review-progress").with("done", done).with("all", all).to_string())
}

/// An access that somebody is asked about.
fn access_row(call: &Call, review: ReviewId, access: &Value, open: bool) -> Row {
    let email = text(access, "email").to_owned();
    let used = match moment(access, "last_used") {
        Some(at) => call.say("admin-review-used").with("at", at).to_string(),
        None => call.text("admin-review-unused"),
    };
    let since = moment(access, "from").map(|from| call.say("admin-review-since").with("at", from).to_string());
    let role = Some(text(access, "role")).filter(|role| !role.is_empty());
    let name = Some(text(access, "name")).filter(|name| !name.is_empty());
    let mut lines: Vec<String> = name.map(str::to_owned).into_iter().collect();
    lines.extend(role.map(|role| call.say("admin-role-is").with("role", role).to_string()));
    lines.push([since.unwrap_or_default(), used].join(" · "));
    let excluded: Vec<&str> = access.get("excluded_by").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let clash = (!excluded.is_empty()).then(|| call.say("admin-excluded-by").with("what", excluded.join(", ")).to_string());
    let answer = |decision: &str, label: &str, plain: bool| Form {
        action: format!("/admin/reviews/{review}"),
        label: call.text(label),
        about: Some(email.clone()),
        plain,
        fields: vec![Field::hidden("decision", decision), Field::hidden("grant", text(access, "grant"))],
        ..Form::default()
    };
    let deeds =
        if open { vec![answer("keep", "admin-review-keep", false), answer("remove", "admin-review-remove", true)] } else { Vec::new() };
    let looks_after = !matches!(call.actor, Actor::Inviter { .. });
    Row {
        href: looks_after.then(|| format!("/admin/guests/{}", text(access, "guest"))),
        title: email.clone(),
        mark: clash.and_then(|clash| Mark::new("alarm", clash)),
        lines,
        deeds,
        beside: true,
    }
}

/// Everything that is left at once, which is asked about first.
fn rest_forms(call: &Call, review: ReviewId, left: usize) -> Vec<Form> {
    let all = |decision: &str, label: &str, says: &str| Form {
        action: format!("/admin/reviews/{review}"),
        label: call.say(label).with("n", left).to_string(),
        plain: true,
        summary: Some(call.say(label).with("n", left).to_string()),
        says: Some(call.text(says)),
        fields: vec![Field::hidden("decision", decision)],
        ..Form::default()
    };
    vec![
        all("keep", "admin-review-keep-all", "admin-review-keep-all-says"),
        all("remove", "admin-review-remove-all", "admin-review-remove-all-says"),
    ]
}

/// What was decided so far; the report has all of it.
async fn decided(call: &Call, review: ReviewId) -> Result<Section, Answer> {
    let found = call.ui.admin.store.verdicts(review, None, ROWS).await.map_err(|cause| call.unavailable(&cause))?;
    let row = |(verdict, guest): &crate::store::Decided| {
        let by = verdict.by.as_ref().map_or_else(|| call.text("admin-by-nobody"), ToString::to_string);
        let (tone, outcome) = match verdict.outcome {
            crate::directory::Outcome::Kept => ("good", "admin-review-is-kept"),
            crate::directory::Outcome::Removed => ("quiet", "admin-review-is-removed"),
            crate::directory::Outcome::Lapsed => ("quiet", "admin-review-is-lapsed"),
        };
        Row {
            href: Some(format!("/admin/guests/{}", verdict.guest)),
            title: guest.as_ref().map_or_else(|| verdict.guest.to_string(), |guest| guest.email.to_string()),
            mark: Mark::new(tone, call.text(outcome)),
            lines: vec![call.say("admin-entry").with("at", verdict.at).with("who", by).to_string()],
            ..Row::default()
        }
    };
    let rows = found.iter().map(row).collect();
    let more = (found.len() == ROWS as usize).then(|| download(call, review, "csv"));
    Ok(Section {
        title: call.text("admin-review-decided"),
        empty: call.text("admin-review-decided-none"),
        rows,
        more,
        ..Section::default()
    })
}

/// `POST /admin/reviews/{id}`.
pub(super) async fn decide(call: Call, Path(id): Path<String>, sent: Result<Sent<Decision>, FormRejection>) -> Result<Answer, Answer> {
    let sent = call.taken(sent, |sent| &sent.token)?;
    let id: ReviewId = id.parse().map_err(|_| call.missing())?;
    let decision = ["keep", "remove"].into_iter().find(|known| *known == sent.decision).ok_or_else(|| call.missing())?;
    let page = format!("/admin/reviews/{id}");
    match answer(&call, id, decision, &sent.grant).await {
        Ok(()) => Ok(call.see(&format!("{page}?done={decision}"))),
        Err(refused) => Err(call.not_done(&refused, &page)),
    }
}

async fn answer(call: &Call, id: ReviewId, decision: &str, grant: &str) -> Result<(), Refused> {
    let path = format!("/api/v1/reviews/{id}/decide");
    if !grant.is_empty() {
        return call.ask(Method::POST, &path, &json!({ "decision": decision, "grants": [grant] })).await.map(drop);
    }
    for _ in 0..ROUNDS {
        let said = call.ask(Method::POST, &path, &json!({ "decision": decision, "rest": true })).await?;
        if number(&said, "left") == 0 || number(&said, "answered") == 0 {
            break;
        }
    }
    Ok(())
}

/// `GET /admin/reviews/{id}/report.csv` and `….json`.
pub(super) async fn report(call: Call, Path((id, file)): Path<(String, String)>) -> Result<Response, Answer> {
    let id: ReviewId = id.parse().map_err(|_| call.missing())?;
    let format = ["csv", "json"].into_iter().find(|format| file == format!("report.{format}")).ok_or_else(|| call.missing())?;
    let answer = call.fetch(&format!("/api/v1/reviews/{id}/report?format={format}")).await.map_err(|_| call.missing())?;
    if !answer.status().is_success() {
        return Err(call.missing());
    }
    let mut response = answer.into_response();
    let name = HeaderValue::from_str(&format!("attachment; filename=\"review-{id}.{format}\""));
    if let Ok(name) = name {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// What the API says, for whoever may read it.
pub(super) async fn read(call: &Call, path: &str) -> Result<Value, Answer> {
    call.ask(Method::GET, path, &Value::Null).await.map_err(|refused| call.not_done(&refused, "/admin/reviews"))
}

/// The items of a list.
pub(super) fn items(said: &Value) -> &[Value] {
    said.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(said: &'v Value, key: &str) -> &'v str {
    said.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(said: &Value, key: &str) -> usize {
    said.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

fn moment(said: &Value, key: &str) -> Option<Timestamp> {
    serde_json::from_value(said.get(key)?.clone()).ok()
}

fn app_name(call: &Call, review: &Value) -> String {
    let id = text(review, "app");
    AppId::parse(id).map_or_else(|_| id.to_owned(), |app| call.app_name(&app))
}
