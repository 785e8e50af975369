//! Who may come, and how that came about: guests, invitations, grants, sessions.
//!
//! Every change is decided here, by pure functions that answer with a [`Proposal`] or a [`Refusal`]; the store only carries it out.
//! Nothing here reads a clock, rolls dice or touches a database: an [`Occasion`] brings the time and the randomness.

pub mod audit;
mod authority;
mod digest;
mod grant;
mod guest;
mod invitation;
mod proof;
mod proposal;
mod redeem;
mod session;
mod sign_in;

pub use authority::{
    Action, Actor, ActorKind, ChangeGuest, ConfirmPolicies, Denied, EndSessions, Invite, ManageGrants, ManageInvitation, ReadAudit,
    ReadDirectory, RemoveGuest, SuspendGuest, Target, Warrant, may,
};
pub use grant::{Grant, GrantDraft, GrantEdit, GrantState};
pub use guest::{Guest, GuestEdit, GuestState, Holdings, SuspendedBy};
pub use invitation::{Draft, Invitation, InvitationState, Known, Letter, Offer};
pub use proof::{AddressProof, MailFactor, Proven};
pub use proposal::{Change, Effect, Entity, Key, Occasion, OutgoingMail, Proposal, Refusal, Version};
pub use redeem::Redeemed;
pub use session::{Audience, Device, EndReason, Ended, Family, Origin, Session};
pub use sign_in::{ChildOpening, RootOpening, SteppedUp};

#[cfg(test)]
mod tests;
