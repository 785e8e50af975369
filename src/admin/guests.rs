//! `/api/v1/guests`.

use std::collections::BTreeMap;

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Body, Listing, guest, parsed},
    trouble::Trouble,
};
use crate::{
    base::{EmailAddress, Name, Timestamp},
    directory::{
        AcceptedTerms, Actor, Audience, ChangeGuest, EndSessions, Factors, Grant, Guest, GuestEdit, GuestState, Holdings, ReadDirectory,
        Refusal, RemoveGuest, ResetFactors, Session, SuspendGuest, Target, may,
    },
    store::GuestFilter,
    web::{dossier, mail},
};

/// What is patched: what is not named stays.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    #[serde(default)]
    state: Option<Wanted>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    groups: Option<Vec<String>>,
    #[serde(default)]
    attributes: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    sponsor: Option<String>,
}

/// A state that somebody can put a guest into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Active,
    Suspended,
}

/// Why something is done.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    #[serde(default)]
    reason: Option<String>,
}

pub(super) async fn list(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadDirectory>(&actor, Target::Everything)?;
    let now = state.clock.now();
    if let Some(one) = &listing.guest {
        let (guest, grants) = guest(&state, one).await?;
        return Ok(Json(json!({"items": [view(&guest, &grants, now)], "next": null})));
    }
    let filter = GuestFilter { app: listing.app(&state.live.snapshot().config)?, ..GuestFilter::default() };
    let page = state.store.guests(filter, listing.page()?).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for guest in &page.items {
        items.push(view(guest, &state.store.grants_of(guest.id).await?, now));
    }
    Ok(Json(json!({"items": items, "next": page.next.map(|n| n.to_string())})))
}

pub(super) async fn show(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (guest, grants) = guest(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Guest(&guest, &grants))?;
    Ok(Json(view(&guest, &grants, state.clock.now())))
}

pub(super) async fn change(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Body(patch): Body<Patch>,
) -> Result<Json<Value>, Trouble> {
    let (mut found, grants) = guest(&state, &id).await?;
    if patch.reason.is_some() && patch.state != Some(Wanted::Suspended) {
        return Err(Trouble::Input("a `reason` goes with `state: suspended`".to_owned()));
    }
    let edit = patch.edit()?;
    let edits = edit.name.is_some() || edit.groups.is_some() || edit.attributes.is_some() || edit.sponsor.is_some();
    if edits {
        let warrant = may::<ChangeGuest>(&actor, Target::Guest(&found, &grants))?;
        let (changed, proposal) = found.change(&state.occasion(), &warrant, edit)?;
        state.carry_out(proposal).await?;
        found = changed;
    }
    if let Some(wanted) = patch.state {
        let warrant = may::<SuspendGuest>(&actor, Target::Guest(&found, &grants))?;
        let (changed, proposal) = match wanted {
            Wanted::Suspended => found.suspend(&state.occasion(), &warrant, patch.reason)?,
            Wanted::Active => {
                let (resumed, mut proposal) = found.resume(&state.occasion(), &warrant)?;
                // What was open before stays closed: a new sign-in is wanted.
                let sessions = state.store.sessions_of(found.id).await?;
                if !sessions.is_empty() {
                    let ending = may::<EndSessions>(&actor, Target::Guest(&found, &grants))?;
                    proposal = proposal.and(Session::sign_out_all(&state.occasion(), &ending, &sessions)?);
                }
                let told = state.mail_to(&resumed, mail::back(&state.site_for(&resumed)));
                (resumed, proposal.with_mail(told))
            }
        };
        state.carry_out(proposal).await?;
        found = changed;
    }
    Ok(Json(view(&found, &grants, state.clock.now())))
}

pub(super) async fn remove(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Value>, Trouble> {
    let (found, grants) = guest(&state, &id).await?;
    let warrant = may::<RemoveGuest>(&actor, Target::Guest(&found, &grants))?;
    let sessions = state.store.sessions_of(found.id).await?;
    let factors = state.store.factors(found.id).await?;
    let (removed, proposal) = found.remove(
        &state.occasion(),
        &warrant,
        why.reason.as_deref(),
        Holdings { grants: &grants, sessions: &sessions, factors: factors.as_ref() },
    )?;
    state.carry_out(proposal).await?;
    let grants = state.store.grants_of(found.id).await?;
    Ok(Json(view(&removed, &grants, state.clock.now())))
}

/// A removed guest comes back as before, within the time that allows it.
pub(super) async fn restore(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (found, grants) = guest(&state, &id).await?;
    let warrant = may::<RemoveGuest>(&actor, Target::Guest(&found, &grants))?;
    let restored = found.restore(&state.occasion(), &warrant, &grants);
    if matches!(restored, Err(Refusal::Expired)) {
        return Err(Trouble::Conflict(format!("`{}` was removed more than 30 days ago; invite again", found.email)));
    }
    let (restored, proposal) = restored?;
    let told = state.mail_to(&restored, mail::back(&state.site_for(&restored)));
    state.carry_out(proposal.with_mail(told)).await?;
    let grants = state.store.grants_of(found.id).await?;
    Ok(Json(view(&restored, &grants, state.clock.now())))
}

/// Everything that is held about a guest. That somebody looked is written down.
pub(super) async fn export(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (found, grants) = guest(&state, &id).await?;
    let warrant = may::<ReadDirectory>(&actor, Target::Guest(&found, &grants))?;
    state.carry_out(found.exported(&state.occasion(), &warrant)?).await?;
    Ok(Json(dossier(&*state.store, &found, state.clock.now()).await?))
}

pub(super) async fn sessions(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (guest, grants) = guest(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Guest(&guest, &grants))?;
    let now = state.clock.now();
    let items: Vec<Value> = state.store.sessions_of(guest.id).await?.iter().map(|s| session(s, now)).collect();
    Ok(Json(json!({"items": items, "next": null})))
}

pub(super) async fn end_sessions(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (guest, grants) = guest(&state, &id).await?;
    let warrant = may::<EndSessions>(&actor, Target::Guest(&guest, &grants))?;
    let sessions = state.store.sessions_of(guest.id).await?;
    let ended = sessions.len();
    if ended > 0 {
        state.carry_out(Session::sign_out_all(&state.occasion(), &warrant, &sessions)?).await?;
    }
    Ok(Json(json!({"ended": ended})))
}

/// Takes everything away that the guest can show beside the mailbox, and ends all sessions: for whoever has lost it, or has had it stolen.
pub(super) async fn reset_factors(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let (guest, grants) = guest(&state, &id).await?;
    let warrant = may::<ResetFactors>(&actor, Target::Guest(&guest, &grants))?;
    let sessions = state.store.sessions_of(guest.id).await?;
    let held = state.store.factors(guest.id).await?.unwrap_or_else(|| Factors::none(guest.id));
    let letter = state.mail_to(&guest, mail::factors_reset(&state.site_for(&guest)));
    state.carry_out(held.reset(&state.occasion(), &warrant, &guest, &sessions, letter)?).await?;
    let removed =
        json!({"passkeys": held.passkeys.len(), "authenticator": held.authenticator.is_some(), "recovery_codes": held.recovery.len()});
    Ok(Json(json!({"id": guest.id, "email": guest.email, "removed": removed, "ended": sessions.len()})))
}

impl Patch {
    fn edit(&self) -> Result<GuestEdit, Trouble> {
        let groups = |names: &Vec<String>| names.iter().map(|g| parsed::<Name>("groups", g)).collect::<Result<Vec<_>, _>>();
        Ok(GuestEdit {
            name: self.name.clone(),
            groups: self.groups.as_ref().map(groups).transpose()?,
            attributes: self.attributes.clone(),
            sponsor: self.sponsor.as_deref().map(|s| parsed::<EmailAddress>("sponsor", s)).transpose()?,
        })
    }
}

/// A guest as the API shows it.
fn view(guest: &Guest, grants: &[Grant], now: Timestamp) -> Value {
    let (state, reason) = match &guest.state {
        GuestState::Active => ("active", None),
        GuestState::Suspended { reason, .. } => ("suspended", reason.clone()),
        GuestState::Removed { .. } => ("removed", None),
    };
    let apps: Vec<&str> = grants.iter().filter(|g| g.is_in_force(now)).map(|g| g.app.as_str()).collect();
    json!({
        "id": guest.id, "email": guest.email, "name": guest.name, "kind": guest.kind, "state": state, "reason": reason,
        "groups": guest.groups, "attributes": guest.attributes, "sponsor": guest.sponsor, "invited_by": guest.invited_by,
        "language": guest.language, "created": guest.created, "first_redeemed": guest.first_redeemed, "apps": apps,
        "terms": guest.accepted.iter().map(terms).collect::<Vec<_>>(),
    })
}

fn terms(accepted: &AcceptedTerms) -> Value {
    json!({
        "terms": accepted.terms, "version": accepted.version, "sha256": accepted.sha256(), "at": accepted.at, "ip": accepted.from,
        "app": accepted.app,
    })
}

fn session(s: &Session, now: Timestamp) -> Value {
    let audience = match &s.audience {
        Audience::Portal => "portal",
        Audience::App(app) => app.as_str(),
    };
    let methods: Vec<String> = s.proofs.iter().map(|p| p.factor.to_string()).collect();
    json!({
        "id": s.id, "audience": audience, "status": if s.is_live(now) { "live" } else { "over" }, "methods": methods,
        "signed_in": s.signed_in, "created": s.created, "last_seen": s.last_seen, "expires": s.expires,
        "ip": s.origin.ip, "user_agent": s.origin.user_agent,
    })
}
