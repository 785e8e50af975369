//! Guestgate among programs that know nothing of it: Debian's servers behind it, other people's clients in front of it.
//!
//! `./test` installs them; each is started by its test from a configuration of its own, on loopback, and ends with it.

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

mod graph;
mod matrix;
mod oidc;
mod openapi;
mod programs;
mod servers;

/// Whether this run is one of the large ones.
fn full() -> bool {
    std::env::var("GUESTGATE_TEST_SIZE").is_ok_and(|size| size == "full")
}
