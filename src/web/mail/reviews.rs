//! Mails about access reviews, to those who answer. Links name the matter and prove nothing.

use super::{Draft, Letter};
use crate::{base::Timestamp, language::MailKind, web::Site};

/// Somebody is asked whether accesses are still needed, for the first time or again.
pub fn to_review(site: &Site, app: &str, url: &str, left: u64, until: Timestamp, again: bool) -> Letter {
    let n = usize::try_from(left).unwrap_or(usize::MAX);
    let (title, line) = if again { ("review-reminder-title", "review-left") } else { ("review-title", "review-line") };
    matter(site, if again { "review-reminder" } else { "review" }, &site.say(title).with("app", app).to_string())
        .line(&site.say(line).with("app", app).with("n", n))
        .line(&site.say("review-next").with("until", until))
        .button(&site.say("matter-look"), url)
        .fact("app", app)
        .fact("left", left)
        .fact("until", site.voice.moment(until))
        .fact("link", url)
        .write()
}

/// A review is over: what has become of the accesses.
pub fn review_over(site: &Site, app: &str, url: &str, outcomes: [u64; 3]) -> Letter {
    let [kept, removed, lapsed] = outcomes;
    let n = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    matter(site, "review-over", &site.say("review-over-title").with("app", app).to_string())
        .line(&site.say("review-over-line").with("kept", n(kept)).with("removed", n(removed)).with("lapsed", n(lapsed)))
        .button(&site.say("review-over-look"), url)
        .fact("app", app)
        .fact("kept", kept)
        .fact("removed", removed)
        .fact("lapsed", lapsed)
        .fact("link", url)
        .write()
}

fn matter<'s>(site: &'s Site, name: &'static str, title: &str) -> Draft<'s> {
    Draft::titled(site, MailKind::Matter, &format!("{}: {title}", site.name)).fact("matter", name)
}
