//! A mail while it is being written: sentences, a button, a code; laid out when it is done.

use std::collections::BTreeMap;

use minijinja::{Value, value::Serde};
use serde::Serialize;

use crate::{
    base::{EmailAddress, MailId},
    directory::OutgoingMail,
    language::{BadPaper, MailKind, Said},
    web::Site,
};

/// A mail that is written but not addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    /// Why the operator's template was not taken.
    pub(super) failed: Option<BadPaper>,
}

/// A mail while it is being written.
#[derive(Debug, Serialize)]
#[must_use]
pub struct Draft<'s> {
    #[serde(skip)]
    site_of: &'s Site,
    #[serde(skip)]
    kind: MailKind,
    site: SiteSaid,
    language: String,
    direction: &'static str,
    subject: String,
    hello: String,
    support: Option<String>,
    copy: String,
    blocks: Vec<Block>,
    facts: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct SiteSaid {
    name: String,
    support: Option<String>,
    portal: String,
    color: String,
    on_color: String,
}

#[derive(Debug, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
enum Block {
    Line { text: String },
    Quote { text: String },
    Button { text: String, url: String },
    Code { text: String },
    List { items: Vec<String> },
}

impl<'s> Draft<'s> {
    /// A mail of this kind that says nothing yet but whom it greets and who writes.
    pub fn new(site: &'s Site, kind: MailKind, about: &Said<'_>) -> Self {
        Self::titled(site, kind, &about.to_string())
    }

    /// The same, with a subject that is written already.
    pub(super) fn titled(site: &'s Site, kind: MailKind, about: &str) -> Self {
        let support = site.support.as_ref().map(|address| site.say("mail-support").with("address", address).to_string());
        Self {
            site_of: site,
            kind,
            site: SiteSaid {
                name: site.name.clone(),
                support: site.support.clone(),
                portal: site.portal.clone(),
                color: site.accent.light.to_string(),
                on_color: site.accent.light.text_on().to_string(),
            },
            language: site.voice.tag(),
            direction: site.voice.direction(),
            subject: subject(about),
            hello: site.say("mail-hello").to_string(),
            support,
            copy: site.say("mail-copy-link").to_string(),
            blocks: Vec::new(),
            facts: BTreeMap::new(),
        }
    }

    /// Greets the guest by name.
    pub fn to_name(mut self, name: Option<&str>) -> Self {
        if let Some(name) = name {
            self.hello = self.site_of.say("mail-hello-name").with("name", name).to_string();
        }
        self
    }

    /// A paragraph.
    pub fn line(self, said: &Said<'_>) -> Self {
        self.block(Block::Line { text: said.to_string() })
    }

    /// A paragraph that is written already.
    pub(super) fn written(self, text: &str) -> Self {
        self.block(Block::Line { text: text.to_owned() })
    }

    /// What somebody else has written.
    pub fn quote(self, text: &str) -> Self {
        self.block(Block::Quote { text: text.to_owned() })
    }

    /// The one thing to do.
    pub fn button(self, label: &Said<'_>, url: &str) -> Self {
        self.block(Block::Button { text: label.to_string(), url: url.to_owned() })
    }

    /// A code to type.
    pub fn code(self, code: &str) -> Self {
        self.block(Block::Code { text: code.to_owned() })
    }

    /// A few short lines.
    pub fn list(self, items: Vec<String>) -> Self {
        self.block(Block::List { items })
    }

    /// A bare value for templates that say it in their own words.
    pub fn fact(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.facts.insert(name, value.to_string());
        self
    }

    /// The finished mail. A template of the operator's that fails costs its looks, never the mail.
    pub fn write(self) -> Letter {
        let papers = self.site_of.voice.languages().papers();
        let said = Value::from(Serde(&self));
        let (written, failed) = match papers.write(self.kind, &said) {
            Ok(written) => (written, None),
            Err(why) => {
                tracing::error!(kind = self.kind.as_str(), line = why.line, error = %why, "a mail template failed, the usual one was taken");
                (papers.write_plainly(&said), Some(why))
            }
        };
        Letter { subject: self.subject, text: written.text, html: written.html, failed }
    }

    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Letter {
    /// Addresses the letter.
    pub fn to(self, id: MailId, to: EmailAddress) -> OutgoingMail {
        OutgoingMail { id, to, subject: self.subject, text: self.text, html: Some(self.html) }
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The plain text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same as HTML.
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// A subject is one line without controls, and short.
fn subject(text: &str) -> String {
    // Marks of direction are for pages: mail programs enclose a subject by themselves.
    let plain = text.chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    let line: String = plain.map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).take(150).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
