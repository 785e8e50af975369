//! Our own HTTP/1.1 client towards applications: a pool for each upstream and worker, one task, no channel.
//!
//! What an upstream says is a stranger's word: it is read strictly, within deadlines and bounds, and a connection in doubt is never used
//! again. A request is sent anew only where nothing can have happened: a pooled connection that had gone stale, no body, an idempotent method.

mod body;
mod error;
mod exchange;
mod stream;
mod target;

#[cfg(test)]
mod tests;

pub(crate) use body::{BodyFault, RequestBody};
pub(crate) use error::UpstreamError;
pub(crate) use exchange::{Deadlines, Tunnel, UpstreamBody, exchange};
pub(crate) use stream::Stream;
pub(crate) use target::{Target, TlsTrust};
