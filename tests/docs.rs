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

#[test]
fn the_configurations_of_the_pages_are_right() {
    let mut read_so_far = 0;
    for file in ["README.md", "docs/configuration.md"] {
        let page = read(file);
        for text in page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let nothing = Lookup { read: &|_| Err(std::io::ErrorKind::NotFound.into()), env: &|_| None };
            let parsed = Config::parse(&Source::new(file, text), Path::new(""), nothing);
            parsed.unwrap_or_else(|report| panic!("{file}: {report}"));
            read_so_far += 1;
        }
    }
    assert_eq!(read_so_far, 2);
}
