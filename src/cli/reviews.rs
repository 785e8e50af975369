//! `reviews`: whether accesses are still needed, and what became of them.

use bytes::Bytes;
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use super::{
    client::{Client, read},
    people::{One, escape, path},
    print,
    table::{Column, print_item, print_table},
};

/// `guestgate reviews`.
#[derive(Debug, Subcommand)]
pub(crate) enum Reviews {
    /// Lists them, the newest first.
    List(Listing),
    /// Shows one, and the accesses that nobody has answered for.
    Show(Shown),
    /// Begins one out of turn.
    Open(Open),
    /// Says that accesses are still needed.
    Keep(Answer),
    /// Ends accesses that are not.
    Remove(Answer),
    /// Prints what was decided about each access.
    Report(Report),
}

/// Which ones.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Only in this state: open, closed.
    #[arg(long)]
    state: Option<String>,
    /// Only of this app.
    #[arg(long)]
    app: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Which one, and how much of it.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    #[command(flatten)]
    one: One,
    /// At most so many accesses.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// How one begins.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The app.
    app: String,
    /// How long the reviewers have, such as `14d`; as configured otherwise.
    #[arg(long, value_name = "SPAN")]
    answer_within: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What is answered for.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The review.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// The accesses: addresses of guests, or ids of grants.
    #[arg(required_unless_present = "rest", allow_hyphen_values = true)]
    accesses: Vec<String>,
    /// All that nobody has answered for.
    #[arg(long, conflicts_with = "accesses")]
    rest: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// How a report is printed.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The review.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// As a table, JSON or CSV.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

const REVIEW: [Column; 9] = [
    Column("id", "id"),
    Column("app", "app"),
    Column("status", "status"),
    Column("opened", "opened"),
    Column("due", "due"),
    Column("left", "left"),
    Column("kept", "kept"),
    Column("removed", "removed"),
    Column("lapsed", "lapsed"),
];
const ACCESS: [Column; 6] = [
    Column("grant", "access"),
    Column("email", "guest"),
    Column("role", "role"),
    Column("from", "since"),
    Column("last_used", "last used"),
    Column("excluded_by", "excluded by"),
];
const VERDICT: [Column; 5] =
    [Column("email", "guest"), Column("role", "role"), Column("outcome", "outcome"), Column("at", "at"), Column("by", "by")];
const ANSWERED: [Column; 2] = [Column("answered", "answered"), Column("left", "left")];

impl Reviews {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(listing) => {
                let mut query = format!("limit={}", listing.limit);
                for (key, value) in [("state", &listing.state), ("app", &listing.app)] {
                    if let Some(value) = value {
                        query.push_str(&format!("&{key}={}", escape(value)));
                    }
                }
                print_table(&gateway.get(&format!("/api/v1/reviews?{query}")).await?, listing.json, &REVIEW)
            }
            Self::Show(shown) => show(gateway, &shown).await,
            Self::Open(open) => {
                let body = json!({"app": open.app, "answer_within": open.answer_within});
                print_item(&gateway.post("/api/v1/reviews", &body).await?, open.json, &REVIEW)
            }
            Self::Keep(answer) => decide(gateway, "keep", &answer).await,
            Self::Remove(answer) => decide(gateway, "remove", &answer).await,
            Self::Report(report) => {
                let all = |format: &str| path("reviews", &report.id, &format!("/report?format={format}"));
                match report.format {
                    Format::Csv => {
                        let reply = gateway.send(Method::GET, &all("csv"), "application/json", Bytes::new()).await?;
                        if !reply.status.is_success() {
                            return read(&reply).map(drop);
                        }
                        print::line(String::from_utf8_lossy(&reply.body).trim_end())
                    }
                    Format::Json => print_table(&gateway.get(&all("json")).await?, true, &VERDICT),
                    Format::Table => print_table(&json!({"items": gateway.get(&all("json")).await?}), false, &VERDICT),
                }
            }
        }
    }
}

async fn show(gateway: &Client, shown: &Shown) -> anyhow::Result<()> {
    let review = gateway.get(&path("reviews", &shown.one.id, "")).await?;
    let left = gateway.get(&path("reviews", &shown.one.id, &format!("/left?limit={}", shown.limit))).await?;
    if shown.one.json {
        return print_item(&json!({"review": review, "left": left}), true, &REVIEW);
    }
    print_item(&review, false, &REVIEW)?;
    print_table(&left, false, &ACCESS)
}

async fn decide(gateway: &Client, decision: &str, answer: &Answer) -> anyhow::Result<()> {
    let to = path("reviews", &answer.id, "/decide");
    if !answer.rest {
        let grants = grants(gateway, answer).await?;
        return print_item(&gateway.post(&to, &json!({"decision": decision, "grants": grants})).await?, answer.json, &ANSWERED);
    }
    // The gateway takes a part of a long list at a time.
    let mut answered = 0;
    loop {
        let said = gateway.post(&to, &json!({"decision": decision, "rest": true})).await?;
        let n = |key: &str| said.get(key).and_then(Value::as_u64).unwrap_or(0);
        answered += n("answered");
        if n("left") == 0 || n("answered") == 0 {
            return print_item(&json!({"answered": answered, "left": n("left")}), answer.json, &ANSWERED);
        }
    }
}

/// The ids of the accesses that are meant.
async fn grants(gateway: &Client, answer: &Answer) -> anyhow::Result<Vec<String>> {
    let review = gateway.get(&path("reviews", &answer.id, "")).await?;
    let app = review.get("app").and_then(Value::as_str).unwrap_or_default();
    let mut ids = Vec::with_capacity(answer.accesses.len());
    for one in &answer.accesses {
        if !one.contains('@') {
            ids.push(one.clone());
            continue;
        }
        let held = gateway.get(&format!("/api/v1/grants?guest={}&app={}", escape(one), escape(app))).await?;
        let items = held.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let active = items.iter().find(|grant| grant.get("status").and_then(Value::as_str) == Some("active"));
        let id = active.and_then(|grant| grant.get("id")).and_then(Value::as_str);
        ids.push(id.ok_or_else(|| anyhow::anyhow!("`{one}` has no access to `{app}`"))?.to_owned());
    }
    Ok(ids)
}
