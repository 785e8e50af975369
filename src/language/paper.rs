//! How mails are laid out: one template for each form, and the operator's own in its place.

use std::fmt;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

/// What a mail is about. An operator may lay out each kind by a template of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailKind {
    /// Somebody is invited.
    Invitation,
    /// A code to sign in with.
    Code,
    /// The guest was suspended, or asks for a code while suspended.
    Suspended,
    /// The access to an app has ended.
    AccessEnded,
    /// Whoever got an invitation has reported it; to whoever runs the gateway.
    Reported,
    /// What somebody asks for and what became of it, or what comes due as time goes by.
    Matter,
    /// How the guest signs in has changed.
    Factors,
    /// A guest has left by their own decision.
    Left,
}

/// The two forms of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// The templates of mails.
pub struct Papers {
    environment: Environment<'static>,
}

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadPaper {
    /// The line.
    pub line: Option<u32>,
    /// What is wrong with it.
    pub why: String,
}

const TEXT: &str = include_str!("papers/mail.txt");
const HTML: &str = include_str!("papers/mail.html");
/// Steps that a template may take: a mail of ours takes a few hundred.
const FUEL: u64 = 50_000;
/// The names of the layouts that are compiled in, which no file of an operator can have.
const OURS: [&str; 2] = ["guestgate:mail.txt", "guestgate:mail.html"];

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Invitation, Self::Code, Self::Suspended, Self::AccessEnded, Self::Reported, Self::Matter, Self::Factors, Self::Left];

    /// As commands and files name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Code => "code",
            Self::Suspended => "suspended",
            Self::AccessEnded => "access-ended",
            Self::Reported => "reported",
            Self::Matter => "matter",
            Self::Factors => "factors",
            Self::Left => "left",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Papers {
    /// The layouts that are compiled in.
    pub fn built_in() -> Self {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        // What a kind of mail lacks may be asked for, but not written.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).keep_trailing_newline(true).build() {
            environment.set_syntax(syntax);
        }
        environment.set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
        for (name, text) in OURS.into_iter().zip([TEXT, HTML]) {
            let added = environment.add_template(name, text);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        Self { environment }
    }

    /// Whether a file of this name is a template: `mail.html`, `mail.txt`, or one of these for a kind.
    pub fn is_name(name: &str) -> bool {
        let stem = name.strip_suffix(".html").or_else(|| name.strip_suffix(".txt"));
        stem.is_some_and(|stem| stem == "mail" || MailKind::parse(stem).is_some())
    }

    /// Every name that a template may have.
    pub fn names() -> impl Iterator<Item = String> {
        let stems = std::iter::once("mail").chain(MailKind::ALL.into_iter().map(MailKind::as_str));
        stems.flat_map(|stem| [format!("{stem}.html"), format!("{stem}.txt")])
    }

    /// Takes an operator's template in.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), BadPaper> {
        self.environment.add_template_owned(name.to_owned(), text.to_owned()).map_err(|cause| BadPaper::of(&cause))
    }

    /// Writes a mail of this kind.
    pub fn write(&self, kind: MailKind, said: &Value) -> Result<Written, BadPaper> {
        Ok(Written { text: self.form(kind, "txt", said)?, html: self.form(kind, "html", said)? })
    }

    /// The same by the layouts that are compiled in.
    pub fn write_plainly(&self, said: &Value) -> Written {
        let [text, html] = OURS.map(|name| self.render(name, said).unwrap_or_default());
        Written { text, html }
    }

    /// Of the kind's own template, the operator's and ours, the first that there is.
    fn form(&self, kind: MailKind, form: &str, said: &Value) -> Result<String, BadPaper> {
        let names = [format!("{}.{form}", kind.as_str()), format!("mail.{form}"), format!("guestgate:mail.{form}")];
        let name = names.iter().find(|name| self.environment.get_template(name).is_ok());
        self.render(name.map_or("", String::as_str), said)
    }

    fn render(&self, name: &str, said: &Value) -> Result<String, BadPaper> {
        let template = self.environment.get_template(name).map_err(|cause| BadPaper::of(&cause))?;
        template.render(said).map_err(|cause| BadPaper::of(&cause))
    }
}

impl BadPaper {
    fn of(cause: &minijinja::Error) -> Self {
        let line = cause.line().and_then(|line| u32::try_from(line).ok());
        let why = match cause.detail() {
            Some(detail) => format!("{}: {detail}", cause.kind()),
            None => cause.kind().to_string(),
        };
        Self { line, why }
    }
}

impl fmt::Debug for Papers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.environment.templates().map(|(name, _)| name)).finish()
    }
}
