//! Schemathesis, which reads the description of the API and asks everything that it allows, and much that it does not.

use std::{path::Path, process::Command};

use crate::{
    full,
    kit::{Plan, RichApp},
};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What else is described, and how many made-up requests each route gets.
const FACADES: [&str; 3] = ["graph", "scim", "access"];

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
    let own = [Some(&admin), Some(&owner), None].map(|token| (token, "openapi.json".to_owned(), "coverage,fuzzing", "5"));
    let others = FACADES.map(|facade| (Some(&owner), format!("openapi/{facade}.json"), "fuzzing", "3"));
    for (token, path, phases, few) in own.into_iter().chain(others) {
        let mut command = Command::new(&program);
        command
            .arg("run")
            .arg(format!("http://{}/api/{path}", gate.admin))
            .args(["--checks", CHECKS, "--phases", phases, "--seed", "7", "--no-color", "--no-shrink"])
            .args(["--max-examples", if full() { "200" } else { few }, "--warnings", "off", "--request-timeout", "60"])
            .current_dir(gate.folder());
        if let Some(token) = token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{path}, with a token: {}\n{said}", token.is_some());
    }
}
