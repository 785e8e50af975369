//! Who I am here, where I am signed in, and signing out.

use askama::Template;
use axum::{Form, extract::rejection::FormRejection};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{factors, home::ACCOUNT_FORM, own, people, security, signin, terms, visit::Visit};
use crate::{
    base::{SessionId, Timestamp},
    directory::{Audience, Invitation, InvitationState, Session},
    web::{Answer, Cookies, Refusal, Site, clear_cookie, device_name, render},
};

/// The form behind every button of the account page.
#[derive(Debug, Deserialize)]
pub(super) struct SignOutForm {
    token: String,
    #[serde(default)]
    everywhere: String,
}

/// The form that ends one session.
#[derive(Debug, Deserialize)]
pub(super) struct EndForm {
    token: String,
    session: String,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'p> {
    site: &'p Site,
    email: &'p str,
    name: Option<&'p str>,
    accepted: Vec<String>,
    terms: Vec<terms::AcceptedLine>,
    sessions: Vec<Line>,
    factors: String,
    own: String,
    token: String,
}

struct Line {
    id: SessionId,
    title: String,
    /// The apps that are open in it.
    apps: Option<String>,
    since: Timestamp,
    last: Timestamp,
    place: String,
}

/// `GET /account`.
pub(super) async fn show(visit: Visit) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let store = &visit.state.store;
    let sessions = store.sessions_of(root.guest.id).await.map_err(|_| visit.unavailable())?;
    let invitations = store.invitations_for(&root.guest.email).await.map_err(|_| visit.unavailable())?;
    let held = factors::of(&visit, root.guest.id).await.map_err(|_| visit.unavailable())?;
    let token = visit.form_token(ACCOUNT_FORM);
    let page = Page {
        site: &visit.site,
        email: root.guest.email.as_str(),
        name: root.guest.name.as_deref(),
        accepted: invitations.iter().filter_map(|invitation| accepted(&visit, invitation)).collect(),
        terms: terms::accepted(&visit, &root.guest),
        sessions: roots(&visit, &sessions).map(|session| line(&visit, session, &sessions)).collect(),
        factors: security::part(&visit, &root.session, &held, &token),
        own: own::part(&visit, &root.guest, &token),
        token,
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

fn roots<'s>(visit: &Visit, sessions: &'s [Session]) -> impl Iterator<Item = &'s Session> {
    let now = visit.now;
    sessions.iter().filter(move |s| s.audience == Audience::Portal && s.is_live(now))
}

fn line(visit: &Visit, root: &Session, all: &[Session]) -> Line {
    let children: Vec<&Session> = all.iter().filter(|s| s.root == Some(root.id) && s.is_live(visit.now)).collect();
    let open = children.iter().filter_map(|s| visit.config().app(s.app()?)).map(|app| app.name.as_str());
    let open: Vec<&str> = open.collect();
    let device = device_name(&visit.site, &root.origin.user_agent);
    let title = match (visit.root_id() == Some(root.id), device) {
        (true, Some(device)) => format!("{}: {device}", visit.site.say("account-here")),
        (true, None) => visit.site.say("account-here").to_string(),
        (false, Some(device)) => device,
        (false, None) => visit.site.say("account-elsewhere").to_string(),
    };
    Line {
        id: root.id,
        title,
        apps: (!open.is_empty()).then(|| visit.site.voice.list(&open)),
        since: root.created,
        last: children.iter().map(|s| s.last_seen).fold(root.last_seen, Timestamp::max),
        place: root.origin.ip.to_string(),
    }
}

fn accepted(visit: &Visit, invitation: &Invitation) -> Option<String> {
    let InvitationState::Redeemed { at } = invitation.state else { return None };
    let apps: Vec<&str> = invitation.offers.iter().filter_map(|o| visit.config().app(&o.app)).map(|app| app.name.as_str()).collect();
    let apps = visit.site.voice.list(&apps);
    Some(match &invitation.invited_by {
        Some(by) => visit.site.say("account-accepted-from").with("apps", apps).with("inviter", by).with("at", at).to_string(),
        None => visit.site.say("account-accepted").with("apps", apps).with("at", at).to_string(),
    })
}

/// `POST /signout`: here, or everywhere.
pub(super) async fn sign_out(visit: Visit, sent: Result<Form<SignOutForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    if let Some(root) = visit.root.clone() {
        let done = if sent.everywhere.is_empty() {
            people::sign_out(&visit, root.session.id).await
        } else {
            people::sign_out_everywhere(&visit, &root.guest).await
        };
        done.map_err(|failure| signin::failed(&visit, &failure))?;
        tracing::info!(guest = %root.guest.id, session = %root.session.id, "signed out");
    }
    Ok(signed_out(&visit))
}

/// `POST /account/sessions/end`: one of the guest's own browsers.
pub(super) async fn end(visit: Visit, sent: Result<Form<EndForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let id: SessionId = sent.session.parse().map_err(|_| visit.refuse(&Refusal::BrokenForm))?;
    let named = visit.state.store.session(id).await.map_err(|_| visit.unavailable())?;
    // Somebody else's session and none at all are answered alike.
    if named.is_some_and(|session| session.guest == root.guest.id) {
        people::sign_out(&visit, id).await.map_err(|failure| signin::failed(&visit, &failure))?;
    }
    Ok(if id == root.session.id { signed_out(&visit) } else { visit.finish(Answer::see_other("/account")) })
}

/// `POST /account/sessions/others`: every browser of the guest's but this one.
pub(super) async fn end_others(visit: Visit, sent: Result<Form<SignOutForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    people::sign_out_elsewhere(&visit, &root.guest, root.session.id).await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(guest = %root.guest.id, session = %root.session.id, "signed out everywhere else");
    Ok(visit.finish(Answer::see_other("/account")))
}

fn signed_out(visit: &Visit) -> Answer {
    visit.finish(Answer::see_other("/signin").with(header::SET_COOKIE, &clear_cookie(Cookies::SESSION)))
}
