//! Tells a receiver what an entry of the audit log means to it: which security events, about whom, and whether it knows that guest at all.

use serde_json::{Value, json};

use super::forward::Forwarding;
use crate::{
    base::{GuestId, SessionId},
    config::{Receiver, SubjectForm},
    directory::{
        Audience, Signal,
        audit::{Entry, Stored},
        signals,
    },
    identity::SecurityEvent,
    observe::causes,
    outbound::push,
    store::StoreError,
};

impl Forwarding {
    /// Sends all that an entry means to a receiver; where one event is not taken, all of them are sent again under the same names.
    pub(super) async fn transmit(&self, to: &Receiver, stored: &Stored) -> Result<(), String> {
        // An entry of a later version means nothing here.
        let Ok(entry) = serde_json::from_str::<Entry>(&stored.body) else { return Ok(()) };
        let Some(guest) = entry.guest else { return Ok(()) };
        for signal in signals(&entry).iter().filter(|signal| to.wants(signal.kind)) {
            if !self.concerns(to, guest, signal).await.map_err(|cause| causes(&cause))? {
                continue;
            }
            let subject = self.subject(to, guest, stored, signal.session).await.map_err(|cause| causes(&cause))?;
            let event = SecurityEvent {
                jti: &format!("{}-{}", entry.id, signal.kind),
                aud: &to.audience,
                subject,
                kind: signal.kind,
                claims: claims(&entry, signal),
                iat: entry.at,
            };
            push(to, self.keys.security_event(&event)).await.map_err(|cause| causes(&cause))?;
        }
        Ok(())
    }

    /// Whether a receiver has to do with it: it learns nothing of people who never had one of its apps.
    async fn concerns(&self, to: &Receiver, guest: GuestId, signal: &Signal) -> Result<bool, StoreError> {
        if let Some(app) = &signal.app {
            return Ok(to.knows(app));
        }
        if let Some(id) = signal.session {
            let session = self.store.session(id).await?;
            return Ok(session.is_some_and(|session| matches!(&session.audience, Audience::App(app) if to.knows(app))));
        }
        Ok(self.store.grants_of(guest).await?.iter().any(|grant| to.knows(&grant.app)))
    }

    /// The guest, or one session of the guest, as RFC 9493 writes it.
    async fn subject(&self, to: &Receiver, guest: GuestId, stored: &Stored, session: Option<SessionId>) -> Result<Value, StoreError> {
        let by_id = json!({"format": "iss_sub", "iss": self.keys.issuer(), "sub": guest.to_string()});
        let user = match to.subject {
            SubjectForm::IssSub => by_id,
            SubjectForm::Email => match self.address(guest, stored).await? {
                Some(email) => json!({"format": "email", "email": email}),
                // Erased meanwhile: the id is all that is left.
                None => by_id,
            },
        };
        Ok(match session {
            Some(id) => json!({"format": "complex", "user": user, "session": {"format": "opaque", "id": id.to_string()}}),
            None => user,
        })
    }

    /// The address as it was then, or as it is now.
    async fn address(&self, guest: GuestId, stored: &Stored) -> Result<Option<String>, StoreError> {
        let facts = stored.personal.as_ref().and_then(|(_, facts)| serde_json::from_str::<Value>(facts).ok());
        if let Some(email) = facts.as_ref().and_then(|facts| facts.get("guest")?.as_str()) {
            return Ok(Some(email.to_owned()));
        }
        Ok(self.store.guest(guest).await?.map(|guest| guest.email.to_string()))
    }
}

fn claims(entry: &Entry, signal: &Signal) -> Value {
    let mut claims = json!({"event_timestamp": entry.at.as_secs(), "initiating_entity": signal.initiated_by});
    if let Some((kind, change)) = signal.credential {
        claims["credential_type"] = kind.into();
        claims["change_type"] = change.into();
    }
    claims
}
