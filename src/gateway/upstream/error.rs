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
    /// It may have no more connections.
    #[error("the upstream has as many connections as it may have")]
    Saturated,
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
    /// The stream was given up.
    #[error("the upstream gave the request up")]
    Stream(#[source] h2::Error),
    /// The request cannot be said in HTTP/2 byte for byte.
    #[error("the request cannot be carried over HTTP/2 as it is")]
    Untold,
    /// The upstream speaks HTTP/2 and takes no WebSockets over it.
    #[error("the upstream takes no WebSockets over HTTP/2")]
    NoWebSockets,
    /// The client's body failed, so there was nothing whole to send.
    #[error("the request's body failed")]
    Request(#[from] BodyFault),
}

impl UpstreamError {
    /// What a stream of HTTP/2 ended with.
    pub(super) fn of_stream(error: h2::Error) -> Self {
        if error.is_io() { Self::Io(error.into_io().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())) } else { Self::Stream(error) }
    }

    /// Whether the upstream says that it has not looked at the request (RFC 9113, 8.7): it may be sent again, whatever it asks for.
    pub(super) fn is_unprocessed(&self) -> bool {
        let Self::Stream(error) = self else { return false };
        error.is_remote() && (error.is_go_away() || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM))
    }

    /// Whether the connection ended before there was an answer.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self, Self::Closed | Self::Io(_))
    }

    /// Whether the upstream takes no more streams on this connection.
    pub(super) fn is_farewell(&self) -> bool {
        self.is_broken() || matches!(self, Self::Stream(error) if error.is_go_away())
    }

    /// Whether the upstream had something to do with it.
    pub(crate) fn is_its_fault(&self) -> bool {
        !matches!(self, Self::Request(_) | Self::Untold | Self::NoWebSockets | Self::Saturated)
    }

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
            Self::Request(BodyFault::Aborted | BodyFault::Malformed) | Self::Untold => 400,
            Self::Resolve(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Closed
            | Self::Io(_)
            | Self::Response(_)
            | Self::Body(_)
            | Self::Stream(_)
            | Self::NoWebSockets => 502,
            Self::Saturated => 503,
        }
    }
}
