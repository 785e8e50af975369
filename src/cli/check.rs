//! `guestgate check`: every problem of configuration, certificates and policies, at once.

use super::{Ended, Global, print};
use crate::{
    base::{Clock as _, Report},
    config::{Config, Loaded},
    serve::{self, LOOKUP, SystemClock},
};

/// Nothing beside the configuration's name.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(global: &Global, _: &Args) -> anyhow::Result<Ended> {
    let (report, config) = match Config::load(&global.config, LOOKUP) {
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
    let (_, mut report) = config.certificates(LOOKUP, SystemClock::default().now());
    report.append(serve::policies(config).map_or_else(|problems| problems, |(_, warnings)| warnings));
    report
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
