//! People as a directory counts them: guests first, and behind them those who are invited and do not come yet. Of several invitations of
//! one person the latest stands for the person.

use sqlx::{QueryBuilder, Sqlite};

use super::{super::People, SqliteStore, StoreError, rows};
use crate::base::EmailAddress;

type Statement = QueryBuilder<Sqlite>;

/// What a statement answers with.
#[derive(Debug, Clone, Copy)]
enum Ask {
    HowMany,
    Which(Part),
}

/// A part of a list, counted from the end that is nearer to it: what is passed over is read as well.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// The last comes first.
    backward: bool,
    skip: i64,
    limit: i64,
}

impl Part {
    /// So many behind so many, of a list of this length. `None`: there is nothing.
    fn of(skip: i64, limit: i64, total: i64) -> Option<Self> {
        let limit = limit.min(total.saturating_sub(skip));
        let behind = total.saturating_sub(skip).saturating_sub(limit);
        let backward = behind < skip;
        (limit > 0).then_some(Self { backward, skip: if backward { behind } else { skip }, limit })
    }

    fn put_in_order<T>(self, found: &mut [T]) {
        if self.backward {
            found.reverse();
        }
    }

    fn direction(self) -> &'static str {
        if self.backward { " DESC" } else { "" }
    }
}

impl SqliteStore {
    /// The addresses of a part of them, and how many there are in all.
    pub(super) async fn people_wanted(&self, wanted: &People) -> Result<(Vec<EmailAddress>, u64), StoreError> {
        let combinations = if wanted.only.is_empty() { Vec::new() } else { self.combinations(&wanted.only).await? };
        let (skip, limit) = (i64::try_from(wanted.skip).unwrap_or(i64::MAX), i64::from(wanted.limit));
        // All of one moment: where a part ends is counted from how many there are.
        let mut moment = self.readers.begin().await?;
        let n_guests: i64 = guests(wanted, Ask::HowMany).build_query_scalar().fetch_one(&mut *moment).await?;
        let n_invited: i64 = invited(wanted, &combinations, Ask::HowMany).build_query_scalar().fetch_one(&mut *moment).await?;
        let mut found: Vec<String> = Vec::new();
        if let Some(part) = Part::of(skip, limit, n_guests) {
            found = guests(wanted, Ask::Which(part)).build_query_scalar().fetch_all(&mut *moment).await?;
            part.put_in_order(&mut found);
        }
        let left = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
        if let Some(part) = Part::of(skip.saturating_sub(n_guests).max(0), left, n_invited) {
            let mut more: Vec<String> =
                invited(wanted, &combinations, Ask::Which(part)).build_query_scalar().fetch_all(&mut *moment).await?;
            part.put_in_order(&mut more);
            found.append(&mut more);
        }
        let found = found.iter().map(|text| EmailAddress::parse(text).map_err(StoreError::row("address"))).collect::<Result<_, _>>()?;
        Ok((found, rows::number(n_guests.saturating_add(n_invited))))
    }
}

fn guests(wanted: &People, ask: Ask) -> Statement {
    let mut s = Statement::new("SELECT ");
    let of_apps = !wanted.only.is_empty();
    s.push(match (ask, of_apps) {
        (Ask::HowMany, false) => "COUNT(*) FROM guests",
        (Ask::HowMany, true) => "COUNT(DISTINCT guest) FROM grants WHERE state = 'active' AND guest_state ",
        (Ask::Which(_), false) => "email FROM guests",
        (Ask::Which(_), true) => "email FROM (SELECT DISTINCT came AS at, guest, email FROM grants WHERE state = 'active' AND guest_state ",
    });
    if !of_apps {
        let index = if wanted.active == Some(false) { "guests_suspended" } else { "guests_in_order" };
        s.push(format!(" INDEXED BY {index} WHERE kind = 'guest' AND state "));
    }
    s.push(match wanted.active {
        None => "<> 'removed'",
        Some(true) => "= 'active'",
        Some(false) => "= 'suspended'",
    });
    if of_apps {
        s.push(" AND app IN (");
        list(&mut s, wanted.only.iter().map(ToString::to_string));
        s.push(")");
    }
    if let Ask::Which(part) = ask {
        let (at, id, way) = if of_apps { ("came", "guest", part.direction()) } else { ("created", "id", part.direction()) };
        s.push(format!(" ORDER BY {at}{way}, {id}{way} LIMIT ")).push_bind(part.limit).push(" OFFSET ").push_bind(part.skip);
        if of_apps {
            s.push(format!(") AS found ORDER BY at{way}, guest{way}"));
        }
    }
    s
}

fn invited(wanted: &People, combinations: &[String], ask: Ask) -> Statement {
    let now = wanted.now.as_millis();
    let mut s = Statement::new(match ask {
        Ask::HowMany => "SELECT COUNT(DISTINCT i.guest)",
        Ask::Which(_) => "SELECT i.email",
    });
    s.push(" FROM invitations AS i INDEXED BY invitations_by_state WHERE i.state = 'pending'");
    stands(&mut s, "i", wanted, combinations);
    if let Ask::Which(_) = ask {
        s.push(
            " AND NOT EXISTS (SELECT 1 FROM invitations AS later INDEXED BY invitations_of_guest WHERE later.guest = i.guest \
                AND later.created >= i.created AND (later.created > i.created OR later.id > i.id) AND later.state = 'pending'",
        );
        stands(&mut s, "later", wanted, combinations);
        s.push(")");
    }
    if wanted.only.is_empty() {
        s.push(" AND NOT EXISTS (SELECT 1 FROM guests WHERE guests.id = i.guest AND guests.state <> 'removed')");
    } else {
        s.push(" AND NOT EXISTS (SELECT 1 FROM guests WHERE guests.id = i.guest AND guests.kind <> 'guest')");
        s.push(
            " AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.guest = i.guest AND grants.state = 'active' \
                AND grants.guest_state <> 'removed' AND grants.app IN (",
        );
        list(&mut s, wanted.only.iter().map(ToString::to_string));
        s.push("))");
    }
    if let Some(active) = wanted.active {
        // Who has no apps of the asker's may be a guest elsewhere; in the whole list whoever is a guest stands among the guests.
        let suspended = "EXISTS (SELECT 1 FROM guests WHERE guests.id = i.guest AND guests.state = 'suspended')";
        let may_be_guest = !wanted.only.is_empty();
        match (active, may_be_guest) {
            (true, true) => s.push(format!(" AND NOT {suspended} AND (i.expires > ")).push_bind(now).push(" OR "),
            (true, false) => s.push(" AND (i.expires > ").push_bind(now).push(" OR "),
            (false, true) => s.push(format!(" AND ({suspended} OR i.expires <= ")).push_bind(now).push(" AND "),
            (false, false) => s.push(" AND (i.expires <= ").push_bind(now).push(" AND "),
        };
        // No EXISTS: SQLite makes a join of it, and an offset would skip matches instead of people.
        s.push("COALESCE((SELECT MAX(open.expires) FROM invitations AS open INDEXED BY invitations_of_guest WHERE open.guest = i.guest AND open.state = 'pending'");
        within(&mut s, "open", wanted, combinations);
        s.push(if active { "), 0) > " } else { "), 0) <= " }).push_bind(now).push(")");
    }
    if let Ask::Which(part) = ask {
        let way = part.direction();
        s.push(format!(" ORDER BY i.created{way}, i.id{way} LIMIT ")).push_bind(part.limit).push(" OFFSET ").push_bind(part.skip);
    }
    s
}

/// Can be accepted, or is kept for a directory after it has run out; and is one that the asker sees.
fn stands(s: &mut Statement, name: &str, wanted: &People, combinations: &[String]) {
    s.push(format!(" AND ({name}.kept = 1 OR {name}.expires > ")).push_bind(wanted.now.as_millis()).push(")");
    within(s, name, wanted, combinations);
}

fn within(s: &mut Statement, name: &str, wanted: &People, combinations: &[String]) {
    if !wanted.only.is_empty() {
        s.push(format!(" AND {name}.apps IN ("));
        list(s, combinations.iter().cloned());
        s.push(")");
    }
}

fn list(s: &mut Statement, all: impl Iterator<Item = String>) {
    let mut listed = s.separated(", ");
    for one in all {
        listed.push_bind(one);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        base::{AppId, Span, Timestamp},
        directory::{Actor, Draft, Invitation, Invite, Known, Offer, Provisioned, SuspendGuest, Target, may},
        store::{Store as _, StoreKeys, suite},
    };

    async fn open() -> (SqliteStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let keys = StoreKeys::derive(&[7; 32]).unwrap();
        let store = SqliteStore::open(&folder.path().join("guestgate.db"), keys, Arc::new(suite::Counting::default())).await.unwrap();
        (store, folder)
    }

    fn app(id: &str) -> AppId {
        AppId::parse(id).unwrap()
    }

    async fn invite(store: &SqliteStore, name: &str, earlier: Option<&Invitation>, change: impl FnOnce(&mut Draft)) -> Invitation {
        let warrant = may::<Invite>(&Actor::Machine, Target::Everything).unwrap();
        let mut draft = suite::draft(&EmailAddress::parse(&format!("{name}@partner.example")).unwrap());
        change(&mut draft);
        let (invitation, p) = Invitation::issue(&suite::o(), &warrant, Known { guest: None, earlier }, draft).unwrap();
        store.commit(p).await.unwrap();
        invitation
    }

    async fn who(store: &SqliteStore, only: &[&str], active: Option<bool>, now: Timestamp) -> Vec<String> {
        let wanted = |skip, limit| People { only: only.iter().map(|id| app(id)).collect(), active, now, skip, limit };
        let (all, total) = store.people(&wanted(0, 100)).await.unwrap();
        assert_eq!(all.len() as u64, total);
        for ix in 0..=all.len() {
            let (one, same) = store.people(&wanted(ix as u64, 1)).await.unwrap();
            assert_eq!((one.first(), same), (all.get(ix), total), "one by one they are the same");
        }
        all.iter().map(|email| email.as_str().split('@').next().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn guests_come_first_and_everybody_once() {
        let (store, _folder) = open().await;
        suite::accepted(&store, "ann").await;
        let (eve, _) = suite::accepted(&store, "eve").await;
        let warrant = may::<SuspendGuest>(&Actor::Machine, Target::Everything).unwrap();
        store.commit(eve.suspend(&suite::o(), &warrant, None).unwrap().1).await.unwrap();
        let bob = invite(&store, "bob", None, |_| {}).await;
        invite(&store, "bob", Some(&bob), |draft| draft.offers.push(Offer { app: app("wiki"), role: None, access_for: None })).await;
        invite(&store, "kept", None, |draft| draft.provisioned = Some(Provisioned::default())).await;

        let (now, later) = (suite::NOW, suite::NOW.plus(Span::days(8)));
        let sorted = async |only: &[&str], active, now| {
            let mut who = who(&store, only, active, now).await;
            who.sort();
            who
        };
        let all = who(&store, &[], None, now).await;
        assert!(all[..2].contains(&"ann".to_owned()) && all[..2].contains(&"eve".to_owned()), "{all:?}");
        assert_eq!(sorted(&[], None, now).await, ["ann", "bob", "eve", "kept"]);
        assert_eq!(sorted(&[], Some(true), now).await, ["ann", "bob", "kept"]);
        assert_eq!(sorted(&[], Some(false), now).await, ["eve"]);
        // An invitation that has run out is over, unless a directory keeps it.
        assert_eq!(sorted(&[], None, later).await, ["ann", "eve", "kept"]);
        assert_eq!(sorted(&[], Some(false), later).await, ["eve", "kept"]);
        // Who sees one app sees no invitation to others as well.
        assert_eq!(sorted(&["charts"], None, now).await, ["ann", "bob", "eve", "kept"]);
        assert_eq!(sorted(&["charts", "wiki"], Some(true), now).await, ["ann", "bob", "kept"]);
        assert!(who(&store, &["wiki"], None, now).await.is_empty());
    }
}
