//! The API over the network: tokens, who may do what with which, and how it is asked.

use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::kit::{
    Browser, Gateway, Plan, RichApp,
    browser::Answer,
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";

/// A program with a token.
struct Program {
    browser: Browser,
    base: String,
    authorization: Option<String>,
}

impl Program {
    fn new(gate: &Gateway, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Bearer {token}"));
        Self { browser: gate.browser(), base: gate.url(PORTAL, ""), authorization }
    }

    async fn ask(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        if let Some(authorization) = &self.authorization {
            headers.push(("authorization", authorization));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.browser.send(method, &format!("{}{path}", self.base), &headers, body).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &Value::Null).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &body).await
    }
}

/// The addresses or apps in a list.
fn column(answer: &Answer, key: &str) -> Vec<String> {
    answer.json()["items"].as_array().unwrap().iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_shown_once_survives_a_crash_and_ends_when_it_is_revoked() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let made = gate.json(&["token", "create", "--role", "admin", "--expires", "90d", "--name", "nightly"]);
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("ggt_") && made["expires"].is_string(), "{made}");

    let gate = gate.kill_and_restart().await;
    let mut program = Program::new(&gate, Some(&token));
    let listed = program.get("/api/v1/tokens").await.expect(200);
    assert!(!listed.text().contains(&token) && !listed.text().contains("digest"), "{}", listed.text());
    assert_eq!((column(&listed, "name"), column(&listed, "role")), (vec!["nightly".to_owned()], vec!["admin".to_owned()]));
    assert_eq!(listed.header("cache-control"), "no-store");
    crate::kit::eventually("the last use", || async { gate.json(&["token", "list"])["items"][0]["last_used"].is_string().then_some(()) })
        .await;

    // What a program does is audited under its token, and what a token makes ends with it.
    let id = made["id"].as_str().unwrap();
    let second = program.post("/api/v1/tokens", json!({"role": "reader"})).await.expect(201).json();
    let mut reader = Program::new(&gate, second["token"].as_str());
    reader.get("/api/v1/guests").await.expect(200);
    let created = gate.json(&["audit", "list"])["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((created["event"].as_str(), created["token"].as_str()), (Some("token.created"), Some(id)));
    assert_eq!(created["personal"]["ip"], "127.0.0.1");
    gate.json(&["token", "revoke", id]);
    for program in [&mut program, &mut reader] {
        let refused = program.get("/api/v1/guests").await.expect(401);
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"guestgate\", error=\"invalid_token\"");
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    let data = std::fs::read(gate.folder().join("data/guestgate.db")).unwrap();
    let wal = std::fs::read(gate.folder().join("data/guestgate.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(token.len()).any(|w| w == token.as_bytes());
    assert!(!holds(&data) && !holds(&wal) && !gate.log().contains(&token) && !gate.access_log().contains(&token));
}

#[tokio::test]
async fn nothing_but_a_token_opens_the_api() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let bare = Program::new(&gate, None).get("/api/v1/guests").await.expect(401);
    assert_eq!(bare.header("www-authenticate"), "Bearer realm=\"guestgate\"");
    assert_eq!(Program::new(&gate, None).get("/api/v1/nothing").await.expect(401).text(), bare.text(), "what there is, is not told");
    let mut ann = gate.guest(ANN, "charts").await;
    ann.fetch(&gate.url(PORTAL, "/api/v1/guests")).await.expect(403);
    let token = gate.token(&["--role", "admin"]);
    let other = if token.ends_with('A') { 'E' } else { 'A' };
    let near = format!("Bearer {}{other}", &token[..token.len() - 1]);
    for wrong in ["", "Bearer", "Bearer x", "Basic eDp5", &format!("Basic {token}"), &near] {
        let url = gate.url(PORTAL, "/api/v1/guests");
        gate.browser().send(Method::GET, &url, &[("authorization", wrong)], "").await.expect(401);
    }
    let mut program = Program::new(&gate, Some(&token));
    program.get("/api/v1/nothing").await.expect(404);
    program.ask(Method::PUT, "/api/v1/guests", &Value::Null).await.expect(405);
    // The application's host is the application's.
    let (there, bearer) = (gate.url(CHARTS, "/api/v1/guests"), format!("Bearer {token}"));
    gate.browser().send(Method::GET, &there, &[("authorization", &bearer)], "").await.expect(401);
    let (status, _) = gate.admin_get("/api/v1/guests").await;
    assert_eq!(status, 401, "the admin address wants a token as well");
}

#[tokio::test]
async fn whoever_asks_too_fast_is_told_when_to_come_again() {
    let app = RichApp::start().await;
    let gate = Plan::default().extra("limits: { api_per_minute: 20 }").app("charts", app.at, "").start().await;
    let token = gate.token(&["--role", "reader"]);
    let mut program = Program::new(&gate, Some(&token));
    // Each request of a batch counts as one.
    let mut batches = Program::new(&gate, Some(&gate.token(&["--role", "reader"])));
    let one = |id: usize| json!({"id": id.to_string(), "method": "GET", "url": "/users"});
    let batch = json!({"requests": (1..=20).map(one).collect::<Vec<_>>()});
    batches.get("/v1.0/users").await.expect(200);
    let answer = batches.post("/v1.0/$batch", batch).await.expect(200).json();
    let statuses: Vec<u64> = answer["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert!(statuses[0] == 200 && statuses.contains(&429), "{statuses:?}");
    let mut last = program.get("/api/v1/guests").await;
    for _ in 0..60 {
        if last.status.as_u16() == 429 {
            break;
        }
        last = program.get("/api/v1/guests").await.expect_one_of(&[200, 429]);
    }
    let last = last.expect(429);
    let wait: u64 = last.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(last.json()["type"], "urn:guestgate:problem:too-fast");
}

#[tokio::test]
async fn owners_see_and_do_what_is_theirs_and_nothing_else() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").app("orders", app.at, "").start().await;
    for (email, apps) in [(ANN, vec!["charts"]), ("bob@partner.example", vec!["orders"]), ("eve@partner.example", vec!["charts", "orders"])]
    {
        for app in apps {
            gate.guest(email, app).await;
        }
    }
    let mut lee = Program::new(&gate, Some(&gate.token(&["--role", "owner", "--app", "charts"])));
    let guests = lee.get("/api/v1/guests").await.expect(200);
    assert_eq!(column(&guests, "email"), [ANN, "eve@partner.example"]);
    assert!(!guests.text().contains("orders"), "{}", guests.text());
    assert_eq!(column(&lee.get("/api/v1/grants").await.expect(200), "app"), ["charts", "charts"]);
    assert_eq!(column(&lee.get("/api/v1/invitations").await.expect(200), "email"), [ANN, "eve@partner.example"]);
    lee.get("/api/v1/guests?app=orders").await.expect(403);
    // Nor is an owner told that there is somebody elsewhere.
    lee.get("/api/v1/guests/bob@partner.example").await.expect(404);
    lee.get("/api/v1/guests/nobody@partner.example").await.expect(404);
    let sessions = lee.get("/api/v1/guests/eve@partner.example/sessions").await.expect(200);
    assert!(!sessions.text().contains("orders"), "{}", sessions.text());
    // Eve works elsewhere as well: what concerns all of her is not an owner's to do.
    lee.get("/api/v1/guests/eve@partner.example/export").await.expect(403);
    lee.ask(Method::PATCH, "/api/v1/guests/eve@partner.example", &json!({"state": "suspended"})).await.expect(403);
    lee.ask(Method::PATCH, &format!("/api/v1/guests/{ANN}"), &json!({"state": "suspended"})).await.expect(200);
    lee.post("/api/v1/invitations", json!({"email": "new@partner.example", "apps": [{"app": "orders"}], "send": false})).await.expect(403);
    lee.post("/api/v1/invitations", json!({"email": "new@partner.example", "apps": [{"app": "charts"}], "send": false})).await.expect(201);
    lee.get("/api/v1/audit").await.expect(403);
    lee.post("/api/v1/tokens", json!({"role": "reader"})).await.expect(403);

    // An inviter sees what it has invited; a reader sees everything and changes nothing.
    let mut inviter = Program::new(&gate, Some(&gate.token(&["--role", "inviter"])));
    inviter
        .post("/api/v1/invitations", json!({"email": "own@partner.example", "apps": [{"app": "orders"}], "send": false}))
        .await
        .expect(201);
    assert_eq!(column(&inviter.get("/api/v1/invitations").await.expect(200), "email"), ["own@partner.example"]);
    inviter.get("/api/v1/guests").await.expect(403);
    let mut reader = Program::new(&gate, Some(&gate.token(&["--role", "reader"])));
    assert_eq!(column(&reader.get("/api/v1/guests?q=EVE").await.expect(200), "email"), ["eve@partner.example"]);
    assert_eq!(column(&reader.get("/api/v1/guests?state=suspended").await.expect(200), "email"), [ANN]);
    reader.get("/api/v1/audit").await.expect(200);
    reader.ask(Method::DELETE, &format!("/api/v1/guests/{ANN}"), &Value::Null).await.expect(403);
}

#[tokio::test]
async fn the_command_line_works_with_an_address_and_a_token() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    let url = format!("http://{}", gate.admin);
    let run = |url: &str, token: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guestgate"));
        command.args(arguments).env("GUESTGATE_URL", url).env("GUESTGATE_TOKEN", token).current_dir(gate.folder().join("policies"));
        command.output().unwrap()
    };
    let reader = gate.token(&["--role", "reader"]);
    let listed = run(&url, &reader, &["guests", "list", "--json"]);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert_eq!(serde_json::from_slice::<Value>(&listed.stdout).unwrap()["items"][0]["email"], ANN);
    for (url, token, said) in [
        (url.as_str(), reader.as_str(), "you may not do this"),
        (&url, "ggt_x", "this token does not hold"),
        ("http://gate.example.com", &reader, "over TLS only"),
        (&url, "", "`GUESTGATE_TOKEN` is not"),
    ] {
        let refused = run(url, token, &["guests", "suspend", ANN]);
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && text.contains(said), "{url}: {text}");
    }
}

#[tokio::test]
async fn a_file_of_many_rows_is_invited_and_can_be_sent_again() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut table = String::from(
        "version:v1.0,,,\r\nEmail address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]\r\n",
    );
    for n in 0..230 {
        table.push_str(&format!("guest{n}@partner.example,{},false,\"Welcome, {n}\"\r\n", gate.url(CHARTS, "/start")));
    }
    table.push_str("nonsense,,,\r\n");
    let file = gate.folder().join("template.csv");
    std::fs::write(&file, table).unwrap();
    let run = |more: &[&str]| {
        let output = gate.cli(&[&["invite", "--bulk", file.to_str().unwrap(), "--json"], more].concat());
        assert_eq!(output.status.code(), Some(1), "a row is refused: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let sums = |report: &Value| ["invited", "already", "refused"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(sums(&run(&["--dry-run"])), [230, 0, 1]);
    assert_eq!(gate.json(&["invitations", "list"])["items"].as_array().unwrap().len(), 0);
    let done = run(&[]);
    assert_eq!(sums(&done), [230, 0, 1]);
    assert_eq!(done["items"][230]["row"], 231);
    assert_eq!(sums(&run(&[])), [0, 230, 1]);
}
