//! The body of a request on its way to an application.

use std::task::{Context, Poll};

use crate::gateway::wire::{BodyFraming, Piece, ResponseHead};

/// Why a client's body cannot be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyFault {
    /// The client went away.
    #[error("the client went away")]
    Aborted,
    /// It is larger than the app allows.
    #[error("the body is too large")]
    TooLarge,
    /// It is malformed.
    #[error("the body is malformed")]
    Malformed,
    /// The client stopped in the middle.
    #[error("the body did not arrive in time")]
    Timeout,
}

/// A body that is sent on while it arrives, and with it the one who sends it.
pub(crate) trait RequestBody {
    /// How the upstream is told where it ends: a length, chunks, or that there is none.
    fn framing(&self) -> BodyFraming;

    /// The next piece, `None` at the end. Not asked again after the end or a fault.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Piece, BodyFault>>>;

    /// An informational answer (1xx) that came before the final one, for whoever asked. Never `100` or `101`.
    fn inform(&mut self, _interim: &ResponseHead) {}
}
