//! What every test from outside needs: the real binary on loopback, applications behind it, and somebody who uses them.

#![allow(dead_code, unused_imports, reason = "each test uses its part")]

pub mod apache;
pub mod apps;
pub mod browser;
pub mod gateway;
pub mod http2;
#[path = "../../it_gateway/mmdb.rs"]
pub mod mmdb;
pub mod named;
pub mod secure;

use std::time::Duration;

pub use apache::Apache;
pub use apps::{Recorder, RichApp};
pub use browser::Browser;
pub use gateway::{Gateway, Plan};
pub use named::NamedApp;
pub use secure::SecureApp;

/// How long anything may take before a test fails: generous, because nothing waits for it to pass.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until the probe gives something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, probe: impl FnMut() -> F) -> T {
    within(PATIENCE, what, probe).await
}

/// As [`eventually`], for what the product itself waits for.
pub async fn within<T, F: Future<Output = Option<T>>>(patience: Duration, what: &str, mut probe: impl FnMut() -> F) -> T {
    let wait = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(patience, wait).await.unwrap_or_else(|_| panic!("never seen: {what}"))
}
