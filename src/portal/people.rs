//! What the portal asks of the directory and has the store write: each function reads, lets the directory decide, commits, and begins
//! anew where somebody else was faster.

use super::{language, past, visit::Visit};
use crate::{
    base::{AppId, Digest, GuestId, InvitationId, Past, SessionId},
    directory::{
        Actor, AddressProof, Device, Family, Grant, Guest, Invitation, OutgoingMail, Proposal, Proven, Refusal, RootOpening, Session,
        Target, Unmet, Vouched, may,
    },
    store::{Revision, StoreError},
    web::rules,
};

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Failed {
    /// The rules say no.
    Refused(Refusal),
    /// The store does not answer.
    Unavailable(StoreError),
}

/// How often a decision is made anew when somebody else was faster.
pub(super) const TRIES: usize = 4;

impl From<StoreError> for Failed {
    fn from(cause: StoreError) -> Self {
        let StoreError::Unmet(why) = &cause else { return Self::Unavailable(cause) };
        tracing::info!(%why, "an access was refused");
        match **why {
            Unmet::Clash(_) => Self::Refused(Refusal::Excluded),
            Unmet::Full(_) | Unmet::Domain(_) => Self::Refused(Refusal::TooMany),
        }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Accepts an invitation with a proof of its address; whoever a provider vouches for is bound to the provider's name for them at once.
pub(super) async fn accept(
    visit: &Visit,
    id: InvitationId,
    proof: &AddressProof,
    vouched: Option<&Vouched>,
) -> Result<(Guest, Invitation), Failed> {
    let store = &visit.state.store;
    for _ in 0..TRIES {
        let invitation = store.invitation(id).await?.ok_or(Refusal::Expired)?;
        if !admits(visit, &invitation) {
            return Err(Refusal::Revoked.into());
        }
        if visit.config().is_member(&invitation.email) {
            return Err(Refusal::OtherKind.into());
        }
        let guest = store.guest_by_email(&invitation.email).await?;
        let held = match &guest {
            Some(guest) => store.grants_of(guest.id).await?,
            None => Vec::new(),
        };
        let (redeemed, proposal) = invitation.redeem(&visit.occasion(), proof, guest.as_ref(), &held)?;
        let proposal = match vouched.map(|vouched| redeemed.guest.bind(&visit.occasion(), vouched)) {
            None | Some(Err(Refusal::NothingToDo)) => proposal,
            Some(bound) => proposal.and(bound?),
        };
        let proposal = rules::applied(&**store, visit.config(), proposal).await?;
        if commit(visit, proposal).await?.is_some() {
            return Ok((redeemed.guest, redeemed.invitation));
        }
    }
    Err(StoreError::Conflict.into())
}

/// Whether whoever is invited may come to all that is offered, by today's rules.
pub(super) fn admits(visit: &Visit, invitation: &Invitation) -> bool {
    let config = visit.config();
    let offered = || invitation.offers.iter().filter_map(|offer| config.app(&offer.app));
    config.invitations.admits(&invitation.email) && offered().all(|app| app.invitations.admits(&invitation.email))
}

/// Binds a provider's name for a person to the guest, if that has not been done.
pub(super) async fn bind(visit: &Visit, id: GuestId, vouched: &Vouched) -> Result<(), Failed> {
    let store = &visit.state.store;
    persist(visit, || async {
        let guest = store.guest(id).await?.ok_or(Refusal::Removed)?;
        Ok(guest.bind(&visit.occasion(), vouched)?)
    })
    .await
}

/// Makes a member of whoever a provider of members vouches for, for the first time.
pub(super) async fn join(visit: &Visit, vouched: &Vouched) -> Result<Guest, Failed> {
    let (member, proposal) = Guest::member(&visit.occasion(), vouched)?;
    commit(visit, proposal).await?.ok_or(StoreError::Conflict)?;
    Ok(member)
}

/// Keeps the language that a guest has chosen.
pub(super) async fn speak(visit: &Visit, id: GuestId, language: &str) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let guest = visit.state.store.guest(id).await?.ok_or(Refusal::Removed)?;
        let proposal = match guest.speak(&visit.occasion(), language) {
            Err(Refusal::NothingToDo) => return Ok(()),
            decided => decided?,
        };
        if let Some(revision) = commit(visit, proposal).await? {
            caught_up(visit, revision).await;
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Says no to an invitation, for whoever holds one of its links; the mail goes with it.
pub(super) async fn decline(visit: &Visit, id: InvitationId, token: &Digest, mail: Option<OutgoingMail>) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let invitation = visit.state.store.invitation(id).await?.ok_or(Refusal::Expired)?;
        let (_, proposal) = invitation.decline(&visit.occasion(), token)?;
        let proposal = mail.iter().cloned().fold(proposal, Proposal::with_mail);
        if commit(visit, proposal).await?.is_some() {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Signs a guest in here: renews this browser's session if it is the same guest's, else ends it and opens a new one.
pub(super) async fn sign_in(
    visit: &Visit,
    guest: &Guest,
    proven: Proven,
    invitation: Option<InvitationId>,
    device: Option<&Device>,
) -> Result<Session, Failed> {
    let past = past::of(visit, guest).await?;
    let opening = opening(visit, proven.clone(), invitation, device, past);
    for _ in 0..TRIES {
        // Read anew on each round, since an acceptance may have written the guest a moment ago.
        let guest = visit.state.store.guest(guest.id).await?.ok_or(Refusal::Removed)?;
        let (session, proposal) = match before(visit).await? {
            Some((root, children)) if root.guest == guest.id => {
                let family = Family { root: &root, children: &children };
                let (stepped, proposal) = Session::step_up(&visit.occasion(), &guest, family, None, &proven)?;
                (stepped.root, proposal)
            }
            Some((root, _)) => {
                sign_out(visit, root.id).await?;
                Session::open_root(&visit.occasion(), &guest, opening.clone())?
            }
            None => Session::open_root(&visit.occasion(), &guest, opening.clone())?,
        };
        if let Some(revision) = commit(visit, proposal).await? {
            past::remember(visit, guest.id).await;
            language::keep(visit, guest.id).await;
            caught_up(visit, revision).await;
            return Ok(session);
        }
    }
    Err(StoreError::Conflict.into())
}

/// Adds a proof to this browser's session, which must be this guest's: what is shown here is never enough to open one.
pub(super) async fn step_up(visit: &Visit, guest: &Guest, proven: Proven) -> Result<Session, Failed> {
    for _ in 0..TRIES {
        let guest = visit.state.store.guest(guest.id).await?.ok_or(Refusal::Removed)?;
        let (root, children) = before(visit).await?.filter(|(root, _)| root.guest == guest.id).ok_or(Refusal::SessionEnded)?;
        let family = Family { root: &root, children: &children };
        let (stepped, proposal) = Session::step_up(&visit.occasion(), &guest, family, None, &proven)?;
        if let Some(revision) = commit(visit, proposal).await? {
            past::remember(visit, guest.id).await;
            caught_up(visit, revision).await;
            return Ok(stepped.root);
        }
    }
    Err(StoreError::Conflict.into())
}

fn opening(visit: &Visit, proven: Proven, invitation: Option<InvitationId>, device: Option<&Device>, past: Past) -> RootOpening {
    let ceilings = &visit.config().session;
    RootOpening {
        proven,
        invitation,
        lifetime: ceilings.lifetime,
        persistent: ceilings.persistent,
        origin: visit.origin(),
        device: device.cloned(),
        past,
    }
}

/// The root session that this browser has, with its children.
async fn before(visit: &Visit) -> Result<Option<(Session, Vec<Session>)>, Failed> {
    let Some(id) = visit.root_id() else { return Ok(None) };
    let store = &visit.state.store;
    let Some(root) = store.session(id).await?.filter(|root| root.is_live(visit.now)) else { return Ok(None) };
    let children = store.children_of(id).await?;
    Ok(Some((root, children)))
}

/// Ends one browser's session and its children. That it has ended already is no failure.
pub(super) async fn sign_out(visit: &Visit, root: SessionId) -> Result<(), Failed> {
    let store = &visit.state.store;
    for _ in 0..TRIES {
        let Some(session) = store.session(root).await? else { return Ok(()) };
        let Some(guest) = store.guest(session.guest).await? else { return Ok(()) };
        let children = store.children_of(root).await?;
        let warrant = warrant_of(&guest)?;
        let family = Family { root: &session, children: &children };
        if ended(visit, Session::sign_out(&visit.occasion(), &warrant, family)).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Ends every session of a guest.
pub(super) async fn sign_out_everywhere(visit: &Visit, guest: &Guest) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let sessions = visit.state.store.sessions_of(guest.id).await?;
        let warrant = warrant_of(guest)?;
        if ended(visit, Session::sign_out_all(&visit.occasion(), &warrant, &sessions)).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Ends every session of a guest but those of one browser.
pub(super) async fn sign_out_elsewhere(visit: &Visit, guest: &Guest, here: SessionId) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let mut sessions = visit.state.store.sessions_of(guest.id).await?;
        sessions.retain(|session| session.root_id() != here);
        let warrant = warrant_of(guest)?;
        if ended(visit, Session::sign_out_all(&visit.occasion(), &warrant, &sessions)).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

fn warrant_of(guest: &Guest) -> Result<crate::directory::Warrant<crate::directory::EndSessions>, Refusal> {
    let actor = Actor::Guest { id: guest.id, email: guest.email.clone() };
    may(&actor, Target::Guest(guest, &[])).map_err(|_| Refusal::Unwarranted)
}

async fn ended(visit: &Visit, decided: Result<Proposal, Refusal>) -> Result<bool, Failed> {
    let proposal = match decided {
        Ok(proposal) => proposal,
        Err(Refusal::NothingToDo) => return Ok(true),
        Err(refusal) => return Err(refusal.into()),
    };
    match commit(visit, proposal).await? {
        Some(revision) => {
            caught_up(visit, revision).await;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// The guest's grants that let in now, for apps that there are.
pub(super) async fn open_grants(visit: &Visit, guest: &Guest) -> Result<Vec<Grant>, StoreError> {
    let grants = visit.state.store.grants_of(guest.id).await?;
    Ok(grants.into_iter().filter(|g| g.is_in_force(visit.now) && visit.config().app(&g.app).is_some()).collect())
}

/// The invitation that a session descends from: that of the app's grant, else of any that is open.
pub(super) fn invitation_of(grants: &[Grant], app: Option<&AppId>) -> Option<InvitationId> {
    let of_app = grants.iter().find(|g| Some(&g.app) == app);
    of_app.or_else(|| grants.iter().max_by_key(|g| g.from)).map(|g| g.invitation)
}

/// Decides and writes, anew where somebody else was faster, and waits until the data plane knows. That nothing is to do is no failure.
pub(super) async fn persist<D: Future<Output = Result<Proposal, Failed>> + Send>(
    visit: &Visit,
    decide: impl Fn() -> D,
) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let proposal = match decide().await {
            Ok(proposal) => proposal,
            Err(Failed::Refused(Refusal::NothingToDo)) => return Ok(()),
            Err(failure) => return Err(failure),
        };
        let proposal = rules::applied(&*visit.state.store, visit.config(), proposal).await?;
        if let Some(revision) = commit(visit, proposal).await? {
            caught_up(visit, revision).await;
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Writes; `None`: somebody else was faster. Spawned, so that a closed laptop never cuts a transaction in half.
pub(super) async fn commit(visit: &Visit, proposal: Proposal) -> Result<Option<Revision>, StoreError> {
    let (store, live) = (visit.state.store.clone(), visit.state.live.clone());
    let written = visit.state.later.spawn(async move {
        let written = store.commit(proposal).await;
        live.nudge();
        written
    });
    match written.await {
        Ok(Ok(revision)) => Ok(Some(revision)),
        Ok(Err(StoreError::Conflict)) => Ok(None),
        Ok(Err(cause)) => Err(cause),
        // The write panicked; whether it was made is not known, and whoever asks again will see.
        Err(_) => Err(StoreError::Locked),
    }
}

/// Waits until the data plane knows of a write. If that takes too long the next request of this browser may have to wait as well.
pub(super) async fn caught_up(visit: &Visit, revision: Revision) {
    if visit.state.live.caught_up(revision).await.is_err() {
        tracing::warn!("the feed has not caught up with a write of the portal");
    }
}
