//! How an app learns who the guest is.

use std::{fmt, str::FromStr, sync::Arc};

use crate::base::SecretText;

use super::{HeaderName, HeaderPattern};

/// How an app learns who the guest is.
#[derive(Debug, Clone)]
pub struct Identification {
    /// Set beside `X-Forwarded-User`, `-Email` and `-Groups`.
    pub headers: Vec<IdentityHeader>,
    /// What the app calls a guest.
    pub user: UserForm,
    /// Whether `X-Guestgate-Assertion` is set.
    pub assertion: bool,
    /// What the app is told in `Authorization`, in place of what the client says.
    pub basic_auth: Option<BasicAuth>,
    /// Taken from clients besides the headers that are set.
    pub strip: Vec<HeaderPattern>,
}

/// A header that says something about the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeader {
    /// Its name.
    pub name: HeaderName,
    /// What it says.
    pub template: Template,
    /// What stands between several values.
    pub separator: Box<str>,
    /// How characters are written that headers do not carry safely.
    pub encoding: ValueEncoding,
}

/// A text with facts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// As it is.
    Text(Box<str>),
    /// What is known of the guest. Where it is not known, the whole header is absent.
    Fact(IdentityFact),
}

/// What an identity header can carry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IdentityFact {
    /// The name that the app knows the guest by, in the form that the app wants.
    User,
    /// The address.
    Email,
    /// The address up to the @.
    Local,
    /// The shown name.
    Name,
    /// Groups.
    Groups,
    /// The grant's role in this app.
    Role,
    /// `guest` or `member`.
    Kind,
    /// The domain of the address.
    Organization,
    /// The guest's id, which stays when the address changes.
    Id,
    /// The id of the invitation that the session comes from.
    Invitation,
    /// The ways in which the guest has signed in.
    Methods,
    /// An attribute, by its name.
    Attribute(Box<str>),
}

/// What an app calls a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserForm {
    /// By the address.
    #[default]
    Email,
    /// By what stands before the @, which guests of several organisations can share.
    Local,
    /// By the id.
    Id,
}

/// How characters are written that headers do not carry safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueEncoding {
    /// Percent-encoded: everything but printable ASCII, and `%`.
    #[default]
    Percent,
    /// As mails have it (RFC 2047), where it is not ASCII.
    Rfc2047,
    /// Base64 of UTF-8, always.
    Base64,
    /// UTF-8 as it is.
    Utf8,
    /// ASCII: Latin letters without their marks, everything else `?`.
    Ascii,
}

/// What an app is told in `Authorization: Basic`.
#[derive(Debug, Clone)]
pub enum BasicAuth {
    /// The same `user:password` for everybody.
    Fixed(Arc<SecretText>),
    /// The guest's name, and a password that is the same for everybody.
    Guest {
        /// What the app calls a guest.
        user: UserForm,
        /// The password.
        password: Arc<SecretText>,
    },
}

/// The keys of `identity.headers` that are facts.
pub(crate) const FACTS: [&str; 11] =
    ["user", "email", "local", "name", "groups", "role", "kind", "organization", "id", "invitation", "methods"];

impl IdentityFact {
    /// By its name; `attribute.NAME` is an attribute.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "email" => Self::Email,
            "local" => Self::Local,
            "name" => Self::Name,
            "groups" => Self::Groups,
            "role" => Self::Role,
            "kind" => Self::Kind,
            "organization" => Self::Organization,
            "id" => Self::Id,
            "invitation" => Self::Invitation,
            "methods" => Self::Methods,
            other => Self::Attribute(other.strip_prefix("attribute.").filter(|name| !name.is_empty())?.into()),
        })
    }
}

/// The text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace that is not closed, or closes nothing.
    #[error("`{0}` has a brace without its other half; `{{{{` and `}}}}` are braces themselves")]
    Brace(String),
    /// Not a fact.
    #[error("`{0}` is not known of a guest; {all} and attribute.NAME are", all = FACTS.join(", "))]
    Fact(String),
    /// Nothing, or what no header carries.
    #[error("one line of 1 to 200 bytes is expected here")]
    Text,
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if text.trim().is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
            return Err(TemplateError::Text);
        }
        let brace = || TemplateError::Brace(text.to_owned());
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(behind) = from.strip_prefix("{{") {
                plain.push('{');
                rest = behind;
            } else if let Some(behind) = from.strip_prefix("}}") {
                plain.push('}');
                rest = behind;
            } else {
                let (name, behind) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')).ok_or_else(brace)?;
                let fact = IdentityFact::named(name).ok_or_else(|| TemplateError::Fact(name.to_owned()))?;
                if !plain.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut plain).into()));
                }
                parts.push(TemplatePart::Fact(fact));
                rest = behind;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain.into()));
        }
        Ok(Self(parts))
    }
}

impl Template {
    /// One fact and nothing else.
    pub fn of(fact: IdentityFact) -> Self {
        Self(vec![TemplatePart::Fact(fact)])
    }
}

impl fmt::Display for UserForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "email",
            Self::Local => "local",
            Self::Id => "id",
        })
    }
}

impl Default for Identification {
    fn default() -> Self {
        Self { headers: Vec::new(), user: UserForm::default(), assertion: true, basic_auth: None, strip: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_with_facts_in_braces() {
        let read = |text: &str| text.parse::<Template>();
        let text = |text: &str| TemplatePart::Text(text.into());
        assert_eq!(read("partners"), Ok(Template(vec![text("partners")])));
        assert_eq!(read("EXT\\{local}"), Ok(Template(vec![text("EXT\\"), TemplatePart::Fact(IdentityFact::Local)])));
        let attribute = TemplatePart::Fact(IdentityFact::Attribute("site".into()));
        assert_eq!(read("{{{attribute.site}}}"), Ok(Template(vec![text("{"), attribute, text("}")])));
        for wrong in ["{user", "user}", "{", "a}b"] {
            assert_eq!(read(wrong), Err(TemplateError::Brace(wrong.to_owned())), "{wrong}");
        }
        assert_eq!(read("{usr}"), Err(TemplateError::Fact("usr".to_owned())));
        assert_eq!(read("{attribute.}"), Err(TemplateError::Fact("attribute.".to_owned())));
        for wrong in ["", " ", "a\nb"] {
            assert_eq!(read(wrong), Err(TemplateError::Text), "{wrong:?}");
        }
    }
}
