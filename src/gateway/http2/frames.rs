//! The heads of a guest's frames (RFC 9113, 4.1), one after the other, out of bytes that come in any pieces. Looks at nothing else:
//! what a frame means is for the library behind.

/// A frame, as far as it costs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// DATA with something in it, padding aside.
    Data,
    /// DATA with nothing in it.
    EmptyData {
        /// It ends its stream, so there is one a stream.
        last: bool,
    },
    /// The beginning of a head.
    Headers,
    /// More of a head.
    Continuation,
    /// PRIORITY.
    Priority,
    /// RST_STREAM.
    Reset,
    /// SETTINGS, acknowledgements too.
    Settings,
    /// PING.
    Ping,
    /// WINDOW_UPDATE.
    WindowUpdate,
    /// GOAWAY, and kinds that we do not know.
    Other,
}

/// Where in the bytes of a connection one stands.
#[derive(Debug)]
pub(super) struct Scanner {
    /// What is left of the preface, which is no frame.
    preface: usize,
    head: [u8; HEAD],
    seen: usize,
    /// What is left of the payload.
    left: usize,
    /// The payload is that of a head.
    in_head: bool,
    /// A head has begun and does not end with this frame.
    open_head: bool,
}

const HEAD: usize = 9;
/// `PRI * HTTP/2.0…`, which the library compares.
const PREFACE: usize = 24;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;

impl Scanner {
    /// At the beginning of a connection.
    pub(super) fn new() -> Self {
        Self { preface: PREFACE, head: [0; HEAD], seen: 0, left: 0, in_head: false, open_head: false }
    }

    /// Whether a head has begun that is not whole yet.
    pub(super) fn is_in_head(&self) -> bool {
        self.open_head || (self.in_head && self.left > 0)
    }

    /// Goes on by these bytes and tells each frame that begins in them, until somebody has had enough.
    pub(super) fn scan<E>(&mut self, mut bytes: &[u8], tell: &mut impl FnMut(Frame) -> Result<(), E>) -> Result<(), E> {
        let skipped = self.preface.min(bytes.len());
        self.preface -= skipped;
        bytes = bytes.get(skipped..).unwrap_or_default();
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 && !self.awaits_padding() {
                let n = self.left.min(bytes.len());
                self.left -= n;
                bytes = bytes.get(n..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            if self.left > 0 {
                // How much of a padded DATA frame is data stands in its first byte.
                self.left -= 1;
                self.seen = 0;
                tell(self.data(self.left.saturating_sub(usize::from(*first))))?;
                continue;
            }
            if let Some(cell) = self.head.get_mut(self.seen) {
                *cell = *first;
                self.seen += 1;
            }
            if self.seen == HEAD
                && let Some(frame) = self.begin()
            {
                self.seen = 0;
                tell(frame)?;
            }
        }
        Ok(())
    }

    fn awaits_padding(&self) -> bool {
        self.seen == HEAD
    }

    /// What the head says; `None` where one byte more is needed.
    fn begin(&mut self) -> Option<Frame> {
        let [a, b, c, kind, flags, ..] = self.head;
        self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        self.in_head = matches!(kind, 0x1 | 0x9);
        if self.in_head {
            self.open_head = flags & END_HEADERS == 0;
        }
        Some(match kind {
            0x0 if flags & PADDED != 0 && self.left > 0 => return None,
            0x0 => self.data(self.left),
            0x1 => Frame::Headers,
            0x2 => Frame::Priority,
            0x3 => Frame::Reset,
            0x4 => Frame::Settings,
            0x6 => Frame::Ping,
            0x8 => Frame::WindowUpdate,
            0x9 => Frame::Continuation,
            _ => Frame::Other,
        })
    }

    fn data(&self, length: usize) -> Frame {
        if length > 0 { Frame::Data } else { Frame::EmptyData { last: self.head.get(4).is_some_and(|flags| flags & END_STREAM != 0) } }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    }

    fn scanned(bytes: &[u8], step: usize) -> (Vec<Frame>, bool) {
        let (mut scanner, mut seen) = (Scanner::new(), Vec::new());
        for piece in [&[b'P'; PREFACE], bytes].concat().chunks(step.max(1)) {
            let told: Result<(), ()> = scanner.scan(piece, &mut |frame| {
                seen.push(frame);
                Ok(())
            });
            told.unwrap();
        }
        (seen, scanner.is_in_head())
    }

    #[test]
    fn frames_are_told_however_their_bytes_arrive() {
        let wire = [
            frame(4, 0, &[0; 12]),
            frame(1, 0, b"head"),
            frame(9, END_HEADERS, b"more"),
            frame(0, 0, b"data"),
            frame(0, END_STREAM, b""),
            frame(0, PADDED, &[3, 0, 0, 0]),
            frame(0, PADDED, &[2, 0, 0, 0]),
            frame(0, PADDED, b""),
            frame(6, 0, &[0; 8]),
            frame(3, 0, &[0; 4]),
            frame(8, 0, &[0; 4]),
            frame(2, 0, &[0; 5]),
            frame(0xb, 0, b"grease"),
        ]
        .concat();
        let told = [
            Frame::Settings,
            Frame::Headers,
            Frame::Continuation,
            Frame::Data,
            Frame::EmptyData { last: true },
            Frame::EmptyData { last: false },
            Frame::Data,
            Frame::EmptyData { last: false },
            Frame::Ping,
            Frame::Reset,
            Frame::WindowUpdate,
            Frame::Priority,
            Frame::Other,
        ];
        for step in 1..=wire.len() {
            assert_eq!(scanned(&wire, step), (told.to_vec(), false), "{step}");
        }
    }

    #[test]
    fn a_head_is_open_until_its_last_byte() {
        let whole = [frame(1, 0, b"head"), frame(9, END_HEADERS, b"more")].concat();
        for end in HEAD..whole.len() {
            assert!(scanned(&whole[..end], 7).1, "{end}");
        }
        assert!(!scanned(&whole, 7).1);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..40) {
            prop_assert_eq!(scanned(&bytes, step), scanned(&bytes, 1_000));
        }
    }
}
