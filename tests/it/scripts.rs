//! Scripts and directories from outside: a form that becomes a guest, and a directory that takes the guest back.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::kit::{
    Gateway, Plan, RichApp,
    browser::{closed, say},
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";

/// The script of the handbook, as the server of a form runs it.
fn onboard(gate: &Gateway, token: &str, form: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/onboard.py");
    let mut child = Command::new("python3")
        .arg(script)
        .envs([("GUESTGATE_URL", format!("http://{}", gate.admin)), ("GUESTGATE_TOKEN", token.to_owned()), ("APP", "charts".to_owned())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(form.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn a_partners_form_becomes_a_guest_whom_the_partners_directory_takes_back() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "websocket: true").start().await;
    let token = gate.token(&["--role", "owner", "--app", "charts"]);
    let form = format!("email={ANN}&name=Ann+Lee&company=Contoso");
    let made = onboard(&gate, &token, &form);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let again: Value = serde_json::from_slice(&onboard(&gate, &token, &form).stdout).unwrap();
    assert_eq!(made, again, "sent twice, it is done once");
    let refused = onboard(&gate, &token, "email=nonsense&name=x&company=y");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("email"), "{}", String::from_utf8_lossy(&refused.stderr));

    // The guest opens the link, types the code from the mail, and sees the first page.
    let mut ann = gate.browser();
    ann.redeem(made["redeem_url"].as_str().unwrap(), &gate, ANN).await;
    ann.open(&gate.url(CHARTS, "/who")).await.expect(200);
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    say(&mut socket, "still here").await;

    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/scim+json")];
    let mut directory = gate.browser();
    let found = gate.url(PORTAL, "/scim/v2/Users?filter=userName%20eq%20%22ann%40partner.example%22");
    let found = directory.send(Method::GET, &found, &headers, "").await.expect(200).json();
    let user = gate.url(PORTAL, &format!("/scim/v2/Users/{}", found["Resources"][0]["id"].as_str().unwrap()));
    let left = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    let answer = directory.send(Method::PATCH, &user, &headers, left.to_string()).await.expect(200);
    assert_eq!((answer.header("content-type"), answer.json()["active"].as_bool()), ("application/scim+json", Some(false)));
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect_one_of(&[401, 403]);
    closed(&mut socket).await;
    directory.send(Method::DELETE, &user, &headers, "").await.expect(204);
    directory.send(Method::GET, &user, &headers, "").await.expect(404);
}
