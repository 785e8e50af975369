//! From files to a set: every file is read to its end, so that one run reports all that is wrong.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::base::{AppId, At, Name, PathRules, PrefixMap, Report, Severity, yaml::Reader};

use super::{
    ast::{Apps, Policy, State},
    cases::Case,
    compile::compile,
    hearsay,
    parse::{self, AppFile, CaseFile, Definitions, Parser},
    require::{Method, Requirement},
    rules::AppPolicies,
    set::{Files, KnownApp, Universe},
};

/// Has policies of its own and is in nobody's `apps: all`.
const RESERVED_APP: &str = "admin";

/// A policy and the place of its name.
struct Written {
    /// The file's position among the files of apps.
    file: usize,
    at: At,
    policy: Arc<Policy>,
}

/// A set on its way.
pub(super) struct Build<'b> {
    files: &'b Files,
    known: &'b Universe,
    pub(super) report: Report,
    pub(super) definitions: Definitions,
    read: Vec<AppFile>,
    tests: Vec<CaseFile>,
    /// The apps that there are, as far as anybody says.
    apps: BTreeMap<AppId, KnownApp>,
}

/// Every policy of every file, in the order of the files.
pub(super) struct AllWritten(Vec<Written>);

impl<'b> Build<'b> {
    pub(super) fn new(files: &'b Files, known: &'b Universe) -> Self {
        let mut report = Report::new();
        let definitions = files
            .definitions
            .as_ref()
            .map_or_else(Definitions::default, |source| parse::definitions(source, &files.lists, known, &mut report));
        Self { files, known, report, definitions, read: Vec::new(), tests: Vec::new(), apps: BTreeMap::new() }
    }

    /// Reads the heads of all files.
    pub(super) fn read_apps(&mut self) {
        for source in &self.files.apps {
            self.read.extend(parse::app_file(source, &mut self.report));
        }
        for source in &self.files.tests {
            self.tests.extend(CaseFile::read(source, &mut self.report));
        }
    }

    /// Finds out which apps there are, and that each is in one file only.
    pub(super) fn find_apps(&mut self) {
        for app in self.known.apps.iter().flatten() {
            self.apps.insert(app.id.clone(), app.clone());
        }
        let mut first: HashMap<AppId, (Arc<str>, u32)> = HashMap::new();
        for file in &self.read {
            let Apps::These(ids) = &file.apps else { continue };
            for (id, at) in ids.iter().zip(&file.named_at) {
                if let Some((name, line)) = first.insert(id.clone(), (file.source.name.clone(), at.line)) {
                    let help = format!("the other is {name}, line {line}");
                    self.report.error(&file.source, *at, format!("two files are for the app `{id}`"), Some(help));
                }
                if self.known.apps.is_some() && !self.apps.contains_key(id) && id.as_str() != RESERVED_APP {
                    let names: Vec<&str> = self.apps.keys().map(AppId::as_str).collect();
                    Reader::new(&file.source, &mut self.report).unknown("app", id.as_str(), *at, &names);
                }
            }
        }
        let from_tests = self.tests.iter().flat_map(|t| CaseFile::named(&t.root));
        let from_files = self.read.iter().flat_map(|f| CaseFile::named(&f.root));
        let found: Vec<AppId> = match self.known.apps {
            // Without a configuration, an app is whatever a file calls one; what is for all apps lets tests name any.
            None if self.read.iter().any(|f| f.apps == Apps::All) => first.into_keys().chain(from_tests).chain(from_files).collect(),
            None => first.into_keys().collect(),
            Some(_) => first.into_keys().filter(|id| id.as_str() == RESERVED_APP).collect(),
        };
        for id in found {
            self.apps.entry(id.clone()).or_insert_with(|| KnownApp::new(id));
        }
    }

    pub(super) fn read_policies(&mut self) -> AllWritten {
        let mut all = Vec::new();
        for (ix, file) in self.read.iter().enumerate() {
            let paths = self.paths_of(file);
            let mut parser = Parser {
                read: Reader::new(&file.source, &mut self.report),
                definitions: &mut self.definitions,
                known: self.known,
                paths: &paths,
            };
            let found = parse::policies(&mut parser, &file.root);
            all.extend(found.into_iter().map(|(at, policy)| Written { file: ix, at, policy: Arc::new(policy) }));
        }
        AllWritten(all)
    }

    /// How the apps read paths that a file is for: patterns are read by the first, and the others are tried, too.
    fn paths_of(&self, file: &AppFile) -> Vec<PathRules> {
        let mut paths: Vec<PathRules> = Vec::new();
        let mut add = |app: &KnownApp| {
            if !paths.contains(&app.paths) {
                paths.push(app.paths);
            }
        };
        match &file.apps {
            Apps::All => self.apps.values().for_each(&mut add),
            Apps::These(ids) => ids.iter().filter_map(|id| self.apps.get(id)).for_each(&mut add),
        }
        if paths.is_empty() {
            paths.push(PathRules::default());
        }
        paths
    }

    /// Compiles each app's policies.
    pub(super) fn compile(&mut self, written: &AllWritten) -> HashMap<AppId, Arc<AppPolicies>> {
        let networks = Arc::new(PrefixMap::build(self.definitions.prefixes()));
        let mut compiled = HashMap::new();
        let reaching = Reaching::new(&self.read, written);
        let mut doubled = HashSet::new();
        for app in self.apps.values() {
            let own = one_of_each_name(&reaching, app, &self.read, &mut doubled, &mut self.report);
            // A policy that cannot be read may have been meant to reach the app.
            let unread = self.read.iter().filter(|f| f.apps == Apps::All || matches!(&f.apps, Apps::These(ids) if ids.contains(&app.id)));
            let unread = unread.map(|f| &f.source.name).any(|name| self.report.has_errors_in(name));
            if !own.iter().any(|p| p.state != State::Off) && !app.policies_none && !unread {
                let help = format!("write `policies/{}.yaml`, or say `policies: none` beside its `host`", app.id);
                self.report.general(Severity::Error, None, format!("no policy reaches the app `{}`", app.id), Some(help));
            }
            match compile(app, own, Arc::clone(&networks)) {
                Ok(rules) => drop(compiled.insert(app.id.clone(), Arc::new(rules))),
                Err(cause) => self.report.general(Severity::Error, None, format!("app `{}`: {cause}", app.id), None),
            }
        }
        compiled
    }

    pub(super) fn read_cases(&mut self, apps: &HashMap<AppId, Arc<AppPolicies>>) -> Vec<Case> {
        let mut all = Vec::new();
        let own = self.read.iter().map(|file| {
            let app = match &file.apps {
                Apps::These(ids) if ids.len() == 1 => ids.first(),
                Apps::These(_) | Apps::All => None,
            };
            (&file.source, &file.root, app)
        });
        let apart = self.tests.iter().map(|file| (&file.source, &file.root, None));
        for (source, root, app) in own.chain(apart) {
            let read = Reader::new(source, &mut self.report);
            let mut parser = Parser { read, definitions: &mut self.definitions, known: self.known, paths: &[] };
            all.extend(parse::cases(&mut parser, root, app, apps));
        }
        all
    }

    /// Says what looks wrong though it can be read.
    pub(super) fn warn(&mut self, written: &AllWritten) {
        if let Some(source) = &self.files.definitions {
            self.definitions.warn_unused(source, &mut self.report);
        }
        let known = self.known;
        for one in written.0.iter().filter(|w| w.policy.state != State::Off) {
            let Some(file) = self.read.get(one.file) else { continue };
            for requirement in one.policy.require.iter().filter(|r| known.apps.is_some() && !can_be_met(r, known)) {
                let why =
                    if is_of_portal(requirement) { "the portal has no page for it yet" } else { "no such sign-in method is configured" };
                let message = format!("nobody can meet `{requirement}`: {why}");
                self.report.warning(&file.source, one.at, message, None);
            }
            if let Some(key) = hearsay::hangs_on(&one.policy) {
                let message = format!("whom this blocks hangs on `{key}` alone, which every client says of itself as it likes");
                let help = "whoever says something else escapes: ask for a `network`, a `device` or a method beside it".to_owned();
                self.report.warning(&file.source, one.at, message, Some(help));
            }
        }
    }
}

/// Whether the configuration offers what it takes.
fn can_be_met(requirement: &Requirement, known: &Universe) -> bool {
    let offered = known.methods;
    let method = |method: &Method| match method {
        Method::EmailCode | Method::MagicLink => offered.email,
        Method::Passkey => offered.passkey,
        Method::Totp | Method::RecoveryCode => offered.totp,
        Method::Federated(_) | Method::FederatedMfa(_) => !known.providers.is_empty(),
        Method::ClientCertificate => offered.client_certificate,
    };
    match requirement {
        Requirement::Mfa => {
            let kinds = [offered.email, offered.totp, offered.client_certificate, !known.providers.is_empty()];
            offered.passkey || kinds.iter().filter(|kind| **kind).count() > 1
        }
        Requirement::Method(one) => method(one),
        Requirement::Strength(strength) => strength.combinations.iter().any(|all| all.iter().all(method)),
        Requirement::FreshSignIn(_) | Requirement::KnownDevice => true,
        Requirement::Terms(_) | Requirement::Approval { .. } | Requirement::Justification => false,
        Requirement::Any(items) => items.iter().any(|item| can_be_met(item, known)),
    }
}

/// Whether meeting it takes something else than a way of signing in.
fn is_of_portal(requirement: &Requirement) -> bool {
    match requirement {
        Requirement::Terms(_) | Requirement::Approval { .. } | Requirement::Justification => true,
        Requirement::Any(items) => items.iter().any(is_of_portal),
        Requirement::Mfa | Requirement::Method(_) | Requirement::Strength(_) | Requirement::FreshSignIn(_) | Requirement::KnownDevice => {
            false
        }
    }
}

/// Which policies reach which app.
struct Reaching<'w> {
    all: Vec<&'w Written>,
    by_app: HashMap<&'w AppId, Vec<&'w Written>>,
}

impl<'w> Reaching<'w> {
    fn new(files: &'w [AppFile], written: &'w AllWritten) -> Self {
        let mut reaching = Self { all: Vec::new(), by_app: HashMap::new() };
        for one in &written.0 {
            match files.get(one.file).map(|file| &file.apps) {
                Some(Apps::All) => reaching.all.push(one),
                Some(Apps::These(ids)) => ids.iter().for_each(|id| reaching.by_app.entry(id).or_default().push(one)),
                None => {}
            }
        }
        reaching
    }

    /// In the order of the files; what is for all apps comes first.
    fn of(&self, app: &AppId) -> impl Iterator<Item = &'w Written> {
        let all = if app.as_str() == RESERVED_APP { &[] } else { self.all.as_slice() };
        all.iter().chain(self.by_app.get(app).into_iter().flatten()).copied()
    }
}

/// The policies that reach an app. Of two with one name the second is an error, said once however many apps both reach.
fn one_of_each_name(
    reaching: &Reaching<'_>,
    app: &KnownApp,
    files: &[AppFile],
    doubled: &mut HashSet<(usize, At)>,
    report: &mut Report,
) -> Vec<Arc<Policy>> {
    let mut names: HashMap<&Name, &Written> = HashMap::new();
    let mut own = Vec::new();
    for one in reaching.of(&app.id) {
        match names.insert(&one.policy.name, one) {
            None => own.push(read_by(&one.policy, &app.paths)),
            Some(other) if doubled.insert((one.file, one.at)) => {
                let (Some(file), Some(first)) = (files.get(one.file), files.get(other.file)) else { continue };
                let help = format!("the other is {}, line {}; both reach the app `{}`", first.source.name, other.at.line, app.id);
                report.error(&file.source, one.at, format!("two policies are called `{}`", one.policy.name), Some(help));
            }
            Some(_) => {}
        }
    }
    own
}

/// The policy with its path patterns read as this app reads paths.
fn read_by(policy: &Arc<Policy>, paths: &PathRules) -> Arc<Policy> {
    let (principal, when, unless) = (policy.principal.read_by(paths), policy.when.read_by(paths), policy.unless.read_by(paths));
    if (&principal, &when, &unless) != (&policy.principal, &policy.when, &policy.unless) {
        Arc::new(Policy { principal, when, unless, ..Policy::clone(policy) })
    } else {
        Arc::clone(policy)
    }
}
