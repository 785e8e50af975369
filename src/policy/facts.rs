//! What a decision is made from: borrowed, and handed in whole. Nothing here is looked up.

use std::{collections::BTreeMap, fmt, net::IpAddr};

use crate::base::{EmailAddress, Kind, Name, NormalPath, Proof, Timestamp};

use super::outcome::{Footprint, RuleBits};

/// What the directory holds about a person in one app. What it does not hold is absent, and no condition on it holds.
#[derive(Debug, Clone, Copy)]
pub struct PersonFacts<'a> {
    /// Guest or member.
    pub kind: Kind,
    /// The address; its domain is the organisation.
    pub email: &'a EmailAddress,
    /// The groups the person is in.
    pub groups: &'a [Name],
    /// What was given at sign-up or set by an owner.
    pub attributes: &'a BTreeMap<String, Vec<String>>,
    /// Who invited the person.
    pub invited_by: Option<&'a EmailAddress>,
    /// The role of the grant in this app.
    pub role: Option<&'a Name>,
    /// When the invitation was redeemed; for members, the first sign-in. `None` is unknown.
    pub guest_since: Option<Timestamp>,
}

/// A person as one app's policies see them: made once a session and app by [`super::AppPolicies::subject`].
///
/// It belongs to the policies that made it. Policies that did not make it treat everything about the person as unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub(super) stamp: u64,
    pub(super) touch: RuleBits,
    pub(super) holds: Box<[u64]>,
    pub(super) since: Option<Timestamp>,
    pub(super) footprint: Footprint,
}

impl Subject {
    /// Somebody whom no policies made.
    pub(super) fn of_nobody() -> Self {
        Self { stamp: 0, touch: RuleBits::NONE, holds: Box::default(), since: None, footprint: Footprint::default() }
    }

    /// The request facts that policies read for this person: never more than the app's whole footprint.
    pub fn footprint(&self) -> Footprint {
        self.footprint
    }
}

/// Whether the person may reach the app at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantState {
    /// A grant is in force.
    Valid {
        /// When it ends.
        until: Option<Timestamp>,
    },
    /// There is none.
    Missing,
    /// It has ended.
    Expired,
    /// It begins later.
    NotYet {
        /// When it begins.
        from: Timestamp,
    },
    /// The person is suspended.
    Suspended,
}

/// What sends the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// A browser, by its `Sec-Fetch-*` headers.
    Browser,
    /// Anything else that is no upgrade.
    Api,
    /// A WebSocket upgrade.
    Websocket,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Browser, Self::Api, Self::Websocket];

    /// As policies write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Api => "api",
            Self::Websocket => "websocket",
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a policy looks up the values of one header.
pub trait Headers: fmt::Debug {
    /// Whether the test holds for the value of any line with this name, which is in lower case.
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool;
}

/// The headers of a request, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub enum HeaderFacts<'a> {
    /// Nothing is known about them; real requests never say this.
    Unknown,
    /// All of them.
    Known(&'a dyn Headers),
}

impl Headers for BTreeMap<String, Vec<String>> {
    fn any(&self, name: &str, test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.get(name).is_some_and(|values| values.iter().any(|v| test(v.as_bytes())))
    }
}

/// The request, as far as policies can ask about it.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// The path in its normal form.
    pub path: &'a NormalPath<'a>,
    /// Where it comes from; `None` is unknown.
    pub ip: Option<IpAddr>,
    /// What sends it.
    pub client: Client,
    /// Its headers.
    pub headers: HeaderFacts<'a>,
}

/// Everything that one decision is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The present.
    pub now: Timestamp,
    /// The person, as this app's policies see them.
    pub subject: &'a Subject,
    /// Whether they may reach the app at all.
    pub grant: GrantState,
    /// The factors shown in this session, a certificate on the connection included.
    pub proofs: &'a [Proof],
    /// The most recent explicit authentication; a certificate on the connection is none.
    pub signed_in: Option<Timestamp>,
    /// The request.
    pub request: RequestFacts<'a>,
}
