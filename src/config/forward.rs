//! Where the audit log goes besides its own place: programs that are told of events, and logs that others keep.

use std::sync::Arc;

use url::Url;

use super::{TrustAnchors, Webhook};
use crate::base::{AppId, Name, SecretText, SignalKind, Span};

/// One place that events are sent to, in their order, each until it has arrived.
#[derive(Debug, Clone)]
pub struct Forward {
    /// What the place is called; how far it has come is kept under this name.
    pub id: Name,
    /// Which events it gets; empty: all.
    pub events: Vec<EventPattern>,
    /// Where it is.
    pub to: Destination,
}

/// A place that events are sent to.
#[derive(Debug, Clone)]
pub enum Destination {
    /// A program that takes one signed request an event.
    Webhook(Webhook),
    /// A server that takes RFC 5424.
    Syslog(Syslog),
    /// A system that takes security events about the guests whom it trusts us with.
    Receiver(Receiver),
}

/// A receiver of security events (OpenID Shared Signals, RFC 8417), to which they are pushed (RFC 8935).
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where.
    pub url: Url,
    /// Whom the events are for, as they say.
    pub audience: String,
    /// What we show to be let in.
    pub token: Option<Arc<SecretText>>,
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
    /// The apps whose guests it is told about; empty: all.
    pub apps: Vec<AppId>,
    /// The kinds of events; empty: all.
    pub kinds: Vec<SignalKind>,
    /// How guests are named.
    pub subject: SubjectForm,
    /// How long it may take.
    pub timeout: Span,
}

/// How security events name a guest (RFC 9493).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectForm {
    /// By the mail address.
    #[default]
    Email,
    /// By the portal and the guest's id, as assertions do.
    IssSub,
}

/// A server that keeps logs.
#[derive(Debug, Clone)]
pub struct Syslog {
    /// How it is spoken to.
    pub transport: SyslogTransport,
    /// Name or address, as certificates name it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
}

/// How a log server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyslogTransport {
    /// `udp://`: a datagram an event (RFC 5426), lost if the way loses it.
    Udp,
    /// `tcp://`: frames with their length (RFC 6587).
    Tcp,
    /// `tls://`: the same over TLS (RFC 5425).
    Tls,
}

/// One kind of event, or all of a family: `guest.suspended`, `session.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern(String);

/// It is no event's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is neither an event such as `guest.suspended` nor a family such as `session.*`")]
pub struct NoEvent;

impl EventPattern {
    /// Whether an event of this name is meant.
    pub fn means(&self, event: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(family) => event.starts_with(family),
            None => event == self.0,
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EventPattern {
    type Err = NoEvent;

    fn from_str(text: &str) -> Result<Self, NoEvent> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let fits = text.split_once('.').is_some_and(|(family, event)| word(family) && (event == "*" || word(event)));
        if fits { Ok(Self(text.to_owned())) } else { Err(NoEvent) }
    }
}

impl Forward {
    /// Whether this place is told of an event.
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|pattern| pattern.means(event))
    }
}

impl Receiver {
    /// Whether it is told of events of this kind.
    pub fn wants(&self, kind: SignalKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether it is told about guests of this app.
    pub fn knows(&self, app: &AppId) -> bool {
        self.apps.is_empty() || self.apps.contains(app)
    }
}

impl Destination {
    /// Where it is, for people: no secret, and nothing that an address may carry as one.
    pub fn shown(&self) -> String {
        match self {
            Self::Webhook(hook) => {
                let port = hook.url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}{port}{}", hook.url.scheme(), hook.url.host_str().unwrap_or_default(), hook.url.path())
            }
            Self::Receiver(to) => {
                let port = to.url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}{port}{}", to.url.scheme(), to.url.host_str().unwrap_or_default(), to.url.path())
            }
            Self::Syslog(to) => format!("{}://{}:{}", to.transport.scheme(), to.host, to.port),
        }
    }
}

impl SyslogTransport {
    /// The scheme of its addresses.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_an_event_or_a_family() {
        let read = |text: &str| text.parse::<EventPattern>();
        assert!(read("session.*").unwrap().means("session.ended") && !read("session.*").unwrap().means("sessions.ended"));
        assert!(read("guest.suspended").unwrap().means("guest.suspended") && !read("guest.suspended").unwrap().means("guest.suspended-x"));
        for wrong in ["", "*", "guest", "guest.", ".x", "guest.*x", "Guest.suspended", "guest.a.b"] {
            assert_eq!(read(wrong), Err(NoEvent), "{wrong}");
        }
    }
}
