//! Passkeys over HTTP: the questions that a script takes to the browser, and the answers that it brings back.
//!
//! Between the two everything lies sealed in the page, bound to the browser, for ten minutes and one use, so that strangers who ask
//! and do not answer grow nothing here.

use askama::Template;
use axum::{Json, extract::rejection::JsonRejection};
use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    attempts, device, factors,
    people::{self, Failed},
    signin,
    stepup::Around,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Digest, Factor, FlowId, GuestId, Id, Span, Timestamp},
    directory::{Guest, MOST_PASSKEYS, Proven, Refusal as Refused, Session},
    identity::{Answered, Made, Making, Owner, Passkeys, Purpose, Showing},
    observe::SignInResult,
    web::{Answer, Problem, Site, mail, problem, render},
};

/// The use of the form token on whatever asks for a passkey.
pub(super) const PASSKEY_FORM: &str = "passkey";
/// How long a question waits for its answer: longer than a browser lets a person think, shorter than anybody waits to misuse it.
const PATIENCE: Span = Span::mins(10);

/// A script asks for a question.
#[derive(Debug, Deserialize)]
pub(super) struct Ask {
    pub(super) token: String,
}

/// A script brings an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    token: String,
    state: String,
    #[serde(default)]
    way: String,
    answer: Answered,
}

/// A script brings a new passkey.
#[derive(Debug, Deserialize)]
pub(super) struct Fresh {
    pub(super) token: String,
    pub(super) state: String,
    #[serde(default)]
    way: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) answer: Made,
}

/// What lies sealed between a question and its answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ceremony<S> {
    id: FlowId,
    #[serde(with = "crate::identity::digest")]
    browser: Digest,
    /// Of whom it was asked; `None`: of whoever answers.
    pub(super) guest: Option<GuestId>,
    until: Timestamp,
    pub(super) state: S,
}

#[derive(Template)]
#[template(path = "step_passkey.html")]
struct StepPage<'p> {
    site: &'p Site,
    around: &'p Around,
    token: String,
}

#[derive(Template)]
#[template(path = "add_passkey.html")]
struct OfferPage<'p> {
    site: &'p Site,
    around: &'p Around,
    /// The text of what this machine is called.
    machine: &'static str,
    token: String,
    /// Where somebody goes who wants none, and the text that says so.
    later: Option<(String, &'static str)>,
}

/// The page that asks for a passkey.
pub(super) fn step(visit: &Visit, around: &Around) -> Answer {
    let page = StepPage { site: &visit.site, around, token: visit.form_token(PASSKEY_FORM) };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// The page that sets a passkey up.
pub(super) fn offer(visit: &Visit, around: &Around, later: Option<(String, &'static str)>) -> Answer {
    let page = OfferPage { site: &visit.site, around, machine: machine_of(visit), token: visit.form_token(PASSKEY_FORM), later };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// The same of the machine that asks.
pub(super) fn machine_of(visit: &Visit) -> &'static str {
    machine(visit.headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default())
}

/// The text of what people call the machine that a browser runs on, for the name of a passkey; they can change it.
fn machine(agent: &str) -> &'static str {
    const KNOWN: [(&str, &str); 6] = [
        ("Android", "machine-android"),
        ("iPhone", "machine-iphone"),
        ("iPad", "machine-ipad"),
        ("Windows", "machine-windows"),
        ("Macintosh", "machine-mac"),
        ("Linux", "machine-linux"),
    ];
    KNOWN.iter().find(|(word, _)| agent.contains(word)).map_or("machine-other", |(_, name)| name)
}

/// `POST /signin/passkey/question`.
pub(super) async fn ask(visit: Visit, sent: Result<Json<Ask>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| unreadable(&visit))?;
    check(&visit, &sent.token)?;
    let guest = visit.root.as_ref().map(|root| root.guest.id);
    let known = match guest {
        Some(guest) => factors::of(&visit, guest).await.map_err(|_| visit.unavailable())?.passkeys,
        None => Vec::new(),
    };
    let known: Vec<&str> = known.iter().map(|passkey| passkey.credential.as_str()).collect();
    let (question, state) = party(&visit)?.ask(&known).map_err(|_| not_taken(&visit))?;
    Ok(questioned(&visit, &question, Purpose::PasskeyShowing, (guest, state)))
}

/// `POST /signin/passkey`: signs in, or steps up.
pub(super) async fn show(visit: Visit, sent: Result<Json<Shown>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| unreadable(&visit))?;
    check(&visit, &sent.token)?;
    let ceremony: Ceremony<Showing> = open(&visit, Purpose::PasskeyShowing, &sent.state).await?;
    let way = Way::read(&visit, &sent.way);
    let Some((guest, proven)) = prove(&visit, ceremony, &sent.answer).await? else {
        visit.state.metrics.signin(Factor::Passkey.method(), SignInResult::Wrong);
        return Err(not_taken(&visit));
    };
    let grants = people::open_grants(&visit, &guest).await.map_err(|_| visit.unavailable())?;
    let invitation = people::invitation_of(&grants, way.start().map(|start| &start.app));
    let known = device::known(&visit, guest.id);
    let session = people::sign_in(&visit, &guest, proven, invitation, known.as_ref()).await;
    done(&visit, &guest, session, &way)
}

/// The guest whose passkey it is, if the answer is right.
async fn prove(visit: &Visit, ceremony: Ceremony<Showing>, answer: &Answered) -> Result<Option<(Guest, Proven)>, Answer> {
    // A key that was asked of one guest may leave out whose it is; a key of somebody else is not what was asked for.
    let Some(owner) = answer.owner().or(ceremony.guest) else { return Ok(None) };
    if ceremony.guest.is_some_and(|asked| asked != owner) || visit.root.as_ref().map(|root| root.guest.id) != ceremony.guest {
        return Ok(None);
    }
    let unavailable = |_| visit.unavailable();
    let Some(guest) = visit.state.store.guest(owner).await.map_err(unavailable)? else { return Ok(None) };
    let held = factors::of(visit, owner).await.map_err(unavailable)?;
    let Some(passkey) = held.passkeys.iter().find(|passkey| answer.is_of(&passkey.credential)) else { return Ok(None) };
    let (id, credential) = (passkey.id, passkey.credential.clone());
    let ceremony_opens = ceremony.guest.is_none();
    let changed = match party(visit)?.shown(answer, ceremony.state, &credential) {
        Ok(changed) => changed,
        Err(error) => {
            tracing::info!(error = crate::observe::causes(&error), "a passkey was refused");
            attempts::wrong(visit, &guest.email).await.map_err(unavailable)?;
            return Ok(None);
        }
    };
    // What adds to a session of the guest's own is welcome; a session begins where the organisation vouches for its people.
    if ceremony_opens && visit.config().identity.only_at(&guest.email).is_some() {
        visit.state.metrics.signin(Factor::Passkey.method(), SignInResult::Refused);
        return Err(refused(visit, StatusCode::FORBIDDEN, "passkey-at-provider"));
    }
    if !guest.is_active() || !visit.config().welcomes(guest.kind, &guest.email) {
        visit.state.metrics.signin(Factor::Passkey.method(), SignInResult::Refused);
        return Err(refused(visit, StatusCode::FORBIDDEN, "passkey-no-entry"));
    }
    let used = factors::show(visit, &guest, |o, factors, guest| factors.passkey_shown(o, guest, id, changed.clone())).await;
    match used {
        Ok(proven) => Ok(Some((guest, proven))),
        Err(Failed::Refused(_)) => Ok(None),
        Err(Failed::Unavailable(_)) => Err(visit.unavailable()),
    }
}

/// `POST /account/passkeys/question`.
pub(super) async fn ask_new(visit: Visit, sent: Result<Json<Ask>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| unreadable(&visit))?;
    check(&visit, &sent.token)?;
    let root = visit.root.clone().ok_or_else(|| refused(&visit, StatusCode::UNAUTHORIZED, "passkey-not-now"))?;
    let held = factors::of(&visit, root.guest.id).await.map_err(|_| visit.unavailable())?;
    if held.needed(&root.session, visit.now).is_some() {
        return Err(refused(&visit, StatusCode::FORBIDDEN, "passkey-not-now"));
    }
    if held.passkeys.len() >= MOST_PASSKEYS {
        return Err(refused(&visit, StatusCode::CONFLICT, "passkey-too-many"));
    }
    let known: Vec<&str> = held.passkeys.iter().map(|passkey| passkey.credential.as_str()).collect();
    let owner = Owner { guest: root.guest.id, email: root.guest.email.as_str(), name: root.guest.name.as_deref() };
    let (question, state) = party(&visit)?.make(owner, &known).map_err(|_| not_taken(&visit))?;
    Ok(questioned(&visit, &question, Purpose::PasskeyMaking, (Some(root.guest.id), state)))
}

/// `POST /account/passkeys`: a new passkey, which is shown by that.
pub(super) async fn add(visit: Visit, sent: Result<Json<Fresh>, JsonRejection>) -> Result<Answer, Answer> {
    let Json(sent) = sent.map_err(|_| unreadable(&visit))?;
    check(&visit, &sent.token)?;
    let ceremony: Ceremony<Making> = open(&visit, Purpose::PasskeyMaking, &sent.state).await?;
    let root = visit.root.clone().filter(|root| Some(root.guest.id) == ceremony.guest);
    let root = root.ok_or_else(|| refused(&visit, StatusCode::UNAUTHORIZED, "passkey-not-now"))?;
    let credential = match party(&visit)?.made(&sent.answer, &ceremony.state) {
        Ok(credential) => credential,
        Err(error) => {
            tracing::info!(error = crate::observe::causes(&error), "a new passkey was refused");
            return Err(not_taken(&visit));
        }
    };
    let letter = mail::factor_added(&visit.site, mail::FactorNamed::Passkey, visit.now, visit.peer.ip);
    let added = factors::change(&visit, &root.guest, letter, |o, factors, by| {
        factors.add_passkey(o, by, (&sent.name, credential.clone())).map(|(_, proven, proposal)| (proven, proposal))
    });
    let proven = added.await.map_err(|failure| match failure {
        Failed::Refused(Refused::TooMany) => refused(&visit, StatusCode::CONFLICT, "passkey-too-many"),
        Failed::Refused(_) => refused(&visit, StatusCode::FORBIDDEN, "passkey-not-now"),
        Failed::Unavailable(_) => visit.unavailable(),
    })?;
    let session = people::step_up(&visit, &root.guest, proven).await;
    done(&visit, &root.guest, session, &Way::read(&visit, &sent.way))
}

/// The passkey was shown: where the script goes, with the session that it has made.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
pub(super) fn done(visit: &Visit, guest: &Guest, session: Result<Session, Failed>, way: &Way) -> Result<Answer, Answer> {
    let session = session.map_err(|failure| match failure {
        Failed::Refused(_) => not_taken(visit),
        Failed::Unavailable(_) => visit.unavailable(),
    })?;
    let method = Factor::Passkey.method();
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, session = %session.id, method, "session opened");
    let answer = Answer::json(StatusCode::OK, "application/json", json!({ "next": way.address(visit) }).to_string());
    Ok(signin::opened(visit, guest, &session, visit.finish(answer)))
}

/// The portal as passkeys know it, while it takes any.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
pub(super) fn party(visit: &Visit) -> Result<Passkeys, Answer> {
    let config = visit.config();
    if !config.identity.passkeys {
        return Err(not_taken(visit));
    }
    Passkeys::of(config.portal.host.as_str(), &visit.site.portal, &visit.site.name).map_err(|error| {
        tracing::error!(error = crate::observe::causes(&error), "passkeys cannot be used with this portal");
        not_taken(visit)
    })
}

pub(super) fn questioned<S: Serialize>(visit: &Visit, question: &Value, purpose: Purpose, (guest, state): (Option<GuestId>, S)) -> Answer {
    let ceremony = Ceremony {
        id: FlowId::random(visit.state.entropy.as_ref()),
        browser: Digest::of(visit.browser().as_bytes()),
        guest,
        until: visit.now.plus(PATIENCE),
        state,
    };
    let sealed = serde_json::to_vec(&ceremony).map(|bytes| visit.state.keys.seal(purpose, &bytes)).unwrap_or_default();
    let body = json!({ "question": question, "state": sealed });
    visit.finish(Answer::json(StatusCode::OK, "application/json", body.to_string()))
}

/// What was sealed for this browser and this use, in time and for the first time.
pub(super) async fn open<S: DeserializeOwned>(visit: &Visit, purpose: Purpose, sealed: &str) -> Result<Ceremony<S>, Answer> {
    let late = || refused(visit, StatusCode::CONFLICT, "passkey-too-late");
    let bytes = visit.state.keys.unseal(purpose, sealed).ok_or_else(late)?;
    let ceremony: Ceremony<S> = serde_json::from_slice(&bytes).map_err(|_| late())?;
    let browser = visit.kept_browser().map(|browser| Digest::of(browser.as_bytes()));
    if browser != Some(ceremony.browser) || visit.now >= ceremony.until {
        return Err(late());
    }
    if attempts::first_answer(visit, ceremony.id, PATIENCE).await.map_err(|_| visit.unavailable())? { Ok(ceremony) } else { Err(late()) }
}

#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
pub(super) fn check(visit: &Visit, token: &str) -> Result<(), Answer> {
    visit.check_form(token, PASSKEY_FORM).map_err(|_| refused(visit, StatusCode::FORBIDDEN, "passkey-page-too-old"))
}

pub(super) fn unreadable(visit: &Visit) -> Answer {
    refused(visit, StatusCode::BAD_REQUEST, "passkey-not-taken")
}

/// Known and unknown passkeys, wrong signatures and none: one answer.
pub(super) fn not_taken(visit: &Visit) -> Answer {
    refused(visit, StatusCode::FORBIDDEN, "passkey-not-taken")
}

pub(super) fn refused(visit: &Visit, status: StatusCode, text: &str) -> Answer {
    let (title, detail) = (visit.site.say("passkey-refused-title").to_string(), visit.site.say(text).to_string());
    let body = Problem { title: &title, detail: Some(&detail), reference: Some(&visit.peer.request_id), ..Problem::default() };
    visit.finish(problem(status, "passkey", body))
}
