//! What the API shows: one type for each resource, which is also its description.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    base::{AppId, EmailAddress, GrantId, GuestId, InvitationId, Kind, Name, RequestId, SessionId, Span, Timestamp, TokenId},
    directory::{
        AcceptedTerms, Audience, Grant, Guest, GuestState, Invitation, InvitationState, Offer, Request, RequestKind, RequestState, Session,
        Sight,
    },
    store::{Cursor, MailStage, MailState, TokenRecord},
};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T: ToSchema> {
    /// The items.
    pub(super) items: Vec<T>,
    /// The `cursor` of the page behind; `null`: there is none.
    pub(super) next: Option<String>,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitationView {
    #[schema(value_type = String)]
    id: InvitationId,
    /// The guest's id, which is reserved when the invitation is made.
    #[schema(value_type = String)]
    guest: GuestId,
    #[schema(value_type = String)]
    email: EmailAddress,
    name: Option<String>,
    /// `pending`, `expired`, `redeemed`, `revoked` or `declined`.
    status: &'static str,
    apps: Vec<OfferView>,
    #[schema(value_type = Vec<String>)]
    groups: Vec<Name>,
    attributes: BTreeMap<String, Vec<String>>,
    message: Option<String>,
    language: Option<String>,
    /// Who got a copy of the mail.
    #[schema(value_type = Vec<String>)]
    cc: Vec<EmailAddress>,
    /// The app and the page of it where the guest goes first.
    landing: Option<LandingView>,
    #[schema(value_type = Option<String>)]
    invited_by: Option<EmailAddress>,
    /// The token of the program that invited.
    #[schema(value_type = Option<String>)]
    by_token: Option<TokenId>,
    #[schema(value_type = Option<String>)]
    sponsor: Option<EmailAddress>,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// Whether a mailed link can be used.
    mailed: bool,
    /// `waiting`, `delayed`, `sent`, `refused` or `bounced`: what became of the last mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_attempts: Option<u32>,
    /// What the mail server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_error: Option<String>,
    /// A link that proves nothing; only in the answer that makes the invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redeem_url: Option<String>,
}

/// A page of an app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LandingView {
    #[schema(value_type = String)]
    app: AppId,
    path: String,
}

/// An app that is offered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferView {
    #[schema(value_type = String)]
    app: AppId,
    #[schema(value_type = Option<String>)]
    role: Option<Name>,
    /// How long, from acceptance.
    #[schema(value_type = Option<String>)]
    access_for: Option<Span>,
}

/// A guest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuestView {
    #[schema(value_type = String)]
    id: GuestId,
    #[schema(value_type = String)]
    email: EmailAddress,
    name: Option<String>,
    /// `guest` or `member`.
    #[schema(value_type = String)]
    kind: Kind,
    /// `active`, `suspended` or `removed`.
    state: &'static str,
    /// Why the guest is suspended.
    reason: Option<String>,
    #[schema(value_type = Vec<String>)]
    groups: Vec<Name>,
    attributes: BTreeMap<String, Vec<String>>,
    #[schema(value_type = Option<String>)]
    sponsor: Option<EmailAddress>,
    #[schema(value_type = Option<String>)]
    invited_by: Option<EmailAddress>,
    language: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_redeemed: Option<Timestamp>,
    /// The apps that the guest may use now, of those that the asker sees.
    #[schema(value_type = Vec<String>)]
    apps: Vec<AppId>,
    terms: Vec<TermsView>,
}

/// Terms of use that were accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TermsView {
    #[schema(value_type = String)]
    terms: Name,
    version: u32,
    sha256: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    #[schema(value_type = Option<String>)]
    app: Option<AppId>,
}

/// The right of one guest to use one app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantView {
    #[schema(value_type = String)]
    id: GrantId,
    #[schema(value_type = String)]
    guest: GuestId,
    #[schema(value_type = String)]
    email: EmailAddress,
    #[schema(value_type = String)]
    app: AppId,
    #[schema(value_type = Option<String>)]
    role: Option<Name>,
    /// `active`, `later`, `expired` or `revoked`.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    #[schema(value_type = String)]
    invitation: InvitationId,
}

/// A session of a guest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    #[schema(value_type = String)]
    id: SessionId,
    /// `portal`, or the app.
    audience: String,
    /// `live` or `over`.
    status: &'static str,
    methods: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    signed_in: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    #[schema(value_type = String)]
    ip: IpAddr,
    user_agent: String,
}

/// What somebody asks for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestView {
    #[schema(value_type = String)]
    id: RequestId,
    /// `sign-up`, `access`, `extension` or `approval`.
    #[schema(value_type = String)]
    kind: RequestKind,
    #[schema(value_type = String)]
    guest: GuestId,
    #[schema(value_type = String)]
    email: EmailAddress,
    name: Option<String>,
    #[schema(value_type = String)]
    app: AppId,
    reason: Option<String>,
    answers: Vec<AnswerView>,
    attributes: BTreeMap<String, Vec<String>>,
    #[schema(value_type = Vec<String>)]
    groups: Vec<Name>,
    #[schema(value_type = Option<String>)]
    role: Option<Name>,
    /// `checking`, `open`, `approved`, `denied`, `withdrawn` or `expired`.
    status: &'static str,
    #[schema(value_type = Option<String>)]
    sponsor: Option<EmailAddress>,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    #[schema(value_type = Option<String>)]
    decided_by: Option<EmailAddress>,
    message: Option<String>,
}

/// One field of a form, answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerView {
    name: String,
    label: String,
    value: String,
}

/// A token for programs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenView {
    #[schema(value_type = String)]
    id: TokenId,
    name: Option<String>,
    /// `admin`, `owner`, `inviter` or `reader`.
    role: &'static str,
    #[schema(value_type = Vec<String>)]
    apps: Vec<AppId>,
    /// `active`, `expired` or `revoked`.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = Option<String>)]
    created_by: Option<EmailAddress>,
    /// The token that it was made with.
    #[schema(value_type = Option<String>)]
    created_under: Option<TokenId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    /// The token itself; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
}

impl<T: ToSchema> List<T> {
    /// A page of a longer list.
    pub(super) fn page(items: Vec<T>, next: Option<&Cursor>) -> axum::Json<Self> {
        axum::Json(Self { items, next: next.map(ToString::to_string) })
    }

    /// All of it.
    pub(super) fn all(items: Vec<T>) -> axum::Json<Self> {
        Self::page(items, None)
    }
}

impl InvitationView {
    pub(super) fn of(i: &Invitation, now: Timestamp) -> Self {
        let status = match i.state {
            InvitationState::Pending if i.is_open(now) => "pending",
            InvitationState::Pending => "expired",
            InvitationState::Redeemed { .. } => "redeemed",
            InvitationState::Revoked { .. } => "revoked",
            InvitationState::Declined { .. } => "declined",
        };
        let offer = |o: &Offer| OfferView { app: o.app.clone(), role: o.role.clone(), access_for: o.access_for };
        Self {
            id: i.id,
            guest: i.guest,
            email: i.email.clone(),
            name: i.name.clone(),
            status,
            apps: i.offers.iter().map(offer).collect(),
            groups: i.groups.clone(),
            attributes: i.attributes.clone(),
            message: i.message.clone(),
            language: i.language.clone(),
            cc: i.cc.clone(),
            landing: i.landing.as_ref().map(|page| LandingView { app: page.app.clone(), path: page.target.clone() }),
            invited_by: i.invited_by.clone(),
            by_token: i.by_token,
            sponsor: i.sponsor.clone(),
            created: i.created,
            expires: i.expires,
            mailed: i.mailed.is_some(),
            mail: None,
            mail_attempts: None,
            mail_error: None,
            redeem_url: None,
        }
    }

    /// The same, with what became of its last mail.
    pub(super) fn with_mail(mut self, mail: Option<MailState>) -> Self {
        let Some(mail) = mail else { return self };
        self.mail = Some(match mail.stage {
            MailStage::Waiting if mail.attempts > 0 => "delayed",
            MailStage::Waiting => "waiting",
            MailStage::Sent => "sent",
            MailStage::Refused => "refused",
            MailStage::Bounced => "bounced",
        });
        self.mail_attempts = Some(mail.attempts);
        self.mail_error = mail.error;
        self
    }
}

impl GuestView {
    pub(super) fn of(guest: &Guest, grants: &[Grant], sight: &Sight, now: Timestamp) -> Self {
        let (state, reason) = match &guest.state {
            GuestState::Active => ("active", None),
            GuestState::Suspended { reason, .. } => ("suspended", reason.clone()),
            GuestState::Removed { .. } => ("removed", None),
        };
        let terms = guest.accepted.iter().filter(|t| t.app.as_ref().is_none_or(|app| sight.shows(app)));
        Self {
            id: guest.id,
            email: guest.email.clone(),
            name: guest.name.clone(),
            kind: guest.kind,
            state,
            reason,
            groups: guest.groups.clone(),
            attributes: guest.attributes.clone(),
            sponsor: guest.sponsor.clone(),
            invited_by: guest.invited_by.clone(),
            language: guest.language.clone(),
            created: guest.created,
            first_redeemed: guest.first_redeemed,
            apps: grants.iter().filter(|g| g.is_in_force(now) && sight.shows(&g.app)).map(|g| g.app.clone()).collect(),
            terms: terms.map(TermsView::of).collect(),
        }
    }
}

impl TermsView {
    fn of(accepted: &AcceptedTerms) -> Self {
        Self {
            terms: accepted.terms.clone(),
            version: accepted.version,
            sha256: accepted.sha256(),
            at: accepted.at,
            ip: accepted.from,
            app: accepted.app.clone(),
        }
    }
}

impl GrantView {
    pub(super) fn of(grant: &Grant, guest: &Guest, now: Timestamp) -> Self {
        let status = match (grant.is_active(), grant.is_in_force(now)) {
            (false, _) => "revoked",
            (true, true) => "active",
            (true, false) if now < grant.from => "later",
            (true, false) => "expired",
        };
        Self {
            id: grant.id,
            guest: grant.guest,
            email: guest.email.clone(),
            app: grant.app.clone(),
            role: grant.role.clone(),
            status,
            from: grant.from,
            until: grant.until,
            invitation: grant.invitation,
        }
    }
}

impl SessionView {
    pub(super) fn of(s: &Session, now: Timestamp) -> Self {
        let audience = match &s.audience {
            Audience::Portal => "portal".to_owned(),
            Audience::App(app) => app.to_string(),
        };
        Self {
            id: s.id,
            audience,
            status: if s.is_live(now) { "live" } else { "over" },
            methods: s.proofs.iter().map(|p| p.factor.to_string()).collect(),
            signed_in: s.signed_in,
            created: s.created,
            last_seen: s.last_seen,
            expires: s.expires,
            ip: s.origin.ip,
            user_agent: s.origin.user_agent.clone(),
        }
    }
}

/// A state of a request, as filters name it.
pub(super) fn state_of(request: &Request) -> &'static str {
    match request.state {
        RequestState::Checking { .. } => "checking",
        RequestState::Open => "open",
        RequestState::Approved { .. } => "approved",
        RequestState::Denied { .. } => "denied",
        RequestState::Withdrawn { .. } => "withdrawn",
    }
}

impl RequestView {
    pub(super) fn of(request: &Request, now: Timestamp) -> Self {
        let (decided_by, message) = match &request.state {
            RequestState::Approved { by, .. } => (by.clone(), None),
            RequestState::Denied { by, message, .. } => (by.clone(), message.clone()),
            RequestState::Checking { .. } | RequestState::Open | RequestState::Withdrawn { .. } => (None, None),
        };
        let undecided = matches!(request.state, RequestState::Checking { .. } | RequestState::Open);
        let answer = |a: &crate::directory::Answer| AnswerView { name: a.name.to_string(), label: a.label.clone(), value: a.value.clone() };
        Self {
            id: request.id,
            kind: request.kind,
            guest: request.guest,
            email: request.email.clone(),
            name: request.name.clone(),
            app: request.app.clone(),
            reason: request.reason.clone(),
            answers: request.answers.iter().map(answer).collect(),
            attributes: request.endowment.attributes.clone(),
            groups: request.endowment.groups.clone(),
            role: request.endowment.role.clone(),
            status: if undecided && !request.is_undecided(now) { "expired" } else { state_of(request) },
            sponsor: request.sponsor.clone(),
            created: request.created,
            expires: request.expires,
            decided_by,
            message,
        }
    }
}

impl TokenView {
    pub(super) fn of(record: &TokenRecord, now: Timestamp) -> Self {
        let token = &record.token;
        let status = match (token.revoked, token.is_open(now)) {
            (Some(_), _) => "revoked",
            (None, true) => "active",
            (None, false) => "expired",
        };
        Self {
            id: token.id,
            name: token.name.clone(),
            role: token.power.as_str(),
            apps: token.power.apps().to_vec(),
            status,
            created: token.created,
            created_by: token.made_by.clone(),
            created_under: token.made_under,
            expires: token.expires,
            last_used: record.last_used,
            token: None,
        }
    }
}
