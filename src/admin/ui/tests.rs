//! The members' own pages as a browser sees them: who comes in, who sees what, and that forms do what they say.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::{super::AdminState, UiState, ui};
use crate::{
    base::*,
    config::{App, Config, InvitationTemplate, PolicyUse, TemplateOffer, Upstream},
    directory::*,
    identity::{KeyRing, MasterKey, SessionClaims},
    live::{Bounds, DelayHook, Live, Refused, Snapshot, run},
    observe::{Build, Metrics},
    policy::{Files, KnownApp, MethodsOffered, PolicySet, Universe},
    store::{SqliteStore, Store, StoreKeys},
    web::{Door, Peer},
};

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        NOW
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(bytes);
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const OPS: &str = "ops@example.com";
const LEE: &str = "lee@example.com";
const ANN: &str = "ann@partner.example";

struct Desk {
    state: UiState,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

struct Shown {
    status: StatusCode,
    location: String,
    body: String,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

/// Lee owns the charts; nobody but ops the wiki.
fn config() -> Config {
    let make = |id: &str, owner: &str| {
        let host = Host::parse(&format!("{id}.example.com")).unwrap();
        let mut made = App::with_defaults(app(id), host, Upstream::plain([127, 0, 0, 1].into(), 9));
        made.policies = PolicyUse::None;
        made.owners = vec![address(owner)];
        made
    };
    let apps = vec![make("charts", LEE), make("wiki", OPS)];
    let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), apps);
    config.listen.public_port = Some(443);
    config.roles.admins = vec![address(OPS)];
    config
}

fn snapshot(config: Config) -> Snapshot {
    let known = config.apps.iter().map(|app| KnownApp { policies_none: true, ..KnownApp::new(app.id.clone()) }).collect();
    let methods = MethodsOffered { email: true, passkey: true, totp: true, client_certificate: false };
    let universe = Universe { apps: Some(known), methods, providers: Vec::new() };
    let (policies, _) = PolicySet::build(&Files::default(), &universe).unwrap_or_else(|report| panic!("{report}"));
    Snapshot::new(Arc::new(config), Arc::new(policies), 1).unwrap()
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        let clock: Arc<dyn Clock> = Arc::new(Noon);
        let keys = StoreKeys::derive(&[7; 32]).unwrap();
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&folder.path().join("guestgate.db"), keys, Arc::clone(&entropy)).await.unwrap());
        let live = Arc::new(Live::new(snapshot(config()), Arc::clone(&store), Bounds::default()));
        live.catch_up(&*clock, &DelayHook::none()).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(run(Arc::clone(&live), Arc::clone(&clock), DelayHook::none(), stop.clone()));
        let metrics = Arc::new(Metrics::new(Build { version: "0", revision: "0" }, NOW).unwrap());
        let admin = AdminState { live, store, clock, entropy, metrics, from: None, patience: None, later: TaskTracker::new() };
        let keys = Arc::new(KeyRing::new("https://access.example.com", &MasterKey::new([7; 32]), &[]).unwrap());
        Self { state: UiState { admin, keys }, stop, _folder: folder }
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { now: NOW, entropy: self.state.admin.entropy.as_ref(), from: None }
    }

    async fn commit(&self, proposal: Proposal) {
        let revision = self.state.admin.store.commit(proposal).await.unwrap();
        self.state.admin.live.caught_up(revision).await.unwrap();
    }

    /// A session of somebody who has shown this; the cookies of the browser.
    async fn sign_in(&self, guest: &Guest, proven: Proven) -> String {
        let opening = RootOpening {
            proven,
            invitation: None,
            lifetime: Span::hours(12),
            persistent: false,
            origin: Origin::new([203, 0, 113, 9].into(), "test"),
            device: None,
            past: Past::default(),
        };
        let (session, proposal) = Session::open_root(&self.occasion(), guest, opening).unwrap();
        self.commit(proposal).await;
        let aud = Host::parse("access.example.com").unwrap();
        let claims = SessionClaims { aud, sub: guest.id, sid: session.id, inv: None, iat: NOW, exp: session.expires };
        format!("__Host-guestgate={}; __Host-guestgate-flow=AAAAAAAAAAAAAAAAAAAAAA", self.state.keys.session_token(&claims))
    }

    /// A member who has a passkey, signed in by it.
    async fn member(&self, email: &str) -> String {
        let token = Digest::of(email.as_bytes());
        let warrant = may::<EnrolMember>(&Actor::Machine, Target::Everything).unwrap();
        let email = address(email);
        let who = Enrolling { email: &email, known: None, held: None, token, lifetime: Span::hours(1) };
        let (member, proposal) = Guest::enrol(&self.occasion(), &warrant, who).unwrap();
        self.commit(proposal).await;
        let held = self.state.admin.store.factors(member.id).await.unwrap().unwrap();
        let mail = OutgoingMail { id: self.occasion().id(), to: email, subject: String::new(), text: String::new(), html: None };
        let (proven, proposal) = held.enrol_passkey(&self.occasion(), (&member, &token), ("Key", "{}".to_owned()), mail).unwrap();
        self.commit(proposal).await;
        self.sign_in(&member, proven).await
    }

    /// A guest with access to these apps, signed in by a code.
    async fn guest(&self, email: &str, apps: &[&str]) -> (Guest, String) {
        let ids: Vec<AppId> = apps.iter().map(|id| app(id)).collect();
        let warrant = may::<Invite>(&Actor::Machine, Target::Apps(&ids)).unwrap();
        let draft = Draft {
            email: address(email),
            name: Some("Ann Lee".to_owned()),
            offers: ids.into_iter().map(|app| Offer { app, role: None, access_for: Some(Span::days(5)) }).collect(),
            groups: Vec::new(),
            attributes: Default::default(),
            message: None,
            language: None,
            sponsor: None,
            lifetime: Span::days(7),
            direct: Digest::of(email.as_bytes()),
            letter: None,
            copies: Vec::new(),
            cc: Vec::new(),
            landing: None,
            provisioned: None,
        };
        let (invitation, proposal) = Invitation::issue(&self.occasion(), &warrant, Known::default(), draft).unwrap();
        self.commit(proposal).await;
        let code = Digest::of(b"code");
        let proof = || AddressProof::checked(&address(email), MailFactor::Code, (&code, &code), NOW).unwrap();
        let (redeemed, proposal) = invitation.redeem(&self.occasion(), &proof(), None, &[]).unwrap();
        self.commit(proposal).await;
        let cookies = self.sign_in(&redeemed.guest, Proven::by_address(proof())).await;
        (redeemed.guest, cookies)
    }

    async fn send(&self, request: http::request::Builder, body: String) -> Shown {
        let peer = Peer { ip: [203, 0, 113, 9].into(), request_id: "request-1".into(), door: Door::Portal };
        let request = request.header("accept", "text/html").extension(peer).body(Body::from(body)).unwrap();
        let (parts, body) = ui(self.state.clone()).oneshot(request).await.unwrap().into_parts();
        for header in ["content-security-policy", "strict-transport-security", "x-content-type-options"] {
            assert!(parts.headers.contains_key(header), "{header}");
        }
        let location = parts.headers.get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Shown { status: parts.status, location, body }
    }

    async fn get(&self, cookies: &str, path: &str) -> Shown {
        self.send(Request::get(path).header("cookie", cookies), String::new()).await
    }

    /// Sends a form as a page of ours does.
    async fn post(&self, cookies: &str, from: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.get(cookies, from).await;
        let token = page.body.split("name=\"token\" value=\"").nth(1).unwrap_or_else(|| panic!("no form: {}", page.body));
        let token = token.split('"').next().unwrap().to_owned();
        let fields = [("token", token.as_str())].into_iter().chain(fields.iter().copied());
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("cookie", cookies).header("sec-fetch-site", "same-origin");
        self.send(request.header("content-type", "application/x-www-form-urlencoded"), body).await
    }
}

const PAGES: [&str; 12] = [
    "/admin",
    "/admin/guests",
    "/admin/invitations",
    "/admin/invitations/new",
    "/admin/invitations/bulk",
    "/admin/requests",
    "/admin/reviews",
    "/admin/apps",
    "/admin/what-if",
    "/admin/audit",
    "/admin/members",
    "/admin/tokens",
];

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_guests_find_nothing() {
    let desk = Desk::open().await;
    let (ann, cookies) = desk.guest(ANN, &["charts"]).await;
    let own = format!("/admin/guests/{}", ann.id);
    for path in PAGES.into_iter().chain([own.as_str(), "/admin/apps/charts"]) {
        let stranger = desk.get("", path).await;
        let back = if path == "/admin" { "/signin?to=admin".to_owned() } else { format!("/signin?to=at:{path}") };
        assert!(stranger.status == 303 && stranger.location == back, "{path}: {} {}", stranger.status, stranger.location);
        let guest = desk.get(&cookies, path).await;
        assert!(guest.status == 404 && !guest.body.contains("charts"), "{path}: {} {}", guest.status, guest.body);
    }
    let form = Request::post(format!("{own}/remove")).header("cookie", &cookies).header("sec-fetch-site", "same-origin");
    assert_eq!(desk.send(form, String::new()).await.status, 404);
    let stranger = Request::post(format!("{own}/remove")).header("sec-fetch-site", "same-origin");
    assert_eq!(desk.send(stranger, String::new()).await.status, 401, "nothing was sent, and the page says so");
}

#[tokio::test]
async fn one_factor_is_not_enough_and_a_role_that_is_taken_away_is_gone_at_once() {
    let desk = Desk::open().await;
    let ops = desk.member(OPS).await;
    assert_eq!(desk.get(&ops, "/admin").await.status, 200);
    let member = desk.state.admin.store.guest_by_email(&address(OPS)).await.unwrap().unwrap();
    let code = Digest::of(b"code");
    let proof = AddressProof::checked(&address(OPS), MailFactor::Code, (&code, &code), NOW).unwrap();
    let weak = desk.sign_in(&member, Proven::by_address(proof)).await;
    let asked = desk.get(&weak, "/admin/guests").await;
    assert!(asked.status == 303 && asked.location.starts_with("/signin?start="), "{} {}", asked.status, asked.location);
    let mut without = config();
    without.roles.admins.clear();
    desk.state.admin.live.replace(snapshot(without));
    let owner = desk.get(&ops, "/admin/audit").await;
    assert_eq!(owner.status, 404, "ops still owns the wiki, and an owner has no audit log");
    let mut without = config();
    without.roles.admins.clear();
    without.apps.truncate(1);
    desk.state.admin.live.replace(snapshot(without));
    assert_eq!(desk.get(&ops, "/admin").await.location, "/signin?to=admin");
}

#[tokio::test]
async fn forms_of_other_sites_and_other_browsers_are_refused() {
    let desk = Desk::open().await;
    let ops = desk.member(OPS).await;
    let (ann, _) = desk.guest(ANN, &["charts"]).await;
    let path = format!("/admin/guests/{}/suspend", ann.id);
    let form = "application/x-www-form-urlencoded";
    let elsewhere = Request::post(&path).header("cookie", &ops).header("sec-fetch-site", "same-site").header("content-type", form);
    assert_eq!(desk.send(elsewhere, "token=x".to_owned()).await.status, 403);
    let forged = Request::post(&path).header("cookie", &ops).header("sec-fetch-site", "same-origin").header("content-type", form);
    assert_eq!(desk.send(forged, "token=x".to_owned()).await.status, 403);
    assert!(desk.state.admin.store.guest(ann.id).await.unwrap().unwrap().is_active());
}

#[tokio::test]
async fn an_administrator_sees_everything_and_undoes_what_was_done() {
    let desk = Desk::open().await;
    let ops = desk.member(OPS).await;
    let (ann, _) = desk.guest(ANN, &["charts", "wiki"]).await;
    for path in PAGES {
        let page = desk.get(&ops, path).await;
        assert!(page.status == 200 && page.body.contains("You are signed in as ops@example.com"), "{path}: {} {}", page.status, page.body);
    }
    assert!(desk.get(&ops, "/admin").await.body.contains(ANN), "an access ends within two weeks");
    for words in ["ann", "PARTNER", "@partner.example", "lee"] {
        assert!(desk.get(&ops, &format!("/admin/guests?q={words}")).await.body.contains(ANN), "{words}");
    }
    assert!(!desk.get(&ops, "/admin/guests?q=artner").await.body.contains(ANN));
    let own = format!("/admin/guests/{}", ann.id);
    for (deed, said) in [("suspend", "Suspended since"), ("resume", "may come again"), ("remove", "Removed"), ("restore", "back as before")]
    {
        let done = desk.post(&ops, &own, &format!("{own}/{deed}"), &[("reason", "because")]).await;
        assert!(done.status == 303 && done.location == format!("{own}?done={deed}"), "{deed}: {} {}", done.status, done.body);
        let page = desk.get(&ops, &done.location).await;
        assert!(page.body.contains(said), "{deed}: {}", page.body);
    }
    let audit = desk.get(&ops, &format!("/admin/audit?guest={ANN}&event=guest.suspended")).await;
    assert!(audit.body.contains("guest.suspended") && audit.body.contains("because") && audit.body.contains(OPS), "{}", audit.body);
    let made = desk.post(&ops, "/admin/members", "/admin/members", &[("email", LEE)]).await;
    assert!(made.body.contains("https://access.example.com/enrol/"), "{}", made.body);
}

#[tokio::test]
async fn an_owner_has_the_own_apps_and_nothing_else() {
    let desk = Desk::open().await;
    let lee = desk.member(LEE).await;
    let (ann, _) = desk.guest(ANN, &["charts"]).await;
    let (bob, _) = desk.guest("bob@partner.example", &["wiki"]).await;
    let (cy, _) = desk.guest("cy@partner.example", &["charts", "wiki"]).await;
    let guests = desk.get(&lee, "/admin/guests").await;
    assert!(guests.body.contains(ANN) && guests.body.contains("cy@") && !guests.body.contains("bob@"), "{}", guests.body);
    assert!(!desk.get(&lee, "/admin/guests?q=bob").await.body.contains("bob@"));
    for path in ["/admin/guests?app=wiki", "/admin/apps/wiki", "/admin/audit", "/admin/members", &format!("/admin/guests/{}", bob.id)] {
        assert_eq!(desk.get(&lee, path).await.status, 404, "{path}");
    }
    // Cy has something elsewhere: the owner ends the own access, and no more.
    let cys = format!("/admin/guests/{}", cy.id);
    let page = desk.get(&lee, &cys).await;
    assert!(page.status == 200 && !page.body.contains("wiki") && !page.body.contains("/suspend"), "{}", page.body);
    assert_eq!(desk.post(&lee, &cys, &format!("{cys}/remove"), &[]).await.status, 404);
    let grants = desk.state.admin.store.grants_of(cy.id).await.unwrap();
    let of = |id: &str| grants.iter().find(|grant| grant.app == app(id)).unwrap().id;
    let back = cy.id.to_string();
    let other = desk.post(&lee, &cys, &format!("/admin/grants/{}/revoke", of("wiki")), &[("back", &back)]).await;
    assert_eq!(other.status, 404);
    let own = desk.post(&lee, &cys, &format!("/admin/grants/{}/revoke", of("charts")), &[("back", &back)]).await;
    assert_eq!(own.status, 303, "{}", own.body);
    let left = desk.state.admin.store.grants_of(cy.id).await.unwrap();
    assert_eq!(left.iter().filter(|grant| grant.is_active()).count(), 1);

    let anns = format!("/admin/guests/{}", ann.id);
    let refused = Refused {
        guest: ann.id,
        app: app("charts"),
        decision: "block",
        by: vec![Name::parse("closed").unwrap()],
        request: "GET /vault".to_owned(),
        at: NOW,
        times: 1,
    };
    desk.state.admin.live.refused(Refused { app: app("wiki"), request: "GET /secret".to_owned(), ..refused.clone() });
    desk.state.admin.live.refused(refused);
    let page = desk.get(&lee, &anns).await;
    assert!(page.body.contains("blocked by closed") && page.body.contains("GET /vault") && !page.body.contains("/secret"), "{}", page.body);
    let grant = desk.state.admin.store.grants_of(ann.id).await.unwrap().remove(0);
    let back = ann.id.to_string();
    let longer = desk.post(&lee, &anns, &format!("/admin/grants/{}/extend", grant.id), &[("back", &back), ("by", "90d")]).await;
    assert_eq!(longer.status, 303, "{}", longer.body);
    assert!(desk.state.admin.store.grant(grant.id).await.unwrap().unwrap().until > grant.until);
}

#[tokio::test]
async fn an_owner_begins_with_a_template_and_is_told_what_quotas_and_domains_forbid() {
    let desk = Desk::open().await;
    let lee = desk.member(LEE).await;
    let mut narrow = config();
    let offer = |id: &str| TemplateOffer { app: app(id), role: None, access_for: None };
    let template = |id: &str, title: &str, offers: Vec<TemplateOffer>| InvitationTemplate {
        id: Name::parse(id).unwrap(),
        title: title.to_owned(),
        offers,
        groups: Vec::new(),
        message: Some("Read the reports".to_owned()),
        language: None,
    };
    narrow.templates =
        vec![template("auditors", "External auditors", vec![offer("charts")]), template("all", "Everything", vec![offer("wiki")])];
    let charts = Arc::make_mut(&mut narrow.apps[0]);
    charts.invitations.open = Some(1);
    charts.invitations.domains = vec!["partner.example".parse().unwrap()];
    desk.state.admin.live.replace(snapshot(narrow));
    let new = "/admin/invitations/new";
    let page = desk.get(&lee, new).await;
    assert!(page.body.contains("?template=auditors") && page.body.contains("External auditors") && !page.body.contains("Everything"));
    let from = "/admin/invitations/new?template=auditors";
    let page = desk.get(&lee, from).await;
    assert!(page.body.contains("Read the reports") && page.body.contains("name=\"template\"") && !page.body.contains("name=\"role\""));
    let elsewhere = desk.post(&lee, from, new, &[("email", "ann@elsewhere.example"), ("template", "auditors")]).await;
    assert!(elsewhere.status == 403 && elsewhere.body.contains("not yours to invite"), "{}", elsewhere.body);
    let done = desk.post(&lee, from, new, &[("email", "a@partner.example"), ("template", "auditors"), ("message", "Hello")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let full = desk.post(&lee, from, new, &[("email", "b@partner.example"), ("template", "auditors")]).await;
    assert!(full.status == 409 && full.body.contains("1 may be"), "{}", full.body);
}

#[tokio::test]
async fn an_owner_invites_and_sees_what_became_of_it() {
    let desk = Desk::open().await;
    let lee = desk.member(LEE).await;
    let new = "/admin/invitations/new";
    let wrong = desk.post(&lee, new, new, &[("email", "nobody"), ("app", "charts"), ("message", "Kept & shown")]).await;
    assert!(wrong.status == 400 && wrong.body.contains("not a mail address") && wrong.body.contains("Kept &#38; shown"), "{}", wrong.body);
    let elsewhere = desk.post(&lee, new, new, &[("email", ANN), ("app", "wiki")]).await;
    assert_eq!(elsewhere.status, 404);
    let done = desk.post(&lee, new, new, &[("email", ANN), ("app", "charts"), ("access_for", "30d")]).await;
    assert!(done.status == 303 && done.location.starts_with("/admin/invitations/"), "{} {}", done.status, done.body);
    let page = desk.get(&lee, &done.location).await;
    assert!(page.body.contains("is on its way") && page.body.contains(ANN) && page.body.contains("about to be sent"), "{}", page.body);
    let id = done.location.trim_start_matches("/admin/invitations/").split('?').next().unwrap();
    let own = format!("/admin/invitations/{id}");
    assert_eq!(desk.post(&lee, &own, &format!("{own}/withdraw"), &[]).await.location, own);
    assert!(desk.get(&lee, "/admin/invitations?state=revoked").await.body.contains(ANN));
    assert!(!desk.get(&lee, "/admin/invitations?state=pending").await.body.contains(ANN));
}

#[tokio::test]
async fn many_are_invited_after_a_look_at_each_line() {
    let desk = Desk::open().await;
    let lee = desk.member(LEE).await;
    desk.guest(ANN, &["charts"]).await;
    let bulk = "/admin/invitations/bulk";
    let people = format!("bob@partner.example, Bob\nno address\nBOB@partner.example\n{ANN}\n{OPS}\n\ncy@partner.example");
    let fields = [("app", "charts"), ("people", people.as_str())];
    let look = desk.post(&lee, bulk, bulk, &fields).await;
    assert!(look.status == 200 && look.body.contains("Nothing is sent yet") && look.body.contains("Send 2 invitations"), "{}", look.body);
    for said in ["no mail address", "there twice", "has access already", "a member"] {
        assert!(look.body.contains(said), "{said}: {}", look.body);
    }
    assert!(desk.state.admin.store.invitations_for(&address("bob@partner.example")).await.unwrap().is_empty());
    let done = desk.post(&lee, bulk, bulk, &[fields.as_slice(), &[("step", "send")]].concat()).await;
    assert!(done.status == 200 && done.body.contains("2 invitations are on their way"), "{}", done.body);
    let bob = desk.state.admin.store.invitations_for(&address("bob@partner.example")).await.unwrap();
    assert_eq!(bob.iter().map(|invitation| invitation.name.as_deref()).collect::<Vec<_>>(), [Some("Bob")]);
    let again = desk.post(&lee, bulk, bulk, &[fields.as_slice(), &[("step", "send")]].concat()).await;
    assert!(again.body.contains("No invitation is on its way") && again.body.contains("invited already"), "sent twice: {}", again.body);
    assert_eq!(desk.post(&lee, bulk, bulk, &[("app", "wiki"), ("people", ANN)]).await.status, 404, "another owner's");
    assert_eq!(desk.post(&lee, bulk, bulk, &[("app", "charts"), ("people", "")]).await.status, 400);
}

#[tokio::test]
async fn what_if_says_what_each_policy_does_and_what_is_wrong_with_the_question() {
    let desk = Desk::open().await;
    let ops = desk.member(OPS).await;
    let (ann, _) = desk.guest(ANN, &["charts"]).await;
    let ask = |fields: &'static [(&str, &str)]| desk.post(&ops, "/admin/what-if", "/admin/what-if", fields);
    let page = ask(&[("app", "charts"), ("guest", ANN), ("request", "GET /"), ("ip", "198.51.100.7")]).await;
    assert!(page.status == 200 && page.body.contains("allow") && page.body.contains("198.51.100.7"), "{}", page.body);
    assert_eq!(ask(&[("app", "charts"), ("request", "GET /"), ("more", "nonsense")]).await.status, 400);
    assert_eq!(ask(&[("app", "charts"), ("guest", "no@partner.example")]).await.status, 404);
    assert!(ann.is_active());
}

#[tokio::test]
async fn an_owner_answers_for_every_access_of_a_review_and_can_take_an_answer_back() {
    let desk = Desk::open().await;
    let (ops, lee) = (desk.member(OPS).await, desk.member(LEE).await);
    for email in [ANN, "bob@partner.example", "cay@partner.example"] {
        desk.guest(email, &["charts"]).await;
    }
    let begun = desk.post(&lee, "/admin/reviews", "/admin/reviews", &[("app", "charts")]).await;
    assert!(begun.status == 303 && begun.location.ends_with("?done=open"), "{} {}", begun.status, begun.body);
    let path = begun.location.trim_end_matches("?done=open").to_owned();
    let page = desk.get(&lee, &path).await;
    assert!(page.body.contains("0 of 3 answered") && page.body.contains(ANN) && page.body.contains("Keep all 3"), "{}", page.body);
    assert!(desk.get(&lee, "/admin").await.body.contains(&path), "the overview leads there");
    let grant = |body: &str, email: &str| {
        let row = body.split("<li>").find(|row| row.contains(email)).unwrap().to_owned();
        row.split("name=\"grant\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let ann = grant(&page.body, ANN);
    let removed = desk.post(&lee, &path, &path, &[("decision", "remove"), ("grant", &ann)]).await;
    assert_eq!(removed.location, format!("{path}?done=remove"), "{}", removed.body);
    assert!(desk.get(&lee, &path).await.body.contains("1 of 3 answered"));
    let guest = desk.state.admin.store.guest_by_email(&address(ANN)).await.unwrap().unwrap();
    let own = format!("/admin/guests/{}", guest.id);
    let back = desk.post(&lee, &own, &format!("/admin/grants/{ann}/restore"), &[("back", &guest.id.to_string())]).await;
    assert_eq!(back.location, format!("{own}?done=grant-restore"), "{}", back.body);
    let rest = desk.post(&lee, &path, &path, &[("decision", "keep")]).await;
    assert_eq!(rest.status, 303);
    let done = desk.get(&lee, &path).await;
    assert!(done.body.contains("3 of 3 answered") && !done.body.contains("Keep all"), "{}", done.body);
    let report = desk.get(&lee, &format!("{path}/report.csv")).await;
    assert!(report.status == 200 && report.body.lines().count() == 4, "{}", report.body);
    assert!(desk.get(&ops, &path).await.status == 200 && desk.get(&ops, &format!("{path}/report.xml")).await.status == 404);
    let (_, guest) = desk.guest("dan@partner.example", &["wiki"]).await;
    assert_eq!(desk.get(&guest, &path).await.status, 404);
}

#[tokio::test]
async fn tokens_are_made_shown_once_and_revoked_by_administrators_alone() {
    let desk = Desk::open().await;
    let (ops, lee) = (desk.member(OPS).await, desk.member(LEE).await);
    assert_eq!(desk.get(&lee, "/admin/tokens").await.status, 404);
    let fields = [("name", "Onboarding"), ("role", "owner"), ("app", "charts"), ("lasts", "30d")];
    let made = desk.post(&ops, "/admin/tokens", "/admin/tokens", &fields).await;
    assert!(made.status == 200 && made.body.contains("shown once"), "{}", made.body);
    let shown = made.body.split("<pre").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    let list = desk.get(&ops, "/admin/tokens").await;
    assert!(list.body.contains("Onboarding") && list.body.contains("owner (charts)") && !list.body.contains(&shown), "{}", list.body);
    let wrong = desk.post(&ops, "/admin/tokens", "/admin/tokens", &[("role", "owner"), ("lasts", "30d")]).await;
    assert!(wrong.status == 400 && wrong.body.contains("names the"), "{}", wrong.body);
    let id = desk.state.admin.store.tokens().await.unwrap()[0].token.id;
    let revoked = desk.post(&ops, "/admin/tokens", &format!("/admin/tokens/{id}/revoke"), &[]).await;
    assert_eq!(revoked.location, "/admin/tokens?done=revoke", "{}", revoked.body);
    assert!(desk.get(&ops, "/admin/tokens").await.body.contains("revoked"));
}

#[tokio::test]
async fn an_open_page_hears_that_something_has_changed_and_keeps_nobody_signed_in() {
    let desk = Desk::open().await;
    let ops = desk.member(OPS).await;
    let (_, guest) = desk.guest("dan@partner.example", &["wiki"]).await;
    assert_eq!(desk.get("", "/admin/events").await.status, 303);
    assert_eq!(desk.get(&guest, "/admin/events").await.status, 404);
    assert!(desk.get(&ops, "/admin").await.body.contains("live.js"));
    let peer = Peer { ip: [203, 0, 113, 9].into(), request_id: "request-1".into(), door: Door::Portal };
    let request = Request::get("/admin/events").header("cookie", &ops).extension(peer).body(Body::empty()).unwrap();
    let answer = ui(desk.state.clone()).oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut said = answer.into_body();
    assert_eq!(said.frame().await.unwrap().unwrap().into_data().unwrap(), "retry: 1000\n\n");
    desk.guest(ANN, &["charts"]).await;
    assert_eq!(said.frame().await.unwrap().unwrap().into_data().unwrap(), "event: changed\ndata: 1\n\n");
}
