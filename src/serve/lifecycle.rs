//! What the gateway does by itself as time goes by: reminds, suspends, ends, removes. What is due is for the directory to say; this
//! walks through everybody, carries it out, and has it told.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    base::{AppId, Clock, EmailAddress, Entropy, GrantId, Id as _, MailId, Span, Timestamp},
    config::Config,
    directory::{Circumstances, Due, Grant, Guest, Holdings, Invitation, Letter, Occasion, Proposal, Refusal, Rules, Sponsorship},
    language::Wanted,
    live::{Live, Snapshot},
    observe::{Metrics, causes},
    store::{GuestFilter, InvitationFilter, PageRequest, Store, StoreError},
    web::{
        Site,
        mail::{self, InvitationLink},
    },
};

/// How often everybody is looked at.
const EVERY: Span = Span::mins(10);
/// How often is looked whether it is time, or the configuration has changed: then everybody is looked at as well.
const LOOK: Duration = Duration::from_millis(100);
/// So many guests are read at once.
const BATCH: u32 = 200;
/// So many things can be due for one guest at once.
const MOST: usize = 50;

/// Whoever looks after the lives of guests.
#[derive(Debug, Clone)]
pub(super) struct Lifecycle {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// Runs until it is told to stop.
pub(super) async fn run(lifecycle: Lifecycle, metrics: Arc<Metrics>, stop: CancellationToken) {
    let mut looked: Option<(u64, Timestamp)> = None;
    loop {
        let (generation, now) = (lifecycle.live.snapshot().generation, lifecycle.clock.now());
        if looked.is_none_or(|(seen, at)| seen != generation || now >= at.plus(EVERY)) {
            match lifecycle.look_at_everybody().await {
                Ok(()) => metrics.looked_at_everybody(now),
                Err(cause) => tracing::warn!(error = causes(&cause), "what is due to guests could not be done"),
            }
            looked = Some((generation, now));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Lifecycle {
    /// Does everything that is due by now.
    pub(super) async fn look_at_everybody(&self) -> Result<(), StoreError> {
        let snapshot = self.live.snapshot();
        let season = Season::of(&snapshot);
        let mut page = PageRequest { after: None, limit: BATCH };
        loop {
            let found = self.store.guests(GuestFilter::default(), page).await?;
            for guest in found.items {
                self.look_at(&season, guest).await?;
            }
            let Some(next) = found.next else { break };
            page = PageRequest { after: Some(next), limit: BATCH };
        }
        self.remind_invited(&season).await
    }

    /// Does what is due to one guest, one thing after another.
    async fn look_at(&self, season: &Season<'_>, guest: Guest) -> Result<(), StoreError> {
        let mut guest = guest;
        for _ in 0..MOST {
            let grants = self.store.grants_of(guest.id).await?;
            let uses = self.store.uses_of(guest.id).await?;
            let circumstances = season.circumstances(&guest, &grants, &uses);
            let Some(due) = circumstances.due(&season.rules, self.clock.now()) else { return Ok(()) };
            let holding = Holding { guest: &guest, grants: &grants };
            let Ok(proposal) = self.carry_out(season, holding, due).await? else { return Ok(()) };
            match self.store.commit(proposal).await {
                Ok(_) => tracing::info!(guest = %guest.id, due = ?due, "done as time goes by"),
                // Somebody else was faster: it is looked at anew.
                Err(StoreError::Conflict) => {}
                Err(other) => return Err(other),
            }
            self.live.nudge();
            match self.store.guest(guest.id).await? {
                Some(now) => guest = now,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    async fn carry_out(&self, season: &Season<'_>, holding: Holding<'_>, due: Due) -> Result<Result<Proposal, Refusal>, StoreError> {
        let Holding { guest, grants } = holding;
        let o = Occasion { now: self.clock.now(), entropy: &*self.entropy, from: None };
        let sponsorship = |seen, left| guest.note_sponsor(&o, Sponsorship { seen, left }).map(|(_, p)| p);
        Ok(match due {
            Due::Suspend(cause) => {
                guest.suspend_because(&o, cause).map(|(_, p)| self.tell(p, guest, mail::suspended_because(&season.to(guest), cause)))
            }
            Due::Resume => guest.resume_by_itself(&o).map(|(_, p)| self.tell(p, guest, mail::back(&season.to(guest)))),
            Due::NoteSponsor | Due::SponsorBack => sponsorship(true, None),
            Due::SponsorLeft => sponsorship(true, Some(o.now)).map(|p| self.ask_for_sponsor(p, season, holding, o.now)),
            Due::EndUnused(id, after) => with_grant(grants, id, |grant| {
                let (_, p) = grant.end_unused(&o)?;
                Ok(self.tell(p, guest, mail::unused(&season.to(guest), &season.name(&grant.app), after)))
            }),
            Due::Warn(id, end) => with_grant(grants, id, |grant| {
                let (_, p) = guest.warn(&o, grant)?;
                Ok(self.tell(p, guest, mail::unused_soon(&season.to(guest), &season.name(&grant.app), &season.address(&grant.app), end)))
            }),
            Due::Remind(id) => with_grant(grants, id, |grant| {
                let (_, p) = grant.remind(&o)?;
                Ok(self.tell_of_end(p, season, guest, grant))
            }),
            Due::TellEnd(id) => with_grant(grants, id, |grant| {
                let (_, p) = grant.remind(&o)?;
                Ok(self.tell(p, guest, mail::access_over(&season.to(guest), &season.name(&grant.app))))
            }),
            Due::Remove => {
                let sessions = self.store.sessions_of(guest.id).await?;
                let factors = self.store.factors(guest.id).await?;
                let removed = guest.remove_by_itself(&o, Holdings { grants, sessions: &sessions, factors: factors.as_ref() });
                removed.map(|(_, p)| self.tell(p, guest, mail::removed(&season.to(guest))))
            }
        })
    }

    fn tell(&self, p: Proposal, guest: &Guest, letter: mail::Letter) -> Proposal {
        p.with_mail(letter.to(self.id(), guest.email.clone()))
    }

    /// An access ends soon: the guest is told, and whoever is responsible.
    fn tell_of_end(&self, p: Proposal, season: &Season<'_>, guest: &Guest, grant: &Grant) -> Proposal {
        let Some(until) = grant.until else { return p };
        let app = season.name(&grant.app);
        let p = self.tell(p, guest, mail::access_ends(&season.to(guest), &app, until));
        let sponsor = guest.sponsor.clone().filter(|sponsor| season.config.is_member(sponsor));
        let responsible = match sponsor {
            Some(sponsor) => vec![sponsor],
            None => season.owners(&grant.app),
        };
        let letter = |to: EmailAddress| mail::guest_ends(&season.site, &guest.email, &app, until, &grant.id.to_string()).to(self.id(), to);
        responsible.into_iter().map(letter).fold(p, Proposal::with_mail)
    }

    /// The owners of everything that the guest uses are asked to name somebody.
    fn ask_for_sponsor(&self, p: Proposal, season: &Season<'_>, holding: Holding<'_>, now: Timestamp) -> Proposal {
        let Holding { guest, grants } = holding;
        let (Some(sponsor), Some(grace)) = (&guest.sponsor, season.config.lifecycle.sponsor_grace) else { return p };
        let mut owners: Vec<EmailAddress> = Vec::new();
        for owner in grants.iter().filter(|g| g.is_in_force(now)).flat_map(|g| season.owners(&g.app)) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        let letter = |to: EmailAddress| mail::sponsor_left(&season.site, sponsor, &guest.email, now.plus(grace)).to(self.id(), to);
        owners.into_iter().map(letter).fold(p, Proposal::with_mail)
    }

    /// Whoever has not accepted an invitation that ends soon.
    async fn remind_invited(&self, season: &Season<'_>) -> Result<(), StoreError> {
        let Some(before) = season.config.lifecycle.remind_invitation else { return Ok(()) };
        let filter = InvitationFilter { state: Some("pending"), ..InvitationFilter::default() };
        let mut page = PageRequest { after: None, limit: BATCH };
        loop {
            let found = self.store.invitations(filter.clone(), page).await?;
            for invitation in found.items.iter().filter(|i| i.reminder_is_due(before, self.clock.now())) {
                self.remind_of(season, invitation).await?;
            }
            let Some(next) = found.next else { return Ok(()) };
            page = PageRequest { after: Some(next), limit: BATCH };
        }
    }

    async fn remind_of(&self, season: &Season<'_>, invitation: &Invitation) -> Result<(), StoreError> {
        let offered = || invitation.offers.iter().filter_map(|offer| season.config.app(&offer.app));
        if !season.config.invitations.admits(&invitation.email) || offered().any(|app| !app.invitations.admits(&invitation.email)) {
            return Ok(());
        }
        let o = Occasion { now: self.clock.now(), entropy: &*self.entropy, from: None };
        let link = InvitationLink::random(&season.site, &*self.entropy);
        let names: Vec<String> = invitation.offers.iter().map(|offer| season.name(&offer.app)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let letter = mail::invitation_ends(&season.speaking(invitation.language.as_deref()), &names, &link.url, invitation.expires);
        let letter = Letter { token: link.digest, mail: letter.to(self.id(), invitation.email.clone()) };
        let Ok((_, proposal)) = invitation.remind(&o, letter) else { return Ok(()) };
        match self.store.commit(proposal).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(other) => Err(other),
        }
    }

    fn id(&self) -> MailId {
        MailId::random(&*self.entropy)
    }
}

/// A guest and all grants.
#[derive(Debug, Clone, Copy)]
struct Holding<'a> {
    guest: &'a Guest,
    grants: &'a [Grant],
}

fn with_grant(grants: &[Grant], id: GrantId, then: impl Fn(&Grant) -> Result<Proposal, Refusal>) -> Result<Proposal, Refusal> {
    then(grants.iter().find(|grant| grant.id == id).ok_or(Refusal::NothingToDo)?)
}

/// What is configured, as the rules want it.
#[derive(Debug)]
struct Season<'s> {
    config: &'s Config,
    site: Site,
    rules: Rules,
    inactive_after: Vec<(AppId, Span)>,
}

impl<'s> Season<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let config: &Config = &snapshot.config;
        let Config { lifecycle, apps, .. } = config;
        Self {
            config,
            site: Site::of(config, &snapshot.languages),
            rules: Rules {
                remind_access: lifecycle.remind_access.clone(),
                remind_inactive: lifecycle.remind_inactive,
                sponsor_grace: lifecycle.sponsor_grace,
                remove_after: lifecycle.remove_after,
            },
            inactive_after: apps.iter().filter_map(|app| Some((app.id.clone(), app.inactive_after?))).collect(),
        }
    }

    fn circumstances<'c>(&'c self, guest: &'c Guest, grants: &'c [Grant], uses: &'c [(AppId, Timestamp)]) -> Circumstances<'c> {
        Circumstances {
            guest,
            grants,
            uses,
            inactive_after: &self.inactive_after,
            admitted: self.config.invitations.admits(&guest.email),
            sponsor_is_member: guest.sponsor.as_ref().is_some_and(|sponsor| self.config.is_member(sponsor)),
        }
    }

    fn name(&self, app: &AppId) -> String {
        self.config.app(app).map_or_else(|| app.to_string(), |app| app.name.clone())
    }

    /// Where the app is opened.
    fn address(&self, app: &AppId) -> String {
        self.config.app(app).map_or_else(|| self.site.portal.clone(), |app| format!("{}/", self.config.origin(&app.host)))
    }

    fn owners(&self, app: &AppId) -> Vec<EmailAddress> {
        self.config.app(app).map(|app| app.owners.clone()).unwrap_or_default()
    }

    /// Pages and mails as this guest reads them.
    fn to(&self, guest: &Guest) -> Site {
        self.speaking(guest.language.as_deref())
    }

    fn speaking(&self, language: Option<&str>) -> Site {
        self.site.speaking(&Wanted { invited: language, ..Wanted::default() })
    }
}

#[cfg(test)]
mod tests;
