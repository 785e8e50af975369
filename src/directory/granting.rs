//! Granting what was asked for: a sign-up becomes an invitation, everything else a grant that begins, lasts longer, or is approved.

use std::collections::BTreeMap;

use super::{
    Actor, Approved, Draft, Grant, GrantState, Guest, Invitation, InvitationState, Known, Letter, Occasion, Offer, OutgoingMail, Proposal,
    Refusal, Request, RequestKind, RequestState, Version, audit::Event,
};
use crate::base::{Digest, Span};

/// What an approval gives, and what it needs to be given.
#[derive(Debug, Clone)]
pub struct Granting<'a> {
    /// The guest with this address.
    pub guest: Option<&'a Guest>,
    /// All grants of the guest.
    pub grants: &'a [Grant],
    /// Any invitation of the address.
    pub earlier: Option<&'a Invitation>,
    /// How long the access lasts; `None`: until revoked.
    pub access_for: Option<Span>,
    /// How long the invitation of a sign-up works.
    pub lifetime: Span,
    /// The hash of a token that finds the invitation and proves nothing.
    pub direct: Digest,
    /// The mail of a sign-up, with the link that proves the mailbox.
    pub letter: Option<Letter>,
    /// Other mails.
    pub mails: Vec<OutgoingMail>,
}

impl Request {
    /// Writes that it was granted, and what was.
    pub(super) fn grant(&self, o: &Occasion<'_>, actor: &Actor, granting: Granting<'_>) -> Result<(Self, Proposal), Refusal> {
        let by = actor.address().cloned();
        let mut p = Proposal::at(o.now);
        let mut request = Self { state: RequestState::Approved { at: o.now, by: by.clone() }, ..self.clone() };
        p.put(&mut request);
        p.audit(self.told(o, actor, Event::RequestApproved));
        let p = match self.kind {
            RequestKind::SignUp => p.and(self.invite(o, actor, &granting)?),
            RequestKind::Access => p.and(self.open(o, actor, &granting)?),
            RequestKind::Extension => p.and(self.prolong(o, actor, &granting)?),
            RequestKind::Approval => p.and(self.let_in(o, actor, &granting)?),
        };
        Ok((request, granting.mails.into_iter().fold(p, Proposal::with_mail)))
    }

    /// The attributes that a sign-up's guest comes with: the answers, and what the program added or changed.
    fn attributes(&self) -> BTreeMap<String, Vec<String>> {
        let answered = self.answers.iter().filter(|a| !a.value.is_empty()).map(|a| (a.name.clone(), vec![a.value.clone()]));
        answered.chain(self.endowment.attributes.clone()).collect()
    }

    /// A sign-up becomes an invitation, whose mail proves the mailbox once more.
    fn invite(&self, o: &Occasion<'_>, actor: &Actor, granting: &Granting<'_>) -> Result<Proposal, Refusal> {
        let known = Known { guest: granting.guest, earlier: granting.earlier };
        Invitation::compose(o, actor, known, self.draft(granting), InvitationState::Pending).map(|(_, p)| p)
    }

    fn draft(&self, granting: &Granting<'_>) -> Draft {
        Draft {
            email: self.email.clone(),
            name: self.name.clone(),
            offers: vec![Offer { app: self.app.clone(), role: self.endowment.role.clone(), access_for: granting.access_for }],
            groups: self.endowment.groups.clone(),
            attributes: self.attributes(),
            message: None,
            language: self.language.clone(),
            sponsor: self.sponsor.clone(),
            lifetime: granting.lifetime,
            direct: granting.direct,
            letter: granting.letter.clone(),
            copies: Vec::new(),
            cc: Vec::new(),
            landing: None,
            provisioned: None,
        }
    }

    /// A guest who is known gets a grant, and the invitation that it descends from.
    fn open(&self, o: &Occasion<'_>, actor: &Actor, granting: &Granting<'_>) -> Result<Proposal, Refusal> {
        let guest = granting.guest.filter(|g| g.id == self.guest).ok_or(Refusal::Unwarranted)?;
        guest.must_be_active()?;
        // INVARIANT: a grant starts only for an address that was proved.
        if guest.first_redeemed.is_none() {
            return Err(Refusal::Senseless);
        }
        if granting.grants.iter().any(|g| g.guest == guest.id && g.app == self.app && g.is_in_force(o.now)) {
            return Err(Refusal::NothingToDo);
        }
        let known = Known { guest: granting.guest, earlier: granting.earlier };
        let mut draft = self.draft(granting);
        draft.letter = None;
        let (invitation, mut p) = Invitation::compose(o, actor, known, draft, InvitationState::Redeemed { at: o.now })?;
        p.rely(guest);
        // An access that has run out would stand in the way of the new one.
        for old in granting.grants.iter().filter(|g| g.guest == guest.id && g.app == self.app && g.is_active()) {
            old.end(o, actor, &mut p);
        }
        let mut grant = Grant {
            id: o.id(),
            guest: guest.id,
            app: self.app.clone(),
            role: self.endowment.role.clone(),
            from: o.now,
            until: granting.access_for.map(|span| o.now.plus(span)),
            invitation: invitation.id,
            state: GrantState::Active,
            approved: None,
            reminded: None,
            version: Version::default(),
        };
        p.audit(grant.told(o.entry(actor, Event::GrantCreated)));
        p.put(&mut grant);
        Ok(p)
    }

    /// The grant ends later than it would; one that has run out begins anew.
    fn prolong(&self, o: &Occasion<'_>, actor: &Actor, granting: &Granting<'_>) -> Result<Proposal, Refusal> {
        let before = self.grant_of(granting)?;
        let until = granting.access_for.map(|span| before.until.map_or(o.now, |until| until.max(o.now)).plus(span));
        let mut grant = Grant { until: before.until.and(until), ..before.clone() };
        let mut p = Proposal::at(o.now);
        p.audit(grant.told(o.entry(actor, Event::GrantChanged)));
        p.put(&mut grant);
        Ok(p)
    }

    /// An owner has looked at this access and lets it happen.
    fn let_in(&self, o: &Occasion<'_>, actor: &Actor, granting: &Granting<'_>) -> Result<Proposal, Refusal> {
        let mut grant = self.grant_of(granting)?.clone();
        grant.approved = Some(Approved { at: o.now, by: actor.address().cloned(), as_what: actor.kind() });
        let mut p = Proposal::at(o.now);
        p.put(&mut grant);
        Ok(p)
    }

    fn grant_of<'g>(&self, granting: &Granting<'g>) -> Result<&'g Grant, Refusal> {
        let guest = granting.guest.filter(|g| g.id == self.guest).ok_or(Refusal::Unwarranted)?;
        guest.must_be_active()?;
        granting.grants.iter().find(|g| g.guest == guest.id && g.app == self.app && g.is_active()).ok_or(Refusal::Revoked)
    }
}
