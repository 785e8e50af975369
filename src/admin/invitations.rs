//! `/api/v1/invitations`.

use std::collections::BTreeMap;

use axum::Json;
use http::StatusCode;

use super::{
    AdminState,
    asker::Asker,
    bulk::app_of_url,
    input::{Body, Listing, Path, Query, app, parsed},
    tagged::{IfMatch, Tagged},
    templates,
    trouble::Trouble,
    views::{InvitationView, List},
};
use crate::{
    base::{AppId, Digest, EmailAddress, GuestId, Id as _, InvitationId, MailId, Name, Span, Timestamp},
    config::Config,
    directory::{
        Actor, Draft, Invitation, Invite, Known, Landing, Letter, ManageInvitation, Offer, OutgoingMail, Proposal, ReadDirectory, Sight,
        Target, may, sight,
    },
    language::Wanted,
    live::Snapshot,
    observe::InvitationEvent,
    store::InvitationFilter,
    web::{self, Site, mail::InvitationLink},
};

/// What is posted to invite.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub(super) struct New {
    /// Who is invited.
    pub(super) email: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    /// At least one, unless a template names some, or in rows of a file whose apps are named beside it.
    #[serde(default)]
    pub(super) apps: Vec<NewOffer>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) language: Option<String>,
    /// Who gets a copy of the mail, without a link: members, or addresses that may be invited.
    #[serde(default)]
    pub(super) cc: Vec<String>,
    /// Where the guest goes first: a page of an app that is offered.
    #[serde(default)]
    pub(super) redirect_url: Option<String>,
    /// A template of the configuration, for what is not said here: apps, groups, message, language.
    #[serde(default)]
    pub(super) template: Option<String>,
    /// Whether a mail with a link goes to the address.
    #[serde(default = "yes")]
    pub(super) send: bool,
    #[serde(default)]
    pub(super) expires_in: Option<String>,
}

/// One app that is offered.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOffer {
    pub(super) app: String,
    #[serde(default)]
    pub(super) role: Option<String>,
    /// How long, from acceptance, such as `90d`.
    #[serde(default)]
    pub(super) access_for: Option<String>,
}

/// Most copies of one invitation.
const MOST_COPIES: usize = 10;
/// Longest address of a first page.
const LONGEST_REDIRECT: usize = 1_000;
/// Longest message and name, in characters.
const MOST_MESSAGE: usize = 2_000;
pub(super) const MOST_NAME: usize = 200;

fn yes() -> bool {
    true
}

/// Invites an address to apps.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "invitations", request_body = New, responses((status = 201, description = "Done", body = InvitationView)))]
pub(super) async fn create(Asker { state, actor }: Asker, Body(new): Body<New>) -> Result<(StatusCode, Json<InvitationView>), Trouble> {
    let (invitation, redeem_url) = invite(&state, &actor, new).await?;
    let mut view = InvitationView::of(&invitation, state.clock.now());
    view.redeem_url = Some(redeem_url);
    Ok((StatusCode::CREATED, Json(view)))
}

/// Invites, and gives the direct link, which is shown once.
pub(super) async fn invite(state: &AdminState, actor: &Actor, new: New) -> Result<(Invitation, String), Trouble> {
    let (invitation, proposal, url) = decide(state, actor, new).await?;
    state.carry_out(proposal).await?;
    count(state, &invitation);
    Ok((invitation, url))
}

/// Counts what was written.
pub(super) fn count(state: &AdminState, invitation: &Invitation) {
    for offer in &invitation.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Issued);
    }
}

/// What inviting would come to: nothing is written.
pub(super) async fn decide(state: &AdminState, actor: &Actor, new: New) -> Result<(Invitation, Proposal, String), Trouble> {
    let email: EmailAddress = parsed("email", &new.email)?;
    let guest = state.store.guest_by_email(&email).await?;
    let earlier = state.store.invitations_for(&email).await?.into_iter().next();
    decide_knowing(state, actor, new, Known { guest: guest.as_ref(), earlier: earlier.as_ref() }).await
}

/// The same, where it is known already who that is.
pub(super) async fn decide_knowing(
    state: &AdminState,
    actor: &Actor,
    new: New,
    known: Known<'_>,
) -> Result<(Invitation, Proposal, String), Trouble> {
    let snapshot = state.live.snapshot();
    let new = templates::filled(&snapshot.config, new)?;
    let offers = new.apps.iter().map(|offer| offer.read(&snapshot.config)).collect::<Result<Vec<_>, _>>()?;
    let apps: Vec<AppId> = offers.iter().map(|o| o.app.clone()).collect();
    let warrant = may::<Invite>(actor, Target::Apps(&apps))?;
    let email = address(&snapshot.config, &new.email, &apps)?;
    let direct = InvitationLink::random(&Site::of(&snapshot.config, &snapshot.languages), state.entropy.as_ref());
    let send = new.send;
    let mut draft = drafted(&snapshot, &email, offers, new)?;
    draft.direct = direct.digest;
    if send {
        let says = Letters::of_draft(&draft, state.clock.now().plus(draft.lifetime));
        let copies = draft.cc.iter().map(|to| copy(state, actor, &says, to)).collect();
        draft.letter = Some(letter(state, actor, &says));
        draft.copies = copies;
    }
    let (invitation, proposal) = Invitation::issue(&state.occasion(), &warrant, known, draft)?;
    Ok((invitation, state.ruled(proposal).await?, direct.url))
}

/// What is posted, read: without a link and without mails.
fn drafted(snapshot: &Snapshot, email: &EmailAddress, offers: Vec<Offer>, new: New) -> Result<Draft, Trouble> {
    let config = &snapshot.config;
    let lifetime = new.expires_in.as_deref().map(|t| parsed::<Span>("expires_in", t)).transpose()?;
    let cc = copied(config, email, &new)?;
    Ok(Draft {
        email: email.clone(),
        name: limited("name", new.name, MOST_NAME)?,
        groups: new.groups.iter().map(|g| parsed::<Name>("groups", g)).collect::<Result<_, _>>()?,
        attributes: new.attributes,
        message: limited("message", new.message, MOST_MESSAGE)?,
        language: new.language.map(|tag| language(snapshot, &tag)).transpose()?,
        sponsor: None,
        lifetime: lifetime.unwrap_or_else(|| config.invitation_lifetime(offers.iter().map(|offer| &offer.app))),
        direct: Digest::of(b""),
        letter: None,
        copies: Vec::new(),
        cc,
        landing: new.redirect_url.as_deref().map(|url| landing(config, url, &offers)).transpose()?,
        provisioned: None,
        offers,
    })
}

/// Who gets a copy: people who are known here, or might be, so that nobody else is written to by this.
fn copied(config: &Config, invited: &EmailAddress, new: &New) -> Result<Vec<EmailAddress>, Trouble> {
    if new.cc.len() > MOST_COPIES {
        return Err(Trouble::Input(format!("`cc` names more than {MOST_COPIES} addresses")));
    }
    if !new.send && !new.cc.is_empty() {
        return Err(Trouble::Input("`cc` goes with the mail, and `send` is false".to_owned()));
    }
    let mut copied: Vec<EmailAddress> = Vec::new();
    for text in &new.cc {
        let address: EmailAddress = parsed("cc", text)?;
        if !config.is_member(&address) && !config.invitations.admits(&address) {
            return Err(Trouble::Input(format!("`cc`: addresses at `{}` may not be written to", address.domain())));
        }
        if address != *invited && !copied.contains(&address) {
            copied.push(address);
        }
    }
    Ok(copied)
}

/// The page of an app that is offered; nothing else is ever gone to.
fn landing(config: &Config, url: &str, offers: &[Offer]) -> Result<Landing, Trouble> {
    let app = app_of_url(config, url)?;
    let offered = offers.iter().any(|offer| offer.app == app);
    let parsed = url::Url::parse(url).ok().filter(|parsed| url.len() <= LONGEST_REDIRECT && offered && parsed.username().is_empty());
    let parsed = parsed.ok_or_else(|| Trouble::Input(format!("`redirect_url`: `{url}` is no page of an app that is offered")))?;
    Ok(Landing { app, target: parsed[url::Position::BeforePath..].to_owned() })
}

/// The states by which a list is filtered.
const STATES: [&str; 4] = ["pending", "redeemed", "revoked", "declined"];

/// Invitations, oldest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "invitations", params(Listing), responses((status = 200, description = "Done", body = List<InvitationView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<InvitationView>>, Trouble> {
    let app = listing.app(&state.live.snapshot().config)?;
    let (only, by) = match sight(&actor)? {
        Sight::Everything => (Vec::new(), None),
        sight @ Sight::Apps(_) => (sight.of_apps(None)?, None),
        Sight::Own(inviter) => (Vec::new(), Some(inviter)),
    };
    let email = match listing.guest.as_deref() {
        Some(one) => Some(invited(&state, one).await?),
        None => None,
    };
    let filter = InvitationFilter { state: listing.state(&STATES)?, email, app, only, by };
    let page = state.store.invitations(filter, listing.page()?).await?;
    let now = state.clock.now();
    let mut items = Vec::with_capacity(page.items.len());
    for invitation in &page.items {
        items.push(shown(&state, invitation, now).await?);
    }
    Ok(List::page(items, page.next.as_ref()))
}

/// One invitation; by address, the latest.
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "invitations", responses((status = 200, description = "Done", body = InvitationView)))]
pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Tagged<InvitationView>, Trouble> {
    let invitation = find(&state, &actor, &id).await?;
    Ok(Tagged(invitation.version, shown(&state, &invitation, state.clock.now()).await?))
}

/// Takes an invitation back; what it granted ends.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "invitations", responses((status = 200, description = "Done", body = InvitationView)))]
pub(super) async fn revoke(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    expected: IfMatch,
) -> Result<Tagged<InvitationView>, Trouble> {
    let invitation = find(&state, &actor, &id).await?;
    expected.check(invitation.version)?;
    let revoked = withdraw(&state, &actor, &invitation).await?;
    Ok(Tagged(revoked.version, InvitationView::of(&revoked, state.clock.now())))
}

/// Takes an invitation back; what it granted ends.
pub(super) async fn withdraw(state: &AdminState, actor: &Actor, invitation: &Invitation) -> Result<Invitation, Trouble> {
    let warrant = may::<ManageInvitation>(actor, Target::Invitation(invitation))?;
    let grants = state.store.grants_of(invitation.guest).await?;
    let (revoked, proposal) = invitation.revoke(&state.occasion(), &warrant, &grants)?;
    state.carry_out(proposal).await?;
    for offer in &revoked.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Revoked);
    }
    Ok(revoked)
}

/// Mails a new link; those before it are void.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", tag = "invitations", responses((status = 200, description = "Done", body = InvitationView)))]
pub(super) async fn resend(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<InvitationView>, Trouble> {
    let invitation = find(&state, &actor, &id).await?;
    let warrant = may::<ManageInvitation>(&actor, Target::Invitation(&invitation))?;
    let letter = letter(&state, &actor, &Letters::of_invitation(&invitation));
    let (resent, proposal) = invitation.resend(&state.occasion(), &warrant, letter)?;
    state.carry_out(proposal).await?;
    for offer in &resent.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Resent);
    }
    Ok(Json(InvitationView::of(&resent, state.clock.now())))
}

/// The address of a guest, or of somebody who is only invited, by it or by the guest's id.
async fn invited(state: &AdminState, one: &str) -> Result<EmailAddress, Trouble> {
    let Some(id) = one.parse::<GuestId>().ok().filter(|_| !one.contains('@')) else { return parsed("guest", one) };
    if let Some(guest) = state.store.guest(id).await? {
        return Ok(guest.email);
    }
    let invitation = state.store.invitation_of(id).await?;
    invitation.map(|invitation| invitation.email).ok_or_else(|| Trouble::NotFound(format!("there is no guest `{one}`")))
}

/// An invitation that the asker sees, by id; by address, the latest.
async fn find(state: &AdminState, actor: &Actor, id: &str) -> Result<Invitation, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no invitation `{id}`"));
    let seen = |i: &Invitation| may::<ReadDirectory>(actor, Target::Invitation(i)).is_ok();
    if id.contains('@') {
        return state.store.invitations_for(&parsed("id", id)?).await?.into_iter().find(seen).ok_or_else(missing);
    }
    state.store.invitation(id.parse::<InvitationId>().map_err(|_| missing())?).await?.filter(seen).ok_or_else(missing)
}

/// An address that may be invited to these apps.
pub(super) fn address(config: &Config, text: &str, apps: &[AppId]) -> Result<EmailAddress, Trouble> {
    let email: EmailAddress = parsed("email", text)?;
    if config.is_member(&email) {
        return Err(Trouble::Conflict(format!("`{email}` is a member's address, and nobody is both member and guest")));
    }
    if !config.invitations.admits(&email) {
        return Err(Trouble::Input(format!("addresses at `{}` may not be invited here", email.domain())));
    }
    if let Some(app) = apps.iter().filter_map(|id| config.app(id)).find(|app| !app.invitations.admits(&email)) {
        return Err(Trouble::Input(format!("addresses at `{}` may not be invited to `{}`", email.domain(), app.id)));
    }
    Ok(email)
}

/// The tag of a language that we speak.
fn language(snapshot: &Snapshot, tag: &str) -> Result<String, Trouble> {
    let known = || snapshot.languages.names().into_iter().map(|(tag, _)| tag).collect::<Vec<_>>().join(", ");
    snapshot
        .languages
        .known(tag)
        .ok_or_else(|| Trouble::Input(format!("there are no texts in the language `{tag}`; there are {}", known())))
}

pub(super) fn limited(field: &str, text: Option<String>, most: usize) -> Result<Option<String>, Trouble> {
    match text {
        Some(text) if text.chars().count() > most => Err(Trouble::Input(format!("`{field}` is longer than {most} characters"))),
        other => Ok(other.filter(|text| !text.trim().is_empty())),
    }
}

impl NewOffer {
    fn read(&self, config: &Config) -> Result<Offer, Trouble> {
        let span = self.access_for.as_deref().map(|t| parsed::<Span>("access_for", t)).transpose()?;
        let app = app(config, &self.app)?;
        Ok(Offer {
            role: self.role.as_deref().map(|r| parsed::<Name>("role", r)).transpose()?,
            access_for: Some(span.unwrap_or_else(|| config.access_for(&app))),
            app,
        })
    }
}

/// What the letter of an invitation says.
pub(super) struct Letters<'i> {
    email: &'i EmailAddress,
    name: Option<&'i str>,
    offers: &'i [Offer],
    message: Option<&'i str>,
    language: Option<&'i str>,
    expires: Timestamp,
}

impl<'i> Letters<'i> {
    pub(super) fn of_draft(draft: &'i Draft, expires: Timestamp) -> Self {
        Self {
            email: &draft.email,
            name: draft.name.as_deref(),
            offers: &draft.offers,
            message: draft.message.as_deref(),
            language: draft.language.as_deref(),
            expires,
        }
    }

    pub(super) fn of_invitation(i: &'i Invitation) -> Self {
        Self {
            email: &i.email,
            name: i.name.as_deref(),
            offers: &i.offers,
            message: i.message.as_deref(),
            language: i.language.as_deref(),
            expires: i.expires,
        }
    }
}

/// The mail that carries a new link, which proves the mailbox.
pub(super) fn letter(state: &AdminState, actor: &Actor, says: &Letters<'_>) -> Letter {
    let snapshot = state.live.snapshot();
    let link = InvitationLink::random(&Site::of(&snapshot.config, &snapshot.languages), state.entropy.as_ref());
    let mail = written(state, actor, says, |site, invited| web::mail::invitation(site, &web::mail::Invited { link: &link.url, ..invited }));
    Letter { token: link.digest, mail: mail.to(MailId::random(state.entropy.as_ref()), says.email.clone()) }
}

/// The mail that tells somebody else of it.
fn copy(state: &AdminState, actor: &Actor, says: &Letters<'_>, to: &EmailAddress) -> OutgoingMail {
    let mail = written(state, actor, says, |site, invited| web::mail::invitation_copy(site, &invited, says.email));
    mail.to(MailId::random(state.entropy.as_ref()), to.clone())
}

/// A mail about an invitation, in its language; the link is still to be put in.
fn written(
    state: &AdminState,
    actor: &Actor,
    says: &Letters<'_>,
    write: impl FnOnce(&Site, web::mail::Invited<'_>) -> web::mail::Letter,
) -> web::mail::Letter {
    let snapshot = state.live.snapshot();
    let config = &snapshot.config;
    let site = Site::of(config, &snapshot.languages).speaking(&Wanted { invited: says.language, ..Wanted::default() });
    let name_of = |offer: &Offer| config.app(&offer.app).map_or_else(|| offer.app.to_string(), |app| app.name.clone());
    let names: Vec<String> = says.offers.iter().map(name_of).collect();
    let inviter = actor.address().map_or_else(|| site.name.clone(), ToString::to_string);
    let invited = web::mail::Invited {
        inviter: &inviter,
        guest: says.name,
        apps: &names.iter().map(String::as_str).collect::<Vec<_>>(),
        access_for: says.offers.first().and_then(|o| o.access_for),
        message: says.message,
        link: "",
        expires: says.expires,
    };
    write(&site, invited)
}

/// An invitation as the API shows it, with what became of its last mail.
async fn shown(state: &AdminState, i: &Invitation, now: Timestamp) -> Result<InvitationView, Trouble> {
    let mail = match i.letter {
        Some(id) => state.store.mail_state(id).await?,
        None => None,
    };
    Ok(InvitationView::of(i, now).with_mail(mail))
}
