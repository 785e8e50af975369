//! Exports as Graph documents them, and whatever else may come.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    base::Source,
    policy::{Files, PolicySet, Universe},
};

fn fixture(name: &str, text: &str) -> (String, Value) {
    (name.to_owned(), serde_json::from_str(text).unwrap())
}

fn names() -> Names {
    [
        ("bbbbbbbb-0000-4000-8000-000000000001", "partners"),
        ("cccccccc-0000-4000-8000-000000000001", "charts"),
        ("cccccccc-0000-4000-8000-000000000002", "orders"),
        ("eeeeeeee-0000-4000-8000-000000000001", "partner.example"),
    ]
    .map(|(id, name)| (id.to_owned(), name.to_owned()))
    .into()
}

/// The files as a set: they must be right.
fn built(import: &Import) -> PolicySet {
    let mut files = Files::default();
    for (name, text) in &import.files {
        let source = Source::new(name.as_str(), text.as_str());
        if name == "definitions.yaml" { files.definitions = Some(source) } else { files.apps.push(source) }
    }
    match PolicySet::build(&files, &Universe::default()) {
        Ok((set, warnings)) => {
            assert!(!warnings.to_string().contains("no policy uses"), "{warnings}");
            set
        }
        Err(report) => panic!("{report}\n{:#?}", import.files),
    }
}

fn shown(import: &Import) -> String {
    let mut text = String::new();
    for (name, file) in &import.files {
        text.push_str(&format!("=== {name}\n{file}"));
    }
    for note in &import.notes {
        text.push_str(&format!("{:?} | {} | {} | {} | {}\n", note.kind, note.of, note.field, note.value, note.effect));
    }
    text
}

#[test]
fn an_export_of_v1_becomes_policies_and_a_list_of_what_is_not_in_them() {
    let exports = [
        fixture("policies.json", include_str!("fixtures/v1-policies.json")),
        fixture("locations.json", include_str!("fixtures/v1-locations.json")),
    ];
    let import = import(&exports, &names());
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown(&import)) });
    built(&import);
}

#[test]
fn an_export_of_beta_is_read_in_all_its_shapes() {
    let import = import(&[fixture("beta.json", include_str!("fixtures/beta-policies.json"))], &names());
    insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(shown(&import)) });
    built(&import);
}

/// One policy with these conditions; its state and what is said of it.
fn one(conditions: &Value, grant: &Value) -> (super::super::State, String, Vec<Kind>) {
    let policy = json!({ "id": "p", "displayName": "P", "state": "enabled", "conditions": conditions, "grantControls": grant });
    let import = import(&[("x".to_owned(), policy)], &names());
    built(&import);
    (import.policies[0].state, import.files.values().cloned().collect(), import.notes.iter().map(|n| n.kind).collect())
}

fn everyone(with: &Value) -> Value {
    let mut conditions = json!({ "applications": { "includeApplications": ["All"] }, "users": { "includeUsers": ["All"] } });
    for (key, value) in with.as_object().unwrap() {
        conditions[key] = value.clone();
    }
    conditions
}

#[test]
fn guests_without_types_are_flagged_and_never_everyone() {
    for outside in [json!({}), json!({ "guestOrExternalUserTypes": "none" }), json!({ "guestOrExternalUserTypes": [] }), json!("x")] {
        let users = json!({ "includeGuestsOrExternalUsers": outside });
        let (state, text, kinds) = one(&everyone(&json!({ "users": users })), &json!({ "builtInControls": ["block"] }));
        assert_eq!(state, super::super::State::Off, "{text}");
        assert!(kinds.contains(&Kind::ReachesLess) && kinds.contains(&Kind::SwitchedOff), "{kinds:?}");
    }
}

#[test]
fn what_is_lost_is_weighed_by_what_it_would_have_done() {
    use super::super::State::{Enforced, Off};
    let mfa = || json!({ "operator": "OR", "builtInControls": ["mfa"] });
    for (with, state, kind) in [
        (json!({ "users": { "includeUsers": ["All"], "excludeGroups": ["x"] } }), Enforced, Kind::ExclusionLost),
        (json!({ "users": { "includeUsers": ["All"], "excludeUsers": ["x"] } }), Enforced, Kind::ExclusionLost),
        (json!({ "users": { "includeGroups": ["x"] } }), Off, Kind::SwitchedOff),
        (json!({ "users": { "includeUsers": ["None"] } }), Off, Kind::SwitchedOff),
        (json!({ "users": { "includeGroups": ["x", "bbbbbbbb-0000-4000-8000-000000000001"] } }), Enforced, Kind::ReachesLess),
        (json!({ "locations": { "includeLocations": ["x"] } }), Off, Kind::SwitchedOff),
        (json!({ "locations": { "includeLocations": ["All"], "excludeLocations": ["x"] } }), Enforced, Kind::ExclusionLost),
        (json!({ "platforms": { "includePlatforms": ["windowsPhone"] } }), Off, Kind::SwitchedOff),
        (json!({ "devices": { "deviceFilter": { "mode": "include", "rule": "x" } } }), Off, Kind::SwitchedOff),
        (json!({ "devices": { "deviceFilter": { "mode": "exclude", "rule": "x" } } }), Enforced, Kind::ExclusionLost),
        (json!({ "userRiskLevels": ["high"] }), Off, Kind::SwitchedOff),
        (json!({ "somethingNew": { "x": 1 } }), Off, Kind::SwitchedOff),
        (json!({ "applications": { "includeApplications": ["All"], "excludeApplications": ["x"] } }), Off, Kind::SwitchedOff),
        (
            json!({ "applications": { "includeApplications": ["All"], "includeUserActions": ["urn:user:registersecurityinfo"] } }),
            Off,
            Kind::SwitchedOff,
        ),
        (json!({ "applications": { "includeApplications": ["x"] } }), Off, Kind::SwitchedOff),
    ] {
        let (came, text, kinds) = one(&everyone(&with), &mfa());
        assert_eq!(came, state, "{with}: {text}");
        assert!(kinds.contains(&kind), "{with}: {kinds:?}");
    }
}

/// Pieces that an export is made of, so that arbitrary ones come near to real ones.
fn piece() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "All",
        "None",
        "GuestsOrExternalUsers",
        "all",
        "b2bCollaborationGuest",
        "mfa",
        "block",
        "AllTrusted",
        "enabled",
        "OR",
        "x",
        "",
        "none",
        "bbbbbbbb-0000-4000-8000-000000000001",
        "cccccccc-0000-4000-8000-000000000001",
        "DE",
        "no",
        "10.0.0.1/8",
        "fido2",
        "browser",
        "\u{202e}\"\\",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "value",
        "id",
        "displayName",
        "state",
        "conditions",
        "users",
        "applications",
        "locations",
        "platforms",
        "devices",
        "includeUsers",
        "excludeUsers",
        "includeGroups",
        "excludeGroups",
        "includeApplications",
        "excludeApplications",
        "includeLocations",
        "excludeLocations",
        "includePlatforms",
        "includeGuestsOrExternalUsers",
        "guestOrExternalUserTypes",
        "externalTenants",
        "members",
        "grantControls",
        "builtInControls",
        "operator",
        "authenticationStrength",
        "allowedCombinations",
        "sessionControls",
        "signInFrequency",
        "ipRanges",
        "cidrAddress",
        "countriesAndRegions",
        "clientAppTypes",
        "signInRiskLevels",
        "@odata.type",
        "other",
    ]);
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever comes: it never panics, what is written can be read, and what is on says so of itself.
    #[test]
    fn arbitrary_json_becomes_files_that_can_be_read(conditions in piece(), grant in piece(), session in piece(), state in piece()) {
        let policy = json!({ "id": "p", "displayName": "P", "state": state, "conditions": conditions, "grantControls": grant, "sessionControls": session });
        let import = import(&[("x".to_owned(), json!([policy, conditions]))], &names());
        built(&import);
    }

    /// A policy that is on reaches everyone in every app only where the export says so.
    #[test]
    fn a_policy_is_for_everyone_only_where_the_export_says_so(users in piece(), grant in piece()) {
        let conditions = json!({ "applications": { "includeApplications": ["All"] }, "users": users });
        let policy = json!({ "id": "p", "displayName": "P", "state": "enabled", "conditions": conditions, "grantControls": grant });
        let import = import(&[("x".to_owned(), policy)], &names());
        let text: String = import.files.values().cloned().collect();
        let all = texts(users.get("includeUsers")).iter().any(|id| id == "All");
        let on = import.policies.iter().any(|p| p.state != super::super::State::Off);
        prop_assert!(!on || all || text.contains("    for: "), "{}", text);
    }
}
