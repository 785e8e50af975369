//! Events: what happened, for operators.

use std::io;

use tracing_subscriber::{EnvFilter, Layer, filter::ParseError, fmt, layer::SubscriberExt, util::SubscriberInitExt, util::TryInitError};

use crate::config::{LogFormat, LogLevel};

/// Why events cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The level cannot be read.
    #[error("the level of events cannot be read")]
    Level(#[from] ParseError),
    /// Somebody else has begun to.
    #[error("events are written already")]
    Taken(#[from] TryInitError),
}

/// An error and what caused it, on one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Begins to write events, once a process: JSON to standard output, text to standard error (in colour on a terminal).
pub fn subscribe(format: LogFormat, level: LogLevel) -> Result<(), SubscribeError> {
    // Libraries are heard when they warn; they say too much about requests otherwise.
    let filter = EnvFilter::builder().parse(format!("warn,guestgate={}", level.as_str()))?;
    let colour = format == LogFormat::Text && io::IsTerminal::is_terminal(&io::stderr());
    let layer = match format {
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Text => fmt::layer().with_writer(io::stderr).with_ansi(colour).with_target(false).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()?;
    Ok(())
}
