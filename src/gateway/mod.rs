//! The data plane: from a stranger's bytes to an application, or to an answer that says why not.

mod upstream;
mod wire;
