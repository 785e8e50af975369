//! What operators and their programs reach: metrics and health for monitoring, the API for the command line.
//!
//! Every handler asks [`may`](crate::directory::may) for a warrant before it touches anything; who asks is an [`Actor`] that the listener
//! puts beside the request. Without one there is no answer but 401.

mod audit;
mod evaluate;
mod grants;
mod guests;
mod health;
mod input;
mod invitations;
mod mails;
mod members;
mod policies;
mod requests;
mod trouble;
mod ui;

use std::sync::Arc;

use axum::{
    Extension, Router,
    routing::{get, patch, post},
};
use tokio_util::task::TaskTracker;

use crate::{
    base::{Clock, Entropy, Id as _, MailId},
    directory::{Actor, Guest, Occasion, OutgoingMail, Proposal},
    language::Wanted,
    live::Live,
    observe::Metrics,
    store::Store,
    web::{Site, mail::Letter},
};

use self::trouble::Trouble;
pub use self::ui::{UiState, ui};

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
    /// Writes, which an answer waits for but does not end with: a drain waits for them.
    pub later: TaskTracker,
}

/// Largest body of a request to the API, in bytes.
const MOST: usize = 1024 * 1024;

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
    Router::new()
        .route("/api/v1/invitations", get(invitations::list).post(invitations::create))
        .route("/api/v1/invitations/{id}", get(invitations::show).delete(invitations::revoke))
        .route("/api/v1/invitations/{id}/resend", post(invitations::resend))
        .route("/api/v1/guests", get(guests::list))
        .route("/api/v1/guests/{id}", get(guests::show).patch(guests::change).delete(guests::remove))
        .route("/api/v1/guests/{id}/export", get(guests::export))
        .route("/api/v1/guests/{id}/restore", post(guests::restore))
        .route("/api/v1/guests/{id}/reset-factors", post(guests::reset_factors))
        .route("/api/v1/guests/{id}/sessions", get(guests::sessions).delete(guests::end_sessions))
        .route("/api/v1/grants", get(grants::list).post(grants::create))
        .route("/api/v1/grants/{id}", patch(grants::change).delete(grants::revoke))
        .route("/api/v1/requests", get(requests::list))
        .route("/api/v1/requests/{id}", get(requests::show))
        .route("/api/v1/requests/{id}/approve", post(requests::approve))
        .route("/api/v1/requests/{id}/deny", post(requests::deny))
        .route("/api/v1/members/link", post(members::link))
        .route("/api/v1/mails/bounced", post(mails::bounced))
        .route("/api/v1/policies/evaluate", post(evaluate::evaluate))
        .route("/api/v1/policies/trials", get(policies::trials))
        .route("/api/v1/policies/pending", get(policies::pending))
        .route("/api/v1/policies/confirm", post(policies::confirm))
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/audit/verify", get(audit::verify))
        .fallback(async || Trouble::NotFound("nothing is here".to_owned()))
        .layer(axum::extract::DefaultBodyLimit::max(MOST))
        .layer(Extension(actor))
        .with_state(state)
}

impl AdminState {
    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.clock.now(), entropy: self.entropy.as_ref(), from: None }
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

    /// Writes what was decided, and waits until this gateway acts on it: whoever asked must see their own write.
    async fn carry_out(&self, proposal: Proposal) -> Result<(), Trouble> {
        let (store, live) = (Arc::clone(&self.store), Arc::clone(&self.live));
        // A client that goes away must not cut a write in half.
        let written = self.later.spawn(async move {
            let revision = store.commit(proposal).await?;
            live.caught_up(revision).await.map_err(|_| Trouble::Late)
        });
        written.await.map_err(|_| Trouble::Late)?
    }
}
