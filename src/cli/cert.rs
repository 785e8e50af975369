//! `guestgate cert`: the certificates that guests see.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Ended, Global, certs, print, system,
    table::{Column, print_table},
};
use crate::{
    base::{Clock as _, Host, Timestamp},
    config::{Certificate, Config, Lookup},
    serve::{self, SystemClock},
};

/// What is done with certificates.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the hosts with the certificate that each one shows, and until when; fails where one has none that is valid
    List(List),
    /// Make an authority of one's own and a certificate under it: for trying out, or where clients are told to trust it
    New(New),
}

/// Nothing but the format.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// For which hosts, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The hosts [default: those of the configuration]
    hosts: Vec<Host>,
    /// The folder that `authority.pem`, `cert.pem` and `key.pem` are written into
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

const HOST: [Column; 5] =
    [Column("host", "host"), Column("state", "state"), Column("from", "from"), Column("until", "until"), Column("cert", "file")];

impl Command {
    /// Carries it out.
    pub(crate) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        match self {
            Self::List(list) => {
                let config = serve::read_config(&global.config)?.config;
                let (items, good) = hosts(&config, SystemClock::default().now());
                print_table(&json!({ "items": items }), list.json, &HOST)?;
                Ok(if good { Ended::Done } else { Ended::Refused })
            }
            Self::New(new) => new.run(global),
        }
    }
}

/// What each host shows: of several certificates the one that lasts longest. Whether all are valid.
fn hosts(config: &Config, now: Timestamp) -> (Vec<Value>, bool) {
    let lookup = Lookup { read: &|path| std::fs::read(path), env: &|_| None };
    let (certificates, _) = config.certificates(lookup, now);
    let mut good = true;
    let shown = |host: &Host| {
        let covering = certificates.iter().filter(|certificate| certificate.covers(host));
        let best = covering.max_by_key(|certificate| certificate.not_after);
        let state = best.map_or("missing", |certificate| state(certificate, now));
        good &= state == "valid";
        json!({
            "host": host.as_str(), "state": state, "cert": best.map(|c| c.files.cert.display().to_string()),
            "from": best.map(|c| c.not_before.to_string()), "until": best.map(|c| c.not_after.to_string()),
        })
    };
    (config.hosts().map(shown).collect(), good)
}

fn state(certificate: &Certificate, now: Timestamp) -> &'static str {
    if now >= certificate.not_after {
        "ended"
    } else if now < certificate.not_before {
        "not yet valid"
    } else {
        "valid"
    }
}

impl New {
    fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let hosts =
            if self.hosts.is_empty() { serve::read_config(&global.config)?.config.hosts().cloned().collect() } else { self.hosts.clone() };
        system::private_folder(&self.dir).with_context(|| format!("cannot make `{}`", self.dir.display()))?;
        certs::write(&self.dir, &hosts.iter().map(Host::as_str).collect::<Vec<_>>())?;
        print::line(&format!(
            "wrote cert.pem and key.pem for {} into {}; clients have to trust authority.pem",
            print::counted(hosts.len(), "host"),
            self.dir.display()
        ))?;
        Ok(Ended::Done)
    }
}
