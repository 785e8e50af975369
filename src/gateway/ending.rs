//! How the end of this process is announced to the data plane, and whether its workers are alive.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

/// The end in its two steps. They come together where the process is asked to stop, and apart where another process has taken over.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// Nobody new is let in, and an answer is the last of its connection.
    pub announced: CancellationToken,
    /// What would go on for ever is closed: connections on which nothing is asked, WebSockets.
    pub due: CancellationToken,
}

impl From<CancellationToken> for Ending {
    /// Both steps at once.
    fn from(end: CancellationToken) -> Self {
        Self { announced: end.clone(), due: end }
    }
}

/// Counts the rounds of each worker: one that counts no further does nothing any more.
#[derive(Debug)]
pub struct Pulse(Box<[AtomicU64]>);

impl Pulse {
    /// Of so many workers.
    pub fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| AtomicU64::new(0)).collect())
    }

    /// How many rounds each worker has made.
    pub fn beats(&self) -> Vec<u64> {
        self.0.iter().map(|beat| beat.load(Ordering::Relaxed)).collect()
    }

    /// A worker has made one more.
    pub(super) fn beat(&self, worker: usize) {
        if let Some(beat) = self.0.get(worker) {
            beat.fetch_add(1, Ordering::Relaxed);
        }
    }
}
