//! The real binary, in a folder of its own, on ports that the system chose.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, client::ResolvesClientCert, crypto::aws_lc_rs, pki_types::CertificateDer};

use super::{Browser, PATIENCE};

/// The hosts of the tests.
pub const PORTAL: &str = "access.example.test";
pub const CHARTS: &str = "charts.example.test";
/// The host where certificates are shown, where there is one.
pub const CARDS: &str = "cards.example.test";

/// What a gateway is started with.
#[derive(Debug, Default)]
pub struct Plan {
    apps: String,
    policies: Vec<(String, String)>,
    https: Option<SocketAddr>,
    listen: String,
    launch: Launch,
    extra: String,
    mail: Option<String>,
    facts: bool,
    tls: String,
}

impl Plan {
    /// An app without policies of its own; `more` are further keys of it, one a line.
    pub fn app(self, id: &str, upstream: SocketAddr, more: &str) -> Self {
        self.app_at(id, &format!("http://{upstream}"), more)
    }

    /// The same, with `upstream:` as it is written.
    pub fn app_at(mut self, id: &str, upstream: &str, more: &str) -> Self {
        let _ = write!(
            self.apps,
            "  - id: {id}\n    name: The {id} app\n    host: {id}.example.test\n    upstream: {upstream}\n    owners: [dr.lee@example.test]\n"
        );
        if !more.contains("policies:") && !self.policies.iter().any(|(name, _)| name == &format!("{id}.yaml")) {
            self.apps.push_str("    policies: none\n");
        }
        for line in more.lines() {
            let _ = writeln!(self.apps, "    {line}");
        }
        self
    }

    /// A policy file; name it before the app that it is for.
    pub fn policy(mut self, file: &str, text: &str) -> Self {
        self.policies.push((file.to_owned(), text.to_owned()));
        self
    }

    /// The address for guests, in place of a port that the system chooses.
    pub fn https(mut self, at: SocketAddr) -> Self {
        self.https = Some(at);
        self
    }

    /// A program that starts the gateway.
    pub fn launched_by(mut self, command: &[String]) -> Self {
        self.launch.by = command.to_vec();
        self
    }

    /// Variables of the environment.
    pub fn environment(mut self, variables: &[(&str, &str)]) -> Self {
        self.launch.environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self
    }

    /// Further keys of `listen`, separated by commas.
    pub fn listen(mut self, keys: &str) -> Self {
        self.listen = format!(", {keys}");
        self
    }

    /// Certificates of guests count where `partners.pem` and `partners.crl` of this folder say so.
    pub fn authorities(mut self, folder: &Path) -> Self {
        let folder = folder.display();
        let _ = write!(self.tls, ", client_ca: {folder}/partners.pem, client_crl: {folder}/partners.crl");
        self
    }

    /// The same, with a host where they are shown.
    pub fn certificates(self, folder: &Path) -> Self {
        let mut plan = self.authorities(folder);
        let _ = write!(plan.tls, ", certificate_host: {CARDS}");
        plan
    }

    /// Further top-level keys.
    pub fn extra(mut self, yaml: &str) -> Self {
        self.extra.push_str(yaml);
        self.extra.push('\n');
        self
    }

    /// The `mail` section, in place of a folder.
    pub fn mail(mut self, yaml: &str) -> Self {
        self.mail = Some(yaml.to_owned());
        self
    }

    /// The access log holds the facts that policies decide by.
    pub fn log_facts(mut self) -> Self {
        self.facts = true;
        self
    }

    /// Starts the binary and waits until it is ready.
    pub async fn start(self) -> Gateway {
        let (folder, roots) = self.written();
        let (hosts, launch) = (self.hosts(), self.launch);
        Gateway::launch(Arc::new(folder), roots, hosts, launch).await
    }

    /// Writes everything and starts nothing: for a gateway that runs within the test.
    pub fn files(self) -> Files {
        let (folder, roots) = self.written();
        Files { folder: Arc::new(folder), roots, hosts: self.hosts() }
    }

    /// The folder of a gateway, and whom its certificate is trusted by.
    fn written(&self) -> (tempfile::TempDir, Arc<RootCertStore>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("policies")).unwrap();
        let roots = certificates(root, &self.hosts());
        for (file, text) in &self.policies {
            std::fs::write(root.join("policies").join(file), text).unwrap();
        }
        std::fs::write(root.join("guestgate.yaml"), self.yaml()).unwrap();
        (folder, roots)
    }

    fn hosts(&self) -> Vec<String> {
        let apps = self.apps.lines().filter_map(|l| l.trim().strip_prefix("host: ")).map(str::to_owned);
        [PORTAL.to_owned(), CARDS.to_owned()].into_iter().chain(apps).collect()
    }

    fn yaml(&self) -> String {
        let mail = self.mail.as_deref().unwrap_or("{ outbox: outbox, from: \"Example access <no-reply@example.test>\" }");
        format!(
            "listen: {{ https: {}, admin: 127.0.0.1:0{} }}\ndata_dir: data\n\
             portal: {{ host: {PORTAL}, name: Example access, support: help@example.test }}\n\
             tls: {{ certificates: [{{ cert: cert.pem, key: key.pem }}]{} }}\n\
             mail: {mail}\n\
             policies: policies\nlog: {{ access: access.log, facts: {} }}\n{}apps:\n{}",
            self.https.map_or_else(|| "127.0.0.1:0".to_owned(), |at| at.to_string()),
            self.listen,
            self.tls,
            self.facts,
            self.extra,
            self.apps
        )
    }
}

/// How the program is started.
#[derive(Debug, Clone, Default)]
struct Launch {
    /// A program that starts it, and that program's arguments.
    by: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Launch {
    fn command(&self, arguments: &[&str], config: &Path) -> Command {
        // Another one than was built for the tests, such as one that is optimised.
        let program = std::env::var("GUESTGATE_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_guestgate").to_owned());
        let mut command = match self.by.split_first() {
            Some((by, rest)) => {
                let mut command = Command::new(by);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(arguments).arg("--config").arg(config).envs(self.environment.iter().cloned());
        command
    }
}

/// What a gateway is started from.
#[derive(Debug)]
pub struct Files {
    folder: Arc<tempfile::TempDir>,
    roots: Arc<RootCertStore>,
    hosts: Vec<String>,
}

impl Files {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the binary on what lies there.
    pub async fn start(self) -> Gateway {
        Gateway::launch(self.folder, self.roots, self.hosts, Launch::default()).await
    }

    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join("guestgate.yaml")
    }
}

/// A running gateway; it is killed when dropped.
#[derive(Debug)]
pub struct Gateway {
    pub https: SocketAddr,
    pub admin: SocketAddr,
    forward_auth: Option<SocketAddr>,
    folder: Arc<tempfile::TempDir>,
    pub tls: Arc<ClientConfig>,
    roots: Arc<RootCertStore>,
    hosts: Vec<String>,
    launch: Launch,
    /// `None`: it runs in this process.
    child: Mutex<Option<Child>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    async fn launch(folder: Arc<tempfile::TempDir>, roots: Arc<RootCertStore>, hosts: Vec<String>, launch: Launch) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (child, ports) = spawn(launch.command(&["serve"], &folder.path().join("guestgate.yaml")), &log).await;
        let tls = client_tls(&roots, &[b"http/1.1"]);
        let Ports { https, admin, forward_auth } = ports;
        Self { https, admin, forward_auth, folder, tls, roots, hosts, launch, child: Mutex::new(Some(child)), log }
    }

    /// One that runs within this process.
    pub fn here(files: Files, https: SocketAddr, admin: SocketAddr) -> Self {
        let Files { folder, roots, hosts } = files;
        let (tls, launch) = (client_tls(&roots, &[b"http/1.1"]), Launch::default());
        Self { https, admin, forward_auth: None, folder, tls, roots, hosts, launch, child: Mutex::new(None), log: Arc::default() }
    }

    /// Starts another process like this, which takes over; gives the old one.
    pub async fn take_over(&mut self, arguments: &[&str]) -> Child {
        let (child, ports) = spawn(self.launch.command(arguments, &self.config_file()), &self.log).await;
        assert_eq!((ports.https, ports.admin), (self.https, self.admin), "the sockets are the same");
        self.child.lock().unwrap().replace(child).unwrap()
    }

    /// Waits for a process to end, and gives its exit code.
    pub async fn exit_of(mut child: Child) -> Option<i32> {
        super::eventually("the end of a process", || std::future::ready(child.try_wait().unwrap().map(|status| status.code()))).await
    }

    /// Writes another certificate for the same key, which whoever trusted the old one trusts.
    pub fn renew_certificate(&self) {
        let key = rcgen::KeyPair::from_pem(&std::fs::read_to_string(self.folder().join("key.pem")).unwrap()).unwrap();
        let certificate = rcgen::CertificateParams::new(self.hosts.clone()).unwrap().self_signed(&key).unwrap();
        self.replace("cert.pem", &certificate.pem());
    }

    /// Replaces a file whole, as careful editors do: whoever watches never sees a part.
    pub fn replace(&self, file: &str, text: &str) {
        std::fs::write(self.folder().join("beside"), text).unwrap();
        std::fs::rename(self.folder().join("beside"), self.folder().join(file)).unwrap();
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn config_file(&self) -> PathBuf {
        self.folder().join("guestgate.yaml")
    }

    /// Where other proxies ask.
    pub fn forward_auth(&self) -> SocketAddr {
        self.forward_auth.expect("nobody may ask here")
    }

    /// A person with an empty cookie jar.
    pub fn browser(&self) -> Browser {
        Browser::new(self.https, self.tls.clone())
    }

    /// The same, with a certificate for whoever asks for one.
    pub fn browser_with(&self, card: Arc<dyn ResolvesClientCert>) -> Browser {
        Browser::new(self.https, self.tls_showing(card))
    }

    /// TLS with a certificate for whoever asks for one.
    pub fn tls_showing(&self, card: Arc<dyn ResolvesClientCert>) -> Arc<ClientConfig> {
        let mut config = (*client_tls(&self.roots, &[b"http/1.1"])).clone();
        config.client_auth_cert_resolver = card;
        Arc::new(config)
    }

    /// TLS that offers these protocols.
    pub fn tls_with(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        client_tls(&self.roots, protocols)
    }

    /// The public address of a path on a host.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.https.port())
    }

    /// Runs a subcommand against this gateway.
    pub fn cli(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guestgate"));
        command.args(args).arg("--config").arg(self.config_file()).envs(self.launch.environment.iter().cloned()).output().unwrap()
    }

    /// Runs a subcommand that must succeed and answers with JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let mut args = args.to_vec();
        args.push("--json");
        let output = self.cli(&args);
        assert!(
            output.status.success(),
            "{args:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Invites by a direct link, and gives the link.
    pub fn invite(&self, email: &str, app: &str) -> String {
        self.json(&["invite", email, "--app", app, "--no-send"])["redeem_url"].as_str().unwrap().to_owned()
    }

    /// A browser of a guest who has accepted an invitation to this app.
    pub async fn guest(&self, email: &str, app: &str) -> Browser {
        let link = self.invite(email, app);
        let mut browser = self.browser();
        browser.redeem(&link, self, email).await;
        browser
    }

    /// The newest mail to an address that fits, waiting for it; the plain text part.
    pub async fn mail(&self, to: &str, fits: impl Fn(&str) -> bool) -> String {
        super::eventually(&format!("a mail to {to}"), || {
            let found = mails(&self.folder().join("outbox")).into_iter().find(|m| m.to == to && fits(&m.text));
            std::future::ready(found.map(|m| m.text))
        })
        .await
    }

    /// Every mail so far, the newest first.
    pub fn mails(&self) -> Vec<Mail> {
        mails(&self.folder().join("outbox"))
    }

    /// How many mails there are for an address.
    pub fn mails_to(&self, to: &str) -> usize {
        mails(&self.folder().join("outbox")).iter().filter(|m| m.to == to).count()
    }

    /// How many of them hold a code to type in.
    pub fn codes_to(&self, to: &str) -> usize {
        mails(&self.folder().join("outbox")).iter().filter(|m| m.to == to && super::browser::code_in(&m.text).is_some()).count()
    }

    /// What the gateway has said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// The access log so far.
    pub fn access_log(&self) -> String {
        std::fs::read_to_string(self.folder().join("access.log")).unwrap_or_default()
    }

    /// What the API says on the control socket.
    pub async fn api(&self, path: &str) -> Value {
        let stream = tokio::net::UnixStream::connect(self.folder().join("data/guestgate.sock")).await.unwrap();
        serde_json::from_str(&super::browser::get_over(stream, "localhost", path).await.1).unwrap()
    }

    /// Makes a token for programs, by the command line.
    pub fn token(&self, arguments: &[&str]) -> String {
        self.json(&[&["token", "create"], arguments].concat())["token"].as_str().unwrap().to_owned()
    }

    /// A page of the admin listener.
    pub async fn admin_get(&self, path: &str) -> (u16, String) {
        super::browser::plain_get(self.admin, path).await
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().as_ref().map_or_else(std::process::id, Child::id)
    }

    /// Sends a signal by name.
    pub fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
    }

    /// Waits for the process to end, and gives its exit code.
    pub async fn ended(&self) -> Option<i32> {
        super::eventually("the end of the gateway", || {
            let status = self.child.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            std::future::ready(status.map(|s| s.code()))
        })
        .await
    }

    /// Kills it without a chance to say goodbye and starts another on the same folder.
    pub async fn kill_and_restart(self) -> Self {
        self.restart("KILL", |_| {}).await
    }

    /// Ends it by a signal and starts another on the same folder, after what is done in between.
    pub async fn restart(self, signal: &str, between: impl FnOnce(&Self)) -> Self {
        // Meanwhile nobody else gets the port: a socket that is bound and does not listen takes no connection.
        let held = socket2::Socket::new(socket2::Domain::for_address(self.https), socket2::Type::STREAM, None).unwrap();
        held.set_reuse_port(true).unwrap();
        held.bind(&self.https.into()).unwrap();
        self.signal(signal);
        self.ended().await;
        between(&self);
        // On the same port: it stands in every token and every link.
        let text = std::fs::read_to_string(self.config_file()).unwrap();
        std::fs::write(self.config_file(), text.replacen("https: 127.0.0.1:0", &format!("https: {}", self.https), 1)).unwrap();
        Self::launch(self.folder.clone(), self.roots.clone(), self.hosts.clone(), self.launch.clone()).await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(child) = &mut *self.child.lock().unwrap() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the gateway said ---\n{}", self.log());
        }
    }
}

/// Starts a process and waits until it says that it is ready. What it says is kept.
async fn spawn(mut command: Command, log: &Arc<Mutex<Vec<String>>>) -> (Child, Ports) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (tell, told) = tokio::sync::oneshot::channel();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let lines = log.clone();
    std::thread::spawn(move || {
        let mut tell = Some(tell);
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some(ports) = ports(&line)
                && let Some(tell) = tell.take()
            {
                let _ = tell.send(ports);
            }
            lines.lock().unwrap().push(line);
        }
    });
    let lines = log.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(err).lines().map_while(Result::ok) {
            lines.lock().unwrap().push(line);
        }
    });
    let Ok(Ok(ports)) = tokio::time::timeout(PATIENCE, told).await else {
        let _ = child.kill();
        panic!("the gateway did not start:\n{}", log.lock().unwrap().join("\n"));
    };
    (child, ports)
}

/// Where a gateway says that it listens.
struct Ports {
    https: SocketAddr,
    admin: SocketAddr,
    forward_auth: Option<SocketAddr>,
}

fn ports(line: &str) -> Option<Ports> {
    let event: Value = serde_json::from_str(line).ok()?;
    let fields = event.get("fields").unwrap_or(&event);
    if fields.get("message")?.as_str()? != "gateway ready" {
        return None;
    }
    let address = |key: &str| fields.get(key)?.as_str()?.parse().ok();
    Some(Ports { https: address("https")?, admin: address("admin")?, forward_auth: address("forward_auth") })
}

/// Makes an authority and a certificate for the hosts.
fn certificates(root: &Path, hosts: &[String]) -> Arc<RootCertStore> {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(hosts.to_vec()).unwrap().self_signed(&key).unwrap();
    std::fs::write(root.join("cert.pem"), certificate.pem()).unwrap();
    std::fs::write(root.join("key.pem"), key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.der().to_vec())).unwrap();
    Arc::new(roots)
}

fn client_tls(roots: &Arc<RootCertStore>, protocols: &[&[u8]]) -> Arc<ClientConfig> {
    let builder =
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots.clone()).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    Arc::new(config)
}

/// A mail as it was delivered.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// When it says that it was written, in seconds since the epoch.
    pub at: i64,
}

/// The mails in a folder, the newest first.
fn mails(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|x| x == "eml"))
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    files.sort();
    let read = |path: &Path| {
        let bytes = std::fs::read(path).ok()?;
        let parsed = mail_parser::MessageParser::default().parse(&bytes)?;
        let to = parsed.to()?.first()?.address()?.to_owned();
        let subject = parsed.subject()?.to_owned();
        Some(Mail { to, subject, text: parsed.body_text(0)?.into_owned(), at: parsed.date()?.to_timestamp() })
    };
    files.iter().rev().filter_map(|(_, path)| read(path)).collect()
}
