//! The life of a gateway under load: a hundred reloads, ten take-overs, and not one request that fails.

use std::{
    os::unix::net::{UnixDatagram, UnixListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use futures_util::StreamExt as _;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio_rustls::rustls::ClientConfig;

use crate::kit::{
    Browser, Gateway, PATIENCE, Plan, RichApp,
    browser::{closed, connect, say},
    eventually,
    gateway::CHARTS,
};

const ANN: &str = "ann@partner.example";

/// Guests who never stop asking, over HTTP/1 and HTTP/2, each over one connection for as long as it lasts.
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    wrong: Arc<Mutex<Vec<String>>>,
    guests: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn begin(gate: &Gateway, ann: &Browser) -> Self {
        let cookies: Vec<String> = ann.cookies(CHARTS).iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut load = Self { stop: Arc::default(), answered: Arc::default(), wrong: Arc::default(), guests: Vec::new() };
        for ix in 0..6 {
            let two = ix % 2 == 0;
            let tls = gate.tls_with(if two { &[b"h2"] } else { &[b"http/1.1"] });
            let (stop, answered, wrong) = (load.stop.clone(), load.answered.clone(), load.wrong.clone());
            let guest = Guest { at: gate.https, tls, two, cookie: cookies.join("; "), answered };
            load.guests.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = guest.one_connection(&stop).await {
                        wrong.lock().unwrap().push(format!("{} {error}", if two { "h2" } else { "h1" }));
                    }
                }
            }));
        }
        load
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until many more requests have been answered.
    async fn goes_on(&self) {
        let until = self.answered() + 30;
        eventually("more answers", || std::future::ready((self.answered() >= until).then_some(()))).await;
    }

    async fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for guest in self.guests {
            guest.await.unwrap();
        }
        let wrong = self.wrong.lock().unwrap();
        let answered = self.answered.load(Ordering::Relaxed);
        assert!(wrong.is_empty(), "{} of {answered} failed: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
        answered
    }
}

struct Guest {
    at: std::net::SocketAddr,
    tls: Arc<ClientConfig>,
    two: bool,
    cookie: String,
    answered: Arc<AtomicUsize>,
}

impl Guest {
    /// Asks until the gateway ends the connection, as it may between two requests: by saying so.
    async fn one_connection(&self, stop: &AtomicBool) -> Result<(), String> {
        let io = TokioIo::new(connect(self.at, CHARTS, self.tls.clone()).await);
        let request = || {
            let host = format!("{CHARTS}:{}", self.at.port());
            let request = hyper::Request::builder().header("cookie", &self.cookie);
            let request = if self.two { request.uri(format!("https://{host}/who")) } else { request.uri("/who").header("host", host) };
            request.body(Empty::<Bytes>::new()).unwrap()
        };
        if self.two {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.map_err(|e| format!("{e:?}"))?;
            let driver = tokio::spawn(connection);
            while !stop.load(Ordering::Relaxed) && sender.ready().await.is_ok() {
                match sender.try_send_request(request()).await {
                    Ok(answer) => self.check(answer).await?,
                    // Never sent: the gateway had said that it takes no more.
                    Err(mut unsent) => match unsent.take_message() {
                        Some(_) => break,
                        None => return Err(format!("{:?}", unsent.into_error())),
                    },
                }
            }
            driver.abort();
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.map_err(|e| format!("{e:?}"))?;
            let driver = tokio::spawn(connection);
            while !stop.load(Ordering::Relaxed) {
                let answer = sender.send_request(request()).await.map_err(|e| format!("{e:?}"))?;
                let last = answer.headers().get("connection").is_some_and(|c| c == "close");
                self.check(answer).await?;
                if last {
                    break;
                }
                sender.ready().await.map_err(|e| format!("{e:?}"))?;
            }
            driver.abort();
        }
        Ok(())
    }

    async fn check(&self, answer: hyper::Response<hyper::body::Incoming>) -> Result<(), String> {
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|e| format!("{e:?}"))?.to_bytes();
        if status != 200 || body != ANN.as_bytes() {
            return Err(format!("{status} {}", String::from_utf8_lossy(&body)));
        }
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn reloads(metrics: &str, result: &str) -> usize {
    let line = metrics.lines().find(|l| l.starts_with("guestgate_reloads_total") && l.contains("\"config\"") && l.contains(result));
    line.and_then(|l| l.rsplit(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_hundred_reloads_under_load_cost_no_request_no_websocket_and_no_stream() {
    let app = RichApp::start().await;
    let policies = |n: usize| format!("app: charts\npolicies:\n  - {{ name: rule-{n}, when: {{ path: \"/never/{n}\" }}, block: No. }}\n");
    let gate = Plan::default().policy("charts.yaml", &policies(0)).app("charts", app.at, "websocket: true").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    let mut events = ann.stream(CHARTS, "/events").await;
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = heard.clone();
    let listener = tokio::spawn(async move {
        while events.next().await.is_some() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let load = Load::begin(&gate, &ann);
    let text = std::fs::read_to_string(gate.config_file()).unwrap();
    for n in 1..=100 {
        // Everything that may change does: a policy, an app that comes and goes, the certificate, the level of the log.
        gate.replace("policies/charts.yaml", &policies(n));
        let level = if n % 2 == 0 { "info" } else { "warn" };
        let other = if n % 3 == 0 {
            format!(
                "  - {{ id: other, host: other.example.test, upstream: http://{}, owners: [dr.lee@example.test], policies: none }}\n",
                app.at
            )
        } else {
            String::new()
        };
        if n % 10 == 0 {
            gate.renew_certificate();
        }
        let text =
            text.replace("log: { access: access.log, facts: false }", &format!("log: {{ access: access-{}.log, level: {level} }}", n % 2));
        gate.replace("guestgate.yaml", &format!("{text}{other}"));
        gate.signal("HUP");
        eventually("the reload", || async { (reloads(&gate.admin_get("/metrics").await.1, "success") >= n).then_some(()) }).await;
    }
    load.goes_on().await;
    assert_eq!(say(&mut socket, "still there").await, "still there");
    let before = heard.load(Ordering::Relaxed);
    eventually("more events", || std::future::ready((heard.load(Ordering::Relaxed) > before).then_some(()))).await;
    assert!(before > 0 && !listener.is_finished(), "the stream goes on");
    let answered = load.end().await;
    assert!(answered > 500, "{answered}");
    let (_, metrics) = gate.admin_get("/metrics").await;
    assert_eq!(reloads(&metrics, "failure"), 0, "{}", gate.log());
}

#[tokio::test]
async fn ten_processes_take_over_from_each_other_under_load_and_no_request_fails() {
    let app = RichApp::start().await;
    let mut gate = Plan::default().app("charts", app.at, "websocket: true").extra("drain: 4s").start().await;
    let ann = gate.guest(ANN, "charts").await;
    let load = Load::begin(&gate, &ann);
    for _ in 0..10 {
        let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
        let old = gate.take_over(&["serve", "--take-over"]).await;
        assert_eq!(say(&mut socket, "still there").await, "still there", "what is open stays open while the old process drains");
        load.goes_on().await;
        assert_eq!(say(&mut socket, "and there").await, "and there");
        assert_eq!(closed(&mut socket).await, Some(1001));
        assert_eq!(Gateway::exit_of(old).await, Some(0), "{}", gate.log());
    }
    let answered = load.end().await;
    assert!(answered > 300, "{answered}");
    assert!(gate.cli(&["audit", "verify"]).status.success());
    let mut eve = ann.clone();
    gate.json(&["guests", "suspend", ANN]);
    eve.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    gate.signal("TERM");
    assert_eq!(gate.ended().await, Some(0));
    assert!(!gate.folder().join("data/guestgate.sock").exists());
}

#[tokio::test]
async fn a_process_that_cannot_start_takes_nothing_over() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let text = std::fs::read_to_string(gate.config_file()).unwrap();
    let hurt = gate.folder().join("hurt.yaml");
    for (from, to) in
        [("access: access.log", "access: nowhere/access.log"), ("portal:", "portl:"), ("data_dir: data", "data_dir: elsewhere")]
    {
        std::fs::write(&hurt, text.replace(from, to)).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_guestgate"));
        let out = command.args(["serve", "--take-over", "--config"]).arg(&hurt).output().unwrap();
        assert_eq!(out.status.code(), Some(1), "{to}: {}", String::from_utf8_lossy(&out.stderr));
        ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    }
    assert!(gate.json(&["guests", "list"])["items"].is_array(), "the control socket answers as before");
    eventually("the word in the log", || std::future::ready(gate.log().contains("no other process took over").then_some(()))).await;
}

#[tokio::test]
async fn a_signal_starts_the_program_anew_and_systemd_hears_of_it() {
    let app = RichApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let systemd = Arc::new(systemd);
    let hear = |what: &'static str| {
        let systemd = systemd.clone();
        tokio::task::spawn_blocking(move || {
            let mut bytes = [0; 512];
            loop {
                let n = systemd.recv(&mut bytes).unwrap();
                let said = String::from_utf8_lossy(&bytes[..n]).into_owned();
                if said.starts_with(what) {
                    return said;
                }
            }
        })
    };
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "1200000")];
    let plan = Plan::default().app("charts", app.at, "").extra("drain: 1s");
    let gate = plan.environment(&environment).start().await;
    let first = hear("READY=1").await.unwrap();
    hear("WATCHDOG=1").await.unwrap();
    gate.signal("HUP");
    assert!(hear("RELOADING=1").await.unwrap().contains("MONOTONIC_USEC="));
    assert_eq!(hear("READY=1").await.unwrap(), first);
    gate.signal("USR2");
    let second = hear("READY=1").await.unwrap();
    assert!(second.contains("MAINPID=") && second != first, "{second}");
    assert_eq!(gate.ended().await, Some(0), "{}", gate.log());
    assert_eq!(gate.admin_get("/livez").await.0, 200);
    let pid = second.split("MAINPID=").nth(1).unwrap().trim();
    assert!(std::process::Command::new("kill").args(["-TERM", pid]).status().unwrap().success());
    hear("STOPPING=1").await.unwrap();
}

#[tokio::test]
async fn systemd_may_bind_the_sockets() {
    if std::process::Command::new("systemd-socket-activate").arg("--version").output().is_err() {
        println!("skipped: systemd-socket-activate is not installed");
        return;
    }
    let app = RichApp::start().await;
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (https, folder) = (free(), tempfile::tempdir().unwrap());
    let asked = folder.path().join("ask.sock");
    let launcher = ["systemd-socket-activate".to_owned(), format!("--listen={https}"), format!("--listen={}", asked.display())];
    let plan = Plan::default().app("charts", app.at, "").https(https).listen(&format!("forward_auth: \"unix:{}\"", asked.display()));
    // It starts the program when somebody comes.
    let coming =
        tokio::spawn(async move { eventually("systemd's socket", || async { tokio::net::TcpStream::connect(https).await.ok() }).await });
    let gate = plan.launched_by(&launcher).start().await;
    drop(coming.await.unwrap());
    assert_eq!(gate.https, https);
    gate.guest(ANN, "charts").await;
    assert!(UnixListener::bind(&asked).is_err(), "the socket is systemd's");
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_before_anybody_is_let_in() {
    let app = RichApp::start().await;
    let gate = Plan::default().app("charts", app.at, "").start().await;
    let mut ann = gate.guest(ANN, "charts").await;
    let right = std::fs::read(gate.folder().join("key.pem")).unwrap();
    std::fs::write(gate.folder().join("key.pem"), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    gate.signal("HUP");
    eventually("the refusal", || std::future::ready(gate.log().contains("does not fit the certificate").then_some(()))).await;
    ann.fetch(&gate.url(CHARTS, "/who")).await.expect(200);
    gate.signal("TERM");
    gate.ended().await;
    let serve = || gate.cli(&["serve"]);
    let out = serve();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("does not fit the certificate"), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::write(gate.folder().join("key.pem"), right).unwrap();
    assert!(gate.cli(&["check"]).status.success());
}
