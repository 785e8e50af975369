//! The words everything else is said in: ids, times, names, networks, secrets, and problems that point.
//!
//! Parsed and folded once; a value that exists is right. No I/O, no clock, no policy.

mod client;
mod country;
mod diag;
mod duty;
mod glob;
mod id;
mod names;
mod net;
mod past;
mod path;
#[cfg(test)]
mod path_laws;
mod person;
mod prefix_map;
mod secret;
mod signal;
mod time;
pub mod yaml;

pub use client::ClientAddr;
pub use country::{Country, UnknownCountry};
pub use diag::{At, Diagnostic, Report, Severity, Source, nearest, wrapped};
pub use duty::{Clash, Duty, Exclusions, Reviewers};
pub use glob::{GlobError, GlobPart, PathGlob, Wildcard};
pub use id::{
    Entropy, EventId, FlowId, GrantId, GuestId, Id, IdError, InvitationId, MailId, PasskeyId, RequestId, ReviewId, SessionId, TokenId,
    VerdictId,
};
pub use names::{AppId, EmailAddress, Host, Name, NameError};
pub use net::{NetError, Prefix, canonical_ip, is_public};
pub use past::{Haunt, Past, Stay};
pub use path::{CaseRule, Encoding, KeepRule, MergeRule, NormalPath, ParameterRule, PathError, PathRules, SlashRule};
pub use person::{Factor, Kind, Proof, UnknownFactor};
pub use prefix_map::PrefixMap;
pub use secret::{Digest, SecretText};
pub use signal::{SignalKind, UnknownSignal};
pub use time::{Clock, Span, TimeError, Timestamp};
