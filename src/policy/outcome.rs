//! What a decision says. Everything here is `Copy`: a decision is made and thrown away for each request.

use std::fmt;

use crate::base::{Span, Timestamp};

use super::words::{Bind, Downloads};

/// How many policies may reach one app.
pub const MOST_RULES: usize = 256;
/// How many different requirements the policies of one app may make.
pub const MOST_REQUIREMENTS: usize = 128;

/// A policy among those that reach an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIx(pub(super) u8);

/// A set of policies among those that reach an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RuleBits([u64; MOST_RULES / 64]);

/// A set of requirements among those that an app's policies make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Unmet(pub(super) u128);

/// What is decided.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A grant is valid, nothing blocks, nothing is unmet.
    Allow,
    /// These requirements are unmet.
    Challenge(Unmet),
    /// A policy blocks; of several the first is named, [`Decision::by`] has all.
    Block {
        /// Which one.
        rule: RuleIx,
    },
    /// There is no valid grant.
    NotAssigned(NoGrant),
}

/// Why there is no valid grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoGrant {
    /// There is none.
    Missing,
    /// It has ended.
    Expired,
    /// It begins later.
    NotYet,
    /// The person is suspended.
    Suspended,
}

/// What policies say about the session; the strictest wins. Nothing is said where no policy says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SessionLimits {
    /// Silence after which the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<Span>,
    /// Age at which the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Span>,
    /// Whether the session may outlive the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
    /// Only GET, HEAD and OPTIONS pass.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// How many sessions a person may have in the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<u32>,
    /// What the session is void without.
    #[serde(skip_serializing_if = "Bind::is_nothing")]
    pub bind: Bind,
    /// Whether answers that are attachments pass.
    #[serde(skip_serializing_if = "Downloads::pass")]
    pub downloads: Downloads,
}

/// The answer for one request.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub verdict: Verdict,
    /// On a block the policies that block, on a challenge those with something unmet.
    pub by: RuleBits,
    /// The enforced policies that apply.
    pub applied: RuleBits,
    /// The report-only policies that would have blocked, challenged or withheld a write.
    pub report_only: RuleBits,
    /// The session limits of all enforced policies that apply.
    pub limits: SessionLimits,
    /// The answer for the same request stays as it is until here; it may stay so longer.
    pub valid_until: Timestamp,
}

/// A fact of a request that policies may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Fact {
    /// The client's address.
    Address,
    /// The country of the address.
    Country,
    /// The autonomous system of the address.
    Asn,
    /// The operating system that sends it.
    Platform,
    /// What is known about the device.
    Device,
    /// The path.
    Path,
    /// The method.
    Method,
    /// Any header; [`super::AppPolicies::headers_read`] names them.
    Header,
    /// Browser, program or WebSocket.
    Client,
    /// The factors shown in the session, and when.
    Proofs,
    /// The terms accepted, approval and justification.
    Consent,
    /// How unusual the sign-in is.
    Risk,
    /// The time.
    Time,
}

/// The facts that an app's policies read at all. A cached decision's key needs to hold no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Footprint(u16);

impl RuleIx {
    pub(super) fn new(ix: usize) -> Option<Self> {
        u8::try_from(ix).ok().map(Self)
    }

    /// The position among the app's policies.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl RuleBits {
    /// No policy.
    pub const NONE: Self = Self([0; MOST_RULES / 64]);

    /// Adds a policy.
    pub fn insert(&mut self, ix: RuleIx) {
        if let Some(word) = self.0.get_mut(ix.index() / 64) {
            *word |= 1 << (ix.index() % 64);
        }
    }

    /// Whether the policy is in the set.
    pub fn contains(&self, ix: RuleIx) -> bool {
        self.0.get(ix.index() / 64).is_some_and(|word| word >> (ix.index() % 64) & 1 == 1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Those in the set, in the order of the files.
    pub fn iter(&self) -> RuleIter {
        RuleIter { words: self.0, word: 0 }
    }
}

impl IntoIterator for RuleBits {
    type Item = RuleIx;
    type IntoIter = RuleIter;

    fn into_iter(self) -> RuleIter {
        self.iter()
    }
}

/// The policies of a [`RuleBits`], one by one.
#[derive(Debug, Clone)]
pub struct RuleIter {
    words: [u64; MOST_RULES / 64],
    word: usize,
}

impl Iterator for RuleIter {
    type Item = RuleIx;

    fn next(&mut self) -> Option<RuleIx> {
        loop {
            let word = self.words.get_mut(self.word)?;
            if *word == 0 {
                self.word += 1;
                continue;
            }
            let bit = word.trailing_zeros() as usize;
            *word &= *word - 1;
            return RuleIx::new(self.word * 64 + bit);
        }
    }
}

impl Unmet {
    /// The set that [`Unmet::to_bits`] made of one.
    pub fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The set as a number, which means something to the same policies alone.
    pub fn to_bits(self) -> u128 {
        self.0
    }

    /// Whether nothing is unmet.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Positions in the app's table of requirements.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            Some(bit)
        })
    }
}

impl SessionLimits {
    /// Both: the stricter of each.
    pub fn and(self, other: Self) -> Self {
        Self {
            idle: stricter(self.idle, other.idle),
            lifetime: stricter(self.lifetime, other.lifetime),
            persistent: stricter(self.persistent, other.persistent),
            read_only: self.read_only || other.read_only,
            concurrent: stricter(self.concurrent, other.concurrent),
            bind: self.bind.and(other.bind),
            downloads: self.downloads.max(other.downloads),
        }
    }
}

/// The lesser; `false` is less than `true`, and whatever is said less than nothing.
fn stricter<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

impl Verdict {
    /// The decision in one word: `allow`, `challenge`, `block`, `not-assigned`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Challenge(_) => "challenge",
            Self::Block { .. } => "block",
            Self::NotAssigned(_) => "not-assigned",
        }
    }
}

impl NoGrant {
    /// In a few words, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "no grant",
            Self::Expired => "the grant has ended",
            Self::NotYet => "the grant has not begun",
            Self::Suspended => "the guest is suspended",
        }
    }
}

impl fmt::Display for NoGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Footprint {
    /// Whether the fact is read.
    pub const fn reads(self, fact: Fact) -> bool {
        self.0 >> (fact as u8) & 1 == 1
    }

    pub(super) fn insert(&mut self, fact: Fact) {
        self.0 |= 1 << (fact as u8);
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
