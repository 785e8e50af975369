//! The authenticator app: typing its code, setting it up, taking it away.

use askama::Template;
use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    attempts::{self, Attempt},
    factors,
    home::ACCOUNT_FORM,
    people::{self, Failed},
    security::changed,
    signin,
    steps::Step,
    stepup::Around,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Digest, Factor, GuestId, Span, Timestamp},
    directory::{Guest, Proven, Refusal as Refused},
    identity::{Code, Purpose, TotpSecret},
    live::SessionView,
    observe::SignInResult,
    web::{Answer, Site, mail, render},
};

/// The use of the form token on whatever asks for a code of the app.
pub(super) const CODE_FORM: &str = "authenticator";
/// How long the page with a new secret may stay open.
const PATIENCE: Span = Span::mins(15);

/// A typed code.
#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    pub(super) token: String,
    #[serde(default)]
    pub(super) way: String,
    pub(super) code: String,
}

/// The first code of a new app.
#[derive(Debug, Deserialize)]
pub(super) struct NewForm {
    token: String,
    #[serde(default)]
    way: String,
    state: String,
    code: String,
}

/// A button of the account page.
#[derive(Debug, Deserialize)]
pub(super) struct RemoveForm {
    token: String,
}

/// The query of a page that sets something up.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    pub(super) way: String,
}

/// A secret that nobody has confirmed yet, sealed in the page.
#[derive(Debug, Serialize, Deserialize)]
struct Candidate {
    #[serde(with = "crate::identity::digest")]
    browser: Digest,
    guest: GuestId,
    secret: String,
    until: Timestamp,
}

#[derive(Template)]
#[template(path = "step_totp.html")]
struct CodePage<'p> {
    site: &'p Site,
    around: &'p Around,
    error: Option<&'p str>,
    token: String,
}

#[derive(Template)]
#[template(path = "add_authenticator.html")]
struct NewPage<'p> {
    site: &'p Site,
    around: &'p Around,
    error: Option<&'p str>,
    picture: String,
    typed: String,
    account: &'p str,
    token: String,
    state: String,
}

/// The page that asks for a code of the app.
pub(super) fn step(visit: &Visit, around: &Around, error: Option<&str>) -> Answer {
    let page = CodePage { site: &visit.site, around, error, token: visit.form_token(CODE_FORM) };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin/totp`.
pub(super) async fn show(visit: Visit, sent: Result<Form<CodeForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, CODE_FORM)?;
    let way = Way::read(&visit, &sent.way);
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let again = |error| step(&visit, &Around::again(&visit, &way, &Step::Totp), Some(error));
    let method = Factor::Totp.method();
    if attempts::guess_app(&visit, root.guest.id).await.map_err(|_| visit.unavailable())? == Attempt::Exhausted {
        visit.state.metrics.signin(method, SignInResult::Exhausted);
        return Ok(again("totp-too-many"));
    }
    let code = Code::folded(&sent.code);
    let shown = factors::show(&visit, &root.guest, |o, held, guest| {
        let sealed = held.authenticator.as_ref().ok_or(Refused::NothingToDo)?;
        let secret = TotpSecret::unseal(&visit.state.keys, &sealed.secret, guest.id).ok_or(Refused::NothingToDo)?;
        let step = secret.step_of(&code, o.now).ok_or(Refused::NothingToDo)?;
        held.totp_shown(o, guest, step)
    });
    match shown.await {
        Ok(proven) => done(&visit, &root.guest, proven, &way).await,
        Err(Failed::Refused(Refused::Used)) => {
            visit.state.metrics.signin(method, SignInResult::Wrong);
            Ok(again("totp-used"))
        }
        Err(Failed::Refused(Refused::NothingToDo)) => {
            visit.state.metrics.signin(method, SignInResult::Wrong);
            attempts::wrong(&visit, &root.guest.email).await.map_err(|_| visit.unavailable())?;
            Ok(again("totp-wrong"))
        }
        Err(failure) => Err(signin::failed(&visit, &failure)),
    }
}

/// Something more was shown in a session: it is renewed with it, and goes on.
pub(super) async fn done(visit: &Visit, guest: &Guest, proven: Proven, way: &Way) -> Result<Answer, Answer> {
    let method = proven.proofs().first().map_or("", |proof| proof.factor.method());
    let session = people::step_up(visit, guest, proven).await.map_err(|failure| signin::failed(visit, &failure))?;
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, session = %session.id, method, "session stepped up");
    Ok(signin::opened(visit, guest, &session, way.answer(visit)))
}

/// `GET /account/authenticator/new`.
pub(super) async fn new(visit: Visit, query: Result<Query<NewQuery>, QueryRejection>) -> Result<Answer, Answer> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let held = factors::of(&visit, root.guest.id).await.map_err(|_| visit.unavailable())?;
    if held.authenticator.is_some() || !visit.config().identity.totp {
        return Ok(visit.finish(Answer::see_other("/account")));
    }
    if held.needed(&root.session, visit.now).is_some() {
        return Ok(visit.finish(Answer::see_other("/account/confirm?way=add-authenticator")));
    }
    let way = if query.way.is_empty() { Way::Account } else { Way::read(&visit, &query.way) };
    let around = Around { other: None, ..Around::again(&visit, &way, &Step::AddAuthenticator) };
    Ok(offer(&visit, &root, &around))
}

/// The page that sets the app up.
pub(super) fn offer(visit: &Visit, root: &SessionView, around: &Around) -> Answer {
    let secret = TotpSecret::random(visit.state.entropy.as_ref());
    let candidate = Candidate {
        browser: Digest::of(visit.browser().as_bytes()),
        guest: root.guest.id,
        secret: secret.seal(&visit.state.keys, root.guest.id),
        until: visit.now.plus(PATIENCE),
    };
    page(visit, root, around, (&candidate, &secret), None)
}

fn page(visit: &Visit, root: &SessionView, around: &Around, (candidate, secret): (&Candidate, &TotpSecret), error: Option<&str>) -> Answer {
    let account = root.guest.email.as_str();
    let state = serde_json::to_vec(candidate).map(|bytes| visit.state.keys.seal(Purpose::TotpMaking, &bytes)).unwrap_or_default();
    let page = NewPage {
        site: &visit.site,
        around,
        error,
        picture: secret.picture(&visit.site.name, account).map(|picture| picture.to_string()).unwrap_or_default(),
        typed: secret.typed().to_string(),
        account,
        token: visit.form_token(CODE_FORM),
        state,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /account/authenticator`: the first code of the new app.
pub(super) async fn add(visit: Visit, sent: Result<Form<NewForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, CODE_FORM)?;
    let way = Way::read(&visit, &sent.way);
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let Some((candidate, secret)) = candidate(&visit, &root, &sent.state) else {
        return Ok(visit.finish(Answer::see_other("/account/authenticator/new")));
    };
    let Some(step) = secret.step_of(&Code::folded(&sent.code), visit.now) else {
        let around = Around { other: None, ..Around::again(&visit, &way, &Step::AddAuthenticator) };
        return Ok(page(&visit, &root, &around, (&candidate, &secret), Some("add-totp-wrong")));
    };
    let letter = mail::factor_added(&visit.site, mail::FactorNamed::Authenticator, visit.now, visit.peer.ip);
    let added = factors::change(&visit, &root.guest, letter, |o, held, by| {
        held.add_authenticator(o, by, (candidate.secret.clone(), step)).map(|(_, proven, proposal)| (proven, proposal))
    });
    match added.await {
        Ok(proven) => done(&visit, &root.guest, proven, &way).await,
        Err(failure) => changed(&visit, Err(failure)),
    }
}

/// The secret of a page that this browser got for this guest, while the page is not too old.
fn candidate(visit: &Visit, root: &SessionView, sealed: &str) -> Option<(Candidate, TotpSecret)> {
    let bytes = visit.state.keys.unseal(Purpose::TotpMaking, sealed)?;
    let candidate: Candidate = serde_json::from_slice(&bytes).ok()?;
    let browser = Digest::of(visit.kept_browser()?.as_bytes());
    let ours = candidate.browser == browser && candidate.guest == root.guest.id && visit.now < candidate.until;
    let secret = TotpSecret::unseal(&visit.state.keys, &candidate.secret, candidate.guest).filter(|_| ours)?;
    Some((candidate, secret))
}

/// `POST /account/authenticator/remove`.
pub(super) async fn remove(visit: Visit, sent: Result<Form<RemoveForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCOUNT_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let sessions = visit.state.store.sessions_of(root.guest.id).await.map_err(|_| visit.unavailable())?;
    let letter = mail::factor_removed(&visit.site, mail::FactorNamed::Authenticator, visit.now, visit.peer.ip);
    let removed = factors::change(&visit, &root.guest, letter, |o, held, by| {
        held.remove_authenticator(o, by, &sessions).map(|proposal| ((), proposal))
    });
    changed(&visit, removed.await)
}
