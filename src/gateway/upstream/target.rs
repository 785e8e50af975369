//! One server of an application, as one worker knows it: how to reach it, and the connections to it that wait for work.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit},
    time::{Sleep, timeout},
};

use super::{
    UpstreamError,
    dial::{Dial, Link, Speaks, Wanted},
    mux::{Lease, Mux},
    seat::Seat,
    stream::Transport,
};
use crate::gateway::buffers::Buffers;

/// One server of an application. It belongs to one worker and one app: connections are never shared between apps.
pub(crate) struct Target {
    dial: Dial,
    seat: Arc<Seat>,
    connect: Duration,
    buffers: Rc<Buffers>,
    idle: RefCell<Vec<Idle>>,
    muxes: RefCell<Vec<Rc<Mux>>>,
    /// It has chosen HTTP/2, so that whoever needs a connection waits for the one that is being opened.
    chose_two: Cell<bool>,
    opening: tokio::sync::Mutex<()>,
    /// When its name is to be looked up again.
    resolved: Cell<Option<Instant>>,
    /// How many requests of this worker wait for a connection, and what tells them that one has come back.
    waiting: Cell<usize>,
    returned: Notify,
    /// Rounds of [`tidy`](Self::tidy): the age of what waits for work, for which a clock would be too dear.
    rounds: Cell<u64>,
}

/// A request that an upstream works on, counted while this lives.
#[derive(Debug)]
pub(crate) struct Ticket(pub(super) Rc<Target>);

/// A connection, and what has been read from it beyond the last answer.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: Transport,
    pub(super) buffer: BytesMut,
    pub(super) buffers: Rc<Buffers>,
    /// One for all exchanges: a timer is dear to make and cheap to move.
    pub(super) timer: Pin<Box<Sleep>>,
    pub(super) reused: bool,
    pub(super) permit: OwnedSemaphorePermit,
    address: SocketAddr,
}

/// What a request travels on.
pub(super) enum Opened {
    /// A connection of its own.
    One(Box<Conn>),
    /// A stream of a shared one.
    Two(Lease),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A request and its answer.
    Exchange,
    /// A WebSocket, which has a connection of HTTP/1.1 for itself where the upstream speaks it.
    Upgrade,
}

#[derive(Debug)]
struct Idle {
    conn: Box<Conn>,
    /// Since which round of [`Target::tidy`].
    since: u64,
}

/// Most connections that wait for work, for each upstream and worker.
const MOST_IDLE: usize = 64;
/// How long a connection may wait for work: less than most servers let it.
const IDLE: Duration = Duration::from_secs(20);
/// The same in rounds of [`Target::tidy`], of which there are four a second.
const IDLE_ROUNDS: u64 = 80;
/// How long a name is taken to lead where it led.
const RESOLVED: Duration = Duration::from_secs(30);

impl Target {
    /// A server; what is sent to it and read from it stands in `buffers`.
    pub(crate) fn new(dial: Dial, seat: Arc<Seat>, connect: Duration, buffers: &Rc<Buffers>) -> Self {
        Self {
            seat,
            buffers: Rc::clone(buffers),
            chose_two: Cell::new(dial.is_two_only()),
            dial,
            connect,
            idle: RefCell::default(),
            muxes: RefCell::default(),
            opening: tokio::sync::Mutex::new(()),
            resolved: Cell::new(None),
            waiting: Cell::new(0),
            returned: Notify::new(),
            rounds: Cell::new(0),
        }
    }

    /// A way to send a request: one that waits for work and is certainly clean, else a new one.
    pub(super) async fn open(&self, purpose: Purpose) -> Result<Opened, UpstreamError> {
        match self.free(purpose) {
            Some(opened) => Ok(opened),
            None => self.connect(purpose).await,
        }
    }

    /// A way that is open and takes requests.
    pub(super) fn free(&self, purpose: Purpose) -> Option<Opened> {
        if self.wants_one(purpose) || !self.chose_two.get() { self.clean().map(Opened::One) } else { self.lease().map(Opened::Two) }
    }

    fn wants_one(&self, purpose: Purpose) -> bool {
        purpose == Purpose::Upgrade && !self.dial.is_two_only()
    }

    /// A new connection, or one that has become free meanwhile.
    pub(super) async fn connect(&self, purpose: Purpose) -> Result<Opened, UpstreamError> {
        let permit = match Arc::clone(&self.seat.connections).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match timeout(self.connect, self.wait_for_room(purpose)).await.map_err(|_| UpstreamError::Saturated)? {
                Room::Free(opened) => return Ok(opened),
                Room::Permit(permit) => permit,
            },
        };
        timeout(self.connect, self.open_new(purpose, permit)).await.map_err(|_| UpstreamError::ConnectTimeout)?
    }

    async fn open_new(&self, purpose: Purpose, permit: OwnedSemaphorePermit) -> Result<Opened, UpstreamError> {
        if self.wants_one(purpose) {
            return Ok(Opened::One(self.conn(self.dial.open(Wanted::One).await?, permit)));
        }
        let turn = match self.chose_two.get() {
            true => Some(self.opening.lock().await),
            false => None,
        };
        if turn.is_some()
            && let Some(lease) = self.lease()
        {
            return Ok(Opened::Two(lease));
        }
        let link = self.dial.open(Wanted::Any).await?;
        self.chose_two.set(link.speaks == Speaks::Two);
        if link.speaks == Speaks::One {
            return Ok(Opened::One(self.conn(link, permit)));
        }
        let mux = Mux::start(link, permit).await?;
        let lease = mux.lease().ok_or(UpstreamError::Closed)?;
        self.muxes.borrow_mut().push(mux);
        Ok(Opened::Two(lease))
    }

    /// Waits until the upstream may have one more connection, or one of this worker's is free again.
    async fn wait_for_room(&self, purpose: Purpose) -> Room {
        let _waiting = Waiting::new(self);
        loop {
            tokio::select! {
                permit = Arc::clone(&self.seat.connections).acquire_owned() => match permit {
                    Ok(permit) => return Room::Permit(permit),
                    // Nobody closes the semaphore.
                    Err(_) => std::future::pending().await,
                },
                () = self.returned.notified() => if let Some(opened) = self.free(purpose) {
                    return Room::Free(opened);
                },
            }
        }
    }

    fn conn(&self, link: Link, permit: OwnedSemaphorePermit) -> Box<Conn> {
        let timer = Box::pin(tokio::time::sleep(self.connect));
        let (buffer, buffers) = (BytesMut::new(), Rc::clone(&self.buffers));
        Box::new(Conn { stream: link.stream, address: link.address, buffer, buffers, timer, reused: false, permit })
    }

    /// Takes a connection back whose last exchange ended cleanly.
    pub(super) fn keep(&self, mut conn: Box<Conn>) {
        let here = self.waiting.get() > 0;
        if !here && self.seat.waiting.load(Relaxed) > 0 {
            // Another worker waits for the right to open one.
            return;
        }
        let mut idle = self.idle.borrow_mut();
        if idle.len() >= MOST_IDLE {
            idle.remove(0);
        }
        conn.reused = true;
        // The next exchange anywhere finds it in the cache.
        self.buffers.give(std::mem::take(&mut conn.buffer));
        idle.push(Idle { conn, since: self.rounds.get() });
        if here {
            self.returned.notify_one();
        }
    }

    /// How long a connection may take to open.
    pub(super) fn patience(&self) -> Duration {
        self.connect
    }

    /// `http` or `https`.
    pub(super) fn scheme(&self) -> &'static str {
        self.dial.scheme()
    }

    fn is_old(&self, idle: &Idle) -> bool {
        self.rounds.get().saturating_sub(idle.since) >= IDLE_ROUNDS
    }

    /// Closes what has waited for too long or leads where the name does not lead any more.
    pub(crate) fn tidy(self: &Rc<Self>) {
        let crowded = self.waiting.get() == 0 && self.seat.waiting.load(Relaxed) > 0;
        self.rounds.set(self.rounds.get() + 1);
        self.idle.borrow_mut().retain(|idle| !crowded && !self.is_old(idle));
        self.muxes.borrow_mut().retain(|mux| !mux.is_gone() && !mux.is_idle_for(IDLE));
        let is_unused = self.idle.borrow().is_empty() && self.muxes.borrow().is_empty();
        if is_unused || !self.dial.has_name() {
            self.resolved.set(None);
            return;
        }
        match self.resolved.get() {
            None => self.resolved.set(Some(now())),
            Some(at) if at.elapsed() >= RESOLVED => {
                self.resolved.set(Some(now()));
                let target = Rc::clone(self);
                tokio::task::spawn_local(async move { target.follow_name().await });
            }
            Some(_) => {}
        }
    }

    /// Lets go of connections to addresses that the name has left. Exchanges that are under way end where they are.
    pub(super) async fn follow_name(&self) {
        // A name that cannot be looked up for the moment still leads where it led.
        let Ok(addresses) = self.dial.addresses().await else { return };
        if addresses.is_empty() {
            return;
        }
        self.idle.borrow_mut().retain(|idle| addresses.contains(&idle.conn.address));
        self.muxes.borrow().iter().filter(|mux| !addresses.contains(&mux.address)).for_each(|mux| mux.retire());
    }

    /// The latest connection that is still good; what is not is dropped on the way.
    fn clean(&self) -> Option<Box<Conn>> {
        loop {
            let mut idle = self.idle.borrow_mut().pop()?;
            if !self.is_old(&idle) && idle.conn.stream.is_quiet() {
                return Some(idle.conn);
            }
        }
    }

    fn lease(&self) -> Option<Lease> {
        self.muxes.borrow().iter().find_map(|mux| mux.lease())
    }
}

impl Ticket {
    /// One more request for this upstream.
    pub(crate) fn new(target: &Rc<Target>) -> Self {
        target.seat.begin();
        Self(Rc::clone(target))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.seat.end();
    }
}

/// What has become free.
enum Room {
    Free(Opened),
    Permit(OwnedSemaphorePermit),
}

/// One who waits for a connection, known to the others while it lives.
struct Waiting<'t>(&'t Target);

impl<'t> Waiting<'t> {
    fn new(target: &'t Target) -> Self {
        target.waiting.set(target.waiting.get() + 1);
        target.seat.waiting.fetch_add(1, Relaxed);
        Self(target)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get().saturating_sub(1));
        self.0.seat.waiting.fetch_sub(1, Relaxed);
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.dial.fmt(f)
    }
}

/// The age of a pooled connection is the machine's business, not the directory's: the monotonic clock is right for it.
fn now() -> Instant {
    Instant::now()
}
