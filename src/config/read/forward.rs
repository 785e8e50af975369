//! `audit`: where events go besides the log itself.

use url::Url;

use super::fields::{Fields, Read};
use crate::{
    base::{Span, yaml::Node},
    config::{Destination, Forward, Syslog, SyslogTransport},
};

/// What `audit` says.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// Where the log goes besides its own place.
    pub(super) forwards: Vec<Forward>,
    /// How long entries are kept.
    pub(super) retention: Option<Span>,
}

impl Read<'_> {
    /// All places that are told of events: how far each has come is kept under its name.
    pub(super) fn places(&mut self, fields: &Fields<'_>, audit: &mut Audit) -> Vec<Forward> {
        let receivers = self.or(fields.get("signals"), Vec::new(), Self::signals);
        for receiver in &receivers {
            if let Some(node) = fields.get("signals").filter(|_| audit.forwards.iter().any(|place| place.id == receiver.id)) {
                self.error(node.at, format!("a receiver and a place of `audit.forward` are both called `{}`", receiver.id), None);
            }
        }
        let mut all = std::mem::take(&mut audit.forwards);
        all.extend(receivers);
        all
    }

    pub(super) fn audit(&mut self, node: &Node) -> Option<Audit> {
        let fields = self.fields(node, &["forward", "retention"], &[])?;
        let mut read: Vec<Forward> = Vec::new();
        for element in fields.get("forward").map(|n| self.some(n, "place")).unwrap_or_default() {
            let Some(forward) = self.forward(element) else { continue };
            if read.iter().any(|other| other.id == forward.id) {
                self.error(element.at, format!("two places are called `{}`", forward.id), None);
            }
            read.push(forward);
        }
        let retention = self.or(fields.get("retention"), None, |r, n| r.or_never(n, Span::days(1)));
        Some(Audit { forwards: read, retention })
    }

    fn forward(&mut self, node: &Node) -> Option<Forward> {
        let fields = self.fields(node, &["id", "events", "webhook", "syslog", "ca"], &[])?;
        let id = self.required(&fields, "this place", "id", "siem").and_then(|n| self.reader.parsed(n));
        let events = fields.get("events").map(|n| self.list_of(n)).unwrap_or_default();
        let to = match (fields.get("webhook"), fields.get("syslog")) {
            (Some(_), Some(syslog)) => {
                self.error(syslog.at, "a place is either a `webhook` or a `syslog`", "write two places");
                None
            }
            (Some(hook), None) => {
                if let Some(ca) = fields.get("ca") {
                    self.error(ca.at, "the `ca` of a webhook stands within `webhook`", None);
                }
                self.webhook(hook).map(Destination::Webhook)
            }
            (None, Some(syslog)) => self.syslog(syslog, &fields).map(Destination::Syslog),
            (None, None) => self.required(&fields, "this place", "syslog", "tls://log.example.com").and(None),
        };
        Some(Forward { id: id?, events, to: to? })
    }

    fn syslog(&mut self, node: &Node, fields: &Fields<'_>) -> Option<Syslog> {
        let text = self.reader.text(node)?;
        let ca = fields.get("ca").and_then(|n| self.anchors(n));
        let Some(to) = read_server(text) else {
            self.error(
                node.at,
                format!("`{text}` is not the address of a log server"),
                "write `tls://log.example.com:6514`, `tcp://log.example.com:601` or `udp://localhost:514`",
            );
            return None;
        };
        let here = matches!(to.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if to.transport != SyslogTransport::Tls && !here {
            self.reader.warning(node.at, "addresses of guests leave this machine unencrypted", Some("use `tls://`".to_owned()));
        }
        if let Some(at) = fields.get("ca").filter(|_| to.transport != SyslogTransport::Tls) {
            self.error(at.at, "`ca` means nothing without TLS", "use `tls://`, or leave it out");
        }
        Some(Syslog { ca, ..to })
    }
}

/// The address of a log server, with the port of its scheme (RFC 5425, 5426, 6587).
fn read_server(text: &str) -> Option<Syslog> {
    let (scheme, _) = text.split_once("://")?;
    let (transport, usual) = match scheme {
        "udp" => (SyslogTransport::Udp, 514),
        "tcp" => (SyslogTransport::Tcp, 601),
        "tls" => (SyslogTransport::Tls, 6514),
        _ => return None,
    };
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none() && matches!(url.path(), "" | "/") && url.query().is_none();
    let host = url.host_str().filter(|host| bare && !host.is_empty())?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let port = url.port().unwrap_or(usual);
    (port != 0).then_some(Syslog { transport, host, port, ca: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_server_has_the_port_of_its_scheme() {
        let read = |text: &str| read_server(text).map(|s| (s.transport, s.host, s.port));
        assert_eq!(read("tls://Log.example.com"), Some((SyslogTransport::Tls, "log.example.com".to_owned(), 6514)));
        assert_eq!(read("tcp://[::1]:1601"), Some((SyslogTransport::Tcp, "::1".to_owned(), 1601)));
        assert_eq!(read("udp://127.0.0.1/"), Some((SyslogTransport::Udp, "127.0.0.1".to_owned(), 514)));
        for wrong in ["log.example.com", "http://log", "tls://", "tls://a:0", "tls://a/b", "tls://u@a", "tls://a?x"] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
