//! The language by example: policies, facts and what must come, in the language's own words.

use std::collections::BTreeMap;

use super::*;
use crate::base::{Report, Source};

mod classes;
mod gallery;
mod language;
mod mistakes;
mod whole_set;
mod words;

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
terms:
  data-protection: { file: terms/data-protection.md, version: 3, renew: 180d }
  house-rules: { file: terms/data-protection.md, version: 1 }
risk: { networks: listed }
"#;

fn files(app: &str) -> Files {
    let list = Source::new("policies/lists/listed.txt", "# bad ones\n192.0.2.0/25 # half\n\n  2001:db8:bad::/48\n");
    Files {
        definitions: Some(Source::new("policies/definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("policies/charts.yaml", app)],
        tests: Vec::new(),
        lists: BTreeMap::from([
            ("lists/listed.txt".to_owned(), list),
            ("terms/data-protection.md".to_owned(), Source::new("policies/terms/data-protection.md", "Be careful.")),
        ]),
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
