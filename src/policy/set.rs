//! All policies of all apps, built at once or not at all.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use crate::base::{
    AppId, At, Name, PathRules, Prefix, Report, Severity, Source,
    yaml::{self, Node, Reader, Scalar, Value},
};

use super::{
    ast::{Network, Policy, State},
    build::Build,
    cases::{Case, CaseResult, WhatIf},
    parse::{self, Definitions, Parser},
    print,
    require::{Strength, Terms},
    rules::AppPolicies,
    schedule::Schedule,
    truth::Truth,
};

/// The texts that a policy set is built from. The room reads no files: they are handed in.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// `definitions.yaml`.
    pub definitions: Option<Source>,
    /// The files of the apps.
    pub apps: Vec<Source>,
    /// `tests/*.yaml`.
    pub tests: Vec<Source>,
    /// The lists that definitions name by `{ file: … }`, by their path relative to the policies' folder.
    pub lists: BTreeMap<String, Source>,
}

/// An app of `guestgate.yaml`, as far as policies care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownApp {
    /// Its id.
    pub id: AppId,
    /// How it reads paths.
    pub paths: PathRules,
    /// Whether it says `policies: none`: a grant alone lets in.
    pub policies_none: bool,
    /// Whether an upgrade passes where only reading is allowed: `websocket: { read_only: allow }`.
    pub sockets_read: bool,
}

impl KnownApp {
    /// An app that says nothing about itself.
    pub fn new(id: AppId) -> Self {
        Self { id, paths: PathRules::default(), policies_none: false, sockets_read: false }
    }
}

/// The sign-in methods that the configuration offers; federated sign-in is offered where there are providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MethodsOffered {
    /// Codes and links by mail.
    pub email: bool,
    /// Passkeys.
    pub passkey: bool,
    /// Authenticator apps.
    pub totp: bool,
    /// Certificates on the connection.
    pub client_certificate: bool,
}

/// What policies may refer to beside their own definitions.
#[derive(Debug, Clone, Default)]
pub struct Universe {
    /// The apps; `None`: there is no configuration, so apps and providers are not checked.
    pub apps: Option<Vec<KnownApp>>,
    /// The sign-in methods that are configured.
    pub methods: MethodsOffered,
    /// The identity providers that are configured.
    pub providers: Vec<Name>,
}

/// A short hash of the texts that a policy set was built from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyVersion([u8; 8]);

/// The text is no policy version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a policy version is 16 hexadecimal digits")]
pub struct UnknownVersion;

/// The policies of all apps.
#[derive(Debug, Clone)]
pub struct PolicySet {
    version: PolicyVersion,
    apps: HashMap<AppId, Arc<AppPolicies>>,
    cases: Vec<Case>,
    /// The names that statements may use.
    pub(super) definitions: Definitions,
}

impl PolicySet {
    /// Builds the policies of all apps from all files, or says everything that is wrong with them. The second value has warnings.
    pub fn build(files: &Files, known: &Universe) -> Result<(Self, Report), Report> {
        let mut build = Build::new(files, known);
        build.read_apps();
        build.find_apps();
        let written = build.read_policies();
        let apps = build.compile(&written);
        let cases = build.read_cases(&apps);
        build.warn(&written);
        if build.report.has_errors() {
            return Err(build.report);
        }
        Ok((Self { version: PolicyVersion::of(files), apps, cases, definitions: build.definitions }, build.report))
    }

    /// The lists that `definitions.yaml` names by `{ file: … }`, relative to its folder: they belong into [`Files::lists`].
    pub fn lists_of(definitions: &Source) -> Vec<String> {
        parse::lists_of(definitions)
    }

    /// A request that might be: `given` as YAML in the words of tests, `request` as `METHOD /path`.
    pub fn what_if(&self, app: &AppId, given: &Source, request: &str) -> Result<WhatIf, Report> {
        let mut report = Report::new();
        let found = self.apps.get(app).and_then(|policies| {
            let root = yaml::parse(given, &mut report);
            let mut definitions = self.definitions.for_facts();
            let universe = Universe::default();
            let read = Reader::new(given, &mut report);
            let mut parser = Parser { read, definitions: &mut definitions, known: &universe, paths: &[] };
            let request = Node { at: At::default(), value: Value::Scalar(Scalar { text: request.to_owned(), plain: false }) };
            parser.what_if(root.as_ref(), Some(&request), policies)
        });
        if found.is_none() && !report.has_errors() {
            report.general(Severity::Error, None, format!("no policy reaches an app `{app}`"), None);
        }
        found.filter(|_| !report.has_errors()).ok_or(report)
    }

    /// The definitions as text. Networks that were read from lists are written out.
    pub fn definitions_yaml(&self) -> String {
        let all = &self.definitions;
        let terms: Vec<&Terms> = all.all_terms().map(|t| &**t).collect();
        let networks: Vec<&Network> = all.all_networks().collect();
        let schedules: Vec<&Schedule> = all.all_schedules().collect();
        let strengths: Vec<&Strength> = all.all_strengths().collect();
        print::definitions(&networks, &schedules, &strengths, &terms, all.risky())
    }

    /// The networks that the definitions name.
    pub fn networks(&self) -> impl Iterator<Item = (&str, &[Prefix])> {
        self.definitions.all_networks().map(|network| (&*network.name, network.prefixes.as_slice()))
    }

    /// Whether the address lies in a network that the definitions list as risky.
    pub fn is_risky(&self, ip: std::net::IpAddr) -> bool {
        self.definitions.risky().iter().any(|network| network.prefixes.iter().any(|prefix| prefix.contains(ip)))
    }

    /// The terms that the definitions name.
    pub fn terms(&self) -> impl Iterator<Item = &Arc<Terms>> {
        self.definitions.all_terms()
    }

    /// The policies of an app.
    pub fn app(&self, id: &AppId) -> Option<&Arc<AppPolicies>> {
        self.apps.get(id)
    }

    /// All apps and their policies, in no order.
    pub fn apps(&self) -> impl Iterator<Item = (&AppId, &Arc<AppPolicies>)> {
        self.apps.iter()
    }

    /// The policies that apply in none of these results, each with the first app that it reaches; those that are off aside.
    pub fn unexercised<'r>(&self, results: impl IntoIterator<Item = (&'r Case, &'r CaseResult)>) -> Vec<(AppId, Name)> {
        let mut exercised: HashMap<&Name, Vec<&Policy>> = HashMap::new();
        for (case, result) in results {
            let Some(app) = self.app(&case.app) else { continue };
            for (policy, explained) in app.written.iter().zip(&result.explanation.policies) {
                if explained.applies != Truth::No {
                    exercised.entry(&policy.name).or_default().push(policy);
                }
            }
        }
        let mut apps: Vec<(&AppId, &Arc<AppPolicies>)> = self.apps().collect();
        apps.sort_unstable_by_key(|(id, _)| *id);
        let mut missing: Vec<(&AppId, &Policy)> = Vec::new();
        for (app, policy) in apps.into_iter().flat_map(|(id, app)| app.written.iter().map(move |policy| (id, &**policy))) {
            let known = |list: &Vec<&Policy>| list.contains(&policy);
            if policy.state != State::Off && !exercised.get(&policy.name).is_some_and(known) && !missing.iter().any(|(_, p)| *p == policy) {
                missing.push((app, policy));
            }
        }
        missing.into_iter().map(|(app, policy)| (app.clone(), policy.name.clone())).collect()
    }

    /// What tells this set from another.
    pub fn version(&self) -> PolicyVersion {
        self.version
    }

    /// The entries of `tests:` in all files.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }
}

impl PolicyVersion {
    /// The hash of the texts; their order does not matter.
    fn of(files: &Files) -> Self {
        let lists = files.lists.values();
        let mut sources: Vec<&Source> = files.definitions.iter().chain(&files.apps).chain(&files.tests).chain(lists).collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut hasher = blake3::Hasher::new();
        for text in sources.iter().flat_map(|s| [&s.name, &s.text]) {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let mut short = [0; 8];
        hasher.finalize_xof().fill(&mut short);
        Self(short)
    }
}

impl std::str::FromStr for PolicyVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        if text.len() != 16 {
            return Err(UnknownVersion);
        }
        u64::from_str_radix(text, 16).map(|n| Self(n.to_be_bytes())).map_err(|_| UnknownVersion)
    }
}

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyVersion({self})")
    }
}
