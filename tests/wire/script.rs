//! What both sides of an exchange do, and what they saw of each other.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use tokio::sync::watch;

/// Names and values in their order.
pub type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// How the end of a body is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes, also where none of them is sent (HEAD, 304).
    Length(usize),
    Chunked,
    /// With the connection; answers only.
    Close,
    /// The connection leaves HTTP.
    Tunnel,
}

/// One thing that one side does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The guest sends so many bytes of the body.
    Up(usize),
    /// The guest ends its body.
    UpEnd,
    /// The application sends an informational answer.
    Inform(u16),
    /// The application sends the head of its answer.
    Head,
    /// The application sends so many bytes of the body.
    Down(usize),
    /// The application ends its answer.
    DownEnd,
    /// The guest closes its connection, or resets its stream.
    GuestLeaves,
    /// So does the application.
    AppLeaves,
}

/// A move, and whether its maker waits until it has received everything that stands before it.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub does: Move,
    pub waits: bool,
}

/// A whole exchange.
#[derive(Clone)]
pub struct Script {
    pub method: String,
    /// Behind the number of the exchange: `?…` or `/…`, or nothing.
    pub target: String,
    pub asked: Fields,
    pub asks: Framing,
    pub expects: bool,
    pub up: Bytes,
    pub status: u16,
    pub told: Fields,
    pub tells: Framing,
    pub down: Bytes,
    pub trailers: Fields,
    pub steps: Vec<Step>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {:?} up {} -> {} {:?} down {}: {:?}",
            self.method,
            self.target,
            self.asks,
            self.up.len(),
            self.status,
            self.tells,
            self.down.len(),
            self.steps
        )
    }
}

/// What one side has received so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sofar {
    pub head: bool,
    pub go_on: bool,
    pub bytes: usize,
    pub end: bool,
}

impl Sofar {
    fn covers(&self, other: &Self) -> bool {
        (self.head || !other.head) && self.bytes >= other.bytes && (self.end || !other.end)
    }
}

impl Script {
    /// What the guest must have received before this step.
    fn down_before(&self, ix: usize) -> Sofar {
        let mut sofar = Sofar::default();
        for step in &self.steps[..ix] {
            match step.does {
                Move::Head => sofar.head = true,
                Move::Down(n) => sofar.bytes += n,
                Move::DownEnd => sofar.end = true,
                _ => {}
            }
        }
        sofar
    }

    /// What the application must have received before this step.
    fn up_before(&self, ix: usize) -> Sofar {
        let mut sofar = Sofar { head: true, ..Sofar::default() };
        for step in &self.steps[..ix] {
            match step.does {
                Move::Up(n) => sofar.bytes += n,
                Move::UpEnd => sofar.end = true,
                _ => {}
            }
        }
        sofar
    }

    pub fn position(&self, find: impl Fn(&Move) -> bool) -> Option<usize> {
        self.steps.iter().position(|step| find(&step.does))
    }

    /// Whether the end of the answer is a move of its own.
    fn ends_by_itself(&self) -> bool {
        matches!(self.tells, Framing::Chunked | Framing::Close) && self.method != "HEAD" && !matches!(self.status, 204 | 304)
    }

    /// Whether the answer is whole after the last step.
    pub fn is_answered(&self) -> bool {
        let sofar = self.down_before(self.steps.len());
        if self.ends_by_itself() { sofar.end } else { sofar.head && sofar.bytes == self.down.len() }
    }

    /// The step that completes the answer.
    fn completion(&self) -> Option<usize> {
        let last = |m: &Move| matches!(m, Move::Head | Move::Down(_));
        if self.ends_by_itself() { self.position(|m| *m == Move::DownEnd) } else { self.steps.iter().rposition(|step| last(&step.does)) }
    }

    /// Whether the application may have answered in full before the guest has sent everything: nothing that completes the answer waits
    /// for the end of the request.
    pub fn may_answer_early(&self) -> bool {
        let Some(complete) = self.completion() else { return false };
        let Some(end) = self.position(|m| *m == Move::UpEnd) else { return true };
        let waits = |step: &Step| step.waits && matches!(step.does, Move::Inform(_) | Move::Head | Move::Down(_) | Move::DownEnd);
        !self.steps.get(end..=complete).unwrap_or_default().iter().any(waits)
    }

    /// How much of the request the application insists on before its answer is whole.
    pub fn insists_on(&self) -> usize {
        let (mut up, mut most) = (0, 0);
        for step in self.steps.iter().take(self.completion().map_or(0, |ix| ix + 1)) {
            match step.does {
                Move::Up(n) => up += n,
                Move::Head | Move::Down(_) | Move::DownEnd if step.waits => most = up,
                _ => {}
            }
        }
        most
    }

    pub fn guest_leaves(&self) -> bool {
        self.position(|m| *m == Move::GuestLeaves).is_some()
    }

    pub fn app_leaves(&self) -> bool {
        self.position(|m| *m == Move::AppLeaves).is_some()
    }

    /// Whether the application leaves before it has said anything.
    pub fn app_is_silent(&self) -> bool {
        self.app_leaves() && self.position(|m| *m == Move::Head).is_none()
    }

    /// Bytes of this step, out of the whole.
    pub fn piece(&self, ix: usize) -> Bytes {
        match self.steps[ix].does {
            Move::Up(n) => {
                let at = self.up_before(ix).bytes;
                self.up.slice(at..at + n)
            }
            Move::Down(n) => {
                let at = self.down_before(ix).bytes;
                self.down.slice(at..at + n)
            }
            _ => Bytes::new(),
        }
    }
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    #[default]
    Open,
    Whole,
    /// It broke off.
    Cut,
}

/// What a guest received.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    pub interim: Vec<u16>,
    pub status: u16,
    pub fields: Fields,
    pub body: Vec<u8>,
    pub trailers: Fields,
    pub end: End,
    /// Whether the connection can carry another exchange.
    pub reusable: bool,
}

/// What an application received.
#[derive(Debug, Clone, Default)]
pub struct Got {
    pub method: String,
    pub target: String,
    pub fields: Fields,
    pub body: Vec<u8>,
    pub trailers: Fields,
    pub end: End,
    /// Whether the other side was seen to go.
    pub gone: bool,
}

/// A script that is being played.
#[derive(Debug)]
pub struct Case {
    pub script: Script,
    pub guest: watch::Sender<Sofar>,
    pub app: watch::Sender<Sofar>,
    got: watch::Sender<Option<Got>>,
}

impl Case {
    /// A script of which only the guest's part is played.
    pub fn alone(script: Script) -> Self {
        Self { script, guest: watch::Sender::default(), app: watch::Sender::default(), got: watch::Sender::default() }
    }

    /// Waits until the guest may make this move.
    pub async fn guest_may(&self, ix: usize) {
        let step = self.script.steps[ix];
        let leaves = step.does == Move::GuestLeaves;
        if step.waits || leaves {
            wait(&self.guest, self.script.down_before(ix)).await;
        }
        if leaves {
            wait(&self.app, self.script.up_before(ix)).await;
        }
    }

    /// Waits until the application may make this move.
    pub async fn app_may(&self, ix: usize) {
        let step = self.script.steps[ix];
        if step.waits || step.does == Move::AppLeaves {
            wait(&self.app, self.script.up_before(ix)).await;
        }
        // What is sent just before the end must arrive as well; now and then somebody makes sure.
        if step.does == Move::AppLeaves && step.waits {
            wait(&self.guest, self.script.down_before(ix)).await;
        }
    }

    pub async fn guest_told_to_go_on(&self) {
        let _ = self.guest.subscribe().wait_for(|sofar| sofar.go_on).await;
    }

    pub fn note_got(&self, got: Got) {
        self.got.send_replace(Some(got));
    }

    /// What the application has seen, once it has seen all that it will.
    pub async fn got(&self) -> Got {
        let mut got = self.got.subscribe();
        got.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }
}

async fn wait(sofar: &watch::Sender<Sofar>, until: Sofar) {
    let _ = sofar.subscribe().wait_for(|sofar| sofar.covers(&until)).await;
}

/// By the numbers in their addresses.
#[derive(Debug, Default)]
struct Cases {
    last: u64,
    all: HashMap<u64, Arc<Case>>,
}

/// An application that plays scripts, each at an address of its own.
#[derive(Debug, Clone)]
pub struct App {
    pub at: SocketAddr,
    cases: Arc<Mutex<Cases>>,
}

impl App {
    pub fn new(at: SocketAddr) -> Self {
        Self { at, cases: Arc::default() }
    }

    /// Makes a script playable; its target is what the guest has to ask for.
    pub fn stage(&self, script: &Script) -> (String, Arc<Case>) {
        let case =
            Case { script: script.clone(), guest: watch::Sender::default(), app: watch::Sender::default(), got: watch::Sender::default() };
        let case = Arc::new(case);
        let mut cases = self.cases.lock().unwrap();
        cases.last += 1;
        let id = cases.last;
        cases.all.insert(id, case.clone());
        (format!("/c/{id}{}", script.target), case)
    }

    pub fn find(&self, target: &str) -> Option<Arc<Case>> {
        let id = target.strip_prefix("/c/")?;
        let id = id.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        self.cases.lock().unwrap().all.get(&id).cloned()
    }
}

/// Bytes that show where they belong.
pub fn pattern(seed: u8, length: usize) -> Bytes {
    (0..length).map(|ix| (ix as u8).wrapping_mul(31) ^ (ix >> 8) as u8 ^ (ix >> 16) as u8 ^ seed).collect()
}
