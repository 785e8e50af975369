//! What a configuration is once it is right: the parts that concern the whole gateway.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use super::{
    Accent, App, ConnectionLimits, Fallback, Forward, Image, InvitationTemplate, Invitations, Lifecycle, Mailbox, Outbound, Provider,
    Roles, TrustAnchors,
};
use crate::base::{AppId, Digest, EmailAddress, Exclusions, Host, Kind, Name, Prefix, SecretText, Span};

/// Everything that `guestgate.yaml` says, defaults filled in, paths made absolute or relative to the working directory.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where we listen.
    pub listen: Listen,
    /// Database, master key, outbox, control socket.
    pub data_dir: PathBuf,
    /// The host of the guest pages.
    pub portal: Portal,
    /// Certificates.
    pub tls: Tls,
    /// Where guests and grants are kept.
    pub storage: Storage,
    /// How mail leaves.
    pub mail: Mail,
    /// Ways to prove who one is.
    pub identity: Identity,
    /// What an invitation may be.
    pub invitations: Invitations,
    /// The most that a session may last; policies only lower it.
    pub session: SessionCeilings,
    /// Members.
    pub roles: Roles,
    /// What connections of our own may reach.
    pub outbound: Outbound,
    /// What the gateway does by itself as time goes by.
    pub lifecycle: Lifecycle,
    /// What is prepared for invitations.
    pub templates: Vec<InvitationTemplate>,
    /// Accesses of which nobody may have more than one.
    pub exclusive: Exclusions,
    /// The folder of policy files.
    pub policies: PathBuf,
    /// New policies that would turn away more than so many in a hundred of the last hour's allowed requests wait for somebody to confirm
    /// them; `None`: never.
    pub hold_back: Option<u8>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Prefix>,
    /// Databases of where addresses are.
    pub geoip: GeoIp,
    /// Who must say by the PROXY protocol where a connection comes from.
    pub proxy_protocol: Vec<Prefix>,
    /// Bounds of connections.
    pub limits: ConnectionLimits,
    /// Logs.
    pub log: Log,
    /// Where the audit log goes besides its own place.
    pub forwards: Vec<Forward>,
    /// How long its entries are kept; `None`: for ever.
    pub audit_retention: Option<Span>,
    /// How long what is open may go on after another process has taken over, or after the end was asked for.
    pub drain: Span,
    /// The protected applications, at least one, ids and hosts unique.
    pub apps: Vec<Arc<App>>,
    /// Of the file's text: tells one configuration from another in logs and metrics.
    pub hash: Digest,
}

/// Databases of where addresses are, in MaxMind DB format. What a missing one would tell is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GeoIp {
    /// Countries.
    pub country: Option<PathBuf>,
    /// Autonomous systems.
    pub asn: Option<PathBuf>,
}

/// Where we listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// TLS: app hosts and the portal host. At least one address.
    pub https: Vec<SocketAddr>,
    /// Plain HTTP that only redirects; off by default.
    pub http: Option<SocketAddr>,
    /// Metrics and health, for the operator.
    pub admin: SocketAddr,
    /// Where other proxies ask whether a request may pass; off by default.
    pub forward_auth: Option<Place>,
    /// The port that guests' browsers use, where it is not that of the first of `https`. `serve` fills in the bound port.
    pub public_port: Option<u16>,
}

/// Where a listener without TLS is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On the network.
    Tcp(SocketAddr),
    /// In the file system; its mode says who may come in.
    Unix(PathBuf),
}

/// The portal host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// `access.example.com`.
    pub host: Host,
    /// What guests know it as.
    pub name: String,
    /// Whom guests may ask.
    pub support: Option<EmailAddress>,
    /// The tag of the language for whoever has named none that is known; English, where nothing is said.
    pub language: Option<String>,
    /// The folder of the operator's own texts.
    pub texts: Option<PathBuf>,
    /// At the head of each page.
    pub logo: Option<Image>,
    /// Of buttons and links.
    pub accent: Accent,
}

/// Certificates for the TLS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// At least one.
    pub certificates: Vec<CertificateFiles>,
    /// Who issues guests' certificates, in PEM; `None`: nobody is asked for one.
    pub client_ca: Option<PathBuf>,
    /// Which of those were revoked, in PEM.
    pub client_crl: Option<PathBuf>,
    /// The host where a guest signs in by certificate.
    pub certificate_host: Option<Host>,
}

/// A certificate chain and its key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, leaf first.
    pub cert: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

/// Where guests, grants and sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// One file on this machine.
    Sqlite(PathBuf),
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender.
    pub from: Mailbox,
    /// The way out.
    pub transport: MailTransport,
    /// The folder of the operator's own templates.
    pub templates: Option<PathBuf>,
}

/// The way that mail leaves by.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// A mail server.
    Smtp(Smtp),
    /// `.eml` files in this folder.
    Outbox(PathBuf),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Name or address, as certificates name it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// When TLS begins.
    pub security: SmtpSecurity,
    /// How we sign in there.
    pub login: Option<Login>,
    /// Whom the server's certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
}

/// When TLS begins on a connection to a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// `smtps://`: at once.
    Tls,
    /// `starttls://`: after STARTTLS, which must succeed.
    StartTls,
    /// `smtp://`: never; without a login or to this machine only.
    Plain,
}

/// A name and a password.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Arc<SecretText>,
}

/// Ways to prove who one is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Codes by mail.
    pub email_code: EmailCode,
    /// Whether guests may have passkeys.
    pub passkeys: bool,
    /// Whether guests may have an authenticator app.
    pub totp: bool,
    /// Partners' own providers.
    pub providers: Vec<Arc<Provider>>,
}

/// Codes by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailCode {
    /// How many digits, 6 to 12.
    pub digits: u8,
    /// How long a code works.
    pub lifetime: Span,
    /// Wrong entries after which it is void, 1 to 10.
    pub attempts: u8,
}

/// The most that a session may last; policies only lower it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionCeilings {
    /// Silence after which it ends.
    pub idle: Span,
    /// Age at which it ends.
    pub lifetime: Span,
    /// Whether the cookie may outlive the browser.
    pub persistent: bool,
}

/// Logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Where the access log goes.
    pub access: AccessTarget,
    /// How events are written.
    pub format: LogFormat,
    /// The least event that is written.
    pub level: LogLevel,
    /// Whether lines of the access log hold the facts that policies decided by: personal data, for `policy replay`.
    pub facts: bool,
}

/// Where the access log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessTarget {
    /// To standard output, beside the events.
    Stdout,
    /// To a file.
    File(PathBuf),
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading on a terminal.
    Text,
}

/// The least event that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Someone must act.
    Error,
    /// We coped.
    Warn,
    /// State changes.
    Info,
    /// Every request.
    Debug,
    /// Everything.
    Trace,
}

/// `drain` by default.
pub const DRAIN: Span = Span::secs(30);

impl Config {
    /// The share in a hundred at which new policies are held back, where nothing else is said.
    pub const HOLD_BACK: u8 = 25;

    /// A configuration for tests and the like: everything by default, mail to `data/outbox`.
    pub fn with_defaults(portal: Host, apps: Vec<App>) -> Self {
        let data_dir = PathBuf::from("data");
        let address = EmailAddress::parse(&format!("no-reply@{portal}"));
        let from = Mailbox { name: None, address: address.unwrap_or_else(|_| fallback_address()) };
        Self {
            listen: Listen::default(),
            storage: Storage::Sqlite(data_dir.join("guestgate.db")),
            mail: Mail { from, transport: MailTransport::Outbox(data_dir.join("outbox")), templates: None },
            data_dir,
            portal: Portal::named(portal),
            tls: Tls { certificates: Vec::new(), client_ca: None, client_crl: None, certificate_host: None },
            identity: Identity::default(),
            invitations: Invitations::default(),
            session: SessionCeilings::default(),
            roles: Roles::default(),
            outbound: Outbound::default(),
            lifecycle: Lifecycle::default(),
            templates: Vec::new(),
            exclusive: Exclusions::default(),
            policies: PathBuf::from("policies"),
            hold_back: Some(Self::HOLD_BACK),
            trusted_proxies: Vec::new(),
            geoip: GeoIp::default(),
            proxy_protocol: Vec::new(),
            limits: ConnectionLimits::default(),
            log: Log::default(),
            forwards: Vec::new(),
            audit_retention: None,
            drain: DRAIN,
            apps: apps.into_iter().map(Arc::new).collect(),
            hash: Digest::of(b""),
        }
    }

    /// The app with this id.
    pub fn app(&self, id: &AppId) -> Option<&Arc<App>> {
        self.apps.iter().find(|app| app.id == *id)
    }

    /// The app on this host (folded).
    pub fn app_by_host(&self, host: &str) -> Option<&Arc<App>> {
        self.apps.iter().find(|app| app.host.as_str() == host)
    }

    /// The port that stands in every URL we write.
    pub fn public_port(&self) -> u16 {
        self.listen.public_port.or_else(|| self.listen.https.first().map(SocketAddr::port)).unwrap_or(443)
    }

    /// `https://host`, with the public port where it is not 443: the one origin of one of our hosts.
    pub fn origin(&self, host: &Host) -> String {
        match self.public_port() {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }

    /// The keys whose change this process cannot follow without a restart.
    pub fn fixed_keys_changed(&self, new: &Self) -> Vec<&'static str> {
        let (old_at, new_at) = (&self.listen, &new.listen);
        let changed = [
            ("listen", Listen { public_port: None, ..old_at.clone() } != Listen { public_port: None, ..new_at.clone() }),
            ("storage", self.storage != new.storage),
            ("data_dir", self.data_dir != new.data_dir),
            ("portal.host", self.portal.host != new.portal.host),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key).collect()
    }

    /// Whether an address belongs to a member: somebody in `roles`, an owner of an app, or one whom a provider of members vouches for.
    pub fn is_member(&self, address: &EmailAddress) -> bool {
        self.has_office(address) || self.identity.provider_of(address).is_some_and(|provider| provider.members)
    }

    /// Whether an address is named in `roles`, or as an owner: whoever is can come to the members' pages.
    pub fn has_office(&self, address: &EmailAddress) -> bool {
        let named = |list: &[EmailAddress]| list.contains(address);
        let grouped = self.roles.groups.iter().any(|(_, members)| named(members));
        named(&self.roles.admins) || self.roles.inviter(address).is_some() || grouped || self.apps.iter().any(|app| named(&app.owners))
    }

    /// Whether a guest with this address may come to an app, by the rules of all apps and by its own.
    pub fn admits(&self, app: &App, address: &EmailAddress) -> bool {
        self.invitations.admits(address) && app.invitations.admits(address)
    }

    /// How long an access to an app lasts where nobody says so.
    pub fn access_for(&self, app: &AppId) -> Span {
        self.app(app).and_then(|app| app.invitations.access_for).unwrap_or(self.invitations.access_for)
    }

    /// How long an invitation to these apps works where nobody says so: as long as the shortest.
    pub fn invitation_lifetime<'a>(&self, apps: impl IntoIterator<Item = &'a AppId>) -> Span {
        let own = apps.into_iter().filter_map(|app| self.app(app)?.invitations.lifetime);
        own.fold(self.invitations.lifetime, Span::min)
    }

    /// Whether somebody with this address may come at all. The rules of invitations are about guests; members are those whom the
    /// configuration names now.
    pub fn welcomes(&self, kind: Kind, address: &EmailAddress) -> bool {
        match kind {
            Kind::Member => self.is_member(address),
            Kind::Guest => self.invitations.admits(address),
        }
    }
}

impl Portal {
    /// One that says nothing but its host.
    fn named(host: Host) -> Self {
        Self { name: host.to_string(), host, support: None, language: None, texts: None, logo: None, accent: Accent::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl LogLevel {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Stands where a portal host is too long to be part of an address.
fn fallback_address() -> EmailAddress {
    #[expect(clippy::expect_used, reason = "a constant that a test reads")]
    EmailAddress::parse("no-reply@localhost").expect("a mail address")
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            https: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8443))],
            http: None,
            admin: SocketAddr::from((Ipv4Addr::LOCALHOST, 9180)),
            forward_auth: None,
            public_port: None,
        }
    }
}

impl Default for Identity {
    fn default() -> Self {
        let email_code = EmailCode { digits: 8, lifetime: Span::mins(10), attempts: 5 };
        Self { email_code, passkeys: true, totp: true, providers: Vec::new() }
    }
}

impl Identity {
    /// The provider with this id.
    pub fn provider(&self, id: &Name) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == *id)
    }

    /// The provider that vouches for this address.
    pub fn provider_of(&self, address: &EmailAddress) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.covers(address))
    }

    /// The provider at which alone this address signs in.
    pub fn only_at(&self, address: &EmailAddress) -> Option<&Arc<Provider>> {
        self.provider_of(address).filter(|provider| provider.fallback == Fallback::Nothing)
    }
}

impl Default for SessionCeilings {
    fn default() -> Self {
        Self { idle: Span::hours(1), lifetime: Span::hours(12), persistent: false }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { access: AccessTarget::Stdout, format: LogFormat::Json, level: LogLevel::Info, facts: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_names_the_port_only_where_browsers_do() {
        let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), Vec::new());
        let host = config.portal.host.clone();
        assert_eq!(config.origin(&host), "https://access.example.com:8443");
        config.listen.public_port = Some(443);
        assert_eq!(config.origin(&host), "https://access.example.com");
    }

    #[test]
    fn what_no_address_is_found_in_is_local() {
        assert_eq!(fallback_address().domain(), "localhost");
    }

    #[test]
    fn listeners_and_storage_are_fixed_while_we_run_and_the_public_port_is_not() {
        let old = Config::with_defaults(Host::parse("access.example.com").unwrap(), Vec::new());
        let mut new = old.clone();
        new.listen.public_port = Some(443);
        new.portal.name = "Another".to_owned();
        assert!(old.fixed_keys_changed(&new).is_empty());
        new.listen.admin.set_port(1);
        new.storage = Storage::Sqlite("elsewhere.db".into());
        assert_eq!(old.fixed_keys_changed(&new), ["listen", "storage"]);
    }
}
