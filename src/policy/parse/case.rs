//! `tests:`: facts in the words of `given`, a request, and what is expected.

use std::{collections::HashMap, sync::Arc};

use jiff::tz::TimeZone;

use crate::base::{
    AppId, At, EmailAddress, Factor, Kind, Name, NormalPath, Report, Source, Span, Timestamp,
    yaml::{self, Entry, Node, Reader, Value},
};

use super::{
    super::{
        cases::{Accepted, Case, Expected, ExpectedSession, Given, WhatIf},
        explain::Outcome,
        facts::GrantState,
        require::Method,
        rules::AppPolicies,
        words::{Client, Device, Devices, Platform, Risk, Signal, Signals},
    },
    Parser,
    condition::is_token,
    define::{time, weekday},
};

/// The instant of a test that gives none: Wednesday 2026-01-14T12:00:00Z.
const DEFAULT_AT: Timestamp = Timestamp::from_millis(1_768_392_000_000);

/// A file of tests alone, or the tests of a file of policies.
pub(in super::super) struct CaseFile {
    pub(in super::super) source: Source,
    pub(in super::super) root: Node,
}

/// What tests can expect of the session.
const SESSION: [&str; 7] = ["idle", "lifetime", "persistent", "read-only", "concurrent", "bind", "downloads"];

type Apps = HashMap<AppId, Arc<AppPolicies>>;

impl CaseFile {
    /// Reads the head of a file of `tests/`.
    pub(in super::super) fn read(source: &Source, report: &mut Report) -> Option<Self> {
        let root = yaml::parse(source, report)?;
        let mut read = Reader::new(source, report);
        read.map(&root, &["app", "tests"])?;
        if root.entry("tests").is_none() {
            read.error(root.at, "the file has no `tests`", None);
        }
        Some(Self { source: source.clone(), root })
    }

    /// Every app that the file names, right or wrong.
    pub(in super::super) fn named(root: &Node) -> impl Iterator<Item = AppId> {
        let tests = match root.entry("tests").map(|n| &n.value) {
            Some(Value::List(tests)) => tests.as_slice(),
            _ => &[],
        };
        let apps = tests.iter().filter_map(|t| t.entry("app")).chain(root.entry("app"));
        apps.filter_map(|n| AppId::parse(&n.as_scalar()?.text).ok())
    }
}

/// Reads the tests of a file; `app` is the one that it is for, where there is one.
pub(in super::super) fn cases(parser: &mut Parser<'_>, root: &Node, app: Option<&AppId>, apps: &Apps) -> Vec<Case> {
    let Some(node) = root.entry("tests") else { return Vec::new() };
    let own = match root.entry("app").map(|n| parser.app(n, apps)) {
        // Said already.
        Some(None) => return Vec::new(),
        own => own.flatten(),
    };
    parser.each(node, |p, n| p.case(n, own.as_ref().or(app), apps))
}

const KEYS: [&str; 9] = ["name", "app", "given", "request", "expect", "by", "unmet", "session", "report-only"];
const GIVEN: [&str; 21] = [
    "guest",
    "member",
    "groups",
    "attributes",
    "role",
    "invited-by",
    "guest-for",
    "grant",
    "signed-in-with",
    "ip",
    "country",
    "asn",
    "platform",
    "device",
    "risk",
    "terms",
    "approved",
    "justified",
    "client",
    "headers",
    "at",
];

/// The keys that say what is expected.
const EXPECTATIONS: [&str; 6] = ["expect", "by", "unmet", "session", "report-only", "holds-until"];

impl Parser<'_> {
    fn app(&mut self, node: &Node, apps: &Apps) -> Option<AppId> {
        let id: AppId = self.read.parsed(node)?;
        if !apps.contains_key(&id) {
            let known: Vec<&str> = apps.keys().map(AppId::as_str).collect();
            self.read.unknown("app", id.as_str(), node.at, &known);
            return None;
        }
        Some(id)
    }

    fn case(&mut self, node: &Node, app: Option<&AppId>, apps: &Apps) -> Option<Case> {
        let known: Vec<&str> = KEYS.iter().copied().chain(["holds-until"]).collect();
        let entries = self.read.map(node, &known)?;
        let at = entries.first().map_or(node.at, |e| e.at);
        let name = match node.entry("name") {
            Some(name) => self.read.text(name).map(str::to_owned),
            None => {
                self.read.error(at, "the test has no `name`", None);
                None
            }
        };
        let expected = self.expected(entries);
        if expected.is_empty() && !entries.iter().any(|e| EXPECTATIONS.contains(&e.key.as_str())) {
            self.read.error(at, "the test expects nothing", Some("say `expect: allow`, `challenge`, `block` or `not-assigned`".to_owned()));
        }
        let app = match (node.entry("app"), app) {
            (Some(named), _) => self.app(named, apps)?,
            (None, Some(app)) => app.clone(),
            (None, None) => {
                self.read.error(at, "the test does not say for which app it is", Some("write `app: name`".to_owned()));
                return None;
            }
        };
        let policies = apps.get(&app)?;
        let what_if = self.what_if(node.entry("given"), node.entry("request"), policies)?;
        Some(Case { name: name?, app, source: self.read.source.clone(), at, what_if, expected })
    }

    /// A request that might be, from `given` and `request`.
    pub(in super::super) fn what_if(&mut self, given: Option<&Node>, request: Option<&Node>, app: &AppPolicies) -> Option<WhatIf> {
        let given = self.given(given, app);
        let (method, path) = match request {
            None => self.request("GET /", At::default(), app),
            Some(node) => {
                let text = self.read.text(node)?;
                self.request(text, node.at, app)
            }
        }?;
        Some(WhatIf { given: given?, method, path })
    }

    fn request(&mut self, text: &str, at: At, app: &AppPolicies) -> Option<(String, NormalPath<'static>)> {
        let (method, target) = text.split_once(' ').unwrap_or((text, ""));
        let upper = !method.is_empty() && method.bytes().all(|b| is_token(b) && !b.is_ascii_lowercase());
        if !upper || target.is_empty() {
            self.read.error(at, format!("`{text}` is not a request"), Some("write it as `GET /path`".to_owned()));
            return None;
        }
        match NormalPath::parse(target.as_bytes(), app.path_rules()) {
            Ok(path) => Some((method.to_owned(), path.into_owned())),
            Err(cause) => {
                self.read.error(at, format!("the gateway refuses `{text}` before any policy: {cause}"), None);
                None
            }
        }
    }

    fn given(&mut self, node: Option<&Node>, app: &AppPolicies) -> Option<Given> {
        let mut given = Given::usual()?;
        let Some(node) = node else { return Some(given) };
        let entries = self.read.map(node, &GIVEN)?;
        if let (Some(_), Some(member)) = (node.entry("guest"), node.entry("member")) {
            self.read.error(member.at, "a person is a guest or a member", None);
        }
        for entry in entries {
            self.fact(entry, &mut given, app);
        }
        Some(given)
    }

    fn fact(&mut self, Entry { key, value, .. }: &Entry, given: &mut Given, app: &AppPolicies) {
        match key.as_str() {
            "guest" | "member" => {
                given.kind = if key == "guest" { Kind::Guest } else { Kind::Member };
                given.email = self.read.parsed(value).unwrap_or_else(|| given.email.clone());
            }
            "groups" => given.groups = self.each(value, |p, n| p.read.parsed(n)),
            "attributes" => {
                for Entry { key, value, .. } in self.read.any_map(value).unwrap_or_default() {
                    let values = self.each(value, |p, n| p.read.text(n).map(str::to_owned));
                    given.attributes.insert(key.clone(), values);
                }
            }
            "role" => given.role = self.read.parsed(value),
            "invited-by" => given.invited_by = self.read.parsed(value),
            "guest-for" => given.guest_for = self.read.parsed(value).unwrap_or_default(),
            "grant" => given.grant = self.grant(value),
            "signed-in-with" => given.signed_in_with = self.signed_in_with(value),
            "ip" => given.ip = self.address(value),
            "client" => given.client = self.word(value, "client", &Client::ALL.map(|c| (c.as_str(), c))).unwrap_or(Client::Browser),
            "headers" => given.headers = Some(self.given_headers(value)),
            "at" => given.at = self.instant(value, app).unwrap_or(DEFAULT_AT),
            key => self.fact_of_place(key, value, given),
        }
    }

    /// Where it comes from, by what, and what the person has agreed to.
    fn fact_of_place(&mut self, key: &str, value: &Node, given: &mut Given) {
        match key {
            "country" if value.as_scalar().is_some_and(|s| s.text == "unknown") => given.country = None,
            "country" => given.country = self.country(value),
            "asn" => given.asn = self.asn(value),
            "platform" => given.platform = self.word(value, "platform", &Platform::ALL.map(|p| (p.as_str(), p))),
            "device" => {
                let devices = Device::ALL.map(|d| (d.as_str(), d));
                given.device = Devices::of(&self.each(value, |p, n| p.word(n, "device", &devices)));
            }
            "risk" => (given.risk, given.signals) = self.risk(value),
            "terms" => given.terms = self.accepted(value),
            "approved" => given.approved = self.approved(value),
            "justified" => given.justified = self.read.boolean(value) == Some(true),
            // Said already.
            _ => {}
        }
    }

    /// A level, or the signals that it comes from.
    fn risk(&mut self, node: &Node) -> (Risk, Signals) {
        let mut words: Vec<(&str, (Risk, Signals))> = Risk::ALL.map(|r| (r.as_str(), (r, Signals::NONE))).into();
        words.extend(Signal::ALL.map(|s| (s.as_str(), (Risk::Low, Signals::NONE.with(s)))));
        let given = self.each(node, |p, n| p.word(n, "risk", &words));
        let signals = given.iter().fold(Signals::NONE, |all, (_, signal)| all.and(*signal));
        let level = given.iter().map(|(level, _)| *level).max().unwrap_or(Risk::High);
        (level.max(Risk::of(signals)), signals)
    }

    /// `true` is just now; else how long ago.
    fn approved(&mut self, node: &Node) -> Option<Span> {
        match node.as_scalar() {
            Some(yaml::Scalar { text, plain: true }) if text == "true" => Some(Span::ZERO),
            Some(yaml::Scalar { text, plain: true }) if text == "false" => None,
            _ => self.read.parsed(node),
        }
    }

    /// Names of terms; or a mapping of names to ages, or to `{ age, version }`.
    fn accepted(&mut self, node: &Node) -> Vec<Accepted> {
        let Value::Map(_) = node.value else {
            return self.each(node, |p, n| {
                let name = p.read.text(n)?;
                p.accepted_now(name, n.at)
            });
        };
        let mut all = Vec::new();
        for Entry { key, at, value } in self.read.any_map(node).unwrap_or_default() {
            let Some(mut one) = self.accepted_now(key, *at) else { continue };
            if let Value::Map(_) = value.value {
                self.read.map(value, &["age", "version"]);
                one.age = value.entry("age").and_then(|n| self.read.parsed(n)).unwrap_or_default();
                one.version = value.entry("version").and_then(|n| self.read.integer(n)).unwrap_or(one.version);
            } else {
                one.age = self.read.parsed(value).unwrap_or_default();
            }
            all.push(one);
        }
        all
    }

    fn accepted_now(&mut self, name: &str, at: At) -> Option<Accepted> {
        let found = self.definitions.given_terms(name).map(|t| Accepted { terms: t.name.clone(), version: t.version, age: Span::ZERO });
        if found.is_none() {
            let names = self.definitions.terms_names();
            self.read.unknown("terms", name, at, &names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        found
    }

    fn grant(&mut self, node: &Node) -> GrantState {
        let words = [
            ("valid", GrantState::Valid { until: None }),
            ("none", GrantState::Missing),
            ("expired", GrantState::Expired),
            ("not-yet", GrantState::NotYet { from: Timestamp::NEVER }),
            ("suspended", GrantState::Suspended),
        ];
        self.word(node, "grant", &words).unwrap_or(GrantState::Missing)
    }

    /// Methods that were used just now, or a mapping of methods to ages.
    fn signed_in_with(&mut self, node: &Node) -> Vec<(Factor, Span)> {
        let Value::Map(_) = node.value else {
            return self.each(node, |p, n| Some((factor(&p.factor(n)?), Span::ZERO)));
        };
        let mut shown = Vec::new();
        for Entry { key, at, value } in self.read.any_map(node).unwrap_or_default() {
            let scalar = yaml::Scalar { text: key.clone(), plain: false };
            let method = self.factor(&Node { at: *at, value: Value::Scalar(scalar) });
            let age = self.read.parsed(value);
            shown.extend(method.zip(age).map(|(method, age)| (factor(&method), age)));
        }
        shown
    }

    fn given_headers(&mut self, node: &Node) -> std::collections::BTreeMap<String, Vec<String>> {
        // `{}` says that there are none.
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Scalar(_) | Value::List(_) => self.read.any_map(node).unwrap_or_default(),
        };
        let mut headers = std::collections::BTreeMap::new();
        for Entry { key, value, .. } in entries {
            let values = self.each(value, |p, n| p.read.text(n).map(str::to_owned));
            headers.insert(key.to_ascii_lowercase(), values);
        }
        headers
    }

    /// An instant, or a day and a time in the zone of the app's schedules.
    fn instant(&mut self, node: &Node, app: &AppPolicies) -> Option<Timestamp> {
        let text = self.read.text(node)?;
        let Some((day, clock)) = text.split_once(' ').and_then(|(day, clock)| Some((weekday(day)?, time(clock)?))) else {
            return self.read.parsed(node);
        };
        let zones = app.zones();
        let zone = match zones.as_slice() {
            [] => TimeZone::UTC,
            [zone] => (*zone).clone(),
            _ => {
                let help = "write the instant as in RFC 3339".to_owned();
                self.read.error(
                    node.at,
                    format!("the schedules of the app have several time zones, so `{text}` could be either"),
                    Some(help),
                );
                return None;
            }
        };
        first_at_or_after_default(&zone, day, clock)
    }

    fn expected(&mut self, entries: &[Entry]) -> Expected {
        let mut expected = Expected::default();
        for Entry { key, value, .. } in entries {
            match key.as_str() {
                "expect" => {
                    let outcomes = [Outcome::Allow, Outcome::Challenge, Outcome::Block, Outcome::NotAssigned];
                    let words = [("allow", outcomes[0]), ("challenge", outcomes[1]), ("block", outcomes[2]), ("not-assigned", outcomes[3])];
                    expected.decision = self.word(value, "decision", &words);
                }
                "by" => expected.by = Some(self.none_or_each(value, |p, n| p.read.parsed::<Name>(n))),
                "report-only" => expected.report_only = Some(self.none_or_each(value, |p, n| p.read.parsed::<Name>(n))),
                "unmet" => expected.unmet = Some(self.none_or_each(value, Self::requirement)),
                "session" => expected.session = self.session_expected(value),
                "holds-until" => {
                    let never = value.as_scalar().is_some_and(|s| s.text == "never");
                    expected.holds_until = if never { Some(None) } else { self.read.parsed(value).map(Some) };
                }
                // Read elsewhere, or said already.
                _ => {}
            }
        }
        expected
    }

    /// Like a list, but `[]` says that there are none.
    fn none_or_each<T>(&mut self, node: &Node, read: impl FnMut(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        match &node.value {
            Value::List(list) if list.is_empty() => Vec::new(),
            Value::Scalar(_) | Value::List(_) | Value::Map(_) => self.each(node, read),
        }
    }

    fn session_expected(&mut self, node: &Node) -> ExpectedSession {
        let mut session = ExpectedSession::default();
        for Entry { key, value, .. } in self.read.map(node, &SESSION).unwrap_or_default() {
            match key.as_str() {
                "idle" => session.idle = self.span(value),
                "lifetime" => session.lifetime = self.span(value),
                "persistent" => session.persistent = self.read.boolean(value),
                "read-only" => session.read_only = self.read.boolean(value),
                "concurrent" => session.concurrent = self.concurrent(value),
                "bind" => session.bind = Some(self.bind(value)),
                "downloads" => session.downloads = Some(self.downloads(value)),
                // Said already.
                _ => {}
            }
        }
        session
    }
}

impl Given {
    /// The facts of a test that gives none.
    pub(in super::super) fn usual() -> Option<Self> {
        Some(Self {
            kind: Kind::Guest,
            // INVARIANT: this is an address.
            email: EmailAddress::parse("guest@partner.example").ok()?,
            groups: Vec::new(),
            attributes: std::collections::BTreeMap::new(),
            invited_by: None,
            role: None,
            guest_for: Span::days(30),
            grant: GrantState::Valid { until: None },
            signed_in_with: vec![(Factor::EmailCode, Span::ZERO)],
            ip: None,
            country: None,
            asn: None,
            platform: None,
            device: Devices::NONE,
            risk: Risk::Low,
            signals: Signals::NONE,
            terms: Vec::new(),
            approved: None,
            justified: false,
            client: Client::Browser,
            headers: None,
            at: DEFAULT_AT,
        })
    }
}

/// The factor that was shown; a provider without a name is one that no policy names.
fn factor(method: &Method) -> Factor {
    let named = |provider: &Option<Name>| provider.clone().or_else(|| Name::parse("unnamed.provider").ok());
    match method {
        Method::EmailCode => Factor::EmailCode,
        Method::MagicLink => Factor::MagicLink,
        Method::Passkey => Factor::Passkey,
        Method::Totp => Factor::Totp,
        Method::RecoveryCode => Factor::RecoveryCode,
        Method::ClientCertificate => Factor::ClientCertificate,
        Method::Federated(provider) => named(provider).map_or(Factor::EmailCode, |provider| Factor::Federated { provider, mfa: false }),
        Method::FederatedMfa(provider) => named(provider).map_or(Factor::EmailCode, |provider| Factor::Federated { provider, mfa: true }),
    }
}

/// The first instant from the default one on at which the wall clock shows this day and time. A time that is skipped never comes.
fn first_at_or_after_default(zone: &TimeZone, day: u8, clock: i64) -> Option<Timestamp> {
    let start = jiff::Timestamp::from_millisecond(DEFAULT_AT.as_millis()).ok()?;
    let mut date = start.to_zoned(zone.clone()).date();
    for _ in 0..60 {
        if date.weekday().to_monday_zero_offset() == i8::try_from(day).ok()? {
            let time = jiff::civil::Time::midnight().checked_add(jiff::Span::new().milliseconds(clock)).ok()?;
            let wall = date.to_datetime(time);
            let at = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
            if at >= start && at.to_zoned(zone.clone()).datetime() == wall {
                return Some(Timestamp::from_millis(at.as_millisecond()));
            }
        }
        date = date.tomorrow().ok()?;
    }
    None
}
