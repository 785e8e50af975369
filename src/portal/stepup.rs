//! What an app still asks of somebody who is signed in: one step after another, those of least effort first, and then back to the
//! page that they were going to.
//!
//! The app says which requirements are unmet; what has been done meanwhile is looked at anew before each step. A step is a page whose
//! form carries the [`Way`](super::way::Way), does its own work, and ends with the way's answer.

use askama::Template;
use http::StatusCode;

use super::{
    asks, attempts, people,
    signin::ADDRESS_FORM,
    steps::{Step, plan},
    terms,
    visit::Visit,
};
use crate::{
    base::{FlowId, Id},
    directory::{Grant, Guest, Session},
    identity::{Handover, Needs, Start},
    live::SessionView,
    policy::{Done, Need, Requirement},
    web::{Answer, Refusal, Site, continue_to, render},
};

/// How a browser came to the portal's page: where it may be sent depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// By a link or a redirect of an app: it can be redirected to another host.
    ByLink,
    /// By a form of ours: the way to another host begins with a page.
    ByForm,
}

/// What is left to do.
enum Left<'p> {
    /// Nothing.
    Nothing,
    /// These steps, in this order.
    Steps(Vec<Step>),
    /// Nothing that could be done here would help with these.
    Beyond(Vec<&'p Requirement>),
}

#[derive(Template)]
#[template(path = "step_code.html")]
struct CodeStep<'p> {
    site: &'p Site,
    app: &'p str,
    email: &'p str,
    /// What comes after this step.
    after: Option<String>,
    token: String,
    start: String,
}

impl Arrived {
    /// As the query says.
    pub(super) fn by(via: &str) -> Self {
        if via == "form" { Self::ByForm } else { Self::ByLink }
    }
}

/// Where a signed-in guest goes next: to the first step that is left, or back to the app.
pub(super) async fn next(visit: &Visit, root: &SessionView, start: &Start, arrived: Arrived) -> Answer {
    let Ok(grants) = people::open_grants(visit, &root.guest).await else { return visit.unavailable() };
    match left(visit, root, start, &grants) {
        Left::Nothing => go_on(visit, root, start, arrived).await,
        Left::Steps(steps) => match steps.split_first() {
            Some((first, rest)) => page(visit, root, start, first, rest),
            None => go_on(visit, root, start, arrived).await,
        },
        Left::Beyond(requirements) => {
            let requirements: Vec<String> = requirements.iter().map(ToString::to_string).collect();
            visit.refuse(&Refusal::OutOfReach { policy: "", requirements: &requirements })
        }
    }
}

/// The answer to a form that has done its work: on to whatever is left.
pub(super) fn resume(visit: &Visit, start: &Start) -> Answer {
    if visit.now < start.issued.plus(Start::LIFE) {
        return visit.finish(Answer::see_other(&format!("/signin?start={}&via=form", start.seal(&visit.state.keys))));
    }
    // It took so long that the app does not know any more what it asked for; it asks anew, and finds what was shown.
    let again = visit.config().app(&start.app).map(|app| format!("{}{}", visit.config().origin(&app.host), start.target));
    visit.finish(again.map_or_else(|| Answer::see_other("/"), |url| continue_to(&visit.site, &visit.site.name, &url)))
}

/// The page from which a signed-in browser goes on to the app. `None`: there is no such app any more.
pub(super) fn hand_over(visit: &Visit, session: &Session, start: &Start, grants: &[Grant]) -> Option<Answer> {
    let app = visit.config().app(&start.app)?;
    let name = if grants.iter().any(|g| g.app == app.id) { app.name.clone() } else { app.host.to_string() };
    Some(continue_to(&visit.site, &name, &callback(visit, session, start)?))
}

fn left<'v>(visit: &'v Visit, root: &SessionView, start: &Start, grants: &[Grant]) -> Left<'v> {
    let Needs::More { policies, unmet } = start.needs else { return Left::Nothing };
    let app = visit.snapshot.app(&start.app);
    // Under other policies other things may be unmet: the app says which.
    let Some(app) = app.filter(|_| visit.snapshot.policies.version() == policies) else { return Left::Nothing };
    // What is of one app alone: that somebody let the guest in there, and the reason for using it.
    let approved = grants.iter().find(|g| g.app == start.app).and_then(|g| g.approved.as_ref()).map(|approved| approved.at);
    let done = Done { approved, justified: root.session.stated.contains_key(&start.app), ..root.done() };
    let lacking = app.policies.lacking(unmet, &done, visit.now);
    if lacking.is_empty() {
        return Left::Nothing;
    }
    let ways: Vec<Vec<Vec<Need>>> = lacking.iter().map(|requirement| requirement.ways(&root.session.proofs)).collect();
    match plan(&ways, Step::meeting) {
        Some(steps) => Left::Steps(steps),
        None => Left::Beyond(lacking),
    }
}

/// The page of a step.
fn page(visit: &Visit, root: &SessionView, start: &Start, step: &Step, rest: &[Step]) -> Answer {
    let app = visit.config().app(&start.app).map_or_else(String::new, |app| app.host.to_string());
    let after: Vec<String> = rest.iter().map(|step| visit.site.say(step.title()).to_string()).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let after = (!after.is_empty()).then(|| visit.site.voice.list(&after));
    match step {
        Step::Terms(name) => terms::step(visit, root, name, start),
        Step::Justification => asks::justify_step(visit, start),
        Step::Approval => asks::approval_step(visit, start),
        Step::EmailCode => {
            let page = CodeStep {
                site: &visit.site,
                app: &app,
                email: root.guest.email.as_str(),
                after,
                token: visit.form_token(ADDRESS_FORM),
                start: start.seal(&visit.state.keys),
            };
            visit.finish(Answer::page(StatusCode::OK, render(&page)))
        }
    }
}

/// Back to the app, unless the browser has been sent there in vain too often.
async fn go_on(visit: &Visit, root: &SessionView, start: &Start, arrived: Arrived) -> Answer {
    match attempts::goes_round(visit, start.app.as_str(), &start.target).await {
        Ok(false) => {}
        Ok(true) => return rounds(visit, &root.guest, &root.session, start).await,
        Err(_) => return visit.unavailable(),
    }
    let onward = match arrived {
        // A GET that no form of ours began may be redirected there.
        Arrived::ByLink => callback(visit, &root.session, start).map(|url| Answer::see_other(&url)),
        Arrived::ByForm => match people::open_grants(visit, &root.guest).await {
            Ok(grants) => hand_over(visit, &root.session, start, &grants),
            Err(_) => return visit.unavailable(),
        },
    };
    visit.finish(onward.unwrap_or_else(|| Answer::see_other("/")))
}

/// The URL at the app that ends the sign-in. `None`: there is no such app any more.
fn callback(visit: &Visit, root: &Session, start: &Start) -> Option<String> {
    let app = visit.config().app(&start.app)?;
    let handover = Handover {
        app: app.id.clone(),
        root: root.id,
        browser: start.browser,
        target: start.target.clone(),
        replaces: start.asking,
        jti: FlowId::random(visit.state.entropy.as_ref()),
        expires: visit.now.plus(Handover::LIFE),
    };
    Some(format!("{}/.guestgate/callback?code={}", visit.config().origin(&app.host), handover.seal(&visit.state.keys)))
}

/// Says what was seen instead of sending the browser round once more.
async fn rounds(visit: &Visit, guest: &Guest, root: &Session, start: &Start) -> Answer {
    let Ok(grants) = people::open_grants(visit, guest).await else { return visit.unavailable() };
    let host = visit.config().app(&start.app).map_or_else(String::new, |app| app.host.to_string());
    let say = |id| visit.site.say(id).with("host", &host);
    let asked = match start.needs {
        Needs::Session => "rounds-asked",
        Needs::More { .. } => "rounds-asked-more",
    };
    let mut seen = vec![
        visit.site.say("rounds-signed-in").with("address", &guest.email).with("since", root.signed_in).to_string(),
        say(asked).to_string(),
        say("rounds-cookies").to_string(),
        visit.site.say("rounds-clock").with("now", visit.now).to_string(),
    ];
    if !grants.iter().any(|g| g.app == start.app) {
        seen.push(visit.site.say("rounds-no-access").to_string());
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    visit.refuse(&Refusal::Rounds { seen: &seen })
}
