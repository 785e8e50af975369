//! Opening sessions: a root by a proof, a child from its root, and a step up that renews both.

use std::collections::BTreeMap;

use super::{
    Actor, Audience, Device, EndReason, Ended, Family, Grant, Guest, Occasion, Origin, Proposal, Proven, Refusal, Session, Version,
    audit::Event,
};
use crate::base::{AppId, GrantId, InvitationId, Past, Proof, SessionId, Span};

/// How a root session is opened.
#[derive(Debug, Clone)]
pub struct RootOpening {
    /// Who it is, proved.
    pub proven: Proven,
    /// The invitation that it descends from.
    pub invitation: Option<InvitationId>,
    /// The longest that it may last.
    pub lifetime: Span,
    /// Whether the cookie may outlive the browser.
    pub persistent: bool,
    /// Where.
    pub origin: Origin,
    /// The browser, where it is known.
    pub device: Option<Device>,
    /// What was known of the guest before.
    pub past: Past,
}

/// How a child session is opened.
#[derive(Debug, Clone)]
pub struct ChildOpening<'a> {
    /// On which app.
    pub app: &'a AppId,
    /// By which grant; without one the session only shows who is refused.
    pub grant: Option<&'a Grant>,
    /// The longest that it may last; never longer than its root.
    pub lifetime: Span,
    /// Where.
    pub origin: Origin,
    /// The session of this browser on that app whose place it takes.
    pub replaces: Option<&'a Session>,
}

/// What a step up has become.
#[derive(Debug, Clone)]
pub struct SteppedUp {
    /// The root, under a new id.
    pub root: Session,
    /// The child that asked, under a new id.
    pub child: Option<Session>,
}

impl Session {
    /// Opens the root session of a browser.
    pub fn open_root(o: &Occasion<'_>, guest: &Guest, opening: RootOpening) -> Result<(Self, Proposal), Refusal> {
        guest.must_be_active()?;
        if opening.proven.address() != &guest.email {
            return Err(Refusal::WrongAddress);
        }
        let mut session = Self {
            id: o.id(),
            root: None,
            audience: Audience::Portal,
            guest: guest.id,
            invitation: opening.invitation,
            grant: None,
            proofs: opening.proven.proofs().to_vec(),
            provider_session: opening.proven.provider_session(),
            signed_in: opening.proven.latest(),
            created: o.now,
            expires: o.now.plus(opening.lifetime),
            persistent: opening.persistent,
            last_seen: o.now,
            origin: opening.origin,
            device: opening.device,
            past: opening.past,
            stated: BTreeMap::new(),
            ended: None,
            version: Version::default(),
        };
        let mut p = Proposal::at(o.now).relying_on(guest);
        p.put(&mut session);
        p.audit(opened(o, guest, &session, Event::SessionOpened));
        Ok((session, p))
    }

    /// Opens the child of this root on an app.
    pub fn open_child(&self, o: &Occasion<'_>, guest: &Guest, opening: ChildOpening<'_>) -> Result<(Self, Proposal), Refusal> {
        guest.must_be_active()?;
        self.must_be_root_of(guest, o)?;
        let fits = |g: &&Grant| g.guest == guest.id && g.app == *opening.app;
        if opening.grant.is_some() && opening.grant.filter(fits).is_none() {
            return Err(Refusal::Unwarranted);
        }
        let grant: Option<GrantId> = opening.grant.map(|g| g.id);
        let mut session = Self {
            id: o.id(),
            root: Some(self.id),
            audience: Audience::App(opening.app.clone()),
            invitation: opening.grant.map(|g| g.invitation).or(self.invitation),
            grant,
            created: o.now,
            expires: self.expires.min(o.now.plus(opening.lifetime)),
            last_seen: o.now,
            origin: opening.origin,
            stated: self.stated.get(opening.app).map(|stated| (opening.app.clone(), stated.clone())).into_iter().collect(),
            version: Version::default(),
            ..self.clone()
        };
        let mut p = Proposal::at(o.now).relying_on(guest).relying_on(self);
        // What asked for more gives way to what has more; anything else that is named stays as it is.
        let ours = |old: &&Self| old.root == Some(self.id) && old.audience == session.audience && old.ended.is_none();
        if let Some(old) = opening.replaces.filter(ours) {
            old.end(&mut p, EndReason::Renewed);
        }
        p.put(&mut session);
        p.audit(opened(o, guest, &session, Event::SessionOpened).app(opening.app));
        Ok((session, p))
    }

    /// Adds a proof: the root and the child that asked get new ids, the other children see the new methods and stay open.
    pub fn step_up(
        o: &Occasion<'_>,
        guest: &Guest,
        family: Family<'_>,
        asking: Option<SessionId>,
        proven: &Proven,
    ) -> Result<(SteppedUp, Proposal), Refusal> {
        guest.must_be_active()?;
        family.root.must_be_root_of(guest, o)?;
        if proven.address() != &guest.email {
            return Err(Refusal::WrongAddress);
        }
        let children: Vec<&Self> = family.children.iter().filter(|c| c.ended.is_none()).collect();
        if children.iter().any(|c| c.root != Some(family.root.id)) {
            return Err(Refusal::Unwarranted);
        }
        if asking.is_some_and(|id| children.iter().all(|c| c.id != id)) {
            return Err(Refusal::SessionEnded);
        }
        let mut p = Proposal::at(o.now).relying_on(guest);
        let root = family.root.renewed(o, &mut p, proven, None);
        let mut renewed = None;
        for child in children {
            if Some(child.id) == asking {
                renewed = Some(child.renewed(o, &mut p, proven, Some(root.id)));
            } else {
                let mut kept = child.with(proven);
                kept.root = Some(root.id);
                p.put(&mut kept);
            }
        }
        p.audit(opened(o, guest, &root, Event::SessionSteppedUp));
        Ok((SteppedUp { root, child: renewed }, p))
    }

    /// The same session under a new id; the old one ends.
    fn renewed(&self, o: &Occasion<'_>, p: &mut Proposal, proven: &Proven, root: Option<SessionId>) -> Self {
        let mut old = Self { ended: Some(Ended { at: o.now, reason: EndReason::Renewed }), ..self.clone() };
        p.put(&mut old);
        let mut new = Self { id: o.id(), root, last_seen: o.now, version: Version::default(), ..self.with(proven) };
        p.put(&mut new);
        new
    }

    /// The session with what was shown now; of one factor, the latest showing counts.
    fn with(&self, proven: &Proven) -> Self {
        let mut proofs: Vec<Proof> = self.proofs.clone();
        for proof in proven.proofs() {
            proofs.retain(|p| p.factor != proof.factor);
            proofs.push(proof.clone());
        }
        let signed_in = proven.latest_explicit().map_or(self.signed_in, |at| self.signed_in.max(at));
        let provider_session = proven.provider_session().or(self.provider_session);
        Self { proofs, provider_session, signed_in, ..self.clone() }
    }

    fn must_be_root_of(&self, guest: &Guest, o: &Occasion<'_>) -> Result<(), Refusal> {
        if self.guest != guest.id || self.audience != Audience::Portal || self.root.is_some() {
            return Err(Refusal::Unwarranted);
        }
        if self.is_live(o.now) { Ok(()) } else { Err(Refusal::SessionEnded) }
    }
}

fn opened(o: &Occasion<'_>, guest: &Guest, session: &Session, event: Event) -> super::audit::Entry {
    let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
    let methods: Vec<String> = session.proofs.iter().map(|p| p.factor.to_string()).collect();
    o.entry(&actor, event).session(session).guest(guest).detail("methods", &methods.join(" "))
}
