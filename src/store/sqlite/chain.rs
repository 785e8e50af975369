//! The audit log as a whole: where it begins and ends, whether it is as it was written, and the deletion of its oldest entries.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    super::{Cut, Seen, sql},
    SqliteStore, StoreError, rows,
};
use crate::directory::audit::{Broken, Head, Stored};

/// How many entries are read at a time.
const BATCH: usize = 500;

impl SqliteStore {
    /// The head, and whether its seal is ours.
    pub(super) async fn head(&self) -> Result<(Head, bool), StoreError> {
        let row = sqlx::query(sql::HEAD).fetch_one(&self.readers).await?;
        let head = head_of(&row)?;
        Ok((head, sql::digest(row.try_get(2)?)? == head.seal(self.keys.audit())))
    }

    /// Where the log begins, and whether the seal of that is ours.
    pub(super) async fn start(&self) -> Result<(Head, bool), StoreError> {
        self.started(sqlx::query(sql::START).fetch_optional(&self.readers).await?)
    }

    fn started(&self, row: Option<SqliteRow>) -> Result<(Head, bool), StoreError> {
        let Some(row) = row else { return Ok((Head::empty(), true)) };
        let start = head_of(&row)?;
        Ok((start, sql::digest(row.try_get(2)?)? == start.seal_as_start(self.keys.audit())))
    }

    pub(super) async fn verify(&self, anchor: Option<Head>, seen: Seen<'_>) -> Result<Result<Head, Broken>, StoreError> {
        // Read first: entries that are written meanwhile lie behind it and do not count.
        let ((sealed, genuine), (start, begun)) = (self.head().await?, self.start().await?);
        if !genuine || !begun {
            return Ok(Err(Broken::Seal));
        }
        let mut at = start;
        while at.sequence < sealed.sequence {
            seen(at.sequence - start.sequence, sealed.sequence - start.sequence);
            let batch = self.entries(at.sequence, BATCH).await?;
            if batch.is_empty() {
                return Ok(Err(Broken::Tail { found: at.sequence, sealed: sealed.sequence }));
            }
            for entry in batch.iter().take_while(|e| e.sequence <= sealed.sequence) {
                at = match at.follow(entry) {
                    Ok(next) => next,
                    Err(broken) => return Ok(Err(broken)),
                };
                if anchor.is_some_and(|a| a.sequence == at.sequence && a.hash != at.hash) {
                    return Ok(Err(Broken::Entry(at.sequence)));
                }
            }
            // Nothing but entries behind the head was left.
            if batch.first().is_some_and(|e| e.sequence > sealed.sequence) {
                return Ok(Err(Broken::Missing(at.sequence.saturating_add(1))));
            }
        }
        if at.hash != sealed.hash {
            return Ok(Err(Broken::Entry(at.sequence)));
        }
        match anchor {
            Some(a) if a.sequence > at.sequence => Ok(Err(Broken::Tail { found: at.sequence, sealed: a.sequence })),
            Some(_) | None => Ok(Ok(at)),
        }
    }

    pub(super) async fn cut(&self, cut: Cut) -> Result<Result<Option<Head>, Broken>, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let (start, genuine) = self.started(sqlx::query(sql::START).fetch_optional(&mut *tx).await?)?;
        if !genuine {
            return Ok(Err(Broken::Seal));
        }
        let limit = i64::try_from(cut.at_most).unwrap_or(i64::MAX);
        let found = sqlx::query(sql::ENTRIES).bind(rows::stored(start.sequence)).bind(limit).fetch_all(&mut *tx).await?;
        let mut to = start;
        for row in &found {
            let entry = rows::entry(row)?;
            if entry.sequence > cut.up_to || written(&entry)? >= cut.before {
                break;
            }
            // What was tampered with is not deleted: that would hide it.
            to = match to.follow(&entry) {
                Ok(next) => next,
                Err(broken) => return Ok(Err(broken)),
            };
        }
        if to == start {
            return Ok(Ok(None));
        }
        self.begin_behind(&mut tx, &to).await?;
        tx.commit().await?;
        Ok(Ok(Some(to)))
    }

    async fn begin_behind(&self, tx: &mut SqliteConnection, last: &Head) -> Result<(), StoreError> {
        let sequence = rows::stored(last.sequence);
        sqlx::query(sql::CUT_PERSONAL).bind(sequence).execute(&mut *tx).await?;
        sqlx::query(sql::CUT_ENTRIES).bind(sequence).execute(&mut *tx).await?;
        let query = sqlx::query(sql::SET_START).bind(sequence).bind(sql::hex(&last.hash));
        query.bind(sql::hex(&last.seal_as_start(self.keys.audit()))).execute(tx).await?;
        Ok(())
    }
}

/// The number and the hash of a row that begins with them.
pub(super) fn head_of(row: &SqliteRow) -> Result<Head, StoreError> {
    Ok(Head { sequence: rows::number(row.try_get(0)?), hash: sql::digest(row.try_get(1)?)? })
}

/// When an entry was written, as the chain has it: the column beside it is not part of the chain.
fn written(entry: &Stored) -> Result<crate::base::Timestamp, StoreError> {
    #[derive(serde::Deserialize)]
    struct Dated {
        at: crate::base::Timestamp,
    }
    rows::entity::<Dated>(&entry.body, "audit entry").map(|dated| dated.at)
}
