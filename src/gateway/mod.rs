//! The data plane: every request of every guest passes here.
//!
//! Threads with a runtime each, that share a TLS configuration, the live directory and nothing else. The way of a request stands in
//! [`serve_request`]; its order is security: `route` says which app, `identify` who, `admit` whether, `headers` what the app is told,
//! `forward` carries. Forwarding without an admission does not compile.

mod admit;
mod ask;
mod body;
mod bond;
mod buffers;
mod certificate;
mod connection;
mod crowd;
mod ending;
mod facts;
mod forward;
mod forward_auth;
mod grpc;
mod headers;
mod http1;
mod http2;
mod identify;
mod listen;
mod look;
mod names;
#[cfg(any(test, fuzzing))]
pub mod parsers;
mod proxied;
mod record;
mod reply;
mod reserved;
mod response;
mod rewrite;
mod route;
mod sample;
mod settled;
mod signin;
mod socket;
mod tls;
mod trial;
mod tunnel;
mod turned;
mod upstream;
mod values;
mod watch;
mod wire;
mod worker;

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use tokio_util::sync::CancellationToken;

pub use ending::{Ending, Pulse};
pub use listen::{Listener, bind, bind_place};
pub use tls::{CertificateResolver, Certificates, TlsError};
pub use trial::Trial;

use crate::{
    base::{ClientAddr, Clock, Entropy, NormalPath, SessionId, Timestamp},
    identity::{KeyRing, Needs},
    language::Wanted,
    live::Live,
    observe::{AccessLog, AccessSink, DecisionLabel, Metrics},
    policy::Verdict,
    store::Store,
    web::{Cookies, Door, Reader},
};

use admit::{Admitted, Asked, Over, Who, admit};
use body::ClientBody;
use connection::Connection;
use look::{Head, lines};
use names::find_cookie;
use record::{Record, Shown};
use response::{Reply, Response};
use route::{Route, route};
use signin::{Demand, Purpose, Start};
use turned::{Asking, For, SignIn, Turned, Unmet};
use worker::{BoundApp, Lens, Shared, Worker};

/// The portal's pages, as the gateway calls them.
pub type PortalService = tower::util::BoxCloneSyncService<http::Request<axum::body::Body>, http::Response<axum::body::Body>, Infallible>;

/// Everything that the data plane stands on.
pub struct Parts {
    /// Configuration, policies, sessions.
    pub live: Arc<Live>,
    /// Keys of tokens and sealed state.
    pub keys: Arc<KeyRing>,
    /// The database, for what a sign-in and a sign-out write.
    pub store: Arc<dyn Store>,
    /// The portal.
    pub portal: PortalService,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where the access log goes.
    pub access: Arc<AccessSink>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Where portal and database run.
    pub slow: tokio::runtime::Handle,
    /// Certificates by name.
    pub certificates: Arc<CertificateResolver>,
    /// The sockets of each worker.
    pub listeners: Vec<Vec<Listener>>,
    /// Told of each worker's rounds.
    pub pulse: Arc<Pulse>,
}

/// The data plane cannot begin, or has broken down.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No thread or runtime could be had.
    #[error("a worker cannot be started")]
    Worker(#[from] io::Error),
    /// A worker ended although nobody asked it to.
    #[error("a worker has broken down")]
    Broken,
}

/// What all workers share.
fn share(parts: &Parts) -> Result<Arc<Shared>, RunError> {
    let tls = tls::Tls::new(Arc::clone(&parts.certificates), Arc::clone(&parts.clock))?;
    Ok(Arc::new(Shared {
        live: Arc::clone(&parts.live),
        keys: Arc::clone(&parts.keys),
        store: Arc::clone(&parts.store),
        portal: parts.portal.clone(),
        metrics: Arc::clone(&parts.metrics),
        clock: Arc::clone(&parts.clock),
        entropy: Arc::clone(&parts.entropy),
        slow: parts.slow.clone(),
        tls,
        crowd: Arc::default(),
        public_roots: upstream::PublicRoots::new(),
        fleets: Arc::new(upstream::Fleets::new()),
    }))
}

/// Serves until the end is announced and everything open has ended or was cut.
pub async fn run(parts: Parts, ending: impl Into<Ending>) -> Result<(), RunError> {
    let ending = ending.into();
    let shared = share(&parts)?;
    shared.slow.spawn(count_sessions(Arc::clone(&shared), ending.announced.clone()));
    let around = upstream::Surroundings {
        live: Arc::clone(&shared.live),
        fleets: Arc::clone(&shared.fleets),
        metrics: Arc::clone(&shared.metrics),
        roots: shared.public_roots.clone(),
        slow: shared.slow.clone(),
    };
    shared.slow.spawn(upstream::watch_health(around, ending.announced.clone()));
    let mut ends = Vec::new();
    for (ix, listeners) in parts.listeners.into_iter().enumerate() {
        let (shared, access, ending) = (Arc::clone(&shared), Arc::clone(&parts.access), ending.clone());
        let pulse = Arc::clone(&parts.pulse);
        let (done, ended) = tokio::sync::oneshot::channel();
        std::thread::Builder::new().name(format!("gateway-{ix}")).spawn(move || {
            let served = alone(async move {
                let worker = Rc::new(Worker::new(shared, AccessLog::new(access), ending));
                let upkeep = tokio::task::spawn_local(upkeep(Rc::clone(&worker), pulse, ix));
                let served = listen::serve_all(&worker, listeners).await;
                upkeep.abort();
                worker.log.borrow_mut().flush();
                served
            });
            // Nobody listens any more where `run` itself was dropped.
            let _ = done.send(served);
        })?;
        ends.push(ended);
    }
    for ended in ends {
        ended.await.map_err(|_| RunError::Broken)??;
    }
    Ok(())
}

/// Runs on this thread alone: tasks are queued without a lock, and nothing has to be sent anywhere.
fn alone(work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build_local(tokio::runtime::LocalOptions::default())?.block_on(work)
}

/// Tells how many sessions each app has, away from requests.
async fn count_sessions(shared: Arc<Shared>, shutdown: CancellationToken) {
    let mut tick = tokio::time::interval(std::time::Duration::from_secs(5));
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let mut counts = shared.live.sessions_by_app();
        for app in shared.live.snapshot().apps() {
            let n = counts.remove(&app.app.id).unwrap_or_default();
            shared.metrics.app(&app.app.id).sessions().set(i64::try_from(n).unwrap_or(i64::MAX));
        }
    }
}

/// What a worker does beside requests: lines of the access log leave, idle connections close.
async fn upkeep(worker: Rc<Worker>, pulse: Arc<Pulse>, ix: usize) {
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(250));
    loop {
        tick.tick().await;
        pulse.beat(ix);
        let now = worker.now();
        worker.log.borrow_mut().flush_due(now);
        worker.tell_trials();
        worker.tidy();
        worker.forget();
    }
}

/// One request on its way.
struct Journey {
    connection: Rc<Connection>,
    lens: Rc<Lens>,
    head: Rc<Head>,
    client: ClientAddr,
    now: Timestamp,
    record: Box<Record>,
}

/// Answers a request, whatever happens on its way.
async fn answer(connection: Rc<Connection>, head: Rc<Head>, body: ClientBody) -> Response {
    let only_head = head.method() == "HEAD";
    let worker = Rc::clone(&connection.worker);
    let mut way = pin!(serve_request(connection, head, body));
    // Caught where it lies: to hand it over would be to copy it.
    let answered = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| way.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    answered.await.unwrap_or_else(|_| {
        // The record has written its line on the way down; what panicked says why on its own.
        tracing::error!("the handling of a request has panicked");
        let (answer, _) = Turned::Internal.answer(For {
            site: &worker.lens().site,
            reader: Reader::Program,
            wanted: Wanted::default(),
            app: None,
            reference: "",
        });
        Reply::from(answer).into_response(only_head, None)
    })
}

/// Answers what is no request that we serve, before anything of it is looked at.
fn refuse_unread(connection: &Connection, turned: &Turned) -> Response {
    let (worker, lens) = (&connection.worker, connection.worker.lens());
    let mut record = Record::begin(worker, &lens, connection.peer.ip().to_canonical(), None, worker.now());
    worker.count_refused(turned);
    let (answer, decision) = turned.answer(For {
        site: &lens.site,
        reader: Reader::Program,
        wanted: Wanted::default(),
        app: None,
        reference: record.id.as_str(),
    });
    record.decided(decision);
    record.status(answer.status.as_u16());
    Reply::from(answer).into_response(false, Some(record))
}

/// The whole way of a request.
async fn serve_request(connection: Rc<Connection>, head: Rc<Head>, body: ClientBody) -> Response {
    let worker = &connection.worker;
    let (now, lens) = (worker.now(), worker.lens());
    let client = connection.client(lens.config(), &head);
    let record = Record::begin(worker, &lens, client.seen, Some(&head), now);
    let mut journey = Journey { connection: Rc::clone(&connection), lens, head, client, now, record };
    let (reply, app) = match route(&connection, &journey.lens, &journey.head) {
        Err(turned) => {
            journey.record.unrouted(route::loggable(&connection, &journey.lens, &journey.head));
            (Err(turned), None)
        }
        Ok(Route::Portal) => (journey.ask_portal(Door::Portal, body).await, None),
        Ok(Route::Certificates) => {
            let (brought, _) = connection.certificate.judge(&journey.lens.snapshot, now);
            (journey.ask_portal(Door::Certificates(brought), body).await, None)
        }
        Ok(Route::Reserved(app, path)) => {
            journey.record.of_app(&app, Shown::Template(reserved::template(&path)));
            (journey.reserved(&app, &path).await, Some(app))
        }
        Ok(Route::Preflight(app)) => {
            journey.record.of_app(&app, Shown::Sent);
            journey.record.decided(DecisionLabel::Refused);
            (Ok(Reply::empty(http::StatusCode::NO_CONTENT)), Some(app))
        }
        Ok(Route::Open(app, path, open)) => {
            journey.record.of_app(&app, Shown::Sent);
            journey.record.decided(DecisionLabel::Public);
            (journey.ask_app(&app, path, Some(open), body).await, Some(app))
        }
        Ok(Route::App(app, path)) => {
            journey.record.of_app(&app, Shown::Sent);
            (journey.ask_app(&app, path, None, body).await, Some(app))
        }
    };
    journey.end(reply, app.as_deref())
}

impl Journey {
    /// Who, whether, and then on.
    async fn ask_app(
        &mut self,
        app: &Rc<BoundApp>,
        path: NormalPath<'static>,
        open: Option<route::Open>,
        body: ClientBody,
    ) -> Result<Reply, Turned> {
        let admitted = self.admitted(app, &path, open).await?;
        self.forward(app, path, admitted, body).await
    }

    /// Who, and whether: the proof that the request may pass.
    async fn admitted(&mut self, app: &Rc<BoundApp>, path: &NormalPath<'static>, open: Option<route::Open>) -> Result<Admitted, Turned> {
        let who = match open {
            Some(open) => Who::Nobody(open),
            None => match identify::identify(&self.connection, app, &self.head, self.now).await? {
                Some(known) => Who::Session(known),
                None => return Err(self.sign_in(app, Demand::SESSION)),
            },
        };
        if let Who::Session(known) = &who {
            self.record.by(known.view.guest.id, known.view.session.id);
        }
        let head = Rc::clone(&self.head);
        let lens = Rc::clone(&self.lens);
        let asked = Asked { app, lens: &lens, head: &head, path, client: self.client, now: self.now };
        if let Who::Session(known) = &who
            && lens.config().log.facts
        {
            self.record.by_facts(admit::facts_for_log(&self.connection, known, asked));
        }
        let asking = if let Who::Session(known) = &who { Some(known.view.session.id) } else { None };
        let admitted = match admit(&self.connection, who, asked) {
            Err(Over::TimedOut | Over::Breach) => return Err(self.sign_in(app, Demand::SESSION)),
            Ok(Err(refused)) => return Err(self.refused(app, *refused, asking)),
            Ok(Ok(admitted)) => admitted,
        };
        self.passed(app, path, &admitted);
        self.same_site(app)?;
        Ok(admitted)
    }

    fn passed(&mut self, app: &BoundApp, path: &NormalPath<'static>, admitted: &Admitted) {
        self.record.judged(admitted.settled());
        if let Some(known) = admitted.session() {
            self.record.decided(DecisionLabel::Allow);
            if !app.live.app.activity.ignore.iter().any(|glob| glob.matches(path)) {
                self.connection.worker.shared.live.touch(&known.view, self.now);
            }
        }
    }

    /// Pages of other sites may not open WebSockets, nor send anything unsafe where the app says so.
    fn same_site(&self, app: &BoundApp) -> Result<(), Turned> {
        use crate::config::{CrossOrigin, WebSocket};
        let origin = look::one(&self.head, "origin");
        let ours = origin.is_some_and(|o| o == app.origin.as_bytes());
        if self.head.is_upgrade() {
            if self.head.framing() != wire::BodyFraming::None {
                return Err(Turned::BadRequest("a request that opens a WebSocket has no body"));
            }
            let WebSocket::On { origins, .. } = &app.live.app.websocket else { return Err(Turned::NoWebSockets) };
            let listed = origin.is_some_and(|o| origins.iter().any(|known| known.as_str().as_bytes() == o));
            // Every browser says where a WebSocket is opened from. Who says nothing is a program, and one that brings no cookie lends
            // nobody's session to another site.
            let bare = !self.head.fields().has("origin") && !self.head.fields().has("cookie");
            return if ours || listed || bare { Ok(()) } else { Err(Turned::CrossSite) };
        }
        if self.head.fields().has("upgrade") && self.head.fields().has("connection") {
            return Err(Turned::BadRequest("only WebSockets may be opened"));
        }
        if self.head.is_safe() || app.live.app.cross_origin == CrossOrigin::Forward {
            return Ok(());
        }
        let fetched = look::one(&self.head, "sec-fetch-site");
        let same = fetched.map_or(origin.is_none() || ours, |site| matches!(site, b"same-origin" | b"none"));
        if same { Ok(()) } else { Err(Turned::CrossSite) }
    }

    /// A refusal; a challenge becomes the way to prove more.
    fn refused(&mut self, app: &Rc<BoundApp>, refused: admit::Refused, asking: Option<SessionId>) -> Turned {
        self.record.judged(&refused.settled);
        let decision = &refused.settled.decision;
        let Verdict::Challenge(unmet) = decision.verdict else { return refused.turned };
        if let Turned::OutOfReach(_) = refused.turned {
            return refused.turned;
        }
        let policies = &app.live.policies;
        let policy = policies.rules_in(decision.by).next().map(|(_, name)| name.to_string()).unwrap_or_default();
        let requirements = policies.unmet(unmet).map(ToString::to_string).collect();
        let needs = Needs::More { policies: self.lens.snapshot.policies.version(), unmet };
        self.sign_in(app, Demand { needs, asking, unmet: Some(Unmet { policy, requirements }) })
    }

    fn sign_in(&self, app: &BoundApp, Demand { needs, asking: session, unmet }: Demand) -> Turned {
        let shared = &self.connection.worker.shared;
        let asking = Asking::judge(self.head.method(), look::one(&self.head, "sec-fetch-dest"), self.reader());
        let target = if asking == Asking::Page { self.head.path() } else { self.page(app) };
        let had = find_cookie(lines(&self.head, "cookie"), Cookies::START);
        let purpose = Purpose { app: &app.live.app.id, target, needs, asking: session, now: self.now };
        let start = Start::begin(&shared.keys, &*shared.entropy, &self.lens.site.portal, had, purpose);
        Turned::SignIn(Box::new(SignIn { start, asking, realm: app.live.app.id.to_string(), unmet }))
    }

    /// The page of this app that asks, where the browser says so.
    fn page(&self, app: &BoundApp) -> &str {
        let referrer = look::one(&self.head, "referer").and_then(|r| std::str::from_utf8(r).ok());
        referrer.and_then(|r| r.strip_prefix(app.origin.as_str())).filter(|path| path.starts_with('/')).unwrap_or("/")
    }

    /// The language that the guest has chosen on the portal, or was invited in.
    fn chosen(&self) -> Option<String> {
        let view = self.connection.worker.shared.live.session(&self.record.session()?)?;
        view.guest.language.clone()
    }

    /// Which languages the browser names. The portal's choice is kept in a cookie of its own host, which is not sent here.
    fn wanted(&self) -> Wanted<'_> {
        let browser = look::one(&self.head, "accept-language").and_then(|value| std::str::from_utf8(value).ok());
        Wanted { browser, ..Wanted::default() }
    }

    fn reader(&self) -> Reader {
        if self.head.is_upgrade() {
            return Reader::Program;
        }
        let first = |name| self.head.fields().first(name);
        Reader::judge(first("sec-fetch-dest"), self.head.says_fetch(), first("accept"))
    }

    /// The one way out: every answer takes its record with it.
    fn end(mut self, reply: Result<Reply, Turned>, app: Option<&BoundApp>) -> Response {
        let reply = reply.unwrap_or_else(|turned| {
            self.connection.worker.count_refused(&turned);
            let (reader, chosen) = (self.reader(), self.chosen());
            let to = For {
                site: &self.lens.site,
                reader,
                wanted: Wanted { invited: chosen.as_deref(), ..self.wanted() },
                app: app.map(|a| a.live.app.name.as_str()),
                reference: self.record.id.as_str(),
            };
            let (answer, decision) = turned.answer(to);
            self.record.decided(decision);
            Reply::from(if self.head.is_grpc() { grpc::refusal(answer) } else { answer })
        });
        self.record.status(reply.status.as_u16());
        reply.into_response(self.head.method() == "HEAD", Some(self.record))
    }
}
