//! The portal host: where guests accept invitations, sign in, see their apps and their sessions.
//!
//! Pages work without script. Whatever changes something is a POST from a page of ours, by the browser that got that page. Between two
//! forms everything lies sealed in the page and bound to the browser, so that strangers grow nothing here.

mod account;
mod arrival;
mod asked;
mod asks;
mod attempts;
mod authenticator;
mod certificate;
mod device;
mod enrol;
mod factors;
mod filing;
mod flow;
mod home;
mod language;
mod logout;
mod matters;
mod own;
mod passkey;
mod past;
mod people;
mod provider;
mod recovery;
mod redeem;
mod router;
mod security;
mod signals;
mod signin;
mod signup;
mod steps;
mod stepup;
mod terms;
mod tile;
mod visit;
mod waiting;
mod way;
mod wellknown;
mod wish;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::{
    base::{Clock, Entropy},
    identity::KeyRing,
    live::Live,
    observe::Metrics,
    outbound::Providers,
    store::Store,
};

pub use router::router;

/// What the portal works with.
#[derive(Debug, Clone)]
pub struct PortalState {
    /// Configuration and sessions as the data plane sees them.
    pub live: Arc<Live>,
    /// Guests, invitations, grants, counters.
    pub store: Arc<dyn Store>,
    /// Tokens and sealed state.
    pub keys: Arc<KeyRing>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Partners' OpenID providers.
    pub providers: Arc<Providers>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Work that an answer does not wait for, such as queueing a mail: a drain waits for it.
    pub later: TaskTracker,
}

#[cfg(test)]
mod tests;
