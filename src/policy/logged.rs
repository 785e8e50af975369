//! Facts as the access log keeps them, and what other policies would have said to them.
//!
//! The words are those of `given` in tests, with instants where tests have ages: so the facts of one session are the same text on every
//! line. What a line does not say is not guessed: an answer that hangs on it is [`Judged::Undecided`].

use std::{collections::BTreeMap, net::IpAddr};

use crate::base::{Country, EmailAddress, Factor, Kind, Name, NormalPath, Proof, Span, Timestamp};

use super::{
    explain::{Explanation, Outcome},
    facts::{Acceptance, Facts, GrantState, HeaderFacts, PersonFacts, RequestFacts},
    outcome::{Fact, Verdict},
    rules::AppPolicies,
    truth::Truth,
    words::{Client, Device, Devices, Platform, Risk},
};

/// Everything about a request that policies read and the line does not say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LoggedFacts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guest: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Name>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invited_by: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guest_since: Option<Timestamp>,
    /// `None`: nobody knows how the session was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_in_with: Option<BTreeMap<Factor, Timestamp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed_in: Option<Timestamp>,
    /// Like all facts of the request: left out where it was not read, `null` where it was missing.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "even_null")]
    ip: Option<Option<IpAddr>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "even_null")]
    country: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "even_null")]
    asn: Option<Option<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "even_null")]
    platform: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    risk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<BTreeMap<Name, Accepted>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    justified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, Vec<String>>>,
}

/// When terms were accepted, and which version of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Accepted {
    version: u32,
    at: Timestamp,
}

/// What a line says of the request itself.
#[derive(Debug, Clone, Copy)]
pub struct LoggedRequest<'a> {
    /// When it came.
    pub now: Timestamp,
    /// The method, as sent.
    pub method: &'a str,
    /// The path in the app's normal form.
    pub path: &'a NormalPath<'a>,
    /// The client's address, where the facts do not say another.
    pub ip: Option<IpAddr>,
}

/// What policies say to a request of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Nothing that the log does not say could make it another.
    Decided(Answered),
    /// It hangs on this.
    Undecided(Missing),
}

/// A decision that is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The decision.
    pub outcome: Outcome,
    /// The policies that block or challenge.
    pub by: Vec<Name>,
    /// The report-only policies that would have acted.
    pub report_only: Vec<Name>,
    /// The same request gets the same answer until here.
    pub until: Timestamp,
}

/// What an answer hangs on and nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Missing {
    /// Who the guest is.
    Person,
    /// How the session was signed in.
    SignIn,
    /// What the person had agreed to, or was allowed.
    Consent,
    /// How unusual the sign-in was.
    Risk,
    /// Whether a browser, a program or a WebSocket asked.
    Client,
    /// Another fact of the request.
    Request,
}

impl Missing {
    /// In a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "who the guest was",
            Self::SignIn => "how the session was signed in",
            Self::Consent => "what the guest had agreed to",
            Self::Risk => "how unusual the sign-in was",
            Self::Client => "what kind of client asked",
            Self::Request => "a fact of the request that is not logged",
        }
    }
}

impl LoggedFacts {
    /// What is to be logged of these facts, beside the line itself.
    pub fn of(app: &AppPolicies, person: &PersonFacts<'_>, f: &Facts<'_>) -> Self {
        let reads = |fact| app.footprint().reads(fact);
        let (guest, member) = match person.kind {
            Kind::Guest => (Some(person.email.clone()), None),
            Kind::Member => (None, Some(person.email.clone())),
        };
        let mut signed_in_with = BTreeMap::new();
        for Proof { factor, at } in f.proofs {
            let latest = signed_in_with.entry(factor.clone()).or_insert(*at);
            *latest = (*latest).max(*at);
        }
        Self {
            guest,
            member,
            groups: person.groups.to_vec(),
            attributes: person.attributes.clone(),
            invited_by: person.invited_by.cloned(),
            role: person.role.cloned(),
            guest_since: person.guest_since,
            signed_in_with: Some(signed_in_with),
            signed_in: f.signed_in,
            ip: Some(f.request.ip),
            country: reads(Fact::Country).then(|| f.request.country.map(|c| c.to_string())),
            asn: reads(Fact::Asn).then_some(f.request.asn),
            platform: reads(Fact::Platform).then(|| f.request.platform.map(|p| p.to_string())),
            device: reads(Fact::Device).then(|| {
                Device::ALL.into_iter().filter(|device| f.request.device.contains(*device)).map(|device| device.to_string()).collect()
            }),
            risk: reads(Fact::Risk).then(|| f.risk.to_string()),
            terms: reads(Fact::Consent).then(|| accepted(f.terms)),
            approved: f.approved.filter(|_| reads(Fact::Consent)),
            justified: f.justified && reads(Fact::Consent),
            client: Some(f.request.client.to_string()),
            headers: match f.request.headers {
                HeaderFacts::Known(headers) if reads(Fact::Header) => {
                    Some(app.headers_read().map(|name| (name.to_owned(), values(headers, name))).collect())
                }
                HeaderFacts::Known(_) | HeaderFacts::Unknown => None,
            },
        }
    }

    /// The request, as far as it is known.
    fn request<'a>(&self, line: &LoggedRequest<'a>, client: Client, headers: HeaderFacts<'a>) -> RequestFacts<'a> {
        let country = self.country.iter().flatten().next().and_then(|text| Country::parse(text).ok());
        let platform = self.platform.iter().flatten().next();
        let platform = platform.and_then(|text| Platform::ALL.into_iter().find(|platform| platform.as_str() == text));
        let devices: Vec<Device> =
            Device::ALL.into_iter().filter(|device| self.device.iter().flatten().any(|text| device.as_str() == text)).collect();
        RequestFacts {
            ip: self.ip.unwrap_or(line.ip),
            country,
            asn: self.asn.flatten(),
            platform,
            device: Devices::of(&devices),
            client,
            headers,
            ..RequestFacts::new(line.method, line.path)
        }
    }

    /// Whether these are all the facts that the policies read.
    fn covers(&self, app: &AppPolicies) -> Covered {
        let reads = |fact| app.footprint().reads(fact);
        let headers = |known: &BTreeMap<String, Vec<String>>| app.headers_read().all(|name| known.contains_key(name));
        if (reads(Fact::Country) && self.country.is_none()) || (reads(Fact::Device) && self.device.is_none()) {
            return Covered::OnlyAllow;
        }
        let whole = (!reads(Fact::Client) || self.client.is_some())
            && (!reads(Fact::Proofs) || self.signed_in_with.is_some())
            && (!reads(Fact::Asn) || self.asn.is_some())
            && (!reads(Fact::Platform) || self.platform.is_some())
            && (!reads(Fact::Header) || self.headers.as_ref().is_some_and(headers));
        if whole { Covered::Whole } else { Covered::InPart }
    }

    /// The address of the person.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.guest.as_ref().or(self.member.as_ref())
    }

    /// What these policies say to the request, for somebody with a valid grant.
    pub fn judge(&self, app: &AppPolicies, request: &LoggedRequest<'_>) -> Judged {
        let Some(email) = self.email() else { return Judged::Undecided(Missing::Person) };
        let person = PersonFacts {
            kind: if self.guest.is_some() { Kind::Guest } else { Kind::Member },
            email,
            groups: &self.groups,
            attributes: &self.attributes,
            invited_by: self.invited_by.as_ref(),
            role: self.role.as_ref(),
            guest_since: self.guest_since,
        };
        let subject = app.subject(&person);
        let reads = |fact| subject.footprint().reads(fact);
        // These have no third value: without them nobody has shown, or agreed to, anything.
        for (missing, known, fact) in [
            (Missing::SignIn, self.signed_in_with.is_some(), Fact::Proofs),
            (Missing::Consent, self.terms.is_some(), Fact::Consent),
            (Missing::Risk, self.risk.is_some(), Fact::Risk),
        ] {
            if !known && reads(fact) {
                return Judged::Undecided(missing);
            }
        }
        let shown = self.signed_in_with.iter().flatten();
        let proofs: Vec<Proof> = shown.map(|(factor, at)| Proof { factor: factor.clone(), at: *at }).collect();
        // A log without headers does not know them; one that lists some has all that its policies read, and no others.
        let headers = match &self.headers {
            Some(headers) if app.headers_read().all(|name| headers.contains_key(name)) => HeaderFacts::Known(headers),
            Some(_) | None => HeaderFacts::Unknown,
        };
        let of = |(terms, one): (&Name, &Accepted)| Acceptance { terms: terms.clone(), version: one.version, at: one.at };
        let terms: Vec<Acceptance> = self.terms.iter().flatten().map(of).collect();
        let risk = self.risk.as_deref().and_then(|text| Risk::ALL.into_iter().find(|risk| risk.as_str() == text)).unwrap_or(Risk::High);
        let said = self.client.as_deref().and_then(|text| Client::ALL.into_iter().find(|client| client.as_str() == text));
        let clients = said.map_or(Client::ALL.to_vec(), |client| vec![client]);
        let mut answers = clients.into_iter().map(|client| {
            let facts = Facts {
                proofs: &proofs,
                signed_in: self.signed_in,
                terms: &terms,
                approved: self.approved,
                justified: self.justified,
                risk,
                ..Facts::new(request.now, &subject, GrantState::Valid { until: None }, self.request(request, client, headers))
            };
            certain(app, &person, &facts, self.covers(app))
        });
        let Some(mut judged) = answers.next() else { return Judged::Undecided(Missing::Client) };
        for other in answers {
            judged = judged.and(other);
        }
        judged
    }
}

impl Judged {
    /// What is certain where either may be.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Decided(one), Self::Decided(other))
                if (one.outcome, &one.by, &one.report_only) == (other.outcome, &other.by, &other.report_only) =>
            {
                Self::Decided(Answered { until: one.until.min(other.until), ..one })
            }
            (Self::Undecided(missing), _) | (_, Self::Undecided(missing)) => Self::Undecided(missing),
            (Self::Decided(_), Self::Decided(_)) => Self::Undecided(Missing::Client),
        }
    }
}

/// Each terms' latest acceptance.
fn accepted(terms: &[Acceptance]) -> BTreeMap<Name, Accepted> {
    let mut latest: BTreeMap<Name, Accepted> = BTreeMap::new();
    for one in terms {
        let kept = latest.entry(one.terms.clone()).or_insert(Accepted { version: one.version, at: one.at });
        if (one.version, one.at) > (kept.version, kept.at) {
            *kept = Accepted { version: one.version, at: one.at };
        }
    }
    latest
}

/// A value that is there, if only as `null`.
fn even_null<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    serde::Deserialize::deserialize(from).map(Some)
}

/// Every value of a header, as text.
fn values(headers: &dyn super::facts::Headers, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    headers.any(name, &mut |value| {
        found.push(String::from_utf8_lossy(value).into_owned());
        false
    });
    found
}

/// Whether the log has every fact that policies read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covered {
    /// It has: what is missing was missing then, too.
    Whole,
    /// It has not: what is unknown now may have been known.
    InPart,
    /// It has not, and policies can ask for what is missing as such: `country: unknown`, or a device that we know.
    OnlyAllow,
}

/// The decision, where what is unknown cannot change it.
///
/// Whoever passes although the unknown counts against them passes in any case. A block or a challenge is certain where a policy says so
/// whose condition is known to hold.
fn certain(app: &AppPolicies, person: &PersonFacts<'_>, f: &Facts<'_>, covered: Covered) -> Judged {
    let decision = app.decide(f);
    if decision.verdict == Verdict::Allow && decision.report_only.is_empty() {
        let (by, report_only) = (Vec::new(), Vec::new());
        return Judged::Decided(Answered { outcome: Outcome::Allow, by, report_only, until: decision.valid_until });
    }
    let explained = app.explain_within(person, f, Span::ZERO);
    if covered == Covered::Whole {
        let (outcome, until) = (explained.decision, decision.valid_until);
        return Judged::Decided(Answered { outcome, by: explained.by, report_only: explained.report_only, until });
    }
    let by = if covered == Covered::OnlyAllow { Vec::new() } else { known_to_apply(&explained, &explained.by) };
    if explained.decision != Outcome::Allow && by.is_empty() {
        return Judged::Undecided(Missing::Request);
    }
    let report_only = if covered == Covered::OnlyAllow { Vec::new() } else { known_to_apply(&explained, &explained.report_only) };
    Judged::Decided(Answered { outcome: explained.decision, by, report_only, until: decision.valid_until })
}

/// The policies of these whose condition is known to hold.
fn known_to_apply(explained: &Explanation, names: &[Name]) -> Vec<Name> {
    let applies = |name: &&Name| explained.policies.iter().any(|p| p.name == **name && p.applies == Truth::Yes);
    names.iter().filter(applies).cloned().collect()
}
