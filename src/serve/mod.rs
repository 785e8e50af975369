//! What a process is assembled from: the machine's clock and randomness, its files.

mod clock;
mod files;

pub use clock::{SystemClock, SystemEntropy};
pub use files::{LOOKUP, policies};
