//! Guestgate: a TLS reverse proxy that lets partners' guests into old applications.
//!
//! The rooms of the house, from the ground up. A room names only rooms on lower floors (`ARCHITECTURE.md`).

pub mod base;
pub mod cli;
pub mod config;
pub mod gateway;
pub mod observe;
pub mod policy;
pub mod serve;
