//! Client certificates of authorities made here: the host that asks for one, apps that ask, and what is revoked while somebody is there.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::Method;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};
use serde_json::json;
use tokio_rustls::rustls::{
    HandshakeKind, SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};

use crate::kit::{
    Browser, Gateway, Plan, Recorder, RichApp,
    browser::{Answer, closed, form_to, say},
    eventually,
    gateway::{CARDS, CHARTS, PORTAL},
};

const ANN: &str = "ann@partner.example";

/// An authority of a partner.
struct Partner(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key, shown to whoever asks; it counts how often that was.
#[derive(Debug)]
struct Card {
    key: Arc<CertifiedKey>,
    asked: AtomicUsize,
}

impl Partner {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn card(&self, serial: u64, address: &str) -> Arc<Card> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.serial_number = Some(SerialNumber::from(serial));
        let key = KeyPair::generate().unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![params.signed_by(&key, &self.0).unwrap().der().clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).unwrap();
        Arc::new(Card { key: Arc::new(key), asked: AtomicUsize::new(0) })
    }

    /// The list of what was revoked.
    fn list(&self, number: u64, revoked: &[u64]) -> String {
        let entry = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(4000, 1, 1),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0).unwrap().pem().unwrap()
    }

    /// Writes what the gateway reads of it.
    fn write(&self, folder: &Path) {
        std::fs::write(folder.join("partners.pem"), self.0.pem()).unwrap();
        std::fs::write(folder.join("partners.crl"), self.list(1, &[])).unwrap();
    }
}

impl ResolvesClientCert for Card {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Some(Arc::clone(&self.key))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Presses the button of a page that asks for a certificate.
async fn show(browser: &mut Browser, page: &Answer) -> Answer {
    browser.submit(page, &form_to(page, "/signin/certificate"), &[]).await
}

async fn methods(gate: &Gateway, browser: &mut Browser) -> serde_json::Value {
    let who = browser.send(Method::GET, &gate.url(CHARTS, "/.guestgate/whoami"), &[("sec-fetch-site", "same-origin")], "").await;
    who.expect(200).json()["methods"].clone()
}

const SIGNED: &str = "app: charts\npolicies:\n  - { name: signed-by-card, when: { path: /signed/** }, require: [client-certificate] }\n";

#[tokio::test]
async fn a_certificate_signs_in_and_steps_up_on_the_host_that_asks_for_it() {
    let (app, partner, folder) = (Recorder::start().await, Partner::new("Partner"), tempfile::tempdir().unwrap());
    partner.write(folder.path());
    let gate = Plan::default().certificates(folder.path()).policy("charts.yaml", SIGNED).app("charts", app.at, "").start().await;
    let card = partner.card(1, ANN);
    let mut ann = gate.browser_with(card.clone());
    ann.redeem(&gate.invite(ANN, "charts"), &gate, ANN).await.expect(200);
    assert_eq!(card.asked.load(Ordering::SeqCst), 0, "neither the portal nor an app that has not said so asks");
    let step = ann.open(&gate.url(CHARTS, "/signed/1?x=1")).await.expect(200);
    assert!(step.text().contains("Show your certificate") && step.text().contains(ANN), "{}", step.text());
    let end = show(&mut ann, &step).await.expect(200);
    assert!(end.text() == "recorded" && end.url.ends_with("/signed/1?x=1"), "{} {}", end.url, end.text());
    assert_eq!(card.asked.load(Ordering::SeqCst), 1);
    assert_eq!(methods(&gate, &mut ann).await, json!(["email-code", "client-certificate"]));

    // Elsewhere it signs in by itself.
    let mails = gate.mails_to(ANN);
    let mut other = gate.browser_with(card);
    let page = other.open(&gate.url(CHARTS, "/signed/2")).await.expect(200);
    let end = show(&mut other, &page).await.expect(200);
    assert!(end.url.ends_with("/signed/2"), "{}", end.url);
    assert_eq!((methods(&gate, &mut other).await, gate.mails_to(ANN)), (json!(["client-certificate"]), mails), "nothing was mailed");
}

#[tokio::test]
async fn nobody_comes_in_by_a_certificate_that_does_not_count_or_by_somebody_elses() {
    let (app, partner, folder) = (RichApp::start().await, Partner::new("Partner"), tempfile::tempdir().unwrap());
    partner.write(folder.path());
    let gate = Plan::default().certificates(folder.path()).policy("charts.yaml", SIGNED).app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    for (card, why) in [
        (None, "has shown no certificate"),
        (Some(Partner::new("Stranger").card(1, ANN)), "comes from nobody who is known"),
        (Some(partner.card(2, "nobody@partner.example")), "names nobody who may come in"),
    ] {
        let mut browser = card.map_or_else(|| gate.browser(), |card| gate.browser_with(card));
        let page = browser.open(&gate.url(PORTAL, "/signin")).await.expect(200);
        let refused = show(&mut browser, &page).await.expect(403);
        assert!(refused.text().contains(why), "{why}: {}", refused.text());
        assert!(!browser.cookies(PORTAL).contains_key("__Host-guestgate"), "{why}");
    }
    // Bob is signed in, and finds Ann's card.
    let mut bob = gate.browser_with(partner.card(4, ANN));
    bob.redeem(&gate.invite("bob@partner.example", "charts"), &gate, "bob@partner.example").await.expect(200);
    let step = bob.open(&gate.url(CHARTS, "/signed/1")).await.expect(200);
    let refused = show(&mut bob, &step).await.expect(403);
    assert!(refused.text().contains("names nobody who may come in"), "{}", refused.text());
    assert_eq!(methods(&gate, &mut bob).await, json!(["email-code"]));
}

#[tokio::test]
async fn what_the_host_that_asks_says_is_for_the_browser_that_went_there() {
    let (app, partner, folder) = (RichApp::start().await, Partner::new("Partner"), tempfile::tempdir().unwrap());
    partner.write(folder.path());
    let gate = Plan::default().certificates(folder.path()).policy("charts.yaml", SIGNED).app("charts", app.at, "").start().await;
    gate.guest(ANN, "charts").await;
    let mut ann = gate.browser_with(partner.card(1, ANN));
    let page = ann.open(&gate.url(PORTAL, "/signin")).await.expect(200);
    let on = ann.post(&page, &form_to(&page, "/signin/certificate"), &[]).await.expect(200);
    let text = on.text();
    let there = text.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert!(there.starts_with(&gate.url(CARDS, "/?asked=")), "{there}");
    let back = ann.visit(&there).await.expect(303).header("location").to_owned();
    let mut thief = gate.browser();
    thief.open(&gate.url(PORTAL, "/signin")).await.expect(200);
    assert_eq!(thief.visit(&back).await.expect(303).header("location"), "/signin");
    assert!(!thief.cookies(PORTAL).contains_key("__Host-guestgate"));
    ann.open(&back).await.expect(200);
    assert!(ann.cookies(PORTAL).contains_key("__Host-guestgate"));
    // No page of the portal is there.
    assert_eq!(ann.visit(&gate.url(CARDS, "/account")).await.expect(303).header("location"), gate.url(PORTAL, "/signin"));
    ann.send(Method::POST, &gate.url(CARDS, "/signout"), &[("sec-fetch-site", "same-origin")], "").await.expect(405);
}

#[tokio::test]
async fn an_app_that_asks_judges_the_certificate_of_each_connection_and_again_when_it_is_revoked() {
    const RULES: &str = "
app: charts
policies:
  - { name: card, when: { not: { path: /open/** } }, require: [client-certificate] }
  - { name: device, when: { path: /device/**, not: { device: certified } }, block: Only from known machines. }
";
    let (app, partner, folder) = (RichApp::start().await, Partner::new("Partner"), tempfile::tempdir().unwrap());
    partner.write(folder.path());
    let gate = Plan::default().authorities(folder.path()).policy("charts.yaml", RULES).app(
        "charts",
        app.at,
        "client_certificate: ask\nwebsocket: true",
    );
    let gate = gate.app("wiki", app.at, "").start().await;
    let card = partner.card(7, ANN);
    let mut ann = gate.browser_with(card.clone());
    ann.redeem(&gate.invite(ANN, "charts"), &gate, ANN).await.expect(200);
    ann.fetch(&gate.url("wiki.example.test", "/")).await;
    let before = card.asked.load(Ordering::SeqCst);
    ann.fetch(&gate.url("wiki.example.test", "/")).await;
    ann.fetch(&gate.url(PORTAL, "/signin")).await;
    assert_eq!(card.asked.load(Ordering::SeqCst), before, "only the app that says so asks");
    ann.fetch(&gate.url(CHARTS, "/orders")).await.expect(200);
    ann.fetch(&gate.url(CHARTS, "/device/1")).await.expect(200);
    assert_eq!(methods(&gate, &mut ann).await, json!(["email-code", "client-certificate"]));
    for _ in 0..2 {
        let stream = ann.raw(CHARTS).await;
        assert_ne!(
            stream.get_ref().1.handshake_kind(),
            Some(HandshakeKind::Resumed),
            "nothing is resumed where certificates are asked for"
        );
    }

    // The same guest without a certificate, and with somebody else's.
    let without = ann.showing(&gate, None);
    let others = ann.showing(&gate, Some(partner.card(8, "bob@partner.example") as _));
    let strangers = ann.showing(&gate, Some(Partner::new("Stranger").card(7, ANN) as _));
    for mut browser in [without, others, strangers] {
        let refused = browser.fetch(&gate.url(CHARTS, "/orders")).await.expect(403);
        assert_eq!(refused.json()["unmet"], json!(["client-certificate"]), "{}", refused.text());
        browser.fetch(&gate.url(CHARTS, "/open/1")).await.expect(200);
        browser.fetch(&gate.url(CHARTS, "/device/1")).await.expect(403);
    }

    // Revoked while a WebSocket is open: it closes, and nothing more is let in.
    let mut socket = ann.socket(CHARTS, "/ws").await.unwrap();
    say(&mut socket, "still there?").await;
    std::fs::write(folder.path().join("beside"), partner.list(2, &[7])).unwrap();
    std::fs::rename(folder.path().join("beside"), folder.path().join("partners.crl")).unwrap();
    closed(&mut socket).await;
    eventually("the revocation", async || (ann.clone().fetch(&gate.url(CHARTS, "/orders")).await.status == 403).then_some(())).await;
    ann.fetch(&gate.url(CHARTS, "/open/1")).await.expect(200);
}
