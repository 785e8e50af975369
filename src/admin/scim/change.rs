//! What a directory's word about a person comes to: invitations, grants, and their end.
//!
//! Access that is taken back has ended before anything else is looked at, so that a mistake elsewhere in a request keeps nobody in.

use super::{
    super::{
        AdminState, guests,
        input::{app, parsed},
        invitations::{self, Letters, MOST_NAME, letter, limited},
        tagged::IfMatch,
        trouble::Trouble,
    },
    Fault,
    people::Person,
    sent::Edit,
};
use crate::{
    base::{AppId, EmailAddress, Name},
    config::Config,
    directory::{
        Actor, Amendment, ChangeGuest, Draft, EndSessions, Grant, GrantEdit, Guest, GuestEdit, Invitation, InvitationState, Invite, Known,
        ManageGrants, ManageInvitation, Offer, Power, Provisioned, Refusal, RemoveGuest, Session, Sight, SuspendGuest, Target, may,
    },
    observe::InvitationEvent,
    web::{Site, mail, mail::InvitationLink},
};

/// Somebody new: who has proved the address before gets in at once, everybody else an invitation.
pub(super) async fn welcome(state: &AdminState, actor: &Actor, email: &EmailAddress, edit: &Edit) -> Result<(), Fault> {
    let snapshot = state.live.snapshot();
    let offers = offers(&snapshot.config, actor, edit.entitlements.as_deref(), edit.roles.as_deref().unwrap_or_default())?;
    let apps: Vec<AppId> = offers.iter().map(|offer| offer.app.clone()).collect();
    let warrant = may::<Invite>(actor, Target::Apps(&apps))?;
    invitations::address(&snapshot.config, email.as_str(), &apps)?;
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let language = edit
        .language
        .as_deref()
        .and_then(|tag| snapshot.languages.known(tag).or_else(|| snapshot.languages.known(tag.split('-').next().unwrap_or_default())));
    let wanted = edit.active.unwrap_or(true);
    let mut draft = Draft {
        email: email.clone(),
        name: limited("displayName", edit.name(true), MOST_NAME)?,
        offers,
        groups: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
        message: None,
        language,
        sponsor: None,
        lifetime: snapshot.config.invitation_lifetime(&apps),
        direct: InvitationLink::random(&site, state.entropy.as_ref()).digest,
        letter: None,
        copies: Vec::new(),
        cc: Vec::new(),
        landing: None,
        provisioned: Some(Provisioned { external: external(edit)?.flatten(), parked: !wanted }),
    };
    let guest = state.store.guest_by_email(email).await?;
    let earlier = state.store.invitations_for(email).await?.into_iter().next();
    let known = Known { guest: guest.as_ref(), earlier: earlier.as_ref() };
    let proposal = match &guest {
        _ if !wanted => Invitation::park_new(&state.occasion(), &warrant, known, draft)?.1,
        Some(guest) if guest.is_active() && guest.first_redeemed.is_some() => {
            let held = state.store.grants_of(guest.id).await?;
            guest.provide(&state.occasion(), &warrant, &held, draft)?.1
        }
        Some(_) | None => {
            draft.letter = Some(letter(state, actor, &Letters::of_draft(&draft, state.clock.now().plus(draft.lifetime))));
            Invitation::issue(&state.occasion(), &warrant, known, draft)?.1
        }
    };
    state.carry_out(proposal).await?;
    apps.iter().for_each(|app| state.metrics.invitation(app, InvitationEvent::Issued));
    Ok(())
}

/// Makes a person what the directory says.
pub(super) async fn apply(
    state: &AdminState,
    actor: &Actor,
    sight: &Sight,
    person: Person,
    (edit, is_whole): (&Edit, bool),
) -> Result<(), Fault> {
    let email = person.email.clone();
    let again = async || Person::by_email(state, actor, &email).await?.ok_or_else(|| Fault::missing(email.as_str()));
    if edit.active == Some(false) && person.is_active(sight, state.clock.now()) {
        take_back(state, actor, sight, &person).await?;
    }
    describe(state, actor, &again().await?, (edit, is_whole)).await?;
    if edit.active == Some(true) {
        let person = again().await?;
        if !person.is_active(sight, state.clock.now()) {
            give_back(state, actor, sight, &person).await?;
        }
    }
    if edit.entitlements.is_some() || edit.roles.is_some() {
        entitle(state, actor, sight, (&again().await?, edit)).await?;
    }
    Ok(())
}

/// Ends all access that the asker may end, and keeps in mind that there was some.
async fn take_back(state: &AdminState, actor: &Actor, sight: &Sight, person: &Person) -> Result<(), Fault> {
    if let Some(guest) = &person.guest {
        match may::<SuspendGuest>(actor, Target::Guest(guest, &person.grants)) {
            Ok(warrant) => {
                let (_, mut proposal) = guest.deprovision(&state.occasion(), &warrant)?;
                let sessions = state.store.sessions_of(guest.id).await?;
                if !sessions.is_empty() {
                    let ending = may::<EndSessions>(actor, Target::Guest(guest, &person.grants))?;
                    proposal = proposal.and(Session::sign_out_all(&state.occasion(), &ending, &sessions)?);
                }
                state.carry_out(proposal).await?;
            }
            // Somebody who uses other apps as well loses these.
            Err(_) => {
                end_grants(state, actor, person.grants_within(sight)).await?;
                if let Some(anchor) = person.invitations.iter().find(|i| i.is_redeemed()) {
                    keep(state, actor, anchor, |kept| kept.parked = true).await?;
                }
            }
        }
    }
    for open in person.invitations.iter().filter(|i| matches!(i.state, InvitationState::Pending)) {
        let withdrawn = invitations::withdraw(state, actor, open).await?;
        keep(state, actor, &withdrawn, |kept| kept.parked = true).await?;
    }
    Ok(())
}

/// Opens again what the directory has taken back; what somebody else has ended stays so.
async fn give_back(state: &AdminState, actor: &Actor, sight: &Sight, person: &Person) -> Result<(), Fault> {
    match &person.guest {
        Some(guest) if guest.is_deprovisioned() => {
            let warrant = may::<SuspendGuest>(actor, Target::Guest(guest, &person.grants))?;
            let (back, proposal) = guest.resume(&state.occasion(), &warrant)?;
            let told = state.mail_to(&back, mail::back(&state.site_for(&back)));
            state.carry_out(proposal.with_mail(told)).await?;
        }
        // Suspended by somebody who had a reason.
        Some(guest) if !guest.is_active() => {}
        Some(guest) => {
            let parked = person.invitations.iter().find(|i| i.provisioned.as_ref().is_some_and(|kept| kept.parked));
            if let Some(parked) = parked {
                let offers: Vec<Offer> = parked.offers.iter().filter(|offer| sight.shows(&offer.app)).cloned().collect();
                keep(state, actor, parked, |kept| kept.parked = false).await?;
                provide(state, actor, (guest, &person.grants), (offers, parked.provisioned.clone())).await?;
            }
        }
        None => {
            if let Some(before) = person.anchor() {
                invite_again(state, actor, before).await?;
            }
        }
    }
    Ok(())
}

async fn invite_again(state: &AdminState, actor: &Actor, before: &Invitation) -> Result<(), Fault> {
    let snapshot = state.live.snapshot();
    let apps: Vec<AppId> = before.offers.iter().map(|offer| offer.app.clone()).collect();
    let warrant = may::<Invite>(actor, Target::Apps(&apps))?;
    invitations::address(&snapshot.config, before.email.as_str(), &apps)?;
    let lifetime = snapshot.config.invitation_lifetime(&apps);
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let direct = InvitationLink::random(&site, state.entropy.as_ref()).digest;
    let fresh = Invitation { expires: state.clock.now().plus(lifetime), ..before.clone() };
    let letter = letter(state, actor, &Letters::of_invitation(&fresh));
    let guest = state.store.guest(before.guest).await?;
    let known = Known { guest: guest.as_ref(), earlier: Some(before) };
    let (_, proposal) = before.offer_again(&state.occasion(), &warrant, known, (lifetime, direct, letter))?;
    state.carry_out(proposal).await?;
    apps.iter().for_each(|app| state.metrics.invitation(app, InvitationEvent::Issued));
    Ok(())
}

/// Opens apps to a guest who is known.
async fn provide(
    state: &AdminState,
    actor: &Actor,
    (guest, held): (&Guest, &[Grant]),
    (offers, kept): (Vec<Offer>, Option<Provisioned>),
) -> Result<(), Fault> {
    let snapshot = state.live.snapshot();
    let apps: Vec<AppId> = offers.iter().map(|offer| offer.app.clone()).collect();
    let warrant = may::<Invite>(actor, Target::Apps(&apps))?;
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let draft = Draft {
        email: guest.email.clone(),
        name: guest.name.clone(),
        offers,
        groups: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
        message: None,
        language: guest.language.clone(),
        sponsor: None,
        lifetime: snapshot.config.invitation_lifetime(&apps),
        direct: InvitationLink::random(&site, state.entropy.as_ref()).digest,
        letter: None,
        copies: Vec::new(),
        cc: Vec::new(),
        landing: None,
        provisioned: Some(Provisioned { parked: false, ..kept.unwrap_or_default() }),
    };
    let (_, proposal) = guest.provide(&state.occasion(), &warrant, held, draft)?;
    Ok(state.carry_out(proposal).await?)
}

/// Name, and what the directory calls the person.
async fn describe(state: &AdminState, actor: &Actor, person: &Person, (edit, is_whole): (&Edit, bool)) -> Result<(), Fault> {
    let name = limited("displayName", edit.name(is_whole), MOST_NAME)?.filter(|name| person.name() != Some(name));
    // Of a guest who uses other apps as well the name is not this asker's to change.
    if let (Some(guest), Some(name)) = (&person.guest, &name)
        && let Ok(warrant) = may::<ChangeGuest>(actor, Target::Guest(guest, &person.grants))
    {
        let wanted = GuestEdit { name: Some(name.clone()), ..GuestEdit::default() };
        let (_, proposal) = guest.change(&state.occasion(), &warrant, wanted)?;
        state.carry_out(proposal).await?;
    }
    let wanted = external(edit)?.filter(|wanted| wanted.as_deref() != person.external());
    let Some(anchor) = person.anchor() else { return Ok(()) };
    let kept = wanted.map(|external| Provisioned { external, ..anchor.provisioned.clone().unwrap_or_default() });
    if kept.is_some() || (person.guest.is_none() && name.is_some()) {
        amend(state, actor, anchor, Amendment { name, offers: None, provisioned: kept }).await?;
    }
    Ok(())
}

/// Opens and closes apps, and changes roles, as far as they are the asker's.
async fn entitle(state: &AdminState, actor: &Actor, sight: &Sight, (person, edit): (&Person, &Edit)) -> Result<(), Fault> {
    let now = state.clock.now();
    let config = &state.live.snapshot().config;
    let named = edit.entitlements.clone().unwrap_or_else(|| {
        // Roles alone: for the apps that the person has.
        person.entitlements(sight, now).into_iter().map(|(app, _)| app.to_string()).collect()
    });
    let roles = edit.roles.clone().unwrap_or_default();
    if let Some(open) = person.invitations.iter().find(|i| matches!(i.state, InvitationState::Pending)) {
        let offers = offers(config, actor, Some(&named), &roles)?;
        if offers != open.offers {
            amend(state, actor, open, Amendment { offers: Some(offers), ..Amendment::default() }).await?;
        }
        return Ok(());
    }
    let Some(guest) = person.guest.as_ref().filter(|guest| guest.is_active()) else { return Ok(()) };
    let wanted = if named.is_empty() { Vec::new() } else { offers(config, actor, Some(&named), &roles)? };
    let is_wanted = |grant: &&Grant| wanted.iter().any(|offer| offer.app == grant.app);
    end_grants(state, actor, person.grants_within(sight).filter(|grant| !is_wanted(grant))).await?;
    for grant in person.grants_within(sight).filter(is_wanted) {
        let role = wanted.iter().find(|offer| offer.app == grant.app).and_then(|offer| offer.role.clone());
        if role != grant.role {
            let warrant = may::<ManageGrants>(actor, Target::Grant(grant))?;
            let (_, proposal) = grant.change(&state.occasion(), &warrant, GrantEdit { role: Some(role), until: None })?;
            state.carry_out(proposal).await?;
        }
    }
    let missing: Vec<Offer> = wanted.into_iter().filter(|offer| person.grants_within(sight).all(|grant| grant.app != offer.app)).collect();
    if !missing.is_empty() {
        let held = state.store.grants_of(guest.id).await?;
        let kept = person.anchor().and_then(|anchor| anchor.provisioned.clone());
        provide(state, actor, (guest, &held), (missing, kept)).await?;
    }
    Ok(())
}

/// The directory has deleted the person.
pub(super) async fn remove(state: &AdminState, actor: &Actor, sight: &Sight, person: &Person) -> Result<(), Fault> {
    for invitation in &person.invitations {
        let mut left = invitation.clone();
        if matches!(invitation.state, InvitationState::Pending) {
            left = invitations::withdraw(state, actor, invitation).await?;
        }
        if left.provisioned.is_some() {
            keep(state, actor, &left, |kept| *kept = Provisioned::default()).await?;
        }
    }
    if let Some(guest) = &person.guest {
        if may::<RemoveGuest>(actor, Target::Guest(guest, &person.grants)).is_ok() {
            guests::take_away(state, actor, guest, &person.grants, (&IfMatch::ANY, None)).await?;
        } else {
            end_grants(state, actor, person.grants_within(sight)).await?;
        }
    }
    Ok(())
}

async fn end_grants(state: &AdminState, actor: &Actor, grants: impl Iterator<Item = &Grant>) -> Result<(), Trouble> {
    for grant in grants {
        let warrant = may::<ManageGrants>(actor, Target::Grant(grant))?;
        state.carry_out(grant.revoke(&state.occasion(), &warrant)?.1).await?;
    }
    Ok(())
}

/// Changes what the directory keeps with an invitation.
async fn keep(state: &AdminState, actor: &Actor, of: &Invitation, change: impl FnOnce(&mut Provisioned)) -> Result<(), Trouble> {
    let mut kept = of.provisioned.clone().unwrap_or_default();
    change(&mut kept);
    amend(state, actor, of, Amendment { provisioned: Some(kept), ..Amendment::default() }).await
}

async fn amend(state: &AdminState, actor: &Actor, of: &Invitation, change: Amendment) -> Result<(), Trouble> {
    let apps: Vec<AppId> = change.offers.as_ref().unwrap_or(&of.offers).iter().map(|offer| offer.app.clone()).collect();
    let warrant = may::<ManageInvitation>(actor, Target::Invitation(of))?;
    let inviting = may::<Invite>(actor, Target::Apps(&apps))?;
    match of.amend(&state.occasion(), &warrant, &inviting, change) {
        Ok((_, proposal)) => state.carry_out(proposal).await,
        Err(Refusal::NothingToDo) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

fn external(edit: &Edit) -> Result<Option<Option<String>>, Trouble> {
    edit.external.clone().map(|name| limited("externalId", name, MOST_NAME)).transpose()
}

/// The apps that are meant, each with its role: those that are named, or the one app of an owner's token.
fn offers(config: &Config, actor: &Actor, entitlements: Option<&[String]>, roles: &[String]) -> Result<Vec<Offer>, Fault> {
    let only: Vec<String> = match actor {
        Actor::Token(bearer) => match &bearer.power {
            Power::Owner(apps) if apps.len() == 1 => apps.iter().map(ToString::to_string).collect(),
            Power::Owner(_) | Power::Admin | Power::Inviter | Power::Reader => Vec::new(),
        },
        Actor::Machine | Actor::Administrator(_) | Actor::Owner { .. } | Actor::Inviter { .. } | Actor::Guest { .. } | Actor::System => {
            Vec::new()
        }
    };
    let named = entitlements.filter(|named| !named.is_empty()).unwrap_or(&only);
    if named.is_empty() {
        let detail = "`entitlements` name the applications, as `app` or `app/role`; only a token for one application needs none";
        return Err(Fault::odd("invalidValue", detail));
    }
    if roles.len() > 1 {
        return Err(Fault::odd("invalidValue", "a guest has one role in an application; entitlements of the form `app/role` give several"));
    }
    let mut offers: Vec<Offer> = Vec::with_capacity(named.len());
    for word in named {
        let (id, role) = word.split_once('/').map_or((word.as_str(), None), |(id, role)| (id, Some(role)));
        let role = role.or_else(|| roles.first().map(String::as_str)).map(|role| parsed::<Name>("roles", role)).transpose()?;
        // Without an end of its own: the directory that opened it ends it.
        let offer = Offer { app: app(config, id)?, role, access_for: None };
        if offers.iter().any(|other| other.app == offer.app) {
            return Err(Fault::odd("invalidValue", format!("`entitlements` name `{id}` twice")));
        }
        offers.push(offer);
    }
    Ok(offers)
}
