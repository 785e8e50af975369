//! A portal with a database in a temporary folder, browsers that keep cookies, and a mailbox.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::super::{PortalState, router};
use crate::{
    base::*,
    config::{App, Config, PolicyUse, Upstream},
    directory::*,
    identity::{KeyRing, MasterKey, Needs, Start},
    live::{Bounds, DelayHook, Live, Snapshot, run},
    observe::{Build, Metrics},
    policy::{Files, GrantState, KnownApp, MethodsOffered, PolicySet, RequestFacts, Universe, Verdict},
    store::{Delivery, Note, SqliteStore, Store, StoreKeys},
    web::{Door, Peer, Route, Site, mail::InvitationLink},
};

#[derive(Debug)]
pub(super) struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Different bytes each time, the same in each run.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(bytes);
    }
}

pub(super) struct Desk {
    pub(super) state: PortalState,
    clock: Arc<ManualClock>,
    portal: axum::Router,
    stop: CancellationToken,
    feed: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    _folder: tempfile::TempDir,
}

pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A browser: its cookies at the portal, and where it connects from.
#[derive(Clone)]
pub(super) struct Browser<'d> {
    desk: &'d Desk,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) ip: IpAddr,
    /// `Accept-Language`.
    pub(super) speaks: Option<&'static str>,
}

pub(super) const ORIGIN: &str = "https://access.example.com";

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What the test policies of the charts ask: a request below one of these paths lacks what stands there.
const DEMANDS: &str = "
app: charts
policies:
  - { name: fresh, when: { path: /fresh/** }, require: [{ fresh-sign-in: 15m }] }
  - { name: code, when: { path: /code/** }, require: [email-code] }
  - { name: mfa, when: { path: /mfa/** }, require: [mfa] }
";

pub(super) fn config() -> Config {
    let app = |id: &str, name: &str| {
        let host = Host::parse(&format!("{id}.example.com")).unwrap();
        let mut app = App::with_defaults(AppId::parse(id).unwrap(), host, Upstream::plain([127, 0, 0, 1].into(), 9));
        app.name = name.to_owned();
        app.policies = if id == "charts" { PolicyUse::Required } else { PolicyUse::None };
        app
    };
    let apps = vec![app("charts", "Patient charts"), app("wiki", "Hidden wiki")];
    let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), apps);
    config.listen.public_port = Some(443);
    config.portal.name = "Fabrikam".to_owned();
    config.portal.support = Some(EmailAddress::parse("help@example.com").unwrap());
    config
}

impl Desk {
    pub(super) async fn open() -> Self {
        Self::with(config()).await
    }

    /// One that is configured like this.
    pub(super) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000)));
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        let master = [7; 32];
        let path = folder.path().join("guestgate.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, StoreKeys::derive(&master).unwrap(), Arc::clone(&entropy)).await.unwrap());
        let config = Arc::new(config);
        let none = |app: &App| app.policies == PolicyUse::None;
        let known = config.apps.iter().map(|app| KnownApp { paths: app.paths, policies_none: none(app), ..KnownApp::new(app.id.clone()) });
        let methods = MethodsOffered { email: true, passkey: true, totp: true, client_certificate: false };
        let universe = Universe { apps: Some(known.collect()), methods, providers: Vec::new() };
        let files = Files { apps: vec![Source::new("charts.yaml", DEMANDS)], ..Files::default() };
        let (policies, _) = PolicySet::build(&files, &universe).unwrap_or_else(|report| panic!("{report}"));
        let snapshot = Snapshot::new(config, Arc::new(policies), 1).unwrap();
        let live = Arc::new(Live::new(snapshot, Arc::clone(&store), Bounds::default()));
        let stop = CancellationToken::new();
        live.catch_up(&*clock, &DelayHook::none()).await.unwrap();
        let feed = tokio::spawn(run(Arc::clone(&live), clock.clone(), DelayHook::none(), stop.clone()));
        let state = PortalState {
            live,
            store,
            keys: Arc::new(KeyRing::new(ORIGIN, &MasterKey::new(master), &[]).unwrap()),
            clock: clock.clone(),
            entropy,
            providers: Arc::default(),
            metrics: Arc::new(Metrics::new(Build { version: "0", revision: "0" }, clock.now()).unwrap()),
            later: TaskTracker::new(),
        };
        Self { portal: router(state.clone()), state, clock, stop, feed: tokio::sync::Mutex::new(Some(feed)), _folder: folder }
    }

    pub(super) async fn pass(&self, span: Span) {
        self.clock.0.fetch_add(span.as_millis(), Ordering::SeqCst);
        // The feed confirms by the new time, as it does by itself within a heartbeat.
        self.state.live.catch_up(&*self.clock, &DelayHook::none()).await.unwrap();
    }

    /// Time passes and the feed does not confirm it.
    pub(super) async fn cut_off(&self, span: Span) {
        self.stop.cancel();
        self.feed.lock().await.take().unwrap().await.unwrap();
        self.clock.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }

    /// Whether a text holds more than a route's template.
    fn secrets(&self, route: &str) -> bool {
        route.len() > 40 || route.contains('?')
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn browser(&self) -> Browser<'_> {
        Browser { desk: self, cookies: BTreeMap::new(), ip: [203, 0, 113, 9].into(), speaks: None }
    }

    pub(super) fn occasion(&self) -> Occasion<'_> {
        Occasion { now: self.now(), entropy: self.state.entropy.as_ref(), from: None }
    }

    /// Invites to the charts; the mailed and the direct token.
    pub(super) async fn invite(&self, email: &str) -> (String, String) {
        self.invite_in(email, None).await
    }

    /// The same, in a language.
    pub(super) async fn invite_in(&self, email: &str, language: Option<&str>) -> (String, String) {
        self.issue(email, language, None).await
    }

    /// Invites to the charts, and to this page of them first.
    pub(super) async fn invite_to(&self, email: &str, target: &str) -> (String, String) {
        let landing = Landing { app: AppId::parse("charts").unwrap(), target: target.to_owned() };
        self.issue(email, None, Some(landing)).await
    }

    async fn issue(&self, email: &str, language: Option<&str>, landing: Option<Landing>) -> (String, String) {
        let snapshot = self.state.live.snapshot();
        let site = Site::of(&snapshot.config, &snapshot.languages);
        let link = || InvitationLink::random(&site, self.state.entropy.as_ref());
        let (mailed, direct) = (link(), link());
        let email = EmailAddress::parse(email).unwrap();
        let app = AppId::parse("charts").unwrap();
        let actor = Actor::Administrator(EmailAddress::parse("ops@example.com").unwrap());
        let warrant = may::<Invite>(&actor, Target::Apps(std::slice::from_ref(&app))).unwrap();
        let letter = OutgoingMail {
            id: MailId::random(self.state.entropy.as_ref()),
            to: email.clone(),
            subject: "Invitation".to_owned(),
            text: String::new(),
            html: None,
        };
        let draft = Draft {
            email,
            name: None,
            offers: vec![Offer { app, role: None, access_for: Some(Span::days(90)) }],
            groups: Vec::new(),
            attributes: BTreeMap::new(),
            message: Some("Welcome <b>Ann</b>".to_owned()),
            language: language.map(str::to_owned),
            sponsor: None,
            lifetime: Span::days(7),
            direct: direct.digest,
            letter: Some(Letter { token: mailed.digest, mail: letter }),
            copies: Vec::new(),
            cc: Vec::new(),
            landing,
            provisioned: None,
        };
        let (_, proposal) = Invitation::issue(&self.occasion(), &warrant, Known::default(), draft).unwrap();
        self.state.store.commit(proposal).await.unwrap();
        self.mail().await;
        let token = |link: InvitationLink| link.url.strip_prefix("https://access.example.com/invitations/").unwrap().to_owned();
        (token(mailed), token(direct))
    }

    /// Takes every mail that is waiting.
    pub(super) async fn mail(&self) -> Vec<OutgoingMail> {
        self.state.later.close();
        self.state.later.wait().await;
        self.state.later.reopen();
        let due = self.state.store.claim_mail(self.now(), 100).await.unwrap();
        for mail in &due {
            let note = Note::Mail { id: mail.mail.id, at: self.now(), delivery: Delivery::Sent };
            self.state.store.note(note).await.unwrap();
        }
        due.into_iter().map(|due| due.mail).collect()
    }

    /// The code in the only mail that is waiting.
    pub(super) async fn code(&self) -> String {
        let mails = self.mail().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        code_in(&mails[0])
    }

    /// What an app puts into the link to the portal.
    pub(super) fn start(&self, app: &str, needs: Needs) -> String {
        let app = AppId::parse(app).unwrap();
        Start { app, target: "/page?x=1".to_owned(), browser: Digest::of(b"start"), issued: self.now(), needs, asking: None }
            .seal(&self.state.keys)
    }

    /// What the charts put into the link to the portal when a request of this browser lacks what the policies ask of this path.
    pub(super) async fn challenge(&self, browser: &Browser<'_>, path: &str) -> String {
        let snapshot = self.state.live.snapshot();
        let policies = &snapshot.app(&AppId::parse("charts").unwrap()).unwrap().policies;
        let view = self.state.live.load(self.root_of(browser)).await.unwrap().unwrap();
        let path = NormalPath::parse(path.as_bytes(), policies.path_rules()).unwrap();
        let (subject, grant) = (view.subject(policies), GrantState::Valid { until: None });
        let decision = policies.decide(&view.facts(self.now(), &subject, grant, RequestFacts::new("GET", &path)));
        let Verdict::Challenge(unmet) = decision.verdict else { panic!("{:?}", decision.verdict) };
        self.start("charts", Needs::More { policies: snapshot.policies.version(), unmet })
    }

    /// The session that a browser's cookie names.
    pub(super) fn root_of(&self, browser: &Browser<'_>) -> SessionId {
        let portal = Host::parse("access.example.com").unwrap();
        self.state.keys.verify_session(browser.cookies["__Host-guestgate"].as_bytes(), &portal, self.now()).unwrap().sid
    }

    pub(super) async fn guest(&self, email: &str) -> Option<Guest> {
        self.state.store.guest_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap()
    }

    /// A guest who has accepted, in the browser where that happened.
    pub(super) async fn welcome(&self, email: &str) -> Browser<'_> {
        let (mailed, _) = self.invite(email).await;
        let mut browser = self.browser();
        let page = browser.get(&format!("/invitations/{mailed}")).await;
        let done = browser.post(&format!("/invitations/{mailed}"), &[("token", &page.field("token"))]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        browser
    }
}

pub(super) fn code_in(mail: &OutgoingMail) -> String {
    let line = mail.text.lines().find(|l| l.starts_with("    ")).unwrap();
    line.split_whitespace().collect()
}

impl Browser<'_> {
    pub(super) async fn get(&mut self, path: &str) -> Page {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a page of ours does.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    /// Sends JSON as the script of a page of ours does.
    pub(super) async fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Page {
        let request = self.request(Method::POST, path).header("content-type", "application/json").header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(super) async fn post_from(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header("accept", "text/html");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        if let Some(speaks) = self.speaks {
            request = request.header("accept-language", speaks);
        }
        request.extension(Peer { ip: self.ip, request_id: "request-1".into(), door: Door::Portal })
    }

    async fn send(&mut self, request: Request<Body>) -> Page {
        let response = self.desk.portal.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        for cookie in parts.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            assert!(
                text.starts_with("__Host-") && text.contains("; Path=/; ") && text.contains("Secure; HttpOnly; SameSite=Lax"),
                "{text}"
            );
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        for header in ["content-security-policy", "referrer-policy", "x-content-type-options", "strict-transport-security"] {
            assert!(parts.headers.contains_key(header), "{header}");
        }
        let Route(route) = parts.extensions.get().unwrap();
        assert!(**route == *"none" || !self.desk.secrets(route), "{route}");
        Page { status: parts.status, headers: parts.headers, body }
    }

    /// Asks for a code for an address and gives back the page to type it in.
    pub(super) async fn ask(&mut self, email: &str, start: &str) -> Page {
        let page = self.get(&format!("/signin?start={start}")).await;
        let token = page.field("token");
        self.post("/signin", &[("token", &token), ("start", start), ("email", email)]).await
    }

    pub(super) async fn type_code(&mut self, page: &Page, code: &str) -> Page {
        self.post("/signin/code", &[("state", &page.field("state")), ("code", code)]).await
    }
}

impl Page {
    /// The value of a hidden field.
    pub(super) fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no field {name} in {} {}", self.status, self.body)) + mark.len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }

    /// Where the page sends the browser by itself, or whoever does not want what it offers.
    pub(super) fn onward(&self) -> String {
        let mark = ["content=\"0;url=", "id=\"later\" href=\""].into_iter().find(|mark| self.body.contains(mark));
        let mark = mark.unwrap_or_else(|| panic!("no way on in {}", self.body));
        self.body.split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// Where the page redirects to.
    pub(super) fn location(&self) -> &str {
        self.headers.get("location").unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body)).to_str().unwrap()
    }

    pub(super) fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}
