//! Follows the files: all of what they say takes effect, or nothing does.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_util::sync::CancellationToken;

use super::{
    Material,
    hold::{self, Accepted},
    load,
    start::House,
    watch::Changes,
};
use crate::{
    base::{Clock, Report},
    config::Config,
    gateway::{CertificateResolver, Certificates},
    live::{Live, Snapshot},
    observe::{AccessSink, Metrics, Outcome, ReloadWhat},
    policy::PolicyVersion,
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
    let places = config.geoip.country.iter().chain(&config.geoip.asn).cloned();
    [file.to_owned(), config.policies.clone()].into_iter().chain(certificates).chain(places).collect()
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
            clock: Arc::clone(&house.around.clock),
        })
    }

    /// Reloads at every change until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let confirmed = tokio::select! {
                () = self.changes.next() => None,
                version = self.live.confirmed() => Some(version),
                () = stop.cancelled() => return,
            };
            if let Err(error) = self.access.reopen() {
                tracing::error!(%error, "the access log cannot be opened again");
            }
            match self.reload(confirmed) {
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
                    for problem in report.iter() {
                        tracing::error!(problem = %problem, "a reload was refused, everything stays as it was");
                    }
                }
            }
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

    fn reload(&self, confirmed: Option<PolicyVersion>) -> Reloaded {
        let Material { mut config, policies, places, files, warnings } = match load(&self.file) {
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
        let certificates = match Certificates::load(&config) {
            Ok(certificates) => certificates,
            Err(error) => return Reloaded::Kept(said(&error)),
        };
        for problem in warnings.iter() {
            tracing::warn!(problem = %problem, "the configuration looks odd");
        }
        match Snapshot::new(Arc::new(config), policies, before.generation.saturating_add(1)) {
            Ok(snapshot) => {
                let accepted = Accepted::of(&snapshot.config.data_dir);
                if let Some(held) = hold::weigh(&self.live, &snapshot, confirmed, self.clock.now()) {
                    let version = held.version;
                    self.live.hold(Some(held));
                    self.metrics.set_policies_held(true);
                    accepted.hold(version);
                    return Reloaded::Held(version);
                }
                tell_metrics(&self.metrics, &snapshot.config, &certificates);
                let kept = |id: &str| snapshot.config.apps.iter().any(|app| app.id.as_str() == id);
                self.metrics.retain_apps(&kept);
                self.live.hold(None);
                self.metrics.set_policies_held(false);
                accepted.keep(&files);
                self.certificates.replace(certificates);
                self.live.replace(snapshot.with_places(places));
                self.live.follow_trials(self.clock.now());
                Reloaded::Replaced
            }
            Err(error) => Reloaded::Kept(said(&error)),
        }
    }
}

/// An error as a report.
fn said(error: &dyn std::error::Error) -> Report {
    let mut report = Report::new();
    report.general(crate::base::Severity::Error, None, error.to_string(), error.source().map(ToString::to_string));
    report
}
