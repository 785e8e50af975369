//! Pushing security events to a receiver (RFC 8935): one request each, taken when it is answered 202.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};

use super::call::{CallError, Reach, call};
use crate::config::Receiver;

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// It does not answer.
    #[error("the receiver does not answer")]
    Call(#[source] CallError),
    /// It says no; where it says why, in its words.
    #[error("the receiver answered with status {0}{1}")]
    Refused(u16, String),
    /// It cannot be sent at all.
    #[error("the event cannot be sent: what is shown to be let in does not fit into a header")]
    Token,
}

/// The largest answer, in bytes.
const LARGEST: usize = 16 * 1024;
/// The longest word of a receiver that is passed on.
const LONGEST_WORD: usize = 100;

/// Sends one event.
pub async fn push(to: &Receiver, event: String) -> Result<(), PushError> {
    let patience = Duration::from_millis(u64::try_from(to.timeout.as_millis()).unwrap_or(10_000));
    // The configuration says where: only a program on this machine may be asked without TLS.
    let reach = Reach { ca: to.ca.as_ref(), plain: true, only: None, patience, largest: LARGEST };
    let mut request = Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, "application/secevent+jwt")
        .header(header::ACCEPT, "application/json");
    if let Some(token) = &to.token {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal())).map_err(|_| PushError::Token)?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request.body(Bytes::from(event)).map_err(|_| PushError::Token)?;
    let answer = call(reach, &to.url, request).await.map_err(PushError::Call)?;
    if answer.status().is_success() { Ok(()) } else { Err(PushError::Refused(answer.status().as_u16(), why(answer.body()))) }
}

/// The receiver's error code (RFC 8935 §2.3), as far as it is one word.
fn why(body: &[u8]) -> String {
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let word = said.as_ref().and_then(|said| said.get("err")?.as_str());
    let is_plain = |word: &&str| word.len() <= LONGEST_WORD && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    word.filter(is_plain).map(|word| format!(" (`{word}`)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receivers_word_is_passed_on_and_nothing_longer() {
        assert_eq!(why(br#"{"err":"invalid_key","description":"x"}"#), " (`invalid_key`)");
        for other in [&br#"{"err":"two words"}"#[..], b"<html>", b"", b"{}"] {
            assert_eq!(why(other), "");
        }
    }
}
