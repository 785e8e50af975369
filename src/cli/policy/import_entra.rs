//! `policy import-entra`: Conditional Access as Graph exports it, written as policy files, with a list of everything that is not in them.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::super::{Ended, print, table::print_json};
use crate::{
    base::{Report, Source, yaml},
    policy::entra::{Import, Kind, Names, import},
};

/// What is read, and where it goes.
#[derive(Debug, ClapArgs)]
pub(crate) struct ImportEntra {
    /// Files with `conditionalAccessPolicy` and `namedLocation` objects: one, a list, or `{"value": […]}`, in any mixture
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder for the policy files; what is there already is not touched
    #[arg(long)]
    out: PathBuf,
    /// A YAML file that says what the ids of the export are called here: addresses, groups, roles, apps, domains of tenants
    #[arg(long, value_name = "NAMES")]
    map: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Largest export, in bytes.
const MOST: u64 = 64 * 1024 * 1024;

impl ImportEntra {
    /// Carries it out.
    pub(super) fn run(&self) -> anyhow::Result<Ended> {
        let names = match &self.map {
            None => Names::new(),
            Some(file) => match names(file)? {
                Ok(names) => names,
                Err(report) => return super::refuse(&report),
            },
        };
        let exports = self.files.iter().map(|file| export(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let import = import(&exports, &names);
        if let Some(there) = import.files.keys().map(|name| self.out.join(name)).find(|path| path.exists()) {
            anyhow::bail!("`{}` is there already, and nothing was written; take another folder", there.display());
        }
        fs::create_dir_all(&self.out).with_context(|| format!("{} cannot be made", self.out.display()))?;
        for (name, text) in &import.files {
            write_new(&self.out.join(name), text)?;
        }
        if self.json {
            print_json(&as_json(&import))?
        } else {
            self.say(&import)?
        }
        Ok(if import.policies.is_empty() { Ended::Refused } else { Ended::Done })
    }

    fn say(&self, import: &Import) -> anyhow::Result<()> {
        for name in import.files.keys() {
            print::line(&format!("{} is written", self.out.join(name).display()))?;
        }
        if import.policies.is_empty() {
            return print::line("there is no policy in these files");
        }
        print::line("")?;
        for policy in &import.policies {
            print::paragraph(&format!("{:<12} ", policy.state.as_str()), &format!("{} ({})", policy.name, policy.display_name))?;
        }
        let mut last = None;
        for note in &import.notes {
            if last != Some(note.kind) {
                last = Some(note.kind);
                print::line(&format!("\n{}:", note.kind.as_str()))?;
            }
            print::line("")?;
            print::paragraph("  ", &note.of)?;
            let value = if note.value.is_empty() { String::new() } else { format!(": {}", note.value) };
            print::paragraph("    ", &format!("{}{value}", note.field))?;
            print::paragraph("    ", &note.effect)?;
        }
        let lost = import.notes.iter().filter(|n| n.kind != Kind::Nothing).count();
        print::line("")?;
        print::paragraph("", &format!("{} policies, {lost} things that are not as they were", import.policies.len()))
    }
}

fn as_json(import: &Import) -> Value {
    json!({ "files": import.files.keys().collect::<Vec<_>>(), "policies": import.policies, "not_carried": import.notes })
}

fn export(file: &Path) -> anyhow::Result<(String, Value)> {
    let name = file.display().to_string();
    let length = fs::metadata(file).with_context(|| format!("`{name}` cannot be read"))?.len();
    anyhow::ensure!(length <= MOST, "`{name}` is larger than 64 MiB");
    let bytes = fs::read(file).with_context(|| format!("`{name}` cannot be read"))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let value = serde_json::from_slice(text).with_context(|| format!("`{name}` is not JSON"))?;
    Ok((name, value))
}

/// Id to name.
fn names(file: &Path) -> anyhow::Result<Result<Names, Report>> {
    let name = file.display().to_string();
    let bytes = fs::read(file).with_context(|| format!("`{name}` cannot be read"))?;
    let mut report = Report::new();
    let mut names = Names::new();
    if let Some(source) = yaml::decode(&name, &bytes, &mut report)
        && let Some(root) = yaml::parse(&source, &mut report)
    {
        read_names(&source, &root, &mut names, &mut report);
    }
    Ok(if report.has_errors() { Err(report) } else { Ok(names) })
}

fn read_names(source: &Source, root: &yaml::Node, names: &mut Names, report: &mut Report) {
    let mut read = yaml::Reader::new(source, report);
    for entry in read.any_map(root).unwrap_or_default() {
        if let Some(text) = read.text(&entry.value) {
            names.insert(entry.key.clone(), text.to_owned());
        }
    }
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
