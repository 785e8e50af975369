//! Guestgate from outside: the real binary on loopback, used by guests, operators, programs and attackers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails the test")]

mod kit;

mod bad_input;
mod commands;
mod policies;
mod proxy;
mod restart;
mod revoke;
mod signin;
