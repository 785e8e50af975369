//! Schemathesis, which reads the description of the API and asks everything that it allows, and much that it does not.

use std::{path::Path, process::Command};

use crate::{
    full,
    kit::{Plan, RichApp},
};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_that_is_not_described() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/openapi/venv/bin/schemathesis");
    assert!(program.exists(), "schemathesis is installed by ./test");
    let app = RichApp::start().await;
    let gate = Plan::default().extra("limits: { api_per_minute: 1000000 }").app("charts", app.at, "signup: { fields: [] }").start().await;
    gate.guest("ann@partner.example", "charts").await;
    gate.json(&["invite", "bob@partner.example", "--app", "charts", "--no-send"]);
    let admin = gate.token(&["--role", "admin"]);
    let owner = gate.token(&["--role", "owner", "--app", "charts"]);
    for token in [Some(admin), Some(owner), None] {
        let mut command = Command::new(&program);
        command
            .arg("run")
            .arg(format!("http://{}/api/openapi.json", gate.admin))
            .args(["--checks", CHECKS, "--phases", "coverage,fuzzing", "--seed", "7", "--no-color", "--no-shrink"])
            .args(["--max-examples", if full() { "200" } else { "5" }, "--warnings", "off", "--request-timeout", "60"])
            .current_dir(gate.folder());
        if let Some(token) = &token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "with a token: {}\n{said}", token.is_some());
    }
}
