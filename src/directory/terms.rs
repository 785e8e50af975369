//! Terms of use that a guest accepted: which text, in which version, when, and from where.

use std::net::IpAddr;

use super::{Actor, Audience, Effect, Guest, Occasion, Proposal, Refusal, Session, audit::Event, digest};
use crate::base::{AppId, Digest, EventId, Name, Span, Timestamp};

/// That a guest accepted terms. What is accepted stays accepted; whether it still counts is for policies to say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AcceptedTerms {
    /// As policies call them.
    pub terms: Name,
    /// In which version.
    pub version: u32,
    /// The SHA-256 of the text that was shown.
    #[serde(with = "digest")]
    pub text: Digest,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub from: Option<IpAddr>,
    /// For which app they were asked for.
    pub app: Option<AppId>,
    /// The entry of the audit log that says so.
    pub entry: EventId,
}

/// A text that somebody is asked to accept.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// As policies call it.
    pub terms: &'a Name,
    /// Its version.
    pub version: u32,
    /// The text itself.
    pub text: &'a str,
    /// Its SHA-256.
    pub digest: Digest,
    /// The app that asks for it.
    pub app: Option<&'a AppId>,
}

/// A second press of the same button is no second acceptance.
const SAME: Span = Span::mins(1);
/// So many acceptances are remembered; the audit log keeps all.
const MOST: usize = 200;

impl Guest {
    /// Accepts a text, in a session of the guest's own. The text is kept for as long as the database.
    pub fn accept_terms(&self, o: &Occasion<'_>, session: &Session, document: Document<'_>) -> Result<(Self, Proposal), Refusal> {
        self.must_be_active()?;
        if session.guest != self.id || session.audience != Audience::Portal {
            return Err(Refusal::Unwarranted);
        }
        if !session.is_live(o.now) {
            return Err(Refusal::SessionEnded);
        }
        if self.accepted.iter().any(|a| a.is(&document) && o.now.since(a.at) < SAME) {
            return Err(Refusal::NothingToDo);
        }
        let actor = Actor::Guest { id: self.id, email: self.email.clone() };
        let mut entry = o.entry(&actor, Event::TermsAccepted).session(session).guest(self);
        entry = entry
            .detail("terms", document.terms.as_str())
            .detail("version", &document.version.to_string())
            .detail("sha256", &digest::text(&document.digest));
        if let Some(app) = document.app {
            entry = entry.app(app);
        }
        let mut guest = self.clone();
        guest.accepted.push(AcceptedTerms {
            terms: document.terms.clone(),
            version: document.version,
            text: document.digest,
            at: o.now,
            from: o.from,
            app: document.app.cloned(),
            entry: entry.id,
        });
        let surplus = guest.accepted.len().saturating_sub(MOST);
        guest.accepted.drain(..surplus);
        let mut p = Proposal::at(o.now).relying_on(session);
        p.put(&mut guest);
        p.audit(entry);
        p.effects.push(Effect::KeepText { digest: document.digest, text: document.text.to_owned() });
        Ok((guest, p))
    }
}

impl AcceptedTerms {
    /// The SHA-256 of the text, as `sha256sum` writes it.
    pub fn sha256(&self) -> String {
        digest::text(&self.text)
    }

    fn is(&self, document: &Document<'_>) -> bool {
        self.terms == *document.terms && self.version == document.version && self.text == document.digest
    }
}
