//! How unusual the use of a session is: from where it was opened and where it is used to a few signals, and from these to a level.
//!
//! Nothing here looks anything up.

use std::net::IpAddr;

use crate::base::{Prefix, Span, Timestamp};

use super::{
    country::Country,
    words::{Risk, Signal, Signals},
};

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

/// Two countries within this time are further apart than anybody travels.
const TRAVEL: Span = Span::hours(1);

impl Signals {
    /// What is unusual about a sighting of a session after the one with which it was opened.
    pub fn judge(opened: Sighting, now: Sighting) -> Self {
        let moved = opened.country.zip(now.country).is_some_and(|(there, here)| there != here);
        let elsewhere = opened.ip.zip(now.ip).is_some_and(|(there, here)| !network(there).contains(here));
        let said = [
            (Signal::NewNetwork, elsewhere && !moved),
            (Signal::NewCountry, moved),
            (Signal::ImpossibleTravel, moved && now.at.since(opened.at) < TRAVEL),
            (Signal::ListedNetwork, now.is_listed),
            (Signal::UnknownAddress, now.ip.is_none()),
        ];
        said.into_iter().filter(|(_, holds)| *holds).fold(Self::NONE, |signals, (signal, _)| signals.with(signal))
    }
}

impl Risk {
    /// The level of some signals: each has a weight; two make a medium risk, three a high one.
    pub fn of(signals: Signals) -> Self {
        match signals.iter().map(weight).sum::<u32>() {
            0 | 1 => Self::Low,
            2 => Self::Medium,
            _ => Self::High,
        }
    }
}

fn weight(signal: Signal) -> u32 {
    match signal {
        Signal::NewNetwork => 1,
        Signal::NewCountry => 2,
        Signal::ImpossibleTravel | Signal::ListedNetwork | Signal::UnknownAddress => 3,
    }
}

/// The network around an address: /24, or /48.
pub fn network(ip: IpAddr) -> Prefix {
    Prefix::around(ip, if ip.to_canonical().is_ipv4() { 24 } else { 48 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ip: &str, country: &str, minutes: i64) -> Sighting {
        let at = Timestamp::EPOCH.plus(Span::mins(minutes));
        Sighting { ip: ip.parse().ok(), country: country.parse().ok(), is_listed: false, at }
    }

    #[test]
    fn signals_say_what_is_unusual_and_together_how_much() {
        let home = seen("203.0.113.9", "DE", 0);
        for (now, expected) in [
            (seen("203.0.113.200", "DE", 300), "low: "),
            (seen("192.0.2.1", "DE", 5), "low: new-network"),
            (seen("192.0.2.1", "", 5), "low: new-network"),
            (seen("192.0.2.1", "FR", 60), "medium: new-country"),
            (seen("192.0.2.1", "FR", 59), "high: new-country, impossible-travel"),
            (Sighting { is_listed: true, ..home }, "high: listed-network"),
            (seen("?", "", 5), "high: unknown-address"),
        ] {
            let signals = Signals::judge(home, now);
            assert_eq!(format!("{}: {signals}", Risk::of(signals)), expected, "{now:?}");
        }
    }
}
