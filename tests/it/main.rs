//! Guestgate from outside: the real binary on loopback, used by guests, operators, programs and attackers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "what fails here fails the test; a test has its own machine"
)]

mod kit;

mod account;
mod api;
mod bad_input;
mod certificates;
mod commands;
mod factors;
mod forward;
mod forward_auth;
mod http2;
mod legacy;
mod lifecycle;
mod limits;
mod mail;
mod many;
mod policies;
mod provider;
mod proxy;
mod replay;
mod requests;
mod restart;
mod revoke;
mod risk;
mod scripts;
mod signals;
mod signin;
mod upstreams;
mod websockets;
mod year;
