//! Browsers that were seen before: a sealed cookie of the portal says so, for one guest.
//!
//! It is given to a browser that redeemed an invitation, or that signed in with more than the mailbox. It proves nothing by itself: it
//! only makes the device of the sessions that are opened with it a known one.

use http::header;
use serde::{Deserialize, Serialize};

use super::visit::Visit;
use crate::{
    base::{FlowId, GuestId, Id, Name, Proof, Span},
    directory::Device,
    identity::Purpose,
    web::{Answer, Cookies, Keep, read_cookie, set_cookie},
};

/// How long a browser keeps it: as long as browsers keep anything.
const LIFE: Span = Span::days(400);

/// What the cookie says.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    #[serde(rename = "g")]
    guest: GuestId,
    #[serde(rename = "d")]
    device: Device,
}

/// The device of this browser, if it is known for this guest.
pub(super) fn known(visit: &Visit, guest: GuestId) -> Option<Device> {
    let sealed = read_cookie(&visit.headers, Cookies::DEVICE)?;
    let plain = visit.state.keys.unseal(Purpose::Device, sealed)?;
    let remembered: Remembered = serde_json::from_slice(&plain).ok()?;
    (remembered.guest == guest).then_some(remembered.device)
}

/// A device that is known from now on.
pub(super) fn new(visit: &Visit) -> Option<Device> {
    let id: String = FlowId::random(visit.state.entropy.as_ref()).to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Device { id: Name::parse(&id).ok()?, since: visit.now })
}

/// Whether the factors are more than the mailbox.
pub(super) fn is_more_than_mailbox(proofs: &[Proof]) -> bool {
    use crate::base::Factor;
    proofs.iter().any(|proof| !matches!(proof.factor, Factor::EmailCode | Factor::MagicLink))
}

/// Adds the cookie.
pub(super) fn remember(visit: &Visit, answer: Answer, guest: GuestId, device: &Device) -> Answer {
    let remembered = Remembered { guest, device: device.clone() };
    match serde_json::to_vec(&remembered) {
        Ok(plain) => {
            let sealed = visit.state.keys.seal(Purpose::Device, &plain);
            answer.with(header::SET_COOKIE, &set_cookie(Cookies::DEVICE, &sealed, Keep::Seconds(LIFE.as_secs())))
        }
        Err(_) => answer,
    }
}
