//! `/api/v1/policies`.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Query, State},
};
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Body, Listing, guest},
    trouble::Trouble,
};
use crate::{
    base::GuestId,
    directory::{Actor, ConfirmPolicies, Proposal, ReadDirectory, Target, audit::Event, may},
    live::{Held, Touched, WeighedApp, WouldHave},
};

/// What confirms policies.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    version: String,
}

/// How long a confirmation waits until the policies act.
const PATIENCE: Duration = Duration::from_secs(30);
/// Guests that are named for each policy; the others are counted together.
const NAMED: usize = 50;

/// What `report-only` policies would have done: to whom, how often, since when.
pub(super) async fn trials(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Trouble> {
    let app = listing.app(&state.live.snapshot().config)?;
    let target = app.as_ref().map_or(Target::Everything, |app| Target::Apps(std::slice::from_ref(app)));
    let _ = may::<ReadDirectory>(&actor, target)?;
    let only = match &listing.guest {
        Some(one) => Some(guest(&state, one).await?.0.id),
        None => None,
    };
    let mut items = Vec::new();
    for trial in state.live.trials() {
        if app.as_ref().is_none_or(|app| trial.app == *app) {
            items.push(view(&state, &trial, only).await?);
        }
    }
    Ok(Json(json!({"items": items, "next": null})))
}

/// The policies that are held back, and what they would have made of the last hour.
pub(super) async fn pending(State(state): State<AdminState>, Extension(actor): Extension<Actor>) -> Result<Json<Value>, Trouble> {
    let _ = may::<ConfirmPolicies>(&actor, Target::Everything)?;
    let in_force = state.live.snapshot().policies.version().to_string();
    let pending = state.live.held().map(|held| held_view(&held));
    Ok(Json(json!({"in_force": in_force, "pending": pending})))
}

/// Lets policies take effect that are held back.
pub(super) async fn confirm(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Body(confirmed): Body<Confirmed>,
) -> Result<Json<Value>, Trouble> {
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
