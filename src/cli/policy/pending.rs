//! `guestgate policy pending` and `apply`: policies that are held back because they would turn many people away.

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::cli::{
    Ended, Global, gateway, print,
    table::{Column, print_json, print_table},
    wait_for,
};

/// What is held back.
#[derive(Debug, ClapArgs)]
pub(crate) struct Pending {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Lets it take effect.
#[derive(Debug, ClapArgs)]
pub(crate) struct Apply {
    /// Although they would turn people away
    #[arg(long)]
    force: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

const PENDING: &str = "/api/v1/policies/pending";
const APP: [Column; 5] = [
    Column("app", "app"),
    Column("allowed", "allowed"),
    Column("looked_at", "looked at"),
    Column("would_block", "would block"),
    Column("would_challenge", "would challenge"),
];
const EXAMPLE: [Column; 4] = [Column("guest", "guest"), Column("request", "request"), Column("decision", "would be"), Column("by", "by")];

impl Pending {
    /// Carries it out.
    pub(crate) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        wait_for(async {
            let answer = gateway(global)?.get(PENDING).await?;
            if self.json {
                print_json(&answer)?;
            } else {
                say(&answer)?;
            }
            Ok(Ended::Done)
        })
    }
}

impl Apply {
    /// Carries it out.
    pub(crate) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        wait_for(async {
            let gateway = gateway(global)?;
            let answer = gateway.get(PENDING).await?;
            let version = answer.pointer("/pending/version").and_then(Value::as_str);
            let applied = match version.filter(|_| self.force) {
                Some(version) => Some(gateway.post("/api/v1/policies/confirm", &json!({"version": version})).await?),
                None => None,
            };
            let ended = if applied.is_some() || version.is_none() { Ended::Done } else { Ended::Refused };
            if self.json {
                print_json(&applied.unwrap_or(answer))?;
                return Ok(ended);
            }
            say(&answer)?;
            match version {
                Some(version) if self.force => print::line(&format!("\nversion {version} is in force"))?,
                Some(_) => print::line("\nTo let them take effect all the same: guestgate policy apply --force")?,
                None => {}
            }
            Ok(ended)
        })
    }
}

fn say(answer: &Value) -> anyhow::Result<()> {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
    if answer.get("pending").is_none_or(Value::is_null) {
        return print::line(&format!("no policies are held back; version {} is in force", text("/in_force")));
    }
    print::line(&format!("version {} is held back since {}", text("/pending/version"), text("/pending/since")))?;
    print::line(&format!("version {} is in force", text("/in_force")))?;
    let apps = answer.pointer("/pending/apps").and_then(Value::as_array).cloned().unwrap_or_default();
    if apps.is_empty() {
        return print::line("it was held back before this start; no requests are known to weigh it against");
    }
    print::line("\nof the requests that were allowed in the last hour:")?;
    print_table(&json!({"items": apps}), false, &APP)?;
    let examples: Vec<&Value> = apps.iter().filter_map(|app| app.get("examples")?.as_array()).flatten().collect();
    if !examples.is_empty() {
        print::line("\nfor example:")?;
        print_table(&json!({"items": examples}), false, &EXAMPLE)?;
    }
    Ok(())
}
