//! Graph's JSON, read leniently: lists that are missing or null, flags as one text with commas or as a list, single objects and pages of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What an object of an export is.
pub(super) enum Object<'v> {
    Policy(&'v Map<String, Value>),
    Location(&'v Map<String, Value>),
    Other(&'v Value),
}

/// Calls with every object of an export, whatever it is wrapped in.
pub(super) fn objects<'v>(value: &'v Value, found: &mut dyn FnMut(Object<'v>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| objects(item, found)),
        Value::Object(map) => {
            let kind = map.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
            let has = |key: &str| map.contains_key(key);
            if kind.ends_with("conditionalAccessPolicy") || has("conditions") || has("grantControls") {
                found(Object::Policy(map));
            } else if kind.ends_with("NamedLocation") || has("ipRanges") || has("countriesAndRegions") {
                found(Object::Location(map));
            } else {
                let wrapped = ["value", "policies", "namedLocations"].map(|key| map.get(key).filter(|v| v.is_array() || v.is_object()));
                if wrapped.iter().all(Option::is_none) {
                    found(Object::Other(value));
                }
                wrapped.into_iter().flatten().for_each(|inner| objects(inner, found));
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => found(Object::Other(value)),
    }
}

/// The texts of a list; of one text, its parts between commas; nothing where there is nothing.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        Some(Value::Array(items)) => items
            .iter()
            .flat_map(|item| match item {
                Value::String(text) => vec![text.trim().to_owned()],
                Value::Null => Vec::new(),
                // Nothing that we know how to read: kept, so that it is listed as lost.
                other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => vec![other.to_string()],
            })
            .filter(|text| !text.is_empty())
            .collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_))) => vec![other.to_string()],
    }
}

/// Whether a value says nothing: missing, null, `false`, empty, or made of such.
pub(super) fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.is_empty() || text == "none",
        Some(Value::Array(items)) => items.iter().all(|item| is_nothing(Some(item))),
        Some(Value::Object(map)) => map.iter().all(|(key, value)| key.contains("@odata.") || is_nothing(Some(value))),
        Some(Value::Bool(true) | Value::Number(_)) => false,
    }
}

/// A name of ours from a name for people.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(56);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "policy".to_owned() } else { slug.to_owned() }
}

/// The name, or the first of its kind with a number that is not taken.
pub(super) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut n = 1;
    while !taken.insert(free.clone()) {
        n += 1;
        free = format!("{name}-{n}");
    }
    free
}
