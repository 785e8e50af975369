//! One struct, one field a metric: the names and labels that dashboards depend on.

use std::{fmt, sync::Arc, time::Duration};

use prometheus::{
    Error, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::{Collector, MetricVec, MetricVecBuilder},
};

use super::{
    AppMetrics, CacheLabel, Direction, InvitationEvent, Label, ListenerLabel, LogLabel, Outcome, OverloadReason, PolicyMetrics,
    PolicyResult, PolicyState, RefusedReason, ReloadWhat, SignInResult, Tally, UpstreamMetrics, UpstreamResult, handles::AppVectors,
    tally::Tallies,
};
use crate::base::{AppId, Digest, Host, Name, Span, Timestamp};

/// Everything that is counted. Made once, shared by reference; nothing global.
pub struct Metrics {
    pub(super) registry: Registry,
    requests: IntCounterVec,
    request_duration: HistogramVec,
    gateway_duration: HistogramVec,
    decision_duration: [Histogram; 2],
    decisions: IntCounterVec,
    policy_results: IntCounterVec,
    pub(super) tallies: Tallies,
    sessions: IntGaugeVec,
    open_connections: IntGaugeVec,
    signins: IntCounterVec,
    invitations: IntCounterVec,
    revocation_delay: Histogram,
    upstream_requests: IntCounterVec,
    upstream_healthy: IntGaugeVec,
    trailers_dropped: IntCounterVec,
    overload_refusals: IntCounterVec,
    reloads: IntCounterVec,
    log_lines_dropped: IntCounterVec,
    config_hash: IntGaugeVec,
    policies_held: IntGauge,
    lifecycle_looked: Gauge,
    reviews: IntGaugeVec,
    review_left: IntGaugeVec,
    mails_waiting: IntGauge,
    forward_lag_entries: IntGaugeVec,
    forward_lag_seconds: GaugeVec,
    certificate_expiry: GaugeVec,
    start_time: Gauge,
    refused: Vec<IntCounter>,
}

/// What was built.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// Of the package.
    pub version: &'static str,
    /// Of the source tree, or `unknown`.
    pub revision: &'static str,
}

impl Build {
    /// This one. Whoever builds says which revision by the variable `GUESTGATE_REVISION`.
    pub const THIS: Self = Self {
        version: env!("CARGO_PKG_VERSION"),
        revision: match option_env!("GUESTGATE_REVISION") {
            Some(revision) => revision,
            None => "unknown",
        },
    };
}

/// Registers what it makes.
struct Maker<'r>(&'r Registry);

impl Maker<'_> {
    fn keep<C: Collector + Clone + 'static>(&self, made: Result<C, Error>) -> Result<C, Error> {
        let made = made?;
        self.0.register(Box::new(made.clone()))?;
        Ok(made)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        self.keep(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, Error> {
        self.keep(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn histograms(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> Result<HistogramVec, Error> {
        self.keep(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }
}

/// A whole request: what an app takes.
const WHOLE: [f64; 14] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];
/// What we add: microseconds, where all is well.
const OWN: [f64; 14] =
    [0.000_001, 0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.005, 0.025, 0.1, 1.0];
/// A decision.
const DECISION: [f64; 13] =
    [0.000_000_1, 0.000_000_2, 0.000_000_5, 0.000_001, 0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.01];
/// From a change to its effect: one second is promised here, two elsewhere.
const DELAY: [f64; 11] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

impl Metrics {
    /// All metrics, at nothing.
    pub fn new(build: Build, now: Timestamp) -> Result<Self, Error> {
        let registry = Registry::new();
        let make = Maker(&registry);
        let decision = make.histograms("guestgate_decision_duration_seconds", "How long a policy decision took.", &["cache"], &DECISION)?;
        let delay =
            HistogramOpts::new("guestgate_revocation_delay_seconds", "Time from a change of the directory to its effect on this gateway.");
        let info = make.gauges("guestgate_build_info", "What runs here; always 1.", &["version", "revision"])?;
        info.with_label_values(&[build.version, build.revision]).set(1);
        let refused =
            make.counters("guestgate_refused_total", "Connections closed and requests refused because of a limit.", &["reason"])?;
        let metrics = Self {
            refused: RefusedReason::ALL.iter().map(|reason| refused.with_label_values(&[reason.as_str()])).collect(),
            requests: make.counters(
                "guestgate_requests_total",
                "Requests answered, by what was decided.",
                &["app", "decision", "status"],
            )?,
            request_duration: make.histograms(
                "guestgate_request_duration_seconds",
                "Time from a request's first byte to its answer's last.",
                &["app"],
                &WHOLE,
            )?,
            gateway_duration: make.histograms(
                "guestgate_gateway_duration_seconds",
                "Time that the gateway itself added to a request.",
                &["app"],
                &OWN,
            )?,
            decision_duration: [CacheLabel::Hit, CacheLabel::Miss].map(|cache| decision.with_label_values(&[cache.as_str()])),
            decisions: make.counters("guestgate_decisions_total", "Policy decisions.", &["app", "decision", "cache"])?,
            policy_results: make.counters(
                "guestgate_policy_results_total",
                "Requests that a policy applied to, by what it had to say.",
                &["app", "policy", "state", "result"],
            )?,
            tallies: Tallies::default(),
            sessions: make.gauges("guestgate_sessions", "Live sessions in memory.", &["app"])?,
            open_connections: make.gauges("guestgate_open_connections", "Open connections from clients.", &["listener"])?,
            signins: make.counters("guestgate_signins_total", "Sign-ins that ended, by method.", &["method", "result"])?,
            invitations: make.counters("guestgate_invitations_total", "What happened to invitations.", &["app", "event"])?,
            revocation_delay: make.keep(Histogram::with_opts(delay.buckets(DELAY.to_vec())))?,
            upstream_requests: make.counters(
                "guestgate_upstream_requests_total",
                "Requests sent to an upstream, by how they ended.",
                &["app", "upstream", "result"],
            )?,
            upstream_healthy: make.gauges("guestgate_upstream_healthy", "Whether an upstream answers.", &["app", "upstream"])?,
            overload_refusals: make.counters(
                "guestgate_overload_refusals_total",
                "Requests that were not sent to an app because it has enough to do, or fails.",
                &["app", "reason"],
            )?,
            trailers_dropped: make.counters(
                "guestgate_trailers_dropped_total",
                "Messages whose trailers were dropped, wholly or in part.",
                &["app", "direction"],
            )?,
            reloads: make.counters("guestgate_reloads_total", "Attempts to load something anew.", &["what", "result"])?,
            policies_held: make
                .keep(IntGauge::new("guestgate_policies_held", "Whether new policies wait for somebody to confirm them."))?,
            lifecycle_looked: make.keep(Gauge::new(
                "guestgate_lifecycle_looked_seconds",
                "When everybody was last looked at for what comes due by itself, in seconds since the epoch.",
            ))?,
            reviews: make.gauges("guestgate_reviews", "Access reviews that are not over; overdue ones should have been.", &["state"])?,
            review_left: make.gauges("guestgate_review_accesses_left", "Accesses that an open review has no answer for.", &["app"])?,
            mails_waiting: make.keep(IntGauge::new("guestgate_mails_waiting", "Mails that are neither sent nor given up."))?,
            forward_lag_entries: make.gauges(
                "guestgate_audit_forward_lag_entries",
                "Entries of the audit log that a place has not been sent yet.",
                &["place"],
            )?,
            forward_lag_seconds: make.keep(GaugeVec::new(
                Opts::new(
                    "guestgate_audit_forward_lag_seconds",
                    "How old the oldest entry is that a place has not been sent yet; 0 where there is none.",
                ),
                &["place"],
            ))?,
            log_lines_dropped: make.counters(
                "guestgate_log_lines_dropped_total",
                "Lines of a log that could not be written, or came faster than they could be.",
                &["log"],
            )?,
            config_hash: make.gauges("guestgate_config_hash_info", "The configuration in force; always 1.", &["hash"])?,
            certificate_expiry: make.keep(GaugeVec::new(
                Opts::new("guestgate_certificate_expiry_seconds", "When a host's certificate ends, in seconds since the epoch."),
                &["host"],
            ))?,
            start_time: make.keep(Gauge::new("process_start_time_seconds", "When this process began, in seconds since the epoch."))?,
            registry,
        };
        metrics.start_time.set(seconds(now));
        Ok(metrics)
    }

    /// Handles of an app.
    pub fn app(&self, app: &AppId) -> AppMetrics {
        self.labelled(app.as_str())
    }

    /// Handles of the portal host. No app can have this label: ids begin with a letter or digit.
    pub fn portal(&self) -> AppMetrics {
        self.labelled("_portal")
    }

    /// Handles of requests that are for no host of ours, or malformed before one is known.
    pub fn unrouted(&self) -> AppMetrics {
        self.labelled("_none")
    }

    fn labelled(&self, label: &str) -> AppMetrics {
        AppMetrics::bind(AppVectors {
            label,
            requests: &self.requests,
            decisions: &self.decisions,
            request_duration: &self.request_duration,
            gateway_duration: &self.gateway_duration,
            sessions: &self.sessions,
        })
    }

    /// Handles of an upstream, named as the configuration writes it. It counts as healthy until it is seen not to be.
    pub fn upstream(&self, app: &AppId, upstream: &str) -> UpstreamMetrics {
        UpstreamMetrics::bind(&self.upstream_requests, &self.upstream_healthy, &[app.as_str(), upstream])
    }

    /// Counts a request that is kept from an app.
    pub fn overloaded(&self, app: &AppId, reason: OverloadReason) {
        self.overload_refusals.with_label_values(&[app.as_str(), reason.as_str()]).inc();
    }

    /// Forgets an upstream that an app does not have any more.
    pub fn forget_upstream(&self, app: &AppId, upstream: &str) {
        for result in UpstreamResult::ALL {
            // Most have never been counted.
            let _ = self.upstream_requests.remove_label_values(&[app.as_str(), upstream, result.as_str()]);
        }
        let _ = self.upstream_healthy.remove_label_values(&[app.as_str(), upstream]);
    }

    /// Messages of an app whose trailers were dropped.
    pub fn trailers_dropped(&self, app: &AppId, direction: Direction) -> IntCounter {
        self.trailers_dropped.with_label_values(&[app.as_str(), direction.as_str()])
    }

    /// Handles of a policy as one app has it.
    pub fn policy(&self, app: &AppId, policy: &str, state: PolicyState) -> PolicyMetrics {
        PolicyMetrics::bind(&self.policy_results, &[app.as_str(), policy, state.as_str()])
    }

    /// Counts how often an outcome comes about, of which each of these policies says this.
    pub fn tally(&self, said: impl IntoIterator<Item = (PolicyMetrics, PolicyResult)>) -> Arc<Tally> {
        self.tallies.open(said)
    }

    /// Forgets the series of apps that are not configured any more, so that dashboards do not show sessions of what is gone.
    pub fn retain_apps(&self, known: &dyn Fn(&str) -> bool) {
        // What is told later would bring a series back.
        self.tallies.settle();
        let keep = |app: &str| app.starts_with('_') || known(app);
        prune(&self.requests, &["app", "decision", "status"], &keep);
        prune(&self.request_duration, &["app"], &keep);
        prune(&self.gateway_duration, &["app"], &keep);
        prune(&self.decisions, &["app", "decision", "cache"], &keep);
        prune(&self.policy_results, &["app", "policy", "state", "result"], &keep);
        prune(&self.sessions, &["app"], &keep);
        prune(&self.invitations, &["app", "event"], &keep);
        prune(&self.upstream_requests, &["app", "upstream", "result"], &keep);
        prune(&self.upstream_healthy, &["app", "upstream"], &keep);
        prune(&self.overload_refusals, &["app", "reason"], &keep);
        prune(&self.trailers_dropped, &["app", "direction"], &keep);
    }

    /// Records how long a decision took.
    pub fn decision_took(&self, cache: CacheLabel, took: Duration) {
        if let Some(histogram) = self.decision_duration.get(cache.ix()) {
            histogram.observe(took.as_secs_f64());
        }
    }

    /// Open connections on a listener.
    pub fn open_connections(&self, listener: ListenerLabel) -> IntGauge {
        self.open_connections.with_label_values(&[listener.as_str()])
    }

    /// Counts a connection that was closed, or a request that was refused, because of a limit.
    pub fn refused(&self, reason: RefusedReason) {
        if let Some(counter) = self.refused.get(reason.ix()) {
            counter.inc();
        }
    }

    /// Counts a sign-in that ended. `method` is [`Factor::method`](crate::base::Factor::method).
    pub fn signin(&self, method: &'static str, result: SignInResult) {
        self.signins.with_label_values(&[method, result.as_str()]).inc();
    }

    /// Counts what happened to an invitation.
    pub fn invitation(&self, app: &AppId, event: InvitationEvent) {
        self.invitations.with_label_values(&[app.as_str(), event.as_str()]).inc();
    }

    /// Records how long a change took to act here.
    pub fn revoked_after(&self, delay: Span) {
        self.revocation_delay.observe(delay.to_duration().as_secs_f64());
    }

    /// Counts lines of a log that were dropped.
    pub fn log_lines_dropped(&self, log: LogLabel) -> IntCounter {
        self.log_lines_dropped.with_label_values(&[log.as_str()])
    }

    /// Counts an attempt to load something anew.
    pub fn reload(&self, what: ReloadWhat, outcome: Outcome) {
        self.reloads.with_label_values(&[what.as_str(), outcome.as_str()]).inc();
    }

    /// Says whether new policies wait for somebody to confirm them.
    pub fn set_policies_held(&self, held: bool) {
        self.policies_held.set(i64::from(held));
    }

    /// Says since when nobody has been looked at for what comes due.
    pub fn looked_at_everybody(&self, at: Timestamp) {
        self.lifecycle_looked.set(seconds(at));
    }

    /// Says how many access reviews have time left and how many have not, and of each app how many accesses nobody has answered for.
    pub fn set_reviews<'a>(&self, open: usize, overdue: usize, left: impl IntoIterator<Item = (&'a AppId, u64)>) {
        for (state, n) in [("open", open), ("overdue", overdue)] {
            self.reviews.with_label_values(&[state]).set(i64::try_from(n).unwrap_or(i64::MAX));
        }
        self.review_left.reset();
        for (app, left) in left {
            self.review_left.with_label_values(&[app.as_str()]).set(i64::try_from(left).unwrap_or(i64::MAX));
        }
    }

    /// Says how many mails are neither sent nor given up.
    pub fn set_mails_waiting(&self, mails: u64) {
        self.mails_waiting.set(i64::try_from(mails).unwrap_or(i64::MAX));
    }

    /// Says how far places are behind to which the audit log is sent: by how many entries, and by how much.
    pub fn set_forward_lags(&self, lags: &[(Name, u64, Span)]) {
        self.forward_lag_entries.reset();
        self.forward_lag_seconds.reset();
        for (place, entries, age) in lags {
            self.forward_lag_entries.with_label_values(&[place.as_str()]).set(i64::try_from(*entries).unwrap_or(i64::MAX));
            self.forward_lag_seconds.with_label_values(&[place.as_str()]).set(age.as_millis() as f64 / 1_000.0);
        }
    }

    /// Until when each host's certificate is valid.
    pub fn certificates(&self) -> Vec<(String, Timestamp)> {
        let families = self.certificate_expiry.collect();
        let metrics = families.iter().flat_map(|family| family.get_metric());
        let one = |metric: &prometheus::proto::Metric| {
            let host = metric.get_label().first().map(|label| label.value().to_owned())?;
            Some((host, from_seconds(metric.get_gauge().get_value())))
        };
        metrics.filter_map(one).collect()
    }

    /// Says which configuration is in force.
    pub fn set_config_hash(&self, hash: &Digest) {
        let text: String = hash.as_bytes().iter().take(8).map(|b| format!("{b:02x}")).collect();
        self.config_hash.reset();
        self.config_hash.with_label_values(&[text.as_str()]).set(1);
    }

    /// Says until when each host's certificate is valid; hosts that are not named any more disappear.
    pub fn set_certificate_expiry<'h>(&self, hosts: impl IntoIterator<Item = (&'h Host, Timestamp)>) {
        self.certificate_expiry.reset();
        for (host, not_after) in hosts {
            self.certificate_expiry.with_label_values(&[host.as_str()]).set(seconds(not_after));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since the epoch are exact in a double for 285 million years")]
fn seconds(at: Timestamp) -> f64 {
    at.as_secs() as f64
}

#[expect(clippy::cast_possible_truncation, reason = "it was made of such a number")]
fn from_seconds(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1_000.0) as i64)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// Removes the series whose `app` is not to be kept. `order` is that in which the labels were declared.
fn prune<T: MetricVecBuilder>(series: &MetricVec<T>, order: &[&str], keep: &dyn Fn(&str) -> bool) {
    for family in series.collect() {
        for metric in family.get_metric() {
            let value = |name: &str| metric.get_label().iter().find(|l| l.name() == name).map_or("", |l| l.value());
            if !keep(value("app")) {
                let values: Vec<&str> = order.iter().map(|name| value(name)).collect();
                // Somebody else may have removed it since.
                let _ = series.remove_label_values(&values);
            }
        }
    }
}
