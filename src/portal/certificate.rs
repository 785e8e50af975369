//! Client certificates over HTTP: the way to the host where a browser is asked for one, and back.
//!
//! Only that host asks, since a host that asks opens a chooser for everybody who has a certificate. What goes there and what comes back
//! is sealed, bound to the browser at the portal, and used once; a link that somebody else began signs in nobody.

use askama::Template;
use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{attempts, device, people, redeem, signin, stepup::Around, visit::Visit, way::Way};
use crate::{
    base::{Digest, EmailAddress, Factor, FlowId, GuestId, Id, Span, Timestamp},
    directory::{Guest, Proven},
    identity::{Brought, Purpose},
    observe::SignInResult,
    web::{Answer, Refusal, Site, continue_to, render},
};

/// The use of the form token on whatever asks for a certificate.
pub(super) const CERTIFICATE_FORM: &str = "certificate";
/// How long a browser may take to the host that asks: people look for their card, and type its number.
const PATIENCE: Span = Span::mins(10);
/// How long it is kept that an answer was used: longer than it could be used again.
const SPENT: Span = Span::mins(12);
/// How long it may take back.
const BACK: Span = Span::secs(60);

/// A button that asks for a certificate.
#[derive(Debug, Deserialize)]
pub(super) struct AskForm {
    token: String,
    #[serde(default)]
    way: String,
}

/// What the host that asks sends back.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Carried {
    #[serde(default)]
    shown: String,
}

/// What goes to the host that asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Asked {
    id: FlowId,
    #[serde(with = "crate::identity::digest")]
    browser: Digest,
    /// Of whom it is asked; `None`: of whoever has one.
    guest: Option<GuestId>,
    way: Way,
    until: Timestamp,
}

/// What comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shown {
    asked: Asked,
    outcome: Outcome,
    until: Timestamp,
}

/// What was brought there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Outcome {
    Nothing,
    Refused,
    Valid(Vec<EmailAddress>),
}

#[derive(Template)]
#[template(path = "step_certificate.html")]
struct StepPage<'p> {
    site: &'p Site,
    around: &'p Around,
    email: &'p str,
    token: String,
}

/// The page that asks for a certificate.
pub(super) fn step(visit: &Visit, email: &EmailAddress, around: &Around) -> Answer {
    let page = StepPage { site: &visit.site, around, email: email.as_str(), token: visit.form_token(CERTIFICATE_FORM) };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin/certificate`: on to the host that asks.
pub(super) async fn ask(visit: Visit, sent: Result<Form<AskForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, CERTIFICATE_FORM)?;
    let Some(host) = &visit.config().tls.certificate_host else { return Err(visit.refuse(&Refusal::NotFound)) };
    let asked = Asked {
        id: FlowId::random(visit.state.entropy.as_ref()),
        browser: Digest::of(visit.browser().as_bytes()),
        guest: visit.root.as_ref().map(|root| root.guest.id),
        way: Way::read(&visit, &sent.way),
        until: visit.now.plus(PATIENCE),
    };
    let url = format!("{}/?asked={}", visit.config().origin(host), seal(&visit, Purpose::CertificateAsked, &asked));
    // A form of ours may not be redirected to another host.
    Ok(visit.finish(continue_to(&visit.site, host.as_str(), &url)))
}

/// Everything on the host that asks: it says what it was shown, to the portal alone.
pub(super) fn at_host(visit: &Visit, method: &Method, query: Option<&str>, brought: &Brought) -> Answer {
    if method != Method::GET {
        return visit.refuse(&Refusal::Method { allow: "GET" });
    }
    let asked = query.and_then(|query| query.strip_prefix("asked=")).and_then(|sealed| open(visit, Purpose::CertificateAsked, sealed));
    let portal = &visit.site.portal;
    let Some(asked) = asked.filter(|asked: &Asked| visit.now < asked.until) else { return Answer::see_other(&format!("{portal}/signin")) };
    let outcome = match brought {
        Brought::Nothing => Outcome::Nothing,
        Brought::Refused => Outcome::Refused,
        Brought::Valid(certified) => Outcome::Valid(certified.addresses.clone()),
    };
    let shown = Shown { asked, outcome, until: visit.now.plus(BACK) };
    Answer::see_other(&format!("{portal}/signin/certificate?shown={}", seal(visit, Purpose::CertificateShown, &shown)))
}

/// `GET /signin/certificate`: back from the host that asks. It signs in, or steps up.
pub(super) async fn back(visit: Visit, query: Result<Query<Carried>, QueryRejection>) -> Result<Answer, Answer> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let shown: Option<Shown> = open(&visit, Purpose::CertificateShown, &query.shown);
    let browser = visit.kept_browser().map(|browser| Digest::of(browser.as_bytes()));
    let ours = |shown: &Shown| browser == Some(shown.asked.browser) && visit.now < shown.until;
    let Some(Shown { asked, outcome, .. }) = shown.filter(ours) else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let method = Factor::ClientCertificate.method();
    let addresses = match outcome {
        Outcome::Valid(addresses) => addresses,
        Outcome::Nothing => return Err(not_taken(&visit, "certificate-none")),
        Outcome::Refused => {
            visit.state.metrics.signin(method, SignInResult::Wrong);
            return Err(not_taken(&visit, "certificate-refused"));
        }
    };
    let first = attempts::first_answer(&visit, asked.id, SPENT).await.map_err(|_| visit.unavailable())?;
    // A reload: what it did is done.
    if !first {
        return Ok(asked.way.answer(&visit));
    }
    let Some((guest, proven)) = whose(&visit, asked.guest, &addresses).await? else {
        visit.state.metrics.signin(method, SignInResult::Refused);
        return Err(not_taken(&visit, "certificate-stranger"));
    };
    let grants = people::open_grants(&visit, &guest).await.map_err(|_| visit.unavailable())?;
    let invitation = people::invitation_of(&grants, asked.way.start().map(|start| &start.app));
    let known = device::known(&visit, guest.id);
    let session = people::sign_in(&visit, &guest, proven, invitation, known.as_ref()).await;
    let session = session.map_err(|failure| signin::failed(&visit, &failure))?;
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, session = %session.id, method, "session opened");
    Ok(signin::opened(&visit, &guest, &session, asked.way.answer(&visit)))
}

/// The guest that a certificate names: whoever was asked, or the first of its addresses that is a guest's who may come.
async fn whose(visit: &Visit, asked: Option<GuestId>, addresses: &[EmailAddress]) -> Result<Option<(Guest, Proven)>, Answer> {
    if visit.root.as_ref().map(|root| root.guest.id) != asked {
        return Ok(None);
    }
    for address in addresses {
        let guest = visit.state.store.guest_by_email(address).await.map_err(|_| visit.unavailable())?;
        let comes =
            |guest: &Guest| guest.is_active() && visit.config().welcomes(guest.kind, &guest.email) && asked.is_none_or(|id| id == guest.id);
        let comes = |guest: &Guest| comes(guest) && signin::may_begin(guest, asked);
        if let Some(guest) = guest.filter(comes)
            && let Some(proven) = Proven::by_certificate(&guest, addresses, visit.now)
        {
            return Ok(Some((guest, proven)));
        }
    }
    Ok(None)
}

fn not_taken(visit: &Visit, why: &str) -> Answer {
    redeem::notice(visit, StatusCode::FORBIDDEN, "certificate-title", &[why], Some(("/signin", "sign-in-button")))
}

fn seal<T: Serialize>(visit: &Visit, purpose: Purpose, value: &T) -> String {
    serde_json::to_vec(value).map(|bytes| visit.state.keys.seal(purpose, &bytes)).unwrap_or_default()
}

fn open<T: DeserializeOwned>(visit: &Visit, purpose: Purpose, sealed: &str) -> Option<T> {
    serde_json::from_slice(&visit.state.keys.unseal(purpose, sealed)?).ok()
}
