//! `guestgate demo`: the whole product on this machine, with nothing to set up.
//!
//! Makes certificates and a configuration in a folder, starts two applications that behave like old ones and a mailbox, puts the real gateway
//! in front of them, and invites a guest through the real control socket. Nothing in the gateway knows that this is a demo.

mod mailbox;
mod orders;

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde_json::json;
use tokio::net::TcpListener;

use super::system::private_folder as private;
use super::{certs, client::Client, fetch::PublishedKeys, verify_app};
use crate::serve;

/// `guestgate demo`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The port of the gateway.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// The port of the admin listener (metrics, health).
    #[arg(long, default_value_t = 9180)]
    admin_port: u16,
    /// Where everything is kept; a temporary folder otherwise, which goes when the demo ends.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The address of the guest who is invited.
    #[arg(long, default_value = "ann@partner.example")]
    guest: String,
}

/// The hosts of the demo; all resolve to this machine in browsers.
const HOSTS: [&str; 4] = ["access.localhost", "orders.localhost", "whoami.localhost", "mail.localhost"];

/// The policies of the demo are the repository's examples.
const POLICIES: [(&str, &str); 3] = [
    ("definitions.yaml", include_str!("../../../policies/definitions.yaml")),
    ("orders.yaml", include_str!("../../../policies/orders.yaml")),
    ("whoami.yaml", include_str!("../../../policies/whoami.yaml")),
];

impl Args {
    /// Runs until it is interrupted.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let (folder, temporary) = self.folder()?;
        let result = self.run_in(&folder).await;
        if temporary {
            // The folder holds keys: it goes with the demo.
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove `{}`", folder.display()))?;
        }
        result
    }

    fn folder(&self) -> anyhow::Result<(PathBuf, bool)> {
        let (folder, temporary) = match &self.dir {
            Some(dir) => (dir.clone(), false),
            None => (std::env::temp_dir().join(format!("guestgate-demo-{}", std::process::id())), true),
        };
        private(&folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        Ok((folder, temporary))
    }

    async fn run_in(&self, folder: &Path) -> anyhow::Result<()> {
        let orders = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let whoami = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mailbox = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let apps = [orders.local_addr()?, whoami.local_addr()?, mailbox.local_addr()?];
        let file = self.write(folder, apps)?;

        let keys = PublishedKeys {
            url: url::Url::parse(&self.url("whoami.localhost", "/.guestgate/jwks.json"))?,
            authority: Some(folder.join("certs/authority.pem")),
        };
        let trust =
            verify_app::Trust { issuer: self.url("access.localhost", ""), audience: "whoami.localhost".to_owned(), keys: Box::new(keys) };
        let servers = async {
            tokio::try_join!(
                axum::serve(orders, orders::router(apps[0])).into_future(),
                axum::serve(whoami, verify_app::router(trust)).into_future(),
                axum::serve(mailbox, mailbox::router(folder.join("data/outbox"))).into_future(),
            )
        };
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let gateway = serve::run(&file, serve::Opening::Fresh, serve::Surroundings::of_this_machine(), Some(ready));
        let guide = async {
            let ready = is_ready.await.ok()?;
            Some(self.guide(folder, &Client::new(ready.control)).await)
        };
        let guided = async {
            match guide.await {
                Some(Err(cause)) => Err(cause),
                Some(Ok(())) | None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = gateway => ended.map_err(Into::into),
            failed = servers => failed.map(drop).context("a demo application failed"),
            failed = guided => failed,
        }
    }

    /// Writes certificates, policies and the configuration; what is there from an earlier run stays.
    fn write(&self, folder: &Path, [orders, whoami, mailbox]: [SocketAddr; 3]) -> anyhow::Result<PathBuf> {
        for inside in ["data", "data/outbox", "policies", "certs"] {
            private(&folder.join(inside))?;
        }
        if !folder.join("certs/cert.pem").exists() {
            certs::write(&folder.join("certs"), &HOSTS)?;
        }
        for (name, text) in POLICIES {
            let path = folder.join("policies").join(name);
            if !path.exists() {
                std::fs::write(path, text)?;
            }
        }
        let file = folder.join("guestgate.yaml");
        std::fs::write(&file, self.yaml(orders, whoami, mailbox))?;
        Ok(file)
    }

    fn yaml(&self, orders: SocketAddr, whoami: SocketAddr, mailbox: SocketAddr) -> String {
        let (port, admin) = (self.port, self.admin_port);
        format!(
            r#"listen: {{ https: ["127.0.0.1:{port}", "[::1]:{port}"], admin: 127.0.0.1:{admin} }}
data_dir: data
portal: {{ host: access.localhost, name: Northwind partner access, support: helpdesk@northwind.example }}
tls: {{ certificates: [{{ cert: certs/cert.pem, key: certs/key.pem }}] }}
mail: {{ outbox: data/outbox, from: "Northwind partner access <no-reply@northwind.example>" }}
roles: {{ admins: [admin@northwind.example] }}
policies: policies
log: {{ access: data/access.log, level: warn }}
apps:
  - id: orders
    name: Ordering
    host: orders.localhost
    upstream: http://{orders}
    owners: [buying@northwind.example]
    identity: {{ headers: {{ user: X-Remote-User }} }}
    public: [/healthz, /static/**]
    websocket: true
  - id: whoami
    name: What an app receives
    host: whoami.localhost
    upstream: http://{whoami}
    owners: [buying@northwind.example]
  - id: mail
    name: Mailbox
    host: mail.localhost
    upstream: http://{mailbox}
    owners: [buying@northwind.example]
    public: [/**]
    policies: none
"#
        )
    }

    /// Invites the guest and says what to click.
    async fn guide(&self, folder: &Path, gateway: &Client) -> anyhow::Result<()> {
        let invitation = json!({
            "email": self.guest,
            "name": "Ann Lee",
            "apps": [{"app": "orders", "role": "reader"}, {"app": "whoami"}],
            "message": "Welcome to our ordering system.",
            "send": false,
        });
        let answer = gateway.post("/api/v1/invitations", &invitation).await?;
        let link = answer.get("redeem_url").and_then(serde_json::Value::as_str).unwrap_or_default();
        let made = gateway.post("/api/v1/members/link", &json!({})).await?;
        let admin_link = made.get("link").and_then(serde_json::Value::as_str).unwrap_or_default();
        let config = folder.join("guestgate.yaml");
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "\nGuestgate runs. {guest} is invited to an old ordering system as a reader:\n\n  the guest's link  {link}\n  the admin's link  {admin_link}\n  the mailbox       {mail}\n  \
             the app           {orders}\n  what apps see     {whoami}\n  the portal        {portal}\n  metrics           http://127.0.0.1:{admin}/metrics\n\n\
             Your browser does not know the authority of these certificates: accept the warning, or trust\n  {authority}\n\n\
             While it runs, in another terminal:\n  {exe} guests suspend {guest} --config {config}\n  {exe} audit list --config {config}\n\nEnd it with Ctrl-C.",
            guest = self.guest,
            mail = self.url("mail.localhost", "/"),
            orders = self.url("orders.localhost", "/"),
            whoami = self.url("whoami.localhost", "/"),
            portal = self.url("access.localhost", "/"),
            admin = self.admin_port,
            authority = folder.join("certs/authority.pem").display(),
            exe = std::env::current_exe().map_or_else(|_| "guestgate".to_owned(), |p| p.display().to_string()),
            config = config.display(),
        )?;
        Ok(())
    }

    fn url(&self, host: &str, path: &str) -> String {
        if self.port == 443 { format!("https://{host}{path}") } else { format!("https://{host}:{}{path}", self.port) }
    }
}
