//! `never|always DECISION key=value[,value] … [unless key=value …]`, read by the conditions' own parser.

use crate::base::{
    AppId, At, PathRules, Report, Severity, Source,
    yaml::{Entry, Node, Reader, Scalar, Value},
};

use super::super::{
    ast::Cond,
    explain::Outcome,
    parse::{Definitions, Parser},
    set::{PolicySet, Universe},
};

/// A claim about all requests with a valid grant.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub(super) word: Word,
    pub(super) decision: Outcome,
    /// None: every app.
    pub(super) apps: Vec<AppId>,
    pub(super) premise: Cond,
    pub(super) unless: Cond,
}

/// Whether a decision never comes, or no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Never,
    Always,
}

const DECISIONS: [(&str, Outcome); 3] = [("allow", Outcome::Allow), ("challenge", Outcome::Challenge), ("block", Outcome::Block)];

impl PolicySet {
    /// Reads a statement in the names of this set.
    pub fn statement(&self, text: &str) -> Result<Statement, Report> {
        let source = Source::new("statement", text);
        let mut report = Report::new();
        let words = words(text, &source, &mut report);
        let mut definitions = self.definitions.clone();
        let statement = self.read_statement(&words, &source, &mut definitions, &mut report);
        match statement {
            Some(statement) if !report.has_errors() => Ok(statement),
            _ => {
                if !report.has_errors() {
                    report.general(Severity::Error, Some("statement"), "this is no statement", Some(EXAMPLE.to_owned()));
                }
                Err(report)
            }
        }
    }

    fn read_statement(&self, words: &[Piece], source: &Source, definitions: &mut Definitions, report: &mut Report) -> Option<Statement> {
        let universe = Universe::default();
        let mut paths = vec![PathRules::default()];
        for (_, app) in self.apps() {
            if !paths.contains(app.path_rules()) {
                paths.push(*app.path_rules());
            }
        }
        let mut parser = Parser { read: Reader::new(source, report), definitions, known: &universe, paths: &paths };
        let [word, decision, rest @ ..] = words else { return None };
        let word = parser.word(&word.node(), "word", &[("never", Word::Never), ("always", Word::Always)]);
        let decision = parser.word(&decision.node(), "decision", &DECISIONS);
        let unless = rest.iter().position(|piece| piece.is("unless"));
        let (premise, except) = rest.split_at(unless.unwrap_or(rest.len()));
        let except = except.split_first().map(|(_, except)| except);
        if let Some([]) = except {
            parser.read.error(words.last()?.at, "`unless` says nothing", Some("write `unless key=value`".to_owned()));
        }
        let mut apps = Vec::new();
        let (named, premise): (Vec<&Piece>, Vec<&Piece>) = premise.iter().partition(|piece| piece.key() == Some("app"));
        for piece in named {
            apps.extend(piece.values().into_iter().filter_map(|node| self.named(&node, &mut parser)));
        }
        let premise = conditions(&premise, &mut parser);
        let unless = except.map_or(Cond::NEVER, |pieces| conditions(&pieces.iter().collect::<Vec<_>>(), &mut parser));
        Some(Statement { word: word?, decision: decision?, apps, premise, unless })
    }

    fn named(&self, node: &Node, parser: &mut Parser<'_>) -> Option<AppId> {
        let id: AppId = parser.read.parsed(node)?;
        if self.app(&id).is_none() {
            let known: Vec<&str> = self.apps().map(|(id, _)| id.as_str()).collect();
            parser.read.unknown("app", id.as_str(), node.at, &known);
            return None;
        }
        Some(id)
    }
}

const EXAMPLE: &str = "write for example `never allow app=charts path=/admin/** unless signed-in-with=passkey`";

/// Every `key=value` as a condition of its own; all must hold.
fn conditions(pieces: &[&Piece], parser: &mut Parser<'_>) -> Cond {
    let mut all = Vec::new();
    for piece in pieces {
        let Some(key) = piece.key() else {
            parser.read.error(piece.at, "a condition is expected here", Some("write `key=value`".to_owned()));
            continue;
        };
        let list = Node { at: piece.at, value: Value::List(piece.values()) };
        let one =
            |key: &str, value: Node| Node { at: piece.at, value: Value::Map(vec![Entry { key: key.to_owned(), at: piece.at, value }]) };
        let node = match key.split_once('.') {
            Some((outer @ ("attribute" | "header"), name)) => one(outer, one(name, list)),
            _ => one(key, list),
        };
        all.push(parser.any_condition(&node));
    }
    Cond::All(all)
}

/// One word of a statement, without its quotes.
#[derive(Debug)]
struct Piece {
    at: At,
    /// What stands before the first `=` that is not in quotes.
    key: Option<String>,
    /// What is left, split at commas that are not in quotes.
    values: Vec<String>,
}

impl Piece {
    fn is(&self, word: &str) -> bool {
        self.key.is_none() && matches!(self.values.as_slice(), [one] if one == word)
    }

    fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn node(&self) -> Node {
        self.scalar(&self.values.join(","))
    }

    fn values(&self) -> Vec<Node> {
        self.values.iter().map(|text| self.scalar(text)).collect()
    }

    fn scalar(&self, text: &str) -> Node {
        Node { at: self.at, value: Value::Scalar(Scalar { text: text.to_owned(), plain: false }) }
    }
}

/// Splits at blanks outside of quotes.
fn words(text: &str, source: &Source, report: &mut Report) -> Vec<Piece> {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut quote, mut open) = (None, false);
    for (ix, c) in text.chars().enumerate() {
        if quote.is_none() && c.is_whitespace() {
            open = false;
            continue;
        }
        if !open {
            let at = At { line: 1, column: small(ix + 1), width: 0 };
            pieces.push(Piece { at, key: None, values: vec![String::new()] });
            open = true;
        }
        let Some(piece) = pieces.last_mut() else { continue };
        piece.at.width += 1;
        match (quote, c) {
            (Some(end), c) if end == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '=') if piece.key.is_none() => piece.key = Some(std::mem::replace(&mut piece.values, vec![String::new()]).join(",")),
            (None, ',') => piece.values.push(String::new()),
            (Some(_) | None, c) => piece.values.last_mut().map_or((), |value| value.push(c)),
        }
    }
    if quote.is_some() {
        report.error(source, pieces.last().map_or(At::default(), |p| p.at), "a quote is not closed", None);
    }
    pieces
}
