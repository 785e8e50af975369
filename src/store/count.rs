//! What is counted: attempts, single uses, budgets.

use crate::base::{Digest, FlowId, Span, Timestamp};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// The use of something that can be used once, by the hash of its unique part.
    Once(Digest),
    /// Wrong codes in one flow.
    Code(FlowId),
    /// Attempts for one address within the hour, by the hash of the address.
    AddressHour(Digest),
    /// The same within the day.
    AddressDay(Digest),
    /// Attempts from one network, by the hash of its prefix.
    Network(Digest),
    /// Anything else: the hash of a name and what it is for.
    Other(Digest),
}

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So often.
    pub at_most: u32,
    /// Within this time, counted from the first event.
    pub window: Span,
    /// The present.
    pub now: Timestamp,
}

/// What the counting showed.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// This was the so-manieth event and is allowed.
    Within(u32),
    /// The limit was reached before.
    Exceeded {
        /// When counting begins again.
        until: Timestamp,
    },
}

impl Limit {
    /// Once within a time that must be at least as long as what is used once lives.
    pub const fn once(window: Span, now: Timestamp) -> Self {
        Self { at_most: 1, window, now }
    }
}

impl Counted {
    /// Whether the event was within the limit.
    pub const fn is_within(self) -> bool {
        matches!(self, Self::Within(_))
    }
}

impl Counter {
    /// The key of its row.
    pub(super) fn key(&self) -> String {
        let (kind, digest) = match self {
            Self::Once(digest) => ("once", digest),
            Self::Code(flow) => return format!("code:{flow}"),
            Self::AddressHour(digest) => ("address-hour", digest),
            Self::AddressDay(digest) => ("address-day", digest),
            Self::Network(digest) => ("network", digest),
            Self::Other(digest) => ("other", digest),
        };
        format!("{kind}:{}", super::sql::hex(digest))
    }
}
