//! `/api/v1/policies`.

use std::{sync::Arc, time::Duration};

use axum::Json;
use serde_json::{Value, json};

use super::{
    AdminState,
    asker::Asker,
    input::{Body, Listing, Query, guest},
    trouble::Trouble,
    views::List,
};
use crate::{
    base::{GuestId, Name},
    directory::{ConfirmPolicies, Proposal, Target, audit::Event, may, sight},
    live::{Held, Touched, WeighedApp, WouldHave},
    policy::RuleIx,
};

/// What confirms policies.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    version: String,
}

/// How long a confirmation waits until the policies act.
const PATIENCE: Duration = Duration::from_secs(30);
/// Guests that are named for each policy; the others are counted together.
const NAMED: usize = 50;

/// The policies of one app.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct PoliciesView {
    app: String,
    policies: Vec<PolicyView>,
}

/// One policy.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct PolicyView {
    name: String,
    /// `enforced`, `report-only` or `disabled`.
    state: Value,
    /// Whether it blocks; one that does not demands something, or bounds the session.
    blocks: bool,
}

/// The policies in force, by app.
#[utoipa::path(get, path = "/api/v1/policies", tag = "policies", params(Listing), responses((status = 200, description = "Done", body = List<PoliciesView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<PoliciesView>>, Trouble> {
    let snapshot = state.live.snapshot();
    let app = listing.app(&snapshot.config)?;
    let sight = sight(&actor)?;
    let _ = sight.of_apps(app.as_ref())?;
    let shown = snapshot.policies.apps().filter(|(id, _)| sight.shows(id) && app.as_ref().is_none_or(|app| app == *id));
    let items = shown.map(|(id, policies)| {
        let one = |(ix, name): (RuleIx, &Name)| PolicyView {
            name: name.to_string(),
            state: json!(policies.state(ix)),
            blocks: policies.blocks(ix),
        };
        PoliciesView { app: id.to_string(), policies: policies.all_rules().map(one).collect() }
    });
    Ok(List::all(items.collect()))
}

/// What `report-only` policies would have done: to whom, how often, since when.
#[utoipa::path(get, path = "/api/v1/policies/trials", tag = "policies", params(Listing), responses((status = 200, description = "Done", body = List<Value>)))]
pub(super) async fn trials(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<Value>>, Trouble> {
    let app = listing.app(&state.live.snapshot().config)?;
    let sight = sight(&actor)?;
    let _ = sight.of_apps(app.as_ref())?;
    let only = match &listing.guest {
        Some(one) => Some(guest(&state, &actor, one).await?.0.id),
        None => None,
    };
    let mut items = Vec::new();
    for trial in state.live.trials() {
        if sight.shows(&trial.app) && app.as_ref().is_none_or(|app| trial.app == *app) {
            items.push(view(&state, &trial, only).await?);
        }
    }
    Ok(List::all(items))
}

/// The policies that are held back, and what they would have made of the last hour.
#[utoipa::path(get, path = "/api/v1/policies/pending", tag = "policies", responses((status = 200, description = "Done", body = Value)))]
pub(super) async fn pending(Asker { state, actor }: Asker) -> Result<Json<Value>, Trouble> {
    let _ = may::<ConfirmPolicies>(&actor, Target::Everything)?;
    let in_force = state.live.snapshot().policies.version().to_string();
    let pending = state.live.held().map(|held| held_view(&held));
    Ok(Json(json!({"in_force": in_force, "pending": pending})))
}

/// Lets policies take effect that are held back.
#[utoipa::path(post, path = "/api/v1/policies/confirm", tag = "policies", request_body = Confirmed, responses((status = 200, description = "Done", body = Value)))]
pub(super) async fn confirm(Asker { state, actor }: Asker, Body(confirmed): Body<Confirmed>) -> Result<Json<Value>, Trouble> {
    let warrant = may::<ConfirmPolicies>(&actor, Target::Everything)?;
    let held = state.live.held().filter(|held| held.version.to_string() == confirmed.version);
    let held = held.ok_or_else(|| Trouble::Conflict(format!("no policies of version `{}` are held back", confirmed.version)))?;
    let entry = state.occasion().entry(warrant.actor(), Event::PoliciesConfirmed).detail("version", &confirmed.version);
    state.carry_out(Proposal::of_entry(entry)).await?;
    state.live.confirm(&confirmed.version).map_err(|error| Trouble::Conflict(error.to_string()))?;
    let live = Arc::clone(&state.live);
    let acts = async move {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while live.snapshot().policies.version() != held.version {
            look.tick().await;
        }
    };
    // The files may have changed since: then what they say now was weighed anew.
    tokio::time::timeout(PATIENCE, acts).await.map_err(|_| Trouble::Late)?;
    Ok(Json(json!({"in_force": confirmed.version})))
}

fn held_view(held: &Held) -> Value {
    let app = |app: &WeighedApp| {
        let examples: Vec<Value> = app
            .examples
            .iter()
            .map(|turn| json!({"guest": turn.guest, "request": format!("{} {}", turn.method, turn.path), "decision": turn.decision, "by": turn.by}))
            .collect();
        json!({
            "app": app.app, "allowed": app.allowed, "looked_at": app.samples, "would_block": app.blocked,
            "would_challenge": app.challenged, "examples": examples,
        })
    };
    let apps: Vec<Value> = held.weighed.apps.iter().map(app).collect();
    json!({"version": held.version.to_string(), "since": held.since, "apps": apps})
}

/// A trial as the API shows it.
async fn view(state: &AdminState, trial: &WouldHave, only: Option<GuestId>) -> Result<Value, Trouble> {
    let wanted = |(id, _): &&(GuestId, Touched)| only.is_none_or(|only| only == *id);
    let mut guests = Vec::new();
    for (id, touched) in trial.guests.iter().filter(wanted).take(NAMED) {
        // A guest who was removed meanwhile is counted, without a name.
        let email = state.store.guest(*id).await?.map(|guest| guest.email);
        guests.push(json!({"guest": id, "email": email, "requests": touched.requests, "last": touched.last}));
    }
    let unnamed: u64 = trial.guests.iter().filter(wanted).skip(NAMED).map(|(_, touched)| touched.requests).sum();
    Ok(json!({
        "app": trial.app, "policy": trial.policy, "would": if trial.blocks { "block" } else { "challenge" },
        "since": trial.since, "requests": trial.requests, "guests": guests, "others": trial.others + unnamed,
    }))
}
