//! `policy schema`: what is right validates, and mistakes of structure do not.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use guestgate::base::{
    Report, Source,
    yaml::{self, Node, Scalar, Value as Yaml},
};
use serde_json::{Map, Value, json};

use super::guestgate;

/// As an editor reads YAML 1.2: the core schema.
fn as_json(node: &Node) -> Value {
    match &node.value {
        Yaml::List(items) => items.iter().map(as_json).collect(),
        Yaml::Map(entries) => Value::Object(entries.iter().map(|e| (e.key.clone(), as_json(&e.value))).collect::<Map<_, _>>()),
        Yaml::Scalar(scalar) if scalar.is_null() => Value::Null,
        Yaml::Scalar(Scalar { text, plain: true }) if text == "true" || text == "false" => Value::Bool(text == "true"),
        Yaml::Scalar(Scalar { text, plain: true }) => text.parse::<i64>().map_or_else(|_| text.clone().into(), Value::from),
        Yaml::Scalar(Scalar { text, .. }) => text.clone().into(),
    }
}

fn document(name: &str, text: &str) -> Option<(String, Value)> {
    let root = yaml::parse(&Source::new(name, text), &mut Report::new())?;
    Some((name.to_owned(), as_json(&root)))
}

/// The documents that are not valid, and why.
fn invalid(documents: &[(String, Value)]) -> Vec<(String, String)> {
    let schema: Value = serde_json::from_slice(&guestgate(Path::new("."), &["policy", "schema"]).stdout).unwrap();
    let mut python = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/schema.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let given = json!({ "schema": schema, "documents": documents });
    python.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "python3 with the module jsonschema is needed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_once('\t')).map(|(name, why)| (name.to_owned(), why.to_owned())).collect()
}

/// Every YAML file below a folder of the sources.
fn below(folder: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path.display().to_string(), found);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn every_policy_file_of_the_sources_is_valid() {
    let mut files = Vec::new();
    below("policies", &mut files);
    below("src/cli/policy/templates", &mut files);
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/templates/definitions.yaml"));
    let read = |path: &PathBuf| document(&path.display().to_string(), &fs::read_to_string(path).unwrap().replace("{app}", "charts"));
    let documents: Vec<_> = files.iter().filter_map(read).collect();
    assert!(documents.len() > 10, "{files:?}");
    assert_eq!(invalid(&documents), []);
}

#[test]
fn mistakes_of_structure_are_not() {
    let policies = [
        "- { name: a }",
        "- { block: x }",
        "- { name: A b, block: x }",
        "- { name: a, blok: x }",
        "- { name: a, block: x, require: [mfa] }",
        "- { name: a, block: x, state: on }",
        "- { name: a, block: x, when: [{ method: GET }] }",
        "- { name: a, block: x, when: {} }",
        "- { name: a, block: x, when: { method: get } }",
        "- { name: a, block: x, when: { country: de } }",
        "- { name: a, block: x, when: { metod: GET } }",
        "- { name: a, block: x, for: { network: 10.0.0.0/8 } }",
        "- { name: a, block: x, when: { path: admin } }",
        "- { name: a, block: x, when: { any: [] } }",
        "- { name: a, require: [] }",
        "- { name: a, require: [{ fresh-sign-in: 15 }] }",
        "- { name: a, require: [fresh-sign-in] }",
        "- { name: a, require: [{ fresh-sign-in: 15m, terms: x }] }",
        "- { name: a, session: { idle: 30min } }",
        "- { name: a, session: { bind: host } }",
        "- { name: a, session: { persistent: maybe } }",
    ];
    let whole = [
        "policies: [{ name: a, block: x }]",
        "app: charts",
        "app: charts\napps: all\npolicies: [{ name: a, block: x }]",
        "app: charts\npolicies: [{ name: a, block: x }]\ntests: [{ name: t }]",
        "app: charts\npolicies: [{ name: a, block: x }]\ntests: [{ name: t, expect: deny }]",
        "app: charts\npolicies: [{ name: a, block: x }]\ntests: [{ name: t, expect: block, given: { gest: a@b.example } }]",
        "app: charts\npolicies: [{ name: a, block: x }]\ntests: [{ name: t, expect: block, given: { guest: a@b.example, member: a@b.example } }]",
        "networks: { a.b: 10.0.0.0/8 }",
        "schedules: { s: { hours: '07:00-19:00' } }",
        "schedules: { s: { timezone: UTC, hours: '7-19' } }",
        "strengths: { s: [[pass]] }",
    ];
    let mut documents: Vec<_> = policies.iter().filter_map(|text| document(text, &format!("app: charts\npolicies:\n  {text}\n"))).collect();
    documents.extend(whole.iter().filter_map(|text| document(&text.replace('\n', " / "), text)));
    assert_eq!(documents.len(), policies.len() + whole.len());
    let found: Vec<String> = invalid(&documents).into_iter().map(|(name, _)| name).collect();
    let missed: Vec<_> = documents.iter().map(|(name, _)| name).filter(|name| !found.contains(name)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_schema_has_the_words_of_the_language() {
    use guestgate::policy::VOCABULARY;
    let schema: Value = serde_json::from_slice(&guestgate(Path::new("."), &["policy", "schema"]).stdout).unwrap();
    let keys = |of: &str| schema["$defs"][of]["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let words = |lists: &[&[&str]]| lists.iter().flat_map(|list| list.iter().map(ToString::to_string)).collect::<BTreeSet<_>>();
    assert_eq!(keys("condition"), words(&[VOCABULARY.nesting, VOCABULARY.principal, VOCABULARY.conditions]));
    assert_eq!(keys("principal"), words(&[VOCABULARY.nesting, VOCABULARY.principal]));
    assert_eq!(keys("session"), words(&[VOCABULARY.session]));
}
