//! From a file name to a gateway that serves, and from a signal to its end.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Material, Ready, ServeError, Surroundings, control, courier,
    hold::{self, Accepted},
    load, reload,
    sockets::Sockets,
    tasks::Tasks,
    upkeep,
};
use crate::{
    admin::{self, AdminState},
    config::{AccessTarget, Config, Storage},
    directory::Actor,
    gateway::{self, CertificateResolver, Certificates, Listener},
    identity::{KeyRing, MasterKey},
    live::{self, Bounds, DelayHook, Live, Snapshot},
    observe::{AccessSink, Build, Metrics},
    outbound::Mailer,
    portal::{self, PortalState},
    store::{SqliteStore, Store, StoreKeys},
};

/// Serves what the file says until the process is asked to end. `ready` is told once guests can come in.
pub async fn run(file: &Path, around: Surroundings, ready: Option<oneshot::Sender<Ready>>) -> Result<(), ServeError> {
    let Material { mut config, policies, places, files, warnings } = load(file).map_err(|report| ServeError::Files { report })?;
    crate::observe::subscribe(config.log.format, config.log.level)?;
    for problem in warnings.iter() {
        tracing::warn!(problem = %problem, "the configuration looks odd");
    }
    let sockets = Sockets::bind(&mut config)?;
    let data = Data::open(&config, &around).await?;
    let accepted = Accepted::of(&config.data_dir);
    let chosen = accepted.choose(policies, &super::universe(&config)).map_err(|report| ServeError::Files { report })?;
    let certificates = Certificates::load(&config)?;
    let metrics = Arc::new(Metrics::new(Build::THIS, around.clock.now())?);
    reload::tell_metrics(&metrics, &config, &certificates);
    let access = access_sink(&config)?;
    let keys = Arc::new(KeyRing::new(&config.origin(&config.portal.host), &data.master, &[]).map_err(|_| ServeError::Derive)?);
    let mailer = Mailer::new(&config.mail, Arc::clone(&around.clock))?;
    let control = config.data_dir.join("guestgate.sock");
    let watched = reload::watched(file, &config);
    let live = Arc::new(Live::new(
        Snapshot::new(Arc::new(config), chosen.policies, 1)?.with_places(places),
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
        later,
        certificates: Arc::new(CertificateResolver::new(certificates)?),
        tasks: Tasks::new(),
    };
    house.serve(file, sockets, mailer, Doors { control, watched, ready }).await
}

/// Everything that is built once and lives as long as the process.
pub(super) struct House {
    pub(super) around: Surroundings,
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) access: Arc<AccessSink>,
    pub(super) later: TaskTracker,
    pub(super) certificates: Arc<CertificateResolver>,
    pub(super) tasks: Tasks,
}

/// What is opened last.
struct Doors {
    control: PathBuf,
    watched: Vec<PathBuf>,
    ready: Option<oneshot::Sender<Ready>>,
}

/// What lies in the data folder.
struct Data {
    master: MasterKey,
    store: Arc<dyn Store>,
}

impl House {
    async fn serve(self, file: &Path, sockets: Sockets, mailer: Mailer, doors: Doors) -> Result<(), ServeError> {
        let stop = self.tasks.stop().clone();
        let metrics = Arc::clone(&self.metrics);
        let hook = DelayHook::new(move |delay| metrics.revoked_after(delay));
        // Until it has gone round once, no session is known to be good: guests come in afterwards.
        self.live.catch_up(&*self.around.clock, &hook).await.map_err(ServeError::Feed)?;
        self.tasks.spawn("feed", live::run(Arc::clone(&self.live), Arc::clone(&self.around.clock), hook, stop.clone()));
        self.tasks.spawn("mail", courier::run(Arc::clone(&self.live), Arc::clone(&self.around.clock), mailer, stop.clone()));
        self.tasks.spawn("upkeep", upkeep::run(Arc::clone(&self.store), Arc::clone(&self.around.clock), self.anchor(), stop.clone()));
        let reloader = reload::Reloader::new(file, &self, doors.watched).map_err(ServeError::Signals)?;
        self.tasks.spawn("reload", reloader.run(stop.clone()));

        let admin = self.admin();
        let admin_at = sockets.admin.local_addr().map_err(|e| ServeError::Listen(([0, 0, 0, 0], 0).into(), e))?;
        self.tasks.spawn("admin", control::serve_tcp(sockets.admin, admin::health(admin.clone()), stop.clone()));
        if let Some(http) = sockets.http {
            self.tasks.spawn("http", control::serve_tcp(http, control::redirect(Arc::clone(&self.live)), stop.clone()));
        }
        let socket = control::bind(&doors.control)?;
        self.tasks.spawn("control", control::serve_unix(socket, admin::api(admin, Actor::Machine), stop.clone()));

        let end = CancellationToken::new();
        self.tasks.spawn("signals", signals(end.clone(), stop)?);
        let parts = self.gateway(sockets.workers);
        let told = Ready { https: sockets.ready, admin: admin_at, forward_auth: sockets.forward_auth, control: doors.control.clone() };
        let asked = told.forward_auth.as_ref().map(ToString::to_string).unwrap_or_default();
        tracing::info!(https = %listed(&told.https), admin = %told.admin, forward_auth = %asked, "gateway ready");
        if let Some(ready) = doors.ready {
            // Whoever asked may have gone.
            let _ = ready.send(told);
        }
        let served = gateway::run(parts, end).await;
        tracing::info!("gateway draining");
        self.later.close();
        self.later.wait().await;
        self.tasks.finish().await;
        self.store.close().await;
        // It is only in the way of the next start if it stays.
        let _ = std::fs::remove_file(&doors.control);
        tracing::info!("gateway stopped");
        Ok(served?)
    }

    fn admin(&self) -> AdminState {
        AdminState {
            live: Arc::clone(&self.live),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            metrics: Arc::clone(&self.metrics),
            later: self.later.clone(),
        }
    }

    fn gateway(&self, listeners: Vec<Vec<Listener>>) -> gateway::Parts {
        let portal = portal::router(PortalState {
            live: Arc::clone(&self.live),
            store: Arc::clone(&self.store),
            keys: Arc::clone(&self.keys),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            metrics: Arc::clone(&self.metrics),
            later: self.later.clone(),
        });
        gateway::Parts {
            live: Arc::clone(&self.live),
            keys: Arc::clone(&self.keys),
            store: Arc::clone(&self.store),
            portal: tower::util::BoxCloneSyncService::new(portal),
            metrics: Arc::clone(&self.metrics),
            access: Arc::clone(&self.access),
            clock: Arc::clone(&self.around.clock),
            entropy: Arc::clone(&self.around.entropy),
            slow: tokio::runtime::Handle::current(),
            certificates: Arc::clone(&self.certificates),
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
        let used = |path: &Path| {
            let path = path.to_owned();
            move |cause: io::Error| ServeError::File(path, cause)
        };
        private_folder(&config.data_dir).map_err(used(&config.data_dir))?;
        control::refuse_second(&config.data_dir.join("guestgate.sock"))?;
        let path = config.data_dir.join("master.key");
        let master = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && database.exists() => return Err(ServeError::KeyGone(path)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let mut bytes = vec![0; 32];
                around.entropy.fill(&mut bytes);
                write_private(&path, &bytes).map_err(used(&path))?;
                bytes
            }
            Err(cause) => return Err(ServeError::File(path, cause)),
        };
        let bytes: [u8; 32] = master.as_slice().try_into().map_err(|_| ServeError::Key(path.clone(), crate::identity::KeyError::Length))?;
        let keys = StoreKeys::derive(&bytes).ok_or(ServeError::Derive)?;
        let opened = SqliteStore::open(database, keys, Arc::clone(&around.entropy)).await;
        let store = opened.map_err(|cause| ServeError::Store(database.clone(), cause))?;
        Ok(Self { master: MasterKey::new(bytes), store: Arc::new(store) })
    }
}

/// Makes a folder that only we may enter; one that is there is left as it is.
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn access_sink(config: &Config) -> Result<Arc<AccessSink>, ServeError> {
    match &config.log.access {
        AccessTarget::Stdout => Ok(Arc::new(AccessSink::stdout())),
        AccessTarget::File(path) => AccessSink::file(path).map(Arc::new).map_err(|cause| ServeError::File(path.clone(), cause)),
    }
}

fn listed(addresses: &[std::net::SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Announces the end at SIGTERM and SIGINT.
fn signals(end: CancellationToken, stop: CancellationToken) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = stop.cancelled() => {}
        }
        end.cancel();
    })
}
