//! An answer whose text is translated on its way: its coding undone, its names changed, its coding done again.
//!
//! Nothing is kept but what the codings need, the beginning of what may be a name, and one piece. A piece that means far more than it
//! weighs is worked off in parts, so that other requests of the same worker are served in between, and ends the answer where no text is
//! like that.

use std::{
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;

use super::{
    coding::{Coding, Decoder, Encoder, Next},
    internal::Internal,
    links::Translator,
};
use crate::gateway::{body::Broken, wire::Piece};

/// An answer on its way.
pub(crate) struct Translation {
    coding: Coding,
    decoder: Decoder,
    translator: Translator,
    /// `None` at the end.
    encoder: Option<Encoder>,
    input: Bytes,
    next: Next,
    /// Something was coded that nobody can read yet.
    unread: bool,
    /// How much has come, and how much it meant.
    weight: (u64, u64),
}

impl std::fmt::Debug for Translation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Translation({:?})", self.coding)
    }
}

/// Steps of a decoder before others have their turn.
const TURN: usize = 8;
/// So much is gathered before it is handed on, unless nothing more comes at once.
const GATHER: usize = 16 * 1024;
/// No text of more than this means more than [`DENSEST`] times what it weighs.
const LARGE: u64 = 16 << 20;
const DENSEST: u64 = 200;

/// The pieces of an answer, or why there are no more.
type Pieces = Poll<Option<Result<Piece, Broken>>>;

impl Translation {
    /// Before the first byte.
    pub(super) fn new(names: &Rc<Internal>, coding: Coding) -> Self {
        Self {
            coding,
            decoder: Decoder::new(coding),
            translator: Translator::new(Rc::clone(names)),
            encoder: Some(Encoder::new(coding)),
            input: Bytes::new(),
            next: Next::Hungry,
            unread: false,
            weight: (0, 0),
        }
    }

    /// Whether everything has been said.
    pub(crate) fn is_done(&self) -> bool {
        self.encoder.is_none()
    }

    /// The next piece; `source` gives the app's. Trailers end here: they may speak of bytes that nobody gets.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, mut source: impl FnMut(&mut Context<'_>) -> Pieces) -> Pieces {
        let mut steps = 0;
        loop {
            if self.encoder.is_none() {
                return Poll::Ready(None);
            }
            if self.next == Next::More || !self.input.is_empty() {
                if steps == TURN {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                steps += 1;
                if let Err(broken) = self.step() {
                    return Poll::Ready(Some(Err(broken)));
                }
                if let Some(piece) = self.ready(GATHER) {
                    return Poll::Ready(Some(Ok(Piece::Data(piece))));
                }
                continue;
            }
            match source(cx) {
                Poll::Ready(Some(Ok(Piece::Data(piece)))) => {
                    self.weight.0 += piece.len() as u64;
                    self.input = piece;
                }
                Poll::Ready(Some(Ok(Piece::Trailers(_)))) => {}
                Poll::Ready(Some(Err(broken))) => return Poll::Ready(Some(Err(broken))),
                Poll::Ready(None) => return Poll::Ready(self.finish().map(|piece| piece.map(Piece::Data))),
                Poll::Pending => {
                    // What the app has said so far is seen, even if it says nothing more for long.
                    if std::mem::take(&mut self.unread)
                        && let Some(encoder) = &mut self.encoder
                    {
                        encoder.flush();
                    }
                    return self.ready(1).map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(Piece::Data(piece)))));
                }
            }
        }
    }

    /// Decodes a part of the input and says it again.
    fn step(&mut self) -> Result<(), Broken> {
        let Some(encoder) = &mut self.encoder else { return Ok(()) };
        let text = if self.coding == Coding::Plain {
            std::mem::take(&mut self.input)
        } else {
            let mut text = Vec::new();
            self.next = self.decoder.step(&mut self.input, &mut text).map_err(|error| {
                tracing::warn!(%error, "an answer was cut off");
                Broken::Cut
            })?;
            text.into()
        };
        self.weight.1 += text.len() as u64;
        if self.weight.1 > LARGE && self.weight.1 / DENSEST > self.weight.0 {
            tracing::warn!(came = self.weight.0, meant = self.weight.1, "an answer that means far more than it weighs was cut off");
            return Err(Broken::Cut);
        }
        let said = self.translator.push(text);
        if !said.is_empty() {
            encoder.push(&said);
            self.unread = true;
        }
        Ok(())
    }

    /// What has come out, if it is at least so much.
    fn ready(&mut self, least: usize) -> Option<Bytes> {
        let encoder = self.encoder.as_mut()?;
        (encoder.ready() >= least).then(|| encoder.take())
    }

    /// The last piece. An answer without a body stays without one.
    fn finish(&mut self) -> Option<Result<Bytes, Broken>> {
        let mut encoder = self.encoder.take()?;
        if !self.decoder.is_whole() {
            return Some(Err(Broken::Cut));
        }
        encoder.push(&self.translator.finish());
        if self.weight.0 == 0 {
            return None;
        }
        Some(encoder.finish()).filter(|piece| !piece.is_empty()).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use proptest::prelude::*;

    use super::{
        super::{
            coding::tests::{ALL, decoded, encoded},
            internal::tests::app,
        },
        *,
    };

    fn translation(coding: Coding) -> Translation {
        let names = Rc::new(Internal::of(&app("http://old:8080", &[], None), "https://charts.example.com"));
        Translation::new(&names, coding)
    }

    /// What comes out of pieces that come with pauses between them.
    fn run(translation: &mut Translation, pieces: &[&[u8]]) -> Result<Vec<u8>, Broken> {
        let mut source = pieces.iter().flat_map(|piece| [Some(*piece), None]);
        let mut cx = Context::from_waker(Waker::noop());
        let (mut out, mut ended) = (Vec::new(), false);
        loop {
            let polled = translation.poll(&mut cx, |_| match source.next() {
                Some(Some(piece)) => Poll::Ready(Some(Ok(Piece::Data(Bytes::copy_from_slice(piece))))),
                Some(None) => Poll::Pending,
                None => {
                    assert!(!std::mem::replace(&mut ended, true), "nobody asks again after the end");
                    Poll::Ready(None)
                }
            });
            match polled {
                Poll::Ready(Some(Ok(Piece::Data(piece)))) => out.extend_from_slice(&piece),
                Poll::Ready(Some(Ok(Piece::Trailers(_)))) | Poll::Pending => {}
                Poll::Ready(Some(Err(broken))) => return Err(broken),
                Poll::Ready(None) => return Ok(out),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn through_every_coding_and_cut_anywhere_the_names_are_public(words in "([a-z /]|http://old:8080/){0,60}", size in 1_usize..100) {
            let public = words.replace("http://old:8080", "https://charts.example.com");
            for coding in ALL {
                let bytes = encoded(coding, words.as_bytes());
                let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
                let out = run(&mut translation(coding), &pieces).unwrap();
                let text = String::from_utf8(decoded(coding, &out, 50).unwrap()).unwrap();
                prop_assert_eq!(&text, &public, "{:?}", coding);
            }
        }
    }

    #[test]
    fn what_an_app_says_before_a_pause_is_seen_before_it_ends() {
        for coding in ALL {
            let mut encoder = Encoder::new(coding);
            encoder.push(b"see http://old:8080/ now\n");
            encoder.flush();
            let mut first = Some(encoder.take());
            let mut translation = translation(coding);
            let mut cx = Context::from_waker(Waker::noop());
            let polled = translation.poll(&mut cx, |_| match first.take() {
                Some(piece) => Poll::Ready(Some(Ok(Piece::Data(piece)))),
                None => Poll::Pending,
            });
            let Poll::Ready(Some(Ok(Piece::Data(mut piece)))) = polled else { panic!("{coding:?}: nothing is seen") };
            let (mut decoder, mut out) = (Decoder::new(coding), Vec::new());
            while decoder.step(&mut piece, &mut out) == Ok(Next::More) {}
            assert_eq!(out, b"see https://charts.example.com/ now\n", "{coding:?}");
        }
    }

    #[test]
    fn an_empty_answer_stays_empty_and_one_that_is_cut_off_is_not_made_whole() {
        for coding in ALL {
            assert_eq!(run(&mut translation(coding), &[]), Ok(Vec::new()));
            let bytes = encoded(coding, b"http://old:8080/ and more");
            let cut = run(&mut translation(coding), &[&bytes[..bytes.len() / 2]]);
            assert_eq!(cut.is_err(), coding != Coding::Plain, "{coding:?}");
        }
    }

    #[test]
    fn what_means_far_more_than_it_weighs_is_cut_off() {
        let bomb = vec![0; 1 << 20];
        let many = usize::try_from(LARGE >> 20).unwrap() + 1;
        let whole = |coding| match coding {
            Coding::Gzip => encoded(coding, &bomb).repeat(many),
            Coding::Plain | Coding::Deflate | Coding::Brotli => encoded(coding, &bomb.repeat(many)),
        };
        for coding in [Coding::Gzip, Coding::Brotli] {
            let bytes = whole(coding);
            assert_eq!(run(&mut translation(coding), &[&bytes]), Err(Broken::Cut), "{coding:?}: {} bytes", bytes.len());
        }
    }
}
