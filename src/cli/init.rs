//! `guestgate init`: a working directory, from which `serve` can start.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;

use super::{Ended, certs::OwnCertificates, print, system};
use crate::{
    base::{AppId, Clock as _, EmailAddress, Entropy as _, Host},
    config::{Lookup, Storage, Upstream},
    directory::{Actor, EnrolMember, Enrolling, Guest, Occasion, Target, may},
    serve::{SystemClock, SystemEntropy},
    store::{SqliteStore, Store as _, StoreKeys},
    web::{MEMBER_LINK_LIFE, MemberLink},
};

/// What the new configuration says.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; made where it is not there
    dir: PathBuf,
    /// How policies and commands name the first app
    #[arg(long, value_name = "ID", default_value = "charts")]
    app: AppId,
    /// The public host of the first app
    #[arg(long, default_value = "charts.example.com")]
    host: Host,
    /// Where the first app answers
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    upstream: Upstream,
    /// The host of the guest pages [default: `access` beside the app's host]
    #[arg(long, value_name = "HOST")]
    portal: Option<Host>,
    /// Who decides about the first app's guests [default: `owner` at the app's domain]
    #[arg(long, value_name = "EMAIL")]
    owner: Option<EmailAddress>,
    /// Who may do everything [default: the owner of the first app]
    #[arg(long, value_name = "EMAIL")]
    admin: Option<EmailAddress>,
}

/// A file to be written.
struct Draft {
    path: &'static str,
    bytes: Vec<u8>,
    mode: u32,
}

const EVERYBODY: u32 = 0o644;
const US: u32 = 0o600;

pub(crate) async fn run(args: &Args) -> anyhow::Result<Ended> {
    if args.app.as_str() == "definitions" {
        anyhow::bail!("the app cannot be called `definitions`: its policies would lie in the file of definitions");
    }
    let domain = domain(&args.host);
    let portal = match &args.portal {
        Some(portal) => portal.clone(),
        None => Host::parse(&format!("access.{domain}"))?,
    };
    let owner = match &args.owner {
        Some(owner) => owner.clone(),
        None => EmailAddress::parse(&format!("owner@{domain}"))?,
    };
    let admin = args.admin.as_ref().unwrap_or(&owner);
    let upstream = args.upstream.to_string();
    let words = [
        ("{portal}", portal.as_str()),
        ("{domain}", domain),
        ("{owner}", owner.as_str()),
        ("{admin}", admin.as_str()),
        ("{app}", args.app.as_str()),
        ("{host}", args.host.as_str()),
        ("{upstream}", &upstream),
    ];
    let configuration = fill(include_str!("templates/guestgate.yaml"), &words);
    refuse_nonsense(&configuration)?;
    let drafts = drafts(&[portal.clone(), args.host.clone()], configuration, &words)?;
    let policy = format!("policies/{}.yaml", args.app);
    write(&args.dir, drafts, &policy, fill(include_str!("templates/app.yaml"), &words).as_bytes())?;
    let configuration = args.dir.join("guestgate.yaml");
    print::line(&format!("wrote {}; next:\n", args.dir.display()))?;
    print::line(&format!("  guestgate --config {} check", configuration.display()))?;
    print::line(&format!("  guestgate --config {} serve", configuration.display()))?;
    let link =
        first_link(&configuration, admin).await.context("everything is written, but there is no link for the first administrator")?;
    print::line("\nthen, within a day, the administrator sets a passkey up by this link, which works once:\n")?;
    print::line(&format!("  {link}"))?;
    Ok(Ended::Done)
}

/// The link of the first administrator, in a database that is there before anything serves.
async fn first_link(configuration: &Path, admin: &EmailAddress) -> anyhow::Result<String> {
    let config = crate::serve::read_config(configuration)?.config;
    let Storage::Sqlite(database) = &config.storage;
    let master: [u8; 32] = fs::read(config.data_dir.join("master.key"))?.as_slice().try_into()?;
    let keys = StoreKeys::derive(&master).context("the master key cannot be used")?;
    let store = SqliteStore::open(database, keys, Arc::new(SystemEntropy)).await?;
    let occasion = Occasion { now: SystemClock::default().now(), entropy: &SystemEntropy, from: None };
    let warrant = may::<EnrolMember>(&Actor::Machine, Target::Everything)?;
    let link = MemberLink::random(&SystemEntropy);
    let who = Enrolling { email: admin, known: None, held: None, token: link.digest, lifetime: MEMBER_LINK_LIFE };
    let (member, proposal) = Guest::enrol(&occasion, &warrant, who)?;
    store.commit(proposal).await?;
    store.close().await;
    Ok(link.url(&config.origin(&config.portal.host), member.id))
}

/// An option that makes no sense is refused before anything is written.
fn refuse_nonsense(configuration: &str) -> anyhow::Result<()> {
    let source = crate::base::Source::new("guestgate.yaml", configuration);
    // The template names neither files nor variables.
    let nothing = Lookup { read: &|_| Err(io::ErrorKind::NotFound.into()), env: &|_| None };
    match crate::config::Config::parse(&source, Path::new(""), nothing) {
        Ok(_) => Ok(()),
        Err(report) => anyhow::bail!("with these options the configuration would be wrong\n\n{report}"),
    }
}

fn drafts(hosts: &[Host], configuration: String, words: &[(&str, &str)]) -> anyhow::Result<Vec<Draft>> {
    let name = format!("Guestgate authority of {}", hosts.first().map_or("", Host::as_str));
    let made = OwnCertificates::make(&name, hosts, SystemClock::default().now()).context("cannot make certificates")?;
    let mut master = [0; 32];
    SystemEntropy.fill(&mut master);
    let text = |path, text: String, mode| Draft { path, bytes: text.into_bytes(), mode };
    Ok(vec![
        text("guestgate.yaml", configuration, EVERYBODY),
        Draft { path: "data/master.key", bytes: master.to_vec(), mode: US },
        text("certs/authority.pem", made.authority, EVERYBODY),
        text("certs/authority.key", made.authority_key, US),
        text("certs/guestgate.pem", made.certificate, EVERYBODY),
        text("certs/guestgate.key", made.key, US),
        text("certs/README.md", include_str!("../../certs/README.md").to_owned(), EVERYBODY),
        text("policies/definitions.yaml", fill(include_str!("templates/definitions.yaml"), words), EVERYBODY),
    ])
}

/// Writes everything, or nothing where anything is there already.
fn write(dir: &Path, drafts: Vec<Draft>, policy: &str, policy_text: &[u8]) -> anyhow::Result<()> {
    let there = drafts.iter().map(|d| d.path).chain([policy]).map(|path| dir.join(path)).find(|path| path.symlink_metadata().is_ok());
    if let Some(path) = there {
        anyhow::bail!("`{}` is there already; nothing was written", path.display());
    }
    let made = |path: &Path| format!("cannot make `{}`", path.display());
    fs::create_dir_all(dir).with_context(|| made(dir))?;
    for folder in ["certs", "policies"] {
        fs::create_dir_all(dir.join(folder)).with_context(|| made(&dir.join(folder)))?;
    }
    ours_alone(&dir.join("data")).with_context(|| made(&dir.join("data")))?;
    for draft in drafts {
        let path = dir.join(draft.path);
        system::write_new(&path, &draft.bytes, draft.mode).with_context(|| made(&path))?;
    }
    let path = dir.join(policy);
    system::write_new(&path, policy_text, EVERYBODY).with_context(|| made(&path))
}

/// Makes a folder that only we may enter, also where it is there already.
fn ours_alone(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    system::private_folder(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// The domain that the app's host lies in, or the host itself where that would be a top-level domain.
fn domain(host: &Host) -> &str {
    let parent = host.as_str().split_once('.').map(|(_, parent)| parent);
    parent.filter(|parent| parent.contains('.') || *parent == "localhost").unwrap_or(host.as_str())
}

fn fill(template: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(template.to_owned(), |text, (word, value)| text.replace(word, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Source,
        policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
    };

    #[test]
    fn the_example_policies_pass_their_own_tests_without_a_warning() {
        let files = Files {
            definitions: Some(Source::new("definitions.yaml", include_str!("templates/definitions.yaml"))),
            apps: vec![Source::new("charts.yaml", fill(include_str!("templates/app.yaml"), &[("{app}", "charts")]))],
            ..Files::default()
        };
        let id = AppId::parse("charts").unwrap();
        let apps = Some(vec![KnownApp::new(id)]);
        let methods = MethodsOffered { email: true, passkey: true, totp: true, client_certificate: false };
        let (set, warnings) = PolicySet::build(&files, &Universe { apps, methods, providers: Vec::new() }).unwrap();
        assert!(warnings.is_empty(), "{warnings}");
        assert_eq!(set.cases().len(), 2);
        for case in set.cases() {
            let result = case.run(&set).unwrap();
            assert!(result.passed(), "{result:?}");
        }
    }
}
