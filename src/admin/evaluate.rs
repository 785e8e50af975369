//! `/api/v1/policies/evaluate`: a request that might be, against the policies in force.
//!
//! Of a guest who has a session, what is not given is as in the latest one: how it was signed in, from where, and how unusual that is.

use std::net::IpAddr;

use axum::Json;
use serde_json::{Map, Value, json};

use super::{
    AdminState,
    asker::Asker,
    input::{Body, app, guest},
    trouble::Trouble,
};
use crate::{
    base::{AppId, Kind, Source, Span, Timestamp},
    directory::{Actor, Audience, Grant, Guest, GuestState, ReadDirectory, Session, Target, may},
    live::Snapshot,
    policy::{Reason, Risk, Signals},
};

/// What is asked.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) app: String,
    /// By address or id: what is not given is taken from the directory. Without it, what is not given has its default.
    #[serde(default)]
    pub(super) guest: Option<String>,
    /// Facts in the words of `given` in policy tests.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub(super) given: Map<String, Value>,
    /// Such as `GET /orders`.
    #[serde(default)]
    pub(super) request: Option<String>,
}

/// What the policies in force would decide about a request that might be, and why.
#[utoipa::path(post, path = "/api/v1/policies/evaluate", tag = "policies", request_body = Asked, responses((status = 200, description = "Done", body = Value)))]
pub(super) async fn evaluate(Asker { state, actor }: Asker, Body(asked): Body<Asked>) -> Result<Json<Value>, Trouble> {
    answer(&state, &actor, asked).await.map(Json)
}

/// The decision about what is asked, and everything that leads to it.
pub(super) async fn answer(state: &AdminState, actor: &Actor, asked: Asked) -> Result<Value, Trouble> {
    let snapshot = state.live.snapshot();
    let app = app(&snapshot.config, &asked.app)?;
    let _ = may::<ReadDirectory>(actor, Target::Apps(std::slice::from_ref(&app)))?;
    let now = state.clock.now();
    let (mut given, session) = match &asked.guest {
        None => (Map::new(), None),
        Some(one) => {
            let (guest, grants) = guest(state, actor, one).await?;
            let session = latest(&app, state.store.sessions_of(guest.id).await?, now);
            (facts(&app, &guest, &grants, session.as_ref(), now), session)
        }
    };
    given.extend(asked.given);
    if asked.guest.is_some() {
        place(&snapshot, &mut given);
    }
    let reasons = session.map(|session| risk(&snapshot, &session, &mut given, now)).unwrap_or_default();
    let policies = snapshot.policies.app(&app).ok_or_else(|| Trouble::NotFound(format!("no policies are loaded for `{app}`")))?;
    // JSON is YAML. An empty mapping would be an error, and means the defaults here.
    let text = if given.is_empty() { "guest: guest@partner.example".to_owned() } else { Value::Object(given.clone()).to_string() };
    let request = asked.request.as_deref().unwrap_or("GET /");
    let what_if = snapshot.policies.what_if(&app, &Source::new("given", text), request).map_err(|r| Trouble::Input(r.to_string()))?;
    let explained = what_if.explain(policies);
    let mut answer = serde_json::to_value(&explained).map_err(|cause| Trouble::Input(cause.to_string()))?;
    if let Some(map) = answer.as_object_mut() {
        map.insert("policy_version".to_owned(), json!(snapshot.policies.version().to_string()));
        if !reasons.is_empty() {
            map.insert("risk".to_owned(), json!({ "level": level(&reasons), "signals": reasons }));
        }
        map.insert("given".to_owned(), Value::Object(given));
    }
    Ok(answer)
}

/// What the directory says about a guest, in the words of `given`.
fn facts(app: &AppId, guest: &Guest, grants: &[Grant], session: Option<&Session>, now: Timestamp) -> Map<String, Value> {
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
    if let Some(session) = session {
        let shown: Map<String, Value> = session.proofs.iter().map(|p| (p.factor.to_string(), json!(age(now.since(p.at))))).collect();
        put("signed-in-with", Value::Object(shown));
        put("ip", json!(session.origin.ip));
        put("device", json!(if session.device.is_some() { "known" } else { "new" }));
    }
    put("at", json!(now));
    given
}

/// The session that the guest used last: on the app, else on the portal.
fn latest(app: &AppId, sessions: Vec<Session>, now: Timestamp) -> Option<Session> {
    let here = |s: &Session| s.app().is_none_or(|of| of == app);
    let live = sessions.into_iter().filter(here).filter(|s| s.is_live(now) && !s.proofs.is_empty());
    live.max_by_key(|s| (s.audience != Audience::Portal, s.last_seen))
}

/// Where the address is, as far as that is neither given nor unknown.
fn place(snapshot: &Snapshot, given: &mut Map<String, Value>) {
    let Some(place) = address(given).map(|ip| snapshot.places.of(ip)) else { return };
    for (key, value) in [("country", json!(place.country)), ("asn", json!(place.asn))] {
        if !value.is_null() {
            given.entry(key).or_insert(value);
        }
    }
}

/// What is unusual about the session where it is used from the address that is given; nothing, where the risk is given.
fn risk(snapshot: &Snapshot, session: &Session, given: &mut Map<String, Value>, now: Timestamp) -> Vec<Reason> {
    if given.contains_key("risk") {
        return Vec::new();
    }
    let opened = snapshot.sighting(Some(session.origin.ip), session.created);
    let seen = snapshot.sighting(address(given), now);
    let reasons = Signals::judge(opened, seen, &session.past).reasons(opened, seen, &session.past);
    if !reasons.is_empty() {
        given.insert("risk".to_owned(), reasons.iter().map(|reason| json!(reason.signal)).collect());
    }
    reasons
}

fn address(given: &Map<String, Value>) -> Option<IpAddr> {
    given.get("ip")?.as_str()?.parse().ok()
}

fn level(reasons: &[Reason]) -> Risk {
    Risk::of(reasons.iter().fold(Signals::NONE, |all, reason| all.with(reason.signal)))
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
