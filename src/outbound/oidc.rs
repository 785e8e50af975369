//! Partners' OpenID providers over the network: what they publish about themselves, where a browser is sent, and what a code is worth.
//!
//! What they publish is kept for an hour, and their keys are asked for again when a token names one that we do not know; neither can be
//! made to happen more often by whoever sends us tokens. Whether a token is believed is `identity`'s to judge.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken, LoginHint, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreProviderMetadata, CoreTokenResponse},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;
use url::Url;

use super::call::{CallError, Reach, call};
use crate::{
    base::{Name, Span, Timestamp},
    config::{Outbound, Provider},
    identity::oidc::{IdClaims, KeyFault, Opened, ProviderKeys, Question, UserInfo},
};

/// Everything that is known of the providers, for as long as the process runs.
#[derive(Debug, Default)]
pub struct Providers {
    /// One for each that the configuration names.
    seats: std::sync::Mutex<HashMap<Name, Arc<Seat>>>,
}

/// One provider, and whom we may reach to ask it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Which one.
    pub provider: &'a Provider,
    /// What may be reached that it names.
    pub outbound: &'a Outbound,
    /// Where it sends browsers back to.
    pub callback: &'a str,
    /// The present.
    pub now: Timestamp,
}

/// What a code was worth.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The ID token, opened.
    pub token: Opened<IdClaims>,
    /// The access token, which is good for nothing further.
    pub access: String,
    /// What the provider's page about the person says, where the token does not say enough.
    pub about: Option<UserInfo>,
}

/// Why a provider is of no help.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer.
    #[error("the provider does not answer")]
    Call(#[from] CallError),
    /// It did not answer a moment ago.
    #[error("the provider did not answer a moment ago")]
    Lately,
    /// It answers with another status.
    #[error("the provider answered with status {0}")]
    Status(u16),
    /// What it publishes about itself cannot be used.
    #[error("what the provider publishes about itself cannot be used: {0}")]
    Document(String),
    /// It does not take the code.
    #[error("the provider does not take the code: {0}")]
    Code(String),
    /// Its answer to the code is not understood.
    #[error("the provider's answer to the code is not understood: {0}")]
    Answer(String),
    /// Its token is not opened.
    #[error("the provider's token is not opened")]
    Token(#[from] KeyFault),
}

/// What one provider publishes, and when it was asked.
#[derive(Debug, Default)]
struct Seat {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    document: Option<Arc<Document>>,
    failed: Option<Timestamp>,
    /// When its keys were last asked for because of a token.
    asked_again: Option<Timestamp>,
}

/// What a provider publishes about itself.
#[derive(Debug)]
struct Document {
    issuer: String,
    metadata: CoreProviderMetadata,
    more: More,
    keys: ProviderKeys,
    fetched: Timestamp,
}

/// What the library does not read.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct More {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    claims_parameter_supported: bool,
}

/// What a token shall say where the provider lets us ask (OpenID Connect Core §5.5): when somebody has signed in there, without having to do
/// it again, and how, where that counts.
const fn claims(provider: &Provider) -> &'static str {
    if provider.trust_mfa {
        r#"{"id_token":{"auth_time":{"essential":true},"acr":null,"amr":null}}"#
    } else {
        r#"{"id_token":{"auth_time":{"essential":true}}}"#
    }
}

/// How long what is published is kept, and how long at the longest while the provider does not answer.
const KEPT: Span = Span::hours(1);
const KEPT_AT_MOST: Span = Span::hours(24);
/// How long nobody asks again who would find no answer.
const PAUSE: Span = Span::secs(5);
/// How often tokens can make us ask for keys.
const ASK_AGAIN: Span = Span::secs(30);
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest document, in bytes.
const LARGEST: usize = 512 * 1024;

impl Providers {
    /// Where a browser goes to answer this question. `state` comes back with it.
    pub async fn address(&self, asked: Asked<'_>, question: &Question, state: &str, hint: Option<&str>) -> Result<Url, ProviderError> {
        let document = self.document(asked).await?;
        let provider = asked.provider;
        let client = client(asked, &document)?;
        let verifier = PkceCodeVerifier::new(question.verifier.clone());
        let (nonce, state) = (question.nonce.clone(), state.to_owned());
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(hint) = hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        for class in &provider.mfa.acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
        }
        if question.fresh {
            request = request.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login);
        }
        if document.more.claims_parameter_supported {
            request = request.add_extra_param("claims", claims(provider));
        }
        let (url, _, _) = request.url();
        let fits = url.scheme() == "https" || (provider.issuer.is_plain() && url.scheme() == "http");
        if fits { Ok(url) } else { Err(ProviderError::Document("browsers would be sent to an address without TLS".to_owned())) }
    }

    /// Whether an answer names the provider that we asked (RFC 9207): it must where the provider says that it does.
    pub async fn is_own_answer(&self, asked: Asked<'_>, issuer: Option<&str>) -> Result<bool, ProviderError> {
        match issuer {
            Some(issuer) => Ok(issuer == asked.provider.issuer.as_str()),
            None => Ok(!self.document(asked).await?.more.authorization_response_iss_parameter_supported),
        }
    }

    /// Redeems a code.
    pub async fn redeem(&self, asked: Asked<'_>, question: &Question, code: &str) -> Result<Answered, ProviderError> {
        let document = self.document(asked).await?;
        let client = client(asked, &document)?;
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|e| ProviderError::Document(e.to_string()))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(question.verifier.clone()));
        let caller = Caller(asked);
        // Named by its kind: what the library gives is one only for whoever looks at it closely.
        let exchange: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(exchange.request_async(&caller));
        let answer: CoreTokenResponse = exchange.await.map_err(|error| match error {
            RequestTokenError::ServerResponse(said) => ProviderError::Code(said.error().to_string()),
            RequestTokenError::Request(cause) => ProviderError::Call(cause),
            RequestTokenError::Parse(cause, _) => ProviderError::Answer(cause.to_string()),
            RequestTokenError::Other(cause) => ProviderError::Answer(cause),
        })?;
        let raw = answer.id_token().map(ToString::to_string).ok_or_else(|| ProviderError::Answer("it has no ID token".to_owned()))?;
        let token: Opened<IdClaims> = self.open(asked, &raw).await?;
        let access = openidconnect::OAuth2TokenResponse::access_token(&answer).secret().clone();
        let about = if token.claims.wants_more() { about(asked, &document, &access).await? } else { None };
        Ok(Answered { token, access, about })
    }

    /// Opens a token that the provider has signed. A key that is not known may be new: then its keys are asked for again, once.
    pub async fn open<C: DeserializeOwned>(&self, asked: Asked<'_>, token: &str) -> Result<Opened<C>, ProviderError> {
        let document = self.document(asked).await?;
        match document.keys.open(token) {
            Err(KeyFault::UnknownKey) => {}
            other => return Ok(other?),
        }
        let seat = self.seat(&asked.provider.id);
        let mut state = seat.state.lock().await;
        // Somebody else may have asked while this one waited.
        let newer = state.document.clone().filter(|now| now.fetched > document.fetched && now.issuer == document.issuer);
        let newer = match newer {
            Some(newer) => newer,
            None if state.asked_again.is_some_and(|at| asked.now < at.plus(ASK_AGAIN)) => return Err(KeyFault::UnknownKey.into()),
            None => {
                state.asked_again = Some(asked.now);
                let fetched = Arc::new(fetch(asked).await?);
                state.document = Some(Arc::clone(&fetched));
                fetched
            }
        };
        Ok(newer.keys.open(token)?)
    }

    /// What the provider publishes, not older than an hour if it answers.
    async fn document(&self, asked: Asked<'_>) -> Result<Arc<Document>, ProviderError> {
        let seat = self.seat(&asked.provider.id);
        // Held across the question: whoever comes meanwhile waits for the one answer.
        let mut state = seat.state.lock().await;
        let kept = state.document.clone().filter(|document| document.issuer == asked.provider.issuer.as_str());
        if let Some(document) = &kept
            && asked.now < document.fetched.plus(KEPT)
        {
            return Ok(Arc::clone(document));
        }
        let usable = kept.filter(|document| asked.now < document.fetched.plus(KEPT_AT_MOST));
        if state.failed.is_some_and(|at| asked.now < at.plus(PAUSE)) {
            return usable.ok_or(ProviderError::Lately);
        }
        match fetch(asked).await {
            Ok(document) => {
                let document = Arc::new(document);
                *state = State { document: Some(Arc::clone(&document)), failed: None, asked_again: state.asked_again };
                Ok(document)
            }
            Err(cause) => {
                state.failed = Some(asked.now);
                tracing::warn!(provider = %asked.provider.id, error = crate::observe::causes(&cause), "an OpenID provider does not answer");
                usable.ok_or(cause)
            }
        }
    }

    fn seat(&self, id: &Name) -> Arc<Seat> {
        let mut seats = self.seats.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(seats.entry(id.clone()).or_default())
    }
}

/// Reads what a provider publishes, and its keys.
async fn fetch(asked: Asked<'_>) -> Result<Document, ProviderError> {
    let issuer = &asked.provider.issuer;
    let at = issuer.discovery().ok_or(CallError::Address)?;
    let text = get(asked, &at, None).await?;
    let unread = |cause: serde_json::Error| ProviderError::Document(cause.to_string());
    let metadata: CoreProviderMetadata = serde_json::from_slice(&text).map_err(unread)?;
    let more: More = serde_json::from_slice(&text).map_err(unread)?;
    if metadata.issuer().as_str() != issuer.as_str() {
        return Err(ProviderError::Document("it calls itself another issuer".to_owned()));
    }
    let keys = get(asked, metadata.jwks_uri().url(), None).await?;
    let keys = ProviderKeys::parse(&keys).map_err(unread)?;
    Ok(Document { issuer: issuer.to_string(), metadata, more, keys, fetched: asked.now })
}

/// What the provider's page about the person says, where there is one.
async fn about(asked: Asked<'_>, document: &Document, access: &str) -> Result<Option<UserInfo>, ProviderError> {
    let Some(endpoint) = document.metadata.userinfo_endpoint() else { return Ok(None) };
    let text = get(asked, endpoint.url(), Some(access)).await?;
    serde_json::from_slice(&text).map(Some).map_err(|cause| ProviderError::Answer(cause.to_string()))
}

async fn get(asked: Asked<'_>, url: &Url, access: Option<&str>) -> Result<Bytes, ProviderError> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::GET;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(access) = access {
        let value = HeaderValue::from_str(&format!("Bearer {access}")).map_err(|_| ProviderError::Answer("odd access token".to_owned()))?;
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    let answer = ask(asked, url, request).await?;
    if answer.status() == StatusCode::OK { Ok(answer.into_body()) } else { Err(ProviderError::Status(answer.status().as_u16())) }
}

/// One request to the provider, or to where it says that a part of it is.
async fn ask(asked: Asked<'_>, url: &Url, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
    let provider = asked.provider;
    let named = url.host_str() == Some(provider.issuer.host());
    let reach = Reach {
        ca: provider.ca.as_ref(),
        plain: provider.issuer.is_plain(),
        only: (!named).then_some(asked.outbound),
        patience: PATIENCE,
        largest: LARGEST,
    };
    call(reach, url, request).await
}

/// Carries the library's requests.
struct Caller<'a>(Asked<'a>);

impl<'c> AsyncHttpClient<'c> for Caller<'_> {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, CallError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| CallError::Address)?;
            ask(self.0, &url, request.map(Bytes::from)).await.map(|answer| answer.map(|body| body.to_vec()))
        })
    }
}

/// The library's client: what it knows is where the endpoints are and who we are.
type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

fn client(asked: Asked<'_>, document: &Document) -> Result<Client, ProviderError> {
    let provider = asked.provider;
    let secret = provider.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
    let callback = RedirectUrl::new(asked.callback.to_owned()).map_err(|e| ProviderError::Document(e.to_string()))?;
    let known = document.metadata.token_endpoint_auth_methods_supported();
    // Where nothing is said, the name and the secret travel in a header.
    let in_body = known.is_some_and(|ways| {
        ways.contains(&CoreClientAuthMethod::ClientSecretPost) && !ways.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    let way = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
    let client = CoreClient::from_provider_metadata(document.metadata.clone(), ClientId::new(provider.client_id.clone()), secret);
    Ok(client.set_redirect_uri(callback).set_auth_type(way))
}
