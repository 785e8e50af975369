//! Metrics as text: the Prometheus format, and OpenMetrics for those who ask.

use prometheus::{
    TextEncoder,
    proto::{MetricFamily, MetricType},
};

use super::Metrics;

/// The two ways to write metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// `text/plain; version=0.0.4`.
    Prometheus,
    /// `application/openmetrics-text; version=1.0.0`.
    OpenMetrics,
}

impl Exposition {
    /// What an `Accept` header asks for; the Prometheus format where it does not prefer the other.
    pub fn wanted(accept: Option<&str>) -> Self {
        let quality = |kind: &str| -> f32 {
            let ranges = accept.unwrap_or_default().split(',').map(str::trim);
            let mut found = ranges.filter(|range| range.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case(kind)));
            let Some(range) = found.next() else { return 0.0 };
            let q = range.split(';').skip(1).filter_map(|p| p.trim().strip_prefix("q=")).next();
            q.map_or(1.0, |q| q.parse().unwrap_or(0.0))
        };
        let open = quality("application/openmetrics-text");
        if open > 0.0 && open >= quality("text/plain") { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// The media type of the answer.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl Metrics {
    /// All metrics in the Prometheus format.
    pub fn render(&self) -> String {
        self.render_as(Exposition::Prometheus)
    }

    /// All metrics in this format.
    pub fn render_as(&self, exposition: Exposition) -> String {
        self.tallies.settle();
        let mut families = self.registry.gather();
        if exposition == Exposition::OpenMetrics {
            return open_metrics(&mut families);
        }
        let mut text = String::new();
        // The encoder fails only where a family is empty, and those are not gathered.
        if let Err(error) = TextEncoder::new().encode_utf8(&families, &mut text) {
            tracing::error!(%error, "metrics could not be written");
        }
        text
    }
}

/// OpenMetrics differs in the names of families (a counter's has no `_total`) and ends in `# EOF`.
fn open_metrics(families: &mut [MetricFamily]) -> String {
    let mut text = String::new();
    for family in families {
        let mut one = String::new();
        if let Err(error) = TextEncoder::new().encode_utf8(std::slice::from_ref(family), &mut one) {
            tracing::error!(%error, "metrics could not be written");
            continue;
        }
        let (name, kind) = (family.name(), family.get_field_type());
        for line in one.lines() {
            match line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE ")).and_then(|rest| rest.strip_prefix(name)) {
                Some(rest) => {
                    let head = line.get(..7).unwrap_or_default();
                    let family_name = if kind == MetricType::COUNTER { name.strip_suffix("_total").unwrap_or(name) } else { name };
                    text.push_str(head);
                    text.push_str(family_name);
                    text.push_str(rest);
                }
                None => text.push_str(line),
            }
            text.push('\n');
        }
    }
    text.push_str("# EOF\n");
    text
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
        time::Duration,
    };

    use super::*;
    use crate::{
        base::{AppId, Digest, Host, Span, Timestamp},
        observe::{
            Build, CacheLabel, DecisionLabel, InvitationEvent, ListenerLabel, Outcome, PolicyResult, PolicyState, ReloadWhat, RequestSeen,
            SignInResult, UpstreamResult,
        },
    };

    /// Metrics with one observation of everything.
    fn used() -> Metrics {
        let metrics = Metrics::new(Build { version: "0.1.0", revision: "unknown" }, Timestamp::from_millis(1_000)).unwrap();
        let charts = AppId::parse("charts").unwrap();
        let app = metrics.app(&charts);
        let (whole, gateway) = (Duration::from_millis(3), Duration::from_micros(3));
        app.request(RequestSeen { decision: DecisionLabel::Allow, status: 204, whole, gateway });
        app.request(RequestSeen { decision: DecisionLabel::NotAssigned, status: 403, whole, gateway });
        app.decision(DecisionLabel::Allow, CacheLabel::Miss);
        app.sessions().set(2);
        metrics.portal().request(RequestSeen { decision: DecisionLabel::Public, status: 200, whole, gateway });
        metrics.unrouted().request(RequestSeen { decision: DecisionLabel::Refused, status: 999, whole, gateway });
        metrics.decision_took(CacheLabel::Miss, Duration::from_nanos(700));
        metrics.policy(&charts, "two-factors", PolicyState::ReportOnly).result(PolicyResult::Challenge, 3);
        metrics.open_connections(ListenerLabel::Https).inc();
        metrics.signin("email-code", SignInResult::Success);
        metrics.invitation(&charts, InvitationEvent::Issued);
        metrics.revoked_after(Span::millis(3));
        let upstream = metrics.upstream(&charts, "http://10.0.0.5:8080");
        upstream.request(UpstreamResult::Answered);
        upstream.set_healthy(Outcome::Failure);
        metrics.reload(ReloadWhat::Policies, Outcome::Failure);
        metrics.set_config_hash(&Digest::of(b"old"));
        metrics.set_config_hash(&Digest::of(b"new"));
        metrics.set_certificate_expiry([(&Host::parse("charts.example.com").unwrap(), Timestamp::from_millis(1_800_000_000_000))]);
        metrics
    }

    #[test]
    fn metrics_have_the_names_and_labels_of_the_specification() {
        let text = used().render();
        let series = text.lines().filter(|l| !l.contains("_bucket{") || l.contains("le=\"0.000001\""));
        insta::assert_snapshot!(series.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn only_the_configuration_in_force_has_a_hash() {
        let text = used().render();
        assert_eq!(text.lines().filter(|l| l.starts_with("guestgate_config_hash_info{")).count(), 1);
    }

    #[test]
    fn an_app_that_is_gone_leaves_no_series_and_the_others_stay() {
        let metrics = used();
        metrics.app(&AppId::parse("orders").unwrap()).sessions().set(1);
        metrics.retain_apps(&|app| app == "orders");
        let text = metrics.render();
        assert!(!text.contains("app=\"charts\""), "{text}");
        assert!(text.contains("guestgate_sessions{app=\"orders\"} 1") && text.contains("guestgate_requests_total{app=\"_portal\""));
    }

    #[test]
    fn open_metrics_name_counters_without_total_and_end() {
        let text = used().render_as(Exposition::OpenMetrics);
        assert!(text.contains("# TYPE guestgate_requests counter\nguestgate_requests_total{"), "{text}");
        assert!(text.contains("# TYPE guestgate_sessions gauge\n"));
        assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1);
    }

    #[test]
    fn the_format_is_what_accept_prefers() {
        let scraper = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
        for (accept, want) in [
            (None, Exposition::Prometheus),
            (Some("*/*"), Exposition::Prometheus),
            (Some("text/plain"), Exposition::Prometheus),
            (Some(scraper), Exposition::OpenMetrics),
            (Some("application/openmetrics-text;q=0.1, text/plain"), Exposition::Prometheus),
            (Some("application/openmetrics-text;q=0"), Exposition::Prometheus),
        ] {
            assert_eq!(Exposition::wanted(accept), want, "{accept:?}");
        }
    }

    #[test]
    fn promtool_finds_nothing_wrong() {
        let child =
            Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // Not every machine that builds has Prometheus.
        let Ok(mut child) = child else { return };
        child.stdin.take().unwrap().write_all(used().render().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.trim().is_empty(), "{said}");
    }
}
