//! Follows the files: all of what they say takes effect, or nothing does.
//!
//! Files are read, compiled and checked on a thread of their own; what workers notice is one pointer that has changed. What was in force
//! before is kept until nobody looks at it, so that no worker has to take ten thousand apps apart between two requests.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::{
    Material,
    hold::{self, Accepted},
    load,
    start::House,
    supervisor::Supervisor,
    watch::Changes,
};
use crate::{
    base::{Clock, Report},
    config::{Config, Upstream},
    gateway::{CertificateResolver, Certificates},
    identity::Authority,
    language::Languages,
    live::{Live, Places, Snapshot},
    observe::{AccessSink, Events, Metrics, Outcome, Prepared, ReloadWhat, causes},
    outbound::Mailer,
    policy::{PolicySet, PolicyVersion},
};

/// Reloads when files change.
pub(super) struct Reloader {
    file: PathBuf,
    watched: Vec<PathBuf>,
    changes: Changes,
    live: Arc<Live>,
    certificates: Arc<CertificateResolver>,
    metrics: Arc<Metrics>,
    access: Arc<AccessSink>,
    clock: Arc<dyn Clock>,
    events: Events,
    mailer: Arc<ArcSwap<Mailer>>,
    supervisor: Arc<Supervisor>,
    /// Snapshots that were in force.
    retired: Vec<Arc<Snapshot>>,
}

/// What came of a reload.
enum Reloaded {
    /// Everything is as the files say.
    Replaced,
    /// Everything is as it was.
    Kept(Report),
    /// Everything is as it was until somebody confirms the policies.
    Held(PolicyVersion),
}

/// The files and folders that a configuration consists of.
pub(super) fn watched(file: &Path, config: &Config) -> Vec<PathBuf> {
    let certificates = config.tls.certificates.iter().flat_map(|c| [c.cert.clone(), c.key.clone()]);
    let certificates = certificates.chain(config.tls.client_ca.clone()).chain(config.tls.client_crl.clone());
    let places = config.geoip.country.iter().chain(&config.geoip.asn).cloned();
    let upstreams = config.apps.iter().flat_map(|app| &app.upstreams).flat_map(Upstream::files).map(Path::to_owned);
    let texts = config.portal.texts.iter().chain(&config.mail.templates).cloned();
    [file.to_owned(), config.policies.clone()].into_iter().chain(texts).chain(certificates).chain(places).chain(upstreams).collect()
}

/// Tells monitoring what is in force.
pub(super) fn tell_metrics(metrics: &Metrics, config: &Config, certificates: &Certificates) {
    metrics.set_config_hash(&config.hash);
    metrics.set_certificate_expiry(certificates.expiries());
    for host in certificates.uncovered() {
        tracing::warn!(host = %host, "no certificate names this host, browsers will refuse it");
    }
}

impl Reloader {
    /// Watches from now on.
    pub(super) fn new(file: &Path, house: &House, watched: Vec<PathBuf>) -> std::io::Result<Self> {
        Ok(Self {
            file: file.to_owned(),
            changes: Changes::of(&watched)?,
            watched,
            live: Arc::clone(&house.live),
            certificates: Arc::clone(&house.certificates),
            metrics: Arc::clone(&house.metrics),
            access: Arc::clone(&house.access),
            events: house.events.clone(),
            mailer: Arc::clone(&house.mailer),
            supervisor: Arc::clone(&house.supervisor),
            retired: Vec::new(),
            clock: Arc::clone(&house.around.clock),
        })
    }

    /// Reloads at every change until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let forget = tokio::time::sleep(if self.retired.is_empty() { SELDOM } else { OFTEN });
            let confirmed = tokio::select! {
                () = self.changes.next() => None,
                version = self.live.confirmed() => Some(version),
                () = forget => {
                    self.retired.retain(|snapshot| Arc::strong_count(snapshot) > 1);
                    continue;
                }
                () = stop.cancelled() => return,
            };
            self.supervisor.reloading();
            let aside = tokio::task::spawn_blocking(move || {
                let reloaded = self.reload(confirmed);
                (self, reloaded)
            });
            let Ok((back, reloaded)) = aside.await else {
                tracing::error!("a reload panicked, files are not followed any more");
                return;
            };
            self = back;
            match reloaded {
                Reloaded::Replaced => {
                    self.metrics.reload(ReloadWhat::Config, Outcome::Success);
                    tracing::info!("configuration and policies reloaded");
                    self.follow();
                }
                Reloaded::Held(version) => {
                    self.metrics.reload(ReloadWhat::Policies, Outcome::Failure);
                    tracing::error!(%version, "new policies would turn many people away and wait for `guestgate policy apply --force`");
                }
                Reloaded::Kept(report) => {
                    self.metrics.reload(ReloadWhat::Config, Outcome::Failure);
                    // Whoever rotates logs has not changed a file.
                    if let Err(error) = self.access.reopen() {
                        tracing::error!(%error, "the access log cannot be opened again");
                    }
                    for problem in report.iter() {
                        tracing::error!(problem = %problem, "a reload was refused, everything stays as it was");
                    }
                }
            }
            self.supervisor.ready();
        }
    }

    /// Watches what the configuration names now.
    fn follow(&mut self) {
        let watched = watched(&self.file, &self.live.snapshot().config);
        if watched == self.watched {
            return;
        }
        match Changes::of(&watched) {
            Ok(changes) => (self.changes, self.watched) = (changes, watched),
            Err(error) => tracing::error!(%error, "newly named files are not watched, send SIGHUP after a change"),
        }
    }

    fn reload(&mut self, confirmed: Option<PolicyVersion>) -> Reloaded {
        let Material { mut config, policies, places, languages, authority, files, warnings } = match load(&self.file) {
            Ok(material) => material,
            Err(report) => return Reloaded::Kept(report),
        };
        let before = self.live.snapshot();
        let fixed = before.config.fixed_keys_changed(&config);
        if !fixed.is_empty() {
            tracing::warn!(keys = fixed.join(", "), "these keys take effect with the next start");
        }
        config.listen = before.config.listen.clone();
        config.storage = before.config.storage.clone();
        // It stands in every token, and in what apps check.
        config.portal.host = before.config.portal.host.clone();
        config.data_dir.clone_from(&before.config.data_dir);
        match self.build(config, (policies, places, languages, authority), before.generation.saturating_add(1)) {
            Ok(built) => {
                load::log_warnings(&warnings);
                let accepted = Accepted::of(&built.snapshot.config.data_dir);
                if let Some(held) = hold::weigh(&self.live, &built.snapshot, confirmed, self.clock.now()) {
                    let version = held.version;
                    self.live.hold(Some(held));
                    self.metrics.set_policies_held(true);
                    accepted.hold(version);
                    return Reloaded::Held(version);
                }
                self.live.hold(None);
                self.metrics.set_policies_held(false);
                accepted.keep(&files);
                self.put(built);
                self.retired.push(before);
                Reloaded::Replaced
            }
            Err(error) => Reloaded::Kept(said(&*error)),
        }
    }

    /// Everything that can fail, with nothing changed yet.
    fn build(
        &self,
        config: Config,
        (policies, places, languages, authority): (Arc<PolicySet>, Places, Arc<Languages>, Option<Arc<Authority>>),
        generation: u64,
    ) -> Result<Built, Box<dyn std::error::Error>> {
        let certificates = Certificates::load(&config)?;
        let mailer = Mailer::new(&config.mail, Arc::clone(&self.clock))?;
        let access = self.access.prepare(&config.log.access)?;
        let snapshot = Snapshot::new(Arc::new(config), policies, generation)?;
        let snapshot = snapshot.with_places(places).with_languages(languages).with_authority(authority);
        Ok(Built { certificates, mailer, access, snapshot })
    }

    /// Puts it in force.
    fn put(&self, built: Built) {
        let Built { certificates, mailer, access, snapshot } = built;
        let config = Arc::clone(&snapshot.config);
        self.access.follow(access);
        if let Err(error) = self.events.change(config.log.format, config.log.level) {
            tracing::error!(error = causes(&error), "events are written as before");
        }
        tell_metrics(&self.metrics, &config, &certificates);
        self.mailer.store(Arc::new(mailer));
        self.certificates.replace(certificates);
        self.live.replace(snapshot);
        self.live.follow_trials(self.clock.now());
        let known: HashSet<&str> = config.apps.iter().map(|app| app.id.as_str()).collect();
        self.metrics.retain_apps(&|id| known.contains(id));
    }
}

/// What a reload puts in force.
struct Built {
    certificates: Certificates,
    mailer: Mailer,
    access: Prepared,
    snapshot: Snapshot,
}

/// How often it is looked whether somebody still uses a snapshot that was replaced.
const OFTEN: Duration = Duration::from_secs(1);
const SELDOM: Duration = Duration::from_secs(3_600);

/// An error as a report.
fn said(error: &dyn std::error::Error) -> Report {
    let mut report = Report::new();
    report.general(crate::base::Severity::Error, None, error.to_string(), error.source().map(ToString::to_string));
    report
}
