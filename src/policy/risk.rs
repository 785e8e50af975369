//! How unusual the use of a session is: from what was known of the guest, where the session was opened and where it is used to a few
//! signals, and from these to a level.
//!
//! Nothing here looks anything up.

use std::net::IpAddr;

use crate::base::{Country, Past, Prefix, Span, Timestamp};

use super::words::{Risk, Signal, Signals};

/// An address that a session is used from, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// The address; `None` is unknown.
    pub ip: Option<IpAddr>,
    /// Its country; `None` is unknown.
    pub country: Option<Country>,
    /// Whether it lies in a network that definitions list as risky.
    pub is_listed: bool,
    /// When.
    pub at: Timestamp,
}

/// A signal, and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// Which one.
    pub signal: Signal,
    /// How much it counts.
    pub weight: u32,
    /// What was seen, in words.
    pub because: String,
}

/// So many wrong codes within a day are no slips of the finger: one code allows fewer.
const MANY: u32 = 5;
/// Whoever has been away for so long is not expected.
const LONG: Span = Span::days(60);

impl Signals {
    /// What is unusual about a sighting of a session after the one with which it was opened.
    pub fn judge(opened: Sighting, now: Sighting, past: &Past) -> Self {
        let abroad = is_new(past.haunts.iter().filter_map(|h| h.country), opened.country, now.country);
        let elsewhere = is_new(past.haunts.iter().map(|h| h.network), opened.ip.map(Prefix::near), now.ip.map(Prefix::near));
        let moved = opened.country.zip(now.country).is_some_and(|(there, here)| there != here);
        let said = [
            (Signal::NewNetwork, elsewhere && !abroad),
            (Signal::NewCountry, abroad),
            (Signal::ImpossibleTravel, past.came_from.is_some() || (moved && now.at.since(opened.at) < Past::TRAVEL)),
            (Signal::ListedNetwork, now.is_listed),
            (Signal::UnknownAddress, now.ip.is_none()),
            (Signal::ManyWrongCodes, past.wrong_codes >= MANY),
            (Signal::LongAbsence, past.away.is_some_and(|away| away >= LONG)),
        ];
        said.into_iter().filter(|(_, holds)| *holds).fold(Self::NONE, |signals, (signal, _)| signals.with(signal))
    }

    /// What each of these signals was made from.
    pub fn reasons(self, opened: Sighting, now: Sighting, past: &Past) -> Vec<Reason> {
        self.iter().map(|signal| Reason { signal, weight: signal.weight(), because: because(signal, opened, now, past) }).collect()
    }
}

impl Risk {
    /// The level of some signals: each has a weight; two make a medium risk, three a high one.
    pub fn of(signals: Signals) -> Self {
        match signals.iter().map(Signal::weight).sum::<u32>() {
            0 | 1 => Self::Low,
            2 => Self::Medium,
            _ => Self::High,
        }
    }
}

impl Signal {
    /// How much it counts.
    pub const fn weight(self) -> u32 {
        match self {
            Self::NewNetwork | Self::LongAbsence => 1,
            Self::NewCountry | Self::ManyWrongCodes => 2,
            Self::ImpossibleTravel | Self::ListedNetwork | Self::UnknownAddress => 3,
        }
    }
}

/// Whether what is seen now was not known before; where nothing was known, whether it is another than at the opening.
fn is_new<T: PartialEq>(mut known: impl Iterator<Item = T>, opened: Option<T>, now: Option<T>) -> bool {
    let Some(now) = now else { return false };
    match known.next() {
        Some(first) => first != now && known.all(|other| other != now),
        None => opened.is_some_and(|opened| opened != now),
    }
}

fn because(signal: Signal, opened: Sighting, now: Sighting, past: &Past) -> String {
    let or_nowhere = |country: Option<Country>| country.map_or_else(|| "an unknown country".to_owned(), |c| c.to_string());
    let known = |all: Vec<String>, opened: Option<String>| match (all.is_empty(), opened) {
        (false, _) => format!("seen before: {}", all.join(", ")),
        (true, opened) => format!("opened in {}", opened.unwrap_or_default()),
    };
    match signal {
        Signal::NewNetwork => {
            let networks = past.haunts.iter().map(|h| h.network.to_string()).collect();
            let near = |ip: Option<IpAddr>| ip.map(|ip| Prefix::near(ip).to_string());
            format!("{} is new; {}", near(now.ip).unwrap_or_default(), known(networks, near(opened.ip)))
        }
        Signal::NewCountry => {
            let mut countries: Vec<String> = past.haunts.iter().filter_map(|h| h.country).map(|c| c.to_string()).collect();
            countries.sort_unstable();
            countries.dedup();
            format!("{} is new; {}", or_nowhere(now.country), known(countries, opened.country.map(|c| c.to_string())))
        }
        Signal::ImpossibleTravel => match past.came_from {
            Some(before) => format!("signed in from {before} less than an hour before {}", or_nowhere(opened.country)),
            None => format!("{} less than an hour after {}", or_nowhere(now.country), or_nowhere(opened.country)),
        },
        Signal::ListedNetwork => "the address lies in a network that the definitions list".to_owned(),
        Signal::UnknownAddress => "nobody knows where the request comes from".to_owned(),
        Signal::ManyWrongCodes => format!("{} wrong codes within a day before the sign-in", past.wrong_codes),
        Signal::LongAbsence => format!("away for {} days before the sign-in", past.away.unwrap_or_default().as_secs() / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Haunt;

    fn seen(ip: &str, country: &str, minutes: i64) -> Sighting {
        let at = Timestamp::EPOCH.plus(Span::mins(minutes));
        Sighting { ip: ip.parse().ok(), country: country.parse().ok(), is_listed: false, at }
    }

    fn haunt(ip: &str, country: &str) -> Haunt {
        Haunt { network: Prefix::near(ip.parse().unwrap()), country: country.parse().ok() }
    }

    /// The level and the reasons.
    fn judged(opened: Sighting, now: Sighting, past: &Past) -> String {
        let signals = Signals::judge(opened, now, past);
        let reasons: Vec<String> =
            signals.reasons(opened, now, past).iter().map(|r| format!("{} {} ({})", r.signal, r.weight, r.because)).collect();
        format!("{}: {}", Risk::of(signals), reasons.join(", "))
    }

    #[test]
    fn signals_say_what_is_unusual_and_together_how_much() {
        let home = seen("203.0.113.9", "DE", 0);
        let new = "new-network 1 (192.0.2.0/24 is new; opened in 203.0.113.0/24)";
        for (now, expected) in [
            (seen("203.0.113.200", "DE", 300), "low: "),
            (seen("192.0.2.1", "DE", 5), &format!("low: {new}")),
            (seen("192.0.2.1", "", 5), &format!("low: {new}")),
            (seen("192.0.2.1", "FR", 60), "medium: new-country 2 (FR is new; opened in DE)"),
            (
                seen("192.0.2.1", "FR", 59),
                "high: new-country 2 (FR is new; opened in DE), impossible-travel 3 (FR less than an hour after DE)",
            ),
            (Sighting { is_listed: true, ..home }, "high: listed-network 3 (the address lies in a network that the definitions list)"),
            (seen("?", "", 5), "high: unknown-address 3 (nobody knows where the request comes from)"),
        ] {
            assert_eq!(judged(home, now, &Past::default()), expected, "{now:?}");
        }
    }

    #[test]
    fn places_are_new_or_not_for_the_guest_and_not_for_the_session() {
        let past = Past { haunts: [haunt("203.0.113.1", "DE"), haunt("198.51.100.1", "AT")].into(), ..Past::default() };
        let (home, office, inn) = (seen("203.0.113.9", "DE", 0), seen("198.51.100.9", "AT", 90), seen("192.0.2.1", "FR", 90));
        assert_eq!(judged(home, office, &past), "low: ", "the guest is at home there, too");
        assert_eq!(judged(home, inn, &past), "medium: new-country 2 (FR is new; seen before: AT, DE)");
        assert_eq!(judged(inn, inn, &past), "medium: new-country 2 (FR is new; seen before: AT, DE)", "opened there, and still new");
        let across = seen("192.0.2.1", "DE", 90);
        assert_eq!(judged(across, across, &past), "low: new-network 1 (192.0.2.0/24 is new; seen before: 203.0.113.0/24, 198.51.100.0/24)");
        // Without a database of countries before, the opening is all there is to compare with.
        let old = Past { haunts: [haunt("203.0.113.1", "")].into(), ..Past::default() };
        assert_eq!(judged(home, inn, &old), "medium: new-country 2 (FR is new; opened in DE)");
    }

    #[test]
    fn what_happened_before_the_sign_in_counts_as_long_as_the_session_lasts() {
        let home = seen("203.0.113.9", "DE", 0);
        let later = seen("203.0.113.9", "DE", 600);
        let with = |away, wrong_codes, came_from: &str| Past { away, wrong_codes, came_from: came_from.parse().ok(), ..Past::default() };
        for (past, expected) in [
            (with(Some(Span::days(59)), 4, ""), "low: "),
            (with(Some(Span::days(60)), 4, ""), "low: long-absence 1 (away for 60 days before the sign-in)"),
            (with(None, 5, ""), "medium: many-wrong-codes 2 (5 wrong codes within a day before the sign-in)"),
            (with(None, 0, "FR"), "high: impossible-travel 3 (signed in from FR less than an hour before DE)"),
        ] {
            assert_eq!(judged(home, later, &past), expected);
        }
        let both = with(Some(Span::days(90)), 9, "");
        assert_eq!(Risk::of(Signals::judge(home, later, &both)), Risk::High);
    }
}
