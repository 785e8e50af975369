//! `/api/v1/invitations`.

use std::collections::BTreeMap;

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    AdminState,
    input::{Body, Listing, app, parsed},
    trouble::Trouble,
};
use crate::{
    base::{AppId, EmailAddress, Id as _, InvitationId, MailId, Name, Span, Timestamp},
    config::Config,
    directory::{Actor, Draft, Invitation, InvitationState, Invite, Known, Letter, ManageInvitation, Offer, ReadDirectory, Target, may},
    language::Wanted,
    live::Snapshot,
    observe::InvitationEvent,
    store::{InvitationFilter, MailStage},
    web::{self, Site, mail::InvitationLink},
};

/// What is posted to invite.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    email: String,
    #[serde(default)]
    name: Option<String>,
    apps: Vec<NewOffer>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    attributes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default = "yes")]
    send: bool,
    #[serde(default)]
    expires_in: Option<String>,
}

/// One app that is offered.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOffer {
    app: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    access_for: Option<String>,
}

/// Longest message and name, in characters.
const MOST_MESSAGE: usize = 2_000;
const MOST_NAME: usize = 200;

fn yes() -> bool {
    true
}

pub(super) async fn create(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Value>), Trouble> {
    let snapshot = state.live.snapshot();
    let config = &snapshot.config;
    let site = Site::of(config, &snapshot.languages);
    let email = address(config, &new.email)?;
    let offers = new.apps.iter().map(|offer| offer.read(config)).collect::<Result<Vec<_>, _>>()?;
    let apps: Vec<AppId> = offers.iter().map(|o| o.app.clone()).collect();
    let warrant = may::<Invite>(&actor, Target::Apps(&apps))?;
    let direct = InvitationLink::random(&site, state.entropy.as_ref());
    let lifetime = new.expires_in.as_deref().map(|t| parsed::<Span>("expires_in", t)).transpose()?.unwrap_or(config.invitations.lifetime);
    let now = state.clock.now();
    let mut draft = Draft {
        email: email.clone(),
        name: limited("name", new.name, MOST_NAME)?,
        offers,
        groups: new.groups.iter().map(|g| parsed::<Name>("groups", g)).collect::<Result<_, _>>()?,
        attributes: new.attributes,
        message: limited("message", new.message, MOST_MESSAGE)?,
        language: new.language.map(|tag| language(&snapshot, &tag)).transpose()?,
        sponsor: None,
        lifetime,
        direct: direct.digest,
        letter: None,
        copies: Vec::new(),
    };
    if new.send {
        draft.letter = Some(letter(&state, &actor, &Letters::of_draft(&draft, now.plus(lifetime))));
    }
    let guest = state.store.guest_by_email(&email).await?;
    let earlier = state.store.invitations_for(&email).await?.into_iter().next();
    let known = Known { guest: guest.as_ref(), earlier: earlier.as_ref() };
    let (invitation, proposal) = Invitation::issue(&state.occasion(), &warrant, known, draft)?;
    state.carry_out(proposal).await?;
    for offer in &invitation.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Issued);
    }
    let mut shown = view(&invitation, now);
    if let Some(map) = shown.as_object_mut() {
        map.insert("redeem_url".to_owned(), json!(direct.url));
    }
    Ok((StatusCode::CREATED, Json(shown)))
}

pub(super) async fn list(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Trouble> {
    let _ = may::<ReadDirectory>(&actor, Target::Everything)?;
    let wanted = listing.app(&state.live.snapshot().config)?;
    let email = listing.guest.as_deref().map(|g| parsed::<EmailAddress>("guest", g)).transpose()?;
    let page = state.store.invitations(InvitationFilter { email, ..InvitationFilter::default() }, listing.page()?).await?;
    let now = state.clock.now();
    let of_app = |i: &&Invitation| wanted.as_ref().is_none_or(|app| i.offers.iter().any(|o| o.app == *app));
    let mut items = Vec::with_capacity(page.items.len());
    for invitation in page.items.iter().filter(of_app) {
        items.push(shown(&state, invitation, now).await?);
    }
    Ok(Json(json!({"items": items, "next": page.next.map(|n| n.to_string())})))
}

pub(super) async fn show(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let invitation = find(&state, &id).await?;
    let _ = may::<ReadDirectory>(&actor, Target::Invitation(&invitation))?;
    Ok(Json(shown(&state, &invitation, state.clock.now()).await?))
}

pub(super) async fn revoke(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let invitation = find(&state, &id).await?;
    let warrant = may::<ManageInvitation>(&actor, Target::Invitation(&invitation))?;
    let grants = state.store.grants_of(invitation.guest).await?;
    let (revoked, proposal) = invitation.revoke(&state.occasion(), &warrant, &grants)?;
    state.carry_out(proposal).await?;
    for offer in &revoked.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Revoked);
    }
    Ok(Json(view(&revoked, state.clock.now())))
}

pub(super) async fn resend(
    State(state): State<AdminState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Trouble> {
    let invitation = find(&state, &id).await?;
    let warrant = may::<ManageInvitation>(&actor, Target::Invitation(&invitation))?;
    let letter = letter(&state, &actor, &Letters::of_invitation(&invitation));
    let (resent, proposal) = invitation.resend(&state.occasion(), &warrant, letter)?;
    state.carry_out(proposal).await?;
    for offer in &resent.offers {
        state.metrics.invitation(&offer.app, InvitationEvent::Resent);
    }
    Ok(Json(view(&resent, state.clock.now())))
}

/// An invitation by id; by address, the latest.
async fn find(state: &AdminState, id: &str) -> Result<Invitation, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no invitation `{id}`"));
    if id.contains('@') {
        return state.store.invitations_for(&parsed("id", id)?).await?.into_iter().next().ok_or_else(missing);
    }
    state.store.invitation(id.parse::<InvitationId>().map_err(|_| missing())?).await?.ok_or_else(missing)
}

/// An address that may be invited.
fn address(config: &Config, text: &str) -> Result<EmailAddress, Trouble> {
    let email: EmailAddress = parsed("email", text)?;
    if config.is_member(&email) {
        return Err(Trouble::Conflict(format!("`{email}` is a member's address, and nobody is both member and guest")));
    }
    if !config.invitations.admits(&email) {
        return Err(Trouble::Input(format!("addresses at `{}` may not be invited here", email.domain())));
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

fn limited(field: &str, text: Option<String>, most: usize) -> Result<Option<String>, Trouble> {
    match text {
        Some(text) if text.chars().count() > most => Err(Trouble::Input(format!("`{field}` is longer than {most} characters"))),
        other => Ok(other.filter(|text| !text.trim().is_empty())),
    }
}

impl NewOffer {
    fn read(&self, config: &Config) -> Result<Offer, Trouble> {
        let span = self.access_for.as_deref().map(|t| parsed::<Span>("access_for", t)).transpose()?;
        Ok(Offer {
            app: app(config, &self.app)?,
            role: self.role.as_deref().map(|r| parsed::<Name>("role", r)).transpose()?,
            access_for: Some(span.unwrap_or(config.invitations.access_for)),
        })
    }
}

/// What the letter of an invitation says.
struct Letters<'i> {
    email: &'i EmailAddress,
    name: Option<&'i str>,
    offers: &'i [Offer],
    message: Option<&'i str>,
    language: Option<&'i str>,
    expires: Timestamp,
}

impl<'i> Letters<'i> {
    fn of_draft(draft: &'i Draft, expires: Timestamp) -> Self {
        Self {
            email: &draft.email,
            name: draft.name.as_deref(),
            offers: &draft.offers,
            message: draft.message.as_deref(),
            language: draft.language.as_deref(),
            expires,
        }
    }

    fn of_invitation(i: &'i Invitation) -> Self {
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
fn letter(state: &AdminState, actor: &Actor, says: &Letters<'_>) -> Letter {
    let snapshot = state.live.snapshot();
    let config = &snapshot.config;
    let site = Site::of(config, &snapshot.languages).speaking(&Wanted { invited: says.language, ..Wanted::default() });
    let link = InvitationLink::random(&site, state.entropy.as_ref());
    let name_of = |offer: &Offer| config.app(&offer.app).map_or_else(|| offer.app.to_string(), |app| app.name.clone());
    let names: Vec<String> = says.offers.iter().map(name_of).collect();
    let inviter = actor.address().map_or_else(|| site.name.clone(), ToString::to_string);
    let mail = web::mail::invitation(
        &site,
        &web::mail::Invited {
            inviter: &inviter,
            guest: says.name,
            apps: &names.iter().map(String::as_str).collect::<Vec<_>>(),
            access_for: says.offers.first().and_then(|o| o.access_for),
            message: says.message,
            link: &link.url,
            expires: says.expires,
        },
    );
    Letter { token: link.digest, mail: mail.to(MailId::random(state.entropy.as_ref()), says.email.clone()) }
}

/// An invitation as the API shows it, with what became of its last mail.
async fn shown(state: &AdminState, i: &Invitation, now: Timestamp) -> Result<Value, Trouble> {
    let mut shown = view(i, now);
    let mail = match i.letter {
        Some(id) => state.store.mail_state(id).await?,
        None => None,
    };
    if let (Some(mail), Some(map)) = (mail, shown.as_object_mut()) {
        let stage = match mail.stage {
            MailStage::Waiting if mail.attempts > 0 => "delayed",
            MailStage::Waiting => "waiting",
            MailStage::Sent => "sent",
            MailStage::Refused => "refused",
            MailStage::Bounced => "bounced",
        };
        map.insert("mail".to_owned(), json!(stage));
        map.insert("mail_attempts".to_owned(), json!(mail.attempts));
        map.insert("mail_error".to_owned(), json!(mail.error));
    }
    Ok(shown)
}

/// An invitation as the API shows it.
fn view(i: &Invitation, now: Timestamp) -> Value {
    let status = match i.state {
        InvitationState::Pending if i.is_open(now) => "pending",
        InvitationState::Pending => "expired",
        InvitationState::Redeemed { .. } => "redeemed",
        InvitationState::Revoked { .. } => "revoked",
        InvitationState::Declined { .. } => "declined",
    };
    let offers: Vec<Value> = i.offers.iter().map(|o| json!({"app": o.app, "role": o.role, "access_for": o.access_for})).collect();
    json!({
        "id": i.id, "guest": i.guest, "email": i.email, "name": i.name, "status": status, "apps": offers, "groups": i.groups,
        "attributes": i.attributes, "message": i.message, "language": i.language, "invited_by": i.invited_by, "sponsor": i.sponsor,
        "created": i.created, "expires": i.expires, "mailed": i.mailed.is_some(),
    })
}
