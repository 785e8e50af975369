//! Apache as an old application: a server that knows itself by an internal name, from a configuration of the test's own.

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// The name by which it knows itself.
pub const NAME: &str = "intranet.corp";

/// A running server; it ends when dropped.
#[derive(Debug)]
pub struct Apache {
    pub at: SocketAddr,
    child: Child,
    folder: tempfile::TempDir,
}

impl Apache {
    /// Serves these files; `more` are further lines of its configuration. `None` where the machine has no Apache.
    pub async fn start(files: &[(&str, &str)], more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        // Its workers are nobody in particular.
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).unwrap();
        for (path, text) in files {
            let path = root.join("www").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let at = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        std::fs::write(root.join("apache.conf"), configuration(root, at, more)).unwrap();
        let child = Command::new("/usr/sbin/apache2")
            .args(["-D", "FOREGROUND", "-f"])
            .arg(root.join("apache.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("apache2 is installed by `./test`");
        let apache = Self { at, child, folder };
        super::eventually("apache to listen", || {
            let open = std::net::TcpStream::connect(at).is_ok();
            std::future::ready(open.then_some(()))
        })
        .await;
        apache
    }

    /// Its folder of files.
    pub fn www(&self) -> std::path::PathBuf {
        self.folder.path().join("www")
    }

    /// What it says went wrong.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // Its parent ends the workers, when it is asked to.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- apache said ---\n{}", self.errors());
        }
    }
}

fn configuration(root: &Path, at: SocketAddr, more: &str) -> String {
    let modules = [
        "mpm_event",
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_user",
        "auth_basic",
        "dir",
        "mime",
        "alias",
        "headers",
        "deflate",
        "brotli",
        "filter",
        "dav",
        "dav_fs",
        "env",
        "setenvif",
        "rewrite",
    ];
    let modules: String = modules.iter().map(|m| format!("LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n")).collect();
    let (root, port) = (root.display(), at.port());
    format!(
        "{modules}Listen {at}\nServerName {NAME}:{port}\nUseCanonicalName On\nServerRoot {root}\nPidFile {root}/apache.pid\n\
         ErrorLog {root}/error.log\nDefaultRuntimeDir {root}\nMutex file:{root}\nStartServers 1\nDocumentRoot {root}/www\n\
         User www-data\nGroup www-data\nTypesConfig /etc/mime.types\nDirectoryIndex index.html\n\
         <Directory {root}/www>\nRequire all granted\n</Directory>\n{more}\n"
    )
}
