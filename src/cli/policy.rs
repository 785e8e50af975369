//! `guestgate policy`: reads policy files as a gateway would, runs their tests, and says what they would decide.

mod analysis;
mod new;
mod pending;
mod test;
mod trials;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args as ClapArgs, Subcommand};

use super::{Ended, Global, print, table::print_json};
use crate::{
    base::{AppId, Report, Source},
    policy::{Explanation, PolicySet, Universe},
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
    /// Say what would be decided for a request, and which condition of which policy decided it
    Explain(Explain),
}

/// Which files.
#[derive(Debug, ClapArgs)]
pub(crate) struct Folder {
    /// The folder of policy files; that of the configuration otherwise
    dir: Option<PathBuf>,
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
}

/// A request that might be.
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The app
    #[arg(long)]
    app: AppId,
    /// The guest's address
    #[arg(long)]
    guest: Option<String>,
    /// Where the request comes from
    #[arg(long)]
    ip: Option<String>,
    /// The role of the grant
    #[arg(long)]
    role: Option<String>,
    /// Groups, with commas between
    #[arg(long, value_delimiter = ',')]
    groups: Vec<String>,
    /// Methods the guest has signed in with, with commas between
    #[arg(long, value_delimiter = ',')]
    signed_in_with: Vec<String>,
    /// When: RFC 3339, or `mon 03:00`
    #[arg(long)]
    at: Option<String>,
    /// Any facts, in the words of `given` in a policy test
    #[arg(long, value_name = "YAML", conflicts_with_all = ["guest", "ip", "role", "groups", "signed_in_with", "at"])]
    given: Option<String>,
    /// The request
    #[arg(long, default_value = "GET /", value_name = "METHOD /PATH")]
    request: String,
    /// The folder of policy files; that of the configuration otherwise
    #[arg(long)]
    dir: Option<PathBuf>,
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
            Self::Diff(diff) => diff.run(global),
            Self::Prove(prove) => prove.run(global),
            Self::Trials(trials) => trials.run(global),
            Self::Pending(pending) => pending.run(global),
            Self::Apply(apply) => apply.run(global),
            Self::Explain(explain) => explain.run(global),
        }
    }
}

fn check(global: &Global, folder: &Folder) -> anyhow::Result<Ended> {
    match read(global, folder.dir.as_deref())? {
        Err(report) => refuse(&report),
        Ok((set, mut warnings)) => {
            warnings.append(set.analyse());
            print::report(&warnings)?;
            print::line(&format!("{} apps, {} tests, {} warnings", set.apps().count(), set.cases().len(), warnings.len()))?;
            Ok(if folder.strict && !warnings.is_empty() { Ended::Refused } else { Ended::Done })
        }
    }
}

impl Explain {
    fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let (set, _) = match read(global, self.dir.as_deref())? {
            Err(report) => return refuse(&report),
            Ok(read) => read,
        };
        let app = set.app(&self.app).with_context(|| format!("no policy is for an app `{}`", self.app))?;
        let given = Source::new("--given", self.facts());
        let what_if = match set.what_if(&self.app, &given, &self.request) {
            Err(report) => return refuse(&report),
            Ok(what_if) => what_if,
        };
        let explained = what_if.explain(app);
        if self.json {
            let mut value = serde_json::to_value(&explained)?;
            if let Some(map) = value.as_object_mut() {
                map.insert("policy_version".to_owned(), set.version().to_string().into());
            }
            print_json(&value)?;
        } else {
            say(&explained)?;
        }
        Ok(Ended::Done)
    }

    /// The flags in the words of `given`. JSON is YAML, and quotes whatever needs it.
    fn facts(&self) -> String {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let mut facts = serde_json::Map::new();
        for (key, value) in [("guest", &self.guest), ("ip", &self.ip), ("role", &self.role), ("at", &self.at)] {
            if let Some(value) = value {
                facts.insert(key.to_owned(), value.clone().into());
            }
        }
        for (key, values) in [("groups", &self.groups), ("signed-in-with", &self.signed_in_with)] {
            if !values.is_empty() {
                facts.insert(key.to_owned(), values.clone().into());
            }
        }
        if facts.is_empty() { "guest: guest@partner.example".to_owned() } else { serde_json::Value::Object(facts).to_string() }
    }
}

fn say(explained: &Explanation) -> anyhow::Result<()> {
    let names = |list: &[crate::base::Name]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let value = serde_json::to_value(explained)?;
    let word = |key: &str| value.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), ToOwned::to_owned)).unwrap_or_default();
    print::line(&format!("decision     {}", word("decision")))?;
    for (label, list) in [("by", &explained.by), ("report only", &explained.report_only)] {
        if !list.is_empty() {
            print::line(&format!("{label:<12} {}", names(list)))?;
        }
    }
    if !explained.unmet.is_empty() {
        let unmet: Vec<String> = explained.unmet.iter().map(ToString::to_string).collect();
        print::line(&format!("unmet        {}", unmet.join(", ")))?;
    }
    print::line(&format!("session      {}", word("session")))?;
    print::line(&format!(
        "valid until  {}",
        explained.valid_until.map_or_else(|| "no change within a year".to_owned(), |t| t.to_string())
    ))?;
    for policy in &explained.policies {
        let shown = serde_json::to_value(policy)?;
        let applies = shown.get("applies").and_then(serde_json::Value::as_str).unwrap_or_default();
        print::line(&format!("\n{}  applies: {applies}\n    because {}\n    {}", policy.name, policy.because, policy.effect))?;
    }
    Ok(())
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
