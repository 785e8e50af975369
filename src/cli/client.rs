//! Asks a running gateway: over its control socket, or over the network with a token.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use url::Url;

use super::fetch::trust;

/// A gateway.
#[derive(Debug, Clone)]
pub(crate) enum Client {
    /// On this machine, by its control socket.
    Here(PathBuf),
    /// Anywhere, by the address of its portal or of its admin listener.
    There(Address),
}

/// A gateway somewhere else.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    url: Url,
    /// `Bearer` and the token.
    authorization: HeaderValue,
    /// Whose certificates are believed, in place of public authorities.
    authority: Option<PathBuf>,
}

/// Largest answer that is read, in bytes.
const MOST: usize = 64 * 1024 * 1024;

/// How often, and how long at a time, we wait for a gateway that is asked too fast.
const PATIENCE: u32 = 5;
const LONGEST_WAIT: u64 = 120;

/// Is handed the pieces of a long answer.
pub(crate) type Take<'t> = dyn FnMut(&[u8]) -> anyhow::Result<()> + Send + 't;

/// What a gateway answered.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Bytes,
}

impl Client {
    /// The gateway whose control socket this is.
    pub(crate) fn new(socket: PathBuf) -> Self {
        Self::Here(socket)
    }

    /// The gateway that `GUESTGATE_URL` names, asked with `GUESTGATE_TOKEN`; believed if `GUESTGATE_CA` or a public authority certifies it.
    pub(crate) fn of_environment() -> anyhow::Result<Option<Self>> {
        #[expect(clippy::disallowed_methods, reason = "a token on the command line would be seen by everybody on the machine")]
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(url) = variable("GUESTGATE_URL") else { return Ok(None) };
        let token = variable("GUESTGATE_TOKEN").context("`GUESTGATE_URL` is set, and `GUESTGATE_TOKEN` is not")?;
        let url = Url::parse(&url).context("`GUESTGATE_URL` is no address such as `https://access.example.com`")?;
        let host = url.host_str().unwrap_or_default();
        let to_ourselves = is_local(host) || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()) || host == "[::1]";
        anyhow::ensure!(
            url.scheme() == "https" || (url.scheme() == "http" && to_ourselves),
            "`GUESTGATE_URL` begins with `https://`: a token is sent to another machine over TLS only"
        );
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).context("`GUESTGATE_TOKEN` is no token")?;
        authorization.set_sensitive(true);
        Ok(Some(Self::There(Address { url, authorization, authority: variable("GUESTGATE_CA").map(PathBuf::from) })))
    }

    /// GET; the answer as JSON.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        self.ask(Method::GET, path, None).await
    }

    /// POST of a JSON body; the answer as JSON.
    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Any verb.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&serde_json::Value>) -> anyhow::Result<serde_json::Value> {
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        read(&self.send(method, path, "application/json", Bytes::from(body)).await?)
    }

    /// Any verb and any body; the answer as it came. Who is told to wait waits, a few times.
    pub(crate) async fn send(&self, method: Method, path: &str, media: &'static str, body: Bytes) -> anyhow::Result<Reply> {
        for _ in 0..PATIENCE {
            let reply = self.send_once(method.clone(), path, media, body.clone()).await?;
            match reply.retry_after {
                Some(seconds) if reply.status == StatusCode::TOO_MANY_REQUESTS && seconds <= LONGEST_WAIT => {
                    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
                }
                Some(_) | None => return Ok(reply),
            }
        }
        self.send_once(method, path, media, body).await
    }

    /// GET of an answer that is long, piece by piece.
    pub(crate) async fn stream(&self, path: &str, take: &mut Take<'_>) -> anyhow::Result<()> {
        let request = Request::builder().uri(path).body(Full::default())?;
        let reply = self.deliver(request, Some(take)).await?;
        if reply.status.is_success() { Ok(()) } else { read(&reply).map(|_| ()) }
    }

    async fn send_once(&self, method: Method, path: &str, media: &'static str, body: Bytes) -> anyhow::Result<Reply> {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, media).body(Full::new(body))?;
        self.deliver(request, None).await
    }

    async fn deliver(&self, mut request: Request<Full<Bytes>>, take: Option<&mut Take<'_>>) -> anyhow::Result<Reply> {
        match self {
            Self::Here(socket) => {
                request.headers_mut().insert(header::HOST, HeaderValue::from_static("guestgate"));
                let stream = UnixStream::connect(socket).await.with_context(|| unreachable_gateway(socket))?;
                Box::pin(exchange(stream, request, take)).await
            }
            Self::There(address) => address.send(request, take).await.with_context(|| format!("cannot ask {}", address.url)),
        }
    }
}

impl Address {
    async fn send(&self, mut request: Request<Full<Bytes>>, take: Option<&mut Take<'_>>) -> anyhow::Result<Reply> {
        let host = self.url.host_str().context("the address has no host")?.trim_matches(['[', ']']);
        let port = self.url.port_or_known_default().context("the address has no port")?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, HeaderValue::from_str(self.url.authority())?);
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        // Browsers know `*.localhost` as this machine, resolvers often do not.
        let stream =
            if is_local(host) { TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await? } else { TcpStream::connect((host, port)).await? };
        if self.url.scheme() == "http" {
            return Box::pin(exchange(stream, request, take)).await;
        }
        let name = ServerName::try_from(host.to_owned())?;
        let tls = TlsConnector::from(Arc::new(trust(self.authority.as_ref())?)).connect(name, stream).await?;
        Box::pin(exchange(tls, request, take)).await
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// One request over a stream, and its answer.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, take: Option<&mut Take<'_>>) -> anyhow::Result<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
        if let Some(take) = take.filter(|_| status.is_success()) {
            let mut body = answer.into_body();
            while let Some(frame) = body.frame().await {
                if let Ok(piece) = frame?.into_data() {
                    take(&piece)?;
                }
            }
            return Ok(Reply { status, retry_after, body: Bytes::new() });
        }
        let body = http_body_util::Limited::new(answer.into_body(), MOST).collect().await.map_err(anyhow::Error::from_boxed)?.to_bytes();
        anyhow::Ok(Reply { status, retry_after, body })
    };
    // The connection is driven until the answer is whole; where the gateway closes first, what it sent is still there to read.
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        closed = connection => {
            closed?;
            exchange.await
        }
    }
}

/// The JSON of an answer, or what it says is wrong.
pub(crate) fn read(reply: &Reply) -> anyhow::Result<serde_json::Value> {
    let value = if reply.body.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(&reply.body)? };
    if reply.status.is_success() {
        return Ok(value);
    }
    let say = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
    anyhow::bail!("{}", say("detail").or_else(|| say("title")).unwrap_or_else(|| reply.status.as_str()))
}

fn unreachable_gateway(socket: &Path) -> String {
    format!("no gateway answers on `{}`; is `guestgate serve` running with this configuration?", socket.display())
}
