//! `guestgate backup` and `restore`: everything that a data folder holds, in a folder of its own.
//!
//! A backup is whole once `backup.json` is in it, which names each file with its hash. The configuration and what it refers to
//! (certificates, policies) are the operator's own files and not in it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Ended, Global, keys::refuse_beside_a_gateway, print, progress, system, table::print_json};
use crate::{
    base::{Clock as _, Entropy},
    config::{Config, Storage},
    directory::audit::Head,
    serve::{self, Masters, SystemClock, SystemEntropy},
    store::{SqliteStore, Store as _, StoreKeys},
};

/// `guestgate backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The folder; it must not be there yet
    dir: PathBuf,
    /// Leaves the master keys out: keep them elsewhere, a database without them is of no use
    #[arg(long)]
    without_keys: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// `guestgate restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// A folder that `guestgate backup` has written
    dir: PathBuf,
    /// Puts what is in the data folder now aside, in place of refusing
    #[arg(long)]
    replace: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    version: String,
    at: String,
    files: BTreeMap<String, Held>,
}

/// One file of it.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    bytes: u64,
    blake3: String,
}

const CONTENTS: &str = "backup.json";
const DATABASE: &str = "guestgate.db";
const ANCHOR: &str = "audit.anchor";
/// What else lies in a data folder and is worth keeping.
const BESIDE: [&str; 2] = [ANCHOR, "policies.accepted"];

impl Backup {
    /// Copies, while the gateway runs or not.
    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<Ended> {
        let config = serve::read_config(&global.config)?.config;
        let Storage::Sqlite(database) = &config.storage;
        anyhow::ensure!(database.exists(), "there is no database at `{}`", database.display());
        anyhow::ensure!(fs::symlink_metadata(&self.dir).is_err(), "`{}` is there already", self.dir.display());
        system::private_folder(&self.dir).with_context(|| format!("cannot make `{}`", self.dir.display()))?;
        // The end of the audit log is copied first: the database then holds it, or more.
        let keys: &[&str] = if self.without_keys { &[] } else { &Masters::FILES };
        let mut names: Vec<&str> = Vec::new();
        for name in BESIDE.iter().chain(keys) {
            let from = config.data_dir.join(name);
            if from.exists() {
                let bytes = fs::read(&from).with_context(|| format!("cannot read `{}`", from.display()))?;
                system::write_new(&self.dir.join(name), &bytes, 0o600)?;
                names.push(name);
            }
        }
        let copy = self.dir.join(DATABASE);
        let bar = progress::of_unknown("copying the database");
        SqliteStore::copy(database, &copy).await.context("the database cannot be copied")?;
        bar.finish_and_clear();
        system::ours(&copy)?;
        names.push(DATABASE);
        let files = names.iter().map(|name| Ok(((*name).to_owned(), Held::of(&self.dir.join(name))?))).collect::<anyhow::Result<_>>()?;
        let contents = Contents { version: env!("CARGO_PKG_VERSION").to_owned(), at: SystemClock::default().now().to_string(), files };
        system::write_new(&self.dir.join(CONTENTS), &serde_json::to_vec_pretty(&contents)?, 0o600)?;
        if self.json {
            print_json(&serde_json::to_value(&contents)?)?;
        } else {
            let bytes: u64 = contents.files.values().map(|file| file.bytes).sum();
            print::line(&format!(
                "wrote {} ({} KiB) into {}",
                print::counted(contents.files.len(), "file"),
                bytes / 1024,
                self.dir.display()
            ))?;
        }
        Ok(Ended::Done)
    }
}

impl Held {
    fn of(path: &Path) -> anyhow::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let mut file = fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let bytes = std::io::copy(&mut file, &mut hasher)?;
        Ok(Self { bytes, blake3: hasher.finalize().to_hex().to_string() })
    }
}

impl Restore {
    /// Writes a backup into the data folder of the configuration, and sees that it is whole and can be used.
    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<Ended> {
        let config = serve::read_config(&global.config)?.config;
        let contents = self.contents()?;
        refuse_beside_a_gateway(&config.data_dir)?;
        let Storage::Sqlite(database) = &config.storage;
        system::private_folder(&config.data_dir).with_context(|| format!("cannot make `{}`", config.data_dir.display()))?;
        let targets = contents.targets(&config);
        anyhow::ensure!(
            targets.contains_key(Masters::FILES[0]) || config.data_dir.join(Masters::FILES[0]).exists(),
            "the backup has no master key, and `{}` has none: put `{}` there first",
            config.data_dir.display(),
            Masters::FILES[0]
        );
        let aside = self.put_aside(&config, &contents)?;
        for (name, to) in &targets {
            let from = self.dir.join(name);
            fs::copy(&from, to).with_context(|| format!("cannot write `{}`", to.display()))?;
            system::ours(to)?;
        }
        let head = try_out(&config, database).await?;
        if self.json {
            print_json(&json!({"restored": contents.files.keys().collect::<Vec<_>>(), "of": contents.at, "audit_entries": head.sequence,
                "aside": aside.as_ref().map(|path| path.display().to_string())}))?;
        } else {
            let kept = aside.map(|path| format!("; what was there is in {}", path.display())).unwrap_or_default();
            print::line(&format!("restored the state of {}; the audit log is intact: {} entries{kept}", contents.at, head.sequence))?;
        }
        Ok(Ended::Done)
    }

    /// What the backup says that it holds, and does.
    fn contents(&self) -> anyhow::Result<Contents> {
        let path = self.dir.join(CONTENTS);
        let text = fs::read(&path).with_context(|| format!("`{}` is no whole backup: it has no `{CONTENTS}`", self.dir.display()))?;
        let contents: Contents = serde_json::from_slice(&text).with_context(|| format!("`{}` cannot be read", path.display()))?;
        let known = |name: &String| name == DATABASE || BESIDE.contains(&name.as_str()) || Masters::FILES.contains(&name.as_str());
        if let Some(odd) = contents.files.keys().find(|name| !known(name)) {
            anyhow::bail!("the backup holds `{odd}`, which this version does not know");
        }
        anyhow::ensure!(contents.files.contains_key(DATABASE), "the backup has no database");
        for (name, held) in &contents.files {
            let found = Held::of(&self.dir.join(name))?;
            anyhow::ensure!(found.blake3 == held.blake3, "`{name}` is not as it was when the backup was made");
        }
        Ok(contents)
    }

    /// Moves what would be overwritten, and what belongs to it, into a folder beside; nothing is ever lost.
    fn put_aside(&self, config: &Config, contents: &Contents) -> anyhow::Result<Option<PathBuf>> {
        let Storage::Sqlite(database) = &config.storage;
        let mut there: Vec<PathBuf> = ["", "-wal", "-shm"].iter().map(|end| beside(database, end)).collect();
        // Keys stay where the backup brings none.
        let names = BESIDE.iter().chain(&Masters::FILES);
        there.extend(
            names
                .filter(|name| !Masters::FILES.contains(name) || contents.files.contains_key(**name))
                .map(|name| config.data_dir.join(name)),
        );
        there.retain(|path| path.exists());
        if there.is_empty() {
            return Ok(None);
        }
        anyhow::ensure!(self.replace, "there is data in `{}` already; `--replace` puts it aside", config.data_dir.display());
        let folder = config.data_dir.join(format!("before-restore-{}", SystemClock::default().now().as_secs()));
        system::private_folder(&folder)?;
        for path in there {
            let name = path.file_name().context("a file has no name")?;
            fs::rename(&path, folder.join(name)).with_context(|| format!("cannot move `{}`", path.display()))?;
        }
        Ok(Some(folder))
    }
}

impl Contents {
    /// Where each file belongs.
    fn targets(&self, config: &Config) -> BTreeMap<String, PathBuf> {
        let Storage::Sqlite(database) = &config.storage;
        let place = |name: &String| if name == DATABASE { database.clone() } else { config.data_dir.join(name) };
        self.files.keys().map(|name| (name.clone(), place(name))).collect()
    }
}

/// Opens the database with the keys, which brings it up to date, and reads its whole audit log.
async fn try_out(config: &Config, database: &Path) -> anyhow::Result<Head> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let masters = Masters::open(&config.data_dir, database, &entropy).await?;
    let keys = StoreKeys::derive(masters.current.bytes()).context("the master key cannot be used")?;
    let store = SqliteStore::open(database, keys, entropy).await.context("the restored database cannot be used")?;
    let anchor = fs::read_to_string(config.data_dir.join(ANCHOR)).ok().map(|text| text.parse::<Head>()).transpose()?;
    let verified = store.verify_audit(anchor, &|_, _| {}).await?;
    store.close().await;
    verified.context("everything is restored, but the audit log is not as it was written")
}

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}
