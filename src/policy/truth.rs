//! The slow and obvious evaluator of conditions: yes, no or unknown, straight from the policies as written, and in words.
//!
//! It shares nothing with the compiled evaluator but the facts, so each is a check of the other.

use crate::base::Timestamp;

use super::{
    ast::{Cond, GuestFor, Test, Whence},
    facts::{Done, HeaderFacts, PersonFacts, RequestFacts},
    person,
    schedule::Schedule,
};

/// What is known about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// It does not hold.
    No,
    /// A fact is missing.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    fn of(answer: bool) -> Self {
        if answer { Self::Yes } else { Self::No }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

/// Everything that conditions can ask about.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'w> {
    pub(super) now: Timestamp,
    pub(super) person: &'w PersonFacts<'w>,
    pub(super) done: Done<'w>,
    pub(super) request: RequestFacts<'w>,
    /// Whether an upgrade passes where only reading is allowed.
    pub(super) sockets_read: bool,
}

impl World<'_> {
    /// What is known about a condition.
    pub(super) fn truth(&self, cond: &Cond) -> Truth {
        match cond {
            Cond::All(list) => list.iter().map(|c| self.truth(c)).min().unwrap_or(Truth::Yes),
            Cond::Any(list) => list.iter().map(|c| self.truth(c)).max().unwrap_or(Truth::No),
            Cond::Not(inner) => self.truth(inner).not(),
            Cond::Is(test) => self.test(test),
        }
    }

    fn test(&self, test: &Test) -> Truth {
        match test {
            Test::Kind(_)
            | Test::Email(_)
            | Test::Organization(_)
            | Test::Group(_)
            | Test::Attribute(..)
            | Test::InvitedBy(_)
            | Test::Role(_) => Truth::of(person::holds(test, self.person)),
            Test::Network(networks) => match self.request.ip {
                None => Truth::Unknown,
                Some(ip) => Truth::of(networks.iter().any(|n| n.prefixes.iter().any(|p| p.contains(ip)))),
            },
            Test::Country(list) => match self.request.country {
                Some(country) => Truth::of(list.contains(&Whence::Country(country))),
                None if list.contains(&Whence::Unknown) => Truth::Yes,
                None => Truth::Unknown,
            },
            Test::Asn(numbers) => self.request.asn.map_or(Truth::Unknown, |asn| Truth::of(numbers.contains(&asn))),
            Test::Platform(platforms) => self.request.platform.map_or(Truth::Unknown, |p| Truth::of(platforms.contains(&p))),
            Test::Device(_) if self.request.device.is_empty() => Truth::Unknown,
            Test::Device(wanted) => Truth::of(wanted.iter().any(|device| self.request.device.contains(device))),
            Test::Risk(least) => Truth::of(self.done.risk >= *least),
            Test::Client(clients) => Truth::of(clients.contains(&self.request.client)),
            Test::Method(methods) => {
                let sent = self.request.method;
                Truth::of(methods.iter().any(|m| **m == *sent) || (sent == "HEAD" && methods.iter().any(|m| **m == *"GET")))
            }
            Test::Path(globs) => Truth::of(globs.iter().any(|glob| glob.matches(self.request.path))),
            Test::Header(name, patterns) => match self.request.headers {
                HeaderFacts::Unknown => Truth::Unknown,
                HeaderFacts::Known(headers) => {
                    Truth::of(patterns.iter().any(|p| headers.any(name, &mut |value| p.wildcard.matches(value))))
                }
            },
            Test::Schedule(schedule) => Truth::of(holds_by_calendar(schedule, self.now)),
            Test::Before(at) => Truth::of(self.now < *at),
            Test::After(at) => Truth::of(self.now >= *at),
            Test::SignedInWith(methods) => Truth::of(methods.iter().any(|m| self.done.proofs.iter().any(|p| m.is(&p.factor)))),
            Test::GuestFor(limit) => match (self.person.guest_since, limit) {
                (None, _) => Truth::Unknown,
                (Some(since), GuestFor::Under(span)) => Truth::of(self.now < since.plus(*span)),
                (Some(since), GuestFor::AtLeast(span)) => Truth::of(self.now >= since.plus(*span)),
            },
        }
    }

    /// The part of a condition that decided, in words.
    pub(super) fn why(&self, cond: &Cond) -> String {
        let truth = self.truth(cond);
        match cond {
            Cond::Is(test) => {
                let word = match truth {
                    Truth::Yes => "holds",
                    Truth::No => "does not hold",
                    Truth::Unknown => "is unknown",
                };
                format!("`{}` {word} ({})", written(test), self.value(test))
            }
            Cond::Not(inner) => self.why(inner),
            Cond::All(list) | Cond::Any(list) => {
                // One part was enough, or all of them were needed.
                let one = matches!((cond, truth), (Cond::All(_), Truth::No) | (Cond::Any(_), Truth::Yes)) || truth == Truth::Unknown;
                let parts = list.iter().filter(|c| self.truth(c) == truth);
                let words: Vec<String> =
                    parts.take(if one { 1 } else { usize::MAX }).map(|c| self.why(c)).filter(|w| !w.is_empty()).collect();
                words.join(" and ")
            }
        }
    }

    /// The fact that a test looked at.
    fn value(&self, test: &Test) -> String {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        match test {
            Test::Kind(_) => self.person.kind.to_string(),
            Test::Email(_) => self.person.email.to_string(),
            Test::Organization(_) => self.person.email.domain().to_owned(),
            Test::Group(_) => or_none(Some(list(self.person.groups)).filter(|t| !t.is_empty())),
            Test::Attribute(name, _) => or_none(self.person.attributes.get(&**name).map(|values| list(values))),
            Test::InvitedBy(_) => or_none(self.person.invited_by.map(ToString::to_string)),
            Test::Role(_) => or_none(self.person.role.map(ToString::to_string)),
            Test::Network(_) => self.request.ip.map_or_else(|| "no address".to_owned(), |ip| ip.to_string()),
            Test::Country(_) => self.request.country.map_or_else(|| "no country".to_owned(), |c| c.to_string()),
            Test::Asn(_) => self.request.asn.map_or_else(|| "no system".to_owned(), |n| n.to_string()),
            Test::Platform(_) => self.request.platform.map_or_else(|| "no platform".to_owned(), |p| p.to_string()),
            Test::Device(_) if self.request.device.is_empty() => "nothing known of the device".to_owned(),
            Test::Device(_) => self.request.device.to_string(),
            Test::Risk(_) if self.done.signals.is_empty() => self.done.risk.to_string(),
            Test::Risk(_) => format!("{}: {}", self.done.risk, self.done.signals),
            Test::Client(_) => self.request.client.to_string(),
            Test::Method(_) => self.request.method.to_owned(),
            Test::Path(_) => self.request.path.to_string(),
            Test::Header(name, _) => match self.request.headers {
                HeaderFacts::Unknown => "no headers given".to_owned(),
                HeaderFacts::Known(headers) => {
                    let mut seen = Vec::new();
                    headers.any(name, &mut |value| {
                        seen.push(String::from_utf8_lossy(value).escape_debug().to_string());
                        false
                    });
                    or_none(Some(seen.join(", ")).filter(|t| !t.is_empty()))
                }
            },
            Test::Schedule(schedule) => jiff::Timestamp::from_millisecond(self.now.as_millis()).map_or_else(
                |_| self.now.to_string(),
                |at| at.to_zoned(schedule.zone.tz.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
            ),
            Test::Before(_) | Test::After(_) => self.now.to_string(),
            Test::SignedInWith(_) => {
                let shown: Vec<String> = self.done.proofs.iter().map(|p| p.factor.to_string()).collect();
                or_none(Some(shown.join(", ")).filter(|t| !t.is_empty()))
            }
            Test::GuestFor(_) => {
                let since = self.person.guest_since;
                since.map_or_else(|| "no date of redemption".to_owned(), |since| format!("since {since}"))
            }
        }
    }
}

/// A test as people write it.
fn written(test: &Test) -> String {
    match test {
        Test::Kind(kinds) => format!("kind: {}", list(kinds)),
        Test::Email(globs) => format!("email: {}", join(globs.iter().map(|g| &*g.text))),
        Test::Organization(globs) => {
            let text = |g: &super::ast::DomainGlob| match g {
                super::ast::DomainGlob::Exactly(domain) => domain.to_string(),
                super::ast::DomainGlob::Below(domain) => format!("*.{domain}"),
            };
            format!("organization: {}", list(&globs.iter().map(text).collect::<Vec<_>>()))
        }
        Test::Group(groups) => format!("group: {}", list(groups)),
        Test::Attribute(name, values) => format!("attribute {name}: {}", join(values.iter().map(|v| &**v))),
        Test::InvitedBy(sponsors) => format!("invited-by: {}", list(sponsors)),
        Test::Role(roles) => format!("role: {}", list(roles)),
        Test::Network(networks) => format!("network: {}", join(networks.iter().map(|n| &*n.name))),
        Test::Country(countries) => format!("country: {}", list(countries)),
        Test::Asn(numbers) => format!("asn: {}", list(numbers)),
        Test::Platform(platforms) => format!("platform: {}", list(platforms)),
        Test::Device(devices) => format!("device: {devices}"),
        Test::Risk(least) => format!("risk: {least}"),
        Test::Client(clients) => format!("client: {}", list(clients)),
        Test::Method(methods) => format!("method: {}", join(methods.iter().map(|m| &**m))),
        Test::Path(globs) => format!("path: {}", list(globs)),
        Test::Header(name, patterns) => format!("header {name}: {}", join(patterns.iter().map(|p| &*p.text))),
        Test::Schedule(schedule) => format!("schedule: {}", schedule.name),
        Test::Before(at) => format!("before: {at}"),
        Test::After(at) => format!("after: {at}"),
        Test::SignedInWith(methods) => format!("signed-in-with: {}", list(methods)),
        Test::GuestFor(GuestFor::Under(span)) => format!("guest-for: < {span}"),
        Test::GuestFor(GuestFor::AtLeast(span)) => format!("guest-for: > {span}"),
    }
}

fn list<T: std::fmt::Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn join<'t>(values: impl Iterator<Item = &'t str>) -> String {
    values.collect::<Vec<_>>().join(", ")
}

/// Whether a schedule holds, by asking the calendar for the day and the time that the wall clock shows.
pub(super) fn holds_by_calendar(schedule: &Schedule, now: Timestamp) -> bool {
    let Ok(instant) = jiff::Timestamp::from_millisecond(now.as_millis()) else { return false };
    let zoned = instant.to_zoned(schedule.zone.tz.clone());
    let (date, time) = (zoned.date(), zoned.time());
    let in_force = |date: jiff::civil::Date| {
        let weekday = date.weekday().to_monday_zero_offset();
        let number = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
        schedule.days & (1 << weekday) != 0 && !schedule.except.iter().any(|(first, last)| *first <= number && number <= *last)
    };
    let clock = i64::from(time.hour()) * 3_600_000
        + i64::from(time.minute()) * 60_000
        + i64::from(time.second()) * 1_000
        + i64::from(time.millisecond());
    schedule.hours.iter().any(|(begin, end)| {
        if begin < end {
            in_force(date) && *begin <= clock && clock < *end
        } else {
            (in_force(date) && *begin <= clock) || (date.yesterday().is_ok_and(in_force) && clock < *end)
        }
    })
}
