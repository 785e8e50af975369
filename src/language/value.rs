//! What can stand in a text.

use fluent::FluentValue;

use super::{Said, Voice};
use crate::base::{EmailAddress, Host, Span, Timestamp};

/// A value as a language writes it.
pub trait Value {
    /// For this language.
    fn value(&self, voice: &Voice) -> FluentValue<'static>;
}

/// What a language has said already, and which is not enclosed once more.
pub(super) struct Spoken(pub(super) String);

/// A value of somebody else's in the midst of our text: on one line, of one direction in itself, and with nothing that turns what follows.
fn enclosed(text: &str, voice: &Voice) -> FluentValue<'static> {
    let plain = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c });
    // The messages that say what a voice is hold no values, so that this asks no question that asks this one.
    if voice.is_right_to_left() {
        FluentValue::from(std::iter::once('\u{2068}').chain(plain).chain(['\u{2069}']).collect::<String>())
    } else {
        FluentValue::from(plain.collect::<String>())
    }
}

/// Characters that turn the direction of what follows, so that a name could disguise the rest of the line.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

impl Value for str {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        enclosed(self, voice)
    }
}

impl Value for String {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        enclosed(self, voice)
    }
}

impl Value for EmailAddress {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        enclosed(self.as_str(), voice)
    }
}

impl Value for Host {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        enclosed(self.as_str(), voice)
    }
}

impl Value for Spoken {
    fn value(&self, _: &Voice) -> FluentValue<'static> {
        FluentValue::from(self.0.clone())
    }
}

/// Words of the language itself, which need no enclosing.
impl Value for Said<'_> {
    fn value(&self, _: &Voice) -> FluentValue<'static> {
        FluentValue::from(self.to_string())
    }
}

impl Value for Timestamp {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        FluentValue::from(voice.moment(*self))
    }
}

impl Value for Span {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        FluentValue::from(voice.length(*self))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Value for $number {
            fn value(&self, _: &Voice) -> FluentValue<'static> { FluentValue::from(*self) }
        }
    )*};
}

numbers!(u16, u32, u64, usize, i64);

impl<T: Value + ?Sized> Value for &T {
    fn value(&self, voice: &Voice) -> FluentValue<'static> {
        (**self).value(voice)
    }
}
