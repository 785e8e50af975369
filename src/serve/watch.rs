//! Notices that files have changed: by watching them, and by SIGHUP.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use notify::Watcher as _;
use tokio::sync::mpsc;

/// Tells when to reload. Dropping it ends the watch.
#[derive(Debug)]
pub(super) struct Changes {
    told: mpsc::Receiver<()>,
    hangup: tokio::signal::unix::Signal,
    /// Something has changed that nobody has acted on.
    changed: bool,
    watcher: Option<notify::RecommendedWatcher>,
}

/// How long after a change others are waited for: an editor writes in several steps.
const SETTLE: Duration = Duration::from_millis(150);

impl Changes {
    /// Watches these files and folders. Where watching is not to be had, SIGHUP still works, and a line in the log says so.
    pub(super) fn of(paths: &[PathBuf]) -> std::io::Result<Self> {
        let (tell, told) = mpsc::channel(1);
        let hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        let watcher = watch(paths, tell).inspect_err(|cause| {
            tracing::warn!(error = %cause, "files cannot be watched, send SIGHUP after a change");
        });
        Ok(Self { told, hangup, changed: false, watcher: watcher.ok() })
    }

    /// Waits for the next change, until things have settled. Whoever stops waiting in between loses nothing.
    pub(super) async fn next(&mut self) {
        let watching = self.watcher.is_some();
        if !self.changed {
            tokio::select! {
                _ = self.hangup.recv() => return,
                told = self.told.recv(), if watching => {
                    if told.is_none() {
                        self.watcher = None;
                    }
                    self.changed = true;
                }
            }
        }
        tokio::time::sleep(SETTLE).await;
        while self.told.try_recv().is_ok() {}
        self.changed = false;
    }
}

fn watch(paths: &[PathBuf], tell: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
    let meant: Vec<PathBuf> = paths.iter().map(|p| absolute(p)).collect();
    let folders = folders(&meant);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too, and a reload reads; and beside a configuration often lie the logs and the data that we write.
        // Orchestrators swap whole folders behind a link of this name.
        let swapped = |changed: &Path| changed.file_name().is_some_and(|name| name == "..data");
        let meant = |changed: &Path| swapped(changed) || meant.iter().any(|path| changed.starts_with(path));
        let ours = |event: &notify::Event| event.paths.iter().any(|changed| meant(changed));
        if event.is_ok_and(|e| !e.kind.is_access() && ours(&e)) {
            // A full queue already says what there is to say.
            let _ = tell.try_send(());
        }
    })?;
    for (folder, depth) in folders {
        watcher.watch(&folder, depth)?;
    }
    Ok(watcher)
}

/// The folders to watch: a file is often replaced by renaming another over it, which only its folder sees.
fn folders(paths: &[PathBuf]) -> Vec<(PathBuf, notify::RecursiveMode)> {
    let folder = |path: &PathBuf| match path.parent() {
        Some(parent) if !path.is_dir() => (parent.to_owned(), notify::RecursiveMode::NonRecursive),
        Some(_) | None => (path.clone(), notify::RecursiveMode::Recursive),
    };
    let mut folders: Vec<_> = paths.iter().map(folder).filter(|(folder, _)| folder.exists()).collect();
    folders.sort_by(|a, b| a.0.cmp(&b.0));
    folders.dedup_by(|a, b| a.0 == b.0);
    folders
}

/// The path as events will name it: symbolic links in its folder are followed, the file itself need not exist.
fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (whole.parent().map(Path::canonicalize), whole.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_not_lost_to_whoever_looks_at_something_else_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("guestgate.yaml");
        std::fs::write(&file, "before").unwrap();
        let mut changes = Changes::of(std::slice::from_ref(&file)).unwrap();
        std::fs::write(&file, "after").unwrap();
        // Waited for in small pieces, none of which is as long as things take to settle.
        let mut pieces = 0;
        let settled = async {
            while tokio::time::timeout(SETTLE / 3, changes.next()).await.is_err() && !changes.changed {
                pieces += 1;
            }
            changes.next().await;
        };
        tokio::time::timeout(Duration::from_secs(20), settled).await.expect("the change was lost");
        assert!(!changes.changed);
    }
}
