//! What is done to a whole database: copying it while it is used, and sealing it anew under other keys.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::{SqliteStore, StoreError, answers, chain::head_of, rows};
use crate::store::{StoreKeys, sql};

impl SqliteStore {
    /// Copies the database as it is at one moment, also while a gateway writes to it. The copy must not be there yet.
    pub async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
        let options = SqliteConnectOptions::new().filename(from).create_if_missing(false).busy_timeout(super::open::BUSY);
        let mut connection: SqliteConnection = options.disable_statement_logging().connect().await?;
        let target = to.to_str().ok_or_else(|| StoreError::Open { path: to.to_owned(), cause: std::io::ErrorKind::InvalidInput.into() })?;
        sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Seals everything under other keys, in one transaction. This store is of no use afterwards: it has the keys of before.
    pub async fn rekey(&self, to: &StoreKeys) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query(sql::HEAD).fetch_one(&mut *tx).await?;
        let head = head_of(&row)?;
        // What is not ours is not made ours.
        if sql::digest(row.try_get(2)?)? != head.seal(self.keys.audit()) {
            return Err(StoreError::WrongKey);
        }
        if let Some(row) = sqlx::query(sql::START).fetch_optional(&mut *tx).await? {
            let start = head_of(&row)?;
            if sql::digest(row.try_get(2)?)? != start.seal_as_start(self.keys.audit()) {
                return Err(StoreError::WrongKey);
            }
            let query = sqlx::query(sql::SET_START).bind(rows::stored(start.sequence)).bind(sql::hex(&start.hash));
            query.bind(sql::hex(&start.seal_as_start(to.audit()))).execute(&mut *tx).await?;
        }
        let query = sqlx::query(sql::SET_HEAD).bind(rows::stored(head.sequence)).bind(sql::hex(&head.hash));
        query.bind(sql::hex(&head.seal(to.audit()))).execute(&mut *tx).await?;
        for (select, update, purpose) in [
            (sql::SEALED_MAILS, sql::SEAL_MAIL, rows::purpose_of as fn(&str) -> String),
            (sql::SEALED_ANSWERS, sql::KEEP_ANSWER, answers::purpose),
        ] {
            let sealed: Vec<(String, Vec<u8>)> = sqlx::query_as(select).fetch_all(&mut *tx).await?;
            for (id, body) in sealed {
                let plain = self.keys.open(&purpose(&id), &body).ok_or(StoreError::WrongKey)?;
                let anew = to.seal(&*self.entropy, &purpose(&id), &plain).ok_or(StoreError::WrongKey)?;
                sqlx::query(update).bind(id).bind(anew).execute(&mut *tx).await?;
            }
        }
        sqlx::query(sql::CHANGE_META).bind("key-check").bind(sql::hex(to.check())).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
