//! The configuration and the policies in force, swapped whole.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use arc_swap::{ArcSwap, Cache};

use crate::{
    base::{AppId, Host, Source, Timestamp},
    config::{App, AskForCertificate, Config},
    identity::Authority,
    language::Languages,
    policy::{AppPolicies, Files, MethodsOffered, PolicySet, Sighting, Universe},
};

use super::Places;

/// The configuration and the policies in force.
#[derive(Debug)]
pub struct Snapshot {
    /// The configuration.
    pub config: Arc<Config>,
    /// The policies.
    pub policies: Arc<PolicySet>,
    /// Where addresses are.
    pub places: Places,
    /// What pages and mails say.
    pub languages: Arc<Languages>,
    /// Whose certificates of guests count; `None`: nobody's.
    pub authority: Option<Arc<Authority>>,
    /// Grows with each reload.
    pub generation: u64,
    /// The policies of the members' own pages.
    admin: Arc<AppPolicies>,
    apps: HashMap<AppId, Arc<LiveApp>>,
    hosts: HashMap<Box<str>, Arc<LiveApp>>,
}

/// An app and the policies that reach it.
#[derive(Debug)]
pub struct LiveApp {
    /// The app.
    pub app: Arc<App>,
    /// The policies.
    pub policies: Arc<AppPolicies>,
}

/// An app has no compiled policies; `policies: none` counts as some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no policies were built for the app `{0}`")]
pub struct NoPolicies(pub AppId);

/// One connection's way to the snapshot.
#[derive(Debug, Clone)]
pub struct Lens(Cache<Arc<ArcSwap<Snapshot>>, Arc<Snapshot>>);

impl Snapshot {
    /// Joins a configuration with the policies that were built for it.
    pub fn new(config: Arc<Config>, policies: Arc<PolicySet>, generation: u64) -> Result<Self, NoPolicies> {
        let mut apps = HashMap::with_capacity(config.apps.len());
        let mut hosts = HashMap::with_capacity(config.apps.len());
        for app in &config.apps {
            let rules = policies.app(&app.id).ok_or_else(|| NoPolicies(app.id.clone()))?;
            let live = Arc::new(LiveApp { app: Arc::clone(app), policies: Arc::clone(rules) });
            hosts.insert(app.host.as_str().into(), Arc::clone(&live));
            apps.insert(app.id.clone(), live);
        }
        let admin = of_admin(&policies)?;
        let (places, languages, authority) = (Places::default(), Arc::new(Languages::built_in()), None);
        Ok(Self { config, policies, places, languages, authority, generation, admin, apps, hosts })
    }

    /// The same with databases of where addresses are.
    #[must_use]
    pub fn with_places(self, places: Places) -> Self {
        Self { places, ..self }
    }

    /// The same with the operator's texts.
    #[must_use]
    pub fn with_languages(self, languages: Arc<Languages>) -> Self {
        Self { languages, ..self }
    }

    /// The same with whose certificates of guests count.
    #[must_use]
    pub fn with_authority(self, authority: Option<Arc<Authority>>) -> Self {
        Self { authority, ..self }
    }

    /// Whether browsers are asked for a certificate on this host.
    pub fn asks_for_certificate(&self, host: &Host) -> bool {
        let asks = |live: &Arc<LiveApp>| live.app.client_certificate == AskForCertificate::Ask;
        self.config.tls.certificate_host.as_ref() == Some(host) || self.app_by_host(host.as_str()).is_some_and(asks)
    }

    /// What is known of an address, for signals of risk.
    pub fn sighting(&self, ip: Option<IpAddr>, at: Timestamp) -> Sighting {
        let country = ip.and_then(|ip| self.places.of(ip).country);
        Sighting { ip, country, is_listed: ip.is_some_and(|ip| self.policies.is_risky(ip)), at }
    }

    /// The app with this id.
    pub fn app(&self, id: &AppId) -> Option<&Arc<LiveApp>> {
        self.apps.get(id)
    }

    /// The policies of an app, or of the members' own pages.
    pub fn policies_of(&self, id: &AppId) -> Option<&Arc<AppPolicies>> {
        if id.is_admin() { Some(&self.admin) } else { self.app(id).map(|live| &live.policies) }
    }

    /// The policies of the members' own pages.
    pub fn admin(&self) -> &Arc<AppPolicies> {
        &self.admin
    }

    /// The app on this host, which is folded.
    pub fn app_by_host(&self, host: &str) -> Option<&Arc<LiveApp>> {
        self.hosts.get(host)
    }

    /// All apps, in the order of the configuration.
    pub fn apps(&self) -> impl Iterator<Item = &Arc<LiveApp>> {
        self.config.apps.iter().filter_map(|app| self.apps.get(&app.id))
    }
}

/// What the members' own pages ask where no policy file speaks of them.
const OF_ADMIN: &str = "app: admin\npolicies:\n  - { name: two-factors, require: [mfa] }\n";

fn of_admin(policies: &PolicySet) -> Result<Arc<AppPolicies>, NoPolicies> {
    let id = AppId::admin();
    if let Some(own) = policies.app(&id) {
        return Ok(Arc::clone(own));
    }
    let files = Files { apps: vec![Source::new("admin.yaml", OF_ADMIN)], ..Files::default() };
    let methods = MethodsOffered { email: true, passkey: true, totp: true, client_certificate: true };
    let built = PolicySet::build(&files, &Universe { apps: None, methods, providers: Vec::new() });
    built.ok().and_then(|(set, _)| set.app(&id).map(Arc::clone)).ok_or(NoPolicies(id))
}

impl Lens {
    pub(super) fn new(snapshot: &Arc<ArcSwap<Snapshot>>) -> Self {
        Self(Cache::new(Arc::clone(snapshot)))
    }

    /// What is in force now.
    pub fn snapshot(&mut self) -> &Arc<Snapshot> {
        self.0.load()
    }
}
