//! YAML as a tree that knows where each value stands.
//!
//! The YAML 1.2 core schema without its surprises: anchors, aliases, tags, merge keys, several documents and duplicate keys are errors,
//! and an unquoted `no` where text is expected is one that shows the quoted form. [`Reader`] turns nodes into typed values and collects
//! every problem, so that one run reports them all.

use std::str::FromStr;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, StrInput};

use super::{At, Report, Source, nearest};

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub at: At,
    /// What it is.
    pub value: Value,
}

/// What a node can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, number, boolean or nothing: as written.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file, keys unique.
    Map(Vec<Entry>),
}

/// A scalar as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text without quotes.
    pub text: String,
    /// Whether it stood without quotes, so that `no` or `1` may mean something else than text.
    pub plain: bool,
}

/// A key of a mapping and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: At,
    /// The value.
    pub value: Node,
}

/// Largest file, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting.
pub const MOST_LEVELS: usize = 64;

/// Reads a file's bytes as UTF-8 text, a byte order mark ignored.
pub fn decode(name: &str, bytes: &[u8], report: &mut Report) -> Option<Source> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.len() > MOST_BYTES {
        report.general(super::Severity::Error, Some(name), "the file is larger than 16 MiB", None);
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Source::new(name, text)),
        Err(cause) => {
            let valid = String::from_utf8_lossy(bytes.get(..cause.valid_up_to()).unwrap_or_default());
            let (line, last) = (valid.matches('\n').count() + 1, valid.rsplit('\n').next().unwrap_or_default());
            let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
            let message = if wide { "the file is UTF-16" } else { "this is not UTF-8" };
            let shown = Source::new(name, String::from_utf8_lossy(bytes));
            report.error(&shown, at(line, last.chars().count(), 1), message, Some("save the file as UTF-8".to_owned()));
            None
        }
    }
}

/// Parses a document. `None` where it is not YAML, or has nothing in it; problems are in the report.
pub fn parse(source: &Source, report: &mut Report) -> Option<Node> {
    let mut builder = Builder { parser: Parser::new_from_str(&source.text), source, report, levels: 0 };
    builder.document()
}

struct Builder<'s> {
    parser: Parser<'s, StrInput<'s>>,
    source: &'s Source,
    report: &'s mut Report,
    levels: usize,
}

/// Parsing cannot go on; the report says why.
struct Stop;

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is the parser's and open: what is not named here is handed on or refused")]
impl<'s> Builder<'s> {
    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        loop {
            let Ok((event, at)) = self.next() else { return None };
            match event {
                Event::StreamEnd => return root,
                Event::DocumentStart(..) if root.is_some() => {
                    self.report.error(
                        self.source,
                        at,
                        "a second document begins here",
                        Some("put each document in a file of its own".to_owned()),
                    );
                    return None;
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                other => root = Some(self.node(other, at).ok()?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'s>, At), Stop> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let (start, end) = (span.start, span.end);
                let width = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 1 };
                Ok((event, at(start.line(), start.col(), width)))
            }
            Some(Err(cause)) => {
                let marker = cause.marker();
                let place = at(marker.line(), marker.col(), 1);
                // The scanner looks ahead, so its own bound may be met before ours.
                let (message, help) = match cause.info() {
                    info if info.contains("recursion limit") => (format!("nested more than {MOST_LEVELS} levels deep"), None),
                    info => unreadable(&info),
                };
                self.report.error(self.source, place, message, help.map(str::to_owned));
                Err(Stop)
            }
            None => Ok((Event::StreamEnd, At::default())),
        }
    }

    fn node(&mut self, event: Event<'s>, at: At) -> Result<Node, Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                let plain = matches!(style, ScalarStyle::Plain);
                Ok(Node { at, value: Value::Scalar(Scalar { text: text.into_owned(), plain }) })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                self.deeper(at)?;
                let list = self.list()?;
                self.levels -= 1;
                Ok(Node { at, value: Value::List(list) })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_extras(at, anchor, tag.is_some());
                self.deeper(at)?;
                let map = self.map()?;
                self.levels -= 1;
                Ok(Node { at, value: Value::Map(map) })
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.report.error(self.source, at, "aliases are not allowed", Some("write the value out".to_owned()));
                Ok(Node { at, value: Value::Scalar(Scalar { text: String::new(), plain: false }) })
            }
            _ => {
                self.report.error(self.source, at, "this is not YAML: a value was expected", None);
                Err(Stop)
            }
        }
    }

    fn list(&mut self) -> Result<Vec<Node>, Stop> {
        let mut list = Vec::new();
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::SequenceEnd => return Ok(list),
                Event::StreamEnd => return Err(Stop),
                other => list.push(self.node(other, at)?),
            }
        }
    }

    fn map(&mut self) -> Result<Vec<Entry>, Stop> {
        let mut map: Vec<Entry> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        loop {
            let (event, at) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(map),
                Event::StreamEnd => return Err(Stop),
                other => self.node(other, at)?,
            };
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at)?;
            let Value::Scalar(Scalar { text, plain }) = key.value else {
                self.report.error(self.source, at, "a key must be text", None);
                continue;
            };
            if plain && text == "<<" {
                self.report.error(self.source, at, "merge keys are not allowed", Some("write the keys out".to_owned()));
            } else if let Some(line) = seen.insert(text.clone(), at.line) {
                self.report.error(self.source, at, format!("the key `{text}` is here twice"), Some(format!("first on line {line}")));
            } else {
                map.push(Entry { key: text, at, value });
            }
        }
    }

    fn deeper(&mut self, at: At) -> Result<(), Stop> {
        self.levels += 1;
        if self.levels > MOST_LEVELS {
            self.report.error(self.source, at, format!("nested more than {MOST_LEVELS} levels deep"), None);
            return Err(Stop);
        }
        Ok(())
    }

    /// The word before a value that begins with this character: where an anchor or a tag is written.
    fn before(&self, value: At, begins: char) -> At {
        let ix = usize::try_from(value.line).unwrap_or_default().saturating_sub(1);
        let line = self.source.text.split('\n').nth(ix).unwrap_or_default();
        let until = usize::try_from(value.column).unwrap_or_default().saturating_sub(1);
        let found = line.chars().take(until).enumerate().filter(|(_, c)| *c == begins).last();
        // On a line before the value there is nothing to point at.
        let Some((from, _)) = found else { return value };
        let width = line.chars().skip(from).take_while(|c| !c.is_whitespace()).count();
        at(ix + 1, from, width)
    }

    fn refuse_extras(&mut self, at: At, anchor: usize, tagged: bool) {
        if anchor != 0 {
            let at = self.before(at, '&');
            self.report.error(self.source, at, "anchors are not allowed", Some("write the value out where it is needed".to_owned()));
        }
        if tagged {
            let at = self.before(at, '!');
            self.report.error(self.source, at, "tags are not allowed", Some("remove the `!…`".to_owned()));
        }
    }
}

/// What the scanner says, in words of ours where it is a mistake that people make.
fn unreadable(info: &str) -> (String, Option<&'static str>) {
    let known = [
        ("tabs disallowed", "a tab cannot indent", "indent with spaces"),
        ("mapping values are not allowed", "a second `: ` on this line", "put a text that has `: ` in it into quotes"),
        ("illegal placement of ':'", "a key cannot stand here", "is a bracket, brace or quote before it not closed?"),
        ("did not find expected '-'", "the indentation fits nothing above it", "begin the line where the lines beside it begin"),
        ("did not find expected <block", "the indentation fits nothing above it", "begin the line where the lines beside it begin"),
        ("unclosed quote", "the quotes that begin here do not end", "close them"),
    ];
    if let Some((_, message, help)) = known.iter().find(|(part, ..)| info.contains(part)) {
        return ((*message).to_owned(), Some(help));
    }
    // The scanner names it as `c', and what cannot be seen as `\u{0}'.
    match info.strip_prefix("unexpected character: `").and_then(|rest| rest.strip_suffix('\'')) {
        Some(unseen) if unseen.starts_with("\\u") => (format!("the character {unseen} cannot stand in a file"), Some("remove it")),
        Some(character) => (format!("nothing can begin with `{character}`"), Some("put the text into quotes")),
        None => (format!("this is not YAML: {info}"), None),
    }
}

fn at(line: usize, column_from_zero: usize, width: usize) -> At {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    At { line: small(line), column: small(column_from_zero).saturating_add(1), width: small(width).max(1) }
}

impl Node {
    /// What it is, for messages: `text`, `a list`, `a mapping`, `nothing`.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(s) if s.is_null() => "nothing",
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The text of a scalar, whatever it may mean.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(s) => Some(s),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value of a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            Value::Scalar(_) | Value::List(_) => None,
        }
    }

    /// Whether it is nothing (`key:` without a value, `~`, `null`).
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(Scalar::is_null)
    }
}

impl Scalar {
    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Whether it is one of the words that other YAML readers take for a boolean.
    pub fn is_boolean_word(&self) -> bool {
        self.plain && matches!(self.text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off" | "true" | "false" | "y" | "n")
    }
}

/// Turns nodes into typed values; what is wrong goes to the report.
#[derive(Debug)]
pub struct Reader<'r> {
    /// The text that the nodes are of.
    pub source: &'r Source,
    /// Where problems go.
    pub report: &'r mut Report,
}

impl<'r> Reader<'r> {
    /// A reader of this source.
    pub fn new(source: &'r Source, report: &'r mut Report) -> Self {
        Self { source, report }
    }

    /// Says what is wrong at a place.
    pub fn error(&mut self, at: At, message: impl Into<String>, help: Option<String>) {
        self.report.error(self.source, at, message, help);
    }

    /// Says what looks wrong at a place.
    pub fn warning(&mut self, at: At, message: impl Into<String>, help: Option<String>) {
        self.report.warning(self.source, at, message, help);
    }

    /// The entries of a mapping. Keys that are not known are errors, with the nearest known one.
    pub fn map<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n [Entry]> {
        let entries = self.entries(node, known)?;
        for entry in entries.iter().filter(|e| !known.contains(&e.key.as_str())) {
            self.unknown("key", &entry.key, entry.at, known);
        }
        Some(entries)
    }

    /// The entries of a mapping whose keys are names that the writer chose.
    pub fn any_map<'n>(&mut self, node: &'n Node) -> Option<&'n [Entry]> {
        self.entries(node, &[])
    }

    fn entries<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n [Entry]> {
        match &node.value {
            Value::Map(entries) if entries.is_empty() => {
                self.error(node.at, "this mapping is empty", Some("leave the key out, or say something".to_owned()));
                None
            }
            Value::Map(entries) => Some(entries),
            Value::Scalar(_) | Value::List(_) => {
                let help = known.first().map(|key| format!("write for example `{key}: …`"));
                self.error(node.at, format!("a mapping is expected here, not {}", node.kind()), help);
                None
            }
        }
    }

    /// Says that a word is not known, with the nearest known one or all of a few.
    pub fn unknown(&mut self, what: &str, written: &str, at: At, known: &[&str]) {
        let help = match nearest(written, known.iter().copied()) {
            Some(word) => Some(format!("did you mean `{word}`?")),
            None if !known.is_empty() && known.len() <= 12 => Some(format!("known: {}", known.join(", "))),
            None => None,
        };
        self.error(at, format!("unknown {what} `{written}`"), help);
    }

    /// The elements of a list; one value stands for a list of one. An empty list is an error.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(list) if list.is_empty() => {
                self.error(node.at, "this list is empty", Some("leave the key out, or name something".to_owned()));
                None
            }
            Value::List(list) => Some(list),
            Value::Scalar(_) | Value::Map(_) => Some(std::slice::from_ref(node)),
        }
    }

    /// Text. Unquoted words that look like booleans are errors that show the quoted form.
    pub fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(s) if s.is_null() => {
                self.error(node.at, "a value is missing here", None);
                None
            }
            Value::Scalar(s) if s.is_boolean_word() => {
                let help = format!("write \"{}\" in quotes if the word is meant", s.text);
                self.error(node.at, format!("`{}` is not text", s.text), Some(help));
                None
            }
            Value::Scalar(s) => Some(&s.text),
            Value::List(_) | Value::Map(_) => {
                self.error(node.at, format!("text is expected here, not {}", node.kind()), None);
                None
            }
        }
    }

    /// `true` or `false`, without quotes.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.as_scalar() {
            Some(Scalar { text, plain: true }) if text == "true" => Some(true),
            Some(Scalar { text, plain: true }) if text == "false" => Some(false),
            scalar => {
                let quoted = scalar.is_some_and(|s| !s.plain && (s.text == "true" || s.text == "false"));
                self.error(node.at, "`true` or `false` is expected here", quoted.then(|| "leave out the quotes".to_owned()));
                None
            }
        }
    }

    /// A whole number in decimal, without quotes.
    pub fn integer<T: FromStr>(&mut self, node: &Node) -> Option<T> {
        let digits = node.as_scalar().filter(|s| s.plain && !s.text.is_empty() && s.text.bytes().all(|b| b.is_ascii_digit()));
        match digits.map(|s| s.text.parse()) {
            Some(Ok(number)) => Some(number),
            Some(Err(_)) => {
                self.error(node.at, "this number is out of range", None);
                None
            }
            None => {
                self.error(node.at, "a whole number is expected here", None);
                None
            }
        }
    }

    /// Text that something else can read: an address, a duration, a host.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, node: &Node) -> Option<T> {
        let text = self.text(node)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(cause) => {
                self.error(node.at, cause.to_string(), None);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        let mut report = Report::new();
        let source = Source::new("f.yaml", text);
        parse(&source, &mut report);
        report.to_string()
    }

    #[test]
    fn surprises_are_errors_with_a_place() {
        assert!(problems("a: 1\na: 2\n").starts_with("f.yaml:2:1: the key `a` is here twice"));
        assert!(problems("a: &x 1\nb: *x\n").contains("anchors are not allowed"));
        assert!(problems("a: &x 1\nb: *x\n").contains("aliases are not allowed"));
        assert!(problems("a: !!str 1\n").contains("tags are not allowed"));
        assert!(problems("<<: {a: 1}\n").contains("merge keys are not allowed"));
        assert!(problems("a: 1\n---\nb: 1\n").contains("a second document"));
        assert!(problems("a: [1, 2\n").contains("not YAML"));
        assert!(problems(&"[".repeat(1_000_000)).contains("nested more than 64 levels deep"));
        assert!(problems(&"- ".repeat(100)).contains("nested more than 64 levels deep"));
        assert_eq!(problems("a: 1\nb: [x, {c: d}]\n"), "");
    }

    #[test]
    fn places_count_from_one() {
        let source = Source::new("f.yaml", "a:\n  bc: [d, \"e\"]\n");
        let mut report = Report::new();
        let root = parse(&source, &mut report);
        let list = root.as_ref().and_then(|r| r.entry("a")).and_then(|a| a.entry("bc"));
        let Some(Node { value: Value::List(items), .. }) = list else { unreachable!("{root:?}") };
        assert_eq!(items.iter().map(|i| (i.at.line, i.at.column, i.at.width)).collect::<Vec<_>>(), [(2, 8, 1), (2, 11, 3)]);
    }
}
