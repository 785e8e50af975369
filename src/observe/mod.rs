//! What can be seen from outside: metrics, the access log, events.
//!
//! No globals: [`Metrics`] is a field of whoever assembles the process, labels are bound to handles when a configuration is loaded. No label
//! takes a value that a client can choose, and no cookie, token, code or query string reaches a log.

mod access;
mod events;
mod handles;
mod labels;
mod lines;
mod metrics;
mod render;
mod tally;
mod write;

pub use access::{AccessLine, AccessLog, AccessSink, JsonList, Pathname, Prepared};
pub use events::{Events, SubscribeError, causes, subscribe};
pub use handles::{AppMetrics, PolicyMetrics, RequestSeen, UpstreamMetrics};
pub use labels::{
    CacheLabel, DecisionLabel, Direction, InvitationEvent, Label, ListenerLabel, LogLabel, Outcome, OverloadReason, PolicyResult,
    PolicyState, RefusedReason, ReloadWhat, SignInResult, UpstreamResult,
};
pub use metrics::{Build, Metrics};
pub use render::Exposition;
pub use tally::Tally;
