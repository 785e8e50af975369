//! What people read: `policy check`, `test`, `diff`, `prove` and `explain`, in eighty columns and without colour where nobody looks.

use super::{folder, guestgate, json, said};

const DEFINITIONS: &str = "\
networks:
  clinic-wan: [203.0.113.0/24, 2001:db8:40::/48]
  unused-network-of-long-ago: [198.51.100.7/24]
schedules:
  clinic-hours: { days: [mon-fri], hours: \"07:00-19:00\", timezone: Europe/Berlin }
";

const OLD: &str = "\
app: charts
policies:
  - name: outside-the-clinic-phishing-resistant
    description: Whoever is not on site needs a method that cannot be phished.
    for: { kind: guest }
    unless: { network: clinic-wan }
    require: [passkey]
  - name: locums-read-only-at-night
    for: { group: locum, except: { email: night-lead@partner.example } }
    when: { method: [POST, PUT, PATCH, DELETE] }
    unless: { schedule: clinic-hours }
    block: Changes are possible during clinic hours only.
  - name: not-from-phones
    when: { platform: [ios, android], path: \"/images/**\" }
    block: Images are looked at on a workstation.
  - name: odd-sign-ins
    state: report-only
    when: { risk: medium }
    require: [{ fresh-sign-in: 15m }]
tests:
  - name: a locum cannot write at night
    given: { guest: locum@partner.example, groups: [locum], signed-in-with: [passkey], ip: 203.0.113.9, at: \"mon 03:00\", platform: linux }
    request: POST /orders/7
    expect: block
    by: locums-read-only-at-night
";

/// What a command prints, which nobody has to scroll sideways for.
fn shown(output: &std::process::Output) -> String {
    let text = said(output);
    assert!(!text.contains('\u{1b}'), "no colour when nobody looks: {text}");
    for line in text.lines().filter(|line| !line.starts_with("no configuration lies beside")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

fn files(charts: &str) -> tempfile::TempDir {
    folder(&[
        ("old/definitions.yaml", DEFINITIONS),
        ("old/charts.yaml", OLD),
        ("new/definitions.yaml", DEFINITIONS),
        ("new/charts.yaml", charts),
    ])
}

#[test]
fn a_check_reads_well() {
    let folder = files(&OLD.replace("locum,", "locum, excpt: {},").replace("[ios, android]", "[ios, androyd]"));
    insta::assert_snapshot!("check_warnings", shown(&guestgate(folder.path(), &["policy", "check", "old"])));
    insta::assert_snapshot!("check_errors", shown(&guestgate(folder.path(), &["policy", "check", "new"])));
}

#[test]
fn a_failed_test_says_what_came_and_why() {
    let folder = files(&OLD.replace("mon 03:00", "mon 10:00").replace("hours only.", "hours."));
    insta::assert_snapshot!("test_failed", shown(&guestgate(folder.path(), &["policy", "test", "new"])));
}

#[test]
fn a_difference_and_a_counterexample_are_requests_that_can_be_tried() {
    let folder = files(&OLD.replace("unless: { network: clinic-wan }", "unless: { network: clinic-wan, schedule: clinic-hours }"));
    insta::assert_snapshot!("diff", shown(&guestgate(folder.path(), &["policy", "diff", "old", "new"])));
    insta::assert_snapshot!("diff_same", shown(&guestgate(folder.path(), &["policy", "diff", "old", "old"])));
    let prove = |statement| shown(&guestgate(folder.path(), &["policy", "prove", statement, "old"]));
    insta::assert_snapshot!("prove_holds", prove("never allow app=charts path=/images/** platform=ios"));
    insta::assert_snapshot!("prove_refuted", prove("never allow app=charts method=POST group=locum"));
}

#[test]
fn an_explanation_reads_well() {
    let folder = files(OLD);
    let given = ["--ip", "198.51.100.7", "--groups", "locum,radiology", "--platform", "linux", "--risk", "new-country,long-absence"];
    let args = ["policy", "explain", "--dir", "old", "--app", "charts", "--request", "POST /orders/7", "--at", "mon 03:00"];
    insta::assert_snapshot!("explain", shown(&guestgate(folder.path(), &[&args[..], &given].concat())));
}

#[test]
fn new_says_what_it_wrote_to_programs_too() {
    let folder = folder(&[]);
    let new = |app| json(&guestgate(folder.path(), &["policy", "new", "office-hours", "--app", app, "--out", "p", "--json"]));
    let (first, code) = new("charts");
    assert_eq!(code, Some(0), "{first}");
    assert_eq!(first["written"], serde_json::json!(["p/charts.yaml", "p/definitions.yaml"]));
    assert!(first["definitions_missing"].is_null(), "{first}");
    let (second, code) = new("notes");
    assert_eq!((code, &second["written"]), (Some(0), &serde_json::json!(["p/notes.yaml"])), "{second}");
    assert!(second["definitions_missing"].as_str().unwrap().contains("schedules"), "{second}");
}
