//! What is said about files that are wrong.

use super::{build, condition, files, refused, says};
use crate::{
    base::Source,
    policy::{PolicySet, Universe},
};

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
        ("{ country: de }", "write `DE`"),
        ("{ country: UK }", "write `GB`"),
        ("{ country: XX }", "is not a country"),
        ("{ country: [DE, NO] }", "write \"NO\" in quotes"),
        ("{ not: { country: unknown } }", "cannot stand in `unless` or under `not`"),
        ("{ any: [{ not: { any: [{ country: [DE, unknown] }] } }] }", "cannot stand in `unless` or under `not`"),
        ("{ asn: AS64500 }", "write `64500`"),
        ("{ asn: 4294967296 }", "out of range"),
        ("{ platform: beos }", "unknown platform"),
        ("{ device: certifed }", "did you mean `certified`?"),
        ("{ risk: hihg }", "did you mean `high`?"),
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
fn demands_and_limits_that_mean_nothing_are_errors() {
    for (text, word) in [
        ("require: [{ terms: data }]", "unknown terms `data`"),
        ("require: [terms]", "`terms` needs a value"),
        ("require: [{ approval: { by: owner, valid: 8h } }]", "did you mean `owners`?"),
        ("require: [{ approval: { by: owners } }]", "does not say `valid`"),
        ("require: [{ approval: { by: owners, valid: 0h } }]", "zero means nothing"),
        ("require: [known-devise]", "did you mean `known-device`?"),
        ("session: { concurrent: 0 }", "no session at all"),
        ("session: { concurrent: few }", "a whole number is expected"),
        ("session: { bind: netwerk }", "did you mean `network`?"),
        ("session: { downloads: allow }", "unknown way with downloads"),
    ] {
        says(&refused(&format!("policies:\n  - {{ name: a, {text} }}\n")), &[word, "charts.yaml:3:"]);
    }
    let unless = "policies:\n  - { name: a, unless: { country: unknown }, block: x }\n";
    says(&refused(unless), &["it would admit whom we know least about"]);
    assert_eq!(refused("policies:\n  - { name: a, when: { country: [FR, unknown] }, block: x }\n"), "");
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
        ("terms: { a: { file: x, version: 1 } }", "the text `x` cannot be read"),
        ("terms: { a: { file: lists/listed.txt } }", "have no `version`"),
        ("terms: { a: { version: 1 } }", "have no `file`"),
        ("terms: { a: { file: lists/listed.txt, version: one } }", "a whole number is expected"),
        ("terms: { a: { file: lists/listed.txt, version: 1, renew: 0d } }", "zero means nothing"),
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
        ("{ name: t, expect: allow, given: { country: de } }", "write `DE`"),
        ("{ name: t, expect: allow, given: { terms: rules } }", "unknown terms `rules`"),
        ("{ name: t, expect: allow, given: { approved: soon } }", "not a duration"),
        ("{ name: t, session: { concurrent: 0 } }", "no session at all"),
        ("{ name: t, expect: allow, given: { gest: x } }", "did you mean `guest`?"),
        ("{ name: t, expect: allow, given: { ip: 10.0.0.0/8 } }", "not an address"),
        ("{ name: t, expect: allow, app: other }", "unknown app `other`"),
        ("{ name: t, expect: allow, given: { guest: a@b.example, member: c@d.example } }", "a guest or a member"),
    ] {
        says(&refused(test), &[word, "charts.yaml:3:"]);
    }
}

#[test]
fn a_block_that_a_client_talks_itself_out_of_is_warned_about() {
    let warned = |text: &str| {
        let (_, warnings) = build(&format!("app: charts\npolicies:\n  - {{ name: a, {text} }}\n")).unwrap();
        let text = warnings.to_string();
        let at = text.find("hangs on `").map(|at| at + "hangs on `".len());
        at.map_or_else(String::new, |at| text[at..].split('`').next().unwrap().to_owned())
    };
    for (policy, key) in [
        ("when: { client: browser }, block: closed", "client"),
        ("when: { client: api, path: \"/x/**\", not: { network: branch } }, block: closed", "client"),
        ("when: { platform: [ios, android] }, block: closed", "platform"),
        ("unless: { platform: windows }, block: closed", "platform"),
        ("unless: { any: [{ platform: windows }, { network: branch }] }, block: closed", "platform"),
        ("when: { not: { platform: windows, client: browser } }, block: closed", "platform"),
        // Something else has to be true as well before anybody escapes.
        ("unless: { platform: windows, network: branch }, block: closed", ""),
        ("when: { any: [{ client: api }, { method: POST }] }, block: closed", ""),
        // A WebSocket is one; of these there is no way out.
        ("when: { client: websocket }, block: closed", ""),
        ("when: { client: [browser, api] }, block: closed", ""),
        ("when: { platform: [windows, macos, linux, ios, android, other] }, block: closed", ""),
        // It does not act, or does not block.
        ("state: report-only, when: { platform: ios }, block: closed", ""),
        ("when: { platform: ios }, session: { read-only: true }", ""),
        ("block: closed", ""),
    ] {
        assert_eq!(warned(policy), key, "{policy}");
    }
}
