//! `policy diff` and `policy prove`: what is true of all requests, with an example where something is not.

use std::{net::Ipv4Addr, path::PathBuf};

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::{
    super::{Ended, Global, print, table::print_json},
    read, refuse,
};
use crate::{
    base::Span,
    policy::{Compared, Example, Proved, diff, prove},
};

/// Two folders.
#[derive(Debug, ClapArgs)]
pub(crate) struct Diff {
    /// The folder as it is
    old: PathBuf,
    /// The folder as it would be
    new: PathBuf,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// A statement and the folder that it is about.
#[derive(Debug, ClapArgs)]
pub(crate) struct Prove {
    /// For example `never allow app=charts path=/admin/** unless signed-in-with=passkey`
    statement: String,
    /// The folder of policy files; that of the configuration otherwise
    dir: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    /// Carries it out.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let old = match read(global, Some(&self.old))? {
            Err(report) => return refuse(&report),
            Ok((set, _)) => set,
        };
        let new = match read(global, Some(&self.new))? {
            Err(report) => return refuse(&report),
            Ok((set, _)) => set,
        };
        let (mut differences, mut too_large) = (Vec::new(), Vec::new());
        for compared in diff(&old, &new) {
            match compared {
                Compared::Differences(more) => differences.extend(more),
                Compared::TooLarge(app) => too_large.push(app),
            }
        }
        if self.json {
            print_json(&serde_json::to_value(&differences)?)?;
        } else {
            for one in &differences {
                print::heading(&format!("{}: {} becomes {}, for example", one.app, one.old, one.new))?;
                print_example(&one.example)?;
            }
            if differences.is_empty() && too_large.is_empty() {
                print::verdict("every request is decided as before", true)?;
            } else if !differences.is_empty() {
                print::line(&format!("{} of decision in all", print::counted(differences.len(), "change")))?;
            }
        }
        for app in &too_large {
            print::aside(&format!("{app}: too large to decide"));
        }
        Ok(if too_large.is_empty() { Ended::Done } else { Ended::Refused })
    }
}

impl Prove {
    /// Carries it out.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let set = match read(global, self.dir.as_deref())? {
            Err(report) => return refuse(&report),
            Ok((set, _)) => set,
        };
        let statement = match set.statement(&self.statement) {
            Err(report) => return refuse(&report),
            Ok(statement) => statement,
        };
        let (holds, counterexample, text) = match prove(&set, &statement) {
            Proved::Holds => (json!(true), Value::Null, "it holds for every request with a valid grant".to_owned()),
            Proved::TooLarge => (Value::Null, Value::Null, "too large to decide".to_owned()),
            Proved::Refuted(found) => {
                if !self.json {
                    print::verdict(&format!("it does not hold: {}, for example", found.app), false)?;
                    print_example(&found.request)?;
                }
                (json!(false), serde_json::to_value(&*found)?, String::new())
            }
        };
        if self.json {
            print_json(&json!({ "holds": holds, "counterexample": counterexample }))?;
        } else if !text.is_empty() {
            print::verdict(&text, holds == json!(true))?;
        }
        Ok(if holds == json!(true) { Ended::Done } else { Ended::Refused })
    }
}

/// The request and its facts, one a line, as they could stand in a test.
fn print_example(example: &Example) -> anyhow::Result<()> {
    print::line(&format!("    request: {}", example.request))?;
    print::line("    given:")?;
    for (key, value) in example.given.as_object().into_iter().flatten() {
        print::paragraph(&format!("      {key}: "), &flow(value))?;
    }
    print::line("")
}

/// A value as YAML has it in one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", flow(&json!(key)), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // JSON is YAML.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Whether YAML reads it as this text without quotes, wherever it stands.
fn is_plain(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '/' | '+');
    let spoken = ["true", "false", "null", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let span = text.parse::<Span>().is_ok() || text.parse::<Ipv4Addr>().is_ok();
    span || (text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(usual) && !spoken)
}
