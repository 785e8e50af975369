//! Rows into values and back.

use std::{collections::HashMap, hash::Hash};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, sqlite::SqliteRow};

use super::{
    super::{Changed, DueMail, Revision, TokenRecord, sql},
    StoreError, StoreKeys,
};
use crate::{
    base::{Digest, Haunt, MailId, Prefix, Stay, Timestamp},
    directory::{EndReason, Session, audit},
};

/// A number that is never negative, as it is stored.
pub(super) fn stored(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The same, read back.
pub(super) fn number(n: i64) -> u64 {
    n.unsigned_abs()
}

/// Reads an entity back.
pub(super) fn entity<T: DeserializeOwned>(body: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(StoreError::row(what))
}

/// Writes an entity.
pub(super) fn body<T: Serialize>(entity: &T, what: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(entity).map_err(StoreError::row(what))
}

/// Many values as one that is bound, for `json_each`.
pub(super) fn list<T: ToString>(all: &[T]) -> String {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    serde_json::Value::from(texts).to_string()
}

/// Entities by whose they are, in the order in which they come.
pub(super) fn by<K: Hash + Eq, T>(all: Vec<T>, whose: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut found: HashMap<K, Vec<T>> = HashMap::new();
    for one in all {
        found.entry(whose(&one)).or_default().push(one);
    }
    found
}

/// A session, with the last activity that was noted beside it.
pub(super) fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    let mut session: Session = entity(row.try_get(0)?, "session")?;
    session.last_seen = session.last_seen.max(Timestamp::from_millis(row.try_get(1)?));
    Ok(session)
}

/// A token, and when it was last shown.
pub(super) fn token(row: &SqliteRow) -> Result<TokenRecord, StoreError> {
    let last_used: Option<i64> = row.try_get(1)?;
    Ok(TokenRecord { token: entity(row.try_get(0)?, "token")?, last_used: last_used.map(Timestamp::from_millis) })
}

/// A place of a guest. A country that a later version knows is none.
pub(super) fn stay(row: &SqliteRow) -> Result<Stay, StoreError> {
    let country: Option<&str> = row.try_get(1)?;
    let (network, _) = Prefix::parse(row.try_get(0)?).map_err(StoreError::row("place"))?;
    Ok(Stay {
        haunt: Haunt { network, country: country.and_then(|text| text.parse().ok()) },
        first: Timestamp::from_millis(row.try_get(2)?),
        last: Timestamp::from_millis(row.try_get(3)?),
    })
}

/// A change of the feed.
pub(super) fn changed(row: &SqliteRow) -> Result<Changed, StoreError> {
    let ended: Option<&str> = row.try_get(5)?;
    Ok(Changed {
        revision: Revision(number(row.try_get(0)?)),
        at: Timestamp::from_millis(row.try_get(1)?),
        key: sql::parse_key(row.try_get(2)?, row.try_get(3)?)?,
        guest: sql::guest_id(row.try_get(4)?)?,
        // A reason that a later version knows is still an end.
        ended: ended.map(|text| EndReason::ALL.into_iter().find(|r| r.as_str() == text).unwrap_or(EndReason::SignedOut)),
    })
}

/// An entry of the audit log.
pub(super) fn entry(row: &SqliteRow) -> Result<audit::Stored, StoreError> {
    let personal_hash: Option<&str> = row.try_get(2)?;
    let salt: Option<&str> = row.try_get(4)?;
    let personal: Option<String> = row.try_get(5)?;
    let salt = salt.map(|text| sql::digest(text).map(|d| first_half(&d))).transpose()?;
    Ok(audit::Stored {
        sequence: number(row.try_get(0)?),
        body: row.try_get(1)?,
        personal_hash: personal_hash.map(sql::digest).transpose()?,
        personal: salt.zip(personal),
        hash: sql::digest(row.try_get(3)?)?,
    })
}

/// A salt, written as a digest whose second half is zero.
pub(super) fn salt(salt: &[u8; 16]) -> String {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(salt);
    sql::hex(&Digest::from_bytes(bytes))
}

fn first_half(digest: &Digest) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&digest.as_bytes()[..16]);
    salt
}

/// A mail of the outbox, opened.
pub(super) fn mail(row: &SqliteRow, keys: &StoreKeys) -> Result<DueMail, StoreError> {
    let id: &str = row.try_get(0)?;
    let attempts: i64 = row.try_get(1)?;
    let sealed: &[u8] = row.try_get(2)?;
    let plain = keys.open(&purpose(sql::id(id)?), sealed).ok_or(StoreError::WrongKey)?;
    let mail = serde_json::from_slice(&plain).map_err(StoreError::row("mail"))?;
    Ok(DueMail { mail, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) })
}

/// What a mail is sealed for: its own row and no other.
pub(super) fn purpose(id: MailId) -> String {
    purpose_of(&id.to_string())
}

/// The same, by the id as it is stored.
pub(super) fn purpose_of(id: &str) -> String {
    format!("outbox:{id}")
}
