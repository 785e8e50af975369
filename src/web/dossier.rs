//! Everything that is held about one guest, as JSON for the guest or for whoever answers for the directory; nothing about others, and
//! nothing that would let somebody in.

use serde_json::{Map, Value, json};

use crate::{
    base::Timestamp,
    directory::{
        AcceptedTerms, Audience, Bound, Factors, Grant, GrantState, Guest, GuestState, Invitation, InvitationState, Request, Session, audit,
    },
    store::{Store, StoreError},
};

/// So many entries of the audit log are read at once.
const BATCH: usize = 500;

/// Everything that is held about the guest now.
pub async fn dossier(store: &dyn Store, guest: &Guest, now: Timestamp) -> Result<Value, StoreError> {
    let grants = store.grants_of(guest.id).await?;
    let invitations = store.invitations_for(&guest.email).await?;
    let requests = store.requests_for(&guest.email).await?;
    let sessions = store.sessions_held(guest.id).await?;
    let factors = store.factors(guest.id).await?;
    let uses = store.uses_of(guest.id).await?;
    let stays = store.stays_of(guest.id).await?;
    let places = stays.iter().map(|stay| {
        let country = stay.haunt.country.map(|country| country.to_string());
        json!({"network": stay.haunt.network.to_string(), "country": country, "first": stay.first, "last": stay.last})
    });
    Ok(json!({
        "written": now,
        "guest": person(guest),
        "grants": grants.iter().map(grant).collect::<Vec<_>>(),
        "used": uses.iter().map(|(app, at)| json!({"app": app, "last": at})).collect::<Vec<_>>(),
        "invitations": invitations.iter().map(invitation).collect::<Vec<_>>(),
        "requests": requests.iter().map(request).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|held| session(held, now)).collect::<Vec<_>>(),
        "signed_in_from": places.collect::<Vec<_>>(),
        "factors": factors.as_ref().map(shown),
        "terms": guest.accepted.iter().map(terms).collect::<Vec<_>>(),
        "log": log(store, guest).await?,
    }))
}

fn person(guest: &Guest) -> Value {
    let there = |bound: &Bound| json!({"issuer": bound.issuer, "subject": bound.subject, "since": bound.since});
    let (state, since, reason) = match &guest.state {
        GuestState::Active => ("active", None, None),
        GuestState::Suspended { since, reason, .. } => ("suspended", Some(*since), reason.as_deref()),
        GuestState::Removed { at } => ("removed", Some(*at), None),
    };
    json!({
        "id": guest.id, "email": guest.email, "name": guest.name, "kind": guest.kind, "state": state, "since": since, "reason": reason,
        "groups": guest.groups, "attributes": guest.attributes, "language": guest.language, "sponsor": guest.sponsor,
        "invited_by": guest.invited_by, "created": guest.created, "first_accepted": guest.first_redeemed, "resumed": guest.resumed,
        "at_providers": guest.bound.iter().map(there).collect::<Vec<_>>(),
    })
}

fn grant(grant: &Grant) -> Value {
    let ended = match grant.state {
        GrantState::Active => None,
        GrantState::Revoked { at } => Some(at),
    };
    json!({
        "id": grant.id, "app": grant.app, "role": grant.role, "from": grant.from, "until": grant.until, "ended": ended,
        "invitation": grant.invitation, "reminded": grant.reminded, "approved": grant.approved.as_ref().map(|approved| approved.at),
    })
}

/// Without its tokens: whoever has the file has no way in.
fn invitation(invitation: &Invitation) -> Value {
    let (state, at) = match invitation.state {
        InvitationState::Pending => ("pending", None),
        InvitationState::Redeemed { at } => ("accepted", Some(at)),
        InvitationState::Revoked { at } => ("withdrawn", Some(at)),
        InvitationState::Declined { at } => ("declined", Some(at)),
    };
    let offer = |offer: &crate::directory::Offer| json!({"app": offer.app, "role": offer.role, "access_for": offer.access_for.map(|span| span.to_string())});
    json!({
        "id": invitation.id, "email": invitation.email, "name": invitation.name, "state": state, "at": at,
        "offers": invitation.offers.iter().map(offer).collect::<Vec<_>>(), "groups": invitation.groups,
        "attributes": invitation.attributes, "message": invitation.message, "language": invitation.language,
        "invited_by": invitation.invited_by, "created": invitation.created, "expires": invitation.expires,
        "reminded": invitation.reminded,
    })
}

fn request(request: &Request) -> Value {
    let mut answers = Map::new();
    answers.extend(request.answers.iter().map(|answer| (answer.name.clone(), json!(answer.value))));
    let mut state = serde_json::to_value(&request.state).unwrap_or(Value::Null);
    if let Some(state) = state.as_object_mut() {
        // Who decided is about somebody else.
        state.remove("by");
    }
    json!({
        "id": request.id, "kind": request.kind, "email": request.email, "name": request.name, "app": request.app,
        "reason": request.reason, "answers": answers, "given": request.endowment, "language": request.language,
        "created": request.created, "expires": request.expires, "state": state,
    })
}

fn session(session: &Session, now: Timestamp) -> Value {
    let audience = match &session.audience {
        Audience::Portal => "portal",
        Audience::App(app) => app.as_str(),
    };
    json!({
        "id": session.id, "for": audience, "live": session.is_live(now), "shown": session.proofs, "signed_in": session.signed_in,
        "created": session.created, "last_seen": session.last_seen, "expires": session.expires,
        "network_address": session.origin.ip, "browser": session.origin.user_agent, "device": session.device,
        "known_before": session.past, "stated": session.stated, "ended": session.ended,
    })
}

/// By their names: what is secret about them stays here.
fn shown(factors: &Factors) -> Value {
    let passkeys = factors.passkeys.iter();
    json!({
        "passkeys": passkeys.map(|p| json!({"name": p.name, "created": p.created, "last_used": p.last_used})).collect::<Vec<_>>(),
        "authenticator_app": factors.authenticator.as_ref().map(|app| json!({"created": app.created})),
        "recovery_codes_left": factors.recovery.len(),
    })
}

fn terms(accepted: &AcceptedTerms) -> Value {
    json!({
        "terms": accepted.terms, "version": accepted.version, "sha256": accepted.sha256(), "at": accepted.at,
        "network_address": accepted.from, "app": accepted.app, "entry": accepted.entry,
    })
}

/// What was logged about the guest, the oldest first.
async fn log(store: &dyn Store, guest: &Guest) -> Result<Vec<Value>, StoreError> {
    let (mut entries, mut after) = (Vec::new(), 0);
    loop {
        let found = store.audit_of(guest.id, after, BATCH).await?;
        entries.extend(found.iter().map(|stored| entry(stored, guest)));
        match found.last() {
            Some(last) if found.len() == BATCH => after = last.sequence,
            Some(_) | None => return Ok(entries),
        }
    }
}

fn entry(stored: &audit::Stored, guest: &Guest) -> Value {
    let mut shown: Value = serde_json::from_str(&stored.body).unwrap_or(Value::Null);
    let personal = stored.personal.as_ref().and_then(|(_, facts)| serde_json::from_str::<Map<String, Value>>(facts).ok());
    if let Some(map) = shown.as_object_mut() {
        let own = map.get("by").and_then(Value::as_str) == Some(guest.id.to_string().as_str());
        let mut facts = personal.unwrap_or_default();
        if !own {
            // Who else acted, and from where, is about them.
            facts.remove("actor");
            facts.remove("ip");
        }
        map.insert("facts".to_owned(), Value::Object(facts));
        map.retain(|_, value| !value.is_null());
    }
    shown
}
