//! SQLite passes the suite, and is clear about files that it cannot use.

use std::{os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use super::{
    super::{Store, StoreError, StoreKeys, suite, suite::Maker},
    SqliteStore,
};
use crate::{
    base::{AppId, Exclusions},
    directory::{Actor, Grant, GrantDraft, Target, audit::Broken, may},
};

struct File {
    path: PathBuf,
    _dir: tempfile::TempDir,
}

impl File {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { path: dir.path().join("guestgate.db"), _dir: dir }
    }

    async fn try_open(&self, master: u8) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(&self.path, StoreKeys::derive(&[master; 32]).unwrap(), Arc::new(suite::Counting::default())).await
    }
}

impl Maker for File {
    type Store = SqliteStore;

    async fn open(&self) -> SqliteStore {
        self.try_open(1).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_passes_the_suite() {
    suite::all(&File::new()).await;
}

#[tokio::test]
async fn who_has_what_excludes_each_other_is_found_beside_whoever_uses_the_file() {
    let file = File::new();
    let rules = Exclusions::new(vec![["charts", "orders"].map(|text| text.parse().unwrap()).to_vec()]);
    assert!(SqliteStore::clashes_in(&file.path, &rules, suite::NOW).await.unwrap().is_empty() && !file.path.exists());
    let store = file.open().await;
    suite::accepted(&store, "bob").await;
    let (ann, invitation) = suite::accepted(&store, "ann").await;
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let orders = AppId::parse("orders").unwrap();
    let draft = GrantDraft { app: orders, role: None, until: None, invitation: invitation.id };
    let (_, proposal) = Grant::create(&suite::o(), &warrant, &ann, &[], draft).unwrap();
    store.commit(proposal).await.unwrap();
    for found in [store.clashes(&rules, suite::NOW).await, SqliteStore::clashes_in(&file.path, &rules, suite::NOW).await] {
        let found = found.unwrap();
        assert_eq!(found.iter().map(|(guest, _)| guest.id).collect::<Vec<_>>(), [ann.id]);
        assert!(found[0].1.to_string().contains("exclude each other"));
    }
    assert!(store.clashes(&Exclusions::default(), suite::NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn every_file_is_ours_alone() {
    let file = File::new();
    let store = file.open().await;
    suite::invited(&store, "ann").await;
    for entry in std::fs::read_dir(file.path.parent().unwrap()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn another_key_is_noticed_at_once() {
    let file = File::new();
    file.open().await.close().await;
    assert!(matches!(file.try_open(2).await, Err(StoreError::WrongKey)));
}

#[tokio::test]
async fn files_that_are_not_ours_are_left_alone() {
    let file = File::new();
    std::fs::write(&file.path, "not a database, but long enough to look like one: ".repeat(100)).unwrap();
    let before = std::fs::read(&file.path).unwrap();
    assert!(matches!(file.try_open(1).await, Err(StoreError::Broken(_))));
    assert_eq!(std::fs::read(&file.path).unwrap(), before);

    let file = File::new();
    raw(&file, "CREATE TABLE somebody_elses (x); PRAGMA user_version = 7").await;
    assert!(matches!(file.try_open(1).await, Err(StoreError::Foreign(_))));

    let file = File::new();
    file.open().await.close().await;
    raw(&file, "PRAGMA user_version = 99").await;
    assert!(matches!(file.try_open(1).await, Err(StoreError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn a_damaged_file_is_noticed_when_it_is_opened() {
    let file = File::new();
    let store = file.open().await;
    for n in 0..30 {
        suite::invited(&store, &format!("ann-{n}")).await;
    }
    store.close().await;
    let mut bytes = std::fs::read(&file.path).unwrap();
    let n = bytes.len();
    bytes[4096..n].iter_mut().step_by(7).for_each(|b| *b ^= 0x5a);
    std::fs::write(&file.path, bytes).unwrap();
    assert!(matches!(file.try_open(1).await, Err(StoreError::Broken(_))));
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_half_written() {
    let file = File::new();
    let store = file.open().await;
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&store.writer).await.unwrap();
    let warrant = may(&Actor::Machine, Target::Everything).unwrap();
    let mut refused = None;
    for n in 0..200 {
        let email = format!("ann-{n}@partner.example").parse().unwrap();
        let (_, p) = crate::directory::Invitation::issue(&suite::o(), &warrant, Default::default(), suite::draft(&email)).unwrap();
        let written = store.revision().await.unwrap();
        if let Err(error) = store.commit(p).await {
            refused = Some((error, written));
            break;
        }
    }
    let (error, written) = refused.unwrap();
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert_eq!(store.revision().await.unwrap(), written);
    sqlx::raw_sql("PRAGMA max_page_count = 100000").execute(&store.writer).await.unwrap();
    suite::invited(&store, "after").await;
    assert!(store.verify_audit(None, &|_, _| {}).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_second_process_sees_what_the_first_wrote() {
    let file = File::new();
    let (one, two) = (file.open().await, file.open().await);
    let seen = two.revision().await.unwrap();
    let invitation = suite::invited(&one, "ann").await;
    assert_eq!(two.changes_after(seen, 10).await.unwrap().len(), 1);
    assert_eq!(two.invitation(invitation.id).await.unwrap(), Some(invitation));
}

#[tokio::test]
async fn whatever_is_done_to_the_audit_log_shows() {
    type Expected = fn(&Broken) -> bool;
    let deeds: [(&str, Expected); 6] = [
        ("UPDATE audit SET body = replace(body, 'machine', 'system') WHERE sequence = 2", |b| matches!(b, Broken::Entry(2))),
        ("DELETE FROM audit_personal WHERE sequence = 3; DELETE FROM audit WHERE sequence = 3", |b| matches!(b, Broken::Missing(3))),
        ("UPDATE audit_personal SET body = replace(body, 'ann', 'eve') WHERE sequence = 1", |b| matches!(b, Broken::Personal(1))),
        (
            "PRAGMA foreign_keys = OFF; UPDATE audit SET sequence = 99 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3; \
             UPDATE audit SET sequence = 3 WHERE sequence = 99; PRAGMA foreign_keys = ON",
            |b| matches!(b, Broken::Entry(2)),
        ),
        ("DELETE FROM audit_personal WHERE sequence = 4; DELETE FROM audit WHERE sequence = 4", |b| {
            matches!(b, Broken::Tail { found: 3, sealed: 4 })
        }),
        (
            "DELETE FROM audit_personal WHERE sequence = 4; DELETE FROM audit WHERE sequence = 4; \
             UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit WHERE sequence = 3)",
            |b| matches!(b, Broken::Seal),
        ),
    ];
    for (deed, expected) in deeds {
        let file = File::new();
        let store = file.open().await;
        for n in 0..4 {
            suite::invited(&store, &format!("ann-{n}")).await;
        }
        assert!(store.verify_audit(None, &|_, _| {}).await.unwrap().is_ok());
        sqlx::raw_sql(deed).execute(&store.writer).await.unwrap();
        let broken = store.verify_audit(None, &|_, _| {}).await.unwrap().unwrap_err();
        assert!(expected(&broken), "{deed}: {broken}");
    }
}

#[tokio::test]
async fn what_is_cut_from_the_front_of_the_audit_log_leaves_a_sealed_beginning() {
    let file = File::new();
    let store = file.open().await;
    for n in 0..6 {
        suite::invited(&store, &format!("ann-{n}")).await;
    }
    let verified = async || store.verify_audit(None, &|_, _| {}).await.unwrap();
    let end = verified().await.unwrap();
    let cut = |before: i64, up_to, at_most| super::super::Cut { before: crate::base::Timestamp::from_millis(before), up_to, at_most };
    let cut = async |before, up_to, at_most| store.cut_audit(cut(before, up_to, at_most)).await.unwrap().map(|to| to.map(|to| to.sequence));
    assert_eq!(cut(0, 99, 99).await, Ok(None), "nothing is as old as that");
    assert_eq!(cut(i64::MAX, 2, 99).await, Ok(Some(2)), "nothing behind what has been forwarded");
    assert_eq!(cut(i64::MAX, 99, 1).await, Ok(Some(3)));
    assert_eq!((verified().await, store.audit_start().await.unwrap().sequence), (Ok(end), 3));
    assert_eq!(store.audit_after(0, 9).await.unwrap().first().map(|entry| entry.sequence), Some(4));
    suite::invited(&store, "later").await;
    assert_eq!(verified().await.unwrap().sequence, 7);

    // Whoever only has the database cannot cut: not by the seal of an old end, and not what was changed.
    let forged = "UPDATE audit_start SET sequence = 7, hash = (SELECT hash FROM audit_head), seal = (SELECT seal FROM audit_head); \
        DELETE FROM audit_personal; DELETE FROM audit";
    sqlx::raw_sql("UPDATE audit SET body = replace(body, 'machine', 'system') WHERE sequence = 5").execute(&store.writer).await.unwrap();
    assert_eq!(cut(i64::MAX, 99, 99).await, Err(Broken::Entry(5)));
    sqlx::raw_sql("UPDATE audit SET body = replace(body, 'system', 'machine') WHERE sequence = 5").execute(&store.writer).await.unwrap();
    assert!(verified().await.is_ok());
    sqlx::raw_sql(forged).execute(&store.writer).await.unwrap();
    assert_eq!(verified().await, Err(Broken::Seal));
}

#[tokio::test]
async fn no_secret_lies_readable_in_the_file() {
    let file = File::new();
    let store = file.open().await;
    suite::invited(&store, "ann").await;
    store.close().await;
    let bytes = std::fs::read(&file.path).unwrap();
    assert!(bytes.windows(11).all(|w| w != b"secret-link"), "the text of a queued mail carries a link");
}

async fn raw(file: &File, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file.path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}
