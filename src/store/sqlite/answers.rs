//! Answers to requests that may be sent again.

use sqlx::Row as _;

use super::{super::Began, super::sql, SqliteStore, StoreError};
use crate::base::{Digest, Span, Timestamp};

/// How long an answer is kept.
pub(super) const KEPT: Span = Span::days(1);
/// After so long without an answer, whoever began has gone.
const GONE: Span = Span::mins(1);

impl SqliteStore {
    pub(super) async fn begin(&self, name: &Digest, body: &Digest, now: Timestamp) -> Result<Began, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let key = sql::hex(name);
        if let Some(row) = sqlx::query(sql::ANSWER).bind(&key).fetch_optional(&mut *tx).await? {
            let age = now.since(Timestamp::from_millis(row.try_get(1)?));
            let sealed: Option<&[u8]> = row.try_get(2)?;
            if age < KEPT && sql::digest(row.try_get(0)?)? != *body {
                return Ok(Began::Other);
            }
            match sealed {
                Some(sealed) if age < KEPT => {
                    return self
                        .keys
                        .open(&purpose(&key), sealed)
                        .map(|answer| Began::Answered(answer.to_vec()))
                        .ok_or(StoreError::WrongKey);
                }
                None if age < GONE => return Ok(Began::Busy),
                Some(_) | None => {}
            }
        }
        let query = sqlx::query(sql::BEGIN_ANSWER).bind(&key).bind(sql::hex(body)).bind(now.as_millis());
        query.execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Began::Yours)
    }

    pub(super) async fn keep(&self, name: &Digest, answer: Option<Vec<u8>>) -> Result<(), StoreError> {
        let key = sql::hex(name);
        let query = match answer {
            Some(plain) => {
                let sealed = self.keys.seal(&*self.entropy, &purpose(&key), &plain).ok_or(StoreError::WrongKey)?;
                sqlx::query(sql::KEEP_ANSWER).bind(key).bind(sealed)
            }
            None => sqlx::query(sql::FORGET_ANSWER).bind(key),
        };
        query.execute(&self.writer).await?;
        Ok(())
    }
}

/// What an answer is sealed for: its own row and no other.
pub(super) fn purpose(key: &str) -> String {
    format!("answer:{key}")
}
