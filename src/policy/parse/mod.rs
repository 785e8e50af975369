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
    PathRules, Span,
    yaml::{Node, Reader},
};

use super::set::Universe;

/// The words of the language, so that others can list them or see that they know them all.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary {
    /// Keys of every condition that nest others.
    pub nesting: &'static [&'static str],
    /// Keys of conditions on the person.
    pub principal: &'static [&'static str],
    /// All other keys of conditions.
    pub conditions: &'static [&'static str],
    /// Requirements, as words or as keys; those that a strength only may name among them.
    pub requirements: &'static [&'static str],
    /// Session controls.
    pub session: &'static [&'static str],
}

/// Every word.
pub const VOCABULARY: Vocabulary = Vocabulary {
    nesting: &condition::NESTING,
    principal: &condition::PRINCIPAL,
    conditions: &condition::OTHERS,
    requirements: &require::RESERVED,
    session: &policy::SESSION,
};

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
}
