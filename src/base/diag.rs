//! Problems that point: file, line, column, the line itself, and what would be right.

use std::{fmt, sync::Arc};

/// A text that was read from somewhere, with the name that messages give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As the reader would type it, such as `policies/charts.yaml`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// A place in a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct At {
    /// Line, from 1; 0 where the problem has no place.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// How many characters are meant, at least 1.
    pub width: u32,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; nothing is refused.
    Warning,
    /// The whole input is refused.
    Error,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, where there is one.
    pub file: Option<Arc<str>>,
    /// The place in the file.
    pub at: At,
    /// The line at that place, cut where it is very long.
    pub line: Option<Arc<str>>,
    /// What is wrong: lower case, no full stop, user input in backticks.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// All problems of one input, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    problems: Vec<Diagnostic>,
    left_out: usize,
    errors: usize,
}

/// How many problems are kept; the rest are counted.
const MOST: usize = 1_000;
/// How much of a long line is shown.
const WINDOW: usize = 120;

impl Source {
    /// A text and its name.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The line with this number, from 1.
    fn line(&self, number: u32) -> Option<&str> {
        let ix = usize::try_from(number).ok()?.checked_sub(1)?;
        self.text.split('\n').nth(ix).map(|l| l.strip_suffix('\r').unwrap_or(l))
    }
}

impl Report {
    /// No problems.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error at a place.
    pub fn error(&mut self, source: &Source, at: At, message: impl Into<String>, help: Option<String>) {
        self.at(Severity::Error, source, at, message.into(), help);
    }

    /// Adds a warning at a place.
    pub fn warning(&mut self, source: &Source, at: At, message: impl Into<String>, help: Option<String>) {
        self.at(Severity::Warning, source, at, message.into(), help);
    }

    /// Adds a problem that has no line, such as a file that cannot be read.
    pub fn general(&mut self, severity: Severity, file: Option<&str>, message: impl Into<String>, help: Option<String>) {
        self.push(Diagnostic { severity, file: file.map(Arc::from), at: At::default(), line: None, message: message.into(), help });
    }

    /// Takes over another report.
    pub fn append(&mut self, other: Self) {
        self.left_out += other.left_out;
        self.errors += other.errors - other.problems.iter().filter(|p| p.severity == Severity::Error).count();
        for problem in other.problems {
            self.push(problem);
        }
    }

    /// Whether anything is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether anything in this file is an error.
    pub fn has_errors_in(&self, file: &str) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error && p.file.as_deref() == Some(file))
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many problems there are, those left out included.
    pub fn len(&self) -> usize {
        self.problems.len() + self.left_out
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The problems that are kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.problems.iter()
    }

    fn at(&mut self, severity: Severity, source: &Source, at: At, message: String, help: Option<String>) {
        let kept = self.problems.len() < MOST;
        // A line is looked for from the top, so only for those that are kept: a file may have as many problems as lines.
        let line = if kept { source.line(at.line).map(|line| window(line, at.column)) } else { None };
        self.push(Diagnostic { severity, file: Some(source.name.clone()), at, line, message, help });
    }

    fn push(&mut self, problem: Diagnostic) {
        self.errors += usize::from(problem.severity == Severity::Error);
        if self.problems.len() < MOST {
            self.problems.push(problem);
        } else {
            self.left_out += 1;
        }
    }
}

/// Cuts a long line to what is around the column; controls become spaces.
fn window(line: &str, column: u32) -> Arc<str> {
    let shown = line.chars().skip(window_start(column)).take(WINDOW);
    shown.map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into()
}

fn window_start(column: u32) -> usize {
    let column = usize::try_from(column).unwrap_or(0);
    if column > WINDOW { column - WINDOW / 2 } else { 0 }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if self.at.line > 0 {
                write!(f, "{}:{}:", self.at.line, self.at.column)?;
            }
            f.write_str(" ")?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        match (&self.line, &self.help) {
            (Some(line), help) => {
                let number = self.at.line.to_string();
                let column = usize::try_from(self.at.column).unwrap_or(1).saturating_sub(1 + window_start(self.at.column));
                let room = line.chars().count().saturating_sub(column).max(1);
                let width = usize::try_from(self.at.width).unwrap_or(1).clamp(1, room);
                write!(f, "\n{number} | {line}\n{:pad$} | {:column$}{}", "", "", "^".repeat(width), pad = number.len())?;
                help.as_ref().map_or(Ok(()), |help| write!(f, " {help}"))
            }
            (None, Some(help)) => write!(f, "\n  {help}"),
            (None, None) => Ok(()),
        }
    }
}

impl Diagnostic {
    /// What is wrong, in lines of at most so many columns.
    pub fn message_within(&self, columns: usize) -> Vec<String> {
        wrapped(self.to_string().lines().next().unwrap_or_default(), columns, "    ")
    }

    /// Where it is and what would be right, likewise: the line is cut around the place, and the help stands below where there is no room
    /// beside it.
    pub fn place_within(&self, columns: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let Some(line) = &self.line else {
            let help = self.help.iter().flat_map(|help| wrapped(help, columns.saturating_sub(2), ""));
            return help.map(|part| format!("  {part}")).collect();
        };
        let number = self.at.line.to_string();
        let (pad, room) = (number.len(), columns.saturating_sub(number.len() + 3).max(1));
        let column = index(self.at.column).saturating_sub(1 + window_start(self.at.column));
        let start = if column + index(self.at.width).min(room / 2) > room { column - room / 2 } else { 0 };
        let is_cut = start > 0 || window_start(self.at.column) > 0;
        let shown = part(line, start, room, is_cut);
        let column = column - start;
        let width = index(self.at.width).clamp(1, shown.chars().count().saturating_sub(column).max(1));
        let mark = format!("{:pad$} | {:column$}{}", "", "", "^".repeat(width));
        lines.push(format!("{number} | {shown}"));
        match &self.help {
            Some(help) if column + width + 1 + help.chars().count() <= room => lines.push(format!("{mark} {help}")),
            help => {
                lines.push(mark);
                let below = help.iter().flat_map(|help| wrapped(help, room, ""));
                lines.extend(below.enumerate().map(|(ix, part)| format!("{:pad$} {} {part}", "", if ix == 0 { '=' } else { ' ' })));
            }
        }
        lines
    }
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A part of a line, with a mark where it was cut.
fn part(line: &str, start: usize, room: usize, is_cut: bool) -> String {
    let mut shown: Vec<char> = line.chars().skip(start).take(room).collect();
    if let Some(first) = shown.first_mut().filter(|_| is_cut) {
        *first = '…';
    }
    let goes_on = line.chars().nth(start + room).is_some();
    if let Some(last) = shown.last_mut().filter(|_| goes_on) {
        *last = '…';
    }
    shown.into_iter().collect()
}

/// Words in lines of at most so many columns; those after the first are set in.
pub fn wrapped(text: &str, columns: usize, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let before = if lines.is_empty() { "" } else { indent };
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= columns) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(format!("{before}{word}")),
        }
    }
    lines
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ix, problem) in self.problems.iter().enumerate() {
            if ix > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.left_out > 0 {
            write!(f, "\n\n… and {} more", self.left_out)?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

/// The known word nearest to what was written, if one is near enough to be meant.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&written.to_lowercase(), word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_points() {
        let source = Source::new("policies/charts.yaml", "a\nb\n    require: [paskey]\n");
        let mut report = Report::new();
        report.error(
            &source,
            At { line: 3, column: 15, width: 6 },
            "unknown requirement `paskey`",
            Some("did you mean `passkey`?".to_owned()),
        );
        assert_eq!(
            report.to_string(),
            "policies/charts.yaml:3:15: unknown requirement `paskey`\n3 |     require: [paskey]\n  |               ^^^^^^ did you mean `passkey`?"
        );
        assert!(report.has_errors());
    }

    #[test]
    fn a_diagnostic_keeps_within_columns_and_says_where_it_cut() {
        let long = format!("    given: {{ {}paskey{} }}\n", "a: b, ".repeat(20), ", c: d".repeat(20));
        let source = Source::new("charts.yaml", long.clone());
        let column = u32::try_from(long.find("paskey").unwrap()).unwrap() + 1;
        let mut report = Report::new();
        let help = "there are more words that might have been meant than anybody would read in one line, so they go on below";
        let message = "this is a key that nobody knows, and a long way of saying so";
        report.warning(&source, At { line: 1, column, width: 6 }, message, Some(help.to_owned()));
        report.error(&source, At { line: 1, column: 5, width: 500 }, "unknown key", None);
        report.error(&source, At { line: 1, column: 5, width: 5 }, "unknown key", Some("did you mean `give`?".to_owned()));
        report.general(Severity::Error, None, "nothing", Some(help.to_owned()));
        let shown: Vec<String> = report.iter().map(|p| [p.message_within(80), p.place_within(80)].concat().join("\n")).collect();
        assert_eq!(
            shown.join("\n\n"),
            "\
charts.yaml:1:134: warning: this is a key that nobody knows, and a long way of
    saying so
1 | … b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, paskey, c: d, c:…
  |                                                            ^^^^^^
  = there are more words that might have been meant than anybody would read in
    one line, so they go on below

charts.yaml:1:5: unknown key
1 |     given: { a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a:…
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

charts.yaml:1:5: unknown key
1 |     given: { a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a: b, a:…
  |     ^^^^^ did you mean `give`?

nothing
  there are more words that might have been meant than anybody would read in one
  line, so they go on below"
        );
        assert!(shown.iter().flat_map(|text| text.lines()).all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("paskey", ["passkey", "totp"]), Some("passkey"));
        assert_eq!(nearest("zebra", ["passkey", "totp"]), None);
    }
}
