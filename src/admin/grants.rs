//! `/api/v1/grants`.

use axum::Json;
use http::StatusCode;

use super::{
    AdminState,
    asker::Asker,
    input::{Body, Listing, Path, Query, app, end_of, guest, parsed},
    tagged::{IfMatch, Tagged},
    trouble::Trouble,
    views::{GrantView, List},
};
use crate::{
    base::{GrantId, Name, Timestamp},
    directory::{Grant, GrantDraft, GrantEdit, Guest, ManageGrants, ReadDirectory, Target, may, sight},
    store::GuestFilter,
    web::mail,
};

/// What is posted to open an app to a guest who is already known.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGrant)]
pub(super) struct New {
    guest: String,
    app: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    access_for: Option<String>,
}

/// Grants, by guest, the oldest guest first.
#[utoipa::path(get, path = "/api/v1/grants", tag = "grants", params(Listing), responses((status = 200, description = "Done", body = List<GrantView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<GrantView>>, Trouble> {
    let sight = sight(&actor)?;
    let app = listing.app(&state.live.snapshot().config)?;
    let apps = sight.of_apps(app.as_ref())?;
    let now = state.clock.now();
    let wanted = |grant: &&Grant| apps.is_empty() || apps.contains(&grant.app);
    if let Some(one) = &listing.guest {
        let (guest, grants) = guest(&state, &actor, one).await?;
        return Ok(List::all(grants.iter().filter(wanted).map(|g| GrantView::of(g, &guest, now)).collect()));
    }
    let page = state.store.guests(GuestFilter { apps: apps.clone(), ..GuestFilter::default() }, listing.page()?).await?;
    let mut items = Vec::new();
    let grants = state.store.grants_of_each(&page.items.iter().map(|guest| guest.id).collect::<Vec<_>>()).await?;
    for guest in &page.items {
        items.extend(grants.get(&guest.id).into_iter().flatten().filter(wanted).map(|g| GrantView::of(g, guest, now)));
    }
    Ok(List::page(items, page.next.as_ref()))
}

/// Opens an app to a guest who is already known.
#[utoipa::path(post, path = "/api/v1/grants", tag = "grants", request_body = New, responses((status = 201, description = "Done", body = GrantView)))]
pub(super) async fn create(Asker { state, actor }: Asker, Body(new): Body<New>) -> Result<(StatusCode, Json<GrantView>), Trouble> {
    let config = &state.live.snapshot().config;
    let app = app(config, &new.app)?;
    let (guest, held) = guest(&state, &actor, &new.guest).await?;
    let warrant = may::<ManageGrants>(&actor, Target::Apps(std::slice::from_ref(&app)))?;
    let now = state.clock.now();
    // The grant descends from what the guest accepted last.
    let descends = held.iter().max_by_key(|g| g.from).map(|g| g.invitation);
    let invitation =
        descends.ok_or_else(|| Trouble::Conflict(format!("`{}` has accepted no invitation yet; invite instead", guest.email)))?;
    if !config.app(&app).is_some_and(|app| config.admits(app, &guest.email)) {
        return Err(Trouble::Input(format!("addresses at `{}` may not come to `{app}`", guest.email.domain())));
    }
    let draft = GrantDraft {
        role: new.role.as_deref().map(|r| parsed::<Name>("role", r)).transpose()?,
        until: end_of(now, "access_for", new.access_for.as_deref())?.or(Some(now.plus(config.access_for(&app)))),
        app,
        invitation,
    };
    let (grant, proposal) = Grant::create(&state.occasion(), &warrant, &guest, &held, draft)?;
    state.carry_out(proposal).await?;
    Ok((StatusCode::CREATED, Json(GrantView::of(&grant, &guest, now))))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "grants", responses((status = 200, description = "Done", body = GrantView)))]
pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Tagged<GrantView>, Trouble> {
    let (grant, guest) = find(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Grant(&grant))?;
    Ok(Tagged(grant.version, GrantView::of(&grant, &guest, state.clock.now())))
}

/// What is patched: what is not named stays.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GrantPatch)]
pub(super) struct Patch {
    #[serde(default)]
    role: Option<String>,
    /// So much longer than now, or than its end where that is later.
    #[serde(default)]
    extend_by: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Changes the role or the end of a grant.
#[utoipa::path(patch, path = "/api/v1/grants/{id}", tag = "grants", request_body = Patch, responses((status = 200, description = "Done", body = GrantView)))]
pub(super) async fn change(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    expected: IfMatch,
    Body(patch): Body<Patch>,
) -> Result<Tagged<GrantView>, Trouble> {
    let (grant, guest) = find(&state, &id).await?;
    let warrant = may::<ManageGrants>(&actor, Target::Grant(&grant))?;
    expected.check(grant.version)?;
    let now = state.clock.now();
    let later = grant.until.map_or(now, |until| until.max(now));
    let until = match (patch.until, patch.extend_by) {
        (Some(_), Some(_)) => return Err(Trouble::Input("`until` and `extend_by` exclude each other".to_owned())),
        (until, None) => until,
        (None, Some(span)) => end_of(later, "extend_by", Some(&span))?,
    };
    let role = patch.role.as_deref().map(|r| parsed::<Name>("role", r)).transpose()?;
    let edit = GrantEdit { role: role.map(Some), until: until.map(Some) };
    let (changed, mut proposal) = grant.change(&state.occasion(), &warrant, edit)?;
    if let (Some(before), Some(until)) = (grant.until, changed.until)
        && until > before
    {
        let snapshot = state.live.snapshot();
        let app = snapshot.config.app(&grant.app).map_or(grant.app.as_str(), |app| app.name.as_str());
        let letter = mail::lasts_longer(&state.site_for(&guest), app, until);
        proposal = proposal.with_mail(state.mail_to(&guest, letter));
    }
    state.carry_out(proposal).await?;
    Ok(Tagged(changed.version, GrantView::of(&changed, &guest, now)))
}

/// Ends a grant.
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "grants", responses((status = 200, description = "Done", body = GrantView)))]
pub(super) async fn revoke(Asker { state, actor }: Asker, Path(id): Path<String>, expected: IfMatch) -> Result<Tagged<GrantView>, Trouble> {
    let (grant, guest) = find(&state, &id).await?;
    let warrant = may::<ManageGrants>(&actor, Target::Grant(&grant))?;
    expected.check(grant.version)?;
    let (revoked, proposal) = grant.revoke(&state.occasion(), &warrant)?;
    state.carry_out(proposal).await?;
    Ok(Tagged(revoked.version, GrantView::of(&revoked, &guest, state.clock.now())))
}

/// Undoes the end of a grant, within 30 days.
#[utoipa::path(post, path = "/api/v1/grants/{id}/restore", tag = "grants", responses((status = 200, description = "Done", body = GrantView)))]
pub(super) async fn restore(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    expected: IfMatch,
) -> Result<Tagged<GrantView>, Trouble> {
    let (grant, guest) = find(&state, &id).await?;
    let warrant = may::<ManageGrants>(&actor, Target::Grant(&grant))?;
    expected.check(grant.version)?;
    let held = state.store.grants_of(guest.id).await?;
    let (restored, proposal) = grant.restore(&state.occasion(), &warrant, &guest, &held)?;
    state.carry_out(proposal).await?;
    Ok(Tagged(restored.version, GrantView::of(&restored, &guest, state.clock.now())))
}

/// A grant, and whose it is.
async fn find(state: &AdminState, id: &str) -> Result<(Grant, Guest), Trouble> {
    let missing = || Trouble::NotFound(format!("there is no grant `{id}`"));
    let grant = state.store.grant(id.parse::<GrantId>().map_err(|_| missing())?).await?.ok_or_else(missing)?;
    let guest = state.store.guest(grant.guest).await?.ok_or_else(missing)?;
    Ok((grant, guest))
}
