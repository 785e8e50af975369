//! The statements, in words that SQLite and PostgreSQL both know, and how values are written in them.

use crate::{
    base::{AppId, Digest, GuestId, Id, Kind},
    directory::{Audience, GrantState, GuestState, Invitation, InvitationState, Key, RequestState, ReviewState},
    store::StoreError,
};

/// The schema, from the first version on. Append only.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_stays.sql"),
    include_str!("../../migrations/0003_requests.sql"),
    include_str!("../../migrations/0004_factors.sql"),
    include_str!("../../migrations/0005_bindings.sql"),
    include_str!("../../migrations/0006_lists.sql"),
    include_str!("../../migrations/0007_tokens.sql"),
    include_str!("../../migrations/0008_forwards.sql"),
    include_str!("../../migrations/0009_reviews.sql"),
    include_str!("../../migrations/0010_external.sql"),
    include_str!("../../migrations/0011_listing.sql"),
    include_str!("../../migrations/0012_audit_start.sql"),
    include_str!("../../migrations/0013_combined.sql"),
    include_str!("../../migrations/0014_covering.sql"),
];

pub(super) const VERSION_OF_GUEST: &str = "SELECT version FROM guests WHERE id = $1";
pub(super) const VERSION_OF_INVITATION: &str = "SELECT version FROM invitations WHERE id = $1";
pub(super) const VERSION_OF_GRANT: &str = "SELECT version FROM grants WHERE id = $1";
pub(super) const VERSION_OF_SESSION: &str = "SELECT version FROM sessions WHERE id = $1";
pub(super) const VERSION_OF_REQUEST: &str = "SELECT version FROM requests WHERE id = $1";
pub(super) const VERSION_OF_FACTORS: &str = "SELECT version FROM factors WHERE guest = $1";
pub(super) const VERSION_OF_TOKEN: &str = "SELECT version FROM tokens WHERE id = $1";
pub(super) const VERSION_OF_REVIEW: &str = "SELECT version FROM reviews WHERE id = $1";
pub(super) const VERSION_OF_VERDICT: &str = "SELECT version FROM verdicts WHERE id = $1";

// A put writes only over the version before; without an answer somebody else was faster.
pub(super) const PUT_GUEST: &str = "INSERT INTO guests (id, version, body, email, state, created, sponsor, kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, email = excluded.email, state = excluded.state, \
    created = excluded.created, sponsor = excluded.sponsor, kind = excluded.kind WHERE guests.version = excluded.version - 1 RETURNING version";
// Of each grant of a guest, too.
pub(super) const GUEST_OF_GRANTS: &str =
    "UPDATE grants SET guest_state = $2, sponsor = $3 WHERE guest = $1 AND (guest_state <> $2 OR sponsor <> $3)";
pub(super) const PUT_INVITATION: &str = "INSERT INTO invitations (id, version, body, guest, email, state, created, expires, mailed, direct, \
    reminder, inviter, external, apps, kept) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, state = excluded.state, expires = excluded.expires, \
    mailed = excluded.mailed, direct = excluded.direct, reminder = excluded.reminder, external = excluded.external, apps = excluded.apps, \
    kept = excluded.kept WHERE invitations.version = excluded.version - 1 RETURNING version";
pub(super) const PUT_GRANT: &str = "INSERT INTO grants (id, version, body, guest, app, state, invitation, until, looked, email, came, guest_state, sponsor) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, guests.email, guests.created, guests.state, guests.sponsor FROM guests WHERE guests.id = $4 \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, state = excluded.state, until = excluded.until, \
    invitation = excluded.invitation WHERE grants.version = excluded.version - 1 RETURNING version";
pub(super) const PUT_SESSION: &str = "INSERT INTO sessions (id, version, body, root, guest, app, expires, ended, last_seen, provider_session) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, root = excluded.root, expires = excluded.expires, \
    ended = excluded.ended, provider_session = excluded.provider_session, \
    last_seen = CASE WHEN excluded.last_seen > sessions.last_seen THEN excluded.last_seen ELSE sessions.last_seen END \
    WHERE sessions.version = excluded.version - 1 RETURNING version";

pub(super) const PUT_REQUEST: &str = "INSERT INTO requests (id, version, body, kind, guest, email, app, state, created, due) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, state = excluded.state, due = excluded.due \
    WHERE requests.version = excluded.version - 1 RETURNING version";
pub(super) const KEEP_TEXT: &str = "INSERT INTO texts (digest, body, kept) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
pub(super) const TEXT: &str = "SELECT body FROM texts WHERE digest = $1";
pub(super) const USED: &str = "INSERT INTO uses (guest, app, at) VALUES ($1, $2, $3) \
    ON CONFLICT (guest, app) DO UPDATE SET at = CASE WHEN excluded.at > uses.at THEN excluded.at ELSE uses.at END";
pub(super) const USED_BY_SESSION: &str = "INSERT INTO uses (guest, app, at) SELECT guest, app, $2 FROM sessions WHERE id = $1 AND app <> '' \
    ON CONFLICT (guest, app) DO UPDATE SET at = CASE WHEN excluded.at > uses.at THEN excluded.at ELSE uses.at END";
pub(super) const USES: &str = "SELECT app, at FROM uses WHERE guest = $1";
pub(super) const PUT_FACTORS: &str = "INSERT INTO factors (guest, version, body) VALUES ($1, $2, $3) \
    ON CONFLICT (guest) DO UPDATE SET version = excluded.version, body = excluded.body \
    WHERE factors.version = excluded.version - 1 RETURNING version";

pub(super) const PUT_TOKEN: &str = "INSERT INTO tokens (id, version, body, digest, created) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body \
    WHERE tokens.version = excluded.version - 1 RETURNING version";
pub(super) const TOKEN: &str = "SELECT body, last_used FROM tokens WHERE id = $1";
pub(super) const TOKEN_BY_DIGEST: &str = "SELECT body, last_used FROM tokens WHERE digest = $1";
pub(super) const TOKENS: &str = "SELECT body, last_used FROM tokens ORDER BY created, id";
pub(super) const TOKEN_USED: &str = "UPDATE tokens SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $2)";

pub(super) const ADVANCE: &str = "UPDATE progress SET revision = revision + $1 WHERE one = 1 RETURNING revision";
pub(super) const REVISION: &str = "SELECT revision FROM progress WHERE one = 1";
pub(super) const FEED_FLOOR: &str = "SELECT feed_floor FROM progress WHERE one = 1";
// What one commit writes many rows of is written at once: each statement is a way to the database and back.
pub(super) const TELL: &str = "INSERT INTO feed (revision, at, kind, id, guest, ended) \
    SELECT value ->> 0, $2, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1)";
pub(super) const FEED: &str = "SELECT revision, at, kind, id, guest, ended FROM feed WHERE revision > $1 ORDER BY revision LIMIT $2";

pub(super) const GUEST: &str = "SELECT body FROM guests WHERE id = $1";
pub(super) const GUEST_BY_EMAIL: &str = "SELECT body FROM guests WHERE email = $1";
pub(super) const GUESTS_BY_EMAILS: &str = "SELECT body FROM guests WHERE email IN (SELECT value FROM json_each($1))";
pub(super) const GUEST_BOUND: &str = "SELECT body FROM guests WHERE id = (SELECT guest FROM bindings WHERE issuer = $1 AND subject = $2)";
pub(super) const UNBIND: &str = "DELETE FROM bindings WHERE guest = $1";
// One person at a provider is one guest: another one with the same name there is a conflict.
pub(super) const BIND: &str = "INSERT INTO bindings (issuer, subject, guest) VALUES ($1, $2, $3)";
pub(super) const INVITATION: &str = "SELECT body FROM invitations WHERE id = $1";
pub(super) const INVITATION_BY_TOKEN: &str = "SELECT body FROM invitations WHERE mailed = $1 OR direct = $1 OR reminder = $1";
pub(super) const INVITATIONS_FOR: &str = "SELECT body FROM invitations WHERE email = $1 ORDER BY created DESC, id LIMIT 100";
pub(super) const INVITATIONS_FOR_EACH: &str = "SELECT found.body FROM json_each($1) AS wanted JOIN invitations AS found ON found.id IN \
    (SELECT id FROM invitations WHERE email = wanted.value ORDER BY created DESC, id LIMIT 100) ORDER BY found.created DESC, found.id";
pub(super) const INVITATIONS_BY_EXTERNAL: &str = "SELECT body FROM invitations WHERE external = $1 ORDER BY created DESC, id LIMIT 100";
pub(super) const GRANT: &str = "SELECT body FROM grants WHERE id = $1";
pub(super) const GRANTS_OF_EACH: &str = "SELECT body FROM grants WHERE guest IN (SELECT value FROM json_each($1)) ORDER BY id";
pub(super) const GRANTS_OF: &str = "SELECT body FROM grants WHERE guest = $1 ORDER BY id";
pub(super) const REQUEST: &str = "SELECT body FROM requests WHERE id = $1";
pub(super) const REQUESTS_FOR: &str = "SELECT body FROM requests WHERE email = $1 ORDER BY created DESC, id LIMIT 100";
pub(super) const REQUESTS_DUE: &str = "SELECT body FROM requests WHERE state = 'checking' AND due <= $1 ORDER BY due, id LIMIT $2";
pub(super) const FACTORS: &str = "SELECT body FROM factors WHERE guest = $1";
pub(super) const SESSION: &str = "SELECT body, last_seen FROM sessions WHERE id = $1";
pub(super) const SESSIONS_OF: &str = "SELECT body, last_seen FROM sessions WHERE guest = $1 AND ended IS NULL ORDER BY id";
pub(super) const SESSIONS_HELD: &str = "SELECT body, last_seen FROM sessions WHERE guest = $1 ORDER BY id";
pub(super) const SESSIONS_BY_PROVIDER: &str =
    "SELECT body, last_seen FROM sessions WHERE provider_session = $1 AND ended IS NULL ORDER BY id";
pub(super) const CHILDREN_OF: &str = "SELECT body, last_seen FROM sessions WHERE root = $1 AND ended IS NULL ORDER BY id";
// One statement sees one moment.
pub(super) const SESSION_RECORD: &str = "SELECT sessions.body, sessions.last_seen, guests.body, progress.revision, \
    (SELECT grants.body FROM grants WHERE grants.guest = sessions.guest AND grants.app = sessions.app AND grants.state = 'active') \
    FROM sessions JOIN guests ON guests.id = sessions.guest JOIN progress ON progress.one = 1 WHERE sessions.id = $1";
pub(super) const SEEN: &str = "UPDATE sessions SET last_seen = $2 WHERE id = $1 AND last_seen < $2";

// What has run out begins anew; what is exhausted is not counted further, so the number stays small.
pub(super) const COUNT: &str = "INSERT INTO counters (name, n, resets) VALUES ($1, 1, $3) ON CONFLICT (name) DO UPDATE SET \
    n = CASE WHEN counters.resets <= $2 THEN 1 WHEN counters.n > $4 THEN counters.n ELSE counters.n + 1 END, \
    resets = CASE WHEN counters.resets <= $2 THEN excluded.resets ELSE counters.resets END RETURNING n, resets";

pub(super) const COUNTED: &str = "SELECT n FROM counters WHERE name = $1 AND resets > $2";

pub(super) const STAYS: &str =
    "SELECT network, country, first_seen, last_seen FROM stays WHERE guest = $1 ORDER BY last_seen DESC, network";
// A country that was known is not forgotten while the database of addresses is away.
pub(super) const STAYED: &str = "INSERT INTO stays (guest, network, country, first_seen, last_seen) VALUES ($1, $2, $3, $4, $4) \
    ON CONFLICT (guest, network) DO UPDATE SET country = COALESCE(excluded.country, stays.country), \
    last_seen = CASE WHEN excluded.last_seen > stays.last_seen THEN excluded.last_seen ELSE stays.last_seen END";
// The first place stays: otherwise whoever comes from many new ones in a row would make the first of those the one that counts at once.
pub(super) const BOUND_STAYS: &str = "DELETE FROM stays WHERE guest = $1 \
    AND network NOT IN (SELECT network FROM stays WHERE guest = $1 ORDER BY last_seen DESC, network LIMIT $2) \
    AND first_seen > (SELECT MIN(first_seen) FROM stays WHERE guest = $1)";
pub(super) const FORGET_STAYS: &str = "DELETE FROM stays WHERE guest = $1";
pub(super) const TIDY_STAYS: &str = "DELETE FROM stays WHERE last_seen <= $1";

pub(super) const QUEUE: &str = "INSERT INTO outbox (id, created, due, attempts, state, body) VALUES ($1, $2, $2, 0, 'waiting', $3)";
pub(super) const CLAIM: &str = "UPDATE outbox SET due = $2 WHERE id IN \
    (SELECT id FROM outbox WHERE state = 'waiting' AND due <= $1 ORDER BY due, id LIMIT $3) RETURNING id, attempts, body";
pub(super) const ATTEMPTS: &str = "SELECT attempts FROM outbox WHERE id = $1 AND state = 'waiting'";
pub(super) const RETRY: &str = "UPDATE outbox SET attempts = attempts + 1, due = $2, error = $3 WHERE id = $1 AND state = 'waiting'";
pub(super) const DELIVERED: &str = "UPDATE outbox SET attempts = attempts + 1, state = $2, error = $3, body = NULL, due = $4 WHERE id = $1";

pub(super) const FORWARDED: &str = "INSERT INTO forwards (place, sequence) VALUES ($1, $2) \
    ON CONFLICT (place) DO UPDATE SET sequence = excluded.sequence WHERE $3 IS NULL OR forwards.sequence = $3";
pub(super) const FORWARDED_SO_FAR: &str = "SELECT sequence FROM forwards WHERE place = $1";
pub(super) const HEAD: &str = "SELECT sequence, hash, seal, (SELECT upto FROM audit WHERE audit.sequence = audit_head.sequence) \
    FROM audit_head WHERE one = 1";
pub(super) const SET_HEAD: &str = "INSERT INTO audit_head (one, sequence, hash, seal) VALUES (1, $1, $2, $3) \
    ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal";
pub(super) const START: &str = "SELECT sequence, hash, seal FROM audit_start WHERE one = 1";
pub(super) const SET_START: &str = "INSERT INTO audit_start (one, sequence, hash, seal) VALUES (1, $1, $2, $3) \
    ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal";
pub(super) const CUT_PERSONAL: &str = "DELETE FROM audit_personal WHERE sequence <= $1";
pub(super) const CUT_ENTRIES: &str = "DELETE FROM audit WHERE sequence <= $1";
pub(super) const ADD_ENTRIES: &str = "INSERT INTO audit (sequence, at, event, guest, app, body, personal_hash, hash, upto) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8 FROM json_each($1)";
pub(super) const ADD_PERSONAL: &str = "INSERT INTO audit_personal (sequence, guest, salt, body) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1)";
pub(super) const ERASE_PERSONAL: &str = "DELETE FROM audit_personal WHERE guest = $1";
pub(super) const ENTRIES: &str = "SELECT audit.sequence, audit.body, audit.personal_hash, audit.hash, audit_personal.salt, audit_personal.body \
    FROM audit LEFT JOIN audit_personal ON audit_personal.sequence = audit.sequence WHERE audit.sequence > $1 ORDER BY audit.sequence LIMIT $2";

pub(super) const ENTRIES_OF: &str = "SELECT audit.sequence, audit.body, audit.personal_hash, audit.hash, audit_personal.salt, audit_personal.body \
    FROM audit LEFT JOIN audit_personal ON audit_personal.sequence = audit.sequence \
    WHERE audit.guest = $1 AND audit.sequence > $2 ORDER BY audit.sequence LIMIT $3";

pub(super) const WANTED_ENTRIES: &str = "SELECT audit.sequence, audit.body, audit.personal_hash, audit.hash, audit_personal.salt, \
    audit_personal.body FROM audit LEFT JOIN audit_personal ON audit_personal.sequence = audit.sequence WHERE audit.sequence > ";

pub(super) const INVITATION_OF: &str = "SELECT body FROM invitations WHERE guest = $1 ORDER BY created DESC, id LIMIT 1";
pub(super) const ANSWER: &str = "SELECT body, at, answer FROM answers WHERE name = $1";
pub(super) const BEGIN_ANSWER: &str = "INSERT INTO answers (name, body, at, answer) VALUES ($1, $2, $3, NULL) \
    ON CONFLICT (name) DO UPDATE SET body = excluded.body, at = excluded.at, answer = NULL";
pub(super) const KEEP_ANSWER: &str = "UPDATE answers SET answer = $2 WHERE name = $1";
pub(super) const FORGET_ANSWER: &str = "DELETE FROM answers WHERE name = $1";
pub(super) const TIDY_ANSWERS: &str = "DELETE FROM answers WHERE at <= $1";

pub(super) const META: &str = "SELECT value FROM meta WHERE name = $1";
pub(super) const SET_META: &str = "INSERT INTO meta (name, value) VALUES ($1, $2)";

// What is sealed under the master key, for a change of it.
pub(super) const CHANGE_META: &str = "UPDATE meta SET value = $2 WHERE name = $1";
pub(super) const SEALED_MAILS: &str = "SELECT id, body FROM outbox WHERE body IS NOT NULL";
pub(super) const SEAL_MAIL: &str = "UPDATE outbox SET body = $2 WHERE id = $1";
pub(super) const SEALED_ANSWERS: &str = "SELECT name, answer FROM answers WHERE answer IS NOT NULL";

pub(super) const TIDY_COUNTERS: &str = "DELETE FROM counters WHERE resets <= $1";
pub(super) const MAIL_STATE: &str = "SELECT state, attempts, error FROM outbox WHERE id = $1";
pub(super) const BOUNCED: &str = "UPDATE outbox SET state = 'bounced', error = $2 WHERE id = $1 AND state = 'sent'";
pub(super) const MAILS_WAITING: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'waiting'";
pub(super) const TIDY_OUTBOX: &str = "DELETE FROM outbox WHERE state <> 'waiting' AND due <= $1";
pub(super) const TIDY_SESSIONS: &str = "DELETE FROM sessions WHERE expires <= $1 OR ended <= $1";
pub(super) const RAISE_FLOOR: &str = "UPDATE progress SET feed_floor = (SELECT COALESCE(MAX(revision), feed_floor) FROM feed WHERE at <= $1) \
    WHERE one = 1 AND EXISTS (SELECT 1 FROM feed WHERE at <= $1)";
pub(super) const TIDY_FEED: &str = "DELETE FROM feed WHERE revision <= (SELECT feed_floor FROM progress WHERE one = 1)";

/// The kind and the id of a key, as the feed has them.
pub(super) fn key(key: &Key) -> (&'static str, String) {
    match key {
        Key::Guest(id) => ("guest", id.to_string()),
        Key::Invitation(id) => ("invitation", id.to_string()),
        Key::Grant(id) => ("grant", id.to_string()),
        Key::Session(id) => ("session", id.to_string()),
        Key::Request(id) => ("request", id.to_string()),
        Key::Factors(guest) => ("factors", guest.to_string()),
        Key::Token(id) => ("token", id.to_string()),
        Key::Review(id) => ("review", id.to_string()),
        Key::Verdict(id) => ("verdict", id.to_string()),
    }
}

/// Reads a key back.
pub(super) fn parse_key(kind: &str, text: &str) -> Result<Key, StoreError> {
    match kind {
        "guest" => Ok(Key::Guest(id(text)?)),
        "invitation" => Ok(Key::Invitation(id(text)?)),
        "grant" => Ok(Key::Grant(id(text)?)),
        "session" => Ok(Key::Session(id(text)?)),
        "request" => Ok(Key::Request(id(text)?)),
        "factors" => Ok(Key::Factors(id(text)?)),
        "token" => Ok(Key::Token(id(text)?)),
        "review" => Ok(Key::Review(id(text)?)),
        "verdict" => Ok(Key::Verdict(id(text)?)),
        _ => Err(StoreError::row("change")(crate::base::IdError)),
    }
}

/// Reads an id back.
pub(super) fn id<I: Id>(text: &str) -> Result<I, StoreError> {
    text.parse().map_err(StoreError::row("id"))
}

/// Reads a guest's id back, where there is one.
pub(super) fn guest_id(text: &str) -> Result<Option<GuestId>, StoreError> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

/// A digest as 64 hexadecimal digits.
pub(super) fn hex(digest: &Digest) -> String {
    blake3::Hash::from_bytes(*digest.as_bytes()).to_hex().to_string()
}

/// Reads a digest back.
pub(super) fn digest(text: &str) -> Result<Digest, StoreError> {
    blake3::Hash::from_hex(text).map(|hash| Digest::from_bytes(*hash.as_bytes())).map_err(StoreError::row("digest"))
}

/// What kind of person somebody is, as the column has it.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Guest => "guest",
        Kind::Member => "member",
    }
}

/// The state of a guest, as filters name it.
pub(super) fn guest_state(state: &GuestState) -> &'static str {
    match state {
        GuestState::Active => "active",
        GuestState::Suspended { .. } => "suspended",
        GuestState::Removed { .. } => "removed",
    }
}

/// The state of an invitation, as filters name it.
pub(super) fn invitation_state(state: &InvitationState) -> &'static str {
    match state {
        InvitationState::Pending => "pending",
        InvitationState::Redeemed { .. } => "redeemed",
        InvitationState::Revoked { .. } => "revoked",
        InvitationState::Declined { .. } => "declined",
    }
}

/// The state of a grant, as the unique index names it.
pub(super) fn grant_state(state: &GrantState) -> &'static str {
    match state {
        GrantState::Active => "active",
        GrantState::Revoked { .. } => "revoked",
    }
}

/// The state of a request, as filters name it.
pub(super) fn request_state(state: &RequestState) -> &'static str {
    match state {
        RequestState::Checking { .. } => "checking",
        RequestState::Open => "open",
        RequestState::Approved { .. } => "approved",
        RequestState::Denied { .. } => "denied",
        RequestState::Withdrawn { .. } => "withdrawn",
    }
}

/// The state of a review, as filters name it.
pub(super) fn review_state(state: &ReviewState) -> &'static str {
    match state {
        ReviewState::Open => "open",
        ReviewState::Closed { .. } => "closed",
    }
}

/// Who invited, as the column has it: an address, a token, or nobody.
pub(super) fn inviter(invitation: &Invitation) -> String {
    match (&invitation.invited_by, invitation.by_token) {
        (Some(email), _) => email.to_string(),
        (None, Some(token)) => format!("token:{token}"),
        (None, None) => String::new(),
    }
}

/// Several apps as the statements look for them, a comma before and behind each; nothing: all of them.
pub(super) fn apps(apps: &[AppId]) -> String {
    match apps {
        [] => String::new(),
        some => some.iter().fold(",".to_owned(), |text, app| text + app.as_str() + ","),
    }
}

/// All apps of an invitation, as the column has them.
pub(super) fn combined(invitation: &Invitation) -> String {
    let mut apps: Vec<&str> = invitation.offers.iter().map(|offer| offer.app.as_str()).collect();
    apps.sort_unstable();
    apps.dedup();
    apps.join(",")
}

/// The app of a session; empty for the portal.
pub(super) fn app(audience: &Audience) -> &str {
    match audience {
        Audience::Portal => "",
        Audience::App(app) => app.as_str(),
    }
}
