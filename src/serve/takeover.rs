//! A new process takes over from the one that serves: it gets the same listening sockets, and the other drains.
//!
//! No connection is lost between the two, because the sockets never close: whoever waits in their queues is let in by the new process.
//! Until the new process has said that it is ready, the old one goes on as if nothing had happened.

use std::{
    io::{self, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use tokio_util::sync::CancellationToken;

use super::{
    ServeError,
    passing::{self, DRAINING, Passed, READY, Role, Socket},
};

/// How long the new process may take to be ready: it may have a large configuration to read.
const PATIENCE: Duration = Duration::from_secs(300);
/// What the connection becomes.
const PROTOCOL: &str = "guestgate-take-over";
const LONGEST_HEAD: usize = 8 * 1024;

/// What a running process hands over when it is asked.
#[derive(Debug)]
pub(super) struct HandOver {
    /// Handles on every listening socket, until this process stops to listen.
    sockets: Mutex<Option<Arc<Vec<Passed>>>>,
    /// Announced once another process serves.
    pub(super) gone: CancellationToken,
    busy: AtomicBool,
}

/// The connection to the process that is taken over from.
#[derive(Debug)]
pub(super) struct TakeOver {
    from: UnixStream,
}

impl HandOver {
    /// Nobody has asked yet.
    pub(super) fn new(sockets: Vec<Passed>, gone: CancellationToken) -> Self {
        Self { sockets: Mutex::new(Some(Arc::new(sockets))), gone, busy: AtomicBool::new(false) }
    }

    /// Where the new process asks, on the control socket.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        Router::new().route("/take-over", post(begin)).with_state(Arc::clone(self))
    }

    /// Lets go of the sockets: where no other process has them, whoever comes is refused at once and does not wait in vain.
    pub(super) fn close(&self) {
        *self.sockets.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Passes the sockets, and waits until they are in use.
    fn pass(&self, to: &UnixStream) -> io::Result<()> {
        to.set_nonblocking(false)?;
        to.set_read_timeout(Some(PATIENCE))?;
        to.set_write_timeout(Some(PATIENCE))?;
        let sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        passing::send(to, &sockets.ok_or(io::ErrorKind::NotConnected)?)?;
        passing::hear(to, READY)?;
        self.gone.cancel();
        // Who is ready serves, whether it hears us or not.
        let _ = passing::say(to, DRAINING);
        Ok(())
    }
}

/// The sockets that are handed over, and the control socket with them.
pub(super) fn with_control(mut sockets: Vec<Passed>, control: &UnixListener) -> io::Result<Vec<Passed>> {
    let socket = Socket::Unix(control.try_clone()?);
    sockets.push(Passed { role: Some(Role::Control), said: String::new(), socket });
    Ok(sockets)
}

async fn begin(State(ours): State<Arc<HandOver>>, request: Request) -> Response {
    if ours.gone.is_cancelled() || ours.busy.swap(true, Ordering::AcqRel) {
        return (StatusCode::CONFLICT, "another process takes over already\n").into_response();
    }
    let upgrade = hyper::upgrade::on(request);
    #[expect(clippy::disallowed_methods, reason = "it ends with the process that waits at its other end, or with this one")]
    tokio::spawn(async move {
        let passed = async {
            let upgraded = upgrade.await.map_err(io::Error::other)?;
            let parts = downcast::<TokioIo<tokio::net::UnixStream>>(upgraded).map_err(|_| io::Error::other("not the control socket"))?;
            let stream = parts.io.into_inner().into_std()?;
            let passing = Arc::clone(&ours);
            tokio::task::spawn_blocking(move || passing.pass(&stream)).await.map_err(io::Error::other)?
        };
        match passed.await {
            Ok(()) => tracing::info!("another process has taken over"),
            Err(error) => tracing::error!(%error, "no other process took over, this one goes on"),
        }
        ours.busy.store(false, Ordering::Release);
    });
    (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, PROTOCOL)]).into_response()
}

impl TakeOver {
    /// Asks the process behind a control socket for its listening sockets.
    pub(super) fn ask(control: &Path) -> Result<(Self, Vec<Passed>), ServeError> {
        let failed = |cause| ServeError::TakeOver(control.to_owned(), cause);
        let mut from = UnixStream::connect(control).map_err(failed)?;
        let passed = (|| {
            from.set_read_timeout(Some(PATIENCE))?;
            from.set_write_timeout(Some(PATIENCE))?;
            let head = format!("POST /take-over HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: {PROTOCOL}\r\n\r\n");
            from.write_all(head.as_bytes())?;
            let answer = passing::read_until(&from, b"\r\n\r\n", LONGEST_HEAD)?;
            if !answer.starts_with(b"HTTP/1.1 101 ") {
                let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
                return Err(io::Error::other(format!("it hands nothing over: {line}")));
            }
            passing::receive(&from)
        })();
        passed.map(|passed| (Self { from }, passed)).map_err(failed)
    }

    /// Says that guests can come in here, and waits until they come in nowhere else.
    pub(super) fn finish(self, control: &Path) -> Result<(), ServeError> {
        let told = passing::say(&self.from, READY).and_then(|()| passing::hear(&self.from, DRAINING));
        told.map_err(|cause| ServeError::TakeOver(control.to_owned(), cause))
    }
}
