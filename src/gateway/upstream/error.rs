//! Why an application could not answer.

use std::io;

use super::body::BodyFault;
use crate::gateway::wire::{BodyError, ResponseError};

/// Why there is no answer, or only a part of one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// The name leads to no address.
    #[error("the upstream's name cannot be resolved")]
    Resolve(#[source] io::Error),
    /// Nobody listens there.
    #[error("the upstream cannot be reached")]
    Connect(#[source] io::Error),
    /// The connection took too long to open.
    #[error("the upstream could not be reached in time")]
    ConnectTimeout,
    /// No TLS connection that we trust.
    #[error("no TLS connection to the upstream that can be trusted")]
    Tls(#[source] io::Error),
    /// It closed before it answered.
    #[error("the upstream closed the connection before it answered")]
    Closed,
    /// Reading or writing failed.
    #[error("the connection to the upstream broke")]
    Io(#[source] io::Error),
    /// What it said is no answer.
    #[error("the upstream's answer cannot be read")]
    Response(#[from] ResponseError),
    /// What it said is no body.
    #[error("the upstream's answer broke off")]
    Body(#[from] BodyError),
    /// It did not answer in time, or stopped in the middle.
    #[error("the upstream did not answer in time")]
    Timeout,
    /// The client's body failed, so there was nothing whole to send.
    #[error("the request's body failed")]
    Request(#[from] BodyFault),
}

impl UpstreamError {
    /// Whether there was not even a connection.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Resolve(_) | Self::Connect(_) | Self::ConnectTimeout | Self::Tls(_))
    }

    /// The status of our answer.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::ConnectTimeout | Self::Timeout => 504,
            Self::Request(BodyFault::TooLarge) => 413,
            Self::Request(BodyFault::Timeout) => 408,
            Self::Request(BodyFault::Aborted | BodyFault::Malformed) => 400,
            Self::Resolve(_) | Self::Connect(_) | Self::Tls(_) | Self::Closed | Self::Io(_) | Self::Response(_) | Self::Body(_) => 502,
        }
    }
}
