//! Sends the audit log on, to programs, to other logs and, as security events, to receivers of those: every entry in its order, again and later each time until it has arrived.
//!
//! How far a place has come is kept in the store after each round, so a crash sends the last entries twice rather than never; receivers
//! know them by their numbers. A place that is new begins with what happens from then on.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    base::{Clock, Name, Span, Timestamp},
    config::{Destination, Forward},
    directory::audit::Stored,
    identity::KeyRing,
    live::Live,
    observe::{Metrics, causes},
    outbound::{LogLine, tell, write_log},
    store::{Note, Store, StoreError},
};

/// How often is looked whether there is something new.
const LOOK: Duration = Duration::from_millis(500);
/// Entries of one round.
const ROUND: usize = 100;
/// How often is measured how far places are behind.
const MEASURE: Span = Span::secs(5);
const FIRST_DELAY: Span = Span::secs(1);
const LONGEST_DELAY: Span = Span::mins(5);

/// Whoever sends.
#[derive(Debug, Clone)]
pub(super) struct Forwarding {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) keys: Arc<KeyRing>,
}

/// A place that does not take what it is sent.
#[derive(Debug, Clone, Copy)]
struct Pause {
    until: Timestamp,
    failures: u32,
}

/// Runs until it is told to stop.
pub(super) async fn run(forwarding: Forwarding, stop: CancellationToken) {
    let mut pauses: HashMap<Name, Pause> = HashMap::new();
    let mut measured = Timestamp::EPOCH;
    loop {
        let round = async {
            if forwarding.clock.now() >= measured.plus(MEASURE) {
                measured = forwarding.clock.now();
                forwarding.measure().await;
            }
            if !forwarding.round(&mut pauses).await {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = round => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Forwarding {
    /// One round to every place that is not paused; whether any of them has more to come.
    async fn round(&self, pauses: &mut HashMap<Name, Pause>) -> bool {
        let snapshot = self.live.snapshot();
        let now = self.clock.now();
        let due = |place: &&Forward| pauses.get(&place.id).is_none_or(|pause| now >= pause.until);
        let due: Vec<&Forward> = snapshot.config.forwards.iter().filter(due).collect();
        let host = snapshot.config.portal.host.to_string();
        let sent = futures_util::future::join_all(due.iter().map(|place| self.send(place, &host))).await;
        let mut more = false;
        for (place, sent) in due.into_iter().zip(sent) {
            match sent {
                Ok(again) => {
                    if pauses.remove(&place.id).is_some() {
                        tracing::info!(place = %place.id, "events arrive again");
                    }
                    more |= again;
                }
                Err(why) => {
                    let failures = pauses.get(&place.id).map_or(0, |pause| pause.failures);
                    let delay = delay(failures);
                    tracing::warn!(place = %place.id, error = why, seconds = delay.as_secs(), "events do not arrive and are sent again later");
                    pauses.insert(place.id.clone(), Pause { until: self.clock.now().plus(delay), failures: failures.saturating_add(1) });
                }
            }
        }
        more
    }

    /// Says how far each place is behind.
    async fn measure(&self) {
        let mut lags = Vec::new();
        for place in &self.live.snapshot().config.forwards {
            match self.lag(place).await {
                Ok((entries, age)) => lags.push((place.id.clone(), entries, age)),
                Err(cause) => tracing::warn!(place = %place.id, error = causes(&cause), "nobody knows how far events have come"),
            }
        }
        self.metrics.set_forward_lags(&lags);
    }

    /// How many entries a place has not had, and how old the first of them is.
    async fn lag(&self, place: &Forward) -> Result<(u64, Span), StoreError> {
        let Some(sent) = self.store.forwarded(&place.id).await? else { return Ok((0, Span::ZERO)) };
        let behind = self.store.audit_head().await?.sequence.saturating_sub(sent);
        let oldest = self.store.audit_after(sent, 1).await?;
        let age = oldest.first().map_or(Span::ZERO, |entry| self.clock.now().since(time_of(entry)));
        Ok((behind, age.max(Span::ZERO)))
    }

    /// Sends what a place has not had; whether there is more. As much as has arrived is kept, whatever happens then.
    async fn send(&self, place: &Forward, host: &str) -> Result<bool, String> {
        let stored = |cause: StoreError| causes(&cause);
        let Some(so_far) = self.store.forwarded(&place.id).await.map_err(stored)? else {
            let head = self.store.audit_head().await.map_err(stored)?;
            self.keep(place, (0, head.sequence)).await.map_err(stored)?;
            return Ok(false);
        };
        let entries = self.store.audit_after(so_far, ROUND).await.map_err(stored)?;
        let (arrived, failed) = match &place.to {
            Destination::Webhook(_) | Destination::Receiver(_) => {
                let (mut arrived, mut failed) = (so_far, None);
                for entry in &entries {
                    if let Err(why) = self.deliver(place, entry).await {
                        failed = Some(why);
                        break;
                    }
                    arrived = entry.sequence;
                }
                (arrived, failed)
            }
            Destination::Syslog(to) => {
                let lines: Vec<LogLine> = entries.iter().filter(|entry| place.wants(&name_of(entry))).map(line).collect();
                let written = if lines.is_empty() { Ok(()) } else { write_log(to, host, &lines).await };
                match written {
                    Ok(()) => (entries.last().map_or(so_far, |entry| entry.sequence), None),
                    Err(cause) => (so_far, Some(causes(&cause))),
                }
            }
        };
        if arrived > so_far {
            self.keep(place, (so_far, arrived)).await.map_err(stored)?;
        }
        match failed {
            Some(why) => Err(why),
            None => Ok(entries.len() == ROUND),
        }
    }

    /// One entry to a place that takes them one by one.
    async fn deliver(&self, place: &Forward, entry: &Stored) -> Result<(), String> {
        match &place.to {
            Destination::Webhook(hook) if place.wants(&name_of(entry)) => {
                let told = tell(hook, &format!("audit-{}", entry.sequence), self.clock.now(), entry.shown().to_string()).await;
                told.map_err(|cause| causes(&cause))
            }
            Destination::Receiver(to) => self.transmit(to, entry).await,
            Destination::Webhook(_) | Destination::Syslog(_) => Ok(()),
        }
    }

    /// Unless somebody has sent the place back meanwhile.
    async fn keep(&self, place: &Forward, (from, sequence): (u64, u64)) -> Result<(), StoreError> {
        self.store.note(Note::Forwarded { place: place.id.clone(), from: Some(from), sequence }).await
    }
}

/// The name of an entry's event.
fn name_of(entry: &Stored) -> String {
    text_of(entry, "event")
}

fn text_of(entry: &Stored, key: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap_or_default();
    body.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn time_of(entry: &Stored) -> Timestamp {
    text_of(entry, "at").parse().unwrap_or(Timestamp::EPOCH)
}

fn line(entry: &Stored) -> LogLine {
    LogLine { at: time_of(entry), event: name_of(entry), sequence: entry.sequence, body: entry.shown().to_string() }
}

/// After so many failures: twice as long each time, up to a bound.
fn delay(failures: u32) -> Span {
    let factor = 1_i64.checked_shl(failures.min(20)).unwrap_or(i64::MAX);
    Span::millis(FIRST_DELAY.as_millis().saturating_mul(factor)).min(LONGEST_DELAY)
}
