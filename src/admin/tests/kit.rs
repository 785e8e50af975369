//! A gateway's directory in a temporary folder, without sockets.

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::super::{AdminState, api, for_bearers};
use crate::{
    base::{AppId, Clock, Entropy, Host, Timestamp},
    config::{App, Config, PolicyUse, Upstream},
    directory::{Actor, ApiToken, ManageTokens, Power, Target, TokenDraft, may},
    live::{Bounds, DelayHook, Live, Snapshot, run},
    observe::{Build, Metrics},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
    store::{SqliteStore, Store, StoreKeys, suite},
};

/// The randomness of the store's own tests.
#[derive(Debug)]
struct Dice;

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        suite::DICE.fill(bytes);
    }
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        suite::NOW
    }
}

/// A gateway without sockets: the apps `charts` and `orders`.
pub(super) struct House {
    pub(super) state: AdminState,
    network: Router,
    machine: Router,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl House {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (Arc::new(Still), Arc::new(Dice));
        let path = folder.path().join("guestgate.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, StoreKeys::derive(&[7; 32]).unwrap(), entropy.clone()).await.unwrap());
        let config = config(folder.path());
        let known = config.apps.iter().map(|app| KnownApp { policies_none: true, ..KnownApp::new(app.id.clone()) });
        let methods = MethodsOffered { email: true, passkey: true, totp: true, client_certificate: false };
        let universe = Universe { apps: Some(known.collect()), methods, providers: Vec::new() };
        let (policies, _) = PolicySet::build(&Files::default(), &universe).unwrap_or_else(|report| panic!("{report}"));
        let live = Arc::new(Live::new(Snapshot::new(Arc::new(config), Arc::new(policies), 1).unwrap(), store.clone(), Bounds::default()));
        let stop = CancellationToken::new();
        live.catch_up(&*clock, &DelayHook::none()).await.unwrap();
        tokio::spawn(run(live.clone(), clock.clone(), DelayHook::none(), stop.clone()));
        let metrics = Arc::new(Metrics::new(Build { version: "0", revision: "0" }, clock.now()).unwrap());
        let state = AdminState { live, store, clock, entropy, metrics, from: None, patience: None, later: TaskTracker::new() };
        let (network, machine) = (for_bearers(state.clone()), api(state.clone(), Actor::Machine));
        Self { state, network, machine, stop, _folder: folder }
    }

    /// A token with these powers.
    pub(super) async fn token(&self, power: Power) -> (ApiToken, String) {
        let warrant = may::<ManageTokens>(&Actor::Machine, Target::Everything).unwrap();
        let draft = TokenDraft { name: None, power, lifetime: None };
        let (token, secret, proposal) = ApiToken::issue(&self.state.occasion(), &warrant, &[], draft).unwrap();
        self.state.store.commit(proposal).await.unwrap();
        (token, secret.reveal().to_owned())
    }

    /// One request over the network.
    pub(super) async fn ask(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        answered(&self.network, method, path, headers, body).await
    }

    /// Goes on with another configuration.
    pub(super) fn configure(&self, change: impl FnOnce(&mut Config)) {
        let now = self.state.live.snapshot();
        let mut config = (*now.config).clone();
        change(&mut config);
        self.state.live.replace(Snapshot::new(config.into(), now.policies.clone(), now.generation + 1).unwrap());
    }

    /// One request of somebody who is signed in.
    pub(super) async fn ask_as(&self, actor: &Actor, method: &Method, path: &str, body: &str) -> Answer {
        answered(&api(self.state.clone(), actor.clone()), method, path, &[], body).await
    }

    /// One request over the control socket.
    pub(super) async fn ask_as_machine(&self, method: &Method, path: &str, body: &str) -> Answer {
        answered(&self.machine, method, path, &[], body).await
    }

    /// The description of the API.
    pub(super) async fn description(&self) -> serde_json::Value {
        serde_json::from_str(&self.ask(&Method::GET, "/api/openapi.json", &[], "").await.body).unwrap()
    }
}

async fn answered(router: &Router, method: &Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if headers.iter().all(|(name, _)| *name != "content-type") {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

fn config(folder: &std::path::Path) -> Config {
    let app = |id: &str| {
        let host = Host::parse(&format!("{id}.example.com")).unwrap();
        let mut app = App::with_defaults(AppId::parse(id).unwrap(), host, Upstream::plain([127, 0, 0, 1].into(), 9));
        app.policies = PolicyUse::None;
        app
    };
    let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app("charts"), app("orders")]);
    config.listen.public_port = Some(443);
    config.data_dir = folder.to_owned();
    config.limits.api_per_minute = 1_000_000;
    config
}
