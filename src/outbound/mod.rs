//! What leaves over the network on our own account: mail, questions about sign-ups, events for other programs and logs, and questions to
//! partners' OpenID providers.
//!
//! Only talks; what to send, when to try again and what became of it is decided elsewhere.

mod bounce;
mod call;
mod hook;
mod mail;
mod oidc;
mod signal;
mod syslog;

pub use bounce::{Bounce, NoBounce};
pub use call::CallError;
pub use hook::{HookAnswer, HookError, ask, tell};
pub use mail::{Delivered, MailError, Mailer, send};
pub use oidc::{Answered, Asked, ProviderError, Providers};
pub use signal::{PushError, push};
pub use syslog::{LogLine, SyslogError, write_log};
