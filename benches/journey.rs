//! What the gateway itself costs: from the bytes of a request's head to the bytes that the app would get, without sockets and TLS.
//!
//! One guest with a live session, ten policies of the usual shape, cookie stripped, identity and forwarding headers and assertion set.
//! Budget: a few microseconds; the decision itself a small part of it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a bench talks, and may fail loudly")]

use std::{collections::BTreeMap, hint::black_box, net::IpAddr, sync::Arc};

use criterion::{BatchSize, Criterion, criterion_group};
use guestgate::{
    base::{
        AppId, Clock, EmailAddress, Factor, GrantId, GuestId, Host, Id, InvitationId, Kind, Name, Past, Proof, SessionId, Source, Span,
        Timestamp,
    },
    config::{App, Config, PolicyUse, Upstream},
    directory::{Audience, Change, Grant, GrantState, Guest, GuestState, Origin, Proposal, Session, Version},
    gateway::{CertificateResolver, Certificates, Parts, Trial},
    identity::{KeyRing, MasterKey, SessionClaims},
    live::{Bounds, DelayHook, Live, Snapshot},
    observe::{AccessSink, Build, Metrics},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
    serve::SystemEntropy,
    store::{SqliteStore, Store, StoreKeys},
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOST: &str = "charts.example.test";

const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [203.0.113.0/24, "2001:db8:40::/48"]
  partners: [198.51.100.0/24]
schedules:
  clinic-hours: { days: [mon-fri], hours: "07:00-19:00", timezone: Europe/Berlin }
"#;

/// Ten policies that let the request pass.
const TEN: &str = r#"
app: charts
policies:
  - { name: p0, for: { kind: guest }, require: [email-code] }
  - { name: p1, for: { kind: guest }, unless: { network: [clinic-wan, partners] }, require: [{ fresh-sign-in: 1h }] }
  - { name: p2, for: { group: locum }, when: { method: [POST, PUT, PATCH, DELETE] }, unless: { schedule: clinic-hours }, block: closed }
  - { name: p3, when: { path: "/export/**" }, require: [{ fresh-sign-in: 15m }] }
  - { name: p4, for: { kind: guest }, session: { idle: 30m, lifetime: 8h, persistent: false } }
  - { name: p5, state: report-only, unless: { schedule: clinic-hours }, block: closed }
  - { name: p6, when: { path: "/admin/**" }, unless: { network: clinic-wan }, block: closed }
  - { name: p7, when: { any: [{ path: "/reports/*/raw" }, { method: DELETE }] }, require: [{ fresh-sign-in: 5m }] }
  - { name: p8, when: { guest-for: "< 7d" }, session: { idle: 10m } }
  - { name: p9, when: { method: DELETE, not: { network: clinic-wan } }, block: closed }
"#;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

fn people(app: &AppId) -> (Guest, Grant, Session) {
    let (guest, invitation) = (GuestId::from_bytes([1; 16]), InvitationId::from_bytes([2; 16]));
    let person = Guest {
        id: guest,
        email: EmailAddress::parse("ann@partner.example").unwrap(),
        name: Some("Ann Lee".to_owned()),
        kind: Kind::Guest,
        state: GuestState::Active,
        groups: vec![Name::parse("locum").unwrap()],
        attributes: BTreeMap::new(),
        sponsor: None,
        invited_by: None,
        language: None,
        created: NOW.minus(Span::days(30)),
        first_redeemed: Some(NOW.minus(Span::days(30))),
        accepted: Vec::new(),
        resumed: None,
        warned: None,
        sponsorship: Default::default(),
        bound: Vec::new(),
        version: Version(1),
    };
    let grant = Grant {
        id: GrantId::from_bytes([3; 16]),
        guest,
        app: app.clone(),
        role: Some(Name::parse("reader").unwrap()),
        from: NOW.minus(Span::days(30)),
        until: Some(NOW.plus(Span::days(60))),
        invitation,
        state: GrantState::Active,
        approved: None,
        reminded: None,
        version: Version(1),
    };
    let session = Session {
        id: SessionId::from_bytes([4; 16]),
        root: None,
        audience: Audience::App(app.clone()),
        guest,
        invitation: Some(invitation),
        grant: Some(grant.id),
        proofs: vec![Proof { factor: Factor::EmailCode, at: NOW.minus(Span::mins(1)) }],
        provider_session: None,
        signed_in: NOW.minus(Span::mins(1)),
        created: NOW.minus(Span::mins(1)),
        expires: NOW.plus(Span::hours(12)),
        persistent: false,
        last_seen: NOW,
        origin: Origin::new(IpAddr::from([203, 0, 113, 9]), "bench"),
        device: None,
        past: Past::default(),
        stated: BTreeMap::new(),
        ended: None,
        version: Version(1),
    };
    (person, grant, session)
}

/// The gateway's parts around one guest, and the guest's cookie.
async fn parts(folder: &std::path::Path) -> (Parts, String) {
    let id = AppId::parse("charts").unwrap();
    let app = App::with_defaults(id.clone(), Host::parse(HOST).unwrap(), Upstream::plain([127, 0, 0, 1].into(), 9));
    let mut config = Config::with_defaults(Host::parse("access.example.test").unwrap(), vec![app]);
    config.listen.public_port = Some(443);
    let universe = Universe {
        apps: Some(vec![KnownApp::new(id.clone())]),
        methods: MethodsOffered { email: true, ..MethodsOffered::default() },
        providers: Vec::new(),
    };
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("charts.yaml", TEN)],
        ..Files::default()
    };
    let (policies, _) = PolicySet::build(&files, &universe).unwrap_or_else(|report| panic!("{report}"));
    let keys = Arc::new(KeyRing::new("https://access.example.test", &MasterKey::new([1; 32]), &[]).unwrap());
    let store_keys = StoreKeys::derive(&[1; 32]).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.join("g.db"), store_keys, Arc::new(SystemEntropy)).await.unwrap());
    let (guest, grant, session) = people(&id);
    let claims = SessionClaims {
        aud: Host::parse(HOST).unwrap(),
        sub: guest.id,
        sid: session.id,
        inv: session.invitation,
        iat: NOW,
        exp: session.expires,
    };
    let cookie = keys.session_token(&claims);
    let sid = session.id;
    let mut proposal = Proposal::at(NOW);
    proposal.changes = vec![Change::PutGuest(guest), Change::PutGrant(grant), Change::PutSession(session)];
    store.commit(proposal).await.unwrap();
    let certificates = Arc::new(CertificateResolver::new(Certificates::load(&config).unwrap()).unwrap());
    let live = Arc::new(Live::new(Snapshot::new(Arc::new(config), Arc::new(policies), 1).unwrap(), Arc::clone(&store), Bounds::default()));
    live.catch_up(&Still, &DelayHook::none()).await.unwrap();
    assert!(live.load(sid).await.unwrap().is_some(), "the session is in memory");
    let parts = Parts {
        live,
        keys,
        store,
        portal: tower::util::BoxCloneSyncService::new(axum::Router::new()),
        metrics: Arc::new(Metrics::new(Build::THIS, NOW).unwrap()),
        access: Arc::new(AccessSink::file(&folder.join("access.log")).unwrap()),
        clock: Arc::new(Still),
        entropy: Arc::new(SystemEntropy),
        slow: tokio::runtime::Handle::current(),
        certificates,
        listeners: Vec::new(),
        pulse: Arc::new(guestgate::gateway::Pulse::new(1)),
    };
    (parts, cookie)
}

/// Instructions and allocations of one allowed request whose decision is remembered: what a machine that is busy with other things can
/// still tell. Whoever makes it cheaper lowers them.
const MOST_INSTRUCTIONS: u64 = 12_000;
const MOST_ALLOCATIONS: u64 = 12;
/// So many are carried to find the cost of one.
const CARRIED: u64 = 2_000;

/// One guest's connection and what is asked on it.
struct Asking {
    trial: Trial,
    cookie: String,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Asking {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (parts, cookie) = runtime.block_on(parts(folder.path()));
        let inside = runtime.enter();
        let trial = Trial::new(parts, Host::parse(HOST).unwrap(), "203.0.113.9:50000".parse().unwrap()).unwrap();
        drop(inside);
        Self { trial, cookie, _runtime: runtime, _folder: folder }
    }

    fn request(&self, path: &str) -> String {
        let cookie = &self.cookie;
        format!(
            "GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n\
             Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n\
             Accept-Encoding: gzip, deflate, br\r\nCookie: app=1; __Host-guestgate={cookie}\r\nSec-Fetch-Dest: document\r\n\
             Sec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        )
    }
}

fn journey(c: &mut Criterion) {
    let asking = Asking::new();
    let trial = &asking.trial;
    let one = asking.request("/orders/7/lines");
    assert!(trial.carry(one.as_bytes()).is_some_and(|bytes| bytes > 600), "the request passes, with an assertion");
    c.bench_function("journey_allowed_get", |b| b.iter(|| trial.carry(black_box(one.as_bytes()))));
    // Policies read the path: another one each time makes every decision anew.
    let many: Vec<String> = (0..64).map(|n| asking.request(&format!("/orders/{n}/lines"))).collect();
    let mut next = many.iter().cycle();
    c.bench_function("journey_allowed_get_decided_anew", |b| b.iter(|| trial.carry(black_box(next.next().unwrap().as_bytes()))));
}

/// What a worker notices of a reload at ten thousand apps: the first request behind it, which takes the new snapshot and binds its app anew.
fn reload(c: &mut Criterion) {
    const N: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (parts, cookie) = runtime.block_on(parts(folder.path()));
    let _inside = runtime.enter();
    let live = Arc::clone(&parts.live);
    let trial = Trial::new(parts, Host::parse(HOST).unwrap(), "203.0.113.9:50000".parse().unwrap()).unwrap();
    let before = live.snapshot();
    let mut config = (*before.config).clone();
    config.apps.extend((0..N).map(|n| {
        let (id, host) = (AppId::parse(&format!("app-{n}")).unwrap(), Host::parse(&format!("app-{n}.example.test")).unwrap());
        let mut app = App::with_defaults(id, host, Upstream::plain([127, 0, 0, 1].into(), 9));
        app.policies = PolicyUse::None;
        Arc::new(app)
    }));
    let known = config.apps.iter().map(|app| KnownApp {
        id: app.id.clone(),
        paths: app.paths,
        policies_none: app.policies == PolicyUse::None,
        sockets_read: false,
    });
    let universe = Universe {
        apps: Some(known.collect()),
        methods: MethodsOffered { email: true, ..MethodsOffered::default() },
        providers: Vec::new(),
    };
    let files = Files {
        definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
        apps: vec![Source::new("charts.yaml", TEN)],
        ..Files::default()
    };
    let policies = Arc::new(PolicySet::build(&files, &universe).unwrap_or_else(|report| panic!("{report}")).0);
    let config = Arc::new(config);
    let request = format!("GET /orders/7/lines HTTP/1.1\r\nHost: {HOST}\r\nCookie: __Host-guestgate={cookie}\r\n\r\n");
    assert!(trial.carry(request.as_bytes()).is_some());
    let mut generation = before.generation;
    let mut retired = vec![before];
    c.benchmark_group("reload").sample_size(10).bench_function("journey_behind_a_reload_of_ten_thousand_apps", |b| {
        b.iter_batched(
            || {
                generation += 1;
                // The reload keeps what was in force, so that no worker has to take it apart.
                retired.push(live.snapshot());
                live.replace(Snapshot::new(Arc::clone(&config), Arc::clone(&policies), generation).unwrap());
            },
            |()| trial.carry(black_box(request.as_bytes())),
            BatchSize::PerIteration,
        );
    });
}

/// Carries so many requests and nothing else.
fn carry(n: u64) {
    let asking = Asking::new();
    let one = asking.request("/orders/7/lines");
    for _ in 0..n {
        assert!(asking.trial.carry(black_box(one.as_bytes())).is_some());
    }
}

/// Runs this bench under a tool of valgrind, carrying so many, and gives the number behind the word that the tool says.
fn counted(tool: &[&str], word: &str, n: u64) -> u64 {
    let this = std::env::current_exe().unwrap();
    let run = std::process::Command::new("valgrind").args(tool).arg(this).args(["--carry", &n.to_string()]).output();
    let said = String::from_utf8(run.expect("`valgrind` is needed").stderr).unwrap();
    let behind = said.lines().find_map(|line| line.split_once(word)).unwrap_or_else(|| panic!("{said}")).1;
    let digits: String =
        behind.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| *c != ' ').filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// Prints what one request costs, and fails where that is more than it may be.
fn count() {
    let each = |tool: &[&str], word| (counted(tool, word, CARRIED + 100) - counted(tool, word, 100)) / CARRIED;
    // A file of our own: whoever runs this as root would replace the device.
    let folder = tempfile::tempdir().unwrap();
    let out = |tool: &str| format!("--{tool}-out-file={}", folder.path().join(tool).display());
    let instructions = each(&["--tool=callgrind", &out("callgrind")], "Collected :");
    let allocations = each(&["--tool=dhat", &out("dhat")], "bytes in");
    println!("instructions {instructions} of {MOST_INSTRUCTIONS}, allocations {allocations} of {MOST_ALLOCATIONS}");
    assert!(instructions <= MOST_INSTRUCTIONS && allocations <= MOST_ALLOCATIONS, "an allowed request costs more than it may");
}

criterion_group!(benches, journey, reload);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--carry") {
        carry(args[at + 1].parse().unwrap());
    } else if args.iter().any(|arg| arg == "--count") {
        count();
    } else {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
}
