//! Forward-auth: another proxy asks whether a request may pass, and forwards it itself.
//!
//! Plain HTTP/1, for trusted proxies alone, on a listener of its own. What the guest asked for stands in `X-Forwarded-Method`, `-Proto`,
//! `-Host`, `-Uri` and `-For` (nginx, Traefik, Caddy) or in the line of the question itself, behind our path (Envoy). It is written down
//! as a request, read again by the reader that reads every request, and then goes the way of all requests up to where it would be
//! forwarded; there [`vouch`] says what the app may believe. Questions have no bodies, so nobody can hide a second one in the first.

mod question;

use std::{
    collections::HashMap,
    future::poll_fn,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use bytes::BytesMut;
use http::{HeaderName, HeaderValue, StatusCode, header};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use crate::{
    base::{ClientAddr, Host, Prefix},
    config::Config,
    observe::DecisionLabel,
    web::{Answer, Cookies, sign_in_at},
};

use super::{
    Journey, Response,
    admit::Admitted,
    connection::{Connection, Name},
    headers::{Sent, told},
    look::{Head, lines},
    names::{Found, find_cookie},
    record::{Record, Shown},
    refuse_unread, reserved,
    response::Reply,
    route::{self, Route, route},
    turned::{Asking, For, Turned},
    wire::{BodyFraming, HeadBuf, Limits, Parsed, Piece, Progress, RequestError, Version, parse_request},
    worker::{BoundApp, Worker},
};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    /// Somebody on the network.
    Peer(SocketAddr),
    /// Somebody whom the mode of our socket lets in.
    Local,
}

/// How long a proxy may keep a connection on which it asks nothing: it pools them.
const IDLE: Duration = Duration::from_secs(600);
/// How long a question may take to come, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(30);
/// Guests that are remembered on one connection of a proxy.
const MOST_GUESTS: usize = 512;
/// How much is read at once.
const READ: usize = 4 * 1024;
/// Stands for the peer of a connection that has no address.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A connection of a proxy, on which it asks about many guests.
struct Proxy<S> {
    worker: Rc<Worker>,
    caller: Caller,
    stream: S,
    input: BytesMut,
    /// What a guest's own connection would remember, for each host and session.
    guests: HashMap<Box<[u8]>, Rc<Connection>>,
}

/// Serves one connection of a proxy to its end.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(worker: Rc<Worker>, stream: S, caller: Caller) {
    let mut proxy = Proxy { worker, caller, stream, input: BytesMut::new(), guests: HashMap::new() };
    while let Some(asked) = proxy.next().await {
        let (response, keep, version) = match &asked {
            Ok(head) => {
                let keep = head.framing() == BodyFraming::None && head.keep_alive() && !proxy.worker.ending.announced.is_cancelled();
                (proxy.answer(head).await, keep, head.version())
            }
            Err(error) => (refuse_unread(&proxy.bare(), &Turned::Unreadable(*error)), false, Version::Http11),
        };
        if !matches!(timeout(PATIENCE, proxy.send(response, keep, version)).await, Ok(Ok(()))) || !keep {
            break;
        }
    }
    let _ = timeout(PATIENCE, proxy.stream.shutdown()).await;
}

impl<S: AsyncRead + AsyncWrite + Unpin> Proxy<S> {
    /// The next question; `None` where the connection is over.
    async fn next(&mut self) -> Option<Result<Head, RequestError>> {
        let mut progress = Progress::default();
        loop {
            match parse_request(&mut self.input, &Limits::default(), &mut progress) {
                Ok(Parsed::Complete(head)) => return Some(Ok(head)),
                Ok(Parsed::Partial) => {}
                Err(error) => return Some(Err(error)),
            }
            let begun = !self.input.is_empty();
            self.input.reserve(READ);
            let read = timeout(if begun { PATIENCE } else { IDLE }, self.stream.read_buf(&mut self.input));
            let read = tokio::select! {
                read = read => read,
                () = self.worker.ending.due.cancelled(), if !begun => return None,
            };
            if !matches!(read, Ok(Ok(1..))) {
                return None;
            }
        }
    }

    async fn answer(&mut self, head: &Head) -> Response {
        let lens = self.worker.lens();
        if let Caller::Peer(peer) = self.caller
            && !lens.config().trusted_proxies.iter().any(|prefix| prefix.contains(peer.ip()))
        {
            tracing::info!(peer = %peer.ip(), "a question came from an address that is not in `trusted_proxies`");
            return refuse_unread(&self.bare(), &Turned::Stranger);
        }
        let asked = match question::read(head) {
            Ok(asked) => asked,
            Err(turned) => return refuse_unread(&self.bare(), &turned),
        };
        let client = self.client(lens.config(), head);
        let connection = self.guest(&asked);
        answer(connection, asked, client, head.method() == "HEAD").await
    }

    /// Whom the proxy asks for: what it says itself stands at the right of `X-Forwarded-For`.
    fn client(&self, config: &Config, head: &Head) -> ClientAddr {
        let hops: Vec<&[u8]> = lines(head, "x-forwarded-for").collect();
        match self.caller {
            Caller::Peer(peer) => ClientAddr::derive(peer.ip(), hops.into_iter(), &config.trusted_proxies),
            Caller::Local => {
                let trusted: Vec<Prefix> = config.trusted_proxies.iter().copied().chain([Prefix::around(NOWHERE, 32)]).collect();
                ClientAddr::derive(NOWHERE, hops.into_iter(), &trusted)
            }
        }
    }

    /// What was recognised for this host and session before on this connection.
    fn guest(&mut self, asked: &Head) -> Rc<Connection> {
        let authority = asked.authority().unwrap_or_default();
        let bare = authority.split(|b| *b == b':').next().unwrap_or_default();
        let name = std::str::from_utf8(bare).ok().and_then(|text| Host::parse(text).ok()).map_or(Name::Unreadable, Name::Of);
        let new = || Rc::new(Connection::new(Rc::clone(&self.worker), self.peer(), name));
        let Found::One(token) = find_cookie(lines(asked, "cookie"), Cookies::SESSION) else { return new() };
        let key = [authority, b"\n", token].concat();
        if let Some(known) = self.guests.get(key.as_slice()) {
            return Rc::clone(known);
        }
        let new = new();
        if self.guests.len() >= MOST_GUESTS {
            self.guests.clear();
        }
        self.guests.insert(key.into(), Rc::clone(&new));
        new
    }

    fn peer(&self) -> SocketAddr {
        match self.caller {
            Caller::Peer(peer) => peer,
            Caller::Local => SocketAddr::new(NOWHERE, 0),
        }
    }

    fn bare(&self) -> Connection {
        Connection::new(Rc::clone(&self.worker), self.peer(), Name::None)
    }

    async fn send(&mut self, mut response: Response, keep: bool, version: Version) -> std::io::Result<()> {
        let mut body = BytesMut::new();
        while let Some(piece) = poll_fn(|cx| response.body.poll_piece(cx)).await {
            match piece {
                Ok(Piece::Data(data)) => body.extend_from_slice(&data),
                Ok(Piece::Trailers(_)) => {}
                Err(broken) => return Err(std::io::Error::other(broken)),
            }
        }
        let mut head = HeadBuf::over(BytesMut::with_capacity(1_024 + body.len()));
        head.status_line(response.status.as_u16());
        response.each_field(&mut |name, value| {
            if head.field(name, value).is_err() {
                tracing::debug!("a field of an answer was left out because it cannot be written");
            }
        });
        head.put(b"Date", self.worker.date().as_bytes());
        head.content_length(response.promised_length().unwrap_or(body.len() as u64));
        match (keep, version) {
            (false, _) => head.put(b"Connection", b"close"),
            (true, Version::Http10) => head.put(b"Connection", b"keep-alive"),
            (true, Version::Http11 | Version::Http2) => {}
        }
        head.finish();
        let mut out = head.into_bytes();
        out.extend_from_slice(&body);
        self.stream.write_all(&out).await?;
        self.stream.flush().await
    }
}

/// Whether a request may pass that the proxy describes.
async fn answer(connection: Rc<Connection>, head: Head, client: ClientAddr, only_head: bool) -> Response {
    let (worker, head) = (&connection.worker, Rc::new(head));
    let (now, lens) = (worker.now(), worker.lens());
    let record = Record::begin(worker, &lens, client.seen, Some(&head), now);
    let mut journey = Journey { connection: Rc::clone(&connection), lens, head, client, now, record };
    let (reply, app) = match route(&connection, &journey.lens, &journey.head) {
        Err(turned) => {
            journey.record.unrouted(route::loggable(&connection, &journey.lens, &journey.head));
            (Err(turned), None)
        }
        // The portal is not behind a question, and ours is not the app's: both are for `listen.https`.
        Ok(Route::Portal | Route::Certificates) => (Err(Turned::UnknownHost), None),
        Ok(Route::Reserved(app, path)) => {
            journey.record.of_app(&app, Shown::Template(reserved::template(&path)));
            tracing::info!(app = %app.live.app.id, "a proxy asked about `/.guestgate/*`, which belongs to `listen.https`");
            (Err(Turned::NotFound), Some(app))
        }
        // Any 2xx would let it through to the app.
        Ok(Route::Preflight(app)) => {
            journey.record.of_app(&app, Shown::Sent);
            (Err(Turned::CrossSite), Some(app))
        }
        Ok(Route::Open(app, path, open)) => {
            journey.record.of_app(&app, Shown::Sent);
            journey.record.decided(DecisionLabel::Public);
            let admitted = journey.admitted(&app, &path, Some(open)).await;
            (admitted.map(|admitted| journey.vouch(&app, &admitted)), Some(app))
        }
        Ok(Route::App(app, path)) => {
            journey.record.of_app(&app, Shown::Sent);
            let admitted = journey.admitted(&app, &path, None).await;
            (admitted.map(|admitted| journey.vouch(&app, &admitted)), Some(app))
        }
    };
    journey.tell(reply, app.as_deref(), only_head)
}

impl Journey {
    /// What the app may believe about a request that may pass. Every header that could say who somebody is stands in the answer, empty
    /// where there is nothing to say: so nothing is left that a guest could fill in where the proxy copies only what is there.
    fn vouch(&self, app: &Rc<BoundApp>, admitted: &Admitted) -> Reply {
        let Some(upstream) = app.live.app.upstreams.first() else { return Reply::empty(StatusCode::INTERNAL_SERVER_ERROR) };
        let worker = &self.connection.worker;
        let (keys, buffers) = (&worker.shared.keys, &*worker.buffers);
        let sent = Sent { app, upstream, keys, buffers, client: self.client, id: &self.record.id, now: self.now };
        let mut answer = Answer { status: StatusCode::OK, headers: http::HeaderMap::new(), body: bytes::Bytes::new() }
            .with(header::CACHE_CONTROL, "no-store")
            .with(HeaderName::from_static("x-request-id"), self.record.id.as_str());
        told(admitted, &self.head, sent, &mut |name, value| {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                answer.headers.insert(name, value);
            }
        });
        answer.into()
    }

    /// The way out: what other proxies understand.
    fn tell(mut self, reply: Result<Reply, Turned>, app: Option<&BoundApp>, only_head: bool) -> Response {
        let reply = reply.unwrap_or_else(|turned| {
            let to = For {
                site: &self.lens.site,
                reader: self.reader(),
                wanted: self.wanted(),
                app: app.map(|a| a.live.app.name.as_str()),
                reference: self.record.id.as_str(),
            };
            let (answer, decision) = turned.answer(to);
            self.record.decided(decision);
            let Turned::SignIn(signin) = turned else { return Reply::from(answer) };
            let url = signin.start.url.as_str();
            // A redirect would be taken for a refusal, or be followed by the proxy itself: 401 is what all of them know.
            let answer = match signin.asking {
                Asking::Page => sign_in_at(&self.lens.site.speaking(&self.wanted()), url)
                    .with(header::LOCATION, url)
                    .with(header::WWW_AUTHENTICATE, &signin.authenticate())
                    .with(header::SET_COOKIE, &signin.start.cookie),
                Asking::Frame | Asking::Form | Asking::Program => answer,
            };
            Reply::from(answer.with(HeaderName::from_static("x-guestgate-signin"), url))
        });
        self.record.status(reply.status.as_u16());
        reply.into_response(only_head, Some(self.record))
    }
}
