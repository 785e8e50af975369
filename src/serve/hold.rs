//! Holds back new policies that would turn many people away, until somebody confirms them; and remembers over restarts which set was
//! accepted last.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    base::{Report, Severity, Source, Timestamp},
    live::{Held, Live, Snapshot, Weighed},
    policy::{Files, PolicySet, PolicyVersion, Universe},
};

/// Where the set that was accepted last lies.
#[derive(Debug, Clone)]
pub(super) struct Accepted(PathBuf);

/// The set that was accepted last, and the version of the one that was held back since, if any.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Memory {
    held: Option<String>,
    definitions: Option<Text>,
    apps: Vec<Text>,
    tests: Vec<Text>,
    lists: BTreeMap<String, Text>,
}

/// A source: its name and its text.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Text(Arc<str>, Arc<str>);

/// The policies that a start begins with.
#[derive(Debug)]
pub(super) struct Chosen {
    /// What acts.
    pub(super) policies: Arc<PolicySet>,
    /// What does not, because it was held back before this start.
    pub(super) held: Option<PolicyVersion>,
}

const FILE: &str = "policies.accepted";

/// Why the candidate has to wait, if it has.
pub(super) fn weigh(live: &Live, candidate: &Snapshot, confirmed: Option<PolicyVersion>, now: Timestamp) -> Option<Held> {
    let version = candidate.policies.version();
    let percent = candidate.config.hold_back?;
    if confirmed == Some(version) || live.snapshot().policies.version() == version {
        return None;
    }
    let weighed = live.weigh(candidate, now);
    // What was held back stays so: what it was weighed against only fades.
    if let Some(before) = live.held().filter(|held| held.version == version) {
        return Some(Held { since: before.since, version, weighed });
    }
    weighed.exceeds(percent).then_some(Held { version, since: now, weighed })
}

/// Says that the policies of the files do not act.
pub(super) fn tell(live: &Live, version: PolicyVersion, since: Timestamp) {
    tracing::error!(%version, "the policies in the files were held back before; those that were accepted last are in force");
    live.hold(Some(Held { version, since, weighed: Weighed::default() }));
}

impl Accepted {
    /// The memory of this data folder.
    pub(super) fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(FILE))
    }

    /// Which policies a start begins with: those of the files, unless they were held back and nobody has confirmed them.
    pub(super) fn choose(&self, of_files: Arc<PolicySet>, known: &Universe) -> Result<Chosen, Report> {
        let version = of_files.version();
        let waits = |memory: &Memory| memory.held.as_deref() == Some(version.to_string().as_str());
        match self.read() {
            Ok(Some(memory)) if waits(&memory) => {
                let (policies, _) = PolicySet::build(&memory.files(), known).map_err(|report| self.misfit(report))?;
                Ok(Chosen { policies: Arc::new(policies), held: Some(version) })
            }
            Ok(Some(_) | None) => Ok(Chosen { policies: of_files, held: None }),
            Err(cause) => Err(self.unreadable(&cause)),
        }
    }

    /// Remembers that this set was accepted. What cannot be written is said, and matters only to a later start.
    pub(super) fn keep(&self, files: &Files) {
        let text = |source: &Source| Text(Arc::clone(&source.name), Arc::clone(&source.text));
        self.write(&Memory {
            held: None,
            definitions: files.definitions.as_ref().map(text),
            apps: files.apps.iter().map(text).collect(),
            tests: files.tests.iter().map(text).collect(),
            lists: files.lists.iter().map(|(path, source)| (path.clone(), text(source))).collect(),
        });
    }

    /// Remembers that this version was held back.
    pub(super) fn hold(&self, version: PolicyVersion) {
        match self.read() {
            Ok(Some(memory)) => self.write(&Memory { held: Some(version.to_string()), ..memory }),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the policies that were accepted last cannot be read"),
        }
    }

    fn read(&self) -> io::Result<Option<Memory>> {
        match std::fs::read(&self.0) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    fn write(&self, memory: &Memory) {
        if let Err(error) = self.try_write(memory) {
            tracing::error!(%error, "the policies that were accepted last cannot be remembered");
        }
    }

    /// Whole or not at all, whatever happens meanwhile.
    fn try_write(&self, memory: &Memory) -> io::Result<()> {
        use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
        let next = self.0.with_extension("new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(&serde_json::to_vec(memory)?)?;
        file.sync_all()?;
        std::fs::rename(&next, &self.0)
    }

    /// The accepted set cannot stand in for the one that was held back.
    fn misfit(&self, mut report: Report) -> Report {
        let said = "the policies in the files were held back, and those that were accepted before do not fit this configuration any more";
        let help = format!("look at the files, and remove `{}` to let them take effect", self.0.display());
        report.general(Severity::Error, None, said, Some(help));
        report
    }

    fn unreadable(&self, cause: &io::Error) -> Report {
        let mut report = Report::new();
        let said = format!("whether policies are held back cannot be read: {cause}");
        report.general(Severity::Error, Some(&self.0.display().to_string()), said, Some("remove the file if it is damaged".to_owned()));
        report
    }
}

impl Memory {
    fn files(&self) -> Files {
        let source = |Text(name, text): &Text| Source { name: Arc::clone(name), text: Arc::clone(text) };
        Files {
            definitions: self.definitions.as_ref().map(source),
            apps: self.apps.iter().map(source).collect(),
            tests: self.tests.iter().map(source).collect(),
            lists: self.lists.iter().map(|(path, text)| (path.clone(), source(text))).collect(),
        }
    }
}
