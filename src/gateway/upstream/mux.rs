//! A connection of HTTP/2, which several requests of the same app share.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::{
    Ping, PingPong,
    client::{Builder, Connection, SendRequest},
};
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::{UpstreamError, dial::Link, stream::Transport};

/// A connection, as long as it takes requests.
pub(super) struct Mux {
    send: RefCell<SendRequest<Bytes>>,
    state: Rc<State>,
    pub(super) address: SocketAddr,
}

/// The right to one more stream. Given back when it is dropped.
pub(super) struct Lease {
    pub(super) send: SendRequest<Bytes>,
    /// Others have used the connection before, so that it may have gone stale.
    pub(super) reused: bool,
    state: Rc<State>,
}

/// What the driver of a connection and its users tell each other.
struct State {
    streams: Cell<usize>,
    used: Cell<bool>,
    /// It takes no more streams.
    gone: Cell<bool>,
    /// The upstream's settings have been read.
    settled: Cell<bool>,
    ask: Notify,
    told: Notify,
    quiet_since: Cell<Instant>,
    /// One of the connections that the upstream may have.
    _permit: OwnedSemaphorePermit,
}

/// Streams of one connection, where the upstream allows as many.
const STREAMS: usize = 64;
/// What a stream may send before we have passed it on, and what all of them may: a guest who reads slowly holds up nobody else.
const STREAM_WINDOW: u32 = 128 * 1024;
const CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;
/// What waits to be written, for each stream.
const SEND_BUFFER: usize = 64 * 1024;
/// Largest head of an answer.
const LARGEST_HEAD: u32 = 64 * 1024;
/// How often the upstream is asked whether it is awake while it works for us: more often, and gRPC servers take it for abuse.
const PING: Duration = Duration::from_secs(310);
const PONG: Duration = Duration::from_secs(20);

impl Mux {
    /// Begins to speak.
    pub(super) async fn start(link: Link, permit: OwnedSemaphorePermit) -> Result<Rc<Self>, UpstreamError> {
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(LARGEST_HEAD)
            .max_send_buffer_size(SEND_BUFFER);
        let (send, mut connection) = builder.handshake(link.stream).await.map_err(UpstreamError::of_stream)?;
        let pings = connection.ping_pong();
        let state = Rc::new(State {
            streams: Cell::new(0),
            used: Cell::new(false),
            gone: Cell::new(false),
            settled: Cell::new(false),
            ask: Notify::new(),
            told: Notify::new(),
            quiet_since: Cell::new(now()),
            _permit: permit,
        });
        tokio::task::spawn_local(drive(connection, pings, Rc::clone(&state)));
        Ok(Rc::new(Self { send: RefCell::new(send), state, address: link.address }))
    }

    /// A stream more, if the connection takes it.
    pub(super) fn lease(&self) -> Option<Lease> {
        let send = self.send.borrow().clone();
        let most = send.current_max_send_streams().min(STREAMS);
        let taken = self.state.streams.get();
        (!self.state.gone.get() && taken < most).then(|| {
            self.state.streams.set(taken + 1);
            Lease { send, reused: self.state.used.replace(true), state: Rc::clone(&self.state) }
        })
    }

    /// Takes no more streams; those that are open go on.
    pub(super) fn retire(&self) {
        self.state.gone.set(true);
    }

    /// Whether it is of no more use.
    pub(super) fn is_gone(&self) -> bool {
        self.state.gone.get()
    }

    /// Whether it has had nothing to do for so long.
    pub(super) fn is_idle_for(&self, time: Duration) -> bool {
        self.state.streams.get() == 0 && self.state.quiet_since.get().elapsed() >= time
    }
}

impl Lease {
    /// Whether WebSockets may be opened. Waits until the upstream has said so; the caller says for how long.
    pub(super) async fn takes_websockets(&self) -> bool {
        while !self.state.settled.get() && !self.state.gone.get() {
            let told = self.state.told.notified();
            self.state.ask.notify_one();
            told.await;
        }
        self.send.is_extended_connect_protocol_enabled()
    }

    /// The connection takes no more streams.
    pub(super) fn retire(&self) {
        self.state.gone.set(true);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.state.streams.set(self.state.streams.get().saturating_sub(1));
        self.state.quiet_since.set(now());
    }
}

/// Moves a connection until it ends, or its upstream does not answer any more.
async fn drive(connection: Connection<Transport, Bytes>, pings: Option<PingPong>, state: Rc<State>) {
    let awake = async {
        match pings {
            Some(pings) => stay_awake(pings, &state).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        done = connection => if let Err(error) = done {
            tracing::debug!(%error, "a connection to an upstream ended");
        },
        () = awake => tracing::debug!("an upstream does not answer pings"),
    }
    state.gone.set(true);
    state.told.notify_waiters();
}

/// Ends when a ping is not answered. An answer also says that the settings before it have been read.
async fn stay_awake(mut pings: PingPong, state: &State) {
    loop {
        let asked = tokio::select! {
            () = state.ask.notified() => true,
            () = tokio::time::sleep(PING) => false,
        };
        if !asked && state.streams.get() == 0 {
            continue;
        }
        let Ok(Ok(_)) = tokio::time::timeout(PONG, pings.ping(Ping::opaque())).await else { return };
        state.settled.set(true);
        state.told.notify_waiters();
    }
}

/// The age of a connection is the machine's business, not the directory's: the monotonic clock is right for it.
fn now() -> Instant {
    Instant::now()
}
