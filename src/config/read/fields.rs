//! Reading mappings, words and the like, and what they refer to outside the text.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::Lookup;
use crate::{
    base::{
        At, SecretText, Span,
        yaml::{Entry, Node, Reader, Value},
    },
    config::{Size, TrustAnchors},
};

/// Turns nodes into values; problems go to the report of `reader`.
#[derive(Debug)]
pub(super) struct Read<'c> {
    pub(super) reader: Reader<'c>,
    pub(super) dir: &'c Path,
    pub(super) lookup: Lookup<'c>,
}

/// The keys of one mapping that are there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'n> {
    pub(super) at: At,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    pub(super) fn entries(&self) -> &'n [Entry] {
        self.entries
    }

    /// Where a key stands, else where the mapping begins.
    pub(super) fn at(&self, key: &str) -> At {
        self.get(key).map_or(self.at, |node| node.at)
    }
}

impl Read<'_> {
    pub(super) fn error(&mut self, at: At, message: impl Into<String>, help: impl Into<Option<&'static str>>) {
        self.reader.error(at, message, help.into().map(str::to_owned));
    }

    /// A mapping's keys: unknown ones are errors, and so are those of the specification that are not built yet.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, known: &[&str], later: &[&str]) -> Option<Fields<'n>> {
        let all: Vec<&str> = known.iter().chain(later).copied().collect();
        let entries = self.reader.any_map(node)?;
        for entry in entries {
            if later.contains(&entry.key.as_str()) {
                self.error(entry.at, format!("`{}` is not supported yet", entry.key), "leave it out");
            } else if !known.contains(&entry.key.as_str()) {
                self.reader.unknown("key", &entry.key, entry.at, &all);
            }
        }
        Some(Fields { at: node.at, entries })
    }

    /// The value of a key that must be there. `example` is what could be written.
    pub(super) fn required<'n>(&mut self, fields: &Fields<'n>, of: &str, key: &str, example: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.reader.error(fields.at, format!("`{key}` is missing in {of}"), Some(format!("add `{key}: {example}`")));
        }
        found
    }

    /// The value of a key, or a default where it is not there. What is wrong is reported, and read as the default.
    pub(super) fn or<T>(&mut self, node: Option<&Node>, default: T, read: impl FnOnce(&mut Self, &Node) -> Option<T>) -> T {
        node.and_then(|node| read(self, node)).unwrap_or(default)
    }

    /// Text that is not empty and stays on one line.
    pub(super) fn line(&mut self, node: &Node) -> Option<String> {
        let text = self.reader.text(node)?.trim();
        if text.is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
            self.error(node.at, "one line of 1 to 200 bytes is expected here", None);
            return None;
        }
        Some(text.to_owned())
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.reader.text(node)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.reader.unknown("word", text, node.at, &known);
        None
    }

    /// The elements of a list that must name something.
    pub(super) fn some<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let list = self.elements(node);
        if list.is_empty() {
            self.error(node.at, format!("at least one {what} is needed"), None);
        }
        list
    }

    /// The elements of a list that may be empty; one value stands for a list of one.
    pub(super) fn elements<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::List(list) => list,
            Value::Scalar(_) | Value::Map(_) => std::slice::from_ref(node),
        }
    }

    /// A list of things that something else can read, possibly empty, each once.
    pub(super) fn list_of<T: FromStr<Err: std::fmt::Display> + PartialEq>(&mut self, node: &Node) -> Vec<T> {
        let mut list: Vec<T> = Vec::new();
        for element in self.elements(node) {
            let Some(value) = self.reader.parsed::<T>(element) else { continue };
            if list.contains(&value) {
                self.error(element.at, "this is in the list already", None);
            } else {
                list.push(value);
            }
        }
        list
    }

    /// A duration between two bounds, both allowed.
    pub(super) fn span(&mut self, node: &Node, least: Span, most: Span) -> Option<Span> {
        let span: Span = self.reader.parsed(node)?;
        if span < least || span > most {
            self.error(node.at, format!("`{span}` is out of range; {least} to {most} are allowed"), None);
            return None;
        }
        Some(span)
    }

    /// A size between two bounds, both allowed.
    pub(super) fn size(&mut self, node: &Node, least: Size, most: Size) -> Option<Size> {
        let size: Size = self.reader.parsed(node)?;
        if size < least || size > most {
            self.error(node.at, format!("`{size}` is out of range; {least} to {most} are allowed"), None);
            return None;
        }
        Some(size)
    }

    /// A path, relative to the file.
    pub(super) fn path(&mut self, node: &Node) -> Option<PathBuf> {
        let text = self.reader.text(node)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.error(node.at, "a path is expected here", None);
            return None;
        }
        Some(self.dir.join(text))
    }

    /// The bytes of a file that the text names.
    pub(super) fn file(&mut self, node: &Node) -> Option<(PathBuf, Vec<u8>)> {
        let path = self.path(node)?;
        match (self.lookup.read)(&path) {
            Ok(bytes) => Some((path, bytes)),
            Err(cause) => {
                self.error(node.at, format!("cannot read `{}`: {cause}", path.display()), None);
                None
            }
        }
    }

    /// Certificates of authorities, PEM.
    pub(super) fn anchors(&mut self, node: &Node) -> Option<TrustAnchors> {
        let (path, bytes) = self.file(node)?;
        let read: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        match read {
            Ok(list) if !list.is_empty() => Some(TrustAnchors { path, certificates: list.into() }),
            Ok(_) | Err(_) => {
                self.error(
                    node.at,
                    format!("`{}` holds no certificates in PEM", path.display()),
                    "it begins with `-----BEGIN CERTIFICATE-----`",
                );
                None
            }
        }
    }

    /// A secret from a file, its last line end dropped, or from the environment (`env:NAME`).
    pub(super) fn secret_from(&mut self, node: &Node) -> Option<Arc<SecretText>> {
        let text = self.reader.text(node)?;
        let (secret, whence) = if let Some(name) = text.strip_prefix("env:") {
            match (self.lookup.env)(name) {
                Some(secret) => (secret, format!("the variable `{name}`")),
                None => {
                    self.error(node.at, format!("the environment has no variable `{name}`"), None);
                    return None;
                }
            }
        } else {
            let (path, bytes) = self.file(node)?;
            match String::from_utf8(bytes) {
                Ok(secret) => (secret, format!("`{}`", path.display())),
                Err(_) => {
                    self.error(node.at, format!("`{}` is not text", path.display()), None);
                    return None;
                }
            }
        };
        let bare = secret.strip_suffix('\n').map_or(secret.as_str(), |s| s.strip_suffix('\r').unwrap_or(s));
        if bare.is_empty() || bare.contains(['\n', '\r', '\0']) {
            self.error(node.at, format!("{whence} must hold one line that is not empty"), None);
            return None;
        }
        Some(Arc::new(SecretText::new(bare.to_owned())))
    }
}
