//! `identity.providers:` and `outbound:`.

use std::{collections::HashSet, sync::Arc};

use super::fields::{Fields, Read};
use crate::{
    base::{Name, Prefix, SecretText, Span, yaml::Node},
    config::{Domain, EmailVerified, Fallback, Issuer, IssuerError, MfaWords, Outbound, Provider},
};

/// The most providers: each sign-in looks through their domains.
const MOST: usize = 200;
const KEYS: [&str; 16] = [
    "id",
    "name",
    "issuer",
    "client_id",
    "client_secret",
    "client_secret_file",
    "domains",
    "trust_mfa",
    "mfa",
    "members",
    "groups_claim",
    "fallback",
    "email_verified",
    "scopes",
    "clock_skew",
    "ca",
];
/// How far two clocks may be apart at most before one of them is to be set.
const LONGEST_SKEW: Span = Span::mins(5);

impl Read<'_> {
    pub(super) fn providers(&mut self, node: &Node) -> Vec<Arc<Provider>> {
        let elements = self.elements(node);
        if elements.len() > MOST {
            self.error(node.at, "there can be at most 200 providers", None);
        }
        let mut read: Vec<Arc<Provider>> = Vec::new();
        for element in elements {
            let Some(provider) = self.provider(element) else { continue };
            if read.iter().any(|other| other.id == provider.id) {
                self.error(element.at, format!("two providers have the id `{}`", provider.id), None);
            }
            if read.iter().any(|other| other.issuer == provider.issuer && other.client_id == provider.client_id) {
                self.error(element.at, format!("`{}` is there twice", provider.issuer), "name all its `domains` at one of them");
            }
            for own in &provider.domains {
                if let Some(other) = read.iter().find(|other| other.domains.iter().any(|theirs| overlap(own, theirs))) {
                    let help = format!("`{}` vouches for it already; whoever has an address there would not know where to go", other.id);
                    self.reader.error(element.at, format!("`{own}` has two providers"), Some(help));
                }
            }
            read.push(Arc::new(provider));
        }
        read
    }

    fn provider(&mut self, node: &Node) -> Option<Provider> {
        let fields = self.fields(node, &KEYS, &[])?;
        let id: Option<Name> = self.required(&fields, "this provider", "id", "contoso").and_then(|n| self.reader.parsed(n));
        let issuer = self.required(&fields, "this provider", "issuer", "https://login.contoso.com").and_then(|n| self.issuer(n));
        let client_id = self.required(&fields, "this provider", "client_id", "guestgate").and_then(|n| self.line(n));
        let domains = self.required(&fields, "this provider", "domains", "[contoso.com]").map(|n| self.own_domains(n));
        let trust_mfa = self.or(fields.get("trust_mfa"), false, |r, n| r.reader.boolean(n));
        let mfa = self.or(fields.get("mfa"), MfaWords::default(), Self::mfa_words);
        if fields.get("mfa").is_some() && !trust_mfa {
            self.error(fields.at("mfa"), "`mfa` says nothing without `trust_mfa: true`", "add it, or leave `mfa` out");
        }
        let fallbacks = [("none", Fallback::Nothing), ("email-code", Fallback::EmailCode)];
        let verified = [("required", EmailVerified::Required), ("assumed", EmailVerified::Assumed)];
        let secret = self.client_secret(&fields);
        let name = fields.get("name").and_then(|n| self.line(n));
        let members = self.or(fields.get("members"), false, |r, n| r.reader.boolean(n));
        let groups = fields.get("groups_claim").and_then(|n| self.line(n));
        if groups.is_some() && !members {
            let help = "a partner's groups give nothing here: add `members: true`, or leave it out";
            self.error(fields.at("groups_claim"), "`groups_claim` says nothing without `members: true`", help);
        }
        let fallback = self.or(fields.get("fallback"), Fallback::default(), |r, n| r.choice(n, &fallbacks));
        let email_verified = self.or(fields.get("email_verified"), EmailVerified::default(), |r, n| r.choice(n, &verified));
        let scopes = fields.get("scopes").map_or_else(|| vec!["email".to_owned()], |n| self.scopes(n));
        let clock_skew = self.or(fields.get("clock_skew"), Provider::SKEW, |r, n| r.span(n, Span::secs(0), LONGEST_SKEW));
        let ca = fields.get("ca").and_then(|n| self.anchors(n));
        let domains = domains?;
        Some(Provider {
            name: name.unwrap_or_else(|| domains.first().map(Domain::to_string).unwrap_or_default()),
            id: id?,
            issuer: issuer?,
            client_id: client_id?,
            client_secret: secret,
            domains,
            trust_mfa,
            mfa,
            members,
            groups,
            fallback,
            email_verified,
            scopes,
            clock_skew,
            ca,
        })
    }

    fn issuer(&mut self, node: &Node) -> Option<Issuer> {
        let text = self.reader.text(node)?;
        match Issuer::parse(text) {
            Ok(issuer) => Some(issuer),
            Err(cause) => {
                let help = match &cause {
                    IssuerError::Syntax(_) => "write it as the provider does, such as `https://login.contoso.com`",
                    IssuerError::Plain(_) => "use `https://`",
                    IssuerError::ManyTenants(_) => {
                        "name the partner's own tenant: `https://login.microsoftonline.com/TENANT-ID/v2.0`, one provider for each"
                    }
                };
                self.error(node.at, cause.to_string(), help);
                None
            }
        }
    }

    /// The domains of one provider: at least one.
    fn own_domains(&mut self, node: &Node) -> Vec<Domain> {
        self.some(node, "domain");
        self.list_of(node)
    }

    /// `client_secret_file`, or `client_secret: env:NAME`, or none.
    fn client_secret(&mut self, fields: &Fields<'_>) -> Option<Arc<SecretText>> {
        match (fields.get("client_secret_file"), fields.get("client_secret")) {
            (Some(_), Some(inline)) => {
                self.error(inline.at, "`client_secret` and `client_secret_file` exclude each other", "keep one of them");
                None
            }
            (Some(file), None) => self.secret_from(file),
            (None, Some(inline)) if inline.as_scalar().is_some_and(|s| s.text.starts_with("env:")) => self.secret_from(inline),
            (None, Some(inline)) => {
                self.error(inline.at, "a secret does not belong into this file", "write `env:NAME`, or use `client_secret_file`");
                None
            }
            (None, None) => None,
        }
    }

    fn mfa_words(&mut self, node: &Node) -> Option<MfaWords> {
        let fields = self.fields(node, &["acr", "amr"], &[])?;
        let mut words = |key: &str| fields.get(key).map(|n| self.words(n));
        let (acr, amr) = (words("acr"), words("amr"));
        // Whoever says how one of the two is written does not mean the usual words of the other as well.
        let usual = if acr.is_some() { Vec::new() } else { MfaWords::default().amr };
        Some(MfaWords { acr: acr.unwrap_or_default(), amr: amr.unwrap_or(usual) })
    }

    fn scopes(&mut self, node: &Node) -> Vec<String> {
        let words = self.words(node);
        words.into_iter().filter(|scope| scope != "openid").collect()
    }

    /// Words as OAuth writes them: no spaces, quotes or backslashes.
    fn words(&mut self, node: &Node) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut read = Vec::new();
        for element in self.some(node, "word") {
            let Some(word) = self.line(element) else { continue };
            if !word.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')) {
                self.error(element.at, format!("`{word}` is no word that a provider could read"), None);
            } else if seen.insert(word.clone()) {
                read.push(word);
            } else {
                self.error(element.at, "this is in the list already", None);
            }
        }
        read
    }

    pub(super) fn outbound(&mut self, node: &Node) -> Option<Outbound> {
        let fields = self.fields(node, &["allow"], &[])?;
        let mut allow: Vec<Prefix> = Vec::new();
        for element in fields.get("allow").map(|n| self.elements(n)).unwrap_or_default() {
            let Some(text) = self.reader.text(element) else { continue };
            match Prefix::parse(text) {
                Ok((prefix, true)) => {
                    let help = format!("write `{prefix}`");
                    self.reader.error(element.at, format!("`{text}` has bits behind its length"), Some(help));
                }
                Ok((prefix, false)) => allow.push(prefix),
                Err(cause) => self.error(element.at, cause.to_string(), None),
            }
        }
        Some(Outbound { allow })
    }
}

/// Whether an address could belong to both.
fn overlap(one: &Domain, other: &Domain) -> bool {
    let example = |domain: &Domain| domain.to_string().replace('*', "x");
    one == other || one.matches(&example(other)) || other.matches(&example(one))
}
