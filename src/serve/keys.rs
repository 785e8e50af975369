//! The master keys in the data folder: the present one, those before it, and the change from one to the next.
//!
//! A change has three steps: the next key is written beside the present one; the database is sealed anew in one transaction; the files
//! change places. Whoever opens the folder after a crash sees by the database whether the change happened, and completes or undoes it.

use std::{
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::ServeError;
use crate::{
    base::Entropy,
    config::Config,
    identity::{KeyError, KeyRing, MasterKey},
    store::{SqliteStore, Store as _, StoreError, StoreKeys},
};

/// The keys from which all others are derived.
#[derive(Debug)]
pub struct Masters {
    /// What makes.
    pub current: MasterKey,
    /// What was made by these can still be read: the latest first.
    pub before: Vec<MasterKey>,
}

/// The files of a data folder that hold keys.
const CURRENT: &str = "master.key";
const NEXT: &str = "master.key.next";
const BEFORE: &str = "master.keys.before";
const LENGTH: usize = 32;

impl Masters {
    /// Names of the files that hold keys, for those who copy them.
    pub const FILES: [&'static str; 2] = [CURRENT, BEFORE];

    /// Reads the keys. Where there is no database yet, a key is made.
    pub async fn open(folder: &Path, database: &Path, entropy: &Arc<dyn Entropy>) -> Result<Self, ServeError> {
        settle(folder, database, entropy).await?;
        let path = folder.join(CURRENT);
        match std::fs::read(&path) {
            Ok(_) => Self::read(folder),
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(ServeError::File(path, cause)),
            Err(_) if database.exists() => Err(ServeError::KeyGone(path)),
            Err(_) => {
                let mut bytes = [0; LENGTH];
                entropy.fill(&mut bytes);
                write_new(&path, &bytes)?;
                Ok(Self { current: MasterKey::new(bytes), before: Vec::new() })
            }
        }
    }

    fn read(folder: &Path) -> Result<Self, ServeError> {
        let (path, older) = (folder.join(CURRENT), folder.join(BEFORE));
        let current = parse(&path, &std::fs::read(&path).map_err(|cause| ServeError::File(path.clone(), cause))?)?;
        let before = older_keys(&older)?.chunks(LENGTH).map(|bytes| parse(&older, bytes)).collect::<Result<_, _>>()?;
        Ok(Self { current, before })
    }

    /// All keys in use by the portal of this configuration.
    pub fn ring(&self, config: &Config) -> Result<KeyRing, ServeError> {
        KeyRing::new(&config.origin(&config.portal.host), &self.current, &self.before).map_err(|_| ServeError::Derive)
    }

    /// Makes a new key the present one. Nobody else may use the database meanwhile.
    pub async fn rotate(folder: &Path, database: &Path, entropy: &Arc<dyn Entropy>) -> Result<Self, ServeError> {
        let masters = Self::open(folder, database, entropy).await?;
        let mut bytes = [0; LENGTH];
        entropy.fill(&mut bytes);
        write_new(&folder.join(NEXT), &bytes)?;
        let used = |cause: StoreError| ServeError::Store(database.to_owned(), cause);
        let keys = |bytes: &[u8; LENGTH]| StoreKeys::derive(bytes).ok_or(ServeError::Derive);
        let store = SqliteStore::open(database, keys(masters.current.bytes())?, Arc::clone(entropy)).await.map_err(used)?;
        let sealed = store.rekey(&keys(&bytes)?).await.map_err(used);
        store.close().await;
        sealed?;
        settle(folder, database, entropy).await?;
        Self::read(folder)
    }
}

/// Completes a change that the database has seen, or forgets one that it has not.
async fn settle(folder: &Path, database: &Path, entropy: &Arc<dyn Entropy>) -> Result<(), ServeError> {
    let (current, next, before) = (folder.join(CURRENT), folder.join(NEXT), folder.join(BEFORE));
    let bytes = match std::fs::read(&next) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(ServeError::File(next, cause)),
    };
    let happened = match <[u8; LENGTH]>::try_from(bytes.as_slice()) {
        Ok(bytes) if database.exists() => is_under(database, &bytes, entropy).await?,
        Ok(_) | Err(_) => false,
    };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause: io::Error| ServeError::File(path, cause)
    };
    if !happened {
        return std::fs::remove_file(&next).map_err(failed(&next));
    }
    let present = std::fs::read(&current).map_err(failed(&current))?;
    let mut older = older_keys(&before)?;
    // A crash after this step repeats it.
    if !older.starts_with(&present) {
        older.splice(0..0, present);
        let beside = before.with_extension("new");
        let _ = std::fs::remove_file(&beside);
        write_new(&beside, &older)?;
        std::fs::rename(&beside, &before).map_err(failed(&before))?;
    }
    std::fs::rename(&next, &current).map_err(failed(&current))?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

/// Whether the database is sealed under this key.
async fn is_under(database: &Path, bytes: &[u8; LENGTH], entropy: &Arc<dyn Entropy>) -> Result<bool, ServeError> {
    let keys = StoreKeys::derive(bytes).ok_or(ServeError::Derive)?;
    match SqliteStore::open(database, keys, Arc::clone(entropy)).await {
        Ok(store) => {
            store.close().await;
            Ok(true)
        }
        Err(StoreError::WrongKey) => Ok(false),
        Err(cause) => Err(ServeError::Store(database.to_owned(), cause)),
    }
}

/// The keys of before, one behind the other.
fn older_keys(path: &PathBuf) -> Result<Vec<u8>, ServeError> {
    match std::fs::read(path) {
        Ok(bytes) if bytes.len() % LENGTH == 0 => Ok(bytes),
        Ok(_) => Err(ServeError::Key(path.clone(), KeyError::Length)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(ServeError::File(path.clone(), cause)),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<MasterKey, ServeError> {
    MasterKey::parse(bytes).map_err(|cause| ServeError::Key(path.to_owned(), cause))
}

/// Writes a file that only we may read, and that must not be there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), ServeError> {
    let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|cause| ServeError::File(path.to_owned(), cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Digest, Timestamp},
        store::{Began, suite::Counting},
    };

    async fn kept(folder: &Path, database: &Path, entropy: &Arc<dyn Entropy>) -> Vec<u8> {
        let masters = Masters::open(folder, database, entropy).await.unwrap();
        let store = SqliteStore::open(database, StoreKeys::derive(masters.current.bytes()).unwrap(), Arc::clone(entropy)).await.unwrap();
        let name = Digest::of(b"a name");
        let began = store.begin_answer(name, Digest::of(b"a body"), Timestamp::from_millis(1)).await.unwrap();
        if matches!(began, Began::Yours) {
            store.keep_answer(name, Some(b"an answer".to_vec())).await.unwrap();
        }
        store.close().await;
        match began {
            Began::Answered(answer) => answer,
            Began::Yours | Began::Busy | Began::Other => Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_change_of_the_master_key_loses_nothing_wherever_it_breaks_off() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, database) = (folder.path(), folder.path().join("guestgate.db"));
        let entropy: Arc<dyn Entropy> = Arc::new(Counting::default());
        assert!(kept(folder, &database, &entropy).await.is_empty());
        let first = std::fs::read(folder.join(CURRENT)).unwrap();

        // Broken off before the database knew of it: nothing has happened.
        write_new(&folder.join(NEXT), &[9; LENGTH]).unwrap();
        assert_eq!(kept(folder, &database, &entropy).await, b"an answer");
        assert_eq!(std::fs::read(folder.join(CURRENT)).unwrap(), first);
        assert!(!folder.join(NEXT).exists());

        let rotated = Masters::rotate(folder, &database, &entropy).await.unwrap();
        assert_ne!(rotated.current.bytes()[..], first[..]);
        assert_eq!(rotated.before[0].bytes()[..], first[..]);
        assert_eq!(kept(folder, &database, &entropy).await, b"an answer");

        // Broken off after the database knew of it: the files as they were then.
        let second = std::fs::read(folder.join(CURRENT)).unwrap();
        std::fs::rename(folder.join(CURRENT), folder.join(NEXT)).unwrap();
        std::fs::rename(folder.join(BEFORE), folder.join(CURRENT)).unwrap();
        let settled = Masters::open(folder, &database, &entropy).await.unwrap();
        assert_eq!((settled.current.bytes()[..].to_vec(), settled.before[0].bytes()[..].to_vec()), (second, first));
        assert_eq!(kept(folder, &database, &entropy).await, b"an answer");
    }
}
