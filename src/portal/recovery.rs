//! Recovery codes: shown once, used once each, for whoever has neither passkey nor authenticator app at hand.

use askama::Template;
use axum::{Form, extract::rejection::FormRejection};
use http::StatusCode;
use serde::Deserialize;

use super::{
    attempts::{self, Attempt},
    authenticator::{CODE_FORM, CodeForm, done},
    factors,
    home::ACCOUNT_FORM,
    people::Failed,
    security::changed,
    signin,
    steps::Step,
    stepup::Around,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Factor, Id, MailId},
    directory::Refusal as Refused,
    identity::RecoveryCode,
    observe::SignInResult,
    web::{Answer, Site, mail, render},
};

/// A button of the account page.
#[derive(Debug, Deserialize)]
pub(super) struct RenewForm {
    token: String,
}

#[derive(Template)]
#[template(path = "step_recovery.html")]
struct CodePage<'p> {
    site: &'p Site,
    around: &'p Around,
    error: Option<&'p str>,
    token: String,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct Codes<'p> {
    site: &'p Site,
    codes: Vec<String>,
}

/// How many are made at once.
const CODES: usize = 10;

/// The page that asks for a recovery code.
pub(super) fn step(visit: &Visit, around: &Around, error: Option<&str>) -> Answer {
    let page = CodePage { site: &visit.site, around, error, token: visit.form_token(CODE_FORM) };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin/recovery`.
pub(super) async fn show(visit: Visit, sent: Result<Form<CodeForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, CODE_FORM)?;
    let way = Way::read(&visit, &sent.way);
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let again = |error| step(&visit, &Around::again(&visit, &way, &Step::Recovery), Some(error));
    let method = Factor::RecoveryCode.method();
    if attempts::guess_app(&visit, root.guest.id).await.map_err(|_| visit.unavailable())? == Attempt::Exhausted {
        visit.state.metrics.signin(method, SignInResult::Exhausted);
        return Ok(again("totp-too-many"));
    }
    // What cannot be a code of ours counts like any other wrong one.
    let macs = RecoveryCode::folded(&sent.code).map(|code| visit.state.keys.recovery_macs(root.guest.id, &code)).unwrap_or_default();
    let shown = factors::show(&visit, &root.guest, |o, held, guest| {
        let letter = mail::recovery_code_used(&visit.site, visit.now, visit.peer.ip);
        held.recovery_shown(o, guest, &macs, letter.to(MailId::random(o.entropy), guest.email.clone()))
    });
    match shown.await {
        Ok(proven) => done(&visit, &root.guest, proven, &way).await,
        Err(Failed::Refused(Refused::NothingToDo)) => {
            visit.state.metrics.signin(method, SignInResult::Wrong);
            attempts::wrong(&visit, &root.guest.email).await.map_err(|_| visit.unavailable())?;
            Ok(again("recovery-wrong"))
        }
        Err(failure) => Err(signin::failed(&visit, &failure)),
    }
}

/// `POST /account/recovery-codes`: new codes, which take the place of those before. They stand on this page and nowhere else.
pub(super) async fn renew(visit: Visit, sent: Result<Form<RenewForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let codes: Vec<RecoveryCode> = (0..CODES).map(|_| RecoveryCode::random(visit.state.entropy.as_ref())).collect();
    let macs: Vec<_> = codes.iter().filter_map(|code| visit.state.keys.recovery_macs(root.guest.id, code).into_iter().next()).collect();
    let letter = mail::factor_added(&visit.site, mail::FactorNamed::RecoveryCodes, visit.now, visit.peer.ip);
    let renewed =
        factors::change(&visit, &root.guest, letter, |o, held, by| held.renew_recovery(o, by, macs.clone()).map(|proposal| ((), proposal)));
    if let Err(failure) = renewed.await {
        return changed(&visit, Err(failure));
    }
    let page = Codes { site: &visit.site, codes: codes.iter().map(RecoveryCode::grouped).collect() };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}
