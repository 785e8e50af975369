//! Every route, asked by everybody.

mod bulk;
mod graph;
mod kit;
mod matrix;
mod repeat;
mod reviews;
mod scim;
