//! Who is signed in on the portal, by the cookie that a browser brings: one reading for all planes that answer there.

use std::sync::Arc;

use super::{Live, SessionView, Snapshot, Unavailable};
use crate::{
    base::Timestamp,
    directory::Audience,
    identity::{KeyRing, SessionClaims},
};

impl Live {
    /// The live session on the portal that this token names; `None`: there is none that counts under this configuration.
    pub async fn root(
        &self,
        keys: &KeyRing,
        snapshot: &Snapshot,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<SessionView>>, Unavailable> {
        let Ok(claims) = keys.verify_session(token.as_bytes(), &snapshot.config.portal.host, now) else { return Ok(None) };
        if !self.is_fresh(now) {
            return Err(Unavailable::Late);
        }
        let view = self.load(claims.sid).await?;
        Ok(view.filter(|view| is_alive(view, &claims, snapshot, now)))
    }
}

fn is_alive(view: &SessionView, claims: &SessionClaims, snapshot: &Snapshot, now: Timestamp) -> bool {
    let session = &view.session;
    session.audience == Audience::Portal
        && session.guest == claims.sub
        && session.is_live(now)
        && view.guest.is_active()
        && now.since(view.last_seen()) < snapshot.config.session.idle
        && snapshot.config.welcomes(view.guest.kind, &view.guest.email)
}
