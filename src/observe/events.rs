//! Events: what happened, for operators.

use std::{io, sync::Arc, time::Duration};

use prometheus::IntCounter;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::ParseError,
    fmt,
    layer::{Layered, SubscriberExt},
    reload,
    util::{SubscriberInitExt, TryInitError},
};

use super::lines::{EVENTS, Lines, Out};
use crate::config::{LogFormat, LogLevel};

/// So many may wait to be written.
const WAITING: usize = 256;

/// Why events cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The level cannot be read.
    #[error("the level of events cannot be read")]
    Level(#[from] ParseError),
    /// Somebody else has begun to.
    #[error("events are written already")]
    Taken(#[from] TryInitError),
    /// They cannot be written differently.
    #[error("the way that events are written cannot be changed")]
    Fixed(#[from] reload::Error),
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

/// How events are written; it can be changed while the process runs.
#[derive(Clone)]
pub struct Events {
    shape: reload::Handle<Shape, Filtered>,
    filter: reload::Handle<EnvFilter, Registry>,
    lines: Arc<Lines>,
}

type Filtered = Layered<reload::Layer<EnvFilter, Registry>, Registry>;
type Shape = Box<dyn Layer<Filtered> + Send + Sync>;

/// Begins to write events, once a process: JSON to standard output, text to standard error (in colour on a terminal).
pub fn subscribe(format: LogFormat, level: LogLevel) -> Result<Events, SubscribeError> {
    let lines = Arc::new(Lines::to(EVENTS, out(format), WAITING));
    let (filter, filter_handle) = reload::Layer::new(filter(level)?);
    let (shape, shape_handle) = reload::Layer::new(shape(format, &lines));
    tracing_subscriber::registry().with(filter).with(shape).try_init()?;
    Ok(Events { shape: shape_handle, filter: filter_handle, lines })
}

impl Events {
    /// Writes them differently from now on.
    pub fn change(&self, format: LogFormat, level: LogLevel) -> Result<(), SubscribeError> {
        self.filter.reload(filter(level)?)?;
        self.shape.reload(shape(format, &self.lines))?;
        self.lines.redirect(out(format));
        Ok(())
    }

    /// Those that are lost are counted there.
    pub fn count_lost(&self, counter: IntCounter) {
        self.lines.count_lost(counter);
    }

    /// Waits until everything so far is written, but no longer than this.
    pub fn flush(&self, patience: Duration) {
        self.lines.flush(patience);
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("lines", &self.lines).finish_non_exhaustive()
    }
}

fn out(format: LogFormat) -> Out {
    match format {
        LogFormat::Json => Box::new(io::stdout()),
        LogFormat::Text => Box::new(io::stderr()),
    }
}

/// Libraries are heard when they warn; they say too much about requests otherwise.
fn filter(level: LogLevel) -> Result<EnvFilter, SubscribeError> {
    Ok(EnvFilter::builder().parse(format!("warn,guestgate={}", level.as_str()))?)
}

fn shape(format: LogFormat, lines: &Arc<Lines>) -> Shape {
    let writer = Writer(Arc::clone(lines));
    let colour = format == LogFormat::Text && io::IsTerminal::is_terminal(&io::stderr());
    match format {
        LogFormat::Json => {
            fmt::layer().with_writer(writer).json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        LogFormat::Text => fmt::layer().with_writer(writer).with_ansi(colour).with_target(false).boxed(),
    }
}

/// Hands each event to the thread that writes.
#[derive(Debug, Clone)]
struct Writer(Arc<Lines>);

impl io::Write for Writer {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write(event.to_vec(), 1);
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::MakeWriter<'_> for Writer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
