//! Lists for people. Where several things may be asked for, each has a statement of its own: one that covers all would read whole tables.

use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    super::{
        Cursor, Ending, Entries, Lately, Page, Search,
        lists::{folded, terms},
        sql,
    },
    SqliteStore, StoreError, rows,
};
use crate::{
    base::AppId,
    directory::{Grant, Guest, Invitation, audit::Stored},
};

const SEARCH_ALL: &str = "SELECT body FROM guests WHERE email > $1 ORDER BY email LIMIT $2";
const SEARCH_STATE: &str = "SELECT body FROM guests WHERE state = $3 AND email > $1 ORDER BY email LIMIT $2";
const SEARCH_APP: &str = "SELECT guests.body FROM grants JOIN guests ON guests.id = grants.guest \
    WHERE grants.state = 'active' AND grants.app = $3 AND grants.email > $1 ORDER BY grants.email LIMIT $2";
// What begins so is looked at up to a bound: whoever asks for half of everybody gets a part of it.
const SEARCH_WORDS: &str = "SELECT DISTINCT body FROM (SELECT guest FROM guest_terms WHERE term >= $1 AND term < $4 ORDER BY term LIMIT 2000) AS found \
    JOIN guests ON guests.id = found.guest \
    WHERE $3 = '' OR EXISTS (SELECT 1 FROM grants WHERE grants.guest = guests.id AND grants.app = $3 AND grants.state = 'active') LIMIT $2";
const FORGET_TERMS: &str = "DELETE FROM guest_terms WHERE guest = $1";
const ADD_TERMS: &str = "INSERT INTO guest_terms (term, guest) SELECT value, $1 FROM json_each($2)";
const FORGET_OFFERS: &str = "DELETE FROM invitation_apps WHERE invitation = $1";
const ADD_OFFERS: &str = "INSERT INTO invitation_apps (invitation, app, state, created) SELECT $1, value, $3, $4 FROM json_each($2) \
    WHERE true ON CONFLICT (invitation, app) DO NOTHING";
const ENDING: &str = "SELECT body FROM grants WHERE state = 'active' AND until >= $1 AND until < $2 ORDER BY until LIMIT $3";
const ENDING_IN_APP: &str =
    "SELECT body FROM grants WHERE state = 'active' AND app = $4 AND until >= $1 AND until < $2 ORDER BY until LIMIT $3";

/// A list with the newest first: which table, and what it is cut down to.
fn lately(table: &str, of_app: bool, wanted: &Lately) -> String {
    let app = if of_app { " AND app = $5" } else { "" };
    let state = if wanted.state.is_some() { " AND state = $4" } else { "" };
    let by = if wanted.by.is_some() { " AND inviter = $6 AND inviter <> ''" } else { "" };
    format!(
        "SELECT created, id, body FROM {table} WHERE (created, id) < ($1, $2){app}{state}{by} \
         ORDER BY created DESC, id DESC LIMIT $3"
    )
}

/// The same of invitations to one app, which stand in a table beside.
fn offered(wanted: &Lately) -> String {
    let state = if wanted.state.is_some() { " AND a.state = $4" } else { "" };
    format!(
        "SELECT i.created, i.id, i.body FROM invitation_apps a JOIN invitations i ON i.id = a.invitation \
         WHERE a.app = $5 AND (a.created, a.invitation) < ($1, $2){state} \
         ORDER BY a.created DESC, a.invitation DESC LIMIT $3"
    )
}

/// Entries with the newest first. The plus keeps SQLite from choosing an index that fits less well than that of the guest.
fn entries(wanted: &Entries) -> String {
    let mut narrowed = String::new();
    for (asked, column, place) in
        [(wanted.guest.is_some(), "guest", 3), (wanted.app.is_some(), "app", 4), (wanted.event.is_some(), "event", 5)]
    {
        if asked {
            let plus = if wanted.guest.is_some() && column != "guest" { "+" } else { "" };
            narrowed.push_str(&format!(" AND {plus}audit.{column} = ${place}"));
        }
    }
    format!(
        "SELECT audit.sequence, audit.body, audit.personal_hash, audit.hash, audit_personal.salt, audit_personal.body \
         FROM audit LEFT JOIN audit_personal ON audit_personal.sequence = audit.sequence \
         WHERE audit.sequence < $1{narrowed} ORDER BY audit.sequence DESC LIMIT $2"
    )
}

impl SqliteStore {
    pub(super) async fn search(&self, search: &Search) -> Result<Vec<Guest>, StoreError> {
        let mut found = match search.apps.as_slice() {
            [] => self.search_in(search, None).await?,
            apps => {
                let mut found = Vec::new();
                for app in apps {
                    found.extend(self.search_in(search, Some(app)).await?);
                }
                found
            }
        };
        // A guest of several apps is found in each of them.
        if search.apps.len() > 1 {
            found.sort_by(|a, b| a.email.cmp(&b.email));
            found.dedup_by(|a, b| a.id == b.id);
            found.truncate(usize::try_from(search.limit).unwrap_or(usize::MAX));
        }
        Ok(found)
    }

    async fn search_in(&self, search: &Search, app: Option<&AppId>) -> Result<Vec<Guest>, StoreError> {
        let limit = i64::from(search.limit.clamp(1, 500));
        let id = app.map_or("", |app| app.as_str());
        let bodies: Vec<String> = match (&search.words, app, search.state) {
            (Some(words), ..) => {
                let words = folded(words);
                let end = format!("{words}\u{10ffff}");
                sqlx::query_scalar(SEARCH_WORDS).bind(words).bind(limit).bind(id).bind(end).fetch_all(&self.readers).await?
            }
            (None, Some(_), _) => sqlx::query_scalar(SEARCH_APP).bind(&search.after).bind(limit).bind(id).fetch_all(&self.readers).await?,
            (None, None, Some(state)) => {
                sqlx::query_scalar(SEARCH_STATE).bind(&search.after).bind(limit).bind(state).fetch_all(&self.readers).await?
            }
            (None, None, None) => sqlx::query_scalar(SEARCH_ALL).bind(&search.after).bind(limit).fetch_all(&self.readers).await?,
        };
        bodies.iter().map(|text| rows::entity(text, "guest")).collect()
    }

    pub(super) async fn latest<T: DeserializeOwned>(
        &self,
        table: &str,
        wanted: &Lately,
        what: &'static str,
    ) -> Result<Page<T>, StoreError> {
        let limit = i64::from(wanted.limit.clamp(1, 500)) + 1;
        let mut found: Vec<(i64, String, String)> = Vec::new();
        let parts: Vec<Option<&AppId>> = if wanted.apps.is_empty() { vec![None] } else { wanted.apps.iter().map(Some).collect() };
        for app in &parts {
            for row in self.latest_of(table, wanted, *app, limit).await? {
                found.push((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            }
        }
        // An invitation to several apps is found in each of them.
        if parts.len() > 1 {
            found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
            found.dedup_by(|a, b| a.1 == b.1);
        }
        let most = usize::try_from(limit - 1).unwrap_or(usize::MAX);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|(at, id, _)| Cursor { at: *at, id: id.clone() });
        let items = found.iter().map(|(_, _, body)| rows::entity(body, what)).collect::<Result<_, StoreError>>()?;
        Ok(Page { items, next })
    }

    async fn latest_of(&self, table: &str, wanted: &Lately, app: Option<&AppId>, limit: i64) -> Result<Vec<SqliteRow>, StoreError> {
        // The words of the statement are ours; what is asked for is bound.
        let text = if table == "invitations" && app.is_some() { offered(wanted) } else { lately(table, app.is_some(), wanted) };
        let (at, id) = wanted.before.as_ref().map_or((i64::MAX, ""), |before| (before.at, before.id.as_str()));
        let query = sqlx::query(AssertSqlSafe(text)).bind(at).bind(id).bind(limit);
        let query = query.bind(wanted.state.unwrap_or("")).bind(app.map_or("", |app| app.as_str()));
        let query = query.bind(wanted.by.as_ref().map(ToString::to_string).unwrap_or_default());
        Ok(query.fetch_all(&self.readers).await?)
    }

    pub(super) async fn latest_of_audit(&self, wanted: &Entries) -> Result<Vec<Stored>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(entries(wanted)));
        let query = query.bind(wanted.before.map_or(i64::MAX, rows::stored)).bind(i64::from(wanted.limit.clamp(1, 500)));
        let query = query.bind(wanted.guest.map(|guest| guest.to_string())).bind(wanted.app.as_ref().map(ToString::to_string));
        query.bind(wanted.event.clone()).fetch_all(&self.readers).await?.iter().map(rows::entry).collect()
    }

    pub(super) async fn ending_grants(&self, wanted: &Ending) -> Result<Vec<Grant>, StoreError> {
        let statement = if wanted.app.is_some() { ENDING_IN_APP } else { ENDING };
        let query = sqlx::query_scalar(statement).bind(wanted.from.as_millis()).bind(wanted.to.as_millis());
        let query = query.bind(i64::from(wanted.limit.clamp(1, 500))).bind(wanted.app.as_ref().map_or("", |app| app.as_str()));
        let bodies: Vec<String> = query.fetch_all(&self.readers).await?;
        bodies.iter().map(|text| rows::entity(text, "grant")).collect()
    }
}

/// Makes a guest findable, by what is known of the guest's grants too.
pub(super) async fn list_guest(tx: &mut SqliteConnection, guest: &Guest) -> Result<(), StoreError> {
    let id = guest.id.to_string();
    // Of somebody new nothing is there yet.
    if !guest.version.is_first() {
        let query = sqlx::query(sql::GUEST_OF_GRANTS).bind(id.as_str()).bind(sql::guest_state(&guest.state));
        query.bind(guest.sponsor.as_ref().map_or("", |sponsor| sponsor.as_str())).execute(&mut *tx).await?;
        sqlx::query(FORGET_TERMS).bind(id.as_str()).execute(&mut *tx).await?;
    }
    let terms = serde_json::Value::from(terms(&guest.email, guest.name.as_deref())).to_string();
    sqlx::query(ADD_TERMS).bind(id).bind(terms).execute(&mut *tx).await?;
    Ok(())
}

/// Makes an invitation findable by its apps.
pub(super) async fn list_invitation(tx: &mut SqliteConnection, invitation: &Invitation) -> Result<(), StoreError> {
    let id = invitation.id.to_string();
    if !invitation.version.is_first() {
        sqlx::query(FORGET_OFFERS).bind(id.as_str()).execute(&mut *tx).await?;
    }
    let apps: serde_json::Value = invitation.offers.iter().map(|offer| offer.app.as_str()).collect();
    let query = sqlx::query(ADD_OFFERS).bind(id).bind(apps.to_string());
    query.bind(sql::invitation_state(&invitation.state)).bind(invitation.created.as_millis()).execute(&mut *tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::Row as _;

    use super::*;
    use crate::{
        base::{GuestId, Id as _, TokenId},
        directory::Inviter,
        store::{StoreKeys, suite::Counting},
    };

    /// Every statement that a list can come to.
    fn statements() -> Vec<String> {
        let mut all: Vec<String> = [SEARCH_ALL, SEARCH_STATE, SEARCH_APP, SEARCH_WORDS, ENDING, ENDING_IN_APP].map(str::to_owned).to_vec();
        all.extend(super::super::reviews::LISTS.map(str::to_owned));
        let app = || AppId::parse("charts").ok();
        for (app, state) in [(None, None), (None, Some("open")), (app(), None), (app(), Some("open"))] {
            let wanted = Lately { state, limit: 50, ..Lately::default() };
            all.push(lately("requests", app.is_some(), &wanted));
            all.push(if app.is_some() { offered(&wanted) } else { lately("invitations", false, &wanted) });
            let by = Some(Inviter::Token(TokenId::from_bytes([1; 16])));
            all.push(lately("invitations", false, &Lately { by, state: None, ..wanted }));
        }
        for n in 0..8 {
            let guest = (n & 1 > 0).then(|| GuestId::from_bytes([1; 16]));
            let event = (n & 4 > 0).then(|| "guest.suspended".to_owned());
            all.push(entries(&Entries { guest, app: app().filter(|_| n & 2 > 0), event, before: None, limit: 50 }));
        }
        all
    }

    #[tokio::test]
    async fn every_list_goes_along_an_index_and_sorts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let keys = StoreKeys::derive(&[7; 32]).unwrap();
        let store = SqliteStore::open(&folder.path().join("guestgate.db"), keys, Arc::new(Counting::default())).await.unwrap();
        for statement in statements() {
            let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(&store.readers).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get::<String, _>(3)).collect();
            // What was found is what a bound has let through.
            let reads_all = |step: &&String| step.starts_with("SCAN") && !step.contains("SCAN found") && !step.contains("CONSTANT ROW");
            let sorts = |step: &&String| step.contains("TEMP B-TREE FOR ORDER BY");
            assert!(!plan.iter().any(|step| reads_all(&step) || sorts(&step)), "{statement}\n{plan:#?}");
        }
    }
}
