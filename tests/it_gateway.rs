//! The gateway from outside: a raw TLS client in front, a recording upstream behind, a real database in between.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::large_futures,
    reason = "what fails here fails the test; a test has its own machine"
)]

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::response::IntoResponse;
use guestgate::{
    base::{
        AppId, Clock, EmailAddress, Entropy, Factor, GrantId, GuestId, Host, Id, InvitationId, Kind, Past, PathGlob, PathRules, Proof,
        SessionId, Source, Span, Timestamp,
    },
    config::{App, CertificateFiles, Config, PolicyUse, UnderReadOnly, Upstream, WebSocket},
    directory::{Audience, Change, Grant, GrantState, Guest, GuestState, Origin, Proposal, Session, Version},
    gateway::{CertificateResolver, Certificates, Listener, Parts, RunError, bind},
    identity::{KeyRing, MasterKey, SessionClaims},
    live::{Bounds, Live, Snapshot},
    observe::{AccessSink, Build, Metrics},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
    store::{SqliteStore, Store, StoreKeys},
};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[derive(Debug)]
struct Still;
impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

#[derive(Debug)]
struct Dice;
impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

struct Bed {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    cookie: String,
    seen: Arc<Mutex<Vec<String>>>,
    live: Arc<Live>,
    store: Arc<dyn Store>,
    guest: Guest,
    shutdown: CancellationToken,
    served: tokio::task::JoinHandle<Result<(), RunError>>,
    access: Arc<AccessSink>,
    folder: tempfile::TempDir,
}

fn host(name: &str) -> Host {
    Host::parse(name).unwrap()
}

/// Records what it receives; answers `/socket` as a WebSocket that echoes bytes, everything else with the body that it got.
async fn upstream(seen: Arc<Mutex<Vec<String>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut got = Vec::new();
                while !got.windows(4).any(|w| w == b"\r\n\r\n") {
                    if socket.read_buf(&mut got).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let end = got.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
                let head = String::from_utf8(got[..end].to_vec()).unwrap();
                seen.lock().unwrap().push(head.clone());
                if head.starts_with("GET /file") {
                    let disposition = if head.starts_with("GET /file/inline") { "inline" } else { "Attachment; filename=\"x.csv\"" };
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Disposition: {disposition}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                    );
                    socket.write_all(answer.as_bytes()).await.unwrap();
                    return;
                }
                if head.starts_with("GET /socket") {
                    let accept = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
                    socket.write_all(accept.as_bytes()).await.unwrap();
                    let (mut reader, mut writer) = socket.split();
                    let _ = tokio::io::copy(&mut reader, &mut writer).await;
                    return;
                }
                if head.starts_with("GET /endless") {
                    socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
                    let chunk = [&b"4000\r\n"[..], &[b'x'; 0x4000], b"\r\n"].concat();
                    while socket.write_all(&chunk).await.is_ok() {}
                    return;
                }
                let length = head
                    .to_ascii_lowercase()
                    .lines()
                    .find_map(|l| l.strip_prefix("content-length: ").map(str::to_owned))
                    .map_or(0, |n| n.parse().unwrap());
                let mut body = got[end..].to_vec();
                while body.len() < length {
                    socket.read_buf(&mut body).await.unwrap();
                }
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nSet-Cookie: __Host-guestgate=evil\r\nSet-Cookie: app=1\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                socket.write_all(answer.as_bytes()).await.unwrap();
                socket.write_all(&body).await.unwrap();
            });
        }
    });
    address
}

async fn start() -> Bed {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let behind = upstream(Arc::clone(&seen)).await;
    let folder = tempfile::tempdir().unwrap();
    let master = MasterKey::new([1; 32]);
    let keys = Arc::new(KeyRing::new("https://access.example.test", &master, &[]).unwrap());
    let id = AppId::parse("charts").unwrap();
    let mut app = App::with_defaults(id.clone(), host("charts.example.test"), Upstream::plain(behind.ip(), behind.port()));
    app.policies = PolicyUse::None;
    app.public = vec![PathGlob::parse("/public/**", &PathRules::default()).unwrap()];
    app.websocket = WebSocket::On { origins: Vec::new(), read_only: UnderReadOnly::Block };
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["charts.example.test".to_owned(), "access.example.test".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let files = CertificateFiles { cert: folder.path().join("c.pem"), key: folder.path().join("k.pem") };
    std::fs::write(&files.cert, certificate.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    let mut config = Config::with_defaults(host("access.example.test"), vec![app]);
    config.tls.certificates = vec![files];
    config.listen.public_port = Some(443);
    let universe = Universe {
        apps: Some(vec![KnownApp { policies_none: true, ..KnownApp::new(id.clone()) }]),
        methods: MethodsOffered { email: true, ..MethodsOffered::default() },
        providers: Vec::new(),
    };
    let files = Files { definitions: None::<Source>, ..Files::default() };
    let policies = PolicySet::build(&files, &universe).unwrap().0;
    let resolver = Arc::new(CertificateResolver::new(Certificates::load(&config).unwrap()).unwrap());
    let store_keys = StoreKeys::derive(&[1; 32]).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("g.db"), store_keys, Arc::new(Dice)).await.unwrap());
    let snapshot = Snapshot::new(Arc::new(config), Arc::new(policies), 1).unwrap();
    let live = Arc::new(Live::new(snapshot, Arc::clone(&store), Bounds::default()));
    let (guest, session) = people(&*store, &id).await;
    let shutdown = CancellationToken::new();
    tokio::spawn(guestgate::live::run(Arc::clone(&live), Arc::new(Still), guestgate::live::DelayHook::none(), shutdown.clone()));
    let claims = SessionClaims {
        aud: host("charts.example.test"),
        sub: guest.id,
        sid: session.id,
        inv: session.invitation,
        iat: NOW,
        exp: session.expires,
    };
    let cookie = format!("__Host-guestgate={}", keys.session_token(&claims));
    let listeners = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 1).unwrap();
    let address = listeners[0].local_addr().unwrap();
    let portal = tower::service_fn(|_| async { Ok("portal".into_response()) });
    let access = Arc::new(AccessSink::file(&folder.path().join("access.log")).unwrap());
    let parts = Parts {
        live: Arc::clone(&live),
        keys,
        store: Arc::clone(&store),
        portal: tower::util::BoxCloneSyncService::new(portal),
        metrics: Arc::new(Metrics::new(Build { version: "0", revision: "0" }, NOW).unwrap()),
        access: Arc::clone(&access),
        clock: Arc::new(Still),
        entropy: Arc::new(Dice),
        slow: tokio::runtime::Handle::current(),
        certificates: resolver,
        listeners: vec![listeners.into_iter().map(Listener::Https).collect()],
        pulse: Arc::new(guestgate::gateway::Pulse::new(1)),
    };
    let served = tokio::spawn(guestgate::gateway::run(parts, shutdown.clone()));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    live.caught_up(store.revision().await.unwrap()).await.unwrap();
    Bed { address, tls: Arc::new(tls), cookie, seen, live, store, guest, shutdown, served, access, folder }
}

async fn people(store: &dyn Store, app: &AppId) -> (Guest, Session) {
    let guest = Guest {
        id: GuestId::from_bytes([1; 16]),
        email: EmailAddress::parse("ann@partner.example").unwrap(),
        name: None,
        kind: Kind::Guest,
        state: GuestState::Active,
        groups: Vec::new(),
        attributes: BTreeMap::new(),
        sponsor: None,
        invited_by: None,
        language: None,
        created: NOW,
        first_redeemed: Some(NOW),
        accepted: Vec::new(),
        resumed: None,
        warned: None,
        sponsorship: Default::default(),
        bound: Vec::new(),
        version: Version(1),
    };
    let invitation = InvitationId::from_bytes([2; 16]);
    let grant = Grant {
        id: GrantId::from_bytes([3; 16]),
        guest: guest.id,
        app: app.clone(),
        role: None,
        from: NOW,
        until: None,
        invitation,
        state: GrantState::Active,
        approved: None,
        reminded: None,
        version: Version(1),
    };
    let session = Session {
        id: SessionId::from_bytes([4; 16]),
        root: Some(SessionId::from_bytes([5; 16])),
        audience: Audience::App(app.clone()),
        guest: guest.id,
        invitation: Some(invitation),
        grant: Some(grant.id),
        proofs: vec![Proof { factor: Factor::EmailCode, at: NOW }],
        provider_session: None,
        signed_in: NOW,
        created: NOW,
        expires: NOW.plus(Span::hours(1)),
        persistent: false,
        last_seen: NOW,
        origin: Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "test"),
        device: None,
        past: Past::default(),
        stated: BTreeMap::new(),
        ended: None,
        version: Version(1),
    };
    let mut proposal = Proposal::at(NOW);
    proposal.changes = vec![Change::PutGuest(guest.clone()), Change::PutGrant(grant), Change::PutSession(session.clone())];
    store.commit(proposal).await.unwrap();
    (guest, session)
}

#[path = "it_gateway/controls.rs"]
mod controls;

impl Bed {
    async fn connect(&self) -> TlsStream<TcpStream> {
        let socket = TcpStream::connect(self.address).await.unwrap();
        TlsConnector::from(Arc::clone(&self.tls)).connect(ServerName::try_from("charts.example.test").unwrap(), socket).await.unwrap()
    }

    async fn ask(&self, head: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn get(&self, path: &str, more: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: charts.example.test\r\n{more}Connection: close\r\n\r\n")).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_answered_by_how_they_ask() {
    let bed = start().await;
    let program = bed.get("/a", "").await;
    assert!(program.starts_with("HTTP/1.1 401") && program.contains("application/problem+json"), "{program}");
    assert!(program.to_ascii_lowercase().contains("www-authenticate: guestgate realm=\"charts\""));
    let page = bed.get("/a?b", "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n").await;
    assert!(page.starts_with("HTTP/1.1 303") && page.contains("https://access.example.test/signin?start="), "{page}");
    let other = bed.ask("GET / HTTP/1.1\r\nHost: access.example.test\r\nConnection: close\r\n\r\n").await;
    assert!(other.starts_with("HTTP/1.1 421"), "{other}");
    assert!(bed.seen.lock().unwrap().is_empty(), "nothing of it reaches the app");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_comes_from_us_alone() {
    let bed = start().await;
    let forged = "X-Forwarded-User: root\r\nx_forwarded_email: root\r\nX_Guestgate_Assertion: x\r\nForwarded: for=1.2.3.4\r\n";
    let public = bed.get("/public/x", forged).await;
    assert!(public.starts_with("HTTP/1.1 200") && public.contains("app=1") && !public.contains("evil"), "{public}");
    let cookie = format!("Cookie: a=1; {}; b=2\r\n{forged}Connection: x-forwarded-user\r\n", bed.cookie);
    let passed = bed.get("/orders?x=%2F", &cookie).await;
    assert!(passed.starts_with("HTTP/1.1 200"), "{passed}");
    let seen = bed.seen.lock().unwrap().clone();
    assert!(
        !seen[0].contains("root") && !seen[0].to_ascii_lowercase().contains("x-forwarded-user") && !seen[0].contains("ssertion"),
        "{}",
        seen[0]
    );
    assert!(seen[1].starts_with("GET /orders?x=%2F HTTP/1.1\r\n") && !seen[1].contains("root") && !seen[1].contains("1.2.3.4"));
    assert!(seen[1].contains("X-Forwarded-User: ann@partner.example\r\n") && seen[1].contains("Cookie: a=1; b=2\r\n"), "{}", seen[1]);
    assert!(seen[1].contains("X-Guestgate-Assertion: ey"));
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_goes_both_ways() {
    let bed = start().await;
    let body = "0123456789".repeat(200_000);
    let head = format!(
        "POST /up HTTP/1.1\r\nHost: charts.example.test\r\nCookie: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        bed.cookie,
        body.len()
    );
    let answer = bed.ask(&head).await;
    assert!(answer.ends_with(&body), "{}", &answer[..200.min(answer.len())]);
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn suspending_a_guest_closes_the_open_websocket() {
    let bed = start().await;
    let mut stream = bed.connect().await;
    let head = format!(
        "GET /socket HTTP/1.1\r\nHost: charts.example.test\r\nCookie: {}\r\nOrigin: https://charts.example.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        bed.cookie
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut got = Vec::new();
    while !got.windows(4).any(|w| w == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut got).await.unwrap() > 0, "{}", String::from_utf8_lossy(&got));
    }
    assert!(got.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&got));
    stream.write_all(b"\x81\x02hi").await.unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"\x81\x02hi");
    let mut proposal = Proposal::at(NOW);
    let state = GuestState::Removed { at: NOW };
    proposal.changes = vec![Change::PutGuest(Guest { state, version: Version(2), ..bed.guest.clone() })];
    bed.store.commit(proposal).await.unwrap();
    bed.live.nudge();
    let mut close = Vec::new();
    timeout(Duration::from_secs(1), stream.read_to_end(&mut close)).await.unwrap().unwrap();
    assert_eq!(close, b"\x88\x0e\x03\xf0access ended");
    bed.shutdown.cancel();
}

/// Status codes of the answers in a stream of bytes.
fn codes(answers: &str) -> Vec<&str> {
    answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_body_is_never_taken_for_a_request() {
    let bed = start().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: charts.example.test\r\n\r\n";
    let next = "GET /public/next HTTP/1.1\r\nHost: charts.example.test\r\nConnection: close\r\n\r\n";
    let post = |more: &str, body: &str| {
        let length = body.len();
        format!("POST /up HTTP/1.1\r\nHost: charts.example.test\r\n{more}Content-Length: {length}\r\n\r\n{body}")
    };
    let kept = bed.ask(&format!("{}{next}", post("", smuggled))).await;
    assert_eq!(codes(&kept), ["401", "200"], "{kept}");
    let waiting = bed.ask(&format!("{}{next}", post("Expect: 100-continue\r\n", smuggled))).await;
    assert_eq!(codes(&waiting), ["401"], "nobody can know whether the body comes: {waiting}");
    let large = bed.ask(&format!("{}{next}", post("", &"x".repeat(600_000)))).await;
    assert_eq!(codes(&large), ["401"], "{}", &large[..200.min(large.len())]);
    let head = "POST /up HTTP/1.1\r\nHost: charts.example.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    let broken = bed.ask(&format!("{head}5\r\nhelloGET / HTTP/1.1\r\n\r\n{next}")).await;
    assert_eq!(codes(&broken), ["401"], "{broken}");
    // Nobody has said how much is still to come, so this may be the last answer here, and says so: whoever asked next would get none.
    let unfinished = bed.ask(&format!("{head}5\r\nhello\r\n")).await;
    assert!(unfinished.starts_with("HTTP/1.1 401 ") && unfinished.contains("\r\nConnection: close\r\n"), "{unfinished}");
    let seen = bed.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("GET /public/next "), "{}", seen[0]);
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_told_to_go_on_once_the_body_is_wanted() {
    let bed = start().await;
    let mut stream = bed.connect().await;
    let head = format!(
        "POST /up HTTP/1.1\r\nHost: charts.example.test\r\nCookie: {}\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        bed.cookie
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    timeout(Duration::from_secs(5), stream.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nhello"), "{answer}");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_protocol_and_a_slow_typist_are_served() {
    let bed = start().await;
    let old = bed.ask("GET /public/x HTTP/1.0\r\nHost: charts.example.test\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.1 200") && old.contains("Connection: close\r\n"), "{old}");
    let head = bed.ask("HEAD /public/x HTTP/1.1\r\nHost: charts.example.test\r\nConnection: close\r\n\r\n").await;
    assert!(head.contains("Content-Length: 0\r\n") && head.contains("Date: ") && head.ends_with("\r\n\r\n"), "{head}");
    let mut stream = bed.connect().await;
    for byte in b"\r\nGET /public/y HTTP/1.1\r\nHost: charts.example.test\r\nConnection: close\r\n\r\n" {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(codes(&answer), ["200"], "{answer}");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_never_pauses_ends_with_the_access() {
    let bed = start().await;
    let mut stream = bed.connect().await;
    let head = format!("GET /endless HTTP/1.1\r\nHost: charts.example.test\r\nCookie: {}\r\n\r\n", bed.cookie);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut chunk = vec![0; 64 * 1024];
    let mut got = 0;
    while got < 4 * 1024 * 1024 {
        let n = timeout(Duration::from_secs(5), stream.read(&mut chunk))
            .await
            .unwrap_or_else(|_| panic!("nothing comes after {got} bytes"))
            .unwrap();
        assert!(n > 0 && (got > 0 || chunk.starts_with(b"HTTP/1.1 200")), "{}", String::from_utf8_lossy(&chunk[..n]));
        got += n;
    }
    let mut proposal = Proposal::at(NOW);
    let state = GuestState::Removed { at: NOW };
    proposal.changes = vec![Change::PutGuest(Guest { state, version: Version(2), ..bed.guest.clone() })];
    bed.store.commit(proposal).await.unwrap();
    bed.live.nudge();
    let end = async { while matches!(stream.read(&mut chunk).await, Ok(1..)) {} };
    timeout(Duration::from_secs(2), end).await.expect("the download goes on");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_does_not_say_who_opens_it_gets_no_session() {
    let bed = start().await;
    let upgrade =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let ask = |origin: &str| format!("GET /socket HTTP/1.1\r\nHost: charts.example.test\r\nCookie: {}\r\n{origin}{upgrade}", bed.cookie);
    for origin in ["", "Origin: null\r\n", "Origin: https://labs.example.test\r\n"] {
        let mut stream = bed.connect().await;
        stream.write_all(ask(origin).as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 403", "{origin}");
    }
    assert!(bed.seen.lock().unwrap().is_empty());
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_it_is_routed_is_logged_with_its_path_and_no_query() {
    let bed = start().await;
    let odd = bed.get("/a%2fb?secret=1", "").await;
    assert!(odd.starts_with("HTTP/1.1 400"), "{odd}");
    let malformed = bed.ask("GET / HTTP/1.1\r\nHost: charts.example.test\r\nX : 1\r\n\r\n").await;
    assert!(malformed.starts_with("HTTP/1.1 400") && malformed.contains("application/problem+json"), "{malformed}");
    // The clock of this bed stands still: lines leave when the worker ends.
    bed.shutdown.cancel();
    bed.served.await.unwrap().unwrap();
    bed.access.flush(Duration::from_secs(20));
    let text = std::fs::read_to_string(bed.folder.path().join("access.log")).unwrap();
    assert!(text.contains("\"/a%2fb\"") && !text.contains("secret"), "{text}");
    assert_eq!(text.matches("\"status\":400").count(), 2, "{text}");
}
