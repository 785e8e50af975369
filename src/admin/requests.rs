//! `/api/v1/requests`: what people ask for, and the decision about it.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Body, app, guest, parsed},
    trouble::Trouble,
};
use crate::{
    base::{RequestId, Span, Timestamp},
    directory::{Actor, DecideRequest, ReadDirectory, Request, RequestState, Target, may},
    store::{Cursor, PageRequest, RequestFilter},
    web::{
        Site,
        matter::{Desk, Undecided},
    },
};

/// The query of the list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listing {
    limit: Option<u32>,
    cursor: Option<String>,
    guest: Option<String>,
    app: Option<String>,
    state: Option<String>,
}

/// How a request is granted.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approve {
    #[serde(default)]
    access_for: Option<String>,
}

/// How a request is refused.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deny {
    #[serde(default)]
    message: Option<String>,
}

/// The states by which a list is filtered.
const STATES: [&str; 5] = ["checking", "open", "approved", "denied", "withdrawn"];
/// Longest message to whoever asked, in characters.
const MOST_MESSAGE: usize = 500;

pub(super) async fn list(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadDirectory>(&actor, Target::Everything)?;
    let now = state.clock.now();
    let wanted = listing.app.as_deref().map(|id| app(&state.live.snapshot().config, id)).transpose()?;
    let of_state = match listing.state.as_deref() {
        None => None,
        Some(text) => {
            let known = STATES.into_iter().find(|known| *known == text);
            Some(known.ok_or_else(|| Trouble::Input(format!("`state` is one of {}", STATES.join(", "))))?)
        }
    };
    if let Some(one) = &listing.guest {
        let email = if one.contains('@') { parsed("guest", one)? } else { guest(&state, one).await?.0.email };
        let fits = |r: &&Request| wanted.as_ref().is_none_or(|app| r.app == *app) && of_state.is_none_or(|s| s == word(r));
        let all = state.store.requests_for(&email).await?;
        let items: Vec<Value> = all.iter().filter(fits).map(|r| view(r, now)).collect();
        return Ok(Json(json!({"items": items, "next": null})));
    }
    let unknown = || Trouble::Input("this `cursor` was not given by us".to_owned());
    let after = listing.cursor.as_deref().map(|text| Cursor::parse(text).ok_or_else(unknown)).transpose()?;
    let page = PageRequest { after, limit: listing.limit.unwrap_or(100) };
    let page = state.store.requests(RequestFilter { state: of_state, app: wanted }, page).await?;
    let items: Vec<Value> = page.items.iter().map(|r| view(r, now)).collect();
    Ok(Json(json!({"items": items, "next": page.next.map(|n| n.to_string())})))
}

pub(super) async fn show(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let request = find(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Request(&request))?;
    Ok(Json(view(&request, state.clock.now())))
}

pub(super) async fn approve(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Body(how): Body<Approve>,
) -> Result<Json<Value>, Trouble> {
    let request = find(&state, &id).await?;
    let warrant = may::<DecideRequest>(&actor, Target::Request(&request))?;
    let access_for = how.access_for.as_deref().map(|text| parsed::<Span>("access_for", text)).transpose()?;
    let snapshot = state.live.snapshot();
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let desk = Desk { store: &*state.store, config: &snapshot.config, site: &site, occasion: state.occasion() };
    let (approved, proposal) = desk.approve(&request, &warrant, access_for).await?;
    state.carry_out(proposal).await?;
    Ok(Json(view(&approved, state.clock.now())))
}

pub(super) async fn deny(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Body(how): Body<Deny>,
) -> Result<Json<Value>, Trouble> {
    let request = find(&state, &id).await?;
    let warrant = may::<DecideRequest>(&actor, Target::Request(&request))?;
    if how.message.as_ref().is_some_and(|m| m.chars().count() > MOST_MESSAGE) {
        return Err(Trouble::Input(format!("`message` is longer than {MOST_MESSAGE} characters")));
    }
    let snapshot = state.live.snapshot();
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let desk = Desk { store: &*state.store, config: &snapshot.config, site: &site, occasion: state.occasion() };
    let (denied, proposal) = desk.deny(&request, &warrant, how.message)?;
    state.carry_out(proposal).await?;
    Ok(Json(view(&denied, state.clock.now())))
}

async fn find(state: &AdminState, id: &str) -> Result<Request, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no request `{id}`"));
    state.store.request(id.parse::<RequestId>().map_err(|_| missing())?).await?.ok_or_else(missing)
}

fn word(request: &Request) -> &'static str {
    match request.state {
        RequestState::Checking { .. } => "checking",
        RequestState::Open => "open",
        RequestState::Approved { .. } => "approved",
        RequestState::Denied { .. } => "denied",
        RequestState::Withdrawn { .. } => "withdrawn",
    }
}

/// A request as the API shows it.
fn view(request: &Request, now: Timestamp) -> Value {
    let (by, message) = match &request.state {
        RequestState::Approved { by, .. } => (by.clone(), None),
        RequestState::Denied { by, message, .. } => (by.clone(), message.clone()),
        RequestState::Checking { .. } | RequestState::Open | RequestState::Withdrawn { .. } => (None, None),
    };
    let undecided = matches!(request.state, RequestState::Checking { .. } | RequestState::Open);
    let status = if undecided && !request.is_undecided(now) { "expired" } else { word(request) };
    let answers: Vec<Value> = request.answers.iter().map(|a| json!({"name": a.name, "label": a.label, "value": a.value})).collect();
    json!({
        "id": request.id, "kind": request.kind, "guest": request.guest, "email": request.email, "name": request.name, "app": request.app,
        "reason": request.reason, "answers": answers, "attributes": request.endowment.attributes, "groups": request.endowment.groups,
        "role": request.endowment.role, "status": status, "sponsor": request.sponsor, "created": request.created,
        "expires": request.expires, "decided_by": by, "message": message,
    })
}

impl From<Undecided> for Trouble {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Refused(refusal) => Self::Refused(refusal),
            Undecided::Store(error) => error.into(),
        }
    }
}
