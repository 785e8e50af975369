//! Who may come, and how that came about: guests, invitations, grants, sessions, factors.
//!
//! Every change is decided here, by pure functions that answer with a [`Proposal`] or a [`Refusal`]; the store only carries it out.
//! Nothing here reads a clock, rolls dice or touches a database: an [`Occasion`] brings the time and the randomness.

pub mod audit;
mod authority;
mod condition;
mod digest;
mod factors;
mod grant;
mod granting;
mod guest;
mod invitation;
mod lifecycle;
mod member;
mod own;
mod proof;
mod proposal;
mod provision;
mod redeem;
mod request;
mod review;
mod session;
mod sign_in;
mod signal;
mod stated;
mod terms;
mod token;
mod vouched;

pub use authority::{
    Action, Actor, ActorKind, ChangeGuest, ConfirmPolicies, DecideRequest, DecideReview, Denied, EndSessions, EnrolMember, ExportGuest,
    ForwardAudit, Invite, Inviter, ManageGrants, ManageInvitation, ManageTokens, OpenReview, ReadAudit, ReadDirectory, RemoveGuest,
    ResetFactors, Sight, SuspendGuest, Target, Warrant, may, sight,
};
pub use condition::{Condition, DAY, Full, Limited, Measure, OutOfScope, Quota, Unmet};
pub use factors::{Authenticator, FRESH, FactorChange, Factors, LONGEST_NAME, MOST_PASSKEYS, Needed, Passkey};
pub use grant::{Approved, Grant, GrantDraft, GrantEdit, GrantState};
pub use granting::Granting;
pub use guest::{Guest, GuestEdit, GuestState, Holdings, SuspendedBy};
pub use invitation::{Draft, Invitation, InvitationState, Known, Landing, Letter, Offer};
pub use lifecycle::{Cause, Circumstances, Due, Rules, Sponsorship};
pub use member::{Enrolling, Enrolment};
pub use proof::{AddressProof, MailFactor, Proven};
pub use proposal::{Change, Effect, Entity, Key, Occasion, OutgoingMail, Proposal, Refusal, Version};
pub use provision::{Amendment, Provisioned};
pub use redeem::Redeemed;
pub use request::{Answer, Asker, Asks, Endowment, Request, RequestDraft, RequestKind, RequestState};
pub use review::{Answered, Outcome, Part, Review, ReviewDraft, ReviewDue, ReviewState, Reviewed, Verdict};
pub use session::{Audience, Device, EndReason, Ended, Family, Origin, Session};
pub use sign_in::{ChildOpening, RootOpening, SteppedUp};
pub use signal::{Signal, signals};
pub use stated::Stated;
pub use terms::{AcceptedTerms, Document};
pub use token::{ApiToken, Bearer, Power, TokenDraft, TokenError, TokenSecret};
pub use vouched::{Bound, Vouched, provider_session};

#[cfg(test)]
mod tests;
