//! The gateway, the nginxes and their upstream: real processes in a folder of their own.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use guestgate::{base::Clock, serve::SystemClock};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{Plan, load, measure::pin, people};

/// The host of the app that has everything on, and of the one that has everything off.
const ON: &str = "on.example.test";
const OFF: &str = "off.example.test";

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// nginx, which checks nothing.
    Plain,
    /// nginx, which asks somebody who answers 204.
    Auth,
    /// The gateway, everything on.
    Everything,
    /// The gateway, on a path that is open to everybody.
    Nothing,
}

/// Everything that runs.
pub(crate) struct World {
    ports: [u16; 3],
    gateway: Running,
    plain: Running,
    auth: Running,
    judge: Running,
    _upstream: Running,
    cookies: Vec<String>,
    roots: Arc<RootCertStore>,
    _folder: tempfile::TempDir,
}

/// A process that ends with us.
struct Running(Child);

impl Running {
    fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked, not killed: a master of nginx takes its workers with it.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

impl World {
    /// Starts all, and makes every session a live one.
    pub(crate) async fn build(plan: Plan, gateway_binary: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        // Workers of nginx may run as somebody else.
        fs::set_permissions(root, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let roots = certificates(root);
        let [upstream, answers, gateway, admin, plain, auth] = std::array::from_fn(|_| free_port());
        fs::create_dir(root.join("files")).unwrap();
        fs::write(root.join("files/1k"), vec![b'x'; 1_024]).unwrap();
        fs::write(root.join("files/1m"), vec![b'x'; 1_024 * 1_024]).unwrap();
        // What stands behind shares its core with the load, and must not be what everybody waits for: then proxies sleep between requests, and
        // what is measured is how they wake up. So it opens each file once, and has room for a head with an identity in it.
        let files = format!(
            "open_file_cache max=16 inactive=1h; open_file_cache_valid 1h; client_header_buffer_size 4k;
             server {{ listen 127.0.0.1:{upstream}; root {}; }}",
            root.join("files").display()
        );
        let upstream_nginx = nginx(root, "upstream", &files, 1);
        let pool = format!("upstream app {{ server 127.0.0.1:{upstream}; keepalive 128; }}");
        let plain_nginx = nginx(root, "plain", &format!("{pool} {}", proxy(root, plain, "", "")), 0);
        // A program of its own, as it is for whoever uses `auth_request`: on the proxy's core, and counted with it.
        let judge_nginx = nginx(root, "judge", &format!("server {{ listen 127.0.0.1:{answers}; return 204; }}"), 0);
        let asks = format!(
            "{pool} upstream judge {{ server 127.0.0.1:{answers}; keepalive 128; }} {}",
            proxy(root, auth, "auth_request /judge;", JUDGE)
        );
        let auth_nginx = nginx(root, "auth", &asks, 0);
        configure(root, gateway, admin, upstream);
        fs::create_dir(root.join("data")).unwrap();
        // Not beside the configuration, whose folder is watched.
        fs::create_dir(root.join("logs")).unwrap();
        write_key(&root.join("data/master.key"));
        let now = SystemClock::default().now();
        let issuer = format!("https://access.example.test:{gateway}");
        let cookies = people::settle(&root.join("data/guestgate.db"), &issuer, "everything", ON, plan.sessions, now).await;
        let gateway_process = Running(
            Command::new("taskset")
                .args(["-c", "0", gateway_binary, "serve", "--config"])
                .arg(root.join("guestgate.yaml"))
                .stdout(Stdio::null())
                .spawn()
                .unwrap(),
        );
        wait_for(gateway);
        let world = Self {
            ports: [plain, auth, gateway],
            gateway: gateway_process,
            plain: plain_nginx,
            auth: auth_nginx,
            judge: judge_nginx,
            _upstream: upstream_nginx,
            cookies,
            roots,
            _folder: folder,
        };
        load::visit_all(&world).await;
        world
    }

    /// The first processes of what a peer needs to do its work.
    pub(crate) fn processes(&self, peer: Peer) -> Vec<u32> {
        match peer {
            Peer::Plain => vec![self.plain.id()],
            Peer::Auth => vec![self.auth.id(), self.judge.id()],
            Peer::Everything | Peer::Nothing => vec![self.gateway.id()],
        }
    }

    /// Where a peer listens.
    pub(crate) fn address(&self, peer: Peer) -> SocketAddr {
        let [plain, auth, gateway] = self.ports;
        let port = match peer {
            Peer::Plain => plain,
            Peer::Auth => auth,
            Peer::Everything | Peer::Nothing => gateway,
        };
        ([127, 0, 0, 1], port).into()
    }

    /// The host that is asked for.
    pub(crate) fn host(&self, peer: Peer) -> &'static str {
        if peer == Peer::Nothing { OFF } else { ON }
    }

    /// The cookie of a session; who needs none gets bytes of the same length.
    pub(crate) fn cookie(&self, session: u32) -> &str {
        &self.cookies[usize::try_from(session).unwrap() % self.cookies.len()]
    }

    /// How many sessions there are.
    pub(crate) fn sessions(&self) -> u32 {
        u32::try_from(self.cookies.len()).unwrap()
    }

    /// TLS 1.3 with one cipher and one group, without resumption.
    pub(crate) fn tls(&self, protocol: load::Protocol) -> Arc<ClientConfig> {
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites = vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256];
        provider.kx_groups = vec![aws_lc_rs::kx_group::X25519];
        let builder = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_root_certificates(Arc::clone(&self.roots)).with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![protocol.alpn().to_vec()];
        Arc::new(config)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody listens on {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn write_key(path: &Path) {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(&people::MASTER).unwrap();
}

fn certificates(root: &Path) -> Arc<RootCertStore> {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = ["access.example.test", ON, OFF].map(str::to_owned).into();
    let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    fs::write(root.join("cert.pem"), certificate.pem()).unwrap();
    fs::write(root.join("key.pem"), key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root.join("cert.pem")).unwrap()).unwrap();
    Arc::new(roots)
}

/// A TLS proxy that hands everything on; `more` stands in its location, `beside` beside it.
fn proxy(root: &Path, port: u16, more: &str, beside: &str) -> String {
    format!(
        "server {{ listen 127.0.0.1:{port} ssl http2 backlog=1024;
          ssl_certificate {0}/cert.pem; ssl_certificate_key {0}/key.pem; ssl_protocols TLSv1.3;
          ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; ssl_ecdh_curve X25519;
          proxy_http_version 1.1; {beside}
          location / {{ {more} proxy_pass http://app; proxy_set_header Connection \"\"; proxy_set_header Host $host; }} }}",
        root.display()
    )
}

/// Where nginx asks whether a request may pass.
const JUDGE: &str = "location = /judge { internal; proxy_pass http://judge; proxy_pass_request_body off; proxy_set_header Content-Length \"\"; \
     proxy_set_header Connection \"\"; }";

fn nginx(root: &Path, name: &str, http: &str, core: u32) -> Running {
    let text = format!(
        "daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid {0}/{name}.pid; error_log {0}/{name}.log error;
         events {{ worker_connections 16384; }}
         http {{ access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 1h;
           client_body_temp_path {0}/{name}-b; proxy_temp_path {0}/{name}-p; fastcgi_temp_path {0}/{name}-f; uwsgi_temp_path {0}/{name}-u;
           scgi_temp_path {0}/{name}-s; {http} }}",
        root.display()
    );
    let file = root.join(format!("{name}.conf"));
    fs::write(&file, text).unwrap();
    let child =
        Command::new("nginx").arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("Debian's `nginx` is needed");
    std::thread::sleep(Duration::from_millis(300));
    pin(child.id(), core);
    for worker in super::measure::tree(child.id()) {
        pin(worker, core);
    }
    Running(child)
}

fn configure(root: &Path, port: u16, admin: u16, upstream: u16) {
    let text = format!(
        "listen: {{ https: 127.0.0.1:{port}, admin: 127.0.0.1:{admin} }}
data_dir: data
portal: {{ host: access.example.test, name: Example access, support: help@example.test }}
tls: {{ certificates: [{{ cert: cert.pem, key: key.pem }}] }}
mail: {{ outbox: outbox, from: \"Example access <no-reply@example.test>\" }}
policies: policies
log: {{ access: logs/access.log, level: error }}
apps:
  - id: everything
    name: Everything on
    host: {ON}
    upstream: http://127.0.0.1:{upstream}
    owners: [dr.lee@example.test]
    identity: {{ headers: {{ user: X-Remote-User, groups: X-Remote-Groups, name: X-Remote-Name }}, assertion: true }}
  - id: nothing
    name: Everything off
    host: {OFF}
    upstream: http://127.0.0.1:{upstream}
    owners: [dr.lee@example.test]
    policies: none
    public: [/**]
"
    );
    fs::write(root.join("guestgate.yaml"), text).unwrap();
    fs::create_dir(root.join("policies")).unwrap();
    fs::write(root.join("policies/definitions.yaml"), DEFINITIONS).unwrap();
    fs::write(root.join("policies/everything.yaml"), TWENTY).unwrap();
}

const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [127.0.0.0/8, "2001:db8:40::/48"]
  partners: [198.51.100.0/24]
schedules:
  clinic-hours: { days: [mon-sun], hours: "00:00-24:00", timezone: Europe/Berlin }
"#;

/// Twenty policies that let the requests pass.
const TWENTY: &str = r#"
app: everything
policies:
  - { name: p0, for: { kind: guest }, require: [email-code] }
  - { name: p1, for: { kind: guest }, unless: { network: [clinic-wan, partners] }, require: [{ fresh-sign-in: 1h }] }
  - { name: p2, for: { group: locum }, when: { method: [POST, PUT, PATCH, DELETE] }, unless: { schedule: clinic-hours }, block: closed }
  - { name: p3, when: { path: "/export/**" }, require: [{ fresh-sign-in: 15m }] }
  - { name: p4, for: { kind: guest }, session: { idle: 2h, lifetime: 8h, persistent: false } }
  - { name: p5, state: report-only, unless: { schedule: clinic-hours }, block: closed }
  - { name: p6, when: { path: "/admin/**" }, unless: { network: clinic-wan }, block: closed }
  - { name: p7, when: { any: [{ path: "/reports/*/raw" }, { method: DELETE }] }, require: [{ fresh-sign-in: 5m }] }
  - { name: p8, when: { guest-for: "< 7d" }, session: { idle: 10m } }
  - { name: p9, when: { method: DELETE, not: { network: clinic-wan } }, block: closed }
  - { name: p10, for: { group: radiology }, unless: { schedule: clinic-hours }, block: closed }
  - { name: p11, for: { group: pharmacy }, when: { method: [POST, PUT] }, block: closed }
  - { name: p12, for: { group: radiology }, when: { path: "/images/**" }, require: [{ fresh-sign-in: 30m }] }
  - { name: p13, when: { path: ["/billing/**", "/payroll/**"] }, block: closed }
  - { name: p14, for: { kind: guest }, require: [{ fresh-sign-in: 8h }] }
  - { name: p15, unless: { network: [clinic-wan] }, session: { idle: 15m } }
  - { name: p16, when: { path: "/patients/*/notes", method: [PUT, DELETE] }, require: [{ fresh-sign-in: 10m }] }
  - { name: p17, state: report-only, when: { path: "/legacy/**" }, block: closed }
  - { name: p18, for: { group: locum }, unless: { network: clinic-wan, schedule: clinic-hours }, block: closed }
  - { name: p19, when: { guest-for: "< 1d", method: [POST, PUT, PATCH, DELETE] }, block: closed }
"#;
