//! The certificate that a guest's browser has shown on a connection, where it was asked for one.
//!
//! The handshake has proved that the other side has its key. Whether it counts is judged when it is first asked about, anew after every
//! reload, and once a minute: time passes and lists of what was revoked are replaced while connections stay open.

use std::{cell::RefCell, sync::Arc};

use rustls_pki_types::CertificateDer;

use crate::{
    base::{Span, Timestamp},
    config::AskForCertificate,
    identity::{Brought, Certified},
    live::{SessionView, Snapshot},
};

use super::{admit::Asked, connection::Connection};

/// What was shown on a connection, leaf first; nothing where nobody was asked.
#[derive(Default)]
pub(super) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    judged: RefCell<Option<Judged>>,
}

/// What was thought of it.
struct Judged {
    generation: u64,
    at: Timestamp,
    until: Timestamp,
    brought: Brought,
}

/// How long a judgement is kept.
const KEPT: Span = Span::mins(1);

impl Shown {
    /// What TLS has of the other side.
    pub(super) fn of(chain: Option<&[CertificateDer<'static>]>) -> Self {
        Self { chain: chain.unwrap_or_default().to_vec(), judged: RefCell::default() }
    }

    /// What it is worth under what is in force, and since when that is known.
    pub(super) fn judge(&self, snapshot: &Snapshot, now: Timestamp) -> (Brought, Timestamp) {
        let (Some(authority), false) = (&snapshot.authority, self.chain.is_empty()) else { return (Brought::Nothing, now) };
        let mut judged = self.judged.borrow_mut();
        if let Some(last) = judged.as_ref()
            && last.generation == snapshot.generation
            && now < last.until
        {
            return (last.brought.clone(), last.at);
        }
        let (brought, until) = match authority.judge(&self.chain, now) {
            Ok(certified) => {
                let until = certified.until.min(now.plus(KEPT));
                (Brought::Valid(Arc::new(certified)), until)
            }
            Err(error) => {
                tracing::info!(error = crate::observe::causes(&error), "a client certificate does not count");
                (Brought::Refused, now.plus(KEPT))
            }
        };
        *judged = Some(Judged { generation: snapshot.generation, at: now, until, brought: brought.clone() });
        (brought, now)
    }
}

/// The certificate on the connection, where the app asks for one and it is this guest's, and since when that is known.
pub(super) fn of_guest(connection: &Connection, view: &SessionView, asked: Asked<'_>) -> Option<(Arc<Certified>, Timestamp)> {
    if asked.app.live.app.client_certificate == AskForCertificate::Never {
        return None;
    }
    match connection.certificate.judge(&asked.lens.snapshot, asked.now) {
        (Brought::Valid(certified), at) if certified.is_for(&view.guest.email) => Some((certified, at)),
        (Brought::Valid(_) | Brought::Refused | Brought::Nothing, _) => None,
    }
}
