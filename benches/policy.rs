//! What a decision costs, and a look-up among many networks.
//!
//! Budget: ten policies of the usual shape in well under a microsecond, a look-up in a few nanoseconds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench may fail loudly")]

use std::{collections::BTreeMap, hint::black_box, net::IpAddr, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use guestgate::{
    base::{AppId, EmailAddress, Factor, Kind, Name, NormalPath, PathRules, Prefix, PrefixMap, Proof, Source, Timestamp},
    policy::{AppPolicies, Facts, Files, GrantState, PersonFacts, PolicySet, RequestFacts, Universe},
};

const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [203.0.113.0/24, "2001:db8:40::/48"]
  partners: [198.51.100.0/24]
schedules:
  clinic-hours: { days: [mon-fri], hours: "07:00-19:00", timezone: Europe/Berlin, except: [2026-12-24..2026-12-26] }
strengths:
  two-factor: [[passkey], [email-code, totp]]
"#;

const TEN: &str = r#"
app: charts
policies:
  - { name: p0, for: { kind: guest }, require: [two-factor] }
  - { name: p1, for: { kind: guest }, unless: { network: [clinic-wan, partners] }, require: [passkey] }
  - { name: p2, for: { group: locum }, when: { method: [POST, PUT, PATCH, DELETE] }, unless: { schedule: clinic-hours }, block: closed }
  - { name: p3, when: { path: "/export/**" }, require: [{ fresh-sign-in: 15m }] }
  - { name: p4, for: { kind: guest }, session: { idle: 30m, lifetime: 8h, persistent: false } }
  - { name: p5, state: report-only, unless: { schedule: clinic-hours }, block: closed }
  - { name: p6, when: { path: "/admin/**" }, unless: { network: clinic-wan }, block: closed }
  - { name: p7, when: { any: [{ path: "/reports/*/raw" }, { method: DELETE }] }, require: [mfa] }
  - { name: p8, when: { guest-for: "< 7d" }, session: { read-only: true } }
  - { name: p9, when: { client: api, not: { network: clinic-wan } }, block: closed }
"#;

fn ten_policies() -> Arc<AppPolicies> {
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("charts.yaml", TEN)],
        ..Files::default()
    };
    let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}"));
    set.app(&AppId::parse("charts").unwrap()).cloned().unwrap()
}

fn decide(c: &mut Criterion) {
    let app = ten_policies();
    let email = EmailAddress::parse("locum@partner.example").unwrap();
    let (groups, attributes) = ([Name::parse("locum").unwrap()], BTreeMap::new());
    let now: Timestamp = "2026-01-14T12:00:00Z".parse().unwrap();
    let subject = app.subject(&PersonFacts {
        kind: Kind::Guest,
        email: &email,
        groups: &groups,
        attributes: &attributes,
        invited_by: None,
        role: None,
        guest_since: Some(Timestamp::EPOCH),
    });
    let proofs = [Factor::EmailCode, Factor::Totp].map(|factor| Proof { factor, at: now });
    let path = NormalPath::parse(b"/orders/7/lines", &PathRules::default()).unwrap();
    let request = RequestFacts { ip: Some(IpAddr::from([203, 0, 113, 9])), ..RequestFacts::new("GET", &path) };
    let grant = GrantState::Valid { until: None };
    let mut facts = Facts { proofs: &proofs, signed_in: Some(now), ..Facts::new(now, &subject, grant, request) };
    c.bench_function("decide_ten_policies", |b| b.iter(|| app.decide(black_box(&facts))));
    facts.request.method = "POST";
    c.bench_function("decide_ten_policies_on_a_write", |b| b.iter(|| app.decide(black_box(&facts))));
}

fn lookup(c: &mut Criterion) {
    // An odd multiplier walks through all addresses in no visible order.
    let scattered = |n: u32| n.wrapping_mul(2_654_435_761);
    let v4 = (0..100_000_u32).map(|n| (Prefix::around(IpAddr::V4(scattered(n).into()), 16 + (n % 13) as u8), n % 50));
    let map = PrefixMap::build(v4);
    let asked: Vec<IpAddr> = (0..4_096_u32).map(|n| IpAddr::V4(scattered(n * 977 + 5).into())).collect();
    let mut next = 0;
    c.bench_function("network_lookup_among_100000_prefixes", |b| {
        b.iter(|| {
            next = (next + 1) % asked.len();
            map.lookup(black_box(asked[next])).len()
        });
    });
}

criterion_group!(benches, decide, lookup);
criterion_main!(benches);
