//! Mail by a real SMTP conversation: what is delivered, what is tried again, what is given up, and to whom nothing is ever said.

use std::{
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::kit::{Gateway, PATIENCE, Plan, Recorder, browser::form_to, eventually, within};

const ANN: &str = "ann@partner.example";
const BOB: &str = "bob@partner.example";
/// The product itself waits 15 seconds before it tries again.
const ANOTHER_ATTEMPT: Duration = Duration::from_secs(60);
const USER: &str = "guestgate";
const PASSWORD: &str = "correct horse";

/// When the server begins to speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// From the first byte.
    Implicit,
    /// When the client asks, as it is invited to.
    StartTls,
    /// Somebody in between has taken the invitation out of the greeting.
    Stripped,
}

/// What becomes of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Not now: refused at its recipient.
    Later,
    /// The connection ends when the mail has been sent, before the server has said whether it took it.
    Dropped,
    /// Refused for good at its recipient.
    Never,
}

/// What a server has been told, and what it took.
#[derive(Debug, Default)]
struct Seen {
    /// Fates of the next mails; those after them are taken.
    fates: Vec<Fate>,
    connections: usize,
    in_clear: Vec<String>,
    under_tls: Vec<String>,
    /// Whole mails that were sent, taken or not.
    sent: Vec<String>,
    taken: Vec<String>,
}

/// A mail server with a certificate of an authority of its own.
struct Server {
    seen: Arc<Mutex<Seen>>,
    folder: tempfile::TempDir,
    port: u16,
    scheme: &'static str,
}

impl Server {
    /// One that its clients can trust.
    async fn start(security: Security, fates: &[Fate]) -> Self {
        Self::with_name(security, "127.0.0.1", fates).await
    }

    /// One whose certificate names this host.
    async fn with_name(security: Security, name: &str, fates: &[Fate]) -> Self {
        let (authority, acceptor) = certified(name);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), authority).unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let seen = Arc::new(Mutex::new(Seen { fates: fates.iter().rev().copied().collect(), ..Seen::default() }));
        let scheme = if security == Security::Implicit { "smtps" } else { "starttls" };
        let server = Self { seen: seen.clone(), folder, port: listener.local_addr().unwrap().port(), scheme };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, security, acceptor.clone(), seen.clone()));
            }
        });
        server
    }

    /// The `mail` section that names this server.
    fn yaml(&self) -> String {
        self.yaml_trusting(self)
    }

    /// The same, trusting the authority of another.
    fn yaml_trusting(&self, other: &Self) -> String {
        format!(
            "{{ smtp: \"{}://127.0.0.1:{}\", username: {USER}, password_file: {}, ca: {}, from: \"Example access <no-reply@example.test>\" }}",
            self.scheme,
            self.port,
            self.folder.path().join("password").display(),
            other.folder.path().join("authority.pem").display()
        )
    }

    /// Waits for a mail to this address that the server took; its text.
    async fn took(&self, to: &str, patience: Duration) -> String {
        let header = format!("To: {to}");
        let mail = within(patience, &format!("a mail to {to}"), || {
            std::future::ready(self.seen.lock().unwrap().taken.iter().find(|m| m.contains(&header)).cloned())
        })
        .await;
        mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap().body_text(0).unwrap().into_owned()
    }

    fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        at(&self.seen.lock().unwrap())
    }
}

/// An authority, and what a server of this name needs to be trusted under it.
fn certified(name: &str) -> (String, TlsAcceptor) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

async fn serve(stream: TcpStream, security: Security, acceptor: TlsAcceptor, seen: Arc<Mutex<Seen>>) {
    if security == Security::Implicit {
        let Ok(stream) = acceptor.accept(stream).await else { return };
        Talk { stream: BufReader::new(stream), tls: true, invites: false, seen }.run(true).await;
        return;
    }
    let invites = security == Security::StartTls;
    let plain = Talk { stream: BufReader::new(stream), tls: false, invites, seen: seen.clone() };
    if let Some(stream) = plain.run(true).await
        && let Ok(stream) = acceptor.accept(stream).await
    {
        Talk { stream: BufReader::new(stream), tls: true, invites: false, seen }.run(false).await;
    }
}

/// One conversation.
struct Talk<S> {
    stream: BufReader<S>,
    tls: bool,
    invites: bool,
    seen: Arc<Mutex<Seen>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Until the client leaves; the stream, if it is to go on under TLS.
    async fn run(mut self, greets: bool) -> Option<S> {
        if greets {
            self.say("220 mail.example.test ready").await?;
        }
        loop {
            let line = self.hear().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" if self.invites => self.say("250-mail.example.test\r\n250 STARTTLS").await?,
                // The temptation stands in clear too: only the client's own rule keeps the password from it.
                "EHLO" => self.say("250-mail.example.test\r\n250 AUTH PLAIN LOGIN").await?,
                "STARTTLS" if self.invites => {
                    self.say("220 go ahead").await?;
                    return Some(self.stream.into_inner());
                }
                "AUTH" => {
                    let right = line.split(' ').nth(2) == Some(&STANDARD.encode(format!("\0{USER}\0{PASSWORD}")));
                    self.say(if right { "235 welcome" } else { "535 wrong" }).await?;
                }
                "RCPT" => self.recipient().await?,
                "DATA" => self.data().await?,
                "QUIT" => {
                    self.say("221 bye").await?;
                    return None;
                }
                "MAIL" | "NOOP" | "RSET" => self.say("250 fine").await?,
                _ => self.say("500 what").await?,
            }
        }
    }

    async fn recipient(&mut self) -> Option<()> {
        let answer = {
            let mut seen = self.seen.lock().unwrap();
            match seen.fates.last() {
                Some(Fate::Later) => {
                    seen.fates.pop();
                    "451 come back later"
                }
                Some(Fate::Never) => {
                    seen.fates.pop();
                    "550 no such person"
                }
                Some(Fate::Dropped) | None => "250 fine",
            }
        };
        self.say(answer).await
    }

    async fn data(&mut self) -> Option<()> {
        self.say("354 go on").await?;
        let mut mail = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line == ".\r\n" {
                break;
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        {
            let mut seen = self.seen.lock().unwrap();
            seen.sent.push(mail.clone());
            if seen.fates.last() == Some(&Fate::Dropped) {
                seen.fates.pop();
                return None;
            }
            seen.taken.push(mail);
        }
        self.say("250 taken").await
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        let mut seen = self.seen.lock().unwrap();
        if self.tls {
            seen.under_tls.push(line.clone())
        } else {
            seen.in_clear.push(line.clone())
        }
        drop(seen);
        Some(line)
    }

    async fn say(&mut self, text: &str) -> Option<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }
}

async fn gateway(mail: &str) -> (Gateway, Recorder) {
    let app = Recorder::start().await;
    (Plan::default().mail(mail).app("charts", app.at, "").start().await, app)
}

fn invite(gate: &Gateway, email: &str) {
    gate.json(&["invite", email, "--app", "charts"]);
}

/// Waits until the gateway has said this.
async fn said(gate: &Gateway, what: &str) {
    eventually(what, || std::future::ready(gate.log().contains(what).then_some(()))).await;
}

fn message_ids(mails: &[String]) -> Vec<&str> {
    mails.iter().map(|mail| mail.lines().find(|l| l.starts_with("Message-ID:")).expect("a mail without an id")).collect()
}

/// The way from the mailed link into the app.
async fn redeem(gate: &Gateway, app: &Recorder, mail: &str) {
    let link = mail.split_whitespace().find(|w| w.contains("/invitations/")).expect("no link in the mail");
    let mut ann = gate.browser();
    let page = ann.open(link).await.expect(200);
    let end = ann.submit(&page, &form_to(&page, "/invitations/"), &[]).await.expect(200);
    assert_eq!(end.text(), "recorded");
    assert_eq!(app.heads().len(), 1);
}

#[tokio::test]
async fn an_invitation_by_smtps_lets_a_guest_in() {
    let server = Server::start(Security::Implicit, &[]).await;
    let (gate, app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    let mail = server.took(ANN, PATIENCE).await;
    redeem(&gate, &app, &mail).await;
    assert!(server.look(|seen| seen.under_tls.iter().any(|l| l.starts_with("AUTH ")) && seen.in_clear.is_empty()));
    assert!(!gate.log().contains(PASSWORD), "the password is in the log");
}

#[tokio::test]
async fn an_invitation_by_starttls_lets_a_guest_in() {
    let server = Server::start(Security::StartTls, &[]).await;
    let (gate, app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    let mail = server.took(ANN, PATIENCE).await;
    redeem(&gate, &app, &mail).await;
    server.look(|seen| {
        let verbs: Vec<&str> = seen.in_clear.iter().filter_map(|l| l.split(' ').next()).collect();
        assert_eq!(verbs, ["EHLO", "STARTTLS"], "nothing else is said in clear");
        assert!(seen.under_tls.iter().any(|l| l.starts_with("AUTH ")));
    });
}

#[tokio::test]
async fn a_busy_server_gets_the_mail_later_and_once() {
    let server = Server::start(Security::Implicit, &[Fate::Later]).await;
    let (gate, _app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    said(&gate, "mail waits for another attempt").await;
    assert!(server.look(|seen| seen.taken.is_empty()));
    assert_eq!(gate.json(&["invitations", "list"])["items"][0]["mail"], "delayed");
    server.took(ANN, ANOTHER_ATTEMPT).await;
    eventually("the inviter sees that it was sent", || {
        let sent = gate.json(&["invitations", "list"])["items"][0]["mail"] == "sent";
        std::future::ready(sent.then_some(()))
    })
    .await;
    // Another process looks at the queue from the start; it finds the second mail only.
    let gate = gate.kill_and_restart().await;
    invite(&gate, BOB);
    server.took(BOB, PATIENCE).await;
    server.look(|seen| assert_eq!(seen.taken.len(), 2));
}

#[tokio::test]
async fn a_mail_that_is_sent_again_after_a_broken_connection_has_the_same_message_id() {
    let server = Server::start(Security::StartTls, &[Fate::Dropped]).await;
    let (gate, app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    said(&gate, "mail waits for another attempt").await;
    let mail = server.took(ANN, ANOTHER_ATTEMPT).await;
    redeem(&gate, &app, &mail).await;
    server.look(|seen| {
        let ids = message_ids(&seen.sent);
        assert_eq!(ids.len(), 2, "sent twice, because nobody said that the first was taken");
        assert_eq!(ids[0], ids[1]);
        assert_eq!(seen.taken.len(), 1);
    });
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up() {
    let server = Server::start(Security::Implicit, &[Fate::Never]).await;
    let (gate, _app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    said(&gate, "mail is given up").await;
    let seen = gate.json(&["invitations", "list"]);
    assert_eq!((&seen["items"][0]["mail"], &seen["items"][0]["mail_attempts"]), (&"refused".into(), &1.into()), "{seen}");
    assert!(
        seen["items"][0]["mail_error"].as_str().is_some_and(|why| why.contains("550")),
        "the inviter sees what the server said: {seen}"
    );
    let gate = gate.kill_and_restart().await;
    invite(&gate, BOB);
    server.took(BOB, PATIENCE).await;
    server.look(|seen| {
        let to_ann = seen.under_tls.iter().filter(|l| l.starts_with("RCPT") && l.contains(ANN)).count();
        assert_eq!((to_ann, seen.taken.len()), (1, 1));
    });
    assert!(!gate.log().contains("mail waits"), "nothing is left to be tried again");
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_told_nothing() {
    for security in [Security::Implicit, Security::StartTls] {
        let (server, other) = (Server::start(security, &[]).await, Server::start(security, &[]).await);
        let stranger = server.yaml_trusting(&other);
        let misnamed = Server::with_name(security, "mail.other.test", &[]).await;
        for (server, yaml) in [(&server, stranger), (&misnamed, misnamed.yaml())] {
            let (gate, _app) = gateway(&yaml).await;
            invite(&gate, ANN);
            said(&gate, "mail waits for another attempt").await;
            server.look(|seen| {
                assert!(seen.connections > 0, "nobody called");
                assert!(seen.under_tls.is_empty() && seen.sent.is_empty(), "{:?}", seen.under_tls);
                assert!(seen.in_clear.iter().all(|l| l.starts_with("EHLO ") || l == "STARTTLS" || l == "QUIT"), "{:?}", seen.in_clear);
            });
        }
    }
}

#[tokio::test]
async fn without_the_offer_of_tls_no_mail_leaves() {
    let server = Server::start(Security::Stripped, &[]).await;
    let (gate, _app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    eventually("the end of the attempt", || {
        let log = gate.log();
        std::future::ready((log.contains("mail waits for another attempt") || log.contains("mail is given up")).then_some(()))
    })
    .await;
    server.look(|seen| {
        assert!(seen.connections > 0 && seen.sent.is_empty());
        assert!(seen.in_clear.iter().all(|l| l.starts_with("EHLO ") || l == "STARTTLS" || l == "QUIT"), "{:?}", seen.in_clear);
    });
}

#[tokio::test]
async fn an_invitation_comes_in_its_language_with_both_forms_saying_the_same() {
    let server = Server::start(Security::Implicit, &[]).await;
    let (gate, _app) = gateway(&server.yaml()).await;
    gate.json(&["invite", ANN, "--app", "charts", "--language", "de-AT", "--message", "Willkommen <im> Projekt"]);
    let text = server.took(ANN, PATIENCE).await;
    let whole = server.look(|seen| seen.taken.iter().find(|mail| mail.contains(ANN)).cloned().unwrap());
    let mail = mail_parser::MessageParser::default().parse(whole.as_bytes()).unwrap();
    let html = mail.body_html(0).unwrap().replace("&#x2f;", "/");
    assert!(mail.subject().unwrap().contains("lädt Sie ein"), "{:?}", mail.subject());
    for part in ["lädt Sie ein", "90 Tage", "/invitations/"] {
        assert!(text.contains(part) && html.contains(part), "{part}: {text}\n{html}");
    }
    assert!(html.contains("<html lang=\"de\" dir=\"ltr\">") && html.contains("&lt;im&gt;") && text.contains("<im>"), "{html}");
    let refused = gate.cli(&["invite", BOB, "--app", "charts", "--language", "tlh"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("there are no texts in the language `tlh`"), "{said}");
}

#[tokio::test]
async fn a_mail_that_comes_back_is_shown_to_whoever_invited() {
    let server = Server::start(Security::Implicit, &[]).await;
    let (gate, _app) = gateway(&server.yaml()).await;
    invite(&gate, ANN);
    server.took(ANN, PATIENCE).await;
    let sent = || gate.json(&["invitations", "list"])["items"][0].clone();
    eventually("that it was sent", || std::future::ready((sent()["mail"] == "sent").then_some(()))).await;
    let whole = server.look(|seen| seen.taken[0].clone());
    let (head, _) = whole.split_once("\r\n\r\n").unwrap();
    let notice = |action: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {ANN}\r\n\
             Action: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 nobody of this name\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--b--\r\n"
        )
    };
    assert!(!came(&gate, &notice("delayed")).status.success(), "a mail that is late has not come back");
    assert!(!came(&gate, "Subject: hello\r\n\r\nIs anybody there?\r\n").status.success());
    assert_eq!(sent()["mail"], "sent");
    let taken = came(&gate, &notice("failed"));
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    let seen = sent();
    assert_eq!(seen["mail"], "bounced");
    assert!(seen["mail_error"].as_str().unwrap().contains("nobody of this name"), "{seen}");
}

/// A message comes to the mailbox that mails are from, whose mail server hands it to the program.
fn came(gate: &Gateway, message: &str) -> std::process::Output {
    use std::{io::Write as _, process::Stdio};
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_guestgate"));
    let program = program.args(["mail", "bounced", "--config"]).arg(gate.config_file());
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
