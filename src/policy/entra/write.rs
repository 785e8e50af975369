//! Policies as YAML: one file an app, one for all apps, one for the names that they use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Apps, Draft, Import, Imported, locations::Locations};
use crate::policy::State;

const HEAD: &str = "# Imported from Microsoft Entra. Read what was not carried over before you rely on it.\n";

/// The files.
pub(super) fn files(drafts: &[Draft], locations: &Locations) -> Import {
    let mut by_file: BTreeMap<Option<String>, Vec<&Draft>> = BTreeMap::new();
    let mut policies = Vec::new();
    // An app that only policies that are off reach would be one that no policy reaches, which is an error.
    let reached: BTreeSet<&String> = drafts
        .iter()
        .filter(|draft| draft.state != State::Off)
        .flat_map(|draft| match &draft.apps {
            Apps::These(apps) => apps.iter().collect::<Vec<_>>(),
            Apps::All | Apps::Lost => Vec::new(),
        })
        .collect();
    for draft in drafts {
        let apps: Vec<Option<String>> = match &draft.apps {
            Apps::These(apps) if apps.iter().all(|app| reached.contains(app)) => apps.iter().cloned().map(Some).collect(),
            Apps::These(_) | Apps::All | Apps::Lost => vec![None],
        };
        let files = apps.iter().map(|app| file_of(app.as_deref())).collect();
        for app in apps {
            by_file.entry(app).or_default().push(draft);
        }
        let (name, display_name) = (draft.name.clone(), draft.display_name.clone());
        policies.push(Imported { name, display_name, state: draft.state, files });
    }
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (app, drafts) in by_file {
        let head = app.as_deref().map_or_else(|| "apps: all\n".to_owned(), |app| format!("app: {}\n", scalar(app)));
        let mut text = format!("{HEAD}{head}\npolicies:\n");
        for (ix, draft) in drafts.iter().enumerate() {
            if ix > 0 {
                text.push('\n');
            }
            policy(&mut text, draft);
        }
        files.insert(file_of(app.as_deref()), text);
    }
    if let Some(text) = definitions(drafts, locations) {
        files.insert("definitions.yaml".to_owned(), text);
    }
    Import { files, policies, notes: Vec::new() }
}

/// The file of an app, or that of all apps.
fn file_of(app: Option<&str>) -> String {
    match app {
        None => "all.yaml".to_owned(),
        // That name is taken.
        Some("definitions") => "app-definitions.yaml".to_owned(),
        Some(app) => format!("{app}.yaml"),
    }
}

fn policy(text: &mut String, draft: &Draft) {
    let mut line = |key: &str, value: &str| text.push_str(&format!("    {key}: {value}\n"));
    line("name", &scalar(&draft.name));
    line("description", &quoted(&draft.display_name));
    match draft.state {
        State::Enforced => {}
        State::ReportOnly | State::Off => line("state", draft.state.as_str()),
    }
    for key in ["for", "when", "unless", "block", "require", "session"] {
        if let Some(value) = draft.body.get(key) {
            line(key, &flow(value));
        }
    }
    // The first key stands after the dash.
    let start = text.rfind("    name: ").unwrap_or(0);
    text.replace_range(start..start + 4, "  - ");
    if let (State::Off, Apps::These(apps)) = (draft.state, &draft.apps) {
        let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
        text.push_str(&format!("    # It was for {} only.\n", apps.join(", ")));
    }
}

fn definitions(drafts: &[Draft], locations: &Locations) -> Option<String> {
    let networks: BTreeSet<&String> = drafts.iter().flat_map(|d| &d.networks).collect();
    let strengths: BTreeMap<&String, &Value> = drafts.iter().flat_map(|d| &d.strengths).collect();
    if networks.is_empty() && strengths.is_empty() {
        return None;
    }
    let mut text = HEAD.to_owned();
    if !networks.is_empty() {
        text.push_str("networks:\n");
        for name in networks {
            let prefixes = locations.prefixes(name).unwrap_or_default();
            text.push_str(&format!("  {}: {}\n", scalar(name), flow(&serde_json::json!(prefixes))));
        }
    }
    if !strengths.is_empty() {
        text.push_str("strengths:\n");
        for (name, combinations) in strengths {
            text.push_str(&format!("  {}: {}\n", scalar(name), flow(combinations)));
        }
    }
    Some(text)
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            // What is left out reads better behind what is in.
            let (last, first): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| *key == "except");
            let entries: Vec<String> =
                first.into_iter().chain(last).map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A word without quotes where it can be nothing else.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let boolean = matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null");
    if plain && !boolean { text.to_owned() } else { quoted(text) }
}

/// Double quotes, and an escape for everything that a reader or a terminal might take for something else.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c if c.is_alphanumeric() => quoted.push(c),
            c if u32::from(c) > 0xffff => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}
