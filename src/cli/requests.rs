//! `requests`: what people ask for, and the decision about it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    client::Client,
    people::{One, escape, path},
    table::{Column, print_item, print_table},
};

/// `guestgate requests`.
#[derive(Debug, Subcommand)]
pub(crate) enum Requests {
    /// Lists them, the oldest first.
    List(Listing),
    /// Shows one, with everything that was answered.
    Show(One),
    /// Grants one.
    Approve(Approve),
    /// Refuses one.
    Deny(Deny),
}

/// Which ones.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Only in this state: open, checking, approved, denied, withdrawn.
    #[arg(long)]
    state: Option<String>,
    /// Only of this guest (address or id).
    #[arg(long)]
    guest: Option<String>,
    /// Only for this app.
    #[arg(long)]
    app: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// How one is granted.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The id.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// How long the access lasts, such as `90d`; as configured otherwise.
    #[arg(long, value_name = "SPAN")]
    access_for: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// How one is refused.
#[derive(Debug, Args)]
pub(crate) struct Deny {
    /// The id.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// What whoever asked is told.
    #[arg(long)]
    message: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

const REQUEST: [Column; 7] = [
    Column("id", "id"),
    Column("kind", "kind"),
    Column("email", "who"),
    Column("app", "app"),
    Column("status", "status"),
    Column("created", "since"),
    Column("reason", "reason"),
];

impl Requests {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(listing) => {
                let mut query = format!("limit={}", listing.limit);
                for (key, value) in [("state", &listing.state), ("guest", &listing.guest), ("app", &listing.app)] {
                    if let Some(value) = value {
                        query.push_str(&format!("&{key}={}", escape(value)));
                    }
                }
                print_table(&gateway.get(&format!("/api/v1/requests?{query}")).await?, listing.json, &REQUEST)
            }
            Self::Show(one) => print_item(&gateway.get(&path("requests", &one.id, "")).await?, one.json, &REQUEST),
            Self::Approve(a) => {
                let answer = gateway.post(&path("requests", &a.id, "/approve"), &json!({"access_for": a.access_for})).await?;
                print_item(&answer, a.json, &REQUEST)
            }
            Self::Deny(d) => {
                let answer = gateway.post(&path("requests", &d.id, "/deny"), &json!({"message": d.message})).await?;
                print_item(&answer, d.json, &REQUEST)
            }
        }
    }
}
