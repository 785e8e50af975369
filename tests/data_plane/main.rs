//! The data plane from outside: what passes is what a direct connection gives, and what must not pass does not, in any spelling.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "what fails here fails the test; a test has its own machine"
)]

#[path = "../it/kit/mod.rs"]
mod kit;
#[path = "../wire/mod.rs"]
mod wire;

mod advisories;
mod conformance;
mod sizes;

/// Whether this run is one of the large ones.
fn full() -> bool {
    std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full")
}
