//! `/api/v1/policies/evaluate`: a request that might be, against the policies in force.

use axum::{Extension, Json, extract::State};
use serde_json::{Map, Value, json};

use super::{
    AdminState,
    input::{Body, app, guest},
    trouble::Trouble,
};
use crate::{
    base::{AppId, Kind, Source, Span, Timestamp},
    directory::{Actor, Audience, Grant, Guest, GuestState, ReadDirectory, Session, Target, may},
};

/// What is asked.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    app: String,
    /// By address or id: what is not given is taken from the directory. Without it, what is not given has its default.
    #[serde(default)]
    guest: Option<String>,
    /// Facts in the words of `given` in policy tests.
    #[serde(default)]
    given: Map<String, Value>,
    #[serde(default)]
    request: Option<String>,
}

pub(super) async fn evaluate(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, Trouble> {
    let snapshot = state.live.snapshot();
    let app = app(&snapshot.config, &asked.app)?;
    let _ = may::<ReadDirectory>(&actor, Target::Apps(std::slice::from_ref(&app)))?;
    let mut given = match &asked.guest {
        None => Map::new(),
        Some(one) => {
            let (guest, grants) = guest(&state, one).await?;
            let sessions = state.store.sessions_of(guest.id).await?;
            facts(&app, &guest, &grants, &sessions, state.clock.now())
        }
    };
    given.extend(asked.given);
    let policies = snapshot.policies.app(&app).ok_or_else(|| Trouble::NotFound(format!("no policies are loaded for `{app}`")))?;
    // JSON is YAML. An empty mapping would be an error, and means the defaults here.
    let text = if given.is_empty() { "guest: guest@partner.example".to_owned() } else { Value::Object(given.clone()).to_string() };
    let request = asked.request.as_deref().unwrap_or("GET /");
    let what_if = snapshot.policies.what_if(&app, &Source::new("given", text), request).map_err(|r| Trouble::Input(r.to_string()))?;
    let explained = what_if.explain(policies);
    let mut answer = serde_json::to_value(&explained).map_err(|cause| Trouble::Input(cause.to_string()))?;
    if let Some(map) = answer.as_object_mut() {
        map.insert("policy_version".to_owned(), json!(snapshot.policies.version().to_string()));
        map.insert("given".to_owned(), Value::Object(given));
    }
    Ok(Json(answer))
}

/// What the directory says about a guest, in the words of `given`.
fn facts(app: &AppId, guest: &Guest, grants: &[Grant], sessions: &[Session], now: Timestamp) -> Map<String, Value> {
    let mut given = Map::new();
    let mut put = |key: &str, value: Value| drop(given.insert(key.to_owned(), value));
    put(if guest.kind == Kind::Member { "member" } else { "guest" }, json!(guest.email));
    if !guest.groups.is_empty() {
        put("groups", json!(guest.groups));
    }
    if !guest.attributes.is_empty() {
        put("attributes", json!(guest.attributes));
    }
    if let Some(by) = &guest.invited_by {
        put("invited-by", json!(by));
    }
    if let Some(since) = guest.first_redeemed {
        put("guest-for", json!(age(now.since(since))));
    }
    let grant = grants.iter().find(|g| g.app == *app && g.is_active());
    put("grant", json!(grant_word(guest, grant, now)));
    if let Some(role) = grant.and_then(|g| g.role.as_ref()) {
        put("role", json!(role));
    }
    let here = |s: &&Session| matches!(&s.audience, Audience::App(of) if of == app) || s.audience == Audience::Portal;
    let live = sessions.iter().filter(here).filter(|s| s.is_live(now) && !s.proofs.is_empty());
    if let Some(session) = live.max_by_key(|s| (s.audience != Audience::Portal, s.last_seen)) {
        let shown: Map<String, Value> = session.proofs.iter().map(|p| (p.factor.to_string(), json!(age(now.since(p.at))))).collect();
        put("signed-in-with", Value::Object(shown));
        put("ip", json!(session.origin.ip));
    }
    put("at", json!(now));
    given
}

/// The state of the grant as tests write it.
fn grant_word(guest: &Guest, grant: Option<&Grant>, now: Timestamp) -> &'static str {
    match (&guest.state, grant) {
        (GuestState::Suspended { .. } | GuestState::Removed { .. }, _) => "suspended",
        (GuestState::Active, None) => "none",
        (GuestState::Active, Some(grant)) if now < grant.from => "not-yet",
        (GuestState::Active, Some(grant)) if grant.is_in_force(now) => "valid",
        (GuestState::Active, Some(_)) => "expired",
    }
}

/// So long ago, in whole seconds.
fn age(span: Span) -> String {
    format!("{}s", span.as_secs().max(0))
}
