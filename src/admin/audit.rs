//! `/api/v1/audit`: who did what to whom.

use axum::{
    Json,
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::header;
use serde_json::{Map, Value, json};

use super::{
    AdminState,
    asker::Asker,
    input::{Query, app, guest},
    trouble::Trouble,
    views::List,
};
use crate::{
    base::Timestamp,
    directory::{
        Actor, ReadAudit, Target,
        audit::{Event, Head, Stored},
        may,
    },
    store::{AuditFilter, Seen},
};

/// Which entries are wanted.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The `next` of an earlier page; without it and without `since`, the latest entries are given.
    cursor: Option<u64>,
    /// At most so many; 100 where it is not given, 1000 at most.
    limit: Option<u32>,
    /// Only from then on.
    since: Option<String>,
    /// Only about this guest, by address or id.
    guest: Option<String>,
    /// Only about this app.
    app: Option<String>,
    /// Only of this kind, such as `guest.suspended`.
    event: Option<String>,
    /// Of an export: `ndjson` or `csv`.
    format: Option<Format>,
}

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// A JSON object a line.
    #[default]
    Ndjson,
    /// A row an entry, for spreadsheets.
    Csv,
}

/// Most entries at once.
const MOST: u32 = 1_000;
/// The columns of an export as CSV.
const COLUMNS: [&str; 11] = ["sequence", "at", "event", "actor", "by", "token", "guest", "app", "ip", "details", "personal"];

/// Entries of the audit log, in order.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(Wanted), responses((status = 200, description = "Done", body = List<Value>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(wanted): Query<Wanted>) -> Result<Json<List<Value>>, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let limit = wanted.limit.unwrap_or(100).clamp(1, MOST) as usize;
    let filter = wanted.filter(&state, &actor).await?;
    let Some(after) = wanted.cursor.or(filter.since.map(|_| 0)) else {
        let latest = state.store.audit_latest(filter, limit).await?;
        return Ok(List::all(latest.iter().map(Stored::shown).collect()));
    };
    let entries = state.store.audit_where(filter, after, limit).await?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|e| e.sequence.to_string());
    Ok(Json(List { items: entries.iter().map(Stored::shown).collect(), next }))
}

/// All entries that are wanted, as one stream.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(Wanted), responses(
    (status = 200, description = "Done", content((String = "application/x-ndjson"), (String = "text/csv")))
))]
pub(super) async fn export(Asker { state, actor }: Asker, Query(wanted): Query<Wanted>) -> Result<Response, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let filter = wanted.filter(&state, &actor).await?;
    let format = wanted.format.unwrap_or_default();
    let (media, head) = match format {
        Format::Ndjson => ("application/x-ndjson", Vec::new()),
        Format::Csv => ("text/csv; charset=utf-8", row(&COLUMNS.map(str::to_owned))),
    };
    let begin = wanted.cursor.unwrap_or(0);
    let batches = stream::try_unfold((Some(begin), head), move |(after, mut out)| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok::<_, crate::store::StoreError>(None) };
            let entries = state.store.audit_where(filter, after, MOST as usize).await?;
            for entry in &entries {
                out.extend_from_slice(&match format {
                    Format::Ndjson => line(&entry.shown()),
                    Format::Csv => row(&cells(&entry.shown())),
                });
            }
            let next = entries.last().filter(|_| entries.len() == MOST as usize).map(|e| e.sequence);
            Ok(Some((Bytes::from(out), (next, Vec::new()))))
        }
    });
    Ok(([(header::CONTENT_TYPE, media)], Body::from_stream(batches)).into_response())
}

/// How the verification is told of.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Verifying {
    /// Tells how far it has come: a JSON object a line, the last one is the result.
    progress: bool,
}

/// Reads the whole chain and says whether it is as it was written.
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "audit", params(Verifying), responses(
    (status = 200, description = "Done", content((Value = "application/json"), (String = "application/x-ndjson")))
))]
pub(super) async fn verify(Asker { state, actor }: Asker, Query(how): Query<Verifying>) -> Result<Response, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let anchor = state.live.snapshot().config.data_dir.join("audit.anchor");
    let anchor = match tokio::fs::read_to_string(&anchor).await {
        Ok(text) => Some(text.parse::<Head>().map_err(|cause| Trouble::Conflict(format!("`{}`: {cause}", anchor.display())))?),
        // It is written a minute after the first start.
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => None,
        Err(cause) => return Err(Trouble::Conflict(format!("`{}` cannot be read: {cause}", anchor.display()))),
    };
    if !how.progress {
        return Ok(Json(verified(&state, anchor, &|_, _| {}).await?).into_response());
    }
    let (tell, told) = tokio::sync::mpsc::channel(2);
    let later = state.later.clone();
    later.spawn(async move {
        // Whoever reads slowly is told less.
        let seen = |checked: u64, of: u64| _ = tell.try_send(line(&json!({"checked": checked, "of": of})));
        let result = verified(&state, anchor, &seen).await.unwrap_or_else(|trouble| json!({"problem": trouble.detail()}));
        // Whoever asked may have gone.
        let _ = tell.send(line(&result)).await;
    });
    let lines =
        stream::unfold(told, async |mut told| told.recv().await.map(|line| (Ok::<_, std::convert::Infallible>(Bytes::from(line)), told)));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

async fn verified(state: &AdminState, anchor: Option<Head>, seen: Seen<'_>) -> Result<Value, Trouble> {
    let start = state.store.audit_start().await?.sequence;
    Ok(match state.store.verify_audit(anchor, seen).await? {
        Ok(head) => json!({"intact": true, "entries": head.sequence - start, "first": start + 1}),
        Err(broken) => json!({"intact": false, "problem": broken.to_string()}),
    })
}

impl Wanted {
    async fn filter(&self, state: &AdminState, actor: &Actor) -> Result<AuditFilter, Trouble> {
        let about = match &self.guest {
            Some(one) => Some(guest(state, actor, one).await?.0.id),
            None => None,
        };
        let known = |text: &String| Event::ALL.iter().find(|event| event.as_str() == text).copied();
        let event = match &self.event {
            Some(text) => Some(known(text).ok_or_else(|| Trouble::Input(format!("there is no event `{text}`")))?),
            None => None,
        };
        let since = self.since.as_deref().map(|text| instant("since", text)).transpose()?;
        let app = self.app.as_deref().map(|id| app(&state.live.snapshot().config, id)).transpose()?;
        Ok(AuditFilter { guest: about, app, event, since })
    }
}

/// An instant, as JSON has it.
pub(super) fn instant(field: &str, text: &str) -> Result<Timestamp, Trouble> {
    let odd = |_| Trouble::Input(format!("`{field}`: write it as `2027-01-31T09:00:00Z`"));
    Ok(Timestamp::from_millis(text.parse::<jiff::Timestamp>().map_err(odd)?.as_millisecond()))
}

fn line(entry: &Value) -> Vec<u8> {
    let mut text = entry.to_string().into_bytes();
    text.push(b'\n');
    text
}

/// The cells of an entry, in the order of [`COLUMNS`].
fn cells(entry: &Value) -> [String; 11] {
    let none = Map::new();
    let personal = entry.get("personal").and_then(Value::as_object).unwrap_or(&none);
    let rest: Map<String, Value> =
        personal.iter().filter(|(key, _)| !matches!(key.as_str(), "actor" | "ip" | "guest")).map(|(k, v)| (k.clone(), v.clone())).collect();
    COLUMNS.map(|column| {
        let value = match column {
            "by" => personal.get("actor").or_else(|| entry.get("by")),
            "ip" => personal.get("ip"),
            "guest" => personal.get("guest").or_else(|| entry.get("guest")),
            "personal" if rest.is_empty() => None,
            "personal" => return Value::Object(rest.clone()).to_string(),
            other => entry.get(other),
        };
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    })
}

/// A line of CSV. What a spreadsheet would take for a formula begins with an apostrophe.
pub(super) fn row(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let harmless = |cell: &String| if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.clone() };
    // Nothing can fail in memory; a row that did would be missing, not wrong.
    let _ = writer.write_record(cells.iter().map(harmless));
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing_that_somebody_typed() {
        let text = String::from_utf8(row(&["=1+1".to_owned(), "a,\"b\"".to_owned(), "plain".to_owned()])).unwrap();
        assert_eq!(text, "'=1+1,\"a,\"\"b\"\"\",plain\r\n");
    }
}
