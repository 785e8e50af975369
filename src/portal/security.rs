//! The part of the account page about passkeys, the authenticator app and recovery codes: what there is, and changing it.

use askama::Template;
use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
};
use serde::Deserialize;

use super::{
    authenticator::NewQuery,
    factors,
    home::ACCOUNT_FORM,
    passkey,
    people::{self, Failed},
    signin,
    steps::Step,
    stepup::Around,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{PasskeyId, Timestamp},
    directory::{Factors, MOST_PASSKEYS, Passkey, Refusal as Refused, Session},
    web::{Answer, Refusal, Site, mail, render},
};

/// The part of the account page, rendered.
#[derive(Template)]
#[template(path = "account_factors.html")]
struct Part<'p> {
    site: &'p Site,
    passkeys: Vec<Line<'p>>,
    more_passkeys: bool,
    app: Option<Timestamp>,
    add_app: bool,
    codes: usize,
    has_factors: bool,
    confirm: bool,
    token: &'p str,
}

struct Line<'p> {
    id: PasskeyId,
    name: &'p str,
    created: Timestamp,
    used: Timestamp,
}

/// A button beside a passkey.
#[derive(Debug, Deserialize)]
pub(super) struct PasskeyForm {
    token: String,
    passkey: String,
    #[serde(default)]
    name: String,
}

/// What the account page says about factors; empty where none are offered.
pub(super) fn part(visit: &Visit, session: &Session, held: &Factors, token: &str) -> String {
    let offered = &visit.config().identity;
    render(&Part {
        site: &visit.site,
        passkeys: held.passkeys.iter().map(line).collect(),
        more_passkeys: offered.passkeys && held.passkeys.len() < MOST_PASSKEYS,
        app: held.authenticator.as_ref().map(|app| app.created),
        add_app: offered.totp && held.authenticator.is_none(),
        codes: held.recovery.len(),
        has_factors: !held.is_empty(),
        confirm: held.needed(session, visit.now).is_some(),
        token,
    })
}

fn line(passkey: &Passkey) -> Line<'_> {
    let used = passkey.last_used.unwrap_or(passkey.created);
    Line { id: passkey.id, name: &passkey.name, created: passkey.created, used }
}

/// `GET /account/passkeys/new`.
pub(super) async fn new_passkey(visit: Visit, query: Result<Query<NewQuery>, QueryRejection>) -> Result<Answer, Answer> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let held = factors::of(&visit, root.guest.id).await.map_err(|_| visit.unavailable())?;
    if !visit.config().identity.passkeys || held.passkeys.len() >= MOST_PASSKEYS {
        return Ok(visit.finish(Answer::see_other("/account")));
    }
    if held.needed(&root.session, visit.now).is_some() {
        return Ok(visit.finish(Answer::see_other("/account/confirm?way=add-passkey")));
    }
    let way = if query.way.is_empty() { Way::Account } else { Way::read(&visit, &query.way) };
    let around = Around { other: None, ..Around::again(&visit, &way, &Step::AddPasskey) };
    Ok(passkey::offer(&visit, &around, Some(("/account".to_owned(), "add-back"))))
}

/// `POST /account/passkeys/rename`.
pub(super) async fn rename(visit: Visit, sent: Result<Form<PasskeyForm>, FormRejection>) -> Result<Answer, Answer> {
    let (sent, id) = read(&visit, sent)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    for _ in 0..people::TRIES {
        let guest = visit.state.store.guest(root.guest.id).await.map_err(|_| visit.unavailable())?;
        let Some(guest) = guest else { break };
        let held = factors::of(&visit, guest.id).await.map_err(|_| visit.unavailable())?;
        let proposal = match held.rename_passkey(&visit.occasion(), &guest, id, &sent.name) {
            Ok(proposal) => proposal,
            Err(refusal) => return changed(&visit, Err(refusal.into())),
        };
        match people::commit(&visit, proposal).await {
            Ok(Some(_)) => return changed(&visit, Ok(())),
            Ok(None) => {}
            Err(cause) => return changed(&visit, Err(cause.into())),
        }
    }
    Err(visit.unavailable())
}

/// `POST /account/passkeys/remove`.
pub(super) async fn remove(visit: Visit, sent: Result<Form<PasskeyForm>, FormRejection>) -> Result<Answer, Answer> {
    let (_, id) = read(&visit, sent)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let sessions = visit.state.store.sessions_of(root.guest.id).await.map_err(|_| visit.unavailable())?;
    let letter = mail::factor_removed(&visit.site, mail::FactorNamed::Passkey, visit.now, visit.peer.ip);
    let removed = factors::change(&visit, &root.guest, letter, |o, held, by| {
        held.remove_passkey(o, by, id, &sessions).map(|proposal| ((), proposal))
    });
    changed(&visit, removed.await)
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn read(visit: &Visit, sent: Result<Form<PasskeyForm>, FormRejection>) -> Result<(PasskeyForm, PasskeyId), Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let id = sent.passkey.parse().map_err(|_| visit.refuse(&Refusal::BadRequest { detail: "This is no passkey." }))?;
    Ok((sent, id))
}

/// Back to the account, or first to show again who it is.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
pub(super) fn changed(visit: &Visit, done: Result<(), Failed>) -> Result<Answer, Answer> {
    match done {
        Err(Failed::Refused(Refused::Unproved)) => Ok(visit.finish(Answer::see_other("/account/confirm?way=account"))),
        // Somebody pressed twice, or in two windows: what they wanted is so already.
        Ok(()) | Err(Failed::Refused(Refused::NothingToDo | Refused::TooMany | Refused::Senseless)) => {
            Ok(visit.finish(Answer::see_other("/account")))
        }
        Err(failure) => Err(signin::failed(visit, &failure)),
    }
}
