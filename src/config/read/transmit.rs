//! `signals`: systems that are told of security events.

use super::fields::Read;
use crate::{
    base::{Span, yaml::Node},
    config::{Destination, Forward, Receiver, SubjectForm},
};

const KEYS: [&str; 10] = ["id", "url", "audience", "token", "token_file", "ca", "apps", "events", "subject", "timeout"];

impl Read<'_> {
    pub(super) fn signals(&mut self, node: &Node) -> Option<Vec<Forward>> {
        let fields = self.fields(node, &["transmit"], &[])?;
        let elements = fields.get("transmit").map(|n| self.some(n, "receiver")).unwrap_or_default();
        Some(elements.iter().filter_map(|element| self.receiver(element)).collect())
    }

    fn receiver(&mut self, node: &Node) -> Option<Forward> {
        let fields = self.fields(node, &KEYS, &[])?;
        let id = self.required(&fields, "this receiver", "id", "crm").and_then(|n| self.reader.parsed(n));
        let url = self.required(&fields, "this receiver", "url", "https://crm.example.com/ssf/events").and_then(|n| self.web_address(n));
        let audience = self.required(&fields, "this receiver", "audience", "https://crm.example.com").and_then(|n| self.reader.text(n));
        let token = match (fields.get("token_file"), fields.get("token")) {
            (Some(_), Some(inline)) => {
                self.error(inline.at, "`token` and `token_file` exclude each other", "keep one of them");
                None
            }
            (Some(file), None) => self.secret_from(file),
            (None, Some(inline)) if inline.as_scalar().is_some_and(|s| s.text.starts_with("env:")) => self.secret_from(inline),
            (None, Some(inline)) => {
                self.error(inline.at, "a secret does not belong into this file", "write `env:NAME`, or use `token_file`");
                None
            }
            (None, None) => None,
        };
        let receiver = Receiver {
            url: url?,
            audience: audience?.to_owned(),
            token,
            ca: fields.get("ca").and_then(|n| self.anchors(n)),
            apps: fields.get("apps").map(|n| self.list_of(n)).unwrap_or_default(),
            kinds: fields.get("events").map(|n| self.list_of(n)).unwrap_or_default(),
            subject: self.or(fields.get("subject"), SubjectForm::default(), Self::subject),
            timeout: self.or(fields.get("timeout"), Span::secs(10), |r, n| r.span(n, Span::secs(1), Span::mins(1))),
        };
        Some(Forward { id: id?, events: Vec::new(), to: Destination::Receiver(receiver) })
    }

    fn subject(&mut self, node: &Node) -> Option<SubjectForm> {
        match self.reader.text(node)? {
            "email" => Some(SubjectForm::Email),
            "iss_sub" => Some(SubjectForm::IssSub),
            other => {
                let what = format!("`{other}` is no way to name a guest");
                self.error(node.at, what, "write `email`, or `iss_sub` for the portal and the guest's id");
                None
            }
        }
    }
}
