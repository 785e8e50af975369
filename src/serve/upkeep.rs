//! What has to be done now and then: tidying the database, keeping the end of the audit log outside it, and cutting its beginning.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    base::{Clock, Entropy},
    config::Config,
    directory::{Actor, Occasion, Proposal, audit::Event},
    live::Live,
    observe::causes,
    store::{Cut, Store, StoreError},
};

/// How often the end of the audit log is written down.
const ANCHOR: Duration = Duration::from_secs(60);
/// The database is tidied every so many anchors: hourly.
const TIDY: u32 = 60;

/// Entries of the audit log that are deleted at once: in between, others write.
const CUT: usize = 1_000;

/// Whoever looks after it.
#[derive(Debug)]
pub(super) struct Upkeep {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) anchor: PathBuf,
}

impl Upkeep {
    /// Runs until it is told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut rounds = 0_u32;
        loop {
            tokio::select! {
                () = tokio::time::sleep(ANCHOR) => {}
                () = stop.cancelled() => {
                    write_anchor(&*self.store, &self.anchor).await;
                    return;
                }
            }
            write_anchor(&*self.store, &self.anchor).await;
            if rounds.is_multiple_of(TIDY) {
                self.tidy().await;
            }
            rounds = rounds.wrapping_add(1);
        }
    }

    async fn tidy(&self) {
        if let Err(cause) = self.store.tidy(self.clock.now()).await {
            tracing::warn!(error = causes(&cause), "the database could not be tidied");
        }
        let config = Arc::clone(&self.live.snapshot().config);
        if let Err(cause) = self.cut(&config).await {
            tracing::warn!(error = causes(&cause), "the audit log could not be cut");
        }
    }

    /// Deletes entries of the audit log that are older than they are kept, but none that still has to arrive somewhere.
    async fn cut(&self, config: &Config) -> Result<(), StoreError> {
        let Some(kept) = config.audit_retention else { return Ok(()) };
        let mut up_to = u64::MAX;
        for place in &config.forwards {
            // One that is not known yet begins with what comes.
            up_to = up_to.min(self.store.forwarded(&place.id).await?.unwrap_or(u64::MAX));
        }
        let start = self.store.audit_start().await?;
        let (mut last, before) = (start, self.clock.now().minus(kept));
        loop {
            match self.store.cut_audit(Cut { before, up_to, at_most: CUT }).await? {
                Ok(Some(to)) => last = to,
                Ok(None) => break,
                Err(broken) => {
                    tracing::error!(error = causes(&broken), "the audit log is not as it was written, and nothing more of it is deleted");
                    break;
                }
            }
        }
        if last == start {
            return Ok(());
        }
        let occasion = Occasion { now: self.clock.now(), entropy: &*self.entropy, from: None };
        let entry = occasion.entry(&Actor::System, Event::AuditCut);
        let entry = entry.detail("up-to", &last.sequence.to_string()).detail("entries", &(last.sequence - start.sequence).to_string());
        self.store.commit(Proposal::of_entry(entry)).await.map(|_| ())
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
