//! The language by example: policies, facts and what must come, in the language's own words.

use std::collections::BTreeMap;

use super::*;
use crate::base::{Name, Report, Source};

const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [203.0.113.0/24, "2001:db8:40::/48"]
  branch: 198.51.100.7
  listed: { file: lists/listed.txt }
schedules:
  clinic-hours: { days: [mon-fri], hours: "07:00-19:00", timezone: Europe/Berlin, except: [2026-12-24..2026-12-26] }
  night: { days: fri-mon, hours: "22:00-06:00", timezone: Europe/Berlin, except: 2026-01-17 }
  small-hours: { hours: "02:00-03:00", timezone: Europe/Berlin }
strengths:
  phishing-resistant: [[passkey], [client-certificate]]
  two-factor: [[passkey], [email-code, totp], [federated, totp], federated-mfa]
"#;

fn files(app: &str) -> Files {
    let list = Source::new("policies/lists/listed.txt", "# bad ones\n192.0.2.0/25 # half\n\n  2001:db8:bad::/48\n");
    Files {
        definitions: Some(Source::new("policies/definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("policies/charts.yaml", app)],
        tests: Vec::new(),
        lists: BTreeMap::from([("lists/listed.txt".to_owned(), list)]),
    }
}

fn build(app: &str) -> Result<(PolicySet, Report), Report> {
    PolicySet::build(&files(app), &Universe::default())
}

/// Every test in the text comes as expected.
fn check(policies: &str, tests: &str) {
    let text = format!("app: charts\npolicies:\n{policies}\ntests:\n{tests}");
    let (set, _) = build(&text).unwrap_or_else(|report| panic!("{report}"));
    assert!(!set.cases().is_empty());
    for case in set.cases() {
        let result = case.run(&set).unwrap();
        assert!(result.passed(), "{}: {:#?}\n{:#?}", case.name, result.differences, result.explanation);
    }
}

/// What is said about a file with this beside `app: charts`.
fn refused(text: &str) -> String {
    match build(&format!("app: charts\n{text}")) {
        Ok(_) => String::new(),
        Err(report) => report.to_string(),
    }
}

/// What is said about one policy that blocks when this holds.
fn condition(text: &str) -> String {
    refused(&format!("policies:\n  - {{ name: a, when: {text}, block: no entry }}\n"))
}

#[track_caller]
fn says(report: &str, words: &[&str]) {
    for word in words {
        assert!(report.contains(word), "`{word}` is missing in:\n{report}");
    }
}

#[test]
fn a_block_wins_over_an_unmet_requirement() {
    check(
        "
  - { name: a, require: [passkey] }
  - { name: b, when: { network: clinic-wan }, block: closed }
  - { name: c, when: { network: clinic-wan }, block: closed }",
        "
  - { name: t, given: { ip: 203.0.113.9 }, expect: block, by: [c, b], unmet: [] }
  - { name: u, given: { ip: 203.0.114.9 }, expect: challenge, by: a, unmet: passkey }",
    );
}

#[test]
fn without_a_valid_grant_nothing_else_is_said() {
    let policies = "
  - { name: a, block: closed }
  - { name: b, state: report-only, block: closed }";
    for grant in ["none", "expired", "not-yet", "suspended"] {
        check(
            policies,
            &format!(
                "  - {{ name: t, given: {{ grant: {grant} }}, expect: not-assigned, by: [], unmet: [], report-only: [], holds-until: never }}"
            ),
        );
    }
}

#[test]
fn what_is_unknown_counts_against_the_request() {
    check(
        "
  - { name: when, when: { network: clinic-wan }, block: closed }
  - { name: unless, unless: { network: clinic-wan }, require: [totp] }
  - { name: header, when: { header: { x-zone: inner } }, require: [passkey] }
  - { name: not, when: { not: { network: clinic-wan } }, require: [client-certificate] }",
        "
  - { name: nothing known, expect: block, by: when }
  - { name: no header, given: { ip: 203.0.113.1, headers: {} }, expect: block, by: when }
  - { name: elsewhere, given: { ip: 192.0.2.1, headers: { X-Zone: inner } }, expect: challenge, by: [unless, header, not] }
  - { name: elsewhere without, given: { ip: 192.0.2.1, headers: {} }, expect: challenge, by: [unless, not] }",
    );
}

#[test]
fn what_the_directory_does_not_hold_is_absent() {
    check(
        "
  - { name: a, for: { attribute: { clinic: [north, south] } }, block: closed }
  - { name: b, for: { role: reader }, block: closed }
  - { name: c, for: { invited-by: boss@clinic.example }, block: closed }
  - { name: d, unless: { group: locum }, require: [totp] }",
        "
  - { name: nothing, expect: challenge, by: d }
  - { name: group, given: { groups: [x, locum] }, expect: allow }
  - { name: attribute, given: { attributes: { clinic: [east, south] } }, expect: block, by: a }
  - { name: other value, given: { attributes: { clinic: east }, groups: locum }, expect: allow }
  - { name: role, given: { role: reader }, expect: block, by: b }
  - { name: sponsor, given: { invited-by: Boss@Clinic.Example }, expect: block, by: c }",
    );
}

#[test]
fn people_are_told_apart_by_kind_address_and_organisation() {
    check(
        "
  - { name: guests, for: { kind: guest }, session: { idle: 30m } }
  - { name: partner, for: { email: 'A*+x@PARTNER.example' }, session: { idle: 29m } }
  - { name: below, for: { organization: '*.partner.example' }, session: { idle: 28m } }
  - { name: exact, for: { organization: [bücher.example], except: { email: eve@bücher.example } }, session: { idle: 27m } }
  - { name: mixed, for: { any: [{ group: a }, { all: [{ group: b }, { not: { group: c } }] }] }, session: { idle: 26m } }
  - { name: all, session: { idle: 2h } }",
        "
  - { name: guest, given: { guest: b@p.example }, session: { idle: 1800s } }
  - { name: member, given: { member: b@p.example }, session: { idle: 120m } }
  - { name: email, given: { guest: ann+x@partner.example }, session: { idle: 29m } }
  - { name: not so, given: { guest: ann@partner.example }, session: { idle: 30m } }
  - { name: below, given: { guest: b@x.y.partner.example }, session: { idle: 28m } }
  - { name: not below, given: { guest: b@xpartner.example }, session: { idle: 30m } }
  - { name: not itself, given: { guest: b@partner.example }, session: { idle: 30m } }
  - { name: a-label, given: { guest: b@xn--bcher-kva.example }, session: { idle: 27m } }
  - { name: except, given: { guest: eve@xn--bcher-kva.example }, session: { idle: 30m } }
  - { name: any, given: { groups: a }, session: { idle: 26m } }
  - { name: all, given: { groups: [b] }, session: { idle: 26m } }
  - { name: not, given: { groups: [b, c] }, session: { idle: 30m } }",
    );
}

#[test]
fn get_covers_head_and_all_other_methods_are_exact() {
    check(
        "
  - { name: g, when: { method: GET, path: /g }, block: closed }
  - { name: h, when: { method: [HEAD, PATCH], path: /h }, block: closed }",
        "
  - { name: 1, request: GET /g, expect: block }
  - { name: 2, request: HEAD /g, expect: block }
  - { name: 3, request: OPTIONS /g, expect: allow }
  - { name: 4, request: GET /h, expect: allow }
  - { name: 5, request: HEAD /h, expect: block }
  - { name: 6, request: PATCH /h/?q, expect: block }",
    );
}

#[test]
fn headers_are_found_by_any_line_and_any_letter_case_of_the_name() {
    check(
        "  - { name: a, when: { header: { X-Tool: ['bot*', '*/crawl'], x-two: '*' } }, block: closed }",
        "
  - { name: 1, given: { headers: { x-tool: [ok, bot-7], X-TWO: '' } }, expect: block }
  - { name: 2, given: { headers: { x-tool: Bot-7, x-two: a } }, expect: allow }
  - { name: 3, given: { headers: { x-tool: bot } }, expect: allow }
  - { name: 4, given: { headers: { x-tool: /x/crawl, x-two: a } }, expect: block }",
    );
}

#[test]
fn networks_are_named_listed_and_written_out() {
    check(
        "
  - { name: a, when: { network: [branch, 10.1.0.0/16, '2001:db8:1::/48'] }, session: { idle: 1m } }
  - { name: b, when: { network: listed }, session: { idle: 2m } }",
        "
  - { name: 1, given: { ip: 198.51.100.7 }, session: { idle: 1m } }
  - { name: 2, given: { ip: '::ffff:10.1.255.255' }, session: { idle: 1m } }
  - { name: 3, given: { ip: '2001:db8:1:ffff::' }, session: { idle: 1m } }
  - { name: 4, given: { ip: 192.0.2.127 }, session: { idle: 2m } }
  - { name: 5, given: { ip: '2001:db8:bad::1' }, session: { idle: 2m } }
  - { name: 6, given: { ip: 192.0.2.128 }, expect: allow, holds-until: never }",
    );
}

#[test]
fn hours_are_half_open_and_days_and_exceptions_are_those_of_the_zone() {
    check(
        "  - { name: a, unless: { schedule: clinic-hours }, block: closed }",
        "
  - { name: before, given: { at: 2026-01-14T05:59:59.999Z }, expect: block, holds-until: 2026-01-14T06:00:00Z }
  - { name: begin, given: { at: 2026-01-14T06:00:00Z }, expect: allow, holds-until: 2026-01-14T18:00:00Z }
  - { name: end, given: { at: 2026-01-14T18:00:00Z }, expect: block, holds-until: 2026-01-15T06:00:00Z }
  - { name: friday, given: { at: 2026-01-16T18:00:00Z }, expect: block, holds-until: 2026-01-19T06:00:00Z }
  - { name: summer, given: { at: 2026-07-14T05:00:00Z }, expect: allow, holds-until: 2026-07-14T17:00:00Z }
  - { name: holiday, given: { at: 2026-12-24T10:00:00Z }, expect: block, holds-until: 2026-12-28T06:00:00Z }
  - { name: words, given: { at: 'mon 07:00' }, expect: allow, holds-until: 2026-01-19T18:00:00Z }
  - { name: words before the default, given: { at: 'wed 12:59' }, expect: allow, holds-until: 2026-01-21T18:00:00Z }
  - { name: words of the default, given: { at: 'wed 13:00' }, expect: allow, holds-until: 2026-01-14T18:00:00Z }",
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_on_which_it_starts() {
    // Friday to Monday, 22 to 6 o'clock, but not the one that starts on Saturday, 17 January.
    check(
        "  - { name: a, when: { schedule: night }, block: closed }",
        "
  - { name: friday evening, given: { at: 2026-01-16T21:00:00Z }, expect: block, holds-until: 2026-01-17T05:00:00Z }
  - { name: saturday morning, given: { at: 2026-01-17T04:59:00Z }, expect: block }
  - { name: saturday evening, given: { at: 2026-01-17T21:00:00Z }, expect: allow, holds-until: 2026-01-18T21:00:00Z }
  - { name: sunday morning, given: { at: 2026-01-18T02:00:00Z }, expect: allow }
  - { name: tuesday morning, given: { at: 2026-01-20T04:00:00Z }, expect: block, holds-until: 2026-01-20T05:00:00Z }
  - { name: tuesday evening, given: { at: 2026-01-20T22:00:00Z }, expect: allow, holds-until: 2026-01-23T21:00:00Z }",
    );
}

#[test]
fn a_skipped_hour_never_comes_and_a_repeated_one_counts_twice() {
    // On 29 March 2026 two o'clock is skipped; on 25 October it comes twice.
    check(
        "  - { name: a, when: { schedule: small-hours }, block: closed }",
        "
  - { name: before the gap, given: { at: 2026-03-29T00:59:59Z }, expect: allow, holds-until: 2026-03-30T00:00:00Z }
  - { name: behind the gap, given: { at: 2026-03-29T01:00:00Z }, expect: allow }
  - { name: first time, given: { at: 2026-10-25T00:00:00Z }, expect: block, holds-until: 2026-10-25T02:00:00Z }
  - { name: second time, given: { at: 2026-10-25T01:30:00Z }, expect: block, holds-until: 2026-10-25T02:00:00Z }",
    );
}

#[test]
fn before_after_and_guest_for_are_half_open() {
    check(
        "
  - { name: b, when: { before: 2026-01-14T12:00:01Z, path: /b }, block: closed }
  - { name: a, when: { after: 2026-01-14T12:00:00Z, path: /a }, block: closed }
  - { name: new, when: { guest-for: '< 7d', path: /n }, block: closed }
  - { name: old, when: { guest-for: '> 90d', path: /o }, block: closed }",
        "
  - { name: 1, request: GET /b, expect: block, holds-until: 2026-01-14T12:00:01Z }
  - { name: 2, request: GET /b, given: { at: 2026-01-14T12:00:01Z }, expect: allow }
  - { name: 3, request: GET /a, expect: block, holds-until: never }
  - { name: 4, request: GET /a, given: { at: 2026-01-14T11:59:59Z }, expect: allow, holds-until: 2026-01-14T12:00:00Z }
  - { name: 5, request: GET /n, given: { guest-for: 6d }, expect: block, holds-until: 2026-01-15T12:00:00Z }
  - { name: 6, request: GET /n, given: { guest-for: 7d }, expect: allow }
  - { name: 7, request: GET /o, given: { guest-for: 89d }, expect: allow, holds-until: 2026-01-15T12:00:00Z }
  - { name: 8, request: GET /o, given: { guest-for: 90d }, expect: block }",
    );
}

#[test]
fn requirements_are_met_by_the_factors_that_the_specification_names() {
    check(
        "
  - { name: m, when: { path: /mfa }, require: mfa }
  - { name: e, when: { path: /email }, require: email-code }
  - { name: p, when: { path: /resistant }, require: phishing-resistant }
  - { name: t, when: { path: /two }, require: two-factor }
  - { name: f, when: { path: /fed }, require: [{ federated: contoso }] }
  - { name: o, when: { path: /any }, require: [{ any: [totp, { fresh-sign-in: 60m }] }] }
  - { name: x, when: { path: /exact, signed-in-with: email-code }, block: closed }",
        "
  - { name: mailbox twice, request: GET /mfa, given: { signed-in-with: [email-code, magic-link] }, expect: challenge, unmet: mfa }
  - { name: two kinds, request: GET /mfa, given: { signed-in-with: [email-code, totp] }, expect: allow }
  - { name: recovery is totp, request: GET /mfa, given: { signed-in-with: [totp, recovery-code] }, expect: challenge }
  - { name: providers are one kind, request: GET /mfa, given: { signed-in-with: ['federated:a', 'federated:b'] }, expect: challenge }
  - { name: claim, request: GET /mfa, given: { signed-in-with: 'federated-mfa:a' }, expect: allow }
  - { name: passkey alone, request: GET /mfa, given: { signed-in-with: passkey }, expect: allow }
  - { name: certificate, request: GET /mfa, given: { signed-in-with: [client-certificate, email-code] }, expect: allow }
  - { name: link for code, request: GET /email, given: { signed-in-with: magic-link }, expect: allow }
  - { name: other for code, request: GET /email, given: { signed-in-with: totp }, expect: challenge, unmet: [email-code] }
  - { name: one of, request: GET /resistant, given: { signed-in-with: client-certificate }, expect: allow }
  - { name: none of, request: GET /resistant, expect: challenge, unmet: phishing-resistant }
  - { name: link in strength, request: GET /two, given: { signed-in-with: [magic-link, totp] }, expect: allow }
  - { name: half, request: GET /two, given: { signed-in-with: totp }, expect: challenge, unmet: two-factor }
  - { name: provider, request: GET /fed, given: { signed-in-with: 'federated-mfa:contoso' }, expect: allow }
  - { name: other provider, request: GET /fed, given: { signed-in-with: 'federated:fabrikam' }, expect: challenge, unmet: { federated: contoso } }
  - { name: any, request: GET /any, given: { signed-in-with: { totp: 3h } }, expect: allow, holds-until: never }
  - { name: any by time, request: GET /any, given: { signed-in-with: { email-code: 59m } }, expect: allow, holds-until: 2026-01-14T12:01:00Z }
  - { name: none of any, request: GET /any, given: { signed-in-with: { email-code: 1h } }, expect: challenge, unmet: { any: [totp, { fresh-sign-in: 1h }] } }
  - { name: exact, request: GET /exact, expect: block }
  - { name: a link is no code here, request: GET /exact, given: { signed-in-with: magic-link }, expect: allow }",
    );
}

#[test]
fn an_age_that_equals_its_limit_is_over_and_a_certificate_is_no_new_sign_in() {
    check(
        "
  - { name: a, require: { fresh-sign-in: 15m } }
  - { name: b, session: { sign-in-frequency: 900s } }",
        "
  - { name: 1, given: { signed-in-with: { email-code: 14m } }, expect: allow, holds-until: 2026-01-14T12:01:00Z }
  - { name: 2, given: { signed-in-with: { email-code: 15m } }, expect: challenge, by: [a, b], unmet: { fresh-sign-in: 15m }, holds-until: never }
  - { name: 3, given: { signed-in-with: { email-code: 15m, totp: 5m } }, expect: allow, holds-until: 2026-01-14T12:10:00Z }
  - { name: 4, given: { signed-in-with: { email-code: 1d, client-certificate: 0s } }, expect: challenge }",
    );
}

#[test]
fn the_strictest_session_limit_wins_and_read_only_withholds_writes() {
    check(
        "
  - { name: a, session: { idle: 2h, persistent: true } }
  - { name: b, session: { idle: 90m, lifetime: 8h, persistent: false } }
  - { name: c, for: { role: reader }, session: { read-only: true, idle: 3h } }
  - { name: d, state: report-only, for: { group: g }, session: { read-only: true, idle: 1m } }",
        "
  - { name: 1, expect: allow, session: { idle: 90m, lifetime: 480m, persistent: false, read-only: false } }
  - { name: 2, given: { role: reader }, request: HEAD /, expect: allow, session: { read-only: true } }
  - { name: 3, given: { role: reader }, request: POST /, expect: block, by: c, session: { idle: 90m } }
  - { name: 4, given: { role: reader, client: websocket }, request: GET /, expect: block, by: c }
  - { name: 5, given: { groups: g }, request: PUT /, expect: allow, report-only: d, session: { idle: 90m } }
  - { name: 6, given: { groups: g }, expect: allow, report-only: [] }",
    );
}

#[test]
fn report_only_policies_are_listed_beside_a_real_decision_and_never_act() {
    check(
        "
  - { name: acts, when: { path: /x }, block: closed }
  - { name: r, state: report-only, require: passkey }
  - { name: q, state: report-only, unless: { network: clinic-wan }, block: closed }
  - { name: z, state: off, block: closed }",
        "
  - { name: 1, given: { ip: 203.0.113.1 }, expect: allow, report-only: r }
  - { name: 2, given: { ip: 203.0.114.1, signed-in-with: passkey }, request: GET /x, expect: block, by: acts, report-only: [q] }",
    );
}

#[test]
fn problems_point_and_all_of_them_are_said_at_once() {
    let report = refused(
        "policies:
  - name: a
    require: [paskey, { fresh-sign-in: 15 }]
  - name: a_b
    when: { network: clinic-van, metod: [GET] }
    unless: { schedule: clinic-hour }
    block: no
  - name: c
    colour: red
",
    );
    says(
        &report,
        &[
            "policies/charts.yaml:4:15: unknown requirement `paskey`\n4 |     require: [paskey, { fresh-sign-in: 15 }]\n  |               ^^^^^^ did you mean `passkey`?",
            "`15` is not a duration",
            "`a_b` cannot be the name of a policy",
            "unknown network `clinic-van`",
            "did you mean `clinic-wan`?",
            "unknown condition `metod`",
            "did you mean `method`?",
            "did you mean `clinic-hours`?",
            "`no` is not text",
            "write \"no\" in quotes",
            "unknown key `colour`",
            "the policy does nothing",
        ],
    );
}

#[test]
fn what_is_not_supported_yet_says_so() {
    for key in ["country: DE", "asn: 64500", "platform: ios", "device: known", "risk: high", "any: [{ not: { country: DE } }]"] {
        says(&condition(&format!("{{ {key} }}")), &["is part of the language but not supported yet", "charts.yaml:3:"]);
    }
    for item in ["known-device", "justification", "{ terms: x }", "{ approval: { by: owners, valid: 8h } }"] {
        let text = format!("policies: [{{ name: a, require: [{item}] }}]");
        says(&refused(&text), &["is part of the language but not supported yet"]);
    }
    for key in ["concurrent: 1", "bind: network", "downloads: deny"] {
        let text = format!("policies: [{{ name: a, session: {{ {key} }} }}]");
        says(&refused(&text), &["is part of the language but not supported yet"]);
    }
}

#[test]
fn conditions_that_mean_nothing_are_errors() {
    for (text, word) in [
        ("[{ method: GET }]", "a list is not a condition"),
        ("{}", "this mapping is empty"),
        ("{ method: [] }", "this list is empty"),
        ("{ method: get }", "methods are upper case"),
        ("{ path: 'admin/**' }", "begins with `/`"),
        ("{ path: '/a;b' }", "no `;`"),
        ("{ path: '/a/../b' }", "dot segment"),
        ("{ path: '/a**' }", "`**` is a whole segment"),
        ("{ network: 10.0.0.0/33 }", "out of range"),
        ("{ email: 'a@b@c' }", "not an address"),
        ("{ email: 'partner.example' }", "not an address"),
        ("{ organization: '*' }", "not a domain"),
        ("{ group: Locum }", "not a name"),
        ("{ kind: gast }", "unknown kind"),
        ("{ client: robot }", "unknown client"),
        ("{ guest-for: 7d }", "not a time since redemption"),
        ("{ guest-for: '< 1w' }", "not a time since redemption"),
        ("{ before: tomorrow }", "not an instant"),
        ("{ signed-in-with: pass }", "unknown sign-in method"),
        ("{ header: { 'a b': x } }", "not the name of a header"),
        ("{ header: x }", "a mapping is expected"),
        ("{ not: [{ method: GET }] }", "a list is not a condition"),
        ("{ method: GET, method: PUT }", "is here twice"),
        ("&a { method: GET }", "anchors are not allowed"),
    ] {
        says(&condition(text), &[word, "charts.yaml:3:"]);
    }
}

#[test]
fn for_takes_only_what_says_who_somebody_is() {
    let text =
        "policies: [{ name: a, for: { network: clinic-wan }, block: x }, { name: b, for: { except: { schedule: night } }, block: x }]";
    says(&refused(text), &["`network` does not say who", "`schedule` does not say who"]);
}

#[test]
fn the_head_of_a_file_must_say_what_it_is_for() {
    let whole = |text: &str| build(text).map_or_else(|r| r.to_string(), |_| String::new());
    says(&whole("policies: [{ name: a, block: x }]"), &["does not say for which app"]);
    says(&whole("app: charts"), &["has no `policies`"]);
    says(&whole(""), &["the file is empty"]);
    says(&whole("app: charts\napps: all\npolicies: [{ name: a, block: x }]"), &["cannot stand together"]);
    says(&whole("app: charts\npolicies: [{ name: a, state: off, block: x }]"), &["no policy reaches the app `charts`"]);
    says(&whole("app: charts\npolicies: [{ name: a, block: x, require: mfa }]"), &["cannot stand together"]);
    says(&whole("app: charts\npolicies: [{ name: a, block: x, session: { sign-in-frequency: 1h } }]"), &["cannot stand together"]);
}

#[test]
fn definitions_that_mean_nothing_are_errors() {
    let refused = |text: &str| {
        let mut files = files("app: charts\npolicies: [{ name: a, block: x }]");
        files.definitions = Some(Source::new("policies/definitions.yaml", text));
        PolicySet::build(&files, &Universe::default()).map_or_else(|r| r.to_string(), |_| String::new())
    };
    for (text, word) in [
        ("networks: { a.b: 10.0.0.0/8 }", "cannot be the name of a network"),
        ("networks: { a: { file: ../x } }", "not a path inside"),
        ("networks: { a: { file: lists/none.txt } }", "cannot be read"),
        ("schedules: { a: { hours: '07:00-19:00' } }", "has no `timezone`"),
        ("schedules: { a: { timezone: Europe/Berln } }", "did you mean `Europe/Berlin`?"),
        ("schedules: { a: { timezone: europe/berlin } }", "did you mean `Europe/Berlin`?"),
        ("schedules: { a: { timezone: UTC, hours: 7-19 } }", "are not hours"),
        ("schedules: { a: { timezone: UTC, hours: '24:00-06:00' } }", "are not hours"),
        ("schedules: { a: { timezone: UTC, hours: '07:00-07:00' } }", "begins when it ends"),
        ("schedules: { a: { timezone: UTC, days: monday } }", "not a day"),
        ("schedules: { a: { timezone: UTC, except: 2026-02-30 } }", "not a date"),
        ("schedules: { a: { timezone: UTC, except: 2026-02-03..2026-02-01 } }", "ends before it begins"),
        ("strengths: { mfa: [[passkey]] }", "is a requirement already"),
        ("strengths: { a: [[pass]] }", "unknown sign-in method"),
        ("terms: { a: { file: x } }", "not supported yet"),
    ] {
        says(&refused(text), &[word, "definitions.yaml:1:"]);
    }
}

#[test]
fn a_wrong_line_of_a_list_is_pointed_at_in_the_list() {
    let mut files = files("app: charts\npolicies: [{ name: a, when: { network: listed }, block: x }]");
    files.lists.insert("lists/listed.txt".to_owned(), Source::new("policies/lists/listed.txt", "10.0.0.0/8\n  10.0.0/8 # no\n"));
    let report = PolicySet::build(&files, &Universe::default()).unwrap_err().to_string();
    says(&report, &["policies/lists/listed.txt:2:3: `10.0.0/8` is not an address or a network"]);
}

#[test]
fn warnings_do_not_refuse() {
    let text = "app: charts\npolicies: [{ name: a, when: { network: [10.0.0.1/8, clinic-wan] }, block: x }]";
    let (_, warnings) = build(text).unwrap();
    says(
        &warnings.to_string(),
        &["read as `10.0.0.0/8`", "no policy uses the network `branch`", "no policy uses the strength `two-factor`"],
    );
    assert!(!warnings.to_string().contains("`clinic-wan`"));
    assert!(!warnings.has_errors());
}

#[test]
fn tests_that_cannot_be_read_are_errors() {
    let refused = |test: &str| refused(&format!("policies: [{{ name: a, unless: {{ schedule: [night] }}, block: x }}]\ntests: [{test}]"));
    for (test, word) in [
        ("{ name: t, request: GET / }", "expects nothing"),
        ("{ expect: allow }", "has no `name`"),
        ("{ name: t, expect: deny }", "unknown decision"),
        ("{ name: t, expect: allow, request: get / }", "is not a request"),
        ("{ name: t, expect: allow, request: GET /../x }", "refuses `GET /../x` before any policy"),
        ("{ name: t, expect: allow, given: { country: DE } }", "not supported yet"),
        ("{ name: t, expect: allow, given: { gest: x } }", "did you mean `guest`?"),
        ("{ name: t, expect: allow, given: { ip: 10.0.0.0/8 } }", "not an address"),
        ("{ name: t, expect: allow, app: other }", "unknown app `other`"),
        ("{ name: t, expect: allow, given: { guest: a@b.example, member: c@d.example } }", "a guest or a member"),
    ] {
        says(&refused(test), &[word, "charts.yaml:3:"]);
    }
}

fn universe(apps: &[(&str, bool)]) -> Universe {
    let known = |(id, none): &(&str, bool)| KnownApp { id: id.parse().unwrap(), paths: Default::default(), policies_none: *none };
    Universe {
        apps: Some(apps.iter().map(known).collect()),
        methods: MethodsOffered { email: true, ..MethodsOffered::default() },
        providers: Vec::new(),
    }
}

#[test]
fn every_app_is_reached_or_says_that_no_policy_shall() {
    let mut files = files("app: charts\npolicies: [{ name: a, require: email-code }]");
    let report = PolicySet::build(&files, &universe(&[("charts", false), ("notes", false)])).unwrap_err();
    says(&report.to_string(), &["no policy reaches the app `notes`", "policies: none"]);
    let (set, _) = PolicySet::build(&files, &universe(&[("charts", false), ("notes", true)])).unwrap();
    assert!(set.app(&"notes".parse().unwrap()).unwrap().is_empty());
    let report = PolicySet::build(&files, &universe(&[("chart", true)])).unwrap_err();
    says(&report.to_string(), &["unknown app `charts`", "did you mean `chart`?"]);
    files.apps.push(Source::new("policies/base.yaml", "apps: all\npolicies: [{ name: base, require: passkey }]"));
    let (set, warnings) = PolicySet::build(&files, &universe(&[("charts", false), ("notes", false)])).unwrap();
    says(&warnings.to_string(), &["nobody can meet `passkey`"]);
    let names = |app: &str| set.app(&app.parse().unwrap()).unwrap().all_rules().map(|(_, n)| n.to_string()).collect::<Vec<_>>();
    assert_eq!(names("notes"), ["base"]);
    assert_eq!(names("charts"), ["base", "a"]);
}

#[test]
fn one_app_has_one_file_and_a_name_is_there_once() {
    let mut files = files("app: charts\npolicies: [{ name: a, block: x }, { name: a, block: y }]");
    files.apps.push(Source::new("policies/two.yaml", "apps: [other, charts]\npolicies: [{ name: b, block: x }]"));
    files.apps.push(Source::new("policies/three.yaml", "apps: all\npolicies: [{ name: b, block: x }]"));
    let report = PolicySet::build(&files, &Universe::default()).unwrap_err().to_string();
    says(
        &report,
        &["policies/two.yaml:1:15: two files are for the app `charts`", "two policies are called `a`", "two policies are called `b`"],
    );
    assert_eq!(report.matches("two policies are called `b`").count(), 1);
}

#[test]
fn more_policies_than_fit_are_an_error() {
    let policies: String = (0..257).map(|n| format!("  - {{ name: p{n}, block: x }}\n")).collect();
    says(&refused(&format!("policies:\n{policies}")), &["more than 256 policies reach one app"]);
    let policies: String = (1..130).map(|n| format!("  - {{ name: p{n}, require: {{ fresh-sign-in: {n}m }} }}\n")).collect();
    says(&refused(&format!("policies:\n{policies}")), &["more than 128 different requirements"]);
}

#[test]
fn on_public_paths_only_blocks_that_ask_nothing_about_the_person_apply() {
    use crate::base::{NormalPath, PathRules, Timestamp};
    let (set, _) = build(
        "app: charts
policies:
  - { name: a, unless: { network: clinic-wan }, block: closed }
  - { name: b, for: { kind: guest }, block: closed }
  - { name: c, require: [passkey] }
  - { name: d, when: { signed-in-with: passkey }, block: closed }
  - { name: e, when: { any: [{ group: x }, { method: GET }] }, block: closed }
  - { name: f, state: report-only, block: closed }
",
    )
    .unwrap();
    let app = set.app(&"charts".parse().unwrap()).unwrap();
    let path = NormalPath::parse(b"/", &PathRules::default()).unwrap();
    let decide = |ip: &str| {
        let ip = Some(ip.parse().unwrap());
        let request = RequestFacts { method: "GET", path: &path, ip, client: Client::Browser, headers: HeaderFacts::Unknown };
        app.decide_public(Timestamp::EPOCH, &request)
    };
    assert_eq!(decide("203.0.113.1").verdict, Verdict::Allow);
    let blocked = decide("192.0.2.1");
    assert_eq!(app.rules_in(blocked.by).map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["a"]);
    assert!(blocked.report_only.is_empty());
}

#[test]
fn the_footprint_has_what_is_read_and_less_for_whom_less_can_touch() {
    let (set, _) = build(
        "app: charts
policies:
  - { name: a, for: { group: locum }, when: { network: clinic-wan, header: { X-A: b } }, block: closed }
  - { name: b, when: { path: /x }, require: { fresh-sign-in: 1h } }
",
    )
    .unwrap();
    let app = set.app(&"charts".parse().unwrap()).unwrap();
    let facts = [Fact::Address, Fact::Path, Fact::Method, Fact::Header, Fact::Client, Fact::Proofs, Fact::Time];
    let read = |footprint: Footprint| facts.into_iter().filter(|f| footprint.reads(*f)).collect::<Vec<_>>();
    assert_eq!(read(app.footprint()), [Fact::Address, Fact::Path, Fact::Header, Fact::Proofs, Fact::Time]);
    assert_eq!(app.headers_read().collect::<Vec<_>>(), ["x-a"]);
    let (email, attributes) = ("a@b.example".parse().unwrap(), BTreeMap::new());
    let person = PersonFacts {
        kind: crate::base::Kind::Guest,
        email: &email,
        groups: &[] as &[Name],
        attributes: &attributes,
        invited_by: None,
        role: None,
        guest_since: None,
    };
    assert_eq!(read(app.subject(&person).footprint()), [Fact::Path, Fact::Proofs, Fact::Time]);
}

#[test]
fn an_explanation_names_the_condition_that_decided_and_its_value() {
    let (set, _) = build(
        "app: charts
policies:
  - { name: a, for: { group: locum }, block: closed }
  - { name: b, unless: { network: clinic-wan }, require: [passkey] }
  - { name: c, when: { method: POST, network: clinic-wan }, block: closed }
",
    )
    .unwrap();
    let id = "charts".parse().unwrap();
    let given = Source::new("--given", "{ guest: ann@partner.example }");
    let explained = set.what_if(&id, &given, "POST /").unwrap().explain(set.app(&id).unwrap());
    let said: Vec<_> = explained.policies.iter().map(|p| (p.applies, p.because.as_str())).collect();
    assert_eq!(
        said,
        [
            (Truth::No, "for: `group: locum` does not hold (none)"),
            (Truth::Unknown, "unless: `network: clinic-wan` is unknown (no address)"),
            (Truth::Unknown, "when: `network: clinic-wan` is unknown (no address)"),
        ]
    );
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(json["decision"], "block");
    assert_eq!(json["by"], serde_json::json!(["c"]));
    assert_eq!(json["policies"][1]["effect"], "require passkey (unmet)");
    says(&set.what_if(&id, &given, "POST").unwrap_err().to_string(), &["`POST` is not a request"]);
    says(&set.what_if(&"x".parse().unwrap(), &given, "GET /").unwrap_err().to_string(), &["no policy reaches an app `x`"]);
}

#[test]
fn the_version_is_of_the_texts_and_not_of_their_order() {
    let version = |files: &Files| PolicySet::build(files, &Universe::default()).unwrap().0.version();
    let mut one = files("app: charts\npolicies: [{ name: a, block: x }]");
    one.apps.push(Source::new("policies/b.yaml", "app: b\npolicies: [{ name: a, block: x }]"));
    let mut other = one.clone();
    other.apps.reverse();
    assert_eq!(version(&one), version(&other));
    other.apps.push(Source::new("policies/c.yaml", "app: c\npolicies: [{ name: a, block: x }]"));
    assert_ne!(version(&one), version(&other));
    assert_eq!(version(&one).to_string().len(), 16);
}

#[test]
fn a_path_is_read_as_its_app_reads_it() {
    let mut known = universe(&[("charts", false), ("notes", false)]);
    if let Some(app) = known.apps.as_mut().and_then(|apps| apps.last_mut()) {
        app.paths.case = crate::base::CaseRule::Insensitive;
    }
    let text = "apps: [charts, notes]
policies: [{ name: a, when: { path: /Admin }, block: x }]
tests:
  - { name: exact, app: charts, request: GET /admin, expect: allow }
  - { name: written, app: charts, request: GET /Admin, expect: block }
  - { name: folded, app: notes, request: GET /ADMIN, expect: block }";
    let (set, _) = PolicySet::build(&files(text), &known).unwrap();
    for case in set.cases() {
        assert_eq!(case.run(&set).unwrap().differences, [] as [&str; 0], "{}", case.name);
    }
    let text = "apps: [charts, notes]\npolicies: [{ name: a, block: x }]\ntests: [{ name: t, expect: block }]";
    let report = PolicySet::build(&files(text), &known).unwrap_err();
    says(&report.to_string(), &["does not say for which app"]);
}

#[test]
fn the_example_policies_are_clean_and_do_what_their_tests_say() {
    let source = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name);
        Source::new(format!("policies/{name}"), std::fs::read_to_string(path).unwrap())
    };
    let files = Files {
        definitions: Some(source("definitions.yaml")),
        apps: vec![source("orders.yaml"), source("whoami.yaml")],
        tests: vec![source("tests/suspended.yaml")],
        lists: BTreeMap::new(),
    };
    let mut known = universe(&[("orders", false), ("whoami", false)]);
    known.methods.passkey = true;
    let (set, warnings) = PolicySet::build(&files, &known).unwrap_or_else(|report| panic!("{report}"));
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(set.cases().len(), 19);
    for case in set.cases() {
        assert_eq!(case.run(&set).unwrap().differences, [] as [&str; 0], "{}", case.name);
    }
}
