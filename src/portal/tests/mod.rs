//! The portal as a guest's browser sees it, on a real database and a clock of our own.

mod devices;
mod factors;
mod guessing;
mod invitations;
mod kit;
mod languages;
mod limits;
mod members;
mod own;
mod past;
#[expect(unreachable_pub, reason = "it is the phone of the tests from outside")]
#[path = "../../../tests/it/kit/phone.rs"]
mod phone;
mod sessions;
mod signin;
mod stepup;
