//! The portal as a guest's browser sees it, on a real database and a clock of our own.

mod devices;
mod invitations;
mod kit;
mod languages;
mod past;
mod sessions;
mod signin;
mod stepup;
