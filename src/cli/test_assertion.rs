//! `guestgate test-assertion`: asks an app with a genuine assertion and with deliberately bad ones, so that its owner learns whether it
//! really checks them.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls};

use super::{
    Ended, Global, print,
    table::{Column, print_json, print_table},
};
use crate::{
    base::{AppId, Clock as _, EmailAddress, Entropy as _, Factor, GuestId, Host, Id as _, InvitationId, Kind, SessionId, Span, Timestamp},
    config::{App, RewriteHost, Scheme, Storage, Upstream, UpstreamHost},
    identity::{AssertionClaims, KeyRing, MasterKey},
    serve::{self, Masters, SystemClock, SystemEntropy},
};

/// `guestgate test-assertion`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The app
    #[arg(long)]
    app: AppId,
    /// A path of the app that only people who are signed in may see
    #[arg(long, default_value = "/")]
    path: String,
    /// Whose assertion it is; nobody is invited by this
    #[arg(long, default_value = "test-assertion@example.com")]
    email: EmailAddress,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read, in bytes.
const MOST: usize = 1024 * 1024;
const TRIAL: [Column; 4] = [Column("sent", "sent"), Column("status", "answer"), Column("result", "result"), Column("good", "good")];

/// An assertion that an app must refuse, and what is wrong with it.
type Bad = (&'static str, Option<String>);

impl Args {
    /// Carries it out, with the keys of the data folder, against the app's first upstream.
    pub(crate) async fn run(self, global: &Global) -> anyhow::Result<Ended> {
        let config = serve::read_config(&global.config)?.config;
        let app = config.app(&self.app).with_context(|| format!("there is no app `{}`", self.app))?;
        let Storage::Sqlite(database) = &config.storage;
        anyhow::ensure!(database.exists(), "there is no database at `{}` yet, and no key", database.display());
        let masters = Masters::open(&config.data_dir, database, &(Arc::new(SystemEntropy) as _)).await?;
        let keys = masters.ring(&config)?;
        let claims = self.claims(app, SystemClock::default().now());
        let genuine = self.ask(app, Some(keys.assertion(&claims))).await?;
        let (mut items, mut checks) = (vec![told("a genuine assertion", genuine, !is_refusal(genuine), is_refusal(genuine))], true);
        for (sent, assertion) in bad_ones(&keys, &masters.current, &claims)? {
            let answer = self.ask(app, assertion).await?;
            // Who is shown a sign-in page is not let in either.
            let refused = is_refusal(answer) || (!answer.is_success() && answer != genuine);
            checks &= refused;
            items.push(told(sent, answer, refused, refused));
        }
        let accepts = !is_refusal(genuine);
        if self.json {
            print_json(&json!({"app": self.app.as_str(), "checks": checks, "accepts": accepts, "items": items}))?;
        } else {
            print_table(&json!({ "items": items }), false, &TRIAL)?;
            let verdict = match (accepts, checks) {
                (true, true) => "the app checks assertions",
                (true, false) => "the app lets people in by assertions that nobody made: whoever reaches it is whoever they want to be",
                (false, _) => "the app refuses a genuine assertion; does it know the issuer, its own host and the keys?",
            };
            print::verdict(verdict, accepts && checks)?;
        }
        Ok(if accepts && checks { Ended::Done } else { Ended::Refused })
    }

    fn claims(&self, app: &App, now: Timestamp) -> AssertionClaims {
        AssertionClaims {
            aud: app.host.clone(),
            sub: GuestId::random(&SystemEntropy),
            email: self.email.clone(),
            kind: Kind::Guest,
            groups: Vec::new(),
            role: None,
            amr: vec![Factor::EmailCode],
            auth_time: now,
            sid: SessionId::random(&SystemEntropy),
            inv: Some(InvitationId::random(&SystemEntropy)),
            iat: now,
            exp: now.plus(Span::mins(5)),
            justification: None,
        }
    }

    /// The status of the app's answer. The plain headers say who it is every time: an app that believes them does not check.
    async fn ask(&self, app: &App, assertion: Option<String>) -> anyhow::Result<StatusCode> {
        let upstream = app.upstreams.first().context("the app has no upstream")?;
        let host = match app.rewrite.host {
            RewriteHost::Public => app.host.to_string(),
            RewriteHost::Upstream => upstream.authority(),
        };
        let mut request = Request::get(self.path.as_str())
            .header(header::HOST, host)
            .header(header::ACCEPT, "application/json")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", app.host.as_str())
            .header("x-forwarded-user", self.email.as_str())
            .header("x-forwarded-email", self.email.as_str());
        if let Some(assertion) = assertion {
            request = request.header("x-guestgate-assertion", HeaderValue::from_str(&assertion)?);
        }
        let answer = tokio::time::timeout(PATIENCE, send(upstream, request.body(Empty::new())?));
        answer.await.context("the app takes too long")?.with_context(|| format!("cannot ask {upstream}"))
    }
}

fn told(sent: &str, status: StatusCode, good: bool, refused: bool) -> Value {
    json!({"sent": sent, "status": status.as_u16(), "result": if refused { "refused" } else { "accepted" }, "good": good})
}

fn is_refusal(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// Everything that an app must refuse.
fn bad_ones(keys: &KeyRing, master: &MasterKey, claims: &AssertionClaims) -> anyhow::Result<Vec<Bad>> {
    let good = keys.assertion(claims);
    let mut parts = good.split('.');
    let (Some(head), Some(body), Some(signature)) = (parts.next(), parts.next(), parts.next()) else { anyhow::bail!("there is no key") };
    let mut bytes = [0; 32];
    SystemEntropy.fill(&mut bytes);
    let stranger = KeyRing::new(keys.issuer(), &MasterKey::new(bytes), &[])?;
    let elsewhere = KeyRing::new("https://access.invalid", master, &[])?;
    let hour = Span::hours(1);
    let (iat, exp) = (claims.iat.minus(hour), claims.exp.minus(hour));
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let mut changed: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body)?)?;
    changed["email"] = json!("somebody.else@example.com");
    let changed = URL_SAFE_NO_PAD.encode(changed.to_string());
    let broken: String = signature.chars().rev().collect();
    Ok(vec![
        ("no assertion", None),
        ("a wrong signature", Some(format!("{head}.{body}.{broken}"))),
        ("other claims under the signature", Some(format!("{head}.{changed}.{signature}"))),
        ("no signature (`alg: none`)", Some(format!("{unsigned}.{body}."))),
        ("a stranger's key", Some(stranger.assertion(claims))),
        ("another issuer", Some(elsewhere.assertion(claims))),
        ("another audience", Some(keys.assertion(&AssertionClaims { aud: Host::parse("other.invalid")?, ..claims.clone() }))),
        ("an hour too late", Some(keys.assertion(&AssertionClaims { iat, exp, auth_time: iat, ..claims.clone() }))),
    ])
}

async fn send(upstream: &Upstream, request: Request<Empty<Bytes>>) -> anyhow::Result<StatusCode> {
    let stream = match &upstream.host {
        UpstreamHost::Ip(ip) => TcpStream::connect((*ip, upstream.port)).await?,
        // Browsers know `*.localhost` as this machine, resolvers often do not.
        UpstreamHost::Name(host) if host.as_str().ends_with("localhost") => {
            TcpStream::connect((Ipv4Addr::LOCALHOST, upstream.port)).await?
        }
        UpstreamHost::Name(host) => TcpStream::connect((host.as_str(), upstream.port)).await?,
    };
    match upstream.scheme {
        Scheme::Http => exchange(stream, request).await,
        Scheme::Https => {
            anyhow::ensure!(upstream.tls.pins.is_empty(), "its certificate is pinned, which only the gateway checks");
            let trust = super::fetch::trust(upstream.tls.ca.as_ref().map(|ca| &ca.path))?;
            let name = upstream.tls.server_name.as_ref().map_or_else(|| upstream.host.to_string(), ToString::to_string);
            let name = rustls::pki_types::ServerName::try_from(name)?;
            exchange(TlsConnector::from(Arc::new(trust)).connect(name, stream).await?, request).await
        }
    }
}

async fn exchange<S>(stream: S, request: Request<Empty<Bytes>>) -> anyhow::Result<StatusCode>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        // Read to its end, so that no app complains of clients that go away; what it says does not matter.
        let _ = Limited::new(answer.into_body(), MOST).collect().await;
        anyhow::Ok(status)
    };
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        status = &mut exchange => status,
        closed = connection => {
            closed?;
            exchange.await
        }
    }
}
