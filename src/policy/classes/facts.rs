//! What a fact can be: one representative for each combination of answers to all that is asked about it.

use std::{collections::HashSet, net::IpAddr};

use crate::base::{Country, EmailAddress, Factor, Kind, Name, Prefix, Span, Timestamp};

use super::{
    super::{
        ast::{GuestFor, Test, Whence},
        facts::PersonFacts,
        person,
        truth::Truth,
        words::{Client, Device, Devices, Platform, Risk},
    },
    TooLarge, clock, paths, people,
    questions::{About, Asked, Question, Questions},
    texts,
};

/// What a fact is in a request that might be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    Kind(Kind),
    Address(EmailAddress),
    Group(Name, Held),
    Attribute(Box<str>, Box<str>, Held),
    InvitedBy(Option<EmailAddress>),
    Role(Option<Name>),
    /// `None` is unknown.
    Ip(Option<IpAddr>),
    Country(Option<Country>),
    Asn(Option<u32>),
    Platform(Option<Platform>),
    Device(Devices),
    Risk(Risk),
    /// The version of some terms, and how long ago; `None`: not accepted.
    Terms(Name, Option<(u32, Span)>),
    /// How long ago.
    Approved(Option<Span>),
    Justified(Held),
    Sending(String, Client),
    /// A request target.
    Path(String),
    /// The lines of one header.
    Header(Box<str>, Vec<String>),
    At(Timestamp),
    GuestFor(Span),
    Factor(Factor, Held),
    SignInAge(Span),
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    No,
}

/// Requests that no question about this fact tells apart.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) shown: Shown,
    /// The answers, in the order of the questions.
    pub(super) says: Vec<Truth>,
}

impl Class {
    /// Whether the literal holds: "can it be so?", or negated "can it be otherwise?".
    pub(super) fn holds(&self, question: u32, negated: bool) -> bool {
        let said = self.says.get(question as usize).copied().unwrap_or(Truth::Unknown);
        if negated { said != Truth::Yes } else { said != Truth::No }
    }
}

/// How many classes one fact may have.
pub(super) const MOST_CLASSES: usize = 20_000;

/// All classes of a fact.
pub(super) fn classes(all: &Questions, asked: &Asked) -> Result<Vec<Class>, TooLarge> {
    let tests: Vec<&Test> = asked.questions.iter().filter_map(|q| if let Question::Is(test) = q { Some(test) } else { None }).collect();
    let shown: Vec<Shown> = match &asked.about {
        About::Kind => vec![Shown::Kind(Kind::Guest), Shown::Kind(Kind::Member)],
        About::Address => people::addresses(&tests)?.into_iter().map(Shown::Address).collect(),
        About::Group(name) => [Held::No, Held::Yes].map(|held| Shown::Group(name.clone(), held)).into(),
        About::Attribute(name, value) => [Held::No, Held::Yes].map(|held| Shown::Attribute(name.clone(), value.clone(), held)).into(),
        About::InvitedBy => sponsors(&tests),
        About::Role => roles(&tests),
        About::Network => addresses(&tests).into_iter().map(Shown::Ip).collect(),
        About::Country => countries(&tests).into_iter().map(Shown::Country).collect(),
        About::Asn => systems(&tests).into_iter().map(Shown::Asn).collect(),
        About::Platform => Platform::ALL.map(Some).into_iter().chain([None]).map(Shown::Platform).collect(),
        About::Device => devices().into_iter().map(Shown::Device).collect(),
        About::Risk => Risk::ALL.map(Shown::Risk).into(),
        About::Terms(name) => accepted(&asked.questions).into_iter().map(|one| Shown::Terms(name.clone(), one)).collect(),
        About::Approved => approvals(&asked.questions).into_iter().map(Shown::Approved).collect(),
        About::Justified => [Held::No, Held::Yes].map(Shown::Justified).into(),
        About::Sending => sendings(&tests),
        About::Path => paths::targets(&tests, &all.paths)?.into_iter().map(Shown::Path).collect(),
        About::Header(name) => texts::lines(&tests)?.into_iter().map(|lines| Shown::Header(name.clone(), lines)).collect(),
        About::Clock => return clock::classes(&tests),
        About::GuestFor => guest_for(&tests),
        About::Factor(factor) => factor_held(factor),
        About::SignInAge => sign_in_ages(&asked.questions),
    };
    let mut known = HashSet::new();
    let mut classes = Vec::new();
    for shown in shown {
        let says = asked.questions.iter().map(|q| answer(all, q, &shown)).collect::<Result<Vec<_>, _>>()?;
        if known.insert(says.clone()) {
            classes.push(Class { shown, says });
        }
        if classes.len() > MOST_CLASSES {
            return Err(TooLarge);
        }
    }
    Ok(classes)
}

/// A code by mail is what is shown by default.
fn factor_held(factor: &Factor) -> Vec<Shown> {
    let both = if *factor == Factor::EmailCode { [Held::Yes, Held::No] } else { [Held::No, Held::Yes] };
    both.map(|held| Shown::Factor(factor.clone(), held)).into()
}

fn sponsors(tests: &[&Test]) -> Vec<Shown> {
    let mut named = vec![Shown::InvitedBy(None)];
    for test in tests {
        if let Test::InvitedBy(by) = test {
            named.extend(by.iter().map(|by| Shown::InvitedBy(Some(by.clone()))));
        }
    }
    named
}

fn roles(tests: &[&Test]) -> Vec<Shown> {
    let mut named = vec![Shown::Role(None)];
    for test in tests {
        if let Test::Role(roles) = test {
            named.extend(roles.iter().map(|role| Shown::Role(Some(role.clone()))));
        }
    }
    named
}

/// The first address of each stretch between the ends of networks, and none: unknown.
fn addresses(tests: &[&Test]) -> Vec<Option<IpAddr>> {
    let mut prefixes: Vec<&Prefix> = Vec::new();
    for test in tests {
        if let Test::Network(networks) = test {
            prefixes.extend(networks.iter().flat_map(|n| &n.prefixes));
        }
    }
    // Somewhere that most likely is in none of them, both ways of writing addresses, and what lies behind the IPv4-mapped ones.
    let mut found: Vec<IpAddr> = Vec::new();
    for prefix in prefixes {
        found.push(prefix.first());
        match prefix.last() {
            IpAddr::V4(last) => found.extend(last.to_bits().checked_add(1).map(|ip| IpAddr::V4(ip.into()))),
            IpAddr::V6(last) => found.extend(last.to_bits().checked_add(1).map(|ip| IpAddr::V6(ip.into()))),
        }
    }
    let ends: [u128; 3] = [0, MAPPED.end, 1];
    found.extend([IpAddr::V4(0.into()), IpAddr::V4(1.into())]);
    found.extend(ends.map(|ip| IpAddr::V6(ip.into())));
    found.retain(|ip| !matches!(ip, IpAddr::V6(ip) if MAPPED.contains(&ip.to_bits())));
    found.sort_unstable();
    let examples = [IpAddr::from([198, 51, 100, 7]), IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7])];
    examples.into_iter().chain(found).map(Some).chain([None]).collect()
}

/// Addresses that are IPv4 in another spelling.
const MAPPED: std::ops::Range<u128> = 0xffff_0000_0000..0x1_0000_0000_0000;

fn sendings(tests: &[&Test]) -> Vec<Shown> {
    let mut methods: Vec<String> = ["GET", "HEAD", "POST", "OPTIONS"].map(str::to_owned).into();
    for test in tests {
        if let Test::Method(named) = test {
            methods.extend(named.iter().map(ToString::to_string));
        }
    }
    let other = (0..).map(|n| if n == 0 { "PUT".to_owned() } else { format!("OTHER-{n}") });
    let other = other.take(methods.len() + 1).find(|m| !methods.contains(m));
    methods.extend(other);
    let mut found: Vec<Shown> = Vec::new();
    for client in [Client::Browser, Client::Api] {
        found.extend(methods.iter().map(|m| Shown::Sending(m.clone(), client)));
    }
    found.push(Shown::Sending("GET".to_owned(), Client::Websocket));
    found
}

/// One that nothing names, those that are named, and unknown.
fn countries(tests: &[&Test]) -> Vec<Option<Country>> {
    let mut named = Vec::new();
    for test in tests {
        if let Test::Country(list) = test {
            named.extend(list.iter().filter_map(|w| if let Whence::Country(country) = w { Some(*country) } else { None }));
        }
    }
    let elsewhere = Country::all().find(|country| !named.contains(country));
    elsewhere.into_iter().chain(named).map(Some).chain([None]).collect()
}

fn systems(tests: &[&Test]) -> Vec<Option<u32>> {
    let mut named = Vec::new();
    for test in tests {
        if let Test::Asn(numbers) = test {
            named.extend(numbers);
        }
    }
    // From the numbers that are kept for documentation.
    let other = (64_496..u32::MAX).find(|n| !named.contains(n));
    other.into_iter().chain(named).map(Some).chain([None]).collect()
}

/// Everything that can be known about a device; nothing at all first, as in tests that do not say.
fn devices() -> [Devices; 5] {
    let (known, new) = (Devices::NONE.with(Device::Known), Devices::NONE.with(Device::New));
    [Devices::NONE, known, new, known.with(Device::Certified), new.with(Device::Certified)]
}

fn accepted(questions: &[Question]) -> Vec<Option<(u32, Span)>> {
    let (mut versions, mut ages) = (Vec::new(), vec![Span::ZERO]);
    for question in questions {
        if let Question::Accepted(version, renew) = question {
            versions.push(*version);
            ages.extend(*renew);
        }
    }
    versions.sort_unstable();
    versions.dedup();
    ages.sort_unstable();
    let each = versions.iter().flat_map(|version| ages.iter().map(|age| Some((*version, *age))));
    [None].into_iter().chain(each).collect()
}

fn approvals(questions: &[Question]) -> Vec<Option<Span>> {
    let limits = questions.iter().filter_map(|q| if let Question::Younger(limit) = q { Some(*limit) } else { None });
    let mut ages: Vec<Span> = [Span::ZERO].into_iter().chain(limits).collect();
    ages.sort_unstable();
    [None].into_iter().chain(ages.into_iter().map(Some)).collect()
}

fn guest_for(tests: &[&Test]) -> Vec<Shown> {
    let mut ages = vec![Span::ZERO];
    for test in tests {
        if let Test::GuestFor(GuestFor::Under(span) | GuestFor::AtLeast(span)) = test {
            ages.push(*span);
        }
    }
    ages.sort_unstable();
    [Span::days(30)].into_iter().chain(ages).map(Shown::GuestFor).collect()
}

fn sign_in_ages(questions: &[Question]) -> Vec<Shown> {
    let limits = questions.iter().filter_map(|q| if let Question::Younger(limit) = q { Some(*limit) } else { None });
    let mut ages: Vec<Span> = [Span::ZERO].into_iter().chain(limits).collect();
    ages.sort_unstable();
    ages.into_iter().map(Shown::SignInAge).collect()
}

fn answer(all: &Questions, question: &Question, shown: &Shown) -> Result<Truth, TooLarge> {
    let truth = |holds: bool| if holds { Truth::Yes } else { Truth::No };
    Ok(match (question, shown) {
        (Question::Has, Shown::Group(_, held) | Shown::Attribute(_, _, held) | Shown::Factor(_, held) | Shown::Justified(held)) => {
            truth(*held == Held::Yes)
        }
        (Question::Reads, Shown::Sending(method, client)) => {
            truth(["GET", "HEAD", "OPTIONS"].contains(&method.as_str()) && (all.sockets_read || *client != Client::Websocket))
        }
        (Question::Younger(limit), Shown::SignInAge(age)) => truth(age < limit),
        (Question::Younger(limit), Shown::Approved(age)) => truth(age.is_some_and(|age| age < *limit)),
        (Question::Accepted(version, renew), Shown::Terms(_, accepted)) => {
            truth(accepted.is_some_and(|(in_version, age)| in_version == *version && renew.is_none_or(|renew| age < renew)))
        }
        (Question::Familiar, Shown::Device(device)) => truth([Device::Known, Device::Certified].iter().any(|d| device.contains(*d))),
        (Question::Is(Test::Country(list)), Shown::Country(from)) => Whence::any(list, *from).map_or(Truth::Unknown, truth),
        (Question::Is(Test::Asn(numbers)), Shown::Asn(asn)) => asn.map_or(Truth::Unknown, |asn| truth(numbers.contains(&asn))),
        (Question::Is(Test::Platform(list)), Shown::Platform(p)) => p.map_or(Truth::Unknown, |p| truth(list.contains(&p))),
        (Question::Is(Test::Device(_)), Shown::Device(device)) if device.is_empty() => Truth::Unknown,
        (Question::Is(Test::Device(wanted)), Shown::Device(device)) => truth(wanted.meets(*device)),
        (Question::Is(Test::Risk(least)), Shown::Risk(risk)) => truth(risk >= least),
        (Question::Is(Test::Method(methods)), Shown::Sending(method, _)) => {
            truth(methods.iter().any(|m| **m == **method || (&**m == "GET" && method == "HEAD")))
        }
        (Question::Is(Test::Client(clients)), Shown::Sending(_, client)) => truth(clients.contains(client)),
        (Question::Is(Test::Network(networks)), Shown::Ip(ip)) => match ip {
            None => Truth::Unknown,
            Some(ip) => truth(networks.iter().any(|n| n.prefixes.iter().any(|p| p.contains(*ip)))),
        },
        (Question::Is(Test::Path(globs)), Shown::Path(target)) => {
            let path = paths::read(target, &all.paths)?;
            truth(globs.iter().any(|glob| glob.matches(&path)))
        }
        (Question::Is(Test::Header(_, patterns)), Shown::Header(_, lines)) => {
            truth(lines.iter().any(|line| patterns.iter().any(|p| p.wildcard.matches(line.as_bytes()))))
        }
        (Question::Is(Test::GuestFor(GuestFor::Under(span))), Shown::GuestFor(age)) => truth(age < span),
        (Question::Is(Test::GuestFor(GuestFor::AtLeast(span))), Shown::GuestFor(age)) => truth(age >= span),
        (Question::Is(test), Shown::Kind(_) | Shown::Address(_) | Shown::InvitedBy(_) | Shown::Role(_)) => truth(of_person(test, shown)?),
        // Nobody asks this about that.
        _ => return Err(TooLarge),
    })
}

/// The answer for somebody of whom nothing but this is known.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not asked about this fact does not cut it into classes")]
fn of_person(test: &Test, shown: &Shown) -> Result<bool, TooLarge> {
    let email = EmailAddress::parse("guest@partner.example").map_err(|_| TooLarge)?;
    let attributes = std::collections::BTreeMap::new();
    let nobody = PersonFacts {
        kind: Kind::Guest,
        email: &email,
        groups: &[],
        attributes: &attributes,
        invited_by: None,
        role: None,
        guest_since: None,
    };
    let person = match shown {
        Shown::Kind(kind) => PersonFacts { kind: *kind, ..nobody },
        Shown::Address(email) => PersonFacts { email, ..nobody },
        Shown::InvitedBy(by) => PersonFacts { invited_by: by.as_ref(), ..nobody },
        Shown::Role(role) => PersonFacts { role: role.as_ref(), ..nobody },
        _ => nobody,
    };
    Ok(person::holds(test, &person))
}
