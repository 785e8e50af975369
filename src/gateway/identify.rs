//! Who a request claims to be.
//!
//! Finds the session cookie in place and turns it into a [`SessionView`]. Does not ask whether the guest may do anything: that is `admit`.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
};

use crate::{
    base::{SessionId, Timestamp},
    live::SessionView,
    web::Cookies,
};

use super::{
    connection::{Connection, Recognised},
    look::{self, Head},
    names::{Found, find_cookie},
    turned::Turned,
    worker::BoundApp,
};

/// The session of a request, if its cookie leads to one that is live. Without a fresh directory nobody is known, and nobody is sent away.
pub(super) async fn identify(
    connection: &Connection,
    app: &BoundApp,
    head: &Head,
    now: Timestamp,
) -> Result<Option<Rc<Recognised>>, Turned> {
    let live = &connection.worker.shared.live;
    if !live.is_fresh(now) {
        return Err(Turned::Unavailable);
    }
    let Found::One(token) = find_cookie(look::lines(head, "cookie"), Cookies::SESSION) else { return Ok(None) };
    if let Some(known) = connection.remembered(&app.live.app.id, token)
        && known.generation == app.generation
        && known.view.is_current()
    {
        return Ok((now < known.until && known.view.session.is_live(now)).then_some(known));
    }
    let Ok(claims) = connection.worker.shared.keys.verify_session(token, &app.live.app.host, now) else { return Ok(None) };
    let token: Box<[u8]> = token.into();
    let Some(view) = find(connection, claims.sid).await? else { return Ok(None) };
    let session = &view.session;
    if session.app() != Some(&app.live.app.id) || session.guest != claims.sub || !session.is_live(now) {
        return Ok(None);
    }
    let recognised = Rc::new(Recognised {
        app: app.live.app.id.clone(),
        token,
        until: claims.exp,
        generation: app.generation,
        said: OnceCell::new(),
        assertion: RefCell::default(),
        view,
    });
    connection.remember(Rc::clone(&recognised));
    Ok(Some(recognised))
}

/// From the index; else from the store, asked on its own runtime.
pub(super) async fn find(connection: &Connection, id: SessionId) -> Result<Option<Arc<SessionView>>, Turned> {
    let shared = &connection.worker.shared;
    if let Some(view) = shared.live.session(&id).filter(|view| view.is_current()) {
        return Ok(Some(view));
    }
    let live = Arc::clone(&shared.live);
    match shared.slow.spawn(async move { live.load(id).await }).await {
        Ok(Ok(view)) => Ok(view),
        Ok(Err(_)) => Err(Turned::Unavailable),
        Err(_) => Err(Turned::Internal),
    }
}
