//! What operators and their programs reach: metrics and health for monitoring, the API for the command line.
//!
//! Every handler asks [`may`](crate::directory::may) for a warrant before it touches anything; who asks is an [`Actor`]: the machine on the
//! control socket, a token's bearer elsewhere (`bearer`). Without one there is no answer but 401.

mod asker;
mod audit;
mod authzen;
mod bearer;
mod bulk;
mod evaluate;
mod facades;
mod forward;
mod grants;
mod graph;
mod guests;
mod health;
mod input;
mod invitations;
mod mails;
mod members;
mod openapi;
mod pace;
mod places;
mod policies;
mod prefer;
mod repeat;
mod requests;
mod reviews;
mod scim;
mod tagged;
mod templates;
mod tokens;
mod trouble;
mod ui;
mod views;

use std::{net::IpAddr, sync::Arc};

use axum::{Extension, Router, extract::Request, middleware, response::Response, routing::get};
use bytes::Bytes;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    base::{Clock, Entropy, Id as _, MailId},
    directory::{Actor, Guest, Occasion, OutgoingMail, Proposal},
    language::Wanted,
    live::Live,
    observe::Metrics,
    store::Store,
    web::{Site, mail::Letter, rules},
};

use self::{bearer::Doorkeeper, trouble::Trouble};
pub use self::{
    prefer::Patience,
    ui::{UiState, ui},
};

/// What the admin plane works with.
#[derive(Debug, Clone)]
pub struct AdminState {
    /// Configuration and sessions as the data plane sees them.
    pub live: Arc<Live>,
    /// Guests, invitations, grants, the audit log.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Where the request at hand came from, as far as that is known.
    pub from: Option<IpAddr>,
    /// How long whoever asks would wait for a change to be in force.
    pub patience: Option<Patience>,
    /// Writes, which an answer waits for but does not end with: a drain waits for them.
    pub later: TaskTracker,
}

/// Largest body of a request to the API, in bytes.
const MOST: usize = 1024 * 1024;
/// Where the façade for scripts of Microsoft Graph lies.
const GRAPH: &str = "/v1.0/";
/// Where directories send their people.
const SCIM: &str = "/scim/v2/";
/// Where other programs ask for decisions (AuthZEN), and where they find that out.
const ACCESS: &str = "/access/v1/";
const ACCESS_FOUND: &str = "/.well-known/authzen-configuration";

/// Metrics and health: what the admin listener serves to everybody who reaches it.
pub fn health(state: AdminState) -> Router {
    Router::new()
        .route("/metrics", get(health::metrics))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(state)
}

/// The API on behalf of this actor: what the control socket serves.
pub fn api(state: AdminState, actor: Actor) -> Router {
    unsigned(state).layer(Extension(actor))
}

/// The API for whoever the request carries as its [`Actor`]: what the members' pages ask.
fn unsigned(state: AdminState) -> Router {
    let once = middleware::from_fn_with_state(state.clone(), repeat::once);
    router().0.layer(once).layer(middleware::from_fn(prefer::wait)).with_state(state)
}

/// The API for programs that show a token, and the façade for those that know Microsoft Graph: what the network is served.
pub fn for_bearers(state: AdminState) -> Router {
    let door = Doorkeeper::new(state.clone());
    let recognised = || middleware::from_fn_with_state(door.clone(), bearer::recognised);
    let (router, described) = router();
    let once = middleware::from_fn_with_state(state.clone(), repeat::once);
    let waits = || middleware::from_fn(prefer::wait);
    let api = router
        .layer(once)
        .layer(waits())
        .layer(recognised())
        .with_state(state.clone())
        .merge(description(&described))
        .merge(facades::descriptions());
    let shaped = middleware::from_fn_with_state(state.clone(), graph::in_their_shape);
    let scim = scim::router(state.clone()).layer(waits()).layer(recognised()).layer(middleware::from_fn(scim::in_their_shape));
    let access = authzen::named(authzen::router(state.clone()).layer(recognised()));
    let found = authzen::metadata(state.clone());
    let graph = graph::router(state).layer(waits()).layer(recognised()).layer(shaped);
    Router::new().fallback(async move |request: Request| -> Response {
        let to = match request.uri().path() {
            path if path.starts_with(GRAPH) => &graph,
            path if path.starts_with(SCIM) => &scim,
            path if path.starts_with(ACCESS) => &access,
            ACCESS_FOUND => &found,
            _ => &api,
        };
        match to.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
}

/// The routes, and their description.
fn routes() -> OpenApiRouter<AdminState> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::show, invitations::revoke))
        .routes(routes!(invitations::resend))
        .routes(routes!(bulk::bulk))
        .routes(routes!(templates::list))
        .routes(routes!(guests::list))
        .routes(routes!(guests::show, guests::change, guests::remove))
        .routes(routes!(guests::export))
        .routes(routes!(guests::restore))
        .routes(routes!(guests::reset_factors))
        .routes(routes!(guests::sessions, guests::end_sessions))
        .routes(routes!(grants::list, grants::create))
        .routes(routes!(grants::show, grants::change, grants::revoke))
        .routes(routes!(grants::restore))
        .routes(routes!(requests::list))
        .routes(routes!(requests::show))
        .routes(routes!(requests::approve))
        .routes(routes!(requests::deny))
        .routes(routes!(reviews::list, reviews::create))
        .routes(routes!(reviews::show))
        .routes(routes!(reviews::left))
        .routes(routes!(reviews::decide))
        .routes(routes!(reviews::report))
        .routes(routes!(members::link))
        .routes(routes!(mails::bounced))
        .routes(routes!(places::apps))
        .routes(routes!(places::roles))
        .routes(routes!(policies::list))
        .routes(routes!(evaluate::evaluate))
        .routes(routes!(policies::trials))
        .routes(routes!(policies::pending))
        .routes(routes!(policies::confirm))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(audit::verify))
        .routes(routes!(forward::list))
        .routes(routes!(forward::replay))
}

/// The routes as a router, with what is answered where there is none.
fn router() -> (Router<AdminState>, OpenApi) {
    let (router, described) = routes().split_for_parts();
    let router = router
        .fallback(async || Trouble::NotFound("nothing is here".to_owned()))
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(axum::extract::DefaultBodyLimit::max(MOST));
    (router, openapi::finished(described))
}

/// The description of the API, which is no secret.
fn description(described: &OpenApi) -> Router {
    let text = Bytes::from(described.to_json().unwrap_or_default());
    let answer = async move || ([(http::header::CONTENT_TYPE, "application/json")], text.clone());
    Router::new().route("/api/openapi.json", get(answer))
}

impl AdminState {
    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.clock.now(), entropy: self.entropy.as_ref(), from: self.from }
    }

    /// Pages and mails as this guest reads them.
    fn site_for(&self, guest: &Guest) -> Site {
        let snapshot = self.live.snapshot();
        let wanted = Wanted { own: guest.language.as_deref(), ..Wanted::default() };
        Site::of(&snapshot.config, &snapshot.languages).speaking(&wanted)
    }

    /// Addresses a letter to a guest.
    fn mail_to(&self, guest: &Guest, letter: Letter) -> OutgoingMail {
        letter.to(MailId::random(self.entropy.as_ref()), guest.email.clone())
    }

    /// A proposal with everything that must hold once it is written.
    async fn ruled(&self, proposal: Proposal) -> Result<Proposal, Trouble> {
        Ok(rules::applied(&*self.store, &self.live.snapshot().config, proposal).await?)
    }

    /// Writes what was decided, and waits until this gateway acts on it: whoever asked must see their own write.
    async fn carry_out(&self, proposal: Proposal) -> Result<(), Trouble> {
        let proposal = self.ruled(proposal).await?;
        let (store, live, patience) = (Arc::clone(&self.store), Arc::clone(&self.live), self.patience.clone());
        // A client that goes away must not cut a write in half.
        let written = self.later.spawn(async move {
            let revision = store.commit(proposal).await?;
            let in_force = live.caught_up(revision);
            let waited = match &patience {
                Some(patience) => patience.bound(in_force).await,
                None => in_force.await,
            };
            waited.map_err(|_| Trouble::Late)
        });
        written.await.map_err(|_| Trouble::Late)?
    }
}

#[cfg(test)]
mod tests;
