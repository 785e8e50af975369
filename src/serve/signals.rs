//! What the signals of the system mean: SIGTERM and SIGINT end, SIGUSR2 starts the program anew to take over. SIGHUP is the reload's.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::ServeError;
use crate::gateway::Ending;

/// Who is told, and what of.
pub(super) struct Told {
    /// Of the end.
    pub(super) ending: Ending,
    /// The configuration that a new process reads.
    pub(super) file: PathBuf,
    /// When nobody listens any more.
    pub(super) stop: CancellationToken,
}

/// Listens to signals until the end.
pub(super) fn listen(told: Told) -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    let heard = |kind| signal(kind).map_err(ServeError::Signals);
    let (mut terminate, mut interrupt) = (heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?);
    let mut renew = heard(SignalKind::user_defined2())?;
    // Asked for now: once the file is replaced, the system names the old one.
    let program = std::env::current_exe().ok();
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = renew.recv() => start(program.as_deref(), &told.file),
                () = told.stop.cancelled() => break,
            }
        }
        if !told.ending.announced.is_cancelled() {
            tracing::info!("gateway draining");
        }
        told.ending.announced.cancel();
        told.ending.due.cancel();
    })
}

/// Starts the program as it is on disk now, to take over from this process. What becomes of it is said in the log.
fn start(program: Option<&Path>, file: &Path) {
    let Some(program) = program else {
        tracing::error!("this program does not know where it lies, so no other can be started");
        return;
    };
    match Command::new(program).args(["serve", "--take-over", "--config"]).arg(file).spawn() {
        Ok(mut child) => {
            tracing::info!(pid = child.id(), "a new process is to take over");
            // A thread of its own: the child may outlive this process, and the runtime would wait for it.
            let waited = std::thread::Builder::new().name("successor".to_owned()).spawn(move || match child.wait() {
                Ok(status) => tracing::error!(%status, "the process that was to take over has ended"),
                Err(error) => tracing::error!(%error, "the process that was to take over is lost sight of"),
            });
            if let Err(error) = waited {
                tracing::warn!(%error, "nobody waits for the process that is to take over");
            }
        }
        Err(error) => tracing::error!(%error, program = %program.display(), "no other process can be started"),
    }
}
