//! Metrics whose labels are known when a configuration is loaded: bound once, then a few nanoseconds each.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use super::{CacheLabel, DecisionLabel, Label, Outcome, PolicyResult, UpstreamResult};

/// One app's handles, bound when the configuration is loaded; a series begins with its first use.
#[derive(Clone)]
pub struct AppMetrics(Arc<AppHandles>);

struct AppHandles {
    label: Box<str>,
    requests: Bound<{ 8 * 5 }>,
    decisions: Bound<{ 8 * 2 }>,
    request_duration: Histogram,
    gateway_duration: Histogram,
    sessions: IntGauge,
}

/// One upstream's handles.
#[derive(Clone)]
pub struct UpstreamMetrics(Arc<UpstreamHandles>);

struct UpstreamHandles {
    results: Bound<5>,
    healthy: IntGauge,
}

/// One policy's handles.
#[derive(Clone)]
pub struct PolicyMetrics(Arc<Bound<3>>);

/// What is recorded of a request when it is over.
#[derive(Debug, Clone, Copy)]
pub struct RequestSeen {
    /// How it was answered.
    pub decision: DecisionLabel,
    /// The status that was sent.
    pub status: u16,
    /// From its first byte to the answer's last.
    pub whole: Duration,
    /// The time in it that we added.
    pub gateway: Duration,
}

/// Counters that share all labels but some closed ones; each is looked up at its first use.
struct Bound<const N: usize> {
    of: IntCounterVec,
    before: Vec<String>,
    after: fn(usize) -> Vec<&'static str>,
    cells: [OnceLock<IntCounter>; N],
}

impl<const N: usize> Bound<N> {
    fn new(of: &IntCounterVec, before: &[&str], after: fn(usize) -> Vec<&'static str>) -> Self {
        let before = before.iter().map(|&s| s.to_owned()).collect();
        Self { of: of.clone(), before, after, cells: [const { OnceLock::new() }; N] }
    }

    fn add(&self, ix: usize, n: u64) {
        let Some(cell) = self.cells.get(ix) else { return };
        cell.get_or_init(|| {
            let mut values: Vec<&str> = self.before.iter().map(String::as_str).collect();
            values.extend((self.after)(ix));
            self.of.with_label_values(&values)
        })
        .inc_by(n);
    }
}

const STATUS: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

fn label_at<L: Label>(ix: usize) -> &'static str {
    L::ALL.get(ix).map_or("", |label| label.as_str())
}

impl AppMetrics {
    pub(super) fn bind(of: AppVectors<'_>) -> Self {
        let requests = |ix: usize| vec![label_at::<DecisionLabel>(ix / STATUS.len()), STATUS.get(ix % STATUS.len()).copied().unwrap_or("")];
        let decisions = |ix: usize| {
            let n = CacheLabel::ALL.len();
            vec![label_at::<DecisionLabel>(ix / n), label_at::<CacheLabel>(ix % n)]
        };
        let label = [of.label];
        Self(Arc::new(AppHandles {
            label: of.label.into(),
            requests: Bound::new(of.requests, &label, requests),
            decisions: Bound::new(of.decisions, &label, decisions),
            request_duration: of.request_duration.with_label_values(&label),
            gateway_duration: of.gateway_duration.with_label_values(&label),
            sessions: of.sessions.with_label_values(&label),
        }))
    }

    /// Counts a request that is over.
    pub fn request(&self, seen: RequestSeen) {
        let class = usize::from(seen.status / 100).clamp(1, STATUS.len()) - 1;
        self.0.requests.add(seen.decision.ix() * STATUS.len() + class, 1);
        self.0.request_duration.observe(seen.whole.as_secs_f64());
        self.0.gateway_duration.observe(seen.gateway.as_secs_f64());
    }

    /// Counts a decision. How long it took is [`Metrics::decision_took`].
    pub fn decision(&self, decision: DecisionLabel, cache: CacheLabel) {
        self.0.decisions.add(decision.ix() * CacheLabel::ALL.len() + cache.ix(), 1);
    }

    /// Live sessions on this app.
    pub fn sessions(&self) -> &IntGauge {
        &self.0.sessions
    }

    /// The value of the label `app`.
    pub fn label(&self) -> &str {
        &self.0.label
    }
}

impl UpstreamMetrics {
    pub(super) fn bind(requests: &IntCounterVec, healthy: &IntGaugeVec, labels: &[&str]) -> Self {
        let healthy = healthy.with_label_values(labels);
        healthy.set(1);
        let results = Bound::new(requests, labels, |ix| vec![label_at::<UpstreamResult>(ix)]);
        Self(Arc::new(UpstreamHandles { results, healthy }))
    }

    /// Counts a request that was sent there.
    pub fn request(&self, result: UpstreamResult) {
        self.0.results.add(result.ix(), 1);
    }

    /// Says whether it answers.
    pub fn set_healthy(&self, outcome: Outcome) {
        self.0.healthy.set(i64::from(outcome == Outcome::Success));
    }
}

impl PolicyMetrics {
    pub(super) fn bind(results: &IntCounterVec, labels: &[&str]) -> Self {
        Self(Arc::new(Bound::new(results, labels, |ix| vec![label_at::<PolicyResult>(ix)])))
    }

    /// Counts requests that it applied to.
    pub fn result(&self, result: PolicyResult, n: u64) {
        self.0.add(result.ix(), n);
    }
}

/// What an app's handles are made from.
#[derive(Clone, Copy)]
pub(super) struct AppVectors<'m> {
    pub(super) label: &'m str,
    pub(super) requests: &'m IntCounterVec,
    pub(super) decisions: &'m IntCounterVec,
    pub(super) request_duration: &'m HistogramVec,
    pub(super) gateway_duration: &'m HistogramVec,
    pub(super) sessions: &'m IntGaugeVec,
}

macro_rules! opaque {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(stringify!($name)) }
        }
    )*};
}

opaque!(AppMetrics, UpstreamMetrics, PolicyMetrics);
