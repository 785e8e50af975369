//! One exchange, played twice: the same script over a direct connection to an application and through the gateway.
//!
//! A [`Script`] says what the guest and the application do, and in which order. Both engines (HTTP/1 in [`one`], HTTP/2 in [`two`]) wait
//! for what they have received, never for time to pass, and write down exactly what they saw.

#![allow(dead_code, unused_imports, reason = "each test uses its part")]

pub mod frames;
pub mod one;
pub mod script;
pub mod tape;
pub mod two;

pub use script::{App, Case, End, Framing, Got, Heard, Move, Script, Step};
