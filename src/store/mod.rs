//! The database behind one trait: what was decided is written here, and read again.
//!
//! A back end has four kinds of method: [`Store::commit`] writes what the directory decided, with its audit entries and mails, in one
//! transaction; [`Store::count`] counts attempts and single uses in one atomic statement; [`Store::note`] keeps what is not worth an
//! audit entry; the rest reads. Nothing here decides anything.

mod count;
mod error;
mod keys;
mod lists;
mod page;
mod reviews;
mod sql;
mod sqlite;
#[cfg(test)]
pub(crate) mod suite;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

pub use count::{Counted, Counter, Limit};
pub use error::StoreError;
pub use keys::StoreKeys;
pub use lists::{Ending, Entries, Lately, Search};
pub use page::{AuditFilter, Cursor, GuestFilter, InvitationFilter, Page, PageRequest, People, RequestFilter};
pub use reviews::{Access, Decided, Left, Reviews, Tallied};
pub use sqlite::SqliteStore;

use crate::{
    base::{
        AppId, Clash, Digest, EmailAddress, Exclusions, GrantId, GuestId, Haunt, InvitationId, MailId, Name, RequestId, ReviewId,
        SessionId, Stay, Timestamp, TokenId,
    },
    directory::{
        ApiToken, EndReason, Factors, Grant, Guest, Invitation, Key, OutgoingMail, Proposal, Request, Review, Session, Verdict, audit,
    },
};

/// How far the database has come: every written entity makes it greater by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Revision(pub u64);

/// That an entity was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// When, in the order of writes.
    pub revision: Revision,
    /// When, by the clock of whoever wrote it.
    pub at: Timestamp,
    /// Which entity.
    pub key: Key,
    /// The guest whom it concerns, where it concerns one.
    pub guest: Option<GuestId>,
    /// Of a session that was ended: why.
    pub ended: Option<EndReason>,
}

/// A session with everything that a decision about it needs, read at one moment.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The revision that it was read at.
    pub revision: Revision,
    /// The session.
    pub session: Arc<Session>,
    /// Its guest.
    pub guest: Arc<Guest>,
    /// The guest's active grant of the session's app, whichever it was opened by.
    pub grant: Option<Arc<Grant>>,
}

/// A token for programs, and what is noted beside it.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// The token.
    pub token: ApiToken,
    /// When it was last shown, to the minute.
    pub last_used: Option<Timestamp>,
}

/// What is known of a request that may have been sent before.
#[derive(Debug)]
pub enum Began {
    /// Nothing: whoever asked answers it now.
    Yours,
    /// It is being answered.
    Busy,
    /// There was one of this name, with another body.
    Other,
    /// It was answered like this.
    Answered(Vec<u8>),
}

/// Which of an invitation's tokens was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The one that was mailed: it proves the mailbox.
    Mailed,
    /// That of `redeem_url`: it proves nothing.
    Direct,
}

/// What is kept without audit and without a place in the feed.
#[derive(Debug, Clone)]
pub enum Note {
    /// When sessions were last active.
    Seen(Vec<(SessionId, Timestamp)>),
    /// How far a place has come to which the audit log is forwarded.
    Forwarded {
        /// What the place is called.
        place: Name,
        /// Only if this was the last entry that it had.
        from: Option<u64>,
        /// The last entry that it has.
        sequence: u64,
    },
    /// What became of a mail.
    Mail {
        /// Which one.
        id: MailId,
        /// When.
        at: Timestamp,
        /// What.
        delivery: Delivery,
    },
    /// A token was shown.
    TokenUsed {
        /// Which one.
        id: TokenId,
        /// When.
        at: Timestamp,
    },
    /// The personal facts of a guest in the audit log are erased, and where the guest was.
    ErasePersonal(GuestId),
    /// A guest has signed in from somewhere. The [`Stay::MOST`] latest places are kept, and the first one.
    Stayed {
        /// Who.
        guest: GuestId,
        /// From where.
        haunt: Haunt,
        /// When.
        at: Timestamp,
    },
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was handed over; its text is wiped.
    Sent,
    /// It was not, for now; it is tried again later.
    Failed(String),
    /// It never will be; its text is wiped.
    GivenUp(String),
    /// It was handed over, and came back.
    Bounced(String),
}

/// How far a mail has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailState {
    /// Where it is.
    pub stage: MailStage,
    /// How often it was tried.
    pub attempts: u32,
    /// What the mail server said last, where it did not take the mail.
    pub error: Option<String>,
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStage {
    /// It is sent soon, or again.
    Waiting,
    /// A mail server has it.
    Sent,
    /// It is refused for good.
    Refused,
    /// A mail server had it and could not deliver it.
    Bounced,
}

/// Is told how many entries of how many were read.
pub type Seen<'s> = &'s (dyn Fn(u64, u64) + Send + Sync);

/// Which entries of the audit log are deleted.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Those that are older.
    pub before: Timestamp,
    /// None behind this one.
    pub up_to: u64,
    /// At most so many at once.
    pub at_most: usize,
}

/// A mail that is due.
#[derive(Debug, Clone)]
pub struct DueMail {
    /// The mail.
    pub mail: OutgoingMail,
    /// How often it was tried before.
    pub attempts: u32,
}

/// The database.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync {
    /// Writes changes, audit entries and mails together, or nothing. A conflict if anything that it was decided on has changed.
    async fn commit(&self, proposal: Proposal) -> Result<Revision, StoreError>;

    /// Whether [`Store::commit`] would write it as things are now; nothing is written.
    async fn would_commit(&self, proposal: &Proposal) -> Result<(), StoreError>;

    /// Guests who have accesses that exclude each other, which may be older than the rule: with each, the first two. At most a hundred.
    async fn clashes(&self, rules: &Exclusions, now: Timestamp) -> Result<Vec<(Guest, Clash)>, StoreError>;

    /// What was written after a revision, in order, at most so many.
    async fn changes_after(&self, seen: Revision, at_most: usize) -> Result<Vec<Changed>, StoreError>;

    /// Counts one event and says whether it was within the limit.
    async fn count(&self, counter: Counter, limit: Limit) -> Result<Counted, StoreError>;

    /// How many events of its window were counted, without counting one.
    async fn counted(&self, counter: Counter, now: Timestamp) -> Result<u32, StoreError>;

    /// Keeps what is not worth an audit entry.
    async fn note(&self, note: Note) -> Result<(), StoreError>;

    /// How far the database has come.
    async fn revision(&self) -> Result<Revision, StoreError>;

    /// A guest.
    async fn guest(&self, id: GuestId) -> Result<Option<Guest>, StoreError>;

    /// The guest with this address.
    async fn guest_by_email(&self, email: &EmailAddress) -> Result<Option<Guest>, StoreError>;

    /// The guests with these addresses, in no order.
    async fn guests_by_emails(&self, emails: &[EmailAddress]) -> Result<Vec<Guest>, StoreError>;

    /// The guest who is this person at a provider.
    async fn guest_bound(&self, issuer: &str, subject: &str) -> Result<Option<Guest>, StoreError>;

    /// Where a guest has signed in from, latest first.
    async fn stays_of(&self, guest: GuestId) -> Result<Vec<Stay>, StoreError>;

    /// Guests, oldest first.
    async fn guests(&self, filter: GuestFilter, page: PageRequest) -> Result<Page<Guest>, StoreError>;

    /// An invitation.
    async fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>, StoreError>;

    /// The invitation that has this token, and which of its tokens it is.
    async fn invitation_by_token(&self, token: &Digest) -> Result<Option<(Invitation, TokenKind)>, StoreError>;

    /// The latest invitation for which this guest's id is reserved.
    async fn invitation_of(&self, guest: GuestId) -> Result<Option<Invitation>, StoreError>;

    /// All invitations of an address, newest first, at most a hundred.
    async fn invitations_for(&self, email: &EmailAddress) -> Result<Vec<Invitation>, StoreError>;

    /// The same of several addresses at once.
    async fn invitations_for_each(&self, emails: &[EmailAddress]) -> Result<HashMap<EmailAddress, Vec<Invitation>>, StoreError>;

    /// The invitations of whoever a directory knows by this name, newest first, at most a hundred.
    async fn invitations_by_external(&self, external: &str) -> Result<Vec<Invitation>, StoreError>;

    /// Invitations, oldest first.
    async fn invitations(&self, filter: InvitationFilter, page: PageRequest) -> Result<Page<Invitation>, StoreError>;

    /// The addresses of a part of all people, and how many they are in all.
    async fn people(&self, wanted: &People) -> Result<(Vec<EmailAddress>, u64), StoreError>;

    /// A grant.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError>;

    /// All grants of a guest, those that have ended included.
    async fn grants_of(&self, guest: GuestId) -> Result<Vec<Grant>, StoreError>;

    /// The same of several guests at once.
    async fn grants_of_each(&self, guests: &[GuestId]) -> Result<HashMap<GuestId, Vec<Grant>>, StoreError>;

    /// When a guest last used each app.
    async fn uses_of(&self, guest: GuestId) -> Result<Vec<(AppId, Timestamp)>, StoreError>;

    /// A request.
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError>;

    /// All requests of an address, newest first, at most a hundred.
    async fn requests_for(&self, email: &EmailAddress) -> Result<Vec<Request>, StoreError>;

    /// Requests, oldest first.
    async fn requests(&self, filter: RequestFilter, page: PageRequest) -> Result<Page<Request>, StoreError>;

    /// Requests that a program is to be asked about by now, at most so many.
    async fn requests_due(&self, now: Timestamp, at_most: usize) -> Result<Vec<Request>, StoreError>;

    /// A text that was kept, by its SHA-256.
    async fn text(&self, digest: &Digest) -> Result<Option<String>, StoreError>;

    /// What a guest can show beside the mailbox; `None`: nothing has ever been added.
    async fn factors(&self, guest: GuestId) -> Result<Option<Factors>, StoreError>;

    /// A token for programs, and when it was last shown.
    async fn token(&self, id: TokenId) -> Result<Option<TokenRecord>, StoreError>;

    /// The token that has this hash.
    async fn token_by_digest(&self, digest: &Digest) -> Result<Option<TokenRecord>, StoreError>;

    /// All tokens, oldest first: there are never many.
    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError>;

    /// A session.
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// A session with its guest and grant, all of one moment.
    async fn session_record(&self, id: SessionId) -> Result<Option<SessionRecord>, StoreError>;

    /// The sessions of a guest that have not been ended.
    async fn sessions_of(&self, guest: GuestId) -> Result<Vec<Session>, StoreError>;

    /// The sessions of a guest that are kept, those that have ended included.
    async fn sessions_held(&self, guest: GuestId) -> Result<Vec<Session>, StoreError>;

    /// The sessions that came from this session at a provider ([`crate::directory::provider_session`]) and have not been ended.
    async fn sessions_by_provider(&self, key: &Digest) -> Result<Vec<Session>, StoreError>;

    /// The children of a root that have not been ended.
    async fn children_of(&self, root: SessionId) -> Result<Vec<Session>, StoreError>;

    /// Takes mails that are due, so that nobody else sends them for the next five minutes.
    async fn claim_mail(&self, now: Timestamp, at_most: usize) -> Result<Vec<DueMail>, StoreError>;

    /// How far a mail has come. `None`: nobody knows any more.
    async fn mail_state(&self, id: MailId) -> Result<Option<MailState>, StoreError>;

    /// How many mails have neither been sent nor given up.
    async fn mails_waiting(&self) -> Result<u64, StoreError>;

    /// Entries of the audit log, from a number on, at most so many.
    async fn audit_after(&self, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError>;

    /// Entries about a guest, from a number on, at most so many.
    async fn audit_of(&self, guest: GuestId, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError>;

    /// Entries that are wanted, from a number on, at most so many.
    async fn audit_where(&self, filter: AuditFilter, sequence: u64, at_most: usize) -> Result<Vec<audit::Stored>, StoreError>;

    /// The latest entries that are wanted, in order, at most so many.
    async fn audit_latest(&self, filter: AuditFilter, at_most: usize) -> Result<Vec<audit::Stored>, StoreError>;

    /// The last entry of the audit log that has arrived at a place to which it is forwarded; `None`: it was never told of anything.
    async fn forwarded(&self, place: &Name) -> Result<Option<u64>, StoreError>;

    /// Where the audit log ends, to be kept outside the database.
    async fn audit_head(&self) -> Result<audit::Head, StoreError>;

    /// Where the audit log begins: behind this entry, which was deleted with all before it. The empty head: with the first entry.
    async fn audit_start(&self) -> Result<audit::Head, StoreError>;

    /// Reads the whole audit log and says what is wrong with it. `anchor` is a head that was kept outside the database.
    async fn verify_audit(&self, anchor: Option<audit::Head>, seen: Seen<'_>) -> Result<Result<audit::Head, audit::Broken>, StoreError>;

    /// Deletes the oldest entries of the audit log, a part at a time, and seals where it begins from then on. Gives where that is, if
    /// anything was deleted. Entries that are not as they were written are left, and named.
    async fn cut_audit(&self, cut: Cut) -> Result<Result<Option<audit::Head>, audit::Broken>, StoreError>;

    /// Guests that are looked for.
    async fn search(&self, search: &Search) -> Result<Vec<Guest>, StoreError>;

    /// Invitations, newest first.
    async fn latest_invitations(&self, wanted: &Lately) -> Result<Page<Invitation>, StoreError>;

    /// Requests, newest first.
    async fn latest_requests(&self, wanted: &Lately) -> Result<Page<Request>, StoreError>;

    /// Entries of the audit log, newest first.
    async fn latest_entries(&self, wanted: &Entries) -> Result<Vec<audit::Stored>, StoreError>;

    /// Active grants that end, the next one first.
    async fn ending_grants(&self, wanted: &Ending) -> Result<Vec<Grant>, StoreError>;

    /// An access review.
    async fn review(&self, id: ReviewId) -> Result<Option<Review>, StoreError>;

    /// The latest access review of an app.
    async fn latest_review(&self, app: &AppId) -> Result<Option<Review>, StoreError>;

    /// Access reviews, newest first.
    async fn reviews(&self, wanted: &Reviews) -> Result<Page<Review>, StoreError>;

    /// Accesses about which a review has decided nothing, those first at which nobody has looked for longest.
    async fn left_to_review(&self, wanted: &Left) -> Result<Page<Access>, StoreError>;

    /// How far a review has come; what is left counts for the guests of one sponsor, where one is named.
    async fn tally_review(&self, review: &Review, now: Timestamp, sponsor: Option<&EmailAddress>) -> Result<Tallied, StoreError>;

    /// Who is responsible for guests about whom a review has decided nothing.
    async fn sponsors_left(&self, review: &Review, now: Timestamp) -> Result<Vec<EmailAddress>, StoreError>;

    /// How many accesses to an app let in now.
    async fn accesses(&self, app: &AppId, now: Timestamp) -> Result<u64, StoreError>;

    /// Since when nobody has looked at some access to an app; `None`: there is none.
    async fn unseen_since(&self, app: &AppId, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// What a review has decided about an access.
    async fn verdict(&self, review: ReviewId, grant: GrantId) -> Result<Option<Verdict>, StoreError>;

    /// What a review has decided, behind one access, at most so many.
    async fn verdicts(&self, review: ReviewId, after: Option<GrantId>, limit: u32) -> Result<Vec<Decided>, StoreError>;

    /// Deletes what has no more use: counters, sessions, mails and changes of the past.
    async fn tidy(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Begins to answer a request that has a name, unless it was begun within the last day. One that broke off may be begun again after a minute.
    async fn begin_answer(&self, name: Digest, body: Digest, now: Timestamp) -> Result<Began, StoreError>;

    /// Keeps the answer, sealed; or forgets that there was a request.
    async fn keep_answer(&self, name: Digest, answer: Option<Vec<u8>>) -> Result<(), StoreError>;

    /// Waits for what is being written and closes the files.
    async fn close(&self);
}
