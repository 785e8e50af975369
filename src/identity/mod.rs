//! Ways to prove who one is, without any I/O: keys, tokens, sealed state, emailed codes, passkeys, authenticator apps,
//! client certificates, the way between hosts.
//!
//! Time and randomness are handed in. Whether somebody may do something is not asked here.

mod certificate;
mod email_code;
mod handover;
mod keys;
pub mod oidc;
mod passkey;
mod receipt;
mod seal;
mod security_event;
mod token;
mod totp;

pub use certificate::{Authority, AuthorityError, Brought, Certified, NotCertified};
pub use email_code::{CODE_DIGITS, Code};
pub use handover::{Handover, LONGEST_START, Needs, Start};
pub(crate) use handover::{digest, millis};
pub use keys::{KeyError, KeyRing, MasterKey};
pub use passkey::{Answered, Made, Making, Owner, PasskeyError, Passkeys, Showing};
pub use receipt::{ReceiptClaims, sha256};
pub use seal::Purpose;
pub use security_event::SecurityEvent;
pub use token::{AssertionClaims, LONGEST_ASSERTION_LIFE, LONGEST_TOKEN, SessionClaims, TokenError};
pub use totp::{RecoveryCode, TotpSecret};
