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
