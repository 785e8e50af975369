//! Carries queued mail out: claims what is due, sends it, writes down what became of it.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use crate::{
    base::Clock,
    observe::causes,
    outbound::{MailError, Mailer, send},
    store::{Delivery, DueMail, Note, Store, StoreError},
};

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Mails that are claimed at once.
const CLAIM: usize = 16;

/// Runs until it is told to stop. A mail that is under way is finished, or claimed again after a while with the same message id.
pub(super) async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, mailer: Arc<ArcSwap<Mailer>>, stop: CancellationToken) {
    loop {
        let carried = match carry(&*store, &*clock, &mailer.load_full()).await {
            Ok(carried) => carried,
            Err(cause) => {
                tracing::error!(error = causes(&cause), "queued mail cannot be read");
                0
            }
        };
        if stop.is_cancelled() {
            return;
        }
        if carried < CLAIM {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

async fn carry(store: &dyn Store, clock: &dyn Clock, mailer: &Mailer) -> Result<usize, StoreError> {
    let due = store.claim_mail(clock.now(), CLAIM).await?;
    let carried = due.len();
    let delivered = futures_util::future::join_all(due.iter().map(|mail| deliver(mailer, mail))).await;
    for (mail, delivery) in due.into_iter().zip(delivered) {
        store.note(Note::Mail { id: mail.mail.id, at: clock.now(), delivery }).await?;
    }
    Ok(carried)
}

async fn deliver(mailer: &Mailer, due: &DueMail) -> Delivery {
    match send(mailer, &due.mail).await {
        Ok(_) => Delivery::Sent,
        Err(cause @ MailError::Transient(_)) => {
            tracing::warn!(mail = %due.mail.id, attempts = due.attempts, error = causes(&cause), "mail waits for another attempt");
            Delivery::Failed(causes(&cause))
        }
        Err(cause @ MailError::Permanent(_)) => {
            tracing::error!(mail = %due.mail.id, error = causes(&cause), "mail is given up");
            Delivery::GivenUp(causes(&cause))
        }
    }
}

#[cfg(test)]
mod tests;
