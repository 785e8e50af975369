//! A partner's provider tells that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).
//!
//! The provider itself calls, not a browser: what it brings is a signed token, and nothing else is looked at.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
};
use http::StatusCode;
use serde::Deserialize;

use super::{attempts, people, provider, visit::Visit};
use crate::{
    config::Provider,
    directory::{Refusal as Refused, Session, provider_session},
    identity::oidc::{Logout, LogoutClaims, logout as judge},
    observe::causes,
    outbound::ProviderError,
    store::{Counter, Limit, StoreError},
    web::Answer,
};

/// What the provider sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    logout_token: String,
}

/// `POST /signin/oidc/{id}/logout`.
pub(super) async fn logout(visit: Visit, Path(id): Path<String>, sent: Result<Form<Sent>, FormRejection>) -> Result<Answer, Answer> {
    let provider = provider::find(&visit, &id)?;
    let Ok(Form(sent)) = sent else { return Ok(refused("no logout_token")) };
    // Checking signatures is work: whoever sends what is not right cannot make us do it without end.
    if attempts::provider_failures(&visit).await.map_err(|_| away())? {
        return Ok(refused("too many"));
    }
    let callback = provider::callback(&visit, &provider);
    let opened = visit.state.providers.open::<LogoutClaims>(provider::asked(&visit, &provider, &callback), &sent.logout_token).await;
    let told = match opened {
        Ok(token) => judge(&provider, &token, visit.now).map_err(|cause| cause.to_string()),
        Err(cause @ ProviderError::Token(_)) => Err(causes(&cause)),
        Err(cause) => {
            tracing::warn!(provider = %provider.id, error = causes(&cause), "a logout token cannot be checked");
            return Ok(away());
        }
    };
    let told = match told {
        Ok(told) => told,
        Err(why) => {
            tracing::warn!(provider = %provider.id, error = why, "a logout token was refused");
            attempts::provider_failed(&visit).await.map_err(|_| away())?;
            return Ok(refused("not accepted"));
        }
    };
    let (counter, once) = (Counter::Once(told.once), Limit::once(told.until.since(visit.now), visit.now));
    if visit.state.store.counted(counter, visit.now).await.map_err(|_| away())? > 0 {
        tracing::info!(provider = %provider.id, "a logout token came twice");
        return Ok(refused("used before"));
    }
    // It is used once what it asks for is done: a provider that is asked to try again brings the same one.
    if let Err(cause) = end(&visit, &provider, &told).await {
        tracing::error!(provider = %provider.id, error = causes(&cause), "sessions could not be ended for an OpenID provider");
        return Ok(away());
    }
    let _ = visit.state.store.count(counter, once).await.map_err(|_| away())?;
    Ok(Answer::json(StatusCode::OK, "application/json", "{}".to_owned()))
}

/// Ends what rests on the provider's session, and waits until the data plane knows.
async fn end(visit: &Visit, provider: &Provider, told: &Logout) -> Result<(), StoreError> {
    let store = &visit.state.store;
    let key = told.session.as_deref().map(|session| provider_session(provider.issuer.as_str(), session));
    for _ in 0..people::TRIES {
        let guest = match &told.subject {
            Some(subject) => store.guest_bound(provider.issuer.as_str(), subject).await?,
            None => None,
        };
        let sessions = match (&guest, &key) {
            (Some(guest), _) => store.sessions_of(guest.id).await?,
            (None, Some(key)) => store.sessions_by_provider(key).await?,
            (None, None) => Vec::new(),
        };
        let proposal = match Session::provider_sign_out(&visit.occasion(), &provider.id, key.as_ref(), &sessions) {
            Ok(proposal) => proposal,
            Err(Refused::NothingToDo) => return Ok(()),
            // Nothing else can be wrong with it.
            Err(_) => return Err(StoreError::Conflict),
        };
        let ended = proposal.changes.len();
        if let Some(revision) = people::commit(visit, proposal).await? {
            people::caught_up(visit, revision).await;
            tracing::info!(provider = %provider.id, sessions = ended, "an OpenID provider has signed somebody out");
            return Ok(());
        }
    }
    Err(StoreError::Conflict)
}

/// As the protocol has it; what exactly is wrong is for our log.
fn refused(why: &str) -> Answer {
    let body = serde_json::json!({ "error": "invalid_request", "error_description": why });
    Answer::json(StatusCode::BAD_REQUEST, "application/json", body.to_string())
}

/// The provider may try again.
fn away() -> Answer {
    Answer::json(StatusCode::SERVICE_UNAVAILABLE, "application/json", "{}".to_owned()).with(http::header::RETRY_AFTER, "5")
}
