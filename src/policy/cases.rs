//! The `tests:` of policy files: facts, a request, and what must come of it.

use crate::base::{AppId, At, Source};

/// One entry of `tests:`.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it claims.
    pub name: String,
    /// The app whose policies it tests.
    pub app: AppId,
    /// The file it stands in.
    pub source: Source,
    /// Where it stands.
    pub at: At,
}
