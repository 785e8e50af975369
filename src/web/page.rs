//! What every page needs: whose site it is, and how times are written for people.

use std::{net::IpAddr, sync::Arc};

use crate::{
    base::{Span, Timestamp},
    config::Config,
    language::{Languages, Said, Voice, Wanted},
};

/// Whose pages these are, and in which language they are written.
#[derive(Debug, Clone)]
pub struct Site {
    /// What guests know the portal as.
    pub name: String,
    /// Whom they may ask.
    pub support: Option<String>,
    /// The origin of the portal, such as `https://access.example.com:8443`.
    pub portal: String,
    /// The language.
    pub voice: Voice,
}

/// Whom a request comes from, as the gateway found out: an extension of every request that it hands to the portal.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The client's address, trusted hops taken off.
    pub ip: IpAddr,
    /// Names the request in logs and on pages.
    pub request_id: Arc<str>,
}

/// The template of the route that answered, an extension of the portal's answers: logs carry it instead of the path, which holds tokens.
#[derive(Debug, Clone)]
pub struct Route(pub Arc<str>);

impl Site {
    /// As the configuration says, in the language for whoever has named none.
    pub fn of(config: &Config, languages: &Arc<Languages>) -> Self {
        Self {
            name: config.portal.name.clone(),
            support: config.portal.support.as_ref().map(ToString::to_string),
            portal: config.origin(&config.portal.host),
            voice: languages.voice(&Wanted::default()),
        }
    }

    /// The same in the language of a person who has named these.
    #[must_use]
    pub fn speaking(&self, wanted: &Wanted<'_>) -> Self {
        Self { voice: self.voice.languages().voice(wanted), ..self.clone() }
    }

    /// A text of the catalogue.
    pub fn say<'s>(&'s self, id: &'s str) -> Said<'s> {
        self.voice.say(id)
    }
}

/// A template as text. One that cannot be rendered, which only a failing formatter could cause, is an empty page.
pub fn render<T: askama::Template>(template: &T) -> String {
    template.render().unwrap_or_default()
}

/// An instant for people, in UTC: `14 January 2026, 12:00 UTC`.
pub fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map(|t| t.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC").to_string())
        .unwrap_or_else(|_| "no end".to_owned())
}

/// A length for people: the largest fitting unit, rounded to the nearest.
pub fn duration(span: Span) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = span.as_secs();
    let (size, unit) = UNITS.into_iter().find(|(size, _)| seconds >= 2 * size || seconds == *size).unwrap_or((1, "second"));
    let n = (seconds + size / 2) / size;
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(moment(Timestamp::from_millis(1_768_392_000_000)), "14 January 2026, 12:00 UTC");
        assert_eq!(moment(Timestamp::NEVER), "no end");
        assert_eq!(duration(Span::days(90)), "90 days");
        assert_eq!(duration(Span::days(1)), "1 day");
        assert_eq!(duration(Span::hours(36)), "36 hours");
        assert_eq!(duration(Span::mins(10)), "10 minutes");
        assert_eq!(duration(Span::ZERO), "0 seconds");
    }
}
