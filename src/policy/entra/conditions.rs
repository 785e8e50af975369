//! Under which circumstances a policy applies: places, devices, programs, risks.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Kind, Notes,
    locations::{Location, Locations},
    read::{is_nothing, texts},
    shortened,
};

/// `when`, `unless`, and the networks that they name.
#[derive(Debug, Default)]
pub(super) struct Circumstances {
    pub(super) when: Option<Value>,
    pub(super) unless: Option<Value>,
    pub(super) networks: BTreeSet<String>,
}

/// The circumstances on their way.
struct Reader<'r, 'n> {
    locations: &'r Locations,
    notes: &'r mut Notes<'n>,
    /// All of these must hold.
    when: Vec<Value>,
    /// None of these may hold.
    unless: Vec<Value>,
    networks: BTreeSet<String>,
}

/// Members that are read elsewhere.
const ELSEWHERE: [&str; 2] = ["applications", "users"];

impl Circumstances {
    pub(super) fn read(conditions: &Map<String, Value>, locations: &Locations, notes: &mut Notes<'_>) -> Self {
        let mut reader = Reader { locations, notes, when: Vec::new(), unless: Vec::new(), networks: BTreeSet::new() };
        for (key, value) in conditions.iter().filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()) && !key.contains("@odata.")) {
            reader.condition(key, value);
        }
        let Reader { when, unless, networks, .. } = reader;
        let unless = if unless.len() > 1 { Some(json!({ "any": unless })) } else { unless.into_iter().next() };
        Self { when: all_of(&when), unless, networks }
    }
}

/// One mapping with all keys; the same key twice takes `all`.
fn all_of(parts: &[Value]) -> Option<Value> {
    let mut one = Map::new();
    let mut twice = false;
    for (key, value) in parts.iter().filter_map(Value::as_object).flatten() {
        twice |= one.insert(key.clone(), value.clone()).is_some();
    }
    match (parts.is_empty(), twice) {
        (true, _) => None,
        (false, false) => Some(Value::Object(one)),
        (false, true) => Some(json!({ "all": parts })),
    }
}

impl Reader<'_, '_> {
    fn condition(&mut self, key: &str, value: &Value) {
        match key {
            "clientAppTypes" => self.clients(value),
            "platforms" => self.platforms(value),
            "locations" => self.locations_of(value),
            "signInRiskLevels" => self.risk(value),
            "devices" | "deviceStates" => self.devices(key, value),
            _ if is_nothing(Some(value)) => {}
            "userRiskLevels" => self.lost(key, value, "the risk of an account is not known here"),
            "clientApplications" | "servicePrincipalRiskLevels" | "agentIdRiskLevels" => {
                self.lost(key, value, "the policy is for programs, not for people")
            }
            _ => self.lost(key, value, "no request here says that, so the policy would apply more often"),
        }
    }

    /// A condition without a counterpart.
    fn lost(&mut self, key: &str, value: &Value, why: &str) {
        self.notes.add(Kind::SwitchedOff, &format!("conditions.{key}"), shortened(value), why);
    }

    fn unreadable(&mut self, key: &str, value: &Value) {
        if !is_nothing(Some(value)) {
            self.lost(key, value, "it cannot be read");
        }
    }

    fn clients(&mut self, value: &Value) {
        let field = "conditions.clientAppTypes";
        let types = texts(Some(value));
        if types.is_empty() || types.iter().any(|t| t == "all") {
            return;
        }
        let mut clients = BTreeSet::new();
        for one in &types {
            match one.as_str() {
                "browser" => clients.extend(["browser", "websocket"]),
                "mobileAppsAndDesktopClients" => clients.extend(["api", "websocket"]),
                "exchangeActiveSync" | "easSupported" | "easUnsupported" | "other" => {
                    self.notes.add(Kind::Nothing, field, one, "programs of this kind cannot reach an app here");
                }
                _ => self.notes.add(Kind::ReachesLess, field, one, "this kind of program is not known here"),
            }
        }
        match clients.len() {
            0 => self.notes.add(Kind::SwitchedOff, field, types.join(", "), "it was for programs that cannot reach an app here"),
            3 => {}
            _ => self.when.push(json!({ "client": clients })),
        }
    }

    fn platforms(&mut self, value: &Value) {
        let field = |key: &str| format!("conditions.platforms.{key}");
        let Some(map) = value.as_object() else {
            return self.unreadable("platforms", value);
        };
        let included = texts(map.get("includePlatforms"));
        let excluded = texts(map.get("excludePlatforms"));
        if !included.is_empty() && !included.iter().any(|p| p == "all") {
            let mut carried = Vec::new();
            for one in &included {
                match platform(one) {
                    Some(word) => carried.push(word),
                    None => self.notes.add(Kind::ReachesLess, &field("includePlatforms"), one, "this platform is not known here"),
                }
            }
            if carried.is_empty() {
                self.notes.add(Kind::SwitchedOff, &field("includePlatforms"), included.join(", "), "none of its platforms is known here");
            } else {
                self.when.push(json!({ "platform": carried }));
            }
        }
        let mut carried = Vec::new();
        for one in &excluded {
            match platform(one) {
                Some(word) => carried.push(word),
                None => {
                    self.notes.add(Kind::ExclusionLost, &field("excludePlatforms"), one, "it was excluded; the policy applies there now")
                }
            }
        }
        if !carried.is_empty() {
            self.unless.push(json!({ "platform": carried }));
        }
        self.others("platforms", map, &["includePlatforms", "excludePlatforms"]);
    }

    fn locations_of(&mut self, value: &Value) {
        let Some(map) = value.as_object() else {
            return self.unreadable("locations", value);
        };
        let included = texts(map.get("includeLocations"));
        if !included.is_empty() && !included.iter().any(|l| l == "All") {
            let found = self.places(&included, "includeLocations", Kind::ReachesLess);
            match found.len() {
                0 => self.notes.add(
                    Kind::SwitchedOff,
                    "conditions.locations.includeLocations",
                    included.join(", "),
                    "none of its places is known here",
                ),
                1 => self.when.extend(found),
                _ => self.when.push(json!({ "any": found })),
            }
        }
        let excluded = texts(map.get("excludeLocations"));
        if excluded.iter().any(|l| l == "All") {
            self.notes.add(Kind::SwitchedOff, "conditions.locations.excludeLocations", "All", "it applies nowhere");
        }
        let found = self.places(&excluded, "excludeLocations", Kind::ExclusionLost);
        self.unless.extend(found);
        self.others("locations", map, &["includeLocations", "excludeLocations"]);
    }

    /// Conditions for the places that have a counterpart: one for all networks, one for all countries.
    fn places(&mut self, ids: &[String], key: &str, lost: Kind) -> Vec<Value> {
        let field = format!("conditions.locations.{key}");
        let (mut networks, mut countries) = (BTreeSet::new(), BTreeSet::new());
        for id in ids.iter().filter(|id| *id != "All") {
            if id == "AllTrusted" {
                let trusted = self.locations.trusted();
                if trusted.is_empty() {
                    self.notes.add(lost, &field, id, "no trusted location is in the export");
                }
                networks.extend(trusted);
                continue;
            }
            match self.locations.get(id) {
                Some(Location::Network { name, .. }) => drop(networks.insert(name.clone())),
                Some(Location::Countries { codes, unknown }) => {
                    countries.extend(codes.iter().cloned());
                    match (unknown, lost) {
                        (true, Kind::ExclusionLost) => self.notes.add(
                            lost,
                            &field,
                            id,
                            "addresses of unknown countries were excluded; whom we know least about is not let through here",
                        ),
                        (true, _) => drop(countries.insert("unknown".to_owned())),
                        (false, _) => {}
                    }
                }
                Some(Location::Lost { why }) => self.notes.add(lost, &field, id, *why),
                None => self.notes.add(lost, &field, id, "the location is not in the export"),
            }
        }
        self.networks.extend(networks.iter().cloned());
        let mut found = Vec::new();
        if !networks.is_empty() {
            found.push(json!({ "network": networks }));
        }
        if !countries.is_empty() {
            found.push(json!({ "country": countries }));
        }
        found
    }

    fn risk(&mut self, value: &Value) {
        let field = "conditions.signInRiskLevels";
        let levels = texts(Some(value));
        let Some(least) = ["none", "low", "medium", "high"].into_iter().find(|level| levels.iter().any(|l| l == level)) else {
            if !levels.is_empty() {
                self.notes.add(Kind::SwitchedOff, field, levels.join(", "), "none of its levels of risk is known here");
            }
            return;
        };
        let word = if least == "none" { "low" } else { least };
        self.notes.add(Kind::Changed, field, levels.join(", "), format!("it is at least `{word}` here, by signals of our own"));
        self.when.push(json!({ "risk": word }));
    }

    fn devices(&mut self, key: &str, value: &Value) {
        let Some(map) = value.as_object().filter(|_| !is_nothing(Some(value))) else {
            return self.unreadable(key, value);
        };
        for (inner, value) in map.iter().filter(|(inner, value)| !inner.contains("@odata.") && !is_nothing(Some(value))) {
            let field = format!("conditions.{key}.{inner}");
            let excludes =
                inner.starts_with("exclude") || (inner == "deviceFilter" && value.get("mode").and_then(Value::as_str) == Some("exclude"));
            if excludes {
                self.notes.add(
                    Kind::ExclusionLost,
                    &field,
                    shortened(value),
                    "these devices were excluded; no request here says what they are",
                );
            } else if !texts(Some(value)).iter().all(|t| t.eq_ignore_ascii_case("all")) {
                self.notes.add(
                    Kind::SwitchedOff,
                    &field,
                    shortened(value),
                    "it was for these devices only; no request here says what they are",
                );
            }
        }
    }

    /// Members that are not known.
    fn others(&mut self, key: &str, map: &Map<String, Value>, known: &[&str]) {
        for (inner, value) in map.iter().filter(|(inner, _)| !known.contains(&inner.as_str()) && !inner.contains("@odata.")) {
            if !is_nothing(Some(value)) {
                self.lost(&format!("{key}.{inner}"), value, "it narrows the policy in a way that is not known here");
            }
        }
    }
}

fn platform(word: &str) -> Option<&'static str> {
    ["windows", "macos", "linux", "ios", "android"].into_iter().find(|known| word.eq_ignore_ascii_case(known))
}
