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
pub mod partner;
pub mod phone;
pub mod secure;

use std::time::Duration;

pub use apache::Apache;
pub use apps::{Recorder, RichApp};
pub use browser::Browser;
pub use gateway::{Gateway, Plan};
pub use named::NamedApp;
pub use partner::Partner;
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

/// A port that nobody listens on, for a program that has to be told one: below those that systems hand out by themselves, so that no
/// connection of another test takes it meanwhile.
pub fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = u16::try_from(std::process::id() % 4_000).unwrap();
    loop {
        let port = 12_000 + offset + NEXT.fetch_add(1, Ordering::Relaxed) % 4_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
