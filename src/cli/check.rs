//! `guestgate check`: every problem of configuration, certificates and policies, at once.

use super::{Ended, Global, print};
use crate::{
    base::{Clock as _, Report},
    config::{Config, Loaded, Lookup},
    policy::PolicySet,
    serve::{self, SystemClock},
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
    let built = serve::read_policies(&config.policies).and_then(|files| PolicySet::build(&files, &serve::universe(config)));
    report.append(built.map_or_else(|problems| problems, |(_, warnings)| warnings));
    report
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
