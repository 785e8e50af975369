//! Who may do what to whom: one table, and the only maker of a [`Warrant`].

use std::marker::PhantomData;

use super::{Bearer, Grant, GrantState, Guest, Invitation, Power, Refusal, Request, Review};
use crate::base::{AppId, EmailAddress, GrantId, GuestId, InvitationId, RequestId, Reviewers, TokenId};

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody on this machine, by the control socket.
    Machine,
    /// A member who may do everything.
    Administrator(EmailAddress),
    /// A member who decides about the guests of some apps.
    Owner {
        /// Who.
        email: EmailAddress,
        /// Which apps.
        apps: Vec<AppId>,
    },
    /// A member who may invite.
    Inviter {
        /// Who.
        email: EmailAddress,
        /// To which apps; `None`: to every one.
        apps: Option<Vec<AppId>>,
    },
    /// A program that shows a token.
    Token(Bearer),
    /// A guest.
    Guest {
        /// Which one.
        id: GuestId,
        /// The address.
        email: EmailAddress,
    },
    /// The gateway itself: expiry, inactivity.
    System,
}

/// What kind of actor; as the audit log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// [`Actor::Machine`].
    Machine,
    /// [`Actor::Administrator`].
    Administrator,
    /// [`Actor::Owner`].
    Owner,
    /// [`Actor::Inviter`].
    Inviter,
    /// A token that may look and change nothing.
    Reader,
    /// [`Actor::Guest`].
    Guest,
    /// [`Actor::System`].
    System,
}

/// What it is to be done to.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// The whole directory.
    Everything,
    /// These apps and nothing else.
    Apps(&'a [AppId]),
    /// A guest; all grants must be given.
    Guest(&'a Guest, &'a [Grant]),
    /// An invitation.
    Invitation(&'a Invitation),
    /// A grant.
    Grant(&'a Grant),
    /// A grant and its guest, for whom somebody may be responsible.
    GrantOf(&'a Grant, &'a Guest),
    /// A request.
    Request(&'a Request),
    /// A grant and its guest, in a review.
    Reviewed(&'a Review, &'a Grant, &'a Guest),
}

/// It is not theirs to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you may not do this")]
pub struct Denied;

/// Permission to do one kind of thing to one target. Only [`may`] makes one.
#[must_use]
#[derive(Debug, Clone)]
pub struct Warrant<A> {
    actor: Actor,
    scope: Scope,
    action: PhantomData<A>,
}

/// What a warrant reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    Everything,
    Apps(Vec<AppId>),
    Guest(GuestId),
    Invitation(InvitationId),
    Request(RequestId),
    Grant(GrantId),
}

/// What can be done; implemented by the zero-sized types of this module alone.
pub trait Action: sealed::Sealed {
    #[doc(hidden)]
    const DEED: Deed;
}

/// The actions, as the table names them.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Invite,
    ManageInvitation,
    ManageGrants,
    ChangeGuest,
    SuspendGuest,
    RemoveGuest,
    EndSessions,
    ResetFactors,
    ReadDirectory,
    ReadAudit,
    ForwardAudit,
    ConfirmPolicies,
    DecideRequest,
    EnrolMember,
    ExportGuest,
    ManageTokens,
    OpenReview,
    DecideReview,
}

mod sealed {
    /// Keeps other rooms from inventing actions.
    pub trait Sealed {}
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Action for $name { const DEED: Deed = Deed::$name; }
    )*};
}

actions! {
    /// To invite to apps.
    Invite,
    /// To resend or withdraw an invitation.
    ManageInvitation,
    /// To make, change and end grants in apps.
    ManageGrants,
    /// To change a guest's name, groups and attributes.
    ChangeGuest,
    /// To suspend a guest and to end a suspension.
    SuspendGuest,
    /// To remove a guest.
    RemoveGuest,
    /// To sign a guest out.
    EndSessions,
    /// To take a guest's passkeys, authenticator app and recovery codes away.
    ResetFactors,
    /// To see guests, invitations, grants and sessions.
    ReadDirectory,
    /// To see the audit log.
    ReadAudit,
    /// To send entries of the audit log once more to where it is forwarded.
    ForwardAudit,
    /// To let policies take effect that are held back.
    ConfirmPolicies,
    /// To grant or refuse what somebody asks for.
    DecideRequest,
    /// To make a link by which a member adds a passkey.
    EnrolMember,
    /// To be given everything that is held about a guest.
    ExportGuest,
    /// To make, see and revoke tokens for programs.
    ManageTokens,
    /// To begin an access review of apps.
    OpenReview,
    /// To say in a review whether an access is still needed.
    DecideReview,
}

/// What somebody sees of lists: what lies outside is not there for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Everything,
    /// What belongs to these apps: guests who may use one of them, invitations to nothing else.
    Apps(Vec<AppId>),
    /// The invitations that they made, and nobody's guests.
    Own(Inviter),
}

/// Who made an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inviter {
    /// A member.
    Member(EmailAddress),
    /// A program that showed this token.
    Token(TokenId),
}

/// What an actor sees of lists.
pub fn sight(actor: &Actor) -> Result<Sight, Denied> {
    match actor {
        Actor::Machine | Actor::Administrator(_) => Ok(Sight::Everything),
        Actor::Owner { apps, .. } => Ok(Sight::Apps(apps.clone())),
        Actor::Inviter { email, .. } => Ok(Sight::Own(Inviter::Member(email.clone()))),
        Actor::Token(bearer) => Ok(match &bearer.power {
            Power::Admin | Power::Reader => Sight::Everything,
            Power::Owner(apps) => Sight::Apps(apps.clone()),
            Power::Inviter => Sight::Own(Inviter::Token(bearer.id)),
        }),
        Actor::Guest { .. } | Actor::System => Err(Denied),
    }
}

impl Sight {
    /// Whether it shows what belongs to an app.
    pub fn shows(&self, app: &AppId) -> bool {
        match self {
            Self::Everything => true,
            Self::Apps(own) => own.contains(app),
            Self::Own(_) => false,
        }
    }

    /// The apps whose guests are seen, of those that are wanted (`None`: all). An empty answer stands for every app.
    pub fn of_apps(&self, wanted: Option<&AppId>) -> Result<Vec<AppId>, Denied> {
        match (self, wanted) {
            (Self::Everything, wanted) => Ok(wanted.into_iter().cloned().collect()),
            (Self::Apps(own), Some(app)) if own.contains(app) => Ok(vec![app.clone()]),
            // An owner of nothing sees nothing; an empty answer would be everything.
            (Self::Apps(own), None) if !own.is_empty() => Ok(own.clone()),
            (Self::Apps(_), _) | (Self::Own(_), _) => Err(Denied),
        }
    }
}

impl std::fmt::Display for Inviter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Member(email) => email.fmt(f),
            Self::Token(id) => write!(f, "token:{id}"),
        }
    }
}

/// Whether the actor may do this to the target; the only maker of a warrant.
pub fn may<A: Action>(actor: &Actor, on: Target<'_>) -> Result<Warrant<A>, Denied> {
    let allowed = match actor {
        Actor::Machine | Actor::Administrator(_) => true,
        Actor::Owner { .. } | Actor::Inviter { .. } if looks_after(A::DEED, actor, on) => true,
        Actor::Owner { apps, .. } => owner_may(A::DEED, apps, on),
        Actor::Inviter { email, apps } => inviter_may(A::DEED, apps.as_deref(), on, |i| i.invited_by.as_ref() == Some(email)),
        Actor::Token(bearer) => bearer_may(A::DEED, bearer, on),
        Actor::Guest { id, .. } => {
            matches!(A::DEED, Deed::EndSessions | Deed::RemoveGuest | Deed::ReadDirectory | Deed::ExportGuest)
                && matches!(on, Target::Guest(guest, _) if guest.id == *id)
        }
        Actor::System => matches!(A::DEED, Deed::EndSessions | Deed::SuspendGuest | Deed::ManageGrants),
    };
    if allowed { Ok(Warrant { actor: actor.clone(), scope: Scope::of(on), action: PhantomData }) } else { Err(Denied) }
}

/// Sponsors decide whether their guests stay longer: a grant that their guest has, and what the guest asks about it.
fn looks_after(deed: Deed, actor: &Actor, on: Target<'_>) -> bool {
    match on {
        Target::Request(request) => deed == Deed::DecideRequest && request.is_of_sponsor(actor),
        Target::GrantOf(grant, guest) => {
            let theirs = guest.sponsor.is_some() && guest.sponsor.as_ref() == actor.address();
            deed == Deed::ManageGrants && theirs && grant.guest == guest.id && grant.is_active()
        }
        Target::Reviewed(review, grant, guest) => {
            let theirs = guest.sponsor.is_some() && guest.sponsor.as_ref() == actor.address();
            deed == Deed::DecideReview && review.reviewers == Reviewers::Sponsors && theirs && grant.guest == guest.id
        }
        Target::Everything | Target::Apps(_) | Target::Guest(..) | Target::Invitation(_) | Target::Grant(_) => false,
    }
}

/// A token has the powers of its role. What a person may do as somebody's sponsor is the person's alone.
fn bearer_may(deed: Deed, bearer: &Bearer, on: Target<'_>) -> bool {
    match &bearer.power {
        // A passkey would outlive the token.
        Power::Admin => deed != Deed::EnrolMember,
        Power::Owner(apps) => owner_may(deed, apps, on),
        Power::Inviter => inviter_may(deed, None, on, |i| i.by_token == Some(bearer.id)),
        Power::Reader => matches!(deed, Deed::ReadDirectory | Deed::ReadAudit),
    }
}

/// Owners see who comes to their apps; they act on their own apps, and on guests who have nothing elsewhere.
fn owner_may(deed: Deed, own: &[AppId], on: Target<'_>) -> bool {
    let all_own = |apps: Vec<&AppId>| !apps.is_empty() && apps.iter().all(|app| own.contains(app));
    match deed {
        Deed::ReadAudit | Deed::ForwardAudit | Deed::ConfirmPolicies | Deed::EnrolMember | Deed::ManageTokens => false,
        Deed::ReadDirectory if matches!(on, Target::Guest(..)) => {
            matches!(on, Target::Guest(_, grants) if grants.iter().any(|g| g.is_active() && own.contains(&g.app)))
        }
        Deed::Invite
        | Deed::ManageInvitation
        | Deed::ManageGrants
        | Deed::ChangeGuest
        | Deed::SuspendGuest
        | Deed::RemoveGuest
        | Deed::EndSessions
        | Deed::DecideRequest
        | Deed::ResetFactors
        | Deed::ExportGuest
        | Deed::OpenReview
        | Deed::DecideReview
        | Deed::ReadDirectory => match on {
            Target::Everything => false,
            Target::Apps(apps) => all_own(apps.iter().collect()),
            Target::Guest(_, grants) => all_own(grants.iter().filter(|g| matches!(g.state, GrantState::Active)).map(|g| &g.app).collect()),
            Target::Invitation(invitation) => all_own(invitation.offers.iter().map(|o| &o.app).collect()),
            Target::Grant(grant) | Target::GrantOf(grant, _) => own.contains(&grant.app),
            Target::Request(request) => own.contains(&request.app),
            Target::Reviewed(_, grant, _) => own.contains(&grant.app),
        },
    }
}

/// Inviters invite to their apps, or everywhere, and look after their own invitations while these are open.
fn inviter_may(deed: Deed, to: Option<&[AppId]>, on: Target<'_>, own: impl Fn(&Invitation) -> bool) -> bool {
    let within = |apps: &[AppId]| to.is_none_or(|to| apps.iter().all(|app| to.contains(app)));
    let theirs = matches!(on, Target::Invitation(i) if own(i));
    match deed {
        Deed::Invite => matches!(on, Target::Apps(apps) if !apps.is_empty() && within(apps)),
        Deed::ManageInvitation => theirs && matches!(on, Target::Invitation(i) if !i.is_redeemed()),
        Deed::ReadDirectory => theirs,
        Deed::ManageGrants
        | Deed::ChangeGuest
        | Deed::SuspendGuest
        | Deed::RemoveGuest
        | Deed::EndSessions
        | Deed::ResetFactors
        | Deed::ReadAudit
        | Deed::ForwardAudit
        | Deed::DecideRequest
        | Deed::EnrolMember
        | Deed::ExportGuest
        | Deed::ManageTokens
        | Deed::OpenReview
        | Deed::DecideReview
        | Deed::ConfirmPolicies => false,
    }
}

impl Scope {
    fn of(target: Target<'_>) -> Self {
        match target {
            Target::Everything => Self::Everything,
            Target::Apps(apps) => Self::Apps(apps.to_vec()),
            Target::Guest(guest, _) => Self::Guest(guest.id),
            Target::Invitation(invitation) => Self::Invitation(invitation.id),
            Target::Grant(grant) => Self::Apps(vec![grant.app.clone()]),
            Target::GrantOf(grant, _) | Target::Reviewed(_, grant, _) => Self::Grant(grant.id),
            Target::Request(request) => Self::Request(request.id),
        }
    }
}

impl<A> Warrant<A> {
    /// Whose it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(super) fn reaches_app(&self, app: &AppId) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Apps(apps) if apps.contains(app) => Ok(()),
            Scope::Apps(_) | Scope::Guest(_) | Scope::Invitation(_) | Scope::Request(_) | Scope::Grant(_) => Err(Refusal::Unwarranted),
        }
    }

    pub(super) fn reaches_grant(&self, grant: &Grant) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Grant(id) if *id == grant.id => Ok(()),
            Scope::Grant(_) => Err(Refusal::Unwarranted),
            Scope::Everything | Scope::Apps(_) | Scope::Guest(_) | Scope::Invitation(_) | Scope::Request(_) => self.reaches_app(&grant.app),
        }
    }

    pub(super) fn reaches_guest(&self, guest: GuestId) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Guest(id) if *id == guest => Ok(()),
            Scope::Apps(_) | Scope::Guest(_) | Scope::Invitation(_) | Scope::Request(_) | Scope::Grant(_) => Err(Refusal::Unwarranted),
        }
    }

    pub(super) fn reaches_invitation(&self, invitation: InvitationId) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Invitation(id) if *id == invitation => Ok(()),
            Scope::Apps(_) | Scope::Guest(_) | Scope::Invitation(_) | Scope::Request(_) | Scope::Grant(_) => Err(Refusal::Unwarranted),
        }
    }
}

impl Warrant<DecideRequest> {
    pub(super) fn reaches_request(&self, request: RequestId) -> Result<(), Refusal> {
        match &self.scope {
            Scope::Everything => Ok(()),
            Scope::Request(id) if *id == request => Ok(()),
            Scope::Apps(_) | Scope::Guest(_) | Scope::Invitation(_) | Scope::Request(_) | Scope::Grant(_) => Err(Refusal::Unwarranted),
        }
    }
}

impl Actor {
    /// What kind of actor.
    pub fn kind(&self) -> ActorKind {
        match self {
            Self::Machine => ActorKind::Machine,
            Self::Administrator(_) => ActorKind::Administrator,
            Self::Owner { .. } => ActorKind::Owner,
            Self::Inviter { .. } => ActorKind::Inviter,
            Self::Token(bearer) => bearer.power.kind(),
            Self::Guest { .. } => ActorKind::Guest,
            Self::System => ActorKind::System,
        }
    }

    /// The address of the person.
    pub fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Administrator(email) | Self::Inviter { email, .. } | Self::Owner { email, .. } | Self::Guest { email, .. } => Some(email),
            Self::Machine | Self::Token(_) | Self::System => None,
        }
    }

    /// The token that was shown.
    pub fn token(&self) -> Option<TokenId> {
        match self {
            Self::Token(bearer) => Some(bearer.id),
            Self::Machine | Self::Administrator(_) | Self::Owner { .. } | Self::Inviter { .. } | Self::Guest { .. } | Self::System => None,
        }
    }

    /// The guest's id.
    pub fn guest(&self) -> Option<GuestId> {
        match self {
            Self::Guest { id, .. } => Some(*id),
            Self::Machine | Self::Administrator(_) | Self::Owner { .. } | Self::Inviter { .. } | Self::Token(_) | Self::System => None,
        }
    }
}
