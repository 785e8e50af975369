//! Our own client towards applications. HTTP/1.1: a pool for each upstream and worker, one task, no channel. HTTP/2 over the `h2` crate:
//! requests of the same app and worker share a connection, which a task of its own moves.
//!
//! What an upstream says is a stranger's word: it is read strictly, within deadlines and bounds, and a connection in doubt is never used
//! again. A request is sent anew only where nothing can have happened: a pooled connection that had gone stale, no body, an idempotent method;
//! or a stream of which the upstream says that it was not looked at.

mod body;
mod dial;
mod error;
mod exchange;
mod fleet;
mod frames;
mod mux;
mod one;
mod probe;
mod seat;
mod socket;
mod stream;
mod target;
mod tls;
mod trailers;
mod two;

#[cfg(test)]
mod tests;

pub(crate) use body::{BodyFault, RequestBody};
pub(crate) use dial::Dial;
pub(crate) use error::UpstreamError;
pub(crate) use exchange::{Asked, Deadlines, Ready, Tunnel, UpstreamBody, exchange, open};
pub(crate) use fleet::{Fleet, Fleets, Overload, Tried};
pub(crate) use probe::{Surroundings, watch_health};
pub(crate) use seat::{Seat, Went};
pub(crate) use socket::Socket;
pub(crate) use stream::Stream;
pub(crate) use target::{Purpose, Target, Ticket};
pub(crate) use tls::PublicRoots;
pub(crate) use trailers::{Dropped, Trailing};
