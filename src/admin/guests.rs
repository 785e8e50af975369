//! `/api/v1/guests`.

use std::collections::BTreeMap;

use axum::Json;
use serde_json::Value;

use super::{
    AdminState,
    asker::Asker,
    input::{Body, Listing, Path, Query, guest, parsed},
    tagged::{IfMatch, Tagged},
    trouble::Trouble,
    views::{GuestView, List, SessionView},
};
use crate::{
    base::{EmailAddress, Name, Timestamp},
    directory::{
        Actor, ChangeGuest, EndSessions, ExportGuest, Factors, Grant, GrantEdit, Guest, GuestEdit, Holdings, ManageGrants, Proposal,
        Refusal, RemoveGuest, ResetFactors, Session, SuspendGuest, Target, may, sight,
    },
    store::GuestFilter,
    web::{dossier, mail},
};

/// What is patched: what is not named stays.
#[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuestPatch)]
pub(super) struct Patch {
    #[serde(default)]
    pub(super) state: Option<Wanted>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) groups: Option<Vec<String>>,
    #[serde(default)]
    pub(super) attributes: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    pub(super) sponsor: Option<String>,
    /// When every access ends that the guest has now and the asker may change.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) access_until: Option<Timestamp>,
}

/// Sessions that were ended.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Ended {
    /// So many.
    ended: usize,
}

/// What was taken away.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Reset {
    id: String,
    email: String,
    removed: Removed,
    /// So many sessions were ended.
    ended: usize,
}

/// What a guest could show beside the mailbox.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Removed {
    passkeys: usize,
    authenticator: bool,
    recovery_codes: usize,
}

/// A state that somebody can put a guest into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Wanted {
    Active,
    Suspended,
}

/// Why something is done.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    #[serde(default)]
    reason: Option<String>,
}

/// The states by which a list is filtered.
const STATES: [&str; 3] = ["active", "suspended", "removed"];

/// Guests, oldest first.
#[utoipa::path(get, path = "/api/v1/guests", tag = "guests", params(Listing), responses((status = 200, description = "Done", body = List<GuestView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<GuestView>>, Trouble> {
    let sight = sight(&actor)?;
    let now = state.clock.now();
    if let Some(one) = &listing.guest {
        let (guest, grants) = guest(&state, &actor, one).await?;
        return Ok(List::all(vec![GuestView::of(&guest, &grants, &sight, now)]));
    }
    let app = listing.app(&state.live.snapshot().config)?;
    let filter = GuestFilter { state: listing.state(&STATES)?, apps: sight.of_apps(app.as_ref())?, containing: listing.containing() };
    let page = state.store.guests(filter, listing.page()?).await?;
    let mut items = Vec::with_capacity(page.items.len());
    let grants = state.store.grants_of_each(&page.items.iter().map(|guest| guest.id).collect::<Vec<_>>()).await?;
    for guest in &page.items {
        items.push(GuestView::of(guest, grants.get(&guest.id).map_or(&[], Vec::as_slice), &sight, now));
    }
    Ok(List::page(items, page.next.as_ref()))
}

/// One guest.
#[utoipa::path(get, path = "/api/v1/guests/{id}", tag = "guests", responses((status = 200, description = "Done", body = GuestView)))]
pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Tagged<GuestView>, Trouble> {
    let (guest, grants) = guest(&state, &actor, &id).await?;
    Ok(Tagged(guest.version, GuestView::of(&guest, &grants, &sight(&actor)?, state.clock.now())))
}

/// Changes a guest; what is not named stays.
#[utoipa::path(patch, path = "/api/v1/guests/{id}", tag = "guests", request_body = Patch, responses((status = 200, description = "Done", body = GuestView)))]
pub(super) async fn change(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    expected: IfMatch,
    Body(patch): Body<Patch>,
) -> Result<Tagged<GuestView>, Trouble> {
    let (found, held) = guest(&state, &actor, &id).await?;
    expected.check(found.version)?;
    let (changed, grants) = apply(&state, &actor, found, held, patch).await?;
    Ok(Tagged(changed.version, GuestView::of(&changed, &grants, &sight(&actor)?, state.clock.now())))
}

/// Changes a guest, all of it or nothing, and gives the guest as it is then.
pub(super) async fn apply(
    state: &AdminState,
    actor: &Actor,
    mut found: Guest,
    grants: Vec<Grant>,
    patch: Patch,
) -> Result<(Guest, Vec<Grant>), Trouble> {
    if patch.reason.is_some() && patch.state != Some(Wanted::Suspended) {
        return Err(Trouble::Input("a `reason` goes with `state: suspended`".to_owned()));
    }
    let edit = patch.edit()?;
    let edits = edit.name.is_some() || edit.groups.is_some() || edit.attributes.is_some() || edit.sponsor.is_some();
    let mut whole = Proposal::at(state.clock.now());
    if edits {
        let warrant = may::<ChangeGuest>(actor, Target::Guest(&found, &grants))?;
        let (changed, proposal) = found.change(&state.occasion(), &warrant, edit)?;
        (found, whole) = (changed, whole.and(proposal));
    }
    if let Some(wanted) = patch.state {
        let (changed, proposal) = put_into(state, actor, (&found, &grants), wanted, patch.reason).await?;
        (found, whole) = (changed, whole.and(proposal));
    }
    if let Some(until) = patch.access_until {
        whole = whole.and(end_at(state, actor, &grants, until)?);
    }
    if whole.changes.is_empty() {
        return Ok((found, grants));
    }
    state.carry_out(whole).await?;
    let grants = state.store.grants_of(found.id).await?;
    Ok((found, grants))
}

/// Suspends a guest, or ends a suspension.
async fn put_into(
    state: &AdminState,
    actor: &Actor,
    (found, grants): (&Guest, &[Grant]),
    wanted: Wanted,
    reason: Option<String>,
) -> Result<(Guest, Proposal), Trouble> {
    let warrant = may::<SuspendGuest>(actor, Target::Guest(found, grants))?;
    match wanted {
        Wanted::Suspended => Ok(found.suspend(&state.occasion(), &warrant, reason)?),
        Wanted::Active => {
            let (resumed, mut proposal) = found.resume(&state.occasion(), &warrant)?;
            // What was open before stays closed: a new sign-in is wanted.
            let sessions = state.store.sessions_of(found.id).await?;
            if !sessions.is_empty() {
                let ending = may::<EndSessions>(actor, Target::Guest(found, grants))?;
                proposal = proposal.and(Session::sign_out_all(&state.occasion(), &ending, &sessions)?);
            }
            let told = state.mail_to(&resumed, mail::back(&state.site_for(&resumed)));
            Ok((resumed, proposal.with_mail(told)))
        }
    }
}

/// Sets when the accesses end that the asker may change; all of them, or none.
fn end_at(state: &AdminState, actor: &Actor, grants: &[Grant], until: Timestamp) -> Result<Proposal, Trouble> {
    let now = state.clock.now();
    if until <= now {
        return Err(Trouble::Input("`access_until` lies in the past; end the accesses instead".to_owned()));
    }
    let sight = sight(actor)?;
    let mut proposal = Proposal::at(now);
    for grant in grants.iter().filter(|grant| grant.is_active() && sight.shows(&grant.app) && grant.until != Some(until)) {
        let warrant = may::<ManageGrants>(actor, Target::Grant(grant))?;
        let edit = GrantEdit { role: None, until: Some(Some(until)) };
        proposal = proposal.and(grant.change(&state.occasion(), &warrant, edit)?.1);
    }
    if proposal.changes.is_empty() { Err(Refusal::NothingToDo.into()) } else { Ok(proposal) }
}

/// Removes a guest; every session and grant ends.
#[utoipa::path(delete, path = "/api/v1/guests/{id}", tag = "guests", request_body = Option<Why>, responses((status = 200, description = "Done", body = GuestView)))]
pub(super) async fn remove(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    expected: IfMatch,
    Body(why): Body<Why>,
) -> Result<Tagged<GuestView>, Trouble> {
    let (found, grants) = guest(&state, &actor, &id).await?;
    let removed = take_away(&state, &actor, &found, &grants, (&expected, why.reason.as_deref())).await?;
    let grants = state.store.grants_of(found.id).await?;
    Ok(Tagged(removed.version, GuestView::of(&removed, &grants, &sight(&actor)?, state.clock.now())))
}

/// Removes a guest of the version that is expected, for a reason.
pub(super) async fn take_away(
    state: &AdminState,
    actor: &Actor,
    found: &Guest,
    grants: &[Grant],
    (expected, reason): (&IfMatch, Option<&str>),
) -> Result<Guest, Trouble> {
    let warrant = may::<RemoveGuest>(actor, Target::Guest(found, grants))?;
    expected.check(found.version)?;
    let sessions = state.store.sessions_of(found.id).await?;
    let factors = state.store.factors(found.id).await?;
    let holdings = Holdings { grants, sessions: &sessions, factors: factors.as_ref() };
    let (removed, proposal) = found.remove(&state.occasion(), &warrant, reason, holdings)?;
    state.carry_out(proposal).await?;
    Ok(removed)
}

/// A removed guest comes back as before, within the time that allows it.
#[utoipa::path(post, path = "/api/v1/guests/{id}/restore", tag = "guests", responses((status = 200, description = "Done", body = GuestView)))]
pub(super) async fn restore(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Tagged<GuestView>, Trouble> {
    let (restored, grants) = bring_back(&state, &actor, &id).await?;
    Ok(Tagged(restored.version, GuestView::of(&restored, &grants, &sight(&actor)?, state.clock.now())))
}

/// Brings a removed guest back.
pub(super) async fn bring_back(state: &AdminState, actor: &Actor, id: &str) -> Result<(Guest, Vec<Grant>), Trouble> {
    let (found, grants) = guest(state, actor, id).await?;
    let warrant = may::<RemoveGuest>(actor, Target::Guest(&found, &grants))?;
    let restored = found.restore(&state.occasion(), &warrant, &grants);
    if matches!(restored, Err(Refusal::Expired)) {
        return Err(Trouble::Conflict(format!("`{}` was removed more than 30 days ago; invite again", found.email)));
    }
    let (restored, proposal) = restored?;
    let told = state.mail_to(&restored, mail::back(&state.site_for(&restored)));
    state.carry_out(proposal.with_mail(told)).await?;
    Ok((restored, state.store.grants_of(found.id).await?))
}

/// Everything that is held about a guest. That somebody looked is written down.
#[utoipa::path(get, path = "/api/v1/guests/{id}/export", tag = "guests", responses((status = 200, description = "Done", body = Value)))]
pub(super) async fn export(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<Value>, Trouble> {
    let (found, grants) = guest(&state, &actor, &id).await?;
    let warrant = may::<ExportGuest>(&actor, Target::Guest(&found, &grants))?;
    state.carry_out(found.exported(&state.occasion(), &warrant)?).await?;
    Ok(Json(dossier(&*state.store, &found, state.clock.now()).await?))
}

/// The sessions of a guest that have not been ended.
#[utoipa::path(get, path = "/api/v1/guests/{id}/sessions", tag = "guests", responses((status = 200, description = "Done", body = List<SessionView>)))]
pub(super) async fn sessions(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<List<SessionView>>, Trouble> {
    let (guest, _) = guest(&state, &actor, &id).await?;
    let (sight, now) = (sight(&actor)?, state.clock.now());
    let shown = |s: &&Session| s.app().is_none_or(|app| sight.shows(app));
    Ok(List::all(state.store.sessions_of(guest.id).await?.iter().filter(shown).map(|s| SessionView::of(s, now)).collect()))
}

/// Signs a guest out everywhere.
#[utoipa::path(delete, path = "/api/v1/guests/{id}/sessions", tag = "guests", responses((status = 200, description = "Done", body = Ended)))]
pub(super) async fn end_sessions(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<Ended>, Trouble> {
    let (guest, grants) = guest(&state, &actor, &id).await?;
    Ok(Json(Ended { ended: sign_out(&state, &actor, &guest, &grants).await? }))
}

/// Ends all sessions of a guest, and says how many.
pub(super) async fn sign_out(state: &AdminState, actor: &Actor, guest: &Guest, grants: &[Grant]) -> Result<usize, Trouble> {
    let warrant = may::<EndSessions>(actor, Target::Guest(guest, grants))?;
    let sessions = state.store.sessions_of(guest.id).await?;
    if !sessions.is_empty() {
        state.carry_out(Session::sign_out_all(&state.occasion(), &warrant, &sessions)?).await?;
    }
    Ok(sessions.len())
}

/// Takes everything away that the guest can show beside the mailbox, and ends all sessions: for whoever has lost it, or has had it stolen.
#[utoipa::path(post, path = "/api/v1/guests/{id}/reset-factors", tag = "guests", responses((status = 200, description = "Done", body = Reset)))]
pub(super) async fn reset_factors(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<Reset>, Trouble> {
    let (guest, grants) = guest(&state, &actor, &id).await?;
    forget_factors(&state, &actor, &guest, &grants).await.map(Json)
}

/// Does so for a guest that was found.
async fn forget_factors(state: &AdminState, actor: &Actor, guest: &Guest, grants: &[Grant]) -> Result<Reset, Trouble> {
    let (reset, proposal) = forgetting(state, actor, guest, grants).await?;
    state.carry_out(proposal).await?;
    Ok(reset)
}

/// What taking everything away comes to: nothing is written.
pub(super) async fn forgetting(state: &AdminState, actor: &Actor, guest: &Guest, grants: &[Grant]) -> Result<(Reset, Proposal), Trouble> {
    let warrant = may::<ResetFactors>(actor, Target::Guest(guest, grants))?;
    let sessions = state.store.sessions_of(guest.id).await?;
    let held = state.store.factors(guest.id).await?.unwrap_or_else(|| Factors::none(guest.id));
    let letter = state.mail_to(guest, mail::factors_reset(&state.site_for(guest)));
    let proposal = held.reset(&state.occasion(), &warrant, guest, &sessions, letter)?;
    let removed =
        Removed { passkeys: held.passkeys.len(), authenticator: held.authenticator.is_some(), recovery_codes: held.recovery.len() };
    Ok((Reset { id: guest.id.to_string(), email: guest.email.to_string(), removed, ended: sessions.len() }, proposal))
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
