//! Time: an instant, a length, and somebody who knows the present.

use std::{fmt, str::FromStr, time::Duration};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z. Written in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A length of time in milliseconds, never negative. Written as one integer and one of `s`, `m`, `h`, `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span(i64);

/// Whoever knows what time it is. Nobody else asks the machine.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present; never earlier than an answer given before.
    fn now(&self) -> Timestamp;
}

/// What is wrong with the text of a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a length such as `15m`.
    #[error("`{0}` is not a duration; write one integer and one of s, m, h, d, such as `15m`")]
    Span(String),
    /// Not an instant.
    #[error("`{0}` is not an instant; write it as in RFC 3339, such as `2026-01-14T12:00:00Z`")]
    Timestamp(String),
}

impl Timestamp {
    /// The end of time: what never comes.
    pub const NEVER: Self = Self(i64::MAX);
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The instant so many milliseconds after the epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down (the NumericDate of RFC 7519).
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long this is after `earlier`; zero if it is not.
    pub const fn since(self, earlier: Self) -> Span {
        let ms = self.0.saturating_sub(earlier.0);
        Span(if ms < 0 { 0 } else { ms })
    }

    /// The instant a length later; [`Timestamp::NEVER`] where that is out of range.
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The instant a length earlier.
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => f.write_str("never"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimeError::Timestamp(text.to_owned()))?;
        Ok(Self(instant.as_millisecond()))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds.
    pub const fn millis(n: i64) -> Self {
        Self(if n < 0 { 0 } else { n })
    }

    /// So many seconds.
    pub const fn secs(n: i64) -> Self {
        Self::millis(n.saturating_mul(1_000))
    }

    /// So many minutes.
    pub const fn mins(n: i64) -> Self {
        Self::secs(n.saturating_mul(60))
    }

    /// So many hours.
    pub const fn hours(n: i64) -> Self {
        Self::mins(n.saturating_mul(60))
    }

    /// So many days of 24 hours.
    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }

    /// The same length for timers.
    pub const fn to_duration(self) -> Duration {
        Duration::from_millis(self.0.unsigned_abs())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        for (size, unit) in UNITS {
            if self.0 % size == 0 {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        write!(f, "{}ms", self.0)
    }
}

impl FromStr for Span {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Span(text.to_owned());
        let unit = text.chars().last().ok_or_else(wrong)?;
        let size = match unit {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            _ => return Err(wrong()),
        };
        let digits = text.strip_suffix(unit).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let n: i64 = digits.parse().map_err(|_| wrong())?;
        n.checked_mul(size).map(Self).ok_or_else(wrong)
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_one_integer_and_one_unit() {
        assert_eq!("15m".parse(), Ok(Span::mins(15)));
        assert_eq!("90d".parse(), Ok(Span::days(90)));
        for wrong in ["", "m", "1.5h", "-1s", "1h30m", "1 h", "99999999999999999d", "１h"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
        assert_eq!(Span::hours(24).to_string(), "1d");
        assert_eq!(Span::mins(90).to_string(), "90m");
    }

    #[test]
    fn a_timestamp_reads_back_as_written() {
        let t: Timestamp = "2026-01-14T13:00:00+01:00".parse().unwrap_or(Timestamp::EPOCH);
        assert_eq!(t.to_string(), "2026-01-14T12:00:00Z");
    }
}
