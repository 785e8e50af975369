//! `/api/v1/requests`: what people ask for, and the decision about it.

use axum::Json;

use super::{
    AdminState,
    asker::Asker,
    input::{Body, Listing, Path, Query, guest, parsed},
    trouble::Trouble,
    views::{List, RequestView, state_of},
};
use crate::{
    base::{RequestId, Span},
    directory::{DecideRequest, ReadDirectory, Request, Target, may, sight},
    store::RequestFilter,
    web::{
        Site,
        matter::{Desk, Undecided},
    },
};

/// How a request is granted.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Approve {
    #[serde(default)]
    access_for: Option<String>,
}

/// How a request is refused.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Deny {
    #[serde(default)]
    message: Option<String>,
}

/// The states by which a list is filtered.
const STATES: [&str; 5] = ["checking", "open", "approved", "denied", "withdrawn"];
/// Longest message to whoever asked, in characters.
const MOST_MESSAGE: usize = 500;

/// What people ask for, oldest first.
#[utoipa::path(get, path = "/api/v1/requests", tag = "requests", params(Listing), responses((status = 200, description = "Done", body = List<RequestView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<RequestView>>, Trouble> {
    let now = state.clock.now();
    let wanted = listing.app(&state.live.snapshot().config)?;
    let apps = sight(&actor)?.of_apps(wanted.as_ref())?;
    let of_state = listing.state(&STATES)?;
    if let Some(one) = &listing.guest {
        let email = if one.contains('@') { parsed("guest", one)? } else { guest(&state, &actor, one).await?.0.email };
        let fits = |r: &&Request| (apps.is_empty() || apps.contains(&r.app)) && of_state.is_none_or(|s| s == state_of(r));
        return Ok(List::all(state.store.requests_for(&email).await?.iter().filter(fits).map(|r| RequestView::of(r, now)).collect()));
    }
    let page = state.store.requests(RequestFilter { state: of_state, apps }, listing.page()?).await?;
    Ok(List::page(page.items.iter().map(|r| RequestView::of(r, now)).collect(), page.next.as_ref()))
}

/// One request.
#[utoipa::path(get, path = "/api/v1/requests/{id}", tag = "requests", responses((status = 200, description = "Done", body = RequestView)))]
pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<RequestView>, Trouble> {
    let request = find(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Request(&request))?;
    Ok(Json(RequestView::of(&request, state.clock.now())))
}

/// Grants a request.
#[utoipa::path(post, path = "/api/v1/requests/{id}/approve", tag = "requests", request_body = Option<Approve>, responses((status = 200, description = "Done", body = RequestView)))]
pub(super) async fn approve(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Body(how): Body<Approve>,
) -> Result<Json<RequestView>, Trouble> {
    let request = find(&state, &id).await?;
    let warrant = may::<DecideRequest>(&actor, Target::Request(&request))?;
    let access_for = how.access_for.as_deref().map(|text| parsed::<Span>("access_for", text)).transpose()?;
    let snapshot = state.live.snapshot();
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let desk = Desk { store: &*state.store, config: &snapshot.config, site: &site, occasion: state.occasion() };
    let (approved, proposal) = desk.approve(&request, &warrant, access_for).await?;
    state.carry_out(proposal).await?;
    Ok(Json(RequestView::of(&approved, state.clock.now())))
}

/// Refuses a request.
#[utoipa::path(post, path = "/api/v1/requests/{id}/deny", tag = "requests", request_body = Option<Deny>, responses((status = 200, description = "Done", body = RequestView)))]
pub(super) async fn deny(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Body(how): Body<Deny>,
) -> Result<Json<RequestView>, Trouble> {
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
    Ok(Json(RequestView::of(&denied, state.clock.now())))
}

async fn find(state: &AdminState, id: &str) -> Result<Request, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no request `{id}`"));
    state.store.request(id.parse::<RequestId>().map_err(|_| missing())?).await?.ok_or_else(missing)
}

impl From<Undecided> for Trouble {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Refused(refusal) => Self::Refused(refusal),
            Undecided::Store(error) => error.into(),
        }
    }
}
