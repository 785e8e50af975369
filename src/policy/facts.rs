//! What a decision is made from: borrowed, and handed in whole. Nothing here is looked up.

use std::{collections::BTreeMap, fmt, net::IpAddr};

use crate::base::{Country, EmailAddress, Kind, Name, NormalPath, Proof, Timestamp};

use super::{
    outcome::{Footprint, RuleBits},
    words::{Client, Devices, Platform, Risk, Signals},
};

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
    /// The country of the address; `None` is unknown.
    pub country: Option<Country>,
    /// The autonomous system of the address; `None` is unknown.
    pub asn: Option<u32>,
    /// The operating system that sends it; `None` is unknown.
    pub platform: Option<Platform>,
    /// What is known about the device; nothing at all is unknown.
    pub device: Devices,
    /// What sends it.
    pub client: Client,
    /// Its headers.
    pub headers: HeaderFacts<'a>,
}

impl<'a> RequestFacts<'a> {
    /// A request of a browser of which nothing else is known.
    pub fn new(method: &'a str, path: &'a NormalPath<'a>) -> Self {
        Self {
            method,
            path,
            ip: None,
            country: None,
            asn: None,
            platform: None,
            device: Devices::NONE,
            client: Client::Browser,
            headers: HeaderFacts::Unknown,
        }
    }
}

/// Terms that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Which.
    pub terms: Name,
    /// In which version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
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
    /// The terms that the person accepted.
    pub terms: &'a [Acceptance],
    /// When an owner of the app approved this access; `None`: nobody did.
    pub approved: Option<Timestamp>,
    /// Whether the person has given a reason in this session.
    pub justified: bool,
    /// How unusual the sign-in is.
    pub risk: Risk,
    /// What that comes from, where somebody wants to know.
    pub signals: Signals,
    /// The request.
    pub request: RequestFacts<'a>,
}

impl<'a> Facts<'a> {
    /// Of a person who has shown and accepted nothing.
    pub fn new(now: Timestamp, subject: &'a Subject, grant: GrantState, request: RequestFacts<'a>) -> Self {
        let (proofs, signed_in, terms, approved, justified, risk) = (&[][..], None, &[][..], None, false, Risk::Low);
        Self { now, subject, grant, proofs, signed_in, terms, approved, justified, risk, signals: Signals::NONE, request }
    }

    pub(super) fn done(&self) -> Done<'a> {
        let Self { proofs, signed_in, terms, approved, justified, risk, signals, .. } = *self;
        Done { proofs, signed_in, terms, approved, justified, risk, signals, device: self.request.device }
    }
}

/// What a person has shown and done, as far as requirements ask.
#[derive(Debug, Clone, Copy)]
pub struct Done<'a> {
    /// The factors shown in this session.
    pub proofs: &'a [Proof],
    /// The most recent explicit authentication.
    pub signed_in: Option<Timestamp>,
    /// The terms that the person accepted.
    pub terms: &'a [Acceptance],
    /// When an owner of the app approved this access.
    pub approved: Option<Timestamp>,
    /// Whether the person has given a reason in this session.
    pub justified: bool,
    /// How unusual the sign-in is.
    pub risk: Risk,
    /// What that comes from, where somebody wants to know.
    pub signals: Signals,
    /// What is known about the device.
    pub device: Devices,
}

impl Done<'_> {
    /// Of nobody.
    pub const NOTHING: Self = Self {
        proofs: &[],
        signed_in: None,
        terms: &[],
        approved: None,
        justified: false,
        risk: Risk::Low,
        signals: Signals::NONE,
        device: Devices::NONE,
    };
}
