//! Guestgate: a TLS reverse proxy that lets partners' guests into old applications.
//!
//! The rooms of the house, from the ground up. A room names only rooms on lower floors (`ARCHITECTURE.md`).

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "a test has its own machine"))]

pub mod admin;
pub mod base;
pub mod cli;
pub mod config;
pub mod directory;
pub mod gateway;
pub mod identity;
pub mod language;
pub mod live;
pub mod observe;
pub mod outbound;
pub mod policy;
pub mod portal;
pub mod serve;
pub mod store;
pub mod web;
