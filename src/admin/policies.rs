//! `/api/v1/policies`.

use axum::{
    Extension, Json,
    extract::{Query, State},
};
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Listing, guest},
    trouble::Trouble,
};
use crate::{
    base::GuestId,
    directory::{Actor, ReadDirectory, Target, may},
    live::{Touched, WouldHave},
};

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
