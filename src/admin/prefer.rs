//! `Prefer: wait` (RFC 7240): an answer that comes once a change is in force, or after so many seconds at the latest.
//!
//! Answers to changes wait in any case, as long as that takes a moment; whoever prefers to is told that they did, and may name how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::live::Unavailable;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// How long somebody waits for a change to be in force, and whether that was too short.
#[derive(Debug, Clone)]
pub struct Patience {
    longest: Option<Duration>,
    ended: Arc<AtomicBool>,
}

impl Patience {
    /// What the headers ask for. Of several, the first counts.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let all = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        let mut wanted = all.filter_map(|preference| {
            let bare = preference.split(';').next()?;
            let (name, value) = bare.split_once('=').map_or((bare, None), |(name, value)| (name, Some(value)));
            name.trim().eq_ignore_ascii_case("wait").then(|| value.map(|value| value.trim().trim_matches('"').parse::<u32>()))
        });
        let longest = match wanted.next()? {
            None => None,
            Some(Ok(seconds)) => Some(Duration::from_secs(u64::from(seconds))),
            // What makes no sense is no preference.
            Some(Err(_)) => return None,
        };
        Some(Self { longest, ended: Arc::default() })
    }

    /// Waits for a change to be in force, but not longer than whoever asks.
    pub(super) async fn bound(&self, in_force: impl Future<Output = Result<(), Unavailable>>) -> Result<(), Unavailable> {
        let Some(longest) = self.longest else { return in_force.await };
        match tokio::time::timeout(longest, in_force).await {
            Ok(waited) => waited,
            Err(_) => {
                self.ended.store(true, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// What was done of the preference.
    fn applied(&self) -> Option<HeaderValue> {
        match self.longest {
            _ if self.ended.load(Ordering::Relaxed) => None,
            None => Some(HeaderValue::from_static("wait")),
            Some(longest) => HeaderValue::from_str(&format!("wait={}", longest.as_secs())).ok(),
        }
    }
}

/// Heeds the preference of whoever changes something.
pub(super) async fn wait(mut request: Request, next: Next) -> Response {
    let patience = Patience::of(request.headers()).filter(|_| !request.method().is_safe());
    let Some(patience) = patience else { return next.run(request).await };
    request.extensions_mut().insert(patience.clone());
    let mut response = next.run(request).await;
    if let Some(applied) = patience.applied().filter(|_| response.status().is_success()) {
        response.headers_mut().insert(APPLIED, applied);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<Option<u64>> {
        let mut headers = HeaderMap::new();
        headers.insert(PREFER, HeaderValue::from_str(value).unwrap());
        Patience::of(&headers).map(|patience| patience.longest.map(|longest| longest.as_secs()))
    }

    #[test]
    fn a_preference_is_found_among_others_and_what_makes_no_sense_is_none() {
        assert_eq!(asked("wait"), Some(None));
        assert_eq!(asked("Wait=10"), Some(Some(10)));
        assert_eq!(asked("return=minimal, wait=\"5\"; x=y"), Some(Some(5)));
        assert_eq!(asked("wait; x=y"), Some(None));
        for other in ["return=minimal", "wait=soon", "waits", "wait=-1"] {
            assert_eq!(asked(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn whoever_waits_shorter_than_it_takes_is_not_told_that_it_is_in_force() {
        let patience = Patience { longest: Some(Duration::ZERO), ended: Arc::default() };
        assert!(patience.bound(std::future::pending()).await.is_ok() && patience.applied().is_none());
        let patience = Patience { longest: Some(Duration::from_secs(5)), ended: Arc::default() };
        assert!(patience.bound(std::future::ready(Ok(()))).await.is_ok());
        assert_eq!(patience.applied().unwrap(), "wait=5");
    }
}
