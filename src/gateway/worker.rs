//! A worker: one thread, one current-thread runtime, and everything that it shares with nobody.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use prometheus::IntGauge;
use rustls::ServerConfig;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    base::{AppId, Clock, Entropy, Timestamp},
    config::Config,
    identity::KeyRing,
    live::{Live, LiveApp, Snapshot},
    observe::{AccessLog, AppMetrics, JsonList, ListenerLabel, Metrics, PolicyMetrics, PolicyState, UpstreamMetrics},
    policy::{RuleBits, State},
    store::Store,
    web::Site,
};

use super::{PortalService, pool::Pool, reply::Rewriting};

/// What all workers share.
pub(super) struct Shared {
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) store: Arc<dyn Store>,
    pub(super) portal: PortalService,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) slow: tokio::runtime::Handle,
    pub(super) tls: Arc<ServerConfig>,
}

/// One worker.
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) drain: CancellationToken,
    pub(super) pool: Pool,
    pub(super) log: RefCell<AccessLog>,
    lens: RefCell<Rc<Lens>>,
    pub(super) tasks: TaskTracker,
    turn: Cell<usize>,
    next_id: Cell<u64>,
    prefix: [u8; 8],
    open: IntGauge,
    unrouted: AppMetrics,
    portal: AppMetrics,
}

/// A snapshot as one worker sees it, with the handles of each app that was asked for.
pub(super) struct Lens {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) site: Site,
    pub(super) version: String,
    apps: RefCell<HashMap<AppId, Rc<BoundApp>>>,
}

/// An app with everything that is made once from its configuration.
pub(super) struct BoundApp {
    pub(super) live: Arc<LiveApp>,
    pub(super) generation: u64,
    pub(super) metrics: AppMetrics,
    pub(super) upstreams: Vec<(String, UpstreamMetrics)>,
    pub(super) rewriting: Rewriting,
    /// `https://charts.example.com`.
    pub(super) origin: String,
    /// The host as browsers write it, with the port where it is not 443.
    pub(super) authority: String,
    /// Classes of the identity headers that the app is told by.
    pub(super) identity: Vec<String>,
    pub(super) owners: Box<[String]>,
    policies: Vec<PolicyMetrics>,
    lists: RefCell<HashMap<RuleBits, Rc<JsonList>>>,
}

/// Keeps the gauge of open connections right on every way out.
pub(super) struct Open(IntGauge);

/// Different sets of policies whose names are kept as JSON.
const MOST_LISTS: usize = 256;

impl Worker {
    /// A worker that has served nothing yet.
    pub(super) fn new(shared: Arc<Shared>, log: AccessLog, drain: CancellationToken) -> Self {
        let lens = Lens::of(shared.live.snapshot());
        let mut prefix = [0; 8];
        shared.entropy.fill(&mut prefix);
        Self {
            drain,
            pool: Pool::default(),
            log: RefCell::new(log),
            lens: RefCell::new(Rc::new(lens)),
            tasks: TaskTracker::new(),
            turn: Cell::new(0),
            next_id: Cell::new(0),
            prefix,
            open: shared.metrics.open_connections(ListenerLabel::Https),
            unrouted: shared.metrics.unrouted(),
            portal: shared.metrics.portal(),
            shared,
        }
    }

    /// The present.
    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The snapshot in force, with its handles.
    pub(super) fn lens(&self) -> Rc<Lens> {
        let snapshot = self.shared.live.snapshot();
        let mut lens = self.lens.borrow_mut();
        if !Arc::ptr_eq(&lens.snapshot, &snapshot) {
            *lens = Rc::new(Lens::of(snapshot));
        }
        Rc::clone(&lens)
    }

    /// An app with its handles.
    pub(super) fn bind(&self, lens: &Lens, app: &Arc<LiveApp>) -> Rc<BoundApp> {
        let mut apps = lens.apps.borrow_mut();
        if let Some(bound) = apps.get(&app.app.id) {
            return Rc::clone(bound);
        }
        let bound = Rc::new(BoundApp::new(&self.shared.metrics, lens, app));
        apps.insert(app.app.id.clone(), Rc::clone(&bound));
        bound
    }

    /// A request's id: 32 hexadecimal digits, unguessable in their first half and unique in their second.
    pub(super) fn request_id(&self) -> RequestId {
        let n = self.next_id.get();
        self.next_id.set(n.wrapping_add(1));
        let mut text = [0; 32];
        for (ix, byte) in self.prefix.iter().chain(&n.to_be_bytes()).enumerate() {
            for (half, nibble) in [byte >> 4, byte & 15].into_iter().enumerate() {
                if let Some(cell) = text.get_mut(2 * ix + half) {
                    *cell = b"0123456789abcdef".get(usize::from(nibble)).copied().unwrap_or(b'0');
                }
            }
        }
        RequestId(text)
    }

    /// The next of so many.
    pub(super) fn turn(&self, of: usize) -> usize {
        let n = self.turn.get();
        self.turn.set(n.wrapping_add(1));
        n.checked_rem(of).unwrap_or(0)
    }

    /// Counts a connection while the answer lives.
    pub(super) fn count_connection(&self) -> Open {
        self.open.inc();
        Open(self.open.clone())
    }

    /// Handles of requests that reach no host of ours.
    pub(super) fn unrouted(&self) -> &AppMetrics {
        &self.unrouted
    }

    /// Handles of the portal host.
    pub(super) fn portal(&self) -> &AppMetrics {
        &self.portal
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What names a request in logs, headers and pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestId([u8; 32]);

impl RequestId {
    /// The digits.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Lens {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let site = Site::of(&snapshot.config);
        let version = snapshot.policies.version().to_string();
        Self { snapshot, site, version, apps: RefCell::default() }
    }

    /// The configuration in force.
    pub(super) fn config(&self) -> &Config {
        &self.snapshot.config
    }
}

impl BoundApp {
    fn new(metrics: &Metrics, lens: &Lens, live: &Arc<LiveApp>) -> Self {
        let app = &live.app;
        let origin = lens.config().origin(&app.host);
        let upstream = |upstream: &crate::config::Upstream| {
            let name = upstream.to_string();
            let handles = metrics.upstream(&app.id, &name);
            (name, handles)
        };
        let policy = |(ix, name): (crate::policy::RuleIx, &crate::base::Name)| {
            let state = match live.policies.state(ix) {
                State::Enforced => PolicyState::Enforced,
                State::ReportOnly | State::Off => PolicyState::ReportOnly,
            };
            metrics.policy(&app.id, name.as_str(), state)
        };
        Self {
            generation: lens.snapshot.generation,
            metrics: metrics.app(&app.id),
            upstreams: app.upstreams.iter().map(upstream).collect(),
            rewriting: Rewriting::of(app, origin.clone()),
            authority: origin.strip_prefix("https://").unwrap_or(&origin).to_owned(),
            origin,
            identity: app.identity.headers.iter().map(|header| header.name.class()).collect(),
            owners: app.owners.iter().map(ToString::to_string).collect(),
            policies: live.policies.all_rules().map(policy).collect(),
            lists: RefCell::default(),
            live: Arc::clone(live),
        }
    }

    /// The names of a set of policies as JSON, written once a set.
    pub(super) fn names(&self, bits: RuleBits) -> Rc<JsonList> {
        let mut lists = self.lists.borrow_mut();
        if let Some(list) = lists.get(&bits) {
            return Rc::clone(list);
        }
        let list = Rc::new(JsonList::new(self.live.policies.rules_in(bits).map(|(_, name)| name.as_str())));
        if lists.len() < MOST_LISTS {
            lists.insert(bits, Rc::clone(&list));
        }
        list
    }

    /// Counts what each policy that applied had to say.
    pub(super) fn count_results(&self, decision: &crate::policy::Decision) {
        use crate::{observe::PolicyResult, policy::Verdict};
        for (ix, handles) in decision.applied.iter().filter_map(|ix| Some((ix, self.policies.get(ix.index())?))) {
            let result = match decision.verdict {
                Verdict::Block { .. } if decision.by.contains(ix) => PolicyResult::Block,
                Verdict::Challenge(_) if decision.by.contains(ix) => PolicyResult::Challenge,
                Verdict::Allow | Verdict::Challenge(_) | Verdict::Block { .. } | Verdict::NotAssigned(_) => PolicyResult::Pass,
            };
            handles.result(result, 1);
        }
        for handles in decision.report_only.iter().filter_map(|ix| self.policies.get(ix.index())) {
            handles.result(PolicyResult::Block, 1);
        }
    }
}
