//! The journey without sockets: from the bytes of a request's head to the bytes that the app would get. For benches, and for whoever wants
//! to know what the gateway itself costs.

use std::{net::SocketAddr, rc::Rc};

use bytes::BytesMut;
use futures_util::FutureExt as _;

use super::{
    Ending, Parts, RunError,
    admit::{Asked, Who, admit},
    connection::{Connection, Name},
    headers::{Sent, prepare},
    identify::identify,
    record::{Record, Shown},
    route::{Route, route},
    share,
    wire::{Limits, Parsed, Progress, parse_request},
    worker::Worker,
};
use crate::{
    base::Host,
    observe::{AccessLog, DecisionLabel, UpstreamResult},
};

/// One connection of a worker that has no socket.
pub struct Trial {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trial")
    }
}

impl Trial {
    /// A connection to this host from this address.
    pub fn new(parts: Parts, host: Host, peer: SocketAddr) -> Result<Self, RunError> {
        let shared = share(&parts)?;
        let worker = Rc::new(Worker::new(shared, AccessLog::new(parts.access), Ending::default()));
        let connection = Rc::new(Connection::new(Rc::clone(&worker), peer, Name::Of(host)));
        Ok(Self { worker, connection })
    }

    /// Reads, routes, identifies, judges, writes what the app would get, counts and logs; the number of the bytes for the app. `None` where the request would be
    /// turned away, or where its session is not in memory.
    pub fn carry(&self, request: &[u8]) -> Option<usize> {
        let Ok(Parsed::Complete(head)) = parse_request(&mut BytesMut::from(request), &Limits::default(), &mut Progress::default()) else {
            return None;
        };
        let (now, lens, head) = (self.worker.now(), self.worker.lens(), Rc::new(head));
        let client = self.connection.client(lens.config(), &head);
        let mut record = Record::begin(&self.worker, &lens, client.seen, Some(&head), now);
        let Ok(Route::App(app, path)) = route(&self.connection, &lens, &head) else { return None };
        record.of_app(&app, Shown::Sent);
        let known = identify(&self.connection, &app, &head, now).now_or_never()?.ok()??;
        record.by(known.view.guest.id, known.view.session.id);
        let asked = Asked { app: &app, lens: &lens, head: &head, path: &path, client, now };
        let admitted = admit(&self.connection, Who::Session(known), asked).ok()?.ok()?;
        record.judged(admitted.settled());
        record.decided(DecisionLabel::Allow);
        let upstream = app.live.app.upstreams.first()?;
        let sent = Sent { app: &app, upstream, keys: &self.worker.shared.keys, buffers: &self.worker.buffers, client, id: &record.id, now };
        let outgoing = prepare(&admitted, &head, sent);
        let length = outgoing.into_head().as_bytes().len();
        record.sent_to(0);
        record.upstream(UpstreamResult::Answered);
        record.status(200);
        record.more(1_024);
        Some(length)
    }
}
