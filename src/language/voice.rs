//! One language, ready to speak.

use std::{fmt, sync::Arc};

use fluent::{FluentArgs, FluentMessage, FluentResource, concurrent::FluentBundle};

use super::{Languages, Value, catalogue::Language, value::Spoken};
use crate::base::{Span, Timestamp};

/// One language of the catalogue.
#[derive(Clone)]
pub struct Voice {
    languages: Arc<Languages>,
    ix: usize,
}

/// A text in a language, with the values that stand in it. Written where it is shown.
#[must_use]
pub struct Said<'v> {
    voice: &'v Voice,
    id: &'v str,
    values: FluentArgs<'static>,
}

impl Voice {
    pub(super) fn new(languages: Arc<Languages>, ix: usize) -> Self {
        Self { languages, ix }
    }

    /// The text with this id.
    pub fn say<'v>(&'v self, id: &'v str) -> Said<'v> {
        Said { voice: self, id, values: FluentArgs::new() }
    }

    /// All languages.
    pub fn languages(&self) -> &Arc<Languages> {
        &self.languages
    }

    /// The tag of this language, for `lang`.
    pub fn tag(&self) -> String {
        self.language().map_or_else(String::new, |language| language.tag.to_string())
    }

    /// `ltr` or `rtl`, for `dir`.
    pub fn direction(&self) -> &'static str {
        if self.is_right_to_left() { "rtl" } else { "ltr" }
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        self.say("language-direction").to_string() == "rtl"
    }

    /// An instant, in UTC.
    pub fn moment(&self, at: Timestamp) -> String {
        let Ok(at) = jiff::Timestamp::from_millisecond(at.as_millis()) else { return self.say("moment-never").to_string() };
        let at = at.to_zoned(jiff::tz::TimeZone::UTC);
        self.say("moment")
            .with("day", i64::from(at.day()))
            .with("month", i64::from(at.month()))
            .with("year", at.year().to_string())
            .with("clock", at.strftime("%H:%M").to_string())
            .to_string()
    }

    /// A length of time: the largest fitting unit, rounded to the nearest.
    pub fn length(&self, span: Span) -> String {
        const UNITS: [(i64, &str); 4] = [(86_400, "length-days"), (3_600, "length-hours"), (60, "length-minutes"), (1, "length-seconds")];
        let seconds = span.as_secs();
        let (size, id) = UNITS.into_iter().find(|(size, _)| seconds >= 2 * size || seconds == *size).unwrap_or((1, "length-seconds"));
        self.say(id).with("n", (seconds + size / 2) / size).to_string()
    }

    /// `A`, `A and B`, `A, B and C`.
    pub fn list(&self, names: &[&str]) -> String {
        match names {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first, middle @ .., last] => {
                let before = middle.iter().fold((*first).to_owned(), |list, next| {
                    self.say("list-more").with("first", Spoken(list)).with("next", *next).to_string()
                });
                self.say("list-last").with("first", Spoken(before)).with("last", *last).to_string()
            }
        }
    }

    fn language(&self) -> Option<&Language> {
        self.languages.all.get(self.ix)
    }

    /// The text, in this language or else in the next that has it.
    fn find(&self, id: &str) -> Option<(&FluentBundle<Arc<FluentResource>>, FluentMessage<'_>)> {
        let own = self.language()?;
        let others = own.after.iter().filter_map(|ix| self.languages.all.get(*ix));
        std::iter::once(own).chain(others).find_map(|language| language.bundle.get_message(id).map(|found| (&language.bundle, found)))
    }
}

impl Said<'_> {
    /// Sets a value that stands in the text.
    pub fn with(mut self, name: &'static str, value: impl Value) -> Self {
        let value = value.value(self.voice);
        self.values.set(name, value);
        self
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.voice.find(self.id).and_then(|(bundle, message)| Some((bundle, message.value()?)));
        debug_assert!(found.is_some(), "there is no text `{}`", self.id);
        let Some((bundle, pattern)) = found else { return f.write_str(self.id) };
        let mut wrong = Vec::new();
        let written = bundle.write_pattern(f, pattern, Some(&self.values), &mut wrong);
        debug_assert!(wrong.is_empty(), "the text `{}` lacks a value: {wrong:?}", self.id);
        written
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Voice({})", self.tag())
    }
}

impl fmt::Debug for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({})", self.id)
    }
}
