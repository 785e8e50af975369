//! Formulas over questions: and, or, no negation but on the questions themselves. Equal formulas have equal numbers.

use std::collections::HashMap;

/// A formula, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(u32);

/// What never holds, and what always does.
pub(super) const FALSE: Id = Id(0);
pub(super) const TRUE: Id = Id(1);

/// A question about one fact; plain it asks "can it be so?", negated "can it be otherwise?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Literal {
    pub(super) fact: u32,
    pub(super) question: u32,
    pub(super) negated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Node {
    Constant(bool),
    Is(Literal),
    All(Box<[Id]>),
    Any(Box<[Id]>),
}

/// All formulas of one search.
#[derive(Debug)]
pub(super) struct Formulas {
    nodes: Vec<Node>,
    /// A bit for each fact that is asked about, several facts a bit: a bit that is missing says for certain that the fact is not.
    facts: Vec<u64>,
    known: HashMap<Node, Id>,
}

impl Formulas {
    pub(super) fn new() -> Self {
        let nodes = vec![Node::Constant(false), Node::Constant(true)];
        let known = HashMap::from([(Node::Constant(false), FALSE), (Node::Constant(true), TRUE)]);
        Self { nodes, facts: vec![0, 0], known }
    }

    pub(super) fn constant(holds: bool) -> Id {
        if holds { TRUE } else { FALSE }
    }

    pub(super) fn literal(&mut self, literal: Literal) -> Id {
        self.node(Node::Is(literal), 1 << (literal.fact % 64))
    }

    pub(super) fn all(&mut self, parts: impl IntoIterator<Item = Id>) -> Id {
        self.join(parts, TRUE, FALSE)
    }

    pub(super) fn any(&mut self, parts: impl IntoIterator<Item = Id>) -> Id {
        self.join(parts, FALSE, TRUE)
    }

    /// Joins what is not `neutral`; one that is `decisive` decides.
    fn join(&mut self, parts: impl IntoIterator<Item = Id>, neutral: Id, decisive: Id) -> Id {
        let mut flat = Vec::new();
        for part in parts {
            if part == decisive {
                return decisive;
            }
            match self.nodes.get(part.0 as usize) {
                Some(Node::All(inner)) if neutral == TRUE => flat.extend_from_slice(inner),
                Some(Node::Any(inner)) if neutral == FALSE => flat.extend_from_slice(inner),
                _ if part == neutral => {}
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.as_slice() {
            [] => neutral,
            [one] => *one,
            _ => {
                let facts = flat.iter().fold(0, |all, id| all | self.facts_of(*id));
                let list = flat.into_boxed_slice();
                self.node(if neutral == TRUE { Node::All(list) } else { Node::Any(list) }, facts)
            }
        }
    }

    fn node(&mut self, node: Node, facts: u64) -> Id {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node.clone());
        self.facts.push(facts);
        self.known.insert(node, id);
        id
    }

    fn facts_of(&self, id: Id) -> u64 {
        self.facts.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// How many formulas there are: what a search has cost.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The formula once a fact is known.
    pub(super) fn given(&mut self, id: Id, fact: u32, answer: &dyn Fn(Literal) -> bool, done: &mut HashMap<Id, Id>) -> Id {
        if self.facts_of(id) >> (fact % 64) & 1 == 0 {
            return id;
        }
        if let Some(known) = done.get(&id) {
            return *known;
        }
        let (list, all) = match self.nodes.get(id.0 as usize) {
            Some(Node::Is(literal)) if literal.fact == fact => return Self::constant(answer(*literal)),
            Some(Node::All(list)) => (list.clone(), true),
            Some(Node::Any(list)) => (list.clone(), false),
            Some(Node::Is(_) | Node::Constant(_)) | None => return id,
        };
        let mut parts = Vec::with_capacity(list.len());
        for part in list {
            let part = self.given(part, fact, answer, done);
            parts.push(part);
            // The others do not matter any more.
            if part == Self::constant(!all) {
                break;
            }
        }
        let result = if all { self.all(parts) } else { self.any(parts) };
        done.insert(id, result);
        result
    }

    /// Counts how often each fact is asked about; a part that is asked near the top counts more.
    pub(super) fn weigh(&self, id: Id, depth: u32, weights: &mut HashMap<u32, u64>) {
        match self.nodes.get(id.0 as usize) {
            Some(Node::Is(literal)) => *weights.entry(literal.fact).or_default() += 1 << (8 - depth.min(8)),
            Some(Node::All(list) | Node::Any(list)) => list.iter().for_each(|part| self.weigh(*part, depth + 1, weights)),
            Some(Node::Constant(_)) | None => {}
        }
    }
}
