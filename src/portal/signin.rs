//! Signing in by an emailed code: an address, a code, a session, and the way back to the app that asked.
//!
//! Whether an address is known shows nowhere before the code was right: looking it up and queueing the mail happen behind the answer.

use askama::Template;
use axum::{
    Form,
    extract::{Query, rejection::FormRejection},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    attempts::{self, Attempt},
    certificate::CERTIFICATE_FORM,
    device,
    flow::{Aim, Flow, RESEND},
    passkey::PASSKEY_FORM,
    people::{self, Failed},
    provider, redeem, signup,
    steps::Step,
    stepup::{self, Around, Arrived},
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Digest, EmailAddress, Factor, FlowId, GuestId, Id, Kind, MailId, Span},
    config::Fallback,
    directory::{AddressProof, Guest, MailFactor, Proposal, Proven, Refusal as Refused, Session},
    identity::{Code, Needs, Start},
    language::Said,
    live::SessionView,
    observe::SignInResult,
    web::{Answer, Refusal, Site, mail, render},
};

/// The use of the form token on the address form.
pub(super) const ADDRESS_FORM: &str = "signin";

/// What the address form shows.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) start: &'a str,
    pub(super) email: &'a str,
    /// A text of the catalogue.
    pub(super) error: Option<&'static str>,
}

/// The query of `/signin`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StartQuery {
    #[serde(default)]
    start: String,
    #[serde(default)]
    via: String,
    #[serde(default)]
    not: String,
    #[serde(default)]
    to: String,
}

/// The address form.
#[derive(Debug, Deserialize)]
pub(super) struct AddressForm {
    token: String,
    #[serde(default)]
    start: String,
    email: String,
    /// `code`: a code is wanted, although there is another way.
    #[serde(default)]
    by: String,
}

/// The code form.
#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    state: String,
    code: String,
}

/// The form that asks for another code.
#[derive(Debug, Deserialize)]
pub(super) struct ResendForm {
    state: String,
}

#[derive(Template)]
#[template(path = "signin.html")]
struct AddressPage<'p> {
    site: &'p Site,
    app: Option<&'p str>,
    error: Option<&'p str>,
    token: String,
    start: &'p str,
    email: &'p str,
    /// The form token of passkeys, where they are offered.
    passkeys: Option<String>,
    /// The same of certificates.
    certificates: Option<String>,
    /// The way on after a passkey.
    way: String,
}

#[derive(Template)]
#[template(path = "step_code.html")]
struct StepPage<'p> {
    site: &'p Site,
    around: &'p Around,
    email: &'p str,
    token: String,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'p> {
    site: &'p Site,
    app: Option<&'p str>,
    error: Option<&'p Said<'p>>,
    intro: Said<'p>,
    lifetime: Span,
    state: String,
    left: Option<u32>,
    wait: Span,
    back: String,
}

/// `GET /signin`.
pub(super) async fn show(visit: Visit, query: Result<Query<StartQuery>, axum::extract::rejection::QueryRejection>) -> Answer {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let start = Start::unseal(&visit.state.keys, &query.start, visit.now);
    let Some(root) = visit.root.clone() else {
        // Whatever it leads to is read again when somebody has signed in.
        let onward = Way::read(&visit, &query.to);
        let known = if start.is_some() { query.start.clone() } else { onward.write(&visit.state.keys) };
        return form(&visit, &Asked { start: &known, ..Asked::default() });
    };
    match start {
        None => Way::read(&visit, &query.to).answer(&visit),
        Some(start) => {
            stepup::next(&visit, &root, &start, stepup::Asked { arrived: Arrived::by(&query.via), not: Step::read(&query.not) }).await
        }
    }
}

/// The page that asks for an address. It names the host that the browser came from, never an app that may be hidden.
pub(super) fn form(visit: &Visit, asked: &Asked<'_>) -> Answer {
    let start = Start::unseal(&visit.state.keys, asked.start, visit.now);
    let host = start.as_ref().and_then(|s| visit.config().app(&s.app)).map(|app| app.host.to_string());
    let page = AddressPage {
        site: &visit.site,
        app: host.as_deref(),
        error: asked.error,
        token: visit.form_token(ADDRESS_FORM),
        start: asked.start,
        email: asked.email,
        passkeys: visit.config().identity.passkeys.then(|| visit.form_token(PASSKEY_FORM)),
        certificates: visit.config().tls.certificate_host.is_some().then(|| visit.form_token(CERTIFICATE_FORM)),
        way: asked.start.to_owned(),
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// The page that asks a signed-in guest for a code by mail.
pub(super) fn step(visit: &Visit, root: &SessionView, around: &Around) -> Answer {
    let (email, token) = (root.guest.email.as_str(), visit.form_token(ADDRESS_FORM));
    let page = StepPage { site: &visit.site, around, email, token };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin`: asks for a code.
pub(super) async fn ask(visit: Visit, form_data: Result<Form<AddressForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = form_data.map_err(|rejection| bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ADDRESS_FORM)?;
    let way = Way::read(&visit, &sent.start);
    let Ok(address) = EmailAddress::parse(&sent.email) else {
        let shown: String = sent.email.chars().take(254).collect();
        let error = Some("signin-address-wrong");
        return Ok(form(&visit, &Asked { start: &way.write(&visit.state.keys), email: &shown, error }));
    };
    // Where there is a choice, it is made on a page of its own.
    if let Some(provider) = visit.config().identity.provider_of(&address).cloned()
        && (provider.fallback == Fallback::Nothing || sent.by != "code")
        && visit.root.is_none()
    {
        return provider::begin(&visit, &provider, address, Aim::SignIn(way)).await;
    }
    send_code(&visit, address, Aim::SignIn(way)).await
}

/// Sends a code where somebody reads the address, and shows the page to type it in either way.
pub(super) async fn send_code(visit: &Visit, address: EmailAddress, aim: Aim) -> Result<Answer, Answer> {
    // Nothing is mailed to where the organisation vouches for its people itself.
    if let Some(provider) = visit.config().identity.only_at(&address).cloned() {
        return provider::begin(visit, &provider, address, aim).await;
    }
    let mut counted = attempts::ask(visit, &address).await.map_err(|_| visit.unavailable())?;
    if let Aim::SignUp(app) = &aim
        && !attempts::signups(visit, app.as_str()).await.map_err(|_| visit.unavailable())?
    {
        counted = Attempt::Exhausted;
    }
    let settings = &visit.config().identity.email_code;
    let code = Code::random(visit.state.entropy.as_ref(), settings.digits);
    let id = FlowId::random(visit.state.entropy.as_ref());
    let flow = Flow {
        id,
        browser: Digest::of(visit.browser().as_bytes()),
        code: visit.state.keys.code_mac(id, code.as_str()),
        address,
        aim,
        asked: visit.now,
        expires: visit.now.plus(settings.lifetime),
    };
    if counted != Attempt::Exhausted {
        queue(visit, &flow, &code);
    }
    Ok(code_page(visit, &flow, None, Some(u32::from(settings.attempts))))
}

/// Queues the mail behind the answer, so that its time tells nothing either.
fn queue(visit: &Visit, flow: &Flow, code: &Code) {
    let app = flow.aim.start().and_then(|start| visit.config().app(&start.app));
    let app = app.map(|app| (app.id.clone(), app.name.clone(), app.host.to_string()));
    let lifetime = visit.config().identity.email_code.lifetime;
    let letter = |name: Option<&str>| {
        let asked = mail::CodeAsked { code, app: name, at: visit.now, from: visit.peer.ip, lifetime };
        mail::code(&visit.site, &asked)
    };
    // All are written now, since the code does not outlive this function; which one is sent depends on what the guest may know.
    let granted = letter(app.as_ref().map(|(_, name, _)| name.as_str()));
    let plain = letter(app.as_ref().map(|(_, _, host)| host.as_str()));
    let no_code = mail::no_code(&visit.site);
    let (store, snapshot) = (visit.state.store.clone(), visit.snapshot.clone());
    let (address, invited, now) = (flow.address.clone(), matches!(flow.aim, Aim::Accept(_) | Aim::SignUp(_)), visit.now);
    let signed_in = visit.root.as_ref().map(|root| root.guest.id);
    let (id, most) = (MailId::random(visit.state.entropy.as_ref()), visit.config().limits.codes_per_hour);
    visit.state.later.spawn(async move {
        let guest = store.guest_by_email(&address).await?;
        // What is mailed begins no session of a member: they come by a provider or a passkey, and a code adds to what is there.
        let comes = |guest: &Guest| guest.is_active() && snapshot.config.welcomes(guest.kind, &address) && may_begin(guest, signed_in);
        let reads = guest.as_ref().is_some_and(comes);
        let suspended = guest.as_ref().is_some_and(Guest::is_suspended);
        if !invited && !reads && !suspended {
            return Ok(());
        }
        let mut chosen = if suspended { no_code } else { plain };
        if let (Some(guest), Some((app, _, _)), false) = (&guest, &app, suspended) {
            let grants = store.grants_of(guest.id).await?;
            if grants.iter().any(|g| g.app == *app && g.is_in_force(now)) {
                chosen = granted;
            }
        }
        if !attempts::mails(&*store, most, now).await? {
            tracing::error!(most, "a code is not mailed, because so many were mailed within an hour as `limits.codes_per_hour` allows");
            return Ok(());
        }
        let queued = store.commit(Proposal::at(now).with_mail(chosen.to(id, address))).await;
        if queued.is_err() {
            tracing::error!("a code could not be queued");
        }
        queued.map(|_| ())
    });
}

fn code_page(visit: &Visit, flow: &Flow, error: Option<&Said<'_>>, left: Option<u32>) -> Answer {
    let host = flow.aim.start().and_then(|start| visit.config().app(&start.app)).map(|app| app.host.to_string());
    let intro = match &flow.aim {
        Aim::SignIn(_) => visit.site.say("code-sent-if-known"),
        Aim::Accept(_) | Aim::SignUp(_) => visit.site.say("code-sent"),
    };
    let back = match (&flow.aim, flow.aim.start()) {
        (_, Some(start)) => format!("/signin?start={}", start.seal(&visit.state.keys)),
        (Aim::SignUp(app), None) => format!("/signup/{app}"),
        (Aim::SignIn(_) | Aim::Accept(_), None) => "/signin".to_owned(),
    };
    let page = CodePage {
        site: &visit.site,
        app: host.as_deref(),
        error,
        intro: intro.with("address", &flow.address),
        lifetime: visit.config().identity.email_code.lifetime,
        state: flow.seal(&visit.state.keys),
        left,
        wait: RESEND,
        back,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin/resend`: another code for the same aim.
pub(super) async fn resend(visit: Visit, sent: Result<Form<ResendForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| bad_form(&visit, &rejection))?;
    let flow = flow_of(&visit, &sent.state)?;
    let soonest = flow.asked.plus(RESEND);
    if visit.now < soonest {
        let error = visit.site.say("code-wait").with("wait", soonest.since(visit.now));
        return Ok(code_page(&visit, &flow, Some(&error), None));
    }
    send_code(&visit, flow.address, flow.aim).await
}

/// `POST /signin/code`: a typed code.
pub(super) async fn prove(visit: Visit, sent: Result<Form<CodeForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| bad_form(&visit, &rejection))?;
    let flow = flow_of(&visit, &sent.state)?;
    let method = Factor::EmailCode.method();
    if visit.now >= flow.expires {
        visit.state.metrics.signin(method, SignInResult::Expired);
        let error = visit.site.say("code-too-old");
        return Ok(code_page(&visit, &flow, Some(&error), None));
    }
    let left = match attempts::guess(&visit, flow.id, &flow.address).await.map_err(|_| visit.unavailable())? {
        Attempt::Allowed { left } => left,
        Attempt::Exhausted => {
            visit.state.metrics.signin(method, SignInResult::Exhausted);
            let error = visit.site.say("code-too-many");
            return Ok(code_page(&visit, &flow, Some(&error), None));
        }
    };
    let shown = visit.state.keys.code_mac(flow.id, &Code::folded(&sent.code));
    let Some(proof) = AddressProof::checked(&flow.address, MailFactor::Code, (&flow.code, &shown), visit.now) else {
        visit.state.metrics.signin(method, SignInResult::Wrong);
        attempts::wrong(&visit, &flow.address).await.map_err(|_| visit.unavailable())?;
        return Ok(code_page(&visit, &flow, Some(&visit.site.say("code-wrong")), Some(left)));
    };
    if !attempts::first_use(&visit, flow.id).await.map_err(|_| visit.unavailable())? {
        return Ok(code_page(&visit, &flow, Some(&visit.site.say("code-used")), None));
    }
    match flow.aim.clone() {
        Aim::SignUp(app) => signup::proved(&visit, &flow, &app, shown).await,
        Aim::Accept(invitation) => redeem::accept(&visit, invitation, proof).await,
        Aim::SignIn(way) => finish(&visit, proof, &way).await,
    }
}

/// The address is proved: opens the session and goes on.
async fn finish(visit: &Visit, proof: AddressProof, way: &Way) -> Result<Answer, Answer> {
    let unavailable = |_| visit.unavailable();
    let method = proof.proof().factor.method();
    let guest = visit.state.store.guest_by_email(proof.address()).await.map_err(unavailable)?;
    let signed_in = visit.root.as_ref().map(|root| root.guest.id);
    // An old page may still take a code from whoever has to sign in elsewhere by now.
    let here = visit.config().identity.only_at(proof.address()).is_none();
    let may_come =
        |guest: &Guest| guest.is_active() && here && visit.config().welcomes(guest.kind, &guest.email) && may_begin(guest, signed_in);
    let Some(guest) = guest.filter(may_come) else {
        visit.state.metrics.signin(method, SignInResult::Refused);
        return Err(no_entry(visit));
    };
    let grants = people::open_grants(visit, &guest).await.map_err(unavailable)?;
    let app = way.start().map(|start| &start.app);
    let known = device::known(visit, guest.id);
    let proven = Proven::by_address(proof);
    let signed_in = people::sign_in(visit, &guest, proven, people::invitation_of(&grants, app), known.as_ref()).await;
    let session = signed_in.map_err(|f| failed(visit, &f))?;
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, session = %session.id, method, "session opened");
    // A session is all that is asked: no other page need come in between.
    let enough = way.start().filter(|start| start.needs == Needs::Session);
    let onward = enough.and_then(|start| stepup::hand_over(visit, &session, start, &grants)).map(|answer| visit.finish(answer));
    Ok(opened(visit, &guest, &session, onward.unwrap_or_else(|| way.answer(visit))))
}

/// Whether what proves an address, and nothing more, opens or adds to a session of this person, where this one is signed in here.
pub(super) fn may_begin(guest: &Guest, signed_in: Option<GuestId>) -> bool {
    guest.kind == Kind::Guest || signed_in == Some(guest.id)
}

/// Adds the cookies of a session that was opened or renewed: its own, and that of a device that is known from now on.
pub(super) fn opened(visit: &Visit, guest: &Guest, session: &Session, answer: Answer) -> Answer {
    let answer = visit.signed_in(answer, session);
    let device = device::known(visit, guest.id);
    let device = device.or_else(|| device::is_more_than_mailbox(&session.proofs).then(|| device::new(visit)).flatten());
    device.into_iter().fold(answer, |answer, device| device::remember(visit, answer, guest.id, &device))
}

/// The flow in a form of ours, if this browser got it.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn flow_of(visit: &Visit, state: &str) -> Result<Flow, Answer> {
    Flow::unseal(&visit.state.keys, state, visit.kept_browser()).ok_or_else(|| visit.refuse(&Refusal::CrossSite))
}

/// The code was right, but the person may not come.
pub(super) fn no_entry(visit: &Visit) -> Answer {
    redeem::notice(visit, StatusCode::FORBIDDEN, "no-entry-title", &["no-entry-why", "no-entry-next"], None)
}

/// A failure as its answer.
pub(super) fn failed(visit: &Visit, failure: &Failed) -> Answer {
    match failure {
        Failed::Refused(Refused::Suspended | Refused::Removed) => no_entry(visit),
        Failed::Refused(_) => redeem::gone(visit),
        Failed::Unavailable(cause) => {
            tracing::error!(error = %cause, "the portal could not write");
            visit.unavailable()
        }
    }
}

pub(super) fn bad_form(visit: &Visit, rejection: &FormRejection) -> Answer {
    let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
    if too_large {
        return visit.refuse(&Refusal::TooLarge);
    }
    visit.refuse(&Refusal::BrokenForm)
}
