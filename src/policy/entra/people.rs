//! Whom a policy is for.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Kind, Names, Notes, addressed, named,
    read::{is_nothing, texts},
    shortened,
};

/// Whom a policy is for, and whom it leaves out.
#[derive(Debug, Default)]
pub(super) struct People {
    everyone: bool,
    included: Vec<Value>,
    excluded: Vec<Value>,
}

/// Whether a part of an export includes or excludes: what is lost weighs differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Include,
    Exclude,
}

/// The kinds of people that come from outside; whoever excludes all of these excludes guests.
const OUTSIDE: [&str; 5] =
    ["internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "b2bDirectConnectUser", "otherExternalUser"];

impl Way {
    fn key(self, what: &str) -> String {
        match self {
            Self::Include => format!("include{what}"),
            Self::Exclude => format!("exclude{what}"),
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Include => Kind::ReachesLess,
            Self::Exclude => Kind::ExclusionLost,
        }
    }

    fn lost(self, what: &str) -> String {
        match self {
            Self::Include => format!("the policy was for this {what}, whom nothing here is mapped to"),
            Self::Exclude => format!("this {what} was excluded, and the policy is for them now: nothing here is mapped to it"),
        }
    }
}

impl People {
    pub(super) fn read(users: &Map<String, Value>, names: &Names, notes: &mut Notes<'_>) -> Self {
        let mut people = Self::default();
        people.included = people.side(Way::Include, users, names, notes);
        people.excluded = people.side(Way::Exclude, users, names, notes);
        let known: BTreeSet<String> = ["Users", "Groups", "Roles", "GuestsOrExternalUsers"]
            .iter()
            .flat_map(|what| [Way::Include.key(what), Way::Exclude.key(what)])
            .collect();
        for (key, value) in
            users.iter().filter(|(key, value)| !known.contains(*key) && !key.contains("@odata.") && !is_nothing(Some(value)))
        {
            let kind = if key.starts_with("exclude") { Kind::ExclusionLost } else { Kind::SwitchedOff };
            notes.add(
                kind,
                &format!("conditions.users.{key}"),
                shortened(value),
                "it says whom the policy is for, in a way that is not known here",
            );
        }
        if !people.everyone && people.included.is_empty() {
            notes.add(Kind::SwitchedOff, "conditions.users", "", "nobody whom it was for is known here");
        }
        people
    }

    fn side(&mut self, way: Way, users: &Map<String, Value>, names: &Names, notes: &mut Notes<'_>) -> Vec<Value> {
        let field = |what: &str| format!("conditions.users.{}", way.key(what));
        let mut found = Vec::new();
        let mut emails = Vec::new();
        for id in texts(users.get(&way.key("Users"))) {
            match id.as_str() {
                "All" if way == Way::Include => self.everyone = true,
                "None" => {}
                "GuestsOrExternalUsers" => found.push(json!({ "kind": "guest" })),
                id => match addressed(names, id) {
                    Some(address) => emails.push(address),
                    None => notes.add(way.kind(), &field("Users"), id, way.lost("person")),
                },
            }
        }
        if !emails.is_empty() {
            found.push(json!({ "email": emails }));
        }
        for (what, key, word) in [("Groups", "group", "group"), ("Roles", "role", "role")] {
            let mut carried = Vec::new();
            for id in texts(users.get(&way.key(what))) {
                match named(names, &id) {
                    Some(name) => carried.push(name),
                    None => notes.add(way.kind(), &field(what), &id, way.lost(word)),
                }
            }
            if !carried.is_empty() {
                found.push(json!({ key: carried }));
            }
        }
        let outside = users.get(&way.key("GuestsOrExternalUsers")).filter(|v| !v.is_null());
        found.extend(outside.and_then(|outside| guests(way, outside, &field("GuestsOrExternalUsers"), names, notes)));
        found
    }

    /// The principal in our words; nothing is everyone.
    pub(super) fn into_principal(self) -> Option<Value> {
        let one_of = |mut list: Vec<Value>| match list.len() {
            0 => None,
            1 => list.pop(),
            _ => Some(json!({ "any": list })),
        };
        let mut principal =
            if self.everyone { Map::new() } else { one_of(self.included).and_then(|v| v.as_object().cloned()).unwrap_or_default() };
        if let Some(except) = one_of(self.excluded) {
            principal.insert("except".to_owned(), except);
        }
        (!principal.is_empty()).then_some(Value::Object(principal))
    }
}

/// Guests and other people from outside. Without types it is not known who is meant, least of all everyone.
fn guests(way: Way, outside: &Value, field: &str, names: &Names, notes: &mut Notes<'_>) -> Option<Value> {
    let types: Vec<String> = texts(outside.get("guestOrExternalUserTypes")).into_iter().filter(|t| t != "none").collect();
    let known = |t: &String| OUTSIDE.contains(&t.as_str()) || t == "serviceProvider";
    if types.is_empty() {
        let effect = match way {
            Way::Include => "it names no types of guests, so it does not say whom the policy is for; it is not read as everyone",
            Way::Exclude => "it names no types of guests, so nobody is excluded by it",
        };
        notes.add(way.kind(), field, shortened(outside), effect);
        return None;
    }
    let all = OUTSIDE.iter().all(|outside| types.iter().any(|t| t == outside));
    if way == Way::Exclude && !all {
        notes.add(way.kind(), field, types.join(", "), "only some types of guests were excluded; here all guests are one kind, so none is");
        return None;
    }
    for unknown in types.iter().filter(|t| !known(t)) {
        notes.add(way.kind(), field, unknown, way.lost("type of guest"));
    }
    if !types.iter().any(known) {
        return None;
    }
    if way == Way::Include && !all {
        notes.add(Kind::Changed, field, types.join(", "), "only these types were meant; here all guests are one kind, so all are");
    }
    let mut guests = json!({ "kind": "guest" });
    let tenants = outside.get("externalTenants").filter(|t| !t.is_null());
    let enumerated = tenants.is_some_and(|t| t.get("membershipKind").and_then(Value::as_str) != Some("all") && !is_nothing(Some(t)));
    if let Some(tenants) = tenants.filter(|_| enumerated) {
        let domain = |id: &String| names.get(id).filter(|d| is_domain(d)).cloned();
        let mut domains = Vec::new();
        for id in texts(tenants.get("members")) {
            match domain(&id) {
                Some(name) => domains.push(name),
                None => notes.add(way.kind(), &format!("{field}.externalTenants"), &id, way.lost("tenant")),
            }
        }
        if domains.is_empty() {
            notes.add(way.kind(), &format!("{field}.externalTenants"), shortened(tenants), way.lost("set of tenants"));
            return None;
        }
        guests["organization"] = json!(domains);
    }
    Some(guests)
}

/// Whether the text can be the end of an address.
fn is_domain(text: &str) -> bool {
    crate::base::EmailAddress::parse(&format!("a@{text}")).is_ok()
}
