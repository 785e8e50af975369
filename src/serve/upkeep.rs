//! What has to be done now and then: tidying the database, and keeping the end of the audit log outside it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{base::Clock, observe::causes, store::Store};

/// How often the end of the audit log is written down.
const ANCHOR: Duration = Duration::from_secs(60);
/// The database is tidied every so many anchors: hourly.
const TIDY: u32 = 60;

/// Runs until it is told to stop.
pub(super) async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, anchor: PathBuf, stop: CancellationToken) {
    let mut rounds = 0_u32;
    loop {
        tokio::select! {
            () = tokio::time::sleep(ANCHOR) => {}
            () = stop.cancelled() => {
                write_anchor(&*store, &anchor).await;
                return;
            }
        }
        write_anchor(&*store, &anchor).await;
        rounds = rounds.wrapping_add(1);
        if rounds.is_multiple_of(TIDY)
            && let Err(cause) = store.tidy(clock.now()).await
        {
            tracing::warn!(error = causes(&cause), "the database could not be tidied");
        }
    }
}

async fn write_anchor(store: &dyn Store, path: &Path) {
    let head = match store.audit_head().await {
        Ok(head) => head,
        Err(cause) => {
            tracing::warn!(error = causes(&cause), "the end of the audit log cannot be read");
            return;
        }
    };
    if let Err(cause) = replace(path, &format!("{head}\n")) {
        tracing::warn!(error = %cause, "the end of the audit log cannot be written down");
    }
}

/// Replaces a small file whole.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
