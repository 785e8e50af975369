//! Place, device, risk, agreement and the limits of sessions, by example.

use super::{build, check};
use crate::policy::{Fact, KnownApp, PolicySet, Proved, Risk, Universe, diff, prove};

#[test]
fn a_country_is_one_of_a_list_or_unknown() {
    check(
        "  - { name: a, unless: { country: [DE, AT] }, block: no entry }
  - { name: b, when: { country: unknown }, require: [passkey] }
  - { name: c, when: { country: [FR, unknown] }, require: [totp] }",
        "  - { name: inside, given: { country: DE }, expect: allow }
  - { name: outside, given: { country: FR }, expect: block, by: a }
  - { name: unknown, expect: block, by: a }
  - { name: said to be unknown, given: { country: unknown }, expect: block }",
    );
    check(
        "  - { name: b, when: { country: unknown }, require: [passkey] }
  - { name: c, when: { country: [FR, unknown] }, require: [totp] }",
        "  - { name: known, given: { country: DE }, expect: allow }
  - { name: listed, given: { country: FR }, expect: challenge, unmet: totp, by: c }
  - { name: unknown, expect: challenge, unmet: [passkey, totp] }",
    );
}

#[test]
fn what_is_missing_of_place_and_device_is_unknown() {
    check(
        "  - { name: a, when: { asn: [64500, 64501] }, require: [passkey] }
  - { name: p, unless: { platform: [ios, android] }, require: [totp] }
  - { name: d, when: { not: { device: certified } }, require: [client-certificate] }
  - { name: e, when: { device: new }, require: [email-code] }",
        "  - { name: nothing, expect: challenge, by: [a, p, d] }
  - { name: all, given: { asn: 64502, platform: ios, device: [known, certified] }, expect: allow, by: [] }
  - { name: other, given: { asn: 64501, platform: linux, device: known }, expect: challenge, by: [a, p, d] }
  - { name: facts are taken as given, given: { asn: 1, platform: android, device: certified, signed-in-with: [passkey] }, expect: allow }",
    );
}

#[test]
fn risk_is_at_least_the_least_of_its_values() {
    check(
        "  - { name: m, when: { risk: [high, medium] }, require: [passkey] }
  - { name: h, when: { risk: high }, block: too odd }
  - { name: l, when: { risk: [low, high] }, session: { idle: 10m } }",
        "  - { name: usual, expect: allow, session: { idle: 10m } }
  - { name: medium, given: { risk: medium }, expect: challenge, by: m }
  - { name: high, given: { risk: high }, expect: block, by: h }",
    );
}

#[test]
fn terms_count_in_their_version_until_they_are_to_be_renewed() {
    check(
        "  - { name: a, require: [{ terms: data-protection }, { terms: house-rules }] }",
        "  - { name: none, expect: challenge, unmet: [{ terms: data-protection }, { terms: house-rules }] }
  - { name: both, given: { terms: [data-protection, house-rules] }, expect: allow, holds-until: 2026-07-13T12:00:00Z }
  - { name: the last moment, given: { terms: { data-protection: 179d, house-rules: 4000d } }, expect: allow, holds-until: 2026-01-15T12:00:00Z }
  - { name: too old, given: { terms: { data-protection: 180d, house-rules: 0s } }, expect: challenge, unmet: [{ terms: data-protection }], holds-until: never }
  - { name: another version, given: { terms: { data-protection: { age: 1d, version: 2 }, house-rules: 1d } }, expect: challenge }
  - { name: this version, given: { terms: { data-protection: { age: 1d, version: 3 }, house-rules: 1d } }, expect: allow }",
    );
}

#[test]
fn approval_has_an_age_and_justification_has_none() {
    check(
        "  - { name: a, require: [{ approval: { by: owners, valid: 8h } }, justification] }",
        "  - { name: none, expect: challenge, unmet: [{ approval: { by: owners, valid: 8h } }, justification] }
  - { name: both, given: { approved: true, justified: true }, expect: allow, holds-until: 2026-01-14T20:00:00Z }
  - { name: old, given: { approved: 8h, justified: true }, expect: challenge, unmet: [{ approval: { by: owners, valid: 480m } }] }
  - { name: not, given: { approved: false, justified: false }, expect: challenge, unmet: [justification, { approval: { by: owners, valid: 8h } }] }",
    );
}

#[test]
fn a_known_device_is_known_or_has_a_certificate() {
    check(
        "  - { name: a, require: [known-device] }\n  - { name: b, require: [{ any: [known-device, passkey] }] }",
        "  - { name: unknown, expect: challenge, unmet: [known-device, { any: [known-device, passkey] }] }
  - { name: new, given: { device: new }, expect: challenge }
  - { name: known, given: { device: known }, expect: allow }
  - { name: certified, given: { device: [new, certified] }, expect: allow }",
    );
}

#[test]
fn limits_of_sessions_add_up() {
    check(
        "  - { name: a, session: { concurrent: 3, bind: network } }
  - { name: b, session: { concurrent: 1, bind: [device], downloads: deny } }
  - { name: c, state: report-only, session: { concurrent: 2 } }",
        "  - { name: t, expect: allow, report-only: [], session: { concurrent: 1, bind: [device, network], downloads: deny } }",
    );
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
    let text = r#"app: charts
policies:
  - name: a
    description: "quoted: \"yes\", a \\ and an é\u2028 and a\nline"
    for: { kind: guest, group: [locum, staff], attribute: { clinic: [north, "no"] }, except: { email: 'a*@partner.example' } }
    when: { network: [clinic-wan, 192.0.2.0/24, "2001:db8::/32"], any: [{ schedule: [night, small-hours] }, { not: { before: 2026-01-01T00:00:00Z } }] }
    unless: { all: [{ country: [DE, "NO"] }, { asn: 64500, platform: [ios, other], device: [known, certified], risk: medium }] }
    block: "off"
  - name: b
    state: off
    for: { except: { role: [reader] } }
    require: [mfa, { terms: data-protection }, { any: [{ federated: contoso }, { fresh-sign-in: 90m }] }, { approval: { by: owners, valid: 8h } }]
    session: { idle: 30m, persistent: false, bind: [network, device], concurrent: 2, downloads: deny, sign-in-frequency: 1d }
  - { name: c, session: { read-only: false } }
  - { name: d, when: { header: { X-A: ['b*', ''], x-b: c }, guest-for: ['< 7d', '> 1h'], signed-in-with: [federated, 'federated:x'] }, require: [two-factor] }
"#;
    let (set, _) = build(text).unwrap_or_else(|report| panic!("{report}"));
    let app = set.app(&"charts".parse().unwrap()).unwrap();
    let printed = app.to_yaml();
    let again = build(&printed).unwrap_or_else(|report| panic!("{report}\n{printed}")).0;
    let twin = again.app(&"charts".parse().unwrap()).unwrap();
    assert!(app.says_the_same(twin), "{printed}");
    assert_eq!(twin.to_yaml(), printed);
    assert!(printed.contains("    unless: { all: [{ country: [DE, \"NO\"] }"), "{printed}");

    let mut files = super::files(&printed);
    files.definitions = Some(crate::base::Source::new("policies/definitions.yaml", set.definitions_yaml()));
    let (copy, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}\n{}", set.definitions_yaml()));
    assert_eq!(copy.definitions_yaml(), set.definitions_yaml());
    assert!(diff(&set, &copy).iter().all(|c| matches!(c, crate::policy::Compared::Differences(list) if list.is_empty())));
}

#[test]
fn the_footprint_tells_place_device_consent_and_risk_apart() {
    let read = |policy: &str| {
        let (set, _) = build(&format!("app: charts\npolicies: [{{ name: a, {policy} }}]")).unwrap();
        let footprint = set.app(&"charts".parse().unwrap()).unwrap().footprint();
        let facts = [Fact::Address, Fact::Country, Fact::Asn, Fact::Platform, Fact::Device, Fact::Consent, Fact::Risk, Fact::Time];
        facts.into_iter().filter(|f| footprint.reads(*f)).collect::<Vec<_>>()
    };
    assert_eq!(read("when: { country: DE }, block: x"), [Fact::Country]);
    assert_eq!(read("when: { asn: 1, platform: ios }, block: x"), [Fact::Asn, Fact::Platform]);
    assert_eq!(read("require: [known-device, justification]"), [Fact::Device, Fact::Consent]);
    assert_eq!(read("when: { risk: high }, require: [{ terms: data-protection }]"), [Fact::Consent, Fact::Risk, Fact::Time]);
    assert_eq!(read("require: [{ terms: house-rules }]"), [Fact::Consent]);
    assert!(Risk::Low < Risk::Medium && Risk::Medium < Risk::High);
}

#[test]
fn an_upgrade_passes_under_read_only_where_the_app_says_so() {
    let text = "app: charts
policies: [{ name: a, session: { read-only: true } }]
tests: [{ name: t, given: { client: websocket }, request: GET /, expect: EXPECT }]";
    for (reads, expect) in [(false, "block"), (true, "allow")] {
        let known = KnownApp { sockets_read: reads, ..KnownApp::new("charts".parse().unwrap()) };
        let universe = Universe { apps: Some(vec![known]), ..Universe::default() };
        let (set, _) = PolicySet::build(&super::files(&text.replace("EXPECT", expect)), &universe).unwrap();
        assert!(set.cases()[0].run(&set).unwrap().passed());
        let statement = set.statement("never block client=websocket").unwrap();
        assert_eq!(prove(&set, &statement) == Proved::Holds, reads);
    }
}

#[test]
fn diff_and_prove_are_exact_about_place_device_risk_and_agreement() {
    let set = |policies: &str| build(&format!("app: charts\npolicies:\n{policies}")).unwrap_or_else(|report| panic!("{report}")).0;
    let holds = |policies: &str, statement: &str| {
        let set = set(policies);
        let statement = set.statement(statement).unwrap_or_else(|report| panic!("{report}"));
        prove(&set, &statement) == Proved::Holds
    };
    let abroad = "  - { name: a, unless: { country: [DE, AT] }, block: x }";
    assert!(holds(abroad, "never allow country=FR") && holds(abroad, "never allow country=unknown"));
    assert!(holds(abroad, "always block unless country=DE,AT") && !holds(abroad, "always block unless country=DE"));
    let systems = "  - { name: a, when: { asn: [64500, 64501], platform: ios }, block: x }";
    assert!(holds(systems, "never allow asn=64500 platform=ios") && !holds(systems, "never allow asn=64500"));
    let odd = "  - { name: a, when: { risk: medium }, require: [passkey] }";
    assert!(holds(odd, "never allow risk=high unless signed-in-with=passkey") && !holds(odd, "never allow risk=low"));
    let device = "  - { name: a, require: [known-device] }";
    assert!(holds(device, "never allow device=new unless device=certified"));
    // Nothing known about the device counts as a premise that holds.
    assert!(!holds(device, "always allow device=known"));
    let terms = |policies: &str| {
        diff(&set("  - { name: a, require: [{ terms: data-protection }] }"), &set(policies))
            .into_iter()
            .flat_map(|compared| if let crate::policy::Compared::Differences(list) = compared { list } else { panic!("too large") })
            .map(|d| format!("{} {} {}", d.old, d.new, d.example.given))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(terms("  - { name: b, require: [{ any: [{ terms: data-protection }] }] }"), "");
    let added = terms("  - { name: a, require: [{ terms: data-protection }, { approval: { by: owners, valid: 8h } }, justification] }");
    super::says(&added, &["allow challenge", "data-protection\":{\"age\":\"0s\",\"version\":3}"]);
}
