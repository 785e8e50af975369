//! What was acknowledged survives `kill -9`; a planned end lets requests finish.

use crate::kit::{Plan, RichApp, gateway::CHARTS};

const ANN: &str = "ann@partner.example";

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let pending = gate.json(&["invite", "bob@partner.example", "--app", "charts", "--no-send"]);
    gate.json(&["invite", "eve@partner.example", "--app", "charts", "--no-send"]);
    gate.guest("zoe@partner.example", "charts").await;
    gate.json(&["guests", "suspend", "zoe@partner.example"]);

    let gate = gate.kill_and_restart().await;
    ann = ann.moved_to(&gate);
    assert_eq!(ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200).text(), ANN, "the session is still good");
    let listed = gate.json(&["invitations", "list"]);
    let bob = listed["items"].as_array().unwrap().iter().find(|i| i["email"] == "bob@partner.example").unwrap();
    assert_eq!((&bob["id"], bob["status"].as_str()), (&pending["id"], Some("pending")));
    let zoe = gate.json(&["guests", "show", "zoe@partner.example"]);
    assert_eq!(zoe["state"], "suspended");
    let verified = gate.cli(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[tokio::test]
async fn a_planned_end_finishes_what_is_in_flight_and_exits_0() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let url = gate.url(CHARTS, "/big/8000000");
    let download = tokio::spawn(async move { ann.fetch(&url).await });
    gate.signal("TERM");
    assert_eq!(gate.ended().await, Some(0), "{}", gate.log());
    if let Ok(answer) = download.await {
        assert_eq!(answer.body.len(), 8_000_000);
    }
}

#[tokio::test]
async fn the_audit_log_notices_what_was_changed_behind_its_back() {
    use sqlx::{ConnectOptions as _, Executor as _};

    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    assert!(gate.cli(&["audit", "verify"]).status.success());
    let listed = gate.json(&["audit", "list"]);
    let events: Vec<&str> = listed["items"].as_array().unwrap().iter().filter_map(|e| e["event"].as_str()).collect();
    assert!(events.contains(&"invitation.issued") && events.contains(&"invitation.redeemed"), "{events:?}");

    let database = gate.folder().join("data/guestgate.db");
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(database).foreign_keys(false).connect().await.unwrap();
    for tampering in [
        "UPDATE audit SET body = replace(body, 'invitation.issued', 'invitation.resent') WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 2",
    ] {
        connection.execute(tampering).await.unwrap();
        let out = gate.cli(&["audit", "verify"]);
        assert_eq!(out.status.code(), Some(1), "{tampering}: {}", String::from_utf8_lossy(&out.stdout));
    }
}

#[tokio::test]
async fn readiness_and_liveness_are_told() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    assert_eq!(gate.admin_get("/livez").await.0, 200);
    assert_eq!(gate.admin_get("/readyz").await.0, 200);
    assert_eq!(gate.admin_get("/nothing-here").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_key_and_a_restored_backup_leave_guests_signed_in() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let refused = gate.cli(&["keys", "rotate"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("stop it first"), "{}", String::from_utf8_lossy(&refused.stderr));
    let copy = gate.folder().join("copy");
    gate.json(&["backup", copy.to_str().unwrap()]);
    // What is invited from here on is not in the backup.
    gate.json(&["invite", "bob@partner.example", "--app", "charts", "--no-send"]);

    let mut keys = serde_json::Value::Null;
    let gate = gate.restart("TERM", |gate| keys = gate.json(&["keys", "rotate"])).await;
    assert_eq!(keys["items"].as_array().unwrap().len(), 2, "{keys}");
    ann = ann.moved_to(&gate);
    assert_eq!(ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200).text(), ANN);
    assert!(gate.cli(&["audit", "verify"]).status.success());
    // The app answers whoever asks.
    let trial = gate.cli(&["test-assertion", "--app", "charts", "--path", "/who", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&trial.stdout).unwrap();
    assert_eq!((trial.status.code(), &said["checks"], &said["accepts"]), (Some(1), &false.into(), &true.into()), "{said}");

    let gate = gate
        .restart("TERM", |gate| {
            let before = gate.cli(&["restore", copy.to_str().unwrap()]);
            assert!(String::from_utf8_lossy(&before.stderr).contains("--replace"));
            gate.json(&["restore", copy.to_str().unwrap(), "--replace"]);
        })
        .await;
    ann = ann.moved_to(&gate);
    assert_eq!(ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200).text(), ANN);
    assert_eq!(gate.json(&["invitations", "list"])["items"].as_array().unwrap().len(), 1);
}
