//! What an entry of the audit log means to systems that trust our guests: the security events that they are told.

use super::{
    ActorKind, EndReason,
    audit::{Entry, Event},
};
use crate::base::{AppId, Factor, SessionId, SignalKind};

/// One security event about the guest of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What kind.
    pub kind: SignalKind,
    /// The one session that it is about; `None`: all of the guest.
    pub session: Option<SessionId>,
    /// The one app that it is about; `None`: all.
    pub app: Option<AppId>,
    /// Who began it, as CAEP names it.
    pub initiated_by: &'static str,
    /// Of a credential: what it is and what became of it, as CAEP names them.
    pub credential: Option<(&'static str, &'static str)>,
}

/// The events that an entry means, in the order in which they are told.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of what happens means nothing to others, and new events mean nothing until somebody says what"
)]
pub fn signals(entry: &Entry) -> Vec<Signal> {
    let initiated_by = initiated_by(entry);
    let about = |kind| Signal { kind, session: None, app: None, initiated_by, credential: None };
    match entry.event {
        // Receivers know one of the two or both; the account comes first, so that no session is opened in between.
        Event::GuestSuspended | Event::GuestRemoved | Event::GuestLeft => {
            vec![about(SignalKind::AccountDisabled), about(SignalKind::SessionRevoked)]
        }
        Event::GuestResumed | Event::GuestRestored => vec![about(SignalKind::AccountEnabled)],
        Event::GrantRevoked => vec![Signal { app: entry.app.clone(), ..about(SignalKind::SessionRevoked) }],
        Event::SessionEnded if ended_for_a_reason(entry) => vec![Signal { session: entry.session, ..about(SignalKind::SessionRevoked) }],
        Event::FactorAdded => vec![Signal { credential: Some((credential(entry), "create")), ..about(SignalKind::CredentialChange) }],
        Event::FactorRemoved => vec![Signal { credential: Some((credential(entry), "delete")), ..about(SignalKind::CredentialChange) }],
        Event::FactorsReset => vec![
            Signal { credential: Some(("fido2-roaming", "revoke")), ..about(SignalKind::CredentialChange) },
            about(SignalKind::SessionRevoked),
        ],
        _ => Vec::new(),
    }
}

/// A session that got another id goes on, one that ran out was known to, and with a guest who was removed all of them end anyway.
fn ended_for_a_reason(entry: &Entry) -> bool {
    let reason = entry.details.get("reason").map(String::as_str);
    [EndReason::SignedOut, EndReason::Breach, EndReason::Displaced].iter().any(|known| reason == Some(known.as_str()))
}

fn initiated_by(entry: &Entry) -> &'static str {
    match entry.actor {
        ActorKind::Guest => "user",
        ActorKind::System => "policy",
        ActorKind::Machine | ActorKind::Administrator | ActorKind::Owner | ActorKind::Inviter | ActorKind::Reader => "admin",
    }
}

fn credential(entry: &Entry) -> &'static str {
    let method = entry.details.get("method").map(String::as_str);
    let is = |factor: Factor| method == Some(factor.method());
    if is(Factor::Totp) {
        "app"
    } else if is(Factor::RecoveryCode) {
        "pin"
    } else {
        "fido2-roaming"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{EventId, Id as _, Timestamp};

    /// What kind, who began it, and of a credential: what it is and what became of it.
    type Told = (&'static str, &'static str, Option<(&'static str, &'static str)>);

    fn told(event: Event, actor: ActorKind, details: &[(&str, &str)]) -> Vec<Told> {
        let mut entry = Entry::new(EventId::from_bytes([1; 16]), Timestamp::EPOCH, event, [0; 16]);
        entry.actor = actor;
        let entry = details.iter().fold(entry, |entry, (name, value)| entry.detail(name, value));
        signals(&entry).into_iter().map(|s| (s.kind.as_str(), s.initiated_by, s.credential)).collect()
    }

    #[test]
    fn an_entry_means_what_others_have_to_act_on() {
        use ActorKind::{Administrator, Guest, System};
        let disabled = |by| vec![("account-disabled", by, None), ("session-revoked", by, None)];
        assert_eq!(told(Event::GuestSuspended, Administrator, &[]), disabled("admin"));
        assert_eq!(told(Event::GuestLeft, Guest, &[]), disabled("user"));
        assert_eq!(told(Event::GuestRestored, Administrator, &[]), [("account-enabled", "admin", None)]);
        assert_eq!(told(Event::SessionEnded, System, &[("reason", "breach")]), [("session-revoked", "policy", None)]);
        for silent in ["renewed", "expired", "removed"] {
            assert!(told(Event::SessionEnded, System, &[("reason", silent)]).is_empty(), "{silent}");
        }
        let (totp, codes) = (Factor::Totp.method(), Factor::RecoveryCode.method());
        assert_eq!(told(Event::FactorAdded, Guest, &[("method", totp)]), [("credential-change", "user", Some(("app", "create")))]);
        assert_eq!(
            told(Event::FactorRemoved, Guest, &[("method", codes)])[0].2,
            Some((if codes == totp { "app" } else { "pin" }, "delete"))
        );
        assert!(told(Event::InvitationIssued, Administrator, &[]).is_empty());
    }
}
