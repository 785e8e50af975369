//! Asking another program about a sign-up: one signed request, one short answer, over a connection of its own.
//!
//! Signed as <https://www.standardwebhooks.com> describes it: `webhook-id`, `webhook-timestamp`, and `webhook-signature` with the HMAC-SHA256
//! of the three parts. Redirects are not followed.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs as provider, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::{
    base::Timestamp,
    config::{TrustAnchors, Webhook},
};

/// What the program said.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum HookAnswer {
    /// Go on, with what is added.
    Continue {
        /// Attributes that the guest comes with.
        #[serde(default)]
        attributes: std::collections::BTreeMap<String, Vec<String>>,
        /// Groups that the guest comes into.
        #[serde(default)]
        groups: Vec<String>,
        /// The role in the app.
        #[serde(default)]
        role: Option<String>,
    },
    /// Do not go on.
    Refuse {
        /// What the person is told.
        #[serde(default)]
        message: Option<String>,
    },
    /// Ask again later.
    Hold {
        /// In so many seconds.
        #[serde(default)]
        seconds: Option<u32>,
    },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// It cannot be reached.
    #[error("the program cannot be reached")]
    Connect(#[source] std::io::Error),
    /// TLS to it fails.
    #[error("TLS to the program cannot be set up")]
    Tls(#[source] rustls::Error),
    /// It does not speak HTTP, or stops in the middle.
    #[error("the program does not answer in HTTP")]
    Http(#[source] hyper::Error),
    /// It takes too long.
    #[error("the program takes too long")]
    Late,
    /// It answered with another status.
    #[error("the program answered with status {0}")]
    Status(u16),
    /// What it says is not understood.
    #[error("the program's answer is not understood")]
    Answer(#[source] serde_json::Error),
    /// The question cannot be asked at all.
    #[error("the question cannot be asked")]
    Question,
}

/// The largest answer, in bytes.
const LARGEST: usize = 64 * 1024;

/// Asks; `id` stays the same when the same question is asked again.
pub async fn ask(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<HookAnswer, HookError> {
    let patience = Duration::from_millis(u64::try_from(hook.timeout.as_millis()).unwrap_or(10_000));
    tokio::time::timeout(patience, exchange(hook, id, at, body)).await.map_err(|_| HookError::Late)?
}

async fn exchange(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<HookAnswer, HookError> {
    let host = hook.url.host_str().ok_or(HookError::Question)?.to_owned();
    let port = hook.url.port_or_known_default().ok_or(HookError::Question)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let stream = TcpStream::connect((bare.as_str(), port)).await.map_err(HookError::Connect)?;
    let request = question(hook, id, at, body)?;
    if hook.url.scheme() == "http" {
        return talk(TokioIo::new(stream), request).await;
    }
    let name = ServerName::try_from(bare).map_err(|_| HookError::Question)?;
    let connector = TlsConnector::from(Arc::new(tls(hook.ca.as_ref()).map_err(HookError::Tls)?));
    let stream = connector.connect(name, stream).await.map_err(HookError::Connect)?;
    talk(TokioIo::new(stream), request).await
}

fn tls(ca: Option<&TrustAnchors>) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    match ca {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(own) => {
            for certificate in &*own.certificates {
                roots.add(certificate.clone())?;
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider::default_provider())).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn question(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<Request<Full<Bytes>>, HookError> {
    let seconds = at.as_secs().to_string();
    let path = match hook.url.query() {
        Some(query) => format!("{}?{query}", hook.url.path()),
        None => hook.url.path().to_owned(),
    };
    let authority = match hook.url.port() {
        Some(port) => format!("{}:{port}", hook.url.host_str().unwrap_or_default()),
        None => hook.url.host_str().unwrap_or_default().to_owned(),
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "guestgate")
        .header("webhook-id", id)
        .header("webhook-timestamp", &seconds)
        .header("webhook-signature", format!("v1,{}", signature(hook.secret.reveal(), id, &seconds, &body)));
    request.body(Full::new(Bytes::from(body))).map_err(|_| HookError::Question)
}

/// The HMAC over id, time and body. A secret that begins with `whsec_` is base64, as the convention has it.
fn signature(secret: &str, id: &str, seconds: &str, body: &str) -> String {
    let raw = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_else(|| secret.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &raw);
    STANDARD.encode(hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes()))
}

async fn talk<S>(io: TokioIo<S>, request: Request<Full<Bytes>>) -> Result<HookAnswer, HookError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.map_err(HookError::Http)?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(HookError::Http)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(HookError::Status(status.as_u16()));
        }
        let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|_| HookError::Status(status.as_u16()))?;
        serde_json::from_slice(&body.to_bytes()).map_err(HookError::Answer)
    };
    // The connection is driven beside the question, and dropped with it.
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(cause) => Err(HookError::Http(cause)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_signed_as_others_check_it() {
        // The example of the convention's own test suite.
        let signed =
            signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}");
        assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_answer_is_one_of_three() {
        let read = |text: &str| serde_json::from_str::<HookAnswer>(text).ok();
        assert!(matches!(read(r#"{"action":"continue","groups":["a"]}"#), Some(HookAnswer::Continue { groups, .. }) if groups == ["a"]));
        assert_eq!(read(r#"{"action":"refuse","message":"no"}"#), Some(HookAnswer::Refuse { message: Some("no".to_owned()) }));
        assert_eq!(read(r#"{"action":"hold"}"#), Some(HookAnswer::Hold { seconds: None }));
        assert_eq!(read(r#"{"action":"allow"}"#), None);
        assert_eq!(read("{}"), None);
    }
}
