//! What session controls do to sessions: a breach of what it is bound to ends this one, one too many ends the oldest.
//!
//! The store is asked on its own runtime, behind the answer. The end comes back by the feed like every other.

use std::{net::IpAddr, sync::Arc};

use crate::{
    base::Timestamp,
    directory::{EndReason, Occasion, Session},
    live::SessionView,
};

use super::{admit::Asked, worker::Shared};

/// Ends a session that was used from elsewhere than it is bound to.
pub(super) fn breached(shared: &Arc<Shared>, view: &SessionView, asked: Asked<'_>) {
    let (shared, session, from, now) = (Arc::clone(shared), view.session.clone(), asked.client.seen, asked.now);
    tracing::warn!(session = %session.id, guest = %session.guest, "session used from elsewhere than it is bound to");
    let slow = shared.slow.clone();
    slow.spawn(async move { end(&shared, &session, EndReason::Breach, (from, now)).await });
}

/// Ends the oldest sessions of the guest in the app beyond so many; asked once a session and limit.
pub(super) fn displace(shared: &Arc<Shared>, view: &SessionView, most: u32, asked: Asked<'_>) {
    if !view.is_new_crowd(most) {
        return;
    }
    let (shared, guest, app) = (Arc::clone(shared), view.session.guest, asked.app.live.app.id.clone());
    let (from, now) = (asked.client.seen, asked.now);
    let slow = shared.slow.clone();
    slow.spawn(async move {
        let Ok(mut all) = shared.store.sessions_of(guest).await else {
            tracing::error!("the sessions of a guest cannot be counted");
            return;
        };
        all.retain(|session| session.app() == Some(&app) && session.is_live(now));
        all.sort_by_key(|session| (session.created, session.id));
        let surplus = all.len().saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
        for session in all.iter().take(surplus) {
            end(&shared, session, EndReason::Displaced, (from, now)).await;
        }
    });
}

async fn end(shared: &Shared, session: &Session, reason: EndReason, (from, now): (IpAddr, Timestamp)) {
    let occasion = Occasion { now, entropy: &*shared.entropy, from: Some(from) };
    // It may have ended meanwhile: then there is nothing to do.
    let Ok(proposal) = session.expire(&occasion, reason) else { return };
    match shared.store.commit(proposal).await {
        Ok(_) => shared.live.nudge(),
        Err(error) => tracing::error!(%error, session = %session.id, "a session cannot be ended"),
    }
}
