//! What must hold once a proposal is written: asked before and after its changes, in the transaction that writes them, of which there is one at
//! a time.

use std::path::Path;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

use super::{super::sql, SqliteStore, StoreError, open, rows};
use crate::{
    base::{Clash, Exclusions, Span, Timestamp},
    directory::{Condition, DAY, Full, Grant, Guest, Invitation, Measure, Proposal, Quota, Unmet},
};

const HELD: &str = "SELECT body FROM grants WHERE guest = $1 AND state = 'active'";
// Two who invite an address for the first time at once have reserved an id each: the address tells who it is.
const HELD_AT: &str = "SELECT body FROM grants WHERE guest = (SELECT id FROM guests WHERE email = $1) AND state = 'active'";
const OPEN_AT: &str = "SELECT body FROM invitations WHERE email = $1 AND state = 'pending' AND expires > $2";
const OPEN: &str = "SELECT COUNT(*) FROM invitation_apps a JOIN invitations i ON i.id = a.invitation \
    WHERE a.app = $1 AND a.state = 'pending' AND i.expires > $2";
// Whoever has an access and an invitation beside it is one guest.
const GUESTS: &str = "SELECT COUNT(*) FROM (SELECT guest FROM grants WHERE app = $1 AND state = 'active' AND (until IS NULL OR until > $2) \
    UNION SELECT i.guest FROM invitation_apps a JOIN invitations i ON i.id = a.invitation \
    WHERE a.app = $1 AND a.state = 'pending' AND i.expires > $2)";
const MADE: &str = "SELECT COUNT(*) FROM invitations WHERE inviter = $1 AND inviter <> '' AND created > $2";
const MADE_TO: &str = "SELECT COUNT(*) FROM invitations i JOIN invitation_apps a ON a.invitation = i.id AND a.app = $3 \
    WHERE i.inviter = $1 AND i.inviter <> '' AND i.created > $2";
// The one with which a full quota has room again once it is a day old.
const NEXT: &str =
    "SELECT created FROM invitations WHERE inviter = $1 AND inviter <> '' AND created > $2 ORDER BY created DESC LIMIT 1 OFFSET $3";
const NEXT_TO: &str = "SELECT i.created FROM invitations i JOIN invitation_apps a ON a.invitation = i.id AND a.app = $4 \
    WHERE i.inviter = $1 AND i.inviter <> '' AND i.created > $2 ORDER BY i.created DESC LIMIT 1 OFFSET $3";

/// What was measured before anything was written: one number for each quota of the proposal, in their order.
pub(super) struct Before(Vec<u32>);

impl Before {
    /// Looks at what is there, and judges what can be judged by that alone.
    pub(super) async fn look(tx: &mut SqliteConnection, p: &Proposal) -> Result<Self, StoreError> {
        let mut measured = Vec::new();
        for condition in &p.conditions {
            match condition {
                Condition::Apart(rules) => apart(tx, p, rules).await?,
                Condition::AtMost(quota) => measured.push(measure(tx, &quota.measure, p.at).await?),
            }
        }
        Ok(Self(measured))
    }

    /// Measures again: nothing may have grown beyond its limit.
    pub(super) async fn hold(self, tx: &mut SqliteConnection, p: &Proposal) -> Result<(), StoreError> {
        let quotas = p.conditions.iter().filter_map(|condition| match condition {
            Condition::AtMost(quota) => Some(quota),
            Condition::Apart(_) => None,
        });
        for (quota, before) in quotas.zip(self.0) {
            let after = measure(tx, &quota.measure, p.at).await?;
            if after > quota.limit && after > before {
                let wait = next(tx, quota, p.at).await?;
                let full = Full { quota: quota.clone(), used: before, wait };
                return Err(StoreError::Unmet(Box::new(Unmet::Full(full))));
            }
        }
        Ok(())
    }
}

/// Whether nobody is given what excludes something else.
async fn apart(tx: &mut SqliteConnection, p: &Proposal, rules: &Exclusions) -> Result<(), StoreError> {
    for guest in p.receivers() {
        let (statement, who) = match p.offered().find(|invitation| invitation.guest == guest) {
            Some(invitation) => (HELD_AT, invitation.email.to_string()),
            None => (HELD, guest.to_string()),
        };
        let held: Vec<String> = sqlx::query_scalar(statement).bind(who.as_str()).fetch_all(&mut *tx).await?;
        let held: Vec<Grant> = held.iter().map(|body| rows::entity(body, "grant")).collect::<Result<_, _>>()?;
        // Without an invitation it is no address, and none is found.
        let open: Vec<String> = sqlx::query_scalar(OPEN_AT).bind(who).bind(p.at.as_millis()).fetch_all(&mut *tx).await?;
        let open: Vec<Invitation> = open.iter().map(|body| rows::entity(body, "invitation")).collect::<Result<_, _>>()?;
        if let Some(clash) = p.clash(rules, guest, &held, &open) {
            return Err(StoreError::Unmet(Box::new(Unmet::Clash(clash))));
        }
    }
    Ok(())
}

async fn measure(tx: &mut SqliteConnection, measure: &Measure, now: Timestamp) -> Result<u32, StoreError> {
    let since = now.minus(DAY).as_millis();
    let query = match measure {
        Measure::Open(app) => sqlx::query_scalar(OPEN).bind(app.to_string()).bind(now.as_millis()),
        Measure::Guests(app) => sqlx::query_scalar(GUESTS).bind(app.to_string()).bind(now.as_millis()),
        Measure::Made { by, app: None } => sqlx::query_scalar(MADE).bind(by.to_string()).bind(since),
        Measure::Made { by, app: Some(app) } => sqlx::query_scalar(MADE_TO).bind(by.to_string()).bind(since).bind(app.to_string()),
    };
    let n: i64 = query.fetch_one(tx).await?;
    Ok(u32::try_from(n).unwrap_or(u32::MAX))
}

/// How long until there is room again, where time alone makes some.
async fn next(tx: &mut SqliteConnection, quota: &Quota, now: Timestamp) -> Result<Option<Span>, StoreError> {
    let Measure::Made { by, app } = &quota.measure else { return Ok(None) };
    let statement = if app.is_some() { NEXT_TO } else { NEXT };
    // What was to be written stands there already, as the newest: behind so many as there may be comes what has to grow old first.
    let query = sqlx::query_scalar(statement).bind(by.to_string()).bind(now.minus(DAY).as_millis()).bind(i64::from(quota.limit));
    let query = match app {
        Some(app) => query.bind(app.to_string()),
        None => query,
    };
    let created: Option<i64> = query.fetch_optional(tx).await?;
    Ok(created.map(|at| Timestamp::from_millis(at).plus(DAY).since(now)))
}

/// So many guests are named whose accesses exclude each other.
const MOST_CLASHES: usize = 100;

impl SqliteStore {
    pub(super) async fn clashes_there_are(&self, rules: &Exclusions, now: Timestamp) -> Result<Vec<(Guest, Clash)>, StoreError> {
        clashes(&self.readers, rules, now).await
    }

    /// The same of a database that somebody else may have open, and that is not touched; nothing if it is not there, or of another schema.
    pub async fn clashes_in(path: &Path, rules: &Exclusions, now: Timestamp) -> Result<Vec<(Guest, Clash)>, StoreError> {
        let Some(pool) = open::to_look(path).await? else { return Ok(Vec::new()) };
        let found = clashes(&pool, rules, now).await;
        pool.close().await;
        found
    }
}

async fn clashes(pool: &SqlitePool, rules: &Exclusions, now: Timestamp) -> Result<Vec<(Guest, Clash)>, StoreError> {
    let mut found: Vec<(Guest, Clash)> = Vec::new();
    for group in rules.groups() {
        for id in holders_of_several(pool, group.iter().map(|duty| duty.app.to_string()), now).await? {
            let held: Vec<String> = sqlx::query_scalar(HELD).bind(id.as_str()).fetch_all(pool).await?;
            let held: Vec<Grant> = held.iter().map(|body| rows::entity(body, "grant")).collect::<Result<_, _>>()?;
            let duties: Vec<_> = held.iter().filter(|grant| grant.is_in_force(now)).map(Grant::duty).collect();
            let is_known = found.iter().any(|(guest, _)| guest.id.to_string() == id);
            let Some(clash) = rules.clash(&duties).filter(|_| !is_known) else { continue };
            let body: String = sqlx::query_scalar(sql::GUEST).bind(id).fetch_one(pool).await?;
            found.push((rows::entity(&body, "guest")?, clash));
            if found.len() >= MOST_CLASHES {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Guests who may use more than one of these apps.
async fn holders_of_several(pool: &SqlitePool, apps: impl Iterator<Item = String>, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut statement = QueryBuilder::<Sqlite>::new("SELECT guest FROM grants WHERE state = 'active' AND (until IS NULL OR until > ");
    statement.push_bind(now.as_millis()).push(") AND app IN (");
    let mut list = statement.separated(", ");
    apps.for_each(|app| {
        list.push_bind(app);
    });
    statement.push(") GROUP BY guest HAVING COUNT(DISTINCT app) > 1 ORDER BY guest");
    Ok(statement.build_query_scalar().fetch_all(pool).await?)
}
