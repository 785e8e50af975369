//! Filing what somebody asks for, and letting it pass where nobody is to decide.

use std::sync::{Mutex, PoisonError};

use super::{
    people::{self, Failed},
    visit::Visit,
};
use crate::{
    base::{EmailAddress, InvitationId},
    directory::{Change, Proposal, Refusal as Refused, Request, RequestDraft},
    web::matter::{Desk, Told, Undecided},
};

/// Writes a request, or finds the one that is there: a second press of the button asks for nothing new.
pub(super) async fn filed(visit: &Visit, email: &EmailAddress, draft: RequestDraft) -> Result<Request, Failed> {
    let (kind, app) = (draft.kind, draft.app.clone());
    let kept = Mutex::new(None);
    people::persist(visit, || async {
        let desk = desk(visit);
        let (request, proposal) = desk.file(email, draft.clone()).await?;
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        Ok(proposal)
    })
    .await?;
    if let Some(request) = kept.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Ok(request);
    }
    let there = visit.state.store.requests_for(email).await?;
    there.into_iter().find(|r| r.kind == kind && r.app == app && r.is_undecided(visit.now)).ok_or(Failed::Refused(Refused::NothingToDo))
}

/// Nobody is to decide: the invitation that the sign-up has become.
pub(super) async fn passed(visit: &Visit, request: &Request) -> Result<InvitationId, Failed> {
    let kept = Mutex::new(None);
    people::persist(visit, || async {
        let request = visit.state.store.request(request.id).await?.ok_or(Refused::Expired)?;
        let (_, proposal) = desk(visit).pass(&request, Told::OnThePage).await?;
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = invitation_in(&proposal);
        Ok(proposal)
    })
    .await?;
    kept.into_inner().unwrap_or_else(PoisonError::into_inner).ok_or(Failed::Refused(Refused::NothingToDo))
}

fn invitation_in(proposal: &Proposal) -> Option<InvitationId> {
    proposal.changes.iter().find_map(|change| match change {
        Change::PutInvitation(invitation) => Some(invitation.id),
        Change::PutGuest(_)
        | Change::PutGrant(_)
        | Change::PutSession(_)
        | Change::PutRequest(_)
        | Change::PutFactors(_)
        | Change::PutToken(_)
        | Change::PutReview(_)
        | Change::PutVerdict(_) => None,
    })
}

/// What decisions about requests are made with.
pub(super) fn desk(visit: &Visit) -> Desk<'_> {
    Desk { store: &*visit.state.store, config: visit.config(), site: &visit.site, occasion: visit.occasion() }
}

impl From<Undecided> for Failed {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Refused(refusal) => Self::Refused(refusal),
            Undecided::Store(cause) => cause.into(),
        }
    }
}
