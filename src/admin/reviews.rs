//! `/api/v1/reviews`: whether accesses are still needed, and what became of them.

use axum::{
    Json,
    body::Body as Stream,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AdminState,
    asker::Asker,
    audit::row,
    input::{Body, Listing, Path, Query, app, parsed},
    trouble::Trouble,
    views::List,
};
use crate::{
    base::{AppId, EmailAddress, GrantId, GuestId, Name, ReviewId, Reviewers, Span, Timestamp},
    directory::{
        Actor, Answered, DecideReview, Grant, Guest, OpenReview, Part, Proposal, Review, ReviewDraft, ReviewState, Reviewed, Target, may,
        sight,
    },
    store::{Decided, Left, Reviews, StoreError, Tallied},
    web::{
        Site,
        reviewing::{Asked, Reviewing, clashes},
    },
};

/// A review of the accesses to an app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewView {
    #[schema(value_type = String)]
    id: ReviewId,
    #[schema(value_type = String)]
    app: AppId,
    /// `owners` or `sponsors`.
    reviewers: &'static str,
    /// `open`, `overdue` or `closed`.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    opened: Timestamp,
    /// When what nobody has answered for ends.
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    closed: Option<Timestamp>,
    /// Accesses that there were to look at.
    found: u64,
    kept: u64,
    removed: u64,
    /// Accesses that ended because nobody answered.
    lapsed: u64,
    /// Accesses that nobody has answered for: of the asker's own guests, where the asker sees no others.
    left: u64,
}

/// An access that nobody has answered for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessView {
    #[schema(value_type = String)]
    grant: GrantId,
    #[schema(value_type = String)]
    guest: GuestId,
    #[schema(value_type = String)]
    email: EmailAddress,
    name: Option<String>,
    #[schema(value_type = Option<String>)]
    role: Option<Name>,
    #[schema(value_type = Option<String>)]
    sponsor: Option<EmailAddress>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// When the guest last used the app.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    /// Other accesses of the guest that exclude this one.
    excluded_by: Vec<String>,
}

/// What was decided about an access.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerdictView {
    #[schema(value_type = String)]
    grant: GrantId,
    #[schema(value_type = String)]
    guest: GuestId,
    #[schema(value_type = Option<String>)]
    email: Option<EmailAddress>,
    #[schema(value_type = Option<String>)]
    role: Option<Name>,
    /// `kept`, `removed` or `lapsed`.
    outcome: &'static str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Option<String>)]
    by: Option<EmailAddress>,
}

/// What is posted to begin a review out of turn.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReview)]
pub(super) struct New {
    app: String,
    /// How long the reviewers have, such as `14d`; else as the app's `review` says.
    #[serde(default)]
    answer_within: Option<String>,
    /// Who is asked; else as the app's `review` says.
    #[serde(default)]
    reviewers: Option<WhoAnswers>,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WhoAnswers {
    Owners,
    Sponsors,
}

/// Answers.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    decision: Decision,
    /// The accesses that it is about, at most 500.
    #[serde(default)]
    grants: Vec<String>,
    /// All that nobody has answered for, up to 500 at once; `left` says how many there still are.
    #[serde(default)]
    rest: bool,
}

/// What is answered.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Keep,
    Remove,
}

/// What came of answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnsweredView {
    /// How many were written.
    answered: u64,
    /// How many there still are without one.
    left: u64,
}

/// How a report is written.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `json` or `csv`.
    format: Format,
}

/// A format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// The states by which a list is filtered.
const STATES: [&str; 2] = ["open", "closed"];
/// Most answers at once, and how many of them are written together.
const MOST: usize = 500;
const BATCH: usize = 50;
/// Rows of a report that are read at once.
const ROWS: u32 = 1_000;
/// The columns of a report as CSV.
const COLUMNS: [&str; 7] = ["email", "guest", "grant", "role", "outcome", "at", "by"];

/// Reviews, newest first.
#[utoipa::path(get, path = "/api/v1/reviews", tag = "reviews", params(Listing), responses((status = 200, description = "Done", body = List<ReviewView>)))]
pub(super) async fn list(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<ReviewView>>, Trouble> {
    let only = listing.app(&state.live.snapshot().config)?;
    let person = matches!(actor, Actor::Owner { .. } | Actor::Inviter { .. });
    // Whoever sees no app's guests may be responsible for some all the same.
    let apps = match sight(&actor)?.of_apps(only.as_ref()) {
        Ok(apps) => apps,
        Err(_) if person => vec![AppId::admin()],
        Err(denied) => return Err(denied.into()),
    };
    let page = listing.page()?;
    let wanted = Reviews { apps, of_sponsors: person, state: listing.state(&STATES)?, before: page.after, limit: page.limit };
    let page = state.store.reviews(&wanted).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for review in page.items.iter().filter(|review| only.as_ref().is_none_or(|app| review.app == *app)) {
        let Ok(part) = review.part_of(&actor) else { continue };
        let view = ReviewView::of(&state, review, &part).await?;
        if part == Part::Whole || view.left > 0 {
            items.push(view);
        }
    }
    Ok(List::page(items, page.next.as_ref()))
}

/// Begins a review out of turn.
#[utoipa::path(post, path = "/api/v1/reviews", tag = "reviews", request_body = New, responses((status = 201, description = "Done", body = ReviewView)))]
pub(super) async fn create(Asker { state, actor }: Asker, Body(new): Body<New>) -> Result<(StatusCode, Json<ReviewView>), Trouble> {
    let snapshot = state.live.snapshot();
    let app = app(&snapshot.config, &new.app)?;
    let warrant = may::<OpenReview>(&actor, Target::Apps(std::slice::from_ref(&app)))?;
    let usual = snapshot.config.app(&app).and_then(|app| app.review.clone()).unwrap_or_default();
    let answer_within = new.answer_within.as_deref().map(|text| parsed::<Span>("answer_within", text)).transpose()?;
    let reviewers = match new.reviewers {
        Some(WhoAnswers::Owners) => Reviewers::Owners,
        Some(WhoAnswers::Sponsors) => Reviewers::Sponsors,
        None => usual.reviewers,
    };
    let open = Reviews { apps: vec![app.clone()], state: Some("open"), limit: 1, ..Reviews::default() };
    if !state.store.reviews(&open).await?.items.is_empty() {
        return Err(Trouble::Conflict(format!("a review of `{app}` is open already")));
    }
    let found = state.store.accesses(&app, state.clock.now()).await?;
    if found == 0 {
        return Err(Trouble::Conflict(format!("nobody has access to `{app}`")));
    }
    let answer_within = answer_within.unwrap_or(usual.answer_within);
    if answer_within == Span::ZERO || answer_within > LONGEST {
        return Err(Trouble::Input(format!("`answer_within` is more than nothing and at most {LONGEST}")));
    }
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let desk = Reviewing { store: &*state.store, config: &snapshot.config, site: &site, occasion: state.occasion() };
    let (review, proposal) = Review::begin(&desk.occasion, &warrant, ReviewDraft { app, reviewers, answer_within, found })?;
    let mails = desk.ask(&review, Asked::First).await?;
    state.carry_out(mails.into_iter().fold(proposal, Proposal::with_mail)).await?;
    Ok((StatusCode::CREATED, Json(ReviewView::of(&state, &review, &Part::Whole).await?)))
}

/// The longest that reviewers may have.
const LONGEST: Span = Span::days(365);

/// One review.
#[utoipa::path(get, path = "/api/v1/reviews/{id}", tag = "reviews", responses((status = 200, description = "Done", body = ReviewView)))]
pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<ReviewView>, Trouble> {
    let review = find(&state, &id).await?;
    let part = review.part_of(&actor)?;
    Ok(Json(ReviewView::of(&state, &review, &part).await?))
}

/// The accesses that nobody has answered for, those first at which nobody has looked for longest.
#[utoipa::path(get, path = "/api/v1/reviews/{id}/left", tag = "reviews", params(Listing), responses((status = 200, description = "Done", body = List<AccessView>)))]
pub(super) async fn left(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<List<AccessView>>, Trouble> {
    let review = find(&state, &id).await?;
    let part = review.part_of(&actor)?;
    let page = listing.page()?;
    if matches!(review.state, ReviewState::Closed { .. }) {
        return Ok(List::all(Vec::new()));
    }
    let wanted = Left { after: page.after, ..part.left_of(&review, state.clock.now(), page.limit) };
    let page = state.store.left_to_review(&wanted).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (grant, guest) in &page.items {
        items.push(AccessView::of(&state, grant, guest).await?);
    }
    Ok(List::page(items, page.next.as_ref()))
}

/// Says of accesses whether they are still needed. Those that are not end at once, and their guests are told.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/decide", tag = "reviews", request_body = Answers, responses((status = 200, description = "Done", body = AnsweredView)))]
pub(super) async fn decide(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Body(answers): Body<Answers>,
) -> Result<Json<AnsweredView>, Trouble> {
    let review = find(&state, &id).await?;
    let part = review.part_of(&actor)?;
    if part == Part::Whole {
        let _ = may::<DecideReview>(&actor, Target::Apps(std::slice::from_ref(&review.app)))?;
    }
    if !review.is_open(state.clock.now()) {
        return Err(Trouble::Conflict("this review is over".to_owned()));
    }
    if answers.rest != answers.grants.is_empty() || answers.grants.len() > MOST {
        return Err(Trouble::Input(format!("name up to {MOST} `grants`, or say `rest: true`")));
    }
    let found = match answers.rest {
        true => {
            let wanted = part.left_of(&review, state.clock.now(), u32::try_from(MOST).unwrap_or(u32::MAX));
            state.store.left_to_review(&wanted).await?.items
        }
        false => named(&state, &review, &answers.grants).await?,
    };
    let answered = match answers.decision {
        Decision::Keep => Answered::Keep,
        Decision::Remove => Answered::Remove,
    };
    for batch in found.chunks(BATCH) {
        answer_all(&state, &actor, &review, batch, answered).await?;
    }
    let left = state.store.tally_review(&review, state.clock.now(), part.sponsor()).await?.left;
    Ok(Json(AnsweredView { answered: u64::try_from(found.len()).unwrap_or(u64::MAX), left }))
}

/// The accesses with these ids, of this review.
async fn named(state: &AdminState, review: &Review, ids: &[String]) -> Result<Vec<(Grant, Guest)>, Trouble> {
    let mut found: Vec<(Grant, Guest)> = Vec::with_capacity(ids.len());
    for id in ids {
        let missing = || Trouble::NotFound(format!("there is no access `{id}` in this review"));
        let grant =
            state.store.grant(id.parse().map_err(|_| missing())?).await?.filter(|grant| review.covers(grant)).ok_or_else(missing)?;
        let guest = state.store.guest(grant.guest).await?.ok_or_else(missing)?;
        if found.iter().all(|(other, _)| other.id != grant.id) {
            found.push((grant, guest));
        }
    }
    Ok(found)
}

/// Writes answers together, or none of them.
async fn answer_all(
    state: &AdminState,
    actor: &Actor,
    review: &Review,
    batch: &[(Grant, Guest)],
    answered: Answered,
) -> Result<(), Trouble> {
    let snapshot = state.live.snapshot();
    let site = Site::of(&snapshot.config, &snapshot.languages);
    let desk = Reviewing { store: &*state.store, config: &snapshot.config, site: &site, occasion: state.occasion() };
    let mut all: Option<Proposal> = None;
    for (grant, guest) in batch {
        let warrant = may::<DecideReview>(actor, Target::Reviewed(review, grant, guest))?;
        let before = state.store.verdict(review.id, grant.id).await?;
        let (_, proposal) = desk.answer(review, &warrant, Reviewed { grant, guest, before: before.as_ref() }, answered)?;
        all = Some(match all {
            Some(all) => all.and(proposal),
            None => proposal,
        });
    }
    match all {
        Some(all) => state.carry_out(all).await,
        None => Ok(()),
    }
}

/// What was decided about each access: the result of a review.
#[utoipa::path(get, path = "/api/v1/reviews/{id}/report", tag = "reviews", params(Wanted), responses(
    (status = 200, description = "Done", content((Vec<VerdictView> = "application/json"), (String = "text/csv")))
))]
pub(super) async fn report(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Query(Wanted { format }): Query<Wanted>,
) -> Result<Response, Trouble> {
    let review = find(&state, &id).await?;
    if review.part_of(&actor)? != Part::Whole {
        return Err(Trouble::Denied);
    }
    let (media, head) = match format {
        Format::Json => ("application/json", b"[".to_vec()),
        Format::Csv => ("text/csv; charset=utf-8", row(&COLUMNS.map(str::to_owned))),
    };
    let batches = stream::try_unfold((Some((None, true)), head), move |(after, mut out)| {
        let state = state.clone();
        async move {
            let Some((after, first)) = after else { return Ok::<_, StoreError>(None) };
            let found = state.store.verdicts(review.id, after, ROWS).await?;
            for (n, decided) in found.iter().enumerate() {
                let view = VerdictView::of(decided);
                match format {
                    Format::Csv => out.extend_from_slice(&row(&view.cells())),
                    Format::Json => {
                        out.extend_from_slice(if first && n == 0 { b"" } else { b"," });
                        out.extend_from_slice(&serde_json::to_vec(&view).unwrap_or_default());
                    }
                }
            }
            let next = found.last().filter(|_| found.len() == ROWS as usize).map(|(verdict, _)| (Some(verdict.grant), false));
            if next.is_none() && format == Format::Json {
                out.push(b']');
            }
            Ok(Some((Bytes::from(out), (next, Vec::new()))))
        }
    });
    Ok(([(header::CONTENT_TYPE, media)], Stream::from_stream(batches)).into_response())
}

pub(super) async fn find(state: &AdminState, id: &str) -> Result<Review, Trouble> {
    let missing = || Trouble::NotFound(format!("there is no review `{id}`"));
    state.store.review(id.parse::<ReviewId>().map_err(|_| missing())?).await?.ok_or_else(missing)
}

impl Part {
    /// The sponsor whose guests it is about.
    fn sponsor(&self) -> Option<&EmailAddress> {
        match self {
            Self::Whole => None,
            Self::Sponsored(email) => Some(email),
        }
    }

    fn left_of(&self, review: &Review, now: Timestamp, limit: u32) -> Left {
        Left { sponsor: self.sponsor().cloned(), ..Left::of(review, now, limit) }
    }
}

impl ReviewView {
    async fn of(state: &AdminState, review: &Review, part: &Part) -> Result<Self, StoreError> {
        let now = state.clock.now();
        let mut tallied = state.store.tally_review(review, now, part.sponsor()).await?;
        let (status, closed) = match review.state {
            ReviewState::Open if review.is_open(now) => ("open", None),
            ReviewState::Open => ("overdue", None),
            ReviewState::Closed { at } => {
                tallied = Tallied { left: 0, ..tallied };
                ("closed", Some(at))
            }
        };
        Ok(Self {
            id: review.id,
            app: review.app.clone(),
            reviewers: review.reviewers.as_str(),
            status,
            opened: review.opened,
            due: review.due,
            closed,
            found: review.found,
            kept: tallied.kept,
            removed: tallied.removed,
            lapsed: tallied.lapsed,
            left: tallied.left,
        })
    }
}

impl AccessView {
    async fn of(state: &AdminState, grant: &Grant, guest: &Guest) -> Result<Self, StoreError> {
        let used = state.store.uses_of(guest.id).await?;
        let held = state.store.grants_of(guest.id).await?;
        Ok(Self {
            grant: grant.id,
            guest: guest.id,
            email: guest.email.clone(),
            name: guest.name.clone(),
            role: grant.role.clone(),
            sponsor: guest.sponsor.clone(),
            from: grant.from,
            until: grant.until,
            last_used: used.iter().find(|(app, _)| *app == grant.app).map(|(_, at)| *at),
            excluded_by: clashes(&state.live.snapshot().config, grant, &held),
        })
    }
}

impl VerdictView {
    fn of((verdict, guest): &Decided) -> Self {
        Self {
            grant: verdict.grant,
            guest: verdict.guest,
            email: guest.as_ref().map(|guest| guest.email.clone()),
            role: verdict.role.clone(),
            outcome: verdict.outcome.as_str(),
            at: verdict.at,
            by: verdict.by.clone(),
        }
    }

    /// In the order of [`COLUMNS`].
    fn cells(&self) -> [String; 7] {
        let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
        [
            text(self.email.as_ref().map(|email| email as &dyn ToString)),
            self.guest.to_string(),
            self.grant.to_string(),
            text(self.role.as_ref().map(|role| role as &dyn ToString)),
            self.outcome.to_owned(),
            self.at.to_string(),
            text(self.by.as_ref().map(|by| by as &dyn ToString)),
        ]
    }
}
