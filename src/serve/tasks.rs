//! The only way to start a long-lived task: named, counted, and awaited at the end.

use std::{future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks of one gateway.
#[derive(Debug, Clone)]
pub(super) struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    retire: CancellationToken,
}

impl Tasks {
    /// No tasks yet.
    pub(super) fn new() -> Self {
        let stop = CancellationToken::new();
        Self { tracker: TaskTracker::new(), retire: stop.child_token(), stop }
    }

    /// Told when everything is to end.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Told to tasks that begin something of their own (mail, upkeep, reloads, the small listeners): another process does it now, or
    /// everything is to end.
    pub(super) fn retire(&self) -> &CancellationToken {
        &self.retire
    }

    /// Starts a task. A panic in it becomes a log line that names it, and ends nothing else.
    pub(super) fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a task panicked");
            }
        });
    }

    /// Asks all tasks to end and waits for them.
    pub(super) async fn finish(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}
