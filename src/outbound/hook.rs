//! Asking another program about a sign-up, and telling others what happened: one signed request, one short answer, over a connection of
//! its own.
//!
//! Signed as <https://www.standardwebhooks.com> describes it: `webhook-id`, `webhook-timestamp`, and `webhook-signature` with the HMAC-SHA256
//! of the three parts. Redirects are not followed.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Request, header};

use super::call::{CallError, Reach, call};
use crate::{base::Timestamp, config::Webhook};

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
    /// It does not answer.
    #[error("the program does not answer")]
    Call(#[source] CallError),
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
    serde_json::from_slice(&post(hook, id, at, body).await?).map_err(HookError::Answer)
}

/// Tells of an event; what is answered does not matter, as long as it is a yes.
pub async fn tell(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<(), HookError> {
    post(hook, id, at, body).await.map(|_| ())
}

async fn post(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<Bytes, HookError> {
    let patience = Duration::from_millis(u64::try_from(hook.timeout.as_millis()).unwrap_or(10_000));
    // The configuration says where: only a program on this machine may be asked without TLS.
    let reach = Reach { ca: hook.ca.as_ref(), plain: true, only: None, patience, largest: LARGEST };
    let answer = call(reach, &hook.url, question(hook, id, at, body)?).await.map_err(HookError::Call)?;
    if answer.status().is_success() { Ok(answer.into_body()) } else { Err(HookError::Status(answer.status().as_u16())) }
}

fn question(hook: &Webhook, id: &str, at: Timestamp, body: String) -> Result<Request<Bytes>, HookError> {
    let seconds = at.as_secs().to_string();
    let request = Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", &seconds)
        .header("webhook-signature", format!("v1,{}", signature(hook.secret.reveal(), id, &seconds, &body)));
    request.body(Bytes::from(body)).map_err(|_| HookError::Question)
}

/// The HMAC over id, time and body. A secret that begins with `whsec_` is base64, as the convention has it.
fn signature(secret: &str, id: &str, seconds: &str, body: &str) -> String {
    let raw = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_else(|| secret.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &raw);
    STANDARD.encode(hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes()))
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
