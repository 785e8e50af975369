//! `/api/v1/audit/forward`: where the audit log is sent to, and how far each place has come.

use axum::{Json, extract::Path};

use super::{AdminState, asker::Asker, input::Body, trouble::Trouble, views::List};
use crate::{
    config::{EventPattern, Forward},
    directory::{ForwardAudit, ReadAudit, Target, may},
    store::Note,
};

/// From where on entries are sent once more.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Replay {
    /// The last entry that is not sent again; 0: all are.
    after: u64,
}

/// A place that entries are sent to.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct PlaceView {
    id: String,
    /// Where it is, without what may be a secret.
    to: String,
    /// Which events it gets; empty: all.
    events: Vec<String>,
    /// The last entry that has arrived; `null`: nothing was sent yet.
    sent: Option<u64>,
    /// How many entries are looked at next.
    waiting: Option<u64>,
}

/// Where the audit log is forwarded to, and how far each place has come.
#[utoipa::path(get, path = "/api/v1/audit/forward", tag = "audit", responses((status = 200, description = "Done", body = List<PlaceView>)))]
pub(super) async fn list(Asker { state, actor }: Asker) -> Result<Json<List<PlaceView>>, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let mut items = Vec::new();
    for place in &state.live.snapshot().config.forwards {
        items.push(view(&state, place).await?);
    }
    Ok(List::all(items))
}

/// Sends entries once more.
#[utoipa::path(post, path = "/api/v1/audit/forward/{place}/replay", tag = "audit", params(("place" = String, Path, description = "The place, by its `id`")),
    request_body = Replay, responses((status = 200, description = "Done", body = PlaceView)))]
pub(super) async fn replay(
    Asker { state, actor }: Asker,
    Path(place): Path<String>,
    Body(from): Body<Replay>,
) -> Result<Json<PlaceView>, Trouble> {
    let _ = may::<ForwardAudit>(&actor, Target::Everything)?;
    let snapshot = state.live.snapshot();
    let found = snapshot.config.forwards.iter().find(|known| known.id.as_str() == place);
    let found = found.ok_or_else(|| Trouble::NotFound(format!("the audit log is not forwarded to `{place}`")))?;
    let (start, head) = (state.store.audit_start().await?.sequence, state.store.audit_head().await?.sequence);
    if from.after != 0 && from.after < start {
        return Err(Trouble::Input(format!("`after`: the audit log begins behind entry {start}")));
    }
    if from.after > head {
        return Err(Trouble::Input(format!("`after`: the audit log ends with entry {head}")));
    }
    state.store.note(Note::Forwarded { place: found.id.clone(), from: None, sequence: from.after.max(start) }).await?;
    tracing::info!(place = %found.id, after = from.after, "events are sent once more");
    Ok(Json(view(&state, found).await?))
}

async fn view(state: &AdminState, place: &Forward) -> Result<PlaceView, Trouble> {
    let (head, sent) = (state.store.audit_head().await?.sequence, state.store.forwarded(&place.id).await?);
    Ok(PlaceView {
        id: place.id.to_string(),
        to: place.to.shown(),
        events: place.events.iter().map(|pattern: &EventPattern| pattern.as_str().to_owned()).collect(),
        sent,
        waiting: sent.map(|sent| head.saturating_sub(sent)),
    })
}
