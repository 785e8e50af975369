//! Writing: one transaction at a time.

use serde_json::{Value, json};
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};

use super::{
    super::{Counted, Counter, Delivery, DueMail, Limit, Note, Revision, sql},
    SqliteStore, StoreError,
    conditions::Before,
    lists::{list_guest, list_invitation},
    reviews::{put_review, put_verdict},
    rows,
};
use crate::{
    base::{Digest, GuestId, Haunt, Span, Stay, Timestamp},
    directory::{
        Audience, Change, Effect, Guest, GuestState, Key, OutgoingMail, Proposal, RequestState, Session, Version,
        audit::{self, Entry, Head},
    },
};

/// How long a claimed mail is left to whoever claimed it.
const CLAIM: Span = Span::mins(5);
/// After so many failures a mail is given up: with the delays below, after about a day.
const MOST_ATTEMPTS: u32 = 30;
const FIRST_DELAY: Span = Span::secs(15);
const LONGEST_DELAY: Span = Span::hours(1);
/// How long changes are kept for those who follow the feed.
const FEED_KEPT: Span = Span::hours(1);
/// How long sessions that are over and mails that are sent are kept.
const PAST_KEPT: Span = Span::days(30);
/// How long it is kept where a guest was who does not come any more.
const STAYS_KEPT: Span = Span::days(180);

impl SqliteStore {
    async fn transaction(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Whether a proposal could be written as things are; nothing is.
    pub(super) async fn try_write(&self, proposal: &Proposal) -> Result<(), StoreError> {
        let mut tx = self.transaction().await?;
        put_all(&mut tx, proposal).await?;
        Ok(tx.rollback().await?)
    }

    pub(super) async fn write(&self, proposal: Proposal) -> Result<Revision, StoreError> {
        let mut tx = self.transaction().await?;
        put_all(&mut tx, &proposal).await?;
        let revision = tell(&mut tx, &proposal).await?;
        self.log(&mut tx, &proposal.audit).await?;
        for effect in &proposal.effects {
            match effect {
                Effect::Mail(mail) => self.queue(&mut tx, mail, proposal.at).await?,
                Effect::KeepText { digest, text } => {
                    let query = sqlx::query(sql::KEEP_TEXT).bind(sql::hex(digest)).bind(text).bind(proposal.at.as_millis());
                    query.execute(&mut *tx).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(revision)
    }

    /// Appends to the audit log and seals its new head.
    async fn log(&self, tx: &mut SqliteConnection, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let row = sqlx::query(sql::HEAD).fetch_one(&mut *tx).await?;
        let mut head = Head { sequence: rows::number(row.try_get(0)?), hash: sql::digest(row.try_get(1)?)? };
        // A head that is not ours is never sealed anew: that would hide what was done to it.
        if sql::digest(row.try_get(2)?)? != head.seal(self.keys.audit()) {
            return Err(StoreError::WrongKey);
        }
        let upto: Option<i64> = row.try_get(3)?;
        head = append(tx, head, upto, entries).await?;
        let seal = head.seal(self.keys.audit());
        let query = sqlx::query(sql::SET_HEAD).bind(rows::stored(head.sequence)).bind(sql::hex(&head.hash)).bind(sql::hex(&seal));
        query.execute(&mut *tx).await?;
        Ok(())
    }

    async fn queue(&self, tx: &mut SqliteConnection, mail: &OutgoingMail, at: Timestamp) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(mail).map_err(StoreError::row("mail"))?;
        let sealed = self.keys.seal(&*self.entropy, &rows::purpose(mail.id), &plain).ok_or(StoreError::WrongKey)?;
        sqlx::query(sql::QUEUE).bind(mail.id.to_string()).bind(at.as_millis()).bind(sealed).execute(tx).await?;
        Ok(())
    }

    pub(super) async fn count_one(&self, counter: &Counter, limit: Limit) -> Result<Counted, StoreError> {
        let until = limit.now.plus(limit.window);
        let query =
            sqlx::query(sql::COUNT).bind(counter.key()).bind(limit.now.as_millis()).bind(until.as_millis()).bind(i64::from(limit.at_most));
        let row = query.fetch_one(&self.writer).await?;
        let (n, resets): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        match u32::try_from(n) {
            Ok(n) if n <= limit.at_most => Ok(Counted::Within(n)),
            Ok(_) | Err(_) => Ok(Counted::Exceeded { until: Timestamp::from_millis(resets) }),
        }
    }

    pub(super) async fn write_note(&self, note: Note) -> Result<(), StoreError> {
        let mut tx = self.transaction().await?;
        match note {
            Note::Seen(sessions) => {
                for (id, at) in sessions {
                    sqlx::query(sql::SEEN).bind(id.to_string()).bind(at.as_millis()).execute(&mut *tx).await?;
                    sqlx::query(sql::USED_BY_SESSION).bind(id.to_string()).bind(at.as_millis()).execute(&mut *tx).await?;
                }
            }
            Note::Forwarded { place, from, sequence } => {
                let query = sqlx::query(sql::FORWARDED).bind(place.as_str()).bind(rows::stored(sequence)).bind(from.map(rows::stored));
                query.execute(&mut *tx).await?;
            }
            Note::Mail { id, at, delivery } => delivered(&mut tx, &id.to_string(), at, delivery).await?,
            Note::TokenUsed { id, at } => {
                sqlx::query(sql::TOKEN_USED).bind(id.to_string()).bind(at.as_millis()).execute(&mut *tx).await?;
            }
            Note::ErasePersonal(guest) => {
                sqlx::query(sql::ERASE_PERSONAL).bind(guest.to_string()).execute(&mut *tx).await?;
                sqlx::query(sql::FORGET_STAYS).bind(guest.to_string()).execute(&mut *tx).await?;
            }
            Note::Stayed { guest, haunt, at } => stayed(&mut tx, guest, &haunt, at).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn claim(&self, now: Timestamp, at_most: usize) -> Result<Vec<DueMail>, StoreError> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let query = sqlx::query(sql::CLAIM).bind(now.as_millis()).bind(now.plus(CLAIM).as_millis()).bind(limit);
        query.fetch_all(&self.writer).await?.iter().map(|row| rows::mail(row, &self.keys)).collect()
    }

    pub(super) async fn tidy_all(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.transaction().await?;
        let (feed, past) = (now.minus(FEED_KEPT).as_millis(), now.minus(PAST_KEPT).as_millis());
        sqlx::query(sql::TIDY_COUNTERS).bind(now.as_millis()).execute(&mut *tx).await?;
        sqlx::query(sql::TIDY_ANSWERS).bind(now.minus(super::answers::KEPT).as_millis()).execute(&mut *tx).await?;
        sqlx::query(sql::TIDY_OUTBOX).bind(past).execute(&mut *tx).await?;
        sqlx::query(sql::TIDY_SESSIONS).bind(past).execute(&mut *tx).await?;
        sqlx::query(sql::TIDY_STAYS).bind(now.minus(STAYS_KEPT).as_millis()).execute(&mut *tx).await?;
        sqlx::query(sql::RAISE_FLOOR).bind(feed).execute(&mut *tx).await?;
        sqlx::query(sql::TIDY_FEED).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Writes the changes, if what they were decided on is as it was and what must hold holds.
async fn put_all(tx: &mut SqliteConnection, proposal: &Proposal) -> Result<(), StoreError> {
    for (key, version) in &proposal.decided_on {
        check(tx, key, *version).await?;
    }
    let before = Before::look(tx, proposal).await?;
    for change in &proposal.changes {
        put(tx, change).await?;
        if let Change::PutGuest(guest) = change
            && matches!(guest.state, GuestState::Removed { .. })
        {
            sqlx::query(sql::FORGET_STAYS).bind(guest.id.to_string()).execute(&mut *tx).await?;
        }
    }
    before.hold(tx, proposal).await
}

/// Whether an entity is still as it was when something was decided on it.
async fn check(tx: &mut SqliteConnection, key: &Key, expected: Version) -> Result<(), StoreError> {
    let (statement, id) = match key {
        Key::Guest(id) => (sql::VERSION_OF_GUEST, id.to_string()),
        Key::Invitation(id) => (sql::VERSION_OF_INVITATION, id.to_string()),
        Key::Grant(id) => (sql::VERSION_OF_GRANT, id.to_string()),
        Key::Session(id) => (sql::VERSION_OF_SESSION, id.to_string()),
        Key::Request(id) => (sql::VERSION_OF_REQUEST, id.to_string()),
        Key::Factors(guest) => (sql::VERSION_OF_FACTORS, guest.to_string()),
        Key::Token(id) => (sql::VERSION_OF_TOKEN, id.to_string()),
        Key::Review(id) => (sql::VERSION_OF_REVIEW, id.to_string()),
        Key::Verdict(id) => (sql::VERSION_OF_VERDICT, id.to_string()),
    };
    let found: Option<i64> = sqlx::query_scalar(statement).bind(id).fetch_optional(tx).await?;
    if found.map_or(0, rows::number) == expected.0 { Ok(()) } else { Err(StoreError::Conflict) }
}

async fn put(tx: &mut SqliteConnection, change: &Change) -> Result<(), StoreError> {
    let query = match change {
        Change::PutGuest(g) => sqlx::query(sql::PUT_GUEST)
            .bind(g.id.to_string())
            .bind(rows::stored(g.version.0))
            .bind(rows::body(g, "guest")?)
            .bind(g.email.to_string())
            .bind(sql::guest_state(&g.state))
            .bind(g.created.as_millis())
            .bind(g.sponsor.as_ref().map_or("", |sponsor| sponsor.as_str()).to_owned())
            .bind(sql::kind(g.kind)),
        Change::PutInvitation(i) => sqlx::query(sql::PUT_INVITATION)
            .bind(i.id.to_string())
            .bind(rows::stored(i.version.0))
            .bind(rows::body(i, "invitation")?)
            .bind(i.guest.to_string())
            .bind(i.email.to_string())
            .bind(sql::invitation_state(&i.state))
            .bind(i.created.as_millis())
            .bind(i.expires.as_millis())
            .bind(i.mailed.as_ref().or(i.spent.as_ref()).map(sql::hex))
            .bind(sql::hex(&i.direct))
            .bind(i.reminder.as_ref().map(sql::hex))
            .bind(sql::inviter(i))
            .bind(i.provisioned.as_ref().and_then(|kept| kept.external.clone()))
            .bind(sql::combined(i))
            .bind(i64::from(i.provisioned.is_some())),
        Change::PutGrant(g) => sqlx::query(sql::PUT_GRANT)
            .bind(g.id.to_string())
            .bind(rows::stored(g.version.0))
            .bind(rows::body(g, "grant")?)
            .bind(g.guest.to_string())
            .bind(g.app.to_string())
            .bind(sql::grant_state(&g.state))
            .bind(g.invitation.to_string())
            .bind(g.until.map(|until| until.as_millis()))
            .bind(g.from.as_millis()),
        Change::PutSession(s) => sqlx::query(sql::PUT_SESSION)
            .bind(s.id.to_string())
            .bind(rows::stored(s.version.0))
            .bind(rows::body(s, "session")?)
            .bind(s.root.map(|r| r.to_string()))
            .bind(s.guest.to_string())
            .bind(sql::app(&s.audience).to_owned())
            .bind(s.expires.as_millis())
            .bind(s.ended.map(|e| e.at.as_millis()))
            .bind(s.last_seen.as_millis())
            .bind(s.provider_session.as_ref().map(sql::hex)),
        Change::PutRequest(r) => sqlx::query(sql::PUT_REQUEST)
            .bind(r.id.to_string())
            .bind(rows::stored(r.version.0))
            .bind(rows::body(r, "request")?)
            .bind(r.kind.as_str())
            .bind(r.guest.to_string())
            .bind(r.email.to_string())
            .bind(r.app.to_string())
            .bind(sql::request_state(&r.state))
            .bind(r.created.as_millis())
            .bind(due_of(&r.state)),
        Change::PutFactors(f) => {
            sqlx::query(sql::PUT_FACTORS).bind(f.guest.to_string()).bind(rows::stored(f.version.0)).bind(rows::body(f, "factors")?)
        }
        Change::PutToken(t) => sqlx::query(sql::PUT_TOKEN)
            .bind(t.id.to_string())
            .bind(rows::stored(t.version.0))
            .bind(rows::body(t, "token")?)
            .bind(sql::hex(&t.digest))
            .bind(t.created.as_millis()),
        Change::PutReview(review) => return put_review(tx, review).await,
        Change::PutVerdict(verdict) => return put_verdict(tx, verdict).await,
    };
    query.fetch_optional(&mut *tx).await?.ok_or(StoreError::Conflict)?;
    if let Change::PutGuest(guest) = change {
        bind(tx, guest).await?;
        list_guest(tx, guest).await?;
    }
    if let Change::PutInvitation(invitation) = change {
        list_invitation(tx, invitation).await?;
    }
    if let Change::PutSession(Session { audience: Audience::App(app), guest, created, .. }) = change {
        let query = sqlx::query(sql::USED).bind(guest.to_string()).bind(app.to_string()).bind(created.as_millis());
        query.execute(tx).await?;
    }
    Ok(())
}

/// Makes the guests that are bound to somebody at a provider findable by that.
async fn bind(tx: &mut SqliteConnection, guest: &Guest) -> Result<(), StoreError> {
    let id = guest.id.to_string();
    if !guest.version.is_first() {
        sqlx::query(sql::UNBIND).bind(id.as_str()).execute(&mut *tx).await?;
    }
    for bound in &guest.bound {
        sqlx::query(sql::BIND).bind(bound.issuer.as_str()).bind(bound.subject.as_str()).bind(id.as_str()).execute(&mut *tx).await?;
    }
    Ok(())
}

/// When a program is to be asked about a request.
fn due_of(state: &RequestState) -> Option<i64> {
    match state {
        RequestState::Checking { due, .. } => Some(due.as_millis()),
        RequestState::Open | RequestState::Approved { .. } | RequestState::Denied { .. } | RequestState::Withdrawn { .. } => None,
    }
}

/// Writes the feed. Revisions become visible in their order, because the row that counts them is held until the end.
async fn tell(tx: &mut SqliteConnection, proposal: &Proposal) -> Result<Revision, StoreError> {
    let n = rows::stored(proposal.changes.len() as u64);
    let last: i64 = sqlx::query_scalar(sql::ADVANCE).bind(n).fetch_one(&mut *tx).await?;
    let mut told = Vec::with_capacity(proposal.changes.len());
    for (revision, change) in (last - n + 1..).zip(&proposal.changes) {
        let (kind, id) = sql::key(&change.key());
        let ended = match change {
            Change::PutSession(session) => session.ended.map(|e| e.reason.as_str()),
            Change::PutGuest(_)
            | Change::PutInvitation(_)
            | Change::PutGrant(_)
            | Change::PutRequest(_)
            | Change::PutFactors(_)
            | Change::PutToken(_)
            | Change::PutReview(_)
            | Change::PutVerdict(_) => None,
        };
        // What concerns no guest has an empty name there.
        told.push(json!([revision, kind, id, change.guest().map(|id| id.to_string()).unwrap_or_default(), ended]));
    }
    sqlx::query(sql::TELL).bind(Value::Array(told).to_string()).bind(proposal.at.as_millis()).execute(tx).await?;
    Ok(Revision(rows::number(last)))
}

/// Adds entries behind the head, up to which entries are of a time; gives the new head.
async fn append(tx: &mut SqliteConnection, mut head: Head, upto: Option<i64>, entries: &[Entry]) -> Result<Head, StoreError> {
    let (mut added, mut kept) = (Vec::with_capacity(entries.len()), Vec::new());
    let mut upto = upto.unwrap_or(i64::MIN);
    for entry in entries {
        let body = rows::body(entry, "audit entry")?;
        let personal = entry.personal.as_ref().filter(|p| !p.facts.is_empty());
        let facts = personal.map(|p| rows::body(&p.facts, "audit entry").map(|text| (p.salt, text))).transpose()?;
        let hash: Option<Digest> = facts.as_ref().map(|(salt, text)| audit::personal_hash(salt, text));
        head = head.after(&body, hash.as_ref());
        let (sequence, guest, at) = (rows::stored(head.sequence), entry.guest.map(|id| id.to_string()), entry.at.as_millis());
        upto = upto.max(at);
        let app = entry.app.as_ref().map(|app| app.as_str());
        added.push(json!([sequence, at, entry.event.as_str(), guest, app, body, hash.as_ref().map(sql::hex), sql::hex(&head.hash), upto]));
        kept.extend(facts.map(|(salt, text)| json!([sequence, guest, rows::salt(&salt), text])));
    }
    sqlx::query(sql::ADD_ENTRIES).bind(Value::Array(added).to_string()).execute(&mut *tx).await?;
    if !kept.is_empty() {
        sqlx::query(sql::ADD_PERSONAL).bind(Value::Array(kept).to_string()).execute(&mut *tx).await?;
    }
    Ok(head)
}

async fn stayed(tx: &mut SqliteConnection, guest: GuestId, haunt: &Haunt, at: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query(sql::STAYED).bind(guest.to_string()).bind(haunt.network.to_string());
    query.bind(haunt.country.map(|c| c.to_string())).bind(at.as_millis()).execute(&mut *tx).await?;
    sqlx::query(sql::BOUND_STAYS).bind(guest.to_string()).bind(i64::from(Stay::MOST)).execute(&mut *tx).await?;
    Ok(())
}

async fn delivered(tx: &mut SqliteConnection, id: &str, at: Timestamp, delivery: Delivery) -> Result<(), StoreError> {
    let attempts: Option<i64> = sqlx::query_scalar(sql::ATTEMPTS).bind(id).fetch_optional(&mut *tx).await?;
    let attempts = u32::try_from(attempts.unwrap_or(0)).unwrap_or(u32::MAX);
    let done = |state: &'static str, error: Option<String>| sqlx::query(sql::DELIVERED).bind(id.to_owned()).bind(state).bind(error);
    let query = match delivery {
        Delivery::Sent => done("sent", None).bind(at.as_millis()),
        Delivery::Failed(why) if attempts + 1 < MOST_ATTEMPTS => {
            sqlx::query(sql::RETRY).bind(id.to_owned()).bind(at.plus(delay(attempts)).as_millis()).bind(why)
        }
        Delivery::Bounced(why) => sqlx::query(sql::BOUNCED).bind(id.to_owned()).bind(why),
        Delivery::Failed(why) | Delivery::GivenUp(why) => done("failed", Some(why)).bind(at.as_millis()),
    };
    query.execute(&mut *tx).await?;
    Ok(())
}

/// Twice as long after each failure.
fn delay(attempts: u32) -> Span {
    let factor = 1_i64.checked_shl(attempts.min(20)).unwrap_or(i64::MAX);
    Span::millis(FIRST_DELAY.as_millis().saturating_mul(factor)).min(LONGEST_DELAY)
}
