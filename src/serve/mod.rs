//! What a process is assembled from: the machine's clock and randomness, and what its files say.

mod clock;
mod load;

pub use clock::{SystemClock, SystemEntropy};
pub use load::{Material, load, policies_alone, read_config, read_policies, universe};
