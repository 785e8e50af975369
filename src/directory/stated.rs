//! Why a guest uses an app, stated once a session and app where a policy asks for it.

use super::{Actor, Audience, Guest, Occasion, Proposal, Refusal, Session, audit::Event};
use crate::base::{AppId, Timestamp};

/// A reason, in the guest's own words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stated {
    /// The reason.
    pub reason: String,
    /// When it was stated.
    pub at: Timestamp,
}

/// The shortest reason, in characters: what is shorter says nothing.
const SHORTEST: usize = 5;
/// The longest reason, in characters.
const LONGEST: usize = 500;

impl Stated {
    /// A reason with spaces folded and what cannot be seen dropped, if it says something and fits.
    pub fn parse(text: &str) -> Option<String> {
        let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        (SHORTEST..=LONGEST).contains(&folded.chars().count()).then_some(folded)
    }
}

impl Session {
    /// States why the guest uses an app: on the root, and on the children that are open on that app.
    pub fn state_reason(
        &self,
        o: &Occasion<'_>,
        guest: &Guest,
        app: &AppId,
        reason: &str,
        children: &[Self],
    ) -> Result<(Self, Proposal), Refusal> {
        guest.must_be_active()?;
        if self.guest != guest.id || self.audience != Audience::Portal || children.iter().any(|c| c.root != Some(self.id)) {
            return Err(Refusal::Unwarranted);
        }
        if !self.is_live(o.now) {
            return Err(Refusal::SessionEnded);
        }
        let reason = Stated::parse(reason).ok_or(Refusal::Senseless)?;
        let stated = Stated { reason, at: o.now };
        let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
        let mut p = Proposal::at(o.now).relying_on(guest);
        let mut root = self.clone();
        root.stated.insert(app.clone(), stated.clone());
        p.put(&mut root);
        for child in children.iter().filter(|c| c.ended.is_none() && c.app() == Some(app)) {
            let mut child = child.clone();
            child.stated.insert(app.clone(), stated.clone());
            p.put(&mut child);
        }
        let entry = o.entry(&actor, Event::JustificationStated).session(&root).guest(guest).app(app);
        p.audit(entry.personal("reason", &stated.reason));
        Ok((root, p))
    }
}
