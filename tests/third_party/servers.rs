//! Debian's servers with a folder of files, and a program on Node's http module.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use crate::{kit, wire::script::pattern};

/// A server that ends with its test.
#[derive(Debug)]
pub struct Server {
    pub at: SocketAddr,
    pub root: PathBuf,
    _folder: tempfile::TempDir,
    children: Vec<Child>,
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Asked, so that a master ends its workers.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

/// Where the next free port is looked for: each is given once, below the range that the system hands out.
static NEXT: AtomicU16 = AtomicU16::new(0);

pub fn free_port() -> u16 {
    let offset = u16::try_from(std::process::id() % 4_000).unwrap();
    loop {
        let port = 24_000 + offset + NEXT.fetch_add(1, Ordering::Relaxed) % 4_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A folder of files, for everybody to read and write: servers change their user.
fn folder() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    for sub in ["files", "files/up", "tmp"] {
        std::fs::create_dir_all(root.join(sub)).unwrap();
        std::fs::set_permissions(root.join(sub), PermissionsExt::from_mode(0o777)).unwrap();
    }
    std::fs::set_permissions(&root, PermissionsExt::from_mode(0o777)).unwrap();
    let page: String = (0..400).map(|n| format!("<p>Paragraph {n} of a page that compresses well, \u{fc}mlauts included.</p>\n")).collect();
    for (name, bytes) in [
        ("empty.txt", Vec::new()),
        ("small.txt", b"a small file\n".to_vec()),
        ("big.bin", pattern(7, 1_000_003).to_vec()),
        ("page.html", page.into_bytes()),
    ] {
        std::fs::write(root.join("files").join(name), bytes).unwrap();
    }
    (folder, root)
}

async fn ready(port: u16, children: &mut [Child]) -> SocketAddr {
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    kit::eventually("the server behind", || {
        for child in children.iter_mut() {
            assert!(child.try_wait().unwrap().is_none(), "the server has ended; ./test installs what is missing");
        }
        async move { tokio::net::TcpStream::connect(at).await.ok() }
    })
    .await;
    at
}

fn run(program: &str, arguments: &[&str]) -> Child {
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.unwrap_or_else(|e| panic!("{program}: {e}; ./test installs it"))
}

fn write(path: &Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn as_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

pub async fn nginx() -> Server {
    let (folder, root) = folder();
    let (port, dir) = (free_port(), root.display());
    let user = if as_root() { "user www-data;" } else { "" };
    let conf = format!(
        "{user} daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/error.log;
         events {{ worker_connections 256; }}
         http {{
           types {{ text/html html; text/plain txt; application/octet-stream bin; }}
           access_log off; client_max_body_size 100m; client_body_temp_path {dir}/tmp/body;
           proxy_temp_path {dir}/tmp/p; fastcgi_temp_path {dir}/tmp/f; uwsgi_temp_path {dir}/tmp/u; scgi_temp_path {dir}/tmp/s;
           gzip on; gzip_types text/plain text/html; gzip_min_length 1000;
           server {{
             listen 127.0.0.1:{port}; root {dir}/files;
             location /up/ {{ dav_methods PUT DELETE; }}
             location = /moved {{ return 301 /small.txt; }}
             location = /nothing {{ return 204; }}
           }}
         }}"
    );
    let conf = write(&root.join("nginx.conf"), &conf);
    let mut children = vec![run("nginx", &["-e", root.join("error.log").to_str().unwrap(), "-c", &conf])];
    let at = ready(port, &mut children).await;
    Server { at, root, _folder: folder, children }
}

pub async fn apache() -> Server {
    let (folder, root) = folder();
    let (port, dir) = (free_port(), root.display());
    let modules: String = ["mpm_event", "authz_core", "dir", "mime", "filter", "deflate", "dav", "dav_fs", "alias"]
        .iter()
        .map(|m| format!("LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n"))
        .collect();
    let conf = format!(
        "{modules}
ServerName localhost
ServerRoot {dir}
PidFile {dir}/apache.pid
ErrorLog {dir}/error.log
DefaultRuntimeDir {dir}/tmp
User www-data
Group www-data
Listen 127.0.0.1:{port}
DocumentRoot {dir}/files
TypesConfig {dir}/types
DAVLockDB {dir}/tmp/lock
AddOutputFilterByType DEFLATE text/plain text/html
Redirect permanent /moved /small.txt
<Directory {dir}/files>
  Require all granted
</Directory>
<Location /up>
  Dav On
</Location>
"
    );
    write(&root.join("types"), "text/html html\ntext/plain txt\napplication/octet-stream bin\n");
    let conf = write(&root.join("apache.conf"), &conf);
    let mut children = vec![run("apache2", &["-f", &conf, "-DFOREGROUND"])];
    let at = ready(port, &mut children).await;
    Server { at, root, _folder: folder, children }
}

pub async fn node() -> Server {
    let (folder, root) = folder();
    let port = free_port();
    let mut children = vec![start_node(&root, port)];
    let at = ready(port, &mut children).await;
    Server { at, root, _folder: folder, children }
}

fn start_node(root: &Path, port: u16) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party/server.mjs");
    run("node", &[script.to_str().unwrap(), &port.to_string(), root.join("files").to_str().unwrap()])
}

/// HAProxy in front of Node.
pub async fn haproxy() -> Server {
    let (folder, root) = folder();
    let (port, behind) = (free_port(), free_port());
    let mut children = vec![start_node(&root, behind)];
    ready(behind, &mut children).await;
    let conf = format!(
        "global
  maxconn 256
defaults
  mode http
  option http-keep-alive
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
frontend f
  bind 127.0.0.1:{port}
  default_backend b
backend b
  server n 127.0.0.1:{behind}
"
    );
    let conf = write(&root.join("haproxy.cfg"), &conf);
    children.insert(0, run("haproxy", &["-f", &conf, "-db"]));
    let at = ready(port, &mut children).await;
    Server { at, root, _folder: folder, children }
}
