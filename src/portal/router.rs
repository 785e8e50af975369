//! Which address of the portal is answered by what.

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, Method, header};

use super::{
    PortalState, account, asks, authenticator, certificate, enrol, home, language, logout, matters, own, passkey, provider, recovery,
    redeem, security, signals, signin, signup, stepup, terms, visit::Visit, waiting, wellknown, wish,
};
use crate::{
    identity::Brought,
    web::{ASSET_PREFIX, Answer, Door, HSTS, LARGEST_FORM, Peer, Refusal, Route, asset, check_origin, secure_program},
};

/// Where partners' providers tell that somebody has signed out.
const LOGOUT: &str = "/signin/oidc/{id}/logout";

/// The portal as a service. Every request must carry a [`crate::web::Peer`].
pub fn router(state: PortalState) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/invitations/{token}", get(redeem::show).post(redeem::post))
        .route("/invitations/{token}/decline", post(redeem::decline))
        .route("/invitations/{token}/report", post(redeem::report))
        .route("/signin", get(signin::show).post(signin::ask))
        .route("/signin/code", post(signin::prove).get(again))
        .route("/signin/resend", post(signin::resend).get(again))
        .route("/signin/certificate", post(certificate::ask).get(certificate::back))
        .route("/signin/passkey/question", post(passkey::ask))
        .route("/signin/passkey", post(passkey::show).get(again))
        .route("/signin/totp", post(authenticator::show).get(again))
        .route("/signin/recovery", post(recovery::show).get(again))
        .route("/signin/provider", post(provider::go).get(again))
        .route("/signin/oidc/{id}", get(provider::back))
        .route(LOGOUT, post(logout::logout))
        .route("/enrol/{token}", get(enrol::show).post(enrol::add))
        .route("/enrol/{token}/question", post(enrol::ask))
        .route(signals::RECEIVER, post(signals::receive))
        .route("/account", get(account::show))
        .route("/account/terms/{entry}", get(terms::kept))
        .route("/account/terms/{entry}/proof", get(terms::proof))
        .route("/signup/{app}", get(signup::show).post(signup::ask))
        .route("/signup/{app}/form", post(signup::answer).get(again))
        .route("/apps/{app}/request", get(wish::show).post(wish::ask))
        .route("/requests/{id}", get(matters::show).post(matters::decide))
        .route("/grants/{id}", get(matters::ending).post(matters::extend))
        .route("/justify", post(asks::justify).get(again))
        .route("/approval", post(asks::approval).get(again))
        .route("/waiting", get(waiting::show))
        .route("/terms/{name}", get(terms::show).post(terms::accept))
        .route("/account/confirm", get(stepup::confirm))
        .route("/account/passkeys/new", get(security::new_passkey))
        .route("/account/passkeys/question", post(passkey::ask_new))
        .route("/account/passkeys", post(passkey::add).get(back))
        .route("/account/passkeys/rename", post(security::rename).get(back))
        .route("/account/passkeys/remove", post(security::remove).get(back))
        .route("/account/authenticator/new", get(authenticator::new))
        .route("/account/authenticator", post(authenticator::add).get(back))
        .route("/account/authenticator/remove", post(authenticator::remove).get(back))
        .route("/account/recovery-codes", post(recovery::renew).get(back))
        .route("/account/export", post(own::export).get(back))
        .route("/account/leave", get(own::ask).post(own::leave))
        .route("/account/sessions/others", post(account::end_others).get(back))
        .route("/account/sessions/end", post(account::end))
        .route("/language", post(language::choose))
        .route("/signout", post(account::sign_out))
        .route("/.well-known/jwks.json", get(wellknown::jwks))
        .route("/.well-known/guestgate", get(wellknown::about))
        .route("/.well-known/guestgate-receipts.json", get(wellknown::receipts))
        .route("/.well-known/ssf-configuration", get(wellknown::transmitter))
        .route("/ssf/jwks.json", get(wellknown::signals))
        .route("/robots.txt", get(wellknown::robots))
        .route(&format!("{ASSET_PREFIX}{{file}}"), get(file))
        .fallback(nothing)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn_with_state(state.clone(), from_our_pages))
        .with_state(state)
}

/// Refuses whatever may change something and was not sent by a page of ours: in one place, before any handler.
async fn from_our_pages(State(state): State<PortalState>, request: Request, next: Next) -> Response {
    let config = &state.live.snapshot().config;
    let origin = config.origin(&config.portal.host);
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    if let Some(Peer { door: Door::Certificates(brought), .. }) = request.extensions().get().filter(|_| !path.starts_with(ASSET_PREFIX)) {
        let brought = brought.clone();
        return at_certificate_host(&state, request, &brought).await;
    }
    // A provider has neither a page of ours nor a browser: what it brings is signed.
    let ours = route != LOGOUT && route != signals::RECEIVER;
    if !safe && ours && check_origin(request.headers(), &origin).is_err() {
        tracing::info!(route, "a form from elsewhere was refused");
        let (mut parts, _) = request.into_parts();
        let refused = Visit::from_request_parts(&mut parts, &state).await.map(|visit| visit.refuse(&Refusal::CrossSite));
        let mut response = refused.unwrap_or_else(|answer| answer).into_response();
        protect(response.headers_mut());
        response.extensions_mut().insert(Route(route.into()));
        return response;
    }
    let mut response = next.run(request).await;
    protect(response.headers_mut());
    response.extensions_mut().insert(Route(route.as_str().into()));
    tracing::debug!(route, status = response.status().as_u16(), "portal answered");
    response
}

/// Whatever is asked of the host where certificates are shown: no page of the portal is there.
async fn at_certificate_host(state: &PortalState, request: Request, brought: &Brought) -> Response {
    let (mut parts, _) = request.into_parts();
    let visit = Visit::from_request_parts(&mut parts, state).await;
    let answered = visit.map(|visit| certificate::at_host(&visit, &parts.method, parts.uri.query(), brought));
    let mut response = answered.unwrap_or_else(|answer| answer).into_response();
    protect(response.headers_mut());
    response.extensions_mut().insert(Route("/".into()));
    response
}

/// What every answer of the portal carries, also those that the framework gives by itself.
fn protect(headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        secure_program(headers);
    }
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
}

/// A reload of a page that answered a form.
async fn again(visit: Visit) -> Answer {
    visit.finish(Answer::see_other("/signin"))
}

/// A reload of a page that answered a form of the account.
async fn back(visit: Visit) -> Answer {
    visit.finish(Answer::see_other("/account"))
}

async fn file(visit: Visit, request: Request) -> Answer {
    asset(request.uri().path(), visit.config()).unwrap_or_else(|| visit.refuse(&Refusal::NotFound))
}

async fn nothing(visit: Visit) -> Answer {
    visit.refuse(&Refusal::NotFound)
}

async fn not_so(visit: Visit) -> Answer {
    visit.refuse(&Refusal::Method { allow: "GET, HEAD, POST" })
}
