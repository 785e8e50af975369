//! An invitation: issued, mailed, mailed again, withdrawn, declined. Accepting it is in `redeem`.

use std::collections::BTreeMap;

use super::{
    Actor, ActorKind, Grant, Guest, Invite, ManageInvitation, Occasion, OutgoingMail, Proposal, Provisioned, Refusal, Version, Warrant,
    audit::Event, digest,
};
use crate::base::{AppId, Digest, EmailAddress, GuestId, InvitationId, MailId, Name, Span, Timestamp, TokenId};

/// An invitation of one address to one or more apps.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The guest's id, reserved when the invitation is issued.
    pub guest: GuestId,
    /// Who is invited.
    pub email: EmailAddress,
    /// What people call them.
    pub name: Option<String>,
    /// What is offered, at least one.
    pub offers: Vec<Offer>,
    /// The groups they come into.
    pub groups: Vec<Name>,
    /// What policies may ask about them.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// A word from the inviter.
    pub message: Option<String>,
    /// In which language it is written.
    pub language: Option<String>,
    /// Who invited; `None`: somebody at the machine.
    pub invited_by: Option<EmailAddress>,
    /// The token of the program that invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_token: Option<TokenId>,
    /// As what they invited.
    pub invited_as: ActorKind,
    /// Who is responsible for the guest.
    pub sponsor: Option<EmailAddress>,
    /// When it was issued.
    pub created: Timestamp,
    /// Until when it can be accepted.
    pub expires: Timestamp,
    /// What became of it.
    pub state: InvitationState,
    /// The mail that went to the guest last: what became of it, the inviter may know.
    #[serde(default)]
    pub letter: Option<MailId>,
    /// The hash of the token that was mailed last: whoever shows it reads that mailbox.
    #[serde(with = "digest::optional", default)]
    pub mailed: Option<Digest>,
    /// The hash of the mailed token that fell when the invitation came to its end: it proves nothing, and says what became of it.
    #[serde(with = "digest::optional", default)]
    pub spent: Option<Digest>,
    /// The hash of the token of the reminder, which reads the same mailbox.
    #[serde(with = "digest::optional", default)]
    pub reminder: Option<Digest>,
    /// Whether the guest was reminded.
    #[serde(default)]
    pub reminded: bool,
    /// The hash of the token of `redeem_url`: it finds the invitation and proves nothing.
    #[serde(with = "digest")]
    pub direct: Digest,
    /// Who got a copy of what was mailed, without a link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<EmailAddress>,
    /// Where the guest goes first, once it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing: Option<Landing>,
    /// What a directory of people that sent this keeps with it; `None`: somebody invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned: Option<Provisioned>,
    /// How often this was written.
    pub version: Version,
}

/// One app that is offered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Offer {
    /// Which one.
    pub app: AppId,
    /// In which role.
    pub role: Option<Name>,
    /// For how long, from acceptance; `None`: until revoked.
    pub access_for: Option<Span>,
}

/// A page of an app.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Landing {
    /// Which app.
    pub app: AppId,
    /// The path on its host, with what follows it: begins with `/`.
    pub target: String,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum InvitationState {
    /// Nothing yet; it may have expired.
    Pending,
    /// It was accepted.
    Redeemed {
        /// When.
        at: Timestamp,
    },
    /// It was withdrawn.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// The guest said no.
    Declined {
        /// When.
        at: Timestamp,
    },
}

/// What somebody wants to invite to. The caller has checked the domain lists and that the address is not a member's.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who is invited.
    pub email: EmailAddress,
    /// What people call them.
    pub name: Option<String>,
    /// What is offered.
    pub offers: Vec<Offer>,
    /// The groups they come into.
    pub groups: Vec<Name>,
    /// What policies may ask about them.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// A word from the inviter.
    pub message: Option<String>,
    /// In which language it is written.
    pub language: Option<String>,
    /// Who is responsible; otherwise whoever invites.
    pub sponsor: Option<EmailAddress>,
    /// How long it can be accepted.
    pub lifetime: Span,
    /// The hash of the token of `redeem_url`.
    pub direct: Digest,
    /// The mail to the guest; `None`: nothing is sent.
    pub letter: Option<Letter>,
    /// Copies for others, without any token.
    pub copies: Vec<OutgoingMail>,
    /// Who gets them.
    pub cc: Vec<EmailAddress>,
    /// Where the guest goes first: in an app that is offered.
    pub landing: Option<Landing>,
    /// What a directory keeps with it, if one sent it.
    pub provisioned: Option<Provisioned>,
}

/// The mail that carries a link, and the hash of that link's token.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The hash.
    pub token: Digest,
    /// The mail.
    pub mail: OutgoingMail,
}

/// What is known of the address: read from the store before inviting it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The guest with this address.
    pub guest: Option<&'a Guest>,
    /// Any other invitation of this address, whatever became of it.
    pub earlier: Option<&'a Invitation>,
}

impl Invitation {
    /// Issues an invitation. One address keeps one guest's id through all its invitations.
    pub fn issue(o: &Occasion<'_>, warrant: &Warrant<Invite>, known: Known<'_>, draft: Draft) -> Result<(Self, Proposal), Refusal> {
        for offer in &draft.offers {
            warrant.reaches_app(&offer.app)?;
        }
        Self::compose(o, warrant.actor(), known, draft, InvitationState::Pending)
    }

    /// Writes an invitation as part of a matter that has been decided.
    pub(super) fn compose(
        o: &Occasion<'_>,
        actor: &Actor,
        known: Known<'_>,
        draft: Draft,
        state: InvitationState,
    ) -> Result<(Self, Proposal), Refusal> {
        let twice = |o: &Offer| draft.offers.iter().filter(|other| other.app == o.app).count() > 1;
        if draft.offers.is_empty() || draft.lifetime == Span::ZERO || draft.offers.iter().any(twice) {
            return Err(Refusal::Senseless);
        }
        if draft.landing.as_ref().is_some_and(|landing| draft.offers.iter().all(|offer| offer.app != landing.app)) {
            return Err(Refusal::Senseless);
        }
        if known.guest.is_some_and(|g| g.email != draft.email) || known.earlier.is_some_and(|i| i.email != draft.email) {
            return Err(Refusal::Unwarranted);
        }
        let guest = known.guest.map(|g| g.id).or(known.earlier.map(|i| i.guest)).unwrap_or_else(|| o.id());
        let by = actor.address().cloned();
        let mut invitation = Self {
            id: o.id(),
            guest,
            email: draft.email,
            name: draft.name,
            offers: draft.offers,
            groups: draft.groups,
            attributes: draft.attributes,
            message: draft.message,
            language: draft.language,
            sponsor: draft.sponsor.or_else(|| by.clone()),
            invited_by: by,
            by_token: actor.token(),
            invited_as: actor.kind(),
            created: o.now,
            expires: o.now.plus(draft.lifetime),
            state,
            letter: draft.letter.as_ref().map(|l| l.mail.id),
            mailed: draft.letter.as_ref().map(|l| l.token),
            spent: None,
            reminder: None,
            reminded: false,
            direct: draft.direct,
            cc: draft.cc,
            landing: draft.landing,
            provisioned: draft.provisioned,
            version: Version::default(),
        };
        let mut p = Proposal::at(o.now);
        p.audit(invitation.told(o.entry(actor, Event::InvitationIssued)));
        p.put(&mut invitation);
        let mails = draft.letter.map(|l| l.mail).into_iter().chain(draft.copies);
        Ok((invitation, mails.fold(p, Proposal::with_mail)))
    }

    /// Mails it again with a new token; the one that was mailed before is void.
    pub fn resend(&self, o: &Occasion<'_>, warrant: &Warrant<ManageInvitation>, letter: Letter) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_invitation(self.id)?;
        self.must_be_open(o.now)?;
        let mut invitation = Self { mailed: Some(letter.token), letter: Some(letter.mail.id), reminder: None, ..self.clone() };
        let mut p = Proposal::at(o.now);
        p.put(&mut invitation);
        p.audit(o.entry(warrant.actor(), Event::InvitationResent).invitation(self));
        Ok((invitation, p.with_mail(letter.mail)))
    }

    /// Withdraws it. If it was accepted, the grants that came of it end: `grants` are all grants of the guest.
    pub fn revoke(&self, o: &Occasion<'_>, warrant: &Warrant<ManageInvitation>, grants: &[Grant]) -> Result<(Self, Proposal), Refusal> {
        warrant.reaches_invitation(self.id)?;
        if matches!(self.state, InvitationState::Revoked { .. }) {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        let invitation = self.close(&mut p, InvitationState::Revoked { at: o.now });
        p.audit(o.entry(warrant.actor(), Event::InvitationRevoked).invitation(self));
        for grant in grants.iter().filter(|g| g.invitation == self.id && g.is_active()) {
            grant.end(o, warrant.actor(), &mut p);
        }
        Ok((invitation, p))
    }

    /// The guest says no, holding one of its links.
    pub fn decline(&self, o: &Occasion<'_>, token: &Digest) -> Result<(Self, Proposal), Refusal> {
        self.must_be_open(o.now)?;
        if self.direct != *token && !self.was_mailed(token) {
            return Err(Refusal::Unwarranted);
        }
        let mut p = Proposal::at(o.now);
        let invitation = self.close(&mut p, InvitationState::Declined { at: o.now });
        let actor = Actor::Guest { id: self.guest, email: self.email.clone() };
        p.audit(o.entry(&actor, Event::InvitationDeclined).invitation(self));
        Ok((invitation, p))
    }

    /// Whether this is the hash of a token that was mailed and still counts.
    pub fn was_mailed(&self, token: &Digest) -> bool {
        self.mailed.as_ref() == Some(token) || self.reminder.as_ref() == Some(token)
    }

    /// Whether it can be accepted.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.must_be_open(now).is_ok()
    }

    /// Whether it was accepted.
    pub fn is_redeemed(&self) -> bool {
        matches!(self.state, InvitationState::Redeemed { .. })
    }

    /// Why it cannot be accepted.
    pub fn must_be_open(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.state {
            InvitationState::Pending if now < self.expires => Ok(()),
            InvitationState::Pending => Err(Refusal::Expired),
            InvitationState::Redeemed { .. } => Err(Refusal::AlreadyRedeemed),
            InvitationState::Revoked { .. } => Err(Refusal::Revoked),
            InvitationState::Declined { .. } => Err(Refusal::Declined),
        }
    }

    /// Writes what became of it; the mailed token falls with that.
    pub(super) fn close(&self, p: &mut Proposal, state: InvitationState) -> Self {
        let mut invitation = Self { state, mailed: None, reminder: None, spent: self.mailed.or(self.spent), ..self.clone() };
        p.put(&mut invitation);
        invitation
    }

    pub(super) fn told(&self, entry: super::audit::Entry) -> super::audit::Entry {
        let apps: Vec<&str> = self.offers.iter().map(|o| o.app.as_str()).collect();
        let entry = entry.invitation(self).detail("apps", &apps.join(" ")).detail("expires", &self.expires.to_string());
        if self.provisioned.is_some() { entry.detail("by", "provisioning") } else { entry }
    }
}
