//! A gateway with very many guests: every page of the administration and every list of the API, asked one after the other, and how long
//! the slowest took. 100,000 guests and 1,000,000 entries of the audit log at the full size (`GUESTGATE_TEST_SIZE`), a few every day.
//!
//! `GUESTGATE_TEST_BINARY` names another binary to ask, such as one that was built for a release: what this test builds is not optimised.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use guestgate::{
    base::{AppId, Clock as _, Digest, EmailAddress, GuestId, Host, Id as _, MailId, Span, Timestamp},
    directory::{
        Actor, AddressProof, Asker, Asks, Draft, Endowment, EnrolMember, Enrolling, Guest, Invitation, Invite, Known, MailFactor, Occasion,
        Offer, Origin, OutgoingMail, Proposal, Proven, Request, RequestDraft, RequestKind, RootOpening, Session, Sponsorship, Target,
        audit::Event, may,
    },
    identity::{KeyRing, MasterKey, SessionClaims},
    serve::{SystemClock, SystemEntropy},
    store::{SqliteStore, Store as _, StoreKeys},
};

use crate::kit::{Gateway, Plan, Recorder, gateway::PORTAL, within};

const KEY: [u8; 32] = [7; 32];
const OPS: &str = "ops@example.test";
/// Who is responsible for most of them.
const SPONSOR: &str = "dr.lee@example.test";
/// Entries of the audit log about each guest, beside those of the invitation.
const ENTRIES: usize = 7;
/// Guests that are written together.
const BATCH: usize = 1_000;
/// The apps, of which the first is everybody's.
const APPS: [&str; 10] = ["charts", "wiki", "files", "lab0", "lab1", "lab2", "lab3", "lab4", "lab5", "lab6"];

/// What fills a database, as a gateway would over the years.
struct Filling {
    store: SqliteStore,
    now: Timestamp,
    /// How many guests there will be.
    guests: usize,
}

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

impl Filling {
    async fn begin(folder: &Path, guests: usize) -> Self {
        std::fs::create_dir_all(folder.join("data")).unwrap();
        std::fs::write(folder.join("data/master.key"), KEY).unwrap();
        let (keys, path) = (StoreKeys::derive(&KEY).unwrap(), folder.join("data/guestgate.db"));
        let store = SqliteStore::open(&path, keys, Arc::new(SystemEntropy)).await.unwrap();
        Self { store, now: SystemClock::default().now(), guests }
    }

    /// One guest after the other, the last a minute ago.
    fn occasion(&self, n: usize) -> Occasion<'static> {
        let ago = Span::secs(i64::try_from(self.guests - n).unwrap() * 5 + 60);
        Occasion { now: self.now.minus(ago), entropy: &SystemEntropy, from: Some([203, 0, 113, 9].into()) }
    }

    fn guest(&self, n: usize) -> Proposal {
        let o = self.occasion(n);
        let email = EmailAddress::parse(&format!("guest{n:06}@partner{}.example", n % 500)).unwrap();
        // In the wiki nobody is alone: whoever owns nothing else sees no invitation.
        let mut apps = vec!["charts"];
        apps.extend(n.is_multiple_of(3).then_some("wiki"));
        apps.extend(n.is_multiple_of(5).then(|| APPS[3 + n % 7]));
        let offers = apps.into_iter().map(|id| Offer { app: app(id), role: None, access_for: Some(Span::days(90)) }).collect();
        let warrant = may::<Invite>(&Actor::Machine, Target::Everything).unwrap();
        let draft = Draft {
            email: email.clone(),
            name: Some(format!("Guest Number{n}")),
            offers,
            groups: Vec::new(),
            attributes: Default::default(),
            message: None,
            language: None,
            sponsor: EmailAddress::parse(&if n % 50 == 1 { lead(n % 2_000) } else { SPONSOR.to_owned() }).ok(),
            lifetime: Span::days(30),
            direct: Digest::of(email.as_str().as_bytes()),
            letter: None,
            copies: Vec::new(),
            cc: Vec::new(),
            landing: None,
            provisioned: None,
        };
        let (invitation, mut all) = Invitation::issue(&o, &warrant, Known::default(), draft).unwrap();
        // One in twenty has not accepted.
        if n % 20 == 19 {
            return all;
        }
        let code = Digest::of(b"code");
        let proof = AddressProof::checked(&email, MailFactor::Code, (&code, &code), o.now).unwrap();
        let (redeemed, proposal) = invitation.redeem(&o, &proof, None, &[]).unwrap();
        let (guest, noted) = redeemed.guest.note_sponsor(&o, Sponsorship { seen: true, left: None }).unwrap();
        all = all.and(proposal).and(noted);
        for _ in 0..ENTRIES {
            all = all.and(Proposal::of_entry(o.entry(&Actor::System, Event::SessionOpened).guest(&guest).app(&app("charts"))));
        }
        if n % 10 == 1 {
            all = all.and(asks(&o, &guest));
        }
        // Some are there now.
        if n % 10 == 2 { all.and(self.session(&o, &guest, Proven::by_address(proof)).1) } else { all }
    }

    async fn fill(&self) {
        for from in (0..self.guests).step_by(BATCH) {
            let together = (from..self.guests.min(from + BATCH)).map(|n| self.guest(n)).reduce(Proposal::and).unwrap();
            self.store.commit(together).await.unwrap();
        }
    }

    fn session(&self, o: &Occasion<'_>, guest: &Guest, proven: Proven) -> (Session, Proposal) {
        let opening = RootOpening {
            proven,
            invitation: None,
            lifetime: Span::days(30),
            persistent: false,
            origin: Origin::new([127, 0, 0, 1].into(), "test"),
            device: None,
            past: Default::default(),
        };
        Session::open_root(o, guest, opening).unwrap()
    }

    /// An administrator who has a passkey, signed in by it; the session.
    async fn administrator(&self) -> (GuestId, Session) {
        let o = Occasion { now: self.now, entropy: &SystemEntropy, from: None };
        let (email, token) = (EmailAddress::parse(OPS).unwrap(), Digest::of(b"link"));
        let warrant = may::<EnrolMember>(&Actor::Machine, Target::Everything).unwrap();
        let who = Enrolling { email: &email, known: None, held: None, token, lifetime: Span::hours(1) };
        let (member, proposal) = Guest::enrol(&o, &warrant, who).unwrap();
        self.store.commit(proposal).await.unwrap();
        let held = self.store.factors(member.id).await.unwrap().unwrap();
        let mail = OutgoingMail { id: MailId::random(&SystemEntropy), to: email, subject: String::new(), text: String::new(), html: None };
        let (proven, proposal): (Proven, Proposal) = held.enrol_passkey(&o, (&member, &token), ("Key", "{}".to_owned()), mail).unwrap();
        self.store.commit(proposal).await.unwrap();
        let (session, proposal) = self.session(&o, &member, proven);
        self.store.commit(proposal).await.unwrap();
        (member.id, session)
    }
}

/// Others who are responsible for some.
fn lead(n: usize) -> String {
    format!("lead{n}@example.test")
}

/// The guest wants something that somebody has to decide.
fn asks(o: &Occasion<'_>, guest: &Guest) -> Proposal {
    let draft = RequestDraft {
        kind: RequestKind::Access,
        app: app("files"),
        reason: Some("For the project".to_owned()),
        answers: Vec::new(),
        endowment: Endowment::default(),
        name: None,
        language: None,
        lifetime: Span::days(30),
        asks: Asks::People,
        mails: Vec::new(),
    };
    Request::file(o, Asker { email: &guest.email, guest: Some(guest), earlier: None, others: &[] }, draft).unwrap().1
}

/// Every page; `{guest}`, `{grant}`, `{invitation}`, `{request}`, `{review}` and `{email}` stand for one that there is.
const PAGES: &[&str] = &[
    "/admin",
    "/admin?app=charts",
    "/admin/guests",
    "/admin/guests?app=charts",
    "/admin/guests?state=active",
    "/admin/guests?after={email}",
    "/admin/guests?q=guest0000",
    "/admin/guests?q=partner1.example",
    "/admin/guests?q=number77&app=wiki",
    "/admin/guests/{guest}",
    "/admin/invitations",
    "/admin/invitations?state=pending",
    "/admin/invitations?app=wiki&state=redeemed",
    "/admin/invitations/{invitation}",
    "/admin/requests",
    "/admin/requests?app=files&state=open",
    "/admin/requests/{request}",
    "/admin/reviews",
    "/admin/reviews/{review}",
    "/admin/apps",
    "/admin/apps/charts",
    "/admin/what-if",
    "/admin/audit",
    "/admin/audit?event=session.opened",
    "/admin/audit?app=charts&event=invitation.redeemed",
    "/admin/audit?guest={email}",
    "/admin/audit?before=500",
    "/admin/members",
    "/admin/tokens",
];

/// Every list of the API, with its filters.
const LISTS: &[&str] = &[
    "/api/v1/guests",
    "/api/v1/guests?state=suspended",
    "/api/v1/guests?state=active",
    "/api/v1/guests?app=wiki",
    "/api/v1/guests?q=guest0000",
    "/api/v1/guests?q=nobody-is-called-so",
    "/api/v1/guests/{guest}",
    "/api/v1/guests/{guest}/sessions",
    "/api/v1/invitations",
    "/api/v1/invitations?state=pending",
    "/api/v1/invitations?state=revoked",
    "/api/v1/invitations?app=wiki",
    "/api/v1/invitations?guest={email}",
    "/api/v1/grants",
    "/api/v1/grants?app=wiki",
    "/api/v1/grants?app=files",
    "/api/v1/grants?guest={email}",
    "/api/v1/requests",
    "/api/v1/requests?state=denied",
    "/api/v1/requests?app=files",
    "/api/v1/requests?app=wiki",
    "/api/v1/reviews",
    "/api/v1/reviews?state=closed",
    "/api/v1/reviews/{review}",
    "/api/v1/reviews/{review}/left",
    "/api/v1/apps",
    "/api/v1/roles",
    "/api/v1/policies",
    "/api/v1/policies/trials",
    "/api/v1/audit",
    "/api/v1/audit?event=session.opened",
    "/api/v1/audit?event=guest.removed",
    "/api/v1/audit?app=wiki",
    "/api/v1/audit?guest={email}",
    "/api/v1/audit?cursor=1000",
    "/api/v1/audit?since=2020-01-01T00:00:00Z",
    "/api/v1/audit/forward",
    "/api/v1/tokens",
];

/// Lists of an owner's token.
const OF_OWNER: &[&str] = &[
    "/api/v1/guests",
    "/api/v1/guests?state=suspended",
    "/api/v1/guests?q=nobody-is-called-so",
    "/api/v1/invitations",
    "/api/v1/invitations?state=pending",
    "/api/v1/invitations?guest={email}",
    "/api/v1/requests",
    "/scim/v2/Users",
    "/scim/v2/Users?startIndex={middle}",
];

/// The same of an administrator's, as directories and Graph ask.
const OF_DIRECTORY: &[&str] = &[
    "/scim/v2/Users",
    "/scim/v2/Users?startIndex={middle}",
    "/scim/v2/Users?startIndex={last}",
    "/scim/v2/Users?count=0",
    "/scim/v2/Users?filter=active%20eq%20false",
    "/v1.0/users",
    "/v1.0/users?$filter=startswith(mail,'guest0000')",
];

/// How long an answer takes: of several takes the one in the middle.
async fn took(takes: usize, ask: impl AsyncFn() -> u16) -> Duration {
    let mut all = Vec::with_capacity(takes);
    for _ in 0..takes {
        let began = Instant::now();
        assert_eq!(ask().await, 200);
        all.push(began.elapsed());
    }
    all.sort();
    all[takes / 2]
}

/// What a running gateway has in memory, in MiB.
fn in_memory(gate: &Gateway) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gate.pid())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0) / 1024
}

#[tokio::test]
async fn every_page_and_every_list_is_as_fast_with_very_many_guests() {
    let full = std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full");
    let (guests, takes) = if full { (100_000, 7) } else { (120, 1) };
    let upstream = Recorder::start().await;
    let plan = APPS.into_iter().fold(Plan::default(), |plan, id| plan.app(id, upstream.at, ""));
    let leads = (1..2_000).step_by(50).map(lead).collect::<Vec<_>>().join(", ");
    let files = plan.extra(&format!("roles: {{ admins: [{OPS}], inviters: [{leads}] }}\n")).files();
    let filling = Filling::begin(files.folder(), guests).await;
    let began = Instant::now();
    filling.fill().await;
    let (member, session) = filling.administrator().await;
    println!("{guests} guests and {} entries written in {:.1?}", filling.store.audit_head().await.unwrap().sequence, began.elapsed());
    filling.store.close().await;
    let began = Instant::now();
    let gate = files.start().await;
    println!("the gateway is there after {:.1?} and has {} MiB", began.elapsed(), in_memory(&gate));
    // Everybody is looked at once when a gateway starts.
    within(Duration::from_secs(1_800), "the first look at everybody", || async {
        // Asked seldom, because what it takes to answer is taken from what is waited for.
        tokio::time::sleep(Duration::from_millis(if full { 1_000 } else { 20 })).await;
        let (_, metrics) = gate.admin_get("/metrics").await;
        metrics.lines().any(|line| line.starts_with("guestgate_lifecycle_looked_seconds ") && !line.ends_with(" 0")).then_some(())
    })
    .await;
    println!("everybody was looked at after {:.1?}; the gateway has {} MiB", began.elapsed(), in_memory(&gate));
    let began = Instant::now();
    let _ = gate.guest("new@partner.example", "charts").await;
    println!("invited, accepted and on the first page after {:.1?}", began.elapsed());
    let review = gate.json(&["reviews", "open", "charts"]);
    let one = |what: &str| gate.json(&[what, "list", "--limit", "1"])["items"][0].clone();
    let (guest, invitation, request) = (one("guests"), one("invitations"), one("requests"));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let known = [
        ("{guest}", text(&guest["id"])),
        ("{email}", text(&guest["email"])),
        ("{invitation}", text(&invitation["id"])),
        ("{request}", text(&request["id"])),
        ("{review}", text(&review["id"])),
        ("{middle}", (guests / 2).to_string()),
        ("{last}", (guests - 50).to_string()),
    ];
    let path = |template: &str| known.iter().fold(template.to_owned(), |path, (name, value)| path.replace(name, value));
    let keys = KeyRing::new(&gate.url(PORTAL, ""), &MasterKey::new(KEY), &[]).unwrap();
    let aud = Host::parse(PORTAL).unwrap();
    let claims = SessionClaims { aud, sub: member, sid: session.id, inv: None, iat: session.created, exp: session.expires };
    let cookie = format!("__Host-guestgate={}", keys.session_token(&claims));
    let bearer = |role: &[&str]| format!("Bearer {}", gate.token(role));
    let (admin, owner) = (bearer(&["--role", "admin"]), bearer(&["--role", "owner", "--app", "wiki"]));
    let mut figures = Vec::new();
    for (who, list, name, value) in [
        ("page", PAGES, "cookie", &cookie),
        ("admin", LISTS, "authorization", &admin),
        ("admin", OF_DIRECTORY, "authorization", &admin),
        ("owner", OF_OWNER, "authorization", &owner),
    ] {
        for template in list {
            let url = gate.url(PORTAL, &path(template));
            let ask = async || {
                let headers = [("accept", "text/html, application/json"), (name, value.as_str())];
                let answer = gate.browser().send(http::Method::GET, &url, &headers, "").await;
                answer.status.as_u16()
            };
            figures.push((took(takes, ask).await, who, *template));
        }
    }
    figures.sort();
    figures.reverse();
    println!("of {} pages and lists, the slowest (the middle of {takes} takes):", figures.len());
    for (took, who, template) in figures.iter().take(12) {
        println!("{took:>10.1?}  {who:<5}  {template}");
    }
    let began = Instant::now();
    let output = gate.cli(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("the audit log was verified in {:.1?}: {}", began.elapsed(), said.trim());
    if full {
        very_many_invitations(&gate).await;
    }
    let bound = Duration::from_millis(if full { 2_000 } else { 10_000 });
    assert!(figures.iter().all(|(took, ..)| *took < bound), "{figures:?}");
}

/// A file of a hundred thousand rows, sent twice: the second time everybody is invited already.
async fn very_many_invitations(gate: &Gateway) {
    let file = gate.folder().join("many.csv");
    let rows: String = (0..100_000).map(|n| format!("bulk{n}@partner{}.example,Bulk Number{n},charts\n", n % 500)).collect();
    std::fs::write(&file, format!("email,name,apps\n{rows}")).unwrap();
    for expected in ["100000 invited, 0 already, 0 refused", "0 invited, 100000 already, 0 refused"] {
        let began = Instant::now();
        let output = gate.cli(&["invite", "--bulk", file.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(expected), "{said}{}", String::from_utf8_lossy(&output.stderr));
        println!("{expected}, after {:.1?}; the gateway has {} MiB", began.elapsed(), in_memory(gate));
    }
}
