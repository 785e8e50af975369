//! The guest's factors as the portal reads and writes them: each function reads, lets the directory decide, commits, and begins anew
//! where somebody else was faster. So of two who show the same code at the same time, one is told that it was used.

use super::{
    people::{Failed, TRIES, caught_up, commit},
    visit::Visit,
};
use crate::{
    base::{GuestId, Id, MailId},
    directory::{FactorChange, Factors, Guest, Occasion, Proposal, Proven, Refusal},
    store::StoreError,
    web::mail::Letter,
};

/// What a guest can show beside the mailbox.
pub(super) async fn of(visit: &Visit, guest: GuestId) -> Result<Factors, StoreError> {
    Ok(visit.state.store.factors(guest).await?.unwrap_or_else(|| Factors::none(guest)))
}

/// A factor is shown.
pub(super) async fn show(
    visit: &Visit,
    guest: &Guest,
    decide: impl Fn(&Occasion<'_>, &Factors, &Guest) -> Result<(Proven, Proposal), Refusal>,
) -> Result<Proven, Failed> {
    for _ in 0..TRIES {
        let guest = visit.state.store.guest(guest.id).await?.ok_or(Refusal::Removed)?;
        let (proven, proposal) = decide(&visit.occasion(), &of(visit, guest.id).await?, &guest)?;
        if commit(visit, proposal).await?.is_some() {
            return Ok(proven);
        }
    }
    Err(StoreError::Conflict.into())
}

/// The signed-in guest changes factors, and is told by mail.
pub(super) async fn change<T>(
    visit: &Visit,
    guest: &Guest,
    letter: Letter,
    decide: impl Fn(&Occasion<'_>, &Factors, FactorChange<'_>) -> Result<(T, Proposal), Refusal>,
) -> Result<T, Failed> {
    for _ in 0..TRIES {
        let store = &visit.state.store;
        let guest = store.guest(guest.id).await?.ok_or(Refusal::Removed)?;
        let session = match visit.root_id() {
            Some(id) => store.session(id).await?.ok_or(Refusal::SessionEnded)?,
            None => return Err(Refusal::SessionEnded.into()),
        };
        let mail = letter.clone().to(MailId::random(visit.state.entropy.as_ref()), guest.email.clone());
        let by = FactorChange { guest: &guest, session: &session, mail };
        let (changed, proposal) = decide(&visit.occasion(), &of(visit, guest.id).await?, by)?;
        if let Some(revision) = commit(visit, proposal).await? {
            // Sessions may have ended with it.
            caught_up(visit, revision).await;
            return Ok(changed);
        }
    }
    Err(StoreError::Conflict.into())
}
