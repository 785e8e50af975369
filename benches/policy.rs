//! What a decision costs, and a look-up among many networks.
//!
//! Budget: ten policies of the usual shape in well under a microsecond, a look-up in a few nanoseconds. A miss is a request that no policy
//! keeps from passing, a hit one that some policy does. What is large is timed by `policy_scale`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench may fail loudly")]

use std::{collections::BTreeMap, hint::black_box, net::IpAddr, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use guestgate::{
    base::{AppId, EmailAddress, Factor, Kind, Name, NormalPath, PathRules, Prefix, PrefixMap, Proof, Timestamp},
    policy::{AppPolicies, Facts, GrantState, PersonFacts, RequestFacts, Verdict},
};

#[path = "policy/shapes.rs"]
mod shapes;

fn charts(policies: usize) -> Arc<AppPolicies> {
    shapes::set(&shapes::policies(policies)).app(&AppId::parse("charts").unwrap()).cloned().unwrap()
}

fn decide(c: &mut Criterion) {
    let email = EmailAddress::parse("locum@partner.example").unwrap();
    let (groups, attributes) = ([Name::parse("locum").unwrap()], BTreeMap::new());
    let now: Timestamp = "2026-01-14T12:00:00Z".parse().unwrap();
    let path = NormalPath::parse(b"/orders/7/lines", &PathRules::default()).unwrap();
    let two = [Factor::EmailCode, Factor::Totp].map(|factor| Proof { factor, at: now });
    for policies in [1, 10, 100] {
        let app = charts(policies);
        let subject = app.subject(&PersonFacts {
            kind: Kind::Guest,
            email: &email,
            groups: &groups,
            attributes: &attributes,
            invited_by: None,
            role: None,
            guest_since: Some(Timestamp::EPOCH),
        });
        let request = RequestFacts { ip: Some(IpAddr::from([203, 0, 113, 9])), ..RequestFacts::new("GET", &path) };
        let grant = GrantState::Valid { until: None };
        let miss = Facts { proofs: &two, signed_in: Some(now), ..Facts::new(now, &subject, grant, request) };
        let hit = Facts { proofs: &two[..1], ..miss };
        assert!(app.decide(&miss).verdict == Verdict::Allow && app.decide(&hit).verdict != Verdict::Allow);
        c.bench_function(&format!("decide_{policies}_policies_miss"), |b| b.iter(|| app.decide(black_box(&miss))));
        c.bench_function(&format!("decide_{policies}_policies_hit"), |b| b.iter(|| app.decide(black_box(&hit))));
    }
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
