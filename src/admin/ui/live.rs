//! Tells an open page that something has changed in the directory, so that it looks again: server-sent events that say that and no more.
//!
//! A stream ends after a while and the browser comes again, through the same gate as before: a role that is taken away is gone here as
//! well, and nobody who leaves a page open keeps a gateway from ending.

use std::time::Duration;

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};

use super::call::Call;

/// How long a stream lasts.
const LASTS: Duration = Duration::from_secs(20);
/// Changes that come close together are told once.
const TOGETHER: Duration = Duration::from_millis(500);
/// How soon the browser comes again, in milliseconds.
const HELLO: &[u8] = b"retry: 1000\n\n";
const CHANGED: &[u8] = b"event: changed\ndata: 1\n\n";

/// `GET /admin/events`.
pub(super) async fn events(call: Call) -> Response {
    let changes = call.ui.admin.live.changes();
    let end = Box::pin(tokio::time::sleep(LASTS));
    let said = stream::unfold((changes, end, false), |(mut changes, mut end, greeted)| async move {
        if !greeted {
            return Some((Ok::<_, std::convert::Infallible>(Bytes::from_static(HELLO)), (changes, end, true)));
        }
        tokio::select! {
            () = &mut end => return None,
            changed = changes.changed() => changed.ok()?,
        }
        tokio::time::sleep(TOGETHER).await;
        changes.mark_unchanged();
        Some((Ok(Bytes::from_static(CHANGED)), (changes, end, true)))
    });
    let mut response = Response::new(Body::from_stream(said));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}
