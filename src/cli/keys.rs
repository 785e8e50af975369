//! `guestgate keys`: the keys that everything is signed and sealed by.

use std::{os::unix::net::UnixStream, path::Path, sync::Arc};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Ended, Global,
    table::{Column, print_table},
};
use crate::{
    base::Entropy,
    config::{Config, Storage},
    serve::{self, Masters, SystemEntropy},
};

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List them, by the names that assertions give them: the first one signs, all are published
    List(Plain),
    /// Make a new master key the present one, while the gateway is stopped; what was made by those before stays good
    Rotate(Plain),
}

/// Nothing but the format.
#[derive(Debug, clap::Args)]
pub(crate) struct Plain {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

const KEY: [Column; 2] = [Column("id", "key"), Column("state", "state")];

impl Command {
    /// Carries it out, on the data folder of the configuration.
    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<Ended> {
        let config = serve::read_config(&global.config)?.config;
        let Storage::Sqlite(database) = &config.storage;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        anyhow::ensure!(database.exists(), "there is no database at `{}` yet, and no key", database.display());
        let (masters, plain) = match self {
            Self::List(plain) => (Masters::open(&config.data_dir, database, &entropy).await?, plain),
            Self::Rotate(plain) => {
                refuse_beside_a_gateway(&config.data_dir)?;
                (Masters::rotate(&config.data_dir, database, &entropy).await?, plain)
            }
        };
        print_table(&shown(&masters, &config)?, plain.json, &KEY)?;
        Ok(Ended::Done)
    }
}

/// What is changed under a running gateway would be lost, or the gateway with it.
pub(super) fn refuse_beside_a_gateway(data: &Path) -> anyhow::Result<()> {
    let socket = data.join("guestgate.sock");
    anyhow::ensure!(UnixStream::connect(&socket).is_err(), "a gateway runs on `{}`; stop it first", data.display());
    Ok(())
}

fn shown(masters: &Masters, config: &Config) -> anyhow::Result<Value> {
    let set: Value = serde_json::from_str(&masters.ring(config)?.jwks())?;
    let keys = set.get("keys").and_then(Value::as_array).context("there are no keys")?;
    let state = |ix| if ix == 0 { "signs" } else { "verifies" };
    let items: Vec<Value> = keys.iter().enumerate().map(|(ix, key)| json!({"id": key["kid"], "state": state(ix)})).collect();
    Ok(json!({ "items": items }))
}
