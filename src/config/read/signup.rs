//! `apps[].signup:`.

use regex::RegexBuilder;
use url::Url;

use super::{fields::Read, parts::LONGEST};
use crate::{
    base::{Span, yaml::Node},
    config::{ApprovalBy, Field, FieldKind, SignUp, Webhook},
};

/// The most fields of a form, and options of a choice.
const MOST_FIELDS: usize = 30;
const MOST_OPTIONS: usize = 300;
/// The longest answer that a field may allow, in characters.
const MOST_CHARACTERS: u32 = 1000;
/// How large a compiled pattern may be, in bytes.
const LARGEST_PATTERN: usize = 256 * 1024;
/// Names that the form has for itself.
const RESERVED: [&str; 4] = ["token", "state", "name", "reason"];

impl Read<'_> {
    pub(super) fn signup(&mut self, node: &Node) -> Option<SignUp> {
        let keys = ["fields", "approval", "access_for", "role", "groups", "allow_domains", "deny_domains", "webhook"];
        let fields = self.fields(node, &keys, &[])?;
        let words = [("owners", ApprovalBy::Owners), ("none", ApprovalBy::Nobody)];
        Some(SignUp {
            fields: fields.get("fields").map(|n| self.form_fields(n)).unwrap_or_default(),
            approval: self.or(fields.get("approval"), ApprovalBy::default(), |r, n| r.choice(n, &words)),
            access_for: fields.get("access_for").and_then(|n| self.span(n, Span::mins(1), LONGEST)),
            role: fields.get("role").and_then(|n| self.reader.parsed(n)),
            groups: fields.get("groups").map(|n| self.list_of(n)).unwrap_or_default(),
            allow_domains: fields.get("allow_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            deny_domains: fields.get("deny_domains").map(|n| self.list_of(n)).unwrap_or_default(),
            webhook: fields.get("webhook").and_then(|n| self.webhook(n)),
        })
    }

    fn form_fields(&mut self, node: &Node) -> Vec<Field> {
        let elements = self.elements(node);
        if elements.len() > MOST_FIELDS {
            self.error(node.at, "a form has at most 30 fields", None);
        }
        let mut read: Vec<Field> = Vec::new();
        for element in elements {
            let Some(field) = self.form_field(element) else { continue };
            if read.iter().any(|other| other.name == field.name) {
                self.error(element.at, format!("two fields have the name `{}`", field.name), None);
            }
            read.push(field);
        }
        read
    }

    fn form_field(&mut self, node: &Node) -> Option<Field> {
        let keys = ["name", "label", "help", "type", "required", "options", "min", "max", "pattern"];
        let fields = self.fields(node, &keys, &[])?;
        let name = self.required(&fields, "this field", "name", "clinic").and_then(|n| {
            let name: crate::base::Name = self.reader.parsed(n)?;
            if RESERVED.contains(&name.as_str()) {
                self.error(n.at, format!("the form has a field `{name}` of its own"), "choose another name");
            }
            Some(name)
        });
        let label = fields.get("label").and_then(|n| self.line(n));
        let help = fields.get("help").and_then(|n| self.line(n));
        let required = self.or(fields.get("required"), false, |r, n| r.reader.boolean(n));
        let words = [("text", 0_u8), ("choice", 1), ("date", 2), ("checkbox", 3), ("email", 4)];
        let usual = u8::from(fields.get("options").is_some());
        let which = self.or(fields.get("type"), usual, |r, n| r.choice(n, &words));
        for (key, of) in [("options", 1), ("min", 0), ("max", 0), ("pattern", 0)] {
            if fields.get(key).is_some() && which != of {
                let meant = if of == 1 { "`type: choice`" } else { "`type: text`" };
                self.error(fields.at(key), format!("`{key}` belongs to {meant}"), "leave it out");
            }
        }
        let kind = match which {
            1 => FieldKind::Choice(self.options(fields.get("options"), node)),
            2 => FieldKind::Date,
            3 => FieldKind::Checkbox,
            4 => FieldKind::Email,
            _ => {
                let max = self.or(fields.get("max"), crate::config::LONGEST_ANSWER, |r, n| r.count(n, 1, MOST_CHARACTERS));
                let min = self.or(fields.get("min"), 0, |r, n| r.count(n, 0, MOST_CHARACTERS));
                if min > max {
                    self.error(fields.at("min"), "`min` is more than `max`", None);
                }
                FieldKind::Text { min, max, pattern: fields.get("pattern").and_then(|n| self.pattern(n)) }
            }
        };
        let name = name?;
        Some(Field { label: label.unwrap_or_else(|| name.to_string()), name, help, required, kind })
    }

    fn options(&mut self, node: Option<&Node>, of: &Node) -> Vec<String> {
        let Some(node) = node else {
            self.error(of.at, "a choice needs `options`", "add `options: [north, south]`");
            return Vec::new();
        };
        let elements = self.some(node, "option");
        if elements.len() > MOST_OPTIONS {
            self.error(node.at, "a choice has at most 300 options", None);
        }
        elements.iter().filter_map(|element| self.line(element)).collect()
    }

    /// A regular expression that the whole answer must match.
    fn pattern(&mut self, node: &Node) -> Option<regex::Regex> {
        let text = self.reader.text(node)?;
        match RegexBuilder::new(&format!("^(?:{text})$")).size_limit(LARGEST_PATTERN).build() {
            Ok(pattern) => Some(pattern),
            Err(cause) => {
                let why = cause.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.error(node.at, format!("`{text}` is no regular expression that can be used: {why}"), None);
                None
            }
        }
    }

    pub(super) fn webhook(&mut self, node: &Node) -> Option<Webhook> {
        let fields = self.fields(node, &["url", "secret", "secret_file", "ca", "timeout"], &[])?;
        let url = self.required(&fields, "`webhook`", "url", "https://crm.example.com/guestgate").and_then(|n| self.web_address(n));
        let secret = match (fields.get("secret_file"), fields.get("secret")) {
            (Some(_), Some(inline)) => {
                self.error(inline.at, "`secret` and `secret_file` exclude each other", "keep one of them");
                None
            }
            (Some(file), None) => self.secret_from(file),
            (None, Some(inline)) if inline.as_scalar().is_some_and(|s| s.text.starts_with("env:")) => self.secret_from(inline),
            (None, Some(inline)) => {
                self.error(inline.at, "a secret does not belong into this file", "write `env:NAME`, or use `secret_file`");
                None
            }
            (None, None) => self.required(&fields, "`webhook`", "secret_file", "webhook.secret").and(None),
        };
        let ca = fields.get("ca").and_then(|n| self.anchors(n));
        let timeout = self.or(fields.get("timeout"), Span::secs(10), |r, n| r.span(n, Span::secs(1), Span::mins(1)));
        Some(Webhook { url: url?, secret: secret?, ca, timeout })
    }

    /// An address of a program: over TLS, or on this machine.
    pub(super) fn web_address(&mut self, node: &Node) -> Option<Url> {
        let text = self.reader.text(node)?;
        let url = Url::parse(text).ok().filter(|url| url.host_str().is_some() && url.username().is_empty() && url.password().is_none());
        let Some(url) = url.filter(|url| matches!(url.scheme(), "https" | "http")) else {
            self.error(node.at, format!("`{text}` is no address of a program"), "write `https://crm.example.com/guestgate`");
            return None;
        };
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() == "http" && !here {
            self.error(node.at, "guests' data would leave this machine unencrypted", "use `https://`");
            return None;
        }
        Some(url)
    }
}
