//! What a guest asks for from the page of applications: to use another one, or one for longer.

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::StatusCode;
use serde::Deserialize;

use super::{filing::filed, redeem, signin, visit::Visit, waiting};
use crate::{
    base::{AppId, Span},
    config::App,
    directory::{Asks, Endowment, Grant, Guest, RequestDraft, RequestKind, Stated},
    web::{Answer, Refusal, Site, render},
};

/// The use of the form token on the page.
const WISH_FORM: &str = "wish";
/// How long such a request can be decided.
const LIFETIME: Span = Span::days(30);

/// What is asked for, and why.
#[derive(Debug, Deserialize)]
pub(super) struct WishForm {
    token: String,
    #[serde(default)]
    reason: String,
}

/// A page with one question that is answered in a few words.
#[derive(Template)]
#[template(path = "wish.html")]
pub(super) struct Page<'p> {
    pub(super) site: &'p Site,
    pub(super) title: &'p str,
    pub(super) app: &'p str,
    pub(super) about: String,
    pub(super) error: Option<&'p str>,
    pub(super) action: String,
    pub(super) token: String,
    pub(super) reason: &'p str,
    pub(super) label: &'p str,
    /// Where somebody goes afterwards; empty: nowhere else.
    pub(super) start: &'p str,
    pub(super) button: &'p str,
}

/// What a guest may ask for about an app.
pub(super) fn wish(app: &App, grants: &[Grant], now: crate::base::Timestamp) -> Option<RequestKind> {
    let of_app = |g: &&Grant| g.app == app.id;
    match grants.iter().filter(of_app).find(|g| g.is_active()) {
        Some(grant) if grant.until.is_some() && grant.from <= now => Some(RequestKind::Extension),
        Some(_) => None,
        // What nobody may sign up for is not offered: only whoever had it learns of it.
        None => (app.signup.is_some() || grants.iter().any(|g| g.app == app.id)).then_some(RequestKind::Access),
    }
}

/// `GET /apps/{app}/request`.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let (app, kind, grants) = find(&visit, &root.guest, &id).await?;
    Ok(page(&visit, &app, kind, &grants, ("", None)))
}

/// `POST /apps/{app}/request`.
pub(super) async fn ask(visit: Visit, Path(id): Path<String>, sent: Result<Form<WishForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, WISH_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let (app, kind, grants) = find(&visit, &root.guest, &id).await?;
    let Some(reason) = Stated::parse(&sent.reason) else {
        let shown: String = sent.reason.chars().take(500).collect();
        return Ok(page(&visit, &app, kind, &grants, (&shown, Some("wish-reason-wrong"))));
    };
    let signup = app.signup.as_ref();
    let draft = RequestDraft {
        kind,
        app: app.id.clone(),
        reason: Some(reason),
        answers: Vec::new(),
        endowment: Endowment { role: signup.and_then(|s| s.role.clone()), ..Endowment::default() },
        name: None,
        language: None,
        lifetime: LIFETIME,
        asks: Asks::People,
        mails: Vec::new(),
    };
    let request = filed(&visit, &root.guest.email, draft).await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(request = %request.id, guest = %root.guest.id, app = %app.id, kind = kind.as_str(), "request made");
    Ok(waiting::at(&visit, &request, "/"))
}

fn page(visit: &Visit, app: &App, kind: RequestKind, grants: &[Grant], (reason, error): (&str, Option<&str>)) -> Answer {
    let until = grants.iter().find(|g| g.app == app.id && g.is_active()).and_then(|g| g.until);
    let (title, about) = match (kind, until) {
        (RequestKind::Extension, Some(until)) => ("wish-time", visit.site.say("wish-time-about").with("until", until).to_string()),
        (RequestKind::Extension | RequestKind::Access | RequestKind::Approval | RequestKind::SignUp, _) => {
            ("wish-access", visit.site.say("wish-access-about").to_string())
        }
    };
    let page = Page {
        site: &visit.site,
        title,
        app: &app.name,
        about,
        error,
        action: format!("/apps/{}/request", app.id),
        token: visit.form_token(WISH_FORM),
        reason,
        label: "wish-reason",
        start: "",
        button: "signup-send",
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

async fn find(visit: &Visit, guest: &Guest, id: &str) -> Result<(std::sync::Arc<App>, RequestKind, Vec<Grant>), Answer> {
    let missing = || visit.refuse(&Refusal::NotFound);
    let id = AppId::parse(id).map_err(|_| missing())?;
    let app = visit.config().app(&id).cloned().ok_or_else(missing)?;
    let grants = visit.state.store.grants_of(guest.id).await.map_err(|_| visit.unavailable())?;
    match wish(&app, &grants, visit.now) {
        Some(kind) => Ok((app, kind, grants)),
        None if grants.iter().any(|g| g.app == id && g.is_active()) => {
            Err(redeem::notice(visit, StatusCode::OK, "wish-none-title", &["wish-none"], Some(("/", "to-home"))))
        }
        None => Err(missing()),
    }
}
