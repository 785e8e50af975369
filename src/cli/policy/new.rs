//! `policy new`: policies to begin with, each with tests that pass.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use super::super::{Ended, print, table::print_json};
use crate::base::AppId;

/// What to begin with.
#[derive(Debug, ClapArgs)]
pub(crate) struct New {
    /// Which policies
    template: Template,
    /// The app that they are for
    #[arg(long)]
    app: AppId,
    /// The folder of policy files
    #[arg(long)]
    out: PathBuf,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Policies to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// Guests show two factors
    TwoFactors,
    /// Outside of a network guests show something that cannot be phished
    NamedNetwork,
    /// Guests change something in office hours only
    OfficeHours,
    /// Exports need a fresh sign-in
    FreshSignIn,
    /// Partners look and change nothing
    ReadOnly,
    /// Elsewhere guests show something that cannot be phished, and from an unknown country they change nothing
    UnknownCountry,
    /// In their first days guests change nothing
    Probation,
}

impl Template {
    /// The file for the app.
    fn text(self, app: &AppId) -> String {
        let text = match self {
            Self::TwoFactors => include_str!("templates/two-factors.yaml"),
            Self::NamedNetwork => include_str!("templates/named-network.yaml"),
            Self::OfficeHours => include_str!("templates/office-hours.yaml"),
            Self::FreshSignIn => include_str!("templates/fresh-sign-in.yaml"),
            Self::ReadOnly => include_str!("templates/read-only.yaml"),
            Self::UnknownCountry => include_str!("templates/unknown-country.yaml"),
            Self::Probation => include_str!("templates/probation.yaml"),
        };
        text.replacen("{app}", app.as_str(), 1)
    }

    /// The definitions that the file needs.
    fn definitions(self) -> Option<&'static str> {
        (self == Self::OfficeHours).then_some(include_str!("templates/office-hours.definitions.yaml"))
    }
}

impl New {
    /// Carries it out. Nothing that is there already is touched.
    pub(super) fn run(&self) -> anyhow::Result<Ended> {
        fs::create_dir_all(&self.out).with_context(|| format!("{} cannot be made", self.out.display()))?;
        let file = self.out.join(format!("{}.yaml", self.app));
        write_new(&file, &self.template.text(&self.app))?;
        let mut written = vec![file];
        let definitions = self.out.join("definitions.yaml");
        // Definitions of one's own are added to by hand.
        let missing = self.template.definitions().filter(|_| definitions.exists());
        if let (None, Some(text)) = (missing, self.template.definitions()) {
            write_new(&definitions, text)?;
            written.push(definitions.clone());
        }
        if self.json {
            print_json(&json!({ "written": written, "definitions_missing": missing }))?;
            return Ok(Ended::Done);
        }
        for file in &written {
            print::line(&format!("{} is written", file.display()))?;
        }
        if let Some(text) = missing {
            print::line(&format!("{} is there already; what it needs besides:\n\n{}", definitions.display(), text.trim_end()))?;
        }
        Ok(Ended::Done)
    }
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Source,
        policy::{Files, PolicySet, Universe},
    };

    #[test]
    fn every_template_is_read_without_a_warning_and_its_tests_pass_and_exercise_every_policy() {
        for template in Template::value_variants() {
            let app = AppId::parse("charts").unwrap();
            let files = Files {
                definitions: template.definitions().map(|text| Source::new("definitions.yaml", text)),
                apps: vec![Source::new("charts.yaml", template.text(&app))],
                ..Files::default()
            };
            let methods = crate::policy::MethodsOffered { email: true, passkey: true, totp: true, client_certificate: true };
            let known = Universe { methods, ..Universe::default() };
            let (set, warnings) = PolicySet::build(&files, &known).unwrap_or_else(|report| panic!("{template:?}: {report}"));
            assert!(warnings.is_empty(), "{template:?}: {warnings}");
            let results: Vec<_> = set.cases().iter().map(|case| (case, case.run(&set).unwrap())).collect();
            for (case, result) in &results {
                assert!(result.passed(), "{template:?}, {}: {:?}", case.name, result.differences);
            }
            assert!(set.unexercised(results.iter().map(|(case, result)| (*case, result))).is_empty(), "{template:?}");
        }
    }
}
