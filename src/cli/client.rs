//! Asks a running gateway, over its control socket.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

/// A gateway on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    socket: PathBuf,
}

/// Largest answer that is read, in bytes.
const MOST: usize = 64 * 1024 * 1024;

impl Client {
    /// The gateway whose control socket this is.
    pub(crate) fn new(socket: PathBuf) -> Self {
        Self { socket }
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
        let stream = tokio::net::UnixStream::connect(&self.socket).await.with_context(|| unreachable_gateway(&self.socket))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "guestgate")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let exchange = async {
            let answer = sender.send_request(request).await?;
            let status = answer.status();
            let bytes =
                http_body_util::Limited::new(answer.into_body(), MOST).collect().await.map_err(anyhow::Error::from_boxed)?.to_bytes();
            anyhow::Ok((status, bytes))
        };
        // The connection is driven until the answer is whole; where the gateway closes first, what it sent is still there to read.
        let mut exchange = std::pin::pin!(exchange);
        let (status, bytes) = tokio::select! {
            biased;
            answer = &mut exchange => answer?,
            closed = connection => {
                closed?;
                exchange.await?
            }
        };
        read(status, &bytes)
    }
}

fn read(status: StatusCode, bytes: &[u8]) -> anyhow::Result<serde_json::Value> {
    let value = if bytes.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(bytes)? };
    if status.is_success() {
        return Ok(value);
    }
    let say = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
    anyhow::bail!("{}", say("detail").or_else(|| say("title")).unwrap_or_else(|| status.as_str()))
}

fn unreachable_gateway(socket: &Path) -> String {
    format!("no gateway answers on `{}`; is `guestgate serve` running with this configuration?", socket.display())
}
