//! Policies as people wrote them, with every name resolved: what `explain` talks about and what is compiled.

use std::{fmt, sync::Arc};

use crate::base::{AppId, Country, EmailAddress, Kind, Name, PathGlob, PathRules, Prefix, Span, Timestamp, Wildcard};

use super::{
    outcome::SessionLimits,
    require::{Method, Requirement},
    schedule::Schedule,
    words::{Client, Devices, Platform, Risk},
};

/// Whether a policy acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    #[default]
    Enforced,
    /// It is evaluated and counted, and never acts.
    ReportOnly,
    /// It is not looked at.
    Off,
}

impl State {
    /// As policies write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::ReportOnly => "report-only",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One policy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Policy {
    pub(super) name: Name,
    pub(super) description: Option<Arc<str>>,
    pub(super) state: State,
    /// Who it applies to.
    pub(super) principal: Cond,
    pub(super) when: Cond,
    pub(super) unless: Cond,
    /// The message shown.
    pub(super) block: Option<Arc<str>>,
    pub(super) require: Vec<Requirement>,
    pub(super) session: SessionLimits,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cond {
    /// Each of these; holds if there are none.
    All(Vec<Self>),
    /// Any of these; does not hold if there are none.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// This.
    Is(Test),
}

impl Cond {
    /// What always holds.
    pub(super) const ALWAYS: Self = Self::All(Vec::new());
    /// What never holds.
    pub(super) const NEVER: Self = Self::Any(Vec::new());

    /// Calls with every test in the condition.
    pub(super) fn each<'c>(&'c self, visit: &mut dyn FnMut(&'c Test)) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|c| c.each(visit)),
            Self::Not(inner) => inner.each(visit),
            Self::Is(test) => visit(test),
        }
    }

    /// The same with its path patterns read as an app reads paths.
    pub(super) fn read_by(&self, paths: &PathRules) -> Self {
        self.map(&mut |test| {
            let Test::Path(globs) = test else { return test.clone() };
            // INVARIANT: each pattern was read by the rules of every app that it is for.
            Test::Path(globs.iter().map(|g| PathGlob::parse(g.as_str(), paths).unwrap_or_else(|_| g.clone())).collect())
        })
    }

    /// The same with every test replaced.
    pub(super) fn map(&self, with: &mut dyn FnMut(&Test) -> Test) -> Self {
        match self {
            Self::All(list) => Self::All(list.iter().map(|c| c.map(with)).collect()),
            Self::Any(list) => Self::Any(list.iter().map(|c| c.map(with)).collect()),
            Self::Not(inner) => Self::Not(Box::new(inner.map(with))),
            Self::Is(test) => Self::Is(with(test)),
        }
    }
}

/// One question about the facts; of several values any one will do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Kind(Vec<Kind>),
    Email(Vec<AddressGlob>),
    Organization(Vec<DomainGlob>),
    Group(Vec<Name>),
    /// One attribute.
    Attribute(Box<str>, Vec<Box<str>>),
    InvitedBy(Vec<EmailAddress>),
    Role(Vec<Name>),
    Network(Vec<Arc<Network>>),
    Country(Vec<Whence>),
    Asn(Vec<u32>),
    Platform(Vec<Platform>),
    /// Any of these.
    Device(Devices),
    Client(Vec<Client>),
    Method(Vec<Box<str>>),
    Path(Vec<PathGlob>),
    /// One header, its name in lower case.
    Header(Box<str>, Vec<Pattern>),
    Schedule(Arc<Schedule>),
    Before(Timestamp),
    After(Timestamp),
    SignedInWith(Vec<Method>),
    /// At least this.
    Risk(Risk),
    GuestFor(GuestFor),
}

/// What a test asks about; decides where it may stand and what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Principal,
    Request,
    Time,
    Authentication,
    Account,
}

impl Test {
    /// What it asks about.
    pub(super) fn group(&self) -> Group {
        match self {
            Self::Kind(_)
            | Self::Email(_)
            | Self::Organization(_)
            | Self::Group(_)
            | Self::Attribute(..)
            | Self::InvitedBy(_)
            | Self::Role(_) => Group::Principal,
            Self::Network(_)
            | Self::Country(_)
            | Self::Asn(_)
            | Self::Platform(_)
            | Self::Device(_)
            | Self::Client(_)
            | Self::Method(_)
            | Self::Path(_)
            | Self::Header(..) => Group::Request,
            Self::Schedule(_) | Self::Before(_) | Self::After(_) => Group::Time,
            Self::SignedInWith(_) | Self::Risk(_) => Group::Authentication,
            Self::GuestFor(_) => Group::Account,
        }
    }
}

/// A country, or that it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Whence {
    Country(Country),
    /// The country is missing. Holds only where it is, so it may stand only where holding restricts.
    Unknown,
}

impl Whence {
    /// Whether one of these is where the request comes from; `None`: nobody knows.
    pub(super) fn any(list: &[Self], from: Option<Country>) -> Option<bool> {
        match from {
            Some(country) => Some(list.contains(&Self::Country(country))),
            None => list.contains(&Self::Unknown).then_some(true),
        }
    }
}

impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Country(country) => country.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// `"< 7d"` or `"> 90d"`: time since redemption. Half open: at exactly the span the second holds and the first does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum GuestFor {
    Under(Span),
    AtLeast(Span),
}

/// Text with stars, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) text: Box<str>,
    pub(super) wildcard: Wildcard,
}

/// A pattern of addresses: folded like addresses; a star is any run without `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressGlob {
    pub(super) text: Box<str>,
    pub(super) local: Wildcard,
    pub(super) domain: Wildcard,
}

impl AddressGlob {
    pub(super) fn matches(&self, address: &EmailAddress) -> bool {
        self.local.matches(address.local().as_bytes()) && self.domain.matches(address.domain().as_bytes())
    }
}

/// A domain, or all below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DomainGlob {
    /// This one.
    Exactly(Box<str>),
    /// Any subdomain of this one, at any depth, but not itself.
    Below(Box<str>),
}

impl DomainGlob {
    pub(super) fn matches(&self, domain: &str) -> bool {
        match self {
            Self::Exactly(text) => **text == *domain,
            Self::Below(text) => domain.strip_suffix(&**text).is_some_and(|head| head.len() > 1 && head.ends_with('.')),
        }
    }
}

/// A set of addresses: named in the definitions, or written out in a condition.
#[derive(Debug, Eq)]
pub(super) struct Network {
    /// Its number in the index of all networks.
    pub(super) id: u32,
    /// Its name, or the prefixes as written.
    pub(super) name: Box<str>,
    pub(super) prefixes: Vec<Prefix>,
}

impl PartialEq for Network {
    /// The number is one set's own; what is called and holds the same is the same.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.prefixes) == (&other.name, &other.prefixes)
    }
}

impl Network {
    /// Whether it has a name of its own; what is written out in a condition has none.
    pub(super) fn is_named(&self) -> bool {
        !self.name.contains(['.', ':', '/'])
    }
}

/// The apps that a file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Apps {
    /// Every app but the reserved ones.
    All,
    /// These.
    These(Vec<AppId>),
}
