//! The command line and what monitoring reads.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::kit::{Plan, RichApp, gateway::CHARTS};

#[tokio::test]
async fn promtool_accepts_the_metrics() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest("ann@partner.example", "charts").await;
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    let (_, metrics) = gate.admin_get("/metrics").await;
    for name in [
        "guestgate_requests_total",
        "guestgate_request_duration_seconds",
        "guestgate_gateway_duration_seconds",
        "guestgate_decision_duration_seconds",
        "guestgate_decisions_total",
        "guestgate_sessions",
        "guestgate_open_connections",
        "guestgate_signins_total",
        "guestgate_invitations_total",
        "guestgate_upstream_requests_total",
        "guestgate_certificate_expiry_seconds",
        "guestgate_config_hash_info",
        "guestgate_build_info",
    ] {
        assert!(metrics.lines().any(|l| l.starts_with(name)), "{name} is missing:\n{metrics}");
    }
    assert!(!metrics.contains("partner.example"), "no label that a client can choose");
    let mut child = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}\n{metrics}", String::from_utf8_lossy(&out.stderr));
}

#[tokio::test]
async fn lists_read_well_and_json_is_json() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    gate.guest("ann@partner.example", "charts").await;
    gate.json(&["invite", "bob@partner.example", "--app", "charts", "--name", "Bob", "--group", "locum", "--expires-in", "2d"]);
    for (args, has) in [
        (vec!["guests", "list"], "ann@partner.example"),
        (vec!["invitations", "list"], "bob@partner.example"),
        (vec!["grants", "list"], "charts"),
        (vec!["sessions", "list", "ann@partner.example"], "email-code"),
        (vec!["audit", "list"], "invitation"),
    ] {
        let out = gate.cli(&args);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success() && text.contains(has), "{args:?}: {text}{}", String::from_utf8_lossy(&out.stderr));
        assert!(!text.contains('\u{1b}'), "no colour when nobody looks");
        gate.json(&args);
    }
}

#[tokio::test]
async fn a_resent_invitation_voids_the_mailed_link_before_it() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let email = "ann@partner.example";
    gate.json(&["invite", email, "--app", "charts"]);
    let link = |mail: &str| mail.split_whitespace().find(|w| w.contains("/invitations/")).unwrap().to_owned();
    let first = link(&gate.mail(email, |t| t.contains("/invitations/")).await);
    let id = gate.json(&["invitations", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
    gate.json(&["invitations", "resend", &id]);
    let second = link(&gate.mail(email, |t| t.contains("/invitations/") && !t.contains(&first)).await);
    let mut ann = gate.browser();
    let page = ann.open(&first).await;
    assert!(page.forms().iter().all(|f| !f.action.contains("/invitations/")), "{}", page.text());
    let page = ann.open(&second).await.expect(200);
    assert!(page.forms().iter().any(|f| f.action.contains("/invitations/")));
}

#[tokio::test]
async fn a_reload_changes_the_way_of_mail_and_says_what_it_cannot_change() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let text = std::fs::read_to_string(gate.config_file()).unwrap();
    let changed = text.replace("outbox: outbox", "outbox: elsewhere").replace("access.log", "other.log");
    let changed = changed + "storage: { url: \"sqlite:other.db\" }\n";
    assert_ne!(text, changed);
    std::fs::write(gate.config_file(), changed).unwrap();
    gate.signal("HUP");
    crate::kit::eventually("the reload", || std::future::ready(gate.log().contains("policies reloaded").then_some(()))).await;
    assert!(gate.log().contains("these keys take effect with the next start"), "{}", gate.log());
    gate.json(&["invite", "ann@partner.example", "--app", "charts"]);
    let elsewhere = gate.folder().join("elsewhere");
    let arrived = || std::fs::read_dir(&elsewhere).is_ok_and(|mut files| files.next().is_some());
    crate::kit::eventually("the mail in the new place", || std::future::ready(arrived().then_some(()))).await;
    assert_eq!(gate.mails_to("ann@partner.example"), 0, "nothing goes the old way");
}
