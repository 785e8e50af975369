//! The body of a request on its way to an application.

use std::task::{Context, Poll};

use bytes::Bytes;

use crate::gateway::wire::BodyFraming;

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

impl BodyFault {
    /// The status of our answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Aborted | Self::Malformed => 400,
            Self::TooLarge => 413,
            Self::Timeout => 408,
        }
    }
}

/// A body that is sent on while it arrives.
pub(crate) trait RequestBody {
    /// How the upstream is told where it ends: a length, chunks, or that there is none.
    fn framing(&self) -> BodyFraming;

    /// The next piece, `None` at the end. Not asked again after the end or a fault.
    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyFault>>>;
}

/// No body.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Empty;

/// A body that is here already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Full(pub(crate) Bytes);

impl RequestBody for Empty {
    fn framing(&self) -> BodyFraming {
        BodyFraming::None
    }

    fn poll_data(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyFault>>> {
        Poll::Ready(None)
    }
}

impl RequestBody for Full {
    fn framing(&self) -> BodyFraming {
        if self.0.is_empty() { BodyFraming::None } else { BodyFraming::Length(self.0.len() as u64) }
    }

    fn poll_data(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyFault>>> {
        let whole = std::mem::take(&mut self.0);
        Poll::Ready(if whole.is_empty() { None } else { Some(Ok(whole)) })
    }
}
