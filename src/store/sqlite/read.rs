//! Reading.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{
    super::{AuditFilter, Changed, Counter, MailStage, MailState, Revision, SessionRecord, TokenRecord, sql},
    SqliteStore, StoreError, rows,
};
use crate::{
    base::{AppId, Digest, GuestId, MailId, Name, SessionId, Stay, Timestamp},
    directory::{Guest, Request, Session, audit::Stored},
};

/// Which end of the audit log comes first.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Forward,
    Backward,
}

impl SqliteStore {
    pub(super) async fn one<T: DeserializeOwned>(
        &self,
        sql: &'static str,
        key: String,
        what: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let body: Option<String> = sqlx::query_scalar(sql).bind(key).fetch_optional(&self.readers).await?;
        body.map(|text| rows::entity(&text, what)).transpose()
    }

    pub(super) async fn bound_to(&self, issuer: &str, subject: &str) -> Result<Option<Guest>, StoreError> {
        let body: Option<String> = sqlx::query_scalar(sql::GUEST_BOUND).bind(issuer).bind(subject).fetch_optional(&self.readers).await?;
        body.map(|text| rows::entity(&text, "guest")).transpose()
    }

    pub(super) async fn all<T: DeserializeOwned>(&self, sql: &'static str, key: String, what: &'static str) -> Result<Vec<T>, StoreError> {
        let bodies: Vec<String> = sqlx::query_scalar(sql).bind(key).fetch_all(&self.readers).await?;
        bodies.iter().map(|text| rows::entity(text, what)).collect()
    }

    pub(super) async fn state_of_mail(&self, id: MailId) -> Result<Option<MailState>, StoreError> {
        let Some(row) = sqlx::query(sql::MAIL_STATE).bind(id.to_string()).fetch_optional(&self.readers).await? else { return Ok(None) };
        let stage = match row.try_get::<&str, _>(0)? {
            "waiting" => MailStage::Waiting,
            "sent" => MailStage::Sent,
            "bounced" => MailStage::Bounced,
            _ => MailStage::Refused,
        };
        let attempts: i64 = row.try_get(1)?;
        Ok(Some(MailState { stage, attempts: u32::try_from(attempts).unwrap_or(u32::MAX), error: row.try_get(2)? }))
    }

    pub(super) async fn sessions(&self, sql: &'static str, key: String) -> Result<Vec<Session>, StoreError> {
        sqlx::query(sql).bind(key).fetch_all(&self.readers).await?.iter().map(rows::session).collect()
    }

    pub(super) async fn one_token(&self, sql: &'static str, key: String) -> Result<Option<TokenRecord>, StoreError> {
        sqlx::query(sql).bind(key).fetch_optional(&self.readers).await?.as_ref().map(rows::token).transpose()
    }

    pub(super) async fn all_tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        sqlx::query(sql::TOKENS).fetch_all(&self.readers).await?.iter().map(rows::token).collect()
    }

    pub(super) async fn stays(&self, guest: GuestId) -> Result<Vec<Stay>, StoreError> {
        sqlx::query(sql::STAYS).bind(guest.to_string()).fetch_all(&self.readers).await?.iter().map(rows::stay).collect()
    }

    pub(super) async fn counted_so_far(&self, counter: &Counter, now: Timestamp) -> Result<u32, StoreError> {
        let query = sqlx::query_scalar(sql::COUNTED).bind(counter.key()).bind(now.as_millis());
        let n: Option<i64> = query.fetch_optional(&self.readers).await?;
        Ok(u32::try_from(n.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    pub(super) async fn forwarded_so_far(&self, place: &Name) -> Result<Option<u64>, StoreError> {
        let query = sqlx::query_scalar(sql::FORWARDED_SO_FAR).bind(place.as_str());
        let sequence: Option<i64> = query.fetch_optional(&self.readers).await?;
        Ok(sequence.map(rows::number))
    }

    pub(super) async fn record(&self, id: SessionId) -> Result<Option<SessionRecord>, StoreError> {
        let found = sqlx::query(sql::SESSION_RECORD).bind(id.to_string()).fetch_optional(&self.readers).await?;
        let Some(row) = found else { return Ok(None) };
        let grant: Option<&str> = row.try_get(4)?;
        Ok(Some(SessionRecord {
            revision: Revision(rows::number(row.try_get(3)?)),
            session: Arc::new(rows::session(&row)?),
            guest: Arc::new(rows::entity(row.try_get(2)?, "guest")?),
            grant: grant.map(|body| rows::entity(body, "grant").map(Arc::new)).transpose()?,
        }))
    }

    pub(super) async fn uses(&self, guest: GuestId) -> Result<Vec<(AppId, Timestamp)>, StoreError> {
        let found = sqlx::query(sql::USES).bind(guest.to_string()).fetch_all(&self.readers).await?;
        let read = |row: &SqliteRow| {
            let app: &str = row.try_get(0)?;
            Ok((AppId::parse(app).map_err(StoreError::row("use"))?, Timestamp::from_millis(row.try_get(1)?)))
        };
        found.iter().map(read).collect()
    }

    pub(super) async fn due_requests(&self, now: Timestamp, at_most: usize) -> Result<Vec<Request>, StoreError> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let query = sqlx::query_scalar(sql::REQUESTS_DUE).bind(now.as_millis()).bind(limit);
        let bodies: Vec<String> = query.fetch_all(&self.readers).await?;
        bodies.iter().map(|text| rows::entity(text, "request")).collect()
    }

    pub(super) async fn kept_text(&self, digest: &Digest) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(sql::TEXT).bind(sql::hex(digest)).fetch_optional(&self.readers).await?)
    }

    pub(super) async fn waiting_mails(&self) -> Result<u64, StoreError> {
        let n: i64 = sqlx::query_scalar(sql::MAILS_WAITING).fetch_one(&self.readers).await?;
        Ok(rows::number(n))
    }

    pub(super) async fn current_revision(&self) -> Result<Revision, StoreError> {
        let n: i64 = sqlx::query_scalar(sql::REVISION).fetch_one(&self.readers).await?;
        Ok(Revision(rows::number(n)))
    }

    pub(super) async fn feed(&self, seen: Revision, at_most: usize) -> Result<Vec<Changed>, StoreError> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        // The rows are read before the floor: a cut that happens in between is then noticed.
        let found = sqlx::query(sql::FEED).bind(rows::stored(seen.0)).bind(limit).fetch_all(&self.readers).await?;
        let floor: i64 = sqlx::query_scalar(sql::FEED_FLOOR).fetch_one(&self.readers).await?;
        if seen.0 < rows::number(floor) {
            return Err(StoreError::FeedCut);
        }
        found.iter().map(rows::changed).collect()
    }

    pub(super) async fn entries(&self, sequence: u64, at_most: usize) -> Result<Vec<Stored>, StoreError> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let query = sqlx::query(sql::ENTRIES).bind(rows::stored(sequence)).bind(limit);
        query.fetch_all(&self.readers).await?.iter().map(rows::entry).collect()
    }

    pub(super) async fn entries_of(&self, guest: GuestId, sequence: u64, at_most: usize) -> Result<Vec<Stored>, StoreError> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let query = sqlx::query(sql::ENTRIES_OF).bind(guest.to_string()).bind(rows::stored(sequence)).bind(limit);
        query.fetch_all(&self.readers).await?.iter().map(rows::entry).collect()
    }

    /// The entries that are wanted. Only what is asked for stands in the statement, so that an index serves it.
    pub(super) async fn wanted_entries(
        &self,
        filter: &AuditFilter,
        sequence: u64,
        at_most: usize,
        order: Order,
    ) -> Result<Vec<Stored>, StoreError> {
        // Of one guest there are few entries: whatever else is asked for is looked up in these, not in an index of its own.
        let of_guest = filter.guest.is_some();
        let asked = [
            ("audit.guest = ", filter.guest.map(|id| id.to_string())),
            (if of_guest { "+audit.app = " } else { "audit.app = " }, filter.app.as_ref().map(ToString::to_string)),
            (if of_guest { "+audit.event = " } else { "audit.event = " }, filter.event.map(|event| event.as_str().to_owned())),
        ];
        let mut statement = QueryBuilder::<Sqlite>::new(sql::WANTED_ENTRIES);
        // One bound on the sequence: of two, an index serves one, and the other is looked at in every row.
        if let Some(since) = filter.since {
            // From the first entry of that time on (none: nothing), whichever index serves the rest; clocks may have been set back.
            statement.push("max(").push_bind(rows::stored(sequence));
            statement
                .push(", COALESCE((SELECT sequence - 1 FROM audit INDEXED BY audit_by_time WHERE upto >= ")
                .push_bind(since.as_millis());
            statement.push(" ORDER BY upto, sequence LIMIT 1), 9223372036854775807)) AND +audit.at >= ").push_bind(since.as_millis());
        } else {
            statement.push_bind(rows::stored(sequence));
        }
        for (column, value) in asked {
            if let Some(value) = value {
                statement.push(" AND ").push(column).push_bind(value);
            }
        }
        statement.push(match order {
            Order::Forward => " ORDER BY audit.sequence LIMIT ",
            Order::Backward => " ORDER BY audit.sequence DESC LIMIT ",
        });
        statement.push_bind(i64::try_from(at_most).unwrap_or(i64::MAX));
        statement.build().fetch_all(&self.readers).await?.iter().map(rows::entry).collect()
    }
}
