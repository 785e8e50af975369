//! What systemd is told (`sd_notify`): ready, reloading, stopping, and that we are alive where it wants to hear that.
//!
//! The protocol is one datagram a message; there is nothing to be had from a crate but the three lines that send it.

use std::{
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
    sync::Arc,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;

use crate::gateway::Pulse;

/// Whoever started us, if it wants to know how we are.
#[derive(Debug, Default)]
pub(super) struct Supervisor {
    to: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// As the environment says.
    pub(super) fn of_environment() -> Self {
        #[expect(clippy::disallowed_methods, reason = "systemd says it here and nowhere else")]
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let to = variable("NOTIFY_SOCKET").and_then(|path| {
            let address = match path.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(path),
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        });
        // `WATCHDOG_PID` is not looked at: a process that took over is watched in place of the one that it was named for.
        let watchdog = variable("WATCHDOG_USEC").and_then(|text| text.parse().ok()).map(Duration::from_micros);
        Self { to, watchdog: watchdog.filter(|every| !every.is_zero()) }
    }

    /// Guests can come in, and this is the process to watch.
    pub(super) fn ready(&self) {
        self.tell(&format!("READY=1\nMAINPID={}", std::process::id()));
    }

    /// The files are being read again; [`ready`](Self::ready) follows.
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1_000));
    }

    /// The end has begun.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Says that we are alive, while all workers are.
    pub(super) async fn watch(self: Arc<Self>, pulse: Arc<Pulse>, stop: CancellationToken) {
        let Some(every) = self.watchdog else { return };
        let mut tick = tokio::time::interval(every / 2);
        tick.tick().await;
        let mut last = pulse.beats();
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            let now = pulse.beats();
            let stuck = now.iter().zip(&last).filter(|(now, last)| now == last).count();
            if stuck == 0 || last.is_empty() {
                self.tell("WATCHDOG=1");
            } else {
                tracing::error!(workers = stuck, "workers do nothing any more");
            }
            last = now;
        }
    }

    fn tell(&self, message: &str) {
        if let Some((socket, address)) = &self.to
            && let Err(error) = socket.send_to_addr(message.as_bytes(), address)
        {
            tracing::warn!(%error, "systemd cannot be told how we are");
        }
    }
}
