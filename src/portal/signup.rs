//! Signing up for an app: an address that is proved first, a form, and whoever or whatever decides about it.
//!
//! Whether an address is known shows nowhere before its mailbox was proved. Between the code and the form everything lies sealed in the
//! page and bound to the browser.

use std::collections::HashMap;

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    filing::{filed, passed},
    flow::{Aim, Flow},
    redeem, signin,
    visit::Visit,
    waiting,
};
use crate::{
    base::{AppId, Digest, EmailAddress, Span, Timestamp},
    config::{AnswerError, App, ApprovalBy, FieldKind, SignUp},
    directory::{AddressProof, Answer as Answered, Asks, Endowment, MailFactor, Refusal as Refused, RequestDraft, RequestKind, Vouched},
    identity::Purpose,
    language::Said,
    web::{Answer, Refusal, Site, render},
};

/// The use of the form token on the page that asks for an address.
const ADDRESS_FORM: &str = "signup";
/// How long a proved address may take to fill in the form.
const PATIENCE: Span = Span::hours(2);
/// How long a sign-up can be decided.
const LIFETIME: Span = Span::days(30);
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest sealed proof.
const LONGEST_STATE: usize = 4 * 1024;

/// The form that asks for an address.
#[derive(Debug, Deserialize)]
pub(super) struct AddressForm {
    token: String,
    email: String,
}

/// That an address was proved, for one browser and one app.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Proved {
    app: AppId,
    address: EmailAddress,
    #[serde(with = "crate::identity::digest")]
    browser: Digest,
    /// What was mailed, and what was shown: keyed hashes of one code.
    #[serde(with = "crate::identity::digest")]
    mailed: Digest,
    #[serde(with = "crate::identity::digest")]
    shown: Digest,
    at: Timestamp,
    /// By a provider, in place of a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Vouched>,
}

#[derive(Template)]
#[template(path = "signup.html")]
struct AddressPage<'p> {
    site: &'p Site,
    app: &'p str,
    action: String,
    error: Option<&'p str>,
    token: String,
    email: &'p str,
}

#[derive(Template)]
#[template(path = "signup_form.html")]
struct FormPage<'p> {
    site: &'p Site,
    app: &'p str,
    action: String,
    email: &'p str,
    state: String,
    fields: Vec<Line<'p>>,
    wrong: usize,
    owners: bool,
}

/// One field of the page.
struct Line<'p> {
    name: &'p str,
    label: &'p str,
    help: Option<&'p str>,
    required: bool,
    longest: u32,
    kind: Shape<'p>,
    value: String,
    error: Option<String>,
}

enum Shape<'p> {
    Text,
    Email,
    Date,
    Checkbox,
    Choice(&'p [String]),
}

impl Shape<'_> {
    /// The type of an input, and what browsers fill in.
    fn input(&self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Date => "date",
            Self::Text | Self::Checkbox | Self::Choice(_) => "text",
        }
    }
}

/// What was typed into the form, by field.
type Typed = HashMap<String, String>;

/// `GET /signup/{app}`.
pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Answer, Answer> {
    let (app, _) = open(&visit, &id)?;
    if visit.root.is_some() {
        return Ok(visit.finish(Answer::see_other(&format!("/apps/{}/request", app.id))));
    }
    Ok(address_page(&visit, &app, "", None))
}

fn address_page(visit: &Visit, app: &App, email: &str, error: Option<&str>) -> Answer {
    let page = AddressPage {
        site: &visit.site,
        app: &app.name,
        action: format!("/signup/{}", app.id),
        error,
        token: visit.form_token(ADDRESS_FORM),
        email,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signup/{app}`: mails a code to whoever wants to sign up.
pub(super) async fn ask(visit: Visit, Path(id): Path<String>, sent: Result<Form<AddressForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ADDRESS_FORM)?;
    let (app, signup) = open(&visit, &id)?;
    let shown: String = sent.email.chars().take(254).collect();
    let Ok(address) = EmailAddress::parse(&sent.email) else {
        return Ok(address_page(&visit, &app, &shown, Some("signin-address-wrong")));
    };
    if !signup.admits(&address) || !visit.config().admits(&app, &address) {
        return Ok(address_page(&visit, &app, &shown, Some("signup-domain")));
    }
    signin::send_code(&visit, address, Aim::SignUp(app.id.clone())).await
}

/// The address is proved: the form, or what is so already.
pub(super) async fn proved(visit: &Visit, flow: &Flow, app: &AppId, shown: Digest) -> Result<Answer, Answer> {
    let (app, signup) = open(visit, app.as_str())?;
    if let Some(answer) = already(visit, &app, &flow.address).await? {
        return Ok(answer);
    }
    let proved = Proved {
        app: app.id.clone(),
        address: flow.address.clone(),
        browser: flow.browser,
        mailed: flow.code,
        shown,
        at: visit.now,
        by: None,
    };
    Ok(form_page(visit, (&app, &signup), &proved, &Typed::new(), &HashMap::new()))
}

/// A provider vouches for the address: the form, or what is so already.
pub(super) async fn vouched(visit: &Visit, app: &AppId, vouched: &Vouched) -> Result<Answer, Answer> {
    let (app, signup) = open(visit, app.as_str())?;
    if let Some(answer) = already(visit, &app, &vouched.address).await? {
        return Ok(answer);
    }
    // No code was mailed, so that these fit nothing.
    let [mailed, shown] = [b"mailed", b"shown!"].map(|text: &[u8; 6]| Digest::of(text));
    let browser = Digest::of(visit.browser().as_bytes());
    let (address, by) = (vouched.address.clone(), Some(vouched.clone()));
    let proved = Proved { app: app.id.clone(), address, browser, mailed, shown, at: visit.now, by };
    Ok(form_page(visit, (&app, &signup), &proved, &Typed::new(), &HashMap::new()))
}

/// What somebody is told who need not, or may not, sign up.
async fn already(visit: &Visit, app: &App, address: &EmailAddress) -> Result<Option<Answer>, Answer> {
    let store = &visit.state.store;
    if visit.config().is_member(address) {
        return Ok(Some(redeem::notice(visit, StatusCode::CONFLICT, "signup-member-title", &["signup-member-why"], None)));
    }
    let Some(guest) = store.guest_by_email(address).await.map_err(|_| visit.unavailable())? else { return Ok(None) };
    match guest.must_be_active() {
        Err(Refused::Removed) => return Ok(None),
        Err(_) => return Ok(Some(signin::no_entry(visit))),
        Ok(()) => {}
    }
    let grants = store.grants_of(guest.id).await.map_err(|_| visit.unavailable())?;
    let has = grants.iter().any(|g| g.app == app.id && g.is_in_force(visit.now));
    let (title, line) = if has { ("signup-has-title", "signup-has-why") } else { ("signup-guest-title", "signup-guest-why") };
    Ok(Some(redeem::notice(visit, StatusCode::OK, title, &[line], Some(("/signin", "sign-in-button")))))
}

fn form_page(visit: &Visit, (app, signup): (&App, &SignUp), proved: &Proved, typed: &Typed, errors: &HashMap<String, String>) -> Answer {
    let own_name = visit.site.say("signup-name").to_string();
    let own = |name: &'static str, label, required: bool| Line {
        name,
        label,
        help: None,
        required,
        longest: u32::try_from(LONGEST_NAME).unwrap_or(100),
        kind: Shape::Text,
        value: typed.get(name).cloned().unwrap_or_default(),
        error: errors.get(name).cloned(),
    };
    let mut fields = vec![own("name", &own_name, true)];
    fields.extend(signup.fields.iter().map(|field| Line {
        name: field.name.as_str(),
        label: &field.label,
        help: field.help.as_deref(),
        required: field.required,
        longest: field.longest(),
        kind: match &field.kind {
            FieldKind::Text { .. } => Shape::Text,
            FieldKind::Choice(options) => Shape::Choice(options),
            FieldKind::Date => Shape::Date,
            FieldKind::Checkbox => Shape::Checkbox,
            FieldKind::Email => Shape::Email,
        },
        value: typed.get(field.name.as_str()).cloned().unwrap_or_default(),
        error: errors.get(field.name.as_str()).cloned(),
    }));
    let page = FormPage {
        site: &visit.site,
        app: &app.name,
        action: format!("/signup/{}/form", app.id),
        email: proved.address.as_str(),
        state: proved.seal(visit),
        fields,
        wrong: errors.len(),
        owners: signup.approval == ApprovalBy::Owners,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signup/{app}/form`: the answers.
pub(super) async fn answer(
    visit: Visit,
    Path(id): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    // Of a field that is sent twice, the first counts: a browser of ours sends none twice.
    let mut typed = Typed::new();
    for (name, value) in sent {
        typed.entry(name).or_insert(value);
    }
    let (app, signup) = open(&visit, &id)?;
    let state = typed.remove("state").unwrap_or_default();
    let proved = Proved::unseal(&visit, &state, &app.id).ok_or_else(|| visit.refuse(&Refusal::CrossSite))?;
    if visit.now >= proved.at.plus(PATIENCE) {
        let again = format!("/signup/{}", app.id);
        return Ok(redeem::notice(&visit, StatusCode::GONE, "signup-late-title", &["signup-late-why"], Some((&again, "signup-again"))));
    }
    let (name, answers) = match read(&visit.site, &signup, &typed) {
        Ok(read) => read,
        Err(errors) => return Ok(form_page(&visit, (&app, &signup), &proved, &typed, &errors)),
    };
    if let Some(answer) = already(&visit, &app, &proved.address).await? {
        return Ok(answer);
    }
    file(&visit, &app, &signup, &proved, (name, answers)).await
}

/// The name and the answers, or what is wrong with each.
fn read(site: &Site, signup: &SignUp, typed: &Typed) -> Result<(String, Vec<Answered>), HashMap<String, String>> {
    let mut errors = HashMap::new();
    let said = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let name = said("name").split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        errors.insert("name".to_owned(), site.say("signup-name-wrong").with("most", LONGEST_NAME).to_string());
    }
    let mut answers = Vec::with_capacity(signup.fields.len());
    for field in &signup.fields {
        match field.read(said(field.name.as_str())) {
            Ok(value) => answers.push(Answered { name: field.name.to_string(), label: field.label.clone(), value }),
            Err(error) => drop(errors.insert(field.name.to_string(), in_words(site, error).to_string())),
        }
    }
    if errors.is_empty() { Ok((name, answers)) } else { Err(errors) }
}

/// What is wrong with an answer.
fn in_words(site: &Site, error: AnswerError) -> Said<'_> {
    match error {
        AnswerError::Missing => site.say("answer-missing"),
        AnswerError::Length { min: 0 | 1, max } => site.say("answer-most").with("max", max),
        AnswerError::Length { min, max } => site.say("answer-length").with("min", min).with("max", max),
        AnswerError::Form => site.say("answer-form"),
        AnswerError::Choice => site.say("answer-choice"),
        AnswerError::Date => site.say("answer-date"),
        AnswerError::Email => site.say("answer-email"),
    }
}

/// Files the sign-up, and lets in at once where nobody is to decide.
async fn file(
    visit: &Visit,
    app: &App,
    signup: &SignUp,
    proved: &Proved,
    (name, answers): (String, Vec<Answered>),
) -> Result<Answer, Answer> {
    let at_once = signup.approval == ApprovalBy::Nobody && signup.webhook.is_none();
    let draft = RequestDraft {
        kind: RequestKind::SignUp,
        app: app.id.clone(),
        reason: None,
        answers,
        endowment: Endowment { attributes: Default::default(), groups: signup.groups.clone(), role: signup.role.clone() },
        name: Some(name),
        language: Some(visit.site.voice.tag()),
        lifetime: LIFETIME,
        asks: match (signup.webhook.is_some(), signup.approval) {
            (true, _) => Asks::Program,
            (false, ApprovalBy::Owners) => Asks::People,
            (false, ApprovalBy::Nobody) => Asks::Nobody,
        },
        mails: Vec::new(),
    };
    let request = match filed(visit, &proved.address, draft).await {
        Ok(request) => request,
        Err(failure) => return Err(signin::failed(visit, &failure)),
    };
    tracing::info!(request = %request.id, app = %app.id, "sign-up");
    if !at_once {
        return Ok(waiting::at(visit, &request, "/"));
    }
    let invitation = passed(visit, &request).await.map_err(|failure| signin::failed(visit, &failure))?;
    if let Some(vouched) = &proved.by {
        let proof = AddressProof::by_provider(&proved.address, None, vouched).ok_or_else(|| visit.refuse(&Refusal::CrossSite))?;
        return redeem::accept_vouched(visit, invitation, proof, vouched).await;
    }
    let pair = (&proved.mailed, &proved.shown);
    let proof =
        AddressProof::checked(&proved.address, MailFactor::Code, pair, proved.at).ok_or_else(|| visit.refuse(&Refusal::CrossSite))?;
    redeem::accept(visit, invitation, proof).await
}

impl Proved {
    fn seal(&self, visit: &Visit) -> String {
        serde_json::to_vec(self).map(|bytes| visit.state.keys.seal(Purpose::SignUp, &bytes)).unwrap_or_default()
    }

    fn unseal(visit: &Visit, sealed: &str, app: &AppId) -> Option<Self> {
        let bytes = if sealed.len() <= LONGEST_STATE { visit.state.keys.unseal(Purpose::SignUp, sealed)? } else { return None };
        let proved: Self = serde_json::from_slice(&bytes).ok()?;
        let browser = Digest::of(visit.kept_browser()?.as_bytes());
        (proved.app == *app && proved.browser == browser).then_some(proved)
    }
}

/// The app, if people may sign up for it; an app for which they may not is as good as none.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
fn open(visit: &Visit, id: &str) -> Result<(std::sync::Arc<App>, SignUp), Answer> {
    let found = AppId::parse(id).ok().and_then(|id| visit.config().app(&id).cloned());
    let open = found.and_then(|app| app.signup.clone().map(|signup| (app, signup)));
    open.ok_or_else(|| visit.refuse(&Refusal::NotFound))
}
