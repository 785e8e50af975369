//! The files that a configuration refers to: read here, judged by the rooms below.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    base::{Report, Severity, Source, yaml},
    config::{App, Config, Lookup, PolicyUse},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
};

/// Files and the environment, for reading configurations and certificates.
pub const LOOKUP: Lookup<'static> = Lookup { read: &read, env: &variable };

/// Builds the policies of a configuration from its folder. The second value has warnings.
pub fn policies(config: &Config) -> Result<(PolicySet, Report), Report> {
    let mut report = Report::new();
    let files = texts(config, &mut report);
    if report.has_errors() {
        return Err(report);
    }
    PolicySet::build(&files, &universe(config))
}

/// The bytes of a file. One that is too large for any file of ours is read only so far that this shows.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(yaml::MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What policies may refer to.
fn universe(config: &Config) -> Universe {
    let known = |app: &App| KnownApp { id: app.id.clone(), paths: app.paths, policies_none: app.policies == PolicyUse::None };
    let methods = MethodsOffered { email: true, ..MethodsOffered::default() };
    Universe { apps: Some(config.apps.iter().map(|app| known(app)).collect()), methods, providers: Vec::new() }
}

/// The texts of the folder. It may be missing where no app needs policies.
fn texts(config: &Config, report: &mut Report) -> Files {
    let folder = &config.policies;
    let mut files = Files::default();
    let needed = config.apps.iter().any(|app| app.policies == PolicyUse::Required);
    if !folder.exists() {
        if needed {
            let help = "write policies, or say `policies: none` at each app that needs none".to_owned();
            report.general(Severity::Error, Some(&folder.display().to_string()), "the folder of policies is missing", Some(help));
        }
        return files;
    }
    for path in yaml_files(folder, report) {
        let Some(source) = source(&path, report) else { continue };
        if path.file_name().is_some_and(|name| name == "definitions.yaml") {
            files.definitions = Some(source);
        } else {
            files.apps.push(source);
        }
    }
    for list in files.definitions.iter().flat_map(PolicySet::lists_of) {
        if let Some(source) = source(&folder.join(&list), report) {
            files.lists.insert(list, source);
        }
    }
    let tests = folder.join("tests");
    if tests.is_dir() {
        let paths = yaml_files(&tests, report);
        files.tests = paths.iter().filter_map(|path| source(path, report)).collect();
    }
    files
}

/// The `.yaml` files of a folder, in the order of their names, so that every run says the same.
fn yaml_files(folder: &Path, report: &mut Report) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>());
    let mut paths = listed.unwrap_or_else(|cause| {
        report.general(Severity::Error, Some(&folder.display().to_string()), format!("cannot be read: {cause}"), None);
        Vec::new()
    });
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml" || e == "yml") && path.is_file() && !hidden(path));
    paths.sort();
    paths
}

fn source(path: &Path, report: &mut Report) -> Option<Source> {
    let name = path.display().to_string();
    match read(path) {
        Ok(bytes) => yaml::decode(&name, &bytes, report),
        Err(cause) => {
            report.general(Severity::Error, Some(&name), format!("cannot be read: {cause}"), None);
            None
        }
    }
}
