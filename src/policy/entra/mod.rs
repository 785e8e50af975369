//! Conditional Access policies and named locations of Microsoft Entra, read as Graph exports them, written as policy files of ours.
//!
//! What has no counterpart is never guessed. Policies restrict, so a part that is lost is judged by what it would have done: without an
//! inclusion or a condition a policy would reach whom it was not meant for, so it is switched off; without an exclusion of people, places or
//! devices it reaches more than it did, so it stays on and is named first, because somebody may be locked out; without an exclusion of apps
//! it is switched off. Everything that was not carried is listed with what it would have done.

mod conditions;
mod controls;
mod locations;
mod people;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::base::{EmailAddress, Name};

use self::{
    conditions::Circumstances,
    controls::Controls,
    locations::Locations,
    people::People,
    read::{Object, objects, slug, texts},
};

/// What the ids of the export are called here: people by address, groups, roles and apps by name, tenants by domain.
pub type Names = BTreeMap<String, String>;

/// Policy files, and what they leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// Texts by file name.
    pub files: BTreeMap<String, String>,
    /// The policies that were written.
    pub policies: Vec<Imported>,
    /// What was not carried, the gravest first.
    pub notes: Vec<Note>,
}

/// A policy that was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Its name here.
    pub name: String,
    /// Its name there.
    pub display_name: String,
    /// Its state here.
    pub state: super::State,
    /// The files that it stands in.
    pub files: Vec<String>,
}

/// Something that was not carried, or not as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Note {
    /// What follows from it.
    pub kind: Kind,
    /// The policy or location, by its name there.
    pub of: String,
    /// The member of the export.
    pub field: String,
    /// Its value, or the part of it.
    pub value: String,
    /// What it would have done.
    pub effect: String,
}

/// What follows from something that was not carried, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The policy is on and reaches more than it did.
    ExclusionLost,
    /// The policy is switched off.
    SwitchedOff,
    /// The policy is on and demands less than it did.
    DemandsLess,
    /// The policy is on and reaches less than it did.
    ReachesLess,
    /// The policy is on and demands more than it did, or in another way.
    Changed,
    /// Nothing follows.
    Nothing,
}

impl Kind {
    /// As a heading.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExclusionLost => "excluded before, and not any more: who may be locked out",
            Self::SwitchedOff => "switched off, because it would reach what it was not meant for, or say nothing",
            Self::DemandsLess => "demands less than it did",
            Self::ReachesLess => "reaches less than it did",
            Self::Changed => "carried in another way",
            Self::Nothing => "left out, and nothing follows",
        }
    }
}

/// The notes on one policy, and whether any of them switches it off.
#[derive(Debug)]
struct Notes<'n> {
    of: &'n str,
    all: &'n mut Vec<Note>,
    off: bool,
}

impl Notes<'_> {
    fn add(&mut self, kind: Kind, field: &str, value: impl Into<String>, effect: impl Into<String>) {
        self.off |= kind == Kind::SwitchedOff;
        let note = Note { kind, of: self.of.to_owned(), field: field.to_owned(), value: value.into(), effect: effect.into() };
        if !self.all.contains(&note) {
            self.all.push(note);
        }
    }

    /// What is lost of a policy that is off harms nobody until it is on.
    fn only_where_it_is_on(&mut self) {
        for note in self.all.iter_mut().filter(|note| note.of == self.of && note.kind == Kind::ExclusionLost) {
            note.kind = Kind::SwitchedOff;
        }
    }
}

/// A policy on its way, in our words.
#[derive(Debug)]
struct Draft {
    name: String,
    display_name: String,
    state: super::State,
    apps: Apps,
    body: Map<String, Value>,
    networks: BTreeSet<String>,
    strengths: BTreeMap<String, Value>,
}

/// The apps that a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Apps {
    All,
    These(BTreeSet<String>),
    /// None that is known here.
    Lost,
}

/// Reads exports and writes policy files. `names` says what ids are called here.
pub fn import(exports: &[(String, Value)], names: &Names) -> Import {
    let mut notes = Vec::new();
    let (mut policies, mut found) = (Vec::new(), Vec::new());
    for (file, value) in exports {
        objects(value, &mut |object| match object {
            Object::Policy(map) => policies.push(map),
            Object::Location(map) => found.push(map),
            Object::Other(value) => {
                let mut other = Notes { of: file, all: &mut notes, off: false };
                other.add(Kind::Nothing, "", shortened(value), "it is neither a policy nor a named location");
            }
        });
    }
    let locations = Locations::read(&found, &mut notes);
    let (mut drafts, mut taken, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for map in policies {
        let id = map.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() || seen.insert(id) {
            drafts.push(draft(map, names, &locations, &mut taken, &mut notes));
        }
    }
    notes.sort();
    let mut import = write::files(&drafts, &locations);
    import.notes = notes;
    import
}

/// One policy.
fn draft(map: &Map<String, Value>, names: &Names, locations: &Locations, taken: &mut BTreeSet<String>, notes: &mut Vec<Note>) -> Draft {
    let display_name = map.get("displayName").and_then(Value::as_str).unwrap_or("unnamed").to_owned();
    let name = read::unique(&slug(&display_name), taken);
    let mut notes = Notes { of: &display_name, all: notes, off: false };
    let empty = Map::new();
    let part = |of: &Map<String, Value>, key: &str| of.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let conditions = map.get("conditions").and_then(Value::as_object).unwrap_or(&empty);
    if conditions.is_empty() {
        notes.add(Kind::SwitchedOff, "conditions", "", "nothing says whom the policy is for");
    }
    let apps = apps(&part(conditions, "applications"), names, &mut notes);
    let people = People::read(&part(conditions, "users"), names, &mut notes);
    let Circumstances { when, unless, networks } = Circumstances::read(conditions, locations, &mut notes);
    let controls = Controls::read(map.get("grantControls"), map.get("sessionControls"), &mut notes);
    for key in map.keys().filter(|key| !KNOWN.contains(&key.as_str()) && !key.contains("@odata.")) {
        if !read::is_nothing(map.get(key)) {
            notes.add(Kind::Nothing, key, map.get(key).map(shortened).unwrap_or_default(), "it says nothing about whom the policy lets in");
        }
    }
    let state = state(map.get("state"), &mut notes);
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<Value>| value.into_iter().for_each(|value| drop(body.insert(key.to_owned(), value)));
    put("for", people.into_principal());
    put("when", when);
    put("unless", unless);
    let strengths = controls.strengths.clone();
    controls.into_body(&display_name, &mut notes).into_iter().for_each(|(key, value)| put(&key, Some(value)));
    let state = if notes.off { super::State::Off } else { state };
    if state == super::State::Off {
        notes.only_where_it_is_on();
    }
    Draft { name, display_name, state, apps, body, networks, strengths }
}

/// The members of a policy that are looked at, and those that say nothing.
const KNOWN: [&str; 10] = [
    "id",
    "displayName",
    "description",
    "createdDateTime",
    "modifiedDateTime",
    "templateId",
    "state",
    "conditions",
    "grantControls",
    "sessionControls",
];

fn state(value: Option<&Value>, notes: &mut Notes<'_>) -> super::State {
    match value.and_then(Value::as_str) {
        Some("enabled") => super::State::Enforced,
        Some("disabled") => super::State::Off,
        Some("enabledForReportingButNotEnforced") => super::State::ReportOnly,
        other => {
            notes.add(Kind::SwitchedOff, "state", other.unwrap_or_default(), "it is none of the three states");
            super::State::Off
        }
    }
}

/// The apps that the policy is for.
fn apps(applications: &Map<String, Value>, names: &Names, notes: &mut Notes<'_>) -> Apps {
    let field = |key: &str| format!("conditions.applications.{key}");
    for (key, value) in applications.iter().filter(|(key, value)| !key.contains("@odata.") && !read::is_nothing(Some(value))) {
        if !["includeApplications", "excludeApplications"].contains(&key.as_str()) {
            notes.add(Kind::SwitchedOff, &field(key), shortened(value), "it narrows the policy to something that no request here says");
        }
    }
    let named = |id: &str| names.get(id).filter(|name| crate::base::AppId::parse(name).is_ok()).cloned();
    let included = texts(applications.get("includeApplications"));
    let excluded = texts(applications.get("excludeApplications"));
    let all = included.iter().any(|id| id == "All");
    let mut these = BTreeSet::new();
    for id in included.iter().filter(|id| !["All", "None"].contains(&id.as_str()) && !all) {
        match named(id) {
            Some(name) => drop(these.insert(name)),
            None => notes.add(
                Kind::ReachesLess,
                &field("includeApplications"),
                id,
                "requests to this app were restricted; no app here is mapped to it",
            ),
        }
    }
    for id in &excluded {
        let carried = !all && included.contains(id);
        match named(id) {
            Some(name) if !all => drop(these.remove(&name)),
            _ if carried => {}
            _ if all => notes.add(
                Kind::SwitchedOff,
                &field("excludeApplications"),
                id,
                "the policy was for all apps but this one, which cannot be said here",
            ),
            _ => notes.add(Kind::Nothing, &field("excludeApplications"), id, "the policy names its apps, and this is none of them"),
        }
    }
    if all {
        return Apps::All;
    }
    if these.is_empty() {
        notes.add(Kind::SwitchedOff, &field("includeApplications"), included.join(", "), "none of the apps that it was for is known here");
        return Apps::Lost;
    }
    Apps::These(these)
}

/// A name that an id is mapped to, if it can be one here.
fn named(names: &Names, id: &str) -> Option<String> {
    names.get(id).filter(|name| Name::parse(name).is_ok()).cloned()
}

/// An address: the id itself, or what it is mapped to.
fn addressed(names: &Names, id: &str) -> Option<String> {
    let text = names.get(id).map_or(id, String::as_str);
    EmailAddress::parse(text).ok().map(|address| address.to_string())
}

/// A value in few words.
fn shortened(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut short: String = text.chars().take(120).collect();
    if text.chars().count() > 120 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
