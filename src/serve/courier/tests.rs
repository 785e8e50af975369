//! One mail and a mail server that has every misfortune there is, one after another.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::*;
use crate::{
    base::{EmailAddress, Entropy, Id as _, MailId, SecretText, Span, Timestamp},
    config::{Login, Mail, MailTransport, Mailbox, Smtp, SmtpSecurity, TrustAnchors},
    directory::{OutgoingMail, Proposal},
    store::{MailStage, MailState, SqliteStore, StoreKeys},
};

#[derive(Debug)]
struct Manual(AtomicI64);

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
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

/// What a server is asked, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Greeting,
    Hello,
    Login,
    From,
    To,
    Data,
    End,
}

/// What goes wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It answers this.
    Says(&'static str),
    /// It closes the connection.
    Drops,
    /// It takes its time, and goes on.
    Waits,
}

type Misfortune = Option<(At, Wrong)>;

#[derive(Debug, Default)]
struct Seen {
    next: Misfortune,
    taken: Vec<String>,
    logins: usize,
}

/// A mail server with TLS and a login.
struct Server {
    port: u16,
    ca: TrustAnchors,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    async fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).unwrap().der().clone();
        let own = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = certificate.signed_by(&own, &Issuer::new(authority, key)).unwrap().der().clone();
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = builder.with_single_cert(vec![certificate], PrivateKeyDer::try_from(own.serialize_der()).unwrap()).unwrap();
        let (acceptor, seen) = (TlsAcceptor::from(Arc::new(config)), Arc::new(Mutex::new(Seen::default())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    Talk { stream: BufReader::new(stream), seen }.run().await;
                });
            }
        });
        Self { port, ca: TrustAnchors { path: "ca.pem".into(), certificates: [root].into() }, seen }
    }

    fn mailer(&self, clock: Arc<dyn Clock>) -> Mailer {
        let login = Login { username: "guestgate".to_owned(), password: Arc::new(SecretText::new("correct horse".to_owned())) };
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: SmtpSecurity::Tls,
            login: Some(login),
            ca: Some(self.ca.clone()),
        };
        let from = Mailbox { name: None, address: EmailAddress::parse("no-reply@example.com").unwrap() };
        Mailer::new(&Mail { from, transport: MailTransport::Smtp(smtp), templates: None }, clock).unwrap()
    }
}

struct Talk {
    stream: BufReader<TlsStream<TcpStream>>,
    seen: Arc<Mutex<Seen>>,
}

impl Talk {
    async fn run(mut self) -> Option<()> {
        self.reply(At::Greeting, "220 ready").await?;
        loop {
            let line = self.hear().await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.reply(At::Hello, "250-mail.example\r\n250 AUTH PLAIN").await?,
                "AUTH" => {
                    let right = line.split(' ').nth(2) == Some(&STANDARD.encode("\0guestgate\0correct horse"));
                    self.seen.lock().unwrap().logins += 1;
                    self.reply(At::Login, if right { "235 welcome" } else { "535 wrong" }).await?;
                }
                "MAIL" => self.reply(At::From, "250 fine").await?,
                "RCPT" => self.reply(At::To, "250 fine").await?,
                "DATA" => self.data().await?,
                "QUIT" => {
                    self.tell("221 bye").await?;
                    return None;
                }
                _ => self.tell("250 fine").await?,
            }
        }
    }

    async fn data(&mut self) -> Option<()> {
        if !self.answer(At::Data, "354 go on").await? {
            return Some(());
        }
        let mut mail = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line == ".\r\n" {
                break;
            }
            mail.push_str(&line);
        }
        if self.answer(At::End, "250 taken").await? {
            self.seen.lock().unwrap().taken.push(mail);
        }
        Some(())
    }

    async fn reply(&mut self, at: At, usual: &str) -> Option<()> {
        self.answer(at, usual).await.map(|_| ())
    }

    /// Says this, unless something goes wrong here; whether nothing did.
    async fn answer(&mut self, at: At, usual: &str) -> Option<bool> {
        let wrong = match self.seen.lock().unwrap().next {
            Some((here, wrong)) if here == at => Some(wrong),
            _ => None,
        };
        match wrong {
            Some(Wrong::Drops) => None,
            Some(Wrong::Says(text)) => self.tell(text).await.map(|()| false),
            Some(Wrong::Waits) => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.tell(usual).await.map(|()| true)
            }
            None => self.tell(usual).await.map(|()| true),
        }
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }

    async fn tell(&mut self, text: &str) -> Option<()> {
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }
}

struct World {
    store: Arc<dyn Store>,
    clock: Arc<Manual>,
    mailer: Mailer,
    server: Server,
    entropy: Arc<dyn Entropy>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        let keys = StoreKeys::derive(&[7; 32]).unwrap();
        let store = SqliteStore::open(&folder.path().join("guestgate.db"), keys, Arc::clone(&entropy)).await.unwrap();
        let clock = Arc::new(Manual(AtomicI64::new(1_800_000_000_000)));
        let server = Server::start().await;
        let mailer = server.mailer(clock.clone());
        Self { store: Arc::new(store), clock, mailer, server, entropy, _folder: folder }
    }

    async fn queue(&self) -> MailId {
        let id = MailId::random(&*self.entropy);
        let to = EmailAddress::parse("ann@partner.example").unwrap();
        let mail = OutgoingMail { id, to, subject: "Come".to_owned(), text: "in".to_owned(), html: None };
        self.store.commit(Proposal::at(self.clock.now()).with_mail(mail)).await.unwrap();
        id
    }

    /// One look at the queue, with this misfortune; how many mails were due.
    async fn carry(&self, next: Misfortune) -> usize {
        self.server.seen.lock().unwrap().next = next;
        carry(&*self.store, &*self.clock, &self.mailer).await.unwrap()
    }

    fn pass(&self, span: Span) {
        self.clock.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }

    async fn state(&self, id: MailId) -> MailState {
        self.store.mail_state(id).await.unwrap().unwrap()
    }
}

const EVERYWHERE: [At; 7] = [At::Greeting, At::Hello, At::Login, At::From, At::To, At::Data, At::End];

#[tokio::test]
async fn a_mail_survives_whatever_happens_to_its_server_and_arrives_once() {
    let world = World::begin().await;
    let id = world.queue().await;
    let mut delay = Span::secs(15);
    let refusals = EVERYWHERE.map(|at| (at, Wrong::Says("451 come back later")));
    let silences = EVERYWHERE.map(|at| (at, Wrong::Drops));
    // What is said before the mail is about us, however final it sounds.
    let about_us = [
        (At::Greeting, Wrong::Says("554 no service here")),
        (At::Hello, Wrong::Says("550 I do not talk to you")),
        (At::Login, Wrong::Says("535 wrong")),
    ];
    let all: Vec<(At, Wrong)> = refusals.into_iter().chain(silences).chain(about_us).collect();
    for (n, misfortune) in (1..).zip(all) {
        assert_eq!(world.carry(Some(misfortune)).await, 1, "{misfortune:?}");
        let state = world.state(id).await;
        assert_eq!((state.stage, state.attempts), (MailStage::Waiting, n), "{misfortune:?}: {state:?}");
        assert!(state.error.is_some_and(|said| !said.is_empty()), "{misfortune:?}");
        // Each time it waits twice as long, up to an hour.
        world.pass(Span::millis(delay.as_millis() - 1));
        assert_eq!(world.carry(None).await, 0, "{misfortune:?}: too early");
        world.pass(Span::millis(1));
        delay = Span::millis(delay.as_millis() * 2).min(Span::hours(1));
    }
    assert!(world.server.seen.lock().unwrap().taken.is_empty());
    assert_eq!(world.carry(Some((At::Data, Wrong::Waits))).await, 1);
    assert_eq!(world.state(id).await.stage, MailStage::Sent);
    world.pass(Span::days(1));
    assert_eq!(world.carry(None).await, 0);
    let seen = world.server.seen.lock().unwrap();
    assert_eq!(seen.taken.len(), 1);
    assert!(seen.taken[0].contains("Subject: Come") && seen.logins > 0);
}

#[tokio::test]
async fn a_mail_that_is_refused_itself_is_given_up_at_once() {
    let world = World::begin().await;
    for (at, says) in [(At::From, "550 not you"), (At::To, "550 no such person"), (At::Data, "554 no"), (At::End, "552 too large")] {
        let id = world.queue().await;
        assert_eq!(world.carry(Some((at, Wrong::Says(says)))).await, 1);
        let state = world.state(id).await;
        assert_eq!((state.stage, state.attempts), (MailStage::Refused, 1), "{at:?}: {state:?}");
        assert!(state.error.is_some_and(|said| said.contains(&says[..3])), "{at:?}");
    }
    assert_eq!(world.store.mails_waiting().await.unwrap(), 0);
}
