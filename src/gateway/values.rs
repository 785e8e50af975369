//! Facts about a guest as values of headers: composed, encoded, and safe whatever they hold.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    config::{BasicAuth, IdentityFact, IdentityHeader, TemplatePart, UserForm, ValueEncoding},
    live::SessionView,
};

/// Characters that a header's value does not carry as they are.
pub(super) const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');
/// Bytes of UTF-8 in one encoded word of RFC 2047, which is at most 75 characters long.
const WORD: usize = 45;

/// A guest, as one app names it.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) view: &'k SessionView,
    pub(super) user: UserForm,
}

impl Known<'_> {
    /// The value of a header; `None` where something in it is not known.
    pub(super) fn value(self, header: &IdentityHeader) -> Option<Vec<u8>> {
        let mut text = String::new();
        for part in &header.template.0 {
            match part {
                TemplatePart::Text(plain) => text.push_str(plain),
                TemplatePart::Fact(fact) => self.write(fact, &header.separator, &mut text)?,
            }
        }
        Some(encode(text.trim(), header.encoding))
    }

    /// What the app calls the guest.
    pub(super) fn user(self, form: UserForm) -> String {
        let guest = &self.view.guest;
        match form {
            UserForm::Email => guest.email.to_string(),
            UserForm::Local => guest.email.local().to_owned(),
            UserForm::Id => guest.id.to_string(),
        }
    }

    fn write(self, fact: &IdentityFact, separator: &str, text: &mut String) -> Option<()> {
        let (guest, session) = (&self.view.guest, &self.view.session);
        match fact {
            IdentityFact::User => text.push_str(&self.user(self.user)),
            IdentityFact::Email => text.push_str(guest.email.as_str()),
            IdentityFact::Local => text.push_str(guest.email.local()),
            IdentityFact::Name => text.push_str(guest.name.as_deref().filter(|name| !name.trim().is_empty())?),
            IdentityFact::Groups => join(guest.groups.iter(), separator, text)?,
            IdentityFact::Role => text.push_str(self.view.grant.as_ref()?.role.as_ref()?.as_str()),
            IdentityFact::Kind => text.push_str(guest.kind.as_str()),
            IdentityFact::Organization => text.push_str(guest.email.domain()),
            // Writing to a text cannot fail.
            IdentityFact::Id => write!(text, "{}", guest.id).ok()?,
            IdentityFact::Invitation => write!(text, "{}", session.invitation?).ok()?,
            IdentityFact::Methods => join(session.proofs.iter().map(|proof| proof.factor.to_string()), separator, text)?,
            IdentityFact::Attribute(name) => join(guest.attributes.get(&**name)?.iter(), separator, text)?,
        }
        Some(())
    }
}

/// Several values with something between them that none of them contains.
fn join(values: impl Iterator<Item = impl AsRef<str>>, separator: &str, text: &mut String) -> Option<()> {
    let stand_in = if separator == " " { "_" } else { " " };
    let mut any = false;
    for value in values {
        if any {
            text.push_str(separator);
        }
        any = true;
        text.push_str(&value.as_ref().replace(separator, stand_in));
    }
    any.then_some(())
}

/// What `Authorization` says of this guest.
pub(super) fn authorization(known: Known<'_>, auth: &BasicAuth) -> String {
    let pair = match auth {
        BasicAuth::Fixed(pair) => STANDARD.encode(pair.reveal()),
        BasicAuth::Guest { user, password } => STANDARD.encode(format!("{}:{}", known.user(*user), password.reveal())),
    };
    format!("Basic {pair}")
}

fn encode(text: &str, encoding: ValueEncoding) -> Vec<u8> {
    match encoding {
        ValueEncoding::Percent => utf8_percent_encode(text, UNSAFE).to_string().into_bytes(),
        ValueEncoding::Base64 => STANDARD.encode(text).into_bytes(),
        ValueEncoding::Utf8 => text.chars().filter(|c| !c.is_control()).collect::<String>().into_bytes(),
        ValueEncoding::Ascii => text.chars().map(ascii).filter(|c| !c.is_control()).collect::<String>().into_bytes(),
        ValueEncoding::Rfc2047 => encoded_words(text).into_bytes(),
    }
}

/// RFC 2047, where the text is not plain.
fn encoded_words(text: &str) -> String {
    if text.bytes().all(|b| (0x20..=0x7e).contains(&b)) && !text.contains("=?") {
        return text.to_owned();
    }
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect::<Vec<_>>().join(" ")
}

/// Latin letters and what is left of them without their marks.
const BASE: [(&str, char); 38] = [
    ("ÀÁÂÃÄÅĀĂĄ", 'A'),
    ("ÇĆĈĊČ", 'C'),
    ("ÐĎĐ", 'D'),
    ("ÈÉÊËĒĔĖĘĚ", 'E'),
    ("ĜĞĠĢ", 'G'),
    ("ĤĦ", 'H'),
    ("ÌÍÎÏĨĪĬĮİ", 'I'),
    ("Ĵ", 'J'),
    ("Ķ", 'K'),
    ("ĹĻĽĿŁ", 'L'),
    ("ÑŃŅŇ", 'N'),
    ("ÒÓÔÕÖØŌŎŐ", 'O'),
    ("ŔŖŘ", 'R'),
    ("ŚŜŞŠȘ", 'S'),
    ("ŢŤŦȚ", 'T'),
    ("ÙÚÛÜŨŪŬŮŰŲ", 'U'),
    ("Ŵ", 'W'),
    ("ÝŶŸ", 'Y'),
    ("ŹŻŽ", 'Z'),
    ("àáâãäåāăą", 'a'),
    ("çćĉċč", 'c'),
    ("ðďđ", 'd'),
    ("èéêëēĕėęě", 'e'),
    ("ĝğġģ", 'g'),
    ("ĥħ", 'h'),
    ("ìíîïĩīĭįı", 'i'),
    ("ĵ", 'j'),
    ("ķ", 'k'),
    ("ĺļľŀł", 'l'),
    ("ñńņň", 'n'),
    ("òóôõöøōŏő", 'o'),
    ("ŕŗř", 'r'),
    ("śŝşšșß", 's'),
    ("ţťŧț", 't'),
    ("ùúûüũūŭůűų", 'u'),
    ("ŵ", 'w'),
    ("ýÿŷ", 'y'),
    ("źżž", 'z'),
];

fn ascii(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    BASE.iter().find(|(marked, _)| marked.contains(c)).map_or('?', |(_, base)| *base)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [ValueEncoding; 5] =
        [ValueEncoding::Percent, ValueEncoding::Rfc2047, ValueEncoding::Base64, ValueEncoding::Utf8, ValueEncoding::Ascii];

    fn encoded(text: &str, encoding: ValueEncoding) -> String {
        String::from_utf8(encode(text, encoding)).unwrap()
    }

    #[test]
    fn each_encoding_writes_names_its_own_way() {
        for (text, becomes) in [
            ("Ann Lee", ["Ann Lee", "Ann Lee", "QW5uIExlZQ==", "Ann Lee", "Ann Lee"]),
            ("Zoë Łoś", ["Zo%C3%AB %C5%81o%C5%9B", "=?UTF-8?B?Wm/DqyDFgW/Fmw==?=", "Wm/DqyDFgW/Fmw==", "Zoë Łoś", "Zoe Los"]),
            ("100%", ["100%25", "100%", "MTAwJQ==", "100%", "100%"]),
            ("a=?b", ["a=?b", "=?UTF-8?B?YT0/Yg==?=", "YT0/Yg==", "a=?b", "a=?b"]),
            ("李", ["%E6%9D%8E", "=?UTF-8?B?5p2O?=", "5p2O", "李", "?"]),
        ] {
            assert_eq!(ALL.map(|encoding| encoded(text, encoding)), becomes, "{text}");
        }
    }

    #[test]
    fn a_value_among_several_cannot_be_two() {
        let mut text = String::new();
        assert_eq!(join(["a", "b;admin"].iter(), ";", &mut text), Some(()));
        assert_eq!(text, "a;b admin");
        let none: [&str; 0] = [];
        assert_eq!(join(none.iter(), ";", &mut text), None);
    }

    proptest! {
        #[test]
        fn no_text_ends_its_line(text in any::<String>()) {
            for encoding in ALL {
                let bytes = encode(&text, encoding);
                prop_assert!(bytes.iter().all(|b| *b >= 0x20 && *b != 0x7f), "{:?}: {:?}", encoding, bytes);
                if !matches!(encoding, ValueEncoding::Utf8) {
                    prop_assert!(bytes.is_ascii(), "{:?}", encoding);
                }
            }
        }

        #[test]
        fn encoded_words_are_short_and_whole(text in "\\PC{0,100}") {
            for word in encoded(&text, ValueEncoding::Rfc2047).split(' ').filter(|word| word.starts_with("=?UTF-8?B?")) {
                prop_assert!(word.len() <= 75, "{word}");
                let inner = word.trim_start_matches("=?UTF-8?B?").trim_end_matches("?=");
                prop_assert!(String::from_utf8(STANDARD.decode(inner).unwrap()).is_ok());
            }
        }
    }
}
