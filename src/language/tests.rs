//! The catalogue is whole: each language has each text, with the same values; no text is unused and none is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use fluent::FluentResource;

use super::{Languages, Wanted, outline::outline, texts::LANGUAGES};
use crate::base::{Span, Timestamp};

/// The texts of a language and the names of the values in each; a text that stands there twice is a mistake.
fn texts(tag: &str) -> BTreeMap<String, BTreeSet<String>> {
    texts_of(tag, usize::MAX)
}

/// The same of its first files: those that are translated come before those that only English has.
fn texts_of(tag: &str, n: usize) -> BTreeMap<String, BTreeSet<String>> {
    let (_, files) = LANGUAGES.iter().find(|(known, _)| *known == tag).unwrap();
    let mut texts = BTreeMap::new();
    for (name, text) in files.iter().take(n) {
        FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        for found in outline(text) {
            assert!(texts.insert(found.id.clone(), found.values).is_none(), "{name}: `{}` stands there twice", found.id);
        }
    }
    texts
}

/// The text of every source and template, tests and this room apart.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") && !path.ends_with("language/texts") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|e| ["rs", "html", "txt"].iter().any(|known| e == *known))
            && !path.ends_with("language/tests.rs")
        {
            found.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_language_has_each_text_with_the_same_values() {
    let english = texts("en");
    for (tag, files) in &LANGUAGES[1..] {
        let other = texts(tag);
        for (id, values) in texts_of("en", files.len()) {
            let theirs = other.get(&id).unwrap_or_else(|| panic!("{tag} lacks `{id}`"));
            assert_eq!(*theirs, values, "{tag}: `{id}` has other values");
        }
        for id in other.keys() {
            assert!(english.contains_key(id), "{tag}: `{id}` is no text of the English catalogue");
        }
    }
}

#[test]
fn no_text_is_unused_and_none_is_missing() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let english = texts("en");
    for id in english.keys() {
        assert!(all.contains(&format!("\"{id}\"")), "nothing says `{id}`");
    }
    for said in ["site.say(\"", "voice.say(\"", "self.say(\""].iter().flat_map(|way| all.split(way).skip(1)) {
        let id = said.split('"').next().unwrap();
        assert!(english.contains_key(id), "there is no text `{id}`");
    }
}

#[test]
fn a_persons_own_choice_comes_before_the_invitations_and_that_before_the_browsers() {
    let languages = Arc::new(Languages::built_in());
    let spoken = |wanted: Wanted<'_>| languages.voice(&wanted).tag();
    assert_eq!(spoken(Wanted { own: Some("de-AT"), invited: Some("fr"), browser: Some("es") }), "de");
    assert_eq!(spoken(Wanted { own: Some("xx"), invited: Some("fr"), browser: Some("es") }), "fr");
    assert_eq!(spoken(Wanted { own: None, invited: Some("nonsense!"), browser: Some("zz, es-MX;q=0.9, en-GB;q=0.7") }), "es");
    assert_eq!(spoken(Wanted { browser: Some(&"zz,".repeat(1_000)), ..Wanted::default() }), "en");
    assert_eq!(spoken(Wanted::default()), "en");
}

#[test]
fn times_and_lists_read_as_people_write_them() {
    let voice = Arc::new(Languages::built_in()).english();
    assert_eq!(voice.moment(Timestamp::from_millis(1_768_392_000_000)), "14 January 2026, 12:00 UTC");
    assert_eq!(voice.moment(Timestamp::NEVER), "no end");
    for (span, text) in [
        (Span::days(90), "90 days"),
        (Span::days(1), "1 day"),
        (Span::hours(36), "36 hours"),
        (Span::mins(10), "10 minutes"),
        (Span::ZERO, "0 seconds"),
    ] {
        assert_eq!(voice.length(span), text);
    }
    assert_eq!([voice.list(&["a"]), voice.list(&["a", "b"]), voice.list(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
}

#[test]
fn each_language_counts_dates_and_lists_in_its_own_way() {
    let languages = Arc::new(Languages::built_in());
    let voice = |tag| languages.voice(&Wanted { own: Some(tag), ..Wanted::default() });
    let at = Timestamp::from_millis(1_768_392_000_000);
    for (tag, moment, minutes, list) in [
        ("de", "14. Januar 2026, 12:00 Uhr UTC", "5 Minuten", "a, b und c"),
        ("fr", "14 janvier 2026 à 12:00 UTC", "5 minutes", "a, b et c"),
        ("es", "14 de enero de 2026, 12:00 UTC", "5 minutos", "a, b y c"),
        ("it", "14 gennaio 2026, ore 12:00 UTC", "5 minuti", "a, b e c"),
        ("pl", "14 stycznia 2026, 12:00 UTC", "5 minut", "a, b i c"),
    ] {
        let voice = voice(tag);
        let said = (voice.moment(at), voice.length(Span::mins(5)), voice.list(&["a", "b", "c"]));
        assert_eq!(said, (moment.to_owned(), minutes.to_owned(), list.to_owned()), "{tag}");
    }
    let polish = voice("pl");
    assert_eq!([1, 2, 22, 25].map(|n| polish.length(Span::mins(n))), ["1 minutę", "2 minuty", "22 minuty", "25 minut"]);
    let arabic = voice("ar");
    assert_eq!(
        (arabic.direction(), arabic.length(Span::days(2)), arabic.length(Span::days(11))),
        ("rtl", "يومين".to_owned(), "11 يومًا".to_owned())
    );
}

#[test]
fn what_others_have_written_keeps_its_own_direction_in_a_text_of_the_other() {
    let arabic = Arc::new(Languages::built_in()).voice(&Wanted { own: Some("ar"), ..Wanted::default() });
    let said = arabic.say("home-signed-in").with("address", "ann@partner.example").to_string();
    assert!(said.contains("\u{2068}ann@partner.example\u{2069}"), "{said}");
}

#[test]
fn a_name_cannot_turn_the_rest_of_a_line() {
    let voice = Arc::new(Languages::built_in()).english();
    assert_eq!(voice.say("continue-going").with("name", "\u{202e}evil").to_string(), "You are being taken to evil.");
}
