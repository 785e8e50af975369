//! `/api/v1/audit`.

use axum::{
    Extension, Json,
    extract::{Query, State},
};
use serde_json::{Value, json};

use super::{AdminState, trouble::Trouble};
use crate::directory::{
    Actor, ReadAudit, Target,
    audit::{Head, Stored},
    may,
};

/// Which entries are wanted.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wanted {
    /// After this number; the latest otherwise.
    after: Option<u64>,
    /// At most so many.
    limit: Option<u32>,
}

/// Most entries at once.
const MOST: u32 = 1_000;

pub(super) async fn list(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let limit = u64::from(wanted.limit.unwrap_or(100).clamp(1, MOST));
    let after = match wanted.after {
        Some(after) => after,
        None => state.store.audit_head().await?.sequence.saturating_sub(limit),
    };
    let entries = state.store.audit_after(after, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
    let next = entries.last().filter(|_| entries.len() as u64 == limit).map(|e| e.sequence);
    let items: Vec<Value> = entries.iter().map(view).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Reads the whole chain and says whether it is as it was written.
pub(super) async fn verify(State(state): State<AdminState>, Extension(actor): Extension<Actor>) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let anchor = state.live.snapshot().config.data_dir.join("audit.anchor");
    let anchor = match tokio::fs::read_to_string(&anchor).await {
        Ok(text) => Some(text.parse::<Head>().map_err(|cause| Trouble::Conflict(format!("`{}`: {cause}", anchor.display())))?),
        // It is written a minute after the first start.
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
        Err(cause) => return Err(Trouble::Conflict(format!("`{}` cannot be read: {cause}", anchor.display()))),
    };
    Ok(Json(match state.store.verify_audit(anchor).await? {
        Ok(head) => json!({"intact": true, "entries": head.sequence}),
        Err(broken) => json!({"intact": false, "problem": broken.to_string()}),
    }))
}

/// An entry as the API shows it: what was hashed, and beside it what is personal, unless erased.
fn view(entry: &Stored) -> Value {
    let mut shown: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    let personal = entry.personal.as_ref().and_then(|(_, facts)| serde_json::from_str::<Value>(facts).ok());
    if let Some(map) = shown.as_object_mut() {
        map.insert("sequence".to_owned(), json!(entry.sequence));
        if let Some(facts) = personal {
            map.insert("personal".to_owned(), facts);
        }
    }
    shown
}
