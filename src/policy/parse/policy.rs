//! The files of apps, and the policies in them.

use std::sync::Arc;

use crate::base::{
    At, Report, Source,
    yaml::{self, Entry, Node, Reader, Scalar},
};

use super::{
    super::{
        ast::{Apps, Cond, Policy, State},
        outcome::SessionLimits,
        require::Requirement,
        words::{Bind, Bound, Downloads},
    },
    Parser,
    condition::{Scope, hyphened},
};

/// A file whose head was read: for which apps it is.
pub(in super::super) struct AppFile {
    pub(in super::super) source: Source,
    pub(in super::super) root: Node,
    pub(in super::super) apps: Apps,
    /// Where the apps are named, one place an app.
    pub(in super::super) named_at: Vec<At>,
}

/// Reads the head of a file.
pub(in super::super) fn app_file(source: &Source, report: &mut Report) -> Option<AppFile> {
    let Some(root) = yaml::parse(source, report) else {
        if !report.iter().any(|p| p.file.as_deref() == Some(&source.name)) {
            report.general(
                crate::base::Severity::Error,
                Some(&source.name),
                "the file is empty",
                Some("remove it, or write `app:` and `policies:`".to_owned()),
            );
        }
        return None;
    };
    let mut read = Reader::new(source, report);
    let entries = read.map(&root, &["app", "apps", "policies", "tests"])?;
    let (apps, named_at) = match (root.entry("app"), root.entry("apps")) {
        (Some(app), None) => {
            let at = app.at;
            (Apps::These(read.parsed(app).into_iter().collect()), vec![at])
        }
        (None, Some(apps)) if apps.as_scalar().is_some_and(|s| s.text == "all") => (Apps::All, vec![apps.at]),
        (None, Some(apps)) => {
            let nodes = read.list(apps).unwrap_or_default();
            let named: Vec<_> = nodes.iter().filter_map(|n| Some((read.parsed(n)?, n.at))).collect();
            let (ids, places) = named.into_iter().unzip();
            (Apps::These(ids), places)
        }
        (Some(_), Some(apps)) => {
            read.error(apps.at, "`app` and `apps` cannot stand together", None);
            return None;
        }
        (None, None) => {
            let at = entries.first().map_or(root.at, |e| e.at);
            read.error(at, "the file does not say for which app it is", Some("write `app: name` or `apps: all`".to_owned()));
            return None;
        }
    };
    if root.entry("policies").is_none() {
        let at = entries.first().map_or(root.at, |e| e.at);
        read.error(at, "the file has no `policies`", Some("tests alone belong into `tests/`".to_owned()));
    }
    Some(AppFile { source: source.clone(), root, apps, named_at })
}

/// Reads the policies of a file, each with the place of its name.
pub(in super::super) fn policies(parser: &mut Parser<'_>, root: &Node) -> Vec<(At, Policy)> {
    let Some(node) = root.entry("policies") else { return Vec::new() };
    parser.each(node, Parser::policy)
}

const KEYS: [&str; 9] = ["name", "description", "state", "for", "when", "unless", "block", "require", "session"];

pub(super) const SESSION: [&str; 8] =
    ["idle", "lifetime", "sign-in-frequency", "persistent", "read-only", "concurrent", "bind", "downloads"];

/// What `session` says: limits, and what is a requirement in another spelling.
type Session = (SessionLimits, Option<Requirement>);

impl Parser<'_> {
    fn policy(&mut self, node: &Node) -> Option<(At, Policy)> {
        let entries = self.read.map(node, &KEYS)?;
        let start = entries.first().map_or(node.at, |e| e.at);
        let name_node = node.entry("name");
        if name_node.is_none() {
            self.read.error(start, "the policy has no `name`", None);
        }
        let name = name_node.and_then(|n| self.policy_name(n));
        let block: Option<Arc<str>> = node.entry("block").and_then(|n| self.message(n));
        let mut require = node.entry("require").map_or_else(Vec::new, |n| self.each(n, Self::requirement));
        let (session, again) = node.entry("session").map_or_else(Session::default, |n| self.session(n));
        if let Some(entry) = entries.iter().find(|e| e.key == "block")
            && (node.entry("require").is_some() || again.is_some())
        {
            let help = "make two policies of it".to_owned();
            self.read.error(entry.at, "`block` and a requirement cannot stand together", Some(help));
        }
        if ["block", "require", "session"].iter().all(|key| node.entry(key).is_none()) {
            self.read.error(start, "the policy does nothing", Some("say `block`, `require` or `session`".to_owned()));
        }
        require.extend(again);
        let policy = Policy {
            state: node.entry("state").map_or(State::Enforced, |n| self.state(n)),
            description: node.entry("description").and_then(|n| self.read.text(n)).map(Arc::from),
            principal: node.entry("for").map_or(Cond::ALWAYS, |n| self.principal(n)),
            when: node.entry("when").map_or(Cond::ALWAYS, |n| self.condition(n, Scope::When)),
            unless: node.entry("unless").map_or(Cond::NEVER, |n| self.condition(n, Scope::Unless)),
            name: name?,
            block,
            require,
            session,
        };
        Some((name_node.map_or(start, |n| n.at), policy))
    }

    fn policy_name(&mut self, node: &Node) -> Option<crate::base::Name> {
        let text = self.read.text(node)?;
        let name = hyphened(text);
        if name.is_err() {
            let help = "use 1 to 64 of a-z, 0-9 and `-`, and begin with a letter or digit".to_owned();
            self.read.error(node.at, format!("`{text}` cannot be the name of a policy"), Some(help));
        }
        name.ok()
    }

    fn message(&mut self, node: &Node) -> Option<Arc<str>> {
        let text = self.read.text(node)?;
        if text.trim().is_empty() {
            self.read.error(node.at, "the message is empty", Some("tell the person why, and what helps".to_owned()));
        }
        Some(text.into())
    }

    fn state(&mut self, node: &Node) -> State {
        let states = [State::Enforced, State::ReportOnly, State::Off];
        // `off` is a word of the language here, so it needs no quotes.
        if let Some(Scalar { text, .. }) = node.as_scalar()
            && let Some(state) = states.iter().find(|s| s.as_str() == text)
        {
            return *state;
        }
        if let Some(Scalar { text, .. }) = node.as_scalar().filter(|s| !s.is_null()) {
            self.read.unknown("state", text, node.at, &states.map(State::as_str));
            return State::Off;
        }
        self.word(node, "state", &states.map(|s| (s.as_str(), s))).unwrap_or_default()
    }

    fn session(&mut self, node: &Node) -> Session {
        let (mut limits, mut again) = Session::default();
        for Entry { key, value, .. } in self.read.map(node, &SESSION).unwrap_or_default() {
            match key.as_str() {
                "idle" => limits.idle = self.span(value),
                "lifetime" => limits.lifetime = self.span(value),
                "sign-in-frequency" => again = self.span(value).map(Requirement::FreshSignIn),
                "persistent" => limits.persistent = self.read.boolean(value),
                "read-only" => limits.read_only = self.read.boolean(value) == Some(true),
                "concurrent" => limits.concurrent = self.concurrent(value),
                "bind" => limits.bind = self.bind(value),
                "downloads" => limits.downloads = self.downloads(value),
                // Said already.
                _ => {}
            }
        }
        (limits, again)
    }

    /// How many sessions at a time.
    pub(super) fn concurrent(&mut self, node: &Node) -> Option<u32> {
        let number = self.read.integer(node);
        if number == Some(0) {
            self.read.error(node.at, "no session at all is none", Some("say `block` if nobody shall get in".to_owned()));
        }
        number.filter(|n| *n > 0)
    }

    pub(super) fn bind(&mut self, node: &Node) -> Bind {
        let words = Bound::ALL.map(|b| (b.as_str(), b));
        Bind::of(&self.each(node, |p, n| p.word(n, "bond of a session", &words)))
    }

    pub(super) fn downloads(&mut self, node: &Node) -> Downloads {
        self.word(node, "way with downloads", &[("deny", Downloads::Deny)]).unwrap_or_default()
    }
}
