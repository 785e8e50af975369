//! `definitions.yaml`: names that policies use.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{civil::Date, tz::TimeZoneDatabase};

use crate::base::{
    At, Name, Prefix, Report, Source,
    yaml::{self, Entry, Node, Reader, Value},
};

use super::{
    super::{
        ast::Network,
        require::{Strength, Terms},
        schedule::{DAY, Schedule, Zone},
        set::Universe,
    },
    Parser,
    require::RESERVED,
};

/// What definitions say, and which of it policies use.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Definitions {
    networks: BTreeMap<String, Defined<Arc<Network>>>,
    schedules: BTreeMap<String, Defined<Arc<Schedule>>>,
    strengths: BTreeMap<String, Defined<Arc<Strength>>>,
    terms: BTreeMap<String, Defined<Arc<Terms>>>,
    /// Networks whose addresses raise the risk.
    risky: Vec<Arc<Network>>,
    /// Prefixes that are written out in conditions.
    literals: HashMap<Vec<Prefix>, Arc<Network>>,
    /// Sources of all networks, in the order of their numbers.
    all: Vec<Arc<Network>>,
}

#[derive(Debug, Clone)]
struct Defined<T> {
    value: T,
    at: At,
    used: bool,
}

impl<T: Clone> Defined<T> {
    fn take(&mut self) -> T {
        self.used = true;
        self.value.clone()
    }
}

impl Definitions {
    pub(super) fn network(&mut self, name: &str) -> Option<Arc<Network>> {
        self.networks.get_mut(name).map(Defined::take)
    }

    pub(super) fn schedule(&mut self, name: &str) -> Option<Arc<Schedule>> {
        self.schedules.get_mut(name).map(Defined::take)
    }

    pub(super) fn strength(&mut self, name: &str) -> Option<Arc<Strength>> {
        self.strengths.get_mut(name).map(Defined::take)
    }

    pub(super) fn terms(&mut self, name: &str) -> Option<Arc<Terms>> {
        self.terms.get_mut(name).map(Defined::take)
    }

    /// The same where a test names them: that is no use of them.
    pub(super) fn given_terms(&self, name: &str) -> Option<&Arc<Terms>> {
        self.terms.get(name).map(|d| &d.value)
    }

    /// What facts may name.
    pub(in super::super) fn for_facts(&self) -> Self {
        Self { terms: self.terms.clone(), ..Self::default() }
    }

    /// All terms, used or not.
    pub(in super::super) fn all_terms(&self) -> impl Iterator<Item = &Arc<Terms>> {
        self.terms.values().map(|d| &d.value)
    }

    /// All networks that have a name.
    pub(in super::super) fn all_networks(&self) -> impl Iterator<Item = &Network> {
        self.networks.values().map(|d| &*d.value)
    }

    /// All schedules.
    pub(in super::super) fn all_schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().map(|d| &*d.value)
    }

    /// All strengths.
    pub(in super::super) fn all_strengths(&self) -> impl Iterator<Item = &Strength> {
        self.strengths.values().map(|d| &*d.value)
    }

    pub(super) fn terms_names(&self) -> Vec<String> {
        self.terms.keys().cloned().collect()
    }

    pub(super) fn network_names(&self) -> Vec<String> {
        self.networks.keys().cloned().collect()
    }

    pub(super) fn schedule_names(&self) -> Vec<String> {
        self.schedules.keys().cloned().collect()
    }

    pub(super) fn strength_names(&self) -> Vec<String> {
        self.strengths.keys().cloned().collect()
    }

    /// The network that these prefixes are.
    pub(super) fn literal(&mut self, mut prefixes: Vec<Prefix>) -> Arc<Network> {
        prefixes.sort_unstable();
        prefixes.dedup();
        if let Some(known) = self.literals.get(&prefixes) {
            return known.clone();
        }
        let name = prefixes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let network = self.add(&name, prefixes.clone());
        self.literals.insert(prefixes, network.clone());
        network
    }

    fn add(&mut self, name: &str, prefixes: Vec<Prefix>) -> Arc<Network> {
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let network = Arc::new(Network { id, name: name.into(), prefixes });
        self.all.push(network.clone());
        network
    }

    /// The networks whose addresses raise the risk.
    pub(in super::super) fn risky(&self) -> &[Arc<Network>] {
        &self.risky
    }

    /// Every prefix of every network, with the network's number.
    pub(in super::super) fn prefixes(&self) -> impl Iterator<Item = (Prefix, u32)> {
        self.all.iter().flat_map(|network| network.prefixes.iter().map(|prefix| (*prefix, network.id)))
    }

    /// Warns of definitions that no policy uses.
    pub(in super::super) fn warn_unused(&self, source: &Source, report: &mut Report) {
        let networks = self.networks.iter().map(|(name, d)| ("network", name, d.at, d.used));
        let schedules = self.schedules.iter().map(|(name, d)| ("schedule", name, d.at, d.used));
        let strengths = self.strengths.iter().map(|(name, d)| ("strength", name, d.at, d.used));
        let terms = self.terms.iter().map(|(name, d)| ("terms", name, d.at, d.used));
        for (what, name, at, used) in networks.chain(schedules).chain(strengths).chain(terms) {
            if !used {
                report.warning(source, at, format!("no policy uses the {what} `{name}`"), None);
            }
        }
    }
}

/// The lists and the texts that definitions name by `{ file: … }`, so that somebody can read them. What is wrong is said when the set is built.
pub(in super::super) fn lists_of(source: &Source) -> Vec<String> {
    let root = yaml::parse(source, &mut Report::new());
    let file = |entry: &Entry| Some(entry.value.entry("file")?.as_scalar()?.text.clone()).filter(|path| is_inside(path));
    let mut found = Vec::new();
    for section in ["networks", "terms"] {
        if let Some(Node { value: Value::Map(entries), .. }) = root.as_ref().and_then(|root| root.entry(section)) {
            found.extend(entries.iter().filter_map(file));
        }
    }
    found
}

/// Whether the path stays in the folder.
fn is_inside(path: &str) -> bool {
    !path.contains(['\\', ':', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Reads `definitions.yaml`.
pub(in super::super) fn definitions(
    source: &Source,
    lists: &BTreeMap<String, Source>,
    known: &Universe,
    report: &mut Report,
) -> Definitions {
    let mut found = Definitions::default();
    let Some(root) = yaml::parse(source, report) else { return found };
    let mut parser = Parser { read: Reader::new(source, report), definitions: &mut found, known, paths: &[] };
    let entries = parser.read.map(&root, &["networks", "schedules", "strengths", "terms", "risk"]).unwrap_or_default();
    let mut risk = None;
    for Entry { key, value, .. } in entries {
        match key.as_str() {
            "networks" => parser.define_networks(value, lists),
            "schedules" => parser.define_schedules(value),
            "strengths" => parser.define_strengths(value),
            "terms" => parser.define_terms(value, lists),
            "risk" => risk = Some(value),
            // Said already.
            _ => {}
        }
    }
    if let Some(risk) = risk {
        parser.define_risk(risk);
    }
    found
}

impl Parser<'_> {
    fn define_networks(&mut self, node: &Node, lists: &BTreeMap<String, Source>) {
        for entry in self.read.any_map(node).unwrap_or_default() {
            self.check_name(entry, "network");
            let prefixes = match entry.value.value {
                Value::Map(_) => self.listed(&entry.value, lists),
                Value::Scalar(_) | Value::List(_) => self.each(&entry.value, Self::prefix),
            };
            let value = self.definitions.add(&entry.key, prefixes);
            self.definitions.networks.insert(entry.key.clone(), Defined { value, at: entry.at, used: false });
        }
    }

    /// An address or a prefix; bits behind the length are masked with a warning.
    pub(super) fn prefix(&mut self, node: &Node) -> Option<Prefix> {
        let text = self.read.text(node)?;
        match Prefix::parse(text) {
            Ok((prefix, masked)) => {
                if masked {
                    self.read.warning(node.at, format!("`{text}` has bits behind its length"), Some(format!("read as `{prefix}`")));
                }
                Some(prefix)
            }
            Err(cause) => {
                self.read.error(node.at, cause.to_string(), None);
                None
            }
        }
    }

    /// `{ file: … }`: one prefix a line, comments with `#`.
    fn listed(&mut self, node: &Node, lists: &BTreeMap<String, Source>) -> Vec<Prefix> {
        self.read.map(node, &["file"]);
        let Some(file) = node.entry("file") else {
            self.read.error(node.at, "`file` is missing", Some("write a list of networks, or `{ file: lists/name.txt }`".to_owned()));
            return Vec::new();
        };
        let Some((_, list)) = self.named_file(file, "list", lists) else { return Vec::new() };
        read_list(list, self.read.report)
    }

    /// A file that lies in the policies' folder, and its path.
    fn named_file<'l>(&mut self, node: &Node, what: &str, lists: &'l BTreeMap<String, Source>) -> Option<(Box<str>, &'l Source)> {
        let path = self.read.text(node)?;
        if !is_inside(path) {
            self.read.error(node.at, format!("`{path}` is not a path inside the policies' folder"), None);
            return None;
        }
        let found = lists.get(path);
        if found.is_none() {
            let help = "it must lie in the policies' folder".to_owned();
            self.read.error(node.at, format!("the {what} `{path}` cannot be read"), Some(help));
        }
        found.map(|source| (path.into(), source))
    }

    /// `{ networks: [name, …] }`: after all networks are known.
    fn define_risk(&mut self, node: &Node) {
        self.read.map(node, &["networks"]);
        if let Some(networks) = node.entry("networks") {
            let risky = self.networks(networks);
            self.definitions.risky = risky;
        }
    }

    fn define_terms(&mut self, node: &Node, lists: &BTreeMap<String, Source>) {
        for entry in self.read.any_map(node).unwrap_or_default() {
            let name = self.check_name(entry, "terms");
            let parts = self.read.map(&entry.value, &["file", "version", "renew"]);
            let part = |key: &str| parts.and_then(|_| entry.value.entry(key));
            for key in ["file", "version"].into_iter().filter(|key| parts.is_some() && part(key).is_none()) {
                let help = "write for example `{ file: terms/data.md, version: 1, renew: 180d }`".to_owned();
                self.read.error(entry.at, format!("the terms `{}` have no `{key}`", entry.key), Some(help));
            }
            let text = part("file").and_then(|node| self.named_file(node, "text", lists));
            let version = part("version").and_then(|node| self.read.integer(node)).unwrap_or(0);
            let renew = part("renew").and_then(|node| self.span(node));
            if let Some(name) = name {
                let (file, text) = text.map_or_else(|| ("".into(), "".into()), |(path, source)| (path, source.text.clone()));
                let value = Arc::new(Terms { name, file, version, renew, text });
                self.definitions.terms.insert(entry.key.clone(), Defined { value, at: entry.at, used: false });
            }
        }
    }

    fn define_schedules(&mut self, node: &Node) {
        let database = TimeZoneDatabase::bundled();
        let mut zones = HashMap::new();
        for entry in self.read.any_map(node).unwrap_or_default() {
            let name = self.check_name(entry, "schedule");
            let parts = self.read.map(&entry.value, &["days", "hours", "timezone", "except"]);
            let part = |key: &str| parts.and_then(|_| entry.value.entry(key));
            let zone = part("timezone").and_then(|node| self.zone(node, &database, &mut zones));
            if parts.is_some() && part("timezone").is_none() {
                let help = "write for example `timezone: Europe/Berlin`".to_owned();
                self.read.error(entry.at, format!("the schedule `{}` has no `timezone`", entry.key), Some(help));
            }
            let days = part("days").map_or(0x7f, |node| self.each(node, Self::days).into_iter().fold(0, |all, some| all | some));
            let hours = part("hours").map_or_else(|| vec![(0, DAY)], |node| self.each(node, Self::hours));
            let except = part("except").map_or_else(Vec::new, |node| self.each(node, Self::dates));
            if let (Some(name), Some(zone)) = (name, zone) {
                let value = Arc::new(Schedule::new(name, zone, days, hours, except));
                self.definitions.schedules.insert(entry.key.clone(), Defined { value, at: entry.at, used: false });
            } else {
                // The name is defined all the same: that it is unknown would be untrue.
                let zone = Arc::new(Zone::new(jiff::tz::TimeZone::UTC));
                if let Ok(name) = Name::parse(&entry.key) {
                    let value = Arc::new(Schedule::new(name, zone, days, hours, except));
                    self.definitions.schedules.insert(entry.key.clone(), Defined { value, at: entry.at, used: true });
                }
            }
        }
    }

    fn zone(&mut self, node: &Node, database: &TimeZoneDatabase, zones: &mut HashMap<String, Arc<Zone>>) -> Option<Arc<Zone>> {
        let text = self.read.text(node)?;
        if let Some(zone) = zones.get(text) {
            return Some(zone.clone());
        }
        let found = database.get(text).ok().filter(|zone| zone.iana_name() == Some(text));
        let Some(tz) = found else {
            let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let near = names.iter().copied().find(|n| n.eq_ignore_ascii_case(text)).or_else(|| crate::base::nearest(text, names));
            self.read.error(node.at, format!("unknown time zone `{text}`"), near.map(|n| format!("did you mean `{n}`?")));
            return None;
        };
        let zone = Arc::new(Zone::new(tz));
        zones.insert(text.to_owned(), zone.clone());
        Some(zone)
    }

    /// `mon` or `fri-mon`, as bits.
    fn days(&mut self, node: &Node) -> Option<u8> {
        let text = self.read.text(node)?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (Some(first), Some(last)) = (weekday(first), weekday(last)) else {
            let help = "write `mon`, `tue`, … or a range such as `mon-fri`".to_owned();
            self.read.error(node.at, format!("`{text}` is not a day of the week"), Some(help));
            return None;
        };
        let length = (last + 7 - first) % 7;
        Some((0..=length).fold(0, |bits, n| bits | 1 << ((first + n) % 7)))
    }

    /// `07:00-19:00`, in milliseconds of the day.
    fn hours(&mut self, node: &Node) -> Option<(i64, i64)> {
        let text = self.read.text(node)?;
        let (begin, end) = text.split_once('-').unwrap_or((text, ""));
        let (Some(begin), Some(end)) = (time(begin).filter(|t| *t < DAY), time(end)) else {
            let help = "write `\"07:00-19:00\"`; 24:00 may be an end".to_owned();
            self.read.error(node.at, format!("`{text}` are not hours of the day"), Some(help));
            return None;
        };
        if begin == end {
            self.read.error(node.at, format!("`{text}` begins when it ends"), Some("write `\"00:00-24:00\"` for the whole day".to_owned()));
            return None;
        }
        Some((begin, end))
    }

    /// `2026-12-24` or `2026-12-24..2026-12-26`, in days since 1970-01-01.
    fn dates(&mut self, node: &Node) -> Option<(i64, i64)> {
        let text = self.read.text(node)?;
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (Some(first), Some(last)) = (epoch_day(first), epoch_day(last)) else {
            let help = "write `2026-12-24`, or `2026-12-24..2026-12-26`".to_owned();
            self.read.error(node.at, format!("`{text}` is not a date"), Some(help));
            return None;
        };
        if last < first {
            self.read.error(node.at, format!("`{text}` ends before it begins"), None);
            return None;
        }
        Some((first, last))
    }

    fn define_strengths(&mut self, node: &Node) {
        for entry in self.read.any_map(node).unwrap_or_default() {
            let name = self.check_name(entry, "strength");
            if RESERVED.contains(&entry.key.as_str()) {
                self.read.error(entry.at, format!("`{}` is a requirement already, so no strength can have the name", entry.key), None);
            }
            let combinations = self.each(&entry.value, |p, n| Some(p.each(n, |p, n| p.factor(n)).into_boxed_slice()));
            if let Some(name) = name {
                let value = Arc::new(Strength { name, combinations: combinations.into() });
                self.definitions.strengths.insert(entry.key.clone(), Defined { value, at: entry.at, used: false });
            }
        }
    }

    fn check_name(&mut self, entry: &Entry, what: &str) -> Option<Name> {
        match Name::parse(&entry.key) {
            Ok(name) if !entry.key.contains('.') => Some(name),
            Ok(_) | Err(_) => {
                let help = "use 1 to 64 of a-z, 0-9, `-` and `_`".to_owned();
                self.read.error(entry.at, format!("`{}` cannot be the name of a {what}", entry.key), Some(help));
                None
            }
        }
    }
}

fn read_list(list: &Source, report: &mut Report) -> Vec<Prefix> {
    let mut prefixes = Vec::new();
    for (ix, line) in list.text.lines().enumerate() {
        let text = line.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let at = At { line: small(ix + 1), column: small(indent + 1), width: small(text.chars().count()) };
        match Prefix::parse(text) {
            Ok((prefix, masked)) => {
                if masked {
                    report.warning(list, at, format!("`{text}` has bits behind its length"), Some(format!("read as `{prefix}`")));
                }
                prefixes.push(prefix);
            }
            Err(cause) => report.error(list, at, cause.to_string(), None),
        }
    }
    prefixes
}

pub(super) fn weekday(text: &str) -> Option<u8> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    days.iter().position(|day| *day == text).and_then(|ix| u8::try_from(ix).ok())
}

/// `07:00`, in milliseconds of the day; `24:00` is the end of it.
pub(super) fn time(text: &str) -> Option<i64> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let two = |a: u8, b: u8| (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'));
    let (hour, minute) = (two(*h1, *h2)?, two(*m1, *m2)?);
    let ms = (hour * 60 + minute) * 60_000;
    (minute < 60 && ms <= DAY).then_some(ms)
}

fn epoch_day(text: &str) -> Option<i64> {
    if text.len() != 10 {
        return None;
    }
    let date: Date = text.parse().ok()?;
    let midnight = date.to_datetime(jiff::civil::Time::midnight()).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second().div_euclid(86_400))
}
