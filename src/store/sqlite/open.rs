//! Opening the file: ours alone, ours at all, whole, and of a schema that we know.

use std::{fs, io, os::unix::fs::OpenOptionsExt, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{super::sql, StoreError, StoreKeys};
use crate::directory::audit::Head;

/// Tells our files from those of other programs: "GGAT".
const APPLICATION_ID: i64 = 0x4747_4154;
const READERS: u32 = 4;
pub(super) const BUSY: Duration = Duration::from_secs(5);
const WAIT: Duration = Duration::from_secs(15);

/// Opens the file and answers with the writer and the readers.
pub(super) async fn open(path: &Path, keys: &StoreKeys) -> Result<(SqlitePool, SqlitePool), StoreError> {
    make_ours(path).map_err(|cause| StoreError::Open { path: path.to_owned(), cause })?;
    // Whether the file is ours is asked before anything is written to it, even its journal mode.
    inspect(path).await?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging();
    let writer = pool(1).connect_with(options.clone()).await?;
    migrate(&writer, keys).await?;
    let readers = pool(READERS).connect_with(options.pragma("query_only", "ON")).await?;
    Ok((writer, readers))
}

/// Opens a file of ours to look at it, as it is, beside whoever uses it. `None`: there is none, or its schema is another.
pub(super) async fn to_look(path: &Path) -> Result<Option<SqlitePool>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY).disable_statement_logging();
    let pool = pool(1).connect_with(options).await?;
    let owner: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&pool).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
    Ok((owner == APPLICATION_ID && found == known_schema()).then_some(pool))
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
        // SQLite rolls back by itself where the disk is full; the driver then believes for ever that a transaction is open. Such a
        // connection is replaced.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Makes the file if it is not there; nobody else may read it. SQLite gives its journals the same mode.
fn make_ours(path: &Path) -> io::Result<()> {
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

async fn inspect(path: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging();
    let pool = pool(1).connect_with(options).await?;
    let found = look(&pool, path).await;
    pool.close().await;
    found
}

async fn look(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let owner: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(pool).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(pool).await?;
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master").fetch_one(pool).await?;
    let known = known_schema();
    if owner != APPLICATION_ID && (owner != 0 || found != 0 || tables != 0) {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    let health: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await?;
    if health == "ok" { Ok(()) } else { Err(StoreError::Broken(sqlx::Error::Protocol(health))) }
}

fn known_schema() -> i64 {
    i64::try_from(sql::MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the schema up to date, and remembers the key or compares it with the one that is remembered.
async fn migrate(writer: &SqlitePool, keys: &StoreKeys) -> Result<(), StoreError> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    for step in sql::MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        sqlx::raw_sql(*step).execute(&mut *tx).await?;
    }
    if found < known_schema() {
        let stamp = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", known_schema());
        sqlx::raw_sql(sqlx::AssertSqlSafe(stamp)).execute(&mut *tx).await?;
    }
    let ours = sql::hex(keys.check());
    let remembered: Option<String> = sqlx::query_scalar(sql::META).bind("key-check").fetch_optional(&mut *tx).await?;
    match remembered {
        Some(text) if text != ours => return Err(StoreError::WrongKey),
        Some(_) => {}
        None => {
            sqlx::query(sql::SET_META).bind("key-check").bind(&ours).execute(&mut *tx).await?;
            let head = Head::empty();
            let seal = head.seal(keys.audit());
            sqlx::query(sql::SET_HEAD).bind(0_i64).bind(sql::hex(&head.hash)).bind(sql::hex(&seal)).execute(&mut *tx).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
