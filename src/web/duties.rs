//! Separation of duties: what is about to be written gives nobody two accesses that exclude each other.
//!
//! Asked of every proposal before it is written, by all who write some, so that no way of giving an access can forget it.

use crate::{
    base::{Clash, Duty, GrantId, GuestId},
    config::Config,
    directory::{Change, Grant, GrantState, Invitation, Proposal},
    store::{Store, StoreError},
};

/// What stands in the way of a proposal.
pub async fn clash(store: &dyn Store, config: &Config, proposal: &Proposal) -> Result<Option<Clash>, StoreError> {
    if config.exclusive.groups().is_empty() {
        return Ok(None);
    }
    for guest in receivers(proposal) {
        let held = store.grants_of(guest).await?;
        let mut given = Given::of(&held, proposal, guest);
        for invitation in given.offered.clone() {
            // What is offered elsewhere counts as well: it only has to be accepted.
            let others = store.invitations_for(&invitation.email).await?;
            let open = others.iter().filter(|other| other.id != invitation.id && other.is_open(proposal.at));
            given.had.extend(open.flat_map(duties));
            given.new.extend(duties(&invitation));
        }
        let found = given.new.iter().enumerate().find_map(|(n, one)| {
            let beside = given.new.iter().skip(n + 1).chain(&given.had).cloned().collect::<Vec<_>>();
            config.exclusive.clash_with(one, &beside)
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// What a guest would have.
struct Given {
    /// Before, and still.
    had: Vec<Duty>,
    /// What comes new, or in another role.
    new: Vec<Duty>,
    /// What is offered.
    offered: Vec<Invitation>,
}

impl Given {
    fn of(held: &[Grant], proposal: &Proposal, guest: GuestId) -> Self {
        let in_force = |grant: &&Grant| grant.is_active() && grant.until.is_none_or(|until| proposal.at < until);
        let mut had: Vec<(GrantId, Duty)> = held.iter().filter(in_force).map(|grant| (grant.id, grant.duty())).collect();
        let (mut new, mut offered) = (Vec::new(), Vec::new());
        for change in &proposal.changes {
            match change {
                Change::PutGrant(grant) if grant.guest == guest => {
                    let before = had.iter().position(|(id, _)| *id == grant.id).map(|place| had.remove(place).1);
                    match grant.state {
                        GrantState::Active if before.as_ref() == Some(&grant.duty()) => had.push((grant.id, grant.duty())),
                        GrantState::Active => new.push(grant.duty()),
                        GrantState::Revoked { .. } => {}
                    }
                }
                // One that was there before offers nothing new.
                Change::PutInvitation(invitation) if invitation.guest == guest && is_new(invitation, proposal) => {
                    offered.push(invitation.clone());
                }
                Change::PutGuest(_)
                | Change::PutInvitation(_)
                | Change::PutGrant(_)
                | Change::PutSession(_)
                | Change::PutRequest(_)
                | Change::PutFactors(_)
                | Change::PutToken(_)
                | Change::PutReview(_)
                | Change::PutVerdict(_) => {}
            }
        }
        Self { had: had.into_iter().map(|(_, duty)| duty).collect(), new, offered }
    }
}

fn is_new(invitation: &Invitation, proposal: &Proposal) -> bool {
    invitation.version.0 <= 1 && invitation.is_open(proposal.at)
}

fn duties(invitation: &Invitation) -> Vec<Duty> {
    invitation.offers.iter().map(|offer| Duty::of(&offer.app, offer.role.as_ref())).collect()
}

/// Whom a proposal gives or offers something.
fn receivers(proposal: &Proposal) -> Vec<GuestId> {
    let mut guests: Vec<GuestId> = Vec::new();
    for change in &proposal.changes {
        let guest = match change {
            Change::PutGrant(grant) => Some(grant.guest),
            Change::PutInvitation(invitation) => Some(invitation.guest),
            Change::PutGuest(_)
            | Change::PutSession(_)
            | Change::PutRequest(_)
            | Change::PutFactors(_)
            | Change::PutToken(_)
            | Change::PutReview(_)
            | Change::PutVerdict(_) => None,
        };
        guests.extend(guest.filter(|guest| !guests.contains(guest)));
    }
    guests
}
