//! `guestgate mail`: mails as guests would get them.

use std::{io::Read as _, sync::Arc};

use super::{Ended, Global, asking, client::Client, print, wait_for};
use crate::{
    base::Clock as _,
    language::{MailKind, Wanted},
    serve::{self, SystemClock},
    web::{Site, mail},
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show a mail with made-up values, in the language and by the templates of the configuration
    Preview(Preview),
    /// List the kinds of mail
    Kinds,
    /// Take a notice that a mail was not delivered after all, from standard input: for the mailbox that mails are from
    Bounced,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    /// Which kind, as `mail kinds` lists them
    #[arg(value_parser = kind)]
    kind: MailKind,
    /// In which language, such as `de`; otherwise that of the configuration
    #[arg(long)]
    language: Option<String>,
    /// About which app; otherwise the first
    #[arg(long)]
    app: Option<String>,
    /// The HTML form in place of the plain text
    #[arg(long)]
    html: bool,
}

/// The largest notice that is read: what follows is what was returned.
const MOST: u64 = 256 * 1024;

fn kind(name: &str) -> Result<MailKind, String> {
    let known = || MailKind::ALL.map(MailKind::as_str).join(", ");
    MailKind::parse(name).ok_or_else(|| format!("the kinds are {}", known()))
}

pub(crate) fn run(global: &Global, command: &Command) -> anyhow::Result<Ended> {
    match command {
        Command::Kinds => {
            for kind in MailKind::ALL {
                print::line(kind.as_str())?;
            }
            Ok(Ended::Done)
        }
        Command::Preview(preview) => show(global, preview),
        Command::Bounced => wait_for(asking(global, async |gateway| bounced(&gateway).await)),
    }
}

/// Hands a message on to the gateway. What is no notice is refused, so that a mail server can be told to keep it.
async fn bounced(gateway: &Client) -> anyhow::Result<()> {
    let mut message = Vec::new();
    std::io::stdin().lock().take(MOST).read_to_end(&mut message)?;
    let body = serde_json::json!({"message": String::from_utf8_lossy(&message)});
    let taken = gateway.post("/api/v1/mails/bounced", &body).await?;
    print::line(&format!("mail {} has come back: {}", text(&taken, "mail"), text(&taken, "error")))
}

fn text<'v>(value: &'v serde_json::Value, key: &str) -> &'v str {
    value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn show(global: &Global, preview: &Preview) -> anyhow::Result<Ended> {
    let read = serve::read_config(&global.config).and_then(|loaded| {
        let (languages, _) = serve::read_languages(&loaded.config)?;
        Ok((loaded.config, Arc::new(languages)))
    });
    let (config, languages) = match read {
        Ok(read) => read,
        Err(report) => {
            print::report(&report)?;
            return Ok(Ended::Refused);
        }
    };
    if let Some(wanted) = preview.language.as_deref().filter(|wanted| languages.known(wanted).is_none()) {
        anyhow::bail!("there are no texts in the language `{wanted}`");
    }
    let named = preview.app.as_deref();
    let app = config.apps.iter().find(|app| named.is_none_or(|id| app.id.as_str() == id));
    let app = app.ok_or_else(|| anyhow::anyhow!("there is no app `{}`", named.unwrap_or_default()))?;
    let mut site = Site::of(&config, &languages);
    if let Some(own) = preview.language.as_deref() {
        site = site.speaking(&Wanted { own: Some(own), ..Wanted::default() });
    }
    let letter = mail::sample(&site, preview.kind, &app.name, SystemClock::default().now());
    if preview.html {
        print::line(letter.html())?;
    } else {
        print::line(&format!("Subject: {}\n\n{}", letter.subject(), letter.text()))?;
    }
    Ok(Ended::Done)
}
