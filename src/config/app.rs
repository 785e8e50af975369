//! What a configuration says of one protected application.

use super::{AnswerHeaders, AppInvitations, Identification, Image, Origin, Rewrite, SignUp, Size, Upstream};
use crate::base::{AppId, EmailAddress, Host, Name, PathGlob, PathRules, Reviewers, Span};

/// One protected application.
#[derive(Debug, Clone)]
pub struct App {
    /// How policies, commands and logs name it.
    pub id: AppId,
    /// How people name it.
    pub name: String,
    /// Shown beside its name.
    pub logo: Option<Image>,
    /// Its public host.
    pub host: Host,
    /// Where requests go, at least one.
    pub upstreams: Vec<Upstream>,
    /// Who decides about its guests: the addresses, those of the configured groups included.
    pub owners: Vec<EmailAddress>,
    /// Groups of members who do so as well.
    pub owner_groups: Vec<Name>,
    /// How it narrows what an invitation may be.
    pub invitations: AppInvitations,
    /// How it learns who the guest is.
    pub identity: Identification,
    /// What is changed on the way.
    pub rewrite: Rewrite,
    /// What browsers are told beside, or in place of, what it says.
    pub headers: AnswerHeaders,
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
    /// Whether trailers are passed on, both ways.
    pub grpc: bool,
    /// How its upstreams are asked whether they are well.
    pub health: Option<Health>,
    /// Whether a guest stays with one upstream.
    pub sticky: bool,
    /// When the app is not asked any more because it fails.
    pub breaker: Option<Breaker>,
    /// How people come to it by themselves; `None`: they do not.
    pub signup: Option<SignUp>,
    /// After how long a guest who does not use it is suspended.
    pub inactive_after: Option<Span>,
    /// How often somebody must say whether its accesses are still needed; `None`: never.
    pub review: Option<Recurring>,
    /// Whether browsers are asked for a certificate on its host.
    pub client_certificate: AskForCertificate,
}

/// Whether browsers are asked for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AskForCertificate {
    /// They are not.
    #[default]
    Never,
    /// They are, and come without one, too: policies say whether one is needed.
    Ask,
}

/// How upstreams are asked whether they are well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is asked for: a path, perhaps with a query.
    pub path: String,
    /// How often.
    pub every: Span,
    /// How long an answer may take.
    pub timeout: Span,
    /// Good answers in a row that bring an upstream back.
    pub healthy: u32,
    /// Bad ones that take it out.
    pub unhealthy: u32,
    /// The good statuses; where there are none, 200 to 399.
    pub status: Vec<u16>,
}

/// When an app is not asked any more because it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// After so many failures without a success in between.
    pub failures: u32,
    /// For so long; then one request is let through to see.
    pub wait: Span,
}

/// How often somebody must say whether accesses are still needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurring {
    /// From one opening to the next.
    pub every: Span,
    /// How long the reviewers have; what nobody answers for then ends.
    pub answer_within: Span,
    /// How long before the end they are reminded, the longest first.
    pub reminders: Vec<Span>,
    /// Who is asked.
    pub reviewers: Reviewers,
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
    /// Requests and WebSockets of the app at once.
    pub concurrent: u32,
    /// Connections to each of its upstreams.
    pub connections: u32,
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
            logo: None,
            id,
            host,
            upstreams: vec![upstream],
            owners: Vec::new(),
            owner_groups: Vec::new(),
            invitations: AppInvitations::default(),
            identity: Identification::default(),
            rewrite: Rewrite::default(),
            headers: AnswerHeaders::default(),
            limits: Limits::default(),
            websocket: WebSocket::default(),
            preflight: Preflight::default(),
            paths: PathRules::default(),
            policies: PolicyUse::default(),
            cross_origin: CrossOrigin::default(),
            public: Vec::new(),
            activity: Activity::default(),
            grpc: false,
            health: None,
            sticky: false,
            breaker: None,
            signup: None,
            inactive_after: None,
            review: None,
            client_certificate: AskForCertificate::default(),
        }
    }
}

impl Health {
    /// Whether an upstream that answers so is well.
    pub fn takes(&self, status: u16) -> bool {
        if self.status.is_empty() { (200..400).contains(&status) } else { self.status.contains(&status) }
    }
}

impl Default for Recurring {
    fn default() -> Self {
        Self {
            every: Span::days(90),
            answer_within: Span::days(14),
            reminders: vec![Span::days(7), Span::days(1)],
            reviewers: Reviewers::default(),
        }
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
            concurrent: 10_000,
            connections: 4_096,
        }
    }
}
