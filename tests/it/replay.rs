//! Yesterday's traffic against tomorrow's policies.

use axum::http::Method;
use serde_json::Value;

use crate::kit::{Plan, Recorder, eventually, gateway::CHARTS};

const ANN: &str = "ann@partner.example";
const BOB: &str = "bob@partner.example";

const TODAY: &str = r#"
app: charts
policies:
  - name: readers-do-not-write
    for: { role: reader }
    when: { method: [POST, PUT, PATCH, DELETE] }
    block: Readers cannot change anything here.
"#;

const TOMORROW: &str = r#"
app: charts
policies:
  - name: reports-need-an-app
    when: { path: "/reports/**" }
    require: [totp]
  - name: closed-to-programs
    when: { client: api, path: "/orders/**" }
    block: Use a browser.
  - name: on-trial
    state: report-only
    for: { email: "bob@*" }
    block: Not any more.
"#;

fn count(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or_else(|| panic!("{key}: {report}"))
}

#[tokio::test]
async fn a_log_says_what_other_policies_would_have_done() {
    let app = Recorder::start().await;
    let gate = Plan::default().log_facts().policy("charts.yaml", TODAY).app("charts", app.at, "").start().await;
    let link = gate.json(&["invite", ANN, "--app", "charts", "--role", "reader", "--no-send"])["redeem_url"].as_str().unwrap().to_owned();
    let mut ann = gate.browser();
    ann.redeem(&link, &gate, ANN).await.expect(200);
    let mut bob = gate.guest(BOB, "charts").await;
    ann.send(Method::POST, &gate.url(CHARTS, "/orders/7"), &[], "x=1").await.expect(403);
    ann.fetch(&gate.url(CHARTS, "/reports/1?secret=1")).await.expect(200);
    bob.fetch(&gate.url(CHARTS, "/orders/last")).await.expect(200);
    let log = eventually("the last lines", || {
        let log = gate.access_log();
        // Each worker writes its own lines.
        let all = ["/orders/last", "/orders/7", "/reports/1"].iter().all(|path| log.contains(path));
        std::future::ready(all.then_some(log))
    })
    .await;
    assert!(log.contains("\"guest\":\"ann@partner.example\"") && log.contains("\"role\":\"reader\""), "{log}");

    let today = gate.json(&["policy", "replay", "--log", &gate.folder().join("access.log").display().to_string()]);
    for key in ["newly_blocked", "newly_challenged", "newly_let_in", "undecided", "unreadable"] {
        assert_eq!(count(&today, key), 0, "the same policies decide as they did: {today}");
    }
    assert!(count(&today, "unchanged") >= 3, "{today}");

    let tomorrow = gate.folder().join("tomorrow");
    std::fs::create_dir(&tomorrow).unwrap();
    std::fs::write(tomorrow.join("charts.yaml"), TOMORROW).unwrap();
    let replay = |log: &str, more: &[&str]| {
        let file = gate.folder().join("some.log");
        std::fs::write(&file, log).unwrap();
        let (file, tomorrow) = (file.display().to_string(), tomorrow.display().to_string());
        gate.json(&[&["policy", "replay", "--log", &file, &tomorrow], more].concat())
    };
    let report = replay(&log, &["--offline"]);
    assert_eq!(count(&report, "newly_challenged"), 1, "{report}");
    assert_eq!(count(&report, "newly_blocked"), 1, "{report}");
    assert_eq!(count(&report, "undecided"), 0, "{report}");
    let example = |new: &str| report["examples"].as_array().unwrap().iter().find(|e| e["new"] == new).unwrap().clone();
    assert_eq!((&example("challenge")["guest"], &example("challenge")["request"]), (&ANN.into(), &"GET /reports/1".into()), "{report}");
    assert_eq!(example("block")["by"][0], "closed-to-programs", "{report}");
    let trial = report["policies"].as_array().unwrap().iter().find(|p| p["policy"] == "on-trial").unwrap();
    assert!(trial["report_only"].as_u64() >= Some(1), "{report}");

    // Without facts the directory of today is asked; without it nothing is guessed.
    let bare: String = log
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("facts");
            format!("{line}\n")
        })
        .collect();
    let asked = replay(&bare, &[]);
    assert_eq!(count(&asked, "newly_challenged"), 1, "{asked}");
    assert!(count(&asked, "undecided") >= 1, "whether it was a program is not in the log: {asked}");
    let alone = replay(&format!("{bare}{{\"torn\": \n{{\"timestamp\":\"x\"}}\n"), &["--offline"]);
    assert_eq!(count(&alone, "newly_challenged") + count(&alone, "newly_blocked"), 0, "{alone}");
    assert!(count(&alone, "undecided") >= 3 && count(&alone, "unreadable") == 2, "{alone}");
}

#[tokio::test]
async fn explain_takes_from_the_directory_what_is_not_given() {
    let app = Recorder::start().await;
    let gate = Plan::default().policy("charts.yaml", TODAY).app("charts", app.at, "").start().await;
    let link = gate.json(&["invite", ANN, "--app", "charts", "--role", "reader", "--no-send"])["redeem_url"].as_str().unwrap().to_owned();
    let explain = |more: &[&str]| gate.json(&[&["policy", "explain", "--app", "charts", "--request", "POST /orders/7"], more].concat());
    gate.browser().redeem(&link, &gate, ANN).await.expect(200);
    let live = explain(&["--guest", ANN]);
    assert_eq!((&live["decision"], &live["by"][0]), (&"block".into(), &"readers-do-not-write".into()), "{live}");
    assert_eq!(live["given"]["role"], "reader", "{live}");
    assert_eq!(live["given"]["grant"], "valid", "{live}");
    assert!(live["given"]["signed-in-with"]["email-code"].is_string(), "{live}");
    assert_eq!(explain(&["--guest", ANN, "--role", "writer"])["decision"], "allow");
    assert_eq!(explain(&["--guest", ANN, "--grant", "expired"])["decision"], "not-assigned");
    gate.json(&["guests", "suspend", ANN]);
    assert_eq!(explain(&["--guest", ANN])["decision"], "not-assigned");
    let alone = explain(&["--given", "{ role: reader }"]);
    assert_eq!((&alone["decision"], &alone["given"]), (&"block".into(), &Value::Null), "no directory is read: {alone}");
    let nobody = gate.cli(&["policy", "explain", "--app", "charts", "--guest", "nobody@partner.example"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("there is no guest"), "{nobody:?}");
}
