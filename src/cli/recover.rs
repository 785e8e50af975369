//! `guestgate recover`: the way in for whoever runs the machine, when nobody can sign in any more.

use serde_json::{Value, json};

use super::{client::Client, print, table::print_json};

/// For whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The member's address; the first of `roles.admins` otherwise
    address: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Carries it out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        let made = gateway.post("/api/v1/members/link", &json!({ "email": self.address })).await?;
        if self.json {
            return print_json(&made);
        }
        let say = |key: &str| made.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        print::line(&format!("{} adds a passkey by this link, which works once, until {}:\n", say("email"), say("expires")))?;
        print::line(&format!("  {}", say("link")))
    }
}
