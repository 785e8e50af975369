//! Which texts there are in a file, and which values stand in each.

use std::collections::BTreeSet;

/// One text, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) id: String,
    /// Where it begins, from 1.
    pub(super) line: u32,
    pub(super) values: BTreeSet<String>,
}

/// The texts of a file that Fluent can read.
pub(super) fn outline(file: &str) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut depth = 0_usize;
    for (number, line) in (1..).zip(file.lines()).filter(|(_, line)| !line.starts_with('#')) {
        if depth == 0
            && line.starts_with(|c: char| c.is_ascii_alphabetic())
            && let Some((id, _)) = line.split_once('=')
        {
            texts.push(Text { id: id.trim().to_owned(), line: number, values: BTreeSet::new() });
        }
        let Some(text) = texts.last_mut() else { continue };
        for (at, sign) in line.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                // Outside of braces it is money.
                '$' if depth > 0 => {
                    let name = line.get(at + 1..).unwrap_or_default();
                    text.values.insert(name.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect());
                }
                _ => {}
            }
        }
    }
    texts
}
