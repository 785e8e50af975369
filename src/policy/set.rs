//! All policies of all apps, built at once or not at all.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use crate::base::{AppId, Name, PathRules, Report, Source};

use super::{cases::Case, rules::AppPolicies};

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

/// The policies of all apps.
#[derive(Debug, Clone)]
pub struct PolicySet {
    version: PolicyVersion,
    apps: HashMap<AppId, Arc<AppPolicies>>,
    cases: Vec<Case>,
}

impl PolicySet {
    /// Builds the policies of all apps from all files, or says everything that is wrong with them. The second value has warnings.
    pub fn build(files: &Files, known: &Universe) -> Result<(Self, Report), Report> {
        let mut report = Report::new();
        let version = PolicyVersion::of(files);
        let networks = Arc::default();
        let mut apps = HashMap::new();
        for source in &files.apps {
            report.general(crate::base::Severity::Error, Some(&source.name), "policy files are not read yet", None);
        }
        for app in known.apps.iter().flatten().filter(|app| app.policies_none) {
            if let Ok(rules) = super::compile::compile(app.id.clone(), app.paths, Vec::new(), Arc::clone(&networks)) {
                apps.insert(app.id.clone(), Arc::new(rules));
            }
        }
        if report.has_errors() { Err(report) } else { Ok((Self { version, apps, cases: Vec::new() }, report)) }
    }

    /// The policies of an app.
    pub fn app(&self, id: &AppId) -> Option<&Arc<AppPolicies>> {
        self.apps.get(id)
    }

    /// All apps and their policies, in no order.
    pub fn apps(&self) -> impl Iterator<Item = (&AppId, &Arc<AppPolicies>)> {
        self.apps.iter()
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
