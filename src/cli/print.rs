//! Text for people, in colour on a terminal.

use std::io::{self, IsTerminal, Write};

use crate::base::{Report, Severity};

/// Prints a line. Fails where standard output is closed.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(())
}

/// Prints words after a label, in lines of no more than eighty columns; what does not fit goes on below the first word.
pub(super) fn paragraph(label: &str, text: &str) -> anyhow::Result<()> {
    const WIDE: usize = 80;
    let indent = " ".repeat(label.chars().count());
    let (mut current, mut empty) = (label.to_owned(), true);
    for word in text.split_whitespace() {
        if !empty && current.chars().count() + 1 + word.chars().count() > WIDE {
            line(current.trim_end())?;
            (current, empty) = (indent.clone(), true);
        }
        if !empty {
            current.push(' ');
        }
        // What came from elsewhere moves no cursor.
        current.extend(word.chars().map(|c| if is_unseen(c) { '?' } else { c }));
        empty = false;
    }
    line(current.trim_end())
}

/// Controls, and marks that turn the direction of text.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Says something on standard error that is no part of the answer.
pub(super) fn aside(text: &str) {
    // Nobody is left to be told that the terminal is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says on standard error why a command failed: the error and what caused it.
pub(super) fn failure(error: &anyhow::Error) {
    let colour = io::stderr().is_terminal();
    // Nobody is left to be told that the terminal is gone.
    let _ = writeln!(io::stderr().lock(), "{} {error:#}", paint("error:", RED, colour));
}

/// Prints all problems, an empty line between two.
pub(super) fn report(report: &Report) -> anyhow::Result<()> {
    let colour = io::stdout().is_terminal();
    let mut out = io::stdout().lock();
    for problem in report.iter() {
        let text = problem.to_string();
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let style = match problem.severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
        };
        writeln!(out, "{}", paint(first, style, colour))?;
        if !rest.is_empty() {
            writeln!(out, "{rest}")?;
        }
        writeln!(out)?;
    }
    let left_out = report.len() - report.iter().len();
    if left_out > 0 {
        writeln!(out, "… and {left_out} more\n")?;
    }
    Ok(())
}

const RED: &str = "1;31";
const YELLOW: &str = "1;33";

fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
}
