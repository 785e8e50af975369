//! What pages and mails say, in each language: a catalogue of texts that anybody can add a language to.
//!
//! Texts are Fluent messages (`texts/<language>/*.ftl`), compiled in; a folder of the operator's can change each of them and add languages.
//! A page or mail says one as `site.say("signin-title")`, with values by `.with("address", address)`; times, lengths and lists are written as
//! the language writes them. Knows no files: whoever reads the operator's folder hands its texts over.
//!
//! Mails are laid out by [`Papers`], which an operator may replace as well.
//!
//! **To add a text**: write it into the English file of its page, then into those of the other languages; the tests name what is missing,
//! unknown or unused. **To add a language**: a folder beside `texts/en` with the same files, and its line in `texts.rs`.

mod catalogue;
mod custom;
mod outline;
mod paper;
#[cfg(test)]
mod tests;
mod texts;
mod value;
mod voice;

pub use catalogue::{Languages, Wanted};
pub use custom::Custom;
pub use paper::{BadPaper, MailKind, Papers, Written};
pub use value::Value;
pub use voice::{Said, Voice};
