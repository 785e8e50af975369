//! `guestgate.yaml`: what the operator wants, as values that are right.
//!
//! Text in, [`Config`] or a [`Report`](crate::base::Report) out: everything is checked in one pass and every problem points. Nothing here
//! opens a file, asks the environment or the clock.

mod app;
mod certificate;
mod identification;
mod kinds;
mod model;
mod read;
mod rewrite;
mod upstream;

pub use app::{Activity, App, CrossOrigin, Limits, PolicyUse, Preflight, UnderReadOnly, WebSocket};
pub use certificate::{Certificate, CertificateError};
pub use identification::{HeaderName, HeaderNameError, Identification, IdentityFact, IdentityHeader};
pub use kinds::{Domain, KindError, Mailbox, Origin, Size, TrustAnchors};
pub use model::{
    AccessTarget, CertificateFiles, Config, EmailCode, GeoIp, Identity, Invitations, Listen, Log, LogFormat, LogLevel, Login, Mail,
    MailTransport, Portal, Roles, SessionCeilings, Smtp, SmtpSecurity, Storage, Tls,
};
pub use read::{Loaded, Lookup};
pub use rewrite::{InternalName, MediaType, PathPrefix, Rewrite, RewriteError, RewriteHost};
pub use upstream::{Scheme, Upstream, UpstreamError, UpstreamHost};
