//! What was known of a guest before a session was opened, by which it is judged whether the session is unusual.
//!
//! A place is the network around an address and its country; whole addresses are not kept. A new place counts only once a day has gone
//! by since the first sign-in there: whoever has got hold of a mailbox is not at home at once. The very first place counts immediately,
//! since there is nothing to compare it with.

use super::{Country, Prefix, Span, Timestamp};

/// A place that a guest signs in from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Haunt {
    /// The network: a /24, or a /48.
    pub network: Prefix,
    /// Its country, where a database of addresses said one.
    pub country: Option<Country>,
}

/// When a guest signed in from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub haunt: Haunt,
    /// For the first time.
    pub first: Timestamp,
    /// For the last time.
    pub last: Timestamp,
}

/// What was known of the guest before a session was opened. It stays as it was for as long as the session lasts.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Past {
    /// Where the guest is at home; empty where nothing is known.
    #[serde(skip_serializing_if = "<[Haunt]>::is_empty")]
    pub haunts: Box<[Haunt]>,
    /// How long the guest had been away; `None` for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<Span>,
    /// Another country, in which the guest had signed in too short a time before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came_from: Option<Country>,
    /// How many wrong codes somebody had typed in for the address within a day.
    #[serde(skip_serializing_if = "is_zero")]
    pub wrong_codes: u32,
}

impl Stay {
    /// So many places are kept for each guest.
    pub const MOST: u32 = 16;
}

impl Past {
    /// Two countries within this time are further apart than anybody travels.
    pub const TRAVEL: Span = Span::hours(1);
    /// How long a place is new.
    const NEW: Span = Span::days(1);

    /// Of a guest with these stays who signs in now, in this country; `since` is when the guest first came at all.
    pub fn of(stays: &[Stay], since: Option<Timestamp>, here: Option<Country>, now: Timestamp) -> Self {
        let beginning = stays.iter().map(|stay| stay.first).min();
        let is_home = |stay: &&Stay| Some(stay.first) == beginning || now.since(stay.first) >= Self::NEW;
        let latest = stays.iter().max_by_key(|stay| stay.last);
        let just_now = latest.filter(|stay| now.since(stay.last) < Self::TRAVEL).and_then(|stay| stay.haunt.country);
        Self {
            haunts: stays.iter().filter(is_home).map(|stay| stay.haunt).collect(),
            away: latest.map(|stay| stay.last).or(since).map(|last| Span::secs(now.since(last).as_secs().max(0))),
            came_from: just_now.filter(|country| here.is_some_and(|here| here != *country)),
            wrong_codes: 0,
        }
    }

    /// The same, after so many wrong codes.
    #[must_use]
    pub fn after_wrong_codes(self, wrong_codes: u32) -> Self {
        Self { wrong_codes, ..self }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this form")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(ip: &str, country: &str, first: i64, last: i64) -> Stay {
        let at = |hours| Timestamp::EPOCH.plus(Span::hours(hours));
        Stay {
            haunt: Haunt { network: Prefix::near(ip.parse().unwrap()), country: country.parse().ok() },
            first: at(first),
            last: at(last),
        }
    }

    fn past(stays: &[Stay], minutes: i64) -> (Vec<String>, Option<Span>, String) {
        let past = Past::of(stays, Some(Timestamp::EPOCH), "CH".parse().ok(), Timestamp::EPOCH.plus(Span::mins(minutes)));
        let haunts = past.haunts.iter().map(|h| h.network.to_string()).collect();
        (haunts, past.away, past.came_from.map_or_else(String::new, |c| c.to_string()))
    }

    #[test]
    fn a_place_counts_after_a_day_and_the_first_one_at_once() {
        let home = || "203.0.113.0/24".to_owned();
        let inn = || "2001:db8:40::/48".to_owned();
        assert_eq!(past(&[], 60), (vec![], Some(Span::hours(1)), String::new()), "away since the invitation was accepted");
        let stays = [stay("203.0.113.9", "DE", 0, 1), stay("2001:db8:40:7::9", "FR", 2, 3)];
        assert_eq!(past(&stays[..1], 90), (vec![home()], Some(Span::mins(30)), "DE".to_owned()));
        assert_eq!(past(&stays, 3 * 60 + 59).0, [home()]);
        assert_eq!(past(&stays, 3 * 60 + 59).2, "FR");
        assert_eq!(past(&stays, 4 * 60).2, "");
        assert_eq!(past(&stays, 26 * 60 - 1).0, [home()]);
        assert_eq!(past(&stays, 26 * 60).0, [home(), inn()]);
    }

    #[test]
    fn what_is_usual_takes_no_room_where_it_is_written() {
        assert_eq!(serde_json::to_string(&Past::default()).unwrap(), "{}");
        let now = Timestamp::EPOCH.plus(Span::mins(90));
        let past = Past::of(&[stay("203.0.113.9", "DE", 0, 1)], None, "FR".parse().ok(), now).after_wrong_codes(7);
        assert_eq!(Past::of(&[stay("203.0.113.9", "DE", 0, 1)], None, "DE".parse().ok(), now).came_from, None);
        let text = serde_json::to_string(&past).unwrap();
        assert_eq!(text, r#"{"haunts":[{"network":"203.0.113.0/24","country":"DE"}],"away":"30m","came_from":"DE","wrong_codes":7}"#);
        assert_eq!(serde_json::from_str::<Past>(&text).unwrap(), past);
    }
}
