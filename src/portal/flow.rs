//! What lies sealed in a page between asking for a code and typing it.

use serde::{Deserialize, Serialize};

use super::way::Way;
use crate::{
    base::{AppId, Digest, EmailAddress, FlowId, InvitationId, Span, Timestamp},
    identity::{KeyRing, Purpose, Start},
};

/// One code, asked for by one browser, for one address and one aim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    /// Counts attempts; used once.
    pub(super) id: FlowId,
    /// The digest of the browser's flow cookie.
    #[serde(with = "crate::identity::digest")]
    pub(super) browser: Digest,
    /// Where the code was sent, if anybody reads there.
    pub(super) address: EmailAddress,
    /// The keyed hash of the code.
    #[serde(with = "crate::identity::digest")]
    pub(super) code: Digest,
    /// What comes of it.
    pub(super) aim: Aim,
    /// When it was asked for.
    pub(super) asked: Timestamp,
    /// When it is void.
    pub(super) expires: Timestamp,
}

/// What a proved address leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Aim {
    /// A session at the portal, and then this way.
    SignIn(Way),
    /// An accepted invitation.
    Accept(InvitationId),
    /// The form of a sign-up for an app.
    SignUp(AppId),
}

impl Aim {
    /// The app that is asked for.
    pub(super) fn start(&self) -> Option<&Start> {
        match self {
            Self::SignIn(way) => way.start(),
            Self::Accept(_) | Self::SignUp(_) => None,
        }
    }
}

/// The longest sealed flow: what a form may carry.
const LONGEST: usize = 8 * 1024;
/// How soon another code may be asked for.
pub(super) const RESEND: Span = Span::secs(30);

impl Flow {
    /// For a hidden field.
    pub(super) fn seal(&self, keys: &KeyRing) -> String {
        serde_json::to_vec(self).map(|bytes| keys.seal(Purpose::Flow, &bytes)).unwrap_or_default()
    }

    /// What this browser was given, expired or not.
    pub(super) fn unseal(keys: &KeyRing, sealed: &str, browser: Option<&str>) -> Option<Self> {
        let bytes = if sealed.len() <= LONGEST { keys.unseal(Purpose::Flow, sealed)? } else { return None };
        let flow: Self = serde_json::from_slice(&bytes).ok()?;
        (flow.browser == Digest::of(browser?.as_bytes())).then_some(flow)
    }
}
