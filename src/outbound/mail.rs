//! Mail to a server by SMTP, or to a folder as `.eml` files.
//!
//! One mail, one attempt. A mail that is sent again after a crash has the same `Message-ID`, so that most mail programs show it once.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart, SinglePart},
    transport::smtp::{
        AsyncSmtpTransportBuilder, Error as SmtpError, PoolConfig,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use tokio::io::AsyncWriteExt;

use crate::{
    base::{Clock, EmailAddress},
    config::{Mail, MailTransport, Smtp, SmtpSecurity},
    directory::OutgoingMail,
};

/// The way out for mail.
pub struct Mailer {
    from: Mailbox,
    clock: Arc<dyn Clock>,
    way: Way,
}

/// Where a mail went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// A mail server took it over.
    Accepted,
    /// It lies in this file.
    Written(PathBuf),
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Another attempt would end alike, such as an address that the server refuses.
    #[error("the mail cannot be delivered")]
    Permanent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Worth another attempt.
    #[error("the mail could not be delivered yet")]
    Transient(#[source] Box<dyn std::error::Error + Send + Sync>),
}

enum Way {
    Smtp {
        builder: AsyncSmtpTransportBuilder,
        /// Made with the first mail: its pool wants a running runtime.
        transport: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
    },
    Outbox(PathBuf),
}

/// Longest wait for one answer of a mail server.
const ANSWER: Duration = Duration::from_secs(30);
/// Longest attempt altogether.
const ATTEMPT: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
#[error("the mail server took longer than {} s", ATTEMPT.as_secs())]
struct TooSlow;

impl Mailer {
    /// The way that the configuration names. Opens nothing yet.
    pub fn new(mail: &Mail, clock: Arc<dyn Clock>) -> Result<Self, MailError> {
        let from = Mailbox::new(mail.from.name.clone(), address(&mail.from.address)?);
        let way = match &mail.transport {
            MailTransport::Outbox(folder) => Way::Outbox(folder.clone()),
            MailTransport::Smtp(smtp) => Way::Smtp { builder: builder(smtp).map_err(permanent)?, transport: OnceLock::new() },
        };
        Ok(Self { from, clock, way })
    }

    fn message(&self, mail: &OutgoingMail) -> Result<Message, MailError> {
        let now = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        let head = Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(UNIX_EPOCH + Duration::from_millis(now))
            .from(self.from.clone())
            .to(Mailbox::new(None, address(&mail.to)?))
            .subject(mail.subject.as_str())
            .header(AutoSubmitted);
        let built = match &mail.html {
            Some(html) => head.multipart(MultiPart::alternative_plain_html(mail.text.clone(), html.clone())),
            None => head.singlepart(SinglePart::plain(mail.text.clone())),
        };
        built.map_err(permanent)
    }
}

/// Sends one mail once.
pub async fn send(mailer: &Mailer, mail: &OutgoingMail) -> Result<Delivered, MailError> {
    let message = mailer.message(mail)?;
    match &mailer.way {
        Way::Outbox(folder) => {
            let at = mailer.clock.now().to_string();
            let name = file_name(&at, &mail.to, &mail.id.to_string());
            write(folder, &name, &message.formatted()).await.map(Delivered::Written).map_err(transient)
        }
        Way::Smtp { builder, transport } => {
            let transport = transport.get_or_init(|| builder.clone().build());
            let attempt = async {
                match transport.send(message).await {
                    Ok(_) => Ok(Delivered::Accepted),
                    Err(cause) if is_of_the_mail(&cause) && talks(transport).await => Err(permanent(cause)),
                    Err(cause) => Err(transient(cause)),
                }
            };
            tokio::time::timeout(ATTEMPT, attempt).await.unwrap_or_else(|_| Err(transient(TooSlow)))
        }
    }
}

fn builder(smtp: &Smtp) -> Result<AsyncSmtpTransportBuilder, SmtpError> {
    let tls = || -> Result<TlsParameters, SmtpError> {
        let mut parameters = TlsParameters::builder(smtp.host.clone());
        if let Some(ca) = &smtp.ca {
            parameters = parameters.certificate_store(CertificateStore::None);
            for certificate in ca.certificates.iter() {
                parameters = parameters.add_root_certificate(Certificate::from_der(certificate.as_ref().to_vec())?);
            }
        } else {
            parameters = parameters.certificate_store(CertificateStore::WebpkiRoots);
        }
        parameters.build()
    };
    let tls = match smtp.security {
        SmtpSecurity::Tls => Tls::Wrapper(tls()?),
        SmtpSecurity::StartTls => Tls::Required(tls()?),
        SmtpSecurity::Plain => Tls::None,
    };
    // The name is dangerous only as long as nobody says how TLS is done, which the next line does.
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.clone())
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(ANSWER))
        .pool_config(PoolConfig::new().max_size(2).idle_timeout(Duration::from_secs(20)));
    if let Some(login) = &smtp.login {
        builder = builder.credentials(Credentials::new(login.username.clone(), login.password.reveal().to_owned()));
    }
    Ok(builder)
}

/// Whether a mail is refused for good. A refused login is the operator's to mend, after which the mail can leave.
fn is_of_the_mail(cause: &SmtpError) -> bool {
    let login = cause.status().is_some_and(|code| [530, 534, 535, 538].contains(&u16::from(code)));
    cause.is_permanent() && !login
}

/// Whether the server serves us at all. Where it does not, what it says is about us, and no reason to give a mail up.
async fn talks(transport: &AsyncSmtpTransport<Tokio1Executor>) -> bool {
    transport.test_connection().await.unwrap_or(false)
}

/// The file appears whole or not at all, readable by us alone: there are codes and links in it.
async fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    let (half, whole) = (folder.join(format!(".{name}.part")), folder.join(name));
    let mut file = tokio::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(&half, &whole).await?;
    Ok(whole)
}

/// Time, address and id, such as `2026-01-14T12-00-00Z ann@partner.example AAAA.eml`, without what file systems dislike.
fn file_name(at: &str, to: &EmailAddress, id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    let folded = |text: &str| text.chars().map(|c| if fits(c) { c } else { '-' }).take(100).collect::<String>();
    format!("{}_{}_{}.eml", folded(at), folded(to.as_str()), folded(id))
}

fn address(address: &EmailAddress) -> Result<Address, MailError> {
    Address::new(address.local(), address.domain()).map_err(permanent)
}

fn permanent(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> MailError {
    MailError::Permanent(cause.into())
}

fn transient(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> MailError {
    MailError::Transient(cause.into())
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer(…)")
    }
}

/// Tells vacation notices and the like not to answer.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::base::{Id, MailId, Timestamp};

    #[derive(Debug)]
    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_768_392_000_000)
        }
    }

    fn mailer(transport: MailTransport) -> Mailer {
        let from = crate::config::Mailbox {
            name: Some("Partner access".to_owned()),
            address: EmailAddress::parse("no-reply@example.com").unwrap(),
        };
        Mailer::new(&Mail { from, transport, templates: None }, Arc::new(Fixed)).unwrap()
    }

    fn mail() -> OutgoingMail {
        OutgoingMail {
            id: MailId::from_bytes([1; 16]),
            to: EmailAddress::parse("a/../b@partner.example").unwrap_or_else(|_| EmailAddress::parse("a/b@partner.example").unwrap()),
            subject: "Grüße".to_owned(),
            text: "Your code is 1234 5678".to_owned(),
            html: Some("<p>Your code is 1234 5678</p>".to_owned()),
        }
    }

    /// A mail server that answers each command with what the test says, and the lines it has read.
    async fn server(refuse_recipient: &'static str) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever was refused asks whether the server serves it at all.
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut lines = [0; 512];
                    let _ = stream.write_all(b"220 here\r\n").await;
                    while stream.read(&mut lines).await.is_ok_and(|n| n > 0) {
                        let _ = stream.write_all(b"250 fine\r\n").await;
                    }
                }
            });
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 here\r\n").await.unwrap();
            let mut lines = Vec::new();
            let mut in_data = false;
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return lines;
                }
                let reply = match line.trim_end() {
                    "." if in_data => {
                        in_data = false;
                        "250 taken\r\n"
                    }
                    _ if in_data => "",
                    "DATA" => {
                        in_data = true;
                        "354 go on\r\n"
                    }
                    l if l.starts_with("RCPT") => refuse_recipient,
                    "QUIT" => "221 bye\r\n",
                    _ => "250 fine\r\n",
                };
                let done = line.trim_end() == "."
                    || line.starts_with("QUIT")
                    || refuse_recipient.starts_with(['4', '5']) && line.starts_with("RCPT");
                lines.push(line);
                if stream.write_all(reply.as_bytes()).await.is_err() || done {
                    return lines;
                }
            }
        });
        (port, task)
    }

    fn plain(port: u16) -> MailTransport {
        MailTransport::Smtp(Smtp { host: "127.0.0.1".to_owned(), port, security: SmtpSecurity::Plain, login: None, ca: None })
    }

    #[tokio::test]
    async fn a_mail_becomes_one_private_file_with_a_stable_message_id() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let mailer = mailer(MailTransport::Outbox(outbox.clone()));
        send(&mailer, &mail()).await.unwrap();
        let Delivered::Written(path) = send(&mailer, &mail()).await.unwrap() else { panic!("not a file") };
        assert_eq!(path.parent(), Some(outbox.as_path()), "the address does not leave the folder");
        assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 1, "sent again after a crash, it is the same file");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        for part in [
            "Message-ID: <AQEBAQEBAQEBAQEBAQEBAQ@example.com>",
            "Date: Wed, 14 Jan 2026 12:00:00 +0000",
            "From: \"Partner access\" <no-reply@example.com>",
            "multipart/alternative",
            "Auto-Submitted: auto-generated",
            "Your code is 1234 5678",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[tokio::test]
    async fn a_mail_server_gets_the_mail() {
        let (port, lines) = server("250 fine\r\n").await;
        assert_eq!(send(&mailer(plain(port)), &mail()).await.unwrap(), Delivered::Accepted);
        let lines = lines.await.unwrap().concat();
        assert!(lines.contains("MAIL FROM:<no-reply@example.com>") && lines.contains("Message-ID: <AQEB"), "{lines}");
    }

    #[tokio::test]
    async fn a_refused_address_is_permanent_and_a_busy_server_is_not() {
        let (port, _) = server("550 no such person\r\n").await;
        assert!(matches!(send(&mailer(plain(port)), &mail()).await, Err(MailError::Permanent(_))));
        let (port, _) = server("451 later\r\n").await;
        assert!(matches!(send(&mailer(plain(port)), &mail()).await, Err(MailError::Transient(_))));
        let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
        assert!(matches!(send(&mailer(plain(closed)), &mail()).await, Err(MailError::Transient(_))));
    }

    #[tokio::test]
    async fn starttls_that_the_server_does_not_offer_is_never_skipped() {
        let (port, lines) = server("250 fine\r\n").await;
        let smtp = Smtp { host: "127.0.0.1".to_owned(), port, security: SmtpSecurity::StartTls, login: None, ca: None };
        assert!(send(&mailer(MailTransport::Smtp(smtp)), &mail()).await.is_err());
        assert!(!lines.await.unwrap().concat().contains("MAIL FROM"));
    }
}
