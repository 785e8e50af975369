//! As many guests as are wanted, each with a grant and a live session, written to the gateway's database before it starts.

use std::{collections::BTreeMap, net::IpAddr, path::Path, sync::Arc};

use guestgate::{
    base::{AppId, EmailAddress, Factor, GrantId, GuestId, Host, Id, InvitationId, Kind, Name, Past, Proof, SessionId, Span, Timestamp},
    directory::{Audience, Change, Grant, GrantState, Guest, GuestState, Origin, Proposal, Session, Version},
    identity::{KeyRing, MasterKey, SessionClaims},
    serve::SystemEntropy,
    store::{SqliteStore, Store, StoreKeys},
};

/// The gateway's master key.
pub(crate) const MASTER: [u8; 32] = [7; 32];
/// So many are written in one transaction.
const BATCH: u32 = 2_000;

/// Writes so many people of this app, and gives the cookie of each.
pub(crate) async fn settle(database: &Path, issuer: &str, app: &str, host: &str, people: u32, now: Timestamp) -> Vec<String> {
    let keys = StoreKeys::derive(&MASTER).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(database, keys, Arc::new(SystemEntropy)).await.unwrap());
    let ring = KeyRing::new(issuer, &MasterKey::new(MASTER), &[]).unwrap();
    let (app, host) = (AppId::parse(app).unwrap(), Host::parse(host).unwrap());
    let mut cookies = Vec::new();
    for start in (0..people).step_by(usize::try_from(BATCH).unwrap()) {
        let mut proposal = Proposal::at(now);
        for n in start..people.min(start + BATCH) {
            let (guest, grant, session) = person(n, &app, now);
            let claims = SessionClaims {
                aud: host.clone(),
                sub: guest.id,
                sid: session.id,
                inv: session.invitation,
                iat: session.created,
                exp: session.expires,
            };
            cookies.push(ring.session_token(&claims));
            proposal.changes.extend([Change::PutGuest(guest), Change::PutGrant(grant), Change::PutSession(session)]);
        }
        store.commit(proposal).await.unwrap();
    }
    store.close().await;
    cookies
}

/// Ids that look random, as real ones do.
fn id<I: Id>(kind: u8, n: u32) -> I {
    let mut bytes = [0; 16];
    let mut state = (u64::from(n) << 8 | u64::from(kind)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    for half in bytes.chunks_mut(8) {
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
        half.copy_from_slice(&state.to_le_bytes());
    }
    I::from_bytes(bytes)
}

fn person(n: u32, app: &AppId, now: Timestamp) -> (Guest, Grant, Session) {
    let (guest, invitation): (GuestId, InvitationId) = (id(1, n), id(2, n));
    let person = Guest {
        id: guest,
        email: EmailAddress::parse(&format!("guest-{n}@partner.example")).unwrap(),
        name: Some(format!("Guest Number {n}")),
        kind: Kind::Guest,
        state: GuestState::Active,
        groups: vec![Name::parse("locum").unwrap(), Name::parse("radiology").unwrap()],
        attributes: BTreeMap::new(),
        sponsor: None,
        invited_by: None,
        language: None,
        created: now.minus(Span::days(30)),
        first_redeemed: Some(now.minus(Span::days(30))),
        accepted: Vec::new(),
        resumed: None,
        warned: None,
        sponsorship: Default::default(),
        bound: Vec::new(),
        version: Version(1),
    };
    let grant = Grant {
        id: id::<GrantId>(3, n),
        guest,
        app: app.clone(),
        role: Some(Name::parse("reader").unwrap()),
        from: now.minus(Span::days(30)),
        until: Some(now.plus(Span::days(60))),
        invitation,
        state: GrantState::Active,
        approved: None,
        reminded: None,
        version: Version(1),
    };
    let session = Session {
        id: id::<SessionId>(4, n),
        root: None,
        audience: Audience::App(app.clone()),
        guest,
        invitation: Some(invitation),
        grant: Some(grant.id),
        proofs: vec![Proof { factor: Factor::EmailCode, at: now.minus(Span::mins(1)) }],
        provider_session: None,
        signed_in: now.minus(Span::mins(1)),
        created: now.minus(Span::mins(1)),
        expires: now.plus(Span::hours(8)),
        persistent: false,
        last_seen: now,
        origin: Origin::new(IpAddr::from([127, 0, 0, 1]), "bench"),
        device: None,
        past: Past::default(),
        stated: BTreeMap::new(),
        ended: None,
        version: Version(1),
    };
    (person, grant, session)
}
