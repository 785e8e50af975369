//! Other people's clients: `curl`, `h2load`, `wrk`, and a browser with an application that lives on a WebSocket.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use crate::{
    full,
    kit::{Browser, Gateway, Plan, eventually, gateway::CHARTS},
    servers::{self, Server},
    wire::script::pattern,
};

const ANN: &str = "ann@partner.example";

struct Scene {
    server: Server,
    gate: Gateway,
    ann: Browser,
}

impl Scene {
    async fn set(extra: &str) -> Self {
        let server = servers::node().await;
        let plan = Plan::default().extra(extra);
        let gate = plan.app("charts", server.at, "limits: { body: 1GiB }").start().await;
        let ann = gate.guest(ANN, "charts").await;
        Self { server, gate, ann }
    }

    fn cookie(&self) -> String {
        self.ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.server.root.join(name)
    }

    /// Runs `curl` and gives what it wrote.
    fn curl(&self, arguments: &[&str], path: &str) -> Vec<u8> {
        let port = self.gate.https.port();
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--max-time", "60", "--cacert"])
            .arg(self.gate.folder().join("cert.pem"))
            .args(["--resolve", &format!("{CHARTS}:{port}:127.0.0.1"), "--cookie", &self.cookie()])
            .args(arguments)
            .arg(self.gate.url(CHARTS, path))
            .output()
            .expect("curl is installed by ./test");
        assert!(output.status.success(), "curl {arguments:?} {path}: {}", said(&output));
        output.stdout
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_works_in_every_version_of_http() {
    let scene = Scene::set("").await;
    let big = std::fs::read(scene.file("files/big.bin")).unwrap();
    let sent = scene.file("sent.bin");
    std::fs::write(&sent, pattern(5, 700_001)).unwrap();
    let (sent, at) = (std::fs::read(&sent).unwrap(), sent.to_str().unwrap().to_owned());
    let upload = format!("@{at}");
    for (version, shown) in [("--http1.0", "1.0"), ("--http1.1", "1.1"), ("--http2", "2")] {
        assert!(scene.curl(&[version], "/big.bin") == big, "{version}");
        let noted = scene.curl(&[version, "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{size_download}"], "/big.bin");
        let noted = String::from_utf8(noted).unwrap();
        // An answer to HTTP/1.0 says 1.1, as RFC 9110 has it.
        let shown = if shown == "1.0" { "1.1" } else { shown };
        assert_eq!(noted, format!("{shown} 200 {}", big.len()), "{version}");
        assert!(scene.curl(&[version, "-r", "1000-1999"], "/big.bin") == big[1000..2000], "{version}");
        assert!(scene.curl(&[version, "--data-binary", &upload], "/echo") == sent, "{version}");
        assert_eq!(scene.curl(&[version, "-T", &at], "/count"), b"700001\n", "{version}");
        assert!(scene.curl(&[version, "--compressed"], "/gzip") == std::fs::read(scene.file("files/page.html")).unwrap(), "{version}");
        let head = String::from_utf8(scene.curl(&[version, "--head"], "/big.bin")).unwrap().to_lowercase();
        assert!(head.contains(&format!("content-length: {}", big.len())), "{version}: {head}");
        assert!(scene.curl(&[version, "--no-buffer"], "/events").ends_with(b"data: event 4\n\n"), "{version}");
    }
    for version in ["--http1.1", "--http2"] {
        assert!(scene.curl(&[version, "-H", "Expect: 100-continue", "--data-binary", &upload], "/echo") == sent, "{version}");
        assert!(
            scene.curl(&[version, "-H", "Transfer-Encoding: chunked", "--data-binary", &upload], "/echo") == sent || version == "--http2"
        );
        let form = String::from_utf8_lossy(&scene.curl(&[version, "-F", "note=hello", "-F", &format!("file={upload}")], "/count"))
            .trim()
            .to_owned();
        assert!(form.parse::<usize>().unwrap() > 700_001, "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h2load_gets_every_answer() {
    let scene = Scene::set("").await;
    let port = scene.gate.https.port();
    let n = if full() { 20_000 } else { 600 };
    let versions: [&[&str]; 2] = [&[], &["--h1"]];
    for protocol in versions {
        let output = Command::new("h2load")
            .args(["-n", &n.to_string(), "-c", "6", "-m", "10", &format!("--connect-to=127.0.0.1:{port}")])
            .args(["-H", &format!("cookie: {}", scene.cookie())])
            .args(protocol)
            .arg(scene.gate.url(CHARTS, "/small.txt"))
            .output()
            .expect("h2load is installed by ./test");
        let said = said(&output);
        assert!(said.contains(&format!("{n} succeeded, 0 failed, 0 errored, 0 timeout")), "{protocol:?}: {said}");
        assert!(said.contains(&format!("status codes: {n} 2xx")), "{protocol:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrk_gets_no_errors() {
    // wrk names the address that it calls, not the host: what is in front of a trusted proxy may do that.
    let scene = Scene::set("trusted_proxies: [127.0.0.0/8]").await;
    let port = scene.gate.https.port();
    let output = Command::new("wrk")
        .args(["-t", "1", "-c", "8", "-d", if full() { "20s" } else { "2s" }])
        .args(["-H", &format!("Host: {CHARTS}:{port}"), "-H", &format!("Cookie: {}", scene.cookie())])
        .arg(format!("https://127.0.0.1:{port}/small.txt"))
        .output()
        .expect("wrk is installed by ./test");
    let said = said(&output);
    assert!(output.status.success() && said.contains("requests in"), "{said}");
    assert!(!said.contains("Socket errors") && !said.contains("Non-2xx"), "{said}");
    let requests: u64 = said.lines().find_map(|l| l.split_once(" requests in")).unwrap().0.trim().parse().unwrap();
    assert!(requests > 20, "{said}");
}

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn node_red_is_used_in_a_browser_through_the_gateway() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let port = servers::free_port();
    let settings = folder.path().join("settings.js");
    std::fs::write(
        &settings,
        format!("module.exports = {{ uiHost: '127.0.0.1', uiPort: {port}, flowFile: 'flows.json', telemetry: {{ enabled: false }}, editorTheme: {{ tours: false }} }};"),
    )
    .unwrap();
    let red = here.join("tests/third_party/node-red/node_modules/node-red/red.js");
    assert!(red.exists(), "Node-RED is installed by ./test");
    let child = Command::new("node")
        .arg(red)
        .arg("--userDir")
        .arg(folder.path())
        .arg("--settings")
        .arg(&settings)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _red = Running(child);
    let at = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    crate::kit::within(std::time::Duration::from_secs(90), "Node-RED", || async move { tokio::net::TcpStream::connect(at).await.ok() })
        .await;
    let gate = Plan::default().app("charts", at, "websocket: true").start().await;
    let link = gate.invite(ANN, "charts");
    let output = Command::new("node")
        .arg(here.join("tests/browser/node-red.mjs"))
        .env("LINK", link)
        .env("APP", format!("https://{CHARTS}:{}", gate.https.port()))
        .env("OUTBOX", gate.folder().join("outbox"))
        .env("EMAIL", ANN)
        .env("HOST_RULES", "MAP *.example.test 127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    eventually("the line of the WebSocket in the access log", || {
        let seen = gate.access_log().lines().any(|l| l.contains("\"/comms\"") && l.contains("\"status\":101"));
        std::future::ready(seen.then_some(()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_of_python_works_in_all_four_shapes() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/grpc");
    let python = here.join("venv/bin/python");
    assert!(python.exists(), "gRPC for Python is installed by ./test");
    let mut child = Command::new(&python).arg(here.join("server.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port: u16 = lines.next().unwrap().unwrap().parse().unwrap();
    let _service = Running(child);
    let upstream = format!("{{ url: http://127.0.0.1:{port}, http: 2 }}");
    let gate = Plan::default().app_at("charts", &upstream, "grpc: true").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let cookies: Vec<String> = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
    let output = Command::new(&python)
        .arg(here.join("client.py"))
        .arg(gate.https.port().to_string())
        .arg(gate.folder().join("cert.pem"))
        .args([CHARTS, &cookies.join("; "), ANN])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    // The call that nobody waited for any more has ended at the service as well.
    let gone = tokio::task::spawn_blocking(move || lines.next()).await.unwrap();
    assert_eq!(gone.unwrap().unwrap(), "gone");
}
