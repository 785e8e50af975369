//! Reads the folder of policies and hands its texts to the policy room.

use std::{fs, io, path::Path};

use super::system;
use crate::{
    base::{Report, Severity, Source, yaml},
    config::{Config, PolicyUse},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
};

/// Builds the policies that the configuration names.
pub(super) fn build(config: &Config) -> Result<(PolicySet, Report), Report> {
    let mut report = Report::new();
    let files = read(config, &mut report);
    if report.has_errors() {
        return Err(report);
    }
    PolicySet::build(&files, &universe(config))
}

/// What policies may refer to.
fn universe(config: &Config) -> Universe {
    let known = |app: &std::sync::Arc<crate::config::App>| KnownApp {
        id: app.id.clone(),
        paths: app.paths,
        policies_none: app.policies == PolicyUse::None,
    };
    let methods = MethodsOffered { email: true, ..MethodsOffered::default() };
    Universe { apps: Some(config.apps.iter().map(known).collect()), methods, providers: Vec::new() }
}

/// The texts of the folder. It may be missing where no app needs policies.
fn read(config: &Config, report: &mut Report) -> Files {
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
    let tests = folder.join("tests");
    if tests.is_dir() {
        let paths = yaml_files(&tests, report);
        files.tests = paths.iter().filter_map(|path| source(path, report)).collect();
    }
    files
}

/// The `.yaml` files of a folder, in the order of their names, so that every run says the same.
fn yaml_files(folder: &Path, report: &mut Report) -> Vec<std::path::PathBuf> {
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
    match (system::LOOKUP.read)(path) {
        Ok(bytes) => yaml::decode(&name, &bytes, report),
        Err(cause) => {
            report.general(Severity::Error, Some(&name), format!("cannot be read: {cause}"), None);
            None
        }
    }
}
