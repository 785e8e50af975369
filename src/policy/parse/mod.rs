//! From YAML to policies with every name resolved. Every problem goes to the report with its place; one that is found never hides another.
//!
//! A part that is wrong becomes something harmless here, because a report with errors refuses the whole set.

mod case;
mod condition;
mod define;
mod policy;
mod require;

pub(super) use case::{CaseFile, cases};
pub(super) use define::{Definitions, definitions, lists_of};
pub(super) use policy::{AppFile, app_file, policies};

use crate::base::{
    At, PathRules, Span,
    yaml::{Node, Reader},
};

use super::set::Universe;

/// Reads the parts of one file.
pub(super) struct Parser<'p> {
    pub(super) read: Reader<'p>,
    pub(super) definitions: &'p mut Definitions,
    pub(super) known: &'p Universe,
    /// How the apps read paths that the file is for.
    pub(super) paths: &'p [PathRules],
}

impl Parser<'_> {
    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.read.text(node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.read.unknown(what, text, node.at, &known);
        }
        found
    }

    /// Each value of a list, or the one value that stands in its place, as long as it can be read.
    fn each<T>(&mut self, node: &Node, mut read: impl FnMut(&mut Self, &Node) -> Option<T>) -> Vec<T> {
        let nodes = self.read.list(node).unwrap_or_default();
        nodes.iter().filter_map(|n| read(self, n)).collect()
    }

    /// A duration that is not zero.
    fn span(&mut self, node: &Node) -> Option<Span> {
        let span: Span = self.read.parsed(node)?;
        if span == Span::ZERO {
            self.read.error(node.at, "a duration of zero means nothing here", None);
            return None;
        }
        Some(span)
    }

    /// Says that a word belongs to the language and cannot be used yet.
    fn later(&mut self, word: &str, at: At) {
        self.read.error(at, format!("`{word}` is part of the language but not supported yet"), None);
    }
}
