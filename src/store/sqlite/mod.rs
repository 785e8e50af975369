//! SQLite: one file, one writer, several readers.

mod answers;
mod chain;
mod conditions;
mod keep;
mod listing;
mod lists;
mod open;
mod people;
mod read;
mod reviews;
mod rows;
mod write;

use std::{collections::HashMap, path::Path, sync::Arc};

use async_trait::async_trait;
use sqlx::SqlitePool;

use self::read::Order;

use super::{
    Access, AuditFilter, Began, Changed, Counted, Counter, Cut, Decided, DueMail, Ending, Entries, GuestFilter, InvitationFilter, Lately,
    Left, Limit, MailState, Note, Page, PageRequest, People, RequestFilter, Reviews, Revision, Search, Seen, SessionRecord, Store,
    StoreError, StoreKeys, Tallied, TokenKind, TokenRecord,
};
use crate::{
    base::{
        AppId, Clash, Digest, EmailAddress, Entropy, Exclusions, GrantId, GuestId, InvitationId, MailId, Name, RequestId, ReviewId,
        SessionId, Stay, Timestamp, TokenId,
    },
    directory::{Factors, Grant, Guest, Invitation, Proposal, Request, Review, Session, Verdict, audit},
};

/// A database in one file on this machine.
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    keys: StoreKeys,
    entropy: Arc<dyn Entropy>,
}

impl SqliteStore {
    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    pub async fn open(path: &Path, keys: StoreKeys, entropy: Arc<dyn Entropy>) -> Result<Self, StoreError> {
        let (writer, readers) = open::open(path, &keys).await?;
        Ok(Self { writer, readers, keys, entropy })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, proposal: Proposal) -> Result<Revision, StoreError> {
        self.write(proposal).await
    }

    async fn would_commit(&self, proposal: &Proposal) -> Result<(), StoreError> {
        self.try_write(proposal).await
    }

    async fn clashes(&self, rules: &Exclusions, now: Timestamp) -> Result<Vec<(Guest, Clash)>, StoreError> {
        self.clashes_there_are(rules, now).await
    }

    async fn changes_after(&self, seen: Revision, at_most: usize) -> Result<Vec<Changed>, StoreError> {
        self.feed(seen, at_most).await
    }

    async fn count(&self, counter: Counter, limit: Limit) -> Result<Counted, StoreError> {
        self.count_one(&counter, limit).await
    }

    async fn counted(&self, counter: Counter, now: Timestamp) -> Result<u32, StoreError> {
        self.counted_so_far(&counter, now).await
    }

    async fn note(&self, note: Note) -> Result<(), StoreError> {
        self.write_note(note).await
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        self.current_revision().await
    }

    async fn guest(&self, id: GuestId) -> Result<Option<Guest>, StoreError> {
        self.one(super::sql::GUEST, id.to_string(), "guest").await
    }

    async fn guest_by_email(&self, email: &EmailAddress) -> Result<Option<Guest>, StoreError> {
        self.one(super::sql::GUEST_BY_EMAIL, email.to_string(), "guest").await
    }

    async fn guests_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Guest>, StoreError> {
        self.all(super::sql::GUESTS_BY_EMAILS, rows::list(emails), "guest").await
    }

    async fn guest_bound(&self, issuer: &str, subject: &str) -> Result<Option<Guest>, StoreError> {
        self.bound_to(issuer, subject).await
    }

    async fn stays_of(&self, guest: GuestId) -> Result<Vec<Stay>, StoreError> {
        self.stays(guest).await
    }

    async fn guests(&self, filter: GuestFilter, page: PageRequest) -> Result<Page<Guest>, StoreError> {
        self.list_guests(&filter, &page).await
    }

    async fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.one(super::sql::INVITATION, id.to_string(), "invitation").await
    }

    async fn invitation_by_token(&self, token: &Digest) -> Result<Option<(Invitation, TokenKind)>, StoreError> {
        let found: Option<Invitation> = self.one(super::sql::INVITATION_BY_TOKEN, super::sql::hex(token), "invitation").await?;
        Ok(found.map(|invitation| {
            let kind = if invitation.was_mailed(token) { TokenKind::Mailed } else { TokenKind::Direct };
            (invitation, kind)
        }))
    }

    async fn invitation_of(&self, guest: GuestId) -> Result<Option<Invitation>, StoreError> {
        self.one(super::sql::INVITATION_OF, guest.to_string(), "invitation").await
    }

    async fn invitations_for(&self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError> {
        self.all(super::sql::INVITATIONS_FOR, email.to_string(), "invitation").await
    }

    async fn invitations_for_each(&self, emails: &[EmailAddress]) -> Result<HashMap<EmailAddress, Vec<Invitation>>, StoreError> {
        let all: Vec<Invitation> = self.all(super::sql::INVITATIONS_FOR_EACH, rows::list(emails), "invitation").await?;
        Ok(rows::by(all, |invitation| invitation.email.clone()))
    }

    async fn invitations_by_external(&self, external: &str) -> Result<Vec<Invitation>, StoreError> {
        self.all(super::sql::INVITATIONS_BY_EXTERNAL, external.to_owned(), "invitation").await
    }

    async fn invitations(&self, filter: InvitationFilter, page: PageRequest) -> Result<Page<Invitation>, StoreError> {
        self.list_invitations(&filter, &page).await
    }

    async fn people(&self, wanted: &People) -> Result<(Vec<EmailAddress>, u64), StoreError> {
        self.people_wanted(wanted).await
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        self.one(super::sql::GRANT, id.to_string(), "grant").await
    }

    async fn grants_of(&self, guest: GuestId) -> Result<Vec<Grant>, StoreError> {
        self.all(super::sql::GRANTS_OF, guest.to_string(), "grant").await
    }

    async fn grants_of_each(&self, guests: &[GuestId]) -> Result<HashMap<GuestId, Vec<Grant>>, StoreError> {
        let all: Vec<Grant> = self.all(super::sql::GRANTS_OF_EACH, rows::list(guests), "grant").await?;
        Ok(rows::by(all, |grant| grant.guest))
    }

    async fn uses_of(&self, guest: GuestId) -> Result<Vec<(AppId, Timestamp)>, StoreError> {
        self.uses(guest).await
    }

    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.one(super::sql::REQUEST, id.to_string(), "request").await
    }

    async fn requests_for(&self, email: &EmailAddress) -> Result<Vec<Request>, StoreError> {
        self.all(super::sql::REQUESTS_FOR, email.to_string(), "request").await
    }

    async fn requests(&self, filter: RequestFilter, page: PageRequest) -> Result<Page<Request>, StoreError> {
        self.list_requests(&filter, &page).await
    }

    async fn requests_due(&self, now: Timestamp, at_most: usize) -> Result<Vec<Request>, StoreError> {
        self.due_requests(now, at_most).await
    }

    async fn text(&self, digest: &Digest) -> Result<Option<String>, StoreError> {
        self.kept_text(digest).await
    }

    async fn factors(&self, guest: GuestId) -> Result<Option<Factors>, StoreError> {
        self.one(super::sql::FACTORS, guest.to_string(), "factors").await
    }

    async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>, StoreError> {
        self.one_token(super::sql::TOKEN, id.to_string()).await
    }

    async fn token_by_digest(&self, digest: &Digest) -> Result<Option<TokenRecord>, StoreError> {
        let found = self.one_token(super::sql::TOKEN_BY_DIGEST, super::sql::hex(digest)).await?;
        // The index has found it; equality is judged in constant time.
        Ok(found.filter(|record| record.token.digest == *digest))
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        self.all_tokens().await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        Ok(self.sessions(super::sql::SESSION, id.to_string()).await?.pop())
    }

    async fn session_record(&self, id: SessionId) -> Result<Option<SessionRecord>, StoreError> {
        self.record(id).await
    }

    async fn sessions_of(&self, guest: GuestId) -> Result<Vec<Session>, StoreError> {
        self.sessions(super::sql::SESSIONS_OF, guest.to_string()).await
    }

    async fn sessions_held(&self, guest: GuestId) -> Result<Vec<Session>, StoreError> {
        self.sessions(super::sql::SESSIONS_HELD, guest.to_string()).await
    }

    async fn sessions_by_provider(&self, key: &Digest) -> Result<Vec<Session>, StoreError> {
        self.sessions(super::sql::SESSIONS_BY_PROVIDER, super::sql::hex(key)).await
    }

    async fn children_of(&self, root: SessionId) -> Result<Vec<Session>, StoreError> {
        self.sessions(super::sql::CHILDREN_OF, root.to_string()).await
    }

    async fn claim_mail(&self, now: Timestamp, at_most: usize) -> Result<Vec<DueMail>, StoreError> {
        self.claim(now, at_most).await
    }

    async fn mail_state(&self, id: MailId) -> Result<Option<MailState>, StoreError> {
        self.state_of_mail(id).await
    }

    async fn mails_waiting(&self) -> Result<u64, StoreError> {
        self.waiting_mails().await
    }

    async fn audit_after(&self, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError> {
        self.entries(sequence, at_most).await
    }

    async fn audit_of(&self, guest: GuestId, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError> {
        self.entries_of(guest, sequence, at_most).await
    }

    async fn audit_where(&self, filter: AuditFilter, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError> {
        self.wanted_entries(&filter, sequence, at_most, Order::Forward).await
    }

    async fn audit_latest(&self, filter: AuditFilter, at_most: usize) -> Result<Vec<audit::Stored>, StoreError> {
        let mut found = self.wanted_entries(&filter, 0, at_most, Order::Backward).await?;
        found.reverse();
        Ok(found)
    }

    async fn forwarded(&self, place: &Name) -> Result<Option<u64>, StoreError> {
        self.forwarded_so_far(place).await
    }

    async fn audit_head(&self) -> Result<audit::Head, StoreError> {
        self.head().await.map(|(head, _)| head)
    }

    async fn audit_start(&self) -> Result<audit::Head, StoreError> {
        self.start().await.map(|(start, _)| start)
    }

    async fn verify_audit(&self, anchor: Option<audit::Head>, seen: Seen<'_>) -> Result<Result<audit::Head, audit::Broken>, StoreError> {
        self.verify(anchor, seen).await
    }

    async fn cut_audit(&self, cut: Cut) -> Result<Result<Option<audit::Head>, audit::Broken>, StoreError> {
        self.cut(cut).await
    }

    async fn search(&self, search: &Search) -> Result<Vec<Guest>, StoreError> {
        self.search(search).await
    }

    async fn latest_invitations(&self, wanted: &Lately) -> Result<Page<Invitation>, StoreError> {
        self.latest("invitations", wanted, "invitation").await
    }

    async fn latest_requests(&self, wanted: &Lately) -> Result<Page<Request>, StoreError> {
        self.latest("requests", wanted, "request").await
    }

    async fn latest_entries(&self, wanted: &Entries) -> Result<Vec<audit::Stored>, StoreError> {
        self.latest_of_audit(wanted).await
    }

    async fn ending_grants(&self, wanted: &Ending) -> Result<Vec<Grant>, StoreError> {
        self.ending_grants(wanted).await
    }

    async fn review(&self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        self.review_by_id(id).await
    }

    async fn latest_review(&self, app: &AppId) -> Result<Option<Review>, StoreError> {
        self.latest_review_of(app).await
    }

    async fn reviews(&self, wanted: &Reviews) -> Result<Page<Review>, StoreError> {
        self.reviews_wanted(wanted).await
    }

    async fn left_to_review(&self, wanted: &Left) -> Result<Page<Access>, StoreError> {
        self.left(wanted).await
    }

    async fn tally_review(&self, review: &Review, now: Timestamp, sponsor: Option<&EmailAddress>) -> Result<Tallied, StoreError> {
        self.tallied(review, now, sponsor).await
    }

    async fn sponsors_left(&self, review: &Review, now: Timestamp) -> Result<Vec<EmailAddress>, StoreError> {
        self.sponsors_of_left(review, now).await
    }

    async fn accesses(&self, app: &AppId, now: Timestamp) -> Result<u64, StoreError> {
        self.n_left(app, Timestamp::NEVER, now).await
    }

    async fn unseen_since(&self, app: &AppId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.looked_at_since(app, now).await
    }

    async fn verdict(&self, review: ReviewId, grant: GrantId) -> Result<Option<Verdict>, StoreError> {
        self.verdict_about(review, grant).await
    }

    async fn verdicts(&self, review: ReviewId, after: Option<GrantId>, limit: u32) -> Result<Vec<Decided>, StoreError> {
        self.verdicts_of(review, after, limit).await
    }

    async fn tidy(&self, now: Timestamp) -> Result<(), StoreError> {
        self.tidy_all(now).await
    }

    async fn begin_answer(&self, name: Digest, body: Digest, now: Timestamp) -> Result<Began, StoreError> {
        self.begin(&name, &body, now).await
    }

    async fn keep_answer(&self, name: Digest, answer: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.keep(&name, answer).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod older;
#[cfg(test)]
mod tests;
