//! `guestgate audit`: the log of who did what to whom.

use std::io::Write as _;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::Value;

use super::{
    Ended,
    client::Client,
    print,
    table::{Column, print_json, print_table},
};

/// What is done with the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The latest entries
    List(List),
    /// Read the whole log and say whether it is as it was written
    Verify(Plain),
    /// Print all entries, one JSON object a line
    Export,
    /// Where the log is forwarded to, and how far each place has come
    Forward(Plain),
    /// Send entries once more to a place that the log is forwarded to
    Replay(Replay),
}

/// What is sent once more.
#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    /// The place, by its `id`
    place: String,
    /// The last entry that is not sent again; 0 sends all
    #[arg(long)]
    after: u64,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Which entries.
#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Nothing but the format.
#[derive(Debug, ClapArgs)]
pub(crate) struct Plain {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

const PLACE: [Column; 5] =
    [Column("id", "place"), Column("to", "to"), Column("events", "events"), Column("sent", "sent"), Column("waiting", "waiting")];
const ENTRY: [Column; 6] = [
    Column("sequence", "no"),
    Column("at", "when"),
    Column("actor", "by"),
    Column("event", "what"),
    Column("personal", "about"),
    Column("details", "details"),
];

impl Command {
    /// Carries it out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<Ended> {
        match self {
            Self::List(list) => {
                print_table(&gateway.get(&format!("/api/v1/audit?limit={}", list.limit)).await?, list.json, &ENTRY)?;
                Ok(Ended::Done)
            }
            Self::Verify(plain) => {
                let answer = gateway.get("/api/v1/audit/verify").await?;
                let intact = answer.get("intact").and_then(Value::as_bool).unwrap_or(false);
                if plain.json {
                    print_json(&answer)?;
                } else if intact {
                    print::line(&format!("the audit log is intact: {} entries", answer.get("entries").unwrap_or(&Value::Null)))?;
                } else {
                    print::line(answer.get("problem").and_then(Value::as_str).unwrap_or("the audit log is not intact"))?;
                }
                Ok(if intact { Ended::Done } else { Ended::Refused })
            }
            Self::Export => export(gateway).await.map(|()| Ended::Done),
            Self::Forward(plain) => {
                print_table(&gateway.get("/api/v1/audit/forward").await?, plain.json, &PLACE)?;
                Ok(Ended::Done)
            }
            Self::Replay(replay) => {
                let path = format!("/api/v1/audit/forward/{}/replay", replay.place);
                let answer = gateway.post(&path, &serde_json::json!({ "after": replay.after })).await?;
                if replay.json {
                    print_json(&answer)?;
                } else {
                    print::line(&format!("`{}` is sent every entry after {} once more", replay.place, replay.after))?;
                }
                Ok(Ended::Done)
            }
        }
    }
}

async fn export(gateway: &Client) -> anyhow::Result<()> {
    let mut after = 0_u64;
    loop {
        let page = gateway.get(&format!("/api/v1/audit?cursor={after}&limit=1000")).await?;
        for entry in page.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
            writeln!(std::io::stdout().lock(), "{entry}")?;
        }
        match page.get("next").and_then(|next| next.as_str()?.parse().ok()) {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}
