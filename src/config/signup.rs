//! How people come to an app by themselves: what a form asks, who decides, and which program is asked first.

use std::sync::Arc;

use regex::Regex;
use url::Url;

use super::{Domain, TrustAnchors};
use crate::base::{EmailAddress, Name, SecretText, Span};

/// How people sign up for an app, and ask for it being guests.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// What the form asks beside the address, in order.
    pub fields: Vec<Field>,
    /// Who decides.
    pub approval: ApprovalBy,
    /// How long the access lasts; else `invitations.access_for`.
    pub access_for: Option<Span>,
    /// The role that guests come in.
    pub role: Option<Name>,
    /// The groups that guests come into.
    pub groups: Vec<Name>,
    /// If not empty, only these domains may sign up.
    pub allow_domains: Vec<Domain>,
    /// These may not.
    pub deny_domains: Vec<Domain>,
    /// Which program is asked first.
    pub webhook: Option<Webhook>,
}

/// Who decides about a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApprovalBy {
    /// An owner of the app.
    #[default]
    Owners,
    /// Nobody: whoever proves an address and answers the form comes in.
    Nobody,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// The attribute that it becomes.
    pub name: Name,
    /// What people read beside it.
    pub label: String,
    /// What more they read.
    pub help: Option<String>,
    /// Whether it must be answered; a box must then be ticked.
    pub required: bool,
    /// What an answer may be.
    pub kind: FieldKind,
}

/// What an answer may be.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// One line.
    Text {
        /// The shortest, in characters.
        min: u32,
        /// The longest.
        max: u32,
        /// What the whole must look like.
        pattern: Option<Regex>,
    },
    /// One of these.
    Choice(Vec<String>),
    /// A day.
    Date,
    /// A box to tick.
    Checkbox,
    /// A mail address.
    Email,
}

/// A program that is asked about sign-ups.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where.
    pub url: Url,
    /// What requests are signed with.
    pub secret: Arc<SecretText>,
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
    /// How long it may take.
    pub timeout: Span,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerError {
    /// There is none.
    Missing,
    /// It is too short or too long.
    Length {
        /// The shortest.
        min: u32,
        /// The longest.
        max: u32,
    },
    /// It does not look as it must.
    Form,
    /// It is none of the choices.
    Choice,
    /// It is no day.
    Date,
    /// It is no address.
    Email,
}

/// The longest answer where a field names none, in characters.
pub const LONGEST_ANSWER: u32 = 200;

impl SignUp {
    /// Whether an address may sign up here.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        let listed = |list: &[Domain]| list.iter().any(|domain| domain.matches(address.domain()));
        !listed(&self.deny_domains) && (self.allow_domains.is_empty() || listed(&self.allow_domains))
    }
}

impl Field {
    /// The answer in its one form; empty where nothing was answered and need not be.
    pub fn read(&self, text: &str) -> Result<String, AnswerError> {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            return if self.required { Err(AnswerError::Missing) } else { Ok(line) };
        }
        let count = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
        if line.chars().any(char::is_control) || count > LONGEST_ANSWER.max(self.longest()) {
            return Err(AnswerError::Length { min: 0, max: self.longest() });
        }
        match &self.kind {
            FieldKind::Text { min, max, .. } if count < *min || count > *max => Err(AnswerError::Length { min: *min, max: *max }),
            FieldKind::Text { pattern: Some(pattern), .. } if !pattern.is_match(&line) => Err(AnswerError::Form),
            FieldKind::Choice(options) if !options.contains(&line) => Err(AnswerError::Choice),
            FieldKind::Date => line.parse::<jiff::civil::Date>().map(|day| day.to_string()).map_err(|_| AnswerError::Date),
            FieldKind::Email => EmailAddress::parse(&line).map(|address| address.to_string()).map_err(|_| AnswerError::Email),
            FieldKind::Checkbox => Ok("yes".to_owned()),
            FieldKind::Text { .. } | FieldKind::Choice(_) => Ok(line),
        }
    }

    /// The longest answer, in characters.
    pub fn longest(&self) -> u32 {
        match &self.kind {
            FieldKind::Text { max, .. } => *max,
            FieldKind::Choice(_) | FieldKind::Date | FieldKind::Checkbox | FieldKind::Email => 254,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind, required: bool) -> Field {
        Field { name: Name::parse("clinic").unwrap(), label: "Clinic".to_owned(), help: None, required, kind }
    }

    #[test]
    fn an_answer_has_one_form_or_is_refused_with_what_is_wrong() {
        let text = |pattern: Option<&str>| FieldKind::Text { min: 2, max: 5, pattern: pattern.map(|p| Regex::new(p).unwrap()) };
        let choice = || FieldKind::Choice(vec!["north".to_owned(), "south".to_owned()]);
        for (kind, required, said, read) in [
            (text(None), true, "  a  b ", Ok("a b")),
            (text(None), true, " ", Err(AnswerError::Missing)),
            (text(None), false, " ", Ok("")),
            (text(None), true, "a", Err(AnswerError::Length { min: 2, max: 5 })),
            (text(None), true, "abcdef", Err(AnswerError::Length { min: 2, max: 5 })),
            (text(Some("^[A-Z]+$")), true, "abc", Err(AnswerError::Form)),
            (choice(), true, "north", Ok("north")),
            (choice(), true, "east", Err(AnswerError::Choice)),
            (FieldKind::Date, true, "2026-02-29", Err(AnswerError::Date)),
            (FieldKind::Date, true, "2028-02-29", Ok("2028-02-29")),
            (FieldKind::Email, true, "Ann@Partner.example", Ok("ann@partner.example")),
            (FieldKind::Email, true, "ann", Err(AnswerError::Email)),
            (FieldKind::Checkbox, true, "", Err(AnswerError::Missing)),
            (FieldKind::Checkbox, false, "on", Ok("yes")),
        ] {
            let read = read.map(str::to_owned);
            assert_eq!(field(kind.clone(), required).read(said), read, "{kind:?} {said}");
        }
    }
}
