//! Whom a partner's provider vouches for has come back: which guest that is, and what they came for.

use super::{
    device,
    flow::Aim,
    people,
    provider::{self, METHOD, Trip},
    redeem, signin, signup, stepup,
    visit::Visit,
    way::Way,
};
use crate::{
    base::{AppId, Factor, InvitationId, Kind},
    config::Provider,
    directory::{AddressProof, Guest, Proven, Vouched},
    identity::Needs,
    observe::SignInResult,
    store::StoreError,
    web::Answer,
};

/// Somebody who has come back from a provider, and is vouched for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) provider: &'a Provider,
    pub(super) trip: &'a Trip,
    pub(super) vouched: &'a Vouched,
}

/// Goes on with what somebody came for.
pub(super) async fn arrive(visit: &Visit, arrival: &Arrival<'_>) -> Result<Answer, Answer> {
    match &arrival.trip.aim {
        Aim::SignIn(way) => sign_in(visit, arrival, way).await,
        Aim::Accept(invitation) => accept(visit, arrival, *invitation).await,
        Aim::SignUp(app) => sign_up(visit, arrival, app).await,
    }
}

/// The guest whom the provider means: by its own name for the person, else by the address.
async fn meant(visit: &Visit, vouched: &Vouched) -> Result<Option<Guest>, StoreError> {
    let store = &visit.state.store;
    if let Some(bound) = store.guest_bound(&vouched.issuer, &vouched.subject).await? {
        return Ok(Some(bound));
    }
    store.guest_by_email(&vouched.address).await
}

async fn sign_in(visit: &Visit, arrival: &Arrival<'_>, way: &Way) -> Result<Answer, Answer> {
    let Arrival { provider, trip, vouched } = *arrival;
    let unavailable = |_| visit.unavailable();
    let guest = match meant(visit, vouched).await.map_err(unavailable)? {
        None if vouched.members => Some(people::join(visit, vouched).await.map_err(|failure| signin::failed(visit, &failure))?),
        known => known,
    };
    let may_come = |guest: &Guest| guest.is_active() && visit.config().welcomes(guest.kind, &guest.email);
    let Some(guest) = guest.filter(may_come) else {
        if trip.guest.is_some() {
            return Err(other(visit, arrival).await);
        }
        visit.state.metrics.signin(METHOD, SignInResult::Refused);
        return Err(signin::no_entry(visit));
    };
    // Whoever was asked to show again who it is comes back as the same person, in the same session.
    let same = trip.guest.is_none_or(|asked| asked == guest.id && visit.root.as_ref().is_some_and(|root| root.guest.id == asked));
    let Some(proven) = Proven::by_provider(&guest, vouched).filter(|_| same) else { return Err(other(visit, arrival).await) };
    people::bind(visit, guest.id, vouched).await.map_err(|failure| signin::failed(visit, &failure))?;
    let grants = people::open_grants(visit, &guest).await.map_err(unavailable)?;
    let known = device::known(visit, guest.id);
    // A member's session descends from no invitation.
    let app = way.start().map(|start| &start.app);
    let invitation = (guest.kind == Kind::Guest).then(|| people::invitation_of(&grants, app)).flatten();
    let session = people::sign_in(visit, &guest, proven, invitation, known.as_ref()).await;
    let session = session.map_err(|failure| signin::failed(visit, &failure))?;
    visit.state.metrics.signin(METHOD, SignInResult::Success);
    tracing::info!(guest = %guest.id, session = %session.id, provider = %provider.id, method = METHOD, "session opened");
    if trip.guest.is_some() {
        return Ok(signin::opened(visit, &guest, &session, stepped(visit, arrival, way)));
    }
    let enough = way.start().filter(|start| start.needs == Needs::Session);
    let onward = enough.and_then(|start| stepup::hand_over(visit, &session, start, &grants)).map(|answer| visit.finish(answer));
    Ok(signin::opened(visit, &guest, &session, onward.unwrap_or_else(|| way.answer(visit))))
}

/// On to whatever is left, unless the provider has not done what somebody was sent there for.
fn stepped(visit: &Visit, arrival: &Arrival<'_>, way: &Way) -> Answer {
    let Arrival { provider, vouched, .. } = *arrival;
    let before = visit.root.as_ref().map(|root| root.session.proofs.as_slice()).unwrap_or_default();
    let was_there = before.iter().any(|proof| matches!(&proof.factor, Factor::Federated { provider: by, .. } if *by == provider.id));
    let enough = vouched.is_fresh && (vouched.mfa || !provider.trust_mfa || !was_there);
    let Some(start) = way.start().filter(|_| !enough) else { return way.answer(visit) };
    let address = format!("{}&not=provider", stepup::address(visit, start));
    let lines = [
        visit.site.say("provider-not-enough-why").with("provider", &provider.name).to_string(),
        visit.site.say("provider-not-enough-next").to_string(),
    ];
    let link = address.starts_with('/').then_some((address.as_str(), "provider-go-on"));
    if link.is_some() { redeem::told(visit, http::StatusCode::OK, "provider-not-enough-title", &lines, link) } else { way.answer(visit) }
}

async fn accept(visit: &Visit, arrival: &Arrival<'_>, id: InvitationId) -> Result<Answer, Answer> {
    let unavailable = |_| visit.unavailable();
    let store = &visit.state.store;
    let invitation = store.invitation(id).await.map_err(unavailable)?.ok_or_else(|| redeem::gone(visit))?;
    let known = store.guest_by_email(&invitation.email).await.map_err(unavailable)?;
    let bound = store.guest_bound(&arrival.vouched.issuer, &arrival.vouched.subject).await.map_err(unavailable)?;
    let elsewhere = bound.is_some_and(|bound| bound.email != invitation.email);
    let proof = AddressProof::by_provider(&invitation.email, known.as_ref(), arrival.vouched).filter(|_| !elsewhere);
    match proof {
        Some(proof) => redeem::accept_vouched(visit, id, proof, arrival.vouched).await,
        None => Err(other(visit, arrival).await),
    }
}

async fn sign_up(visit: &Visit, arrival: &Arrival<'_>, app: &AppId) -> Result<Answer, Answer> {
    let Arrival { trip, vouched, .. } = *arrival;
    // Somebody may be known there by another address than the one that was typed in.
    if vouched.address != trip.address {
        return Err(other(visit, arrival).await);
    }
    signup::vouched(visit, app, vouched).await
}

/// The account there is not that of whoever is expected here.
async fn other(visit: &Visit, arrival: &Arrival<'_>) -> Answer {
    let Arrival { provider, trip, .. } = *arrival;
    provider::refused(visit, provider, trip, "the provider means another person").await;
    let lines = [visit.site.say("provider-person-why").with("provider", &provider.name).to_string()];
    provider::told(visit, "provider-person-title", lines, "provider-person-next", &trip.aim)
}
