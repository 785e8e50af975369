//! How often somebody may ask for a code and try one: counted in the store before anything is looked up, so that neither a restart nor
//! another gateway begins anew, and known and unknown addresses count alike.

use std::net::IpAddr;

use super::visit::Visit;
use crate::{
    base::{Digest, EmailAddress, FlowId, GuestId, Prefix, Span, Timestamp},
    store::{Counted, Counter, Limit, Store, StoreError},
};

const ADDRESS_HOUR: u32 = 20;
const ADDRESS_DAY: u32 = 60;
const NETWORK_HOUR: u32 = 100;
/// Wrong codes for one address are counted up to here; far fewer are many.
const WRONG_DAY: u32 = 1_000;
/// Codes for sign-ups of one app: what is more would be somebody who sends mail to strangers by us.
const APP_HOUR: u32 = 300;
/// Rounds of sign-in for one page of one app within a minute before the next one is not begun.
const ROUNDS: u32 = 2;

/// Whether an attempt is within all limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It is; so many more are left for this code.
    Allowed {
        /// Tries left for this code.
        left: u32,
    },
    /// It is not.
    Exhausted,
}

/// Counts that somebody asks for a code. Beyond the limit the answer is the same and no mail is sent.
pub(super) async fn ask(visit: &Visit, address: &EmailAddress) -> Result<Attempt, StoreError> {
    let counters = [
        (Counter::Other(digest("ask network", &network(visit.peer.ip))), NETWORK_HOUR, Span::hours(1)),
        (Counter::Other(digest("ask hour", address.as_str())), ADDRESS_HOUR, Span::hours(1)),
        (Counter::Other(digest("ask day", address.as_str())), ADDRESS_DAY, Span::days(1)),
    ];
    all_within(visit, &counters).await.map(|within| if within { Attempt::Allowed { left: 0 } } else { Attempt::Exhausted })
}

/// Counts a code that is about to be mailed, whoever asked: what is more would be somebody who makes us write to everybody. Counted
/// behind the answer, and only where there is a mail, so that nobody is locked out by asking for strangers.
pub(super) async fn mails(store: &dyn Store, at_most: u32, now: Timestamp) -> Result<bool, StoreError> {
    let limit = Limit { at_most, window: Span::hours(1), now };
    store.count(Counter::Other(digest("mail", "everybody")), limit).await.map(Counted::is_within)
}

/// Counts that somebody wants to sign up for an app.
pub(super) async fn signups(visit: &Visit, app: &str) -> Result<bool, StoreError> {
    let counter = Counter::Other(digest("sign-up", app));
    count(visit, counter, APP_HOUR, Span::hours(1)).await.map(Counted::is_within)
}

/// Counts a typed code, before it is compared.
pub(super) async fn guess(visit: &Visit, flow: FlowId, address: &EmailAddress) -> Result<Attempt, StoreError> {
    let code = &visit.config().identity.email_code;
    let of_code = count(visit, Counter::Code(flow), u32::from(code.attempts), code.lifetime).await?;
    let Counted::Within(tried) = of_code else { return Ok(Attempt::Exhausted) };
    let counters = [
        (Counter::Network(digest("guess", &network(visit.peer.ip))), NETWORK_HOUR, Span::hours(1)),
        (Counter::AddressHour(digest("guess", address.as_str())), ADDRESS_HOUR, Span::hours(1)),
        (Counter::AddressDay(digest("guess", address.as_str())), ADDRESS_DAY, Span::days(1)),
    ];
    let within = all_within(visit, &counters).await?;
    let left = u32::from(code.attempts).saturating_sub(tried);
    Ok(if within { Attempt::Allowed { left } } else { Attempt::Exhausted })
}

/// Counts a wrong code: many of them raise the risk of the next sign-in.
pub(super) async fn wrong(visit: &Visit, address: &EmailAddress) -> Result<(), StoreError> {
    count(visit, wrong_codes(address), WRONG_DAY, Span::days(1)).await.map(|_| ())
}

/// How many wrong codes somebody has typed in for the address within a day.
pub(super) async fn wrong_lately(visit: &Visit, address: &EmailAddress) -> Result<u32, StoreError> {
    visit.state.store.counted(wrong_codes(address), visit.now).await
}

fn wrong_codes(address: &EmailAddress) -> Counter {
    Counter::Other(digest("wrong day", address.as_str()))
}

/// Counts a code of a guest's own, from the app or from paper, before it is compared. Only whoever is signed in as that guest can try.
pub(super) async fn guess_app(visit: &Visit, guest: GuestId) -> Result<Attempt, StoreError> {
    let counters = [
        (Counter::Network(digest("guess app", &network(visit.peer.ip))), NETWORK_HOUR, Span::hours(1)),
        (Counter::AddressHour(digest("guess app", &guest.to_string())), ADDRESS_HOUR, Span::hours(1)),
        (Counter::AddressDay(digest("guess app", &guest.to_string())), ADDRESS_DAY, Span::days(1)),
    ];
    all_within(visit, &counters).await.map(|within| if within { Attempt::Allowed { left: 0 } } else { Attempt::Exhausted })
}

/// Whether a question about a passkey is answered for the first time.
pub(super) async fn first_answer(visit: &Visit, question: FlowId, lifetime: Span) -> Result<bool, StoreError> {
    count(visit, Counter::Once(digest("passkey", &question.to_string())), 1, lifetime).await.map(Counted::is_within)
}

/// Whether a browser comes back from a provider for the first time.
pub(super) async fn first_return(visit: &Visit, trip: FlowId, lifetime: Span) -> Result<bool, StoreError> {
    count(visit, Counter::Once(digest("trip", &trip.to_string())), 1, lifetime).await.map(Counted::is_within)
}

/// Counts that what somebody brought from a provider was not right.
pub(super) async fn provider_failed(visit: &Visit) -> Result<(), StoreError> {
    count(visit, provider_counter(visit), NETWORK_HOUR, Span::hours(1)).await.map(|_| ())
}

/// Whether that has happened too often: then nothing is asked of a provider for whoever comes from there.
pub(super) async fn provider_failures(visit: &Visit) -> Result<bool, StoreError> {
    visit.state.store.counted(provider_counter(visit), visit.now).await.map(|n| n >= NETWORK_HOUR)
}

fn provider_counter(visit: &Visit) -> Counter {
    Counter::Network(digest("provider", &network(visit.peer.ip)))
}

/// Whether this code is used for the first time.
pub(super) async fn first_use(visit: &Visit, flow: FlowId) -> Result<bool, StoreError> {
    let lifetime = visit.config().identity.email_code.lifetime;
    let counter = Counter::Once(digest("flow", &flow.to_string()));
    count(visit, counter, 1, lifetime.max(Span::hours(1))).await.map(Counted::is_within)
}

/// Whether a browser goes round in circles between the portal and one page of an app. Counted by the browser, since each step that
/// somebody takes gives the session another id.
pub(super) async fn goes_round(visit: &Visit, app: &str, target: &str) -> Result<bool, StoreError> {
    let Some(browser) = visit.kept_browser() else { return Ok(false) };
    let counter = Counter::Other(digest("round", &format!("{browser} {app} {target}")));
    count(visit, counter, ROUNDS, Span::mins(1)).await.map(|counted| !counted.is_within())
}

async fn all_within(visit: &Visit, counters: &[(Counter, u32, Span)]) -> Result<bool, StoreError> {
    for (counter, at_most, window) in counters {
        if !count(visit, *counter, *at_most, *window).await?.is_within() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn count(visit: &Visit, counter: Counter, at_most: u32, window: Span) -> Result<Counted, StoreError> {
    visit.state.store.count(counter, Limit { at_most, window, now: visit.now }).await
}

fn digest(what: &str, value: &str) -> Digest {
    Digest::of(format!("{what}\0{value}").as_bytes())
}

fn network(ip: IpAddr) -> String {
    Prefix::near(ip).to_string()
}
