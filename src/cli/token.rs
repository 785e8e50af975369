//! `guestgate token`: tokens for programs.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{
    client::Client,
    people::{One, path},
    table::{Column, print_item, print_table},
};

/// `guestgate token`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tokens {
    /// Makes one, and prints it once.
    Create(Create),
    /// Lists them; what they are shown by is not kept.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ends one at once, and those that were made with it.
    Revoke(One),
}

/// A new token.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What it may do.
    #[arg(long)]
    role: Role,
    /// The app of an owner; may be given several times.
    #[arg(long = "app", value_name = "APP")]
    apps: Vec<String>,
    /// How long it holds, such as `90d`; without, until it is revoked.
    #[arg(long, value_name = "SPAN")]
    expires: Option<String>,
    /// What it is for.
    #[arg(long)]
    name: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// Everything.
    Admin,
    /// Invite to every app, and look after these invitations.
    Inviter,
    /// What an owner of the apps may.
    Owner,
    /// Look at the directory and the audit log.
    Reader,
}

const TOKEN: [Column; 7] = [
    Column("id", "id"),
    Column("name", "name"),
    Column("role", "role"),
    Column("apps", "apps"),
    Column("status", "status"),
    Column("expires", "expires"),
    Column("last_used", "last used"),
];

impl Tokens {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::Create(new) => {
                let role = new.role.to_possible_value().map(|value| value.get_name().to_owned());
                let body = json!({"role": role, "apps": new.apps, "name": new.name, "expires_in": new.expires});
                let answer = gateway.post("/api/v1/tokens", &body).await?;
                print_item(&answer, new.json, &[Column("id", "id"), Column("expires", "expires"), Column("token", "token")])
            }
            Self::List { json } => print_table(&gateway.get("/api/v1/tokens").await?, json, &TOKEN),
            Self::Revoke(one) => {
                let answer = gateway.ask(http::Method::DELETE, &path("tokens", &one.id, ""), None).await?;
                print_item(&answer, one.json, &TOKEN)
            }
        }
    }
}
