//! Policies back to text: what is read from it is what was printed.
//!
//! Names are printed as names, so the text belongs beside the definitions that it came with. Comments, the order of keys and other
//! spellings of the same are not kept.

use std::{fmt::Write as _, sync::Arc};

use super::{
    ast::{Apps, Cond, DomainGlob, GuestFor, Network, Policy, State, Test},
    outcome::SessionLimits,
    require::{Method, Requirement, Strength, Terms},
    schedule::{DAY, Schedule},
    words::Downloads,
};

/// A file of policies.
pub(super) fn file<'p>(apps: &Apps, policies: impl IntoIterator<Item = &'p Policy>) -> String {
    let mut text = match apps {
        Apps::All => "apps: all\n".to_owned(),
        Apps::These(ids) => match ids.as_slice() {
            [one] => format!("app: {}\n", scalar(one.as_str())),
            more => format!("apps: {}\n", flow(more.iter().map(|id| scalar(id.as_str())))),
        },
    };
    text.push_str("\npolicies:\n");
    for (ix, one) in policies.into_iter().enumerate() {
        text.push_str(if ix > 0 { "\n" } else { "" });
        text.push_str(&policy(one));
    }
    text
}

/// One policy, as an item of `policies:`.
fn policy(policy: &Policy) -> String {
    let mut lines = vec![format!("name: {}", scalar(policy.name.as_str()))];
    lines.extend(policy.description.as_ref().map(|text| format!("description: {}", scalar(text))));
    if policy.state != State::Enforced {
        lines.push(format!("state: {}", policy.state));
    }
    if policy.principal != Cond::ALWAYS {
        lines.push(format!("for: {}", principal(&policy.principal)));
    }
    if policy.when != Cond::ALWAYS {
        lines.push(format!("when: {}", mapping(&policy.when)));
    }
    if policy.unless != Cond::NEVER {
        lines.push(format!("unless: {}", mapping(&policy.unless)));
    }
    lines.extend(policy.block.as_ref().map(|text| format!("block: {}", scalar(text))));
    if !policy.require.is_empty() {
        lines.push(format!("require: {}", flow(policy.require.iter().map(requirement))));
    }
    let says_more = policy.block.is_some() || !policy.require.is_empty();
    if policy.session != SessionLimits::default() || !says_more {
        lines.push(format!("session: {}", session(&policy.session)));
    }
    format!("  - {}\n", lines.join("\n    "))
}

/// `for`, with what stands under `except` apart.
fn principal(cond: &Cond) -> String {
    match cond {
        Cond::All(parts) => match parts.as_slice() {
            [who] => mapping(who),
            [Cond::All(who), Cond::Not(except)] if is_mapping(except) => {
                let mut entries = entries(who);
                entries.push(format!("except: {}", mapping(except)));
                braced(&entries)
            }
            _ => mapping(cond),
        },
        Cond::Any(_) | Cond::Not(_) | Cond::Is(_) => mapping(cond),
    }
}

/// Whether the condition is what a mapping is read as.
fn is_mapping(cond: &Cond) -> bool {
    matches!(cond, Cond::All(_))
}

/// A condition as a mapping whose keys must all hold.
fn mapping(cond: &Cond) -> String {
    match cond {
        Cond::All(parts) => braced(&entries(parts)),
        Cond::Any(_) | Cond::Not(_) | Cond::Is(_) => braced(&[entry(cond)]),
    }
}

/// Every part as a key with its value; a key that is there already goes under `all`.
fn entries(parts: &[Cond]) -> Vec<String> {
    let printed: Vec<String> = parts.iter().map(entry).collect();
    let key = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    let doubled = |ix: usize, text: &String| printed.iter().take(ix).any(|other| key(other) == key(text));
    if printed.iter().enumerate().any(|(ix, text)| doubled(ix, text)) {
        return vec![format!("all: {}", flow(printed.iter().map(|text| braced(std::slice::from_ref(text)))))];
    }
    printed
}

/// A part of a mapping: its key and its value.
fn entry(cond: &Cond) -> String {
    match cond {
        Cond::Is(test) => entry_of(std::slice::from_ref(test)),
        Cond::Not(inner) => format!("not: {}", mapping(inner)),
        Cond::All(list) => match tests(list) {
            Some(tests) if tests.iter().all(|t| matches!(t, Test::Attribute(..)) || matches!(t, Test::Header(..))) => entry_of(&tests),
            Some(_) | None => format!("all: {}", flow(list.iter().map(mapping))),
        },
        Cond::Any(list) => match tests(list) {
            Some(tests) if tests.iter().all(is_one_of_several) => entry_of(&tests),
            Some(_) | None => format!("any: {}", flow(list.iter().map(mapping))),
        },
    }
}

/// The tests, if the list has nothing else and all ask the same kind of thing.
fn tests(list: &[Cond]) -> Option<Vec<Test>> {
    let tests: Option<Vec<Test>> = list.iter().map(|c| if let Cond::Is(test) = c { Some(test.clone()) } else { None }).collect();
    let alike = |tests: &Vec<Test>| tests.windows(2).all(|w| matches!(w, [a, b] if std::mem::discriminant(a) == std::mem::discriminant(b)));
    tests.filter(|tests| !tests.is_empty() && alike(tests))
}

/// Whether several values of the key are several tests.
fn is_one_of_several(test: &Test) -> bool {
    matches!(test, Test::Schedule(_) | Test::Before(_) | Test::After(_) | Test::GuestFor(_))
}

/// The key and the value of tests that stand in one entry.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other test is a key and its values")]
fn entry_of(tests: &[Test]) -> String {
    let Some(first) = tests.first() else { return "all: []".to_owned() };
    let (key, value) = match first {
        Test::Attribute(..) => ("attribute", braced(&tests.iter().filter_map(named_values).collect::<Vec<_>>())),
        Test::Header(..) => ("header", braced(&tests.iter().filter_map(named_values).collect::<Vec<_>>())),
        Test::Network(networks) => ("network", one_or_flow(network_words(networks))),
        _ => (key_of(first), one_or_flow(tests.iter().flat_map(words).collect())),
    };
    format!("{key}: {value}")
}

/// `name: values`, of an attribute or a header.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other test has a name and values")]
fn named_values(test: &Test) -> Option<String> {
    match test {
        Test::Attribute(name, values) => Some(format!("{}: {}", scalar(name), one_or_flow(values.iter().map(|v| scalar(v)).collect()))),
        Test::Header(name, patterns) => {
            Some(format!("{}: {}", scalar(name), one_or_flow(patterns.iter().map(|p| scalar(&p.text)).collect())))
        }
        _ => None,
    }
}

fn network_words(networks: &[Arc<Network>]) -> Vec<String> {
    let words = |network: &Arc<Network>| {
        if network.is_named() {
            vec![scalar(&network.name)]
        } else {
            network.prefixes.iter().map(|prefix| scalar(&prefix.to_string())).collect()
        }
    };
    networks.iter().flat_map(words).collect()
}

/// The key of a test.
fn key_of(test: &Test) -> &'static str {
    match test {
        Test::Kind(_) => "kind",
        Test::Email(_) => "email",
        Test::Organization(_) => "organization",
        Test::Group(_) => "group",
        Test::Attribute(..) => "attribute",
        Test::InvitedBy(_) => "invited-by",
        Test::Role(_) => "role",
        Test::Network(_) => "network",
        Test::Country(_) => "country",
        Test::Asn(_) => "asn",
        Test::Platform(_) => "platform",
        Test::Device(_) => "device",
        Test::Client(_) => "client",
        Test::Method(_) => "method",
        Test::Path(_) => "path",
        Test::Header(..) => "header",
        Test::Schedule(_) => "schedule",
        Test::Before(_) => "before",
        Test::After(_) => "after",
        Test::SignedInWith(_) => "signed-in-with",
        Test::Risk(_) => "risk",
        Test::GuestFor(_) => "guest-for",
    }
}

/// The values of a test.
fn words(test: &Test) -> Vec<String> {
    match test {
        Test::Kind(kinds) => kinds.iter().map(|k| scalar(k.as_str())).collect(),
        Test::Email(globs) => globs.iter().map(|g| scalar(&g.text)).collect(),
        Test::Organization(domains) => domains.iter().map(domain).collect(),
        Test::Group(names) | Test::Role(names) => names.iter().map(|n| scalar(n.as_str())).collect(),
        Test::InvitedBy(sponsors) => sponsors.iter().map(|s| scalar(s.as_str())).collect(),
        Test::Country(countries) => countries.iter().map(|c| scalar(&c.to_string())).collect(),
        Test::Asn(numbers) => numbers.iter().map(ToString::to_string).collect(),
        Test::Platform(platforms) => platforms.iter().map(|p| scalar(p.as_str())).collect(),
        Test::Device(devices) => devices.iter().map(|d| scalar(d.as_str())).collect(),
        Test::Client(clients) => clients.iter().map(|c| scalar(c.as_str())).collect(),
        Test::Method(methods) => methods.iter().map(|m| scalar(m)).collect(),
        Test::Path(globs) => globs.iter().map(|g| scalar(g.as_str())).collect(),
        Test::Schedule(schedule) => vec![scalar(schedule.name.as_str())],
        Test::Before(at) | Test::After(at) => vec![scalar(&at.to_string())],
        Test::SignedInWith(methods) => methods.iter().map(|m| scalar(&m.to_string())).collect(),
        Test::Risk(risk) => vec![scalar(risk.as_str())],
        Test::GuestFor(GuestFor::Under(span)) => vec![scalar(&format!("< {span}"))],
        Test::GuestFor(GuestFor::AtLeast(span)) => vec![scalar(&format!("> {span}"))],
        Test::Network(_) | Test::Attribute(..) | Test::Header(..) => Vec::new(),
    }
}

fn domain(glob: &DomainGlob) -> String {
    match glob {
        DomainGlob::Exactly(domain) => scalar(domain),
        DomainGlob::Below(domain) => scalar(&format!("*.{domain}")),
    }
}

/// An item of `require`.
fn requirement(item: &Requirement) -> String {
    match item {
        Requirement::Any(items) => format!("{{ any: {} }}", flow(items.iter().map(requirement))),
        Requirement::Method(Method::Federated(Some(provider))) => format!("{{ federated: {} }}", scalar(provider.as_str())),
        Requirement::Method(Method::FederatedMfa(Some(provider))) => format!("{{ federated-mfa: {} }}", scalar(provider.as_str())),
        Requirement::Terms(terms) => format!("{{ terms: {} }}", scalar(terms.name.as_str())),
        Requirement::FreshSignIn(_) | Requirement::Approval { .. } => format!("{{ {item} }}"),
        Requirement::Mfa | Requirement::Method(_) | Requirement::Strength(_) | Requirement::KnownDevice | Requirement::Justification => {
            scalar(&item.to_string())
        }
    }
}

fn session(limits: &SessionLimits) -> String {
    let mut parts = Vec::new();
    parts.extend(limits.idle.map(|span| format!("idle: {span}")));
    parts.extend(limits.lifetime.map(|span| format!("lifetime: {span}")));
    parts.extend(limits.persistent.map(|persistent| format!("persistent: {persistent}")));
    parts.extend(limits.read_only.then(|| "read-only: true".to_owned()));
    parts.extend(limits.concurrent.map(|n| format!("concurrent: {n}")));
    if !limits.bind.is_empty() {
        parts.push(format!("bind: {}", flow(limits.bind.iter().map(|b| b.to_string()))));
    }
    parts.extend((limits.downloads == Downloads::Deny).then(|| "downloads: deny".to_owned()));
    if parts.is_empty() {
        // A policy must say something, and this says that nothing is withheld.
        parts.push("read-only: false".to_owned());
    }
    braced(&parts)
}

/// The file of definitions.
pub(super) fn definitions(
    networks: &[&Network],
    schedules: &[&Schedule],
    strengths: &[&Strength],
    terms: &[&Terms],
    risky: &[Arc<Network>],
) -> String {
    let mut text = String::new();
    let mut section = |key: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(text, "{key}:\n  {}", lines.join("\n  "));
        }
    };
    section("networks", networks.iter().map(|n| network(n)).collect());
    section("schedules", schedules.iter().map(|s| schedule(s)).collect());
    let methods = |all: &[Method]| flow(all.iter().map(|m| scalar(&m.to_string())));
    let strength = |s: &&Strength| format!("{}: {}", scalar(s.name.as_str()), flow(s.combinations.iter().map(|all| methods(all))));
    section("strengths", strengths.iter().map(strength).collect());
    section("terms", terms.iter().map(|t| self::terms(t)).collect());
    if !risky.is_empty() {
        section("risk", vec![format!("networks: {}", one_or_flow(network_words(risky)))]);
    }
    text
}

fn network(network: &Network) -> String {
    let prefixes = network.prefixes.iter().map(|prefix| scalar(&prefix.to_string()));
    format!("{}: {}", scalar(&network.name), flow(prefixes))
}

fn terms(terms: &Terms) -> String {
    let renew = terms.renew.map_or_else(String::new, |span| format!(", renew: {span}"));
    format!("{}: {{ file: {}, version: {}{renew} }}", scalar(terms.name.as_str()), scalar(&terms.file), terms.version)
}

fn schedule(schedule: &Schedule) -> String {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut parts = Vec::new();
    if schedule.days & 0x7f != 0x7f {
        let days = DAYS.iter().enumerate().filter(|(ix, _)| schedule.days >> ix & 1 == 1).map(|(_, day)| (*day).to_owned());
        parts.push(format!("days: {}", flow(days)));
    }
    let clock = |ms: i64| format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60);
    if schedule.hours != [(0, DAY)] {
        let hours = schedule.hours.iter().map(|(begin, end)| scalar(&format!("{}-{}", clock(*begin), clock(*end))));
        parts.push(format!("hours: {}", flow(hours)));
    }
    parts.push(format!("timezone: {}", scalar(schedule.zone.tz.iana_name().unwrap_or("UTC"))));
    if !schedule.except.is_empty() {
        let date = |day: i64| {
            let zero = jiff::civil::date(1970, 1, 1);
            zero.checked_add(jiff::Span::new().days(day)).map_or_else(|_| String::new(), |date| date.to_string())
        };
        let except = schedule.except.iter().map(|(first, last)| scalar(&format!("{}..{}", date(*first), date(*last))));
        parts.push(format!("except: {}", flow(except)));
    }
    format!("{}: {}", scalar(schedule.name.as_str()), braced(&parts))
}

fn braced(parts: &[String]) -> String {
    format!("{{ {} }}", parts.join(", "))
}

fn flow(parts: impl Iterator<Item = String>) -> String {
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}

fn one_or_flow(parts: Vec<String>) -> String {
    match parts.as_slice() {
        [one] => one.clone(),
        _ => flow(parts.into_iter()),
    }
}

/// Text as YAML reads it back, in quotes wherever there may be doubt.
pub(super) fn scalar(text: &str) -> String {
    let head = |b: u8| b.is_ascii_lowercase() || b.is_ascii_uppercase() || b == b'/';
    let rest = |b: u8| b.is_ascii_alphanumeric() || b"/-._@+".contains(&b);
    let plain = text.bytes().next().is_some_and(head) && text.bytes().all(rest);
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].iter().any(|w| w.eq_ignore_ascii_case(text));
    // Only its state may be `off` without quotes.
    if plain && !word {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2fff}' if !('\u{2028}'..='\u{2029}').contains(&c) => quoted.push(c),
            c => drop(write!(quoted, "\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}
