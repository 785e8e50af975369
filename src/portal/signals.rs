//! A partner's provider tells what has become of somebody's account or session there: Shared Signals 1.0 with CAEP 1.0 events, by push
//! (RFC 8935).
//!
//! As with logout, the provider itself calls: what it brings is a signed token, and nothing else is looked at. Which provider it is stands
//! in the token, and its keys then say whether that is true.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::{attempts, people, provider, visit::Visit};
use crate::{
    config::Provider,
    directory::{Actor, EndSessions, Guest, Proposal, Refusal as Refused, Session, SuspendGuest, Target, may, provider_session},
    identity::oidc::{Happened, Signal, SignalClaims, SignalError, Subject, signal as judge},
    observe::causes,
    outbound::ProviderError,
    store::{Counter, Limit, StoreError},
    web::Answer,
};

/// The one address for all providers.
pub(super) const RECEIVER: &str = "/ssf/events";
const MEDIA_TYPE: &str = "application/secevent+jwt";

/// `POST /ssf/events`.
pub(super) async fn receive(visit: Visit, headers: HeaderMap, body: String) -> Result<Answer, Answer> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MEDIA_TYPE) {
        return Ok(refused("invalid_request", "the body is to be application/secevent+jwt"));
    }
    // Checking signatures is work: whoever sends what is not right cannot make us do it without end.
    if attempts::provider_failures(&visit).await.map_err(|_| away())? {
        return Ok(Answer::json(StatusCode::TOO_MANY_REQUESTS, "application/json", "{}".to_owned()).with(header::RETRY_AFTER, "3600"));
    }
    let token = body.trim();
    let Some(provider) = sender(&visit, token) else {
        return wrong(&visit, "none", SignalError::Issuer.word(), "no provider of ours").await;
    };
    let callback = provider::callback(&visit, &provider);
    let opened = visit.state.providers.open::<SignalClaims>(provider::asked(&visit, &provider, &callback), token).await;
    let opened = match opened {
        Ok(opened) => opened,
        Err(cause @ ProviderError::Token(_)) => return wrong(&visit, provider.id.as_str(), "invalid_key", &causes(&cause)).await,
        Err(cause) => {
            tracing::warn!(provider = %provider.id, error = causes(&cause), "a security event cannot be checked");
            return Ok(away());
        }
    };
    let receiver = format!("{}{RECEIVER}", visit.site.portal);
    let signal = match judge(&provider, &receiver, &opened, visit.now) {
        Ok(signal) => signal,
        Err(cause) => return wrong(&visit, provider.id.as_str(), cause.word(), &cause.to_string()).await,
    };
    let counter = Counter::Once(signal.once);
    // What came before is done already: a transmitter that did not hear so is told again (RFC 8935 §2.2).
    if visit.state.store.counted(counter, visit.now).await.map_err(|_| away())? > 0 {
        return Ok(taken());
    }
    if let Err(cause) = act(&visit, &provider, &signal).await {
        tracing::error!(provider = %provider.id, error = causes(&cause), "a security event could not be acted upon");
        return Ok(away());
    }
    // It is used once it has worked.
    let once = Limit::once(signal.until.since(visit.now), visit.now);
    let _ = visit.state.store.count(counter, once).await.map_err(|_| away())?;
    Ok(taken())
}

/// The provider that the token says it is from. Not a word of it is believed before its keys have opened it.
fn sender(visit: &Visit, token: &str) -> Option<Arc<Provider>> {
    #[derive(Deserialize)]
    struct Says {
        iss: String,
    }
    let payload = token.split('.').nth(1)?;
    let says: Says = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    visit.config().identity.providers.iter().find(|provider| provider.issuer.as_str() == says.iss).cloned()
}

/// Does what the event asks for, and waits until the data plane knows.
async fn act(visit: &Visit, provider: &Provider, signal: &Signal) -> Result<(), StoreError> {
    if !matches!(signal.happened, Happened::SessionRevoked | Happened::AccountDisabled) {
        tracing::info!(provider = %provider.id, event = signal.event, "a security event was taken note of");
        return Ok(());
    }
    for _ in 0..people::TRIES {
        let proposal = match signal.happened {
            Happened::AccountDisabled => disable(visit, provider, signal).await?,
            Happened::SessionRevoked | Happened::Verification | Happened::Other => revoke(visit, provider, signal).await?,
        };
        let Some(proposal) = proposal else {
            tracing::info!(provider = %provider.id, event = signal.event, "a security event is about nobody here");
            return Ok(());
        };
        if let Some(revision) = people::commit(visit, proposal).await? {
            people::caught_up(visit, revision).await;
            tracing::info!(provider = %provider.id, event = signal.event, "a security event was acted upon");
            return Ok(());
        }
    }
    Err(StoreError::Conflict)
}

/// The guest whom the event names.
async fn guest(visit: &Visit, provider: &Provider, signal: &Signal) -> Result<Option<Guest>, StoreError> {
    let store = &visit.state.store;
    match &signal.subject {
        Some(Subject::Named(subject)) => store.guest_bound(provider.issuer.as_str(), subject).await,
        // The provider speaks for the addresses of its domains, whoever is bound to what there.
        Some(Subject::Address(address)) => store.guest_by_email(address).await,
        None => Ok(None),
    }
}

/// Suspends the guest; nothing that is open stays so.
async fn disable(visit: &Visit, provider: &Provider, signal: &Signal) -> Result<Option<Proposal>, StoreError> {
    let Some(guest) = guest(visit, provider, signal).await? else { return Ok(None) };
    let grants = visit.state.store.grants_of(guest.id).await?;
    let Ok(warrant) = may::<SuspendGuest>(&Actor::System, Target::Guest(&guest, &grants)) else { return Ok(None) };
    let reason = format!("{} has disabled the account", provider.name);
    match guest.suspend(&visit.occasion(), &warrant, Some(reason)) {
        Ok((_, proposal)) => Ok(Some(proposal)),
        Err(Refused::NothingToDo) => Ok(None),
        Err(_) => Err(StoreError::Conflict),
    }
}

/// Ends sessions: the one that is named, as far as it rests on the provider, else all of the guest.
async fn revoke(visit: &Visit, provider: &Provider, signal: &Signal) -> Result<Option<Proposal>, StoreError> {
    let store = &visit.state.store;
    let key = signal.session.as_deref().map(|session| provider_session(provider.issuer.as_str(), session));
    let guest = guest(visit, provider, signal).await?;
    let ended = match (guest, key) {
        (_, Some(key)) => {
            let sessions = store.sessions_by_provider(&key).await?;
            Session::provider_sign_out(&visit.occasion(), &provider.id, Some(&key), &sessions)
        }
        (Some(guest), None) => {
            let (grants, sessions) = (store.grants_of(guest.id).await?, store.sessions_of(guest.id).await?);
            let Ok(warrant) = may::<EndSessions>(&Actor::System, Target::Guest(&guest, &grants)) else { return Ok(None) };
            Session::sign_out_all(&visit.occasion(), &warrant, &sessions)
        }
        (None, None) => return Ok(None),
    };
    match ended {
        Ok(proposal) => Ok(Some(proposal)),
        Err(Refused::NothingToDo) => Ok(None),
        Err(_) => Err(StoreError::Conflict),
    }
}

/// It is not taken, and whoever sends such things again and again is heard no longer.
async fn wrong(visit: &Visit, provider: &str, word: &'static str, why: &str) -> Result<Answer, Answer> {
    tracing::warn!(provider, error = why, "a security event was refused");
    attempts::provider_failed(visit).await.map_err(|_| away())?;
    Ok(refused(word, "not accepted"))
}

/// RFC 8935 §2.2: nothing is said but that it came.
fn taken() -> Answer {
    Answer::json(StatusCode::ACCEPTED, "application/json", String::new())
}

/// RFC 8935 §2.3; what exactly is wrong is for our log.
fn refused(word: &'static str, why: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, "application/json", serde_json::json!({ "err": word, "description": why }).to_string())
}

/// The transmitter may try again.
fn away() -> Answer {
    Answer::json(StatusCode::SERVICE_UNAVAILABLE, "application/json", "{}".to_owned()).with(header::RETRY_AFTER, "5")
}
