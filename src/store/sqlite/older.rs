//! Databases of older schemas, with rows in them, become what they would be if they had been written by this version.

use std::{path::Path, sync::Arc};

use sqlx::{AssertSqlSafe, Row as _, SqlitePool, sqlite::SqliteConnectOptions};

use super::{
    super::{Store as _, StoreKeys, sql, suite},
    SqliteStore,
};
use crate::directory::{Actor, SuspendGuest, Target, may};

/// The oldest schema that is tried: names were not yet cut into words before, and rows of those times keep them whole.
const OLDEST: usize = 8;

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, StoreKeys::derive(&[7; 32]).unwrap(), Arc::new(suite::Counting::default())).await.unwrap()
}

async fn pool(path: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path).create_if_missing(true).foreign_keys(false)).await.unwrap()
}

async fn run(pool: &SqlitePool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

async fn texts(pool: &SqlitePool, sql: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
}

/// The columns of each table, one after the other with commas between.
async fn tables(pool: &SqlitePool) -> Vec<(String, String)> {
    let sql = "SELECT m.name, (SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(m.name) ORDER BY name)) \
        FROM sqlite_master AS m WHERE m.type = 'table' ORDER BY m.name";
    sqlx::query(sql).fetch_all(pool).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The rows of a table as JSON, in order.
async fn rows(pool: &SqlitePool, table: &str, columns: &str) -> Vec<String> {
    let shown: Vec<String> = columns.split(',').map(|column| format!("quote({column})")).collect();
    texts(pool, format!("SELECT json_array({}) FROM {table} ORDER BY 1", shown.join(", "))).await
}

/// Everything that a few people leave behind.
async fn fill(path: &Path) {
    let store = open(path).await;
    suite::signed_in(&store, "ann").await;
    let (eve, _) = suite::accepted(&store, "eve").await;
    let warrant = may::<SuspendGuest>(&Actor::Machine, Target::Everything).unwrap();
    store.commit(eve.suspend(&suite::o(), &warrant, None).unwrap().1).await.unwrap();
    suite::invited(&store, "bob").await;
    store.close().await;
}

/// The same rows under the schema of an older version.
async fn as_of(version: usize, new: &Path, old: &Path) {
    let pool = pool(old).await;
    for step in &sql::MIGRATIONS[..version] {
        run(&pool, (*step).to_owned()).await;
    }
    run(&pool, format!("PRAGMA application_id = {}; PRAGMA user_version = {version}", 0x4747_4154)).await;
    let mut one = pool.acquire().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("ATTACH '{}' AS new", new.display()))).execute(&mut *one).await.unwrap();
    for (table, columns) in tables(&pool).await {
        let copy = format!("DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}");
        sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut *one).await.unwrap();
    }
    drop(one);
    pool.close().await;
}

#[tokio::test]
async fn an_older_database_becomes_what_a_new_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.db");
    fill(&new).await;
    for version in OLDEST..sql::MIGRATIONS.len() {
        let old = folder.path().join(format!("of{version}.db"));
        as_of(version, &new, &old).await;
        let store = open(&old).await;
        assert!(store.verify_audit(None, &|_, _| {}).await.unwrap().is_ok());
        let (is, should) = (pool(&old).await, pool(&new).await);
        assert_eq!(tables(&is).await, tables(&should).await);
        for (table, columns) in tables(&should).await {
            assert_eq!(rows(&is, &table, &columns).await, rows(&should, &table, &columns).await, "{table} of schema {version}");
        }
        let broken = texts(&is, "SELECT \"table\" FROM pragma_foreign_key_check".to_owned()).await;
        assert!(broken.is_empty(), "{broken:?}");
        // It can be written to as well.
        suite::signed_in(&store, "later").await;
        store.close().await;
    }
}
