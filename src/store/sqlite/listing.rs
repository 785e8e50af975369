//! Lists for programs, oldest first. Only what is asked for stands in a statement, so that an index serves it; where several apps may be
//! meant, each is asked for by itself and the answers are put together.

use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{
    super::{Cursor, GuestFilter, InvitationFilter, Page, PageRequest, RequestFilter},
    SqliteStore, StoreError, rows,
};
use crate::{
    base::AppId,
    directory::{Guest, Invitation, Request},
};

type Statement = QueryBuilder<Sqlite>;

/// From one combination to the next, however many invitations each has.
const COMBINATIONS: &str = "WITH RECURSIVE found (apps) AS (SELECT '' UNION ALL \
    SELECT (SELECT MIN(apps) FROM invitations WHERE apps > found.apps) FROM found WHERE found.apps IS NOT NULL) \
    SELECT apps FROM found WHERE apps <> ''";
/// The states of an invitation.
const STATES: [&str; 4] = ["pending", "redeemed", "revoked", "declined"];

impl SqliteStore {
    pub(super) async fn list_guests(&self, filter: &GuestFilter, page: &PageRequest) -> Result<Page<Guest>, StoreError> {
        let statements = each(&filter.apps, |app| guests(filter, app, page));
        self.listed(statements, page, "guest").await
    }

    pub(super) async fn list_invitations(&self, filter: &InvitationFilter, page: &PageRequest) -> Result<Page<Invitation>, StoreError> {
        let statements = if filter.email.is_some() || filter.by.is_some() {
            vec![few_invitations(filter, page)]
        } else if filter.only.is_empty() {
            vec![invitations(filter, page)]
        } else {
            let combinations = self.combinations(&filter.only).await?;
            let offered =
                combinations.iter().filter(|all| filter.app.as_ref().is_none_or(|app| all.split(',').any(|one| one == app.as_str())));
            offered
                .flat_map(|all| STATES.iter().map(move |state| (all, *state)))
                .filter(|(_, state)| filter.state.is_none_or(|one| one == *state))
                .map(|(all, state)| combined(all, state, page))
                .collect()
        };
        self.listed(statements, page, "invitation").await
    }

    /// The combinations of apps to which somebody was invited and that have no other app than these.
    pub(super) async fn combinations(&self, only: &[AppId]) -> Result<Vec<String>, StoreError> {
        let all: Vec<String> = sqlx::query_scalar(COMBINATIONS).fetch_all(&self.readers).await?;
        let within = |apps: &String| apps.split(',').all(|app| only.iter().any(|own| own.as_str() == app));
        Ok(all.into_iter().filter(within).collect())
    }

    pub(super) async fn list_requests(&self, filter: &RequestFilter, page: &PageRequest) -> Result<Page<Request>, StoreError> {
        let statements = each(&filter.apps, |app| requests(filter, app, page));
        self.listed(statements, page, "request").await
    }

    /// Asks each statement, and puts the answers together in their order.
    async fn listed<T: DeserializeOwned>(
        &self,
        statements: Vec<Statement>,
        page: &PageRequest,
        what: &'static str,
    ) -> Result<Page<T>, StoreError> {
        let mut found: Vec<(i64, String, SqliteRow)> = Vec::new();
        let several = statements.len() > 1;
        for mut statement in statements {
            for row in statement.build().fetch_all(&self.readers).await? {
                found.push((row.try_get(0)?, row.try_get(1)?, row));
            }
        }
        if several {
            found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            found.dedup_by(|a, b| a.1 == b.1);
        }
        let (_, _, limit) = page.bounds();
        let wanted = usize::try_from(limit - 1).unwrap_or(usize::MAX);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|(at, id, _)| Cursor { at: *at, id: id.clone() });
        let items = found.iter().map(|(_, _, row)| rows::entity(row.try_get(2)?, what)).collect::<Result<_, StoreError>>()?;
        Ok(Page { items, next })
    }
}

/// A statement for each app; one for all where none is named.
fn each(apps: &[AppId], make: impl Fn(Option<&AppId>) -> Statement) -> Vec<Statement> {
    if apps.is_empty() { vec![make(None)] } else { apps.iter().map(|app| make(Some(app))).collect() }
}

/// What is looked for is found first, in an index that has all of it; then its rows are read.
fn guests(filter: &GuestFilter, app: Option<&AppId>, page: &PageRequest) -> Statement {
    let (at, id, limit) = page.bounds();
    let mut s = Statement::new("SELECT guests.created, guests.id, guests.body FROM ");
    match app {
        None => s.push("(SELECT created AS at, id AS who FROM guests INDEXED BY guests_in_order WHERE (created, id) > ("),
        Some(_) => {
            s.push("(SELECT came AS at, guest AS who FROM grants INDEXED BY grants_in_order WHERE state = 'active' AND (came, guest) > (")
        }
    };
    s.push_bind(at).push(", ").push_bind(id.to_owned()).push(")");
    if let Some(app) = app {
        s.push(" AND app = ").push_bind(app.to_string());
    }
    if let Some(words) = &filter.containing {
        s.push(" AND instr(email, ").push_bind(words.clone()).push(") > 0");
    }
    if let Some(state) = filter.state {
        match app {
            None => s.push(" AND state = ").push_bind(state),
            Some(_) => s.push(" AND guest_state = ").push_bind(state),
        };
    }
    s.push(" ORDER BY 1, 2 LIMIT ").push_bind(limit);
    s.push(") AS found JOIN guests ON guests.id = found.who ORDER BY found.at, found.who");
    s
}

fn invitations(filter: &InvitationFilter, page: &PageRequest) -> Statement {
    let (at, id, limit) = page.bounds();
    let mut s = Statement::new("SELECT i.created, i.id, i.body FROM ");
    match filter.app {
        None => s.push("invitations AS i WHERE (i.created, i.id) > ("),
        Some(_) => s.push("invitation_apps AS a CROSS JOIN invitations AS i ON i.id = a.invitation WHERE (a.created, a.invitation) > ("),
    };
    s.push_bind(at).push(", ").push_bind(id.to_owned()).push(")");
    if let Some(app) = &filter.app {
        s.push(" AND a.app = ").push_bind(app.to_string());
    }
    if let Some(state) = filter.state {
        s.push(if filter.app.is_some() { " AND a.state = " } else { " AND i.state = " }).push_bind(state);
    }
    s.push(if filter.app.is_some() { " ORDER BY a.created, a.invitation LIMIT " } else { " ORDER BY i.created, i.id LIMIT " });
    s.push_bind(limit);
    s
}

/// Invitations to exactly these apps.
fn combined(apps: &str, state: &'static str, page: &PageRequest) -> Statement {
    let (at, id, limit) = page.bounds();
    let mut s = Statement::new("SELECT created, id, body FROM invitations INDEXED BY invitations_by_apps WHERE (created, id) > (");
    s.push_bind(at).push(", ").push_bind(id.to_owned()).push(") AND apps = ").push_bind(apps.to_owned());
    s.push(" AND state = ").push_bind(state).push(" ORDER BY created, id LIMIT ").push_bind(limit);
    s
}

/// Those of one address or of one inviter: whatever else is asked for is looked up in these.
fn few_invitations(filter: &InvitationFilter, page: &PageRequest) -> Statement {
    let (at, id, limit) = page.bounds();
    let mut s =
        Statement::new("SELECT i.created, i.id, i.body FROM (SELECT created AS at, id AS which FROM invitations WHERE (created, id) > (");
    s.push_bind(at).push(", ").push_bind(id.to_owned()).push(")");
    if let Some(email) = &filter.email {
        s.push(" AND email = ").push_bind(email.to_string());
    }
    if let Some(by) = &filter.by {
        let plus = if filter.email.is_some() { "+" } else { "" };
        s.push(format!(" AND inviter <> '' AND {plus}inviter = ")).push_bind(by.to_string());
    }
    if let Some(state) = filter.state {
        s.push(" AND +state = ").push_bind(state);
    }
    if let Some(app) = &filter.app {
        s.push(" AND instr(',' || apps || ',', ").push_bind(format!(",{app},")).push(") > 0");
    }
    if !filter.only.is_empty() {
        s.push(" AND NOT EXISTS (SELECT 1 FROM invitation_apps AS other WHERE other.invitation = invitations.id AND other.app NOT IN (");
        let mut apps = s.separated(", ");
        for app in &filter.only {
            apps.push_bind(app.to_string());
        }
        s.push("))");
    }
    s.push(" ORDER BY created, id LIMIT ").push_bind(limit);
    s.push(") AS found JOIN invitations AS i ON i.id = found.which ORDER BY found.at, found.which");
    s
}

fn requests(filter: &RequestFilter, app: Option<&AppId>, page: &PageRequest) -> Statement {
    let (at, id, limit) = page.bounds();
    let mut s = Statement::new("SELECT created, id, body FROM requests WHERE (created, id) > (");
    s.push_bind(at).push(", ").push_bind(id.to_owned()).push(")");
    if let Some(app) = app {
        s.push(" AND app = ").push_bind(app.to_string());
    }
    if let Some(state) = filter.state {
        s.push(" AND state = ").push_bind(state);
    }
    s.push(" ORDER BY created, id LIMIT ").push_bind(limit);
    s
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        base::{EmailAddress, Id as _, TokenId},
        directory::Inviter,
        store::{StoreKeys, suite::Counting},
    };

    /// Every statement that a list can come to; the filters of an app are the same with and without a state.
    fn statements() -> Vec<Statement> {
        let app = AppId::parse("charts").unwrap();
        let page = PageRequest::default();
        let mut all = Vec::new();
        for (app, state) in [(None, None), (None, Some("open")), (Some(&app), None), (Some(&app), Some("open"))] {
            for containing in [None, Some("ann".to_owned())] {
                all.push(guests(&GuestFilter { state, apps: Vec::new(), containing }, app, &page));
            }
            let (email, by) = (EmailAddress::parse("ann@partner.example").ok(), Inviter::Token(TokenId::from_bytes([1; 16])));
            let wanted = InvitationFilter { state, app: app.cloned(), ..InvitationFilter::default() };
            all.push(invitations(&wanted, &page));
            let only = app.into_iter().cloned().collect();
            all.push(few_invitations(&InvitationFilter { email, only, ..wanted.clone() }, &page));
            all.push(few_invitations(&InvitationFilter { by: Some(by), ..wanted }, &page));
            all.push(combined("charts,wiki", state.unwrap_or("pending"), &page));
            all.push(Statement::new(COMBINATIONS));
            all.push(requests(&RequestFilter { state, apps: Vec::new() }, app, &page));
        }
        all
    }

    #[tokio::test]
    async fn every_list_of_a_program_reads_no_table_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let keys = StoreKeys::derive(&[7; 32]).unwrap();
        let store = SqliteStore::open(&folder.path().join("guestgate.db"), keys, Arc::new(Counting::default())).await.unwrap();
        for statement in statements() {
            let text = statement.into_string();
            let mut explained = Statement::new(format!("EXPLAIN QUERY PLAN {}", text.replace('?', "1")));
            let rows = explained.build().fetch_all(&store.readers).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get::<String, _>(3)).collect();
            // What was found is what a bound has let through.
            let reads_all = |step: &&String| step.starts_with("SCAN") && !step.contains("SCAN found") && !step.contains("CONSTANT ROW");
            assert!(!plan.iter().any(|step| reads_all(&step)), "{text}\n{plan:#?}");
        }
    }
}
