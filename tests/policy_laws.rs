//! What must hold for any policies and any facts.
//!
//! Policies are made as text, so that the parser is part of what is tested; facts are made by hand, so that the laws do not rest on
//! the tests' own reading of `given`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly outside its own function, too")]

use std::{collections::BTreeMap, net::IpAddr};

use guestgate::{
    base::{AppId, Country, EmailAddress, Factor, Kind, Name, NormalPath, PathRules, Proof, Report, Source, Span, Timestamp, yaml},
    policy::{
        Acceptance, AppPolicies, Client, Decision, Device, Devices, Facts, Files, GrantState, HeaderFacts, Judged, LoggedFacts,
        LoggedRequest, Outcome, PersonFacts, Platform, PolicySet, RequestFacts, Risk, RuleBits, Universe, VOCABULARY, Verdict,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

/// Cases a law: 2,000 every day, 100,000 at the full size (`GUESTGATE_LAWS`, else `GUESTGATE_TEST_SIZE`, is `full`). A case is a request
/// under some policies; building these costs most, so a few requests share them.
fn sized(share: u32) -> ProptestConfig {
    #[expect(clippy::disallowed_methods, reason = "a test asks how large it is to be")]
    let size = std::env::var("GUESTGATE_LAWS").or_else(|_| std::env::var("GUESTGATE_TEST_SIZE"));
    let cases = if size.is_ok_and(|size| size == "full") { 100_000 } else { 2_000 };
    ProptestConfig { cases: cases / share, failure_persistence: None, ..ProptestConfig::default() }
}

/// How many requests share their policies.
const SHARE: usize = 4;

fn size() -> ProptestConfig {
    sized(SHARE as u32)
}

/// For laws whose cases are many requests each.
fn fewer() -> ProptestConfig {
    sized(WORLDS as u32)
}

/// How many requests `diff` and `prove` are compared with.
const WORLDS: usize = 24;

/// How far ahead explanations look: every schedule turns within less.
const AHEAD: Span = Span::days(9);

const DEFINITIONS: &str = r#"
networks:
  inner: [10.0.0.0/8, "2001:db8::/32"]
  desk: [10.1.0.0/16, 192.0.2.1]
schedules:
  work: { days: [mon-fri], hours: "07:00-19:00", timezone: Europe/Berlin, except: 2026-03-30 }
  night: { days: sat-sun, hours: "22:30-02:30", timezone: America/New_York }
  gap: { hours: ["02:00-02:45", "23:00-24:00"], timezone: Europe/Berlin }
  island: { days: wed, hours: "01:45-00:15", timezone: Australia/Lord_Howe }
strengths:
  strong: [[passkey], [email-code, totp], [federated-mfa]]
terms:
  rules: { file: rules.md, version: 2, renew: 90d }
  house: { file: rules.md, version: 1 }
"#;

const PRINCIPAL: [&str; 11] = [
    "kind: guest",
    "kind: [guest, member]",
    "email: '*@partner.example'",
    "email: 'a*@*.example'",
    "organization: partner.example",
    "organization: '*.example'",
    "group: locum",
    "group: [night, staff]",
    "attribute: { clinic: [north, south] }",
    "invited-by: boss@clinic.example",
    "role: reader",
];

const CONDITIONS: [&str; 37] = [
    "kind: member",
    "group: locum",
    "role: [reader, writer]",
    "network: inner",
    "network: [desk, 192.0.2.0/24]",
    "network: '::/1'",
    "country: DE",
    "country: [FR, \"NO\"]",
    "asn: 64500",
    "asn: [64501, 64502]",
    "platform: ios",
    "platform: [windows, other]",
    "device: known",
    "device: [new, certified]",
    "client: browser",
    "client: [api, websocket]",
    "method: GET",
    "method: [POST, DELETE]",
    "path: '/export/**'",
    "path: ['/*', '/a*/**']",
    "header: { x-zone: 'in*' }",
    "header: { x-zone: '*', x-two: b }",
    "schedule: work",
    "schedule: [night, work]",
    "schedule: night",
    "schedule: gap",
    "schedule: island",
    "before: 2026-03-29T12:00:00Z",
    "after: 2026-10-25T00:30:00Z",
    "signed-in-with: email-code",
    "signed-in-with: [passkey, federated, 'federated:contoso']",
    "risk: low",
    "risk: medium",
    "risk: [high]",
    "guest-for: '< 7d'",
    "guest-for: '> 90d'",
    "guest-for: ['< 1h', '> 90d']",
];

/// What may not stand where it could admit.
const ONLY_WHEN: [&str; 2] = ["country: unknown", "country: [DE, unknown]"];

const REQUIREMENTS: [&str; 19] = [
    "mfa",
    "passkey",
    "totp",
    "email-code",
    "client-certificate",
    "strong",
    "{ federated: contoso }",
    "{ federated-mfa: other }",
    "{ fresh-sign-in: 15m }",
    "{ fresh-sign-in: 8h }",
    "{ any: [passkey, { fresh-sign-in: 1h }] }",
    "{ terms: rules }",
    "{ terms: house }",
    "{ any: [{ terms: house }, justification] }",
    "known-device",
    "{ approval: { by: owners, valid: 4h } }",
    "{ approval: { by: owners, valid: 8h } }",
    "{ any: [known-device, { approval: { by: owners, valid: 1h } }] }",
    "justification",
];

const SESSION: [&str; 10] = [
    "idle: 30m",
    "idle: 1h, lifetime: 8h",
    "persistent: false",
    "persistent: true, idle: 2h",
    "read-only: true",
    "sign-in-frequency: 4h",
    "concurrent: 2",
    "concurrent: 1, bind: network",
    "bind: [network, device]",
    "downloads: deny",
];

fn principal() -> BoxedStrategy<String> {
    nested(select(PRINCIPAL.to_vec()).prop_map(str::to_owned).boxed())
}

fn condition() -> BoxedStrategy<String> {
    nested(select(CONDITIONS.to_vec()).prop_map(str::to_owned).boxed())
}

/// Now and then one that may stand in `when` alone, beside others.
fn premise() -> BoxedStrategy<String> {
    let unknown = (select(ONLY_WHEN.to_vec()), condition(), any::<bool>()).prop_map(|(unknown, other, both)| {
        if both { format!("all: [{{ {unknown} }}, {{ {other} }}]") } else { format!("any: [{{ {unknown} }}, {{ {other} }}]") }
    });
    prop_oneof![9 => condition(), 1 => unknown].boxed()
}

fn nested(leaf: BoxedStrategy<String>) -> BoxedStrategy<String> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(|list| format!("any: [{}]", braced(&list))),
            vec(inner.clone(), 1..4).prop_map(|list| format!("all: [{}]", braced(&list))),
            inner.prop_map(|one| format!("not: {{ {one} }}")),
        ]
    })
    .boxed()
}

fn braced(list: &[String]) -> String {
    list.iter().map(|one| format!("{{ {one} }}")).collect::<Vec<_>>().join(", ")
}

fn effect() -> impl Strategy<Value = String> {
    let (requirement, session) = (select(REQUIREMENTS.to_vec()), select(SESSION.to_vec()));
    prop_oneof![
        2 => Just("block: no entry".to_owned()),
        4 => vec(requirement, 1..3).prop_map(|items| format!("require: [{}]", items.join(", "))),
        2 => session.prop_map(|limits| format!("session: {{ {limits} }}")),
    ]
}

/// The text of one policy, but for its name.
fn policy() -> impl Strategy<Value = String> {
    let state = prop_oneof![6 => Just(""), 2 => Just("state: report-only, "), 1 => Just("state: off, ")];
    let part = |key: &'static str, made: BoxedStrategy<String>| {
        prop::option::weighted(0.5, made).prop_map(move |c| c.map_or_else(String::new, |c| format!("{key}: {{ {c} }}, ")))
    };
    let who = part("for", prop_oneof![principal(), principal().prop_map(|p| format!("except: {{ {p} }}"))].boxed());
    (state, who, part("when", premise()), part("unless", condition()), effect())
        .prop_map(|(state, who, when, unless, effect)| format!("{state}{who}{when}{unless}{effect}"))
}

fn policies() -> impl Strategy<Value = Vec<String>> {
    vec(policy(), 1..7)
}

/// The policies of one app; each is named after its place in the list, so that they can be put in another order.
fn build(policies: &[(usize, &String)]) -> std::sync::Arc<AppPolicies> {
    // One that never acts, because an app that no policy reaches is refused.
    let mut text = "app: charts\npolicies:\n- { name: still, session: { persistent: true } }\n".to_owned();
    for (n, policy) in policies {
        text.push_str(&format!("- {{ name: p{n}, {policy} }}\n"));
    }
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("charts.yaml", text.as_str())],
        lists: lists(),
        ..Files::default()
    };
    let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}\n{text}"));
    set.app(&app()).cloned().unwrap()
}

/// The files that definitions name.
fn lists() -> BTreeMap<String, Source> {
    BTreeMap::from([("rules.md".to_owned(), Source::new("rules.md", "Be kind."))])
}

fn numbered(policies: &[String]) -> Vec<(usize, &String)> {
    policies.iter().enumerate().collect()
}

fn app() -> AppId {
    AppId::parse("charts").unwrap()
}

/// Facts that own what they say.
#[derive(Debug, Clone)]
struct World {
    now: Timestamp,
    kind: Kind,
    email: EmailAddress,
    groups: Vec<Name>,
    attributes: BTreeMap<String, Vec<String>>,
    invited_by: Option<EmailAddress>,
    role: Option<Name>,
    guest_since: Option<Timestamp>,
    until: Option<Timestamp>,
    proofs: Vec<Proof>,
    signed_in: Option<Timestamp>,
    method: &'static str,
    path: &'static str,
    ip: Option<IpAddr>,
    place: Place,
    agreed: Agreed,
    client: Client,
    headers: Option<BTreeMap<String, Vec<String>>>,
}

/// Where a request comes from, and by what.
#[derive(Debug, Clone, Copy)]
struct Place {
    country: Option<Country>,
    asn: Option<u32>,
    platform: Option<Platform>,
    device: Devices,
}

/// What somebody has agreed to, and what is thought of the sign-in.
#[derive(Debug, Clone)]
struct Agreed {
    terms: Vec<Acceptance>,
    approved: Option<Timestamp>,
    justified: bool,
    risk: Risk,
}

const NOWHERE: Place = Place { country: None, asn: None, platform: None, device: Devices::NONE };
const NOTHING: Agreed = Agreed { terms: Vec::new(), approved: None, justified: false, risk: Risk::Low };

fn place() -> impl Strategy<Value = Place> {
    let country = prop::option::weighted(0.8, select(vec!["DE", "FR", "NO", "US"]));
    let asn = prop::option::weighted(0.8, select(vec![64_500, 64_501, 64_999]));
    let platform = prop::option::weighted(0.8, select(Platform::ALL.to_vec()));
    let device = select(vec![
        Devices::NONE,
        Devices::NONE.with(Device::Known),
        Devices::NONE.with(Device::New),
        Devices::NONE.with(Device::Known).with(Device::Certified),
        Devices::NONE.with(Device::New).with(Device::Certified),
    ]);
    (country, asn, platform, device).prop_map(|(country, asn, platform, device)| Place {
        country: country.map(|c| c.parse().unwrap()),
        asn,
        platform,
        device,
    })
}

fn agreed(now: Timestamp) -> impl Strategy<Value = Agreed> {
    let one = (select(vec!["rules", "house"]), 1_u32..3, age());
    let terms =
        vec(one.prop_map(move |(name, version, age)| Acceptance { terms: Name::parse(name).unwrap(), version, at: now.minus(age) }), 0..3);
    // In tests each of several terms is accepted once.
    let terms = terms.prop_map(|mut all| {
        all.sort_by(|a, b| a.terms.cmp(&b.terms));
        all.dedup_by(|a, b| a.terms == b.terms);
        all
    });
    let approved = prop::option::of(age().prop_map(move |age| now.minus(age)));
    (terms, approved, any::<bool>(), select(Risk::ALL.to_vec())).prop_map(|(terms, approved, justified, risk)| Agreed {
        terms,
        approved,
        justified,
        risk,
    })
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Around the turns of the clocks, around the edges of the schedules, and anywhere in the year.
fn instant() -> impl Strategy<Value = Timestamp> {
    let edges = [
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-03-29T12:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-03-29T22:00:00Z",
        "2026-03-30T22:00:00Z",
        "2026-01-14T06:00:00Z",
        "2026-01-16T18:00:00Z",
    ];
    let near =
        (select(edges.to_vec()), -10_000_000_i64..10_000_000).prop_map(|(edge, ms)| Timestamp::from_millis(at(edge).as_millis() + ms));
    let exactly = select(edges.to_vec()).prop_map(at);
    let (first, last) = (at("2026-01-01T00:00:00Z").as_millis(), at("2027-01-01T00:00:00Z").as_millis());
    prop_oneof![4 => near, 1 => exactly, 2 => (first..last).prop_map(Timestamp::from_millis)]
}

/// How long ago something was: often exactly at a limit.
fn age() -> impl Strategy<Value = Span> {
    let limits = vec![Span::ZERO, Span::mins(15), Span::hours(1), Span::hours(4), Span::hours(8), Span::days(7), Span::days(90)];
    prop_oneof![select(limits.clone()), (select(limits), 0_i64..1_800_000).prop_map(|(l, ms)| Span::millis(l.as_millis() + ms - 900_000))]
}

fn proofs(now: Timestamp) -> impl Strategy<Value = Vec<Proof>> {
    let words =
        ["email-code", "magic-link", "passkey", "totp", "recovery-code", "federated:contoso", "federated-mfa:other", "client-certificate"];
    let factor = select(words.to_vec()).prop_map(|word| word.parse::<Factor>().unwrap());
    vec((factor, age()).prop_map(move |(factor, age)| Proof { factor, at: now.minus(age) }), 0..3)
}

fn person() -> impl Strategy<Value = World> {
    let email = select(vec!["ann@partner.example", "bob@sub.partner.example", "carl@clinic.test"]).prop_map(|e| e.parse().unwrap());
    let name = |names: &[&'static str]| select(names.to_vec()).prop_map(|n| Name::parse(n).unwrap());
    let groups = vec(name(&["locum", "night", "other"]), 0..3);
    let clinic = prop::option::of(select(vec!["north", "east"]));
    let role = prop::option::of(name(&["reader", "writer"]));
    let sponsor = prop::option::of(Just("boss@clinic.example").prop_map(|e| e.parse().unwrap()));
    (instant(), select(vec![Kind::Guest, Kind::Member]), email, groups, clinic, role, sponsor).prop_map(
        |(now, kind, email, groups, clinic, role, invited_by)| World {
            now,
            kind,
            email,
            groups,
            attributes: clinic.map(|c| ("clinic".to_owned(), vec![c.to_owned()])).into_iter().collect(),
            invited_by,
            role,
            guest_since: None,
            until: None,
            proofs: Vec::new(),
            signed_in: None,
            method: "GET",
            path: "/",
            ip: None,
            place: NOWHERE,
            agreed: NOTHING,
            client: Client::Browser,
            headers: None,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    person().prop_flat_map(|world| {
        let now = world.now;
        let ip = prop::option::weighted(0.8, select(vec!["10.1.2.3", "10.9.9.9", "192.0.2.1", "192.0.2.9", "2001:db8::1", "fe80::1"]));
        let header = prop::option::weighted(0.8, prop::option::of(select(vec!["inner", "out"])));
        let request = (
            select(vec!["GET", "HEAD", "POST", "DELETE", "OPTIONS"]),
            select(vec!["/", "/export", "/export/a/b", "/abc/d", "/x/y"]),
            ip,
            select(Client::ALL.to_vec()),
            header,
        );
        let since = prop::option::weighted(0.9, age());
        let until = prop::option::weighted(0.3, age());
        (Just(world), proofs(now), since, until, request, place(), agreed(now)).prop_map(
            |(world, proofs, since, until, (method, path, ip, client, header), place, agreed)| World {
                guest_since: since.map(|age| world.now.minus(age)),
                until: until.map(|length| world.now.plus(length).plus(Span::millis(1))),
                signed_in: proofs.iter().filter(|p| p.factor != Factor::ClientCertificate).map(|p| p.at).max(),
                proofs,
                method,
                path,
                ip: ip.map(|ip| ip.parse().unwrap()),
                place,
                agreed,
                client,
                headers: header.map(|value| value.map(|v| ("x-zone".to_owned(), vec![v.to_owned()])).into_iter().collect()),
                ..world
            },
        )
    })
}

impl World {
    fn person(&self) -> PersonFacts<'_> {
        PersonFacts {
            kind: self.kind,
            email: &self.email,
            groups: &self.groups,
            attributes: &self.attributes,
            invited_by: self.invited_by.as_ref(),
            role: self.role.as_ref(),
            guest_since: self.guest_since,
        }
    }

    fn with<T>(&self, app: &AppPolicies, now: Timestamp, then: impl FnOnce(&Facts<'_>) -> T) -> T {
        let subject = app.subject(&self.person());
        let path = NormalPath::parse(self.path.as_bytes(), &PathRules::default()).unwrap();
        let Place { country, asn, platform, device } = self.place;
        let request = RequestFacts {
            ip: self.ip,
            country,
            asn,
            platform,
            device,
            client: self.client,
            headers: self.headers.as_ref().map_or(HeaderFacts::Unknown, |h| HeaderFacts::Known(h)),
            ..RequestFacts::new(self.method, &path)
        };
        let grant = GrantState::Valid { until: self.until };
        then(&Facts {
            proofs: &self.proofs,
            signed_in: self.signed_in,
            terms: &self.agreed.terms,
            approved: self.agreed.approved,
            justified: self.agreed.justified,
            risk: self.agreed.risk,
            ..Facts::new(now, &subject, grant, request)
        })
    }

    fn decide(&self, app: &AppPolicies) -> Decision {
        self.with(app, self.now, |facts| app.decide(facts))
    }

    fn decide_at(&self, app: &AppPolicies, now: Timestamp) -> Decision {
        self.with(app, now, |facts| app.decide(facts))
    }
}

/// Requests that share their policies.
fn worlds() -> impl Strategy<Value = Vec<World>> {
    vec(world(), SHARE)
}

/// Fast is explained.
fn agree(app: &AppPolicies, world: &World) -> Result<(), TestCaseError> {
    let decision = world.decide(app);
    let explained = world.with(app, world.now, |facts| app.explain_within(&world.person(), facts, AHEAD));
    let unmet = if explained.decision == Outcome::Challenge { sorted(explained.unmet.iter().map(ToString::to_string)) } else { Vec::new() };
    prop_assert_eq!(
        said(app, &decision),
        Said {
            decision: match explained.decision {
                Outcome::Allow => "allow",
                Outcome::Challenge => "challenge",
                Outcome::Block => "block",
                Outcome::NotAssigned => "not-assigned",
            },
            by: sorted(explained.by.iter().map(ToString::to_string)),
            unmet,
            session: format!("{:?}", explained.session),
            report_only: sorted(explained.report_only.iter().map(ToString::to_string)),
        }
    );
    // The data plane's bound may be earlier, never later; and the explanation's is not a millisecond longer than is true.
    let before = said(app, &decision);
    match explained.valid_until {
        Some(until) => {
            prop_assert!(decision.valid_until <= until);
            let last = Timestamp::from_millis(until.as_millis() - 1);
            prop_assert_eq!(&said(app, &world.decide_at(app, last)), &before);
            prop_assert_ne!(&said(app, &world.decide_at(app, until)), &before);
        }
        None => prop_assert_eq!(&said(app, &world.decide_at(app, world.now.plus(AHEAD))), &before),
    }
    Ok(())
}

#[test]
fn the_generator_says_every_word_of_the_language() {
    let says =
        |texts: &[&str], word: &str| texts.iter().any(|t| t.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|w| w == word));
    for word in VOCABULARY.principal {
        assert!(says(&PRINCIPAL, word), "{word}");
    }
    for word in VOCABULARY.conditions {
        assert!(says(&CONDITIONS, word), "{word}");
    }
    for word in VOCABULARY.session {
        assert!(says(&SESSION, word), "{word}");
    }
    // Links and recovery codes are methods of strengths and of sign-ins, and no demand of their own.
    for word in VOCABULARY.requirements.iter().filter(|w| !["magic-link", "recovery-code"].contains(w)) {
        assert!(says(&REQUIREMENTS, word), "{word}");
    }
    for word in Platform::ALL.map(Platform::as_str).into_iter().filter(|w| ["ios", "windows", "other"].contains(w)) {
        assert!(says(&CONDITIONS, word), "{word}");
    }
    for word in Device::ALL.map(Device::as_str).into_iter().chain(Risk::ALL.map(Risk::as_str)) {
        assert!(says(&CONDITIONS, word), "{word}");
    }
    assert_eq!(VOCABULARY.nesting, ["any", "all", "not"]);
}

/// A decision in words, so that two apps' answers can be compared.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    decision: &'static str,
    by: Vec<String>,
    unmet: Vec<String>,
    session: String,
    report_only: Vec<String>,
}

fn names(app: &AppPolicies, bits: RuleBits) -> Vec<String> {
    sorted(app.rules_in(bits).map(|(_, name)| name.to_string()))
}

fn sorted(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut words: Vec<String> = words.collect();
    words.sort();
    words
}

fn said(app: &AppPolicies, d: &Decision) -> Said {
    let unmet = if let Verdict::Challenge(unmet) = d.verdict { sorted(app.unmet(unmet).map(ToString::to_string)) } else { Vec::new() };
    Said {
        decision: d.verdict.as_str(),
        by: names(app, d.by),
        unmet,
        session: format!("{:?}", d.limits),
        report_only: names(app, d.report_only),
    }
}

/// How much a decision admits.
fn admits(d: &Decision) -> u8 {
    match d.verdict {
        Verdict::Allow => 2,
        Verdict::Challenge(_) => 1,
        Verdict::Block { .. } | Verdict::NotAssigned(_) => 0,
    }
}

/// The set that these policies are.
fn set(policies: &[String]) -> PolicySet {
    let text = policies
        .iter()
        .enumerate()
        .fold("app: charts\npolicies:\n- { name: base, session: { idle: 90d } }\n".to_owned(), |text, (n, p)| {
            format!("{text}- {{ name: p{n}, {p} }}\n")
        });
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("charts.yaml", text.as_str())],
        lists: lists(),
        ..Files::default()
    };
    PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}\n{text}")).0
}

/// What a set decides for an example, read from its words.
fn decided(set: &PolicySet, given: &serde_json::Value, request: &str) -> &'static str {
    let what_if = set.what_if(&app(), &Source::new("example", given.to_string()), request).unwrap_or_else(|report| panic!("{report}"));
    match what_if.explain(set.app(&app()).unwrap()).decision {
        Outcome::Allow => "allow",
        Outcome::Challenge => "challenge",
        Outcome::Block => "block",
        Outcome::NotAssigned => "not-assigned",
    }
}

/// Whether statements are about such a request: somebody has signed in somehow, an upgrade is a GET, and a certificate is a method.
fn is_possible(world: &World) -> bool {
    let certified = world.place.device.contains(Device::Certified);
    let consistent = !certified || world.proofs.iter().any(|p| p.factor == Factor::ClientCertificate);
    consistent && !world.proofs.is_empty() && world.guest_since.is_some() && (world.client != Client::Websocket || world.method == "GET")
}

/// Premises of statements.
fn clause() -> impl Strategy<Value = (String, String)> {
    let words = [
        ("path=/export/**", "path: '/export/**'"),
        ("path=/*,/a*/**", "path: ['/*', '/a*/**']"),
        ("method=GET", "method: GET"),
        ("group=locum,night", "group: [locum, night]"),
        ("signed-in-with=passkey", "signed-in-with: passkey"),
        ("network=desk", "network: desk"),
        ("schedule=work", "schedule: work"),
        ("guest-for=\"< 7d\"", "guest-for: '< 7d'"),
        ("header.x-zone=in*", "header: { x-zone: 'in*' }"),
        ("attribute.clinic=north", "attribute: { clinic: north }"),
        ("email='*@partner.example'", "email: '*@partner.example'"),
        ("country=DE,FR", "country: [DE, FR]"),
        ("asn=64500", "asn: 64500"),
        ("platform=ios,other", "platform: [ios, other]"),
        ("device=certified", "device: certified"),
        ("risk=medium", "risk: medium"),
    ];
    select(words.to_vec()).prop_map(|(word, yaml)| (word.to_owned(), yaml.to_owned()))
}

/// Whether the evaluator holds it possible that the condition holds, asked by a policy that blocks where it does.
fn may_be(world: &World, condition: &str) -> bool {
    let app = build(&numbered(&[format!("when: {{ {condition} }}, block: no entry")]));
    world.decide(&app).verdict.as_str() == "block"
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn diff_finds_every_change_that_any_request_shows(
        old in policies(),
        new in policies(),
        shared in 0_usize..3,
        worlds in vec(world(), WORLDS),
    ) {
        use guestgate::policy::{Compared, diff};
        let new: Vec<String> = old.iter().take(shared).cloned().chain(new).collect();
        let (old, new) = (set(&old), set(&new));
        let mut found = Vec::new();
        for compared in diff(&old, &new) {
            match compared {
                Compared::Differences(differences) => found.extend(differences),
                Compared::TooLarge(_) => return Ok(()),
            }
        }
        for one in &found {
            prop_assert_ne!(one.old, one.new);
            for (set, says) in [(&old, one.old), (&new, one.new)] {
                prop_assert_eq!(decided(set, &one.example.given, &one.example.request), says.to_string());
            }
        }
        let pairs: Vec<(String, String)> = found.iter().map(|d| (d.old.to_string(), d.new.to_string())).collect();
        for world in worlds.iter().filter(|w| is_possible(w)) {
            let world = World { until: None, ..world.clone() };
            let says = |set: &PolicySet| world.decide(set.app(&app()).unwrap()).verdict.as_str().to_owned();
            let pair = (says(&old), says(&new));
            prop_assert!(pair.0 == pair.1 || pairs.contains(&pair), "{:?} is missing: {:?}", pair, world);
        }
    }

    #[test]
    fn what_is_proved_no_request_refutes(
        made in policies(),
        word in select(vec!["never", "always"]),
        decision in select(vec!["allow", "challenge", "block"]),
        premise in prop::option::of(clause()),
        unless in prop::option::of(clause()),
        worlds in vec(world(), WORLDS),
    ) {
        use guestgate::policy::{Proved, prove};
        let set = set(&made);
        let part = |clause: &Option<(String, String)>, before: &str| clause.as_ref().map_or(String::new(), |(word, _)| format!("{before}{word}"));
        let text = format!("{word} {decision} app=charts{}{}", part(&premise, " "), part(&unless, " unless "));
        let statement = set.statement(&text).unwrap_or_else(|report| panic!("{report}"));
        let refutes = |came: &str| (came == decision) == (word == "never");
        match prove(&set, &statement) {
            Proved::Refuted(example) => {
                let came = decided(&set, &example.request.given, &example.request.request);
                prop_assert!(refutes(came), "{} is refuted by {}", text, came);
            }
            Proved::Holds => for world in worlds.iter().filter(|w| is_possible(w)) {
                let world = World { until: None, ..world.clone() };
                let concerned = premise.as_ref().is_none_or(|(_, yaml)| may_be(&world, yaml))
                    && unless.as_ref().is_none_or(|(_, yaml)| may_be(&world, &format!("not: {{ {yaml} }}")));
                prop_assert!(!concerned || !refutes(world.decide(set.app(&app()).unwrap()).verdict.as_str()), "{} by {:?}", text, world);
            },
            Proved::TooLarge => {}
        }
    }
}

proptest! {
    #![proptest_config(size())]

    #[test]
    fn the_order_of_policies_does_not_matter(made in policies(), worlds in worlds(), turn in 0_usize..6) {
        let one = build(&numbered(&made));
        let mut other = numbered(&made);
        other.reverse();
        other.rotate_left(turn % made.len());
        let other = build(&other);
        for world in worlds {
            prop_assert_eq!(said(&one, &world.decide(&one)), said(&other, &world.decide(&other)));
        }
    }

    #[test]
    fn adding_a_policy_never_admits_more(made in policies(), more in policy(), worlds in worlds()) {
        let before = build(&numbered(&made));
        let all: Vec<String> = made.iter().cloned().chain([more]).collect();
        let after = build(&numbered(&all));
        for world in worlds {
            let (before, after) = (world.decide(&before), world.decide(&after));
            prop_assert!(admits(&after) <= admits(&before));
            // Joined with the limits of before, those of after are what they are: nothing got longer or looser.
            prop_assert_eq!(after.limits.and(before.limits), after.limits);
        }
    }

    #[test]
    fn knowing_less_never_admits_more(made in policies(), worlds in worlds(), forget in 1_u8..128) {
        let app = build(&numbered(&made));
        let others = build(&[]);
        for world in worlds {
            let mut less = world.clone();
            if forget & 1 != 0 { less.ip = None; }
            if forget & 2 != 0 { less.headers = None; }
            if forget & 4 != 0 { less.guest_since = None; }
            if forget & 8 != 0 { less.place.country = None; }
            if forget & 16 != 0 { less.place.asn = None; }
            if forget & 32 != 0 { less.place.platform = None; }
            if forget & 64 != 0 { less.place.device = Devices::NONE; }
            prop_assert!(admits(&less.decide(&app)) <= admits(&world.decide(&app)));
            // Somebody whom these policies have never seen is known least of all.
            let stranger = others.subject(&world.person());
            let unknown = world.with(&app, world.now, |facts| app.decide(&Facts { subject: &stranger, ..*facts }));
            prop_assert!(admits(&unknown) <= admits(&world.decide(&app)));
        }
    }

    #[test]
    fn the_answer_holds_until_it_says(made in policies(), worlds in worlds(), share in 0.0_f64..1.0) {
        let app = build(&numbered(&made));
        for world in worlds {
            let first = world.decide(&app);
            prop_assert!(first.valid_until > world.now);
            let until = first.valid_until.min(world.now.plus(Span::days(400)));
            let length = until.as_millis() - world.now.as_millis();
            let part = (length as f64 * share) as i64;
            for later in [part, part / 2, part / 100, length / 2, length - 1, (length - 1).min(1)] {
                let now = Timestamp::from_millis(world.now.as_millis() + later.clamp(0, length - 1));
                prop_assert_eq!(said(&app, &world.decide_at(&app, now)), said(&app, &first), "at {}", now);
            }
        }
    }

    #[test]
    fn the_fast_evaluator_says_what_the_talkative_one_explains(made in policies(), worlds in worlds()) {
        let app = build(&numbered(&made));
        for world in worlds {
            agree(&app, &world)?;
        }
    }

    #[test]
    fn a_cached_answer_is_exact_where_only_facts_outside_the_footprint_differ(made in policies(), worlds in worlds(), other in world()) {
        use guestgate::policy::Fact;
        let app = build(&numbered(&made));
        for one in worlds {
            let read = app.subject(&one.person()).footprint();
            let mut twin = one.clone();
            if !read.reads(Fact::Address) { twin.ip = other.ip; }
            if !read.reads(Fact::Path) { twin.path = other.path; }
            if !read.reads(Fact::Method) { twin.method = other.method; }
            if !read.reads(Fact::Client) { twin.client = other.client; }
            if !read.reads(Fact::Header) { twin.headers = other.headers.clone(); }
            if !read.reads(Fact::Country) { twin.place.country = other.place.country; }
            if !read.reads(Fact::Asn) { twin.place.asn = other.place.asn; }
            if !read.reads(Fact::Platform) { twin.place.platform = other.place.platform; }
            if !read.reads(Fact::Device) { twin.place.device = other.place.device; }
            if !read.reads(Fact::Risk) { twin.agreed.risk = other.agreed.risk; }
            if !read.reads(Fact::Consent) { twin.agreed = Agreed { risk: twin.agreed.risk, ..other.agreed.clone() }; }
            if !read.reads(Fact::Proofs) { (twin.proofs, twin.signed_in) = (other.proofs.clone(), other.signed_in); }
            if !read.reads(Fact::Time) {
                twin.now = one.until.map_or(other.now, |end| other.now.min(Timestamp::from_millis(end.as_millis() - 1)));
            }
            prop_assert_eq!(said(&app, &one.decide(&app)), said(&app, &twin.decide(&app)));
        }
    }

    #[test]
    fn what_is_printed_is_read_as_what_it_was(made in policies(), worlds in worlds()) {
        let before = set(&made);
        let printed = before.app(&app()).unwrap().to_yaml();
        let files = Files {
            definitions: Some(Source::new("definitions.yaml", before.definitions_yaml())),
            apps: vec![Source::new("charts.yaml", printed.as_str())],
            lists: lists(),
            ..Files::default()
        };
        let (after, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}\n{printed}"));
        let (one, other) = (before.app(&app()).unwrap(), after.app(&app()).unwrap());
        prop_assert!(one.says_the_same(other), "{}", printed);
        prop_assert_eq!(other.to_yaml(), printed);
        prop_assert_eq!(after.definitions_yaml(), before.definitions_yaml());
        // Networks and schedules are compared by their names, so ask them, too.
        for world in worlds {
            prop_assert_eq!(said(one, &world.decide(one)), said(other, &world.decide(other)));
        }
    }

}

proptest! {
    #![proptest_config(sized(1))]

    #[test]
    fn a_replay_says_what_would_have_been_or_that_it_cannot_know(
        made in policies(), candidate in policies(), world in world(), forgotten in 0_u16..1_024,
    ) {
        let (then, app) = (build(&numbered(&made)), build(&numbered(&candidate)));
        // A real request knows its headers.
        let world = World { headers: Some(world.headers.clone().unwrap_or_default()), ..world };
        world.with(&app, world.now, |facts| {
            let facts = Facts { grant: GrantState::Valid { until: None }, ..*facts };
            let written = serde_json::to_value(LoggedFacts::of(&then, &world.person(), &facts)).unwrap();
            let line = LoggedRequest { now: world.now, method: facts.request.method, path: facts.request.path, ip: facts.request.ip };
            let judge = |value: serde_json::Value, app: &AppPolicies| serde_json::from_value::<LoggedFacts>(value).unwrap().judge(app, &line);
            let true_answer = |app: &AppPolicies| {
                let subject = app.subject(&world.person());
                app.decide(&Facts { subject: &subject, ..facts }).verdict.as_str().to_owned()
            };
            // The policies that were in force decide as they did.
            let again = judge(written.clone(), &then);
            prop_assert!(matches!(&again, Judged::Decided(a) if a.outcome.to_string() == true_answer(&then)), "{:?}", again);
            // Others say the truth or nothing, whatever the log has left out.
            let mut less = written;
            for (bit, key) in ["client", "headers", "signed-in-with", "signed-in", "country", "device", "terms", "risk", "platform", "asn"].into_iter().enumerate() {
                if forgotten >> bit & 1 == 1 && (key != "signed-in" || forgotten & 4 != 0) {
                    less.as_object_mut().unwrap().remove(key);
                }
            }
            if let Judged::Decided(answer) = judge(less.clone(), &app) {
                prop_assert_eq!(answer.outcome.to_string(), true_answer(&app), "{}", less);
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in vec(any::<u8>(), 0..400)) {
        read_anything(&bytes);
    }

    #[test]
    fn no_broken_file_makes_the_parser_panic(made in policies(), cuts in vec((any::<prop::sample::Index>(), any::<char>()), 1..6)) {
        let mut text: Vec<char> = made.iter().enumerate().flat_map(|(n, p)| format!("- {{ name: p{n}, {p} }}\n").chars().collect::<Vec<_>>()).collect();
        for (place, c) in cuts {
            let ix = place.index(text.len());
            text[ix] = c;
        }
        let text: String = "app: charts\npolicies:\n".chars().chain(text).collect();
        read_anything(text.as_bytes());
    }
}

/// Whatever it is, as each kind of file: an answer, or a report that can be shown.
fn read_anything(bytes: &[u8]) {
    let mut report = Report::new();
    let Some(source) = yaml::decode("any.yaml", bytes, &mut report) else { return };
    let _ = PolicySet::lists_of(&source);
    let definitions = Source::new("definitions.yaml", DEFINITIONS);
    for files in [
        Files { definitions: Some(source.clone()), lists: lists(), ..Files::default() },
        Files { definitions: Some(definitions.clone()), apps: vec![source.clone()], lists: lists(), ..Files::default() },
        Files { tests: vec![source.clone()], ..Files::default() },
        Files { definitions: Some(definitions), lists: BTreeMap::from([("x".to_owned(), source)]), ..Files::default() },
    ] {
        match PolicySet::build(&files, &Universe::default()) {
            Ok((_, report)) | Err(report) => drop(report.to_string()),
        }
    }
}
