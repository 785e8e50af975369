//! The whole file: its sections, and what must hold between them.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt::Display,
    hash::Hash,
    net::SocketAddr,
    path::PathBuf,
};

use super::{
    app::AppRead,
    fields::{Fields, Read},
    forward::Audit,
};
use crate::{
    base::{At, Exclusions, Host, Prefix, Severity, Span, yaml::Node},
    config::{
        App, Config, ConnectionLimits, DRAIN, Forward, GeoIp, Identity, InvitationTemplate, Invitations, Lifecycle, Listen, Log, Mail,
        Outbound, Place, Portal, Roles, Scheme, SessionCeilings, Storage, Tls, Upstream, UpstreamHost,
    },
};

/// What the sections say; a configuration once nothing is wrong.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) listen: Listen,
    pub(super) data_dir: PathBuf,
    pub(super) portal: Portal,
    pub(super) tls: Tls,
    pub(super) storage: Storage,
    pub(super) mail: Mail,
    pub(super) identity: Identity,
    pub(super) invitations: Invitations,
    pub(super) session: SessionCeilings,
    pub(super) roles: Roles,
    pub(super) outbound: Outbound,
    pub(super) lifecycle: Lifecycle,
    pub(super) templates: Vec<InvitationTemplate>,
    pub(super) exclusive: Exclusions,
    pub(super) policies: PathBuf,
    pub(super) hold_back: Option<u8>,
    pub(super) trusted_proxies: Vec<Prefix>,
    pub(super) geoip: GeoIp,
    pub(super) proxy_protocol: Vec<Prefix>,
    pub(super) limits: ConnectionLimits,
    pub(super) log: Log,
    pub(super) forwards: Vec<Forward>,
    pub(super) audit: Audit,
    pub(super) drain: Span,
    pub(super) apps: Vec<App>,
}

pub(super) const KNOWN: [&str; 25] = [
    "signals",
    "listen",
    "data_dir",
    "portal",
    "tls",
    "storage",
    "mail",
    "identity",
    "invitations",
    "session",
    "roles",
    "outbound",
    "lifecycle",
    "templates",
    "exclusive",
    "policies",
    "hold_back",
    "trusted_proxies",
    "geoip",
    "proxy_protocol",
    "limits",
    "log",
    "audit",
    "drain",
    "apps",
];

impl Read<'_> {
    pub(super) fn root(&mut self, node: &Node) -> Option<Parts> {
        let fields = self.fields(node, &KNOWN, &[])?;
        let data_dir = self.folder(&fields, "data_dir");
        let listen = self.or(fields.get("listen"), Listen::default(), Self::listen);
        let portal = self.section(&fields, "portal", "{ host: access.example.com }").and_then(|n| self.portal(n));
        let tls = self.section(&fields, "tls", "{ certificates: [{ cert: certs/example.pem, key: certs/example.key }] }");
        let tls = tls.and_then(|n| self.tls(n));
        let mail = self.section(&fields, "mail", "{ outbox: data/outbox }").and_then(|n| self.mail(n));
        let apps = self.section(&fields, "apps", "[{ id: charts, host: charts.example.com, upstream: …, owners: […] }]");
        let mut apps = apps.map(|n| self.apps(n)).unwrap_or_default();
        let identity = self.or(fields.get("identity"), Identity::default(), Self::identity);
        let roles = self.or(fields.get("roles"), Roles::default(), |r, n| r.roles(n, &apps));
        let said_by_provider = identity.providers.iter().any(|provider| provider.members && provider.groups.is_some());
        self.owned(&roles, said_by_provider, &mut apps);
        let mut audit = self.or(fields.get("audit"), Audit::default(), Self::audit);
        let forwards = self.places(&fields, &mut audit);
        self.between(&listen, portal.as_ref(), &fields, &apps);
        self.certified(tls.as_ref(), portal.as_ref(), &fields, &apps);
        let trusted_proxies = fields.get("trusted_proxies").map(|n| self.networks(n)).unwrap_or_default();
        if matches!(listen.forward_auth, Some(Place::Tcp(_))) && trusted_proxies.is_empty() {
            let help = "name the addresses that your proxy asks from in `trusted_proxies`, or listen on `unix:PATH`";
            self.error(fields.at("listen"), "nobody could ask on `forward_auth`: `trusted_proxies` is empty", help);
        }
        Some(Parts {
            storage: self.or(fields.get("storage"), Storage::Sqlite(data_dir.join("guestgate.db")), Self::storage),
            identity,
            invitations: self.or(fields.get("invitations"), Invitations::default(), Self::invitations),
            session: self.or(fields.get("session"), SessionCeilings::default(), Self::session),
            roles,
            outbound: self.or(fields.get("outbound"), Outbound::default(), Self::outbound),
            lifecycle: self.or(fields.get("lifecycle"), Lifecycle::default(), Self::lifecycle),
            templates: fields.get("templates").map(|n| self.invitation_templates(n, &apps)).unwrap_or_default(),
            exclusive: fields.get("exclusive").map(|n| self.exclusive(n, &apps)).unwrap_or_default(),
            policies: self.folder(&fields, "policies"),
            hold_back: self.or(fields.get("hold_back"), Some(Config::HOLD_BACK), Self::hold_back),
            trusted_proxies,
            geoip: self.or(fields.get("geoip"), GeoIp::default(), Self::geoip),
            proxy_protocol: fields.get("proxy_protocol").map(|n| self.networks(n)).unwrap_or_default(),
            limits: self.or(fields.get("limits"), ConnectionLimits::default(), Self::connection_limits),
            log: self.or(fields.get("log"), Log::default(), Self::log),
            forwards,
            audit,
            drain: self.or(fields.get("drain"), DRAIN, |r, n| r.span(n, Span::secs(1), Span::days(1))),
            apps: apps.into_iter().filter_map(|read| read.app).collect(),
            listen,
            data_dir,
            portal: portal?,
            tls: tls?,
            mail: mail?,
        })
    }

    /// A section that must be there.
    fn section<'n>(&mut self, fields: &Fields<'n>, key: &str, example: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            let help = format!("add `{key}: {example}`");
            self.reader.report.general(Severity::Error, Some(&self.reader.source.name), format!("`{key}` is missing"), Some(help));
        }
        found
    }

    fn apps(&mut self, node: &Node) -> Vec<AppRead> {
        self.some(node, "app").iter().filter_map(|element| self.app(element)).collect()
    }

    /// What must hold where certificates of guests are asked for.
    fn certified(&mut self, tls: Option<&Tls>, portal: Option<&Portal>, fields: &Fields<'_>, apps: &[AppRead]) {
        let Some(tls) = tls else { return };
        for at in apps.iter().filter_map(|app| app.asks).filter(|_| tls.client_ca.is_none()) {
            self.error(
                at,
                "nobody's certificate would count: `tls.client_ca` is missing",
                "add `client_ca: certs/partners-ca.pem` to `tls`",
            );
        }
        let Some(host) = &tls.certificate_host else { return };
        let taken =
            portal.map(|portal| &portal.host).into_iter().chain(apps.iter().filter_map(|app| app.host.as_ref()).map(|(host, _)| host));
        if taken.into_iter().any(|other| other == host) {
            let help = "browsers are asked for a certificate on every page of it, so it needs a host of its own";
            self.error(fields.at("tls"), format!("`certificate_host: {host}` is the host of the portal or of an app"), help);
        }
    }

    /// What must hold between apps, portal and listeners; of an app that is wrong, as much as could be read.
    fn between(&mut self, listen: &Listen, portal: Option<&Portal>, fields: &Fields<'_>, apps: &[AppRead]) {
        let (mut ids, mut hosts) = (HashMap::new(), HashMap::new());
        let apps_hosts = apps.iter().filter_map(|app| app.host.as_ref()).map(|(host, _)| host);
        let ours: HashSet<&str> = apps_hosts.chain(portal.map(|p| &p.host)).map(Host::as_str).collect();
        for read in apps {
            if let Some((id, at)) = &read.id {
                self.once(&mut ids, id, *at, "id");
            }
            if let Some((host, at)) = &read.host {
                self.once(&mut hosts, host, *at, "host");
                if portal.is_some_and(|portal| portal.host == *host) {
                    let help = format!("the portal needs a host of its own (line {})", fields.at("portal").line);
                    self.reader.error(*at, format!("`{host}` is the host of the portal"), Some(help));
                }
            }
            for (upstream, at) in &read.upstreams {
                if leads_back(upstream, listen, |name| ours.contains(name)) {
                    self.error(*at, format!("`{upstream}` is this gateway itself"), "name the address at which the app itself answers");
                }
            }
        }
    }

    /// Notes what an app is called; no other may be called so.
    fn once<'a, T: Eq + Hash + Display>(&mut self, seen: &mut HashMap<&'a T, At>, value: &'a T, at: At, what: &str) {
        match seen.entry(value) {
            Entry::Occupied(first) => {
                let help = format!("first on line {}", first.get().line);
                self.reader.error(at, format!("two apps have the {what} `{value}`"), Some(help));
            }
            Entry::Vacant(free) => {
                free.insert(at);
            }
        }
    }
}

/// Whether requests to an upstream would come back to us.
fn leads_back(upstream: &Upstream, listen: &Listen, ours: impl Fn(&str) -> bool) -> bool {
    let port = upstream.port;
    let mut bound = listen.https.iter().filter(|at| at.port() == port).map(SocketAddr::ip);
    match &upstream.host {
        UpstreamHost::Name(host) if ours(host.as_str()) => {
            bound.next().is_some() || listen.public_port == Some(port) || (upstream.scheme == Scheme::Https && port == 443)
        }
        UpstreamHost::Name(host) => host.as_str() == "localhost" && bound.any(|at| at.is_loopback() || at.is_unspecified()),
        UpstreamHost::Ip(ip) => bound.any(|at| *ip == at || (ip.is_loopback() && at.is_unspecified())),
    }
}
