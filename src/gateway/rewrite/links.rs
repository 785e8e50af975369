//! Internal names in a text, translated while it comes.
//!
//! What is decided about a place depends on the byte before it and on a bounded number of bytes behind it, never on how the text was cut
//! into pieces: only what could still become a name is held back.

use std::rc::Rc;

use bytes::Bytes;

use super::internal::{Internal, Seen};

/// A text on its way.
#[derive(Debug)]
pub(super) struct Translator {
    names: Rc<Internal>,
    /// The beginning of what may be a name.
    held: Vec<u8>,
    /// What came before that.
    before: Option<u8>,
}

impl Translator {
    /// A text of which nothing has come.
    pub(super) fn new(names: Rc<Internal>) -> Self {
        Self { names, held: Vec::new(), before: None }
    }

    /// What can be said once this has come too.
    pub(super) fn push(&mut self, piece: Bytes) -> Bytes {
        if piece.is_empty() {
            return piece;
        }
        let text = if self.held.is_empty() {
            piece
        } else {
            let mut text = std::mem::take(&mut self.held);
            text.extend_from_slice(&piece);
            text.into()
        };
        self.scan(&text, false)
    }

    /// What is left where nothing more comes.
    pub(super) fn finish(&mut self) -> Bytes {
        let rest = std::mem::take(&mut self.held);
        self.scan(&rest.into(), true)
    }

    fn scan(&mut self, text: &Bytes, whole: bool) -> Bytes {
        let mut out = Vec::new();
        let (mut at, mut copied) = (0, 0);
        while let Some(next) = text.get(at..).and_then(|rest| rest.iter().position(|b| begins(*b))) {
            at += next;
            let rest = text.get(at..).unwrap_or_default();
            match self.names.at(rest, before(text, at).or(self.before), whole) {
                Seen::Nothing => at += 1,
                Seen::Unclear => {
                    self.held = rest.to_vec();
                    return self.said(text, out, (copied, at));
                }
                Seen::Name(name) => {
                    out.extend_from_slice(text.get(copied..at).unwrap_or_default());
                    self.names.write(name, &mut out);
                    at += name.length;
                    copied = at;
                }
            }
        }
        let end = text.len();
        self.said(text, out, (copied, end))
    }

    /// What was written and what was not copied yet; the text itself where nothing in it had to change.
    fn said(&mut self, text: &Bytes, mut out: Vec<u8>, (copied, end): (usize, usize)) -> Bytes {
        self.before = before(text, end).or(self.before);
        if copied == 0 {
            return text.slice(..end);
        }
        out.extend_from_slice(text.get(copied..end).unwrap_or_default());
        out.into()
    }
}

fn before(text: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|ix| text.get(ix)).copied()
}

/// Whether a name may begin with this byte.
fn begins(byte: u8) -> bool {
    matches!(byte, b'h' | b'H' | b'w' | b'W' | b'/' | b'\\' | b'&')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::internal::tests::app, *};

    fn names(prefix: Option<&str>) -> Rc<Internal> {
        Rc::new(Internal::of(&app("http://old:8080", &["http://wiki.corp"], prefix), "https://charts.example.com"))
    }

    fn whole(names: &Rc<Internal>, text: &[u8]) -> Vec<u8> {
        let mut translator = Translator::new(Rc::clone(names));
        let mut out = translator.push(Bytes::copy_from_slice(text)).to_vec();
        out.extend_from_slice(&translator.finish());
        out
    }

    #[test]
    fn names_are_translated_in_every_spelling_and_nothing_else_is() {
        for (text, becomes) in [
            (r#"<a href="http://old:8080/x">"#, r#"<a href="https://charts.example.com/x">"#),
            (r#"<a href='//old:8080/x'>"#, r#"<a href='//charts.example.com/x'>"#),
            ("url(http://OLD:8080/x)", "url(https://charts.example.com/x)"),
            (r#"{"a":"http:\/\/old:8080\/x"}"#, r#"{"a":"https:\/\/charts.example.com\/x"}"#),
            (r#"{"a":"http:\u002F\u002fold:8080\u002fx"}"#, r#"{"a":"https:\u002f\u002fcharts.example.com\u002fx"}"#),
            ("http:&#x2F;&#x2F;old:8080&#x2F;x", "https:&#x2f;&#x2f;charts.example.com&#x2F;x"),
            (r#"new WebSocket("ws://old:8080/s")"#, r#"new WebSocket("wss://charts.example.com/s")"#),
            ("news://old:8080", "news://old:8080"),
            (r#""\nhttp://wiki.corp/x""#, r#""\nhttps://charts.example.com/x""#),
            ("See http://wiki.corp.", "See https://charts.example.com."),
            ("http://wiki.corporation/", "http://wiki.corporation/"),
            ("http://wiki.corp.example/", "http://wiki.corp.example/"),
            ("http://my.wiki.corp/", "http://my.wiki.corp/"),
            ("http://wiki.corp:81/", "http://wiki.corp:81/"),
            ("http://wiki.corp: x", "https://charts.example.com: x"),
            ("http://wiki.corp@evil/", "http://wiki.corp@evil/"),
            ("a//old:8080/b ftp://old:8080/", "a//old:8080/b ftp://old:8080/"),
            ("http:\\/\\/old:8080 http:/\\/old:8080", "https:\\/\\/charts.example.com http:/\\/old:8080"),
            ("http://", "http://"),
            ("http://old:8080", "https://charts.example.com"),
        ] {
            let got = whole(&names(None), text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&got), becomes, "{text}");
        }
    }

    #[test]
    fn the_apps_own_path_goes_where_a_link_begins() {
        for (text, becomes) in [
            (r#"<a href="/app/x">"#, r#"<a href="/x">"#),
            ("<img src=/app/x>", "<img src=/x>"),
            ("url(/app/x)", "url(/x)"),
            (r#"{"a":"\/app\/x"}"#, r#"{"a":"\/x"}"#),
            (r#"<a href="http://old:8080/app/x">"#, r#"<a href="https://charts.example.com/x">"#),
            (r#"<a href="http://old:8080/app">"#, r#"<a href="https://charts.example.com/">"#),
            (r#"{"a":"http:\/\/old:8080\/app"}"#, r#"{"a":"https:\/\/charts.example.com\/"}"#),
            (r#"<a href="/apple/x">"#, r#"<a href="/apple/x">"#),
            (r#"var base = "/app""#, r#"var base = "/app""#),
            ("run /app/x, or x/app/y", "run /app/x, or x/app/y"),
        ] {
            let got = whole(&names(Some("/app")), text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&got), becomes, "{text}");
        }
    }

    /// Texts that are full of names, halves of names, and what looks like them.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let words = [
            "http:",
            "https:",
            "ws:",
            "//",
            "\\/\\/",
            "\\u002f",
            "&#x2f;",
            "/",
            "old",
            "OLD",
            ":8080",
            ":80801",
            "wiki.corp",
            "wiki.",
            ".",
            "/app",
            "/app/",
            "\\/app",
            "@",
            "\"",
            "(",
            " ",
            "x",
            ":",
            "h",
            "w",
            "&",
            "charts.example.com",
            "\n",
            "é",
        ];
        proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..40).prop_map(|words| words.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn however_a_text_is_cut_the_same_comes_out(text in texts(), cuts in proptest::collection::vec(1_usize..9, 1..40), below: bool) {
            let names = names(below.then_some("/app"));
            let mut translator = Translator::new(Rc::clone(&names));
            let (mut out, mut rest) = (Vec::new(), &text[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*cut).min(rest.len()));
                out.extend_from_slice(&translator.push(Bytes::copy_from_slice(piece)));
                prop_assert!(translator.held.len() <= names.reach(), "{} bytes held", translator.held.len());
                rest = behind;
            }
            out.extend_from_slice(&translator.finish());
            prop_assert_eq!(out, whole(&names, &text));
        }

        #[test]
        fn a_text_without_names_is_what_it_was(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(whole(&names(None), &text), text);
        }
    }
}
