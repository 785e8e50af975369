//! The small listeners: the control socket, the admin address, and plain HTTP that only redirects.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener as StdUnixListener, UnixStream as StdStream},
    },
    path::Path,
    sync::Arc,
};

use axum::{
    Router,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use super::ServeError;
use crate::{base::Host, live::Live};

/// Refuses to start beside a gateway that answers on the control socket.
pub(super) fn refuse_second(path: &Path) -> Result<(), ServeError> {
    if StdStream::connect(path).is_ok() { Err(ServeError::Running(path.to_owned())) } else { Ok(()) }
}

/// Binds the control socket, which only we may use. One that a crash has left behind is replaced.
pub(super) fn bind(path: &Path) -> Result<StdUnixListener, ServeError> {
    let failed = |cause: io::Error| ServeError::File(path.to_owned(), cause);
    refuse_second(path)?;
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
        Ok(()) | Err(_) => {}
    }
    let socket = StdUnixListener::bind(path).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(socket)
}

/// Serves a router on the control socket.
pub(super) async fn serve_unix(socket: StdUnixListener, router: Router, stop: CancellationToken) {
    let socket = match UnixListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(%error, "the control socket failed");
            return;
        }
    };
    let served = axum::serve(socket, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the control socket failed");
    }
}

/// Serves a router on an address.
pub(super) async fn serve_tcp(socket: StdListener, router: Router, stop: CancellationToken) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(%error, "a listener failed");
            return;
        }
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(socket, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "a listener failed");
    }
}

/// 308 to the same address over HTTPS, for hosts of ours; nothing for others.
pub(super) fn redirect(live: Arc<Live>) -> Router {
    Router::new().fallback(async move |headers: HeaderMap, uri: Uri| -> Response {
        let named = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let bare = named.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(named, |(host, _)| host);
        let snapshot = live.snapshot();
        let config = &snapshot.config;
        let ours = Host::parse(bare).ok().filter(|host| *host == config.portal.host || config.app_by_host(host.as_str()).is_some());
        let Some(host) = ours else { return StatusCode::NOT_FOUND.into_response() };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{}{target}", config.origin(&host)))]).into_response()
    })
}
