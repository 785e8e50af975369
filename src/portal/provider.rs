//! Signing in at the partner's own provider: the way there, and back.
//!
//! While a browser is there everything lies sealed in `state`, bound to the browser, for half an hour and one answer, so that strangers
//! who go and do not come back grow nothing here. The way there begins with a page of ours, whoever the address belongs to.

use askama::Template;
use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, QueryRejection},
    },
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    arrival::{self, Arrival},
    attempts,
    flow::Aim,
    people, redeem, signin,
    stepup::Around,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{Digest, EmailAddress, FlowId, GuestId, Id, Name, Span},
    config::{Fallback, Provider},
    directory::{Actor, Proposal, Vouched, audit::Event},
    identity::{
        Purpose, Start,
        oidc::{ClaimError, Question, id_token},
    },
    observe::{SignInResult, causes},
    outbound::{Asked, ProviderError},
    store::StoreError,
    web::{Answer, Refusal, Site, continue_to, render},
};

/// The use of the form token on pages that lead to a provider.
const PROVIDER_FORM: &str = "provider";
/// How long a browser may be at a provider.
const PATIENCE: Span = Span::mins(30);
/// The longest `state`: providers and what lies in between cut longer addresses.
const LONGEST_STATE: usize = 1800;

/// What lies sealed while a browser is at a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Trip {
    #[serde(rename = "j")]
    id: FlowId,
    #[serde(rename = "p")]
    provider: Name,
    /// The digest of the browser's flow cookie.
    #[serde(rename = "b", with = "crate::identity::digest")]
    browser: Digest,
    #[serde(rename = "q")]
    question: Question,
    /// Whose address was typed in, or is asked to show it again.
    #[serde(rename = "a")]
    pub(super) address: EmailAddress,
    /// Whose session it is that asks for more.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(super) guest: Option<GuestId>,
    #[serde(rename = "w")]
    pub(super) aim: Aim,
}

/// Why somebody goes to a provider.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    pub(super) address: EmailAddress,
    pub(super) aim: Aim,
    /// Whose session asks for more; they are to sign in anew.
    pub(super) guest: Option<GuestId>,
}

/// The form of a step.
#[derive(Debug, Deserialize)]
pub(super) struct StepForm {
    token: String,
    #[serde(default)]
    way: String,
}

/// What a provider sends back.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "step_provider.html")]
struct StepPage<'p> {
    site: &'p Site,
    around: &'p Around,
    provider: &'p str,
    token: String,
}

#[derive(Template)]
#[template(path = "provider.html")]
struct ChoicePage<'p> {
    site: &'p Site,
    provider: &'p str,
    url: &'p str,
    token: String,
    email: &'p str,
    start: String,
}

/// Sends a browser to the provider that vouches for its address: at once where there is no other way, else with the choice.
pub(super) async fn begin(visit: &Visit, provider: &Provider, address: EmailAddress, aim: Aim) -> Result<Answer, Answer> {
    let way = match &aim {
        Aim::SignIn(way) if provider.fallback == Fallback::EmailCode => Some(way.write(&visit.state.keys)),
        Aim::SignIn(_) | Aim::Accept(_) | Aim::SignUp(_) => None,
    };
    let email = address.clone();
    let url = address_there(visit, provider, Errand { address, aim, guest: None }).await?;
    let Some(start) = way else { return Ok(visit.finish(continue_to(&visit.site, &provider.name, &url))) };
    let page = ChoicePage {
        site: &visit.site,
        provider: &provider.name,
        url: &url,
        token: visit.form_token(signin::ADDRESS_FORM),
        email: email.as_str(),
        start,
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// The page that asks a signed-in guest to sign in there anew.
pub(super) fn step(visit: &Visit, address: &EmailAddress, around: &Around) -> Answer {
    let Some(provider) = visit.config().identity.provider_of(address) else { return visit.finish(Answer::see_other("/")) };
    let page = StepPage { site: &visit.site, around, provider: &provider.name, token: visit.form_token(PROVIDER_FORM) };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

/// `POST /signin/provider`: a step is taken.
pub(super) async fn go(visit: Visit, sent: Result<Form<StepForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, PROVIDER_FORM)?;
    let Some(root) = visit.root.clone() else { return Ok(visit.finish(Answer::see_other("/signin"))) };
    let address = root.guest.email.clone();
    let provider = visit.config().identity.provider_of(&address).cloned().ok_or_else(|| visit.refuse(&Refusal::NotFound))?;
    let errand = Errand { address, aim: Aim::SignIn(Way::read(&visit, &sent.way)), guest: Some(root.guest.id) };
    let url = address_there(&visit, &provider, errand).await?;
    Ok(visit.finish(continue_to(&visit.site, &provider.name, &url)))
}

/// Where a browser goes to sign in at the provider.
async fn address_there(visit: &Visit, provider: &Provider, errand: Errand) -> Result<String, Answer> {
    let question = Question::new(visit.state.entropy.as_ref(), visit.now, errand.guest.is_some());
    let trip = Trip {
        id: FlowId::random(visit.state.entropy.as_ref()),
        provider: provider.id.clone(),
        browser: Digest::of(visit.browser().as_bytes()),
        question,
        address: errand.address,
        guest: errand.guest,
        aim: errand.aim,
    };
    let callback = callback(visit, provider);
    let asked = asked(visit, provider, &callback);
    let url = visit.state.providers.address(asked, &trip.question, &trip.seal(visit), Some(trip.address.as_str())).await;
    url.map(String::from).map_err(|cause| away(visit, provider, &trip.aim, &cause))
}

/// `GET /signin/oidc/{id}`: a browser comes back.
pub(super) async fn back(visit: Visit, Path(id): Path<String>, query: Result<Query<Back>, QueryRejection>) -> Result<Answer, Answer> {
    let Ok(Query(sent)) = query else { return Err(visit.refuse(&Refusal::BrokenForm)) };
    let provider = find(&visit, &id)?;
    let Some(trip) = Trip::unseal(&visit, &sent.state, &provider) else {
        visit.state.metrics.signin(METHOD, SignInResult::Expired);
        return Err(late(&visit, None));
    };
    let vouched = hear(&visit, &provider, &trip, &sent).await?;
    arrival::arrive(&visit, &Arrival { provider: &provider, trip: &trip, vouched: &vouched }).await
}

/// The provider's answer, judged.
async fn hear(visit: &Visit, provider: &Provider, trip: &Trip, sent: &Back) -> Result<Vouched, Answer> {
    let callback = callback(visit, provider);
    let asked = asked(visit, provider, &callback);
    let providers = &visit.state.providers;
    // Whoever says it must be the one who was asked, also where it says that nothing came of it.
    let own = providers.is_own_answer(asked, sent.iss.as_deref()).await.map_err(|cause| away(visit, provider, &trip.aim, &cause))?;
    if !own {
        return Err(wrong(visit, provider, trip, "the answer names another issuer").await);
    }
    if let Some(error) = &sent.error {
        return Err(declined(visit, provider, &trip.aim, error));
    }
    let code = sent.code.as_deref().filter(|code| !code.is_empty()).ok_or_else(|| late(visit, Some(&trip.aim)))?;
    let unavailable = |_| visit.unavailable();
    if attempts::provider_failures(visit).await.map_err(unavailable)? {
        visit.state.metrics.signin(METHOD, SignInResult::Exhausted);
        return Err(late(visit, Some(&trip.aim)));
    }
    if !attempts::first_return(visit, trip.id, PATIENCE).await.map_err(unavailable)? {
        visit.state.metrics.signin(METHOD, SignInResult::Expired);
        return Err(late(visit, Some(&trip.aim)));
    }
    let answered = match providers.redeem(asked, &trip.question, code).await {
        Ok(answered) => answered,
        Err(ProviderError::Code(said)) => {
            tracing::info!(provider = %provider.id, error = said, "an OpenID provider does not take a code");
            attempts::provider_failed(visit).await.map_err(unavailable)?;
            visit.state.metrics.signin(METHOD, SignInResult::Wrong);
            return Err(late(visit, Some(&trip.aim)));
        }
        Err(cause @ (ProviderError::Token(_) | ProviderError::Answer(_))) => {
            return Err(wrong(visit, provider, trip, &causes(&cause)).await);
        }
        Err(cause) => return Err(away(visit, provider, &trip.aim, &cause)),
    };
    let judged = id_token(provider, &trip.question, &answered.token, (Some(&answered.access), answered.about.as_ref()), visit.now);
    match judged {
        Ok(vouched) => Ok(vouched),
        Err(cause @ (ClaimError::Domain | ClaimError::Unverified)) => {
            refused(visit, provider, trip, &cause.to_string()).await;
            let lines = [visit.site.say("provider-address-why").with("provider", &provider.name).to_string()];
            Err(told(visit, "provider-address-title", lines, "provider-address-next", &trip.aim))
        }
        Err(cause) => Err(wrong(visit, provider, trip, &cause.to_string()).await),
    }
}

impl Trip {
    /// For the address. What is too long for it loses the page that somebody was going to, and nothing else.
    fn seal(&self, visit: &Visit) -> String {
        let seal = |trip: &Self| serde_json::to_vec(trip).map(|bytes| visit.state.keys.seal(Purpose::Trip, &bytes)).unwrap_or_default();
        let sealed = seal(self);
        match &self.aim {
            Aim::SignIn(Way::App(start)) if sealed.len() > LONGEST_STATE => {
                let start = Start { target: "/".to_owned(), ..(**start).clone() };
                seal(&Self { aim: Aim::SignIn(Way::App(Box::new(start))), ..self.clone() })
            }
            Aim::SignIn(_) | Aim::Accept(_) | Aim::SignUp(_) => sealed,
        }
    }

    /// What this browser took to this provider, not too long ago.
    fn unseal(visit: &Visit, sealed: &str, provider: &Provider) -> Option<Self> {
        let bytes = if sealed.len() <= 2 * LONGEST_STATE { visit.state.keys.unseal(Purpose::Trip, sealed)? } else { return None };
        let trip: Self = serde_json::from_slice(&bytes).ok()?;
        let browser = Digest::of(visit.kept_browser()?.as_bytes());
        let fits = trip.provider == provider.id && trip.browser == browser && visit.now < trip.question.asked.plus(PATIENCE);
        fits.then_some(trip)
    }
}

/// As metrics name it.
pub(super) const METHOD: &str = "federated";

/// The provider with this id.
#[expect(clippy::result_large_err, reason = "made once, for a request that is over with it")]
pub(super) fn find(visit: &Visit, id: &str) -> Result<std::sync::Arc<Provider>, Answer> {
    let found = Name::parse(id).ok().and_then(|id| visit.config().identity.provider(&id).cloned());
    found.ok_or_else(|| visit.refuse(&Refusal::NotFound))
}

/// The address that the provider sends browsers back to.
pub(super) fn callback(visit: &Visit, provider: &Provider) -> String {
    format!("{}{}", visit.site.portal, provider.callback())
}

pub(super) fn asked<'a>(visit: &'a Visit, provider: &'a Provider, callback: &'a str) -> Asked<'a> {
    Asked { provider, outbound: &visit.config().outbound, callback, now: visit.now }
}

/// The provider does not answer, or says that something is wrong with it.
fn away(visit: &Visit, provider: &Provider, aim: &Aim, cause: &ProviderError) -> Answer {
    tracing::warn!(provider = %provider.id, error = causes(cause), "nobody can sign in at an OpenID provider");
    unanswered(visit, provider, aim)
}

fn unanswered(visit: &Visit, provider: &Provider, aim: &Aim) -> Answer {
    let lines = [visit.site.say("provider-away-why").with("provider", &provider.name).to_string()];
    told(visit, "provider-away-title", lines, "provider-away-next", aim)
}

/// The provider has said no.
fn declined(visit: &Visit, provider: &Provider, aim: &Aim, error: &str) -> Answer {
    // The words of the protocol; whatever else somebody writes into an address does not reach a log.
    let word: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    match word.as_str() {
        "access_denied" | "login_required" | "consent_required" | "interaction_required" | "account_selection_required" => {
            visit.state.metrics.signin(METHOD, SignInResult::Refused);
            let lines = [visit.site.say("provider-declined-why").with("provider", &provider.name).to_string()];
            told(visit, "provider-declined-title", lines, "provider-declined-next", aim)
        }
        _ => {
            tracing::warn!(provider = %provider.id, error = word, "an OpenID provider has answered with an error");
            unanswered(visit, provider, aim)
        }
    }
}

/// Too late, for the second time, or not from here.
fn late(visit: &Visit, aim: Option<&Aim>) -> Answer {
    let lines = [visit.site.say("provider-late-why").to_string()];
    told(visit, "provider-late-title", lines, "provider-late-next", aim.unwrap_or(&Aim::SignIn(Way::Home)))
}

/// What came was not right: nobody is signed in.
async fn wrong(visit: &Visit, provider: &Provider, trip: &Trip, why: &str) -> Answer {
    refused(visit, provider, trip, why).await;
    let lines = [visit.site.say("provider-wrong-why").with("provider", &provider.name).to_string()];
    told(visit, "provider-wrong-title", lines, "provider-wrong-next", &trip.aim)
}

/// Writes down that somebody was not signed in.
pub(super) async fn refused(visit: &Visit, provider: &Provider, trip: &Trip, why: &str) {
    tracing::warn!(provider = %provider.id, error = why, "what an OpenID provider said was not accepted");
    visit.state.metrics.signin(METHOD, SignInResult::Wrong);
    let entry = visit.occasion().entry(&Actor::System, Event::SignInRefused).detail("provider", provider.id.as_str());
    let entry = entry.detail("reason", why).personal("guest", trip.address.as_str());
    if let Err(cause) = write_down(visit, &trip.address, Proposal::of_entry(entry)).await {
        tracing::error!(error = causes(&cause), "a refused sign-in was not written down");
    }
}

async fn write_down(visit: &Visit, address: &EmailAddress, entry: Proposal) -> Result<(), StoreError> {
    attempts::provider_failed(visit).await?;
    attempts::wrong(visit, address).await?;
    people::commit(visit, entry).await.map(|_| ())
}

/// A page with sentences of its own, the next step, and the way to try again.
pub(super) fn told(visit: &Visit, title: &str, lines: impl IntoIterator<Item = String>, next: &str, aim: &Aim) -> Answer {
    let again = match aim {
        Aim::SignIn(way) => match way.start() {
            Some(start) => format!("/signin?start={}&via=form", start.seal(&visit.state.keys)),
            None => "/signin".to_owned(),
        },
        Aim::SignUp(app) => format!("/signup/{app}"),
        Aim::Accept(_) => "/signin".to_owned(),
    };
    // An invitation is opened again by its own link, which does not lie here.
    let link = (!matches!(aim, Aim::Accept(_))).then_some((again.as_str(), "provider-again"));
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.push(visit.site.say(next).to_string());
    redeem::told(visit, StatusCode::FORBIDDEN, title, &lines, link)
}
