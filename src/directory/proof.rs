//! Proofs that somebody reads an address: values that can only be made by checking something.

use super::{Audience, Guest, Invitation, Session, Vouched};
use crate::base::{Digest, EmailAddress, Factor, Proof, Timestamp};

/// Somebody showed what only the mailbox of this address received.
///
/// There is no other way to make one than the checks of this module, so whatever asks for it cannot be had without a mailbox.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressProof {
    address: EmailAddress,
    proof: Proof,
    provider_session: Option<Digest>,
}

/// What was mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFactor {
    /// A code to type.
    Code,
    /// A link to open.
    Link,
}

/// Who somebody is, proved well enough to sign in.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    address: EmailAddress,
    proofs: Vec<Proof>,
    /// What stands for the session at the provider that vouches.
    provider_session: Option<Digest>,
}

impl AddressProof {
    /// Compares what was mailed to the address with what was shown: keyed hashes of a code, hashes of a link's token.
    pub fn checked(address: &EmailAddress, mailed: MailFactor, pair: (&Digest, &Digest), now: Timestamp) -> Option<Self> {
        let (expected, shown) = pair;
        let factor = match mailed {
            MailFactor::Code => Factor::EmailCode,
            MailFactor::Link => Factor::MagicLink,
        };
        (expected == shown).then(|| Self { address: address.clone(), proof: Proof { factor, at: now }, provider_session: None })
    }

    /// The link that was mailed for this invitation was opened. The direct link of `redeem_url` proves nothing.
    pub fn by_invitation(invitation: &Invitation, token: &Digest, now: Timestamp) -> Option<Self> {
        if !invitation.is_open(now) || !invitation.was_mailed(token) {
            return None;
        }
        Self::checked(&invitation.email, MailFactor::Link, (token, token), now)
    }

    /// The guest is signed in on the portal by something that was mailed to this address, by the provider that vouches for it, or by a
    /// passkey, which only whoever did one of these could add.
    pub fn by_session(session: &Session, guest: &Guest, now: Timestamp) -> Option<Self> {
        let ours = session.guest == guest.id && session.audience == Audience::Portal && session.is_live(now) && guest.is_active();
        let proves = |p: &&Proof| matches!(p.factor, Factor::EmailCode | Factor::MagicLink | Factor::Passkey | Factor::Federated { .. });
        let proof = session.proofs.iter().filter(proves).max_by_key(|p| p.at)?;
        ours.then(|| Self { address: guest.email.clone(), proof: proof.clone(), provider_session: session.provider_session })
    }

    /// A provider vouches for an address in its domains; `known` is the guest with the address, if there is one: the provider must then
    /// mean that guest.
    pub fn by_provider(address: &EmailAddress, known: Option<&Guest>, vouched: &Vouched) -> Option<Self> {
        let meant = known.map_or(vouched.address == *address, |guest| guest.email == *address && guest.is_meant_by(vouched));
        let proof = vouched.proof();
        meant.then(|| Self { address: address.clone(), proof, provider_session: vouched.session_key() })
    }

    /// The address.
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// The factor that was shown, and when.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl Proven {
    /// By the mailbox alone.
    pub fn by_address(proof: AddressProof) -> Self {
        Self { address: proof.address, proofs: vec![proof.proof], provider_session: proof.provider_session }
    }

    /// By something that the guest has beside the mailbox; [`super::Factors`] has looked at it.
    pub(super) fn by_factor(guest: &Guest, factor: Factor, at: Timestamp) -> Self {
        Self { address: guest.email.clone(), proofs: vec![Proof { factor, at }], provider_session: None }
    }

    /// By a provider that means this guest.
    pub fn by_provider(guest: &Guest, vouched: &Vouched) -> Option<Self> {
        guest.is_meant_by(vouched).then(|| Self {
            address: guest.email.clone(),
            proofs: vec![vouched.proof()],
            provider_session: vouched.session_key(),
        })
    }

    /// By a certificate that names these addresses and was judged to count; `None`: it is not this guest's.
    pub fn by_certificate(guest: &Guest, addresses: &[EmailAddress], at: Timestamp) -> Option<Self> {
        addresses.contains(&guest.email).then(|| Self::by_factor(guest, Factor::ClientCertificate, at))
    }

    /// The address of who it is.
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// What stands for the session at the provider that vouches.
    pub(super) fn provider_session(&self) -> Option<Digest> {
        self.provider_session
    }

    /// What was shown.
    pub fn proofs(&self) -> &[Proof] {
        &self.proofs
    }

    /// When the most recent of it was shown by somebody who was asked: a certificate is there by itself.
    pub(super) fn latest_explicit(&self) -> Option<Timestamp> {
        self.proofs.iter().filter(|p| p.factor != Factor::ClientCertificate).map(|p| p.at).max()
    }

    /// When the most recent of it was shown.
    pub(super) fn latest(&self) -> Timestamp {
        self.proofs.iter().map(|p| p.at).max().unwrap_or(Timestamp::EPOCH)
    }
}
