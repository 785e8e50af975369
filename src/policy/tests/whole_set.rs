//! What a set of policies does as a whole: apps, versions, footprints, explanations, public paths.

use std::collections::BTreeMap;

use super::{build, files, refused, says};
use crate::{
    base::{Name, Source},
    policy::*,
};

fn universe(apps: &[(&str, bool)]) -> Universe {
    let known = |(id, none): &(&str, bool)| KnownApp { policies_none: *none, ..KnownApp::new(id.parse().unwrap()) };
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
        let request = RequestFacts { ip, ..RequestFacts::new("GET", &path) };
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
