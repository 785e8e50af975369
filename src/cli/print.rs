//! Text for people, in colour on a terminal.

use std::{
    ffi::OsStr,
    io::{self, IsTerminal, Write},
};

use crate::base::{Report, Severity, wrapped};

/// Prints a line. Fails where standard output is closed.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(())
}

/// Prints words after a label, in lines of no more than eighty columns; what does not fit goes on below the first word.
pub(super) fn paragraph(label: &str, text: &str) -> anyhow::Result<()> {
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

/// Columns that text for people keeps within.
const WIDE: usize = 80;

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
    let colour = may_paint(&io::stderr());
    // Nobody is left to be told that the terminal is gone.
    let _ = writeln!(io::stderr().lock(), "{} {error:#}", paint("error:", RED, colour));
}

/// Prints all problems, an empty line between two.
pub(super) fn report(report: &Report) -> anyhow::Result<()> {
    let colour = may_paint(&io::stdout());
    let mut out = io::stdout().lock();
    for problem in report.iter() {
        let style = match problem.severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
        };
        for line in problem.message_within(WIDE) {
            writeln!(out, "{}", paint(&line, style, colour))?;
        }
        for line in problem.place_within(WIDE) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    let left_out = report.len() - report.iter().len();
    if left_out > 0 {
        writeln!(out, "… and {left_out} more\n")?;
    }
    Ok(())
}

/// Prints words, good news in green, bad news in red.
pub(super) fn verdict(text: &str, good: bool) -> anyhow::Result<()> {
    line(&paint(text, if good { GREEN } else { RED }, may_paint(&io::stdout())))
}

/// Prints what stands above something longer.
pub(super) fn heading(text: &str) -> anyhow::Result<()> {
    let colour = may_paint(&io::stdout());
    wrapped(text, WIDE, "    ").iter().try_for_each(|part| line(&paint(part, BOLD, colour)))
}

/// So many of something.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Colour is for terminals, and for those who have not said that they want none (<https://no-color.org>).
fn may_paint(stream: &impl IsTerminal) -> bool {
    wants_colour(stream.is_terminal(), std::env::var_os("NO_COLOR").as_deref(), std::env::var_os("TERM").as_deref())
}

fn wants_colour(is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

const BOLD: &str = "1";
const GREEN: &str = "1;32";
const RED: &str = "1;31";
const YELLOW: &str = "1;33";

fn paint(text: &str, style: &str, colour: bool) -> String {
    if colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_of_people_who_want_it() {
        let some = |text: &'static str| Some(OsStr::new(text));
        for (is_terminal, no_color, term, wanted) in [
            (true, None, some("xterm"), true),
            (true, some(""), some("xterm"), true),
            (true, some("1"), some("xterm"), false),
            (true, None, some("dumb"), false),
            (true, None, None, true),
            (false, None, some("xterm"), false),
        ] {
            assert_eq!(wants_colour(is_terminal, no_color, term), wanted, "{is_terminal} {no_color:?} {term:?}");
        }
    }
}
