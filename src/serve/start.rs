//! From a file name to a gateway that serves, and from a signal to its end.

use std::{
    io,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use axum::Router;
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Material, Ready, ServeError, Surroundings, control, courier, forward,
    hold::{self, Accepted},
    hooks,
    keys::Masters,
    lifecycle, load, portal_host, reload, reviews, signals,
    sockets::{self, Sockets},
    supervisor::Supervisor,
    takeover::{self, HandOver, TakeOver},
    tasks::Tasks,
    upkeep,
};
use crate::{
    admin::{self, AdminState, UiState},
    base::Timestamp,
    config::{AccessTarget, Config, Storage},
    directory::Actor,
    gateway::{self, CertificateResolver, Certificates, Ending, Listener, Pulse},
    identity::KeyRing,
    live::{self, Bounds, DelayHook, Live, Snapshot},
    observe::{AccessSink, Build, Events, LogLabel, Metrics, causes},
    outbound::Mailer,
    portal::{self, PortalState},
    store::{SqliteStore, Store, StoreKeys},
};

/// How long the last lines of the logs may take.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(2);

/// How a gateway begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// By itself, with the sockets that systemd passes where it does.
    Fresh,
    /// In place of the gateway that runs on the same data.
    TakeOver,
}

/// Serves what the file says until the process is asked to end. `ready` is told once guests can come in.
pub async fn run(file: &Path, opening: Opening, around: Surroundings, ready: Option<oneshot::Sender<Ready>>) -> Result<(), ServeError> {
    let material = load(file).map_err(|report| ServeError::Files { report })?;
    let events = crate::observe::subscribe(material.config.log.format, material.config.log.level)?;
    let served = open_house(file, opening, (around, events.clone()), ready, material).await;
    // What was said last is often what matters most.
    if let Err(error) = tokio::task::spawn_blocking(move || events.flush(LAST_WORDS)).await {
        tracing::warn!(%error, "the last events are not written");
    }
    served
}

/// Builds everything, in order, and serves.
async fn open_house(
    file: &Path,
    opening: Opening,
    (around, events): (Surroundings, Events),
    ready: Option<oneshot::Sender<Ready>>,
    material: Material,
) -> Result<(), ServeError> {
    let Material { mut config, policies, places, languages, authority, files, warnings } = material;
    load::log_warnings(&warnings);
    let control = config.data_dir.join("guestgate.sock");
    let (predecessor, passed) = match opening {
        Opening::Fresh => (None, sockets::of_systemd()?),
        Opening::TakeOver => TakeOver::ask(&control).map(|(from, passed)| (Some(from), passed))?,
    };
    let sockets = Sockets::bind(&mut config, passed)?;
    if predecessor.is_none() {
        private_folder(&config.data_dir).map_err(|cause| ServeError::File(config.data_dir.clone(), cause))?;
        control::refuse_second(&control)?;
    }
    let data = Data::open(&config, &around).await?;
    warn_of_clashes(&*data.store, &config, around.clock.now()).await;
    let accepted = Accepted::of(&config.data_dir);
    let chosen = accepted.choose(policies, &super::universe(&config)).map_err(|report| ServeError::Files { report })?;
    let certificates = Certificates::load(&config)?;
    let metrics = Arc::new(Metrics::new(Build::THIS, around.clock.now())?);
    reload::tell_metrics(&metrics, &config, &certificates);
    let access = Arc::new(access_sink(&config)?);
    access.count_lost(metrics.log_lines_dropped(LogLabel::Access));
    events.count_lost(metrics.log_lines_dropped(LogLabel::Events));
    let keys = Arc::new(data.masters.ring(&config)?);
    let mailer = Arc::new(ArcSwap::from_pointee(Mailer::new(&config.mail, Arc::clone(&around.clock))?));
    let watched = reload::watched(file, &config);
    let live = Arc::new(Live::new(
        Snapshot::new(Arc::new(config), chosen.policies, 1)?.with_places(places).with_languages(languages).with_authority(authority),
        Arc::clone(&data.store),
        Bounds::default(),
    ));
    live.follow_trials(around.clock.now());
    match chosen.held {
        Some(version) => hold::tell(&live, version, around.clock.now()),
        None => accepted.keep(&files),
    }
    metrics.set_policies_held(chosen.held.is_some());
    let later = TaskTracker::new();
    let house = House {
        around,
        store: data.store,
        live,
        keys,
        metrics,
        access,
        events,
        later,
        certificates: Arc::new(CertificateResolver::new(certificates)?),
        mailer,
        tasks: Tasks::new(),
        supervisor: Arc::new(Supervisor::of_environment()),
    };
    house.serve(file, sockets, Doors { control, watched, predecessor, ready }).await
}

/// Says who has accesses that exclude each other: a rule does not end what was given before it.
async fn warn_of_clashes(store: &dyn Store, config: &Config, now: Timestamp) {
    match store.clashes(&config.exclusive, now).await {
        Ok(found) => {
            for (guest, clash) in found {
                tracing::warn!(guest = %guest.id, %clash, "a guest has accesses that exclude each other");
            }
        }
        Err(error) => tracing::warn!(error = causes(&error), "it cannot be seen who has accesses that exclude each other"),
    }
}

/// Everything that is built once and lives as long as the process.
pub(super) struct House {
    pub(super) around: Surroundings,
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) access: Arc<AccessSink>,
    pub(super) events: Events,
    pub(super) later: TaskTracker,
    pub(super) certificates: Arc<CertificateResolver>,
    pub(super) mailer: Arc<ArcSwap<Mailer>>,
    pub(super) tasks: Tasks,
    pub(super) supervisor: Arc<Supervisor>,
}

/// What is opened last.
struct Doors {
    control: PathBuf,
    watched: Vec<PathBuf>,
    predecessor: Option<TakeOver>,
    ready: Option<oneshot::Sender<Ready>>,
}

/// What lies in the data folder.
struct Data {
    masters: Masters,
    store: Arc<dyn Store>,
}

impl House {
    async fn serve(self, file: &Path, mut sockets: Sockets, mut doors: Doors) -> Result<(), ServeError> {
        let metrics = Arc::clone(&self.metrics);
        let hook = DelayHook::new(move |delay| metrics.revoked_after(delay));
        // Until it has gone round once, no session is known to be good: guests come in afterwards.
        self.live.catch_up(&*self.around.clock, &hook).await.map_err(ServeError::Feed)?;
        let feed = live::run(Arc::clone(&self.live), Arc::clone(&self.around.clock), hook, self.tasks.stop().clone());
        let reloader = reload::Reloader::new(file, &self, doors.watched.clone()).map_err(ServeError::Signals)?;
        let ending = Ending::default();
        let gone = CancellationToken::new();
        let signals = signals::listen(signals::Told { ending: ending.clone(), file: file.to_owned(), stop: self.tasks.stop().clone() })?;
        let control = sockets.control.take().map_or_else(|| control::bind(&doors.control), Ok)?;
        let kept = std::mem::take(&mut sockets.kept);
        let hand_over = Arc::new(HandOver::new(takeover::with_control(kept, &control).map_err(ServeError::Systemd)?, gone.clone()));
        let admin_at = sockets.admin_at;
        // Everything that can fail has not failed: from here on guests come in here, and nowhere else.
        if let Some(predecessor) = doors.predecessor.take() {
            predecessor.finish(&doors.control)?;
        }
        self.tasks.spawn("feed", feed);
        self.begin(reloader);
        let api = admin::for_bearers(self.admin());
        self.open(&mut sockets, control, &hand_over, api.clone());
        self.tasks.spawn("signals", signals);
        self.tasks.spawn("hand-over", retire(hand_over, ending.clone(), self.tasks.clone()));
        let parts = self.gateway(sockets.workers, api);
        self.tasks.spawn("watchdog", Arc::clone(&self.supervisor).watch(Arc::clone(&parts.pulse), self.tasks.retire().clone()));
        let told = Ready { https: sockets.ready, admin: admin_at, forward_auth: sockets.forward_auth, control: doors.control.clone() };
        let asked = told.forward_auth.as_ref().map(ToString::to_string).unwrap_or_default();
        tracing::info!(https = %listed(&told.https), admin = %told.admin, forward_auth = %asked, "gateway ready");
        self.supervisor.ready();
        if let Some(ready) = doors.ready {
            // Whoever asked may have gone.
            let _ = ready.send(told);
        }
        let served = gateway::run(parts, ending.clone()).await;
        self.end(&doors.control, &gone).await;
        Ok(served?)
    }

    /// Starts what this process does by itself.
    fn begin(&self, reloader: reload::Reloader) {
        let retire = self.tasks.retire();
        self.tasks
            .spawn("mail", courier::run(Arc::clone(&self.store), Arc::clone(&self.around.clock), Arc::clone(&self.mailer), retire.clone()));
        let upkeep = upkeep::Upkeep {
            store: Arc::clone(&self.store),
            live: Arc::clone(&self.live),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            anchor: self.anchor(),
        };
        self.tasks.spawn("upkeep", upkeep.run(retire.clone()));
        let lifecycle = lifecycle::Lifecycle {
            store: Arc::clone(&self.store),
            live: Arc::clone(&self.live),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
        };
        self.tasks.spawn("lifecycle", lifecycle::run(lifecycle, Arc::clone(&self.metrics), retire.clone()));
        let reviews = reviews::Reviews {
            store: Arc::clone(&self.store),
            live: Arc::clone(&self.live),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            metrics: Arc::clone(&self.metrics),
        };
        self.tasks.spawn("reviews", reviews::run(reviews, retire.clone()));
        let hooks = hooks::Hooks {
            store: Arc::clone(&self.store),
            live: Arc::clone(&self.live),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
        };
        self.tasks.spawn("hooks", hooks::run(hooks, retire.clone()));
        let (store, live, clock) = (Arc::clone(&self.store), Arc::clone(&self.live), Arc::clone(&self.around.clock));
        let (metrics, keys) = (Arc::clone(&self.metrics), Arc::clone(&self.keys));
        self.tasks.spawn("forward", forward::run(forward::Forwarding { store, live, clock, metrics, keys }, retire.clone()));
        self.tasks.spawn("reload", reloader.run(retire.clone()));
    }

    /// Opens the small listeners.
    fn open(&self, sockets: &mut Sockets, control: UnixListener, hand_over: &Arc<HandOver>, api: Router) {
        let (admin, retire) = (self.admin(), self.tasks.retire());
        if let Some(socket) = sockets.admin.take() {
            let both = portal_host::beside(admin::health(admin.clone()), api);
            let router = portal_host::on_an_address(both, Arc::clone(&self.around.entropy));
            self.tasks.spawn("admin", control::serve_tcp(socket, router, retire.clone()));
        }
        if let Some(socket) = sockets.http.take() {
            self.tasks.spawn("http", control::serve_tcp(socket, control::redirect(Arc::clone(&self.live)), retire.clone()));
        }
        let router = admin::api(admin, Actor::Machine).merge(hand_over.router());
        self.tasks.spawn("control", control::serve_unix(control, router, retire.clone()));
    }

    /// Waits for what is still to be written, and leaves.
    async fn end(&self, control: &Path, gone: &CancellationToken) {
        if !gone.is_cancelled() {
            self.supervisor.stopping();
        }
        self.later.close();
        self.later.wait().await;
        self.tasks.finish().await;
        self.store.close().await;
        let access = Arc::clone(&self.access);
        if let Err(error) = tokio::task::spawn_blocking(move || access.flush(LAST_WORDS)).await {
            tracing::warn!(%error, "the last lines of the access log are not written");
        }
        if !gone.is_cancelled() {
            // It is only in the way of the next start if it stays.
            let _ = std::fs::remove_file(control);
        }
        tracing::info!("gateway stopped");
    }

    fn admin(&self) -> AdminState {
        AdminState {
            live: Arc::clone(&self.live),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            metrics: Arc::clone(&self.metrics),
            from: None,
            patience: None,
            later: self.later.clone(),
        }
    }

    fn gateway(&self, listeners: Vec<Vec<Listener>>, api: Router) -> gateway::Parts {
        let portal = portal::router(PortalState {
            live: Arc::clone(&self.live),
            store: Arc::clone(&self.store),
            keys: Arc::clone(&self.keys),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            providers: Arc::default(),
            metrics: Arc::clone(&self.metrics),
            later: self.later.clone(),
        });
        let portal = portal.merge(admin::ui(UiState { admin: self.admin(), keys: Arc::clone(&self.keys) }));
        gateway::Parts {
            live: Arc::clone(&self.live),
            keys: Arc::clone(&self.keys),
            store: Arc::clone(&self.store),
            portal: tower::util::BoxCloneSyncService::new(portal_host::beside(portal, api)),
            metrics: Arc::clone(&self.metrics),
            access: Arc::clone(&self.access),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            slow: tokio::runtime::Handle::current(),
            certificates: Arc::clone(&self.certificates),
            pulse: Arc::new(Pulse::new(listeners.len())),
            listeners,
        }
    }

    fn anchor(&self) -> PathBuf {
        self.live.snapshot().config.data_dir.join("audit.anchor")
    }
}

impl Data {
    /// Opens the data folder: the master key, which is made for a new database, and the database.
    async fn open(config: &Config, around: &Surroundings) -> Result<Self, ServeError> {
        let Storage::Sqlite(database) = &config.storage;
        let masters = Masters::open(&config.data_dir, database, &around.entropy).await?;
        let keys = StoreKeys::derive(masters.current.bytes()).ok_or(ServeError::Derive)?;
        let opened = SqliteStore::open(database, keys, Arc::clone(&around.entropy)).await;
        let store = opened.map_err(|cause| ServeError::Store(database.clone(), cause))?;
        Ok(Self { masters, store: Arc::new(store) })
    }
}

/// Makes a folder that only we may enter; one that is there is left as it is.
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn access_sink(config: &Config) -> Result<AccessSink, ServeError> {
    let named = match &config.log.access {
        AccessTarget::Stdout => "stdout".into(),
        AccessTarget::File(path) => path.clone(),
    };
    AccessSink::open(&config.log.access).map_err(|cause| ServeError::File(named, cause))
}

fn listed(addresses: &[std::net::SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Once another process has taken over: nothing new is begun here, and what is open has until its deadline.
async fn retire(hand_over: Arc<HandOver>, ending: Ending, tasks: Tasks) {
    tokio::select! {
        () = ending.announced.cancelled() => {}
        () = hand_over.gone.cancelled() => {
            tracing::info!("gateway draining");
            tasks.retire().cancel();
            ending.announced.cancel();
        }
    }
    hand_over.close();
}
