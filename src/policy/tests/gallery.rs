//! A gallery of wrong files, each with what is said about it. The messages are read one by one by whoever changes them.

use std::fmt::Write as _;

use super::DEFINITIONS;
use crate::{
    base::{AppId, Diagnostic, Name, Report, Severity, Source, yaml},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
};

/// What is said about files, read as a gateway would.
fn problems(files: &[(&str, &[u8])], known: &Universe) -> Report {
    let mut report = Report::new();
    let mut read = Files { definitions: Some(Source::new("policies/definitions.yaml", DEFINITIONS)), ..Files::default() };
    for name in ["lists/listed.txt", "terms/data-protection.md"] {
        read.lists.insert(name.to_owned(), Source::new(format!("policies/{name}"), "192.0.2.0/25\n"));
    }
    for (name, bytes) in files {
        let Some(source) = yaml::decode(&format!("policies/{name}"), bytes, &mut report) else { continue };
        match *name {
            "definitions.yaml" => read.definitions = Some(source),
            name if name.starts_with("tests/") => read.tests.push(source),
            name if name.starts_with("lists/") => drop(read.lists.insert(name.to_owned(), source)),
            _ => read.apps.push(source),
        }
    }
    // A file that cannot be decoded refuses the folder before anything is built.
    if !report.has_errors() {
        report.append(PolicySet::build(&read, known).map_or_else(|report| report, |(_, warnings)| warnings));
    }
    report
}

/// The same in words; the definitions that every file here is read with are not what is wrong.
fn said(files: &[(&str, &[u8])], known: &Universe) -> String {
    let report = problems(files, known);
    let own: Vec<&Diagnostic> = report.iter().filter(|p| !p.message.starts_with("no policy uses")).collect();
    assert!(!own.is_empty(), "nothing is said about {files:?}");
    own.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

/// Each file and what is said about it, for a snapshot.
fn exhibit(wrong: &[(&str, &str)]) -> String {
    let mut shown = String::new();
    for (title, text) in wrong {
        let file =
            if text.starts_with("app") || !DEFINING.iter().any(|key| text.contains(key)) { "charts.yaml" } else { "definitions.yaml" };
        let charts = "app: charts\npolicies: [{ name: closed, block: Closed. }]\n";
        let files: Vec<(&str, &[u8])> = match file {
            "charts.yaml" => vec![(file, text.as_bytes())],
            _ => vec![(file, text.as_bytes()), ("charts.yaml", charts.as_bytes())],
        };
        let _ = write!(shown, "## {title}\n\n{}\n\n", said(&files, &Universe::default()));
    }
    shown
}

const DEFINING: [&str; 4] = ["networks:", "schedules:", "strengths:", "terms:"];

#[test]
fn surprises_of_yaml() {
    let shown = exhibit(&[
        ("a key twice", "app: charts\npolicies:\n  - name: a\n    block: x\n    name: b\n"),
        ("no is a word", "app: charts\npolicies:\n  - { name: a, when: { country: NO }, block: x }\n"),
        ("yes as a message", "app: charts\npolicies:\n  - { name: a, block: yes }\n"),
        ("on as a state", "app: charts\npolicies:\n  - { name: a, state: on, block: x }\n"),
        ("a truth in quotes", "app: charts\npolicies:\n  - { name: a, session: { persistent: \"false\" } }\n"),
        ("a time without minutes", "schedules:\n  s: { timezone: UTC, hours: 08:00 }\n"),
        ("hours of old clocks", "schedules:\n  s: { timezone: UTC, hours: \"8:00-17:00\" }\n"),
        ("a number with underscores", "app: charts\npolicies:\n  - { name: a, require: [{ fresh-sign-in: 1_000s }] }\n"),
        ("a number for a duration", "app: charts\npolicies:\n  - { name: a, session: { idle: 30 } }\n"),
        ("a tab", "app: charts\npolicies:\n\t- name: a\n"),
        ("an anchor and an alias", "app: charts\npolicies:\n  - &p { name: a, block: x }\n  - *p\n"),
        ("a merge key", "app: charts\npolicies:\n  - { <<: { block: x }, name: a }\n"),
        ("a tag", "app: charts\npolicies:\n  - { name: !!str a, block: x }\n"),
        ("several documents", "app: charts\npolicies: [{ name: a, block: x }]\n---\napp: orders\n"),
        ("a bracket that is not closed", "app: charts\npolicies: [{ name: a, block: x }\ntests: []\n"),
        ("a colon in a text", "app: charts\npolicies:\n  - name: a\n    block: Closed: come back later\n"),
        ("a percent sign", "app: charts\npolicies:\n  - { name: a, block: %closed }\n"),
        ("a key that is a list", "app: charts\npolicies:\n  - { [a, b]: x, name: a, block: x }\n"),
        ("an indentation that does not fit", "app: charts\npolicies:\n  - name: a\n   block: x\n"),
    ]);
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
}

#[test]
fn words_that_do_not_exist() {
    let shown = exhibit(&[
        ("a key", "app: charts\npolicies:\n  - { name: a, blok: x }\n"),
        ("a key of the file", "app: charts\npolicy:\n  - { name: a, block: x }\n"),
        ("a condition", "app: charts\npolicies:\n  - { name: a, when: { methods: GET }, block: x }\n"),
        ("a requirement", "app: charts\npolicies:\n  - { name: a, require: [paskey, two-factors] }\n"),
        ("a network", "app: charts\npolicies:\n  - { name: a, unless: { network: clinic-van }, block: x }\n"),
        ("a schedule", "app: charts\npolicies:\n  - { name: a, unless: { schedule: clinic-hour }, block: x }\n"),
        ("a kind", "app: charts\npolicies:\n  - { name: a, for: { kind: gast }, block: x }\n"),
        ("a method of sign-in", "app: charts\npolicies:\n  - { name: a, when: { signed-in-with: e-mail }, block: x }\n"),
        ("a zone", "schedules:\n  s: { timezone: Europe/Berln }\n"),
        ("a day", "schedules:\n  s: { timezone: UTC, days: [monday-fri] }\n"),
        (
            "a fact of a test",
            "app: charts\npolicies: [{ name: a, block: x }]\ntests:\n  - { name: t, given: { gest: a@b.example }, expect: block }\n",
        ),
        ("a decision", "app: charts\npolicies: [{ name: a, block: x }]\ntests:\n  - { name: t, expect: deny }\n"),
        ("a country in lower case", "app: charts\npolicies:\n  - { name: a, unless: { country: [DE, at, UK] }, block: x }\n"),
        ("an unknown country that admits", "app: charts\npolicies:\n  - { name: a, unless: { country: [DE, unknown] }, block: x }\n"),
        ("a system by its name", "app: charts\npolicies:\n  - { name: a, when: { asn: AS64500 }, block: x }\n"),
        ("a platform", "app: charts\npolicies:\n  - { name: a, when: { platform: iphone }, block: x }\n"),
        ("terms", "app: charts\npolicies:\n  - { name: a, require: [{ terms: data-protektion }] }\n"),
        ("an approval without an end", "app: charts\npolicies:\n  - { name: a, require: [{ approval: { by: owners } }] }\n"),
        ("terms without a version", "terms:\n  a: { file: terms/data-protection.md }\n"),
        ("a bond", "app: charts\npolicies:\n  - { name: a, session: { bind: host } }\n"),
        ("a session control", "app: charts\npolicies: [{ name: a, session: { timeout: 8h } }]\n"),
    ]);
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
}

#[test]
fn values_that_mean_nothing() {
    let shown = exhibit(&[
        ("a policy without a name", "app: charts\npolicies:\n  - block: x\n"),
        ("a name that is none", "app: charts\npolicies:\n  - { name: Guests MFA, block: x }\n"),
        ("a policy that does nothing", "app: charts\npolicies:\n  - name: a\n    for: { kind: guest }\n"),
        ("a block and a requirement", "app: charts\npolicies:\n  - { name: a, block: x, require: [mfa] }\n"),
        ("an empty list", "app: charts\npolicies:\n  - { name: a, for: { group: [] }, block: x }\n"),
        ("an empty mapping", "app: charts\npolicies:\n  - { name: a, when: {}, block: x }\n"),
        ("a list of conditions", "app: charts\npolicies:\n  - { name: a, when: [{ method: GET }, { path: /a }], block: x }\n"),
        ("a text for a mapping", "app: charts\npolicies:\n  - { name: a, when: office, block: x }\n"),
        ("a mapping for a text", "app: charts\npolicies:\n  - { name: a, block: { message: x } }\n"),
        ("a method in lower case", "app: charts\npolicies:\n  - { name: a, when: { method: [get, POST] }, block: x }\n"),
        ("a path that begins nowhere", "app: charts\npolicies:\n  - { name: a, when: { path: admin/** }, block: x }\n"),
        ("a path that climbs", "app: charts\npolicies:\n  - { name: a, when: { path: /a/../b }, block: x }\n"),
        ("stars inside a segment", "app: charts\npolicies:\n  - { name: a, when: { path: /admin** }, block: x }\n"),
        ("a network as a person", "app: charts\npolicies:\n  - { name: a, for: { network: clinic-wan }, block: x }\n"),
        ("an address without a domain", "app: charts\npolicies:\n  - { name: a, for: { email: ann }, block: x }\n"),
        ("a prefix that is too long", "app: charts\npolicies:\n  - { name: a, when: { network: 10.0.0.0/33 }, block: x }\n"),
        ("host bits", "app: charts\npolicies:\n  - { name: a, when: { network: 10.1.2.3/8 }, block: x }\n"),
        ("a name for a network", "networks:\n  a.b: 10.0.0.0/8\n"),
        ("a file outside", "networks:\n  a: { file: ../../etc/hosts }\n"),
        ("an impossible date", "schedules:\n  s: { timezone: UTC, except: [2026-02-30] }\n"),
        ("a range that ends before it begins", "schedules:\n  s: { timezone: UTC, except: [2026-02-03..2026-02-01] }\n"),
        ("an hour that is none", "schedules:\n  s: { timezone: UTC, hours: \"24:00-06:00\" }\n"),
        ("a strength with a taken name", "strengths:\n  mfa: [[passkey]]\n"),
        ("a schedule without a zone", "schedules:\n  s: { days: [mon-fri] }\n"),
        ("an instant without a zone", "app: charts\npolicies:\n  - { name: a, when: { after: 2026-01-01T00:00:00 }, block: x }\n"),
        ("a requirement without its value", "app: charts\npolicies:\n  - { name: a, require: [fresh-sign-in] }\n"),
        ("two requirements in one", "app: charts\npolicies:\n  - { name: a, require: [{ fresh-sign-in: 5m, any: [totp] }] }\n"),
        ("a message of spaces", "app: charts\npolicies:\n  - { name: a, block: \"  \" }\n"),
    ]);
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
}

#[test]
fn tests_that_prove_nothing() {
    let with = |test: &str| format!("app: charts\npolicies: [{{ name: a, block: x }}]\ntests:\n  - {test}\n");
    let wrong = [
        ("no expectation", "{ name: t, request: GET / }"),
        ("no name", "{ expect: block }"),
        ("a request that is none", "{ name: t, request: /a, expect: block }"),
        ("a request that never comes to policies", "{ name: t, request: GET /a/%2e%2e/b, expect: block }"),
        ("a guest and a member", "{ name: t, given: { guest: a@b.example, member: c@d.example }, expect: block }"),
        ("a network for an address", "{ name: t, given: { ip: 10.0.0.0/8 }, expect: block }"),
        ("another app", "{ name: t, app: orders, expect: block }"),
    ]
    .map(|(title, test)| (title, with(test)));
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(title, text)| (*title, text.as_str())).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(exhibit(&wrong)) });
}

#[test]
fn heads_of_files_and_names_that_clash() {
    let mut shown = exhibit(&[
        ("no app", "policies: [{ name: a, block: x }]\n"),
        ("no policies", "app: charts\n"),
        ("app and apps", "app: charts\napps: all\npolicies: [{ name: a, block: x }]\n"),
        ("only policies that are off", "app: charts\npolicies: [{ name: a, state: off, block: x }]\n"),
        ("an empty file", ""),
        ("a list at the top", "- app: charts\n"),
        ("a text at the top", "charts\n"),
    ]);
    let closed = b"app: charts\npolicies: [{ name: closed, block: x }]\n".as_slice();
    let everywhere = b"apps: all\npolicies: [{ name: closed, block: Shut. }]\n".as_slice();
    let known = Universe {
        apps: Some(vec![KnownApp::new(AppId::parse("charts").unwrap())]),
        methods: MethodsOffered { email: true, ..MethodsOffered::default() },
        providers: vec![Name::parse("contoso").unwrap()],
    };
    for (title, files, universe) in [
        ("two files for one app", vec![("charts.yaml", closed), ("more.yaml", closed)], &Universe::default()),
        ("one name in two files", vec![("charts.yaml", closed), ("all.yaml", everywhere)], &Universe::default()),
        ("an app that is not configured", vec![("charts.yaml", b"app: chart\npolicies: [{ name: a, block: x }]\n".as_slice())], &known),
        ("an app that nobody protects", vec![], &known),
        (
            "a method that is not configured, and a provider that is not",
            vec![(
                "charts.yaml",
                b"app: charts\npolicies:\n  - { name: a, require: [totp] }\n  - { name: b, require: [{ federated: contosso }] }\n"
                    .as_slice(),
            )],
            &known,
        ),
        (
            "a line of a list",
            vec![
                ("charts.yaml", b"app: charts\npolicies: [{ name: a, when: { network: listed }, block: x }]\n".as_slice()),
                ("lists/listed.txt", b"# ours\n192.0.2.0/25\n10.0.0/8  # not ours\n".as_slice()),
            ],
            &Universe::default(),
        ),
        (
            "a test of an app that is not there",
            vec![("charts.yaml", closed), ("tests/orders.yaml", b"app: orders\ntests: [{ name: t, expect: block }]\n".as_slice())],
            &Universe::default(),
        ),
    ] {
        let _ = write!(shown, "## {title}\n\n{}\n\n", said(&files, universe));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
}

#[test]
fn bytes_that_are_no_text() {
    let mut shown = String::new();
    for (title, bytes) in [
        ("not UTF-8", b"app: charts\npolicies:\n  - { name: a, block: \"caf\xe9\" }\n".as_slice()),
        ("UTF-16", b"\xff\xfea\0p\0p\0:\0 \0x\0".as_slice()),
        ("a NUL", b"app: charts\npolicies:\n  - { name: a, block: \"x\0y\" }\n".as_slice()),
        ("a NUL in a plain text", b"app: charts\npolicies:\n  - name: a\0b\n    block: x\n".as_slice()),
        ("an escape of a terminal", b"app: charts\npolicies:\n  - { name: a, blok: \"\x1b[2J\" }\n".as_slice()),
        ("only a BOM", b"\xef\xbb\xbf".as_slice()),
    ] {
        let _ = write!(shown, "## {title}\n\n{}\n\n", said(&[("charts.yaml", bytes)], &Universe::default()));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
    let with_bom = b"\xef\xbb\xbfapp: charts\npolicies: [{ name: a, block: x }]\n".as_slice();
    let report = problems(&[("charts.yaml", with_bom)], &Universe::default());
    assert!(!report.has_errors(), "a BOM is ignored: {report}");
}

#[test]
fn bombs_are_refused_in_little_room() {
    let mut shown = String::new();
    let aliases: String = (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
    let brackets = "[".repeat(10 * 1024 * 1024);
    let braces = "{a: ".repeat(2 * 1024 * 1024);
    let dashes = "- ".repeat(5 * 1024 * 1024);
    let quotes = format!("app: charts\npolicies: \"{}", "a".repeat(10 * 1024 * 1024));
    let keys: String = (0..200_000).map(|n| format!("k{n}: x\n")).collect();
    let large = "#".repeat(yaml::MOST_BYTES + 1);
    for (title, text) in [
        ("aliases of aliases", format!("a0: &a0 x\n{aliases}")),
        ("ten megabytes of brackets", brackets),
        ("braces in braces", braces),
        ("a list in a list", dashes),
        ("a text that does not end", quotes),
        ("a file that is too large", large),
    ] {
        let first: Vec<String> = problems(&[("charts.yaml", text.as_bytes())], &Universe::default())
            .iter()
            .filter(|p| p.severity == Severity::Error)
            .take(2)
            .map(ToString::to_string)
            .collect();
        let _ = write!(shown, "## {title}\n\n{}\n\n", first.join("\n\n"));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown) });
    let report = problems(&[("charts.yaml", keys.as_bytes())], &Universe::default());
    assert!(report.iter().len() <= 1_000 && report.len() > 100_000, "a thousand are kept, the rest is counted: {}", report.len());
}
