//! `guestgate.yaml`: what the operator wants, as values that are right.
//!
//! Text in, [`Config`] or a [`Report`](crate::base::Report) out: everything is checked in one pass and every problem points. Nothing here
//! opens a file, asks the environment or the clock.

mod answer;
mod app;
mod brand;
mod certificate;
mod forward;
mod header;
mod identification;
mod inviting;
mod kinds;
mod lifecycle;
mod limits;
mod model;
mod provider;
mod read;
mod rewrite;
mod signup;
mod upstream;

pub(crate) use answer::REFERRER_POLICIES;
pub use answer::{AnswerHeaders, Frames, HeaderValue, HeaderValueError};
pub use app::{
    Activity, App, AskForCertificate, Breaker, CrossOrigin, Health, Limits, PolicyUse, Preflight, Recurring, UnderReadOnly, WebSocket,
};
pub use brand::{Accent, Color, ColorError, Image, ImageError};
pub use certificate::{Certificate, CertificateError};
pub use forward::{Destination, EventPattern, Forward, NoEvent, Receiver, SubjectForm, Syslog, SyslogTransport};
pub use header::{AnswerName, HeaderName, HeaderNameError, HeaderPattern};
pub(crate) use identification::FACTS;
pub use identification::{
    BasicAuth, Identification, IdentityFact, IdentityHeader, Template, TemplateError, TemplatePart, UserForm, ValueEncoding,
};
pub use inviting::{AppInvitations, InvitationTemplate, Invitations, Inviter, Roles, TemplateOffer};
pub use kinds::{Domain, KindError, Mailbox, Origin, Size, TrustAnchors};
pub use lifecycle::Lifecycle;
pub use limits::{ConnectionLimits, Http2Limits};
pub use model::{
    AccessTarget, CertificateFiles, Config, DRAIN, EmailCode, GeoIp, Identity, Listen, Log, LogFormat, LogLevel, Login, Mail,
    MailTransport, Place, Portal, SessionCeilings, Smtp, SmtpSecurity, Storage, Tls,
};
pub use provider::{EmailVerified, Fallback, Issuer, IssuerError, MfaWords, Outbound, Provider};
pub use read::{Loaded, Lookup};
pub use rewrite::{InternalName, MediaType, PathPrefix, Rewrite, RewriteError, RewriteHost};
pub use signup::{AnswerError, ApprovalBy, Field, FieldKind, LONGEST_ANSWER, SignUp, Webhook};
pub use upstream::{ClientCertificate, Pin, PinError, Scheme, Upstream, UpstreamError, UpstreamHost, UpstreamHttp, UpstreamTls};
