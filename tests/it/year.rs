//! A year of a guest in a minute: a gateway with a clock of the test's own, and everything that is seen of it from outside, day by day:
//! what the API says of the guest, and every mail that is delivered.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use guestgate::{
    base::{Clock, Timestamp},
    serve::{Opening, Surroundings, SystemEntropy},
};
use serde_json::Value;

use crate::kit::{
    Browser, Gateway, Plan, Recorder, RichApp,
    browser::{closed, form_to, say},
    eventually,
    gateway::{CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";
const LEE: &str = "dr.lee@example.test";
const KAY: &str = "dr.kay@example.test";
/// A Monday.
const FIRST: &str = "2027-01-04T09:00:00Z";
const DAY: i64 = 86_400_000;
/// Set where a test has a process of its own.
const ALONE: &str = "GUESTGATE_TEST_ALONE";

/// It goes on as the machine's does, and jumps.
#[derive(Debug)]
struct Jumping {
    began: Instant,
    millis: AtomicI64,
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        let gone = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst) + gone)
    }
}

/// The gateway, the guest's browser, and the diary.
struct World {
    gate: Gateway,
    clock: Arc<Jumping>,
    day: i64,
    ann: Browser,
    told: usize,
    state: String,
    diary: String,
}

impl World {
    async fn settled(&self) {
        let now = self.clock.now().as_millis() / 1_000;
        let value = |metrics: &str, name: &str| -> Option<f64> {
            metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
        };
        // The clock has jumped since everybody was looked at last, or the day is the same.
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century are exact")]
        let begun = (now - (now - self.morning()).min(599)) as f64;
        eventually("a look at everybody, and all mails delivered", || async {
            let (_, metrics) = self.gate.admin_get("/metrics").await;
            let looked = value(&metrics, "guestgate_lifecycle_looked_seconds")? >= begun;
            let waiting = value(&metrics, "guestgate_mails_waiting")? > 0.0;
            let ready = self.gate.admin_get("/readyz").await.0 == 200;
            (looked && !waiting && ready).then_some(())
        })
        .await;
    }

    /// When this day began, in seconds.
    fn morning(&self) -> i64 {
        FIRST.parse::<jiff::Timestamp>().unwrap().as_second() + self.day * DAY / 1_000
    }

    fn date(&self) -> String {
        jiff::Timestamp::from_second(self.morning()).unwrap().to_string().split('T').next().unwrap().to_owned()
    }

    /// One day after another, up to this one.
    async fn until(&mut self, day: i64) {
        while self.day < day {
            self.day += 1;
            self.clock.millis.fetch_add(DAY, Ordering::SeqCst);
            self.note(None).await;
        }
    }

    /// Writes down what somebody does, and what comes of it.
    async fn note(&mut self, what: Option<&str>) {
        self.settled().await;
        let all = self.gate.mails();
        let new = all.len() - self.told;
        self.told = all.len();
        let names = |address: &str| address.split('@').next().unwrap().to_owned();
        let mails: BTreeSet<String> = all[..new].iter().map(|mail| format!("mail to {}: {}", names(&mail.to), mail.subject)).collect();
        assert_eq!(mails.len(), new, "no mail is sent twice");
        for mail in &all[..new] {
            assert!((mail.at - self.morning()).abs() < 3_600, "{mail:?} is of another day");
        }
        let state = self.seen().await;
        if what.is_none() && mails.is_empty() && state == self.state {
            return;
        }
        self.state = state;
        let lines = what.into_iter().map(str::to_owned).chain(mails);
        let lines: Vec<String> = lines.collect();
        let lines = if lines.is_empty() { vec!["(nobody is told)".to_owned()] } else { lines };
        for (ix, line) in lines.iter().enumerate() {
            let (date, state) = if ix == 0 { (self.date(), self.state.as_str()) } else { (String::new(), "") };
            writeln!(self.diary, "{date:10} · {state:56} · {line}").unwrap();
        }
    }

    /// What the API says.
    async fn seen(&self) -> String {
        let guests = self.gate.api("/api/v1/guests").await;
        let Some(guest) = guests["items"].as_array().unwrap().iter().find(|guest| guest["email"] == ANN) else {
            let invitations = self.gate.api("/api/v1/invitations").await;
            let one = &invitations["items"][0];
            return format!("invitation {}, until {}", one["status"].as_str().unwrap(), date(&one["expires"]));
        };
        let grants = self.gate.api("/api/v1/grants").await;
        let grants = grants["items"].as_array().unwrap().iter();
        let grants: Vec<String> =
            grants.map(|g| format!("{} {} {}", g["app"].as_str().unwrap(), g["status"].as_str().unwrap(), date(&g["until"]))).collect();
        let why = guest["reason"].as_str().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{}{why}, {}", guest["state"].as_str().unwrap(), grants.join(", "))
    }

    /// Ann opens the application, and proves her mailbox if she must.
    async fn comes(&mut self) {
        let url = self.gate.url(CHARTS, "/");
        let page = self.ann.open(&url).await;
        let inside = if page.text().contains("name=\"email\"") { self.ann.sign_in(&page, &self.gate, ANN).await } else { page };
        assert_eq!((inside.status.as_u16(), inside.text().as_str()), (200, "recorded"));
        self.note(Some("> Ann uses the app")).await;
    }

    async fn machine(&mut self, arguments: &[&str]) {
        self.gate.json(arguments);
        self.note(Some(&format!("> guestgate {}", arguments.join(" ")))).await;
    }

    fn grant(&self) -> Value {
        self.gate.json(&["grants", "list"])["items"][0].clone()
    }

    async fn configured(&mut self, what: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.gate.config_file()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        let before = self.hash().await;
        self.gate.replace("guestgate.yaml", &text.replace(from, to));
        eventually("the new configuration", || async { (self.hash().await != before).then_some(()) }).await;
        // The look that a new configuration causes leaves no other trace than what it does.
        let state = self.state.clone();
        eventually("what comes of it", || async { (self.seen().await != state || self.gate.mails().len() > self.told).then_some(()) })
            .await;
        self.note(Some(&format!("> {what}"))).await;
    }

    async fn hash(&self) -> Option<String> {
        let (_, metrics) = self.gate.admin_get("/metrics").await;
        metrics.lines().find(|line| line.starts_with("guestgate_config_hash_info")).map(str::to_owned)
    }
}

fn date(value: &Value) -> &str {
    value.as_str().map_or("for good", |at| &at[..10])
}

async fn begin(app: &Recorder) -> (World, impl Future<Output = bool>) {
    let plan = Plan::default().extra("invitations: { deny_domains: [] }").extra("roles: { admins: [ops@example.test] }").app(
        "charts",
        app.at,
        "inactive_after: 45d",
    );
    let (gate, clock, ended) = here(plan).await;
    let ann = gate.browser();
    (World { gate, clock, day: 0, ann, told: 0, state: String::new(), diary: String::new() }, ended)
}

/// A gateway in this process, on the first day.
async fn here(plan: Plan) -> (Gateway, Arc<Jumping>, impl Future<Output = bool>) {
    let files = plan.files();
    let text = std::fs::read_to_string(files.config_file()).unwrap();
    // Events would be written between the lines of the tests.
    std::fs::write(files.config_file(), text.replace("log: { ", "log: { level: error, format: text, ")).unwrap();
    let first = FIRST.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let clock = Arc::new(Jumping { began: Instant::now(), millis: AtomicI64::new(first) });
    let around = Surroundings { clock: clock.clone(), entropy: Arc::new(SystemEntropy) };
    let (tell, told) = tokio::sync::oneshot::channel();
    let file = files.config_file();
    let served = tokio::spawn(async move { guestgate::serve::run(&file, Opening::Fresh, around, Some(tell)).await });
    let ready = told.await.expect("the gateway did not start");
    let gate = Gateway::here(files, ready.https[0], ready.admin);
    (gate, clock, async { served.await.unwrap().is_ok() })
}

/// A process has one gateway: it writes events, and a signal ends it. Whoever needs a second one runs once more, in another process.
fn is_alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let itself = std::env::current_exe().unwrap();
    let run = std::process::Command::new(itself).args([test, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&run.stderr));
    false
}

fn link(mail: &str) -> String {
    mail.split_whitespace().find(|word| word.contains("/invitations/")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_year_of_a_guest_is_told_day_by_day() {
    let app = Recorder::start().await;
    let (mut world, ended) = begin(&app).await;

    // Invited, reminded, come.
    world.machine(&["invite", ANN, "--app", "charts"]).await;
    world.until(6).await;
    let reminder = link(&world.gate.mails()[0].text);
    let page = world.ann.open(&reminder).await.expect(200);
    let inside = world.ann.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    assert_eq!(inside.text(), "recorded");
    world.note(Some("> Ann accepts by the link of the reminder")).await;
    world.machine(&["guests", "set", ANN, "--sponsor", LEE]).await;
    world.until(40).await;
    world.comes().await;

    // The end in sight: she asks for more, and gets it.
    world.until(83).await;
    world.comes().await;
    let page = world.ann.open(&world.gate.url(PORTAL, "/apps/charts/request")).await.expect(200);
    world.ann.submit(&page, &form_to(&page, "/request"), &[("reason", "The study goes on")]).await.expect(200);
    world.note(Some("> Ann asks for more time")).await;
    let id = world.gate.json(&["requests", "list", "--state", "open"])["items"][0]["id"].as_str().unwrap().to_owned();
    world.gate.json(&["requests", "approve", &id]);
    world.note(Some("> Dr. Lee grants it")).await;

    // She does not come any more, and comes back.
    world.until(130).await;
    let page = world.ann.open(&world.gate.url(PORTAL, "/signin")).await.expect(200);
    let form = page.forms().into_iter().find(|f| f.fields.iter().any(|(name, _)| name == "email")).unwrap();
    world.ann.submit(&page, &form, &[("email", ANN)]).await;
    // What follows from an address is done behind the answer, which would tell by its time whether the address is known.
    eventually("a letter", || async { (world.gate.mails().len() > world.told).then_some(()) }).await;
    world.note(Some("> Ann wants to sign in")).await;
    world.machine(&["guests", "resume", ANN]).await;
    world.comes().await;

    // Her sponsor leaves; nobody is named in time.
    world.until(140).await;
    world.configured("Dr. Lee leaves, Dr. Kay owns the app", LEE, KAY).await;
    world.until(156).await;
    world.machine(&["guests", "set", ANN, "--sponsor", KAY]).await;
    world.machine(&["guests", "resume", ANN]).await;
    world.comes().await;

    // Her domain is denied, and allowed again.
    world.until(160).await;
    world.configured("the domain is denied", "deny_domains: []", "deny_domains: [partner.example]").await;
    world.until(165).await;
    world.configured("the domain is allowed", "deny_domains: [partner.example]", "deny_domains: []").await;
    world.comes().await;

    // The sponsor makes it last longer.
    world.until(173).await;
    let grant = world.grant();
    world.gate.json(&["grants", "extend", grant["id"].as_str().unwrap(), "--by", "90d"]);
    world.note(Some("> Dr. Kay makes it last 90 days longer")).await;
    world.comes().await;

    // Removed by mistake, and brought back as before.
    world.until(190).await;
    let before = world.grant();
    world.machine(&["guests", "remove", ANN]).await;
    world.until(215).await;
    world.machine(&["guests", "restore", ANN]).await;
    let after = world.grant();
    assert_eq!((&after["id"], &after["until"], &after["status"]), (&before["id"], &before["until"], &before["status"]));
    world.comes().await;

    // The end, and nobody asks for more.
    world.until(250).await;
    world.comes().await;
    world.until(400).await;
    let late = world.gate.cli(&["guests", "restore", ANN]);
    world.note(Some(&format!("> guestgate guests restore: {}", String::from_utf8_lossy(&late.stderr).trim()))).await;

    insta::assert_snapshot!(world.diary);
    assert!(world.gate.cli(&["audit", "verify"]).status.success());
    world.gate.signal("TERM");
    assert!(ended.await, "it ends as asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_open_websocket_ends_with_the_access_that_nobody_has_answered_for() {
    if !is_alone("year::an_open_websocket_ends_with_the_access_that_nobody_has_answered_for") {
        return;
    }
    let app = RichApp::start().await;
    let plan = Plan::default().extra("session: { idle: 60d, lifetime: 90d }").app(
        "charts",
        app.at,
        "websocket: true\nreview: { every: 90d, answer_within: 14d }",
    );
    let (gate, clock, ended) = here(plan).await;
    let mut ann = gate.guest(ANN, "charts").await;
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    gate.json(&["reviews", "open", "charts"]);
    clock.millis.fetch_add(13 * DAY, Ordering::SeqCst);
    assert_eq!(say(&mut socket, "there is a day left").await, "there is a day left");
    clock.millis.fetch_add(2 * DAY, Ordering::SeqCst);
    assert_eq!(closed(&mut socket).await, Some(1008));
    // The session is as it was: it is the access that has ended.
    let answer = ann.fetch(&gate.url(CHARTS, "/who")).await.expect(403);
    assert_eq!(answer.json()["decision"], "not-assigned");
    gate.signal("TERM");
    assert!(ended.await, "it ends as asked");
}
