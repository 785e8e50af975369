//! `guestgate policy`: reads policy files as a gateway would, runs their tests, and says what they would decide.

mod analysis;
mod explain;
mod import_entra;
mod new;
mod pending;
mod replay;
mod schema;
mod test;
mod trials;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Value, json};

use super::{Ended, Global, print, table::print_json};
use crate::{
    base::{Diagnostic, Report, Severity},
    policy::{PolicySet, Universe},
    serve,
};

/// What is done with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read and compile all files, and list every problem
    Check(Folder),
    /// Run every test that stands in the files or beside them
    Test(test::Test),
    /// Write policies to begin with, and tests for them
    New(new::New),
    /// Turn Conditional Access policies of Microsoft Entra, as Graph exports them, into policy files
    ImportEntra(import_entra::ImportEntra),
    /// Say which requests two folders of policies decide otherwise, with an example for each change
    Diff(analysis::Diff),
    /// Prove a statement over all requests, or show one that refutes it
    Prove(analysis::Prove),
    /// Say which policies are held back, because they would turn many people away
    Pending(pending::Pending),
    /// Let policies take effect that are held back
    Apply(pending::Apply),
    /// Say what report-only policies would have done: to whom, how often, since when
    Trials(trials::Trials),
    /// Print a JSON Schema, so that editors complete and validate policy files
    Schema,
    /// Say what policies would have decided for the requests of an access log
    Replay(replay::Replay),
    /// Say what would be decided for a request, and which condition of which policy decided it
    Explain(Box<explain::Explain>),
}

/// Which files.
#[derive(Debug, ClapArgs)]
pub(crate) struct Folder {
    /// The folder of policy files; that of the configuration otherwise
    dir: Option<PathBuf>,
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    /// Carries it out.
    pub(crate) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        match self {
            Self::Check(folder) => check(global, folder),
            Self::Test(test) => test.run(global),
            Self::New(new) => new.run(),
            Self::ImportEntra(import) => import.run(),
            Self::Diff(diff) => diff.run(global),
            Self::Prove(prove) => prove.run(global),
            Self::Trials(trials) => trials.run(global),
            Self::Pending(pending) => pending.run(global),
            Self::Apply(apply) => apply.run(global),
            Self::Schema => schema::run(),
            Self::Replay(replay) => replay.run(global),
            Self::Explain(explain) => explain.run(global),
        }
    }
}

fn check(global: &Global, folder: &Folder) -> anyhow::Result<Ended> {
    let (report, counts) = match read(global, folder.dir.as_deref())? {
        Err(report) => (report, None),
        Ok((set, mut warnings)) => {
            warnings.append(set.analyse());
            (warnings, Some((set.apps().count(), set.cases().len())))
        }
    };
    if folder.json {
        let (apps, tests) = counts.unzip();
        let problems: Vec<Value> = report.iter().map(problem).collect();
        let (errors, warnings) = (report.errors(), report.len() - report.errors());
        print_json(&json!({ "errors": errors, "warnings": warnings, "apps": apps, "tests": tests, "problems": problems }))?;
    } else {
        print::report(&report)?;
        if let Some((apps, tests)) = counts {
            let (apps, tests, warnings) =
                (print::counted(apps, "app"), print::counted(tests, "test"), print::counted(report.len(), "warning"));
            print::verdict(&format!("{apps}, {tests}, {warnings}"), report.is_empty())?;
        } else {
            print::verdict(&print::counted(report.errors(), "error"), false)?;
        }
    }
    let refused = counts.is_none() || (folder.strict && !report.is_empty());
    Ok(if refused { Ended::Refused } else { Ended::Done })
}

/// A problem for programs.
fn problem(problem: &Diagnostic) -> Value {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = |n: u32| (n > 0).then_some(n);
    json!({
        "severity": severity, "file": problem.file.as_deref(), "line": place(problem.at.line), "column": place(problem.at.column),
        "message": problem.message, "help": problem.help,
    })
}

fn refuse(report: &Report) -> anyhow::Result<Ended> {
    print::report(report)?;
    Ok(Ended::Refused)
}

/// The files of a folder, under the configuration beside it where there is one.
fn read(global: &Global, dir: Option<&Path>) -> anyhow::Result<Result<(PolicySet, Report), Report>> {
    let beside = |dir: &Path| dir.canonicalize().ok().and_then(|dir| dir.parent().map(|p| p.join("guestgate.yaml"))).filter(|f| f.exists());
    let config = match dir {
        None => Some(global.config.clone()),
        Some(dir) => beside(dir),
    };
    let Some(config) = config else {
        let dir = dir.context("no folder is given")?;
        print::aside("no configuration lies beside the folder: apps and providers are not checked");
        return Ok(serve::policies_alone(dir, &everything()));
    };
    let config = match serve::read_config(&config) {
        Ok(loaded) => loaded.config,
        Err(report) => return Ok(Err(report)),
    };
    let folder = dir.map_or_else(|| config.policies.clone(), Path::to_owned);
    Ok(serve::policies_alone(&folder, &serve::universe(&config)))
}

/// Without a configuration every method might be offered.
fn everything() -> Universe {
    let methods = crate::policy::MethodsOffered { email: true, passkey: true, totp: true, client_certificate: true };
    Universe { apps: None, methods, providers: Vec::new() }
}
