//! What is promised about memory.
