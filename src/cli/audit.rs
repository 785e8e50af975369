//! `guestgate audit`: the log of who did what to whom.

use std::io::Write as _;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::Value;

use super::{
    Ended,
    client::Client,
    people::escape,
    print, progress,
    table::{Column, print_json, print_table},
};

/// What is done with the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The latest entries
    List(List),
    /// Read the whole log and say whether it is as it was written
    Verify(Plain),
    /// Print entries in their order, as JSON objects or as a table for spreadsheets
    Export(Export),
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
    #[command(flatten)]
    wanted: Wanted,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What entries are about.
#[derive(Debug, ClapArgs)]
pub(crate) struct Wanted {
    /// Only from then on, such as `2027-01-31T09:00:00Z`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only about this guest (address or id)
    #[arg(long)]
    guest: Option<String>,
    /// Only about this app
    #[arg(long)]
    app: Option<String>,
    /// Only of this kind, such as `guest.suspended`
    #[arg(long)]
    event: Option<String>,
}

/// Which entries, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    /// One JSON object a line, or rows for spreadsheets
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

/// How entries are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object a line
    Ndjson,
    /// Rows for spreadsheets
    Csv,
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
                let path = format!("/api/v1/audit?limit={}{}", list.limit, list.wanted.query());
                print_table(&gateway.get(&path).await?, list.json, &ENTRY)?;
                Ok(Ended::Done)
            }
            Self::Verify(plain) => verify(gateway, &plain).await,
            Self::Export(export) => export.run(gateway).await.map(|()| Ended::Done),
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

impl Wanted {
    fn query(&self) -> String {
        let asked = [("since", &self.since), ("guest", &self.guest), ("app", &self.app), ("event", &self.event)];
        asked.iter().filter_map(|(key, value)| Some(format!("&{key}={}", escape(value.as_deref()?)))).collect()
    }
}

impl Export {
    async fn run(&self, gateway: &Client) -> anyhow::Result<()> {
        let format = match self.format {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        };
        let bar = progress::of_unknown("entries are read");
        let path = format!("/api/v1/audit/export?format={format}{}", self.wanted.query());
        gateway.stream(&path, &mut |piece| Ok(std::io::stdout().lock().write_all(piece)?)).await?;
        bar.finish_and_clear();
        Ok(())
    }
}

/// Has the log read, and shows how far that has come.
async fn verify(gateway: &Client, plain: &Plain) -> anyhow::Result<Ended> {
    let (bar, mut rest, mut answer) = (progress::of(0, "entries"), Vec::new(), Value::Null);
    let mut take = |piece: &[u8]| {
        rest.extend_from_slice(piece);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            answer = serde_json::from_slice(&line)?;
            if let (Some(checked), Some(of)) = (answer["checked"].as_u64(), answer["of"].as_u64()) {
                bar.set_length(of);
                bar.set_position(checked);
            }
        }
        Ok(())
    };
    gateway.stream("/api/v1/audit/verify?progress=true", &mut take).await?;
    bar.finish_and_clear();
    let intact = answer["intact"].as_bool().unwrap_or(false);
    if plain.json {
        print_json(&answer)?;
    } else if intact {
        let (entries, first) = (answer["entries"].as_u64().unwrap_or(0), answer["first"].as_u64().unwrap_or(1));
        let from = if first > 1 { format!(", from {first} on: those before were deleted as configured") } else { String::new() };
        print::line(&format!("the audit log is intact: {entries} entries{from}"))?;
    } else {
        print::line(answer["problem"].as_str().unwrap_or("the audit log is not intact"))?;
    }
    Ok(if intact { Ended::Done } else { Ended::Refused })
}
