//! WebSockets: bytes both ways, untouched, until somebody closes or access ends.
//!
//! Frames are followed by their heads alone: those of the app, so that our close frame stands between two of them and never inside one;
//! those of the guest, because data is something that a person did, and a ping is not.

use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};

use super::{
    look::{Head, one},
    names::lists,
    record::Record,
    upstream::{Stream, Tunnel},
    watch::Watch,
    wire::ResponseHead,
    worker::Worker,
};

/// A WebSocket that an app has opened.
pub(super) struct Switched {
    pub(super) upstream: Tunnel,
    pub(super) watch: Option<Watch>,
    /// Silence of the app after which it is closed.
    pub(super) idle: Duration,
}

const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CHUNK: usize = 16 * 1024;
/// How long the last bytes may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a tunnel is closed by us, as the close frame says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    /// Access has ended.
    Policy,
    /// This process ends.
    GoingAway,
}

impl Close {
    const fn frame(self) -> &'static [u8] {
        match self {
            Self::Policy => b"\x88\x0e\x03\xf0access ended",
            Self::GoingAway => b"\x88\x0c\x03\xe9going away",
        }
    }
}

/// What an app that takes a WebSocket answers to its key (RFC 6455, 4.2.2).
pub(super) fn accept(key: &[u8]) -> String {
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &[key, MAGIC].concat()))
}

/// Whether an answer opens the WebSocket that was asked for.
pub(super) fn is_genuine(head: &Head, answer: &ResponseHead) -> bool {
    let Some(key) = one(head, "sec-websocket-key") else { return false };
    let expected = accept(key);
    let said = |name| answer.fields().first(name).unwrap_or_default();
    answer.status() == 101 && lists(said("upgrade"), "websocket") && said("sec-websocket-accept") == expected.as_bytes()
}

/// Carries a tunnel to its end. The guest's connection comes with what was read from it already; the record speaks at the end.
pub(super) async fn run<G>(worker: &Worker, (guest, early): (G, Bytes), switched: Switched, record: Option<Box<Record>>)
where
    G: AsyncRead + AsyncWrite + Unpin,
{
    let Switched { upstream, watch, idle } = switched;
    let begun = std::time::Instant::now();
    let revoked = async {
        match &watch {
            Some(watch) => watch.ended().await,
            None => std::future::pending().await,
        }
    };
    let counts = watch.as_ref().filter(|watch| watch.is_activity());
    let active = || {
        if let Some(watch) = counts {
            worker.shared.live.touch(&watch.known.view, worker.now());
        }
    };
    let mut ends = Ends { guest, upstream: upstream.stream, frames: Frames::default(), carried: 0 };
    let close = tokio::select! {
        () = revoked => Some(Close::Policy),
        () = worker.ending.due.cancelled() => Some(Close::GoingAway),
        () = ends.carry((early, upstream.early), idle, &active) => None,
    };
    if let Some(mut record) = record {
        record.more(usize::try_from(ends.carried).unwrap_or(usize::MAX));
        record.waited(begun.elapsed());
    }
    ends.say_goodbye(close).await;
}

/// Both ends of a tunnel.
struct Ends<G> {
    guest: G,
    upstream: Stream,
    frames: Frames,
    /// Bytes to the guest.
    carried: u64,
}

impl<G: AsyncRead + AsyncWrite + Unpin> Ends<G> {
    /// Until one side ends or nobody has said anything for too long.
    async fn carry(&mut self, (of_guest, of_app): (Bytes, Bytes), idle: Duration, active: &dyn Fn()) {
        let (mut up, mut down) = (vec![0; CHUNK], vec![0; CHUNK]);
        let Self { guest, upstream, frames, carried } = self;
        let (mut guest_in, mut guest_out) = tokio::io::split(guest);
        let (mut app_in, mut app_out) = tokio::io::split(upstream);
        let to_app = async {
            let (mut part, mut said): (&[u8], _) = (&of_guest, Frames::default());
            loop {
                if said.follow(part) {
                    active();
                }
                if app_out.write_all(part).await.is_err() || app_out.flush().await.is_err() {
                    break;
                }
                let Ok(n @ 1..) = guest_in.read(&mut up).await else { break };
                part = up.get(..n).unwrap_or_default();
            }
            let _ = app_out.shutdown().await;
        };
        let to_guest = async {
            let mut part: &[u8] = &of_app;
            loop {
                // What is written in part when the tunnel is cut counts as written: then no close frame follows.
                frames.writing = !part.is_empty();
                if guest_out.write_all(part).await.is_err() || guest_out.flush().await.is_err() {
                    break;
                }
                frames.follow(part);
                frames.writing = false;
                *carried += part.len() as u64;
                let Ok(Ok(n @ 1..)) = timeout(idle, app_in.read(&mut down)).await else { break };
                part = down.get(..n).unwrap_or_default();
            }
        };
        tokio::pin!(to_app, to_guest);
        tokio::select! {
            () = &mut to_guest => {}
            () = &mut to_app => {
                // The app may still answer the guest's close.
                let _ = timeout(FAREWELL, &mut to_guest).await;
            }
        }
    }

    async fn say_goodbye(mut self, close: Option<Close>) {
        let last = async {
            if let Some(close) = close
                && self.frames.is_between()
            {
                let _ = self.guest.write_all(close.frame()).await;
            }
            let _ = self.guest.shutdown().await;
            let _ = self.upstream.shutdown().await;
            // The guest's answer to the close is read, so that the socket is not reset under our last frame.
            let mut rest = [0; 256];
            while let Ok(1..) = self.guest.read(&mut rest).await {}
        };
        tokio::select! {
            () = last => {}
            () = sleep(FAREWELL) => {}
        }
    }
}

/// Where in a stream of frames one stands.
#[derive(Debug, Default)]
struct Frames {
    head: Vec<u8>,
    /// Bytes of the present frame's payload that are still to come.
    left: u64,
    /// The present frame is part of a message.
    data: bool,
    writing: bool,
}

impl Frames {
    /// Whether the next byte begins a frame.
    fn is_between(&self) -> bool {
        self.left == 0 && self.head.is_empty() && !self.writing
    }

    /// Goes on by these bytes, and says whether any of them are part of a message.
    fn follow(&mut self, mut bytes: &[u8]) -> bool {
        let mut data = false;
        while let Some((first, rest)) = bytes.split_first() {
            if self.left == 0 && self.head.is_empty() {
                // Continuation, text, binary (RFC 6455, 5.2).
                self.data = first & 0x0f <= 2;
            }
            data |= self.data;
            if self.left > 0 {
                let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= n as u64;
                bytes = bytes.get(n..).unwrap_or_default();
                continue;
            }
            self.head.push(*first);
            bytes = rest;
            if let Some(length) = payload(&self.head) {
                self.left = length;
                self.head.clear();
            }
        }
        data
    }
}

/// The length of the payload, once the whole head is there.
fn payload(head: &[u8]) -> Option<u64> {
    let second = *head.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (wide, short) = match second & 0x7f {
        126 => (2, None),
        127 => (8, None),
        n => (0, Some(u64::from(n))),
    };
    if head.len() < 2 + wide + mask {
        return None;
    }
    Some(short.unwrap_or_else(|| head.get(2..2 + wide).unwrap_or_default().iter().fold(0, |all, byte| all << 8 | u64::from(*byte))))
}

/// Where one stands between frames is the same wherever the bytes are cut.
#[cfg(any(test, fuzzing))]
pub(super) fn fuzz_frames(bytes: &[u8]) {
    let (mut whole, mut pieces) = (Frames::default(), Frames::default());
    let said = whole.follow(bytes);
    let told = bytes.chunks(3).fold(false, |told, piece| pieces.follow(piece) | told);
    assert_eq!((said, whole.is_between(), whole.left), (told, pieces.is_between(), pieces.left));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_frame_stands_between_two_frames() {
        let long = [&[0x82, 126, 1, 0][..], &[7; 256]].concat();
        let stream = [&b"\x81\x05hello"[..], &long, &b"\x89\x00"[..]].concat();
        let mut whole: Frames = Frames::default();
        whole.follow(&stream);
        assert!(whole.is_between());
        let ends = [0, 7, 7 + long.len(), stream.len()];
        let mut frames = Frames::default();
        for (ix, byte) in stream.iter().enumerate() {
            assert_eq!(frames.is_between(), ends.contains(&ix), "{ix}");
            frames.follow(&[*byte]);
        }
    }

    #[test]
    fn a_message_is_activity_however_it_arrives_and_a_ping_is_none() {
        let masked = |opcode: u8, length: u8| [&[opcode, 0x80 | length][..], &[1, 2, 3, 4], &vec![9; usize::from(length)]].concat();
        let (ping, text) = (masked(0x89, 5), masked(0x81, 90));
        let mut frames = Frames::default();
        assert!(!frames.follow(&ping));
        for byte in &ping {
            assert!(!frames.follow(&[*byte]));
        }
        assert!(frames.follow(&text[..3]) && frames.follow(&text[3..60]) && frames.follow(&text[60..]));
        assert!(!frames.follow(&ping) && frames.follow(&[ping.clone(), text].concat()) && !frames.follow(&masked(0x8a, 0)));
    }

    #[test]
    fn our_close_frames_are_frames() {
        for close in [Close::Policy, Close::GoingAway] {
            let mut frames = Frames::default();
            frames.follow(close.frame());
            assert!(frames.is_between());
        }
    }
}
