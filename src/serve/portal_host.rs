//! What the portal host and the admin address serve: pages or health, and beside them the API for programs that show a token.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::Response,
};
use tower::ServiceExt as _;

use crate::{
    base::{Entropy, EventId, Id as _},
    web::{Door, Peer},
};

/// Everything under one of these is the API's.
const API: [&str; 5] = ["/api/", "/v1.0/", "/scim/v2/", "/access/v1/", "/.well-known/authzen-configuration"];

/// The API beside something else.
pub(super) fn beside(others: Router, api: Router) -> Router {
    Router::new().fallback(async move |request: Request| -> Response {
        let is_api = API.iter().any(|prefix| request.uri().path().starts_with(prefix));
        // Where certificates are shown there is nothing else.
        let shows_certificates = request.extensions().get::<Peer>().is_some_and(|peer| peer.door != Door::Portal);
        let to = if is_api && !shows_certificates { &api } else { &others };
        match to.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
}

/// Tells the API of the admin address whom a request comes from.
pub(super) fn on_an_address(router: Router, entropy: Arc<dyn Entropy>) -> Router {
    router.layer(middleware::from_fn_with_state(entropy, tell_where))
}

async fn tell_where(State(entropy): State<Arc<dyn Entropy>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(at)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let request_id = EventId::random(&*entropy).to_string().into();
        let peer = Peer { ip: at.ip(), request_id, door: Door::Portal };
        request.extensions_mut().insert(peer);
    }
    next.run(request).await
}
