//! How far long work has come, on standard error and only where somebody looks.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// So many of something.
pub(super) fn of(total: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let look = format!("{{bar:30}} {{pos}} of {{len}} {what}  {{eta}} left");
    ProgressBar::new(total).with_style(ProgressStyle::with_template(&look).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Something whose length nobody knows.
pub(super) fn of_unknown(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
