//! What is asked of every proposal that gives somebody an access: separation of duties, quotas, and from where owners and inviters may invite.
//!
//! All planes hand their proposals through here, so that no way of giving an access forgets it. What can be judged by the proposal alone is
//! judged here; what depends on everything else is asked by the store in the transaction that writes ([`Condition`]).

use std::sync::Arc;

use crate::{
    base::{AppId, EmailAddress},
    config::Config,
    directory::{ActorKind, Condition, Limited, Measure, OutOfScope, Proposal, Quota, Unmet},
    store::{Store, StoreError},
};

/// The proposal with all that must hold; an error if something does not already.
pub async fn applied(store: &dyn Store, config: &Config, proposal: Proposal) -> Result<Proposal, StoreError> {
    let gifts = gifts(store, &proposal).await?;
    let mut proposal = proposal;
    // In another role an access is another duty, and it needs no gift.
    if !config.exclusive.groups().is_empty() && !proposal.receivers().is_empty() {
        proposal = proposal.provided(Condition::Apart(Arc::new(config.exclusive.clone())));
    }
    let Some(limited) = proposal.limited() else { return Ok(proposal) };
    for (app, email) in &gifts {
        if limited.by.is_some() {
            within(config, &limited, app, email).map_err(|scope| StoreError::Unmet(Box::new(Unmet::Domain(scope))))?;
        }
        proposal = quotas(config, &limited, app).into_iter().map(Condition::AtMost).fold(proposal, Proposal::provided);
    }
    Ok(proposal)
}

/// The accesses that a proposal gives or offers: to which app, to whom.
async fn gifts(store: &dyn Store, proposal: &Proposal) -> Result<Vec<(AppId, EmailAddress)>, StoreError> {
    let mut gifts: Vec<(AppId, EmailAddress)> = Vec::new();
    for invitation in proposal.offered() {
        gifts.extend(invitation.offers.iter().map(|offer| (offer.app.clone(), invitation.email.clone())));
    }
    for grant in proposal.given() {
        let written = proposal.offered().any(|i| i.guest == grant.guest && i.offers.iter().any(|offer| offer.app == grant.app));
        if !written && let Some(guest) = store.guest(grant.guest).await? {
            gifts.push((grant.app.clone(), guest.email));
        }
    }
    Ok(gifts)
}

/// Whether somebody with this address is theirs to let in.
fn within(config: &Config, limited: &Limited, app: &AppId, email: &EmailAddress) -> Result<(), OutOfScope> {
    let out = |app: Option<&AppId>| Err(OutOfScope { email: email.clone(), app: app.cloned() });
    if config.app(app).is_some_and(|app| !app.invitations.delegates(email)) {
        return out(Some(app));
    }
    match inviter(config, limited) {
        Some(inviter) if !inviter.may_invite(email) => out(None),
        Some(_) | None => Ok(()),
    }
}

/// The quotas that count for an access to this app.
fn quotas(config: &Config, limited: &Limited, app: &AppId) -> Vec<Quota> {
    let mut quotas = Vec::new();
    let mut add = |measure: Measure, limit: Option<u32>| quotas.extend(limit.map(|limit| Quota { measure, limit }));
    let own = config.app(app).map(|app| &app.invitations);
    add(Measure::Open(app.clone()), own.and_then(|own| own.open));
    add(Measure::Guests(app.clone()), own.and_then(|own| own.guests));
    if let Some(by) = &limited.by {
        let in_all = inviter(config, limited).and_then(|inviter| inviter.per_day).or(config.invitations.per_day);
        add(Measure::Made { by: by.clone(), app: Some(app.clone()) }, own.and_then(|own| own.per_day));
        add(Measure::Made { by: by.clone(), app: None }, in_all);
    }
    quotas
}

/// The member of `roles.inviters` who invites as such: an owner of the app is bound by what the app says.
fn inviter<'c>(config: &'c Config, limited: &Limited) -> Option<&'c crate::config::Inviter> {
    limited.email.as_ref().filter(|_| limited.kind == ActorKind::Inviter).and_then(|email| config.roles.inviter(email))
}
