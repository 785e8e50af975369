//! `guestgate check`: every problem of configuration, certificates and policies, at once.

use std::sync::Arc;

use super::{Ended, Global, print};
use crate::{
    base::{Clock as _, Report, Severity},
    config::{Config, Loaded, Lookup, Storage},
    language::{Languages, MailKind},
    policy::PolicySet,
    serve::{self, SystemClock},
    store::SqliteStore,
    web::{Site, mail},
};

/// Nothing beside the configuration's name.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(global: &Global, _: &Args) -> anyhow::Result<Ended> {
    let (report, config) = match serve::read_config(&global.config) {
        Ok(Loaded { config, mut warnings }) => {
            warnings.append(around(&config));
            (warnings, Some(config))
        }
        Err(report) => (report, None),
    };
    print::report(&report)?;
    let warnings = report.len() - report.errors();
    match (report.errors(), config) {
        (0, Some(config)) => {
            let apps = counted(config.apps.len(), "app");
            let beside = if warnings == 0 { String::new() } else { format!(", {}", counted(warnings, "warning")) };
            print::line(&format!("{}: {apps}, no problems{beside}", global.config.display()))?;
            Ok(Ended::Done)
        }
        (errors, _) => {
            print::line(&format!("{}: {}, {}", global.config.display(), counted(errors, "error"), counted(warnings, "warning")))?;
            Ok(Ended::Refused)
        }
    }
}

/// What the configuration refers to.
fn around(config: &Config) -> Report {
    let lookup = Lookup { read: &|path| std::fs::read(path), env: &|_| None };
    let (_, mut report) = config.certificates(lookup, SystemClock::default().now());
    clashing(config, &mut report);
    let built = serve::read_policies(&config.policies).and_then(|files| PolicySet::build(&files, &serve::universe(config)));
    report.append(built.map_or_else(|problems| problems, |(_, warnings)| warnings));
    report
        .append(serve::read_languages(config).map_or_else(|problems| problems, |(languages, warnings)| said(config, languages, warnings)));
    report
}

/// Who has accesses that exclude each other, if the directory is at hand: a rule does not end what was given before it.
fn clashing(config: &Config, report: &mut Report) {
    if config.exclusive.groups().is_empty() {
        return;
    }
    let Storage::Sqlite(path) = &config.storage;
    let now = SystemClock::default().now();
    let found = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(anyhow::Error::from);
    let found = found.and_then(|runtime| Ok(runtime.block_on(SqliteStore::clashes_in(path, &config.exclusive, now))?));
    let help = || Some("end one of the accesses; until then, reviews show what excludes it".to_owned());
    match found {
        Ok(found) => {
            for (guest, clash) in found {
                report.general(Severity::Warning, Some("exclusive"), format!("`{}` has both: {clash}", guest.email), help());
            }
        }
        Err(cause) => {
            let message = format!("`{}` cannot be read to see who has what excludes each other: {cause}", path.display());
            report.general(Severity::Warning, Some("exclusive"), message, None);
        }
    }
}

/// What the operator's templates of mails say to made-up values: a mistake shows here before a guest gets such a mail.
fn said(config: &Config, languages: Languages, mut report: Report) -> Report {
    let site = Site::of(config, &Arc::new(languages));
    let app = config.apps.first().map_or("", |app| app.name.as_str());
    for kind in MailKind::ALL {
        if let Err(bad) = mail::try_out(&site, kind, app, SystemClock::default().now()) {
            let folder = config.mail.templates.as_ref().map(|folder| folder.display().to_string());
            let place = bad.line.map_or_else(String::new, |line| format!(" (line {line})"));
            report.general(
                Severity::Error,
                folder.as_deref(),
                format!("a mail of the kind `{}` cannot be written{place}: {bad}", kind.as_str()),
                None,
            );
        }
    }
    report
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
