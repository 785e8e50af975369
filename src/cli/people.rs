//! `invite`, `invitations`, `guests`, `grants`, `sessions`: what a running gateway is asked about people.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    bulk::Bulk,
    client::Client,
    table::{Column, print_item, print_table},
};

/// `guestgate invite`.
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// The guest's mail address.
    #[arg(required_unless_present = "bulk")]
    email: Option<String>,
    /// The app to open; may be given several times.
    #[arg(long = "app", required_unless_present_any = ["bulk", "template"], value_name = "APP")]
    apps: Vec<String>,
    /// A template of the configuration, for what is not said here; with `--bulk`, for rows that name no apps.
    #[arg(long, value_name = "TEMPLATE", conflicts_with_all = ["apps", "role", "access_for"])]
    template: Option<String>,
    /// Who gets a copy of the mail, without a link; may be given several times.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["bulk", "no_send"])]
    cc: Vec<String>,
    /// The page of an app where the guest goes first.
    #[arg(long, value_name = "URL", conflicts_with = "bulk")]
    redirect_url: Option<String>,
    /// Invites everybody in a file: CSV with a head, Entra's template for bulk invitations, or JSON; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["email", "access_for", "role", "groups", "name", "message", "language", "expires_in"])]
    bulk: Option<String>,
    /// With `--bulk`: writes nothing, and says what would be done.
    #[arg(long, requires = "bulk")]
    dry_run: bool,
    /// How long the access lasts once accepted, such as `90d`; the configuration's `access_for` otherwise.
    #[arg(long, value_name = "SPAN")]
    access_for: Option<String>,
    /// The guest's role in these apps.
    #[arg(long)]
    role: Option<String>,
    /// A group the guest joins; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// The guest's name, for mails and pages.
    #[arg(long)]
    name: Option<String>,
    /// A few words from the inviter.
    #[arg(long)]
    message: Option<String>,
    /// The language of the mail and of the pages, such as `fr`.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// How long the invitation can be accepted, such as `7d`.
    #[arg(long, value_name = "SPAN")]
    expires_in: Option<String>,
    /// Sends no mail: the link that is printed is handed over by other means, and its holder proves the mailbox by a code.
    #[arg(long)]
    no_send: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// `guestgate invitations`.
#[derive(Debug, Subcommand)]
pub(crate) enum Invitations {
    /// Lists them, the newest first.
    List(Listing),
    /// Shows one.
    Show(One),
    /// Takes one back; what it granted ends.
    Revoke(One),
    /// Mails a new link; the mailed links before it are void.
    Resend(One),
    /// Lists what is prepared for invitations, for `invite --template`.
    Templates {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `guestgate guests`.
#[derive(Debug, Subcommand)]
pub(crate) enum Guests {
    /// Lists them.
    List(Listing),
    /// Shows one, with grants and sessions.
    Show(One),
    /// Ends all access at once, until `resume`.
    Suspend(Reasoned),
    /// Lets a suspended guest in again, by a new sign-in.
    Resume(One),
    /// Removes a guest; every session and grant ends.
    Remove(Reasoned),
    /// Brings a guest back who was removed within the last 30 days, with the same grants.
    Restore(One),
    /// Changes name, sponsor or groups.
    Set(Changed),
    /// Prints everything that is held about a guest, as JSON.
    Export(One),
    /// Takes passkeys, authenticator app and recovery codes away and signs out everywhere; the guest begins anew with a mailed code.
    ResetFactors(One),
}

/// `guestgate grants`.
#[derive(Debug, Subcommand)]
pub(crate) enum Grants {
    /// Lists them.
    List(Listing),
    /// Opens an app to a guest who is already known.
    Add(Granted),
    /// Makes one last longer.
    Extend(Extended),
    /// Ends one.
    Revoke(One),
}

/// A longer grant.
#[derive(Debug, Args)]
pub(crate) struct Extended {
    /// The grant's id.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// By how much, counted from its end or from now.
    #[arg(long, value_name = "SPAN", default_value = "90d")]
    by: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// `guestgate sessions`.
#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// Lists a guest's sessions.
    List(One),
    /// Ends all sessions of a guest.
    End(One),
}

/// A list.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Only of this guest (address or id).
    #[arg(long)]
    guest: Option<String>,
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

/// One thing, by id or, where it is a person's, by address.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The id, or the guest's address.
    #[arg(allow_hyphen_values = true)]
    pub(super) id: String,
    /// Prints JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// One guest, and why.
#[derive(Debug, Args)]
pub(crate) struct Reasoned {
    /// The id or address.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// Why; it goes to the audit log.
    #[arg(long)]
    reason: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What changes about a guest.
#[derive(Debug, Args)]
pub(crate) struct Changed {
    /// The id or address.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// The new name.
    #[arg(long)]
    name: Option<String>,
    /// Who is responsible from now on.
    #[arg(long, value_name = "ADDRESS")]
    sponsor: Option<String>,
    /// The groups from now on; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// No groups from now on.
    #[arg(long, conflicts_with = "groups")]
    no_groups: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// A new grant.
#[derive(Debug, Args)]
pub(crate) struct Granted {
    /// The guest's id or address.
    #[arg(allow_hyphen_values = true)]
    guest: String,
    /// The app.
    #[arg(long)]
    app: String,
    /// The role in it.
    #[arg(long)]
    role: Option<String>,
    /// For how long, such as `90d`.
    #[arg(long, value_name = "SPAN")]
    access_for: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

const INVITATION: [Column; 7] = [
    Column("id", "id"),
    Column("email", "address"),
    Column("apps", "apps"),
    Column("status", "status"),
    Column("mail", "mail"),
    Column("invited_by", "by"),
    Column("expires", "expires"),
];
const TEMPLATE: [Column; 4] = [Column("id", "id"), Column("title", "title"), Column("apps", "apps"), Column("groups", "groups")];
const GUEST: [Column; 6] = [
    Column("id", "id"),
    Column("email", "address"),
    Column("name", "name"),
    Column("state", "state"),
    Column("groups", "groups"),
    Column("apps", "apps"),
];
const GRANT: [Column; 7] = [
    Column("id", "id"),
    Column("email", "guest"),
    Column("app", "app"),
    Column("role", "role"),
    Column("status", "status"),
    Column("from", "from"),
    Column("until", "until"),
];
const SESSION: [Column; 6] = [
    Column("id", "id"),
    Column("audience", "for"),
    Column("status", "status"),
    Column("methods", "signed in with"),
    Column("created", "since"),
    Column("last_seen", "last seen"),
];

impl Invite {
    /// Asks the gateway to invite, and prints the link.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        if let Some(file) = &self.bulk {
            let template = self.template.as_deref();
            let bulk = Bulk { file, apps: &self.apps, template, send: !self.no_send, dry_run: self.dry_run, json: self.json };
            return bulk.run(gateway).await;
        }
        let answer = gateway.post("/api/v1/invitations", &self.body()).await?;
        print_item(
            &answer,
            self.json,
            &[Column("email", "invited"), Column("status", "status"), Column("expires", "until"), Column("redeem_url", "link")],
        )
    }

    fn body(&self) -> Value {
        let offers: Vec<Value> =
            self.apps.iter().map(|app| json!({"app": app, "role": self.role, "access_for": self.access_for})).collect();
        json!({
            "email": self.email, "name": self.name, "apps": offers, "groups": self.groups, "message": self.message,
            "language": self.language, "expires_in": self.expires_in, "send": !self.no_send,
            "template": self.template, "cc": self.cc, "redirect_url": self.redirect_url,
        })
    }
}

impl Invitations {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(listing) => listing.run(gateway, "invitations", &INVITATION).await,
            Self::Show(one) => print_item(&gateway.get(&path("invitations", &one.id, "")).await?, one.json, &INVITATION),
            Self::Revoke(one) => {
                let answer = gateway.ask(http::Method::DELETE, &path("invitations", &one.id, ""), None).await?;
                print_item(&answer, one.json, &INVITATION)
            }
            Self::Templates { json } => print_table(&gateway.get("/api/v1/templates").await?, json, &TEMPLATE),
            Self::Resend(one) => {
                print_item(&gateway.post(&path("invitations", &one.id, "/resend"), &json!({})).await?, one.json, &INVITATION)
            }
        }
    }
}

impl Guests {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(listing) => listing.run(gateway, "guests", &GUEST).await,
            Self::Show(one) => print_item(&gateway.get(&path("guests", &one.id, "")).await?, one.json, &GUEST),
            Self::Suspend(r) => patch(gateway, &r.id, json!({"state": "suspended", "reason": r.reason}), r.json).await,
            Self::Resume(one) => patch(gateway, &one.id, json!({"state": "active"}), one.json).await,
            Self::Remove(r) => {
                let answer = gateway.ask(http::Method::DELETE, &path("guests", &r.id, ""), Some(&json!({"reason": r.reason}))).await?;
                print_item(&answer, r.json, &GUEST)
            }
            Self::Restore(one) => print_item(&gateway.post(&path("guests", &one.id, "/restore"), &json!({})).await?, one.json, &GUEST),
            Self::Export(one) => print_item(&gateway.get(&path("guests", &one.id, "/export")).await?, true, &GUEST),
            Self::Set(c) => {
                let mut body = Map::new();
                if let Some(name) = &c.name {
                    body.insert("name".to_owned(), json!(name));
                }
                if let Some(sponsor) = &c.sponsor {
                    body.insert("sponsor".to_owned(), json!(sponsor));
                }
                if c.no_groups || !c.groups.is_empty() {
                    body.insert("groups".to_owned(), json!(c.groups));
                }
                patch(gateway, &c.id, Value::Object(body), c.json).await
            }
            Self::ResetFactors(one) => {
                let answer = gateway.post(&path("guests", &one.id, "/reset-factors"), &json!({})).await?;
                print_item(&answer, one.json, &[Column("email", "guest"), Column("ended", "sessions ended")])
            }
        }
    }
}

impl Grants {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(listing) => listing.run(gateway, "grants", &GRANT).await,
            Self::Add(g) => {
                let body = json!({"guest": g.guest, "app": g.app, "role": g.role, "access_for": g.access_for});
                print_item(&gateway.post("/api/v1/grants", &body).await?, g.json, &GRANT)
            }
            Self::Extend(e) => {
                let body = json!({"extend_by": e.by});
                print_item(&gateway.ask(http::Method::PATCH, &path("grants", &e.id, ""), Some(&body)).await?, e.json, &GRANT)
            }
            Self::Revoke(one) => {
                let answer = gateway.ask(http::Method::DELETE, &path("grants", &one.id, ""), None).await?;
                print_item(&answer, one.json, &GRANT)
            }
        }
    }
}

impl Sessions {
    /// Carries the command out.
    pub(crate) async fn run(self, gateway: &Client) -> anyhow::Result<()> {
        match self {
            Self::List(one) => print_table(&gateway.get(&path("guests", &one.id, "/sessions")).await?, one.json, &SESSION),
            Self::End(one) => {
                let answer = gateway.ask(http::Method::DELETE, &path("guests", &one.id, "/sessions"), None).await?;
                print_item(&answer, one.json, &[Column("ended", "ended")])
            }
        }
    }
}

impl Listing {
    async fn run(&self, gateway: &Client, resource: &str, columns: &[Column]) -> anyhow::Result<()> {
        let mut query = format!("limit={}", self.limit);
        for (key, value) in [("guest", &self.guest), ("app", &self.app)] {
            if let Some(value) = value {
                query.push_str(&format!("&{key}={}", escape(value)));
            }
        }
        print_table(&gateway.get(&format!("/api/v1/{resource}?{query}")).await?, self.json, columns)
    }
}

async fn patch(gateway: &Client, id: &str, body: Value, json: bool) -> anyhow::Result<()> {
    print_item(&gateway.ask(http::Method::PATCH, &path("guests", id, ""), Some(&body)).await?, json, &GUEST)
}

pub(super) fn path(resource: &str, id: &str, rest: &str) -> String {
    format!("/api/v1/{resource}/{}{rest}", escape(id))
}

pub(super) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
