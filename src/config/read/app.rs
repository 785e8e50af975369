//! One entry of `apps:`.

use super::fields::Read;
use crate::{
    base::{
        AppId, At, CaseRule, Encoding, Host, KeepRule, MergeRule, Name, ParameterRule, PathGlob, PathRules, SlashRule, Span, yaml::Node,
    },
    config::{
        Activity, AnswerHeaders, App, AppInvitations, AskForCertificate, CrossOrigin, Identification, Limits, PolicyUse, Preflight,
        Rewrite, Size, UnderReadOnly, Upstream, WebSocket,
    },
};

/// What could be read of an app, and where.
#[derive(Debug)]
pub(super) struct AppRead {
    pub(super) id: Option<(AppId, At)>,
    pub(super) host: Option<(Host, At)>,
    pub(super) upstreams: Vec<(Upstream, At)>,
    /// The groups that own it, and where they are named.
    pub(super) owner_groups: Vec<(Name, At)>,
    /// Where it says that certificates are asked for.
    pub(super) asks: Option<At>,
    /// The whole, if all that is needed could be read.
    pub(super) app: Option<App>,
}

pub(super) const KNOWN: [&str; 26] = [
    "id",
    "name",
    "logo",
    "host",
    "upstream",
    "owners",
    "invitations",
    "identity",
    "rewrite",
    "headers",
    "limits",
    "websocket",
    "preflight",
    "paths",
    "policies",
    "cross_origin",
    "public",
    "activity",
    "grpc",
    "health",
    "sticky",
    "breaker",
    "signup",
    "inactive_after",
    "review",
    "client_certificate",
];
const LATER: [&str; 2] = ["session", "geoip"];

/// Ids that mean something else: the administrators' pages, and every app.
const RESERVED: [&str; 2] = ["admin", "all"];

impl Read<'_> {
    pub(super) fn app(&mut self, node: &Node) -> Option<AppRead> {
        let fields = self.fields(node, &KNOWN, &LATER)?;
        let id = self.required(&fields, "this app", "id", "charts").and_then(|n| self.app_id(n));
        let host = self.required(&fields, "this app", "host", "charts.example.com");
        let host: Option<Host> = host.and_then(|n| self.reader.parsed(n));
        let upstream = self.required(&fields, "this app", "upstream", "http://10.0.0.5:8080");
        let upstreams = upstream.map(|n| self.upstreams(n)).unwrap_or_default();
        let owners = self.required(&fields, "this app", "owners", "[owner@example.com]");
        let owners = owners.map(|n| self.owners(n)).unwrap_or_default();
        let invitations = self.or(fields.get("invitations"), AppInvitations::default(), Self::app_invitations);
        let name = fields.get("name").and_then(|n| self.line(n));
        let logo = fields.get("logo").and_then(|n| self.logo(n));
        let identity = self.or(fields.get("identity"), Identification::default(), Self::identification);
        let rewrite = self.or(fields.get("rewrite"), Rewrite::default(), Self::rewrite);
        let headers = self.or(fields.get("headers"), AnswerHeaders::default(), Self::answer_headers);
        let limits = self.or(fields.get("limits"), Limits::default(), Self::limits);
        let websocket = self.or(fields.get("websocket"), WebSocket::default(), Self::websocket);
        let preflight = [("gateway", Preflight::Gateway), ("app", Preflight::App)];
        let preflight = self.or(fields.get("preflight"), Preflight::default(), |r, n| r.choice(n, &preflight));
        let paths = self.or(fields.get("paths"), PathRules::default(), Self::path_rules);
        let policies = self.or(fields.get("policies"), PolicyUse::default(), |r, n| r.choice(n, &[("none", PolicyUse::None)]));
        let cross_origin = [("forward", CrossOrigin::Forward), ("refuse", CrossOrigin::Refuse)];
        let cross_origin = self.or(fields.get("cross_origin"), CrossOrigin::default(), |r, n| r.choice(n, &cross_origin));
        let public = fields.get("public").map(|n| self.globs(n, &paths)).unwrap_or_default();
        let activity = fields.get("activity").map(|n| self.activity(n, &paths)).unwrap_or_default();
        let grpc = self.or(fields.get("grpc"), false, |r, n| r.reader.boolean(n));
        let health = fields.get("health").and_then(|n| self.health(n));
        let sticky = self.or(fields.get("sticky"), false, |r, n| r.reader.boolean(n));
        let breaker = fields.get("breaker").and_then(|n| self.breaker(n));
        let signup = fields.get("signup").and_then(|n| self.signup(n));
        let inactive_after = fields.get("inactive_after").and_then(|n| self.span(n, Span::hours(1), Span::days(3_650)));
        let review = fields.get("review").and_then(|n| self.review(n));
        let asks = [("never", AskForCertificate::Never), ("ask", AskForCertificate::Ask)];
        let client_certificate = self.or(fields.get("client_certificate"), AskForCertificate::default(), |r, n| r.choice(n, &asks));
        let asks = fields.get("client_certificate").filter(|_| client_certificate == AskForCertificate::Ask).map(|node| node.at);
        let at = |key: &str| fields.at(key);
        let app = id.clone().zip(host.clone()).map(|(id, host)| App {
            name: name.unwrap_or_else(|| id.to_string()),
            logo,
            id,
            host,
            upstreams: upstreams.iter().map(|(upstream, _)| upstream.clone()).collect(),
            owners: owners.addresses,
            owner_groups: owners.groups.iter().map(|(group, _)| group.clone()).collect(),
            invitations,
            identity,
            rewrite,
            headers,
            public,
            limits,
            websocket,
            preflight,
            paths,
            policies,
            cross_origin,
            activity,
            grpc,
            health,
            sticky,
            breaker,
            signup,
            inactive_after,
            review,
            client_certificate,
        });
        Some(AppRead {
            id: id.map(|id| (id, at("id"))),
            host: host.map(|host| (host, at("host"))),
            upstreams,
            owner_groups: owners.groups,
            asks,
            app,
        })
    }

    /// Patterns of paths, read as the app reads paths.
    fn globs(&mut self, node: &Node, rules: &PathRules) -> Vec<PathGlob> {
        let mut globs = Vec::new();
        for element in self.elements(node) {
            let Some(text) = self.reader.text(element) else { continue };
            match PathGlob::parse(text, rules) {
                Ok(glob) => globs.push(glob),
                Err(cause) => self.error(element.at, format!("`{text}` is not a path pattern: {cause}"), None),
            }
        }
        globs
    }

    fn activity(&mut self, node: &Node, rules: &PathRules) -> Activity {
        let Some(fields) = self.fields(node, &["ignore"], &[]) else { return Activity::default() };
        Activity { ignore: fields.get("ignore").map(|n| self.globs(n, rules)).unwrap_or_default() }
    }

    fn app_id(&mut self, node: &Node) -> Option<AppId> {
        let id: AppId = self.reader.parsed(node)?;
        if RESERVED.contains(&id.as_str()) {
            self.error(node.at, format!("the id `{id}` is reserved"), "choose another");
            return None;
        }
        Some(id)
    }

    fn limits(&mut self, node: &Node) -> Option<Limits> {
        let fields = self.fields(node, &["body", "head", "connect", "first_byte", "timeout", "idle", "concurrent", "connections"], &[])?;
        let usual = Limits::default();
        let wait = |r: &mut Self, n: &Node| r.span(n, Span::secs(1), Span::hours(1));
        let timeout = self.or(fields.get("timeout"), usual.timeout, wait);
        Some(Limits {
            body: self.or(fields.get("body"), usual.body, |r, n| r.size(n, Size::bytes(0), Size::mib(1 << 20))),
            head: self.or(fields.get("head"), usual.head, |r, n| r.size(n, Size::kib(4), Size::kib(256))),
            connect: self.or(fields.get("connect"), usual.connect, wait),
            // Whoever allows a slow app one number means its first byte too.
            first_byte: self.or(fields.get("first_byte"), timeout, wait),
            timeout,
            idle: self.or(fields.get("idle"), usual.idle, |r, n| r.span(n, Span::secs(1), Span::days(7))),
            concurrent: self.or(fields.get("concurrent"), usual.concurrent, |r, n| r.count(n, 1, 1_000_000)),
            connections: self.or(fields.get("connections"), usual.connections, |r, n| r.count(n, 1, 1_000_000)),
        })
    }

    /// `true`, `false`, or `{ origins, read_only }`.
    fn websocket(&mut self, node: &Node) -> Option<WebSocket> {
        if node.as_scalar().is_some() {
            let on = self.reader.boolean(node)?;
            let opened = WebSocket::On { origins: Vec::new(), read_only: UnderReadOnly::default() };
            return Some(if on { opened } else { WebSocket::Off });
        }
        let fields = self.fields(node, &["origins", "read_only"], &[])?;
        let words = [("allow", UnderReadOnly::Allow), ("block", UnderReadOnly::Block)];
        Some(WebSocket::On {
            origins: fields.get("origins").map(|n| self.list_of(n)).unwrap_or_default(),
            read_only: self.or(fields.get("read_only"), UnderReadOnly::default(), |r, n| r.choice(n, &words)),
        })
    }

    fn path_rules(&mut self, node: &Node) -> Option<PathRules> {
        let keys = ["encoded_slash", "backslash", "empty_segments", "parameters", "encoding", "case"];
        let fields = self.fields(node, &keys, &[])?;
        let slash = [("refuse", SlashRule::Refuse), ("keep", SlashRule::Keep), ("decode", SlashRule::Decode)];
        let backslash = [("refuse", KeepRule::Refuse), ("keep", KeepRule::Keep)];
        let empty = [("refuse", MergeRule::Refuse), ("keep", MergeRule::Keep), ("merge", MergeRule::Merge)];
        let parameters = [("drop", ParameterRule::Drop), ("keep", ParameterRule::Keep), ("refuse", ParameterRule::Refuse)];
        let encoding = [("utf-8", Encoding::Utf8), ("latin-1", Encoding::Latin1)];
        let case = [("sensitive", CaseRule::Sensitive), ("insensitive", CaseRule::Insensitive)];
        Some(PathRules {
            encoded_slash: self.or(fields.get("encoded_slash"), SlashRule::default(), |r, n| r.choice(n, &slash)),
            backslash: self.or(fields.get("backslash"), KeepRule::default(), |r, n| r.choice(n, &backslash)),
            empty_segments: self.or(fields.get("empty_segments"), MergeRule::default(), |r, n| r.choice(n, &empty)),
            parameters: self.or(fields.get("parameters"), ParameterRule::default(), |r, n| r.choice(n, &parameters)),
            encoding: self.or(fields.get("encoding"), Encoding::default(), |r, n| r.choice(n, &encoding)),
            case: self.or(fields.get("case"), CaseRule::default(), |r, n| r.choice(n, &case)),
        })
    }
}
