//! Statements about all requests, and what differs between two sets.

use super::{build, says};
use crate::policy::{Compared, PolicySet, Proved, diff, prove};

fn set(policies: &str) -> PolicySet {
    build(&format!("app: charts\npolicies:\n{policies}")).unwrap_or_else(|report| panic!("{report}")).0
}

/// `holds`, `too large`, or the request that refutes.
fn proved(policies: &str, statement: &str) -> String {
    let set = set(policies);
    let statement = set.statement(statement).unwrap_or_else(|report| panic!("{report}"));
    match prove(&set, &statement) {
        Proved::Holds => "holds".to_owned(),
        Proved::TooLarge => "too large".to_owned(),
        Proved::Refuted(found) => format!("{} {}", found.request.request, found.request.given),
    }
}

const ADMIN: &str = "  - { name: a, when: { path: /admin/** }, require: [passkey] }";

#[test]
fn a_statement_is_proved_or_refuted_by_a_request() {
    assert_eq!(proved(ADMIN, "never allow app=charts path=/admin/** unless signed-in-with=passkey"), "holds");
    says(&proved(ADMIN, "never allow unless signed-in-with=passkey"), &["GET /"]);
    says(&proved(ADMIN, "never allow path=/admin/**"), &["GET /admin", "\"passkey\":\"0s\""]);
    assert_eq!(proved(ADMIN, "always allow signed-in-with=passkey"), "holds");
    assert_eq!(proved(ADMIN, "never block"), "holds");
}

#[test]
fn a_counterexample_has_the_one_path_address_or_instant_that_there_is() {
    let path = "  - { name: a, when: { not: { path: ['/a/*/c*d', /x] } }, block: no entry }";
    says(&proved(path, "always block path=/a/**"), &["GET /a/b/cd "]);
    let mail = "  - { name: a, unless: { email: 'a*-z@*.partner.example', organization: '*.b.partner.example' }, block: no entry }";
    says(&proved(mail, "always block"), &["a-z@c.b.partner.example"]);
    let network = "  - { name: a, unless: { network: [203.0.113.7, '2001:db8:40::/48'] }, block: no entry }";
    says(&proved(network, "always block network=clinic-wan,192.0.2.0/24"), &["\"ip\":\"203.0.113.7\""]);
    assert_eq!(proved(network, "always block network=branch"), "holds");
    let night = "  - { name: a, unless: { all: [{ schedule: small-hours }, { schedule: night }] }, block: no entry }";
    says(&proved(night, "always block after=2026-06-01T00:00:00Z"), &["T00:00:00Z"]);
    assert_eq!(proved(night, "always block schedule=clinic-hours"), "holds");
}

#[test]
fn what_is_unknown_counts_as_a_premise_and_not_as_an_exception() {
    let wan = "  - { name: a, when: { network: clinic-wan }, block: no entry }";
    assert_eq!(proved(wan, "never allow network=clinic-wan"), "holds");
    says(&proved(wan, "never block unless network=clinic-wan"), &["GET /"]);
    assert_eq!(proved("  - { name: a, block: no entry }", "never allow network=clinic-wan"), "holds");
}

#[test]
fn a_statement_that_cannot_be_read_says_where() {
    let set = set(ADMIN);
    let said = |text: &str| set.statement(text).unwrap_err().to_string();
    says(&said("nevr allow"), &["did you mean `never`?"]);
    says(&said("never alow"), &["did you mean `allow`?"]);
    says(&said("never allow pth=/x"), &["unknown condition `pth`", "did you mean `path`?"]);
    says(&said("never allow app=carts"), &["did you mean `charts`?"]);
    says(&said("never allow network=clinic-van"), &["did you mean `clinic-wan`?"]);
    says(&said("never allow path=\"/x"), &["a quote is not closed"]);
    says(&said("never allow path"), &["write `key=value`"]);
    says(&said("never allow unless"), &["`unless` says nothing"]);
    says(&said("never"), &["this is no statement"]);
}

fn changes(old: &str, new: &str) -> Vec<String> {
    let mut found = Vec::new();
    for compared in diff(&set(old), &set(new)) {
        match compared {
            Compared::Differences(list) => found.extend(list.into_iter().map(|d| format!("{} {} {}", d.old, d.new, d.example.request))),
            Compared::TooLarge(app) => found.push(format!("{app} is too large")),
        }
    }
    found
}

#[test]
fn every_pair_of_decisions_that_changes_has_an_example() {
    assert!(changes(ADMIN, ADMIN).is_empty());
    // Said otherwise, and the same.
    assert!(changes(ADMIN, "  - { name: b, unless: { not: { path: [/admin, /admin/*/**] } }, require: passkey }").is_empty());
    assert_eq!(
        changes(ADMIN, "  - { name: a, when: { path: /admin/** }, block: no entry }"),
        ["allow block GET /admin", "challenge block GET /admin"]
    );
    let narrower = "  - { name: a, when: { path: /admin/*/** }, require: [passkey] }";
    assert_eq!(changes(ADMIN, narrower), ["challenge allow GET /admin"]);
}

#[test]
fn two_hundred_policies_are_compared_at_once() {
    let many = |more: &str| {
        let one = |n: usize| {
            format!(
                "  - {{ name: p{n}, for: {{ group: g{n} }}, when: {{ path: /area{n}/** }}, unless: {{ network: 10.{n}.0.0/16 }}, require: [passkey] }}\n"
            )
        };
        (0..200).map(one).collect::<String>() + more
    };
    let found = changes(&many(""), &many("  - { name: more, when: { path: /area7/secret }, block: no entry }"));
    assert_eq!(found, ["allow block GET /area7/secret", "challenge block GET /area7/secret"]);
}

#[test]
fn an_analysis_names_what_never_applies_what_is_said_twice_and_where_nobody_gets_in() {
    let said = |policies: &str| set(policies).analyse().to_string();
    assert_eq!(said(ADMIN), "");
    let never = "  - { name: a, when: { path: /a/*, not: { path: /** } }, block: no entry }
  - { name: b, for: { kind: guest, except: { kind: guest } }, require: [totp] }
  - { name: c, when: { schedule: small-hours }, unless: { schedule: night }, state: report-only, block: no entry }
  - { name: d, for: { email: '*@a.example', organization: b.example }, require: [totp] }
  - { name: e, when: { before: 2026-01-01T00:00:00Z, after: 2026-02-01T00:00:00Z }, require: [totp] }
  - { name: f, when: { guest-for: '< 7d', all: [{ guest-for: '> 8d' }] }, state: off, block: no entry }";
    let report = said(never);
    for name in ["a", "b", "d", "e"] {
        says(&report, &[&format!("the policy `{name}` can never apply")]);
    }
    assert_eq!(set(never).analyse().len(), 4, "{report}");
    let twice = "  - { name: a, when: { path: /a }, block: no entry }
  - { name: b, description: again, when: { path: /a }, block: no entry }";
    assert_eq!(said(twice), "warning: app `charts`: the policies `a` and `b` say the same");
    let locked = "  - { name: a, when: { network: [0.0.0.0/0] }, block: no entry }
  - { name: b, unless: { network: [0.0.0.0/0] }, block: no entry }";
    assert_eq!(said(locked), "warning: app `charts`: nobody gets in, however they have signed in");
    // A network alone keeps everybody out whose address is unknown, and lets others in.
    assert_eq!(said("  - { name: a, unless: { network: clinic-wan }, block: no entry }"), "");
}
