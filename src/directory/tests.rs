//! What the lifecycles promise.
