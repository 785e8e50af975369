//! Requirements, and the methods that they and `signed-in-with` name.

use crate::base::{
    Name,
    yaml::{Entry, Node, Value},
};

use super::{
    super::require::{Method, Requirement},
    Parser,
};

/// Words that a strength cannot be called.
pub(super) const RESERVED: [&str; 14] = [
    "mfa",
    "passkey",
    "totp",
    "email-code",
    "magic-link",
    "recovery-code",
    "federated",
    "federated-mfa",
    "client-certificate",
    "terms",
    "fresh-sign-in",
    "known-device",
    "approval",
    "justification",
];

const METHODS: [(&str, Method); 8] = [
    ("email-code", Method::EmailCode),
    ("magic-link", Method::MagicLink),
    ("passkey", Method::Passkey),
    ("totp", Method::Totp),
    ("recovery-code", Method::RecoveryCode),
    ("federated", Method::Federated(None)),
    ("federated-mfa", Method::FederatedMfa(None)),
    ("client-certificate", Method::ClientCertificate),
];

impl Parser<'_> {
    /// A method, as in `signed-in-with` and in strengths.
    pub(super) fn factor(&mut self, node: &Node) -> Option<Method> {
        let text = self.read.text(node)?;
        if let Some((_, method)) = METHODS.iter().find(|(word, _)| *word == text) {
            return Some(method.clone());
        }
        match text.split_once(':') {
            Some(("federated", provider)) => Some(Method::Federated(self.provider(provider, node))),
            Some(("federated-mfa", provider)) => Some(Method::FederatedMfa(self.provider(provider, node))),
            _ => {
                let words: Vec<&str> = METHODS.iter().map(|(word, _)| *word).collect();
                self.read.unknown("sign-in method", text, node.at, &words);
                None
            }
        }
    }

    /// One item of `require`.
    pub(super) fn requirement(&mut self, node: &Node) -> Option<Requirement> {
        if let Value::Map(entries) = &node.value {
            let [entry] = entries.as_slice() else {
                self.read.error(node.at, "one requirement is expected here", Some("put each one in an item of its own".to_owned()));
                return None;
            };
            return self.requirement_with(entry);
        }
        let text = self.read.text(node)?;
        match text {
            "mfa" => Some(Requirement::Mfa),
            "passkey" => Some(Requirement::Method(Method::Passkey)),
            "totp" => Some(Requirement::Method(Method::Totp)),
            "email-code" => Some(Requirement::Method(Method::EmailCode)),
            "client-certificate" => Some(Requirement::Method(Method::ClientCertificate)),
            "known-device" => Some(Requirement::KnownDevice),
            "justification" => Some(Requirement::Justification),
            "federated" | "federated-mfa" | "terms" | "fresh-sign-in" | "approval" => {
                let example = match text {
                    "fresh-sign-in" => "15m",
                    "approval" => "{ by: owners, valid: 8h }",
                    _ => "name",
                };
                self.read.error(node.at, format!("`{text}` needs a value"), Some(format!("write `{{ {text}: {example} }}`")));
                None
            }
            name => self.strength(name, node),
        }
    }

    fn requirement_with(&mut self, entry: &Entry) -> Option<Requirement> {
        match entry.key.as_str() {
            "fresh-sign-in" => self.span(&entry.value).map(Requirement::FreshSignIn),
            "federated" => {
                let name = self.read.text(&entry.value)?;
                self.provider(name, &entry.value).map(|p| Requirement::Method(Method::Federated(Some(p))))
            }
            "federated-mfa" => {
                let name = self.read.text(&entry.value)?;
                self.provider(name, &entry.value).map(|p| Requirement::Method(Method::FederatedMfa(Some(p))))
            }
            "any" => Some(Requirement::Any(self.each(&entry.value, Self::requirement).into())),
            "terms" => self.terms(&entry.value),
            "approval" => self.approval(entry),
            key => {
                self.read.unknown(
                    "requirement",
                    key,
                    entry.at,
                    &["any", "fresh-sign-in", "federated", "federated-mfa", "terms", "approval"],
                );
                None
            }
        }
    }

    fn strength(&mut self, name: &str, node: &Node) -> Option<Requirement> {
        let found = self.definitions.strength(name);
        if found.is_none() {
            let names = self.definitions.strength_names();
            let known: Vec<&str> = names.iter().map(String::as_str).chain(RESERVED).collect();
            self.read.unknown("requirement", name, node.at, &known);
        }
        found.map(Requirement::Strength)
    }

    fn terms(&mut self, node: &Node) -> Option<Requirement> {
        let name = self.read.text(node)?;
        let found = self.definitions.terms(name);
        if found.is_none() {
            let names = self.definitions.terms_names();
            self.read.unknown("terms", name, node.at, &names.iter().map(String::as_str).collect::<Vec<_>>());
        }
        found.map(Requirement::Terms)
    }

    /// `{ by: owners, valid: 8h }`.
    fn approval(&mut self, entry: &Entry) -> Option<Requirement> {
        let parts = &entry.value;
        self.read.map(parts, &["by", "valid"])?;
        if let Some(by) = parts.entry("by") {
            self.word(by, "approver", &[("owners", ())]);
        }
        let missing = ["by", "valid"].into_iter().find(|key| parts.entry(key).is_none());
        if let Some(key) = missing {
            let help = "write `{ approval: { by: owners, valid: 8h } }`".to_owned();
            self.read.error(entry.at, format!("the approval does not say `{key}`"), Some(help));
        }
        let valid = parts.entry("valid").and_then(|n| self.span(n))?;
        Some(Requirement::Approval { valid })
    }

    fn provider(&mut self, text: &str, node: &Node) -> Option<Name> {
        let Ok(name) = Name::parse(text) else {
            self.read.error(node.at, format!("`{text}` is not the name of a provider"), None);
            return None;
        };
        if self.known.apps.is_some() && !self.known.providers.contains(&name) {
            let known: Vec<&str> = self.known.providers.iter().map(Name::as_str).collect();
            self.read.unknown("provider", text, node.at, &known);
        }
        Some(name)
    }
}
