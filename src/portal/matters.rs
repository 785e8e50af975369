//! What others ask for, on the page that a mail leads to: the link names the matter and proves nothing, so whoever decides does it in a
//! session of their own.

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::StatusCode;
use serde::Deserialize;

use super::{filing::desk, people, redeem, signin, visit::Visit};
use crate::{
    base::{AppId, EmailAddress, GrantId, Id as _, MailId, RequestId, Timestamp},
    directory::{
        Actor, DecideRequest, GrantEdit, Guest, ManageGrants, OutgoingMail, Refusal as Refused, Request, RequestKind, RequestState, Target,
        may,
    },
    language::{Said, Wanted},
    web::{Answer, Refusal, Site, actor_of, mail, render},
};

/// The use of the form token on these pages.
const DECIDE_FORM: &str = "decide";
/// The longest answer to whoever asked, in characters.
const LONGEST_MESSAGE: usize = 500;

/// What somebody decides.
#[derive(Debug, Deserialize)]
pub(super) struct DecideForm {
    token: String,
    decision: String,
    #[serde(default)]
    message: String,
}

#[derive(Template)]
#[template(path = "matter.html")]
struct Page<'p> {
    site: &'p Site,
    title: String,
    app: &'p str,
    facts: Vec<(String, String)>,
    /// Where the forms go, and with which token; `None`: there is nothing to decide.
    decide: Option<(String, String)>,
    yes: &'p str,
    deniable: bool,
    about: Option<String>,
}

/// `GET /requests/{id}`.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Answer, Answer> {
    let (request, _) = match mine(&visit, &id).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    Ok(page(&visit, &request))
}

/// `POST /requests/{id}`: the decision.
pub(super) async fn decide(visit: Visit, Path(id): Path<String>, sent: Result<Form<DecideForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, DECIDE_FORM)?;
    let (request, actor) = match mine(&visit, &id).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let message: String = sent.message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_MESSAGE).collect();
    let message = Some(message).filter(|m| !m.is_empty());
    let grants = match sent.decision.as_str() {
        "approve" => true,
        "deny" => false,
        _ => return Err(visit.refuse(&Refusal::BadRequest { detail: "Approve or deny." })),
    };
    let done = people::persist(&visit, || async {
        let request = visit.state.store.request(request.id).await?.ok_or(Refused::Expired)?;
        let warrant = may::<DecideRequest>(&actor, Target::Request(&request)).map_err(|_| Refused::Unwarranted)?;
        let desk = desk(&visit);
        let (_, proposal) =
            if grants { desk.approve(&request, &warrant, None).await? } else { desk.deny(&request, &warrant, message.clone())? };
        Ok(proposal)
    });
    done.await.map_err(|failure| signin::failed(&visit, &failure))?;
    Ok(visit.finish(Answer::see_other(&format!("/requests/{id}"))))
}

/// The request and who looks at it, if it is theirs to decide. Nobody else learns whether there is one.
async fn mine(visit: &Visit, id: &str) -> Result<Result<(Request, Actor), Answer>, Answer> {
    let member = visit.root.as_ref().and_then(|root| actor_of(visit.config(), &root.guest));
    let Some(actor) = member else { return Ok(Err(signed_out(visit, &format!("/requests/{id}")))) };
    let Ok(id) = id.parse::<RequestId>() else { return Err(visit.refuse(&Refusal::NotFound)) };
    let found = visit.state.store.request(id).await.map_err(|_| visit.unavailable())?;
    let theirs = found.filter(|request| may::<DecideRequest>(&actor, Target::Request(request)).is_ok());
    match theirs {
        Some(request) => Ok(Ok((request, actor))),
        None => Err(visit.refuse(&Refusal::NotFound)),
    }
}

/// The same for every matter, there or not: the link proves nothing.
fn signed_out(visit: &Visit, page: &str) -> Answer {
    let lines = ["decide-sign-in-why", "decide-sign-in-next"];
    // Whoever has signed in comes back here; what cannot be an id leads to the first page.
    let to: String = page.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/')).take(128).collect();
    redeem::notice(visit, StatusCode::OK, "decide-sign-in-title", &lines, Some((&format!("/signin?to=at:{to}"), "sign-in-button")))
}

fn page(visit: &Visit, request: &Request) -> Answer {
    let app = visit.config().app(&request.app).map_or_else(|| request.app.to_string(), |app| app.name.clone());
    let site = &visit.site;
    let who = request.name.clone().unwrap_or_else(|| request.email.to_string());
    let title = match request.kind {
        RequestKind::SignUp | RequestKind::Access => site.say("decide-access"),
        RequestKind::Extension => site.say("decide-time"),
        RequestKind::Approval => site.say("decide-approval"),
    };
    let mut facts = vec![
        (site.say("decide-address").to_string(), request.email.to_string()),
        (site.say("decide-asked").to_string(), site.voice.moment(request.created)),
    ];
    facts.extend(request.reason.as_ref().map(|reason| (site.say("decide-reason").to_string(), reason.clone())));
    facts.extend(request.answers.iter().filter(|a| !a.value.is_empty()).map(|a| (a.label.clone(), a.value.clone())));
    facts.extend(request.endowment.attributes.iter().map(|(name, values)| (name.clone(), values.join(", "))));
    let undecided = request.is_undecided(visit.now);
    let about = match &request.state {
        RequestState::Approved { at, by } => Some(decided(site, site.say("decide-granted"), *at, by.as_ref())),
        RequestState::Denied { at, by, .. } => Some(decided(site, site.say("decide-denied"), *at, by.as_ref())),
        RequestState::Withdrawn { at } => Some(site.say("decide-withdrawn").with("at", *at).to_string()),
        RequestState::Open | RequestState::Checking { .. } => (!undecided).then(|| site.say("decide-late").to_string()),
    };
    let page = Page {
        site,
        title: title.with("who", who).to_string(),
        app: &app,
        facts,
        decide: undecided.then(|| (format!("/requests/{}", request.id), visit.form_token(DECIDE_FORM))),
        yes: "decide-yes",
        deniable: true,
        about,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

fn decided(site: &Site, what: Said<'_>, at: Timestamp, by: Option<&EmailAddress>) -> String {
    match by {
        Some(by) => what.with("at", at).with("by", by),
        None => what.with("at", at).with("by", site.say("decide-by-nobody")),
    }
    .to_string()
}

/// `GET /grants/{id}`: an access that ends soon, for whoever may make it last longer.
pub(super) async fn ending(visit: Visit, Path(id): Path<String>) -> Result<Answer, Answer> {
    let (grant, guest) = match theirs(&visit, &id).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let app = visit.config().app(&grant.app).map_or_else(|| grant.app.to_string(), |app| app.name.clone());
    let site = &visit.site;
    let until = site.voice.moment(grant.until.unwrap_or(Timestamp::NEVER));
    let page = Page {
        site,
        title: site.say("decide-grant-of").with("who", &guest.email).to_string(),
        app: &app,
        facts: vec![(site.say("decide-address").to_string(), guest.email.to_string()), (site.say("decide-ends").to_string(), until)],
        decide: (grant.is_active() && grant.until.is_some()).then(|| (format!("/grants/{id}"), visit.form_token(DECIDE_FORM))),
        yes: "decide-longer",
        deniable: false,
        about: (!grant.is_active()).then(|| site.say("decide-ended").to_string()),
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// `POST /grants/{id}`: it lasts longer.
pub(super) async fn extend(visit: Visit, Path(id): Path<String>, sent: Result<Form<DecideForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, DECIDE_FORM)?;
    let (grant, _) = match theirs(&visit, &id).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let span = visit.config().invitations.access_for;
    let member = visit.root.as_ref().and_then(|root| actor_of(visit.config(), &root.guest));
    let actor = member.ok_or_else(|| visit.refuse(&Refusal::NotFound))?;
    let done = people::persist(&visit, || async {
        let grant = visit.state.store.grant(grant.id).await?.ok_or(Refused::Revoked)?;
        let guest = visit.state.store.guest(grant.guest).await?.ok_or(Refused::Removed)?;
        let warrant = may::<ManageGrants>(&actor, Target::GrantOf(&grant, &guest)).map_err(|_| Refused::Unwarranted)?;
        let until = grant.until.map(|until| until.max(visit.now).plus(span));
        let edit = GrantEdit { role: None, until: Some(until) };
        let (_, proposal) = grant.change(&visit.occasion(), &warrant, edit)?;
        Ok(match until {
            Some(until) => proposal.with_mail(longer(&visit, &guest, &grant.app, until)),
            None => proposal,
        })
    });
    done.await.map_err(|failure| signin::failed(&visit, &failure))?;
    Ok(visit.finish(Answer::see_other(&format!("/grants/{id}"))))
}

/// The guest learns that it lasts longer, in the guest's language.
fn longer(visit: &Visit, guest: &Guest, app: &AppId, until: Timestamp) -> OutgoingMail {
    let name = visit.config().app(app).map_or(app.as_str(), |app| app.name.as_str());
    let site = visit.site.speaking(&Wanted { own: guest.language.as_deref(), ..Wanted::default() });
    mail::lasts_longer(&site, name, until).to(MailId::random(visit.state.entropy.as_ref()), guest.email.clone())
}

async fn theirs(visit: &Visit, id: &str) -> Result<Result<(crate::directory::Grant, Guest), Answer>, Answer> {
    let member = visit.root.as_ref().and_then(|root| actor_of(visit.config(), &root.guest));
    let Some(actor) = member else { return Ok(Err(signed_out(visit, &format!("/grants/{id}")))) };
    let missing = || visit.refuse(&Refusal::NotFound);
    let id: GrantId = id.parse().map_err(|_| missing())?;
    let grant = visit.state.store.grant(id).await.map_err(|_| visit.unavailable())?.ok_or_else(missing)?;
    let guest = visit.state.store.guest(grant.guest).await.map_err(|_| visit.unavailable())?.ok_or_else(missing)?;
    let may = may::<ManageGrants>(&actor, Target::GrantOf(&grant, &guest)).is_ok();
    may.then_some(Ok((grant, guest))).ok_or_else(missing)
}
