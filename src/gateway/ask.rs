//! To the portal and back: its pages run elsewhere, and may be slow.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::web::{Door, Peer};

use super::{
    Journey, Reply,
    body::{ClientBody, Source},
    look::Head,
    response::Lines,
    turned::Turned,
    upstream::BodyFault,
    wire::Piece,
};

/// Largest body of a request to the portal: its forms are small.
const LARGEST: u64 = 1024 * 1024;
/// How long a guest may stop in the middle of one.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

impl Journey {
    /// The portal runs elsewhere: its pages may be slow.
    pub(super) async fn ask_portal(&mut self, door: Door, body: ClientBody) -> Result<Reply, Turned> {
        self.record.of_portal();
        let mut body = body.limited(LARGEST, PATIENCE).ok_or(Turned::TooLarge)?;
        let (to, mut from) = mpsc::channel::<Result<bytes::Bytes, BodyFault>>(1);
        let pieces = futures_util::stream::poll_fn(move |cx| from.poll_recv(cx));
        let mut request = Request::builder()
            .method(self.head.method())
            .uri(self.head.path())
            .body(Body::from_stream(pieces))
            .map_err(|_| Turned::BadRequest("the target of the request cannot be read"))?;
        *request.headers_mut() = map(&self.head);
        let peer = Peer { ip: self.client.seen, request_id: self.record.id.as_str().into(), door };
        request.extensions_mut().insert(peer);
        let shared = &self.connection.worker.shared;
        let portal = shared.portal.clone();
        let mut answering = shared.slow.spawn(async move { portal.oneshot(request).await });
        let mut fault = None;
        let answered = tokio::select! {
            answered = &mut answering => answered,
            () = carry(&mut body, to, &mut fault) => answering.await,
        };
        match (fault, answered) {
            (Some(fault), _) => Err(Turned::of_body(fault)),
            (None, Ok(Ok(response))) => {
                let (parts, body) = response.into_parts();
                Ok(Reply { status: parts.status, lines: Lines::Ours(parts.headers), source: Source::Portal(body) })
            }
            (None, _) => Err(Turned::Internal),
        }
    }
}

/// Hands the body on, piece by piece, as it is wanted; says what was wrong with it.
async fn carry(body: &mut ClientBody, to: mpsc::Sender<Result<bytes::Bytes, BodyFault>>, fault: &mut Option<BodyFault>) {
    while let Ok(room) = to.reserve().await {
        match body.next().await {
            None => return,
            // No form has trailers.
            Some(Ok(Piece::Trailers(_))) => {}
            Some(Ok(Piece::Data(data))) => room.send(Ok(data)),
            Some(Err(why)) => {
                *fault = Some(why);
                room.send(Err(why));
                return;
            }
        }
    }
}

/// The fields as other libraries know them.
pub(super) fn map(head: &Head) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(head.fields().len());
    for (name, value) in head.fields().iter() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    map
}
