//! `apps[].headers:`.

use super::fields::{Fields, Read};
use crate::{
    base::{Span, yaml::Node},
    config::{AnswerHeaders, AnswerName, Frames, HeaderValue, Origin, REFERRER_POLICIES},
};

impl Read<'_> {
    /// Presets first, then what is written out: a name is said in one place only.
    pub(super) fn answer_headers(&mut self, node: &Node) -> Option<AnswerHeaders> {
        let fields = self.fields(node, &["hsts", "csp", "frames", "referrer", "nosniff", "set", "add", "remove"], &[])?;
        let mut headers = AnswerHeaders::default();
        self.presets(&fields, &mut headers);
        for (name, value, at) in fields.get("set").map(|n| self.lines(n)).unwrap_or_default() {
            if headers.remove.iter().any(|known| known.as_str().eq_ignore_ascii_case(name.as_str())) {
                self.error(at, format!("the header `{}` is set twice", name.as_str()), "keep one of them");
            } else {
                headers.set(name, value);
            }
        }
        for (name, value, _) in fields.get("add").map(|n| self.lines(n)).unwrap_or_default() {
            headers.add(name, value);
        }
        for element in fields.get("remove").map(|n| self.elements(n)).unwrap_or_default() {
            let Some(name) = self.reader.parsed::<AnswerName>(element) else { continue };
            if headers.lines.iter().any(|(said, _)| said.as_str().eq_ignore_ascii_case(name.as_str())) {
                self.error(
                    element.at,
                    format!("the header `{}` is said here as well", name.as_str()),
                    "`set` takes the place of what the app says",
                );
            } else {
                headers.remove.push(name);
            }
        }
        Some(headers)
    }

    fn presets(&mut self, fields: &Fields<'_>, headers: &mut AnswerHeaders) {
        if let Some(lasting) = fields.get("hsts").and_then(|n| self.span(n, Span::secs(0), Span::days(3650))) {
            headers.hsts(lasting);
        }
        if let Some(node) = fields.get("csp")
            && let Some(policy) = self.reader.parsed::<HeaderValue>(node)
            && let Ok(name) = "Content-Security-Policy".parse()
        {
            headers.set(name, policy);
        }
        if let Some(frames) = fields.get("frames").and_then(|n| self.frames(n)) {
            headers.frames(&frames);
        }
        let policies = REFERRER_POLICIES.map(|word| (word, word));
        if let Some(policy) = fields.get("referrer").and_then(|n| self.choice(n, &policies)) {
            headers.referrer(policy);
        }
        if self.or(fields.get("nosniff"), false, |r, n| r.reader.boolean(n)) {
            headers.nosniff();
        }
    }

    /// `deny`, `same-origin`, or origins.
    fn frames(&mut self, node: &Node) -> Option<Frames> {
        match node.as_scalar().map(|s| s.text.as_str()) {
            Some("deny") => Some(Frames::Deny),
            Some("same-origin") => Some(Frames::SameOrigin),
            Some(_) | None => {
                let origins: Vec<Origin> = self.list_of(node);
                (!origins.is_empty()).then_some(Frames::From(origins))
            }
        }
    }

    /// Names and values.
    fn lines(&mut self, node: &Node) -> Vec<(AnswerName, HeaderValue, crate::base::At)> {
        let mut lines = Vec::new();
        for entry in self.reader.any_map(node).unwrap_or_default() {
            let name = match entry.key.parse::<AnswerName>() {
                Ok(name) => name,
                Err(cause) => {
                    self.error(entry.at, cause.to_string(), None);
                    continue;
                }
            };
            for value in self.elements(&entry.value) {
                if let Some(value) = self.reader.parsed::<HeaderValue>(value) {
                    lines.push((name.clone(), value, entry.at));
                }
            }
        }
        lines
    }
}
