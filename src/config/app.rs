//! What a configuration says of one protected application.

use std::{fmt, net::IpAddr, str::FromStr};

use super::{Origin, Size, TrustAnchors};
use crate::base::{AppId, EmailAddress, Host, PathGlob, PathRules, Span};

/// One protected application.
#[derive(Debug, Clone)]
pub struct App {
    /// How policies, commands and logs name it.
    pub id: AppId,
    /// How people name it.
    pub name: String,
    /// Its public host.
    pub host: Host,
    /// Where requests go, at least one.
    pub upstreams: Vec<Upstream>,
    /// Who decides about its guests, at least one.
    pub owners: Vec<EmailAddress>,
    /// How it learns who the guest is.
    pub identity: Identification,
    /// What is changed on the way.
    pub rewrite: Rewrite,
    /// Paths that need no session.
    pub public: Vec<PathGlob>,
    /// Bounds of a request.
    pub limits: Limits,
    /// Whether and from where WebSockets are opened.
    pub websocket: WebSocket,
    /// Who answers CORS preflights.
    pub preflight: Preflight,
    /// How it reads paths.
    pub paths: PathRules,
    /// Whether policies restrict it.
    pub policies: PolicyUse,
    /// What happens to unsafe requests that other sites' pages send.
    pub cross_origin: CrossOrigin,
    /// What does not count as activity.
    pub activity: Activity,
}

/// What does not count as activity of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// Paths that pages ask for by themselves.
    pub ignore: Vec<PathGlob>,
}

/// Whether policies restrict an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PolicyUse {
    /// At least one policy must reach it.
    #[default]
    Required,
    /// `policies: none`: a grant alone lets in.
    None,
}

/// A server that requests are forwarded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// With or without TLS.
    pub scheme: Scheme,
    /// Name or address.
    pub host: UpstreamHost,
    /// Port.
    pub port: u16,
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
}

/// With or without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS, the certificate checked.
    Https,
}

/// Name or address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UpstreamHost {
    /// Resolved when connecting.
    Name(Host),
    /// As it is.
    Ip(IpAddr),
}

/// How an app learns who the guest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identification {
    /// Set beside `X-Forwarded-User`, `-Email` and `-Groups`.
    pub headers: Vec<IdentityHeader>,
    /// Whether `X-Guestgate-Assertion` is set.
    pub assertion: bool,
}

/// A header that carries one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeader {
    /// What it carries.
    pub fact: IdentityFact,
    /// Its name.
    pub name: HeaderName,
}

/// What an identity header can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityFact {
    /// The name that the app knows the guest by: the address.
    User,
    /// The address.
    Email,
    /// The shown name.
    Name,
    /// Groups, separated by commas.
    Groups,
    /// The grant's role in this app.
    Role,
    /// `guest` or `member`.
    Kind,
    /// The domain of the address.
    Organization,
    /// The guest's id, which stays when the address changes.
    Id,
}

/// The name of a header, spelt as the operator did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderName(Box<str>);

/// What is changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrite {
    /// Which `Host` the app sees.
    pub host: RewriteHost,
    /// Whether `Location` that names the upstream is made to name the public host.
    pub location: bool,
    /// Whether `Domain` of cookies that name the upstream is dropped.
    pub cookies: bool,
}

/// Which `Host` an app sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RewriteHost {
    /// The one that the browser asked for.
    #[default]
    Public,
    /// That of the upstream's URL.
    Upstream,
}

/// Bounds of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body.
    pub body: Size,
    /// Largest request head.
    pub head: Size,
    /// How long a connection to the upstream may take to open.
    pub connect: Span,
    /// How long the upstream may take to begin its answer.
    pub first_byte: Span,
    /// How long either side may stop in the middle of a request or an answer.
    pub timeout: Span,
    /// Silence after which a WebSocket or an event stream is closed.
    pub idle: Span,
}

/// Whether and from where WebSockets are opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WebSocket {
    /// Upgrades are refused.
    #[default]
    Off,
    /// From the app's own pages, and from these.
    On {
        /// Origins beside the app's own.
        origins: Vec<Origin>,
        /// What a session that may only read does.
        read_only: UnderReadOnly,
    },
}

/// Whether a session under `read-only` may open a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnderReadOnly {
    /// It may not: what a WebSocket says cannot be judged.
    #[default]
    Block,
    /// It may: the app's WebSockets change nothing.
    Allow,
}

/// Who answers CORS preflights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preflight {
    /// We do.
    #[default]
    Gateway,
    /// The app does; it sees them without identity.
    App,
}

/// What happens to unsafe requests that other sites' pages send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CrossOrigin {
    /// The app decides.
    #[default]
    Forward,
    /// 403.
    Refuse,
}

impl App {
    /// An app with one upstream and everything else by default, for tests and the like; the id is its name.
    pub fn with_defaults(id: AppId, host: Host, upstream: Upstream) -> Self {
        Self {
            name: id.to_string(),
            id,
            host,
            upstreams: vec![upstream],
            owners: Vec::new(),
            identity: Identification::default(),
            rewrite: Rewrite::default(),
            limits: Limits::default(),
            websocket: WebSocket::default(),
            preflight: Preflight::default(),
            paths: PathRules::default(),
            policies: PolicyUse::default(),
            cross_origin: CrossOrigin::default(),
            public: Vec::new(),
            activity: Activity::default(),
        }
    }
}

impl Upstream {
    /// A plain upstream at an address.
    pub fn plain(ip: IpAddr, port: u16) -> Self {
        Self { scheme: Scheme::Http, host: UpstreamHost::Ip(ip), port, ca: None }
    }

    /// `host:port`, the port left out where it is the scheme's own: the `Host` of requests to it.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

impl fmt::Display for UpstreamHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(host) => host.fmt(f),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// 80 or 443.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl IdentityFact {
    /// All of them, with the key that names each.
    pub const ALL: [(&'static str, Self); 8] = [
        ("user", Self::User),
        ("email", Self::Email),
        ("name", Self::Name),
        ("groups", Self::Groups),
        ("role", Self::Role),
        ("kind", Self::Kind),
        ("organization", Self::Organization),
        ("id", Self::Id),
    ];
}

impl HeaderName {
    /// As the operator spelt it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two names one to careless readers: lower case, everything but letters and digits as `-`.
    pub fn class(&self) -> String {
        self.0.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b.to_ascii_lowercase()) } else { '-' }).collect()
    }
}

/// The text cannot be the name of a header that carries identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderNameError {
    /// Not a token.
    #[error("`{0}` is not the name of a header")]
    Syntax(String),
    /// Means something else.
    #[error("the header `{0}` has a meaning of its own and cannot carry identity")]
    Taken(String),
}

/// Names (as [`HeaderName::class`] folds them) that frame messages, steer connections, carry credentials, or are set by the gateway itself.
const TAKEN: [&str; 30] = [
    "accept",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "if-match",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
    "x-request-id",
    "content-range",
];

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        // Stricter than a token: characters that some server reads as another are not worth having.
        let token = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !token || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(HeaderNameError::Syntax(text.to_owned()));
        }
        let name = Self(text.into());
        let class = name.class();
        let forwarded =
            class.strip_prefix("x-forwarded-").is_some_and(|rest| !matches!(rest, "user" | "email" | "groups" | "preferred-username"));
        if TAKEN.contains(&class.as_str()) || forwarded || class.starts_with("x-guestgate-") || class.starts_with("sec-") {
            return Err(HeaderNameError::Taken(text.to_owned()));
        }
        Ok(name)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for Identification {
    fn default() -> Self {
        Self { headers: Vec::new(), assertion: true }
    }
}

impl Default for Rewrite {
    fn default() -> Self {
        Self { host: RewriteHost::Public, location: true, cookies: true }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: Size::mib(100),
            head: Size::kib(32),
            connect: Span::secs(5),
            first_byte: Span::secs(60),
            timeout: Span::secs(60),
            idle: Span::hours(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_frames_or_authenticates_never_carries_identity() {
        for name in ["Content_Length", "Cookie", "Authorization", "X-Forwarded-For", "X_Guestgate_Assertion", "Host", "sec-fetch-site"] {
            assert_eq!(name.parse::<HeaderName>(), Err(HeaderNameError::Taken(name.to_owned())));
        }
        for name in ["", "X User", "X-Usér", "X:User", "-x", "X\r\nY"] {
            assert_eq!(name.parse::<HeaderName>(), Err(HeaderNameError::Syntax(name.to_owned())));
        }
        assert_eq!("X-Remote_User".parse::<HeaderName>().unwrap().class(), "x-remote-user");
    }

    #[test]
    fn an_upstream_reads_back_as_written() {
        let upstream = Upstream::plain("::1".parse().unwrap(), 8080);
        assert_eq!(upstream.to_string(), "http://[::1]:8080");
        assert_eq!(Upstream { port: 80, ..upstream }.to_string(), "http://[::1]");
    }
}
