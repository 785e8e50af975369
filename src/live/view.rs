//! A session as the data plane sees it: it does not change, it is replaced.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering},
};

use arc_swap::ArcSwapOption;
use tokio::sync::Notify;

use crate::{
    base::Timestamp,
    directory::{AcceptedTerms, EndReason, Grant, Guest, GuestState, Session},
    policy::{Acceptance, AppPolicies, Device, Devices, Done, Facts, GrantState, PersonFacts, RequestFacts, Subject},
    store::{Revision, SessionRecord},
};

/// A session with its guest and grant, as of one revision.
#[derive(Debug)]
pub struct SessionView {
    /// The session.
    pub session: Arc<Session>,
    /// Its guest.
    pub guest: Arc<Guest>,
    /// The guest's active grant of the session's app.
    pub grant: Option<Arc<Grant>>,
    /// When this was so.
    pub revision: Revision,
    state: AtomicU8,
    marked: Notify,
    last_seen: AtomicI64,
    told: AtomicI64,
    subject: ArcSwapOption<Seen>,
    /// The terms that the guest accepted, as policies know them.
    terms: Box<[Acceptance]>,
    /// The limit on sessions that was last looked after.
    crowd: AtomicU32,
}

/// The guest as the policies of one load see it.
#[derive(Debug)]
struct Seen {
    policies: Arc<AppPolicies>,
    subject: Arc<Subject>,
}

fn acceptance(accepted: &AcceptedTerms) -> Acceptance {
    Acceptance { terms: accepted.terms.clone(), version: accepted.version, at: accepted.at }
}

const CURRENT: u8 = 0;
const REPLACED: u8 = 1;
/// An end is this and the place of its reason among [`EndReason::ALL`].
const ENDED: u8 = 2;

impl SessionView {
    pub(super) fn new(record: &SessionRecord, noted: Option<Timestamp>) -> Self {
        let last_seen = noted.map_or(record.session.last_seen, |at| at.max(record.session.last_seen));
        Self {
            session: Arc::clone(&record.session),
            guest: Arc::clone(&record.guest),
            grant: record.grant.clone(),
            revision: record.revision,
            state: AtomicU8::new(CURRENT),
            marked: Notify::new(),
            told: AtomicI64::new(record.session.last_seen.as_millis()),
            last_seen: AtomicI64::new(last_seen.as_millis()),
            subject: ArcSwapOption::empty(),
            terms: record.guest.accepted.iter().map(acceptance).collect(),
            crowd: AtomicU32::new(0),
        }
    }

    /// Whether nothing about it has changed: one atomic load.
    pub fn is_current(&self) -> bool {
        self.state.load(Ordering::Acquire) == CURRENT
    }

    /// Resolves when something about it has changed or ended; then the session is looked up again.
    pub async fn changed(&self) {
        let mut marked = std::pin::pin!(self.marked.notified());
        // Registered before the state is read: a mark in between still wakes.
        marked.as_mut().enable();
        if self.is_current() {
            marked.await;
        }
    }

    /// Why the session was ended, if that is what happened to this view.
    pub fn end_reason(&self) -> Option<EndReason> {
        let state = self.state.load(Ordering::Acquire);
        EndReason::ALL.get(usize::from(state.checked_sub(ENDED)?)).copied()
    }

    /// Whether this limit on sessions is to be looked after: once for each session and limit.
    pub fn is_new_crowd(&self, most: u32) -> bool {
        self.crowd.load(Ordering::Relaxed) != most && self.crowd.swap(most, Ordering::Relaxed) != most
    }

    /// The last activity on this gateway, or that the store knew of.
    pub fn last_seen(&self) -> Timestamp {
        Timestamp::from_millis(self.last_seen.load(Ordering::Relaxed))
    }

    /// Whether the guest may reach the app at all, as policies put it.
    pub fn grant_state(&self, now: Timestamp) -> GrantState {
        match (&self.guest.state, &self.grant) {
            (GuestState::Suspended { .. } | GuestState::Removed { .. }, _) => GrantState::Suspended,
            (GuestState::Active, Some(grant)) if grant.is_active() => match grant.until {
                _ if now < grant.from => GrantState::NotYet { from: grant.from },
                Some(until) if until <= now => GrantState::Expired,
                until => GrantState::Valid { until },
            },
            (GuestState::Active, Some(_) | None) => GrantState::Missing,
        }
    }

    /// The guest as these policies see it; made once and kept until the policies are others.
    pub fn subject(&self, policies: &Arc<AppPolicies>) -> Arc<Subject> {
        if let Some(seen) = &*self.subject.load()
            && Arc::ptr_eq(&seen.policies, policies)
        {
            return Arc::clone(&seen.subject);
        }
        let subject = Arc::new(policies.subject(&self.person()));
        self.subject.store(Some(Arc::new(Seen { policies: Arc::clone(policies), subject: Arc::clone(&subject) })));
        subject
    }

    /// Everything that a decision about a request of this session is made from.
    pub fn facts<'a>(&'a self, now: Timestamp, subject: &'a Subject, grant: GrantState, request: RequestFacts<'a>) -> Facts<'a> {
        Facts {
            proofs: &self.session.proofs,
            signed_in: Some(self.session.signed_in),
            terms: &self.terms,
            approved: self.grant.as_ref().and_then(|grant| grant.approved.as_ref()).map(|approved| approved.at),
            justified: self.reason().is_some(),
            ..Facts::new(now, subject, grant, request)
        }
    }

    /// The terms that the guest accepted, as policies know them.
    pub fn terms(&self) -> &[Acceptance] {
        &self.terms
    }

    /// Why the guest uses the app, as stated in this session.
    pub fn reason(&self) -> Option<&str> {
        self.session.app().and_then(|app| self.session.stated.get(app)).map(|stated| stated.reason.as_str())
    }

    /// What was shown and done, as far as requirements ask and the session tells.
    pub fn done(&self) -> Done<'_> {
        let (proofs, signed_in) = (self.session.proofs.as_slice(), Some(self.session.signed_in));
        let approved = self.grant.as_ref().and_then(|grant| grant.approved.as_ref()).map(|approved| approved.at);
        let justified = self.reason().is_some();
        Done { proofs, signed_in, terms: &self.terms, approved, justified, device: self.devices(), ..Done::NOTHING }
    }

    /// A device is known where the browser had the portal's cookie for this guest when the session was opened.
    pub fn devices(&self) -> Devices {
        Devices::NONE.with(if self.session.device.is_some() { Device::Known } else { Device::New })
    }

    /// The guest as policies see them, with the role of this grant.
    pub fn person(&self) -> PersonFacts<'_> {
        PersonFacts {
            kind: self.guest.kind,
            email: &self.guest.email,
            groups: &self.guest.groups,
            attributes: &self.guest.attributes,
            invited_by: self.guest.invited_by.as_ref(),
            role: self.grant.as_ref().and_then(|g| g.role.as_ref()),
            guest_since: self.guest.first_redeemed,
        }
    }

    /// Notes an activity and says whether the store is to be told.
    pub(super) fn touch(&self, now: Timestamp, every: crate::base::Span) -> bool {
        self.last_seen.fetch_max(now.as_millis(), Ordering::Relaxed);
        let told = self.told.load(Ordering::Relaxed);
        now.since(Timestamp::from_millis(told)) >= every
            && self.told.compare_exchange(told, now.as_millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Marks the view; whoever waits wakes. The first mark stays.
    pub(super) fn mark(&self, ended: Option<EndReason>) {
        let place = ended.and_then(|reason| EndReason::ALL.iter().position(|r| *r == reason));
        let state = place.and_then(|ix| u8::try_from(ix).ok()).map_or(REPLACED, |ix| ENDED.saturating_add(ix));
        if self.state.compare_exchange(CURRENT, state, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.marked.notify_waiters();
        }
    }
}
