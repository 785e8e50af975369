//! A connection from a guest: who is at its other end, and what was recognised on it before.

use std::{
    cell::{OnceCell, RefCell},
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
};

use crate::{
    base::{AppId, ClientAddr, Host, Timestamp},
    config::{Config, ConnectionLimits},
    live::SessionView,
};

use super::{
    admit::Judged,
    certificate::Shown,
    facts::LookedUp,
    look::{self, Head},
    wire::Limits,
    worker::Worker,
};

/// What the TLS client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// It named no host.
    None,
    /// It named something that is no host name of ours.
    Unreadable,
    /// It named this host.
    Of(Host),
}

/// One connection.
pub(super) struct Connection {
    pub(super) worker: Rc<Worker>,
    pub(super) peer: SocketAddr,
    pub(super) name: Name,
    /// What it has shown of itself.
    pub(super) certificate: Shown,
    /// As they stood when it began.
    pub(super) limits: ConnectionLimits,
    last: RefCell<Option<Rc<Recognised>>>,
    pub(super) judged: RefCell<Option<Judged>>,
    /// What was found out about the last request.
    pub(super) looked_up: LookedUp,
}

/// A cookie whose signature was checked, and what it led to.
pub(super) struct Recognised {
    /// For which app.
    pub(super) app: AppId,
    /// The token, to be compared byte for byte.
    pub(super) token: Box<[u8]>,
    /// When the token ends.
    pub(super) until: Timestamp,
    /// The session.
    pub(super) view: Arc<SessionView>,
    /// Of the snapshot that it was recognised with.
    pub(super) generation: u64,
    /// What the app is told of the guest, as lines of a head: it depends on the view and the app alone.
    pub(super) said: OnceCell<Box<[u8]>>,
    /// The assertion for the app, and until when it may be used again.
    pub(super) assertion: RefCell<Option<(Timestamp, Rc<str>)>>,
}

impl Connection {
    /// A connection on which nothing was said yet.
    pub(super) fn new(worker: Rc<Worker>, peer: SocketAddr, name: Name) -> Self {
        let limits = worker.lens().config().limits;
        let (last, judged, looked_up, certificate) = (RefCell::default(), RefCell::default(), LookedUp::default(), Shown::default());
        Self { worker, peer, name, certificate, limits, last, judged, looked_up }
    }

    /// The same, at whose other end a certificate was shown.
    pub(super) fn with_certificate(self, certificate: Shown) -> Self {
        Self { certificate, ..self }
    }

    /// Bounds of the heads that are read on it: those of the app that TLS asked for.
    pub(super) fn head_limits(&self) -> Limits {
        let usual = Limits::default();
        let Name::Of(host) = &self.name else { return usual };
        let app = self.worker.shared.live.snapshot().app_by_host(host.as_str()).map(|live| live.app.limits.head.as_bytes());
        app.map_or(usual, |bytes| Limits { head: usize::try_from(bytes).unwrap_or(usual.head), ..usual })
    }

    /// Where a request comes from.
    pub(super) fn client(&self, config: &Config, head: &Head) -> ClientAddr {
        if config.trusted_proxies.is_empty() {
            let ip = self.peer.ip().to_canonical();
            return ClientAddr { seen: ip, known: Some(ip) };
        }
        let lines: Vec<&[u8]> = look::lines(head, "x-forwarded-for").collect();
        ClientAddr::derive(self.peer.ip(), lines.into_iter(), &config.trusted_proxies)
    }

    /// Whether the peer is a proxy that we trust.
    pub(super) fn is_trusted(&self, config: &Config) -> bool {
        config.trusted_proxies.iter().any(|prefix| prefix.contains(self.peer.ip()))
    }

    /// What was recognised last, if it was this token for this app.
    pub(super) fn remembered(&self, app: &AppId, token: &[u8]) -> Option<Rc<Recognised>> {
        self.last.borrow().as_ref().filter(|last| *last.token == *token && last.app == *app).map(Rc::clone)
    }

    /// Remembers what was recognised.
    pub(super) fn remember(&self, recognised: Rc<Recognised>) {
        *self.last.borrow_mut() = Some(recognised);
    }
}
