//! Conditions: who, from where, what, when, how signed in.

use std::{net::IpAddr, sync::Arc};

use crate::base::{
    At, Country, Host, Kind, Name, NameError, PathGlob, Wildcard,
    yaml::{Entry, Node, Value},
};

use super::{
    super::{
        ast::{AddressGlob, Cond, DomainGlob, GuestFor, Network, Pattern, Test, Whence},
        words::{Client, Device, Devices, Platform, Risk},
    },
    Parser,
};

/// Which keys may stand in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those about the person: `for` and `except`.
    Principal,
    /// All, where holding restricts: `when`.
    When,
    /// All, where holding admits: `unless`, and what stands under `not`.
    Unless,
    /// All, where nothing is admitted or restricted: statements.
    Statement,
}

impl Scope {
    /// That of a condition under `not`.
    fn turned(self) -> Self {
        match self {
            Self::Principal | Self::Statement => self,
            Self::When | Self::Unless => Self::Unless,
        }
    }
}

pub(super) const NESTING: [&str; 3] = ["any", "all", "not"];
pub(super) const PRINCIPAL: [&str; 7] = ["kind", "email", "organization", "group", "attribute", "invited-by", "role"];
pub(super) const OTHERS: [&str; 15] = [
    "network",
    "country",
    "asn",
    "platform",
    "client",
    "device",
    "method",
    "path",
    "header",
    "schedule",
    "before",
    "after",
    "signed-in-with",
    "risk",
    "guest-for",
];

impl Parser<'_> {
    /// A condition in which every key may stand.
    pub(in super::super) fn any_condition(&mut self, node: &Node) -> Cond {
        self.condition(node, Scope::Statement)
    }

    /// A condition: a mapping whose keys must all hold.
    pub(super) fn condition(&mut self, node: &Node, scope: Scope) -> Cond {
        self.condition_but(node, scope, "")
    }

    /// `for`: a condition on the person, with `except:`.
    pub(super) fn principal(&mut self, node: &Node) -> Cond {
        let mut all = vec![self.condition_but(node, Scope::Principal, "except")];
        if let Some(except) = node.entry("except") {
            all.push(Cond::Not(Box::new(self.condition(except, Scope::Principal))));
        }
        Cond::All(all)
    }

    /// A condition that leaves one key to the caller.
    fn condition_but(&mut self, node: &Node, scope: Scope, own: &str) -> Cond {
        if let Value::List(_) = node.value {
            let help = "write `any: […]` if one of them is enough, `all: […]` if each must hold";
            self.read.error(node.at, "a list is not a condition", Some(help.to_owned()));
            return Cond::ALWAYS;
        }
        let entries = self.read.any_map(node).unwrap_or_default();
        Cond::All(entries.iter().filter(|e| e.key != own).map(|entry| self.key(entry, scope)).collect())
    }

    fn key(&mut self, entry: &Entry, scope: Scope) -> Cond {
        let node = &entry.value;
        match entry.key.as_str() {
            "any" => Cond::Any(self.nested(node, scope)),
            "all" => Cond::All(self.nested(node, scope)),
            "not" => Cond::Not(Box::new(self.condition(node, scope.turned()))),
            key if PRINCIPAL.contains(&key) => self.about_person(key, node),
            key if scope == Scope::Principal && OTHERS.contains(&key) => {
                let help = "move it to `when` or `unless`".to_owned();
                self.read.error(entry.at, format!("`{key}` does not say who somebody is, so it cannot stand here"), Some(help));
                Cond::ALWAYS
            }
            "country" => Cond::Is(Test::Country(self.each(node, |p, n| p.whence(n, scope)))),
            key if OTHERS.contains(&key) => self.about_request(key, node),
            key => {
                self.unknown_key(key, entry.at, scope);
                Cond::ALWAYS
            }
        }
    }

    fn unknown_key(&mut self, key: &str, at: At, scope: Scope) {
        let mut known: Vec<&str> = NESTING.iter().chain(&PRINCIPAL).copied().collect();
        if scope != Scope::Principal {
            known.extend(OTHERS);
        }
        self.read.unknown("condition", key, at, &known);
    }

    fn nested(&mut self, node: &Node, scope: Scope) -> Vec<Cond> {
        self.each(node, |p, n| Some(p.condition(n, scope)))
    }

    fn about_person(&mut self, key: &str, node: &Node) -> Cond {
        Cond::Is(match key {
            "kind" => {
                let kinds = [("guest", Kind::Guest), ("member", Kind::Member)];
                Test::Kind(self.each(node, |p, n| p.word(n, "kind", &kinds)))
            }
            "email" => Test::Email(self.each(node, Self::address_glob)),
            "organization" => Test::Organization(self.each(node, Self::domain_glob)),
            "group" => Test::Group(self.each(node, |p, n| p.read.parsed(n))),
            "invited-by" => Test::InvitedBy(self.each(node, |p, n| p.read.parsed(n))),
            "role" => Test::Role(self.each(node, |p, n| p.read.parsed(n))),
            _ => return self.attributes(node),
        })
    }

    fn attributes(&mut self, node: &Node) -> Cond {
        let entries = self.read.any_map(node).unwrap_or_default();
        let attribute = |entry: &Entry| {
            let values = self.each(&entry.value, |p, n| p.read.text(n).map(Box::from));
            Cond::Is(Test::Attribute(entry.key.as_str().into(), values))
        };
        Cond::All(entries.iter().map(attribute).collect())
    }

    fn about_request(&mut self, key: &str, node: &Node) -> Cond {
        let any = |tests: Vec<Test>| Cond::Any(tests.into_iter().map(Cond::Is).collect());
        match key {
            "network" => Cond::Is(Test::Network(self.networks(node))),
            "asn" => Cond::Is(Test::Asn(self.each(node, Self::asn))),
            "platform" => {
                let platforms = Platform::ALL.map(|p| (p.as_str(), p));
                Cond::Is(Test::Platform(self.each(node, |p, n| p.word(n, "platform", &platforms))))
            }
            "device" => {
                let devices = Device::ALL.map(|d| (d.as_str(), d));
                Cond::Is(Test::Device(Devices::of(&self.each(node, |p, n| p.word(n, "device", &devices)))))
            }
            "risk" => {
                let risks = Risk::ALL.map(|r| (r.as_str(), r));
                let least = self.each(node, |p, n| p.word(n, "risk", &risks)).into_iter().min();
                Cond::Is(Test::Risk(least.unwrap_or_default()))
            }
            "client" => {
                let clients = Client::ALL.map(|c| (c.as_str(), c));
                Cond::Is(Test::Client(self.each(node, |p, n| p.word(n, "client", &clients))))
            }
            "method" => Cond::Is(Test::Method(self.each(node, Self::method))),
            "path" => Cond::Is(Test::Path(self.each(node, Self::path_glob))),
            "header" => self.headers(node),
            "schedule" => any(self.each(node, Self::schedule)),
            "before" => any(self.each(node, |p, n| p.read.parsed(n).map(Test::Before))),
            "after" => any(self.each(node, |p, n| p.read.parsed(n).map(Test::After))),
            "signed-in-with" => Cond::Is(Test::SignedInWith(self.each(node, |p, n| p.factor(n)))),
            _ => any(self.each(node, Self::guest_for)),
        }
    }

    fn headers(&mut self, node: &Node) -> Cond {
        let entries = self.read.any_map(node).unwrap_or_default();
        let mut all = Vec::new();
        for entry in entries {
            if entry.key.is_empty() || !entry.key.bytes().all(is_token) {
                self.read.error(entry.at, format!("`{}` is not the name of a header", entry.key), None);
            }
            let values = self.each(&entry.value, |p, n| {
                let text = p.read.text(n)?;
                Some(Pattern { text: text.into(), wildcard: Wildcard::new(text) })
            });
            all.push(Cond::Is(Test::Header(entry.key.to_ascii_lowercase().into(), values)));
        }
        Cond::All(all)
    }

    /// A country, or `unknown` where that can only restrict.
    fn whence(&mut self, node: &Node, scope: Scope) -> Option<Whence> {
        let text = self.read.text(node)?;
        if text == "unknown" {
            if scope == Scope::Unless {
                let help = "it would admit whom we know least about: say in `when` what unknown countries must not do".to_owned();
                self.read.error(node.at, "`country: unknown` cannot stand in `unless` or under `not`", Some(help));
            }
            return Some(Whence::Unknown);
        }
        self.country(node).map(Whence::Country)
    }

    /// The two letters of a country.
    pub(super) fn country(&mut self, node: &Node) -> Option<Country> {
        let text = self.read.text(node)?;
        let found = Country::parse(text);
        if found.is_err() {
            let upper = text.to_ascii_uppercase();
            let meant = match upper.as_str() {
                "UK" => Some("GB"),
                "EL" => Some("GR"),
                other => Country::parse(other).is_ok().then_some(other),
            };
            let help = meant.map(|meant| format!("write `{meant}`"));
            self.read.error(node.at, format!("`{text}` is not a country: two upper-case letters of ISO 3166-1 are expected"), help);
        }
        found.ok()
    }

    /// The number of an autonomous system.
    pub(super) fn asn(&mut self, node: &Node) -> Option<u32> {
        if let Some(digits) = node.as_scalar().and_then(|s| s.text.strip_prefix("AS"))
            && digits.parse::<u32>().is_ok()
        {
            self.read.error(node.at, format!("`AS{digits}` is not a number"), Some(format!("write `{digits}`")));
            return None;
        }
        // A statement has no numbers, only text.
        match node.as_scalar().filter(|s| !s.plain && s.text.bytes().all(|b| b.is_ascii_digit())).map(|s| s.text.parse()) {
            Some(Ok(number)) => Some(number),
            Some(Err(_)) | None => self.read.integer(node),
        }
    }

    fn method(&mut self, node: &Node) -> Option<Box<str>> {
        let text = self.read.text(node)?;
        if text.is_empty() || !text.bytes().all(is_token) || text.bytes().any(|b| b.is_ascii_lowercase()) {
            let help = format!("write `{}`", text.to_ascii_uppercase());
            let help = (!text.is_empty() && text.bytes().all(is_token)).then_some(help);
            self.read.error(node.at, format!("`{text}` is not a method: methods are upper case"), help);
            return None;
        }
        Some(text.into())
    }

    fn path_glob(&mut self, node: &Node) -> Option<PathGlob> {
        let text = self.read.text(node)?;
        let mut read = Vec::new();
        for rules in self.paths {
            match PathGlob::parse(text, rules) {
                Ok(glob) => read.push(glob),
                Err(cause) => {
                    self.read.error(node.at, format!("`{text}`: {cause}"), None);
                    return None;
                }
            }
        }
        read.into_iter().next()
    }

    fn schedule(&mut self, node: &Node) -> Option<Test> {
        let name = self.read.text(node)?;
        let found = self.definitions.schedule(name);
        if found.is_none() {
            let known = self.definitions.schedule_names();
            self.read.unknown("schedule", name, node.at, &known.iter().map(String::as_str).collect::<Vec<_>>());
        }
        found.map(Test::Schedule)
    }

    fn guest_for(&mut self, node: &Node) -> Option<Test> {
        let text = self.read.text(node)?;
        let span = |digits: &str| digits.trim().parse().ok();
        let test = match (text.strip_prefix('<'), text.strip_prefix('>')) {
            (Some(rest), _) => span(rest).map(GuestFor::Under),
            (_, Some(rest)) => span(rest).map(GuestFor::AtLeast),
            (None, None) => None,
        };
        if test.is_none() {
            let help = "write `\"< 7d\"` or `\"> 90d\"`".to_owned();
            self.read.error(node.at, format!("`{text}` is not a time since redemption"), Some(help));
        }
        test.map(Test::GuestFor)
    }

    /// Named networks, and what is written out as one more.
    pub(super) fn networks(&mut self, node: &Node) -> Vec<Arc<Network>> {
        let (mut networks, mut written) = (Vec::new(), Vec::new());
        for node in self.read.list(node).unwrap_or_default() {
            let Some(text) = self.read.text(node) else { continue };
            if text.contains(['.', ':', '/']) {
                written.extend(self.prefix(node));
            } else if let Some(network) = self.definitions.network(text) {
                networks.push(network);
            } else {
                let known = self.definitions.network_names();
                self.read.unknown("network", text, node.at, &known.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        if !written.is_empty() {
            networks.push(self.definitions.literal(written));
        }
        networks
    }

    /// Networks in a mapping of definitions or in a test have addresses in the same words.
    pub(super) fn address(&mut self, node: &Node) -> Option<IpAddr> {
        let text = self.read.text(node)?;
        match text.parse() {
            Ok(ip) => Some(ip),
            Err(_) => {
                self.read.error(node.at, format!("`{text}` is not an address such as `203.0.113.9`"), None);
                None
            }
        }
    }

    fn address_glob(&mut self, node: &Node) -> Option<AddressGlob> {
        let text = self.read.text(node)?;
        let glob = address_glob(text);
        if glob.is_none() {
            let help = "write `ann@partner.example` or `*@partner.example`".to_owned();
            self.read.error(node.at, format!("`{text}` is not an address or a pattern of addresses"), Some(help));
        }
        glob
    }

    fn domain_glob(&mut self, node: &Node) -> Option<DomainGlob> {
        let text = self.read.text(node)?;
        let (below, domain) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        match Host::parse(domain) {
            Ok(host) if below => Some(DomainGlob::Below(host.as_str().into())),
            Ok(host) => Some(DomainGlob::Exactly(host.as_str().into())),
            Err(_) => {
                let help = "write `partner.example`, or `*.partner.example` for all below it".to_owned();
                self.read.error(node.at, format!("`{text}` is not a domain"), Some(help));
                None
            }
        }
    }
}

/// A character of a method or a header's name.
pub(super) fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

fn address_glob(text: &str) -> Option<AddressGlob> {
    let (local, domain) = text.split_once('@')?;
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    if local.is_empty() || !local.bytes().all(atom) || domain.is_empty() {
        return None;
    }
    let labels: Option<Vec<String>> = domain.split('.').map(label).collect();
    Some(AddressGlob { text: text.into(), local: Wildcard::new(&local.to_ascii_lowercase()), domain: Wildcard::new(&labels?.join(".")) })
}

/// A label of a domain in its one spelling; one with a star is taken as it is.
fn label(text: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_*".contains(&b);
    if text.is_ascii() {
        (!text.is_empty() && text.bytes().all(plain)).then(|| text.to_ascii_lowercase())
    } else {
        // The last label of a host is no number; alone, any label is the last.
        Host::parse(text).ok().map(|host| host.to_string())
    }
}

/// A name of the language's own spelling: no dots and no underscores.
pub(super) fn hyphened(text: &str) -> Result<Name, NameError> {
    Name::parse(text).ok().filter(|_| !text.contains(['.', '_'])).ok_or_else(|| NameError::Name(text.to_owned()))
}
