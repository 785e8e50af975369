//! The assembly: reads what the files say, builds everything in order, runs it, reloads it, drains it.
//!
//! The only room that starts long-lived tasks. Everything that the house does not know by itself (time, randomness) comes in as
//! [`Surroundings`].

mod clock;
mod control;
mod courier;
mod forward;
mod hold;
mod hooks;
mod keys;
mod lifecycle;
mod load;
mod passing;
mod portal_host;
mod reload;
mod reviews;
mod signals;
mod sockets;
mod start;
mod supervisor;
mod takeover;
mod tasks;
mod transmit;
mod upkeep;
mod watch;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

pub use clock::{SystemClock, SystemEntropy};
pub use keys::Masters;
pub use load::{Material, load, policies_alone, read_config, read_languages, read_policies, universe};
pub use start::{Opening, run};

use crate::{
    base::{Clock, Entropy, Report},
    config::Place,
    gateway::{RunError, TlsError},
    identity::KeyError,
    live::NoPolicies,
    observe::SubscribeError,
    outbound::MailError,
    store::StoreError,
};

/// What a gateway lives in.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A gateway that serves, and where.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where guests come in.
    pub https: Vec<SocketAddr>,
    /// Where monitoring looks.
    pub admin: SocketAddr,
    /// Where other proxies ask.
    pub forward_auth: Option<Place>,
    /// Where the command line asks.
    pub control: PathBuf,
}

/// Why a gateway does not start, or ends by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Configuration or policies are wrong.
    #[error("nothing is served, because of {}:\n\n{report}", problems(report))]
    Files {
        /// All of it.
        report: Report,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// Another gateway runs on the same data.
    #[error("another gateway already runs on `{}`", .0.display())]
    Running(PathBuf),
    /// systemd passes what is no listening socket.
    #[error("the sockets that systemd passes cannot be used")]
    Systemd(#[source] std::io::Error),
    /// systemd listens where the configuration does not.
    #[error("systemd passes a socket on `{0}`, which `listen` does not name; socket unit and configuration must agree")]
    Unasked(String),
    /// The running gateway does not hand over.
    #[error("the gateway on `{}` does not hand over", .0.display())]
    TakeOver(PathBuf, #[source] std::io::Error),
    /// A file or folder of ours cannot be used.
    #[error("cannot use `{}`", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    /// The master key is gone while the database is there.
    #[error("`{}` is missing, but the database was written under it; restore the key from your backup", .0.display())]
    KeyGone(PathBuf),
    /// The master key is no key.
    #[error("`{}` is no master key", .0.display())]
    Key(PathBuf, #[source] KeyError),
    /// The keys cannot be derived.
    #[error("the keys cannot be derived")]
    Derive,
    /// The database cannot be used.
    #[error("the database `{}` cannot be used", .0.display())]
    Store(PathBuf, #[source] StoreError),
    /// The feed does not begin.
    #[error("the database opens, but its changes cannot be followed")]
    Feed(#[source] StoreError),
    /// Certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An app has no policies.
    #[error(transparent)]
    Policies(#[from] NoPolicies),
    /// Mail cannot be set up.
    #[error("mail cannot be sent as configured")]
    Mail(#[from] MailError),
    /// Metrics cannot be set up.
    #[error("metrics cannot be set up")]
    Metrics(#[from] prometheus::Error),
    /// Events cannot be written.
    #[error(transparent)]
    Events(#[from] SubscribeError),
    /// The data plane failed.
    #[error("the data plane failed")]
    Gateway(#[from] RunError),
    /// Signals cannot be heard.
    #[error("signals of the system cannot be heard")]
    Signals(#[source] std::io::Error),
}

impl Surroundings {
    /// The machine's own.
    pub fn of_this_machine() -> Self {
        Self { clock: Arc::new(SystemClock::default()), entropy: Arc::new(SystemEntropy) }
    }
}

fn problems(report: &Report) -> String {
    match report.errors() {
        1 => "one problem".to_owned(),
        n => format!("{n} problems"),
    }
}
