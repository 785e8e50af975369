//! What access reviews say to people: both who opens them by the clock and who answers in a browser or by a program do it alike.

use super::{Site, mail};
use crate::{
    base::{Duty, EmailAddress, Id as _, MailId, Reviewers},
    config::{Config, Recurring},
    directory::{Answered, DecideReview, Grant, Guest, Occasion, OutgoingMail, Proposal, Refusal, Review, Reviewed, Verdict, Warrant},
    language::Wanted,
    store::{Store, StoreError, Tallied},
};

/// What a review is looked after with.
#[derive(Debug, Clone, Copy)]
pub struct Reviewing<'d> {
    /// Where the accesses are.
    pub store: &'d dyn Store,
    /// What is configured.
    pub config: &'d Config,
    /// Whose mails these are.
    pub site: &'d Site,
    /// The present.
    pub occasion: Occasion<'d>,
}

/// Why reviewers are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It has been opened.
    First,
    /// Answers are missing.
    Again,
}

impl Reviewing<'_> {
    /// How reviews of an app are configured, or usual.
    pub fn rules(&self, review: &Review) -> Recurring {
        self.config.app(&review.app).and_then(|app| app.review.clone()).unwrap_or_default()
    }

    /// Mails to those who answer.
    pub async fn ask(&self, review: &Review, asked: Asked) -> Result<Vec<OutgoingMail>, StoreError> {
        let tallied = self.store.tally_review(review, self.occasion.now, None).await?;
        if tallied.left == 0 {
            return Ok(Vec::new());
        }
        let (app, url) = (self.app_name(review), self.link(review));
        let letter = |to| {
            let letter = mail::to_review(self.site, &app, &url, tallied.left, review.due, asked == Asked::Again);
            letter.to(self.id(), to)
        };
        Ok(self.reviewers(review).await?.into_iter().map(letter).collect())
    }

    /// Mails that say how it ended.
    pub fn over(&self, review: &Review, tallied: Tallied) -> Vec<OutgoingMail> {
        let (app, url) = (self.app_name(review), self.link(review));
        let outcomes = [tallied.kept, tallied.removed, tallied.lapsed];
        let letter = |to: &EmailAddress| mail::review_over(self.site, &app, &url, outcomes).to(self.id(), to.clone());
        self.owners(review).iter().map(letter).collect()
    }

    /// Answers for one access.
    pub fn answer(
        &self,
        review: &Review,
        warrant: &Warrant<DecideReview>,
        on: Reviewed<'_>,
        answered: Answered,
    ) -> Result<(Verdict, Proposal), Refusal> {
        review.answer(&self.occasion, warrant, on, answered, Some(self.ended(review, on.guest)))
    }

    /// Ends one access that nobody has answered for.
    pub fn lapse(&self, review: &Review, (grant, guest): (&Grant, &Guest)) -> Result<Proposal, Refusal> {
        review.lapse(&self.occasion, Reviewed { grant, guest, before: None }, self.ended(review, guest))
    }

    /// The guest is told, in the guest's language.
    fn ended(&self, review: &Review, guest: &Guest) -> OutgoingMail {
        let site = self.site.speaking(&Wanted { own: guest.language.as_deref(), ..Wanted::default() });
        mail::access_ended(&site, &self.app_name(review)).to(self.id(), guest.email.clone())
    }

    /// The owners; and whoever is responsible for guests of whom nothing was said, and can come to these pages.
    async fn reviewers(&self, review: &Review) -> Result<Vec<EmailAddress>, StoreError> {
        let mut all = self.owners(review).to_vec();
        if review.reviewers == Reviewers::Sponsors {
            let sponsors = self.store.sponsors_left(review, self.occasion.now).await?;
            all.extend(sponsors.into_iter().filter(|sponsor| self.config.has_office(sponsor)));
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn owners(&self, review: &Review) -> &[EmailAddress] {
        self.config.app(&review.app).map(|app| app.owners.as_slice()).unwrap_or_default()
    }

    fn app_name(&self, review: &Review) -> String {
        self.config.app(&review.app).map_or_else(|| review.app.to_string(), |app| app.name.clone())
    }

    fn link(&self, review: &Review) -> String {
        format!("{}/admin/reviews/{}", self.site.portal, review.id)
    }

    fn id(&self) -> MailId {
        MailId::random(self.occasion.entropy)
    }
}

/// What somebody has or would have that excludes an access, in words.
pub fn clashes(config: &Config, grant: &Grant, held: &[Grant]) -> Vec<String> {
    let others: Vec<Duty> = held.iter().filter(|g| g.is_active() && g.id != grant.id).map(Grant::duty).collect();
    config.exclusive.clash_with(&grant.duty(), &others).into_iter().map(|clash| clash.other.to_string()).collect()
}
