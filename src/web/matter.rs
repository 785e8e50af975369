//! What is decided about requests, with everything that goes with it: the planes in which somebody asks or decides do it alike.

use super::{
    Site,
    mail::{self, InvitationLink, Invited},
    rules,
};
use crate::{
    base::{Digest, EmailAddress, Id as _, MailId, Span},
    config::{App, Config},
    directory::{
        Actor, Asker, Asks, DecideRequest, Granting, Guest, Letter, Occasion, OutgoingMail, Proposal, Refusal, Request, RequestDraft,
        RequestKind, Warrant,
    },
    language::Wanted,
    store::{Store, StoreError},
};

/// What a decision is made with.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'d> {
    /// Where guests and grants are.
    pub store: &'d dyn Store,
    /// What is configured.
    pub config: &'d Config,
    /// Whose mails these are.
    pub site: &'d Site,
    /// The present.
    pub occasion: Occasion<'d>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How whoever asked learns that it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By a mail.
    ByMail,
    /// By the page that they look at.
    OnThePage,
}

impl Desk<'_> {
    /// Asks for something, and tells those who decide.
    pub async fn file(&self, email: &EmailAddress, mut draft: RequestDraft) -> Result<(Request, Proposal), Undecided> {
        let guest = self.store.guest_by_email(email).await?;
        let others = self.store.requests_for(email).await?;
        let earlier = self.store.invitations_for(email).await?.into_iter().next();
        let asker = Asker { email, guest: guest.as_ref(), earlier: earlier.as_ref(), others: &others };
        let tell = draft.asks == Asks::People;
        draft.mails.clear();
        let (request, proposal) = Request::file(&self.occasion, asker, draft)?;
        let mails = if tell { self.to_deciders(&request) } else { Vec::new() };
        Ok((request, mails.into_iter().fold(proposal, Proposal::with_mail)))
    }

    /// Grants a request on somebody's behalf.
    pub async fn approve(
        &self,
        request: &Request,
        warrant: &Warrant<DecideRequest>,
        access_for: Option<Span>,
    ) -> Result<(Request, Proposal), Undecided> {
        let known = self.known(request).await?;
        let granting = self.granting(request, &known, warrant.actor(), access_for);
        let (approved, proposal) = request.approve(&self.occasion, warrant, granting)?;
        let proposal = rules::applied(self.store, self.config, proposal).await?;
        Ok(self.told(approved, proposal))
    }

    /// Grants a request that nobody else is to decide.
    pub async fn pass(&self, request: &Request, told: Told) -> Result<(Request, Proposal), Undecided> {
        let known = self.known(request).await?;
        let mut granting = self.granting(request, &known, &Actor::System, None);
        if told == Told::OnThePage {
            granting.letter = None;
        }
        let (approved, proposal) = request.pass(&self.occasion, granting)?;
        let proposal = rules::applied(self.store, self.config, proposal).await?;
        Ok(self.told(approved, proposal))
    }

    /// Refuses a request on somebody's behalf.
    pub fn deny(
        &self,
        request: &Request,
        warrant: &Warrant<DecideRequest>,
        message: Option<String>,
    ) -> Result<(Request, Proposal), Undecided> {
        let (denied, proposal) = request.deny(&self.occasion, warrant, message, Vec::new())?;
        Ok(self.told(denied, proposal))
    }

    /// Refuses a request because a program said so.
    pub fn turn_down(&self, request: &Request, message: Option<String>) -> Result<(Request, Proposal), Undecided> {
        let (denied, proposal) = request.turn_down(&self.occasion, message)?;
        Ok(self.told(denied, proposal))
    }

    /// Mails to those who decide about a request.
    pub fn to_deciders(&self, request: &Request) -> Vec<OutgoingMail> {
        let Some(app) = self.config.app(&request.app) else { return Vec::new() };
        let mut deciders: Vec<&EmailAddress> = app.owners.iter().collect();
        if request.kind == RequestKind::Extension
            && let Some(sponsor) = request.sponsor.as_ref().filter(|s| self.config.is_member(s) && !app.owners.contains(s))
        {
            deciders.insert(0, sponsor);
        }
        let mail = |to: &EmailAddress| mail::to_decide(self.site, request, &app.name).to(self.id(), to.clone());
        deciders.into_iter().map(mail).collect()
    }

    /// Mails as whoever asked reads them.
    fn to(&self, request: &Request) -> Site {
        self.site.speaking(&Wanted { invited: request.language.as_deref(), ..Wanted::default() })
    }

    fn id(&self) -> MailId {
        MailId::random(self.occasion.entropy)
    }

    async fn known(&self, request: &Request) -> Result<Known, Undecided> {
        let guest = self.store.guest_by_email(&request.email).await?;
        let grants = match &guest {
            Some(guest) => self.store.grants_of(guest.id).await?,
            None => Vec::new(),
        };
        let earlier = self.store.invitations_for(&request.email).await?.into_iter().next();
        Ok(Known { guest, grants, earlier })
    }

    fn granting<'k>(&self, request: &Request, known: &'k Known, actor: &Actor, access_for: Option<Span>) -> Granting<'k> {
        let app = self.config.app(&request.app);
        let own = app.and_then(|app| app.signup.as_ref()).and_then(|signup| signup.access_for);
        let access_for = access_for.or(own).unwrap_or_else(|| self.config.access_for(&request.app));
        let lifetime = self.config.invitation_lifetime([&request.app]);
        let direct = InvitationLink::random(self.site, self.occasion.entropy);
        let letter =
            (request.kind == RequestKind::SignUp).then(|| self.invitation(request, app.map(|a| &**a), actor, access_for)).flatten();
        Granting {
            guest: known.guest.as_ref(),
            grants: &known.grants,
            earlier: known.earlier.as_ref(),
            access_for: Some(access_for),
            lifetime,
            direct: direct.digest,
            letter,
            mails: Vec::new(),
        }
    }

    fn invitation(&self, request: &Request, app: Option<&App>, actor: &Actor, access_for: Span) -> Option<Letter> {
        let link = InvitationLink::random(self.site, self.occasion.entropy);
        let inviter = actor.address().map_or_else(|| self.site.name.clone(), ToString::to_string);
        let invited = Invited {
            inviter: &inviter,
            guest: request.name.as_deref(),
            apps: &[app?.name.as_str()],
            access_for: Some(access_for),
            message: None,
            link: &link.url,
            expires: self.occasion.now.plus(self.config.invitation_lifetime([&request.app])),
        };
        let token: Digest = link.digest;
        Some(Letter { token, mail: mail::invitation(&self.to(request), &invited).to(self.id(), request.email.clone()) })
    }

    /// Adds the mail that tells the guest.
    fn told(&self, request: Request, proposal: Proposal) -> (Request, Proposal) {
        let app = self.config.app(&request.app);
        let name = app.map_or_else(|| request.app.to_string(), |app| app.name.clone());
        let home = app.map_or_else(|| format!("{}/", self.site.portal), |app| format!("{}/", self.config.origin(&app.host)));
        let own = mail::decided(&self.to(&request), &request, &name, &home).map(|letter| letter.to(self.id(), request.email.clone()));
        (request, own.into_iter().fold(proposal, Proposal::with_mail))
    }
}

/// What is known of whoever asked.
struct Known {
    guest: Option<Guest>,
    grants: Vec<crate::directory::Grant>,
    earlier: Option<crate::directory::Invitation>,
}
