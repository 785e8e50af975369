//! Facts of place and device, and session controls, on real requests.

use super::*;
use guestgate::{
    directory::{Device, EndReason},
    live::Places,
};
use mmdb::{Record, database};

#[allow(unreachable_pub, reason = "a file of the library's own tests, too")]
mod mmdb;

/// The session of the guest.
fn own() -> SessionId {
    SessionId::from_bytes([4; 16])
}

impl Bed {
    /// Puts these policies in force, and believes what is forwarded from this machine.
    fn policies(&self, text: &str, places: Places) {
        let before = self.live.snapshot();
        let mut config = (*before.config).clone();
        config.trusted_proxies = vec![guestgate::base::Prefix::parse("127.0.0.0/8").unwrap().0];
        let id = AppId::parse("charts").unwrap();
        let universe = Universe { apps: Some(vec![KnownApp::new(id)]), ..Universe::default() };
        let files = Files { apps: vec![Source::new("charts.yaml", format!("app: charts\npolicies:\n{text}"))], ..Files::default() };
        let policies = PolicySet::build(&files, &universe).unwrap_or_else(|report| panic!("{report}")).0;
        let snapshot = Snapshot::new(Arc::new(config), Arc::new(policies), before.generation + 1).unwrap();
        self.live.replace(snapshot.with_places(places));
    }

    /// The status of a request of the guest, with these lines more.
    async fn status(&self, path: &str, more: &str) -> u16 {
        let answer = self.get(path, &format!("Cookie: {}\r\n{more}", self.cookie)).await;
        answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }

    /// Waits until a session has ended, and answers why.
    async fn end_of(&self, id: SessionId) -> EndReason {
        let ended = async {
            loop {
                if let Some(ended) = self.store.session(id).await.unwrap().and_then(|s| s.ended) {
                    return ended.reason;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), ended).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_is_that_of_the_address_and_unknown_without_a_database() {
    let bed = start().await;
    let policy = "- { name: a, unless: { country: DE }, block: elsewhere }\n- { name: b, when: { asn: 64501 }, block: network }";
    bed.policies(policy, Places::default());
    assert_eq!(bed.status("/", "X-Forwarded-For: 10.0.0.1\r\n").await, 403, "nobody knows the country");
    let country = database("Test-Country", [Record::Country("DE"), Record::Country("FR")]);
    let asn = || database("Test-ASN", [Record::Asn(64_500), Record::Asn(64_501)]);
    bed.policies(policy, Places::read(Some(country), Some(asn())).unwrap());
    assert_eq!(bed.status("/", "X-Forwarded-For: 10.0.0.1\r\n").await, 200);
    assert_eq!(bed.status("/", "X-Forwarded-For: 203.0.113.9\r\n").await, 403);
    bed.policies("- { name: b, when: { asn: 64501 }, block: network }", Places::read(None, Some(asn())).unwrap());
    assert_eq!(bed.status("/", "X-Forwarded-For: 10.0.0.1\r\n").await, 200);
    assert_eq!(bed.status("/", "X-Forwarded-For: 203.0.113.9\r\n").await, 403);
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_comes_from_the_hint_first_and_a_device_from_the_session() {
    let bed = start().await;
    bed.policies("- { name: a, unless: { platform: [windows, ios] }, block: other }", Places::default());
    assert_eq!(bed.status("/", "").await, 403, "nothing is known of it");
    assert_eq!(bed.status("/", "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36\r\n").await, 200);
    let hinted = "User-Agent: Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.0.0\r\nSec-CH-UA-Platform: \"Android\"\r\n";
    assert_eq!(bed.status("/", hinted).await, 403);
    bed.policies("- { name: a, when: { device: new }, block: new }", Places::default());
    assert_eq!(bed.status("/", "").await, 403);
    let mut session = bed.store.session(own()).await.unwrap().unwrap();
    session.device = Some(Device { id: "d1".parse().unwrap(), since: NOW });
    session.version = Version(2);
    let mut proposal = Proposal::at(NOW);
    proposal.changes = vec![Change::PutSession(session)];
    let revision = bed.store.commit(proposal).await.unwrap();
    bed.live.caught_up(revision).await.unwrap();
    assert_eq!(bed.status("/", "").await, 200);
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_bound_ends_where_it_comes_from_elsewhere() {
    let bed = start().await;
    bed.policies("- { name: a, session: { bind: [network, device] } }", Places::default());
    assert_eq!(bed.status("/", "User-Agent: test\r\n").await, 200);
    let elsewhere = bed.get("/", &format!("Cookie: {}\r\nUser-Agent: test\r\nX-Forwarded-For: 198.51.100.7\r\n", bed.cookie)).await;
    assert!(elsewhere.starts_with("HTTP/1.1 401"), "{elsewhere}");
    assert_eq!(bed.end_of(own()).await, EndReason::Breach);
    let told = bed.store.audit_after(0, 100).await.unwrap();
    assert!(told.iter().any(|entry| entry.body.contains("breach")), "it stands in the audit log");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_session_ends_where_there_are_too_many() {
    let bed = start().await;
    let mut older = bed.store.session(own()).await.unwrap().unwrap();
    older.id = SessionId::from_bytes([9; 16]);
    older.created = Timestamp::from_millis(NOW.as_millis() - 60_000);
    let id = older.id;
    let mut proposal = Proposal::at(NOW);
    proposal.changes = vec![Change::PutSession(Session { version: Version(1), ..older })];
    bed.store.commit(proposal).await.unwrap();
    bed.policies("- { name: a, session: { concurrent: 1 } }", Places::default());
    assert_eq!(bed.status("/", "").await, 200);
    assert_eq!(bed.end_of(id).await, EndReason::Displaced);
    assert!(bed.store.session(own()).await.unwrap().unwrap().ended.is_none());
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_from_another_country_than_the_sign_in_a_moment_ago_is_a_high_risk() {
    let bed = start().await;
    let places = || Places::read(Some(database("Test-Country", [Record::Country("DE"), Record::Country("FR")])), None).unwrap();
    bed.policies("- { name: a, when: { risk: high }, block: odd }", places());
    assert_eq!(bed.status("/", "X-Forwarded-For: 10.9.9.9\r\n").await, 200, "another network alone is little");
    assert_eq!(bed.status("/", "X-Forwarded-For: 203.0.113.9\r\n").await, 403);
    let told = bed.get("/.guestgate/whoami", &format!("Cookie: {}\r\nX-Forwarded-For: 203.0.113.9\r\n", bed.cookie)).await;
    assert!(told.contains("\"level\":\"high\"") && told.contains("impossible-travel") && told.contains("new-country"), "{told}");
    assert_eq!(bed.status("/", "X-Forwarded-For: nonsense\r\n").await, 403, "what is unknown counts against it");
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_are_withheld_where_downloads_are_denied() {
    let bed = start().await;
    assert_eq!(bed.status("/file", "").await, 200);
    bed.policies("- { name: no-files, session: { downloads: deny } }", Places::default());
    let withheld = bed.get("/file", &format!("Cookie: {}\r\n", bed.cookie)).await;
    assert!(withheld.starts_with("HTTP/1.1 403") && withheld.contains("no-files"), "{withheld}");
    assert_eq!(bed.status("/file/inline", "").await, 200);
    assert_eq!(bed.status("/other", "").await, 200);
    bed.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_show_here_is_said_and_nobody_is_sent_round() {
    let bed = start().await;
    bed.policies("- { name: a, require: [client-certificate, { fresh-sign-in: 15m }] }", Places::default());
    let page = bed.get("/", &format!("Cookie: {}\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n", bed.cookie)).await;
    assert!(page.starts_with("HTTP/1.1 403") && page.contains("client-certificate") && page.contains("no way to show it here"), "{page}");
    let problem = bed.get("/", &format!("Cookie: {}\r\n", bed.cookie)).await;
    assert!(problem.contains("\"decision\":\"challenge\"") && problem.contains("\"unmet\":[\"client-certificate\"]"), "{problem}");
    bed.policies("- { name: a, require: [client-certificate, { any: [email-code, totp] }] }", Places::default());
    let problem = bed.get("/", &format!("Cookie: {}\r\n", bed.cookie)).await;
    assert!(problem.contains("\"unmet\":[\"client-certificate\"]"), "{problem}");
    bed.shutdown.cancel();
}
