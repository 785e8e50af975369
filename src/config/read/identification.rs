//! `apps[].identity:`.

use std::sync::Arc;

use super::fields::{Fields, Read};
use crate::{
    base::{At, SecretText, yaml::Node},
    config::{BasicAuth, FACTS, HeaderName, Identification, IdentityFact, IdentityHeader, Template, UserForm, ValueEncoding},
};

/// What stands between values unless the app wants something else.
const SEPARATOR: &str = ",";

impl Read<'_> {
    pub(super) fn identification(&mut self, node: &Node) -> Option<Identification> {
        let fields = self.fields(node, &["headers", "user", "assertion", "basic_auth", "basic_auth_file", "strip"], &[])?;
        let user = self.or(fields.get("user"), UserForm::default(), Self::user_form);
        Some(Identification {
            headers: fields.get("headers").map(|n| self.identity_headers(n)).unwrap_or_default(),
            user,
            assertion: self.or(fields.get("assertion"), true, |r, n| r.reader.boolean(n)),
            basic_auth: self.basic_auth(&fields),
            strip: fields.get("strip").map(|n| self.list_of(n)).unwrap_or_default(),
        })
    }

    fn user_form(&mut self, node: &Node) -> Option<UserForm> {
        let form = self.choice(node, &[("email", UserForm::Email), ("local", UserForm::Local), ("id", UserForm::Id)])?;
        if form == UserForm::Local {
            let help = "`admin@partner.example` would be `admin`; `templates: { X-Remote-User: \"partner-{local}\" }` keeps them apart";
            self.reader.warning(node.at, "guests of several organisations, and your own people, can share a name", Some(help.to_owned()));
        }
        Some(form)
    }

    /// Facts and the headers that carry them, then attributes and templates.
    fn identity_headers(&mut self, node: &Node) -> Vec<IdentityHeader> {
        let known: Vec<&str> = FACTS.into_iter().chain(["attributes", "templates"]).collect();
        let Some(fields) = self.fields(node, &known, &[]) else { return Vec::new() };
        let mut headers = Vec::new();
        for entry in fields.entries() {
            match entry.key.as_str() {
                "attributes" => {
                    for attribute in self.reader.any_map(&entry.value).unwrap_or_default() {
                        let fact = IdentityFact::Attribute(attribute.key.as_str().into());
                        self.carriers(&attribute.value, &fact, &mut headers);
                    }
                }
                "templates" => self.templates(&entry.value, &mut headers),
                key => {
                    if let Some(fact) = FACTS.contains(&key).then(|| IdentityFact::named(key)).flatten() {
                        self.carriers(&entry.value, &fact, &mut headers);
                    }
                }
            }
        }
        headers
    }

    /// One header or several that carry a fact: a name, or `{ header, separator, encoding }`.
    fn carriers(&mut self, node: &Node, fact: &IdentityFact, headers: &mut Vec<IdentityHeader>) {
        for element in self.elements(node) {
            let template = Template::of(fact.clone());
            if element.as_scalar().is_some() {
                let name = self.reader.parsed::<HeaderName>(element);
                self.said(name, element.at, (template, SEPARATOR.into(), ValueEncoding::default()), headers);
                continue;
            }
            let Some(fields) = self.fields(element, &["header", "separator", "encoding"], &[]) else { continue };
            let name = self.required(&fields, "this header", "header", "X-Remote-Groups").and_then(|n| self.reader.parsed(n));
            let (separator, encoding) = (self.separator(&fields), self.encoding(&fields));
            self.said(name, fields.at("header"), (template, separator, encoding), headers);
        }
    }

    /// Headers and what they say: a text with facts in it, or `{ value, separator, encoding }`.
    fn templates(&mut self, node: &Node, headers: &mut Vec<IdentityHeader>) {
        for entry in self.reader.any_map(node).unwrap_or_default() {
            let name = match entry.key.parse::<HeaderName>() {
                Ok(name) => Some(name),
                Err(cause) => {
                    self.error(entry.at, cause.to_string(), None);
                    None
                }
            };
            if entry.value.as_scalar().is_some() {
                if let Some(template) = self.reader.parsed::<Template>(&entry.value) {
                    self.said(name, entry.at, (template, SEPARATOR.into(), ValueEncoding::default()), headers);
                }
                continue;
            }
            let Some(fields) = self.fields(&entry.value, &["value", "separator", "encoding"], &[]) else { continue };
            let template = self.required(&fields, "this header", "value", "\"partner-{local}\"").and_then(|n| self.reader.parsed(n));
            let (separator, encoding) = (self.separator(&fields), self.encoding(&fields));
            if let Some(template) = template {
                self.said(name, entry.at, (template, separator, encoding), headers);
            }
        }
    }

    fn said(
        &mut self,
        name: Option<HeaderName>,
        at: At,
        (template, separator, encoding): (Template, Box<str>, ValueEncoding),
        headers: &mut Vec<IdentityHeader>,
    ) {
        let Some(name) = name else { return };
        match headers.iter().find(|h| h.name.class() == name.class()) {
            Some(other) => {
                let help = format!("careless readers take it for `{}`", other.name);
                self.reader.error(at, format!("the header `{name}` is named twice"), Some(help));
            }
            None => headers.push(IdentityHeader { name, template, separator, encoding }),
        }
    }

    /// One to three characters that no group has in its name.
    fn separator(&mut self, fields: &Fields<'_>) -> Box<str> {
        let Some(node) = fields.get("separator") else { return SEPARATOR.into() };
        let Some(text) = self.reader.text(node) else { return SEPARATOR.into() };
        let fits = |c: char| (c == ' ' || c.is_ascii_graphic()) && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '%');
        if text.is_empty() || text.len() > 3 || !text.chars().all(fits) || (text.trim().is_empty() && text.len() > 1) {
            self.error(node.at, format!("`{text}` cannot separate values"), "write one of `,` `;` `|` `:` and the like, or a space");
        }
        text.into()
    }

    fn encoding(&mut self, fields: &Fields<'_>) -> ValueEncoding {
        const WORDS: [(&str, ValueEncoding); 5] = [
            ("percent", ValueEncoding::Percent),
            ("rfc2047", ValueEncoding::Rfc2047),
            ("base64", ValueEncoding::Base64),
            ("utf-8", ValueEncoding::Utf8),
            ("ascii", ValueEncoding::Ascii),
        ];
        self.or(fields.get("encoding"), ValueEncoding::default(), |r, n| r.choice(n, &WORDS))
    }

    /// `basic_auth_file`, or `basic_auth: { user, password_file }`.
    fn basic_auth(&mut self, fields: &Fields<'_>) -> Option<BasicAuth> {
        match (fields.get("basic_auth_file"), fields.get("basic_auth")) {
            (Some(file), Some(_)) => {
                self.error(file.at, "`basic_auth_file` and `basic_auth` exclude each other", "keep one of them");
                None
            }
            (Some(file), None) => {
                let secret = self.secret_from(file)?;
                if secret.reveal().split_once(':').is_none_or(|(user, _)| user.is_empty()) {
                    self.error(file.at, "the file must hold `user:password`", None);
                    return None;
                }
                Some(BasicAuth::Fixed(secret))
            }
            (None, Some(node)) => {
                let fields = self.fields(node, &["user", "password_file"], &[])?;
                let user = self.or(fields.get("user"), UserForm::default(), Self::user_form);
                let password = self.required(&fields, "`basic_auth`", "password_file", "secrets/charts");
                let password: Arc<SecretText> = password.and_then(|n| self.secret_from(n))?;
                Some(BasicAuth::Guest { user, password })
            }
            (None, None) => None,
        }
    }
}
