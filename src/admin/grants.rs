//! `/api/v1/grants`.

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Body, Listing, app, end_of, guest, parsed},
    trouble::Trouble,
};
use crate::{
    base::{GrantId, Name, Timestamp},
    directory::{Actor, Grant, GrantDraft, GrantEdit, Guest, ManageGrants, ReadDirectory, Target, may},
    store::GuestFilter,
    web::mail,
};

/// What is posted to open an app to a guest who is already known.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    guest: String,
    app: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    access_for: Option<String>,
}

pub(super) async fn list(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadDirectory>(&actor, Target::Everything)?;
    let app = listing.app(&state.live.snapshot().config)?;
    let now = state.clock.now();
    let wanted = |grant: &&Grant| app.as_ref().is_none_or(|app| grant.app == *app);
    if let Some(one) = &listing.guest {
        let (guest, grants) = guest(&state, one).await?;
        let items: Vec<Value> = grants.iter().filter(wanted).map(|g| view(g, &guest, now)).collect();
        return Ok(Json(json!({"items": items, "next": null})));
    }
    let page = state.store.guests(GuestFilter { app: app.clone(), ..GuestFilter::default() }, listing.page()?).await?;
    let mut items = Vec::new();
    for guest in &page.items {
        let grants = state.store.grants_of(guest.id).await?;
        items.extend(grants.iter().filter(wanted).map(|g| view(g, guest, now)));
    }
    Ok(Json(json!({"items": items, "next": page.next.map(|n| n.to_string())})))
}

pub(super) async fn create(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Value>), Trouble> {
    let config = &state.live.snapshot().config;
    let app = app(config, &new.app)?;
    let (guest, held) = guest(&state, &new.guest).await?;
    let warrant = may::<ManageGrants>(&actor, Target::Apps(std::slice::from_ref(&app)))?;
    let now = state.clock.now();
    // The grant descends from what the guest accepted last.
    let descends = held.iter().max_by_key(|g| g.from).map(|g| g.invitation);
    let invitation =
        descends.ok_or_else(|| Trouble::Conflict(format!("`{}` has accepted no invitation yet; invite instead", guest.email)))?;
    let draft = GrantDraft {
        app,
        role: new.role.as_deref().map(|r| parsed::<Name>("role", r)).transpose()?,
        until: end_of(now, "access_for", new.access_for.as_deref())?.or(Some(now.plus(config.invitations.access_for))),
        invitation,
    };
    let (grant, proposal) = Grant::create(&state.occasion(), &warrant, &guest, &held, draft)?;
    state.carry_out(proposal).await?;
    Ok((StatusCode::CREATED, Json(view(&grant, &guest, now))))
}

/// What is patched: what is not named stays.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    #[serde(default)]
    role: Option<String>,
    /// So much longer than now, or than its end where that is later.
    #[serde(default)]
    extend_by: Option<String>,
    #[serde(default)]
    until: Option<Timestamp>,
}

pub(super) async fn change(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Body(patch): Body<Patch>,
) -> Result<Json<Value>, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no grant `{id}`"));
    let grant = state.store.grant(id.parse::<GrantId>().map_err(|_| missing())?).await?.ok_or_else(missing)?;
    let guest = state.store.guest(grant.guest).await?.ok_or_else(missing)?;
    let warrant = may::<ManageGrants>(&actor, Target::Grant(&grant))?;
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
    Ok(Json(view(&changed, &guest, now)))
}

pub(super) async fn revoke(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no grant `{id}`"));
    let grant = state.store.grant(id.parse::<GrantId>().map_err(|_| missing())?).await?.ok_or_else(missing)?;
    let guest = state.store.guest(grant.guest).await?.ok_or_else(missing)?;
    let warrant = may::<ManageGrants>(&actor, Target::Grant(&grant))?;
    let (revoked, proposal) = grant.revoke(&state.occasion(), &warrant)?;
    state.carry_out(proposal).await?;
    Ok(Json(view(&revoked, &guest, state.clock.now())))
}

/// A grant as the API shows it.
fn view(grant: &Grant, guest: &Guest, now: Timestamp) -> Value {
    let status = match (grant.is_active(), grant.is_in_force(now)) {
        (false, _) => "revoked",
        (true, true) => "active",
        (true, false) if now < grant.from => "later",
        (true, false) => "expired",
    };
    json!({
        "id": grant.id, "guest": grant.guest, "email": guest.email, "app": grant.app, "role": grant.role, "status": status,
        "from": grant.from, "until": grant.until, "invitation": grant.invitation,
    })
}
