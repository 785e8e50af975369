//! What today's directory says about guests and sessions whose facts a log does not hold.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{super::super::client::Client, line::Line};
use crate::{
    base::{AppId, Timestamp},
    policy::LoggedFacts,
};

/// A running gateway that is asked once about each guest, or nobody.
pub(super) struct Directory {
    asked: Option<(Client, tokio::runtime::Runtime)>,
    /// What was answered; `None`: there is no such guest.
    guests: HashMap<String, Option<Known>>,
    trouble: Option<String>,
}

/// A guest as the directory has them today.
struct Known {
    person: Map<String, Value>,
    /// The role in each app.
    roles: HashMap<String, Value>,
    /// Sessions by id.
    sessions: HashMap<String, Value>,
}

/// So many guests are kept in mind.
const MOST_GUESTS: usize = 100_000;

impl Directory {
    /// Nobody is asked.
    pub(super) fn none() -> Self {
        Self { asked: None, guests: HashMap::new(), trouble: None }
    }

    /// This gateway is asked, where there is one.
    pub(super) fn of(client: Option<Client>) -> Self {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().ok();
        Self { asked: client.and_then(|client| Some((client, runtime()?))), guests: HashMap::new(), trouble: None }
    }

    /// Why nobody could be asked, where somebody should have been.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The facts of a line, as far as today's directory knows them.
    pub(super) fn facts(&mut self, app: &AppId, line: &Line<'_>) -> Option<LoggedFacts> {
        if line.guest.is_empty() {
            return None;
        }
        if !self.guests.contains_key(&*line.guest) {
            let known = self.ask(&line.guest);
            if self.guests.len() >= MOST_GUESTS {
                self.guests.clear();
            }
            self.guests.insert(line.guest.to_string(), known);
        }
        let known = self.guests.get(&*line.guest)?.as_ref()?;
        let mut facts = known.person.clone();
        if let Some(role) = known.roles.get(app.as_str()) {
            facts.insert("role".to_owned(), role.clone());
        }
        let session = known.sessions.get(&*line.session);
        let signed_in = session.and_then(|s| s.get("signed_in")?.as_str()?.parse::<Timestamp>().ok());
        // Whoever has shown more since may not have shown it then.
        if let (Some(session), Some(at)) = (session, signed_in.filter(|at| *at <= line.time)) {
            let methods = session.get("methods").and_then(Value::as_array).into_iter().flatten();
            let shown: Map<String, Value> = methods.filter_map(|m| Some((m.as_str()?.to_owned(), json!(at)))).collect();
            facts.insert("signed-in-with".to_owned(), Value::Object(shown));
            facts.insert("signed-in".to_owned(), json!(at));
        }
        serde_json::from_value(Value::Object(facts)).ok()
    }

    fn ask(&mut self, guest: &str) -> Option<Known> {
        let (client, runtime) = self.asked.as_ref()?;
        // An id is letters, digits and hyphens; anything else was not written by us.
        if !guest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return None;
        }
        let answers = runtime.block_on(async {
            let found = client.get(&format!("/api/v1/guests/{guest}")).await?;
            let sessions = client.get(&format!("/api/v1/guests/{guest}/sessions")).await?;
            let grants = client.get(&format!("/api/v1/grants?guest={guest}")).await?;
            anyhow::Ok((found, sessions, grants))
        });
        match answers {
            Ok((found, sessions, grants)) => known(&found, &sessions, &grants),
            Err(cause) => {
                if cause.downcast_ref::<std::io::Error>().is_some() {
                    self.asked = None;
                    self.trouble = Some(format!("{cause:#}"));
                }
                None
            }
        }
    }
}

fn known(found: &Value, sessions: &Value, grants: &Value) -> Option<Known> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let kind = text(found, "kind").filter(|kind| kind == "member").unwrap_or_else(|| "guest".to_owned());
    let mut person = Map::from_iter([(kind, found.get("email")?.clone())]);
    for (ours, theirs) in
        [("groups", "groups"), ("attributes", "attributes"), ("invited-by", "invited_by"), ("guest-since", "first_redeemed")]
    {
        if let Some(value) = found.get(theirs).filter(|v| !v.is_null()) {
            person.insert(ours.to_owned(), value.clone());
        }
    }
    let items = |list: &Value| list.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let role = |grant: &Value| Some((text(grant, "app")?, grant.get("role").filter(|r| !r.is_null())?.clone()));
    let roles = items(grants).iter().filter_map(role).collect();
    let sessions = items(sessions).into_iter().filter_map(|s| Some((text(&s, "id")?, s))).collect();
    Some(Known { person, roles, sessions })
}
