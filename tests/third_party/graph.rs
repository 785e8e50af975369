//! The official SDKs of Microsoft Graph, unmodified, against a gateway.

use std::{path::PathBuf, process::Command};

use crate::kit::{Gateway, Plan, RichApp, gateway::CHARTS, gateway::PORTAL};

const DEFINITIONS: &str = "networks: { office: [192.0.2.0/24] }\n";
const POLICIES: &str = "app: charts\npolicies:\n  - { name: abroad, when: { country: FR }, block: Not from there. }\n  - { name: office, when: { network: office }, require: [email-code] }\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/graph")
}

/// A gateway with a guest, and with what the scripts ask about.
async fn gateway() -> Gateway {
    let app = RichApp::start().await;
    let plan = Plan::default().policy("definitions.yaml", DEFINITIONS).policy("charts.yaml", POLICIES);
    let gate = plan.app("charts", app.at, "").start().await;
    gate.guest("eve@partner.example", "charts").await;
    gate
}

async fn runs(gate: &Gateway, mut command: Command) {
    command
        .env("BASE", gate.url(PORTAL, ""))
        .env("APP", gate.url(CHARTS, "/start"))
        .env("TOKEN", gate.token(&["--role", "admin"]))
        .env("CA", gate.folder().join("cert.pem"))
        .env("NODE_EXTRA_CA_CERTS", gate.folder().join("cert.pem"));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("done"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_python_works_unmodified() {
    let python = folder().join("venv/bin/python");
    assert!(python.exists(), "the SDK is installed by ./test");
    let gate = gateway().await;
    let mut command = Command::new(python);
    command.arg(folder().join("sdk.py"));
    runs(&gate, command).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_javascript_works_unmodified() {
    assert!(folder().join("node_modules/@microsoft").exists(), "the SDK is installed by ./test");
    let gate = gateway().await;
    let mut command = Command::new("node");
    command.arg(folder().join("sdk.mjs"));
    runs(&gate, command).await;
}
