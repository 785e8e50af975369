//! `policy`: what its commands print, for people and for programs.

use super::{folder, guestgate, json, said};

const TEMPLATES: [&str; 7] = ["two-factors", "named-network", "office-hours", "fresh-sign-in", "read-only", "unknown-country", "probation"];

#[test]
fn every_template_is_clean_and_its_tests_pass_and_exercise_it() {
    for template in TEMPLATES {
        let folder = folder(&[]);
        let new = guestgate(folder.path(), &["policy", "new", template, "--app", "charts", "--out", "p"]);
        assert_eq!(new.status.code(), Some(0), "{template}: {}", said(&new));
        for args in [["policy", "check", "--strict", "p"], ["policy", "test", "--strict", "p"]] {
            let output = guestgate(folder.path(), &args);
            assert_eq!(output.status.code(), Some(0), "{template}: {}", said(&output));
        }
        let again = guestgate(folder.path(), &["policy", "new", template, "--app", "charts", "--out", "p"]);
        assert_eq!(again.status.code(), Some(1), "nothing is overwritten: {}", said(&again));
    }
}

#[test]
fn a_replay_of_a_foreign_log_names_its_lines() {
    let folder = folder(&[
        ("p/charts.yaml", "app: charts\npolicies: [{ name: closed, when: { path: /a/** }, block: closed }]\n"),
        (
            "access.log",
            concat!(
                r#"{"time":"2026-01-14T12:00:00Z","app":"charts","method":"GET","path":"/a/b","client_ip":"203.0.113.9","guest":"g1","session":"s1","decision":"allow","facts":{"guest":"ann@partner.example","signed-in-with":{"email-code":"2026-01-14T11:00:00Z"},"signed-in":"2026-01-14T11:00:00Z","client":"browser"}}"#,
                "\n",
                r#"{"time":"2026-01-14T12:00:01Z","app":"charts","method":"GET","path":"/c","client_ip":"203.0.113.9","guest":"g2","session":"s2","decision":"allow"}"#,
                "\n{\"time\":\"2026\n\nsomething else\n",
                r#"{"time":"2026-01-14T12:00:02Z","app":"other","method":"GET","path":"/c","client_ip":"203.0.113.9","guest":"g2","session":"s2","decision":"block"}"#,
                "\n",
                r#"{"time":"2026-01-14T12:00:02Z","app":"charts","method":"GET","path":"/c","client_ip":"203.0.113.9","guest":null,"session":null,"decision":"signin"}"#,
                "\n",
            ),
        ),
    ]);
    let args = ["policy", "replay", "--log", "access.log", "p", "--offline"];
    let (value, code) = json(&guestgate(folder.path(), &[&args[..], &["--json"]].concat()));
    assert_eq!(code, Some(0), "{value}");
    assert_eq!((&value["lines"], &value["newly_blocked"], &value["not_judged"]), (&6.into(), &1.into(), &1.into()), "{value}");
    assert_eq!(value["policies"][0]["policy"], "closed", "{value}");
    assert_eq!(value["undecided"], 2, "a guest of whom nothing is known, and an app that is not there: {value}");
    let unreadable: Vec<_> = value["unreadable_lines"].as_array().unwrap().iter().map(|l| l["line"].as_u64().unwrap()).collect();
    assert_eq!(unreadable, [3, 5], "{value}");
    let text = said(&guestgate(folder.path(), &args));
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in \d+\.\d s \(\d+ lines/s\), against policies [0-9a-f]+", "in [time], against policies [version]");
    settings.bind(|| insta::assert_snapshot!(text));
    assert!(text.lines().filter(|line| !line.starts_with("no configuration")).all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_policies_of_every_sample_organisation_are_clean_and_exercised() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for organisation in ["clinic", "manufacturer", "law-firm", "university", "agency"] {
        for args in [["policy", "check", "--strict", organisation], ["policy", "test", "--strict", organisation]] {
            let output = guestgate(&samples, &args);
            assert_eq!(output.status.code(), Some(0), "{organisation}: {}", said(&output));
        }
    }
}
