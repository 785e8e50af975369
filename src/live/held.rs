//! Policies that were loaded and do not act yet: somebody has to confirm them first.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::{base::Timestamp, policy::PolicyVersion};

use super::Weighed;

/// Policies that are held back.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which.
    pub version: PolicyVersion,
    /// Since when.
    pub since: Timestamp,
    /// What they would have made of the last hour; nothing where they were held back before this start.
    pub weighed: Weighed,
}

/// No policies of this version are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no policies of this version are held back")]
pub struct NotHeld;

/// What is held back, and whether somebody has confirmed it.
#[derive(Debug)]
pub(super) struct Hold {
    held: Mutex<Option<Arc<Held>>>,
    confirmed: watch::Sender<Option<PolicyVersion>>,
}

impl Default for Hold {
    fn default() -> Self {
        Self { held: Mutex::default(), confirmed: watch::Sender::new(None) }
    }
}

impl Hold {
    pub(super) fn set(&self, held: Option<Held>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held.map(Arc::new);
    }

    pub(super) fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn confirm(&self, version: &str) -> Result<PolicyVersion, NotHeld> {
        let held = self.held().filter(|held| held.version.to_string() == version).ok_or(NotHeld)?;
        self.confirmed.send_replace(Some(held.version));
        Ok(held.version)
    }

    /// Resolves when somebody has confirmed what is held back.
    pub(super) async fn confirmed(&self) -> PolicyVersion {
        let mut confirmed = self.confirmed.subscribe();
        loop {
            // The sender is part of us, so the channel does not close.
            // Copied out first: what is borrowed cannot be replaced.
            let said = *confirmed.borrow_and_update();
            if let Some(version) = said {
                self.confirmed.send_replace(None);
                return version;
            }
            if confirmed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
