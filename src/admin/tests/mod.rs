//! Every route, asked by everybody.

mod kit;
mod matrix;
