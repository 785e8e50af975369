//! What an app asks of its guests beside who they are: a reason for using it, and that somebody lets them in now.

use axum::{Form, extract::rejection::FormRejection};
use http::StatusCode;
use serde::Deserialize;

use super::{filing::filed, people, signin, visit::Visit, waiting, way::Way, wish::Page};
use crate::{
    base::Span,
    config::App,
    directory::{Asks, Endowment, Refusal as Refused, RequestDraft, RequestKind, Stated},
    identity::{Purpose, Start},
    web::{Answer, Refusal, render},
};

/// The use of the form tokens on these pages.
const JUSTIFY_FORM: &str = "justify";
const APPROVAL_FORM: &str = "approval";
/// The longest sealed way.
const LONGEST_KEPT: usize = 4 * 1024;
/// How long somebody can be let in after asking.
const LIFETIME: Span = Span::hours(24);

/// A reason, and where somebody was going.
#[derive(Debug, Deserialize)]
pub(super) struct ReasonForm {
    token: String,
    start: String,
    #[serde(default)]
    reason: String,
}

/// The page that asks why the guest uses an app.
fn justify_page(visit: &Visit, app: &App, start: &str, (reason, error): (&str, Option<&str>)) -> Answer {
    let page = Page {
        site: &visit.site,
        title: "justify-title",
        app: &app.name,
        about: visit.site.say("justify-about").to_string(),
        error,
        action: "/justify".to_owned(),
        token: visit.form_token(JUSTIFY_FORM),
        reason,
        label: "justify-label",
        start,
        button: "justify-go",
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// The page that asks whether an owner is to be asked.
fn approval_page(visit: &Visit, app: &App, start: &str, (reason, error): (&str, Option<&str>)) -> Answer {
    let page = Page {
        site: &visit.site,
        title: "approval-title",
        app: &app.name,
        about: visit.site.say("approval-about").to_string(),
        error,
        action: "/approval".to_owned(),
        token: visit.form_token(APPROVAL_FORM),
        reason,
        label: "approval-label",
        start,
        button: "approval-go",
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /justify`: a reason, stated once a session and app.
pub(super) async fn justify(visit: Visit, sent: Result<Form<ReasonForm>, FormRejection>) -> Result<Answer, Answer> {
    let (sent, start, app) = read(&visit, sent, JUSTIFY_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let Some(reason) = Stated::parse(&sent.reason) else {
        let shown: String = sent.reason.chars().take(500).collect();
        return Ok(justify_page(&visit, &app, &sent.start, (&shown, Some("wish-reason-wrong"))));
    };
    let store = &visit.state.store;
    let done = people::persist(&visit, || async {
        let session = store.session(root.session.id).await?.ok_or(Refused::SessionEnded)?;
        let guest = store.guest(session.guest).await?.ok_or(Refused::Removed)?;
        let children = store.children_of(session.id).await?;
        Ok(session.state_reason(&visit.occasion(), &guest, &app.id, &reason, &children)?.1)
    });
    done.await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(guest = %root.guest.id, app = %app.id, "reason stated");
    Ok(Way::App(Box::new(start)).answer(&visit))
}

/// `POST /approval`: the owners are asked to let the guest in.
pub(super) async fn approval(visit: Visit, sent: Result<Form<ReasonForm>, FormRejection>) -> Result<Answer, Answer> {
    let (sent, start, app) = read(&visit, sent, APPROVAL_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let Some(reason) = Stated::parse(&sent.reason) else {
        let shown: String = sent.reason.chars().take(500).collect();
        return Ok(approval_page(&visit, &app, &sent.start, (&shown, Some("wish-reason-wrong"))));
    };
    let grants = people::open_grants(&visit, &root.guest).await.map_err(|_| visit.unavailable())?;
    // Whoever has no access is not let in: nobody is bothered about it.
    if !grants.iter().any(|g| g.app == app.id) {
        return Err(visit.refuse(&Refusal::NotFound));
    }
    let draft = RequestDraft {
        kind: RequestKind::Approval,
        app: app.id.clone(),
        reason: Some(reason),
        answers: Vec::new(),
        endowment: Endowment::default(),
        name: None,
        language: None,
        lifetime: LIFETIME,
        asks: Asks::People,
        mails: Vec::new(),
    };
    let request = filed(&visit, &root.guest.email, draft).await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(request = %request.id, guest = %root.guest.id, app = %app.id, "approval asked for");
    Ok(waiting::at(&visit, &request, &start.target))
}

/// The page of a reason as a step towards an app.
pub(super) fn justify_step(visit: &Visit, start: &Start) -> Answer {
    match visit.config().app(&start.app) {
        Some(app) => justify_page(visit, app, &keep(visit, start), ("", None)),
        None => visit.refuse(&Refusal::NotFound),
    }
}

/// The page of an approval as a step towards an app.
pub(super) fn approval_step(visit: &Visit, start: &Start) -> Answer {
    let said = visit.root.as_ref().and_then(|root| root.session.stated.get(&start.app));
    let reason = said.map_or_else(String::new, |stated| stated.reason.clone());
    match visit.config().app(&start.app) {
        Some(app) => approval_page(visit, app, &keep(visit, start), (&reason, None)),
        None => visit.refuse(&Refusal::NotFound),
    }
}

/// Where somebody was going, for a page that may be read for longer than an app remembers what it asked for.
pub(super) fn keep(visit: &Visit, start: &Start) -> String {
    serde_json::to_vec(start).map(|bytes| visit.state.keys.seal(Purpose::Wait, &bytes)).unwrap_or_default()
}

/// What [`keep`] wrote, while the form that holds it is valid.
pub(super) fn kept(visit: &Visit, text: &str) -> Option<Start> {
    let bytes = if text.len() <= LONGEST_KEPT { visit.state.keys.unseal(Purpose::Wait, text)? } else { return None };
    serde_json::from_slice(&bytes).ok()
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn read(
    visit: &Visit,
    sent: Result<Form<ReasonForm>, FormRejection>,
    form: &str,
) -> Result<(ReasonForm, Start, std::sync::Arc<App>), Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(visit, &rejection))?;
    visit.check_form(&sent.token, form)?;
    let found = kept(visit, &sent.start).and_then(|start| visit.config().app(&start.app).cloned().map(|app| (start, app)));
    let (start, app) = found.ok_or_else(|| visit.finish(Answer::see_other("/")))?;
    Ok((sent, start, app))
}
