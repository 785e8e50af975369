//! `policy import-entra` from outside.

use super::{folder, guestgate, json, said};

const POLICIES: &str = include_str!("../../src/policy/entra/fixtures/v1-policies.json");
const LOCATIONS: &str = include_str!("../../src/policy/entra/fixtures/v1-locations.json");
const NAMES: &str = "bbbbbbbb-0000-4000-8000-000000000001: partners\ncccccccc-0000-4000-8000-000000000001: charts\n";

#[test]
fn what_is_imported_passes_the_check_and_the_rest_is_listed() {
    let folder = folder(&[("policies.json", POLICIES), ("locations.json", LOCATIONS), ("names.yaml", NAMES)]);
    let args = ["policy", "import-entra", "policies.json", "locations.json", "--out", "out/policies", "--map", "names.yaml"];
    let output = guestgate(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    insta::assert_snapshot!(said(&output));
    assert!(said(&output).lines().all(|line| line.chars().count() <= 80), "{}", said(&output));
    let checked = guestgate(folder.path(), &["policy", "check", "out/policies"]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    let again = guestgate(folder.path(), &args);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("is there already, and nothing was written"), "{}", said(&again));
}

#[test]
fn json_has_files_policies_and_what_was_not_carried() {
    let folder = folder(&[("policies.json", POLICIES)]);
    let (value, code) = json(&guestgate(folder.path(), &["policy", "import-entra", "policies.json", "--out", "out", "--json"]));
    assert_eq!(code, Some(0));
    assert_eq!(value["policies"].as_array().map(Vec::len), Some(3), "{value}");
    assert_eq!(value["not_carried"][0]["kind"], "exclusion-lost", "lost exclusions come first: {value}");
}

#[test]
fn files_that_are_no_exports_are_refused() {
    let folder = folder(&[("a.json", "{\"x\": 1}"), ("b.json", "{"), ("names.yaml", "a: b\na: c\n")]);
    for (args, word) in [
        (&["a.json"] as &[&str], "there is no policy"),
        (&["b.json"], "is not JSON"),
        (&["c.json"], "cannot be read"),
        (&["a.json", "--map", "names.yaml"], "is here twice"),
    ] {
        let output = guestgate(folder.path(), &[&["policy", "import-entra", "--out", "out"], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(said(&output).contains(word), "{args:?}: {}", said(&output));
    }
}
