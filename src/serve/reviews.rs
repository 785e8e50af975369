//! Access reviews as time goes by: opens what has come round, reminds, and ends what nobody has answered for. What is due is for the
//! directory to say; a review lies in the database, so that whoever serves next goes on where this process has ended.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    base::{Clock, Entropy, Span, Timestamp},
    config::{App, Recurring},
    directory::{Occasion, Proposal, Refusal, Review, ReviewDraft, ReviewDue},
    live::{Live, Snapshot},
    observe::{Metrics, causes},
    store::{Left, Reviews as Wanted, Store, StoreError},
    web::{
        Site,
        reviewing::{Asked, Reviewing},
    },
};

/// How often reviews are looked at.
const EVERY: Span = Span::mins(1);
/// How often is looked whether it is time, or the configuration has changed.
const LOOK: Duration = Duration::from_millis(250);
/// So many accesses end in one transaction.
const BATCH: u32 = 50;
/// Reviews that are open at once: one an app.
const MOST: u32 = 500;

/// Whoever looks after reviews.
#[derive(Debug, Clone)]
pub(super) struct Reviews {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) metrics: Arc<Metrics>,
}

/// Runs until it is told to stop.
pub(super) async fn run(reviews: Reviews, stop: CancellationToken) {
    let mut looked: Option<(u64, Timestamp)> = None;
    loop {
        let (generation, now) = (reviews.live.snapshot().generation, reviews.clock.now());
        if looked.is_none_or(|(seen, at)| seen != generation || now >= at.plus(EVERY)) {
            if let Err(cause) = reviews.look().await {
                tracing::warn!(error = causes(&cause), "access reviews could not be looked after");
            }
            looked = Some((generation, now));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Reviews {
    /// Does everything that is due by now.
    pub(super) async fn look(&self) -> Result<(), StoreError> {
        let snapshot = self.live.snapshot();
        let open = self.store.reviews(&Wanted { state: Some("open"), limit: MOST, ..Wanted::default() }).await?.items;
        for review in &open {
            self.look_after(&snapshot, review).await?;
        }
        for app in snapshot.config.apps.iter().filter(|app| open.iter().all(|review| review.app != app.id)) {
            if let Some(rules) = &app.review {
                self.open_if_due(&snapshot, app, rules).await?;
            }
        }
        self.count().await
    }

    async fn look_after(&self, snapshot: &Snapshot, review: &Review) -> Result<(), StoreError> {
        let site = Site::of(&snapshot.config, &snapshot.languages);
        let desk = self.desk(snapshot, &site);
        match review.next(&desk.rules(review).reminders, desk.occasion.now) {
            None => Ok(()),
            Some(ReviewDue::Remind) => {
                let mails = desk.ask(review, Asked::Again).await?;
                self.carry_out(review.remind(&desk.occasion, mails).map(|(_, p)| p)).await.map(drop)
            }
            Some(ReviewDue::Finish) => self.finish(&desk, review).await,
        }
    }

    /// Ends what nobody has answered for, a batch at a time, and then the review. A batch that somebody else comes into is tried again.
    async fn finish(&self, desk: &Reviewing<'_>, review: &Review) -> Result<(), StoreError> {
        loop {
            let left = self.store.left_to_review(&Left::of(review, desk.occasion.now, BATCH)).await?.items;
            if left.is_empty() {
                break;
            }
            let ends = left.iter().map(|(grant, guest)| desk.lapse(review, (grant, guest)));
            let together = ends.reduce(|all, one| Ok(all?.and(one?))).unwrap_or(Err(Refusal::NothingToDo));
            // Whatever stands in the way is looked at again in a minute.
            if !self.carry_out(together).await? {
                return Ok(());
            }
        }
        let tallied = self.store.tally_review(review, desk.occasion.now, None).await?;
        if self.carry_out(review.close(&desk.occasion, desk.over(review, tallied)).map(|(_, p)| p)).await? {
            tracing::info!(review = %review.id, app = %review.app, kept = tallied.kept, removed = tallied.removed, lapsed = tallied.lapsed, "an access review is over");
        }
        Ok(())
    }

    /// A review comes round when the last one is old enough; the first one, when nobody has looked at an access for as long.
    async fn open_if_due(&self, snapshot: &Snapshot, app: &App, rules: &Recurring) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Some(unseen) = self.store.unseen_since(&app.id, now).await? else { return Ok(()) };
        let since = self.store.latest_review(&app.id).await?.map_or(unseen, |last| last.opened);
        if now < since.plus(rules.every) {
            return Ok(());
        }
        let site = Site::of(&snapshot.config, &snapshot.languages);
        let desk = self.desk(snapshot, &site);
        let draft = ReviewDraft {
            app: app.id.clone(),
            reviewers: rules.reviewers,
            answer_within: rules.answer_within,
            found: self.store.accesses(&app.id, now).await?,
        };
        let (review, proposal) = Review::open(&desk.occasion, draft);
        let mails = desk.ask(&review, Asked::First).await?;
        if self.carry_out(Ok(mails.into_iter().fold(proposal, Proposal::with_mail))).await? {
            tracing::info!(review = %review.id, app = %review.app, accesses = review.found, "an access review is open");
        }
        Ok(())
    }

    async fn count(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let open = self.store.reviews(&Wanted { state: Some("open"), limit: MOST, ..Wanted::default() }).await?.items;
        let mut left = Vec::with_capacity(open.len());
        for review in &open {
            left.push((&review.app, self.store.tally_review(review, now, None).await?.left));
        }
        let overdue = open.iter().filter(|review| !review.is_open(now)).count();
        self.metrics.set_reviews(open.len() - overdue, overdue, left);
        Ok(())
    }

    /// Writes what was decided; `false`: it does not hold any more.
    async fn carry_out(&self, decided: Result<Proposal, Refusal>) -> Result<bool, StoreError> {
        let Ok(proposal) = decided else { return Ok(false) };
        match self.store.commit(proposal).await {
            Ok(_) => {
                self.live.nudge();
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(other) => Err(other),
        }
    }

    fn desk<'d>(&'d self, snapshot: &'d Snapshot, site: &'d Site) -> Reviewing<'d> {
        let occasion = Occasion { now: self.clock.now(), entropy: &*self.entropy, from: None };
        Reviewing { store: &*self.store, config: &snapshot.config, site, occasion }
    }
}

#[cfg(test)]
mod tests;
