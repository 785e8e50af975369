//! The handbook and the product agree.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what fails here fails the test; a test has its own machine"
)]

use guestgate::{
    base::Source,
    config::{Config, Lookup},
};
use std::{collections::BTreeSet, path::Path};

const METRICS: &str = include_str!("../src/observe/metrics.rs");

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The names of metrics between these quotes.
fn names(text: &str, quote: char) -> BTreeSet<&str> {
    text.split(quote).filter(|w| w.starts_with("guestgate_") && !w.contains(char::is_whitespace)).collect()
}

#[test]
fn the_table_of_metrics_is_that_of_the_registry() {
    let page = read("docs/operations.md");
    let registered = names(METRICS, '"');
    assert!(registered.len() > 10, "{registered:?}");
    assert_eq!(names(&page, '`'), registered);
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let page = read("README.md");
    let targets: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.len() > 5);
    for target in targets {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "{target}");
    }
}

/// The examples of a page that are YAML.
fn examples(page: &str) -> impl Iterator<Item = &str> {
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next())
}

fn is_right(file: &str, text: &str) {
    let env = |_: &str| None;
    let lookup = Lookup { read: &|_| Ok(b"user:password\n".to_vec()), env: &env };
    Config::parse(&Source::new(file, text), Path::new(""), lookup).unwrap_or_else(|report| panic!("{file}: {report}"));
}

#[test]
fn the_configurations_of_the_pages_are_right() {
    let mut read_so_far = 0;
    for file in ["README.md", "docs/configuration.md"] {
        for text in examples(&read(file)) {
            is_right(file, text);
            read_so_far += 1;
        }
    }
    assert_eq!(read_so_far, 2);
}

#[test]
fn the_policies_of_the_handbook_are_right_and_do_what_their_tests_say() {
    use guestgate::policy::{Files, PolicySet, Universe, VOCABULARY};
    let page = read("docs/policies.md");
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [definitions, app] = blocks.as_slice() else { panic!("two files are expected") };
    let file = |name: &str, text: &str| (name.to_owned(), Source::new(name, text));
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", *definitions)),
        apps: vec![Source::new("charts.yaml", *app)],
        lists: [file("lists/tor-exits.txt", "198.51.100.7 # an exit"), file("terms/data-protection.md", "Be careful.")].into(),
        ..Files::default()
    };
    let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}"));
    for case in set.cases() {
        let result = case.run(&set).unwrap();
        assert!(result.passed(), "{}: {:?}", case.name, result.differences);
    }
    // Every word of the language stands in the page.
    let words = [VOCABULARY.principal, VOCABULARY.conditions, VOCABULARY.requirements, VOCABULARY.session];
    for word in words.into_iter().flatten() {
        let quoted = [format!("`{word}`"), format!("{word}:"), format!("[{word}")];
        assert!(quoted.iter().any(|w| page.contains(w.as_str())), "{word}");
    }
}

/// What every configuration needs.
const REST: &str = "portal: { host: access.example.com }\n\
    tls: { certificates: [{ cert: certs/example.pem, key: certs/example.key }] }\nmail: { outbox: data/outbox }\n";
const APP: &str =
    "apps:\n  - id: charts\n    host: charts.example.com\n    upstream: http://10.0.0.5:8080\n    owners: [lee@example.com]\n";

#[test]
fn the_providers_of_the_handbook_are_right() {
    let page = read("docs/sign-in-by-partner.md");
    for text in examples(&page) {
        is_right("docs/sign-in-by-partner.md", &format!("{REST}{APP}{text}"));
    }
    assert_eq!(examples(&page).count(), 4);
}

#[test]
fn the_recipes_for_applications_are_right() {
    let page = read("docs/applications.md");
    for text in examples(&page) {
        if text.starts_with("apps:") {
            is_right("docs/applications.md", &format!("{REST}{text}"));
        } else {
            // Keys of an application.
            let keys: String = text.lines().map(|line| format!("    {line}\n")).collect();
            is_right("docs/applications.md", &format!("{REST}{APP}{keys}"));
        }
    }
    assert!(examples(&page).count() > 7);
}
