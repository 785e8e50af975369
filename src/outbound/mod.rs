//! What leaves over the network on our own account: mail, and questions about sign-ups.
//!
//! Only talks; what to send, when to try again and what became of it is decided elsewhere.

mod bounce;
mod hook;
mod mail;

pub use bounce::{Bounce, NoBounce};
pub use hook::{HookAnswer, HookError, ask};
pub use mail::{Delivered, MailError, Mailer, send};
