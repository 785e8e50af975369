//! Random exchanges, as small numbers that shrink well.

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{Behind, Speaks};
use crate::{
    full,
    wire::{
        Framing, Move, Script, Step,
        script::{Fields, pattern},
    },
};

/// What kind of exchange a pair of protocols can have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    guest: Speaks,
    behind: Behind,
    websocket: bool,
    /// A call as gRPC has it: the answer ends with trailers.
    call: bool,
}

impl Kind {
    pub(super) fn plain(guest: Speaks, behind: Behind) -> Self {
        Self { guest, behind, websocket: false, call: false }
    }

    pub(super) fn call(guest: Speaks, behind: Behind) -> Self {
        Self { call: true, ..Self::plain(guest, behind) }
    }

    pub(super) fn websocket(guest: Speaks, behind: Behind) -> Self {
        Self { websocket: true, ..Self::plain(guest, behind) }
    }
}

/// An exchange before it is laid out.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    kind: Kind,
    method: &'static str,
    query: &'static str,
    asked: Vec<(&'static str, &'static str)>,
    up: Vec<usize>,
    up_chunked: bool,
    expects: bool,
    informs: bool,
    status: u16,
    told: Vec<(&'static str, &'static str)>,
    down: Vec<usize>,
    tells: u8,
    promised: usize,
    /// Before how many moves of the guest each move of the application stands.
    order: Vec<u8>,
    waits: Vec<bool>,
    leaves: Option<(bool, u8)>,
    seed: u8,
}

const METHODS: [&str; 9] = ["GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"];
const QUERIES: [&str; 7] =
    ["", "?", "?a=b&a=%2f%zz", "?//..//\\", "/x/y?redirect=https://a.example/%0d%0a", "/ph%C3%A4?q=%ff", "/a;v=1/b?`'|{}"];
const ASKED: [(&str, &str); 18] = [
    ("Accept", "*/*"),
    ("accept-ENCODING", "gzip, br;q=0.5"),
    ("X-Odd_Name", "x_y-z"),
    ("x.dotted!#$%&'*+-^`|~", "tokens are wide"),
    ("X-Empty", ""),
    ("X-Twice", "one"),
    ("X-Twice", "two"),
    ("Range", "bytes=0-99,200-"),
    ("If-None-Match", "W/\"abc\", \"def\""),
    ("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ("Authorization", "Basic dTpw"),
    ("Referer", "https://charts.example.test/a?b#c"),
    ("User-Agent", "Mozilla/5.0 (X11; \"Linux\")"),
    ("Content-Type", "multipart/form-data; boundary=\"a b\""),
    ("Content-Encoding", "gzip"),
    ("X-Tab", "a\tb  c"),
    ("X-Latin", "gr\u{fc}\u{df}e"),
    ("Priority", "u=1, i"),
];
const TOLD: [(&str, &str); 18] = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Type", "text/event-stream"),
    ("CONTENT-encoding", "gzip"),
    ("ETag", "W/\"1-2\""),
    ("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ("Set-Cookie", "a=b; Path=/; HttpOnly"),
    ("Set-Cookie", "c=\"d e\"; SameSite=None; Secure"),
    ("Vary", "*"),
    ("WWW-Authenticate", "Basic realm=\"x\", Digest nonce=\"y\""),
    ("Location", "/elsewhere?x=https://b.example/"),
    ("Location", "https://other.example:444/%zz"),
    ("Content-Range", "bytes 0-99/1000"),
    ("Accept-Ranges", "bytes"),
    ("Content-Disposition", "attachment; filename*=UTF-8''%c3%bc.txt"),
    ("X-Odd_Header!", "a,b ;c"),
    ("X-Empty", ""),
    ("X-Latin", "caf\u{e9}"),
    ("Server-Timing", "db;dur=53"),
];
const STATUSES: [u16; 16] = [200, 200, 200, 200, 201, 204, 206, 301, 304, 400, 401, 404, 416, 500, 503, 599];

/// Small pieces mostly, the edges of buffers now and then.
fn pieces() -> impl Strategy<Value = Vec<usize>> {
    let large = if full() { 3_000_000 } else { 200_000 };
    let piece = prop_oneof![
        8 => 1_usize..100,
        2 => 1_000_usize..9_000,
        2 => (select(vec![4_096_usize, 16_384, 16_385, 32_768, 65_535, 65_536]), 0_usize..3).prop_map(|(n, more)| n - 1 + more),
        1 => 60_000_usize..large,
    ];
    prop_oneof![3 => Just(Vec::new()), 7 => vec(piece, 1..6)]
}

pub(super) fn script(kind: Kind) -> impl Strategy<Value = Raw> {
    let request = (
        select(&METHODS[..]),
        select(&QUERIES[..]),
        proptest::sample::subsequence(ASKED.to_vec(), 0..6),
        pieces(),
        any::<bool>(),
        proptest::bool::weighted(0.15),
    );
    let answer = (
        select(&STATUSES[..]),
        proptest::sample::subsequence(TOLD.to_vec(), 0..6),
        pieces(),
        0_u8..10,
        0_usize..100_000,
        proptest::bool::weighted(0.15),
    );
    let course = (
        vec(prop_oneof![3 => Just(9_u8), 1 => 0_u8..8], 8),
        vec(any::<bool>(), 20),
        option::weighted(0.25, (any::<bool>(), 0_u8..14)),
        any::<u8>(),
    );
    (request, answer, course).prop_map(
        move |(
            (method, query, asked, up, up_chunked, expects),
            (status, told, down, tells, promised, informs),
            (order, waits, leaves, seed),
        )| Raw {
            kind,
            method,
            query,
            asked,
            up,
            up_chunked,
            expects,
            informs,
            status,
            told,
            down,
            tells,
            promised,
            order,
            waits,
            leaves,
            seed,
        },
    )
}

impl Raw {
    pub(super) fn build(&self) -> Script {
        if self.kind.websocket {
            return self.websocket();
        }
        if self.kind.call {
            return self.call();
        }
        // Old clients know no chunks, and methods without a body have none here.
        let chunked = self.up_chunked && self.kind.guest != Speaks::Http10;
        let total: usize = self.up.iter().sum();
        let asks = match self.method {
            "GET" | "HEAD" | "DELETE" => Framing::None,
            _ if chunked => Framing::Chunked,
            _ => Framing::Length(total),
        };
        let up = if asks == Framing::None { Vec::new() } else { self.up.clone() };
        let bodiless = self.method == "HEAD" || matches!(self.status, 204 | 304);
        let down: Vec<usize> = if bodiless { Vec::new() } else { self.down.clone() };
        let length: usize = down.iter().sum();
        let tells = match self.tells {
            // A 204 has no length; what HEAD and 304 promise is not sent.
            _ if self.status == 204 => Framing::None,
            0..5 if bodiless => Framing::Length(self.promised),
            _ if bodiless => Framing::None,
            0..4 => Framing::Length(length),
            4 | 5 if self.kind.behind == Behind::Http11 => Framing::Close,
            _ => Framing::Chunked,
        };
        let expects = self.expects && !up.is_empty() && self.kind.guest == Speaks::Http11;
        let mut script = Script {
            method: self.method.to_owned(),
            target: self.query.to_owned(),
            asked: fields(&self.asked),
            asks,
            expects,
            up: pattern(self.seed, up.iter().sum()),
            status: self.status,
            told: fields(&self.told),
            tells,
            down: pattern(self.seed ^ 0x55, length),
            trailers: Fields::new(),
            steps: Vec::new(),
        };
        let mut ups: Vec<Move> = up.iter().map(|n| Move::Up(*n)).collect();
        ups.push(Move::UpEnd);
        let mut downs: Vec<Move> = Vec::new();
        if self.informs && self.kind.guest != Speaks::Http10 {
            downs.push(Move::Inform(103));
        }
        downs.push(Move::Head);
        downs.extend(down.iter().map(|n| Move::Down(*n)));
        downs.push(Move::DownEnd);
        // Whoever is told to go on must be told before the answer; a connection is closed only once everything was read.
        let late = expects || tells == Framing::Close;
        script.steps = self.lay(&ups, &downs, late);
        self.leave(&mut script);
        script
    }

    /// Mixes the moves of both: an order that is possible, because it has happened here.
    fn lay(&self, ups: &[Move], downs: &[Move], late: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut waits = self.waits.iter().copied().cycle();
        let mut sent = 0;
        for (ix, down) in downs.iter().enumerate() {
            let before = if late { ups.len() } else { usize::from(self.order[ix % self.order.len()]).min(ups.len()) };
            while sent < before {
                steps.push(Step { does: ups[sent], waits: waits.next().unwrap() });
                sent += 1;
            }
            steps.push(Step { does: *down, waits: late || waits.next().unwrap() });
        }
        steps.extend(ups[sent..].iter().map(|up| Step { does: *up, waits: waits.next().unwrap() }));
        steps
    }

    /// Lets one side leave somewhere; what would have come behind is not played.
    fn leave(&self, script: &mut Script) {
        let Some((guest, at)) = self.leaves else { return };
        let at = usize::from(at).min(script.steps.len());
        script.steps.truncate(at);
        // Nobody can leave an exchange that is over.
        if script.is_answered() {
            return self.restore(script);
        }
        if !guest && script.app_is_gone_unheard() {
            // A request that may be repeated is repeated.
            script.method = "POST".to_owned();
            script.asks = if script.asks == Framing::None { Framing::Length(0) } else { script.asks };
        }
        let does = if guest { Move::GuestLeaves } else { Move::AppLeaves };
        script.steps.push(Step { does, waits: self.seed.is_multiple_of(2) });
    }

    fn restore(&self, script: &mut Script) {
        let whole = Self { leaves: None, ..self.clone() }.build();
        *script = whole;
    }

    /// A call: whatever it says, it is a POST whose answer ends with trailers.
    fn call(&self) -> Script {
        let kind = Kind { call: false, ..self.kind };
        let tells = if self.tells < 4 { self.tells } else { 9 };
        let mut script = Self { kind, method: "POST", status: 200, up_chunked: true, expects: false, tells, ..self.clone() }.build();
        script.asked = fields(&[("Content-Type", "application/grpc+proto"), ("TE", "trailers"), ("grpc-timeout", "20S")]);
        script.told = fields(&[("Content-Type", "application/grpc+proto")]);
        script.trailers = fields(&[("grpc-status", "0"), ("grpc-message", "all%20well"), ("x-empty", "")]);
        script
    }

    /// Frames both ways, cut into pieces wherever it happens.
    fn websocket(&self) -> Script {
        let up = frames(&self.up, self.seed, true);
        let down = frames(&self.down, self.seed ^ 0x55, false);
        let cut = |whole: usize| -> Vec<usize> {
            let mut left = whole;
            let mut cuts: Vec<usize> = Vec::new();
            for size in self.order.iter().map(|n| usize::from(*n) * 37 + 1) {
                if left > 0 && cuts.len() < 5 {
                    cuts.push(size.min(left));
                    left -= size.min(left);
                }
            }
            if left > 0 {
                cuts.push(left);
            }
            cuts
        };
        let ups: Vec<Move> = cut(up.len()).into_iter().map(Move::Up).collect();
        let mut downs = vec![Move::Head];
        downs.extend(cut(down.len()).into_iter().map(Move::Down));
        let mut steps = vec![Step { does: Move::Head, waits: true }];
        let mut waits = self.waits.iter().copied().cycle();
        let mut rest = (ups.iter(), downs[1..].iter());
        loop {
            let next =
                if waits.next().unwrap() { rest.0.next().or_else(|| rest.1.next()) } else { rest.1.next().or_else(|| rest.0.next()) };
            let Some(does) = next else { break };
            // The guest may not speak before the answer has come.
            steps.push(Step { does: *does, waits: matches!(does, Move::Up(_)) || waits.next().unwrap() });
        }
        let guest = self.leaves.is_none_or(|(guest, _)| guest);
        steps.push(Step { does: if guest { Move::GuestLeaves } else { Move::AppLeaves }, waits: true });
        Script {
            method: "GET".to_owned(),
            target: self.query.to_owned(),
            asked: fields(&self.asked),
            asks: Framing::Tunnel,
            expects: false,
            up,
            status: 101,
            told: fields(&[("Sec-WebSocket-Protocol", "chat")]),
            tells: Framing::Tunnel,
            down,
            trailers: Fields::new(),
            steps,
        }
    }
}

impl Script {
    fn app_is_gone_unheard(&self) -> bool {
        self.position(|m| *m == Move::Head).is_none()
    }
}

/// Latin-1, as HTTP/1 has it.
fn fields(all: &[(&str, &str)]) -> Fields {
    all.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect())).collect()
}

/// Frames of these sizes: text, binary, continued, pings between.
fn frames(sizes: &[usize], seed: u8, masked: bool) -> Bytes {
    let mut bytes = Vec::new();
    for (ix, size) in sizes.iter().enumerate() {
        let control = (ix + usize::from(seed)) % 4 == 3;
        let size = if control { size % 126 } else { *size };
        bytes.push(if control { 0x89 } else { [0x81, 0x82, 0xc2][ix % 3] });
        let mask = if masked { 0x80 } else { 0 };
        match size {
            0..126 => bytes.push(mask | u8::try_from(size).unwrap()),
            126..65_536 => {
                bytes.push(mask | 126);
                bytes.extend_from_slice(&u16::try_from(size).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(mask | 127);
                bytes.extend_from_slice(&(size as u64).to_be_bytes());
            }
        }
        if masked {
            bytes.extend_from_slice(&[seed, 1, 2, 3]);
        }
        bytes.extend_from_slice(&pattern(seed, size));
    }
    bytes.into()
}
