//! Named locations: addresses become networks, countries become conditions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::base::{Country, Prefix};

use super::{
    Kind, Note, Notes,
    read::{slug, texts, unique},
};

/// The locations of an export, by id.
#[derive(Debug, Default)]
pub(super) struct Locations(BTreeMap<String, Location>);

/// One location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// Addresses.
    Network {
        /// Its name here.
        name: String,
        prefixes: Vec<String>,
        trusted: bool,
    },
    /// Countries, and whether what is in none counts, too.
    Countries { codes: Vec<String>, unknown: bool },
    /// One that has no counterpart.
    Lost { why: &'static str },
}

impl Locations {
    pub(super) fn read(found: &[&Map<String, Value>], notes: &mut Vec<Note>) -> Self {
        let (mut all, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for map in found {
            let Some(id) = map.get("id").and_then(Value::as_str) else { continue };
            let display_name = map.get("displayName").and_then(Value::as_str).unwrap_or(id);
            let mut notes = Notes { of: display_name, all: &mut *notes, off: false };
            let location = location(map, display_name, &mut taken, &mut notes);
            all.entry(id.to_owned()).or_insert(location);
        }
        Self(all)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Location> {
        self.0.get(id)
    }

    /// The names of the networks that are trusted.
    pub(super) fn trusted(&self) -> Vec<String> {
        let name = |location: &Location| match location {
            Location::Network { name, trusted: true, .. } => Some(name.clone()),
            Location::Network { .. } | Location::Countries { .. } | Location::Lost { .. } => None,
        };
        self.0.values().filter_map(name).collect()
    }

    /// The prefixes of a network.
    pub(super) fn prefixes(&self, wanted: &str) -> Option<&[String]> {
        self.0.values().find_map(|location| match location {
            Location::Network { name, prefixes, .. } if name == wanted => Some(prefixes.as_slice()),
            Location::Network { .. } | Location::Countries { .. } | Location::Lost { .. } => None,
        })
    }
}

fn location(map: &Map<String, Value>, display_name: &str, taken: &mut BTreeSet<String>, notes: &mut Notes<'_>) -> Location {
    let kind = map.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
    if kind.ends_with("countryNamedLocation") || map.contains_key("countriesAndRegions") {
        return countries(map, notes);
    }
    if !kind.ends_with("ipNamedLocation") && !map.contains_key("ipRanges") {
        return Location::Lost { why: "it is a kind of location that has no counterpart" };
    }
    let mut prefixes: Vec<String> = Vec::new();
    for range in map.get("ipRanges").and_then(Value::as_array).into_iter().flatten() {
        let text = range.as_str().or_else(|| range.get("cidrAddress").and_then(Value::as_str)).unwrap_or_default();
        match Prefix::parse(text) {
            Ok((prefix, bits)) => {
                let written = prefix.to_string();
                if bits {
                    notes.add(Kind::Nothing, "ipRanges", text, format!("it has host bits and is the same as {written}"));
                }
                if !prefixes.contains(&written) {
                    prefixes.push(written);
                }
            }
            Err(_) => {
                let text = if text.is_empty() { range.to_string() } else { text.to_owned() };
                notes.add(Kind::ReachesLess, "ipRanges", text, "it is not a range of addresses; the location is smaller without it");
            }
        }
    }
    if prefixes.is_empty() {
        return Location::Lost { why: "it has no range that can be read" };
    }
    let trusted = map.get("isTrusted").and_then(Value::as_bool).unwrap_or_default();
    Location::Network { name: unique(&slug(display_name), taken), prefixes, trusted }
}

fn countries(map: &Map<String, Value>, notes: &mut Notes<'_>) -> Location {
    let method = map.get("countryLookupMethod").and_then(Value::as_str).unwrap_or("clientIpAddress");
    if method != "clientIpAddress" {
        return Location::Lost { why: "it is found by an authenticator's position, which no request here says" };
    }
    let mut codes = Vec::new();
    for code in texts(map.get("countriesAndRegions")) {
        let upper = code.to_ascii_uppercase();
        if Country::parse(&upper).is_ok() {
            if !codes.contains(&upper) {
                codes.push(upper);
            }
        } else {
            notes.add(Kind::ReachesLess, "countriesAndRegions", code, "it is not a country's code; the location is smaller without it");
        }
    }
    let unknown = map.get("includeUnknownCountriesAndRegions").and_then(Value::as_bool).unwrap_or_default();
    if codes.is_empty() && !unknown {
        return Location::Lost { why: "it has no country that can be read" };
    }
    Location::Countries { codes, unknown }
}
