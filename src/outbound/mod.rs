//! What leaves over the network on our own account: mail.
//!
//! Only talks; what to send, when to try again and what became of it is decided elsewhere.

mod mail;

pub use mail::{Delivered, MailError, Mailer, send};
