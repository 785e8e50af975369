//! `policy schema`: what editors complete and validate policy files by.

use super::super::{Ended, print};

const SCHEMA: &str = include_str!("schema.json");

/// Prints it.
pub(super) fn run() -> anyhow::Result<Ended> {
    print::line(SCHEMA.trim_end())?;
    Ok(Ended::Done)
}
