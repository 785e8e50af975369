//! What guests do with their own account: take along everything that is held about them, and leave. Both want to be sure that it is they
//! who sit there now.

use askama::Template;
use axum::{Form, extract::rejection::FormRejection};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{factors, home::ACCOUNT_FORM, people, redeem, signin, visit::Visit};
use crate::{
    base::{Digest, EmailAddress, Id as _, Kind, MailId, Span},
    directory::{Actor, ExportGuest, Grant, Guest, Holdings, OutgoingMail, Refusal as Refused, RemoveGuest, Target, may},
    live::SessionView,
    store::{Counted, Counter, Limit},
    web::{Answer, Cookies, Refusal, Site, clear_cookie, dossier, mail, render},
};

/// So many files an hour: each reads everything.
const EXPORTS: u32 = 5;
/// The first step to confirm who it is.
const CONFIRM: &str = "/account/confirm?way=account";

/// A button that needs nothing but its token.
#[derive(Debug, Deserialize)]
pub(super) struct OwnForm {
    token: String,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct Page<'p> {
    site: &'p Site,
    apps: Option<String>,
    token: String,
}

/// What the account page says about it.
#[derive(Template)]
#[template(path = "account_own.html")]
struct Part<'p> {
    site: &'p Site,
    leaves: bool,
    token: &'p str,
}

/// The part of the account page.
pub(super) fn part(visit: &Visit, guest: &Guest, token: &str) -> String {
    render(&Part { site: &visit.site, leaves: guest.kind == Kind::Guest, token })
}

/// `POST /account/export`: everything that is held about the guest, as a file.
pub(super) async fn export(visit: Visit, sent: Result<Form<OwnForm>, FormRejection>) -> Result<Answer, Answer> {
    let root = match sure(&visit, sent).await? {
        Ok(root) => root,
        Err(answer) => return Ok(answer),
    };
    let store = &visit.state.store;
    let counter = Counter::Other(Digest::of(format!("export\0{}", root.guest.id).as_bytes()));
    let limit = Limit { at_most: EXPORTS, window: Span::hours(1), now: visit.now };
    if let Counted::Exceeded { until } = store.count(counter, limit).await.map_err(|_| visit.unavailable())? {
        let wait = u32::try_from(until.since(visit.now).as_secs()).unwrap_or(u32::MAX);
        return Err(visit.refuse(&Refusal::TooMany { retry_after: wait }));
    }
    let done = people::persist(&visit, || async {
        let guest = store.guest(root.guest.id).await?.ok_or(Refused::Removed)?;
        let warrant = may::<ExportGuest>(&as_guest(&guest), Target::Guest(&guest, &[])).map_err(|_| Refused::Unwarranted)?;
        Ok(guest.exported(&visit.occasion(), &warrant)?)
    });
    done.await.map_err(|failure| signin::failed(&visit, &failure))?;
    let held = dossier(&**store, &root.guest, visit.now).await.map_err(|_| visit.unavailable())?;
    tracing::info!(guest = %root.guest.id, "everything about a guest was taken along");
    let body = serde_json::to_string_pretty(&held).unwrap_or_default();
    let name = format!("attachment; filename=\"{}.json\"", visit.config().portal.host);
    Ok(visit.finish(Answer::json(StatusCode::OK, "application/json", body).with(header::CONTENT_DISPOSITION, &name)))
}

/// `GET /account/leave`: what leaving means.
pub(super) async fn ask(visit: Visit) -> Result<Answer, Answer> {
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    may_leave(&visit, &root.guest)?;
    let grants = people::open_grants(&visit, &root.guest).await.map_err(|_| visit.unavailable())?;
    let names = names(&visit, &grants);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let apps = (!names.is_empty()).then(|| visit.site.voice.list(&names));
    let page = Page { site: &visit.site, apps, token: visit.form_token(ACCOUNT_FORM) };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// `POST /account/leave`.
pub(super) async fn leave(visit: Visit, sent: Result<Form<OwnForm>, FormRejection>) -> Result<Answer, Answer> {
    let root = match sure(&visit, sent).await? {
        Ok(root) => root,
        Err(answer) => return Ok(answer),
    };
    may_leave(&visit, &root.guest)?;
    let store = &visit.state.store;
    let done = people::persist(&visit, || async {
        let guest = store.guest(root.guest.id).await?.ok_or(Refused::Removed)?;
        let grants = store.grants_of(guest.id).await?;
        let sessions = store.sessions_of(guest.id).await?;
        let factors = store.factors(guest.id).await?;
        let warrant = may::<RemoveGuest>(&as_guest(&guest), Target::Guest(&guest, &grants)).map_err(|_| Refused::Unwarranted)?;
        let holdings = Holdings { grants: &grants, sessions: &sessions, factors: factors.as_ref() };
        Ok(guest.leave(&visit.occasion(), &warrant, holdings, letters(&visit, &guest, &grants))?.1)
    });
    done.await.map_err(|failure| signin::failed(&visit, &failure))?;
    tracing::info!(guest = %root.guest.id, "a guest has left");
    let line = visit.site.say("left-line").with("site", &visit.site.name).with("address", &root.guest.email).to_string();
    let page = redeem::told(&visit, StatusCode::OK, "left-title", &[line], None);
    Ok(page.with(header::SET_COOKIE, &clear_cookie(Cookies::SESSION)))
}

/// The guest is told, and whoever is responsible: the sponsor, or else the owners of what the guest could use.
fn letters(visit: &Visit, guest: &Guest, grants: &[Grant]) -> Vec<OutgoingMail> {
    let config = visit.config();
    let open: Vec<&Grant> = grants.iter().filter(|grant| grant.is_in_force(visit.now)).collect();
    let mut told: Vec<EmailAddress> = guest.sponsor.iter().filter(|sponsor| config.is_member(sponsor)).cloned().collect();
    if told.is_empty() {
        told = open.iter().filter_map(|grant| config.app(&grant.app)).flat_map(|app| app.owners.clone()).collect();
        told.sort_unstable();
        told.dedup();
    }
    let names: Vec<String> = open.iter().filter_map(|grant| config.app(&grant.app)).map(|app| app.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Members are written to in the language of the house.
    let house = Site::of(config, &visit.snapshot.languages);
    let id = || MailId::random(visit.state.entropy.as_ref());
    let own = mail::you_left(&visit.site, visit.now, visit.peer.ip).to(id(), guest.email.clone());
    let others = told.into_iter().map(|to| mail::guest_left(&house, &guest.email, &names).to(id(), to));
    std::iter::once(own).chain(others).collect()
}

/// Members belong to the organisation; they do not leave it here.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn may_leave(visit: &Visit, guest: &Guest) -> Result<(), Answer> {
    if guest.kind == Kind::Guest { Ok(()) } else { Err(visit.refuse(&Refusal::NotFound)) }
}

/// Who sits there, if it was shown just now; else the way to show it.
async fn sure(visit: &Visit, sent: Result<Form<OwnForm>, FormRejection>) -> Result<Result<std::sync::Arc<SessionView>, Answer>, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(Err(visit.finish(Answer::see_other("/signin")))) };
    let held = factors::of(visit, root.guest.id).await.map_err(|_| visit.unavailable())?;
    Ok(match held.needed(&root.session, visit.now) {
        None => Ok(root),
        Some(_) => Err(visit.finish(Answer::see_other(CONFIRM))),
    })
}

fn as_guest(guest: &Guest) -> Actor {
    Actor::Guest { id: guest.id, email: guest.email.clone() }
}

fn names(visit: &Visit, grants: &[Grant]) -> Vec<String> {
    grants.iter().filter_map(|grant| visit.config().app(&grant.app)).map(|app| app.name.clone()).collect()
}
