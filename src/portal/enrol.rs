//! A member's one-time link: it leads to a passkey, and is used up once the passkey is there. Opening it changes nothing.

use askama::Template;
use axum::{Json, extract::Path, extract::rejection::JsonRejection};
use http::StatusCode;

use super::{
    device, factors,
    passkey::{self, Ask, Ceremony, Fresh, PASSKEY_FORM},
    people::{self, Failed, TRIES},
    redeem,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Digest, GuestId, Id as _, MailId, Timestamp},
    directory::{Factors, Guest, Proven, Refusal as Refused},
    identity::{Making, Owner, Purpose},
    store::StoreError,
    web::{Answer, MEMBER_LINK_PREFIX, Site, actor_of, mail, render},
};

#[derive(Template)]
#[template(path = "enrol.html")]
struct Page<'p> {
    site: &'p Site,
    email: &'p str,
    path: String,
    machine: &'static str,
    expires: Timestamp,
    token: String,
}

/// A link that works now, and whose it is.
struct Found {
    member: Guest,
    held: Factors,
    token: Digest,
}

/// `GET /enrol/{token}`.
pub(super) async fn show(visit: Visit, Path(link): Path<String>) -> Result<Answer, Answer> {
    let Some(found) = find(&visit, &link).await.map_err(|_| visit.unavailable())? else { return Ok(gone(&visit)) };
    let page = Page {
        site: &visit.site,
        email: found.member.email.as_str(),
        path: format!("{MEMBER_LINK_PREFIX}{link}"),
        machine: passkey::machine_of(&visit),
        expires: found.held.enrolment.as_ref().map_or(visit.now, |link| link.expires),
        token: visit.form_token(PASSKEY_FORM),
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// `POST /enrol/{token}/question`.
pub(super) async fn ask(visit: Visit, Path(link): Path<String>, sent: Result<Json<Ask>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| passkey::unreadable(&visit))?;
    passkey::check(&visit, &sent.token)?;
    let Found { member, held, .. } = found(&visit, &link).await?;
    let known: Vec<&str> = held.passkeys.iter().map(|passkey| passkey.credential.as_str()).collect();
    let owner = Owner { guest: member.id, email: member.email.as_str(), name: member.name.as_deref() };
    let (question, state) = passkey::party(&visit)?.make(owner, &known).map_err(|_| passkey::not_taken(&visit))?;
    Ok(passkey::questioned(&visit, &question, Purpose::PasskeyMaking, (Some(member.id), state)))
}

/// `POST /enrol/{token}`: the passkey is there, and the member is signed in by it.
pub(super) async fn add(visit: Visit, Path(link): Path<String>, sent: Result<Json<Fresh>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| passkey::unreadable(&visit))?;
    passkey::check(&visit, &sent.token)?;
    let ceremony: Ceremony<Making> = passkey::open(&visit, Purpose::PasskeyMaking, &sent.state).await?;
    let Found { member, token, .. } = found(&visit, &link).await?;
    if ceremony.guest != Some(member.id) {
        return Err(passkey::not_taken(&visit));
    }
    let credential = passkey::party(&visit)?.made(&sent.answer, &ceremony.state).map_err(|error| {
        tracing::info!(error = crate::observe::causes(&error), "a new passkey was refused");
        passkey::not_taken(&visit)
    })?;
    let proven = enrol(&visit, (&member, &token), (&sent.name, credential)).await.map_err(|failure| match failure {
        Failed::Refused(Refused::TooMany) => passkey::refused(&visit, StatusCode::CONFLICT, "passkey-too-many"),
        Failed::Refused(_) => passkey::refused(&visit, StatusCode::CONFLICT, "enrol-gone-why"),
        Failed::Unavailable(_) => visit.unavailable(),
    })?;
    tracing::warn!(member = %member.id, "a member has added a passkey by a one-time link");
    let known = device::known(&visit, member.id);
    let session = people::sign_in(&visit, &member, proven, None, known.as_ref()).await;
    passkey::done(&visit, &member, session, &onward(&visit, &member))
}

/// To the members' own pages, where there are any for this one.
fn onward(visit: &Visit, member: &Guest) -> Way {
    if actor_of(visit.config(), member).is_some() { Way::Admin } else { Way::Account }
}

/// Uses the link up: of two who come at once, one is late.
async fn enrol(visit: &Visit, (member, token): (&Guest, &Digest), (name, credential): (&str, String)) -> Result<Proven, Failed> {
    let letter = mail::factor_added(&visit.site, mail::FactorNamed::Passkey, visit.now, visit.peer.ip);
    for _ in 0..TRIES {
        let member = visit.state.store.guest(member.id).await?.ok_or(Refused::Removed)?;
        let held = factors::of(visit, member.id).await?;
        let mail = letter.clone().to(MailId::random(visit.state.entropy.as_ref()), member.email.clone());
        let (proven, proposal) = held.enrol_passkey(&visit.occasion(), (&member, token), (name, credential.clone()), mail)?;
        if let Some(revision) = people::commit(visit, proposal).await? {
            people::caught_up(visit, revision).await;
            return Ok(proven);
        }
    }
    Err(StoreError::Conflict.into())
}

/// The link, for a script.
async fn found(visit: &Visit, link: &str) -> Result<Found, Answer> {
    let found = find(visit, link).await.map_err(|_| visit.unavailable())?;
    found.ok_or_else(|| passkey::refused(visit, StatusCode::CONFLICT, "enrol-gone-why"))
}

/// Whose link it is, while it works and its owner is a member.
async fn find(visit: &Visit, link: &str) -> Result<Option<Found>, StoreError> {
    let Some((id, secret)) = link.split_once('.') else { return Ok(None) };
    let Ok(id) = id.parse::<GuestId>() else { return Ok(None) };
    let token = Digest::of(secret.as_bytes());
    let Some(member) = visit.state.store.guest(id).await? else { return Ok(None) };
    let held = factors::of(visit, id).await?;
    let works = held.must_enrol(&member, &token, visit.now).is_ok() && visit.config().welcomes(member.kind, &member.email);
    Ok(works.then_some(Found { member, held, token }))
}

/// Never there, used, or too old: nobody learns which.
fn gone(visit: &Visit) -> Answer {
    redeem::notice(
        visit,
        StatusCode::NOT_FOUND,
        "enrol-gone-title",
        &["enrol-gone-why", "enrol-gone-next"],
        Some(("/signin", "sign-in-button")),
    )
}
