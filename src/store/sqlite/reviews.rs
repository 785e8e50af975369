//! Access reviews. When an access was last looked at stands beside its row, so that what is left is a piece of an index.

use sqlx::{Row, SqliteConnection};

use super::{
    super::{
        Cursor, Page,
        reviews::{Access, Decided, Left, Reviews, Tallied},
        sql,
    },
    SqliteStore, StoreError, rows,
};
use crate::{
    base::{AppId, EmailAddress, GrantId, ReviewId, Timestamp},
    directory::{Review, Verdict},
};

const LATEST_REVIEW: &str = "SELECT body FROM reviews WHERE app = $1 ORDER BY created DESC, id DESC LIMIT 1";
const REVIEW: &str = "SELECT body FROM reviews WHERE id = $1";
// There are a few a year of each app.
const REVIEWS: &str = "SELECT created, id, body FROM reviews WHERE (created, id) < ($1, $2) AND ($4 = '' OR state = $4) \
    AND ($5 = '' OR $5 LIKE '%,' || REPLACE(app, '_', '!_') || ',%' ESCAPE '!' OR ($6 AND reviewers = 'sponsors')) \
    ORDER BY created DESC, id DESC LIMIT $3";
const LEFT: &str = "SELECT grants.looked, grants.id, grants.body, guests.body FROM grants JOIN guests ON guests.id = grants.guest \
    WHERE grants.state = 'active' AND grants.app = $1 AND grants.looked <= $2 AND (grants.until IS NULL OR grants.until > $3) \
    AND (grants.looked, grants.id) > ($4, $5) ORDER BY grants.looked, grants.id LIMIT $6";
const LEFT_OF_SPONSOR: &str = "SELECT grants.looked, grants.id, grants.body, guests.body FROM grants INDEXED BY grants_of_sponsor \
    JOIN guests ON guests.id = grants.guest WHERE grants.state = 'active' AND grants.app = $1 AND grants.sponsor = $7 AND grants.looked <= $2 \
    AND (grants.until IS NULL OR grants.until > $3) AND (grants.looked, grants.id) > ($4, $5) ORDER BY grants.looked, grants.id LIMIT $6";
const N_LEFT: &str = "SELECT COUNT(*) FROM grants INDEXED BY grants_to_review WHERE state = 'active' AND app = $1 AND looked <= $2 \
    AND (until IS NULL OR until > $3)";
const N_LEFT_OF_SPONSOR: &str = "SELECT COUNT(*) FROM grants INDEXED BY grants_of_sponsor WHERE state = 'active' AND app = $1 \
    AND sponsor = $4 AND looked <= $2 AND (until IS NULL OR until > $3)";
// From one sponsor to the next, however many guests each has.
const SPONSORS_LEFT: &str = "WITH RECURSIVE found (sponsor) AS (SELECT '' UNION ALL \
    SELECT (SELECT MIN(sponsor) FROM grants INDEXED BY grants_of_sponsor WHERE state = 'active' AND app = $1 AND sponsor > found.sponsor) \
    FROM found WHERE found.sponsor IS NOT NULL) \
    SELECT sponsor FROM found WHERE sponsor <> '' AND EXISTS (SELECT 1 FROM grants INDEXED BY grants_of_sponsor WHERE state = 'active' \
    AND app = $1 AND grants.sponsor = found.sponsor AND looked <= $2 AND (until IS NULL OR until > $3))";
const UNSEEN_SINCE: &str = "SELECT looked FROM grants INDEXED BY grants_to_review WHERE state = 'active' AND app = $1 \
    AND (until IS NULL OR until > $2) ORDER BY looked LIMIT 1";
const N_OUTCOME: &str = "SELECT COUNT(*) FROM verdicts WHERE review = $1 AND outcome = $2";
const VERDICT: &str = "SELECT body FROM verdicts WHERE review = $1 AND grant_id = $2";
const VERDICTS: &str = "SELECT verdicts.body, guests.body FROM verdicts LEFT JOIN guests ON guests.id = verdicts.guest \
    WHERE verdicts.review = $1 AND verdicts.grant_id > $2 ORDER BY verdicts.grant_id LIMIT $3";
const PUT_REVIEW: &str = "INSERT INTO reviews (id, version, body, app, reviewers, state, created) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, state = excluded.state \
    WHERE reviews.version = excluded.version - 1 RETURNING version";
const PUT_VERDICT: &str = "INSERT INTO verdicts (id, version, body, review, grant_id, guest, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body, outcome = excluded.outcome \
    WHERE verdicts.version = excluded.version - 1 RETURNING version";
/// What lists and the clock ask often: each goes along an index.
#[cfg(test)]
pub(super) const LISTS: [&str; 10] =
    [REVIEW, LATEST_REVIEW, REVIEWS, LEFT, LEFT_OF_SPONSOR, N_LEFT, N_LEFT_OF_SPONSOR, SPONSORS_LEFT, UNSEEN_SINCE, VERDICTS];
const LOOKED: &str = "UPDATE grants SET looked = $2 WHERE id = $1 AND looked < $2";

impl SqliteStore {
    pub(super) async fn review_by_id(&self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        self.one(REVIEW, id.to_string(), "review").await
    }

    pub(super) async fn latest_review_of(&self, app: &AppId) -> Result<Option<Review>, StoreError> {
        self.one(LATEST_REVIEW, app.to_string(), "review").await
    }

    pub(super) async fn reviews_wanted(&self, wanted: &Reviews) -> Result<Page<Review>, StoreError> {
        let (at, id) = wanted.before.as_ref().map_or((i64::MAX, ""), |before| (before.at, before.id.as_str()));
        let limit = wanted.limit.clamp(1, 500);
        let query = sqlx::query(REVIEWS).bind(at).bind(id).bind(i64::from(limit) + 1);
        let query = query.bind(wanted.state.unwrap_or("")).bind(sql::apps(&wanted.apps)).bind(wanted.of_sponsors);
        let mut found = query.fetch_all(&self.readers).await?;
        let next = cut(&mut found, limit)?;
        let items = found.iter().map(|row| rows::entity(row.try_get(2)?, "review")).collect::<Result<_, StoreError>>()?;
        Ok(Page { items, next })
    }

    pub(super) async fn left(&self, wanted: &Left) -> Result<Page<Access>, StoreError> {
        let (at, id) = wanted.after.as_ref().map_or((i64::MIN, ""), |after| (after.at, after.id.as_str()));
        let limit = wanted.limit.clamp(1, 500);
        let statement = if wanted.sponsor.is_some() { LEFT_OF_SPONSOR } else { LEFT };
        let query = sqlx::query(statement).bind(wanted.app.as_str()).bind(wanted.opened.as_millis()).bind(wanted.now.as_millis());
        let query = query.bind(at).bind(id).bind(i64::from(limit) + 1);
        let query = match &wanted.sponsor {
            Some(sponsor) => query.bind(sponsor.as_str()),
            None => query,
        };
        let mut found = query.fetch_all(&self.readers).await?;
        let next = cut(&mut found, limit)?;
        let read = |row| -> Result<Access, StoreError> {
            let row: &sqlx::sqlite::SqliteRow = row;
            Ok((rows::entity(row.try_get(2)?, "grant")?, rows::entity(row.try_get(3)?, "guest")?))
        };
        Ok(Page { items: found.iter().map(read).collect::<Result<_, _>>()?, next })
    }

    pub(super) async fn n_left(&self, app: &AppId, opened: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let query = sqlx::query_scalar(N_LEFT).bind(app.as_str()).bind(opened.as_millis()).bind(now.as_millis());
        let n: i64 = query.fetch_one(&self.readers).await?;
        Ok(rows::number(n))
    }

    pub(super) async fn tallied(&self, review: &Review, now: Timestamp, sponsor: Option<&EmailAddress>) -> Result<Tallied, StoreError> {
        let left = match sponsor {
            None => self.n_left(&review.app, review.opened, now).await?,
            Some(sponsor) => {
                let query = sqlx::query_scalar(N_LEFT_OF_SPONSOR).bind(review.app.as_str()).bind(review.opened.as_millis());
                let n: i64 = query.bind(now.as_millis()).bind(sponsor.as_str()).fetch_one(&self.readers).await?;
                rows::number(n)
            }
        };
        let mut tallied = Tallied { left, ..Tallied::default() };
        for (outcome, to) in [("kept", &mut tallied.kept), ("removed", &mut tallied.removed), ("lapsed", &mut tallied.lapsed)] {
            let n: i64 = sqlx::query_scalar(N_OUTCOME).bind(review.id.to_string()).bind(outcome).fetch_one(&self.readers).await?;
            *to = rows::number(n);
        }
        Ok(tallied)
    }

    pub(super) async fn sponsors_of_left(&self, review: &Review, now: Timestamp) -> Result<Vec<EmailAddress>, StoreError> {
        let query = sqlx::query_scalar(SPONSORS_LEFT).bind(review.app.as_str()).bind(review.opened.as_millis()).bind(now.as_millis());
        let found: Vec<String> = query.fetch_all(&self.readers).await?;
        Ok(found.iter().filter_map(|text| EmailAddress::parse(text).ok()).collect())
    }

    pub(super) async fn looked_at_since(&self, app: &AppId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query_scalar(UNSEEN_SINCE).bind(app.as_str()).bind(now.as_millis());
        let found: Option<i64> = query.fetch_optional(&self.readers).await?;
        Ok(found.map(Timestamp::from_millis))
    }

    pub(super) async fn verdict_about(&self, review: ReviewId, grant: GrantId) -> Result<Option<Verdict>, StoreError> {
        let query = sqlx::query_scalar(VERDICT).bind(review.to_string()).bind(grant.to_string());
        let body: Option<String> = query.fetch_optional(&self.readers).await?;
        body.map(|text| rows::entity(&text, "verdict")).transpose()
    }

    pub(super) async fn verdicts_of(&self, review: ReviewId, after: Option<GrantId>, limit: u32) -> Result<Vec<Decided>, StoreError> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let query = sqlx::query(VERDICTS).bind(review.to_string()).bind(after).bind(i64::from(limit.clamp(1, 1_000)));
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Decided, StoreError> {
            let guest: Option<&str> = row.try_get(1)?;
            Ok((rows::entity(row.try_get(0)?, "verdict")?, guest.map(|text| rows::entity(text, "guest")).transpose()?))
        };
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

/// Cuts what was found to what was wanted, and says where the rest begins.
fn cut(found: &mut Vec<sqlx::sqlite::SqliteRow>, limit: u32) -> Result<Option<Cursor>, StoreError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    match found.last() {
        Some(row) if more => Ok(Some(Cursor { at: row.try_get(0)?, id: row.try_get(1)? })),
        Some(_) | None => Ok(None),
    }
}

/// Writes a review; nothing: somebody else was faster.
pub(super) async fn put_review(tx: &mut SqliteConnection, review: &Review) -> Result<(), StoreError> {
    let query = sqlx::query(PUT_REVIEW)
        .bind(review.id.to_string())
        .bind(rows::stored(review.version.0))
        .bind(rows::body(review, "review")?)
        .bind(review.app.to_string())
        .bind(review.reviewers.as_str())
        .bind(sql::review_state(&review.state))
        .bind(review.opened.as_millis());
    query.fetch_optional(tx).await?.ok_or(StoreError::Conflict).map(drop)
}

/// Writes a verdict, and that somebody has looked at the access.
pub(super) async fn put_verdict(tx: &mut SqliteConnection, verdict: &Verdict) -> Result<(), StoreError> {
    let query = sqlx::query(PUT_VERDICT)
        .bind(verdict.id.to_string())
        .bind(rows::stored(verdict.version.0))
        .bind(rows::body(verdict, "verdict")?)
        .bind(verdict.review.to_string())
        .bind(verdict.grant.to_string())
        .bind(verdict.guest.to_string())
        .bind(verdict.outcome.as_str());
    query.fetch_optional(&mut *tx).await?.ok_or(StoreError::Conflict)?;
    sqlx::query(LOOKED).bind(verdict.grant.to_string()).bind(verdict.at.as_millis()).execute(tx).await?;
    Ok(())
}
