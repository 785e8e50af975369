//! `guestgate policy trials`: what policies on trial would have done, as the running gateway has counted it.

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::{
    base::AppId,
    cli::{
        Ended, Global, gateway, print,
        table::{Column, print_json, print_table},
        wait_for,
    },
};

/// Which policies.
#[derive(Debug, ClapArgs)]
pub(crate) struct Trials {
    /// Only those of this app
    #[arg(long)]
    app: Option<AppId>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

const POLICY: [Column; 5] =
    [Column("app", "app"), Column("policy", "policy"), Column("would", "would"), Column("requests", "requests"), Column("since", "since")];
const GUEST: [Column; 3] = [Column("email", "guest"), Column("requests", "requests"), Column("last", "last")];

impl Trials {
    /// Carries it out.
    pub(crate) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        wait_for(async {
            let path = match &self.app {
                Some(app) => format!("/api/v1/policies/trials?app={app}"),
                None => "/api/v1/policies/trials".to_owned(),
            };
            self.say(&gateway(global)?.get(&path).await?)?;
            Ok(Ended::Done)
        })
    }

    fn say(&self, answer: &Value) -> anyhow::Result<()> {
        if self.json {
            return print_json(answer);
        }
        print_table(answer, false, &POLICY)?;
        let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        for trial in list(answer, "items") {
            let guests = list(&trial, "guests");
            if !guests.is_empty() {
                let name = |key: &str| trial.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                print::line(&format!("\n{} in {}:", name("policy"), name("app")))?;
                print_table(&serde_json::json!({ "items": guests }), false, &GUEST)?;
                let others = trial.get("others").and_then(Value::as_u64).unwrap_or_default();
                if others > 0 {
                    print::line(&format!("… and {others} requests of others"))?;
                }
            }
        }
        Ok(())
    }
}
