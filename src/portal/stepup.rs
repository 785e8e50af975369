//! What an app still asks of somebody who is signed in: one step after another, those of least effort first, and then back to the
//! page that they were going to.
//!
//! The app says which requirements are unmet; what has been done meanwhile is looked at anew before each step. A step is a page whose
//! form carries the [`Way`](super::way::Way), does its own work, and ends with the way's answer.

use axum::extract::{Query, rejection::QueryRejection};
use serde::Deserialize;

use super::{
    asks, attempts, authenticator, certificate, factors, passkey, people, provider, recovery, signin,
    steps::{Able, Step, plan},
    terms,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{AppId, FlowId, Id},
    config::Provider,
    directory::{Grant, Guest, Session},
    identity::{Handover, Needs, Start},
    live::SessionView,
    policy::{Done, Need, Requirement},
    web::{Answer, Refusal, continue_to},
};

/// How somebody came to the portal's page, and what they would rather not do.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) arrived: Arrived,
    pub(super) not: Vec<Step>,
}

/// The query of `/account/confirm`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ConfirmQuery {
    #[serde(default)]
    way: String,
    #[serde(default)]
    not: String,
}

/// What a page that asks for a step shows beside it.
#[derive(Debug)]
pub(super) struct Around {
    /// The host that asks; empty: it is for the guest's own account.
    pub(super) app: String,
    /// What comes after this step.
    pub(super) after: Option<String>,
    /// The way on, for the form.
    pub(super) way: String,
    /// Where another step can be taken in place of this one.
    pub(super) other: Option<String>,
}

/// How a browser came to the portal's page: where it may be sent depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// By a link or a redirect of an app: it can be redirected to another host.
    ByLink,
    /// By a form of ours: the way to another host begins with a page.
    ByForm,
}

/// The steps as a sentence names them.
fn listed(visit: &Visit, steps: &[Step]) -> Option<String> {
    let names: Vec<String> = steps.iter().map(|step| visit.site.say(step.title()).to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| visit.site.voice.list(&names))
}

impl Arrived {
    /// As the query says.
    pub(super) fn by(via: &str) -> Self {
        if via == "form" { Self::ByForm } else { Self::ByLink }
    }
}

/// Where a signed-in guest goes next: to the first step that is left, or back to the app.
pub(super) async fn next(visit: &Visit, root: &SessionView, start: &Start, asked: Asked) -> Answer {
    let Ok(held) = factors::of(visit, root.guest.id).await else { return visit.unavailable() };
    let Ok(grants) = people::open_grants(visit, &root.guest).await else { return visit.unavailable() };
    let Some(lacking) = lacking(visit, root, start, &grants) else { return go_on(visit, root, start, asked.arrived).await };
    let ways: Vec<Vec<Vec<Need>>> = lacking.iter().map(|requirement| requirement.ways(&root.session.proofs)).collect();
    let able = Able {
        offered: &visit.config().identity,
        certificates: certificates(visit),
        factors: &held,
        proofs: &root.session.proofs,
        provider: at(visit, root),
        not: &asked.not,
    };
    // What somebody would rather not do is done after all where nothing else helps.
    let steps = plan(&ways, |need| able.meeting(need)).or_else(|| plan(&ways, |need| Able { not: &[], ..able }.meeting(need)));
    let Some(steps) = steps else { return beyond(visit, &lacking) };
    let Some((first, rest)) = with_what_comes_before(steps, able, root, visit).split_first().map(|(f, r)| (f.clone(), r.to_vec())) else {
        return go_on(visit, root, start, asked.arrived).await;
    };
    let not: Vec<Step> = asked.not.iter().chain([&first]).cloned().collect();
    let another = plan(&ways, |need| Able { not: &not, ..able }.meeting(need)).is_some();
    let words: Vec<&str> = not.iter().map(Step::word).collect();
    let sealed = start.seal(&visit.state.keys);
    let around = Around {
        app: asking(visit, &start.app),
        after: listed(visit, &rest),
        other: another.then(|| format!("/signin?start={sealed}&via=form&not={}", words.join(","))),
        way: sealed,
    };
    page(visit, root, Some(start), (&first, &around))
}

/// `GET /account/confirm`: shows again who it is before the guest's own factors can be changed.
pub(super) async fn confirm(visit: Visit, query: Result<Query<ConfirmQuery>, QueryRejection>) -> Answer {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let Some(root) = visit.root.clone() else { return visit.finish(Answer::see_other("/signin")) };
    let Ok(held) = factors::of(&visit, root.guest.id).await else { return visit.unavailable() };
    let way = Way::read(&visit, &query.way);
    let not = Step::read(&query.not);
    let able = Able {
        offered: &visit.config().identity,
        certificates: certificates(&visit),
        factors: &held,
        proofs: &root.session.proofs,
        provider: at(&visit, &root),
        not: &not,
    };
    let Some(step) = able.before(held.needed(&root.session, visit.now)) else { return way.answer(&visit) };
    let refused: Vec<Step> = not.iter().chain([&step]).cloned().collect();
    let another =
        Able { not: &refused, ..able }.before(held.needed(&root.session, visit.now)).is_some_and(|other| !refused.contains(&other));
    let words: Vec<&str> = refused.iter().map(Step::word).collect();
    let written = way.write(&visit.state.keys);
    let around = Around {
        app: String::new(),
        after: None,
        other: another.then(|| format!("/account/confirm?way={written}&not={}", words.join(","))),
        way: written,
    };
    page(&visit, &root, None, (&step, &around))
}

fn certificates(visit: &Visit) -> bool {
    visit.config().tls.certificate_host.is_some()
}

/// The requirements that are not met; `None`: nothing is asked any more that is known here.
fn lacking<'v>(visit: &'v Visit, root: &SessionView, start: &Start, grants: &[Grant]) -> Option<Vec<&'v Requirement>> {
    let Needs::More { policies, unmet } = start.needs else { return None };
    // Under other policies other things may be unmet: the app says which.
    let rules = visit.snapshot.policies_of(&start.app).filter(|_| visit.snapshot.policies.version() == policies)?;
    // What is of one app alone: that somebody let the guest in there, and the reason for using it.
    let approved = grants.iter().find(|g| g.app == start.app).and_then(|g| g.approved.as_ref()).map(|approved| approved.at);
    let done = Done { approved, justified: root.session.stated.contains_key(&start.app), ..root.done() };
    let lacking = rules.lacking(unmet, &done, visit.now);
    (!lacking.is_empty()).then_some(lacking)
}

/// The host that asks.
fn asking(visit: &Visit, app: &AppId) -> String {
    if app.is_admin() {
        return visit.config().portal.host.to_string();
    }
    visit.config().app(app).map_or_else(String::new, |app| app.host.to_string())
}

/// The provider that vouches for the guest's address.
fn at<'v>(visit: &'v Visit, root: &SessionView) -> Option<&'v Provider> {
    visit.config().identity.provider_of(&root.guest.email).map(AsRef::as_ref)
}

/// Steps that change what the guest has need something shown first.
fn with_what_comes_before(mut steps: Vec<Step>, able: Able<'_>, root: &SessionView, visit: &Visit) -> Vec<Step> {
    if matches!(steps.first(), Some(Step::AddPasskey | Step::AddAuthenticator))
        && let Some(before) = able.before(able.factors.needed(&root.session, visit.now))
    {
        steps.insert(0, before);
    }
    steps
}

/// Nothing that could be done here would help.
fn beyond(visit: &Visit, lacking: &[&Requirement]) -> Answer {
    let requirements: Vec<String> = lacking.iter().map(ToString::to_string).collect();
    visit.refuse(&Refusal::OutOfReach { policy: "", requirements: &requirements })
}

/// The page of a step.
fn page(visit: &Visit, root: &SessionView, start: Option<&Start>, (step, around): (&Step, &Around)) -> Answer {
    match (step, start) {
        (Step::Passkey, _) => passkey::step(visit, around),
        (Step::Totp, _) => authenticator::step(visit, around, None),
        (Step::Certificate, _) => certificate::step(visit, &root.guest.email, around),
        (Step::Provider, _) => provider::step(visit, &root.guest.email, around),
        (Step::EmailCode, _) => signin::step(visit, root, around),
        (Step::AddPasskey, _) => passkey::offer(visit, around, None),
        (Step::AddAuthenticator, _) => authenticator::offer(visit, root, around),
        (Step::Recovery, _) => recovery::step(visit, around, None),
        (Step::Terms(name), Some(start)) => terms::step(visit, root, name, start),
        (Step::Justification, Some(start)) => asks::justify_step(visit, start),
        (Step::Approval, Some(start)) => asks::approval_step(visit, start),
        // Only an app asks for these.
        (Step::Terms(_) | Step::Justification | Step::Approval, None) => visit.finish(Answer::see_other("/account")),
    }
}

impl Around {
    /// For a page that is shown again because its form was not right.
    pub(super) fn again(visit: &Visit, way: &Way, step: &Step) -> Self {
        let host = way.start().map(|start| asking(visit, &start.app));
        let written = way.write(&visit.state.keys);
        let other = match way {
            Way::App(_) => format!("/signin?start={written}&via=form&not={}", step.word()),
            Way::Home
            | Way::Admin
            | Way::Page(_)
            | Way::Open(_)
            | Way::Invitation(_)
            | Way::Account
            | Way::AddPasskey
            | Way::Landing(_)
            | Way::AddAuthenticator => {
                format!("/account/confirm?way={written}&not={}", step.word())
            }
        };
        Self { app: host.unwrap_or_default(), after: None, other: Some(other), way: written }
    }
}

/// Where a script takes the browser when a step is done.
pub(super) fn address(visit: &Visit, start: &Start) -> String {
    if visit.now < start.issued.plus(Start::LIFE) {
        return format!("/signin?start={}&via=form", start.seal(&visit.state.keys));
    }
    // It took so long that the app does not know any more what it asked for; it asks anew, and finds what was shown.
    let again = visit.config().app(&start.app).map(|app| format!("{}{}", visit.config().origin(&app.host), start.target));
    again.unwrap_or_else(|| "/".to_owned())
}

/// The address of a page of an app; of our first page, where there is no such app.
pub(super) fn page_of(visit: &Visit, app: &AppId, target: &str) -> String {
    visit.config().app(app).map_or_else(|| "/".to_owned(), |app| format!("{}{target}", visit.config().origin(&app.host)))
}

/// The page from which a browser goes on to an app that has not asked for it.
pub(super) fn open(visit: &Visit, app: &AppId, target: &str) -> Answer {
    // The app starts the way back here, since only it can bind that to this browser.
    let app = visit.config().app(app).map(|found| continue_to(&visit.site, &found.name, &page_of(visit, app, target)));
    visit.finish(app.unwrap_or_else(|| Answer::see_other("/")))
}

/// The answer to a form that has done its work: on to whatever is left.
pub(super) fn resume(visit: &Visit, start: &Start) -> Answer {
    let address = address(visit, start);
    let ours = address.starts_with('/');
    visit.finish(if ours { Answer::see_other(&address) } else { continue_to(&visit.site, &visit.site.name, &address) })
}

/// The page from which a signed-in browser goes on to the app. `None`: there is no such app any more.
pub(super) fn hand_over(visit: &Visit, session: &Session, start: &Start, grants: &[Grant]) -> Option<Answer> {
    let app = visit.config().app(&start.app)?;
    let name = if grants.iter().any(|g| g.app == app.id) { app.name.clone() } else { app.host.to_string() };
    Some(continue_to(&visit.site, &name, &callback(visit, session, start)?))
}

/// Back to the app, unless the browser has been sent there in vain too often. Where somebody has just done something, it was not in vain.
async fn go_on(visit: &Visit, root: &SessionView, start: &Start, arrived: Arrived) -> Answer {
    let vain = match arrived {
        Arrived::ByLink => attempts::goes_round(visit, start.app.as_str(), &start.target).await,
        Arrived::ByForm => Ok(false),
    };
    match vain {
        Ok(false) => {}
        Ok(true) => return rounds(visit, &root.guest, &root.session, start).await,
        Err(_) => return visit.unavailable(),
    }
    // The members' own pages are on this host: there is nothing to hand over.
    if start.app.is_admin() {
        return visit.finish(Answer::see_other(&start.target));
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
        visit.site.say("rounds-signed-in").with("address", &guest.email).with("since", root.signed_in.max(root.created)).to_string(),
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
