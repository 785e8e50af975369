//! What is known of a guest who signs in: where from before, how long ago, and after how many wrong codes.

use super::{attempts, visit::Visit};
use crate::{
    base::{GuestId, Haunt, Past, Prefix},
    directory::Guest,
    store::{Note, StoreError},
};

/// What was known of the guest until now.
pub(super) async fn of(visit: &Visit, guest: &Guest) -> Result<Past, StoreError> {
    let stays = visit.state.store.stays_of(guest.id).await?;
    let wrong = attempts::wrong_lately(visit, &guest.email).await?;
    Ok(Past::of(&stays, guest.first_redeemed, here(visit).country, visit.now).after_wrong_codes(wrong))
}

/// Keeps that the guest has signed in from here. Nobody is turned away because this fails: the place is then new once more.
pub(super) async fn remember(visit: &Visit, guest: GuestId) {
    let note = Note::Stayed { guest, haunt: here(visit), at: visit.now };
    if let Err(cause) = visit.state.store.note(note).await {
        tracing::warn!(error = %cause, "where a guest signed in from was not stored");
    }
}

fn here(visit: &Visit) -> Haunt {
    Haunt { network: Prefix::near(visit.peer.ip), country: visit.snapshot.places.of(visit.peer.ip).country }
}
