//! Every route, asked by everybody.

mod authzen;
mod bulk;
mod graph;
mod guests;
mod invitations;
mod kit;
mod matrix;
mod quotas;
mod repeat;
mod reviews;
mod scim;
