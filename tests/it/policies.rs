//! Policies from outside: what they refuse, how they say it, and how they change while people work.

use axum::http::Method;

use crate::kit::{Plan, Recorder, RichApp, browser::say, eventually, gateway::CHARTS};

const ANN: &str = "ann@partner.example";

const RULES: &str = r#"
app: charts
policies:
  - name: readers-do-not-write
    for: { role: reader }
    when: { method: [POST, PUT, PATCH, DELETE] }
    block: Readers cannot change anything here.
  - name: admin-from-the-office
    when: { path: "/admin/**" }
    unless: { network: [203.0.113.0/24] }
    block: Only from the office.
  - name: exports-need-a-fresh-sign-in
    when: { path: "/export/**" }
    require: [{ fresh-sign-in: 15m }]
  - name: candidate
    state: report-only
    when: { path: "/reports/**" }
    block: Not any more.
"#;

#[tokio::test]
async fn a_block_says_why_to_people_and_to_programs() {
    let app = Recorder::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").start().await;
    let link = gate.json(&["invite", ANN, "--app", "charts", "--role", "reader", "--no-send"])["redeem_url"].as_str().unwrap().to_owned();
    let mut ann = gate.browser();
    ann.redeem(&link, &gate, ANN).await.expect(200);

    let answer = ann.send(Method::POST, &gate.url(CHARTS, "/orders/7"), &[("accept", "application/json")], "x=1").await.expect(403);
    let problem = answer.json();
    assert_eq!(problem["decision"], "block");
    assert_eq!(problem["policy"], "readers-do-not-write");
    assert_eq!(problem["detail"], "Readers cannot change anything here.");
    let reference = problem["reference"].as_str().unwrap().to_owned();
    let page = ann.visit(&gate.url(CHARTS, "/admin/users")).await.expect(403);
    assert!(page.text().contains("Only from the office."), "{}", page.text());
    for spelling in ["/%61dmin/users", "/admin;x=1/users", "/admin/", "/admin"] {
        let status = ann.fetch(&gate.url(CHARTS, spelling)).await.status;
        assert_eq!(status, 403, "{spelling}");
    }
    ann.fetch(&gate.url(CHARTS, "/orders")).await.expect(200);
    ann.fetch(&gate.url(CHARTS, "/reports/1?secret=1")).await.expect(200);

    let log = eventually("the log lines", || {
        let log = gate.access_log();
        std::future::ready((log.contains("/reports/1") && log.contains(&reference)).then_some(log))
    })
    .await;
    let line = |needle: &str| log.lines().find(|l| l.contains(needle)).unwrap_or_else(|| panic!("{needle}: {log}"));
    assert!(line(&reference).contains("readers-do-not-write"), "{log}");
    let reported: serde_json::Value = serde_json::from_str(line("/reports/1")).unwrap();
    assert_eq!(reported["report_only"][0], "candidate", "{reported}");
    assert!(!log.contains("secret") && !log.contains("eyJ"), "no query, no token");

    let (status, metrics) = gate.admin_get("/metrics").await;
    assert_eq!(status, 200);
    let counted =
        metrics.lines().find(|l| l.starts_with("guestgate_policy_results_total") && l.contains("candidate") && l.contains("block"));
    assert!(counted.is_some_and(|l| l.contains("report") && !l.ends_with(" 0")), "{metrics}");

    let trials = eventually("the summary", || {
        let trials = gate.json(&["policy", "trials", "--app", "charts"]);
        std::future::ready((trials["items"][0]["requests"] == 1).then_some(trials))
    })
    .await;
    let trial = &trials["items"][0];
    assert_eq!((&trial["policy"], &trial["would"]), (&"candidate".into(), &"block".into()), "{trials}");
    assert_eq!(trial["guests"][0]["email"], ANN, "{trials}");
}

#[tokio::test]
async fn a_policy_change_acts_on_the_next_request_and_on_what_is_open() {
    let app = RichApp::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "websocket: true").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    assert_eq!(say(&mut socket, "hello").await, "hello");

    let closed_to_all = "app: charts\npolicies:\n  - name: closed\n    block: Closed for maintenance.\n";
    std::fs::write(gate.folder().join("policies/charts.yaml"), closed_to_all).unwrap();
    gate.signal("HUP");
    // It would turn away everything that was allowed in the last hour, so it waits for somebody who means it.
    let pending = eventually("the hold", || {
        let pending = gate.json(&["policy", "pending"]);
        std::future::ready(Some(pending).filter(|p| !p["pending"].is_null()))
    })
    .await;
    assert_eq!(pending["pending"]["apps"][0]["examples"][0]["by"][0], "closed", "{pending}");
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    assert_eq!(gate.cli(&["policy", "apply"]).status.code(), Some(1));
    assert_eq!(gate.cli(&["policy", "apply", "--force"]).status.code(), Some(0));
    let refused = eventually("the new policy", || {
        let mut ann = ann.clone();
        let url = gate.url(CHARTS, "/who");
        async move { Some(ann.fetch(&url).await).filter(|a| a.status == 403) }
    })
    .await;
    assert_eq!(refused.json()["detail"], "Closed for maintenance.");
    assert_eq!(crate::kit::browser::closed(&mut socket).await, Some(1008));

    // A broken file changes nothing, and says so.
    std::fs::write(gate.folder().join("policies/charts.yaml"), "app: charts\npolicies:\n  - name: closed\n    blok: x\n").unwrap();
    gate.signal("HUP");
    eventually("the refusal of the broken file", || std::future::ready(gate.log().contains("blok").then_some(()))).await;
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    let (_, metrics) = gate.admin_get("/metrics").await;
    let kept = metrics.lines().any(|l| l.starts_with("guestgate_reloads_total") && !l.contains("result=\"ok\"") && !l.ends_with(" 0"));
    assert!(kept, "{metrics}");

    // The file watch alone is enough.
    std::fs::write(gate.folder().join("policies/charts.yaml"), RULES).unwrap();
    eventually("the file watch", || {
        let mut ann = ann.clone();
        let url = gate.url(CHARTS, "/who");
        async move { (ann.fetch(&url).await.status == 200).then_some(()) }
    })
    .await;
}

#[tokio::test]
async fn an_app_that_no_policy_reaches_is_refused_at_a_cold_start() {
    let folder = tempfile::tempdir().unwrap();
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_guestgate"))
        .args([
            "init",
            "--host",
            "charts.example.test",
            "--app",
            "charts",
            "--upstream",
            "http://127.0.0.1:9",
            "--portal",
            "access.example.test",
        ])
        .args(["--owner", "dr.lee@example.test"])
        .arg(folder.path().join("gate"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let config = folder.path().join("gate/guestgate.yaml");
    let check = |what: &str| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_guestgate")).args(["check", "--config"]).arg(&config).output().unwrap();
        (out.status.code(), format!("{what}: {}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    };
    let (code, said) = check("as written");
    assert_eq!(code, Some(0), "{said}");
    std::fs::remove_file(folder.path().join("gate/policies/charts.yaml")).unwrap();
    let (code, said) = check("without policies");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("charts"), "{said}");
}

#[tokio::test]
async fn what_was_held_back_stays_so_over_a_restart() {
    let app = RichApp::start().await;
    let gate = Plan::default().policy("charts.yaml", RULES).app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    let closed_to_all = "app: charts\npolicies:\n  - name: closed\n    block: Closed for maintenance.\n";
    std::fs::write(gate.folder().join("policies/charts.yaml"), closed_to_all).unwrap();
    gate.signal("HUP");
    let held = |gate: &crate::kit::Gateway| Some(gate.json(&["policy", "pending"])["pending"].clone()).filter(|p| !p.is_null());
    let before = eventually("the hold", || std::future::ready(held(&gate))).await;

    let gate = gate.kill_and_restart().await;
    let mut ann = ann.moved_to(&gate);
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    assert_eq!(held(&gate).expect("still held back")["version"], before["version"]);
    assert_eq!(gate.cli(&["policy", "apply", "--force"]).status.code(), Some(0));
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    let gate = gate.kill_and_restart().await;
    assert_eq!(held(&gate), None);
    ann.moved_to(&gate).fetch(&gate.url(CHARTS, "/who")).await.expect(403);
}
